"""Functions of many values: sums, counts, extremes, statistics.

An argument is a block, a tuple for a reference to one cell (whose texts and logicals are left out,
as in a range), or a value.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.arrays import binary
from xlcity.recalc.engines.compiled.blocks import CellBlock
from xlcity.recalc.engines.compiled.values import DoubtError, is_crowded, number, truth, whole


def _numbers(args: tuple[Any, ...]) -> Any:
    """Return the numbers among arguments, or their first error."""
    if len(args) == 1 and isinstance(args[0], CellBlock):
        return args[0].error or args[0].floats
    numbers: list[float] = []
    for arg in args:
        if isinstance(arg, CellBlock):
            if (error := arg.error) is not None:
                return error
            numbers += arg.floats
        elif arg.__class__ is tuple:
            value = arg[0]
            if value.__class__ is float:
                numbers.append(value)
            elif value.__class__ is CellError:
                return value
        else:
            x = number(arg)
            if x.__class__ is CellError:
                return x
            numbers.append(x)
    return numbers


def _of_numbers(reduce: Callable[[list[float]], Any]) -> Callable[..., Any]:
    """Return a function of all numbers; what it gives for a block is kept with the block."""

    def of(*args: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], CellBlock):
            return args[0].kept(reduce, _whole)
        numbers = _numbers(args)
        return numbers if numbers.__class__ is CellError else reduce(numbers)

    def _whole(block: CellBlock) -> Any:
        return block.error or reduce(block.floats)

    return of


def count(*args: Any) -> float:
    """Return how many numbers there are."""
    total = 0
    for arg in args:
        if isinstance(arg, CellBlock):
            total += len(arg.floats)
        elif arg.__class__ is tuple:
            total += arg[0].__class__ is float
        else:
            total += arg.__class__ is not CellError and number(arg).__class__ is float
    return float(total)


def counta(*args: Any) -> float:
    """Return how many values there are."""
    total = 0
    for arg in args:
        if isinstance(arg, CellBlock):
            total += arg.kept("filled", lambda block: len(block.flat) - block.flat.count(None))
        else:
            total += (arg[0] if arg.__class__ is tuple else arg) is not None
    return float(total)


def _spread(values: list[float]) -> float:
    """Return the sum of squares about the mean."""
    mean = sum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values)


def _standardised(values: list[float]) -> list[float]:
    """Return the distances from the mean in standard deviations (n - 1); none if all are equal."""
    mean = sum(values) / len(values)
    deviation = math.sqrt(_spread(values) / (len(values) - 1))
    return [(v - mean) / deviation for v in values] if deviation else []


def _skew(values: list[float]) -> Any:
    n = len(values)
    if n < 3 or not (scores := _standardised(values)):
        return CellError.DIV0
    return n / ((n - 1) * (n - 2)) * sum(z**3 for z in scores)


def _kurt(values: list[float]) -> Any:
    n = len(values)
    if n < 4 or not (scores := _standardised(values)):
        return CellError.DIV0
    factor = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    return factor * sum(z**4 for z in scores) - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def _median(values: list[float]) -> Any:
    if not values:
        return CellError.NUM
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2.0


def _sorted(block: CellBlock) -> list[float]:
    return sorted(block.floats)


def _ranked(values: Any) -> Any:
    if isinstance(values, CellBlock):
        return values.error or values.kept("sorted", _sorted)
    numbers = _numbers((values,))
    return numbers if numbers.__class__ is CellError else sorted(numbers)


def _place(values: Any, k: Any, last: bool) -> Any:
    ascending, n = _ranked(values), whole(k)
    if ascending.__class__ is CellError:
        return ascending
    if n.__class__ is CellError:
        return n
    if k != n:
        raise DoubtError("LARGE or SMALL with a part of a number")
    if not 1 <= n <= len(ascending):
        return CellError.NUM
    return ascending[-n] if last else ascending[n - 1]


def _quantile(ascending: Any, share: float) -> Any:
    if ascending.__class__ is CellError:
        return ascending
    if not ascending or not 0.0 <= share <= 1.0:
        return CellError.NUM
    fractional_index = (len(ascending) - 1) * share
    low = math.floor(fractional_index)
    return (
        ascending[low]
        if low == fractional_index
        else ascending[low] + (fractional_index - low) * (ascending[low + 1] - ascending[low])
    )


def quartile(values: Any, which: Any) -> Any:
    """Return QUARTILE."""
    q = whole(which)
    return q if q.__class__ is CellError else _quantile(_ranked(values), q / 4.0)


def percentile(values: Any, share: Any) -> Any:
    """Return PERCENTILE."""
    k = number(share)
    return k if k.__class__ is CellError else _quantile(_ranked(values), k)


def rank(value: Any, values: Any, order: Any = 0.0) -> Any:
    """Return RANK.EQ."""
    x, ascending = number(value), number(order)
    if x.__class__ is CellError:
        return x
    if ascending.__class__ is CellError:
        return ascending
    in_order = _ranked(values)
    if in_order.__class__ is CellError:
        return in_order
    if is_crowded(in_order, x):
        raise DoubtError("RANK.EQ beside a number that differs in its last digits")
    before = bisect_left(in_order, x)
    if before == len(in_order) or in_order[before] != x:
        return CellError.NA
    if ascending:
        return float(before + 1)
    return float(len(in_order) - bisect_right(in_order, x) + 1)


def sumproduct(*args: Any) -> Any:
    """Return SUMPRODUCT."""
    if len(args) == 2 and isinstance(args[0], CellBlock):
        return args[0].kept_with("product", args[1], lambda: _product(args))
    return _product(args)


def place_among(operator: str, a: Any, x: Any, other: str, b: Any, y: Any) -> Any:
    """Return SUMPRODUCT of two comparisons, added: how many values are before and behind others.

    Each row of a table asks this of the same column, which is sorted once: 2 microseconds a row
    where the product needs 87 (of 1,904 rows) to 183 (of 7,616).
    """
    size = a.rows, a.columns
    is_plain = a.error is b.error is None and size == (b.rows, b.columns)
    plain = is_plain and x.__class__ is y.__class__ is float
    if plain and not (is_crowded(_in_order(a), x) or is_crowded(_in_order(b), y)):
        return float(_before(operator, a, x) + _before(other, b, y))
    return sumproduct(binary("+", binary(operator, a, x), binary(other, b, y)))


def _in_order(block: CellBlock) -> list[float]:
    ascending: list[float] = block.kept("in order", lambda cells: sorted(cells.ordered.tolist()))
    return ascending


def _before(operator: str, block: CellBlock, x: float) -> int:
    """Return of how many values a comparison with a number holds."""
    ascending = _in_order(block)
    boundary = (bisect_left if operator in ("<", ">=") else bisect_right)(ascending, x)
    return boundary if operator[0] == "<" else len(ascending) - boundary


def _product(args: tuple[Any, ...]) -> Any:
    if len(args) == 1 and not isinstance(args[0], CellBlock):
        x = args[0][0] if args[0].__class__ is tuple else args[0]
        return x if x.__class__ in (CellError, float) else 0.0
    blocks = [_as_block(arg) for arg in args]
    size = blocks[0].rows, blocks[0].columns
    if any((block.rows, block.columns) != size for block in blocks):
        return CellError.VALUE
    factors = [block.factor for block in blocks]
    for factor in factors:
        if factor.__class__ is CellError:
            return factor
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    total = float(np.add.reduce(product))
    if not math.isfinite(total):
        raise DoubtError("a sum beyond all numbers")
    return total


def _as_block(arg: Any) -> CellBlock:
    if isinstance(arg, CellBlock):
        return arg
    return CellBlock(1, 1, [arg[0] if arg.__class__ is tuple else arg])


def _logic(args: tuple[Any, ...], stop: bool) -> Any:
    """Return OR where `stop`, else AND."""
    outcome, seen = not stop, False
    for arg in args:
        if isinstance(arg, CellBlock):
            values: list[Any] = [v for v in arg.flat if v is not None and v.__class__ is not str]
        elif arg.__class__ is tuple:
            value = arg[0]
            values = [] if value is None or value.__class__ is str else [value]
        else:
            values = [arg]
        for value in values:
            holds = truth(value)
            if holds.__class__ is CellError:
                return holds
            seen = True
            if holds is stop:
                outcome = stop
    return outcome if seen else CellError.VALUE


def _average(values: list[float]) -> Any:
    return sum(values) / len(values) if values else CellError.DIV0


#: Functions of any number of arguments.
AGGREGATES: dict[str, Callable[..., Any]] = {
    "SUM": _of_numbers(lambda v: float(sum(v))),
    "AVERAGE": _of_numbers(_average),
    "MAX": _of_numbers(lambda v: max(v, default=0.0)),
    "MIN": _of_numbers(lambda v: min(v, default=0.0)),
    "MEDIAN": _of_numbers(_median),
    "SUMSQ": _of_numbers(lambda v: float(sum(x * x for x in v))),
    "DEVSQ": _of_numbers(lambda v: _spread(v) if v else CellError.NUM),
    "STDEV.P": _of_numbers(lambda v: math.sqrt(_spread(v) / len(v)) if v else CellError.DIV0),
    "SKEW": _of_numbers(_skew),
    "KURT": _of_numbers(_kurt),
    "COUNT": count,
    "COUNTA": counta,
    "SUMPRODUCT": sumproduct,
    "AND": lambda *args: _logic(args, False),
    "OR": lambda *args: _logic(args, True),
}
#: Functions of a block first and of single values.
FIRST_BLOCK: dict[str, tuple[Callable[..., Any], int, int]] = {
    "LARGE": (lambda values, k: _place(values, k, True), 2, 2),
    "SMALL": (lambda values, k: _place(values, k, False), 2, 2),
    "QUARTILE": (quartile, 2, 2),
    "PERCENTILE": (percentile, 2, 2),
}
