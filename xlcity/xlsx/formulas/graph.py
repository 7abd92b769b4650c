"""Which cells a formula reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.structured import TableArea, plain_formula
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, Token, normalise_formula
from xlcity.xlsx.table import CellTable

#: (sheet, (row, column)).
Place = tuple[str, Position]
#: Column, first and last row, and formula of copies below one another.
_Block = tuple[int, int, int, NormalisedFormula]
#: Blocks by the digest of a sheet's formulas, and tables: a workbook saved again has the same.
_BLOCKS: dict[tuple[bytes, str], list[_Block]] = {}
_MOST_SHEETS = 256
#: Functions that use the place or size of a range and read no value in it.
_SHAPE_FUNCTIONS = frozenset(
    "ROW ROWS COLUMN COLUMNS CELL AREAS FORMULATEXT ISFORMULA ISREF SHEET".split()  # noqa: SIM905
)
#: Functions that take some cells of their first argument: `INDEX(A:A,ROW()-1)` in column A.
_PICKING_FUNCTIONS = frozenset(("INDEX", "OFFSET"))
#: Functions of single values: of a row or column, a formula that is no array takes the cell beside
#: it ("implicit intersection"). In the next ones an operator does so, but not the function itself.
_VALUE_FUNCTIONS = frozenset(
    "ABS INT LN MOD NOT POWER ROUND ROUNDDOWN ROUNDUP SINGLE SQRT TRUNC".split()  # noqa: SIM905
)
_SUMMING_FUNCTIONS = frozenset(
    ("AND", "AVERAGE", "COUNT", "MAX", "MIN", "OR", "PRODUCT", "SUM")
)
_CHOOSING_FUNCTIONS = frozenset(("", "IF", "IFERROR", "IFNA"))
_IF = Token("function", "IF")


class Graph:
    """The normalised formulas of a workbook, and what they read."""

    def __init__(self, book: ReadBook) -> None:
        self.book = book
        self.forms = FormulaCache()
        self._reads: dict[Place, tuple[Range, ...]] = {}
        #: (Key of a formula, sheet) -> what it reads, in reading order; areas if all copies agree.
        #: True with what is read as one value.
        self._plans: dict[
            tuple[str, str], tuple[tuple[Ref | tuple[Range, ...], bool], ...]
        ] = {}
        self._sheets = {name.upper(): name for name in book.sheets}
        self._names: dict[str, tuple[Ref, ...]] = {}

    def normalised_formula(
        self, sheet: str, position: Position
    ) -> NormalisedFormula | None:
        """Return a cell's own formula, normalised; None for a constant."""
        cells = self.book.sheets[sheet].cells
        tables = self.book.tables
        normalised: dict[Position, NormalisedFormula] = cells.keep(
            "normalised", tables, dict
        )
        if position not in normalised:
            if (text := cells.formula(position)) is None:
                return None
            plain = plain_formula(text, position[0], tables)
            normalised[position] = self.forms.normalised(plain, *position)
        return self.forms.keep(normalised[position])

    @cached_property
    def _named_formulas(self) -> dict[str, tuple[str, str]]:
        """Upper-case defined name -> the sheet that it belongs to, and its formula."""
        texts: dict[str, tuple[str, str]] = {}
        for name, text in self.book.names.items():
            texts[name.upper()] = "", text
        for (sheet, name), text in self.book.local_names.items():
            texts[f"{sheet.upper()}!{name.upper()}"] = sheet, text
        return texts

    def area(self, ref: Ref, sheet: str, position: Position) -> Range | None:
        """Return the cells that a reference of a formula in a cell means.

        `sheet` and `position` are those of the cell. Whole columns and rows end with the used range
        of their sheet. ``None`` for cells in no sheet of the workbook.
        """
        if ref.book:
            return None
        area = ref.area(sheet, *position)
        owner = sheet if not ref.sheet else self._sheets.get(area.sheet.upper())
        if (
            not owner
        ):  # no such sheet; or a name's reference without one, which means any
            return None
        if area.r2 < MAX_ROWS and area.c2 < MAX_COLUMNS:
            return area if owner == area.sheet else replace(area, sheet=owner)
        last_row, last_column = self.extent(owner)
        r2 = max(last_row, area.r1) if area.r2 == MAX_ROWS else area.r2
        c2 = max(last_column, area.c1) if area.c2 == MAX_COLUMNS else area.c2
        return Range(owner, area.r1, area.c1, r2=r2, c2=c2)

    def split_3d_reference(self, ref: Ref) -> Iterator[Ref]:
        """Yield a reference for each sheet of a 3-D one, such as Jan:Mar!A1; another as it is."""
        ends = ref.sheet.upper().split(":")
        has_two_ends = len(ends) == 2 and not ref.book
        if not has_two_ends or not self._sheets.keys() >= {*ends}:
            yield ref
            return
        names = [*self._sheets]
        first, last = sorted(map(names.index, ends))
        for name in names[first : last + 1]:
            yield ref._replace(sheet=self._sheets[name])

    def extent(self, sheet: str) -> tuple[int, int]:
        """Return the last used row and column of a sheet."""
        return self.book.sheets[sheet].cells.extent()

    def areas_of_name(
        self, text: str, sheet: str, position: Position
    ) -> tuple[Range, ...]:
        """Return the areas of a defined name, in upper case, for a formula in a cell of a sheet.

        A name that belongs to the sheet comes before the workbook's; () for an unknown name.
        """
        areas = (
            self.area(ref, sheet, position) for ref in self._refs_of_name(text, sheet)
        )
        return tuple(area for area in areas if area is not None)

    def _refs_of_name(self, text: str, sheet: str) -> tuple[Ref, ...]:
        """Return the references of a defined name; those that are relative count from A1."""
        own_name = f"{sheet.upper()}!{text}"
        name = own_name if own_name in self._named_formulas else text
        if (refs := self._names.get(name)) is None:
            # A workbook has hundreds of names, of which few are asked for.
            owner, formula = self._named_formulas.get(name, ("", ""))
            # Names in its formula are not followed, nor what means any sheet.
            plain = plain_formula(formula, 1, self.book.tables)
            named = (
                r._replace(sheet=r.sheet or owner)
                for r in normalise_formula(plain, 1, 1).refs
            )
            refs = self._names[name] = tuple(
                ref for ref in named if ref.sheet or ref.book
            )
        return refs

    def reads(self, sheet: str, position: Position) -> tuple[Range, ...]:
        """Return the areas that the formula of a cell or its array range names, in order.

        Of a row or column that is read as one value: the cell beside the formula.
        """
        position = self.anchor(sheet, position)
        cell = sheet, position
        if (areas := self._reads.get(cell)) is None:
            formula = self.normalised_formula(sheet, position)
            is_array = position in self.book.sheets[sheet].cells.arrays
            read_areas: list[Range] = []
            for part, is_value in (
                () if formula is None else self._find_read_plan(formula, sheet)
            ):
                part_areas = (
                    (self.area(part, sheet, position),)
                    if isinstance(part, Ref)
                    else part
                )
                read_areas += (
                    cell_beside(area, position) if is_value and not is_array else area
                    for area in part_areas
                    if area is not None
                )
            areas = self._reads[cell] = tuple(read_areas)
        return areas

    def needs(self, sheet: str, position: Position) -> tuple[Range, ...]:
        """Return the areas that have to be computed before a cell.

        The first argument of INDEX and OFFSET is left out where it contains the cell: they take
        another cell of it, as in ``INDEX(A:A,ROW()-1)``, or an engine finds the circle.
        """
        areas = self.reads(sheet, position)
        formula = self.normalised_formula(sheet, self.anchor(sheet, position))
        if formula is None or _PICKING_FUNCTIONS.isdisjoint(formula.functions):
            return areas
        needed = list(areas)
        for ref in _find_picked(formula):
            area = self.area(ref, sheet, position)
            if area in needed and area.holds(sheet, position):
                needed.remove(area)
        return tuple(needed)

    def anchor(self, sheet: str, position: Position) -> Position:
        """Return the cell with the formula of a cell: the anchor of its array range, or itself."""
        return self.book.sheets[sheet].cells.members.get(position, position)

    def blocks(self) -> Iterator[tuple[str, int, int, int, NormalisedFormula]]:
        """Yield blocks of copies of a formula in adjacent rows of a column.

        Each is (sheet, column, first row, last row, formula).
        """
        for sheet, read_sheet in self.book.sheets.items():
            key = read_sheet.cells.digest(), str(self.book.tables)
            if key not in _BLOCKS:
                if len(_BLOCKS) >= _MOST_SHEETS:
                    _BLOCKS.clear()
                _BLOCKS[key] = _find_blocks(read_sheet.cells, self.book.tables)
            for column, first, last, formula in _BLOCKS[key]:
                yield sheet, column, first, last, self.forms.keep(formula)

    def reads_of_block(
        self, sheet: str, column: int, first: int, last: int, formula: NormalisedFormula
    ) -> Iterator[Range]:
        """Yield areas that together contain all that a block of copies reads.

        The arguments are those of a block that `blocks` yields: the copies of a formula in a column
        of a sheet, from the first row to the last.
        """
        for part, _ in self._find_read_plan(formula, sheet):
            if not isinstance(part, Ref):
                yield from part
                continue
            top = self.area(part, sheet, (first, column))
            end = top if first == last else self.area(part, sheet, (last, column))
            if top is not None and end is not None:
                r1 = min(top.r1, end.r1)
                r2 = max(top.r2, end.r2)
                yield Range(top.sheet, r1, top.c1, r2=r2, c2=top.c2)

    def _find_read_plan(
        self, formula: NormalisedFormula, sheet: str
    ) -> tuple[tuple[Ref | tuple[Range, ...], bool], ...]:
        """Return what copies of a formula on a sheet read, in reading order.

        Each is a tuple of areas that all copies read, or a reference that depends on their cell;
        and whether it is read as one value.
        """
        key = formula.key, sheet
        if (plan := self._plans.get(key)) is not None:
            return plan
        parts = []
        for named, is_value in _find_read(formula):
            for written_ref in self._refs_named(named, sheet):
                for ref in self.split_3d_reference(written_ref):
                    parts.append((self._areas_or_ref(ref, sheet), is_value))
        plan = self._plans[key] = tuple(parts)
        return plan

    def _refs_named(self, named: Ref | str, sheet: str) -> tuple[Ref, ...]:
        """Return a reference alone, or those of a defined name for formulas of a sheet."""
        if isinstance(named, str):
            return self._refs_of_name(named, sheet)
        return (named,)

    def _areas_or_ref(self, ref: Ref, sheet: str) -> Ref | tuple[Range, ...]:
        """Return what a reference means for formulas of a sheet.

        Areas if all copies of the formula read the same ones, else the reference as it is.
        """
        if ref.fixed:
            area = self.area(ref, sheet, (1, 1))
            return () if area is None else (area,)
        return ref

    @property
    def formula_cells(self) -> int:
        """How many cells have a formula of their own."""
        sheets = self.book.sheets.values()
        return sum(len(sheet.cells.texts()) for sheet in sheets)


def _find_blocks(cells: CellTable, tables: dict[str, TableArea]) -> list[_Block]:
    """Return the blocks of copies among the formulas of a sheet; `tables` are the workbook's."""
    forms = FormulaCache()
    blocks = list[_Block]()
    normalised: dict[Position, NormalisedFormula] = cells.keep(
        "normalised", tables, dict
    )
    texts = zip(cells.texts().items(), cells.cut_keys(), strict=True)
    for (position, text), key in sorted(texts, key=_column_and_row):
        row, column = position
        plain = plain_formula(text, row, tables)
        formula = forms.normalised(plain, row, column, key if plain == text else "")
        normalised[row, column] = formula
        if blocks:
            last_column, first, last, above = blocks[-1]
            if above is formula and last == row - 1 and last_column == column:
                blocks[-1] = column, first, row, formula
                continue
        blocks.append((column, row, row, formula))
    return blocks


def _column_and_row(entry: tuple[tuple[Position, str], str]) -> tuple[int, int]:
    """Return column and row of a formula, given with its text and its key."""
    row, column = entry[0][0]
    return column, row


def _find_read(formula: NormalisedFormula) -> Iterator[tuple[Ref | str, bool]]:
    """Yield the references of a formula, and the defined names as texts, whose values it reads.

    Those of which it takes the place or size are left out: ROWS(A1:A9), CELL("col",A1). Each with
    whether it is read as one value, as A:A is in A:A*2 and IF(A:A,1), but not in SUM(A:A).
    """
    tokens = formula.tokens
    after_shape_function = False
    # Of each open parenthesis: whether what is in it is one value; None where it may be an array.
    is_value: list[bool | None] = [True]
    for index, token in enumerate(tokens):
        if token.kind == "function":
            after_shape_function = token.text in _SHAPE_FUNCTIONS
            continue
        if token.kind == "open":
            is_value.append(_takes_value(_function_before(tokens, index), is_value[-1]))
            continue
        is_in_shape_function = after_shape_function
        after_shape_function = False
        if token.ref is not None:
            if not _is_place(tokens, index, is_in_shape_function):
                yield token.ref, _is_one_value(tokens, index, is_value[-1])
        elif token.kind == "name":
            yield token.text, _is_one_value(tokens, index, is_value[-1])
        elif token.kind == "close" and len(is_value) > 1:
            is_value.pop()


def _function_before(tokens: tuple[Token, ...], index: int) -> str:
    """Return the function whose parenthesis the token of an index opens, "" for none."""
    if not index or tokens[index - 1].kind != "function":
        return ""
    return tokens[index - 1].text


def _is_one_value(tokens: tuple[Token, ...], index: int, is_value: bool | None) -> bool:
    """Return whether the reference or name of an index is read as one value.

    `is_value` says whether all in its parenthesis is; None where that may be an array.
    """
    if is_value is None or is_value:
        return bool(is_value)
    # A condition of IF, or an operand.
    if index > 1 and tokens[index - 1].kind == "open" and tokens[index - 2] == _IF:
        return True
    before = tokens[max(index - 1, 0) : index]
    beside = before + tokens[index + 1 : index + 2]
    return any(token.kind == "operator" and token.text != ":" for token in beside)


def _takes_value(function: str, is_value: bool | None) -> bool | None:
    """Return whether an argument of a function is one value; None where it may be an array.

    `is_value` says that of the function itself, whose name is "" for a parenthesis.
    """
    if is_value is None or function in _CHOOSING_FUNCTIONS:
        return is_value
    if function in _VALUE_FUNCTIONS:
        return True
    return False if function in _SUMMING_FUNCTIONS else None


def cell_beside(area: Range, position: Position) -> Range:
    """Return the cell of a row or column beside the cell of a formula; else the area as it is."""
    row, column = position
    if area.c1 == area.c2 and area.r1 <= row <= area.r2:
        return replace(area, r1=row, r2=row)
    if area.r1 == area.r2 and area.c1 <= column <= area.c2:
        return replace(area, c1=column, c2=column)
    return area


def _is_place(
    tokens: tuple[Token, ...], index: int, is_in_shape_function: bool
) -> bool:
    """Return whether of the reference of an index the place or size is taken, and no value.

    `is_in_shape_function` says whether it follows a function of places, but for parentheses.
    """
    if is_in_shape_function and tokens[index - 1].kind == "open":
        return True
    return _is_place_in_cell(tokens, index)


def _is_place_in_cell(tokens: tuple[Token, ...], index: int) -> bool:
    """Return whether the token of an index is the second argument of a CELL that reads no content.

    Those are CELL("row",A1) and the like, but neither "contents" nor "type".
    """
    before = tokens[max(index - 4, 0) : index]
    return (
        [token.kind for token in before] == ["function", "open", "text", "separator"]
        and before[0].text == "CELL"
        and before[2].text.strip('"').lower() not in ("contents", "type")
    )


def _find_picked(formula: NormalisedFormula) -> Iterator[Ref]:
    """Yield the references in a formula that are the first argument of INDEX or OFFSET."""
    for index, token in enumerate(formula.tokens):
        if (
            token.ref is not None
            and index > 1
            and formula.tokens[index - 1].kind == "open"
        ):
            before = formula.tokens[index - 2]
            if before.kind == "function" and before.text in _PICKING_FUNCTIONS:
                yield token.ref
