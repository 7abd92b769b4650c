"""What printed numbers owe each other: identities that rounding cannot break.

Every constraint knows its cells, whether given values break it, and the interval that it leaves to
a cell when the others are taken as printed. All arithmetic is decimal and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum
from fractions import Fraction
from typing import Protocol

from xlcity.audit.tables.spec.cells import PrintedCell

#: Lowest and highest printed value that is possible; None = no limit.
Interval = tuple[Decimal | None, Decimal | None]
Values = Sequence[Decimal]
NO_LIMIT: Interval = (None, None)
#: Suspects named for one cause, at most.
MOST_SUSPECTS = 12


@dataclass(frozen=True, slots=True)
class NumberInterval:
    """The numbers that printed ones, or what is computed of them, may stand for: both ends count.

    Products and quotients of two are those of positive numbers.
    """

    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, cell: PrintedCell, values: Values) -> NumberInterval:
        """Return what a cell may stand for."""
        return cls(values[cell.index] - cell.below, values[cell.index] + cell.above)

    def __add__(self, other: NumberInterval) -> NumberInterval:
        return NumberInterval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: NumberInterval) -> NumberInterval:
        return NumberInterval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: NumberInterval | int) -> NumberInterval:
        if isinstance(other, NumberInterval):
            return NumberInterval(self.low * other.low, self.high * other.high)
        return NumberInterval(*sorted((self.low * other, self.high * other)))

    def __truediv__(self, other: NumberInterval | int) -> NumberInterval:
        if isinstance(other, NumberInterval):
            return NumberInterval(self.low / other.high, self.high / other.low)
        return NumberInterval(*sorted((self.low / other, self.high / other)))

    def meets(self, other: NumberInterval) -> bool:
        """Tell whether one number may be what both stand for."""
        return self.low <= other.high and other.low <= self.high

    def printed(self, cell: PrintedCell) -> Interval:
        """Return how a cell may print a number of these."""
        return self.low - cell.above, self.high + cell.below


def weighted_sum(
    cells: Sequence[PrintedCell], weights: Sequence[int], values: Values, start: Decimal
) -> NumberInterval:
    """Return what a weighted sum of cells and a constant may be."""
    total = NumberInterval(start, start)
    for cell, weight in zip(cells, weights, strict=True):
        total += NumberInterval.of(cell, values) * weight
    return total


class Severity(Enum):
    """How a finding weighs."""

    #: The printed numbers of one identity cannot all be right under the stated method.
    ERROR = "error"
    #: Two tables, or text and table, disagree.
    WARNING = "warning"
    #: A question settled, a convention recognised.
    NOTE = "note"

    @property
    def weight(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Constraint(Protocol):
    """One identity."""

    __slots__ = ()

    @property
    def check(self) -> str:
        """Name of the check."""

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The cells it binds."""

    @property
    def severity(self) -> Severity:
        """How its breach weighs."""
        return Severity.ERROR

    def broken(self, values: Values) -> bool:
        """Tell whether no rounding of these values can meet it."""

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the printed values that it leaves to one of its cells."""
        return NO_LIMIT

    def strain(self, values: Values) -> float:
        """Return the misfit in standard deviations of rounding; 0 where that has no meaning."""
        return 0.0

    def tell(self, values: Values) -> str:
        """Return a sentence with the numbers."""


@dataclass(frozen=True, slots=True)
class Linear(Constraint):
    """A number is a weighted sum of others: scale x whole = sum of weight x part + constant.

    Weights are whole numbers over one denominator, `scale`, so that nothing is rounded here.
    """

    whole: PrintedCell
    parts: tuple[PrintedCell, ...]
    weights: tuple[int, ...]
    scale: int
    check: str = "aggregate"
    severity: Severity = Severity.ERROR
    what: str = "the weighted sum of its parts"
    constant: Decimal = Decimal(0)

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)

    def _sum(self, values: Values) -> NumberInterval:
        return weighted_sum(self.parts, self.weights, values, self.constant)

    def broken(self, values: Values) -> bool:
        """Tell whether the whole lies outside what its parts allow."""
        return not (NumberInterval.of(self.whole, values) * self.scale).meets(self._sum(values))

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the interval of one cell, the others as printed."""
        if cell is self.whole:
            return (self._sum(values) / self.scale).printed(cell)
        index = self.parts.index(cell)
        weight = self.weights[index]
        if weight == 0:
            return NO_LIMIT
        others = self.parts[:index] + self.parts[index + 1 :]
        weights = self.weights[:index] + self.weights[index + 1 :]
        rest = weighted_sum(others, weights, values, self.constant)
        return ((NumberInterval.of(self.whole, values) * self.scale - rest) / weight).printed(cell)

    def strain(self, values: Values) -> float:
        """Return the difference over its standard deviation, errors of rounding being uniform."""
        middle = sum(
            (w * values[p.index] for p, w in zip(self.parts, self.weights, strict=True)),
            self.constant,
        )
        spread = (self.scale * (self.whole.below + self.whole.above)) ** 2 + sum(
            (w * (p.below + p.above)) ** 2 for p, w in zip(self.parts, self.weights, strict=True)
        )
        gap = self.scale * values[self.whole.index] - middle
        return float(gap) / (float(spread) / 12) ** 0.5 if spread else 0.0

    def tell(self, values: Values) -> str:
        """Return the sum beside the printed whole."""
        allowed = self._sum(values) / self.scale
        terms = " + ".join(
            f"{plain(Decimal(w) / self.scale)} x {part.text}"
            for part, w in zip(self.parts, self.weights, strict=True)
        )
        if self.constant:
            terms += f" + {plain(self.constant / self.scale)}"
        return (
            f"{self.whole.text} is printed; {self.what}, {terms}, lies between "
            f"{plain(allowed.low)} and {plain(allowed.high)} whatever was rounded"
        )


@dataclass(frozen=True, slots=True)
class Copy(Constraint):
    """The same number, printed in two places."""

    one: PrintedCell
    other: PrintedCell
    check: str = "copies"

    @property
    def severity(self) -> Severity:
        """A warning; a note where an exact half, rounded two ways, may be all there is."""
        first, second = (NumberInterval(c.value - c.below, c.value + c.above) for c in self.cells)
        return Severity.NOTE if first.meets(second) else Severity.WARNING

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Both places."""
        return (self.one, self.other)

    def broken(self, values: Values) -> bool:
        """Tell whether no number is rounded to both; with the same digits they must be the same."""
        first, second = self.cells
        if first.decimals == second.decimals:
            return values[first.index] != values[second.index]
        return not NumberInterval.of(first, values).meets(NumberInterval.of(second, values))

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return what the other place leaves."""
        other = self.other if cell is self.one else self.one
        return NumberInterval.of(other, values).printed(cell)

    def tell(self, values: Values) -> str:
        """Return both places."""
        a, b = self.one, self.other
        text = f"{a.text} in {place(a)}, {b.text} in {place(b)}"
        if self.severity is Severity.NOTE:
            text += ": a slip, or an exact half rounded in two ways"
        return text


@dataclass(frozen=True, slots=True)
class Lattice(Constraint):
    """A number is a whole multiple of a step: a mean of k whole numbers, of k ranks over N."""

    cell: PrintedCell
    step: Fraction
    what: str
    check: str = "lattice"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The one cell."""
        return (self.cell,)

    def _around(self, values: Values) -> tuple[int, int]:
        """Return the first multiple from the lower end on, and the last up to the upper end."""
        value = values[self.cell.index]
        top, bottom = self.step.numerator, self.step.denominator
        first = ((value - self.cell.below) * bottom / top).to_integral_value(ROUND_CEILING)
        last = ((value + self.cell.above) * bottom / top).to_integral_value(ROUND_FLOOR)
        return int(first), int(last)

    def broken(self, values: Values) -> bool:
        """Tell whether no multiple is rounded to the value."""
        first, last = self._around(values)
        return first > last

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the multiples on either side, as they would be printed."""
        first, last = self._around(values)
        return self._printed(min(first, last)), self._printed(max(first, last))

    def _printed(self, multiple: int) -> Decimal:
        exact = Decimal(multiple * self.step.numerator) / self.step.denominator
        return round(exact, self.cell.decimals)

    def tell(self, values: Values) -> str:
        """Return the neighbours on the lattice."""
        first, last = self._around(values)
        low, high = self._printed(last), self._printed(first)
        return (
            f"{self.cell.text} is not a {self.what}: a multiple of {self.step.numerator}/"
            f"{self.step.denominator}; the nearest are {low} and {high}"
        )


def place(cell: PrintedCell) -> str:
    """Return where a cell stands, for sentences."""
    line = f", line {cell.where}" if cell.where else f", row {cell.row}"
    return f"table {cell.table}{line}"


def plain(number: Decimal) -> str:
    """Return a number without trailing zeros and with at most four decimals."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
