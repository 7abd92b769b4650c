"""ironcalc as an engine: native cells in this process, a second opinion beside the default.

It cannot call the library: see `settle`.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from xlcity.errors import CELL_ERRORS, CellError, CellValue, EngineError, Problem, Where
from xlcity.recalc.protocol import CannotComputeError, Task, Values, addresses
from xlcity.recalc.settle import settle
from xlcity.xlsx.cells import Position
from xlcity.xlsx.rewrite import engine_copy
from xlcity.xlsx.text import normal_value

#: The series whose behaviour was measured.
MEASURED = "0.9"

#: Errors of its own, which no spreadsheet has: it gave up, it does not stand for a value.
_GAVE_UP = frozenset(("#ERROR!", "#N/IMPL!"))
_CIRCLE = "#CIRC!"

#: It wants a result in every formula cell; one that is still there was not computed.
_NOT_COMPUTED = "_not computed_"


class IronCalc:
    """Computes a workbook with ironcalc, the library's functions by xlcity."""

    name = "ironcalc"
    udf_by = "xlcity"

    def version(self) -> str | None:
        """Return the version installed, or ``None``."""
        try:
            return metadata.version("ironcalc")
        except metadata.PackageNotFoundError:
            return None

    def available(self) -> bool:
        """Return whether it is installed, in whatever version."""
        return self.version() is not None

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        if not self.available():
            raise EngineError("ironcalc is not installed.", "pip install 'xlcity[ironcalc]'")
        return settle(task, partial(self._calculate, task), self.name)

    def _calculate(self, task: Task, frozen: Values, _seconds: float) -> Values:
        copy = engine_copy(task.package, task.book, frozen=frozen, placeholder=_NOT_COMPUTED)
        model = _load(task, copy.to_bytes())
        try:
            model.evaluate()
        except Exception as error:
            raise _refused(task, str(error)) from error
        except BaseException as error:
            # A panic of the Rust library is no Exception, and no reason to stop a batch.
            if type(error).__name__ != "PanicException":
                raise
            raise _refused(task, f"it broke down ({error})") from error
        return _Reader(task, model, frozen).values()


def _load(task: Task, data: bytes) -> Any:
    import ironcalc

    with tempfile.TemporaryDirectory(prefix="xlcity-") as name:
        path = Path(name) / "book.xlsx"
        path.write_bytes(data)
        try:
            return ironcalc.load_from_xlsx(str(path), "en", _timezone(), "en")
        except Exception as error:
            raise _refused(task, str(error)) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise _refused(task, f"it broke down ({error})") from error


def _timezone() -> str:
    """Return a time zone with the clock of this machine, for TODAY and NOW."""
    offset = datetime.now().astimezone().utcoffset() or timedelta()
    hours, rest = divmod(offset, timedelta(hours=1))
    # The names count westward.
    return f"Etc/GMT{-hours:+d}" if hours and not rest else "UTC"


def _refused(task: Task, reason: str) -> CannotComputeError:
    return CannotComputeError(
        Problem(
            CannotComputeError.code,
            f"ironcalc cannot compute the workbook: {reason.strip().rstrip('.')}.",
            "Use --engine libreoffice.",
            Where(task.book.file),
        )
    )


class _Reader:
    """Takes the values out of a model that was computed."""

    def __init__(self, task: Task, model: Any, frozen: Values) -> None:
        import ironcalc

        self.task, self.model, self.frozen = task, model, frozen
        self.members = {name: tab.members() for name, tab in task.book.sheets.items()}
        self.error_type = ironcalc.CellType.ErrorValue
        self.tabs = {s["name"]: i for i, s in enumerate(model.get_worksheets_properties())}
        self.circular: list[tuple[str, Position]] = []
        self.absent: list[tuple[str, Position]] = []

    def values(self) -> Values:
        values: Values = {}
        for sheet in self.task.book.sheets.values():
            held = self.frozen.get(sheet.name, {})
            found = {
                p: held[p] if p in held else self._cell(sheet.name, p) for p, _ in sheet.formulas()
            }
            if found:
                values[sheet.name] = found
        self._complain()
        return values

    def _cell(self, sheet: str, position: Position) -> CellValue:
        tab = self.tabs.get(sheet)
        if tab is None:
            raise _refused(self.task, f"it did not load the sheet {sheet}")
        raw = self.model.get_cell_value(tab, *position)
        if isinstance(raw, str) and raw[:1] == "#":
            return self._perhaps_error(raw, tab, sheet, position)
        if raw == _NOT_COMPUTED:
            self.absent.append((sheet, position))
            return None
        if raw is None:
            # A member of an array range larger than its result holds what Excel fills it with.
            if position in self.members[sheet]:
                return CellError.NA
            self.absent.append((sheet, position))
            return None
        return normal_value(raw)

    def _perhaps_error(self, raw: str, tab: int, sheet: str, position: Position) -> CellValue:
        if self.model.get_cell_type(tab, *position) != self.error_type:
            return raw
        if raw == _CIRCLE:
            self.circular.append((sheet, position))
            return None
        if raw in _GAVE_UP:
            self.absent.append((sheet, position))
            return None
        # Newer errors (#SPILL!, #CALC!) have no code in the file format.
        return CELL_ERRORS.get(raw, CellError.VALUE)

    def _complain(self) -> None:
        if self.task.partial:
            return
        if self.circular:
            message = f"formulas refer to themselves in a circle: {addresses(self.circular)}."
            hint = "Break the circle; the trace of precedents shows it."
            raise EngineError(Problem("XC512", message, hint, Where(self.task.book.file)))
        if self.absent:
            raise _refused(self.task, f"it gave up in {addresses(self.absent)}")
