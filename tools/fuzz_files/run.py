"""Runs drawn verbs on broken workbooks, each in a forked process that is ended when it is late."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import io
import multiprocessing
import os
import pkgutil
import re
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import xlcity
from tools.fuzz_files.mutate import broken
from tools.fuzz_files.seeds import write

#: Verb -> its words; those that write do so below out/.
VERBS = {
    "adopt": "adopt in.xlsx --map map.toml -o out/tables",
    "recalc": "recalc in.xlsx -o out/r.xlsx",
    "findings": "check in.xlsx --findings",
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
    "seal": "seal in.xlsx",
    "new": "new --framework tree.csv --data in.xlsx -o out/t.xlsx",
    "index": "index --framework in.xlsx --data in.xlsx",
    "report": "report in.xlsx -o out/report --only tables --lang en",
    "assess": "assess in.xlsx --n 20",
}
#: Seconds given to a verb, seconds in which it must end, and bytes that it may take.
LIMIT = 20
END = 25.0
MEMORY = 1 << 30
#: What some verbs import when they need it.
_IMPORTED_LATE = ("matplotlib.backends.backend_agg", "matplotlib.figure", "scipy.stats")
#: Processes are forked: each begins with all that is imported and with nothing that another left.
_CONTEXT = multiprocessing.get_context("fork")


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


def verbs_of(number: int, among: Iterable[str] = VERBS) -> list[str]:
    """Return the two verbs that a file is run through."""
    return Random(-number - 1).sample(sorted(among), 2)


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
    """Return the most memory of this process, or of one that it started, in megabytes."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in whose) >> 10


def _one(folder: Path, data: bytes, number: int, verb: str) -> FuzzRun:
    """Run a verb on the file of a number, in the current process."""
    from xlcity.cli import main

    out = folder / "out"
    out.mkdir()
    (folder / "in.xlsx").write_bytes(data)
    run = FuzzRun(number, verb)
    said = io.StringIO()
    os.chdir(folder)
    start = time.monotonic()
    trouble = ""
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            run.code = main([*VERBS[verb].split(), "--timeout", str(LIMIT)])
        except BaseException as error:  # a panic of an engine as well
            trouble = f"{type(error).__name__}: {error}"
    run.seconds = round(time.monotonic() - start, 2)
    run.megabytes = _peak()
    text = said.getvalue()
    run.codes = tuple(sorted(set(re.findall(r"\[(XC\d{3})\]", text))))
    run.fault = trouble or _judged(run, text, out)
    if (
        hashlib.sha256((folder / "in.xlsx").read_bytes()).digest()
        != hashlib.sha256(data).digest()
    ):
        run.fault = "the input was changed"
    run.said = text[-1500:] if run.fault else ""
    return run


def _serve(pipe: Connection, *given: Any) -> None:
    os.setsid()
    pipe.send(_one(*given))


def _forked(folder: Path, data: bytes, number: int, verb: str) -> FuzzRun:
    """Run a verb on the file of a number, in a process of its own with its own folder."""
    for name in ("out", "temporary"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "temporary").mkdir()
    for older in folder.glob("in.xlsx*"):
        older.unlink()
    start = time.monotonic()
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_serve, args=(theirs, folder, data, number, verb))
    process.start()
    theirs.close()
    try:
        fault = "never ended"
        if ours.poll(END + 5):
            fault = "the process died"
            found: FuzzRun = ours.recv()
            return found
    except EOFError:
        pass
    finally:
        ours.close()
        # An engine may be at work still; a command line ends with its verb.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
    return FuzzRun(
        number, verb, seconds=round(time.monotonic() - start, 2), fault=fault
    )


def drawn(numbers: range, among: Iterable[str] = VERBS) -> Iterator[tuple[int, str]]:
    """Yield the numbers of files, each with two verbs that are drawn among some."""
    for number in numbers:
        for verb in verbs_of(number, among):
            yield number, verb


def import_everything() -> None:
    """Import what verbs import, so that no process that is forked does so again."""
    modules = (
        module.name for module in pkgutil.walk_packages(xlcity.__path__, "xlcity.")
    )
    for name in (*modules, *_IMPORTED_LATE):
        if not name.endswith("__main__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def runs(
    pairs: Iterable[tuple[int, str]], small: int = 1, keep: Path | None = None
) -> Iterator[FuzzRun]:
    """Run the files of some numbers through the verbs beside them.

    Of the sound workbooks two are templates and 2 * `small` are not: they take a tenth of
    the time. LibreOffice is hidden: it would take seconds for each file; `XLCITY_SOFFICE` names it.
    A workbook that a verb wrote with exit 0 goes to the folder `keep`, named by its number.
    """
    os.environ.setdefault("XLCITY_SOFFICE", "/absent")
    os.environ |= {"XLCITY_LANG": "en", "XLCITY_MEMORY_MB": "600"}
    import_everything()
    kept = tempfile.tempdir, os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(prefix="xlcity-fuzz-") as name:
        folder = Path(name)
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            sound = write(folder)
        sound = sound[:2] * small + sound[2:]
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "temporary")
        made = -1
        data = b""
        gc.freeze()
        try:
            for number, verb in pairs:
                if number != made:
                    made = number
                    data = broken(number, sound)
                run = _forked(folder, data, number, verb)
                if keep is not None and run.code == 0:
                    for path in (folder / "out").glob("*.xlsx"):
                        shutil.copy(path, keep / f"{number}.xlsx")
                yield run
        finally:
            gc.unfreeze()
            tempfile.tempdir = kept[0]
            os.environ.pop("TMPDIR")
            os.environ.update({"TMPDIR": kept[1]} if kept[1] else {})
