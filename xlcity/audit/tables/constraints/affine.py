"""The constraint of rescaled scores: one constant and one multiple per part for all rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xlcity.audit.tables.constraints.base import (
    MOST_SUSPECTS,
    NO_LIMIT,
    Constraint,
    Interval,
    Values,
)
from xlcity.audit.tables.spec.cells import PrintedCell
from xlcity.functions.implied import TOLERANCE


@dataclass(frozen=True, slots=True)
class Fitted(Constraint):
    """A row of a rescaled node: some constant and multiples out of the region must reach it."""

    whole: PrintedCell
    parts: tuple[PrintedCell, ...]
    #: Corners of the region: constant, then a multiple per part.
    points: tuple[tuple[float, ...], ...]
    check: str = "affine"
    #: How many cells of a row that does not fit are named, at most.
    suspects: int = MOST_SUSPECTS

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The whole and its parts."""
        return (self.whole, *self.parts)

    def _gap(self, point: tuple[float, ...], values: Values) -> tuple[float, float]:
        """Return whole less fit, and how far rounding may carry it."""
        fit, reach = point[0], float(self.whole.below + self.whole.above) / 2
        for part, slope in zip(self.parts, point[1:], strict=True):
            fit += slope * float(values[part.index])
            reach += abs(slope) * float(part.below + part.above) / 2
        return float(values[self.whole.index]) - fit, reach

    def broken(self, values: Values) -> bool:
        """Tell whether no point of the region reaches the whole."""
        gaps = [self._gap(point, values) for point in self.points]
        noise = 1e3 * TOLERANCE
        below = all(gap > reach + noise for gap, reach in gaps)
        return below or all(gap < -reach - noise for gap, reach in gaps)

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return what the fit leaves to one cell."""
        ends: list[float] = []
        index = -1 if cell is self.whole else self.parts.index(cell)
        for point in self.points:
            gap, reach = self._gap(point, values)
            if index < 0:
                middle, reach = float(values[cell.index]) - gap, reach
            elif point[index + 1] != 0:
                middle = float(values[cell.index]) + gap / point[index + 1]
                reach /= abs(point[index + 1])
            else:
                return NO_LIMIT
            ends += [middle - reach, middle + reach]
        return Decimal(f"{min(ends):.6f}"), Decimal(f"{max(ends):.6f}")

    def strain(self, values: Values) -> float:
        """Return the misfit at the middle of the region, in standard deviations of rounding."""
        point = self.points[0]
        gap, _ = self._gap(point, values)
        spread = float(self.whole.below + self.whole.above) ** 2 + sum(
            (slope * float(part.below + part.above)) ** 2
            for part, slope in zip(self.parts, point[1:], strict=True)
        )
        return gap / (spread / 12) ** 0.5 if spread else 0.0

    def tell(self, values: Values) -> str:
        """Return the fit beside the printed whole."""
        low, high = self.interval(self.whole, values)
        parts = ", ".join(f"{part.node} {part.text}" for part in self.parts)
        return (
            f"{self.whole.text} is printed for {self.whole.unit}; the one constant and multiples "
            f"that fit the other rows give {low:.3f} to {high:.3f} from {parts}"
        )
