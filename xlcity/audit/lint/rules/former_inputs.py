"""Inputs that are not what they were: moved to other cities, typed over, or cities taken out.

Values are compared with what the workbook holds of before: those that a report ships, and those
that the sums recorded at the last filling give back. Where many cities and indicators differ the
data are new ones, of which former values say nothing. What is unlike the last edition the workbook
says itself, on `Change` and `Messages`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import counted, first_of
from xlcity.grouping import grouped
from xlcity.model.dataset import Dataset, Unit
from xlcity.workbook.reading.recorded_values import (
    Recorded,
    moved_values,
    read_recorded,
    sums_of,
)
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.xlsx.address import cell_name, ranges_text

Matrix = npt.NDArray[np.float64]
#: A value's row and column.
_Cell = tuple[int, int]
#: Row -> by how much the recorded sum of its city's weighted values is more than that of now.
_Gaps = Mapping[int, float]

#: Indicators, or cities, with changed values up to which these are looked at: more are new data.
#: Also the cities up to which each is explained alone by its recorded sum.
_FEW = 5
#: Share of an indicator's changed values that stood at another city before, to count as moved.
_SHARE = 0.8
#: How far apart numbers are at most that count as equal, as a share and at least.
_EQUAL = 3e-10
#: Rounding of recorded sums.
_RECORDED = 1e-9
_SHIPPED = "the shipped values"
_WRITTEN = "the values written last"


@finds(order=80)
def former_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield E05 and W31 where values or cities moved, and W32, a note, where some were replaced."""
    if (template := subject.template) is None:
        return
    recorded = read_recorded(template.book)
    report = shipped_report(template.report, template.text("xl_edition"))
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    moved = moved_values(recorded, sums)
    yield from _moved_cities(template, moved)
    former = [unit for unit, total in recorded.sums.items() if total or unit in sums]
    yield from _removed_cities(template, former)
    sheet = template.area("in_data").sheet
    inputs = _FormerInputs(template, sheet, template.rows, template.columns)
    if report is not None:
        yield from inputs.compare(_values_of(report.dataset, inputs), _SHIPPED)
        if (fields := _fields_of(template)) is not None:
            yield from fields.compare(_values_of(report.dataset, fields), _SHIPPED)
    gaps = {
        row: recorded.sums[unit] - sums[unit]
        for row, unit in enumerate(inputs.units)
        if unit in sums and recorded.sums.get(unit, sums[unit]) != sums[unit]
    }
    if not moved:
        yield from inputs.compare(
            _exchanged_values(inputs, recorded, sums, gaps), _WRITTEN
        )
    yield from inputs.compare(_swapped_values(inputs, recorded.weights, gaps), _WRITTEN)
    yield from inputs.compare(_written_values(inputs, recorded.weights, gaps), _WRITTEN)


class _FormerInputs:
    """The inputs in the order of the rows of their sheet; NaN for what is not a number."""

    def __init__(
        self,
        template: Template,
        sheet: str,
        rows: Mapping[str, int],
        columns: Mapping[str, int],
    ) -> None:
        self.sheet = sheet
        self.rows = rows
        self.columns = columns
        self.units = tuple(sorted(rows, key=lambda unit: rows[unit]))
        self.codes = tuple(code for code in template.dataset.codes if code in columns)
        self.values = _values_of(template.dataset, self)
        self._reported = np.zeros(self.values.shape, dtype=bool)

    def compare(self, former: Matrix, source: str) -> Iterator[Finding]:
        """Yield what is not as before and was not reported yet, by indicators or by cities."""
        same = np.isnan(self.values - former) | self._reported
        same |= np.isclose(self.values, former, rtol=_EQUAL, atol=_EQUAL)
        if min((~same).any(axis=0).sum(), (~same).any(axis=1).sum()) > _FEW:
            return
        for cells in self._find_moved(former, ~same):
            codes = dict.fromkeys(self.codes[column] for _, column in cells)
            names = first_of(codes, _FEW)
            message = (
                f"{len(cells)} values of {names} stood at other cities in {source}."
            )
            yield self._report("W31", cells, message)
        for row in np.flatnonzero((~same & ~self._reported).sum(axis=1) > 1).tolist():
            cells = [
                (row, n)
                for n in np.flatnonzero(~same[row] & ~self._reported[row]).tolist()
            ]
            now, before = (
                sorted(by[cell] for cell in cells) for by in (self.values, former)
            )
            if now == before:
                names = first_of([self.codes[column] for _, column in cells], _FEW)
                message = f"{len(cells)} values of {self.units[row]} ({names}) "
                message += f"stood at other indicators in {source}."
                yield self._report("W31", cells, message)
        left = np.argwhere(~same & ~self._reported).tolist()
        columns, rows = ({cell[axis] for cell in left} for axis in (1, 0))
        axis = 1 if len(columns) <= len(rows) else 0
        for cells in grouped(
            (cell[axis], (cell[0], cell[1])) for cell in left
        ).values():
            row, column = cells[0]
            texts = [f"{by[row, column]:.12g}" for by in (self.values, former)]
            about = f"{self.codes[column]} of {self.units[row]}"
            message = f"{about} is {texts[0]}, and {texts[1]} in {source}."
            yield self._report("W32", cells, message, "note")

    def _find_moved(
        self, former: Matrix, changed: npt.NDArray[np.bool_]
    ) -> Iterator[list[_Cell]]:
        """Yield the changed values that stood at other cities, of the same cities together."""
        columns_by_rows: dict[tuple[int, ...], list[int]] = {}
        for column in np.flatnonzero(changed.any(axis=0)).tolist():
            rows = np.flatnonzero(changed[:, column])
            pair = (by[rows, column] for by in (self.values, former))
            now, before = (
                Counter(f"{value:.9g}" for value in values) for values in pair
            )
            if (now & before).total() >= max(2, _SHARE * len(rows)):
                columns_by_rows.setdefault(tuple(rows.tolist()), []).append(column)
        for cities, columns in columns_by_rows.items():
            yield [(row, column) for column in columns for row in cities]

    def _report(
        self, rule: str, cells: list[_Cell], message: str, level: str = ""
    ) -> Finding:
        """Return the finding of cells, which later comparisons leave out."""
        rows = self.rows
        columns = self.columns
        for cell in cells:
            self._reported[cell] = True
        positions = [(rows[self.units[r]], columns[self.codes[c]]) for r, c in cells]
        region = ranges_text(positions) if len(cells) > 1 else ""
        first = cell_name(*min(positions))
        more = len(cells) - 1 if level else 0
        message += f" ({counted(more, 'more cell', 'more cells')})" if more else ""
        return Finding(
            rule,
            self.sheet,
            first,
            message,
            region=region,
            fault=message,
            level=level,
            count=1 + more,
        )


def _fields_of(template: Template) -> _FormerInputs | None:
    """Return the inputs of the sheet of fields, if there is one."""
    if "in_fields" not in template.book.names:
        return None
    units = template.area("in_field_units")
    codes = template.area("xl_field_codes")
    known = {*template.rows}
    ids = enumerate(template.book.block(units), units.r1)
    rows = {text: row for row, (value,) in ids if (text := plain_text(value)) in known}
    heads = enumerate(template.book.block(codes)[0], codes.c1)
    columns = {plain_text(head): column for column, head in heads}
    return _FormerInputs(template, codes.sheet, rows, columns)


def _values_of(dataset: Dataset, inputs: _FormerInputs) -> Matrix:
    """Return the numbers of a dataset in the order of the inputs, else NaN."""
    return dataset.reindexed(tuple(map(Unit, inputs.units)), inputs.codes).values


def _exchanged_values(
    inputs: _FormerInputs, recorded: Recorded, sums: Mapping[str, float], gaps: _Gaps
) -> Matrix:
    """Return the former values of cities that have one another's recorded sums, else NaN.

    With few indicators, other values may well have the sum of another city.
    """
    former = np.full(inputs.values.shape, np.nan)
    row_of = {recorded.sums[inputs.units[row]]: row for row in gaps}
    stood_at = [row_of.get(sums[inputs.units[row]], -1) for row in gaps]
    if len(recorded.weights) > 2 and {*stood_at} == {*gaps}:
        former[stood_at] = inputs.values[[*gaps]]
    return former


def _swapped_values(
    inputs: _FormerInputs, weight_by_code: Mapping[str, float], gaps: _Gaps
) -> Matrix:
    """Return the former values of cities whose sum two of their values give exchanged, else NaN."""
    former = np.full(inputs.values.shape, np.nan)
    weights = np.array([weight_by_code.get(code, 0.0) for code in inputs.codes])
    for row, gap in gaps.items():
        gains = np.subtract.outer(inputs.values[row], inputs.values[row])
        gains = np.triu(gains * np.subtract.outer(weights, weights), 1)
        pairs = np.argwhere(np.abs(gap + gains) <= 2 * _RECORDED).tolist()
        if len(pairs) == 1:
            former[row, pairs[0]] = inputs.values[row, pairs[0][::-1]]
    return former


def _written_values(
    inputs: _FormerInputs, weight_by_code: Mapping[str, float], gaps: _Gaps
) -> Matrix:
    """Return the former values of what was changed since the sums were recorded, else NaN.

    Each indicator has a weight of its own in a city's sum: what the sum is off by gives a former
    value with few decimals in the indicator that was changed, and with many in any other. Changes
    of one indicator explain all cities at once, else each city is explained alone.
    """
    # What is not a number now counts as 0 in the sums, and may be what was changed.
    now = np.nan_to_num(inputs.values)
    former = np.full(inputs.values.shape, np.nan)
    groups = [[*gaps]] if len(gaps) > _FEW else [[*gaps], *([row] for row in gaps)]
    for rows in groups:
        fitting = {}
        for column, code in enumerate(inputs.codes):
            if rows and (weight := weight_by_code.get(code, 0.0)):
                slack = 2 * _RECORDED / weight
                values = now[rows, column] + [gaps[row] / weight for row in rows]
                rounded = np.round(values, math.floor(-math.log10(1000 * slack)))
                if (np.abs(values - rounded) <= slack).all():
                    fitting[column] = rounded
        if len(fitting) == 1:
            ((column, values),) = fitting.items()
            former[:, column] = inputs.values[:, column]
            former[rows, column] = values
            if rows == [*gaps]:
                break
    return former


def _moved_cities(template: Template, moved: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the cities that have the values of others, by the sums recorded at the last filling."""
    if moved:
        first = next((f"{u} ← {o}" for u, o in moved.items() if o), next(iter(moved)))
        cells = [cell_name(template.rows[u], 1) for u in moved if u in template.rows]
        message = f"{len(moved)} of the cities have values of other cities: {first}."
        hint = "Sort whole rows, ids included: undo the sort, or fill the values again."
        sheet = template.area("in_data").sheet
        count = len(moved)
        texts = message, hint, ", ".join(cells), "values moved"
        yield Finding("E05", sheet, cells[0], *texts, code="XC442", count=count)


def _removed_cities(template: Template, former: list[str]) -> Iterator[Finding]:
    """Yield the cities of the values written last that are not scored now, or have no row."""
    scored = {unit.id for unit in template.dataset.units if unit.population}
    gone = [unit for unit in former if unit not in scored or unit not in template.rows]
    if not gone or len(gone) >= len(former) / 2:
        return
    without_row = [unit for unit in gone if unit in scored]
    rows = _emptied_rows(template)
    if without_row and len(rows) == len(without_row):
        names = first_of(without_row, _FEW)
        message = f"the row of {names} was emptied since {_WRITTEN}."
        sheet = template.area("in_units").sheet
        column = template.area("in_units").c1
        yield _at_rows(sheet, column, rows, message)
        gone = [unit for unit in gone if unit not in scored]
    if gone:
        area = template.area("xl_cities")
        header, *lines = template.book.block(area)
        rows_by_city = {
            plain_text(line[0]): number
            for number, line in enumerate(lines, area.r1 + 1)
        }
        scored_by = area.c1 + header.index("population")
        cities = first_of(gone, _FEW)
        message = (
            f"{counted(len(gone), 'city', 'cities')} of {_WRITTEN} taken out: {cities}."
        )
        places = [rows_by_city.get(city, area.r1) for city in gone]
        yield _at_rows(area.sheet, scored_by, places, message)


def _emptied_rows(template: Template) -> list[int]:
    """Return the rows of `Data` without a city between those that have one, as after a slip."""
    ids = template.area("in_units")
    last = max(template.rows.values(), default=ids.r1)
    filled = {*template.rows.values()}
    return [
        row
        for row in range(ids.r1 + 1, last)
        if row not in filled
        and template.book.value(ids.sheet, row, ids.c1) in (None, "")
    ]


def _at_rows(sheet: str, column: int, rows: list[int], message: str) -> Finding:
    cells = [*dict.fromkeys(cell_name(row, column) for row in rows)]
    region = ", ".join(cells) if len(cells) > 1 else ""
    return Finding("W31", sheet, cells[0], message, region=region)
