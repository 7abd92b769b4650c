"""Further constraints: bounds, growth, shares, geometric means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xlcity.audit.tables.constraints.base import (
    MOST_SUSPECTS,
    NO_LIMIT,
    Constraint,
    Interval,
    NumberInterval,
    Values,
)
from xlcity.audit.tables.spec.cells import PrintedCell

#: Logarithms and roots are floats: this much is theirs.
_NOISE = 1e-9
_HUNDRED = NumberInterval(Decimal(100), Decimal(100))


@dataclass(frozen=True, slots=True)
class Bounded(Constraint):
    """A number lies between bounds, as far as its rounding tells."""

    cell: PrintedCell
    low: Fraction | int | None
    high: Fraction | int | None
    what: str
    check: str

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The one cell."""
        return (self.cell,)

    def broken(self, values: Values) -> bool:
        """Tell whether every rounding lies outside."""
        own, (low, high) = NumberInterval.of(self.cell, values), self._bounds
        return (low is not None and own.high < low) or (high is not None and own.low > high)

    @property
    def _bounds(self) -> Interval:
        low, high = (None if end is None else _decimal(end) for end in (self.low, self.high))
        return low, high

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the bounds."""
        return self._bounds

    def tell(self, values: Values) -> str:
        """Return number and bounds."""
        low, high = ("" if end is None else str(end) for end in self._bounds)
        return f"{self.cell.text} is not {self.what} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class GrowthOf(Constraint):
    """Growth in per cent between two printed numbers, each anywhere within its rounding."""

    growth: PrintedCell
    base: PrintedCell
    now: PrintedCell
    check: str = "growth"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Growth and operands."""
        return (self.growth, self.base, self.now)

    def _allowed(self, values: Values) -> NumberInterval | None:
        base, now = NumberInterval.of(self.base, values), NumberInterval.of(self.now, values)
        return None if base.low <= 0 else (now / base) * 100 - _HUNDRED

    def broken(self, values: Values) -> bool:
        """Tell whether no operands give the printed growth."""
        allowed, noise = self._allowed(values), Decimal(str(_NOISE))
        if allowed is None:
            return False
        return not NumberInterval.of(self.growth, values).meets(
            allowed + NumberInterval(-noise, noise)
        )

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the growth that the operands allow, or the operand that the growth allows."""
        if (allowed := self._allowed(values)) is None:
            return NO_LIMIT
        if cell is self.growth:
            return allowed.printed(cell)
        ratio = (NumberInterval.of(self.growth, values) + _HUNDRED) / 100
        if cell is self.now:
            return (ratio * NumberInterval.of(self.base, values)).printed(cell)
        return (
            NO_LIMIT
            if ratio.low <= 0
            else (NumberInterval.of(self.now, values) / ratio).printed(cell)
        )

    def tell(self, values: Values) -> str:
        """Return the printed growth beside the possible one."""
        allowed = self._allowed(values) or NumberInterval(Decimal(0), Decimal(0))
        return (
            f"growth of {self.growth.text} % is printed; from {self.base.text} to {self.now.text} "
            f"it lies between {allowed.low:.3f} and {allowed.high:.3f} %"
        )


@dataclass(frozen=True, slots=True)
class ShareOf(Constraint):
    """A share in per cent is a whole count over a total."""

    share: PrintedCell
    count: PrintedCell
    total: int
    check: str = "shares"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Share and count."""
        return (self.share, self.count)

    def _exact(self, values: Values) -> Decimal:
        return 100 * values[self.count.index] / self.total

    def broken(self, values: Values) -> bool:
        """Tell whether the share is not that of the count."""
        share = NumberInterval.of(self.share, values)
        return not share.low <= self._exact(values) <= share.high

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the share of the count, or the counts of the share."""
        if cell is self.share:
            exact = self._exact(values)
            return NumberInterval(exact, exact).printed(cell)
        count = NumberInterval.of(self.share, values) * self.total / 100
        return count.low, count.high

    def tell(self, values: Values) -> str:
        """Return count, total and share."""
        return (
            f"{self.count.text} of {self.total} is {self._exact(values):.4f} %, "
            f"{self.share.text} is printed"
        )


@dataclass(frozen=True, slots=True)
class Geometric(Constraint):
    """A score is the weighted geometric mean of its parts, times a factor."""

    whole: PrintedCell
    parts: tuple[PrintedCell, ...]
    weights: tuple[float, ...]
    check: str = "aggregate"
    factor: float = 1.0
    suspects: int = MOST_SUSPECTS

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)

    def _ends(self, values: Values, but: PrintedCell | None = None) -> tuple[float, float]:
        low = high = math.log(self.factor)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if part is but:
                continue
            own = NumberInterval.of(part, values)
            low, high = low + weight * _log(own.low), high + weight * _log(own.high)
        return low, high

    def broken(self, values: Values) -> bool:
        """Tell whether the whole lies outside what its parts allow."""
        (low, high), total = self._ends(values), NumberInterval.of(self.whole, values)
        return _log(total.high) < low - _NOISE or _log(total.low) > high + _NOISE

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the interval of one cell, the others as printed."""
        low, high = self._ends(values, cell)
        if cell is not self.whole:
            weight = self.weights[self.parts.index(cell)]
            if weight <= 0:
                return NO_LIMIT
            total = NumberInterval.of(self.whole, values)
            low, high = (_log(total.low) - high) / weight, (_log(total.high) - low) / weight
        return NumberInterval(*(Decimal(str(math.exp(end))) for end in (low, high))).printed(cell)

    def tell(self, values: Values) -> str:
        """Return the mean beside the printed whole."""
        low, high = self._ends(values)
        return (
            f"{self.whole.text} is printed; the weighted geometric mean of its parts lies between "
            f"{math.exp(low):.4f} and {math.exp(high):.4f}"
        )


def _log(value: Decimal) -> float:
    return math.log(value) if value > 0 else -700.0


def _decimal(number: Fraction | int) -> Decimal:
    fraction = Fraction(number)
    return Decimal(fraction.numerator) / fraction.denominator
