"""Recalculates many workbooks at once, some of them broken, and breaks the run off.

python -m tools.large_batch batch FOLDER COUNT     COUNT workbooks, 5 % of them broken: memory, and
                                                   who is named; then the same run interrupted by
                                                   SIGINT and SIGTERM, and with a full disk
python -m tools.large_batch large FOLDER MEGABYTES one workbook of numbers and one of pictures
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from tools.fuzz_files.mutate import parts_of
from tools.fuzz_files.seeds import plain, write

XLCITY = [sys.executable, "-c", "from xlcity.cli import main; raise SystemExit(main())"]
_JOBS = "2"
#: Bytes of the disk that becomes full, a share of what the outputs take.
_SHARE = 0.4


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _tree(process: int) -> int:
    """Return the memory of a process and of those it has started, in megabytes."""
    total = 0
    left = [process]
    while left:
        at = left.pop()
        try:
            status = Path(f"/proc/{at}/status").read_text(
                encoding="ascii", errors="replace"
            )
            # A process belongs to the thread that started it.
            threads = Path(f"/proc/{at}/task").glob("*/children")
            children = " ".join(path.read_text(encoding="ascii") for path in threads)
        except OSError:
            continue
        found = re.search(r"VmRSS:\s+(\d+)", status)
        total += int(found[1]) >> 10 if found else 0
        left += map(int, children.split())
    return total


class Run:
    """A command that is watched.

    Attributes
    ----------
    code, seconds, said
        How it ended.
    memory
        (Share of the outputs that were there, megabytes) at each look.
    """

    def __init__(
        self,
        words: list[str],
        done: Callable[[], float],
        stop: tuple[float, int] | None = None,
    ) -> None:
        """Run it; `stop` is the share of outputs at which it gets a signal, and the signal."""
        start = time.monotonic()
        self.memory: list[tuple[float, int]] = []
        # A file, not a pipe: a pipe would fill up while the command is watched.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                XLCITY + words, stdout=said, stderr=subprocess.STDOUT
            )
            sent = False
            while process.poll() is None:
                self.memory.append((done(), _tree(process.pid)))
                if stop and not sent and self.memory[-1][0] >= stop[0]:
                    process.send_signal(stop[1])
                    sent = True
                time.sleep(0.1)
            said.seek(0)
            self.said = said.read()
        self.code = process.returncode
        self.seconds = time.monotonic() - start

    def told(self) -> str:
        """Return how it ended and how much memory it took, by quarters of the way."""
        quarters = (0.1, 0.25, 0.5, 0.75, 0.95)
        at = [
            max((m for s, m in self.memory if abs(s - q) < 0.05), default=0)
            for q in quarters
        ]
        most = max((m for _, m in self.memory), default=0)
        return f"exit {self.code}, {self.seconds:.0f} s; MB at {quarters}: {at}, most {most}"


def _books(folder: Path, count: int) -> set[str]:
    """Write workbooks, each twentieth broken; return the names of those."""
    seeds = folder / "seeds"
    seeds.mkdir(parents=True)
    template = write(seeds)[-1]
    draw = Random(0)
    broken = set()
    (folder / "in").mkdir()
    for at in range(count):
        # Each tenth is a template, fifty times the size of the others.
        data = template if at % 10 == 1 else plain()
        name = f"{at:05}.xlsx"
        if at % 20 == 7:
            broken.add(name)
            data = data[: draw.randrange(len(data))] if at % 3 else b"not a workbook"
        (folder / "in" / name).write_bytes(data)
    return broken


def _outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}


def _leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".xlcity-")]


def batch(folder: Path, count: int) -> list[str]:
    """Run the batch whole and broken off; return what is wrong."""
    broken = _books(folder, count)
    faults = []
    whole = folder / "whole"

    def run(out: Path, *more: str, stop: tuple[float, int] | None = None) -> Run:
        out.mkdir(exist_ok=True)
        words = ["recalc", str(folder / "in"), "--outdir", str(out), "--jobs", _JOBS]
        words += ["--engine", "formualizer", *more]
        return Run(
            words, lambda: len(list(out.glob("*.xlsx"))) / (count - len(broken)), stop
        )

    done = run(whole, "--json")
    document, _ = json.JSONDecoder().raw_decode(done.said[done.said.index("{") :])
    named = {
        Path(entry["in"]).name for entry in document["workbooks"] if entry["error"]
    }
    expected = _outputs(whole)
    _say(
        f"whole: {done.told()}; {len(expected)} written, {len(named)} named of {len(broken)}"
    )
    if named != broken or len(expected) != count - len(broken) or done.code != 4:
        faults.append(f"not each broken one is named: {sorted(named ^ broken)[:5]}")

    def finished(what: str, out: Path, stopped: Run) -> None:
        there = _outputs(out)
        faults.extend(
            f"{what}: {name} is half"
            for name, data in there.items()
            if data != expected[name]
        )
        if stopped.code not in (4, 130, 143) or len(there) == len(expected):
            faults.append(f"{what}: it did not end in the middle (exit {stopped.code})")
        last = stopped.said.strip().splitlines()[-1:] or [""]
        _say(
            f"{what}: {stopped.told()}; {len(there)} written, left {_leftovers(out)}: {last[0]}"
        )
        again = run(out, "--changed-only", "--report", str(folder / f"{what}.json"))
        _say(f"{what}, again: {again.told()}")
        if _outputs(out) != expected or _leftovers(out):
            faults.append(f"{what}: the next run does not complete it")

    for name in ("SIGINT", "SIGTERM"):
        out = folder / name
        report = ("--report", str(folder / f"{name}.json"))
        finished(name, out, run(out, *report, stop=(0.4, getattr(signal, name))))
    finished(*_full_disk(folder, sum(map(len, expected.values())), run))
    return faults


def _full_disk(
    folder: Path, size: int, run: Callable[..., Run]
) -> tuple[str, Path, Run]:
    """Run it into a small disk, which has room afterwards."""
    out = folder / "disk"
    out.mkdir()
    options = f"size={int(size * _SHARE)}"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(out)], check=True
    )
    try:
        stopped = run(out, "--report", str(folder / "disk.json"))
        kept = folder / "kept"
        shutil.copytree(out, kept)
    finally:
        subprocess.run(["umount", str(out)], check=True)
    shutil.copytree(kept, out, dirs_exist_ok=True)
    return "disk", out, stopped


def _numbers(path: Path, size: int) -> None:
    """Write a workbook of random numbers, packed by nothing, of some bytes."""
    draw = Random(0)
    row = "".join(
        f'<c r="{{0}}{{1}}"><v>{draw.random()}</v></c>'.replace("{0}", c)
        for c in "ABCDEFGH"
    )
    with zipfile.ZipFile(path, "w") as out:
        for name, data in parts_of(plain()).items():
            if not name.endswith("sheet1.xml"):
                out.writestr(name, data)
                continue
            head, tail = re.split(rb"<sheetData>.*</sheetData>", data, flags=re.DOTALL)
            with out.open(name, "w", force_zip64=True) as part:
                part.write(head + b"<sheetData>")
                written = number = 0
                while written < size:
                    number += 1
                    line = f'<row r="{number}">{row}</row>'.replace(
                        "{1}", str(number)
                    ).encode()
                    written += part.write(line)
                part.write(b"</sheetData>" + tail)


def _pictures(path: Path, size: int) -> None:
    """Write a workbook with pictures of some bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts_of(plain()).items():
            out.writestr(name, data)
        for at in range(10):
            out.writestr(f"xl/media/image{at}.png", os.urandom(size // 10))


def large(folder: Path, megabytes: int) -> list[str]:
    """Recalculate two workbooks of some megabytes; return what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    faults = []
    for write_it in (_pictures, _numbers):
        path = folder / f"{write_it.__name__[1:]}.xlsx"
        out = folder / "out.xlsx"
        write_it(path, megabytes << 20)
        done = Run(["recalc", str(path), "-o", str(out)], lambda: 0.0)
        lines = [
            line for line in done.said.splitlines() if "XC" in line or "memory" in line
        ]
        _say(
            f"{path.name}, {path.stat().st_size >> 20} MB: {done.told()}; {' '.join(lines)}"
        )
        if done.code not in (0, 1) and not (lines and not out.exists()):
            faults.append(f"{path.name}: {done.said[-300:]}")
        out.unlink(missing_ok=True)
        path.unlink()
    return faults


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("batch", "large"):
        sys.exit(__doc__)
    os.environ["XLCITY_SOFFICE"] = "/absent"
    # Ignored in a job of the background, and so in what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _FAULTS = {"batch": batch, "large": large}[sys.argv[1]](
        Path(sys.argv[2]).resolve(), int(sys.argv[3])
    )
    _say("\n".join([*_FAULTS, f"{len(_FAULTS)} faults"]))
    sys.exit(1 if _FAULTS else 0)
