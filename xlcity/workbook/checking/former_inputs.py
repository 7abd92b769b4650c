"""Slips in inputs, told by what the book holds of before: shipped values, or sums recorded.

A report's book is compared with what the report ships. Any book has, for each city, the weighted
sum of its values as xlcity wrote them last: where one indicator alone was changed, the sums give
its former values back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from xlcity.errors import counted
from xlcity.model.dataset import State
from xlcity.reports.report import Report
from xlcity.workbook.reading.recorded_values import read_recorded, sums_of
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.xlsx.address import cell_name

#: Values that were changed in one way are a slip from this number on.
_FEW = 5
#: Part of the values changed that a slip explains.
_MOST = 0.8
#: Columns of `Sources` that belong to the values.
_SOURCES = ("source_zh", "source", "period")
#: Decimals of recorded sums, and of values that are rounded.
_RECORDED, _ROUNDED = 1e-9, range(3)
SHIPPED, WRITTEN = "shipped", "written last"


class InputSlip(NamedTuple):
    """A slip: the cell it begins in, the cells that it covers (or ""), and what it is."""

    sheet: str
    cell: str
    region: str
    message: str


class _Column(NamedTuple):
    """An indicator in the order of the rows on `Data`: values now and before, NaN for none."""

    code: str
    units: tuple[str, ...]
    now: Sequence[float]
    before: Sequence[float]
    source: str

    @property
    def changed(self) -> list[int]:
        """The positions of values that are not the former ones."""
        pairs = enumerate(zip(self.now, self.before, strict=True))
        return [n for n, (a, b) in pairs if a != b and not (math.isnan(a) and math.isnan(b))]


def input_slips(template: Template) -> Iterator[InputSlip]:
    """Yield the slips that what the book holds of before proves; nothing where it holds nothing."""
    report = shipped_report(template.report, template.text("xl_edition"))
    columns = list(_written_columns(template))
    if report is None:
        yield from _removed_cities(template, _written_units(template), WRITTEN)
    else:
        columns = [*_shipped_columns(template, report), *columns]
        scored = [unit.id for unit in report.dataset.units if unit.population]
        yield from _removed_cities(template, scored, SHIPPED)
        yield from _find_exchanged_names(template, report)
        yield from _find_other_sources(template, report)
    explained: set[str] = set()
    for column in columns:
        slip = None if column.code in explained else _slip_in_column(template, column)
        if slip is not None:
            explained.add(column.code)
            yield slip


def _rows(template: Template) -> tuple[str, ...]:
    return tuple(sorted(template.rows, key=lambda unit: template.rows[unit]))


def _values(template: Template, units: Sequence[str], code: str) -> list[float]:
    data = template.dataset
    column = data.column(code)
    cells = [(data.rows[unit], column) for unit in units]
    return [
        float(data.values[cell]) if data.states[cell] == State.VALUE else math.nan for cell in cells
    ]


def _shipped_columns(template: Template, report: Report) -> Iterator[_Column]:
    shipped = report.dataset
    units = tuple(unit for unit in _rows(template) if unit in shipped.rows)
    for code in template.columns:
        if code in shipped.codes and code in template.dataset.codes:
            column = shipped.column(code)
            before = [
                float(shipped.values[shipped.rows[unit], column])
                if shipped.states[shipped.rows[unit], column] == State.VALUE
                else math.nan
                for unit in units
            ]
            yield _Column(code, units, _values(template, units, code), before, SHIPPED)


def _written_columns(template: Template) -> Iterator[_Column]:
    """Yield the one indicator that was changed since the sums were recorded, with former values.

    Former values have few decimals. Of any other indicator the sums give numbers with many, as
    each has a weight of its own.
    """
    recorded = read_recorded(template.book)
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    units = _rows(template)
    apart = {unit: recorded.sums[unit] - sums[unit] for unit in units
             if unit in sums and recorded.sums.get(unit, sums[unit]) != sums[unit]}  # fmt: skip
    explaining = []
    for code, weight in recorded.weights.items():
        if not weight or code not in template.columns or len(apart) < 2:
            continue
        now, slack = _values(template, units, code), 2 * _RECORDED / weight
        decimals = math.floor(-math.log10(1000 * slack))
        former = [
            round(value + apart.get(unit, 0.0) / weight, decimals) if unit in apart else value
            for unit, value in zip(units, now, strict=True)
        ]
        exact = (
            abs(value + apart[unit] / weight - old) <= slack
            for unit, value, old in zip(units, now, former, strict=True)
            if unit in apart
        )
        if all(exact):
            explaining.append(_Column(code, units, now, former, WRITTEN))
    if len(explaining) == 1:
        yield explaining[0]


def _written_units(template: Template) -> list[str]:
    recorded = read_recorded(template.book)
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    return [unit for unit, value in recorded.sums.items() if value and unit not in sums] + [*sums]


def _removed_cities(template: Template, units: Sequence[str], source: str) -> Iterator[InputSlip]:
    """Yield the cities with values before that the sample or the table has no more."""
    scored = {unit.id for unit in template.dataset.units if unit.population}
    gone = [unit for unit in units if unit not in scored or unit not in template.rows]
    if gone and len(gone) < len(units) / 2:
        area = template.area("xl_cities")
        ids = [plain_text(row[0]) for row in template.book.block(area)]
        row = area.r1 + (ids.index(gone[0]) if gone[0] in ids else 0)
        cities = ", ".join(gone[:_FEW]) + (", …" if len(gone) > _FEW else "")
        message = (
            f"{counted(len(gone), 'city', 'cities')} taken out of what was {source}: {cities}."
        )
        yield InputSlip(area.sheet, cell_name(row, area.c1), "", message)


def _find_exchanged_names(template: Template, report: Report) -> Iterator[InputSlip]:
    area = template.area("xl_cities")
    heads, *rows = [[plain_text(value) for value in texts] for texts in template.book.block(area)]
    shipped_units = {unit.id: unit for unit in report.dataset.units}
    for name in ("name_zh", "name_en"):
        column = heads.index(name)
        other = {
            texts[0]: (row, texts[column], getattr(shipped_units[texts[0]], name))
            for row, texts in enumerate(rows, area.r1 + 1)
            if texts[0] in shipped_units and texts[column] != getattr(shipped_units[texts[0]], name)
        }
        for (a, first), (b, second) in combinations(other.items(), 2):
            if first[1:] == second[:0:-1]:
                message = f"the names of {a} and {b} are exchanged ({first[1]}, {second[1]})."
                cell = cell_name(second[0], area.c1 + column)
                yield InputSlip(area.sheet, cell_name(first[0], area.c1 + column), cell, message)


def _find_other_sources(template: Template, report: Report) -> Iterator[InputSlip]:
    area = template.area("xl_sources")
    heads, *rows = [[plain_text(value) for value in texts] for texts in template.book.block(area)]
    for row, texts in enumerate(rows, area.r1 + 1):
        node = report.framework.inputs.get(texts[0])
        for name in _SOURCES if node is not None else ():
            old, new = getattr(node, name), texts[heads.index(name)]
            if old and old != new:
                message = f"{name} of {texts[0]}: {new or 'nothing'} instead of {old}."
                yield InputSlip(
                    area.sheet, cell_name(row, area.c1 + heads.index(name)), "", message
                )


def _slip_in_column(template: Template, column: _Column) -> InputSlip | None:
    """Return what one slip did to an indicator: the first that explains it."""
    changed = column.changed
    for judge in (_find_moved, _find_rounded, _find_zeros, _find_exchanged) if changed else ():
        positions, message = judge(template, column, changed)
        if message:
            sheet, right = template.area("in_data").sheet, template.columns[column.code]
            rows = [template.rows[column.units[position]] for position in positions]
            first, last = cell_name(min(rows), right), cell_name(max(rows), right)
            return InputSlip(sheet, first, f"{first}:{last}" if first != last else "", message)
    return None


_Explanation = tuple[list[int], str]


def _find_moved(template: Template, column: _Column, changed: list[int]) -> _Explanation:
    for step, side in ((-1, "above"), (1, "below")):
        pasted = [
            position
            for position in changed
            if 0 <= position + step < len(column.before)
            and column.now[position] == column.before[position + step]
        ]
        if len(pasted) >= max(_FEW, _MOST * len(changed)):
            rows = [template.rows[column.units[position]] for position in pasted]
            beside = sum(b - a == 1 for a, b in pairwise(rows))
            if beside >= _MOST * (len(rows) - 1):
                text = (
                    f"{len(pasted)} values of {column.code} are those {column.source} in the row "
                )
                return pasted, f"{text}{side}: they were pasted one row off."
    return [], ""


def _find_rounded(template: Template, column: _Column, changed: list[int]) -> _Explanation:
    for decimals in _ROUNDED:
        present = [value for value in column.now if not math.isnan(value)]
        same = all(round(value, decimals) == value for value in present)
        if (
            same
            and len(changed) >= _FEW
            and all(
                abs(column.now[position] - column.before[position]) <= 0.5 * 10.0**-decimals + 1e-12
                for position in changed
            )
        ):
            digits = counted(decimals, "decimal")
            text = f"{column.code} is rounded to {digits}: {len(changed)} values {column.source}"
            return changed, f"{text} have more."
    return [], ""


def _find_zeros(template: Template, column: _Column, changed: list[int]) -> _Explanation:
    zeros = [
        position
        for position in changed
        if column.now[position] == 0 and math.isnan(column.before[position])
    ]
    if zeros and 2 * len(changed) <= len(column.units):
        text = f"0 for {counted(len(zeros), 'city', 'cities')} without a value in {column.code}"
        return zeros, f"{text}: a missing value is not 0."
    return [], ""


def _find_exchanged(template: Template, column: _Column, changed: list[int]) -> _Explanation:
    if len(changed) != 2:
        return [], ""
    a, b = changed
    if column.now[a] != column.before[b] or column.now[b] != column.before[a]:
        return [], ""
    text = f"the values of {column.units[a]} and {column.units[b]} in {column.code} are exchanged"
    return changed, f"{text} against those {column.source}."
