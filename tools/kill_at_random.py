"""Kills verbs at random moments and looks at what is left: `python -m tools.kill_at_random COUNT`.

Each round starts a verb in a process of its own, kills it with SIGKILL, and requires that inputs
are as they were and outputs whole or absent. The verb then runs again undisturbed: its outputs must
equal, byte for byte, those of a run that was never killed, and no temporary file may be left.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tools.fuzz_files.run import import_everything
from tools.fuzz_files.seeds import DATA, FRAMEWORK
from xlcity.cli import main

#: Verb -> its words; what they write stands in out/ or, in place, in own.xlsx.
VERBS = {
    "new": "new --framework tree.csv --data data.csv -o out/n.xlsx",
    "fill": "fill book.xlsx --data one.csv -o out/f.xlsx",
    "in place": "fill own.xlsx --data one.csv --in-place --no-backup",
    "rebuild": "rebuild book.xlsx -o out/b.xlsx",
    "roll": "roll book.xlsx --edition 2031 -o out/r.xlsx",
    "merge": "merge book.xlsx copy.xlsx -o out/m.xlsx",
    "release": "release book.xlsx -o out/p.xlsx",
    "export": "export book.xlsx -o out/tables",
    "report": "report book.xlsx -o out/report --only tables --lang en",
    "batch": "recalc many --outdir out --jobs 2",
}
_ONE = "unit,A\n北京,77\n上海,78\n"


def _verb(words: list[str]) -> None:
    os.setsid()
    void = io.StringIO()
    with contextlib.redirect_stdout(void), contextlib.redirect_stderr(void):
        os._exit(main(words))


def _started(words: str) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("fork").Process(
        target=_verb, args=(words.split(),)
    )
    process.start()
    return process


def _finished(words: str) -> None:
    process = _started(words)
    process.join(600)
    if process.exitcode not in (0, 1):
        raise SystemExit(f"{words}: exit {process.exitcode}")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "temporary" not in path.parts
    }


def prepare(folder: Path) -> None:
    """Write what the verbs read, and make the folder the current one."""
    os.chdir(folder)
    for name, text in (("tree.csv", FRAMEWORK), ("data.csv", DATA), ("one.csv", _ONE)):
        Path(name).write_text(text, encoding="utf-8")
    for name in ("out", "many", "temporary"):
        Path(name).mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "temporary")
    _finished("new --framework tree.csv --data data.csv -o book.xlsx")
    _finished("fill book.xlsx --data one.csv -o copy.xlsx")
    for name in ("own.xlsx", *(f"many/{at}.xlsx" for at in range(4))):
        shutil.copy("book.xlsx", name)


def _again(folder: Path) -> None:
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()
    shutil.copy(folder / "book.xlsx", folder / "own.xlsx")


def _alive(group: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


def _left(
    folder: Path, before: dict[str, bytes], after: dict[str, bytes]
) -> Iterator[str]:
    """Yield what is wrong after a kill; `before` and `after` are a whole run's files."""
    for name, data in _files(folder).items():
        if any(part.startswith(".xlcity-") for part in Path(name).parts):
            continue  # for the next run to remove
        if data not in (before.get(name), after.get(name)):
            yield f"{name} is neither as before nor as it is when done"
    yield from (f"{name} is lost" for name in before if not (folder / name).exists())


def kills(folder: Path, verb: str, count: int, seed: int = 0) -> Iterator[str]:
    """Kill a verb a number of times; yield every fault."""
    words = VERBS[verb]
    random = Random(f"{verb} {seed}")
    _again(folder)
    before = _files(folder)
    start = time.monotonic()
    _finished(words)
    whole = time.monotonic() - start
    after = _files(folder)
    for number in range(count):
        _again(folder)
        process = _started(words)
        time.sleep(random.random() * whole)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        end = time.monotonic() + 15
        while _alive(process.pid or 0) and time.monotonic() < end:
            time.sleep(0.02)
        if _alive(process.pid or 0):
            os.killpg(process.pid or 0, signal.SIGKILL)
            yield f"{verb} {number}: its processes stay"
        yield from (f"{verb} {number}: {text}" for text in _left(folder, before, after))
        _finished(words)
        found = _files(folder)
        names = {
            name
            for name in found.keys() | after.keys()
            if found.get(name) != after.get(name)
        }
        yield from (
            f"{verb} {number}: {name} after the next run" for name in sorted(names)
        )
        left = [path.name for path in (folder / "temporary").iterdir()]
        yield from (f"{verb} {number}: {name} is left behind" for name in left)


def run(count: int, seed: int = 0, verbs: Sequence[str] = tuple(VERBS)) -> list[str]:
    """Share a number of kills between the verbs; return the faults."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name).resolve()
        here = Path.cwd()
        kept = os.environ.get("TMPDIR"), tempfile.tempdir
        import_everything()
        try:
            prepare(folder)
            for at, verb in enumerate(verbs):
                share = count // len(verbs) + (at < count % len(verbs))
                faults += kills(folder, verb, share, seed) if share else []
                sys.stderr.write(
                    f"{verb}: {share} kills, {len(faults)} faults so far\n"
                )
        finally:
            os.chdir(here)
            tempfile.tempdir = kept[1]
            os.environ.pop("TMPDIR")
            os.environ.update({"TMPDIR": kept[0]} if kept[0] else {})
    return faults


if __name__ == "__main__":
    _FAULTS = run(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0)
    sys.stdout.write(
        "\n".join([*_FAULTS, f"{sys.argv[1]} kills, {len(_FAULTS)} faults"]) + "\n"
    )
    sys.exit(1 if _FAULTS else 0)
