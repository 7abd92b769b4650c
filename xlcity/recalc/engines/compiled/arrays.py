"""Operators and functions of single values for each place of arrays."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.blocks import (
    NO_NUMBERS,
    NOWHERE,
    CellBlock,
    of_size,
    size_of,
    spread,
)
from xlcity.recalc.engines.compiled.values import BINARY, key_of, negative, percent

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


#: Operators between arrays of numbers.
_ARITHMETIC: dict[str, Any] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
}  # fmt: skip
#: Under which name the last result of a block on the right is kept; on the left, its operator.
_RIGHT = {operator: f"right {operator}" for operator in BINARY}


def binary(operator: str, a: Any, b: Any) -> Any:
    """Return the value of an operator between operands of which some may be arrays."""
    if isinstance(a, CellBlock):
        return a.kept_with(operator, b, lambda: _operated(operator, a, b))
    if isinstance(b, CellBlock):
        return b.kept_with(_RIGHT[operator], a, lambda: _operated(operator, a, b))
    return BINARY[operator](a, b)


def _operated(operator: str, a: Any, b: Any) -> CellBlock:
    rows, columns = size_of(a, b)
    outcome = None
    if operator in ("=", "<>"):
        outcome = equality(operator, a, b, rows, columns)
    elif (x := of_size(a, rows, columns)) is None or (y := of_size(b, rows, columns)) is None:
        pass
    elif operator in _ARITHMETIC:
        outcome = _computed(operator, x, y)
    elif operator in COMPARISON:
        outcome = order(operator, x, y)
    elif operator == "^" and isinstance(x, CellBlock) and y.__class__ is float and y.is_integer():
        outcome = _powers(x, y)
    if outcome is not None and operator in COMPARISON:
        x, y = of_size(a, rows, columns), of_size(b, rows, columns)
        outcome = mended(operator, x, y, outcome, nearly(x, y))
    if outcome is None:
        operate = BINARY[operator]
        pairs = zip(spread(a, rows, columns), spread(b, rows, columns), strict=True)
        outcome = [operate(x, y) for x, y in pairs]
    if outcome.__class__ is list:
        return CellBlock(rows, columns, outcome)
    return CellBlock(rows, columns, None, outcome)


# -- arithmetic ----------------------------------------------------------------------------------
def _computed(operator: str, a: Any, b: Any) -> Any:
    """Return what arithmetic makes of operands of one size: an array or, with errors, a list."""
    left, right = _counted(a), _counted(b)
    if left is None or right is None:
        return None
    (x, places), (y, others) = left, right
    if operator == "/" and not np.all(y):
        if not isinstance(b, CellBlock):
            return None
        others = {*others, *np.nonzero(y == 0.0)[0].tolist()}
    return mended(operator, a, b, _ARITHMETIC[operator](x, y), places | others)


def _counted(value: Any) -> tuple[Any, Set[int]] | None:
    """Return an operand as numpy takes it, and the places of values that need more thought."""
    if isinstance(value, CellBlock):
        counted: tuple[Any, Set[int]] = value.kept("counted", _numbers)
        return counted
    return (float(value), NOWHERE) if value.__class__ in (float, bool) else None


def _numbers(block: CellBlock) -> tuple[Any, Set[int]]:
    if (numbers := block.numbers) is not None:
        return numbers if numbers.dtype == float else numbers * 1.0, NOWHERE
    return block.zeroed, block.places(NO_NUMBERS)


def _powers(a: Any, y: float) -> list[CellValue] | None:
    """Return whole powers of the values of a block."""
    power = BINARY["^"]
    try:
        return [v**y if v.__class__ is float and v else power(v, y) for v in a.flat]
    except OverflowError:
        return None


# -- functions -----------------------------------------------------------------------------------
def unary(operator: str, a: Any) -> Any:
    """Return the value of an operator before or behind an operand that may be an array."""
    if operator == "+":
        return a
    return lift(percent if operator == "%" else negative, a)


def lift(function: Callable[..., CellValue], *args: Any) -> Any:
    """Return the value of a function of single values, for each place of its arrays."""
    if not any(isinstance(arg, CellBlock) for arg in args):
        return function(*args)
    rows, columns = size_of(*args)
    wide = [spread(arg, rows, columns) for arg in args]
    return CellBlock(rows, columns, [function(*values) for values in zip(*wide, strict=True)])
