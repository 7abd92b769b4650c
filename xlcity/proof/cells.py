"""A team's workbook as typed values and formulas with plain addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.model.reading.tables import parse_float
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.structured import plain_formula
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import lex, normalise_formula

#: The sheet of numbers in braces; no sheet of a workbook is called so.
_BRACES = "[]"
#: Names of names are followed so far.
_MOST_NESTED = 4


class ParsedFormula(NamedTuple):
    """A formula as it is written, and as a tree; None if it is not understood."""

    text: str
    tree: Expr | None


class TeamCells:
    """The cells of a workbook, with what formulas mean by names and tables put in.

    Parameters
    ----------
    book
        The cells as read.
    """

    def __init__(self, book: ReadBook) -> None:
        self.book = book
        self.graph = Graph(book)
        self._parsed: dict[Place, ParsedFormula] = {}
        #: Numbers in braces -> the row that holds them on a sheet of their own.
        self._constants: dict[tuple[str, ...], int] = {}

    @cached_property
    def formulas(self) -> Mapping[Place, str]:
        """Cell -> its formula with plain addresses."""
        formulas = {}
        for sheet, cells in self.book.sheets.items():
            for position, text in cells.cells.texts().items():
                formulas[sheet, position] = self._plain(text, sheet, position[0])
        return formulas

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], str]:
        """Sheet ("" for the workbook) and name in capitals -> what the name stands for."""
        names = {}
        for name, text in self.book.names.items():
            names["", name.upper()] = text
        for (sheet, name), text in self.book.local_names.items():
            names[sheet, name.upper()] = text
        return names

    def _plain(self, text: str, sheet: str, row: int) -> str:
        """Return a formula with addresses and numbers in place of tables and names."""
        plain = plain_formula(text, row, self.book.tables)
        for _ in range(_MOST_NESTED):
            replaced = self._replace_names(plain, sheet)
            if replaced == plain:
                break
            plain = replaced
        return plain

    def _replace_names(self, formula: str, sheet: str) -> str:
        """Return a formula with each name replaced once by what it stands for."""
        if not self._names:
            return formula
        pieces = []
        before = ""
        for match in lex(formula):
            own = None
            is_call = formula.startswith("(", match.end())
            if match.lastgroup == "word" and before != "sheet" and not is_call:
                name = match[0].upper()
                of_book = self._names.get(("", name))
                own = self._names.get((sheet, name), of_book)
            pieces.append(match[0] if own is None else f"({own})")
            before = match.lastgroup or ""
        return "".join(pieces)

    def formula(self, place: Place) -> ParsedFormula | None:
        """Return the formula of a cell; None for a typed one."""
        text = self.formulas.get(place)
        if text is None:
            return None
        if place not in self._parsed:
            tokens = normalise_formula(text, *place[1]).tokens
            self._parsed[place] = ParsedFormula(text, parse(tokens))
        return self._parsed[place]

    def value(self, place: Place) -> CellValue:
        """Return the stored value of a cell."""
        return self.book.value(place[0], *place[1])

    def number(self, place: Place) -> float | None:
        """Return the stored value of a cell if it is a number."""
        value = self.value(place)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(value) if is_number else None  # type: ignore[arg-type]

    def area_of(self, expr: Expr, place: Place) -> Range | None:
        """Return the cells that a reference in the formula of a cell means."""
        if expr.ref is None:
            return None
        return self.graph.area(expr.ref, *place)

    def texts(self, sheet: str) -> dict[Position, str]:
        """Return the cells of a sheet that show a text which no other value decides."""
        found: dict[Position, str] = {}
        cells = self.book.sheets[sheet].cells
        for position, value in zip(cells.positions, cells.stored, strict=True):
            if not isinstance(value, str) or not value.strip():
                continue
            if self._is_typed_or_link((sheet, position)):
                found[position] = value.strip()
        return found

    def _is_typed_or_link(self, place: Place) -> bool:
        """Tell whether a cell is typed, or shows another cell that is typed."""
        for _ in range(_MOST_NESTED):
            parsed = self.formula(place)
            if parsed is None:
                return True
            area = None if parsed.tree is None else self.area_of(parsed.tree, place)
            if area is None or area.rows * area.columns > 1:
                return False
            place = area.sheet, (area.r1, area.c1)
        return False

    def area_of_constants(self, expr: Expr) -> Range:
        """Return cells of a sheet that the workbook lacks, which hold the numbers in braces."""
        numbers = tuple(f"{arg.text}" for arg in expr.args)
        row = self._constants.setdefault(numbers, len(self._constants) + 1)
        return Range(_BRACES, r1=row, c1=1, r2=row, c2=len(numbers))

    def constants_in(self, areas: Iterable[Range]) -> dict[Place, CellValue]:
        """Return the typed values of some areas."""
        values: dict[Place, CellValue] = {}
        for area in areas:
            if area.sheet == _BRACES:
                numbers = [*self._constants][area.r1 - 1]
                cells = zip(area.positions, map(parse_float, numbers), strict=True)
                values |= {(_BRACES, position): value for position, value in cells}
                continue
            sheet = self.book.sheets[area.sheet]
            for position in sheet.within(area):
                place = area.sheet, position
                value = sheet.value(*position)
                if place not in self.formulas and value is not None:
                    values[place] = value
        return values
