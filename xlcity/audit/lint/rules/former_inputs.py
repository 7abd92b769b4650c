"""Inputs that are not what they were: moved to other cities, typed over, or cities taken out.

Values are compared with what is known of before: those that a report ships, that were sealed, that
a person has confirmed, those of the last edition, and those that the sums recorded at the last
filling give back. Where many cities and indicators differ the data are new ones, of which former
values say nothing. Whether numbers vanished, counts say that were recorded with the sums.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.counted_inputs import CountedInputs
from xlcity.audit.lint.rules.known_values import (
    Matrix,
    confirmed_values,
    sealed_values,
)
from xlcity.audit.lint.rules.magnitudes import (
    find_column_factor,
    find_edition_factor,
    find_edition_slips,
    find_far_values,
    find_slip,
)
from xlcity.audit.lint.subject import Subject
from xlcity.errors import first_of
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.model.dataset import UNFILLED, Dataset, State, Status, Unit
from xlcity.workbook.reading.recorded_values import (
    Flags,
    Recorded,
    moved_values,
    read_recorded,
    sums_of,
)
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import read_last, shipped_report
from xlcity.workbook.spec.previous_edition import LastEdition
from xlcity.xlsx.address import Range, cell_name, ranges_text

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
SHIPPED: str = Message("source.shipped")
WRITTEN: str = Message("source.written")
_SEALED: str = Message("source.sealed")
_CONFIRMED: str = Message("source.confirmed")


@finds(order=80)
def former_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield what is unlike before, and values far from the others.

    Values or cities moved (E05, W31), and some were replaced (W32, a note): by another order of
    magnitude (W42), by nothing (W43, a note), or by 0 for what was missing (W44). Values far from
    the others (W41, a note) come first: the reason may be the same.
    """
    if (template := subject.template) is None:
        return
    inputs = FormerInputs.of_data(template)
    known = {
        _SEALED: sealed_values(subject, inputs),
        _CONFIRMED: confirmed_values(subject, inputs),
    }
    for values in known.values():
        inputs.settle(values)
    unlike_before = [*_unlike_before(inputs, known)]
    yield from inputs.far_values()
    yield from unlike_before


def _unlike_before(
    inputs: FormerInputs, known: Mapping[str, Matrix]
) -> Iterator[Finding]:
    """Yield what is unlike before; `known` are values by what vouches for them."""
    template = inputs.template
    recorded = read_recorded(template.book)
    report = shipped_report(template.report, template.text("xl_edition"))
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    moved = moved_values(recorded, sums)
    inputs.moved |= bool(moved)
    yield from _moved_cities(template, moved)
    former = [unit for unit, total in recorded.sums.items() if total or unit in sums]
    yield from _removed_cities(template, former)
    if report is not None:
        yield from _unlike_shipped(inputs, report.dataset)
    for source, values in known.items():
        yield from inputs.compare(values, source, only_slips=True)
    last = read_last(template.book)
    if last is not None:
        yield from inputs.compare_edition(last)
    gaps = _find_gaps(inputs, recorded, sums)
    if not moved:
        exchanged = _exchanged_values(inputs, recorded, sums, gaps)
        yield from inputs.compare(exchanged, WRITTEN)
    yield from inputs.compare(_swapped_values(inputs, recorded.weights, gaps), WRITTEN)
    written = _written_values(inputs, recorded.weights, gaps)
    _leave_out_filled_gaps(written, inputs, recorded)
    yield from inputs.compare(written, WRITTEN)
    if not moved:
        yield from CountedInputs(inputs, recorded, {*gaps}).findings()


def _find_gaps(
    inputs: FormerInputs, recorded: Recorded, sums: Mapping[str, float]
) -> dict[int, float]:
    """Return by how much the recorded sum of a city is more than that of now, by its row."""
    gaps = {}
    for row, unit in enumerate(inputs.units):
        if unit in sums:
            gap = recorded.sums.get(unit, sums[unit]) - sums[unit]
            if gap:
                gaps[row] = gap
    return gaps


def _unlike_shipped(inputs: FormerInputs, shipped: Dataset) -> Iterator[Finding]:
    """Yield what is unlike the values that a report ships with, on all sheets of inputs."""
    values = _values_of(shipped, inputs)
    inputs.settle(values)
    yield from inputs.compare(values, SHIPPED)
    yield from inputs.zeros_for_gaps(shipped, SHIPPED)
    if (fields := _fields_of(inputs.template)) is not None:
        yield from fields.compare(_values_of(shipped, fields), SHIPPED)


def _leave_out_filled_gaps(
    written: Matrix, inputs: FormerInputs, recorded: Recorded
) -> None:
    """Make NaN of what counted 0 in the sum of a city that has more numbers now."""
    for row, unit in enumerate(inputs.units):
        numbers = int((~np.isnan(inputs.values[row])).sum())
        if unit in recorded.by_city and numbers > recorded.by_city[unit].numbers:
            written[row, written[row] == 0] = np.nan


class FormerInputs:
    """The inputs in the order of the rows of their sheet; NaN for what is not a number."""

    def __init__(
        self,
        template: Template,
        codes: Range,
        rows: Mapping[str, int],
        columns: Mapping[str, int],
    ) -> None:
        self.template = template
        self.sheet = codes.sheet
        #: The row of the codes above the values.
        self.head = codes.r1
        self.rows = rows
        self.columns = columns
        self.units = tuple(sorted(rows, key=lambda unit: rows[unit]))
        self.codes = tuple(code for code in template.dataset.codes if code in columns)
        dataset = template.dataset.reindexed(tuple(map(Unit, self.units)), self.codes)
        self.values = dataset.values
        self.states = dataset.states
        #: What was reported, what of that as moved, and what a person or a source vouches for.
        self.reported = np.zeros(self.values.shape, dtype=bool)
        self.moved = self.reported.copy()
        self._settled = self.reported.copy()
        self._slips = self.reported.copy()

    @classmethod
    def of_data(cls, template: Template) -> FormerInputs:
        """Return the inputs of the sheet `Data`."""
        codes = template.area("xl_codes")
        return cls(template, codes, template.rows, template.columns)

    def settle(self, known: Matrix) -> None:
        """Take the values that are as known for right, whatever others are."""
        self._settled |= np.isclose(self.values, known, rtol=_EQUAL, atol=_EQUAL)

    def compare(
        self, former: Matrix, source: str, *, only_slips: bool = False
    ) -> Iterator[Finding]:
        """Yield what is not as before and was not reported yet, by indicators or by cities."""
        same = np.isnan(self.values - former) | self.reported
        same |= np.isclose(self.values, former, rtol=_EQUAL, atol=_EQUAL)
        gone = self._find_gone(former, source) & ~self.reported
        differing = ~same | gone
        differing_codes = differing.any(axis=0).sum()
        differing_units = differing.any(axis=1).sum()
        if min(differing_codes, differing_units) > _FEW:
            return
        if not only_slips:
            yield from self._moved_values(former, ~same, source)
        yield from self._replaced_by_slips(former, ~same & ~self.reported, source)
        if not only_slips:
            yield from self._gone_values(former, gone, source)
            yield from self._replaced_values(former, ~same & ~self.reported, source)

    def _moved_values(
        self, former: Matrix, changed: Flags, source: str
    ) -> Iterator[Finding]:
        """Yield values that stood at other cities or at other indicators."""
        for cells in self._find_moved(former, changed):
            codes = dict.fromkeys(self.codes[column] for _, column in cells)
            message = Message(
                "lint.moved_to_cities",
                number=len(cells),
                codes=first_of(codes, _FEW),
                source=source,
            )
            yield self._report("W31", cells, message)
        yield from self._moved_along_rows(former, changed & ~self.reported, source)
        self.moved |= changed & self.reported

    def _moved_along_rows(
        self, former: Matrix, changed: Flags, source: str
    ) -> Iterator[Finding]:
        """Yield values that stood at other indicators: whole columns together, else by cities."""
        rows_by_columns: dict[tuple[int, ...], list[int]] = {}
        for row in np.flatnonzero(changed.sum(axis=1) > 1).tolist():
            places = np.flatnonzero(changed[row])
            now, before = (by[row, places] for by in (self.values, former))
            if np.array_equal(np.sort(now), np.sort(before)):
                key = tuple(places.tolist())
                rows_by_columns.setdefault(key, []).append(row)
        for columns, rows in rows_by_columns.items():
            if len(rows) > _FEW:
                yield self._exchanged_columns(columns, rows, source)
                # What else differs there is beside values of another indicator.
                self.reported[:, columns] |= changed[:, columns]
                continue
            names = first_of([self.codes[column] for column in columns], _FEW)
            for row in rows:
                message = Message(
                    "lint.moved_to_indicators",
                    number=len(columns),
                    unit=self.units[row],
                    codes=names,
                    source=source,
                )
                cells = [(row, column) for column in columns]
                yield self._report("W31", cells, message)

    def _exchanged_columns(
        self, columns: tuple[int, ...], rows: list[int], source: str
    ) -> Finding:
        """Return W31 at the codes above columns that stood at other indicators in many rows."""
        codes = [self.codes[column] for column in columns]
        message = Message(
            "lint.columns_exchanged",
            codes=first_of(codes, _FEW),
            source=source,
            rows=len(rows),
        )
        heads = [(self.head, self.columns[code]) for code in codes]
        return replace(
            self._report("W31", [*product(rows, columns)], message),
            cell=cell_name(*min(heads)),
            region=ranges_text(heads),
        )

    def _replaced_values(
        self, former: Matrix, changed: Flags, source: str
    ) -> Iterator[Finding]:
        """Yield the other values that were typed over, by indicators or by cities."""
        left = [(row, column) for row, column in np.argwhere(changed).tolist()]
        rows = {row for row, _ in left}
        columns = {column for _, column in left}
        axis = 1 if len(columns) <= len(rows) else 0
        for cells in grouped((cell[axis], cell) for cell in left).values():
            first = cells[0]
            message = Message(
                "lint.typed_over",
                about=self._about(first),
                now=f"{self.values[first]:.12g}",
                was=f"{former[first]:.12g}",
                source=source,
            )
            yield self._report("W32", cells, message, "note")

    # -- other orders of magnitude ---------------------------------------------------------------
    def _replaced_by_slips(
        self, former: Matrix, changed: Flags, source: str
    ) -> Iterator[Finding]:
        """Yield W42: a column in another unit, and values with a slip of point, sign or date."""
        for column in np.flatnonzero(changed.any(axis=0)).tolist():
            rows = np.flatnonzero(changed[:, column] & ~self._settled[:, column])
            now, before = (by[:, column] for by in (self.values, former))
            if (factor := find_column_factor(now, before)) is not None:
                yield self._column_factor(column, rows.tolist(), factor, source)
                continue
            for row in rows.tolist():
                if slip := find_slip(float(now[row]), float(before[row])):
                    yield self._slip((row, column), former, slip, source)

    def compare_edition(self, last: LastEdition) -> Iterator[Finding]:
        """Yield W42 beside the last edition, which all values differ from."""
        source = Message("source.former_edition")
        if last.edition:
            source = Message("source.edition", edition=last.edition)
        codes_then = last.comparable()
        then = np.full(self.values.shape, np.nan)
        for column, code in enumerate(self.codes):
            for row, unit in enumerate(self.units):
                key = unit, codes_then.get(code, "")
                is_invented = last.status.get(("values", *key)) == Status.SYNTHETIC
                if key in last.values and not is_invented:
                    then[row, column] = last.values[key]
        open_values = np.where(self._settled | self.reported, np.nan, self.values)
        for column in range(len(self.codes)):
            now = open_values[:, column]
            before = then[:, column]
            if (factor := find_edition_factor(now, before)) is not None:
                rows = np.flatnonzero(~np.isnan(now - before)).tolist()
                yield self._column_factor(column, rows, factor, source)
                continue
            for row, slip in find_edition_slips(now, before):
                yield self._slip((row, column), then, slip, source)

    def _column_factor(
        self, column: int, rows: list[int], factor: float, source: str
    ) -> Finding:
        code = self.codes[column]
        message = Message(
            "lint.another_unit",
            number=len(rows),
            code=code,
            factor=factor,
            source=source,
        )
        cells = [(row, column) for row in rows]
        named = Message("slip.another_unit", code=code, factor=factor)
        return self._report("W42", cells, message, named=named)

    def _slip(self, cell: _Cell, former: Matrix, slip: str, source: str) -> Finding:
        now = f"{self.values[cell]:.12g}"
        self._slips[cell] = True
        message = Message(
            "lint.slip",
            about=self._about(cell),
            now=now,
            was=f"{former[cell]:.12g}",
            source=source,
            slip=slip,
        )
        named = Message(
            "slip.of_cell", about=self._about_named(cell), value=now, slip=slip
        )
        return self._report("W42", [cell], message, named=named)

    def far_values(self) -> Iterator[Finding]:
        """Yield W41, a note: values far from the others that nothing is known of before."""
        units = {u.id for u in self.template.dataset.units if u.is_scored}
        are_scored = np.array([unit in units for unit in self.units], dtype=bool)
        scored = np.where(are_scored[:, np.newaxis], self.values, np.nan)
        for column in range(len(self.codes)):
            for far in find_far_values(scored[:, column]):
                cell = far.row, column
                if (self._settled | self._slips | self.moved)[cell]:
                    continue
                shown = f"{self.values[cell]:.12g}"
                message = Message(
                    "lint.far",
                    about=self._about(cell),
                    value=shown,
                    slip=far.word,
                    code=self.codes[column],
                    median=far.median,
                )
                value = float(self.values[cell])
                fix = Message("hint.compare_or_confirm", value=value)
                about = self._about_named(cell)
                named = Message("slip.of_cell", about=about, value=shown, slip=far.word)
                yield self._report(
                    "W41", [cell], message, level="note", fix=fix, named=named
                )

    # -- numbers that vanish or appear -----------------------------------------------------------
    def _find_gone(self, former: Matrix, source: str) -> Flags:
        """Return where there was a number and is none.

        Shipped numbers that are not typed yet are not gone.
        """
        is_gone = np.isnan(self.values) & ~np.isnan(former)
        is_gone &= ~np.isin(self.states, UNFILLED) | (source == WRITTEN)
        gone: Flags = is_gone & ~self.find_wrong_cells()
        return gone

    def find_wrong_cells(self) -> Flags:
        """Return where something stands that cannot be used: not a number, but not gone."""
        is_wrong = np.zeros(self.values.shape, dtype=bool)
        for problem in self.template.problems:
            unit = problem.where.unit
            code = problem.where.indicator
            if unit in self.units and code in self.codes:
                is_wrong[self.units.index(unit), self.codes.index(code)] = True
        return is_wrong

    def _gone_values(
        self, former: Matrix, gone: Flags, source: str
    ) -> Iterator[Finding]:
        """Yield W43, a note: what was a number."""
        for row, column in np.argwhere(gone).tolist():
            cell = row, column
            gap = self._gap_word(cell)
            message = Message(
                "lint.gone",
                about=self._about(cell),
                gap=gap,
                was=f"{former[cell]:.12g}",
                source=source,
            )
            named = Message("summary.gone", about=self._about_named(cell), gap=gap)
            yield self._report("W43", [cell], message, "note", named=named)

    def _gap_word(self, cell: _Cell) -> str:
        is_blank = self.states[cell] in UNFILLED
        return Message("value.blank") if is_blank else Message("value.na")

    def zeros_for_gaps(self, former: Dataset, source: str) -> Iterator[Finding]:
        """Yield W44 where 0 stands for what was confirmed missing."""
        was = former.reindexed(tuple(map(Unit, self.units)), self.codes).states
        is_zero = (self.values == 0) & (was == State.MISSING)
        for row, column in np.argwhere(is_zero & ~self._settled).tolist():
            yield self.zero_for_gap([(row, column)], source)

    def zero_for_gap(self, cells: list[_Cell], source: str = WRITTEN) -> Finding:
        """Return W44 for one of some cells."""
        about = self._about(cells[0])
        message = Message("lint.zero_for_gap", about=about, source=source)
        named = Message("summary.zero_for_gap", about=self._about_named(cells[0]))
        return self._report("W44", cells, message, named=named)

    def fewer_numbers(
        self, name: str, now: int, before: int, cells: list[_Cell]
    ) -> Finding:
        """Return W43 for a city or an indicator that has fewer numbers than before."""
        message = Message("lint.fewer_numbers", name=name, now=now, before=before)
        named = Message("summary.fewer_numbers", name=name, now=now, before=before)
        return self._report("W43", cells, message, "note", named=named)

    @property
    def open_zeros(self) -> Flags:
        """Where 0 stands that nobody vouches for and that was not reported."""
        is_open: Flags = (self.values == 0) & ~self._settled & ~self.reported
        return is_open

    def _about(self, cell: _Cell) -> str:
        row, column = cell
        return Message("lint.cell_of", code=self.codes[column], unit=self.units[row])

    def _about_named(self, cell: _Cell) -> str:
        """Return what the first sentence calls a cell; its phrases have commas between them."""
        row, column = cell
        name = self.template.city_name(self.units[row]).replace(", ", " ")
        return Message("lint.cell_of", code=self.codes[column], unit=name)

    def _find_moved(self, former: Matrix, changed: Flags) -> Iterator[list[_Cell]]:
        """Yield the changed values that stood at other cities, of the same cities together."""
        columns_by_rows: dict[tuple[int, ...], list[int]] = {}
        for column in np.flatnonzero(changed.any(axis=0)).tolist():
            rows = np.flatnonzero(changed[:, column])
            now = _count_values(self.values[rows, column])
            before = _count_values(former[rows, column])
            if (now & before).total() >= max(2, _SHARE * len(rows)):
                columns_by_rows.setdefault(tuple(rows.tolist()), []).append(column)
        for cities, columns in columns_by_rows.items():
            places = product(columns, cities)
            yield [(row, column) for column, row in places]

    def _report(
        self,
        rule: str,
        cells: list[_Cell],
        message: str,
        level: str = "",
        fix: str = "",
        named: str = "",
    ) -> Finding:
        """Return the finding of cells, which later comparisons leave out."""
        positions = []
        for row, column in cells:
            self.reported[row, column] = True
            unit = self.units[row]
            positions.append((self.rows[unit], self.columns[self.codes[column]]))
        region = ranges_text(positions) if len(cells) > 1 else ""
        first = cell_name(*min(positions))
        more = len(cells) - 1 if rule == "W32" else 0
        if more:
            message = Message("lint.more_cells", message=message, number=more)
        return Finding(
            rule,
            self.sheet,
            first,
            message,
            fix=fix,
            region=region,
            fault=message,
            level=level,
            count=1 + more,
            named=named,
        )


def _count_values(values: Matrix) -> Counter[str]:
    return Counter(f"{value:.9g}" for value in values)


def _fields_of(template: Template) -> FormerInputs | None:
    """Return the inputs of the sheet of fields, if there is one."""
    if "in_fields" not in template.book.names:
        return None
    units = template.area("in_field_units")
    codes = template.area("xl_field_codes")
    known = {*template.rows}
    rows: dict[str, int] = {}
    for row, (value,) in enumerate(template.book.block(units), units.r1):
        unit = plain_text(value)
        if unit in known:
            rows[unit] = row
    heads = enumerate(template.book.block(codes)[0], codes.c1)
    columns = {plain_text(head): column for column, head in heads}
    return FormerInputs(template, codes, rows, columns)


def _values_of(dataset: Dataset, inputs: FormerInputs) -> Matrix:
    """Return the numbers of a dataset in the order of the inputs, else NaN."""
    return dataset.reindexed(tuple(map(Unit, inputs.units)), inputs.codes).values


def _exchanged_values(
    inputs: FormerInputs, recorded: Recorded, sums: Mapping[str, float], gaps: _Gaps
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
    inputs: FormerInputs, weight_by_code: Mapping[str, float], gaps: _Gaps
) -> Matrix:
    """Return the former values of cities whose sum two of their values give exchanged, else NaN."""
    former = np.full(inputs.values.shape, np.nan)
    weights = np.array([weight_by_code.get(code, 0.0) for code in inputs.codes])
    for row, gap in gaps.items():
        own = inputs.values[row]
        differences = np.subtract.outer(own, own)
        gains = np.triu(differences * np.subtract.outer(weights, weights), 1)
        pairs = np.argwhere(np.abs(gap + gains) <= 2 * _RECORDED).tolist()
        if len(pairs) == 1:
            former[row, pairs[0]] = own[pairs[0][::-1]]
    return former


def _written_values(
    inputs: FormerInputs, weight_by_code: Mapping[str, float], gaps: _Gaps
) -> Matrix:
    """Return the former values of what was changed since the sums were recorded, else NaN.

    Each indicator has a weight of its own in a city's sum: what the sum is off by gives a former
    value with few decimals in the indicator that was changed, and with many in any other. Changes
    of one indicator explain all cities at once, else each city is explained alone.
    """
    former = np.full(inputs.values.shape, np.nan)
    every = [*gaps]
    groups = [every]
    if len(gaps) <= _FEW:
        groups += [[row] for row in gaps]
    for rows in groups:
        fitting = _fitting_values(
            inputs, weight_by_code, {row: gaps[row] for row in rows}
        )
        if len(fitting) == 1:
            column, values = fitting.popitem()
            former[:, column] = inputs.values[:, column]
            former[rows, column] = values
            if rows == every:
                break
    return former


def _fitting_values(
    inputs: FormerInputs, weight_by_code: Mapping[str, float], gaps: _Gaps
) -> dict[int, Matrix]:
    """Return the former values of cities in each indicator that may have changed alone."""
    # What is not a number now counts as 0 in the sums, and may be what was changed.
    now = np.nan_to_num(inputs.values)
    fitting = {}
    for column, code in enumerate(inputs.codes):
        weight = weight_by_code.get(code, 0.0)
        if not gaps or not weight:
            continue
        slack = 2 * _RECORDED / weight
        values = now[[*gaps], column] + [gap / weight for gap in gaps.values()]
        rounded = np.round(values, math.floor(-math.log10(1000 * slack)))
        if (np.abs(values - rounded) <= slack).all():
            fitting[column] = rounded
    return fitting


def _moved_cities(template: Template, moved: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the cities that have the values of others, by the sums recorded at the last filling."""
    if not moved:
        return
    named = (f"{unit} ← {other}" for unit, other in moved.items() if other)
    first = next(named, next(iter(moved)))
    rows = [template.rows[unit] for unit in moved if unit in template.rows]
    cells = [cell_name(row, 1) for row in rows]
    yield Finding(
        "E05",
        template.area("in_data").sheet,
        cells[0],
        Message("XC442.other_cities", number=len(moved), first=first),
        fix=Message("XC442.other_cities.hint"),
        region=", ".join(cells),
        fault="values moved",
        code="XC442",
        count=len(moved),
    )


def _removed_cities(template: Template, former: list[str]) -> Iterator[Finding]:
    """Yield the cities of the values written last that are not scored now, or have no row."""
    scored = {unit.id for unit in template.dataset.units if unit.population}
    here = scored & template.rows.keys()
    gone = [unit for unit in former if unit not in here]
    if gone and len(gone) < len(former) / 2:
        yield from _report_removed(template, gone, scored)


def _report_removed(
    template: Template, gone: list[str], scored: set[str]
) -> Iterator[Finding]:
    """Yield the findings of removed cities: rows that were emptied, and others."""
    without_row = [unit for unit in gone if unit in scored]
    rows = _emptied_rows(template)
    if without_row and len(rows) == len(without_row):
        names = first_of(without_row, _FEW)
        message = Message("lint.row_emptied", cities=names, source=WRITTEN)
        units = template.area("in_units")
        yield _at_rows(units.sheet, units.c1, rows, message)
        gone = [unit for unit in gone if unit not in scored]
    if gone:
        yield _report_gone(template, gone)


def _report_gone(template: Template, gone: list[str]) -> Finding:
    """Return W31 for cities that have no scores now, in the list of cities."""
    area = template.area("xl_cities")
    header, *lines = template.book.block(area)
    rows_by_city = {}
    for number, line in enumerate(lines, area.r1 + 1):
        rows_by_city[plain_text(line[0])] = number
    message = Message(
        "lint.cities_gone",
        number=len(gone),
        source=WRITTEN,
        cities=first_of(gone, _FEW),
    )
    places = [rows_by_city.get(city, area.r1) for city in gone]
    column = area.c1 + header.index("population")
    return _at_rows(area.sheet, column, places, message)


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
