"""The reference engine: `formulas`, slow and exact, in a process of its own.

The process can be ended when it takes too long, and keeps what the package prints apart.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

from xlcity.recalc.engines.private_folder import PrivateFolder
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    PythonEngine,
    Task,
    Values,
    cannot_compute_error,
    late_error,
    require_installed,
)
from xlcity.recalc.library_calls import call_rewriter, library_names
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
            task.package, task.book, call_rewriter(library_names()), calling=task.udf_cells
        )
        with PrivateFolder() as private:
            source, target = private.path / "book.xlsx", private.path / "values.pickle"
            source.write_bytes(copy.to_bytes())
            # The process ends when its stdin does: with this one, however that ends.
            stdin, held_open = os.pipe()
            try:
                done = subprocess.run(
                    [*_COMMAND, str(source), str(target)],
                    stdin=stdin,
                    capture_output=True,
                    timeout=task.timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                hint = "It needs about 3 ms a cell; give more time with --timeout."
                raise late_error(task, self.name, hint) from error
            finally:
                os.close(stdin)
                os.close(held_open)
            if done.returncode or not target.exists():
                raise self._failure(task, done.stderr)
            values: Values = pickle.loads(target.read_bytes())
            return values

    @staticmethod
    def _failure(task: Task, stderr: bytes) -> CannotComputeError:
        """Return the error for a process that ended with these last words."""
        lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        reason = " ".join(line.strip() for line in lines[-_LAST_LINES:]) or "no reason given"
        hint = "One formula it cannot parse is enough; try another --engine."
        return cannot_compute_error(task, "formulas", reason, hint)
