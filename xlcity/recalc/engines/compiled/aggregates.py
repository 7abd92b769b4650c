"""Functions of many values: sums, counts, extremes, statistics.

What the functions take is an `Argument`; what they give is a value, the first error among theirs.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import partial
from statistics import linear_regression, median
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.messages import Message
from xlcity.recalc.engines.compiled.blocks import CellBlock
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    Value,
    has_near_number,
    to_logical,
    to_number,
    to_whole_number,
)

#: A block, of which texts and logicals are left out; or a value, which then counts as a number.
Argument = Any


def _collect_numbers(args: tuple[Argument, ...]) -> list[float] | CellError:
    """Return the numbers among arguments, or their first error.

    An argument is a block, of which only numbers count, or a value, which is converted to one.
    """
    numbers: list[float] = []
    for arg in args:
        if isinstance(arg, CellBlock):
            if arg.error is not None:
                return arg.error
            numbers += arg.floats
        else:
            number = to_number(arg)
            if isinstance(number, CellError):
                return number
            numbers.append(number)
    return numbers


def _make_aggregate(reduce: Callable[[list[float]], Value]) -> Callable[..., Value]:
    """Return a spreadsheet function such as SUM, from what it computes of a list of numbers.

    It takes blocks and values, gives their first error, and caches the result of a single block in
    the block.
    """

    def reduce_block(block: CellBlock) -> Value:
        """Return what the function gives for the numbers of a block, or its error."""
        error = block.error
        return reduce(block.floats) if error is None else error

    def reduce_arguments(*args: Argument) -> Value:
        """Return what the function gives for its arguments, or their first error."""
        if len(args) == 1 and isinstance(args[0], CellBlock):
            return args[0].cached(reduce, reduce_block)
        numbers = _collect_numbers(args)
        return numbers if isinstance(numbers, CellError) else reduce(numbers)

    return reduce_arguments


def count(*args: Argument) -> float:
    """Return COUNT: how many numbers there are; errors count as none."""
    total = 0
    for arg in args:
        if isinstance(arg, CellBlock):
            total += len(arg.floats)
        else:
            total += (
                arg.__class__ is not CellError and to_number(arg).__class__ is float
            )
    return float(total)


def counta(*args: Argument) -> float:
    """Return COUNTA: how many values there are, errors included."""
    total = 0
    for arg in args:
        if isinstance(arg, CellBlock):
            total += arg.cached(
                "filled", lambda block: len(block.flat) - block.flat.count(None)
            )
        else:
            total += arg is not None
    return float(total)


def add_numbers(values: list[float]) -> float:
    """Return the sum of numbers: `sum` adds them otherwise from Python 3.12 on."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # too large on the way, or infinite
        return float(sum(values))


def _sum_squared_deviations(values: list[float]) -> float:
    """Return the sum of the squared distances of numbers from their mean."""
    mean = add_numbers(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def _sample_deviation(values: list[float]) -> Value:
    """Return the standard deviation of a sample (n - 1); #DIV/0! for fewer than two numbers."""
    if len(values) < 2:
        return CellError.DIV0
    return math.sqrt(_sum_squared_deviations(values) / (len(values) - 1))


def _standardise(values: list[float]) -> list[float]:
    """Return the distances from the mean in standard deviations (n - 1); [] if all are equal."""
    mean = add_numbers(values) / len(values)
    deviation = math.sqrt(_sum_squared_deviations(values) / (len(values) - 1))
    return [(value - mean) / deviation for value in values] if deviation else []


def _skewness(values: list[float]) -> Value:
    """Return the skewness of a sample; #DIV/0! for fewer than three or equal values."""
    n = len(values)
    scores = _standardise(values) if n >= 3 else []
    if not scores:
        return CellError.DIV0
    factor = n / ((n - 1) * (n - 2))
    return factor * add_numbers([z**3 for z in scores])


def _kurtosis(values: list[float]) -> Value:
    """Return the excess kurtosis of a sample; #DIV/0! for fewer than four or equal values."""
    n = len(values)
    scores = _standardise(values) if n >= 4 else []
    if not scores:
        return CellError.DIV0
    divisor = (n - 1) * (n - 2) * (n - 3)
    factor = n * (n + 1) / divisor
    of_normal = 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    return factor * add_numbers([z**4 for z in scores]) - of_normal


def _sort_numbers(values: Argument) -> list[float] | CellError:
    """Return the numbers of an argument in ascending order, or its first error."""
    if isinstance(values, CellBlock):
        return values.error or values.ascending
    numbers = _collect_numbers((values,))
    return numbers if isinstance(numbers, CellError) else sorted(numbers)


def _kth_number(values: Argument, k: Value, *, from_largest: bool) -> Value:
    """Return LARGE or SMALL: the k-th number from one end; #NUM! where there is none.

    `values` are a block or a value; k is a value as a cell has it. `DoubtError` if it is no whole
    number.
    """
    ascending = _sort_numbers(values)
    number = to_whole_number(k)
    if isinstance(ascending, CellError):
        return ascending
    if isinstance(number, CellError):
        return number
    if k != number:
        raise DoubtError(Message("doubt.part_of_a_rank"))
    if not 1 <= number <= len(ascending):
        return CellError.NUM
    return ascending[-number] if from_largest else ascending[number - 1]


def _quantile(values: Argument, position: Value, parts: int) -> Value:
    """Return PERCENTILE (`parts` is 1) or QUARTILE (4), interpolated; #NUM! where there is none.

    `position` says which one: from 0, the smallest number, to `parts`, the largest.
    """
    ascending = _sort_numbers(values)
    part = to_number(position) if parts == 1 else to_whole_number(position)
    if isinstance(ascending, CellError):
        return ascending
    if isinstance(part, CellError):
        return part
    if not ascending or not 0 <= part <= parts:
        return CellError.NUM
    fractional_index = (len(ascending) - 1) * (part / parts)
    low = math.floor(fractional_index)
    if low == fractional_index:
        return ascending[low]
    return ascending[low] + (fractional_index - low) * (
        ascending[low + 1] - ascending[low]
    )


def rank(
    value: Value, values: Argument, order: Value = 0.0, *, averaged: bool = False
) -> Value:
    """Return RANK.EQ: 1 for the largest number; for the smallest where `order` is not 0.

    With `averaged` it is RANK.AVG: equal numbers have the mean of their ranks.
    """
    number = to_number(value)
    order_number = to_number(order)
    if isinstance(number, CellError):
        return number
    if isinstance(order_number, CellError):
        return order_number
    ascending = _sort_numbers(values)
    if isinstance(ascending, CellError):
        return ascending
    if has_near_number(ascending, number):
        raise DoubtError(Message("doubt.rank_beside_last_digits"))
    smaller = bisect_left(ascending, number)  # how many numbers are smaller
    if smaller == len(ascending) or ascending[smaller] != number:
        return CellError.NA
    up_to = bisect_right(ascending, number)
    shared = (up_to - smaller - 1) / 2 if averaged else 0
    if order_number:
        return float(smaller + 1 + shared)
    return float(len(ascending) - up_to + 1 + shared)


def sumproduct(*args: Argument) -> Value:
    """Return SUMPRODUCT; of one block or two it is cached with the first."""
    if len(args) in (1, 2) and isinstance(args[0], CellBlock):
        other = args[1] if len(args) == 2 else None
        return args[0].cached_with("product", other, lambda: _sum_of_products(args))
    return _sum_of_products(args)


def _sum_of_products(args: tuple[Argument, ...]) -> Value:
    """Return SUMPRODUCT of blocks and values; #VALUE! if they differ in size.

    `DoubtError` for a sum that is not finite.
    """
    blocks = [
        arg if isinstance(arg, CellBlock) else CellBlock(1, 1, [arg]) for arg in args
    ]
    rows = blocks[0].rows
    columns = blocks[0].columns
    if any(block.rows != rows or block.columns != columns for block in blocks):
        return CellError.VALUE
    factors = list(map(_factor, blocks))
    error = next((f for f in factors if f.__class__ is CellError), None)
    if error is not None:
        return error
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    total = float(np.add.reduce(product))
    if not math.isfinite(total):
        raise DoubtError(Message("doubt.sum_beyond_numbers"))
    return total


def _factor(block: CellBlock) -> Any:
    """Return a block's numbers as an array, 0 for all else; or its first error."""
    return block.numbers if block.kinds == {float} else block.numbers_or_error


def _sides_of(args: tuple[Argument, ...], name: str) -> list[Any] | CellError:
    """Return the numbers of two blocks where both have one, as two arrays in their order.

    `DoubtError` for anything else than two blocks of a size.
    """
    blocks = [arg for arg in args if isinstance(arg, CellBlock)]
    are_two = len(args) == len(blocks) == 2
    if not are_two or len(blocks[0].flat) != len(blocks[1].flat):
        raise DoubtError(f"{name} of other things than two blocks of a size")
    first, second = blocks
    error = second.error if first.error is None else first.error
    if error is not None:
        return error
    sides = [block.numbers_or_nan for block in blocks]
    if first.kinds == second.kinds == {float}:
        return sides
    are_pairs = ~(np.isnan(sides[0]) | np.isnan(sides[1]))
    return [side[are_pairs] for side in sides]


def _is_constant(numbers: Any) -> bool:
    """Tell whether fewer than two different numbers are given."""
    return not len(numbers) or bool((numbers == numbers[0]).all())


def slope(*args: Argument) -> Value:
    """Return SLOPE of y and x; places where one of the blocks has no number are left out."""
    sides = _sides_of(args, "SLOPE")
    if isinstance(sides, CellError):
        return sides
    y, x = sides
    if _is_constant(x):
        return CellError.DIV0
    return linear_regression(x.tolist(), y.tolist()).slope


def correlation(*args: Argument) -> Value:
    """Return CORREL; places where one of the blocks has no number are left out."""
    sides = _sides_of(args, "CORREL")
    if isinstance(sides, CellError):
        return sides
    if any(map(_is_constant, sides)):
        return CellError.DIV0
    deviations = [side - np.mean(side) for side in sides]
    x, y = (side / np.sqrt(side @ side) for side in deviations)
    found = float(x @ y)
    if not math.isfinite(found):
        raise DoubtError(Message("doubt.sum_beyond_numbers"))
    return max(-1.0, min(1.0, found))


def _combine_logicals(args: tuple[Argument, ...], deciding: bool) -> Value:
    """Return OR, which one TRUE decides, or AND, which one FALSE does; #VALUE! without values.

    `deciding` is TRUE or FALSE. Blanks and texts in blocks do not count.
    """
    logicals: set[bool] = set()
    for arg in args:
        values = _countable_values(arg) if isinstance(arg, CellBlock) else [arg]
        for value in values:
            logical = to_logical(value)
            if isinstance(logical, CellError):
                return logical
            logicals.add(logical)
    if not logicals:
        return CellError.VALUE
    # Only now: an error may follow what decides.
    return deciding if deciding in logicals else not deciding


def _countable_values(block: CellBlock) -> list[Value]:
    """Return the values of a block but blanks and texts."""
    return [v for v in block.flat if v is not None and v.__class__ is not str]


def _mean(values: list[float]) -> Value:
    """Return AVERAGE; #DIV/0! without numbers."""
    return add_numbers(values) / len(values) if values else CellError.DIV0


def _median(values: list[float]) -> Value:
    """Return MEDIAN; #NUM! without numbers."""
    return median(values) if values else CellError.NUM


def _sum_of_squares(values: list[float]) -> Value:
    """Return SUMSQ."""
    return add_numbers([value * value for value in values])


def _squared_deviations(values: list[float]) -> Value:
    """Return DEVSQ; #NUM! without numbers."""
    return _sum_squared_deviations(values) if values else CellError.NUM


def _population_deviation(values: list[float]) -> Value:
    """Return STDEV.P; #DIV/0! without numbers."""
    if not values:
        return CellError.DIV0
    return math.sqrt(_sum_squared_deviations(values) / len(values))


#: Functions of any number of arguments.
AGGREGATES: dict[str, Callable[..., Value]] = {
    "SUM": _make_aggregate(add_numbers),
    "AVERAGE": _make_aggregate(_mean),
    "MAX": _make_aggregate(lambda values: max(values, default=0.0)),
    "MIN": _make_aggregate(lambda values: min(values, default=0.0)),
    "MEDIAN": _make_aggregate(_median),
    "SUMSQ": _make_aggregate(_sum_of_squares),
    "DEVSQ": _make_aggregate(_squared_deviations),
    "STDEV.P": _make_aggregate(_population_deviation),
    "STDEV.S": _make_aggregate(_sample_deviation),
    "SKEW": _make_aggregate(_skewness),
    "KURT": _make_aggregate(_kurtosis),
    "COUNT": count,
    "COUNTA": counta,
    "SLOPE": slope,
    "CORREL": correlation,
    "SUMPRODUCT": sumproduct,
    "AND": lambda *args: _combine_logicals(args, deciding=False),
    "OR": lambda *args: _combine_logicals(args, deciding=True),
}
#: Functions of a block and a value.
FIRST_BLOCK: dict[str, Callable[..., Value]] = {
    "LARGE": partial(_kth_number, from_largest=True),
    "SMALL": partial(_kth_number, from_largest=False),
    "QUARTILE": partial(_quantile, parts=4),
    "PERCENTILE": partial(_quantile, parts=1),
}
