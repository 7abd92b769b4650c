"""Exact arithmetic, and arguments drawn for functions of a column, of a row or of a block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random
from typing import Any

Row = list[Fraction]
#: Arguments of a call, and its results by row.
Case = tuple[list[Any], list[Row]]
_DIGITS = 60


def root(value: Fraction) -> Fraction:
    """Return the square root."""
    return _by_digits(lambda x: x.sqrt(), value)


def _by_digits(what: Callable[[Decimal], Decimal], value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = _DIGITS
        return Fraction(what(Decimal(value.numerator) / Decimal(value.denominator)))


def ln(value: Fraction) -> Fraction:
    """Return the natural logarithm."""
    return _by_digits(lambda x: x.ln(), value)


def exp(value: Fraction) -> Fraction:
    """Return e to a power."""
    return _by_digits(lambda x: x.exp(), value)


def mean_of(x: Row) -> Fraction:
    """Return the mean."""
    return sum(x, Fraction()) / len(x)


def deviation(x: Row, ddof: int) -> Fraction:
    """Return the standard deviation by n - ddof."""
    mean = mean_of(x)
    return root(sum(((v - mean) ** 2 for v in x), Fraction()) / (len(x) - ddof))


def pearson(x: Row, y: Row) -> Fraction:
    """Return the correlation of two columns."""
    dx, dy = ([v - mean_of(z) for v in z] for z in (x, y))
    xx, yy, xy = (
        sum((a * b for a, b in zip(*p, strict=True)), Fraction())
        for p in ((dx, dx), (dy, dy), (dx, dy))
    )
    return xy / root(xx * yy)


def shares(x: Row) -> Row:
    """Return numbers divided by their sum."""
    return [v / sum(x) for v in x]


def principal(matrix: list[Row]) -> tuple[Row, Fraction]:
    """Return the eigenvector of the largest eigenvalue, of length 1, and the eigenvalue."""
    with localcontext() as context:
        context.prec = 2 * _DIGITS
        a = [
            [Decimal(v.numerator) / Decimal(v.denominator) for v in row]
            for row in matrix
        ]
        power = a
        for _ in range(24):
            power = [
                [_product(row, [*column]) for column in zip(*power, strict=True)]
                for row in power
            ]
            most = max(abs(v) for row in power for v in row)
            power = [[v / most for v in row] for row in power]
        # Any column is the vector; the largest has lost the fewest digits.
        widest = max(
            range(len(power)),
            key=[abs(power[i][i]) for i in range(len(power))].__getitem__,
        )
        vector = [row[widest] for row in power]
        size = _product(vector, vector).sqrt()
        vector = [v / size for v in vector]
        at = max(range(len(vector)), key=[abs(v) for v in vector].__getitem__)
        value = _product(a[at], vector) / vector[at]
        return [Fraction(v) for v in vector], Fraction(value)


def _product(a: list[Decimal], b: list[Decimal]) -> Decimal:
    return sum((x * y for x, y in zip(a, b, strict=True)), Decimal())


@dataclass
class Draw:
    """Draws arguments."""

    random: Random
    size: float = 1.0

    def row(self, n: int, low: float = -1.0) -> list[float]:
        """Return n numbers of the size of the case."""
        return [self.size * self.random.uniform(low, 1.0) for _ in range(n)]

    def weights(self, n: int) -> list[float]:
        """Return n weights."""
        return [
            self.random.choice((1.0, 1e-3, 1e3, self.random.random() + 0.1))
            for _ in range(n)
        ]

    def columns(self, n: int, k: int, low: float = 0.1) -> list[list[float]]:
        """Return n rows of k numbers; each column has another size."""
        sizes = [self.random.choice((1e-6, 1.0, 1e6)) * self.size for _ in range(k)]
        return [
            [size * self.random.uniform(low, 1.0) for size in sizes] for _ in range(n)
        ]


def exact(values: Sequence[float]) -> Row:
    """Return floats as the fractions that they are."""
    return [Fraction(value) for value in values]


def across(rows: list[list[float]]) -> list[Row]:
    """Return the columns of rows, exact."""
    return [exact(column) for column in zip(*rows, strict=True)]


def down(values: Sequence[Fraction]) -> list[Row]:
    """Return numbers one below the other."""
    return [[value] for value in values]


def by_column(
    reference: Callable[[Row], Row], *more: object, low: float = -1.0, least: int = 3
) -> Callable[[Draw], Case]:
    """Return the cases of a function of one column; `more` are further arguments."""

    def case(draw: Draw) -> Case:
        values = draw.row(draw.random.choice((least, 7, 40)), low)
        return [[[v] for v in values], *([[m]] for m in more)], down(
            reference(exact(values))
        )

    return case


def by_row(
    reference: Callable[[Row, Row], Row], *more: object
) -> Callable[[Draw], Case]:
    """Return the cases of a function of a row and its weights."""

    def case(draw: Draw) -> Case:
        n = draw.random.choice((2, 3, 7, 40))
        values = draw.row(n, 0.1)
        weights = draw.weights(n)
        return [[values], [weights], *([[m]] for m in more)], [
            reference(exact(values), exact(weights))
        ]

    return case


def by_block(
    reference: Callable[[list[Row]], list[Row]], *more: object, low: float = 0.1
) -> Callable[[Draw], Case]:
    """Return the cases of a function of several columns."""

    def case(draw: Draw) -> Case:
        k = draw.random.choice((2, 3, 5))
        rows = draw.columns(draw.random.choice((6, 20)), k, low)
        return [rows, *([[m]] for m in more)], reference(across(rows))

    return case
