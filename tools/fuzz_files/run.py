"""Runs drawn verbs on broken workbooks, each in a process that is ended when it takes too long."""

from __future__ import annotations

import contextlib
import hashlib
import io
import multiprocessing
import os
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from tools.fuzz_files.mutate import broken
from tools.fuzz_files.seeds import write

#: Verb -> its words; those that write do so below out/.
VERBS = {
    "adopt": "adopt in.xlsx --map map.toml -o out/tables",
    "recalc": "recalc in.xlsx -o out/r.xlsx",
    "audit": "audit workbook in.xlsx",
    "trace": "trace in.xlsx S!D3",
    "diff": "diff sound.xlsx in.xlsx",
    "check": "check in.xlsx",
    "fill": "fill in.xlsx --data data.csv -o out/f.xlsx",
    "export": "export in.xlsx -o out/tables",
    "results": "results in.xlsx --csv out/r.csv",
    "rebuild": "rebuild in.xlsx -o out/b.xlsx",
    "roll": "roll in.xlsx --edition 2030 -o out/n.xlsx",
    "merge": "merge in.xlsx sound.xlsx -o out/m.xlsx",
    "release": "release in.xlsx -o out/p.xlsx",
    "comments": "comments in.xlsx",
    "seal": "seal in.xlsx",
    "new": "new --framework tree.csv --data in.xlsx -o out/t.xlsx",
    "index": "index --framework in.xlsx --data in.xlsx",
}
#: Seconds given to a verb, seconds in which it must end, and bytes that it may take.
LIMIT, END, MEMORY = 20, 25.0, 1 << 30
#: Megabytes above which a process does nothing more: what it keeps would count for the next.
_STAYS = 300


@dataclass
class FuzzRun:
    """What became of one verb on one file; `fault` says what must not be."""

    number: int
    verb: str
    code: int = -1
    codes: tuple[str, ...] = ()
    seconds: float = 0.0
    megabytes: int = 0
    fault: str = ""
    said: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it for a report."""
        return asdict(self)


def verbs_of(number: int, count: int = 2) -> list[str]:
    """Return the verbs that a file is run through."""
    return Random(-number - 1).sample(sorted(VERBS), count)


def _judged(run: FuzzRun, said: str, out: Path) -> str:
    if run.code not in (0, 1, 2, 3, 4):
        return f"exit {run.code}"
    if "Traceback" in said or re.search(r"XC[59]99", said):
        return "an internal error"
    if run.code > 1 and not run.codes:
        return "no code"
    if run.code > 1 and any(path.is_file() for path in out.rglob("*")):
        return "output after a failure"
    if run.megabytes > MEMORY >> 20:
        return "memory"
    return "late" if run.seconds > END else ""


def _peak() -> int:
    """Return the most memory of this process since it was last asked, in megabytes."""
    with contextlib.suppress(OSError):
        text = Path("/proc/self/status").read_text(encoding="ascii")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def one(folder: Path, sound: list[bytes], number: int, verb: str) -> FuzzRun:
    """Run a verb on the file of a number."""
    from xlcity.cli import main

    data, out = broken(number, sound), folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for older in folder.glob("in.xlsx*"):
        older.unlink()
    (folder / "in.xlsx").write_bytes(data)
    run, said = FuzzRun(number, verb), io.StringIO()
    os.chdir(folder)
    start, _ = time.monotonic(), _peak()
    trouble = ""
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            run.code = main([*VERBS[verb].split(), "--timeout", str(LIMIT)])
        except BaseException as error:  # a panic of an engine as well
            trouble = f"{type(error).__name__}: {error}"
    run.seconds, run.megabytes = round(time.monotonic() - start, 2), _peak()
    text = said.getvalue()
    run.codes = tuple(sorted(set(re.findall(r"\[(XC\d{3})\]", text))))
    run.fault = trouble or _judged(run, text, out)
    if hashlib.sha256((folder / "in.xlsx").read_bytes()).digest() != hashlib.sha256(data).digest():
        run.fault = "the input was changed"
    run.said = text[-1500:] if run.fault else ""
    return run


def _serve(pipe: Connection) -> None:
    with tempfile.TemporaryDirectory(prefix="xlcity-fuzz-") as name, contextlib.suppress(EOFError):
        folder = Path(name)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            sound = write(folder)
        while True:
            pipe.send(one(folder, sound, *pipe.recv()))


class _Runner:
    """A process that runs verbs, replaced when it is lost."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,))
        self.process.start()
        theirs.close()
        self.runs = 0

    def ask(self, number: int, verb: str) -> FuzzRun:
        start = time.monotonic()
        try:
            self.pipe.send((number, verb))
            # The first waits for the sound workbooks as well.
            if self.pipe.poll(END + (60 if not self.runs else 5)):
                self.runs += 1
                found: FuzzRun = self.pipe.recv()
                stays = found.megabytes < _STAYS and not {"XC408", "XC520"} & {*found.codes}
                if found.fault or not stays:
                    # An engine may be at work, or memory kept; a command line ends with its verb.
                    self.stop()
                    self.start()
                return found
            fault = "never ended"
        except (EOFError, OSError):
            fault = "the process died"
        self.stop()
        self.start()
        return FuzzRun(number, verb, seconds=round(time.monotonic() - start, 2), fault=fault)

    def stop(self) -> None:
        self.pipe.close()
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def drawn(numbers: range, verbs: list[str] | None = None) -> Iterator[tuple[int, str]]:
    """Yield the numbers of files, each with two drawn verbs or with those that are given."""
    for number in numbers:
        for verb in verbs or verbs_of(number):
            yield number, verb


def runs(pairs: Iterable[tuple[int, str]]) -> Iterator[FuzzRun]:
    """Run the files of some numbers through the verbs beside them.

    LibreOffice is hidden: it would take seconds for each file. `XLCITY_SOFFICE` names it.
    """
    os.environ.setdefault("XLCITY_SOFFICE", "/absent")
    os.environ |= {"XLCITY_LANG": "en", "XLCITY_MEMORY_MB": "600"}
    runner = _Runner()
    try:
        for number, verb in pairs:
            yield runner.ask(number, verb)
    finally:
        runner.stop()
