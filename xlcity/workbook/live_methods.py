"""The parameters of methods as `Framework` has them now: a row per indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.functions.normalise import BOUNDS
from xlcity.methods.record import MethodCell, ParameterValue
from xlcity.model.recipe import Step
from xlcity.workbook.normalisers import NATIVE, is_live, shown
from xlcity.workbook.reading.records import CellReader, Record, number_of, plain_text, wrong_bound


@dataclass(frozen=True)
class MethodCells:
    """Reads the cells of methods on `Framework`.

    Attributes
    ----------
    rows
        Indicator -> its row.
    apart
        Whether populations are scored apart.
    reader
        Takes what is wrong.
    """

    rows: Mapping[str, Record]
    apart: bool
    reader: CellReader

    def steps(self, step: Step, codes: Sequence[str]) -> Iterator[Step]:
        """Yield a step with the parameters of its indicators' cells, split where these differ."""
        groups: dict[tuple[tuple[str, ParameterValue], ...], list[str]] = {}
        for code in codes:
            if step.do == "denominate" and not self._is_denominated(step, code):
                continue
            params = dict(step.params)
            for name, cell in self._parameters(step, code).items():
                value = self._value(step, code, name, cell)
                written = params.pop(name, None)
                # A default that nobody wrote stays unsaid, as for an indicator without a row.
                if value is not None and (written is not None or value != step.default(name)):
                    params[name] = value
            groups.setdefault(tuple(params.items()), []).append(code)
        for given, acted_on in groups.items():
            yield replace(step, params=dict(given), codes=tuple(acted_on))

    def _is_denominated(self, step: Step, code: str) -> bool:
        # An indicator typed below the tree has no row yet.
        row = self.rows.get(code)
        if row is None or "denominator" not in row:
            return bool(step.get("denominator"))
        return bool(plain_text(row["denominator"][0]))

    def _parameters(self, step: Step, code: str) -> dict[str, MethodCell]:
        """Return the parameters of a step that are typed for an indicator."""
        if code not in self.rows:
            return {}
        if step.do != "normalise":
            from xlcity.workbook.steps.prepare import parameters_of

            cells = {n: MethodCell(column) for n, column in parameters_of(step).items()}
        elif step.method not in NATIVE:
            return {}
        else:
            cells = {
                name: cell
                for name, cell in shown(step).items()
                if is_live(cell, self.apart)
                # What the framework gives is read into the framework.
                and not (step.record.parameter(name).column and step.get(name) is None)
            }
        return {n: p for n, p in cells.items() if p.column in self.rows[code]}

    def _value(self, step: Step, code: str, name: str, cell: MethodCell) -> ParameterValue:
        value, where = self.rows[code][cell.column]
        text = plain_text(value)
        if name == "bounds":
            if text.casefold() in BOUNDS:
                return text.casefold()
            message, hint = f"the parameter bounds of {code} is {text!r}.", ", ".join(BOUNDS)
            self.reader.wrong("XC225", message, f"Use one of {hint}.", where, indicator=code)
            return None
        if name == "unit":
            return text or None
        number = number_of(value)
        if number is None and cell.needed:
            message = f"the parameter {name} of {code} is {text!r}, not a number."
            self.reader.wrong("XC225", message, "Type a number.", where, indicator=code)
            default = step.default(name)
            return default if isinstance(default, float) else None
        if number is None and text:
            wrong_bound(self.reader, value, where, code)
        return number
