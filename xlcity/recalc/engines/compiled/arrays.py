"""Operators and functions of single values for each place of arrays."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import numpy as np

from xlcity.errors import CellValue
from xlcity.recalc.engines.compiled.blocks import (
    NO_NUMBERS,
    NOWHERE,
    CellBlock,
    of_size,
    size_of,
    spread,
)
from xlcity.recalc.engines.compiled.comparisons import COMPARISON, equality, mended, nearly, order
from xlcity.recalc.engines.compiled.values import BINARY, negative, percent

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
