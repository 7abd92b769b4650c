"""A workbook as the lint sees it: cells, formulas, facts and, if it is ours, its template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, partial
from pathlib import Path

from xlcity import __version__
from xlcity.errors import CellValue, WorkbookError, XlcityError
from xlcity.grouping import grouped
from xlcity.workbook.checking.contract import MOVABLE, Expected, Formulas, draw_expected
from xlcity.workbook.checking.no_data import as_drawn
from xlcity.workbook.reading.template import (
    RECORDS,
    OtherFormatError,
    Template,
    read_template,
)
from xlcity.workbook.spec.from_template import spec_of
from xlcity.workbook.tab_titles import with_contract_names
from xlcity.xlsx.address import Range, parse_range
from xlcity.xlsx.appearance import Appearance, Aspect, read_appearance
from xlcity.xlsx.cells import Position, ReadBook, find_area, read_book
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula
from xlcity.xlsx.package import Package

#: What the names of a template's inputs begin with.
_INPUTS = ("in_", "xl_cities", "xl_exceptions", "xl_groups", "xl_tiers")
#: What was found last of a workbook's formulas: one that is saved again has the same.
_DEPENDENTS: dict[str, Dependents] = {}
#: First row, last row and number of a block.
_Span = tuple[int, int, int]
#: Bits of a block's height -> its first row without so many bits -> blocks.
_SpansByRow = dict[int, dict[int, list[_Span]]]
#: Of each column of each sheet; those that meet an area are found without going through all.
_Spans = dict[tuple[str, int], _SpansByRow]


class Subject:
    """A workbook under audit. Everything beyond its cells is read when it is asked for."""

    def __init__(
        self, package: Package, path: str, book: ReadBook | None = None
    ) -> None:
        self.package = package
        self.path = path
        self.book = with_contract_names(read_book(package) if book is None else book)
        self.graph = Graph(self.book)
        sheets = self.book.sheets
        #: The cells of a sheet, made once: rules look at each many times.
        self.cells = cache(lambda sheet: sheets[sheet].cells.objects())
        #: Sheet -> cell -> input as it was sealed, where there is a seal.
        self.sealed_inputs: Mapping[str, Mapping[Position, CellValue]] = {}
        #: Why the template cannot be drawn again.
        self.undrawn = ""

    @classmethod
    def of(cls, given: Subject | Template | str | Path) -> Subject:
        """Return a workbook that was read already, or read it.

        Raises
        ------
        WorkbookError
            If it is none.
        """
        if isinstance(given, Subject):
            return given
        if isinstance(given, Template):
            subject = cls(given.package, given.file, given.book)
            subject.template = given
            return subject
        return cls(Package.read(given), str(given))

    @cached_property
    def appearance(self) -> Appearance:
        """What the workbook shows beside its cells' content."""
        return read_appearance(self.package, self.book)

    @cached_property
    def template(self) -> Template | None:
        """The workbook read as a template, if its names are those of one."""
        if "xl_framework" not in self.book.names:
            return None
        try:
            return read_template(self.package, self.book, self.path)
        except OtherFormatError:
            raise
        except WorkbookError:
            return None

    @property
    def is_foreign(self) -> bool:
        """Whether it is neither a template nor a workbook whose contents are declared."""
        return self.template is None and self.expected is None

    @cached_property
    def expected(self) -> Expected | None:
        """What a template has: that of the workbook drawn afresh; ``None`` if it is none."""
        if self.template is None:
            return None
        try:
            return draw_expected(as_drawn(spec_of(self.template), self.template))
        except (XlcityError, ValueError) as error:
            self.undrawn = str(error)
            return None

    @property
    def former_version(self) -> str:
        """The release that made the workbook, "" if it was this one.

        Releases reword labels, and formulas hold words, too.
        """
        made_by = __version__ if self.template is None else self.template.version
        return "" if made_by == __version__ else made_by

    def form(self, sheet: str, position: Position) -> NormalisedFormula | None:
        """Return the form of a cell's formula."""
        return self.graph.normalised_formula(sheet, position)

    def distinct(self) -> Iterator[tuple[list[Place], NormalisedFormula]]:
        """Yield each formula that people wrote once, with the cells that hold it."""
        for places in self.copies.values():
            form = self.form(*places[0])
            assert form is not None
            yield places, form

    @cached_property
    def dependents(self) -> Dependents:
        """Which formulas depend on its cells: as found last for the same formulas and names."""
        book = self.book
        sheets = []
        for name, sheet in book.sheets.items():
            extent = self.graph.extent(name)
            sheets.append((name, sheet.cells.digest(), sheet.arrays(), extent))
        key = repr((sheets, book.names, book.local_names, book.tables))
        if key not in _DEPENDENTS:
            _DEPENDENTS.clear()
            _DEPENDENTS[key] = Dependents(self.graph)
        return _DEPENDENTS[key]

    @cached_property
    def copies(self) -> Mapping[str, list[Place]]:
        """Key of a form -> the cells that hold it, in reading order, without the template's."""
        drawn: Formulas = {} if self.expected is None else self.expected.formulas
        places_by_key: dict[str, list[Place]] = {}
        for name, sheet in self.book.sheets.items():
            theirs = {} if name in MOVABLE else drawn.get(name, {})
            find = partial(self._group_own_formulas, name, theirs)
            for key, positions in sheet.cells.keep(
                "copies", (name, theirs), find
            ).items():
                places_by_key.setdefault(key, []).extend((name, p) for p in positions)
        return {key: sorted(places) for key, places in places_by_key.items()}

    def _group_own_formulas(
        self, sheet: str, theirs: Mapping[Position, str]
    ) -> dict[str, list[Position]]:
        """Return key of a form -> the cells of a sheet that hold it, without those of a template.

        `theirs` are the formulas that the template has there.
        """
        texts = self.book.sheets[sheet].cells.texts()
        if texts.keys() <= theirs.keys():  # as in most templates
            return {}
        own = [position for position in texts if position not in theirs]
        forms = ((self.form(sheet, position), position) for position in own)
        return grouped(
            (form.key, position) for form, position in forms if form is not None
        )

    def area(self, name: str) -> Range | None:
        """Return the range of a defined name, if there is one."""
        return find_area(self.book, name)

    @cached_property
    def inputs(self) -> tuple[Range, ...]:
        """Ranges that a template declares as inputs."""
        names = [name for name in self.book.names if name.startswith(_INPUTS)]
        return tuple(filter(None, map(self.area, names)))

    @cached_property
    def records(self) -> tuple[Range, ...]:
        """Ranges that are written together with the inputs, to tell when these change."""
        return tuple(filter(None, map(self.area, RECORDS)))

    def is_input(self, sheet: str, position: Position) -> bool:
        """Tell whether a cell is declared as an input: by name, by its style, or unlocked."""
        if any(area.holds(sheet, position) for area in self.inputs):
            return True
        cell = self.cells(sheet).get(position) if sheet in self.book.sheets else None
        styles = self.package.styles
        style = 0 if cell is None else cell.style
        if styles.named_style(style) == "Input":
            return True
        protection = Aspect("setting", sheet, "", "protection")
        is_guarded = self.template is not None or protection in self.appearance.aspects
        return is_guarded and "unlocked" in styles.look(style)


class Dependents:
    """The formulas that read cells, directly or through others; copies below one another are one.

    Taken by blocks of copies this takes as long for a sheet of 100 rows as for one of 10,000.
    """

    def __init__(self, graph: Graph) -> None:
        self._blocks: list[Range] = []
        #: Spans of the blocks that are in a column, and of those that read it.
        self._holders: _Spans = {}
        self._readers: _Spans = {}
        #: Name (upper case) -> the blocks that use it.
        self._users_of_name: dict[str, list[int]] = {}
        for number, copies in enumerate(graph.blocks()):
            sheet, column, first, last, form = copies
            array = graph.book.sheets[sheet].cells.arrays.get((first, column))
            cells = parse_range(array) if array else (first, column, last, column)
            block = Range(sheet, *cells)
            self._blocks.append(block)
            for name in form.names:
                self._users_of_name.setdefault(name, []).append(number)
            _add_spans(self._holders, block, number, block.c2)
            for area in graph.reads_of_block(*copies):
                right = min(area.c2, graph.extent(area.sheet)[1])
                _add_spans(self._readers, area, number, right)

    def below(self, areas: Iterable[Range]) -> set[int]:
        """Return the blocks that depend on areas, and those in them."""
        waiting = list(areas)
        reached: set[int] = set()
        for area in waiting:
            reached.update(_find_blocks(self._holders, area))
        while waiting:
            for number in _find_blocks(self._readers, waiting.pop()):
                if number not in reached:
                    reached.add(number)
                    waiting.append(self._blocks[number])
        return reached

    def below_name(self, name: str) -> set[int]:
        """Return the blocks that depend on a defined name, also where it stands for nothing."""
        users = self._users_of_name.get(name.upper(), [])
        return self.below(self._blocks[number] for number in users)

    def hold(self, reached: set[int], place: Place) -> bool:
        """Tell whether one of some blocks holds a cell."""
        sheet, position = place
        cell = Range(sheet, *position, *position)
        holders = _find_blocks(self._holders, cell)
        return not reached.isdisjoint(holders)

    def count(self, reached: set[int], within: Range | None) -> int:
        """Return how many cells some blocks have; of one area alone, if it is given."""
        total = 0
        for block in (self._blocks[number] for number in reached):
            area = within or block
            if block.meets(area):
                rows = min(block.r2, area.r2) - max(block.r1, area.r1) + 1
                columns = min(block.c2, area.c2) - max(block.c1, area.c1) + 1
                total += rows * columns
        return total


def _add_spans(spans: _Spans, area: Range, number: int, last_column: int) -> None:
    """Add the rows of an area, with the number of a block, to those of its columns."""
    span = area.r1, area.r2, number
    bits = (area.r2 - area.r1).bit_length()
    for column in range(area.c1, last_column + 1):
        by_start = spans.setdefault((area.sheet, column), {}).setdefault(bits, {})
        by_start.setdefault(area.r1 >> bits, []).append(span)


def _find_blocks(spans: _Spans, area: Range) -> Iterator[int]:
    """Yield the numbers of the blocks whose spans meet an area."""
    for column in area.column_numbers:
        for bits, by_start in spans.get((area.sheet, column), {}).items():
            starts = range((area.r1 >> bits) - 1, (area.r2 >> bits) + 1)
            for start in starts if len(starts) < len(by_start) else [*by_start]:
                for first, last, number in by_start.get(start, ()):
                    if first <= area.r2 and area.r1 <= last:
                        yield number
