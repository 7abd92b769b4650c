"""Which formulas of a workbook an engine is not known to compute as Excel does.

Formulas are read once for each shape (copies of one formula differ in their references' numbers)
and held against the verified list. What is not on it is not refused: the run names it
(`unverified`), unless an independent engine gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from xlcity.recalc.catalogue import signatures
from xlcity.recalc.contents import Contents, Lookup
from xlcity.recalc.uses import Argument, Names, Use, uses
from xlcity.recalc.verdicts import ENGINES, Verified, describe, verified
from xlcity.xlsx.address import Area, parse_range
from xlcity.xlsx.cells import Book, Cell, Position, Sheet
from xlcity.xlsx.formula import SharedFormula
from xlcity.xlsx.table import alike
from xlcity.xlsx.tokens import Ref, form

#: (sheet, position).
Place = tuple[str, Position]

#: Functions whose constants choose a mode: their formulas are told apart digit by digit.
_CHOOSING = frozenset(
    "SUBTOTAL AGGREGATE XLOOKUP XMATCH TEST( WEEK YEARFRAC CHAR( TEXT( LINEST DATEDIF".split()  # noqa: SIM905
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
class Doubt:
    """A use that an engine is not trusted with: in any case, or for what an argument holds."""

    use: Use
    index: int = -1
    sort: str = ""

    def __str__(self) -> str:
        return describe(self.use) + (f" with {_SORTS[self.sort]}" if self.sort else "")

    def settled_by(self, engine: str, table: Verified) -> bool:
        """Return whether another engine is trusted with it."""
        grant = table.grant(engine, self.use)
        if grant is None:
            # What was not measured for any engine at all is left to a real spreadsheet.
            return engine == "libreoffice" and not table.knows(self.use.name)
        return not self.sort or self.sort not in grant.without(self.index)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an engine is not trusted with in a workbook.

    Attributes
    ----------
    cells
        The cells, each with the uses in doubt.
    """

    cells: Mapping[Place, tuple[Doubt, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cells)

    def names(self, places: Collection[Place] | None = None) -> list[str]:
        """Return what is in doubt, in words; of some cells alone if they are given."""
        chosen = self.cells if places is None else [p for p in places if p in self.cells]
        return sorted({str(doubt) for place in chosen for doubt in self.cells[place]})


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
        self._names: dict[str, Names] = {}
        #: Exact uses of single cells: every engine is asked about the same ones.
        self._exact: dict[Place, list[Use]] = {}
        self.shapes = [shape for sheet in book.sheets.values() for shape in self._shapes(sheet)]

    def names(self, sheet: str) -> Names:
        """Return what names mean on a sheet."""
        if sheet in self._names:
            return self._names[sheet]
        defined = {name.upper(): text for name, text in self.book.names.items()}
        for (owner, name), text in self.book.local_names.items():
            if owner == sheet:
                defined[name.upper()] = text
        found = self._names[sheet] = Names(signatures(), self.library, defined)
        return found

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
        found = {doubt for place in places for doubt in doubts.cells.get(place, ())}
        return {
            str(doubt): tuple(e for e in ENGINES if doubt.settled_by(e, self.table))
            for doubt in found
        }

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
        found: dict[Place, tuple[Doubt, ...]] = {}
        contents = Contents(self.book, lookup)
        for shape in self.shapes:
            bad = tuple(Doubt(u) for u in shape.uses if self.table.grant(engine, u) is None)
            if bad:
                found.update(((shape.sheet, position), bad) for position in shape.cells)
            elif any(self._limits(engine, use) for use in shape.uses):
                found.update(self._by_content(engine, shape, contents))
        for sheet in self.book.sheets.values() if found else ():
            found |= {
                (sheet.name, position): found[sheet.name, anchor]
                for position, anchor in sheet.members().items()
                if (sheet.name, anchor) in found
            }
        return Doubts(found)

    def _limits(self, engine: str, use: Use) -> list[tuple[int, Argument, str]]:
        """Return the arguments of a use that must not hold certain sorts of values."""
        grant = self.table.grant(engine, use)
        if grant is None:
            return []
        found = [(i, a, grant.without(i)) for i, a in enumerate(use.arguments)]
        return [
            (i, a, never)
            for i, a, never in found
            if never and (a.ref is not None or (a.content and a.content in never))
        ]

    def _by_content(
        self, engine: str, shape: Shape, contents: Contents
    ) -> Iterator[tuple[Place, tuple[Doubt, ...]]]:
        """Yield the cells of a shape whose functions meet what they must not."""
        cells = self.book.sheets[shape.sheet].cells
        first = cells[shape.cells[0]]
        assert first.formula is not None
        limits = self._exact_limits(engine, shape.sheet, shape.cells[0])
        # All cells of a shape name the same columns.
        home = shape.sheet, shape.cells[0]
        if not any(self._may_meet(limit, *home, contents) for limit in limits):
            return
        copies = SharedFormula(first.formula, *shape.cells[0])
        for position in shape.cells:
            here = limits
            if cells[position].formula != copies.at(*position):
                here = self._exact_limits(engine, shape.sheet, position)
            met = tuple(
                Doubt(use, index, sort)
                for use, index, argument, never in here
                if (sort := self._meets(argument, never, shape.sheet, position, contents))
            )
            if met:
                yield (shape.sheet, position), met

    def _exact_limits(
        self, engine: str, sheet: str, position: Position
    ) -> list[tuple[Use, int, Argument, str]]:
        place = sheet, position
        if place not in self._exact:
            cell = self.book.sheets[sheet].cells[position]
            assert cell.formula is not None
            made = uses(cell.formula, *position, self.names(sheet), _size(cell))
            self._exact[place] = made
        return [
            (use, index, argument, never)
            for use in self._exact[place]
            for index, argument, never in self._limits(engine, use)
        ]

    def _may_meet(
        self,
        limit: tuple[Use, int, Argument, str],
        sheet: str,
        position: Position,
        contents: Contents,
    ) -> bool:
        _, _, argument, never = limit
        if argument.ref is None:
            return True
        area = self.area(argument.ref, sheet, position)
        return area is not None and contents.may_hold(area, never)

    def _meets(
        self, argument: Argument, never: str, sheet: str, position: Position, contents: Contents
    ) -> str:
        """Return the first sort an argument must not hold and holds, or ""."""
        if argument.ref is None:
            return argument.content
        area = self.area(argument.ref, sheet, position)
        if area is None:
            return ""
        held = contents.sorts(area)
        return next((sort for sort in never if sort in held), "")

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


def _keys(formulas: list[str]) -> list[str]:
    """Return a key for each formula; where digits choose a mode, the formula itself."""
    keys = alike(formulas)
    upper = "\0".join(formulas).upper()
    chosen = [word for word in _CHOOSING if word in upper]
    if chosen:
        each = upper.split("\0")
        keys = [
            formula if any(word in text for word in chosen) else key
            for formula, text, key in zip(formulas, each, keys, strict=True)
        ]
    return keys
