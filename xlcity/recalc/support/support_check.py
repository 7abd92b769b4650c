"""Which formulas of a workbook an engine is not known to compute as Excel does.

One table says which functions an engine computes as Excel does and what each takes; a few rules
look at the structure of a formula and at the sorts of values in the cells it names. A block of
copies is held against what all of them read together, and cell by cell only where that is not
clean. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from xlcity.errors import CellError
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.contents import TEXTS, Contents
from xlcity.recalc.support.formula_rules import (
    ENGINES,
    CellRules,
    Structure,
    is_call_of,
    is_operation,
    literal,
    name_of,
)
from xlcity.xlsx.address import MAX_ROWS, Range, parse_range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import NormalisedFormula, normalise_formula

#: Our own engine computes templates, and refuses what it is not sure of.
OWN = "compiled"
UNREAD = "a formula that is not read"
#: Cells in doubt -> why, in words.
Doubts = dict[Place, tuple[str, ...]]
#: Functions that give #N/A where a search fails, and those that divide.
_SEEKING = frozenset(
    "MATCH VLOOKUP HLOOKUP LOOKUP XMATCH RANK RANK.EQ NA IFS SWITCH".split()  # noqa: SIM905
)
_DIVIDING = frozenset(
    "/ AVERAGE AVERAGEIF AVERAGEIFS STDEV STDEV.S STDEV.P STDEVP VAR VAR.S VARP VAR.P MOD".split()  # noqa: SIM905
)
_FINDING = frozenset("FIND SEARCH VALUE + - * / ^ u- %".split())  # noqa: SIM905
_JOINING = frozenset(("&", "CONCATENATE", "CONCAT", "TEXTJOIN"))
_EXPONENT = re.compile(r"\dE[-+]\d")
#: A last difference smaller than this share of the numbers read is 0 in Excel.
_LAST = 1e-13


class _Formula:
    """A formula as all its copies have it: its structure, its references and what it calls."""

    def __init__(self, normalised: NormalisedFormula) -> None:
        self.expr = parse(normalised.tokens)
        walked = () if self.expr is None else tuple(self.expr.walk())
        self.refs = tuple(expr for expr in walked if expr.kind in ("ref", "name"))
        self.calls = frozenset(map(name_of, filter(is_operation, walked)))
        self.numbers = tuple(abs(float(expr.text)) for expr in walked if expr.kind == "number")


class _Block(NamedTuple):
    """Copies of a formula that stand below one another."""

    sheet: str
    column: int
    first: int
    last: int
    normalised: NormalisedFormula

    def rows(self) -> range:
        return range(self.first, self.last + 1)

    def single_cell(self, row: int) -> _Block:
        return self._replace(first=row, last=row)


class SupportCheck:
    """Holds the formulas of a workbook against what engines are trusted with.

    Parameters
    ----------
    book
        The workbook.
    library
        Names of our own functions.
    features
        What the workbook has that no engine takes into account, in words.
    spilling
        Sheet -> cells whose formula spills over as many cells as it gives values.
    """

    def __init__(
        self,
        book: ReadBook,
        library: Collection[str],
        features: Collection[str] = (),
        spilling: dict[str, frozenset[Position]] | None = None,
    ) -> None:
        self.book, self.library = book, frozenset(library)
        self.features, self._spilling = tuple(features), spilling or {}
        self._graph = Graph(book)
        self._formulas: dict[str, _Formula] = {}
        self._structures: dict[tuple[str, str, str, str, bool], tuple[str, ...]] = {}
        self._constants: dict[tuple[str, str], bool] = {}

    @cached_property
    def _blocks(self) -> list[_Block]:
        return [_Block(*block) for block in self._graph.blocks()]

    def find_functions(self) -> frozenset[str]:
        """Return the functions and operators used."""
        return frozenset().union(*(self._formula(block.normalised).calls for block in self._blocks))

    def find_functions_of(self, places: Collection[Place]) -> frozenset[str]:
        """Return the functions and operators used in some cells."""
        forms = (self._graph.form(sheet, position) for sheet, position in places)
        return frozenset().union(
            *(self._formula(normalised).calls for normalised in forms if normalised is not None)
        )

    def find_cells_with(self, names: Collection[str], *, unread: bool = False) -> set[Place]:
        """Return the cells whose formula uses one of some functions, or that is not read."""
        return {
            cell
            for block in self._blocks
            if not (formula := self._formula(block.normalised)).calls.isdisjoint(names)
            or (unread and formula.expr is None)
            for cell in self._places(block)
        }

    def find_linked_cells(self) -> set[Place]:
        """Return the cells whose formula names another workbook."""
        blocks = (block for block in self._blocks if any(ref.book for ref in block.normalised.refs))
        return {cell for block in blocks for cell in self._places(block)}

    def _places(self, block: _Block) -> Iterator[Place]:
        """Yield the cells of a block, members of array ranges included."""
        for row in block.rows():
            yield block.sheet, (row, block.column)
            ref = self.book.sheets[block.sheet].array((row, block.column)) or ""
            if ":" in ref:
                r1, c1, r2, c2 = parse_range(ref)
                yield from (
                    (block.sheet, (r, c)) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)
                )

    def refusals(self, engine: str) -> list[str]:
        """Return what is in doubt whatever cells hold, in words."""
        return sorted({why for block in self._blocks for why in self._structure(engine, block)})

    def doubts(self, engine: str, values: Values) -> Doubts:
        """Return the cells that an engine is not trusted with.

        Parameters
        ----------
        engine
            Its name. Of an engine without a column in the table, which is asked for by name, only
            what no engine knows is in doubt.
        values
            What formula cells hold.
        """
        if engine == OWN:
            return {}
        contents = Contents(self.book, values)
        doubts_by_cell: Doubts = {}
        for block in self._blocks:
            if bad := self._structure(engine, block):
                doubts_by_cell.update((cell, bad) for cell in self._places(block))
            elif engine in ENGINES and any(self._met(engine, contents, block)):
                for single_cell in map(block.single_cell, block.rows()):
                    if reasons := tuple(dict.fromkeys(self._met(engine, contents, single_cell))):
                        doubts_by_cell.update((cell, reasons) for cell in self._places(single_cell))
        return doubts_by_cell

    # -- structure -------------------------------------------------------------------------------
    def _formula(self, normalised: NormalisedFormula) -> _Formula:
        if (formula := self._formulas.get(normalised.key)) is None:
            formula = self._formulas[normalised.key] = _Formula(normalised)
        return formula

    def _structure(self, engine: str, block: _Block) -> tuple[str, ...]:
        """Return what is in doubt about a formula whatever cells hold."""
        arrays = self.book.sheets[block.sheet].arrays()
        refs = (arrays.get((row, block.column)) for row in block.rows()) if arrays else ()
        ref = next(filter(None, refs), "")
        kind = "range" if ":" in ref else "cell" if ref else ""
        spills = (block.first, block.column) in self._spilling.get(block.sheet, ())
        key = engine, block.sheet, block.normalised.key, kind, spills
        if (reasons := self._structures.get(key)) is None:
            doubts = self._structural(engine, block, kind, spills=spills)
            reasons = self._structures[key] = tuple(dict.fromkeys(doubts))
        return reasons

    def _structural(self, engine: str, block: _Block, array: str, *, spills: bool) -> Iterator[str]:
        expr = self._formula(block.normalised).expr
        if expr is None:
            yield UNREAD
            return
        home = block.sheet, (block.first, block.column)

        def is_range(of: Expr) -> bool | None:
            if (area := self._area(of, *home)) is not None:
                return area.rows * area.columns > 1
            return False if self._is_constant(of, block.sheet) else None

        rules = Structure(engine, self.library, is_range, in_array=bool(array))
        if spills and array != "range" and rules.is_array(expr):
            yield "a dynamic array that is stored as one cell"
        elif doubts := list(rules.doubts(expr)):
            yield from doubts
        elif spills and array == "range":
            yield "a dynamic array"
        elif engine in ENGINES and rules.is_array(expr) and not array:
            yield "several cells where one value is shown"
        elif (
            engine == "formualizer"
            and (array == "range" or rules.is_array(expr))
            and not is_call_of(expr, self.library)
        ):
            yield "an array formula over several cells"

    def _is_constant(self, expr: Expr, sheet: str) -> bool:
        """Return whether a name stands for a number, a text or a logical."""
        if expr.kind != "name":
            return False
        key = sheet, expr.text
        if key not in self._constants:
            names = {name.upper(): text for name, text in self.book.names.items()}
            names |= {n.upper(): t for (s, n), t in self.book.local_names.items() if s == sheet}
            text = names.get(expr.text.rpartition("!")[2])
            tree = None if text is None else parse(normalise_formula(text, 1, 1).tokens)
            self._constants[key] = tree is not None and literal(tree) is not tree
        return self._constants[key]

    # -- contents --------------------------------------------------------------------------------
    def _area(self, expr: Expr, sheet: str, position: Position) -> Range | None:
        """Return the cells that a reference or a name means."""
        if expr.ref is not None:
            return self._graph.area(expr.ref, sheet, position)
        areas = self._graph.name(expr.text, sheet)
        return areas[0] if len(areas) == 1 else None

    def _met(self, engine: str, contents: Contents, block: _Block) -> Iterator[str]:
        """Yield what is in doubt for what stands in cells, of all copies of a block together."""
        formula = self._formula(block.normalised)
        assert formula.expr is not None
        areas: dict[int, Range | None] = {}

        def area(expr: Expr) -> Range | None:
            if id(expr) not in areas:
                areas[id(expr)] = self._block_area(expr, block)
            return areas[id(expr)]

        yield from CellRules(engine, contents, area).doubts(formula.expr)
        read = [a for expr in formula.refs if (a := area(expr)) is not None]
        if formula.calls.isdisjoint(self.library):
            yield from _results(contents, formula, block, read)
        if engine == "formualizer" and formula.expr.kind == "binary" and formula.expr.text in "+-":
            yield from _last_digits(contents, formula, block, read)

    def _block_area(self, expr: Expr, block: _Block) -> Range | None:
        """Return what a reference or a name means from all cells of a block together."""
        top = self._area(expr, block.sheet, (block.first, block.column))
        if block.first == block.last or top is None:
            return top
        end = self._area(expr, block.sheet, (block.last, block.column))
        if end is None:
            return None
        if end.r1 < top.r1 or end.r2 < top.r2:  # over the sheet's end
            return Range(top.sheet, 1, top.c1, MAX_ROWS, top.c2)
        return Range(top.sheet, min(top.r1, end.r1), top.c1, max(top.r2, end.r2), top.c2)


def _results(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield what is in doubt about what cells show."""
    shown = contents.letters(
        Range(block.sheet, block.first, block.column, block.last, block.column)
    )
    if "h" in shown:
        yield "a result beyond the limits or -0"
    if shown & TEXTS and not formula.calls.isdisjoint(_JOINING):
        values = (contents.value(block.sheet, row, block.column) for row in block.rows())
        if any(isinstance(value, str) and _EXPONENT.search(value) for value in values):
            yield "a number with an exponent in a text"
    held = frozenset().union(*map(contents.letters, read))
    if "x" not in shown or ("x" in held and block.first == block.last):
        return
    for row in block.rows():
        value = contents.value(block.sheet, row, block.column)
        if isinstance(value, CellError) and not _is_explained(value, formula, held):
            yield f"the error {value}"


def _is_explained(value: CellError, formula: _Formula, held: frozenset[str]) -> bool:
    """Return whether an error is what Excel gives: by 0, of a failed search, of text."""
    if value is CellError.DIV0:
        return not formula.calls.isdisjoint(_DIVIDING)
    if value is CellError.NA:
        return not formula.calls.isdisjoint(_SEEKING)
    texts = held & frozenset("estzy")
    return value is CellError.VALUE and bool(texts) and not formula.calls.isdisjoint(_FINDING)


def _last_digits(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield whether a last sum or difference is so small that Excel takes it for 0."""
    ends = (
        abs(n)
        for a in read
        if (ascending := contents.numbers(a))
        for n in (ascending[0], ascending[-1])
    )
    largest = max((*ends, *formula.numbers), default=0.0)
    for row in block.rows():
        value = contents.value(block.sheet, row, block.column)
        if isinstance(value, float) and value and abs(value) < _LAST * largest:
            yield "a difference that Excel takes for 0"
            return
