"""The reference engine: `formulas`, slow and exact, in a process of its own.

The process can be ended when it takes too long, and keeps what the package prints apart.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import time
from pathlib import Path

from xlcity.recalc.engines.formulas_process import load_values
from xlcity.recalc.engines.private_folder import PrivateFolder
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    PythonEngine,
    Task,
    Values,
    refused,
    require_installed,
    too_long,
)
from xlcity.recalc.engines.worker import LostError, WorkerProcess
from xlcity.recalc.library_calls import library_names, plain_calls
from xlcity.xlsx.editing.engine_copy import engine_copy

#: -P: no module of the current folder, which may be a stranger's, gets in.
_COMMAND = (sys.executable, "-P", "-m", "xlcity.recalc.engines.formulas_process")
_LAST_LINES = 3


class Formulas(PythonEngine):
    """Computes a workbook with `formulas`, the library's functions included."""

    name = udf_by = "formulas"
    remedy = "pip install 'formulas>=1.3.4'"

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        require_installed(self)
        copy = engine_copy(
            task.package, task.book, plain_calls(library_names()), calling=task.udf_cells
        )
        with PrivateFolder() as private:
            source, target = private.path / "book.xlsx", private.path / "values.json"
            source.write_bytes(copy.to_bytes())
            kept = _KEPT[0].run(source, target, task.timeout) if _KEPT else False
            if not kept:
                self._run(task, source, target)
            return load_values(json.loads(target.read_text(encoding="utf-8")))

    def _run(self, task: Task, source: Path, target: Path) -> None:
        """Compute in a process that ends then, and tells why if it cannot."""
        try:
            done = subprocess.run(
                [*_COMMAND, str(source), str(target), str(int(task.timeout))],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=task.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            hint = "It needs about 3 ms a cell; give more time with --timeout."
            raise too_long(task, self.name, hint) from error
        if done.returncode or not target.exists():
            raise self._failed(task, done.stderr)

    @staticmethod
    def _failed(task: Task, stderr: bytes) -> CannotComputeError:
        lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        reason = " ".join(line.strip() for line in lines[-_LAST_LINES:]) or "no reason given"
        hint = "One formula it cannot parse is enough; try another --engine."
        return refused(task, "formulas", reason, hint)


class _Kept:
    """A process for many files: copies of one template are compiled once."""

    def __init__(self) -> None:
        self._worker: WorkerProcess | None = None
        atexit.register(self.close)

    def run(self, source: Path, target: Path, timeout: float) -> bool:
        """Compute a file; ``False`` if the process cannot, and another one is to tell why."""
        if self._worker is None:
            self._worker = WorkerProcess(_COMMAND, "formulas")
        task = {"source": str(source), "target": str(target), "seconds": timeout}
        try:
            answer = self._worker.ask(task, time.monotonic() + timeout)
        except LostError:
            self.close()
            return False
        except BaseException:
            self.close()
            raise
        return "ok" in answer and target.exists()

    def close(self) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


_KEPT: list[_Kept] = []


def keep_process() -> None:
    """Let one process compute all that follows; see `end_process`."""
    if not _KEPT:
        _KEPT.append(_Kept())


def end_process() -> None:
    """End the process that was kept."""
    while _KEPT:
        _KEPT.pop().close()
