"""Which cells call the function library, and how engines get these calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from xlcity.xlsx.cells import Cell, Position, ReadBook
from xlcity.xlsx.formulas.formula import find_calls
from xlcity.xlsx.formulas.syntax import parse
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
    """Return sheet -> cells whose formula calls one of the functions, array members included."""
    name_keys = formula_keys([name.upper() for name in names])
    cells_by_sheet = {}
    for sheet in book.sheets.values():
        texts, keys = sheet.cells.texts(), sheet.cells.alike()
        # Thousands of formulas are copies of a few, which have one key; few contain such a name.
        distinct = set(keys)
        joined = "\0".join(distinct).upper()
        used_names = [name for name in name_keys if name in joined]
        hits = {key for key in distinct if any(name in key.upper() for name in used_names)}
        if not hits:
            continue
        cells = {
            position
            for (position, formula), key in zip(texts, keys, strict=True)
            if key in hits and any(plain_name(call.name) in names for call in find_calls(formula))
        }
        if cells:
            cells.update(p for p, anchor in sheet.cells.members.items() if anchor in cells)
            cells_by_sheet[sheet.name] = frozenset(cells)
    return cells_by_sheet


def call_rewriter(names: Collection[str]) -> Callable[[str, Cell], str]:
    """Return a function that rewrites a cell's formula for engines that call the library.

    ``[1]!NAME`` and ``_xldudf_NAME`` become ``NAME``; omitted arguments, which engines would take
    for 0, are written out; and a call in a single cell shows the first value of its block, as in
    Excel, where engines would spill it over the cells below. `names` are the library's functions.
    """
    from xlcity.hosts.sheet_call import write_out_omitted

    # A search in the whole formula spares the tokeniser for the many that call none.
    any_name = re.compile("|".join(map(re.escape, names)) or r"(?!)", re.I)

    def rewrite_calls(formula: str, cell: Cell) -> str:
        if not any_name.search(formula):
            return formula
        pieces, end = [], 0
        for call in find_calls(formula):
            name = plain_name(call.name)
            if name in names:
                pieces += [formula[end : call.start], name]
                end = call.end
        if not pieces:
            return formula
        new = write_out_omitted("".join(pieces) + formula[end:])
        single = cell.array is None or ":" not in cell.array
        return f"INDEX({new},1,1)" if single and _is_one_call(new, names) else new

    return rewrite_calls


def _is_one_call(formula: str, names: Collection[str]) -> bool:
    """Return whether a formula is one call of the library and no more."""
    expr = parse(normalise_formula(formula, 1, 1).tokens)
    while expr is not None and expr.kind == "unary" and expr.text == "+":
        expr = expr.args[0]
    return expr is not None and expr.kind == "call" and expr.text in names
