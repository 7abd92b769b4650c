"""Which formulas of a workbook an engine is not known to compute as Excel does.

One table says which functions an engine computes as Excel does and what each takes; a few rules
look at the structure of a formula and at the sorts of values in the cells it names. A block of
copies is judged by what all of them read together, and cell by cell only where that is in doubt.
Nothing is evaluated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from enum import Enum, auto
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

from xlcity.errors import CellError, CellValue, Problem, Where, WorkbookError
from xlcity.messages import Message
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.contents import ERROR, EXTREME, PLAIN_TEXTS, TEXTS, Contents
from xlcity.recalc.support.formula_rules import (
    DAY_FUNCTIONS,
    ENGINES,
    CellRules,
    StructureRules,
    constant_or_self,
    handles_days,
    is_call_of,
    is_operation,
    table_name,
)
from xlcity.xlsx.address import Range, cell_name, parse_cell, parse_range
from xlcity.xlsx.cells import Position, ReadBook, find_area
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import NormalisedFormula, normalise_formula
from xlcity.xlsx.package import Package
from xlcity.xlsx.user_cache import digest_of

#: Our own engine computes templates, and refuses what is in doubt.
OWN_ENGINE = "compiled"
#: The key of the doubt about a formula that our parser does not read.
UNREAD_FORMULA = "doubt.unread_formula"
#: Doubts about an error, and about what gives one: a name or a reference that leads nowhere.
_ABOUT_ERROR = ("the error ", "a reference that leads nowhere", "the name ")
#: Cells in doubt -> why, in words.
Doubts = dict[Place, tuple[str, ...]]
#: Error -> functions and operators that give it: for a search that fails, a division, a text.
_CAUSES_OF_ERROR = {
    CellError.NA: "MATCH VLOOKUP HLOOKUP LOOKUP XMATCH RANK RANK.EQ NA IFS SWITCH".split(),  # noqa: SIM905
    CellError.DIV0: [
        "/",
        "AVERAGE",
        "AVERAGEIF",
        "AVERAGEIFS",
        "STDEV",
        "STDEV.S",
        "STDEV.P",
        "STDEVP",
        "VAR",
        "VAR.S",
        "VARP",
        "VAR.P",
        "MOD",
    ],
    CellError.VALUE: "FIND SEARCH VALUE + - * / ^ u- %".split(),  # noqa: SIM905
}
_FORMUALIZER = "formualizer"
#: Functions and operators that join texts.
_TEXT_JOINING = frozenset(("&", "CONCATENATE", "CONCAT", "TEXTJOIN"))
_EXPONENT = re.compile(r"\dE[-+]\d")
#: A final difference smaller than this share of the numbers read is 0 in Excel.
_ZERO_SHARE = 1e-13


def is_about_error(doubt: str) -> bool:
    """Return whether a doubt is only whether Excel gives the same error.

    >>> is_about_error("the error #NUM!"), is_about_error("TREND")
    (True, False)
    """
    return doubt.startswith(_ABOUT_ERROR)


class _Formula:
    """A formula as all its copies have it: its structure, its references and what it calls.

    `expr` is its tree, None if our parser does not read it; `refs` are the references and names in
    it, `calls` the functions and operators as the table names them, `numbers` the sizes of its
    numbers.
    """

    def __init__(self, normalised: NormalisedFormula) -> None:
        """Parse the formula, and collect its references, operations and numbers."""
        self.expr = parse(normalised.tokens)
        walked = [] if self.expr is None else [*self.expr.walk()]
        references = (expr for expr in walked if expr.kind in ("ref", "name"))
        self.refs = tuple(references)
        self.calls = frozenset(map(table_name, filter(is_operation, walked)))
        numbers = (float(expr.text) for expr in walked if expr.kind == "number")
        self.numbers = tuple(map(abs, numbers))
        self.errors = frozenset(expr.text for expr in walked if expr.kind == "error")
        self.has_days = any(map(handles_days, self.calls))


class _Block(NamedTuple):
    """Copies of a formula in a column, from the first row to the last."""

    sheet: str
    column: int
    first: int
    last: int
    normalised: NormalisedFormula

    def rows(self) -> range:
        """Return the rows of the copies."""
        return range(self.first, self.last + 1)

    def area(self) -> Range:
        """Return the cells of the copies."""
        top = self.first, self.column
        bottom = self.last, self.column
        return Range(self.sheet, *top, *bottom)

    def single_cell(self, row: int) -> _Block:
        """Return a block of one cell: the copy of the formula that stands in this row."""
        return self._replace(first=row, last=row)


class _ArrayKind(Enum):
    """Whether copies of a formula are array formulas, and whether of a range."""

    NONE = auto()
    OF_CELL = auto()
    OF_RANGE = auto()


class _StructureKey(NamedTuple):
    """What decides the doubts about a formula whatever cells hold."""

    engine: str
    sheet: str
    formula: str
    array: _ArrayKind
    spills: bool

    @property
    def takes_first_value(self) -> bool:
        """Whether an engine of the table gives one value where a formula may give several."""
        return self.array is _ArrayKind.NONE and self.engine in ENGINES


class SupportCheck:
    """Finds the formulas of a workbook that an engine is not trusted with.

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
    counts_from_1904
        Whether days are counted from 1904, which formualizer does not do.
    """

    def __init__(
        self,
        book: ReadBook,
        library: Collection[str],
        features: Collection[str] = (),
        spilling: dict[str, frozenset[Position]] | None = None,
        *,
        counts_from_1904: bool = False,
    ) -> None:
        self.book = book
        self.library = frozenset(library)
        self.features = tuple(features)
        self._spilling = spilling or {}
        self._counts_from_1904 = counts_from_1904
        self._graph = Graph(book)
        self._formulas: dict[str, _Formula] = {}
        self._structures: dict[_StructureKey, tuple[str, ...]] = {}
        self._constants: dict[tuple[str, str], bool] = {}

    @cached_property
    def _blocks(self) -> list[_Block]:
        """The formulas of the workbook as blocks of copies in a column."""
        return [_Block(*block) for block in self._graph.blocks()]

    def find_functions(self) -> frozenset[str]:
        """Return the names of the functions and operators that the workbook's formulas use."""
        return frozenset().union(
            *(self._formula(block.normalised).calls for block in self._blocks)
        )

    def find_functions_of(self, places: Collection[Place]) -> frozenset[str]:
        """Return the functions and operators used in some cells, given by sheet and position."""
        functions: set[str] = set()
        for place in places:
            normalised = self._graph.normalised_formula(*place)
            if normalised is not None:
                functions |= self._formula(normalised).calls
        return frozenset(functions)

    def find_cells_with(
        self, names: Collection[str], *, unread: bool = False
    ) -> set[Place]:
        """Return the cells whose formula uses one of some functions.

        With `unread` also those whose formula our parser does not read.
        """
        cells: set[Place] = set()
        for block in self._blocks:
            formula = self._formula(block.normalised)
            is_unread = unread and formula.expr is None
            if is_unread or not formula.calls.isdisjoint(names):
                cells.update(self._cells_of_block(block))
        return cells

    def find_linked_cells(self) -> set[Place]:
        """Return the cells whose formula names another workbook."""
        blocks = (block for block in self._blocks if block.normalised.books)
        return set(chain.from_iterable(map(self._cells_of_block, blocks)))

    def _cells_of_block(self, block: _Block) -> Iterator[Place]:
        """Yield the cells of a block, members of array ranges included."""
        arrays = self.book.sheets[block.sheet].cells.arrays
        for row in block.rows():
            yield block.sheet, (row, block.column)
            ref = arrays.get((row, block.column), "")
            if ":" in ref:
                area = Range(block.sheet, *parse_range(ref))
                yield from ((area.sheet, position) for position in area.positions)

    def structural_refusals(self, engine: str) -> list[str]:
        """Return what an engine is not trusted with whatever cells hold, in words."""
        reasons: set[str] = set()
        for block in self._blocks:
            reasons.update(self._structural_doubts(engine, block))
        return sorted(reasons)

    def doubts(self, engine: str, values: Values) -> Doubts:
        """Return the cells that an engine is not trusted with.

        Parameters
        ----------
        engine
            Its name. Of an engine without a column in the table, only what no engine knows is in
            doubt.
        values
            The values of formula cells.
        """
        if engine == OWN_ENGINE:
            return {}
        contents = Contents(self.book, values)
        doubts_by_cell: Doubts = {}
        for block in self._blocks:
            reasons = self._structural_doubts(engine, block)
            if reasons:
                cells = self._cells_of_block(block)
                doubts_by_cell |= dict.fromkeys(cells, reasons)
            elif engine in ENGINES and any(self._value_doubts(engine, contents, block)):
                doubts_by_cell |= self._doubts_by_row(engine, contents, block)
        return doubts_by_cell

    def _doubts_by_row(self, engine: str, contents: Contents, block: _Block) -> Doubts:
        """Return the cells of a block that are in doubt because of the values that each reads."""
        doubts_by_cell: Doubts = {}
        for row in block.rows():
            single = block.single_cell(row)
            doubts = self._value_doubts(engine, contents, single)
            reasons = tuple(dict.fromkeys(doubts))
            if reasons:
                cells = self._cells_of_block(single)
                doubts_by_cell |= dict.fromkeys(cells, reasons)
        return doubts_by_cell

    # -- structure -------------------------------------------------------------------------------
    def _formula(self, normalised: NormalisedFormula) -> _Formula:
        """Return the parsed formula that copies have in common, parsed once."""
        if (formula := self._formulas.get(normalised.key)) is None:
            formula = self._formulas[normalised.key] = _Formula(normalised)
        return formula

    def _structural_doubts(self, engine: str, block: _Block) -> tuple[str, ...]:
        """Return in words what an engine may compute otherwise of a formula, whatever cells hold.

        `block` has the copies of the formula in a column; the answer is cached.
        """
        spills = (block.first, block.column) in self._spilling.get(block.sheet, ())
        key = _StructureKey(
            engine,
            block.sheet,
            formula=block.normalised.key,
            array=self._array_kind(block),
            spills=spills,
        )
        if (reasons := self._structures.get(key)) is None:
            doubts = self._apply_structure_rules(key, block)
            reasons = self._structures[key] = tuple(dict.fromkeys(doubts))
        return reasons

    def _array_kind(self, block: _Block) -> _ArrayKind:
        """Return whether the copies of a block are array formulas: the first of them says it."""
        arrays = self.book.sheets[block.sheet].arrays()
        if not arrays:
            return _ArrayKind.NONE
        refs = (arrays.get((row, block.column)) for row in block.rows())
        ref = next(filter(None, refs), None)
        if ref is None:
            return _ArrayKind.NONE
        return _ArrayKind.OF_RANGE if ":" in ref else _ArrayKind.OF_CELL

    def _apply_structure_rules(
        self, key: _StructureKey, block: _Block
    ) -> Iterator[str]:
        """Yield what is in doubt about the formula of a block whatever cells hold."""
        formula = self._formula(block.normalised)
        expr = formula.expr
        if expr is None:
            yield Message(UNREAD_FORMULA)
            return
        is_formualizer = key.engine == _FORMUALIZER
        if self._counts_from_1904 and is_formualizer and formula.has_days:
            yield Message("doubt.counted_from_1904")
        rules = StructureRules(
            key.engine,
            self.library,
            partial(self._is_range, block),
            in_array=key.array is not _ArrayKind.NONE,
        )
        doubts = list(rules.doubts(expr))
        is_array = rules.is_array(expr)
        fills_range = key.array is _ArrayKind.OF_RANGE
        if key.spills and is_array and not fills_range:
            yield Message("doubt.dynamic_array_in_one_cell")
        elif doubts:
            yield from doubts
        elif key.spills and fills_range:
            yield Message("doubt.dynamic_array")
        elif is_array and key.takes_first_value:
            yield Message("doubt.several_cells_for_one_value")
        elif is_formualizer and (fills_range or is_array):
            yield from _array_doubts(expr, self.library)

    def _is_range(self, block: _Block, reference: Expr) -> bool | None:
        """Return whether a reference or name means several cells; None if it leads nowhere."""
        area = self._area(reference, block.sheet, (block.first, block.column))
        if area is not None:
            return area.rows * area.columns > 1
        return False if self._is_constant(reference, block.sheet) else None

    def _is_constant(self, expr: Expr, sheet: str) -> bool:
        """Return whether a name, as a sheet knows it, stands for a number, a text or a logical."""
        key = sheet, expr.text
        if key not in self._constants:
            text = self._text_of_name(expr.text.rpartition("!")[2], sheet)
            tree = None if text is None else parse(normalise_formula(text, 1, 1).tokens)
            is_constant = tree is not None and constant_or_self(tree) is not tree
            self._constants[key] = is_constant
        return self._constants[key]

    def _text_of_name(self, name: str, sheet: str) -> str | None:
        """Return what a name in upper case stands for on a sheet; None for an unknown one."""
        texts = {known.upper(): text for known, text in self.book.names.items()}
        for (own_sheet, own_name), text in self.book.local_names.items():
            if own_sheet == sheet:
                texts[own_name.upper()] = text
        return texts.get(name)

    # -- contents --------------------------------------------------------------------------------
    def _area(self, expr: Expr, sheet: str, position: Position) -> Range | None:
        """Return the cells that a reference or a name means in the formula of a cell.

        None if it is no area. `sheet` and `position` are the cell's.
        """
        if expr.ref is not None:
            return self._graph.area(expr.ref, sheet, position)
        areas = self._graph.areas_of_name(expr.text, sheet, position)
        return areas[0] if len(areas) == 1 else None

    def _value_doubts(
        self, engine: str, contents: Contents, block: _Block
    ) -> Iterator[str]:
        """Yield the uses in which the engine may differ from Excel because of the values they meet.

        `contents` has the values of all cells, `block` the copies of one formula in a column, which
        are judged together. Results of our own functions are computed by us, not by the engine;
        formualizer alone keeps the residue of a difference that Excel takes for 0.
        """
        formula = self._formula(block.normalised)
        assert formula.expr is not None
        areas: dict[int, Range | None] = {}

        def area(expr: Expr) -> Range | None:
            """Return the cells that a reference means for all copies together, found once."""
            if id(expr) not in areas:
                areas[id(expr)] = self._block_area(expr, block)
            return areas[id(expr)]

        yield from CellRules(engine, contents, area).doubts(formula.expr)
        read = list(filter(None, map(area, formula.refs)))
        if formula.calls.isdisjoint(self.library):
            yield from _result_doubts(contents, formula, block, read)
        is_sum = formula.expr.kind == "binary" and formula.expr.text in "+-"
        if is_sum and engine == _FORMUALIZER:
            yield from _residue_doubts(contents, formula, block, read)

    def _block_area(self, expr: Expr, block: _Block) -> Range | None:
        """Return the area that a reference or a name means for all cells of a block together."""
        top = self._area(expr, block.sheet, (block.first, block.column))
        end = self._area(expr, block.sheet, (block.last, block.column))
        if top is None or end is None:
            return None
        # Copies are as far from what they read: none of a block reaches over the sheet's end.
        return replace(top, r2=end.r2)


def _array_doubts(expr: Expr, library: Collection[str]) -> Iterator[str]:
    """Yield a doubt about an array formula unless it is a call of one of our own functions."""
    if not is_call_of(expr, library):
        yield Message("doubt.array_formula")


def _result_doubts(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield in words what is in doubt about the results of the copies of a formula.

    `contents` has the values of all cells, `block` says where the copies are, `read` are the areas
    that they read together.
    """
    result_letters = contents.letters(block.area())
    if EXTREME in result_letters:
        yield Message("doubt.result_beyond_limits")
    if _gives_day(formula) and "i" in result_letters:
        yield Message("doubt.day_out_of_range")
    joins_texts = not formula.calls.isdisjoint(_TEXT_JOINING)
    texts = _results(contents, block) if joins_texts and result_letters & TEXTS else ()
    if any(map(_has_exponent, texts)):
        yield Message("doubt.exponent_in_text")
    if ERROR in result_letters:
        yield from _error_doubts(contents, formula, block, read)


def _error_doubts(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield a doubt for each error that the copies of a formula give: see `_result_doubts`."""
    read_letters = frozenset().union(*map(contents.letters, read))
    # What one cell reads may be the error that it gives.
    if ERROR in read_letters and block.first == block.last:
        return
    for value in _results(contents, block):
        if not isinstance(value, CellError):
            continue
        if not _is_error_expected(value, formula, read_letters):
            yield Message("doubt.error_value", value=value)


def _results(contents: Contents, block: _Block) -> Iterator[CellValue]:
    """Yield the values of the copies of a formula, from top to bottom."""
    return (contents.value(block.sheet, row, block.column) for row in block.rows())


def _has_exponent(value: CellValue) -> bool:
    """Return whether a value is a text with a number in it that has an exponent."""
    return isinstance(value, str) and _EXPONENT.search(value) is not None


def _gives_day(formula: _Formula) -> bool:
    """Return whether the result of a formula is that of a function that gives a day."""
    expr = formula.expr
    return expr is not None and expr.kind == "call" and expr.text in DAY_FUNCTIONS


def _is_error_expected(
    error: CellError, formula: _Formula, read_letters: frozenset[str]
) -> bool:
    """Return whether Excel may give the same error, by the values that a formula reads.

    So may a division give #DIV/0!, a search #N/A, and #VALUE! a text that is not a number; and a
    formula may name the error.
    `read_letters` are the sorts of values, as `contents.letter_of` names them.
    """
    if str(error) in formula.errors:
        return True
    if error is CellError.VALUE and read_letters.isdisjoint(PLAIN_TEXTS):
        return False
    return not formula.calls.isdisjoint(_CAUSES_OF_ERROR.get(error, ()))


def _residue_doubts(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield a doubt if a final sum or difference is so small that Excel takes it for 0.

    That is measured by the largest number that the formula has, or the areas `read` by its copies.
    """
    numbers = (r for r in _results(contents, block) if isinstance(r, float) and r)
    least = min(map(abs, numbers), default=math.inf)
    is_residue = any(least < _ZERO_SHARE * number for number in formula.numbers)
    if is_residue or any(_has_far_larger(contents, area, least) for area in read):
        yield Message("doubt.difference_taken_for_zero")


def _has_far_larger(contents: Contents, area: Range, number: float) -> bool:
    """Return whether an area has a number beside which another is taken for 0."""
    # A column is sorted once for all areas in it.
    if number >= _ZERO_SHARE * contents.largest_in_columns(area):
        return False
    return any(number < _ZERO_SHARE * abs(other) for other in contents.numbers(area))


# -- what beside formulas decides what they give: settings, hidden rows, names ---------------------
#: Names that every template of ours has.
CONTRACT_NAMES = ("xl_report", "xl_version", "xl_framework", "chk_verdict")


def is_template(names: Iterable[str]) -> bool:
    """Return whether the names of a workbook are those of a template of ours.

    This decides which engine is asked first, not whether its results are trusted.
    """
    folded = {name.casefold() for name in names}
    return all(name in folded for name in CONTRACT_NAMES)


def formulas_digest(book: ReadBook, library: Collection[str], use: str) -> str | None:
    """Return a digest of the formulas and names of a workbook, or None if it cannot be made.

    `library` are the names of the library's functions, `use` says what the digest is a key of.
    """
    sheets = [
        (sheet.name, sheet.cells.digest(), sheet.arrays())
        for sheet in book.sheets.values()
    ]
    names = sorted(library)
    return digest_of((use, names, book.names, book.local_names, sheets))


_DATA_TABLE = re.compile(rb"<(?:\w+:)?f\s[^>]*\bt=[\"']dataTable[\"']")
#: A setting to compute with the digits displayed.
_PRECISION_AS_DISPLAYED = re.compile(
    rb"<(?:\w+:)?calcPr\s[^>]*\bfullPrecision=[\"'](?:0|false)[\"']"
)
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"']")
_ITERATION = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*\biterate=[\"'](?:1|true)[\"']")
#: Keys of what is in doubt: when a program ends an iteration, and which rows it takes for hidden.
ITERATION = "doubt.iteration"
HIDDEN = "doubt.hidden_rows"
#: What may change any result: rounding to the digits shown, and formulas that no program writes.
PRECISION = "doubt.precision_as_displayed"
UNKNOWN_KIND = "doubt.unknown_kind"
_DATA_TABLE_FOUND = "doubt.data_table"
#: On some sheet rows are hidden, which is in doubt only where SUBTOTAL is called.
_ROWS_HIDDEN = "hidden rows"
_CALLS_SKIPPING_HIDDEN_ROWS = (b"SUBTOTAL(", b"AGGREGATE(")
#: A kind of formula that no program writes, or an array formula that says no range.
_UNKNOWN_KIND_ATTRIBUTES = (
    rb"(?:(?=[^>]*\bt=[\"'])(?![^>]*\bt=[\"'](?:normal|array|shared|dataTable)[\"'])"
    rb"|(?=[^>]*\bt=[\"']array[\"'])(?![^>]*\bref=))"
)
_UNKNOWN_KIND = re.compile(rb"<f\s" + _UNKNOWN_KIND_ATTRIBUTES)
#: The same with a prefix, which few files have.
_PREFIXED_UNKNOWN_KIND = re.compile(rb"<\w+:f\s" + _UNKNOWN_KIND_ATTRIBUTES)
#: A cell whose formula Excel spills over as many cells as it gives values.
_DYNAMIC_ARRAY_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]*\bcm=[\"'][1-9])[^>]*\br=[\"']([A-Z]+[0-9]+)[\"']"
)
_QUOTED_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


def find_spilling_cells(
    package: Package, book: ReadBook
) -> dict[str, frozenset[Position]]:
    """Return the cells of each sheet whose formulas are dynamic arrays."""
    cells_by_sheet = {}
    for sheet in book.sheets.values():
        xml = package.parts.get(sheet.part, b"")
        cells = sheet.cells.keep("spilling cells", None, partial(_find_spilling, xml))
        if cells:
            cells_by_sheet[sheet.name] = cells
    return cells_by_sheet


def _find_spilling(xml: bytes) -> frozenset[Position]:
    """Return the cells of a sheet's XML whose formulas are dynamic arrays."""
    if b"cm=" not in xml:
        return frozenset()
    cells = (parse_cell(name.decode()) for name in _DYNAMIC_ARRAY_CELL.findall(xml))
    return frozenset(cell for cell in cells if cell is not None)


def find_ignored_features(package: Package, book: ReadBook) -> list[str]:
    """Return the keys of what of a workbook no engine takes into account."""
    ignored_features: set[str] = set()
    for sheet in book.sheets.values():
        xml = package.parts.get(sheet.part, b"")
        ignored_features |= sheet.cells.keep(
            "ignored", None, partial(_find_ignored, xml)
        )
    if _ROWS_HIDDEN in ignored_features:
        ignored_features.remove(_ROWS_HIDDEN)
        names = [sheet.part for sheet in book.sheets.values()]
        parts = (package.parts.get(name, b"") for name in names)
        if any(map(_skips_hidden_rows, parts)):
            ignored_features.add(HIDDEN)
    settings = package.parts[package.workbook_part]
    if _PRECISION_AS_DISPLAYED.search(settings):
        ignored_features.add(PRECISION)
    if _ITERATION.search(settings) and find_circles(Graph(book)):
        ignored_features.add(ITERATION)
    return sorted(ignored_features)


def _skips_hidden_rows(xml: bytes) -> bool:
    """Return whether a formula of a sheet's XML leaves out hidden rows."""
    upper = xml.upper()
    return any(call in upper for call in _CALLS_SKIPPING_HIDDEN_ROWS)


def _find_ignored(xml: bytes) -> frozenset[str]:
    """Return the keys of what of a sheet's XML no engine takes into account."""
    ignored_features = set()
    if b"dataTable" in xml and _DATA_TABLE.search(xml):
        ignored_features.add(_DATA_TABLE_FOUND)
    has_prefix = b":f" in xml
    if _UNKNOWN_KIND.search(xml) or (has_prefix and _PREFIXED_UNKNOWN_KIND.search(xml)):
        ignored_features.add(UNKNOWN_KIND)
    if b"hidden=" in xml and _HIDDEN_ROW.search(xml):
        ignored_features.add(_ROWS_HIDDEN)
    return frozenset(ignored_features)


def refuse_broken_names(book: ReadBook) -> None:
    """Refuse formulas that use a name whose text is not a formula, or leads to a lost sheet.

    Also refused is a template none of whose own names leads anywhere.

    Raises
    ------
    WorkbookError
        With every such name and the first cell that uses it.
    """
    areas = (find_area(book, name) for name in CONTRACT_NAMES)
    if is_template(book.names) and not any(areas):
        where = Where(book.file)
        raise WorkbookError.of("XC411.lost_names", where, names=CONTRACT_NAMES)
    broken = {
        name.casefold(): name
        for name, text in book.names.items()
        if _is_broken_name_text(book, text)
    }
    if broken:
        WorkbookError.raise_for(_broken_name_problems(book, broken))


def _is_broken_name_text(book: ReadBook, text: str) -> bool:
    """Return whether the text of a name is not a formula, or names a missing sheet."""
    unquoted = _QUOTED_TEXT.sub("", text)
    if unquoted.count("(") != unquoted.count(")") or '"' in unquoted or "'" in unquoted:
        return True
    sheets = {name.casefold() for name in book.sheets}
    for ref in normalise_formula(text, 1, 1).refs:
        # A:B!C1 is a row of sheets.
        is_of_one_sheet = ref.sheet and not ref.book and ":" not in ref.sheet
        if is_of_one_sheet and ref.sheet.casefold() not in sheets:
            return True
    return False


def _broken_name_problems(book: ReadBook, broken: dict[str, str]) -> Iterator[Problem]:
    """Yield a problem for each broken name that a formula uses: the name, its text, the first cell.

    `broken` has the names by their casefolded form.
    """
    names = "|".join(map(re.escape, broken))
    pattern = re.compile(rf"(?<![\w.!])(?:{names})(?![\w.(!])", re.IGNORECASE)
    first_use: dict[str, Where] = {}
    for sheet in book.sheets.values():
        for position, formula in sheet.cells.texts().items():
            for match in pattern.finditer(_QUOTED_TEXT.sub("", formula)):
                where = Where(book.file, sheet.name, cell_name(*position))
                first_use.setdefault(match[0].casefold(), where)
    for key, where in first_use.items():
        name = broken[key]
        yield Problem.of(
            "XC411.uncomputed_name", where, name=name, text=book.names[name]
        )
