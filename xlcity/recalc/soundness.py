"""Which formulas of a workbook an engine is not known to compute as Excel does.

Formulas are read once for each shape (copies of one formula differ in their references' numbers)
and held against the verified list. What is not on it is not refused: the run names it
(`unverified`), unless an independent engine gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from xlcity.errors import CellValue
from xlcity.recalc.catalogue import signatures
from xlcity.recalc.uses import Argument, Names, Use, content_letter, uses
from xlcity.recalc.verdicts import Verified, describe, verified
from xlcity.xlsx.address import MAX_COLUMNS, Area, parse_range
from xlcity.xlsx.cells import Book, Cell, Position, Sheet
from xlcity.xlsx.tokens import Ref, form

#: (sheet, position).
Place = tuple[str, Position]
#: (sheet, row, column) -> value.
Lookup = Callable[[str, int, int], CellValue]

_DIGITS = bytes.maketrans(b"023456789", b"111111111")
#: Functions whose constants choose a mode: their formulas are told apart digit by digit.
_CHOOSING = tuple(
    b"SUBTOTAL AGGREGATE XLOOKUP XMATCH TEST( WEEK YEARFRAC CHAR( TEXT( LINEST DATEDIF".split()
)
#: References, sheet names before them included: which cells they name makes no other use.
_REFERENCE = re.compile(
    r"(?:(?:'[^'\[\]]+'|[^\W\d][\w.]*)!)?(?<![A-Za-z_.])\$?[A-Za-z]{1,3}\$?[1-9]\d*(?![\w(.])"
)
#: Formulas read before in this process; copies of one template have the same.
_READ: dict[tuple[object, ...], tuple[Use, ...]] = {}
_MOST_READ = 50_000


@dataclass(frozen=True, slots=True)
class Shape:
    """Formulas that differ in places alone: the first of them, its uses, and all their cells."""

    sheet: str
    uses: tuple[Use, ...]
    cells: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an engine is not trusted with in a workbook.

    Attributes
    ----------
    cells
        The cells, each with the uses in doubt.
    """

    cells: Mapping[Place, tuple[Use, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cells)

    def names(self, places: Collection[Place] | None = None) -> list[str]:
        """Return what is in doubt, in words; of some cells alone if they are given."""
        chosen = self.cells if places is None else [p for p in places if p in self.cells]
        return sorted({describe(use) for place in chosen for use in self.cells[place]})


class Scan:
    """The uses of functions in a workbook.

    Parameters
    ----------
    book
        The workbook.
    library
        Names of our own functions.
    table
        The verified list; that of the package by default.
    features
        What the workbook has that no engine takes into account, in words.
    """

    def __init__(
        self,
        book: Book,
        library: Collection[str],
        table: Verified | None = None,
        features: Collection[str] = (),
    ) -> None:
        self.book, self.features = book, tuple(features)
        self.library = frozenset(library)
        self.table = verified() if table is None else table
        self._sheets = {name.casefold(): name for name in book.sheets}
        self.shapes = [shape for sheet in book.sheets.values() for shape in self._shapes(sheet)]

    def names(self, sheet: str) -> Names:
        """Return what names mean on a sheet."""
        defined = {name.upper(): text for name, text in self.book.names.items()}
        for (owner, name), text in self.book.local_names.items():
            if owner == sheet:
                defined[name.upper()] = text
        return Names(signatures(), self.library, defined)

    def _shapes(self, sheet: Sheet) -> Iterator[Shape]:
        texts, arrays = sheet.texts(), sheet.arrays()
        plain = [pair for pair in texts if pair[0] not in arrays] if arrays else texts
        groups: dict[object, list[Position]] = {}
        for (position, _), key in zip(plain, _keys([text for _, text in plain]), strict=True):
            groups.setdefault(key, []).append(position)
        for position, text in texts:
            if position in arrays:
                groups.setdefault((text, arrays[position]), []).append(position)
        names = self.names(sheet.name)
        meaning = hash((names.library, frozenset(names.defined.items())))
        for positions in groups.values():
            found = self._uses(sheet, positions[0], names, meaning)
            yield Shape(sheet.name, found, tuple(positions))

    @staticmethod
    def _uses(sheet: Sheet, position: Position, names: Names, meaning: int) -> tuple[Use, ...]:
        cell = sheet.cells[position]
        assert cell.formula is not None
        array = _size(cell)
        key = meaning, array, cell.formula if array else _REFERENCE.sub("A1", cell.formula)
        if (found := _READ.get(key)) is None:
            if len(_READ) >= _MOST_READ:
                _READ.clear()
            found = _READ[key] = tuple(uses(cell.formula, *position, names, array))
        return found

    def able(self, doubts: Doubts, places: Collection[Place]) -> dict[str, tuple[str, ...]]:
        """Return what is in doubt in some cells -> the engines that are trusted with it."""
        found = {u for place in places for u in doubts.cells.get(place, ())}
        return {describe(use): tuple(self.table.able(use)) for use in found}

    def reads(self, sheet: str, position: Position) -> list[Area]:
        """Return the areas that a cell's formula names."""
        cell = self.book.sheets[sheet].cells[position]
        assert cell.formula is not None
        names = self.names(sheet)
        found, texts, done = [], [cell.formula], set[str]()
        while texts:
            made = form(texts.pop(), *position)
            found += [a for ref in made.refs if (a := self.area(ref, sheet, position)) is not None]
            for name in {n.rpartition("!")[2] for n in made.names} - done:
                done.add(name)
                if name in names.defined:
                    texts.append(names.defined[name])
        return found

    def functions(self) -> set[str]:
        """Return the functions and operators used."""
        return {use.name for shape in self.shapes for use in shape.uses}

    def doubts(self, engine: str, lookup: Lookup) -> Doubts:
        """Return the cells an engine is not trusted with.

        Parameters
        ----------
        engine
            Its name.
        lookup
            Gives the values of cells: what functions find there matters.
        """
        found: dict[Place, tuple[Use, ...]] = {}
        contents = _Contents(self, lookup)
        for shape in self.shapes:
            bad = tuple(u for u in shape.uses if self.table.grant(engine, u) is None)
            limited = any(self._limits(engine, use) for use in shape.uses)
            for position in shape.cells:
                here = bad
                if limited:
                    here = (*bad, *self._by_content(engine, shape.sheet, position, contents))
                if here:
                    found[shape.sheet, position] = here
        return Doubts(found)

    def _limits(self, engine: str, use: Use) -> list[tuple[Argument, str]]:
        """Return the arguments of a use that must not hold certain sorts of values."""
        grant = self.table.grant(engine, use)
        if grant is None:
            return []
        pairs = [(a, grant.without(i)) for i, a in enumerate(use.arguments)]
        return [
            (a, never) for a, never in pairs if never and (a.ref is not None or a.content in never)
        ]

    def _by_content(
        self, engine: str, sheet: str, position: Position, contents: _Contents
    ) -> Iterator[Use]:
        cell = self.book.sheets[sheet].cells[position]
        assert cell.formula is not None
        for use in uses(cell.formula, *position, self.names(sheet), _size(cell)):
            for argument, never in self._limits(engine, use):
                ref = argument.ref
                sorts = argument.content if ref is None else contents.sorts(ref, sheet, position)
                met = [sort for sort in never if sort in sorts]
                if met:
                    yield Use(f"{describe(use)} with {_SORTS[met[0]]}", ())
                    break

    def area(self, ref: Ref, sheet: str, position: Position) -> Area | None:
        """Return the cells a reference means; ``None`` if its sheet is not there."""
        area = ref.area(sheet, *position)
        name = self._sheets.get(area.sheet.casefold())
        return None if name is None or ref.book else Area(name, area.r1, area.c1, area.r2, area.c2)


_SORTS = {
    "n": "a number", "b": "a blank cell", "e": "an empty text", "s": "text",
    "d": "text that reads as a number", "l": "a truth value", "x": "an error",
}  # fmt: skip


def _size(cell: Cell) -> tuple[int, int] | None:
    if cell.array is None:
        return None
    r1, c1, r2, c2 = parse_range(cell.array) if cell.array else (1, 1, 1, 1)
    return r2 - r1 + 1, c2 - c1 + 1


def _keys(formulas: list[str]) -> list[bytes]:
    """Return a key for each formula: its bytes, with all digits alike but arguments of 0.

    One pass over all of them together is what makes the scan cheap.
    """
    joined = "\0".join(formulas).encode("utf-8")
    keys = joined.replace(b",0", b",\x01").translate(_DIGITS).split(b"\0")
    upper = joined.upper()
    for word in _CHOOSING:
        if word in upper:
            exact, each = joined.split(b"\0"), upper.split(b"\0")
            keys = [e if word in u else k for e, u, k in zip(exact, each, keys, strict=True)]
    return keys


class _Contents:
    """The sorts of values in ranges, each looked at once."""

    def __init__(self, scan: Scan, lookup: Lookup) -> None:
        self.scan, self.lookup = scan, lookup
        self._known: dict[Area, frozenset[str]] = {}

    def sorts(self, ref: Ref, sheet: str, position: Position) -> Collection[str]:
        """Return the letters of what stands in a reference."""
        area = self.scan.area(ref, sheet, position)
        if area is None:
            return frozenset("n")
        if area not in self._known:
            self._known[area] = frozenset(self._look(area))
        return self._known[area]

    def _look(self, area: Area) -> Iterator[str]:
        cells = self.scan.book.sheets[area.sheet].cells
        if area.rows * area.columns > len(cells):
            inside = [
                (r, c) for r, c in cells if area.r1 <= r <= area.r2 and area.c1 <= c <= area.c2
            ]
            yield "b"
        else:
            inside = [
                (r, c)
                for r in range(area.r1, area.r2 + 1)
                for c in range(area.c1, min(area.c2, MAX_COLUMNS) + 1)
            ]
        for r, c in inside:
            yield content_letter(self.lookup(area.sheet, r, c))
