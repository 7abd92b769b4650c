"""A workbook that stays loaded in the default engine and is calculated again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.errors import CellError, CellValue, Problem, Where
from xlcity.hosts.formualizer import to_host
from xlcity.recalc.dependency_slice import Place
from xlcity.recalc.engines.formualizer import Formualizer, cell_value, evaluate
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Task,
    addresses,
    require_installed,
    too_long,
)


class EngineSession:
    """A loaded workbook.

    Parameters
    ----------
    task
        The workbook; its time limit is that of one calculation.

    Raises
    ------
    EngineError
        If the engine is absent or cannot load it.
    """

    def __init__(self, task: Task) -> None:
        engine = Formualizer()
        require_installed(engine)
        self._task, self._workbook = task, engine.load(task)

    def calculate(
        self, changes: Mapping[Place, CellValue], outputs: Sequence[Place]
    ) -> list[CellValue]:
        """Change inputs for good, calculate what depends on them, and return some cells.

        Raises
        ------
        EngineError
            If it takes too long or a cell gets no value.
        """
        workbook = self._workbook
        for (sheet, position), value in changes.items():
            workbook.set_value(sheet, *position, _as_input(value))
        failure, late = evaluate(workbook, self._task.timeout)
        if late:
            raise too_long(self._task, "formualizer")
        if failure is not None:
            raise self._failed(failure)
        found = []
        for sheet, position in outputs:
            raw = workbook.get_value(sheet, *position)
            value = cell_value(raw)
            if value is None and raw is not None:
                raise self._failed(f"{addresses([(sheet, position)])} gets no value")
            found.append(value)
        return found

    def _failed(self, why: str) -> CannotComputeError:
        return CannotComputeError(
            Problem(
                CannotComputeError.code,
                f"formualizer cannot calculate the workbook again: {why}.",
                "`recalc` tells more.",
                Where(self._task.book.file),
            )
        )


def _as_input(value: CellValue) -> object:
    return to_host(value) if isinstance(value, CellError) else value
