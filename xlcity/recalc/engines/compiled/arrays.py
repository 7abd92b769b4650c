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
    Operand,
    broadcast_values,
    common_size,
    fit_to_size,
)
from xlcity.recalc.engines.compiled.values import BINARY, key_of, negative, percent

#: An array of logicals or numbers, row by row; with errors a list of values.
Outcome = Any

#: Comparison -> numpy's function for arrays.
COMPARISON: dict[str, Any] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less,
    ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip
#: Comparison -> the one of the same operands in the other order.
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ERRORS = frozenset((CellError,))
#: Keys of values that equal a blank.
_LIKE_BLANK = frozenset((None, "", 0.0, ("is", False)))


def compare_equality(operator: str, a: Operand, b: Operand, rows: int, columns: int) -> Outcome:
    """Return ``=`` or ``<>`` for each place of an array of a size.

    None for operands that have to be compared one by one.
    """
    block, other = (a, b) if _has_size(a, rows, columns) else (b, a)
    if not _has_size(block, rows, columns):
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
        table, codes = block.cached("codes", _number_keys)
        is_equal = codes == table.get(key := key_of(other), -1)
        if key in _LIKE_BLANK and None in table:
            is_equal |= codes == table[None]
    if operator == "<>":
        is_equal = ~is_equal
    if not any(isinstance(side, CellBlock) and CellError in side.kinds for side in (a, b)):
        return is_equal
    x, y = fit_to_size(a, rows, columns), fit_to_size(b, rows, columns)
    errors = (side.indices_of(_ERRORS) for side in (x, y) if isinstance(side, CellBlock))
    return recompute_places(operator, x, y, is_equal, set().union(*errors))


def _has_size(value: Operand, rows: int, columns: int) -> bool:
    return isinstance(value, CellBlock) and value.rows == rows and value.columns == columns


def _equal_blocks(block: CellBlock, other: CellBlock) -> Any:
    """Return an array of which values equal those of a block of the same size, or of one line."""
    size, part = (block.rows, block.columns), (other.rows, other.columns)
    x, y = block.numbers, other.numbers
    if x is not None and y is not None and x.dtype == y.dtype:
        return x.reshape(size) == y.reshape(part)
    table, codes = block.cached("codes", _number_keys)
    codes, keys = codes.reshape(size), other.keys
    is_equal = codes == np.array([table.get(key, -1) for key in keys]).reshape(part)
    if None in table and not _LIKE_BLANK.isdisjoint(keys):
        like = np.array([key in _LIKE_BLANK for key in keys]).reshape(part)
        is_equal |= like & (codes == table[None])
    if type(None) in other.kinds:
        blank = np.array([key is None for key in keys]).reshape(part)
        is_equal |= blank & np.isin(codes, [table[key] for key in _LIKE_BLANK if key in table])
    return is_equal


def _number_keys(block: CellBlock) -> tuple[dict[object, int], Any]:
    """Return a number for each different key, and an array of the numbers at all places."""
    table: dict[object, int] = {}
    return table, np.array([table.setdefault(key, len(table)) for key in block.keys])


def compare_order(operator: str, a: Operand, b: Operand) -> Outcome:
    """Return ``<``, ``>``, ``<=`` or ``>=`` of operands of one size, one of them a block.

    None for operands that have to be compared one by one.
    """
    if not isinstance(a, CellBlock):
        a, b, operator = b, a, _MIRRORED[operator]
    if not isinstance(b, CellBlock):
        if b.__class__ is not float:
            return None
        errors = a.indices_of(_ERRORS)
        return recompute_places(operator, a, b, COMPARISON[operator](a.ordered, b), errors)
    x, y = a.numbers, b.numbers
    if x is not None and y is not None and x.dtype == y.dtype:
        return COMPARISON[operator](x, y)
    # As numbers (`ordered`) two texts would be equal, and errors 0.
    both = a.indices_of(NO_NUMBERS) & b.indices_of(NO_NUMBERS)
    places = both | a.indices_of(_ERRORS) | b.indices_of(_ERRORS)
    return recompute_places(operator, a, b, COMPARISON[operator](a.ordered, b.ordered), places)


def places_of_near_numbers(a: Operand, b: Operand) -> Set[int]:
    """Return where numbers of operands of one size are unequal but the same in 15 digits."""
    x, y = (side.ordered if isinstance(side, CellBlock) else side for side in (a, b))
    if y.__class__ not in (float, np.ndarray) or x.__class__ not in (float, np.ndarray):
        return NOWHERE
    near = np.abs(x - y) <= 1e-14 * np.abs(x)
    return set(np.nonzero(near & (x != y))[0].tolist()) if near.any() else NOWHERE


def recompute_places(
    operator: str, a: Operand, b: Operand, outcome: Any, places: Set[int]
) -> Outcome:
    """Return the outcome of an operator with some of its places computed one by one."""
    if not places:
        return outcome
    mended_values: list[CellValue] = outcome if isinstance(outcome, list) else outcome.tolist()
    operate = BINARY[operator]
    for index in places:
        x = a.flat[index] if isinstance(a, CellBlock) else a
        mended_values[index] = operate(x, b.flat[index] if isinstance(b, CellBlock) else b)
    return mended_values


#: Operators between arrays of numbers.
_ARITHMETIC: dict[str, Any] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
}  # fmt: skip
#: Cache key of what a block on the right gave last; of one on the left it is the operator.
_RIGHT = {operator: f"right {operator}" for operator in BINARY}


def apply_binary(operator: str, a: Operand, b: Operand) -> Operand:
    """Return the value of an operator between operands of which some may be arrays."""
    if isinstance(a, CellBlock):
        return a.cached_with(operator, b, lambda: _operate_on_blocks(operator, a, b))
    if isinstance(b, CellBlock):
        return b.cached_with(_RIGHT[operator], a, lambda: _operate_on_blocks(operator, a, b))
    return BINARY[operator](a, b)


def _operate_on_blocks(operator: str, a: Operand, b: Operand) -> CellBlock:
    """Return an operator's values, with numpy where it agrees with `BINARY`, else one by one."""
    rows, columns = common_size(a, b)
    x, y = fit_to_size(a, rows, columns), fit_to_size(b, rows, columns)
    outcome = None
    if operator in ("=", "<>"):
        outcome = compare_equality(operator, a, b, rows, columns)
    elif x is None or y is None:
        outcome = None
    elif operator in _ARITHMETIC:
        outcome = _compute_arithmetic(operator, x, y)
    elif operator in COMPARISON:
        outcome = compare_order(operator, x, y)
    elif operator == "^" and isinstance(x, CellBlock) and y.__class__ is float and y.is_integer():
        outcome = _powers(x, y)
    if outcome is not None and operator in COMPARISON:
        outcome = recompute_places(operator, x, y, outcome, places_of_near_numbers(x, y))
    if outcome is None:
        operate = BINARY[operator]
        left, right = broadcast_values(a, rows, columns), broadcast_values(b, rows, columns)
        outcome = [operate(x, y) for x, y in zip(left, right, strict=True)]
    if outcome.__class__ is list:
        return CellBlock(rows, columns, outcome)
    return CellBlock(rows, columns, None, outcome)


# -- arithmetic ----------------------------------------------------------------------------------
def _compute_arithmetic(operator: str, a: Operand, b: Operand) -> Outcome:
    """Return +, -, * or / of operands of one size; None where one is no number nor a block."""
    left, right = _numpy_operand(a), _numpy_operand(b)
    if left is None or right is None:
        return None
    (x, doubted_left), (y, doubted_right) = left, right
    if operator == "/" and not np.all(y):
        if not isinstance(b, CellBlock):
            return None
        doubted_right = {*doubted_right, *np.nonzero(y == 0.0)[0].tolist()}
    doubted = doubted_left | doubted_right
    return recompute_places(operator, a, b, _ARITHMETIC[operator](x, y), doubted)


def _numpy_operand(value: Operand) -> tuple[Any, Set[int]] | None:
    """Return a number or array for numpy, and the places of values that are not numbers.

    None for a single text, error or blank.
    """
    if isinstance(value, CellBlock):
        return value.cached("counted", _block_numbers)
    return (float(value), NOWHERE) if value.__class__ in (float, bool) else None


def _block_numbers(block: CellBlock) -> tuple[Any, Set[int]]:
    """Return a block as an array, 0 for what is no number, and the places of that."""
    if (numbers := block.numbers) is not None:
        return numbers if numbers.dtype == float else numbers * 1.0, NOWHERE
    return block.zeroed, block.indices_of(NO_NUMBERS)


def _powers(a: CellBlock, y: float) -> list[CellValue] | None:
    """Return the powers of a block's values, y being whole; None where one is too large."""
    power = BINARY["^"]
    try:
        return [v**y if v.__class__ is float and v else power(v, y) for v in a.flat]
    except OverflowError:
        return None


# -- functions -----------------------------------------------------------------------------------
def apply_unary(operator: str, a: Operand) -> Operand:
    """Return +a, -a or a% of an operand that may be an array."""
    if operator == "+":
        return a
    return map_places(percent if operator == "%" else negative, a)


def map_places(function: Callable[..., CellValue], *args: Operand) -> Operand:
    """Return a function of single values, called for each place of its arrays."""
    if not any(isinstance(arg, CellBlock) for arg in args):
        return function(*args)
    rows, columns = common_size(*args)
    columns_of_values = [broadcast_values(arg, rows, columns) for arg in args]
    mapped = [function(*values) for values in zip(*columns_of_values, strict=True)]
    return CellBlock(rows, columns, mapped)
