"""A workbook as the lint sees it: cells, formulas, facts and, if it is ours, its template."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from xlcity.audit.lint.coverage import Coverage, merged
from xlcity.audit.lint.formula_facts import FormulaFacts
from xlcity.errors import CellValue, WorkbookError
from xlcity.recalc.support.template_book import is_template
from xlcity.workbook.reading.template import RECORDS, Template, read_template
from xlcity.xlsx.address import Range
from xlcity.xlsx.appearance import Appearance, Styling, read_appearance
from xlcity.xlsx.cells import BookReader, Cell, Position, ReadBook, find_area
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import NormalisedFormula
from xlcity.xlsx.known_cells import KnownReader
from xlcity.xlsx.package import Package
from xlcity.xlsx.properties import WorkbookProperties, read_properties

#: Names of a template that hold what people type.
_INPUTS = (
    "in_data",
    "in_units",
    "in_weights",
    "in_items",
    "in_links",
    "xl_cities",
    "xl_exceptions",
)


class Subject:
    """A workbook under audit. Everything beyond its cells is read when it is asked for."""

    def __init__(
        self,
        package: Package,
        path: str,
        book: ReadBook | None = None,
        before: Subject | None = None,
    ) -> None:
        self.package, self.path, self._before = package, path, before
        self._reader: BookReader | None = None
        if book is None:
            self._reader = KnownReader(
                package, is_template, None if before is None else before._reader
            )
            book = self._reader.book()
        self.book = book
        self.graph = Graph(self.book)
        self.known = FormulaFacts(self.book, self.graph)
        self._syntax: dict[str, Expr | None] = {}
        self._cells: dict[str, dict[Position, Cell]] = {}
        self._keys: dict[str, dict[Position, str]] = {}

    @classmethod
    def open(cls, path: str | Path) -> Subject:
        """Read a workbook.

        Raises
        ------
        WorkbookError
            If it is none.
        """
        return cls.of(path)

    @classmethod
    def of(cls, given: Subject | str | Path, before: Subject | None = None) -> Subject:
        """Return a workbook that was read already, or read it.

        Of sheets that are byte for byte those of a workbook before it, both have the same cells.
        """
        if isinstance(given, Subject):
            return given
        return cls(Package.read(given), str(given), before=before)

    @cached_property
    def facts(self) -> WorkbookProperties:
        """Protection, hidden rows, links, formats."""
        return read_properties(self.package)

    @cached_property
    def _styling(self) -> Styling:
        before = None if self._before is None else self._before._styling
        return Styling.of(self.package, before)

    @cached_property
    def appearance(self) -> Appearance:
        """What the workbook shows beside its cells' content."""
        return read_appearance(self.package, self.book, self.facts, self._styling)

    @cached_property
    def template(self) -> Template | None:
        """The workbook read as a template, if its names are those of one."""
        if "xl_framework" not in self.book.names:
            return None
        try:
            return read_template(self.package, self.book, self.path)
        except WorkbookError:
            return None

    def cells(self, sheet: str) -> dict[Position, Cell]:
        """Return the cells of a sheet, made once: rules look at each many times."""
        found = self._cells.get(sheet)
        if found is None:
            found = self._cells[sheet] = self.book.sheets[sheet].cells.objects()
        return found

    def form(self, sheet: str, position: Position) -> NormalisedFormula | None:
        """Return the form of a cell's formula."""
        return self.graph.form(sheet, position)

    def keys(self, sheet: str) -> dict[Position, str]:
        """Return the key of each formula of a sheet; cells of an array range have its own."""
        found = self._keys.get(sheet)
        if found is None:
            found = self._keys[sheet] = {}
            for position, cell in self.cells(sheet).items():
                whole = cell.in_array is not None or cell.array is not None
                made = self.form(sheet, cell.in_array or position) if cell.computed else None
                if made is not None:
                    found[position] = f"{{{made.key}}}" if whole else made.key
        return found

    def syntax(self, made: NormalisedFormula) -> Expr | None:
        """Return the structure of a formula."""
        if made.key not in self._syntax:
            self._syntax[made.key] = parse(made.tokens)
        return self._syntax[made.key]

    def formulas(self) -> Iterator[tuple[str, Position, NormalisedFormula]]:
        """Yield the cells with a formula of their own, and that formula."""
        for name, sheet in self.book.sheets.items():
            for position, _ in sheet.cells.texts():
                made = self.form(name, position)
                assert made is not None
                yield name, position, made

    def distinct(self) -> Iterator[tuple[list[tuple[str, Position]], NormalisedFormula]]:
        """Yield each formula once, with the cells that hold it."""
        for places in self.copies.values():
            made = self.form(*places[0])
            assert made is not None
            yield places, made

    @property
    def forms(self) -> int:
        """How many different formulas there are."""
        return int(self.known.of("forms", lambda: len(self.copies)))

    @cached_property
    def copies(self) -> dict[str, list[tuple[str, Position]]]:
        """Key of a form -> the cells that hold it, in reading order."""
        found: dict[str, list[tuple[str, Position]]] = {}
        for sheet, position, made in self.formulas():
            found.setdefault(made.key, []).append((sheet, position))
        return {key: sorted(places) for key, places in found.items()}

    @cached_property
    def read(self) -> Coverage:
        """The cells that formulas read."""
        areas = self.known.of("read", lambda: merged(self.graph.read_areas))
        return Coverage(Range(*area) for area in areas)

    def area(self, name: str) -> Range | None:
        """Return the range of a defined name, if there is one."""
        return find_area(self.book, name)

    @cached_property
    def inputs(self) -> tuple[Range, ...]:
        """Ranges that a template declares as inputs."""
        return tuple(area for name in _INPUTS if (area := self.area(name)) is not None)

    @cached_property
    def records(self) -> tuple[Range, ...]:
        """Ranges that are written together with the inputs, to tell when these change."""
        return tuple(area for name in RECORDS if (area := self.area(name)) is not None)

    def is_input(self, sheet: str, position: Position) -> bool:
        """Tell whether a cell is declared as an input: by name, by its style, or unlocked."""
        if any(area.holds(sheet, position) for area in self.inputs):
            return True
        cell = self.cells(sheet).get(position) if sheet in self.book.sheets else None
        form = self.facts.format(0 if cell is None else cell.style)
        return form.style == "Input" or (sheet in self.facts.protected and not form.locked)

    def value(self, sheet: str, position: Position) -> CellValue:
        """Return a stored value."""
        return self.book.value(sheet, *position)


def is_number(value: CellValue) -> bool:
    """Tell whether a cell holds a number; TRUE is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
