"""Where the cities of a workbook stand: lists of names, and the blocks of numbers beside them.

The list is found by what formulas do: its cities are those over which RANK, MIN or AVERAGE run,
or over which a formula is filled. Words for totals and weights are not needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xlcity.proof.cells import TeamCells
from xlcity.xlsx.address import Range, find_runs
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import normalise_formula

#: Cities that a list has, at least.
FEWEST_CITIES = 4
#: Share of the names of a list that differ from each other, at least.
_DISTINCT = 0.95
#: Share of the cities that another block of them has, at least.
_SHARED = 0.6
#: What a formula that is filled along a list counts beside one that reads a range of it.
_FILL_VOTE = 0.1
#: Share of a line of a block that is filled in a series, at least.
_FILLED = 0.5


class CellLine(NamedTuple):
    """A line of cells: down a column (`down`), or across a row, of a sheet."""

    sheet: str
    down: bool
    line: int

    def at(self, index: int, line: int | None = None) -> Place:
        """Return the cell with a number along this line, or along a parallel one."""
        across = self.line if line is None else line
        position = (index, across) if self.down else (across, index)
        return self.sheet, position


class LineSpan(NamedTuple):
    """Numbers of rows (or columns) from the first to the last, on a sheet."""

    sheet: str
    down: bool
    first: int
    last: int


class NameRun(NamedTuple):
    """Names in cells that follow each other, the first one at `first`."""

    axis: CellLine
    first: int
    names: tuple[str, ...]

    @property
    def last(self) -> int:
        """Return the number of the last name."""
        return self.first + len(self.names) - 1

    def within(self, first: int, last: int) -> NameRun:
        """Return the names from one number to another."""
        names = self.names[first - self.first : last - self.first + 1]
        return NameRun(self.axis, first, names)


class CitySeries(NamedTuple):
    """A line of values, one for each city: the number of its block, and of its row or column."""

    block: int
    line: int


class CityCell(NamedTuple):
    """Whose value a cell holds: of which city, in which series."""

    city: int
    series: CitySeries


@dataclass(frozen=True)
class CityBlock:
    """Cells beside a list of cities.

    Attributes
    ----------
    axis
        Where the names stand.
    index_of
        City -> its row (or column).
    lines
        The columns (or rows) of values.
    """

    axis: CellLine
    index_of: Mapping[int, int]
    lines: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """Return the number of the first city's row."""
        return min(self.index_of.values())

    @property
    def last(self) -> int:
        """Return the number of the last city's row."""
        return max(self.index_of.values())


@dataclass(frozen=True)
class Cities:
    """The cities of a workbook and the blocks of cells beside them.

    Attributes
    ----------
    names
        The cities.
    blocks
        The cells beside each list of them.
    city_cells
        Cell -> the city and the series that it is of.
    """

    names: tuple[str, ...] = ()
    blocks: tuple[CityBlock, ...] = ()
    city_cells: Mapping[Place, CityCell] = field(default_factory=dict)

    @property
    def series(self) -> list[CitySeries]:
        """Return all series, block by block."""
        found = []
        for number, block in enumerate(self.blocks):
            found += [CitySeries(number, line) for line in block.lines]
        return found

    def place(self, series: CitySeries, city: int) -> Place | None:
        """Return the cell of a city in a series; None where its block lacks the city."""
        block = self.blocks[series.block]
        index = block.index_of.get(city)
        return None if index is None else block.axis.at(index, series.line)

    def cells(self, series: CitySeries) -> dict[int, Place]:
        """Return city -> its cell in a series."""
        block = self.blocks[series.block]
        return {
            city: block.axis.at(index, series.line)
            for city, index in block.index_of.items()
        }

    def area(self, series: CitySeries, last: CitySeries | None = None) -> Range:
        """Return the cells of all cities in a series, or from one series to another."""
        block = self.blocks[series.block]
        end = series if last is None else last
        top = block.axis.at(block.first, series.line)
        bottom = block.axis.at(block.last, end.line)
        return Range(block.axis.sheet, *top[1], *bottom[1])


def find_cities(cells: TeamCells) -> Cities:
    """Return the cities of a workbook; without any where no list has formulas along it."""
    runs = [*_name_runs(cells)]
    primary = _primary_list(runs, _votes(cells))
    if primary is None:
        return Cities()
    number_of = {name: number for number, name in enumerate(primary.names)}
    found = [primary, *_other_lists(runs, primary, number_of)]
    blocks = []
    for run in found:
        index_of: dict[int, int] = {}
        for index, name in enumerate(run.names, run.first):
            if name in number_of:
                index_of.setdefault(number_of[name], index)
        blocks.append(CityBlock(run.axis, index_of))
    return _with_lines(cells, primary.names, blocks)


def _name_runs(cells: TeamCells) -> Iterator[NameRun]:
    """Yield texts below or beside each other that have numbers beside them."""
    for sheet in cells.book.sheets:
        texts = cells.texts(sheet)
        valued = _valued_lines(cells, sheet)
        for down in (True, False):
            for axis, indices in _text_lines(sheet, texts, valued[down], down).items():
                yield from _runs_in_line(axis, indices, texts)


def _text_lines(
    sheet: str, texts: Mapping[Position, str], valued: set[int], down: bool
) -> dict[CellLine, list[int]]:
    """Return the columns (or rows) of texts, with the rows of theirs that have numbers."""
    lines: defaultdict[CellLine, list[int]] = defaultdict(list)
    for row, column in texts:
        index = row if down else column
        if index in valued:
            line = column if down else row
            lines[CellLine(sheet, down, line)].append(index)
    return lines


def _runs_in_line(
    axis: CellLine, indices: list[int], texts: Mapping[Position, str]
) -> Iterator[NameRun]:
    """Yield the texts of a line that follow each other."""
    for first, last in find_runs(indices):
        if last - first + 1 >= FEWEST_CITIES:
            places = [axis.at(number)[1] for number in range(first, last + 1)]
            yield NameRun(axis, first, tuple(texts[place] for place in places))


def _valued_lines(cells: TeamCells, sheet: str) -> dict[bool, set[int]]:
    """Return the rows (True) and the columns (False) of a sheet with a number in them."""
    rows = set()
    columns = set()
    table = cells.book.sheets[sheet].cells
    for (row, column), value in zip(table.positions, table.stored, strict=True):
        is_number = isinstance(value, float) or (sheet, (row, column)) in cells.formulas
        if is_number and not isinstance(value, str):
            rows.add(row)
            columns.add(column)
    return {True: rows, False: columns}


def _votes(cells: TeamCells) -> Counter[LineSpan]:
    """Return how strongly formulas take rows (or columns) for those of the cities."""
    readers: defaultdict[tuple[LineSpan, int], set[int]] = defaultdict(set)
    forms: defaultdict[tuple[CellLine, str], list[int]] = defaultdict(list)
    for (sheet, position), text in cells.formulas.items():
        row, column = position
        normalised = normalise_formula(text, row, column)
        forms[CellLine(sheet, True, column), normalised.key].append(row)
        forms[CellLine(sheet, False, row), normalised.key].append(column)
        areas = (cells.graph.area(ref, sheet, position) for ref in normalised.refs)
        for area in areas:
            span = _span_of(area)
            if span is not None:
                readers[span].add(row if span[0].down else column)
    return _count_votes(readers, forms)


def _span_of(area: Range | None) -> tuple[LineSpan, int] | None:
    """Return the rows (or columns) that a range of one column (or row) spans, and this."""
    if area is None or (area.rows > 1) == (area.columns > 1):
        return None
    if area.rows > 1:
        return LineSpan(area.sheet, True, area.r1, area.r2), area.c1
    return LineSpan(area.sheet, False, area.c1, area.c2), area.r1


def _count_votes(
    readers: Mapping[tuple[LineSpan, int], set[int]],
    forms: Mapping[tuple[CellLine, str], list[int]],
) -> Counter[LineSpan]:
    """Return the votes of ranges that are read along them, and of formulas that are filled."""
    votes: Counter[LineSpan] = Counter()
    for (span, _), reading in readers.items():
        if len(reading) >= FEWEST_CITIES <= span.last - span.first + 1:
            votes[span] += len(reading)
    for (axis, _), indices in forms.items():
        for first, last in find_runs(sorted(indices)):
            if last - first + 1 >= FEWEST_CITIES:
                span = LineSpan(axis.sheet, axis.down, first, last)
                votes[span] += (last - first + 1) * _FILL_VOTE  # type: ignore[assignment]
    return votes


def _primary_list(runs: list[NameRun], votes: Counter[LineSpan]) -> NameRun | None:
    """Return the names over which most formulas run."""
    for span, _ in sorted(votes.items(), key=lambda vote: -vote[1]):
        candidates = []
        for run in runs:
            first = max(span.first, run.first)
            last = min(span.last, run.last)
            is_same_axis = (run.axis.sheet, run.axis.down) == span[:2]
            if is_same_axis and last - first + 1 >= FEWEST_CITIES:
                candidates.append(run.within(first, last))
        named = [run for run in candidates if _are_names(run)]
        complete = [run for run in named if run.first == span.first]
        if complete:
            return min(complete, key=_order_of_names)
    return None


def _order_of_names(run: NameRun) -> tuple[int, bool, int]:
    """Return what puts the best list of names first: longest, without digits, leftmost."""
    has_codes = any(any(map(str.isdigit, name)) for name in run.names)
    return -len(run.names), has_codes, run.axis.line


def _are_names(run: NameRun) -> bool:
    """Tell whether texts differ from each other, as names of cities do."""
    return len({*run.names}) >= _DISTINCT * len(run.names)


def _other_lists(
    runs: list[NameRun], primary: NameRun, number_of: Mapping[str, int]
) -> Iterator[NameRun]:
    """Yield other lists of the same cities."""
    span = LineSpan(primary.axis.sheet, primary.axis.down, primary.first, primary.last)
    for run in runs:
        own = [n for n, name in enumerate(run.names, run.first) if name in number_of]
        if len({*run.names} & {*number_of}) < _SHARED * len(number_of):
            continue
        part = run.within(own[0], own[-1])
        is_primary = run.axis == primary.axis and part.first <= span.last
        if not (is_primary and part.last >= span.first):
            yield part


def _with_lines(
    cells: TeamCells, names: tuple[str, ...], blocks: list[CityBlock]
) -> Cities:
    """Return the cities with the series of each block, each cell in one of them."""
    city_cells: dict[Place, CityCell] = {}
    complete = []
    for number, block in enumerate(blocks):
        lines = []
        rows, columns = cells.graph.extent(block.axis.sheet)
        for line in range(1, (columns if block.axis.down else rows) + 1):
            series = CitySeries(number, line)
            places = {
                city: block.axis.at(index, line)
                for city, index in block.index_of.items()
            }
            is_free = city_cells.keys().isdisjoint(places.values())
            is_nearest = _nearest_list(blocks, block, line) is block
            if is_free and is_nearest and _is_series(cells, [*places.values()]):
                lines.append(line)
                city_cells |= {p: CityCell(c, series) for c, p in places.items()}
        complete.append(CityBlock(block.axis, block.index_of, tuple(lines)))
    return Cities(names, tuple(complete), city_cells)


def _nearest_list(blocks: list[CityBlock], block: CityBlock, line: int) -> CityBlock:
    """Return the list of names that a line belongs to: the nearest one before it."""
    rivals = [
        other
        for other in blocks
        if other.axis[:2] == block.axis[:2]
        and other.first <= block.last
        and block.first <= other.last
    ]
    before = [other for other in rivals if other.axis.line < line]
    if before:
        return max(before, key=lambda other: other.axis.line)
    return min(rivals, key=lambda other: other.axis.line)


def _is_series(cells: TeamCells, places: list[Place]) -> bool:
    """Tell whether cells hold numbers or formulas, most of them."""
    filled = 0
    texts = 0
    for place in places:
        is_formula = place in cells.formulas
        is_text = isinstance(cells.value(place), str) and not is_formula
        if is_formula or cells.number(place) is not None:
            filled += 1
        elif is_text:
            texts += 1
    return filled >= _FILLED * len(places) and filled > texts


def heading(cells: TeamCells, cities: Cities, series: CitySeries) -> str:
    """Return the text above the first cell of a series (or before it), "" for none."""
    block = cities.blocks[series.block]
    for index in range(block.first - 1, 0, -1):
        value = cells.value(block.axis.at(index, series.line))
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if isinstance(value, float) and value.is_integer() and 1900 < value < 2100:
            return f"{value:.0f}"
    return ""
