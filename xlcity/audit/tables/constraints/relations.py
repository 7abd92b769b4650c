"""What printed numbers owe each other: identities and orders that rounding cannot break.

Every constraint knows its cells, whether given values break it, and the interval that it leaves to
a cell when the others are taken as printed. All arithmetic is decimal.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum
from fractions import Fraction
from itertools import chain, product
from typing import TypeGuard

from xlcity.audit.tables.number_intervals import (
    HUGE,
    Formula,
    NumberInterval,
    exactly,
    hull,
)
from xlcity.audit.tables.printed_numbers import PrintedCell

#: Lowest and highest printed value that is possible; None = no limit.
Interval = tuple[Decimal | None, Decimal | None]
Parts = tuple[PrintedCell, ...]
Values = Sequence[Decimal] | Mapping[int, Decimal]
NO_LIMIT: Interval = (None, None)
#: Suspects named for one cause, at most.
MOST_SUSPECTS = 12


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


def interval_of(cell: PrintedCell, values: Values) -> NumberInterval:
    """Return what a cell may stand for."""
    value = values[cell.index]
    return NumberInterval(value - cell.half, value + cell.half)


def printable(numbers: NumberInterval, cell: PrintedCell) -> Interval:
    """Return how a cell may print a number of these."""
    low = numbers.low - cell.half
    high = numbers.high + cell.half
    return None if low < -HUGE / 2 else low, None if high > HUGE / 2 else high


class Constraint(ABC):
    """One identity.

    Attributes
    ----------
    check
        Name of the check.
    """

    __slots__ = ()
    check: str

    @property
    @abstractmethod
    def cells(self) -> tuple[PrintedCell, ...]:
        """The cells it binds."""

    @property
    def severity(self) -> Severity:
        """How its breach weighs."""
        return Severity.ERROR

    @abstractmethod
    def broken(self, values: Values) -> bool:
        """Tell whether no rounding of these values can meet it."""

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the printed values that it leaves to one of its cells."""
        return NO_LIMIT

    def strain(self, values: Values) -> float:
        """Return the misfit in standard deviations of rounding; 0 where that has no meaning."""
        return 0.0

    @abstractmethod
    def tell(self, values: Values) -> str:
        """Return a sentence with the numbers."""


@dataclass(frozen=True, slots=True)
class Owed(Constraint):
    """A number that others determine: it lies in the interval that they leave.

    Parameters
    ----------
    result, parts
        The number, and those that determine it.
    """

    result: PrintedCell
    parts: tuple[PrintedCell, ...]

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The number and what determines it."""
        return (self.result, *self.parts)

    @abstractmethod
    def allowed(self, values: Values) -> NumberInterval:
        """Return the numbers that the result may stand for."""

    def broken(self, values: Values) -> bool:
        """Tell whether the result lies outside."""
        return not interval_of(self.result, values).meets(self.allowed(values))

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the interval of the result."""
        return (
            printable(self.allowed(values), cell) if cell is self.result else NO_LIMIT
        )


@dataclass(frozen=True, slots=True)
class Relation(Owed):
    """A number is a formula of others in its row.

    Several formulas are the corners of a region: any of those between them may hold. `slack` is how
    far the solver that gave them may be off.
    """

    formulas: tuple[Formula, ...]
    check: str = "formula"
    what: str = ""
    slack: Decimal = Decimal(0)
    #: How many cells of a row that does not fit are named, at most.
    suspects: int = MOST_SUSPECTS

    def allowed(self, values: Values) -> NumberInterval:
        """Return what the formula gives, whatever was rounded."""
        return self._computed([interval_of(part, values) for part in self.parts])

    def _computed(self, numbers: Sequence[NumberInterval]) -> NumberInterval:
        computed = [formula(numbers) for formula in self.formulas]
        ends = hull(chain.from_iterable(interval.ends for interval in computed))
        return ends + NumberInterval(-self.slack, self.slack)

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the interval of one cell, the others as printed."""
        if cell is self.result:
            return printable(self.allowed(values), cell)
        numbers = [interval_of(part, values) for part in self.parts]
        position = self.parts.index(cell)
        result = interval_of(self.result, values)

        def gap(value: Decimal) -> NumberInterval:
            numbers[position] = NumberInterval(value - cell.half, value + cell.half)
            return result - self._computed(numbers)

        own = values[cell.index]
        ends = (
            _root(lambda value: gap(value).low, own),
            _root(lambda value: gap(value).high, own),
        )
        rises = gap(own).low <= gap(own + 1).low
        return ends[::-1] if rises else ends

    def _points(self, values: Values) -> list[NumberInterval]:
        return [exactly(values[part.index]) for part in self.parts]

    def middle(self, values: Values) -> Decimal:
        """Return what the formula gives of the numbers as they are printed."""
        return self.formulas[0](self._points(values)).low

    def reach(self, values: Values) -> float:
        """Return how far rounding may carry what the first formula gives."""
        given = self.formulas[0]([interval_of(part, values) for part in self.parts])
        return float(given.high - given.low) / 2

    def strain(self, values: Values) -> float:
        """Return the difference over its standard deviation, errors of rounding being uniform."""
        gap = values[self.result.index] - self.middle(values)
        points = self._points(values)
        formula = self.formulas[0]
        spread = (2 * self.result.half) ** 2
        for number, part in enumerate(self.parts):
            numbers = [*points]
            numbers[number] = interval_of(part, values)
            moved = formula(numbers)
            spread += (moved.high - moved.low) ** 2
        return float(gap) / (float(spread) / 12) ** 0.5 if spread else 0.0

    def tell(self, values: Values) -> str:
        """Return what the formula gives beside the printed result."""
        allowed = self.allowed(values)
        terms = (
            self.formulas[0]
            .written([part.text for part in self.parts])
            .replace(" * ", " x ")
        )
        if len(self.formulas) > 1:
            terms = "with the constant and multiples that fit the other rows"
        low = plain(allowed.low)
        high = plain(allowed.high)
        text = f"{self.result.text} is printed; {self.what}{terms}, "
        if low == high:
            return f"{text}is {low}"
        return f"{text}lies between {low} and {high} whatever was rounded"


def _root(function: Callable[[Decimal], Decimal], start: Decimal) -> Decimal | None:
    """Return where a monotone function changes its sign, None if it does not within reach."""
    sign = function(start) > 0
    for direction, power in product((1, -1), range(-10, 40)):
        inside = start
        end = start + direction * Decimal(2) ** power
        if (function(end) > 0) != sign:
            for _ in range(power + 60):
                middle = (inside + end) / 2
                if (function(middle) > 0) == sign:
                    inside = middle
                else:
                    end = middle
            return round(end, 9)
    return None


@dataclass(frozen=True, slots=True)
class Copy(Owed):
    """The same number, printed in two places."""

    check: str = "copies"

    @property
    def severity(self) -> Severity:
        """A warning; a note where an exact half, rounded two ways, may be all there is."""
        first, second = (
            NumberInterval(c.value - c.half, c.value + c.half) for c in self.cells
        )
        return Severity.NOTE if first.meets(second) else Severity.WARNING

    def allowed(self, values: Values) -> NumberInterval:
        """Return what the other place stands for."""
        return interval_of(self.parts[0], values)

    def broken(self, values: Values) -> bool:
        """Tell whether no number is rounded to both; with the same digits they must be the same."""
        first, second = self.cells
        if first.decimals == second.decimals:
            return values[first.index] != values[second.index]
        return super(Copy, self).broken(values)

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return what the other place leaves."""
        other = self.parts[0] if cell is self.result else self.result
        return printable(interval_of(other, values), cell)

    def tell(self, values: Values) -> str:
        """Return both places."""
        places = ", ".join(f"{cell.text} in {address(cell)}" for cell in self.cells)
        is_note = self.severity is Severity.NOTE
        return places + ": a slip, or an exact half rounded in two ways" * is_note


@dataclass(frozen=True, slots=True)
class Lattice(Owed):
    """A number is a multiple of a step: a mean of k whole numbers, of k ranks over N."""

    step: Fraction
    what: str
    check: str = "lattice"

    def _multiple(self, number: Decimal, rounding: str) -> Decimal:
        steps = (
            number * self.step.denominator / self.step.numerator
        ).to_integral_value(rounding)
        return steps * self.step.numerator / self.step.denominator

    def allowed(self, values: Values) -> NumberInterval:
        """Return the multiples nearest to the number: that which it stands for, or both beside."""
        own = interval_of(self.result, values)
        ends = (
            self._multiple(own.high, ROUND_FLOOR),
            self._multiple(own.low, ROUND_CEILING),
        )
        return hull(ends)

    def broken(self, values: Values) -> bool:
        """Tell whether no multiple is rounded to the number."""
        own = interval_of(self.result, values)
        return self._multiple(own.low, ROUND_CEILING) > own.high

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the multiples on either side, as they would be printed."""
        allowed = self.allowed(values)
        return round(allowed.low, cell.decimals), round(allowed.high, cell.decimals)

    def tell(self, values: Values) -> str:
        """Return the neighbours on the lattice."""
        low, high = self.interval(self.result, values)
        return (
            f"{self.result.text} is not a {self.what}: a multiple of {self.step.numerator}/"
            f"{self.step.denominator}; the nearest are {low} and {high}"
        )


def room_of(
    constraints: Sequence[Constraint], cell: PrintedCell, values: Values
) -> Interval:
    """Return the printed values that constraints leave to a cell, as far as they can agree.

    The first count most; a lattice comes last: it leaves points, of which those count that the
    others allow.
    """
    low: Decimal | None = None
    high: Decimal | None = None
    for constraint in sorted(constraints, key=lambda c: isinstance(c, Lattice)):
        if any(touched is cell for touched in constraint.cells):
            bottom, top = constraint.interval(cell, values)
            lows = [*filter(_is_end, (low, bottom))]
            highs = [*filter(_is_end, (high, top))]
            if not lows or not highs or max(lows) <= min(highs):
                low = max(lows, default=None)
                high = min(highs, default=None)
    return low, high


def _is_end(end: Decimal | None) -> TypeGuard[Decimal]:
    return end is not None


@dataclass(frozen=True, slots=True)
class TiedRank(Owed):
    """A rank is 1 + the number of ranks before it (`shared`), or of distinct ones (`dense`)."""

    ties: str
    check: str = "ranks"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """All ranks decide."""
        return self.parts

    def allowed(self, values: Values) -> NumberInterval:
        """Return the rank that its place gives."""
        own = values[self.result.index]
        ranks = [values[cell.index] for cell in self.parts]
        before = [rank for rank in ranks if rank < own]
        count = len(before) if self.ties == "shared" else len({*before})
        return exactly(Decimal(1 + count))

    def tell(self, values: Values) -> str:
        """Return rank and place."""
        before = int(self.allowed(values).low) - 1
        return (
            f"{self.result.unit} has rank {self.result.text}, but {before} come before"
        )


@dataclass(frozen=True, slots=True)
class RankRoom(Owed):
    """A rank is a number from 1 to the number of units."""

    units: int | None
    check: str = "ranks"

    def allowed(self, values: Values) -> NumberInterval:
        """Return the places that there are."""
        most = HUGE if self.units is None else Decimal(self.units)
        return NumberInterval(Decimal(1), most)

    def tell(self, values: Values) -> str:
        """Return rank and places."""
        most = "or more" if self.units is None else f"to {self.units}"
        return f"{self.result.text} is not a rank (1 {most})"


@dataclass(frozen=True, slots=True)
class Order(Constraint):
    """Two units: the one ranked before has no lower score, or weighted sum of parts.

    Parameters
    ----------
    ranks, parts
        The ranks of both, and the numbers that they go by: one score each, several, or none.
    weights
        The weights of the parts, negative where less is better. Of several weightings one must
        speak against the order and none for it: one for each part says that no weights at all can
        put it right.
    distinct
        No two may share a rank.
    """

    ranks: tuple[PrintedCell, PrintedCell]
    parts: tuple[Parts, Parts] = ((), ())
    weights: tuple[tuple[int, ...], ...] = ((1,),)
    distinct: bool = False
    check: str = "order"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Ranks and parts of both."""
        return (*self.parts[0], *self.parts[1], *self.ranks)

    @property
    def scores(self) -> tuple[PrintedCell, PrintedCell] | None:
        """The scores that both ranks go by, if there is one each."""
        first, second = self.parts
        if len(first) != 1 or self.check != "order":
            return None
        return first[0], second[0]

    def _ordered(self, values: Values) -> tuple[int, int] | None:
        """Return which of both is ranked before the other; None for a shared rank."""
        first, second = (values[rank.index] for rank in self.ranks)
        if first == second:
            return None
        return (0, 1) if first < second else (1, 0)

    def _sum(self, side: int, weights: Sequence[int], values: Values) -> NumberInterval:
        low = high = Decimal(0)
        for part, weight in zip(self.parts[side], weights, strict=True):
            value = values[part.index]
            ends = (value - part.half) * weight, (value + part.half) * weight
            low, high = low + min(ends), high + max(ends)
        return NumberInterval(low, high)

    def broken(self, values: Values) -> bool:
        """Tell whether ranks and numbers run against each other."""
        order = self._ordered(values)
        if not self.parts[0]:
            return order is None and self.distinct
        if order is None:
            return self.distinct or self._differs(values)
        ahead, behind = order
        is_against = False
        for weights in self.weights:
            most = self._sum(ahead, weights, values).high
            least = self._sum(behind, weights, values).low
            if most > least:
                return False
            is_against |= most < least
        return is_against

    def _differs(self, values: Values) -> bool:
        """Tell whether one number each, of two units that share a rank, cannot be the same."""
        if len(self.weights) > 1 or len(self.parts[0]) > 1:
            return False
        first = self._sum(0, self.weights[0], values)
        return not first.meets(self._sum(1, self.weights[0], values))

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the bound that the other side sets to one part; ranks have none here."""
        order = self._ordered(values)
        side = 0 if cell in self.parts[0] else 1
        if order is None or cell in self.ranks or len(self.weights) > 1:
            return NO_LIMIT
        weights = self.weights[0]
        number = self.parts[side].index(cell)
        weight = weights[number]
        if not weight:
            return NO_LIMIT
        rest = [*weights]
        rest[number] = 0
        own = self._sum(side, rest, values)
        other = self._sum(1 - side, weights, values)
        leads = side == order[0]
        gap = other.low - own.high if leads else other.high - own.low
        end = gap / weight
        if leads == (weight > 0):
            return end - cell.half, None
        return None, end + cell.half

    def tell(self, values: Values) -> str:
        """Return ranks and numbers."""
        order = self._ordered(values)
        if order is None:
            first, second = self.ranks
            return f"{first.unit} and {second.unit} both have rank {first.text} in {address(first)}"
        better, worse = (self.ranks[side] for side in order)
        text = (
            f"{better.unit} is ranked {better.text} before {worse.unit} ({worse.text}) "
        )
        if len(self.weights) > 1:
            return f"{text}and is better in no part"
        if len(self.parts[0]) == 1:
            scores = [self.parts[side][0].text for side in order]
            return f"{text}with {scores[0]} against {scores[1]}"
        (weights,) = self.weights
        sums = [self._sum(side, weights, values) for side in order]
        whole = sum(weights)
        means = [plain((total.low + total.high) / 2 / whole) for total in sums]
        text = text.rstrip() + ", but the weighted mean of the printed parts is "
        return f"{text}{means[0]} against {means[1]}"


def address(cell: PrintedCell) -> str:
    """Return where a cell stands, for sentences."""
    line = f", line {cell.where}" if cell.where else f", row {cell.row}"
    return f"table {cell.table}{line}"


def plain(number: Decimal) -> str:
    """Return a number without trailing zeros and with at most four decimals."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
