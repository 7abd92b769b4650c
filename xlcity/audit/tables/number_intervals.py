"""Intervals of numbers, and formulas over them that a specification writes as text."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from xlcity.audit.tables.printed_numbers import half_unit, read_number

#: Stands for a number without a limit: far beyond any that is printed, yet finite.
HUGE = Decimal(10) ** 50
#: A column in a formula: its name in braces.
BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class NumberInterval:
    """What printed numbers, or what is computed of them, may stand for: both ends count."""

    low: Decimal
    high: Decimal

    def __add__(self, other: NumberInterval) -> NumberInterval:
        return NumberInterval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> NumberInterval:
        return NumberInterval(-self.high, -self.low)

    def __sub__(self, other: NumberInterval) -> NumberInterval:
        return self + -other

    def __mul__(self, other: NumberInterval) -> NumberInterval:
        return hull(a * b for a, b in product(self.ends, other.ends))

    def __truediv__(self, other: NumberInterval) -> NumberInterval:
        if other.low <= 0 <= other.high:
            return NumberInterval(-HUGE, HUGE)
        return hull(a / b for a, b in product(self.ends, other.ends))

    def __pow__(self, other: NumberInterval) -> NumberInterval:
        """Return a power; the exponent is one number."""
        power = other.low
        if not power:
            return exactly(Decimal(1))
        if power != int(power):
            return hull(max(end, Decimal(0)) ** power for end in self.ends)
        powers = [end ** int(power) for end in self.ends]
        if self.low < 0 < self.high:
            powers.append(Decimal(0))
        return hull(powers)

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest number."""
        return self.low, self.high

    def meets(self, other: NumberInterval) -> bool:
        """Tell whether one number may be what both stand for."""
        return self.low <= other.high and other.low <= self.high


def interval_of_text(text: str) -> NumberInterval | None:
    """Return what a printed text may stand for; None where it prints no number.

    >>> interval_of_text("12.5"), interval_of_text("—")
    (NumberInterval(low=Decimal('12.45'), high=Decimal('12.55')), None)
    """
    value = read_number(text)
    half = half_unit(text)
    return None if value is None else NumberInterval(value - half, value + half)


def exactly(number: Decimal) -> NumberInterval:
    """Return the interval that is one number."""
    return NumberInterval(number, number)


def hull(numbers: Iterable[Decimal]) -> NumberInterval:
    """Return the interval from the least to the greatest of some numbers."""
    listed = list(numbers)
    return NumberInterval(min(listed), max(listed))


def _grade(number: NumberInterval, *steps: NumberInterval) -> NumberInterval:
    """Return the points of the last limit that is reached; limits and points stand in turn."""
    limits = [step.low for step in steps[::2]]
    points = [step.low for step in steps[1::2]]

    def count_reached(end: Decimal) -> int:
        return max(sum(end >= limit for limit in limits), 1)

    fewest = count_reached(number.low)
    return hull(points[fewest - 1 : count_reached(number.high)])


def _floor(number: NumberInterval) -> NumberInterval:
    return hull(end.to_integral_value(ROUND_FLOOR) for end in number.ends)


def _square_root(number: NumberInterval) -> NumberInterval:
    return number ** exactly(Decimal("0.5"))


#: Function of a formula -> what computes it.
FUNCTIONS: dict[str, Callable[..., NumberInterval]] = {
    "floor": _floor,
    "sqrt": _square_root,
    "grade": _grade,
}
#: What a formula may have beside numbers, columns and calls.
_ARITHMETIC = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.Load,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.USub,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of numbers in a row; `compute` takes these in the order of its columns."""

    text: str
    columns: tuple[str, ...]
    compute: Callable[..., NumberInterval]

    def __call__(self, numbers: Sequence[NumberInterval]) -> NumberInterval:
        """Return what the formula gives, for numbers in the order of its columns."""
        return self.compute(*numbers)

    def written(self, terms: Sequence[str]) -> str:
        """Return the formula with words in the place of its columns; of `SUM` the ends alone."""
        if self is SUM:
            return f"{terms[0]} + … + {terms[-1]}"
        by_column = dict(zip(self.columns, terms, strict=True))
        return BRACES.sub(lambda match: by_column[match[1]], self.text)


def _sum_up(*numbers: NumberInterval) -> NumberInterval:
    return sum(numbers, start=exactly(Decimal(0)))


#: The sum of any number of numbers, such as a row of totals is of its column.
SUM = Formula("", (), _sum_up)


def read_formula(text: str) -> Formula:
    """Return the formula that a text writes: ``100 * ({now} / {before} - 1)``.

    It has columns in braces, numbers, + - * / **, `floor(x)`, `sqrt(x)`, and `grade(x, limit,
    points, …)`, the points of the last limit that x reaches. Each column should stand in it once.

    Raises
    ------
    ValueError
        If it has something else.

    Examples
    --------
    >>> formula = read_formula("floor(2 * {mark} ** 2)")
    >>> formula([NumberInterval(Decimal("1.5"), Decimal("1.6"))])
    NumberInterval(low=Decimal('4'), high=Decimal('5'))
    """
    columns = tuple(dict.fromkeys(BRACES.findall(text)))
    names = {column: f"x{number}" for number, column in enumerate(columns)}
    try:
        written = BRACES.sub(lambda match: names[match[1]], text)
        tree = ast.parse(written.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(text) from error
    numbers: dict[str, Any] = {**FUNCTIONS}
    expression = ast.unparse(_Constants({*names.values()}, numbers).visit(tree))
    parameters = ", ".join(names.values())
    compute = eval(
        f"lambda {parameters}: {expression}", {"__builtins__": {}, **numbers}
    )
    return Formula(text, columns, compute)


def formula_parts(text: str) -> tuple[str, Formula]:
    """Return the column before the equals sign, and the formula after it; a name may have one too.

    >>> formula_parts("{ratio (women = 100)} = 100 * {men} / {women}")[0]
    'ratio (women = 100)'

    Raises
    ------
    ValueError
        If there is something else.
    """
    column = BRACES.match(text.strip())
    rest = text.strip()[column.end() :].lstrip() if column else ""
    if column is None or not rest.startswith("="):
        raise ValueError(text.partition("=")[0])
    return column[1], read_formula(rest[1:].strip())


class _Constants(ast.NodeTransformer):
    """Takes only arithmetic, and gives its numbers names, under which they stand exactly."""

    def __init__(self, columns: set[str], numbers: dict[str, Any]) -> None:
        self.columns = columns
        self.numbers = numbers

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            name = f"n{len(self.numbers)}"
            self.numbers[name] = exactly(Decimal(str(node.value)))
            return ast.Name(name, ast.Load())
        is_known = isinstance(node, _ARITHMETIC)
        if isinstance(node, ast.Name):
            is_known = node.id in self.columns or node.id in FUNCTIONS
        elif isinstance(node, ast.Call):
            is_known = isinstance(node.func, ast.Name) and not node.keywords
        if not is_known:
            raise ValueError(ast.unparse(node))
        return self.generic_visit(node)


def weighted_sum(
    weights: Sequence[Fraction | int], constant: Decimal | int = 0
) -> Formula:
    """Return the formula of a weighted sum; nothing in it is rounded.

    >>> weighted_sum([Fraction(3, 10), Fraction(7, 10)]).text
    '0.3 * {0} + 0.7 * {1}'
    >>> weighted_sum([Fraction(1, 3), Fraction(2, 3)]).text
    '({0} + 2 * {1}) / 3'
    """
    scale = math.lcm(*(weight.denominator for weight in weights))
    is_decimal = Fraction(10**12, scale).denominator == 1
    factor = 1 if is_decimal else scale
    terms = []
    for number, weight in enumerate(weights):
        exact = Fraction(weight) * factor
        shown = (Decimal(exact.numerator) / exact.denominator).normalize()
        terms.append(f"{{{number}}}" if shown == 1 else f"{shown:f} * {{{number}}}")
    text = " + ".join(terms).replace("+ -", "- ")
    if not is_decimal:
        text = f"({text}) / {scale}"
    if constant:
        text += f" + {constant}"
    return read_formula(text)
