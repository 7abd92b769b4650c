"""Further constraints: bounds, growth, shares, geometric means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xlcity.audit.tables.constraints.base import NO_LIMIT, Constraint, Interval, Severity, Values
from xlcity.audit.tables.spec.cells import PrintedCell

#: Logarithms and roots are floats: this much is theirs.
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Bounded(Constraint):
    """A number lies between bounds, as far as its rounding tells."""

    cell: PrintedCell
    low: Fraction | int | None
    high: Fraction | int | None
    what: str
    check: str
    severity: Severity = Severity.ERROR

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The one cell."""
        return (self.cell,)

    def broken(self, values: Values) -> bool:
        """Tell whether every rounding lies outside."""
        value = values[self.cell.index]
        low = self.low is not None and value + self.cell.above < _decimal(self.low)
        return low or (self.high is not None and value - self.cell.below > _decimal(self.high))

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the bounds."""
        return (
            None if self.low is None else _decimal(self.low),
            None if self.high is None else _decimal(self.high),
        )

    def tell(self, values: Values) -> str:
        """Return number and bounds."""
        low = "" if self.low is None else f"{_decimal(self.low)}"
        high = "" if self.high is None else f"{_decimal(self.high)}"
        return f"{self.cell.text} is not {self.what} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class GrowthOf(Constraint):
    """Growth in per cent between two printed numbers, each anywhere within its rounding."""

    growth: PrintedCell
    base: PrintedCell
    now: PrintedCell
    check: str = "growth"
    severity: Severity = Severity.ERROR

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Growth and operands."""
        return (self.growth, self.base, self.now)

    def _ends(self, values: Values) -> tuple[Decimal, Decimal] | None:
        base, now = values[self.base.index], values[self.now.index]
        if base - self.base.below <= 0:
            return None
        low = (now - self.now.below) / (base + self.base.above)
        high = (now + self.now.above) / (base - self.base.below)
        return 100 * (low - 1), 100 * (high - 1)

    def broken(self, values: Values) -> bool:
        """Tell whether no operands give the printed growth."""
        ends = self._ends(values)
        if ends is None:
            return False
        value, noise = values[self.growth.index], Decimal(str(_NOISE))
        low, high = ends[0] - noise, ends[1] + noise
        return value + self.growth.above < low or value - self.growth.below > high

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the growth that the operands allow, or the operand that the growth allows."""
        ends = self._ends(values)
        if ends is None:
            return NO_LIMIT
        growth = values[self.growth.index]
        low = 1 + (growth - self.growth.below) / 100
        high = 1 + (growth + self.growth.above) / 100
        base, now = values[self.base.index], values[self.now.index]
        if cell is self.growth:
            return ends[0] - cell.above, ends[1] + cell.below
        if cell is self.now:
            return (
                low * (base - self.base.below) - cell.above,
                high * (base + self.base.above) + cell.below,
            )
        if low <= 0:
            return NO_LIMIT
        return (
            (now - self.now.below) / high - cell.above,
            (now + self.now.above) / low + cell.below,
        )

    def tell(self, values: Values) -> str:
        """Return the printed growth beside the possible one."""
        low, high = self._ends(values) or (Decimal(0), Decimal(0))
        return (
            f"growth of {self.growth.text} % is printed; from {self.base.text} to {self.now.text} "
            f"it lies between {low:.3f} and {high:.3f} %"
        )


@dataclass(frozen=True, slots=True)
class ShareOf(Constraint):
    """A share in per cent is a whole count over a total."""

    share: PrintedCell
    count: PrintedCell
    total: int
    check: str = "shares"
    severity: Severity = Severity.ERROR

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Share and count."""
        return (self.share, self.count)

    def _exact(self, values: Values) -> Decimal:
        return 100 * values[self.count.index] / self.total

    def broken(self, values: Values) -> bool:
        """Tell whether the share is not that of the count."""
        gap = self._exact(values) - values[self.share.index]
        return not -self.share.below <= gap <= self.share.above

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the share of the count, or the counts of the share."""
        if cell is self.share:
            exact = self._exact(values)
            return exact - cell.above, exact + cell.below
        share = values[self.share.index]
        return (
            (share - self.share.below) * self.total / 100,
            (share + self.share.above) * self.total / 100,
        )

    def tell(self, values: Values) -> str:
        """Return count, total and share."""
        return (
            f"{self.count.text} of {self.total} is {self._exact(values):.4f} %, "
            f"{self.share.text} is printed"
        )


@dataclass(frozen=True, slots=True)
class Geometric(Constraint):
    """A score is the weighted geometric mean of its parts."""

    whole: PrintedCell
    parts: tuple[PrintedCell, ...]
    weights: tuple[float, ...]
    check: str = "aggregate"
    severity: Severity = Severity.ERROR

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)

    def _ends(self, values: Values, but: PrintedCell | None = None) -> tuple[float, float]:
        low = high = 0.0
        for part, weight in zip(self.parts, self.weights, strict=True):
            if part is but:
                continue
            value = values[part.index]
            low += weight * _log(value - part.below)
            high += weight * _log(value + part.above)
        return low, high

    def broken(self, values: Values) -> bool:
        """Tell whether the whole lies outside what its parts allow."""
        low, high = self._ends(values)
        value = values[self.whole.index]
        return (
            _log(value + self.whole.above) < low - _NOISE
            or _log(value - self.whole.below) > high + _NOISE
        )

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the interval of one cell, the others as printed."""
        low, high = self._ends(values, cell)
        value = values[self.whole.index]
        if cell is self.whole:
            ends = (math.exp(low), math.exp(high))
        else:
            weight = self.weights[self.parts.index(cell)]
            if weight <= 0:
                return NO_LIMIT
            ends = (
                math.exp((_log(value - self.whole.below) - high) / weight),
                math.exp((_log(value + self.whole.above) - low) / weight),
            )
        return Decimal(str(ends[0])) - cell.above, Decimal(str(ends[1])) + cell.below

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
