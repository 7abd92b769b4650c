"""Which weights do printed scores or ranks follow: the region, and a verdict on each reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np

from xlcity.audit.tables.constraints.build import Row, rows_of
from xlcity.audit.tables.constraints.relations import (
    Constraint,
    Order,
    Severity,
    Values,
)
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.methods import PrintedMethod, describe_region, simplest
from xlcity.audit.tables.printed_numbers import RANK, SCORE, PrintedNumbers, Series
from xlcity.audit.tables.spec.rules import WeightsRule
from xlcity.functions.implied import (
    WeightRegion,
    weights_from_ranks,
    weights_from_scores,
)

#: A reading is taken for the method when at most this share of the units speaks against it.
MOST_AGAINST = Fraction(1, 5)
#: How far arithmetic may carry a weighted sum.
_ROUNDING = 1e-9
#: Sum of the simplest whole-number weights, at most.
MOST_TOTAL = 100


class _Agreement(NamedTuple):
    """How many rows or ranks follow weights, and how many rows or pairs cannot."""

    following: int
    against: int


@dataclass(frozen=True, slots=True)
class WeightQuestion:
    """One question of weights: its material, and which reading print follows."""

    rule: WeightsRule
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, rule: WeightsRule, book: PrintedNumbers) -> WeightQuestion:
        """Return the question of a rule."""
        quantity = RANK if rule.source == "ranks" else SCORE
        children = [Series(child) for child in rule.children]
        rows = list(rows_of(book, Series(rule.parent, quantity), children))
        if rule.source == "ranks":
            # A rank is printed once per ranking: of several tables the first counts.
            first = {top.unit: (top, parts) for top, parts in reversed(rows)}
            rows = [*reversed(first.values())]
        return cls(rule, tuple(rows))

    @property
    def readings(self) -> dict[str, tuple[Fraction, ...]]:
        """Name of a reading -> its weights, as shares."""
        shares = {}
        for name, given in self.rule.readings.items():
            weights = (given.get(child, Fraction(0)) for child in self.rule.children)
            shares[name] = tuple(weight / sum(given.values()) for weight in weights)
        return shares

    @property
    def table(self) -> str:
        """The table of the material."""
        return self.rows[0][0].table if self.rows else ""

    def agreeing(
        self, weights: Sequence[Fraction], values: Values, aside: Sequence[int] = ()
    ) -> _Agreement:
        """Return how many rows or ranks follow weights.

        Sums of printed scores that differ by less than their last digits may stand either way.
        """
        rows = [row for number, row in enumerate(self.rows) if number not in aside]
        if self.rule.source == "scores":
            relations = PrintedMethod(tuple(weights)).relations(rows)
            against = sum(relation.broken(values) for relation in relations)
            return _Agreement(len(rows) - against, against)
        factors = np.array([float(weight) for weight in weights])
        middle = np.array(_values_of_parts(rows, values)) @ factors
        half = np.array(_reaches_of_parts(rows)) @ factors + _ROUNDING
        ranks = np.array([int(values[top.index]) for top, _ in rows])
        low = middle - half
        high = middle + half
        surely_before = low[None, :] > high[:, None]
        first = 1 + surely_before.sum(axis=1)
        last = (high[None, :] >= low[:, None]).sum(axis=1)
        follows = (first <= ranks) & (ranks <= last)
        ranked_before = ranks[:, None] < ranks[None, :]
        against = ranked_before & (high[:, None] < low[None, :])
        return _Agreement(int(follows.sum()), int(against.sum()))

    def followed(self, values: Values) -> str:
        """Return the reading that print follows: nearly all of it, and more than any other."""
        counts = {}
        for name, weights in self.readings.items():
            counts[name] = self.agreeing(weights, values).following
        best = max(counts.values(), default=0)
        leading = [name for name, count in counts.items() if count == best]
        most = len(self.rows) - best <= MOST_AGAINST * len(self.rows)
        return leading[0] if self.rows and most and len(leading) == 1 else ""

    def constraints(self, values: Values) -> Sequence[Constraint]:
        """Return what the followed reading asks of single cells."""
        name = self.followed(values)
        if not name:
            return []
        weights = self.readings[name]
        if self.rule.source == "scores":
            return PrintedMethod(weights).relations(self.rows)
        integers = (_whole_numbers(weights),)
        orders = []
        for (a, own), (b, others) in combinations(self.rows, 2):
            orders.append(Order((a, b), (own, others), integers))
        return orders

    def region(self, values: Values) -> WeightRegion:
        """Return the region of weights that given values leave."""
        x = _values_of_parts(self.rows, values)
        half = _reaches_of_parts(self.rows)
        y = [float(values[top.index]) for top, _ in self.rows]
        if self.rule.source == "ranks":
            return weights_from_ranks(x, y, half)
        return weights_from_scores(x, y, half, [top.reach for top, _ in self.rows])

    def note(self, printed: Values, repaired: Values) -> Iterator[TableFinding]:
        """Yield what is settled about weights.

        Parameters
        ----------
        repaired
            The values with every repair applied that makes all constraints hold.
        """
        if not self.rows:
            return
        rule = self.rule
        followed = self.followed(printed)
        region = self.region(repaired)
        sentences = []
        if followed:
            verdict = f"The printed {rule.source} of {rule.parent} follow {followed}"
            if rule.stated not in ("", followed):
                verdict += f", not the stated {rule.stated}"
            sentences.append(f"{verdict}.")
        is_repaired = repaired != printed
        start = "With the repairs above, if any," if is_repaired else "From print"
        sentences.append(self._describe_region(start, region))
        for name in self.readings:
            text = self._describe_reading(region, printed, repaired, name)
            sentences.append(text)
        sentences += self._describe_simplest(region, repaired)
        is_other = followed not in ("", rule.stated)
        contradicted = rule.stated in self.readings and is_other
        yield TableFinding(
            check="implied-weights",
            severity=Severity.NOTE,
            table=self.table,
            node=rule.parent,
            published=rule.stated,
            suggestion=followed,
            evidence=" ".join(sentences),
            kind="not the stated weighting" if contradicted else "weighting",
        )

    def _describe_simplest(self, region: WeightRegion, values: Values) -> Iterator[str]:
        """Yield a sentence with the simplest weights of a region that fit, if there are any."""

        def fit(weights: tuple[Fraction, ...]) -> bool:
            return self.agreeing(weights, values, region.outside).against == 0

        totals = range(1, MOST_TOTAL + 1 if region.has_region else 0)
        shares = simplest(region, totals, fit)
        if shares:
            text = " : ".join(map(str, _whole_numbers(shares)))
            names = ", ".join(self.rule.children)
            yield f"The simplest whole-number weights that fit are {text} ({names})."

    def _describe_region(self, start: str, region: WeightRegion) -> str:
        if not region.has_region:
            return f"{start} no constant weights exist (rows set aside: {len(region.outside)})."
        digits = 3 if self.rule.source == "ranks" else 5
        parts = describe_region(region, self.rule.children, digits)
        aside = ", ".join(self.rows[row][0].unit for row in region.outside)
        set_aside = f" ({aside} set aside)" if aside else ""
        return f"{start} the weights lie in: {parts}{set_aside}."

    def _describe_reading(
        self,
        region: WeightRegion,
        printed: Values,
        repaired: Values,
        name: str,
    ) -> str:
        weights = self.readings[name]
        shares = dict(zip(self.rule.children, map(float, weights), strict=True))
        listed = ", ".join(f"{child} {share:.4g}" for child, share in shares.items())
        what = "rows fit within rounding"
        if self.rule.source == "ranks":
            what = "ranks agree"
        before = self.agreeing(weights, printed).following
        after = self.agreeing(weights, repaired).following
        text = f"{name} ({listed}): {before} of {len(self.rows)} {what}"
        text += f", {after} with the repairs" if after != before else ""
        point = np.array([*shares.values()])
        limited = (region.low - 1e-6 <= point) & (point <= region.high + 1e-6)
        inside = region.has_region and limited.all()
        where = "inside the region" if inside else "excluded by the region"
        return f"{text}; {where}."


def _values_of_parts(rows: Sequence[Row], values: Values) -> list[list[float]]:
    """Return the numbers of the parts of each row."""
    numbers = []
    for _, parts in rows:
        numbers.append([float(values[cell.index]) for cell in parts])
    return numbers


def _reaches_of_parts(rows: Sequence[Row]) -> list[list[float]]:
    """Return how far rounding may carry the parts of each row."""
    reaches = []
    for _, parts in rows:
        reaches.append([cell.reach for cell in parts])
    return reaches


def _whole_numbers(shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Return the least whole numbers that stand to one another as shares do."""
    scale = math.lcm(*(share.denominator for share in shares))
    return tuple(int(share * scale) for share in shares)
