"""Comparisons between arrays of any values."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.blocks import NO_NUMBERS, NOWHERE, CellBlock, of_size
from xlcity.recalc.engines.compiled.values import BINARY, key_of

COMPARISON: dict[str, Any] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less,
    ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip
#: The operator between the same operands in the other order.
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ERRORS = frozenset((CellError,))
#: Keys of values that equal a blank.
_LIKE_BLANK = frozenset((None, "", 0.0, ("is", False)))


def equality(operator: str, a: Any, b: Any, rows: int, columns: int) -> Any:
    """Return ``=`` or ``<>`` for each place: an array or, with errors, a list.

    ``None`` for operands that are compared one by one.
    """
    block, other = (a, b) if _fills(a, rows, columns) else (b, a)
    if not _fills(block, rows, columns):
        return None
    if isinstance(other, CellBlock) and other.rows == other.columns == 1:
        other = other.flat[0]
    if isinstance(other, CellBlock):
        if other.rows not in (1, rows) or other.columns not in (1, columns):
            return None
        is_equal = _equal_blocks(block, other).ravel()
    elif other is None or other.__class__ is CellError:
        return None
    else:
        table, codes = block.kept("codes", _codes)
        is_equal = codes == table.get(key := key_of(other), -1)
        if key in _LIKE_BLANK and None in table:
            is_equal |= codes == table[None]
    if operator == "<>":
        is_equal = ~is_equal
    if not any(isinstance(side, CellBlock) and CellError in side.kinds for side in (a, b)):
        return is_equal
    x, y = of_size(a, rows, columns), of_size(b, rows, columns)
    places = (side.places(_ERRORS) for side in (x, y) if isinstance(side, CellBlock))
    return mended(operator, x, y, is_equal, set().union(*places))


def _fills(value: Any, rows: int, columns: int) -> bool:
    return isinstance(value, CellBlock) and value.rows == rows and value.columns == columns


def _equal_blocks(block: CellBlock, other: CellBlock) -> Any:
    """Return which values equal those of a block of the same size, or of a line of it."""
    size, part = (block.rows, block.columns), (other.rows, other.columns)
    x, y = block.numbers, other.numbers
    if x is not None and y is not None and x.dtype == y.dtype:
        return x.reshape(size) == y.reshape(part)
    table, codes = block.kept("codes", _codes)
    codes, keys = codes.reshape(size), other.keys
    is_equal = codes == np.array([table.get(key, -1) for key in keys]).reshape(part)
    if None in table and not _LIKE_BLANK.isdisjoint(keys):
        like = np.array([key in _LIKE_BLANK for key in keys]).reshape(part)
        is_equal |= like & (codes == table[None])
    if type(None) in other.kinds:
        blank = np.array([key is None for key in keys]).reshape(part)
        is_equal |= blank & np.isin(codes, [table[key] for key in _LIKE_BLANK if key in table])
    return is_equal


def _codes(block: CellBlock) -> tuple[dict[object, int], Any]:
    """Return a number for each different value, and those of all places."""
    table: dict[object, int] = {}
    return table, np.array([table.setdefault(key, len(table)) for key in block.keys])


def order(operator: str, a: Any, b: Any) -> Any:
    """Return ``<``, ``>``, ``<=`` or ``>=`` of operands of one size: an array or a list.

    ``None`` for what is seldom compared.
    """
    if not isinstance(a, CellBlock):
        a, b, operator = b, a, _MIRRORED[operator]
    if not isinstance(b, CellBlock):
        if b.__class__ is not float:
            return None
        return mended(operator, a, b, COMPARISON[operator](a.ordered, b), a.places(_ERRORS))
    x, y = a.numbers, b.numbers
    if x is not None and y is not None and x.dtype == y.dtype:
        return COMPARISON[operator](x, y)
    both = a.places(NO_NUMBERS) & b.places(NO_NUMBERS)
    places = both | a.places(_ERRORS) | b.places(_ERRORS)
    return mended(operator, a, b, COMPARISON[operator](a.ordered, b.ordered), places)


def nearly(a: Any, b: Any) -> Set[int]:
    """Return where 15 digits may not tell the numbers of operands of one size apart."""
    x, y = (side.ordered if isinstance(side, CellBlock) else side for side in (a, b))
    if y.__class__ not in (float, np.ndarray) or x.__class__ not in (float, np.ndarray):
        return NOWHERE
    near = np.abs(x - y) <= 1e-14 * np.abs(x)
    return set(np.nonzero(near & (x != y))[0].tolist()) if near.any() else NOWHERE


def mended(operator: str, a: Any, b: Any, outcome: Any, places: Set[int]) -> Any:
    """Return a result with some places computed one by one."""
    if not places:
        return outcome
    mended_values = outcome if outcome.__class__ is list else outcome.tolist()
    operate = BINARY[operator]
    for index in places:
        x = a.flat[index] if isinstance(a, CellBlock) else a
        mended_values[index] = operate(x, b.flat[index] if isinstance(b, CellBlock) else b)
    return mended_values
