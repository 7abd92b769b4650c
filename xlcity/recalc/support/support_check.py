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
from functools import cached_property, partial
from typing import NamedTuple

from xlcity.errors import CellError, Problem, Where, WorkbookError
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
        walked = () if self.expr is None else tuple(self.expr.walk())
        self.refs = tuple(expr for expr in walked if expr.kind in ("ref", "name"))
        self.calls = frozenset(map(table_name, filter(is_operation, walked)))
        self.numbers = tuple(
            abs(float(expr.text)) for expr in walked if expr.kind == "number"
        )
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

    def single_cell(self, row: int) -> _Block:
        """Return a block of one cell: the copy of the formula that stands in this row."""
        return self._replace(first=row, last=row)


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
        self._structures: dict[tuple[str, str, str, str, bool], tuple[str, ...]] = {}
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
        formulas = (self._graph.normalised_formula(*place) for place in places)
        return frozenset().union(
            *(
                self._formula(normalised).calls
                for normalised in formulas
                if normalised is not None
            )
        )

    def find_cells_with(
        self, names: Collection[str], *, unread: bool = False
    ) -> set[Place]:
        """Return the cells whose formula uses one of some functions.

        With `unread` also those whose formula our parser does not read.
        """
        return {
            cell
            for block in self._blocks
            if not (formula := self._formula(block.normalised)).calls.isdisjoint(names)
            or (unread and formula.expr is None)
            for cell in self._cells_of_block(block)
        }

    def find_linked_cells(self) -> set[Place]:
        """Return the cells whose formula names another workbook."""
        blocks = (block for block in self._blocks if block.normalised.books)
        return {cell for block in blocks for cell in self._cells_of_block(block)}

    def _cells_of_block(self, block: _Block) -> Iterator[Place]:
        """Yield the cells of a block, members of array ranges included."""
        for row in block.rows():
            yield block.sheet, (row, block.column)
            ref = self.book.sheets[block.sheet].cells.arrays.get(
                (row, block.column), ""
            )
            if ":" in ref:
                area = Range(block.sheet, *parse_range(ref))
                yield from ((area.sheet, position) for position in area.positions)

    def structural_refusals(self, engine: str) -> list[str]:
        """Return what an engine is not trusted with whatever cells hold, in words."""
        return sorted(
            {
                r
                for block in self._blocks
                for r in self._structural_doubts(engine, block)
            }
        )

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
            if reasons := self._structural_doubts(engine, block):
                doubts_by_cell.update(
                    (cell, reasons) for cell in self._cells_of_block(block)
                )
            elif engine in ENGINES and any(self._value_doubts(engine, contents, block)):
                for row in block.rows():
                    single = block.single_cell(row)
                    doubts = self._value_doubts(engine, contents, single)
                    if reasons := tuple(dict.fromkeys(doubts)):
                        cells = self._cells_of_block(single)
                        doubts_by_cell.update((cell, reasons) for cell in cells)
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
        arrays = self.book.sheets[block.sheet].arrays()
        refs = (
            (arrays.get((row, block.column)) for row in block.rows()) if arrays else ()
        )
        ref = next(filter(None, refs), "")
        kind = "range" if ":" in ref else "cell" if ref else ""
        spills = (block.first, block.column) in self._spilling.get(block.sheet, ())
        key = engine, block.sheet, block.normalised.key, kind, spills
        if (reasons := self._structures.get(key)) is None:
            doubts = self._apply_structure_rules(engine, block, kind, spills=spills)
            reasons = self._structures[key] = tuple(dict.fromkeys(doubts))
        return reasons

    def _apply_structure_rules(
        self, engine: str, block: _Block, array: str, *, spills: bool
    ) -> Iterator[str]:
        """Yield what is in doubt about the formula of a block whatever cells hold.

        `array` is "range" or "cell" for an array formula of a range or of one cell, `spills` says
        whether it is a dynamic array.
        """
        formula = self._formula(block.normalised)
        expr = formula.expr
        if expr is None:
            yield Message(UNREAD_FORMULA)
            return
        if self._counts_from_1904 and engine == "formualizer" and formula.has_days:
            yield Message("doubt.counted_from_1904")
        first_cell = block.sheet, (block.first, block.column)

        def is_range(reference: Expr) -> bool | None:
            """Return whether a reference or name means several cells; None if it leads nowhere."""
            if (area := self._area(reference, *first_cell)) is not None:
                return area.rows * area.columns > 1
            return False if self._is_constant(reference, block.sheet) else None

        rules = StructureRules(engine, self.library, is_range, in_array=bool(array))
        if spills and array != "range" and rules.is_array(expr):
            yield Message("doubt.dynamic_array_in_one_cell")
        elif doubts := list(rules.doubts(expr)):
            yield from doubts
        elif spills and array == "range":
            yield Message("doubt.dynamic_array")
        elif engine in ENGINES and rules.is_array(expr) and not array:
            yield Message("doubt.several_cells_for_one_value")
        elif (
            engine == "formualizer"
            and (array == "range" or rules.is_array(expr))
            and not is_call_of(expr, self.library)
        ):
            yield Message("doubt.array_formula")

    def _is_constant(self, expr: Expr, sheet: str) -> bool:
        """Return whether a name, as a sheet knows it, stands for a number, a text or a logical."""
        key = sheet, expr.text
        if key not in self._constants:
            names = {name.upper(): text for name, text in self.book.names.items()}
            names |= {
                n.upper(): t
                for (s, n), t in self.book.local_names.items()
                if s == sheet
            }
            text = names.get(expr.text.rpartition("!")[2])
            tree = None if text is None else parse(normalise_formula(text, 1, 1).tokens)
            self._constants[key] = (
                tree is not None and constant_or_self(tree) is not tree
            )
        return self._constants[key]

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
        read = [a for expr in formula.refs if (a := area(expr)) is not None]
        if formula.calls.isdisjoint(self.library):
            yield from _result_doubts(contents, formula, block, read)
        if (
            engine == "formualizer"
            and formula.expr.kind == "binary"
            and formula.expr.text in "+-"
        ):
            yield from _residue_doubts(contents, formula, block, read)

    def _block_area(self, expr: Expr, block: _Block) -> Range | None:
        """Return the area that a reference or a name means for all cells of a block together."""
        top = self._area(expr, block.sheet, (block.first, block.column))
        end = self._area(expr, block.sheet, (block.last, block.column))
        # Copies are as far from what they read: none of a block reaches over the sheet's end.
        return top and end and Range(top.sheet, top.r1, top.c1, end.r2, top.c2)


def _result_doubts(
    contents: Contents, formula: _Formula, block: _Block, read: list[Range]
) -> Iterator[str]:
    """Yield in words what is in doubt about the results of the copies of a formula.

    `contents` has the values of all cells, `block` says where the copies are, `read` are the areas
    that they read together.
    """
    result_letters = contents.letters(
        Range(block.sheet, block.first, block.column, block.last, block.column)
    )
    if EXTREME in result_letters:
        yield Message("doubt.result_beyond_limits")
    if _gives_day(formula) and "i" in result_letters:
        yield Message("doubt.day_out_of_range")
    if result_letters & TEXTS and not formula.calls.isdisjoint(_TEXT_JOINING):
        values = (
            contents.value(block.sheet, row, block.column) for row in block.rows()
        )
        if any(isinstance(value, str) and _EXPONENT.search(value) for value in values):
            yield Message("doubt.exponent_in_text")
    read_letters = frozenset().union(*map(contents.letters, read))
    if ERROR not in result_letters or (
        ERROR in read_letters and block.first == block.last
    ):
        return
    for row in block.rows():
        value = contents.value(block.sheet, row, block.column)
        if isinstance(value, CellError) and not _is_error_expected(
            value, formula, read_letters
        ):
            yield Message("doubt.error_value", value=value)


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
    results = (contents.value(block.sheet, row, block.column) for row in block.rows())
    least = min(
        (abs(r) for r in results if isinstance(r, float) and r), default=math.inf
    )
    if any(least < _ZERO_SHARE * number for number in formula.numbers) or any(
        # A column is sorted once for all areas in it.
        least < _ZERO_SHARE * contents.largest_in_columns(area)
        and any(least < _ZERO_SHARE * abs(number) for number in contents.numbers(area))
        for area in read
    ):
        yield Message("doubt.difference_taken_for_zero")


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
    sheets = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    return digest_of((use, sorted(library), book.names, book.local_names, sheets))


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
#: A kind of formula that no program writes, or an array formula that says no range; with a prefix.
_UNKNOWN_KIND, _PREFIXED_UNKNOWN_KIND = (
    re.compile(
        start
        + rb"(?:(?=[^>]*\bt=[\"'])(?![^>]*\bt=[\"'](?:normal|array|shared|dataTable)[\"'])"
        rb"|(?=[^>]*\bt=[\"']array[\"'])(?![^>]*\bref=))"
    )
    for start in (rb"<f\s", rb"<\w+:f\s")  # most files have none
)
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
        parts = (
            package.parts.get(sheet.part, b"").upper() for sheet in book.sheets.values()
        )
        if any(name in part for part in parts for name in _CALLS_SKIPPING_HIDDEN_ROWS):
            ignored_features.add(HIDDEN)
    settings = package.parts[package.workbook_part]
    if _PRECISION_AS_DISPLAYED.search(settings):
        ignored_features.add(PRECISION)
    if _ITERATION.search(settings) and find_circles(Graph(book)):
        ignored_features.add(ITERATION)
    return sorted(ignored_features)


def _find_ignored(xml: bytes) -> frozenset[str]:
    """Return the keys of what of a sheet's XML no engine takes into account."""
    ignored_features = set()
    if b"dataTable" in xml and _DATA_TABLE.search(xml):
        ignored_features.add(_DATA_TABLE_FOUND)
    if _UNKNOWN_KIND.search(xml) or (
        b":f" in xml and _PREFIXED_UNKNOWN_KIND.search(xml)
    ):
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
    if is_template(book.names) and not any(
        find_area(book, name) for name in CONTRACT_NAMES
    ):
        raise WorkbookError(
            Problem.of("XC411.lost_names", Where(book.file), names=CONTRACT_NAMES)
        )
    broken = {
        name.casefold(): name
        for name, text in book.names.items()
        if _is_broken_name_text(book, text)
    }
    if broken and (problems := [*_broken_name_problems(book, broken)]):
        raise WorkbookError(problems)


def _is_broken_name_text(book: ReadBook, text: str) -> bool:
    """Return whether the text of a name is not a formula, or names a missing sheet."""
    unquoted = _QUOTED_TEXT.sub("", text)
    if unquoted.count("(") != unquoted.count(")") or '"' in unquoted or "'" in unquoted:
        return True
    sheets = {name.casefold() for name in book.sheets}
    refs = [
        token.ref
        for token in normalise_formula(text, 1, 1).tokens
        if token.ref is not None
    ]
    # A:B!C1 is a row of sheets.
    named = [
        ref.sheet for ref in refs if ref.sheet and not ref.book and ":" not in ref.sheet
    ]
    return any(name.casefold() not in sheets for name in named)


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
