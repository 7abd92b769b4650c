"""Constraints of rankings: order of scores and of sums, places, room, dominance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xlcity.audit.tables.constraints.base import (
    NO_LIMIT,
    Constraint,
    Interval,
    NumberInterval,
    Values,
    place,
    plain,
    weighted_sum,
)
from xlcity.audit.tables.spec.cells import PrintedCell


@dataclass(frozen=True, slots=True)
class Order(Constraint):
    """Two units: the one ranked before has no lower score; two do not share a rank unasked."""

    rank_one: PrintedCell
    rank_other: PrintedCell
    score_one: PrintedCell | None
    score_other: PrintedCell | None
    descending: bool = True
    distinct: bool = False
    check: str = "order"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Ranks and scores of both."""
        if self.score_one is None or self.score_other is None:
            return (self.rank_one, self.rank_other)
        return (self.score_one, self.score_other, self.rank_one, self.rank_other)

    def _sides(self, values: Values) -> tuple[PrintedCell, PrintedCell] | None:
        """Return the scores that must be no lower and no higher."""
        rank, other_rank = values[self.rank_one.index], values[self.rank_other.index]
        if rank == other_rank or self.score_one is None or self.score_other is None:
            return None
        first = (rank < other_rank) == self.descending
        return (self.score_one, self.score_other) if first else (self.score_other, self.score_one)

    def broken(self, values: Values) -> bool:
        """Tell whether ranks and scores run against each other."""
        if values[self.rank_one.index] == values[self.rank_other.index]:
            if self.distinct:
                return True
            if self.score_one is None or self.score_other is None:
                return False
            return not NumberInterval.of(self.score_one, values).meets(
                NumberInterval.of(self.score_other, values)
            )
        sides = self._sides(values)
        return sides is not None and (
            NumberInterval.of(sides[0], values).high < NumberInterval.of(sides[1], values).low
        )

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the bound that the other score sets; ranks have none here."""
        sides = self._sides(values)
        if sides is None or cell not in sides:
            return NO_LIMIT
        high, low = sides
        if cell is high:
            return NumberInterval.of(low, values).printed(cell)[0], None
        return None, NumberInterval.of(high, values).printed(cell)[1]

    def tell(self, values: Values) -> str:
        """Return ranks and scores."""
        better, worse = self.rank_one, self.rank_other
        if values[better.index] == values[worse.index]:
            return f"{better.unit} and {worse.unit} both have rank {better.text} in {place(better)}"
        if values[better.index] > values[worse.index]:
            better, worse = worse, better
        scores = {cell.unit: cell.text for cell in (self.score_one, self.score_other) if cell}
        return (
            f"{better.unit} is ranked {better.text} before {worse.unit} ({worse.text}) "
            f"with {scores.get(better.unit)} against {scores.get(worse.unit)}"
        )


@dataclass(frozen=True, slots=True)
class SumOrder(Constraint):
    """Two units: the one ranked before has no lower weighted sum of printed parts."""

    rank_one: PrintedCell
    rank_other: PrintedCell
    parts_one: tuple[PrintedCell, ...]
    parts_other: tuple[PrintedCell, ...]
    weights: tuple[int, ...]
    check: str = "order"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Both ranks and all parts."""
        return (*self.parts_one, *self.parts_other, self.rank_one, self.rank_other)

    def _sum(self, parts: tuple[PrintedCell, ...], values: Values) -> NumberInterval:
        return weighted_sum(parts, self.weights, values, Decimal(0))

    def broken(self, values: Values) -> bool:
        """Tell whether the sums run against the ranks."""
        rank, other_rank = values[self.rank_one.index], values[self.rank_other.index]
        if rank == other_rank:
            return False
        a, b = self._sum(self.parts_one, values), self._sum(self.parts_other, values)
        return a.high < b.low if rank < other_rank else b.high < a.low

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the bound on one part."""
        rank, other_rank = values[self.rank_one.index], values[self.rank_other.index]
        mine = self.parts_one if cell in self.parts_one else self.parts_other
        if rank == other_rank or cell not in mine:
            return NO_LIMIT
        weight = self.weights[mine.index(cell)]
        if weight <= 0:
            return NO_LIMIT
        theirs = self.parts_other if mine is self.parts_one else self.parts_one
        own, all_mine, all_theirs = (
            NumberInterval.of(cell, values) * weight,
            self._sum(mine, values),
            self._sum(theirs, values),
        )
        if (rank < other_rank) == (mine is self.parts_one):
            return (all_theirs.low - (all_mine.high - own.high)) / weight - cell.above, None
        return None, (all_theirs.high - (all_mine.low - own.low)) / weight + cell.below

    def tell(self, values: Values) -> str:
        """Return ranks and sums."""
        sides = [(self.rank_one, self.parts_one), (self.rank_other, self.parts_other)]
        sides.sort(key=lambda side: values[side[0].index])
        scale = sum(self.weights)
        sums = [self._sum(parts, values) for _, parts in sides]
        means = [plain((total.low + total.high) / 2 / scale) for total in sums]
        (better, _), (worse, _) = sides
        return (
            f"{better.unit} is ranked {better.text} before {worse.unit} ({worse.text}), but the "
            f"weighted mean of the printed parts is {means[0]} against {means[1]}"
        )


@dataclass(frozen=True, slots=True)
class TiedRank(Constraint):
    """A rank is 1 + the number of ranks before it (`shared`), or of distinct ones (`dense`)."""

    cell: PrintedCell
    all: tuple[PrintedCell, ...]
    ties: str
    check: str = "ranks"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """The rank itself first; all others decide as well."""
        return self.all

    def _place(self, values: Values) -> int:
        own = values[self.cell.index]
        before = [values[cell.index] for cell in self.all if values[cell.index] < own]
        return 1 + (len(before) if self.ties == "shared" else len(set(before)))

    def broken(self, values: Values) -> bool:
        """Tell whether the rank is not the one its place gives."""
        return values[self.cell.index] != self._place(values)

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the place, for the rank itself."""
        if cell is not self.cell:
            return NO_LIMIT
        rank = Decimal(self._place(values))
        return rank, rank

    def tell(self, values: Values) -> str:
        """Return rank and place."""
        return (
            f"{self.cell.unit} has rank {self.cell.text}, but {self._place(values) - 1} come before"
        )


@dataclass(frozen=True, slots=True)
class RankBound(Constraint):
    """A rank leaves room for all that are known to be better, and for all that are worse.

    For lists of which some scores are printed, and some ranks.
    """

    rank: PrintedCell
    score: PrintedCell
    others: tuple[PrintedCell, ...]
    units: int
    descending: bool = True
    check: str = "order"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Rank and score; the other scores decide as well."""
        return (self.rank, self.score, *self.others)

    def _ends(self, values: Values) -> tuple[int, int]:
        own, sign = values[self.score.index], 1 if self.descending else -1
        better = worse = 0
        for other in self.others:
            gap = sign * (values[other.index] - own)
            reach = other.below + other.above + self.score.below + self.score.above
            better += 2 * gap > reach
            worse += 2 * gap < -reach
        return 1 + better, self.units - worse

    def broken(self, values: Values) -> bool:
        """Tell whether the rank is too good for those before it or too bad for those behind."""
        first, last = self._ends(values)
        return not first <= values[self.rank.index] <= last

    def interval(self, cell: PrintedCell, values: Values) -> Interval:
        """Return the places left, for the rank."""
        if cell is not self.rank:
            return NO_LIMIT
        first, last = self._ends(values)
        return Decimal(first), Decimal(last)

    def tell(self, values: Values) -> str:
        """Return rank and room."""
        first, last = self._ends(values)
        return (
            f"{self.rank.unit} has rank {self.rank.text} with {self.score.text}; the other "
            f"printed scores leave the places {first} to {last} of {self.units}"
        )


@dataclass(frozen=True, slots=True)
class Dominated(Constraint):
    """Two units: one that is worse in every part is not ranked before."""

    rank_one: PrintedCell
    rank_other: PrintedCell
    parts_one: tuple[PrintedCell, ...]
    parts_other: tuple[PrintedCell, ...]
    by_rank: bool
    check: str = "dominance"

    @property
    def cells(self) -> tuple[PrintedCell, ...]:
        """Ranks and parts of both."""
        return (self.rank_one, self.rank_other, *self.parts_one, *self.parts_other)

    def broken(self, values: Values) -> bool:
        """Tell whether the dominated unit comes first."""
        first, second = self.parts_one, self.parts_other
        if values[self.rank_one.index] > values[self.rank_other.index]:
            first, second = second, first
        elif values[self.rank_one.index] == values[self.rank_other.index]:
            return False
        sign = -1 if self.by_rank else 1
        # Surely worse in every part: what is printed alike may differ in the digits cut off.
        return all(
            sign * values[a.index] + a.above < sign * values[b.index] - b.below
            for a, b in zip(first, second, strict=True)
        )

    def tell(self, values: Values) -> str:
        """Return both units."""
        better, worse = self.rank_one, self.rank_other
        if values[better.index] > values[worse.index]:
            better, worse = worse, better
        return (
            f"{better.unit} is ranked {better.text} before {worse.unit} ({worse.text}) and is "
            "worse in every part"
        )
