"""Which cells call the function library, and what they call it with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from xlcity.errors import CELL_ERRORS, CellValue
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range, parse_area
from xlcity.xlsx.cells import Cell, Position, ReadBook
from xlcity.xlsx.formulas.formula import find_calls
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.table import formula_keys

#: What programs put before the name of a function they do not know.
_PREFIXES = ("_xldudf_", "_xll.", "_xludf.")


def plain_name(name: str) -> str:
    """Return a function's name as the registry has it."""
    upper = name.upper()
    for prefix in _PREFIXES:
        if upper.startswith(prefix.upper()):
            return upper[len(prefix) :]
    return upper


def library_names() -> frozenset[str]:
    """Return the names of the library's functions."""
    from xlcity.functions.registry import FUNCTIONS

    return frozenset(FUNCTIONS)


def find_udf_cells(book: ReadBook, names: Collection[str]) -> dict[str, frozenset[Position]]:
    """Return the cells whose formula calls one of the functions, array members included."""
    wanted = formula_keys([name.upper() for name in names])
    cells_by_sheet = {}
    for sheet in book.sheets.values():
        texts, shapes = sheet.cells.texts(), sheet.cells.alike()
        # Thousands of formulas are copies of a few, and few of these call the library.
        distinct = set(shapes)
        together = "\0".join(distinct).upper()
        there = [name for name in wanted if name in together]
        hits = {shape for shape in distinct if any(name in shape.upper() for name in there)}
        if not hits:
            continue
        cells = {
            position
            for (position, formula), shape in zip(texts, shapes, strict=True)
            if shape in hits and any(plain_name(call.name) in names for call in find_calls(formula))
        }
        if cells:
            cells.update(p for p, anchor in sheet.cells.members.items() if anchor in cells)
            cells_by_sheet[sheet.name] = frozenset(cells)
    return cells_by_sheet


def plain_calls(names: Collection[str]) -> Callable[[str, Cell], str]:
    """Return a rewriter of formulas for engines that call the library.

    ``[1]!NAME`` and ``_xldudf_NAME`` become ``NAME``; omitted arguments, which engines would hand
    over as 0, are written out; and a call in a single cell shows the first value of its block, as
    in Excel, where engines would spill it over the cells below.
    """
    from xlcity.hosts.sheet_call import fill_gaps

    # A look at a whole formula spares the tokeniser for the many that call none.
    any_name = re.compile("|".join(map(re.escape, names)) or r"(?!)", re.I)

    def rewrite(formula: str, cell: Cell) -> str:
        if not any_name.search(formula):
            return formula
        out, end = [], 0
        for call in find_calls(formula):
            name = plain_name(call.name)
            if name in names:
                out += [formula[end : call.start], name]
                end = call.end
        if not out:
            return formula
        new = fill_gaps("".join(out) + formula[end:])
        single = cell.array is None or ":" not in cell.array
        return f"INDEX({new},1,1)" if single and _only_call(new, names) is not None else new

    return rewrite


@dataclass(frozen=True, slots=True)
class PureCall:
    """A formula that is one call whose arguments are ranges and constants."""

    name: str
    arguments: tuple[Range | CellValue, ...]


def pure_call(formula: str, sheet: str, names: Collection[str], book: ReadBook) -> PureCall | None:
    """Return what a formula calls, or ``None`` if it does more than one plain call."""
    if (call := _only_call(formula, names)) is None:
        return None
    arguments = [_argument(arg, sheet, book) for arg in call.args]
    if any(argument is _UNKNOWN for argument in arguments):
        return None
    return PureCall(call.text, tuple(arguments))  # type: ignore[arg-type]


def _only_call(formula: str, names: Collection[str]) -> Expr | None:
    """Return the call of a formula that is one call of the library and no more."""
    expr = parse(normalise_formula(formula, 1, 1).tokens)
    while expr is not None and expr.kind == "unary" and expr.text == "+":
        expr = expr.args[0]
    return expr if expr is not None and expr.kind == "call" and expr.text in names else None


_UNKNOWN = object()


def _argument(arg: Expr, sheet: str, book: ReadBook) -> object:
    if arg.kind == "empty":
        return None
    if arg.kind == "number":
        return float(arg.text)
    if arg.kind == "unary" and arg.text in "+-" and arg.args[0].kind == "number":
        return float(arg.text + arg.args[0].text)
    if arg.kind == "text":
        return arg.text[1:-1].replace('""', '"')
    if arg.kind == "error":
        return CELL_ERRORS.get(arg.text, _UNKNOWN)
    if arg.kind == "name" and arg.text in ("TRUE", "FALSE"):
        return arg.text == "TRUE"
    area = None
    if arg.ref is not None and not arg.ref.book:
        area = arg.ref.area(sheet, 1, 1)
    elif arg.kind == "name":
        area = _named(arg.text, sheet, book)
    if area is None or area.sheet not in book.sheets:
        return _UNKNOWN
    return _UNKNOWN if area.rows == MAX_ROWS or area.columns == MAX_COLUMNS else area


def _named(text: str, sheet: str, book: ReadBook) -> Range | None:
    own = {name.upper(): t for (owner, name), t in book.local_names.items() if owner == sheet}
    formula = own.get(text) or {name.upper(): t for name, t in book.names.items()}.get(text)
    return None if formula is None else parse_area(formula)
