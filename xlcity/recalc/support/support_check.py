"""Which formulas of a workbook an engine is not known to compute as Excel does.

Formulas are read once for each shape (copies of one formula differ in their references' numbers)
and held against the verified list. What is not on it is not refused: the run names it
(`unverified`), unless an independent engine gives the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xlcity.grouping import grouped
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.argument_rules import ArgumentChecker, ArgumentDoubt
from xlcity.recalc.support.catalogue import signatures
from xlcity.recalc.support.compatibility import ENGINES, CompatibilityTable, describe, verified
from xlcity.recalc.support.formula_groups import (
    FormulaGroup,
    FormulaGrouper,
    FormulaUsage,
    ReferenceIndex,
)
from xlcity.recalc.support.range_types import RangeTypes
from xlcity.recalc.support.template_book import is_template
from xlcity.recalc.support.trusted_formulas import (
    TrustedFormulas,
    find_trusted,
    formulas_digest,
    keep_trusted,
    trusted_formulas,
)
from xlcity.recalc.support.usage import NameMeanings, Use
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.tokens import Ref, RefSpan, form
from xlcity.xlsx.user_cache import cache_folder

#: The engine that is asked first.
FASTEST = "formualizer"
#: Engines by which a template may be known; templates are computed by the first.
_KNOWING = ("compiled", FASTEST)

#: (sheet, position).
Place = tuple[str, Position]


@dataclass(frozen=True, slots=True)
class UnsupportedUse:
    """A use that an engine is not trusted with: in any case, or for what an argument holds."""

    use: Use
    index: int = -1
    sort: str = ""

    def __str__(self) -> str:
        return describe(self.use) + (f" with {_SORTS[self.sort]}" if self.sort else "")

    def supported_by(self, engine: str, table: CompatibilityTable) -> bool:
        """Return whether another engine is trusted with it."""
        if (grant := table.grant(engine, self.use)) is None:
            # What was not measured for any engine at all is left to a real spreadsheet.
            return engine == "libreoffice" and not table.knows(self.use.name)
        return not self.sort or self.sort not in grant.without(self.index)


@dataclass(frozen=True, slots=True)
class ValueLimit:
    """An argument that must not hold values of some sorts, and what it names."""

    use: Use
    index: int
    never: str
    named: ReferenceIndex


#: What an engine is not trusted with in any case, and what depends on the cells.
Support = tuple[tuple[UnsupportedUse, ...], tuple[ValueLimit, ...]]


#: Verdicts of this process.
_VERDICTS: dict[tuple[CompatibilityTable, str, FormulaUsage], Support] = {}
_MOST_VERDICTS = 50_000


@dataclass(frozen=True, slots=True)
class UnsupportedCells:
    """What an engine is not trusted with in a workbook.

    Attributes
    ----------
    cells
        The cells, each with the uses in doubt.
    """

    cells: Mapping[Place, tuple[UnsupportedUse | ArgumentDoubt, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cells)

    def names(self, places: Collection[Place] | None = None) -> list[str]:
        """Return what is in doubt, in words; of some cells alone if they are given."""
        chosen = self.cells if places is None else [p for p in places if p in self.cells]
        return sorted({str(doubt) for place in chosen for doubt in self.cells[place]})


class SupportCheck:
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
        book: ReadBook,
        library: Collection[str],
        table: CompatibilityTable | None = None,
        features: Collection[str] = (),
    ) -> None:
        self.book, self.features = book, tuple(features)
        self.library = frozenset(library)
        self.table = verified() if table is None else table
        self.drawn = is_template(book.names)
        self._sheets = {name.casefold(): name for name in book.sheets}
        self._names = {name: self._names_on(name) for name in book.sheets}
        self._judged: dict[str, dict[FormulaUsage, Support]] = {}
        self._trusted: dict[str, tuple[str, TrustedFormulas | None]] = {}

    @cached_property
    def shapes(self) -> list[FormulaGroup]:
        """The formulas, copies of one taken together."""
        shapes = FormulaGrouper(self.book, self._names)
        return [shape for sheet in self.book.sheets.values() for shape in shapes.of(sheet)]

    def sheet(self, name: str) -> str | None:
        """Return the name of a sheet as the workbook spells it."""
        return self._sheets.get(name.casefold())

    def _names_on(self, sheet: str) -> NameMeanings:
        """Return what names mean on a sheet."""
        defined = {name.upper(): text for name, text in self.book.names.items()}
        for (owner, name), text in self.book.local_names.items():
            if owner == sheet:
                defined[name.upper()] = text
        return NameMeanings(signatures(), self.library, defined)

    def able(
        self, doubts: UnsupportedCells, places: Collection[Place]
    ) -> dict[str, tuple[str, ...]]:
        """Return what is in doubt in some cells -> the engines that are trusted with it."""
        found = {doubt for place in places for doubt in doubts.cells.get(place, ())}
        return {
            str(doubt): tuple(e for e in ENGINES if doubt.supported_by(e, self.table))
            for doubt in sorted(found, key=str)
        }

    def reads(self, sheet: str, position: Position) -> list[Range]:
        """Return the areas that a cell's formula names."""
        cell = self.book.sheets[sheet].cells[position]
        assert cell.formula is not None
        names = self._names[sheet]
        found, texts, done = [], [cell.formula], set[str]()
        while texts:
            made = form(texts.pop(), *position)
            found += [a for ref in made.refs if (a := self.area(ref, sheet, position)) is not None]
            for name in {n.rpartition("!")[2] for n in made.names} - done:
                done.add(name)
                if name in names.defined:
                    texts.append(names.defined[name])
        return found

    def uses(self) -> dict[Place, tuple[Use, ...]]:
        """Return what each formula uses."""
        return {(s.sheet, position): s.uses for s in self.shapes for position in s.cells}

    def functions(self) -> Collection[str]:
        """Return the functions and operators used."""
        for engine in _KNOWING:
            if (known := self.trusted(engine)) is not None:
                return known.functions
        return {use.name for shape in self.shapes for use in shape.uses}

    def refused(self, engine: str) -> bool:
        """Return whether there are uses that an engine is not trusted with, whatever they meet."""
        return self.trusted(engine) is None and any(
            self.table.grant(engine, use) is None
            for reading in {shape.reading for shape in self.shapes}
            for use in reading.uses
        )

    def trusted(self, engine: str) -> TrustedFormulas | None:
        """Return what is known of a template's formulas from a copy of it."""
        if not self.drawn or self.table is not verified() or cache_folder() is None:
            return None
        if engine not in self._trusted:
            digest = formulas_digest(self.book, self.library, engine) or ""
            self._trusted[engine] = digest, find_trusted(digest)
        return self._trusted[engine][1]

    def prepare(self, engine: str) -> None:
        """Do what can be done before values are known."""
        if self.trusted(engine) is None:
            self.read(engine)

    def _trust(self, engine: str, rules: ArgumentChecker) -> None:
        """Keep what an engine was trusted with."""
        if not (digest := self._trusted.get(engine, ("", None))[0]):
            return
        judged = self.read(engine)
        groups = [(shape, judged[shape.reading][1]) for shape in self.shapes]
        if any(limit.named is None for _, limits in groups for limit in limits):
            return
        limited = (
            (shape, [(limit.never, self._areas(shape, limit)) for limit in limits])
            for shape, limits in groups
        )
        found = trusted_formulas(limited, rules.parsed())
        self._trusted[engine] = digest, found
        keep_trusted(digest, found)

    def _areas(self, shape: FormulaGroup, limit: ValueLimit) -> Iterator[Range]:
        """Yield what an argument names in the cells of a shape."""
        if isinstance(limit.named, int):
            spot = shape.spots[limit.named]
            sheet = self.sheet(spot.sheet or shape.sheet)
            if sheet is not None and not spot.book:
                for r1, r2 in map(spot.rows, shape.texts):
                    yield Range(sheet, r1, spot.c1, r2, spot.c2)
        elif limit.named is not None:
            found = (self.area(limit.named, shape.sheet, position) for position in shape.cells)
            yield from (area for area in found if area is not None)

    def read(self, engine: str) -> Mapping[FormulaUsage, Support]:
        """Hold the formulas against what an engine is trusted with, whatever cells hold."""
        if (judged := self._judged.get(engine)) is None:
            readings = {shape.reading for shape in self.shapes}
            judged = {reading: self._known(engine, reading) for reading in readings}
            self._judged[engine] = judged
        return judged

    def doubts(self, engine: str, values: Values | None = None) -> UnsupportedCells:
        """Return the cells an engine is not trusted with.

        Parameters
        ----------
        engine
            Its name.
        values
            What formula cells hold, which matters to the functions that read them; without it
            what is stored in the file.
        """
        known = self.trusted(engine)
        if known is not None and known.hold(self.book, values, engine):
            return UnsupportedCells()
        found: dict[Place, tuple[UnsupportedUse | ArgumentDoubt, ...]] = {}
        contents = RangeTypes(self.book, values)
        judged = self.read(engine)
        for shape in self.shapes:
            bad, limits = judged[shape.reading]
            if bad:
                found.update(((shape.sheet, position), bad) for position in shape.cells)
            elif limits:
                found.update(self.by_content(shape, limits, contents))
        rules = ArgumentChecker(self.book, self.shapes, engine, drawn=self.drawn)
        for place, borders in rules.met(values):
            found[place] = (*found.get(place, ()), *borders)
        if not found and known is None:
            self._trust(engine, rules)
        for sheet in self.book.sheets.values() if found else ():
            found |= {
                (sheet.name, position): found[sheet.name, anchor]
                for position, anchor in sheet.cells.members.items()
                if (sheet.name, anchor) in found
            }
        return UnsupportedCells(found)

    def _known(self, engine: str, reading: FormulaUsage) -> Support:
        """Return the verdict on a formula; copies of one template have the same formulas."""
        key = self.table, engine, reading
        if (found := _VERDICTS.get(key)) is None:
            if len(_VERDICTS) >= _MOST_VERDICTS:
                _VERDICTS.clear()
            found = _VERDICTS[key] = self._verdict(engine, reading)
        return found

    def _verdict(self, engine: str, reading: FormulaUsage) -> Support:
        """Return the uses an engine is not trusted with, and those that depend on the cells."""
        bad, limits = [], []
        for use, named in zip(reading.uses, reading.named, strict=True):
            if (grant := self.table.grant(engine, use)) is None:
                bad.append(UnsupportedUse(use))
                continue
            for index, (argument, what) in enumerate(zip(use.arguments, named, strict=True)):
                never = grant.without(index)
                if what is None:
                    # A constant, or a computed value: the same in all copies.
                    never = argument.content if argument.content in never else ""
                if never:
                    limits.append(ValueLimit(use, index, never, what))
        return tuple(bad), tuple(limits)

    def by_content(
        self, shape: FormulaGroup, limits: tuple[ValueLimit, ...], contents: RangeTypes
    ) -> Iterator[tuple[Place, tuple[UnsupportedUse, ...]]]:
        """Yield the cells of a shape whose functions meet what they must not."""
        met = grouped(
            (number, UnsupportedUse(limit.use, limit.index, sort))
            for limit in limits
            for number, sort in self._meets(shape, limit, contents)
        )
        for number, doubts in met.items():
            yield (shape.sheet, shape.cells[number]), tuple(doubts)

    def _meets(
        self, shape: FormulaGroup, limit: ValueLimit, contents: RangeTypes
    ) -> Iterator[tuple[int, str]]:
        """Yield which cells of a shape meet what an argument must not hold, and its sort."""
        if limit.named is None:
            yield from ((number, limit.never) for number in range(len(shape.cells)))
        elif isinstance(limit.named, int):
            yield from self._meets_at(shape, shape.spots[limit.named], limit.never, contents)
        else:
            for number, position in enumerate(shape.cells):
                area = self.area(limit.named, shape.sheet, position)
                if area is not None and (sort := _first(limit.never, contents.sorts(area))):
                    yield number, sort

    def _meets_at(
        self, shape: FormulaGroup, spot: RefSpan, never: str, contents: RangeTypes
    ) -> Iterator[tuple[int, str]]:
        sheet = self.sheet(spot.sheet or shape.sheet)
        # All cells of a shape name the same columns.
        if sheet is None or spot.book or not contents.may_hold(sheet, spot.c1, spot.c2, never):
            return
        if (row := spot.first) is not None and spot.single:
            column = contents.column(sheet, spot.c1)
            rows = [int(text[row]) for text in shape.texts]
            if "b" in never and not (filled := contents.filled(sheet, spot.c1)).issuperset(rows):
                yield from ((number, "b") for number, r in enumerate(rows) if r not in filled)
            for sort in never:
                if (held := column.get(sort)) is not None and not held.isdisjoint(rows):
                    yield from ((number, sort) for number, r in enumerate(rows) if r in held)
            return
        for number, text in enumerate(shape.texts):
            r1, r2 = spot.rows(text)
            area = Range(sheet, r1, spot.c1, r2, spot.c2)
            if sort := _first(never, contents.sorts(area)):
                yield number, sort

    def area(self, ref: Ref, sheet: str, position: Position) -> Range | None:
        """Return the cells a reference means; ``None`` if its sheet is not there."""
        area = ref.area(sheet, *position)
        name = self.sheet(area.sheet)
        return None if name is None or ref.book else Range(name, area.r1, area.c1, area.r2, area.c2)


def _first(never: str, held: Collection[str]) -> str:
    """Return the first sort that must not be held and is, or ""."""
    return next((sort for sort in never if sort in held), "")


_SORTS = {
    "n": "a number", "b": "a blank cell", "e": "an empty text", "s": "text",
    "d": "text that reads as a number", "l": "a truth value", "x": "an error",
}  # fmt: skip
