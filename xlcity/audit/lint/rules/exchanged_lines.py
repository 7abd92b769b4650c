"""Lines of `Links` and `Items` that are not what they were: entries exchanged, or typed over.

They are compared with the lines that a report ships, and with a number per city that the book
recorded when its values were written last: two entries are exchanged where it takes their exchange
to restore what was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.former_inputs import SHIPPED, WRITTEN
from xlcity.audit.lint.subject import Subject
from xlcity.grouping import grouped
from xlcity.messages import Message, joined
from xlcity.model.nodes import spreadsheet_key
from xlcity.workbook.reading.recorded_lines import (
    LINKS,
    TABLES,
    Line,
    LineTable,
    Numbers,
    comparable,
    entry_text,
    line_number,
    lines_of,
    number_lines,
)
from xlcity.workbook.reading.recorded_values import read_recorded
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.xlsx.address import cell_name, ranges_text
from xlcity.xlsx.cells import Position

#: Lines, or cities, that differ up to which these are looked at: more are new data.
_MOST_LINES = 100
_MOST_CITIES = 8
#: Lines of such cities up to which each is tried with each other one.
_MOST_TRIED = 200

#: Whether other lines in the place of some are the former ones.
_Restores = Callable[[Sequence[Line], Sequence[Line]], bool]


class _Exchange(NamedTuple):
    """Lines as they are and as they would be, and the columns whose entries change places."""

    now: tuple[Line, ...]
    then: tuple[Line, ...]
    columns: tuple[int, ...]


class _TypedOver(NamedTuple):
    """A line, the line that it was, and the only column in which they differ."""

    line: Line
    then: Line
    column: int


@finds(order=82)
def changed_lines(subject: Subject) -> Iterator[Finding]:
    """Yield entries of `Links` and `Items` that were exchanged (W31), or typed over (W32)."""
    if (template := subject.template) is None:
        return
    report = shipped_report(template.report, template.text("xl_edition"))
    recorded = read_recorded(template.book)
    for table in TABLES:
        if table.name not in template.book.names:
            continue
        lines = _TypedLines(template, table)
        if report is not None:
            shipped = lines_of(table, template.recipe, report.dataset)
            yield from lines.unlike_shipped(shipped)
        if table.record in recorded.lines:
            yield from lines.unlike_recorded(recorded.lines[table.record])


class _TypedLines:
    """The lines of a table with their rows."""

    def __init__(self, template: Template, table: LineTable) -> None:
        self.template = template
        self.table = table
        self.area = template.area(table.name)
        self.recipe = template.recipe
        self.lines = lines_of(table, self.recipe, template.dataset)
        self.reported: set[Line] = set()

    @cached_property
    def _rows(self) -> dict[Line, int]:
        """The first row of each line, read as the dataset has it."""
        area = self.area
        ids = {spreadsheet_key(u.id): u.id for u in self.template.dataset.units}
        rows: dict[Line, int] = {}
        filled = self.template.book.block(area)[1:]
        for row, cells in enumerate(filled, area.r1 + 1):
            texts = [plain_text(cell) for cell in cells[: self.table.columns]]
            for column in self.table.cities:
                texts[column] = ids.get(spreadsheet_key(texts[column]), "")
            for column in range(3, self.table.columns):
                is_code = self.table is LINKS and isinstance(cells[column], str)
                texts[column] = "" if is_code else entry_text(texts[column])
            rows.setdefault(tuple(texts), row)
        return rows

    def _by_content(self, lines: Sequence[Line]) -> dict[Line, Line]:
        """Return lines by what makes two of them equal."""
        return {comparable(line, self.recipe): line for line in lines}

    def unlike_shipped(self, shipped: Sequence[Line]) -> Iterator[Finding]:
        """Yield what is not as shipped; many other lines are new data."""
        former = self._by_content(shipped)
        present = self._by_content(self.lines)
        changed = [present[key] for key in present if key not in former]
        lost = {key for key in former if key not in present}
        if not changed or max(len(changed), len(lost)) > _MOST_LINES:
            return

        def restores(now: Sequence[Line], then: Sequence[Line]) -> bool:
            return self._by_content(then).keys() <= lost

        yield from self._exchanges(changed, restores, SHIPPED)
        left = [line for line in changed if line not in self.reported]
        yield from self._typed_over(left, [former[key] for key in lost])

    def unlike_recorded(self, then: Numbers) -> Iterator[Finding]:
        """Yield exchanges that restore the numbers of the cities whose lines are others."""
        now = number_lines(self.table, self.recipe, self.lines)
        gaps = _differences(now, then)
        if not gaps or len(gaps) > _MOST_CITIES:
            return

        def restores(now: Sequence[Line], then: Sequence[Line]) -> bool:
            change = self._change_of_numbers(now, then)
            return all(gaps.get(city) == number for city, number in change.items())

        left = [line for line in self.lines if line not in self.reported]
        changed = [line for line in left if self.table.cities_of(line) <= gaps.keys()]
        if len(changed) > _MOST_TRIED:
            return
        yield from self._exchanges(changed, restores, WRITTEN)

    def _change_of_numbers(
        self, now: Sequence[Line], then: Sequence[Line]
    ) -> Counter[str]:
        """Return city -> by how much its number changes where lines become others."""
        change = Counter[str]()
        for lines, sign in ((then, 1), (now, -1)):
            for line in lines:
                number = line_number(line, self.recipe)
                for city in self.table.cities_of(line):
                    change[city] += sign * number
        return change

    def _exchanges(
        self, changed: Sequence[Line], restores: _Restores, source: str
    ) -> Iterator[Finding]:
        """Yield W31 at the entries whose exchange restores what was."""
        cells_by_lines: dict[tuple[Line, ...], set[Position]] = {}
        known = [line for line in changed if line in self._rows]
        for exchange in self._possible_exchanges(known):
            if restores(exchange.now, exchange.then):
                cells = cells_by_lines.setdefault(exchange.now, set())
                for line in exchange.now:
                    cells.update(self._cell(line, c) for c in exchange.columns)
        for lines, cells in cells_by_lines.items():
            self.reported.update(lines)
            region = ranges_text(sorted(cells))
            message = Message(
                "lint.entries_exchanged",
                area=region,
                source=source,
                lines=joined(map(_describe, lines)),
            )
            first = cell_name(*min(cells))
            yield Finding("W31", self.area.sheet, first, message, region=region)

    def _possible_exchanges(self, lines: Sequence[Line]) -> Iterator[_Exchange]:
        """Yield the exchanges of two entries of a column, and of two side by side in a line."""
        left, right = self.table.entries
        for line in lines:
            if line[left] != line[right]:
                turned = [*line]
                turned[left] = line[right]
                turned[right] = line[left]
                yield _Exchange((line,), (tuple(turned),), self.table.entries)
        for pair in combinations(lines, 2):
            one, other = pair
            for column in range(self.table.columns):
                if one[column] != other[column]:
                    then = (
                        _with_entry(one, column, other[column]),
                        _with_entry(other, column, one[column]),
                    )
                    yield _Exchange(pair, then, (column,))

    def _typed_over(
        self, changed: Sequence[Line], lost: Sequence[Line]
    ) -> Iterator[Finding]:
        """Yield W32, a note, of each indicator: entries that differ alone in their line."""
        slips = self._lone_differences(changed, lost)
        for several in grouped(slips).values():
            cells = [self._cell(slip.line, slip.column) for slip in several]
            line, then, column = several[0]
            now = line[column] or "NA"
            was = then[column] or "NA"
            message = Message(
                "lint.typed_over",
                about=_describe(line),
                now=now,
                was=was,
                source=SHIPPED,
            )
            if len(several) > 1:
                more = len(several) - 1
                message = Message("lint.more_cells", message=message, number=more)
            yield Finding(
                "W32",
                self.area.sheet,
                cell_name(*min(cells)),
                message,
                region=ranges_text(cells) if len(cells) > 1 else "",
                level="note",
                count=len(cells),
            )

    def _lone_differences(
        self, changed: Sequence[Line], lost: Sequence[Line]
    ) -> Iterator[tuple[str, _TypedOver]]:
        """Yield (indicator, slip) of each line that is one lost line but for one entry."""
        for line in changed:
            slips = []
            for then in lost:
                column = _lone_difference(line, then)
                if column is not None:
                    slips.append(_TypedOver(line, then, column))
            if len(slips) == 1 and line in self._rows:
                yield line[0], slips[0]

    def _cell(self, line: Line, column: int) -> Position:
        return self._rows[line], self.area.c1 + column


def _differences(now: Numbers, then: Numbers) -> dict[str, float]:
    """Return city -> how much more it had then, of the cities whose number is another one."""
    gaps = {}
    for city in {*then, *now}:
        gap = then.get(city, 0.0) - now.get(city, 0.0)
        if gap:
            gaps[city] = gap
    return gaps


def _with_entry(line: Line, column: int, entry: str) -> Line:
    return *line[:column], entry, *line[column + 1 :]


def _lone_difference(line: Line, then: Line) -> int | None:
    """Return the only column in which two lines differ, None where there are more."""
    columns = [column for column, entry in enumerate(line) if entry != then[column]]
    return columns[0] if len(columns) == 1 else None


def _describe(line: Line) -> str:
    """Return indicator and names of a line: "TRD of town00 town01"."""
    names = " ".join(line[1:3])
    return Message("lint.line_of", code=line[0], names=names)
