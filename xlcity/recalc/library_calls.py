"""Which cells call the function library, and how engines get these calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial

from xlcity.recalc.engines.protocol import Task
from xlcity.xlsx.cells import Cell, Position, ReadBook
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.formulas.formula import find_calls
from xlcity.xlsx.formulas.syntax import parse
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package
from xlcity.xlsx.table import CellTable

#: What programs put before the name of a function they do not know.
_UNKNOWN_FUNCTION_PREFIXES = ("_xldudf_", "_xll.", "_xludf.")


def registry_name(name: str) -> str:
    """Return a function's name in capitals, without what programs put before an unknown one."""
    upper = name.upper()
    for prefix in _UNKNOWN_FUNCTION_PREFIXES:
        if upper.startswith(prefix.upper()):
            return upper[len(prefix) :]
    return upper


def library_names() -> frozenset[str]:
    """Return the names of our own function library's functions, such as ZSCORE."""
    from xlcity.functions.registry import FUNCTIONS

    return frozenset(FUNCTIONS)


def find_udf_cells(
    book: ReadBook, names: Collection[str]
) -> dict[str, frozenset[Position]]:
    """Return sheet -> cells whose formula calls a function of one of these names.

    So are all cells of an array range whose formula does. Sheets without such cells are left out.
    """
    cells_by_sheet = {}
    for sheet in book.sheets.values():
        find = partial(_find_calling, sheet.cells, names)
        cells = sheet.cells.keep("calls", names, find)
        if cells:
            cells_by_sheet[sheet.name] = cells
    return cells_by_sheet


def _find_calling(table: CellTable, names: Collection[str]) -> frozenset[Position]:
    """Return the cells of a sheet whose formula calls a function of one of these names."""
    texts = table.texts()
    # Thousands of formulas are copies of a few, equal without digits; few contain such a name.
    keys = _without_digits("\0".join(texts.values())).split(b"\0")
    distinct_keys = set(keys)
    joined = b"\0".join(distinct_keys)
    used_names = [key for key in map(_without_digits, names) if key in joined]
    likely_keys = {key for key in distinct_keys if _has_any(key, used_names)}
    cells = set()
    keyed_texts = zip(texts.items(), keys, strict=bool(texts))
    for (position, formula), key in keyed_texts:
        if key in likely_keys and _has_call_of(formula, names):
            cells.add(position)
    members = {p for p, anchor in table.members.items() if anchor in cells}
    return frozenset(cells | members)


def _has_any(key: bytes, names: Collection[bytes]) -> bool:
    """Return whether one of some names stands in a formula without digits."""
    return any(name in key for name in names)


def _has_call_of(formula: str, names: Collection[str]) -> bool:
    """Return whether a formula calls a function of one of these names."""
    return any(registry_name(call.name) in names for call in find_calls(formula))


def _without_digits(text: str) -> bytes:
    """Return a text in capitals without its digits."""
    return text.encode("utf-8", "surrogatepass").translate(None, b"0123456789").upper()


def make_call_rewriter(names: Collection[str]) -> Callable[[str, Cell], str]:
    """Return a function that rewrites a cell's formula for engines that call the library.

    ``[1]!NAME`` and ``_xldudf_NAME`` become ``NAME``; omitted arguments, which engines would take
    for 0, are written out; and a call in a single cell shows the first value of its block, as in
    Excel, where engines would spill it over the cells below. `names` are the library's functions.
    """
    from xlcity.hosts.sheet_call import write_out_omitted

    # A search in the whole formula spares the tokeniser for the many that call none. (?!) is for
    # no names: it matches nothing.
    alternatives = "|".join(map(re.escape, names))
    any_name = re.compile(alternatives or r"(?!)", re.IGNORECASE)

    def rewrite_calls(formula: str, cell: Cell) -> str:
        """Return a cell's formula with its calls of the library rewritten, or as it is."""
        if not any_name.search(formula):
            return formula
        pieces = []
        end = 0
        for call in find_calls(formula):
            name = registry_name(call.name)
            if name in names:
                pieces += [formula[end : call.start], name]
                end = call.end
        if not pieces:
            return formula
        rewritten = write_out_omitted("".join(pieces) + formula[end:])
        fills_one_cell = cell.array is None or ":" not in cell.array
        if fills_one_cell and _is_one_call(rewritten, names):
            return f"INDEX({rewritten},1,1)"
        return rewritten

    return rewrite_calls


def copy_for_library(task: Task) -> Package:
    """Return a workbook for an engine that calls the library: no results, plain names."""
    rewrite = make_call_rewriter(library_names())
    return engine_copy(task.package, task.book, rewrite, cells_to_rename=task.udf_cells)


def _is_one_call(formula: str, names: Collection[str]) -> bool:
    """Return whether a formula is nothing but one call of a function of these names."""
    expr = parse(normalise_formula(formula, 1, 1).tokens)
    if expr is None:
        return False
    while expr.kind == "unary" and expr.text == "+":
        expr = expr.args[0]
    return expr.kind == "call" and expr.text in names
