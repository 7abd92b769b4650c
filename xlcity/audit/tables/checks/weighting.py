"""Which weights do printed scores or ranks follow: the region, and a verdict on each reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations

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
#: Sum of the simplest whole-number weights, at most.
MOST_TOTAL = 100


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
            rows = list(
                {top.unit: (top, parts) for top, parts in reversed(rows)}.values()
            )[::-1]
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
    ) -> tuple[int, int]:
        """Return how many rows or ranks follow weights, and how many rows or pairs cannot.

        Sums of printed scores that differ by less than their last digits may stand either way.
        """
        rows = [row for number, row in enumerate(self.rows) if number not in aside]
        if self.rule.source == "scores":
            relations = PrintedMethod(tuple(weights)).relations(rows)
            against = sum(relation.broken(values) for relation in relations)
            return len(rows) - against, against
        factors = np.array([float(weight) for weight in weights])
        middle = (
            np.array([[float(values[c.index]) for c in parts] for _, parts in rows])
            @ factors
        )
        half = (
            np.array([[cell.reach for cell in parts] for _, parts in rows]) @ factors
            + 1e-9
        )
        ranks = np.array([int(values[top.index]) for top, _ in rows])
        low = middle - half
        high = middle + half
        first = 1 + (low[None, :] > high[:, None]).sum(axis=1)
        last = (high[None, :] >= low[:, None]).sum(axis=1)
        before = (ranks[:, None] < ranks[None, :]) & (high[:, None] < low[None, :])
        return int(((first <= ranks) & (ranks <= last)).sum()), int(before.sum())

    def followed(self, values: Values) -> str:
        """Return the reading that print follows: nearly all of it, and more than any other."""
        counts = {
            name: self.agreeing(w, values)[0] for name, w in self.readings.items()
        }
        best = max(counts.values(), default=0)
        leading = [name for name, count in counts.items() if count == best]
        most = len(self.rows) - best <= MOST_AGAINST * len(self.rows)
        return leading[0] if self.rows and most and len(leading) == 1 else ""

    def constraints(self, values: Values) -> Sequence[Constraint]:
        """Return what the followed reading asks of single cells."""
        if not (name := self.followed(values)):
            return []
        weights = self.readings[name]
        if self.rule.source == "scores":
            return PrintedMethod(weights).relations(self.rows)
        scale = math.lcm(*(weight.denominator for weight in weights))
        integers = (tuple(int(weight * scale) for weight in weights),)
        pairs = combinations(self.rows, 2)
        return [
            Order((a, b), (own, others), integers) for (a, own), (b, others) in pairs
        ]

    def region(self, values: Values) -> WeightRegion:
        """Return the region of weights that given values leave."""
        x = [[float(values[cell.index]) for cell in parts] for _, parts in self.rows]
        half = [[cell.reach for cell in parts] for _, parts in self.rows]
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
        start = (
            "With the repairs above, if any," if repaired != printed else "From print"
        )
        describe = partial(self._describe_reading, region, printed, repaired)
        sentences = [
            self._describe_region(start, region),
            *map(describe, self.readings),
        ]
        totals = range(1, MOST_TOTAL + 1 if region.has_region else 0)
        against = partial(self.agreeing, values=repaired, aside=region.outside)
        shares = simplest(region, totals, lambda weights: against(weights)[1] == 0)
        if shares:
            scale = math.lcm(*(share.denominator for share in shares))
            text = " : ".join(str(int(share * scale)) for share in shares)
            names = ", ".join(rule.children)
            sentences.append(
                f"The simplest whole-number weights that fit are {text} ({names})."
            )
        if followed:
            verdict = f"The printed {rule.source} of {rule.parent} follow {followed}"
            if rule.stated and followed != rule.stated:
                verdict += f", not the stated {rule.stated}"
            sentences.insert(0, f"{verdict}.")
        contradicted = rule.stated in self.readings and followed not in (
            "",
            rule.stated,
        )
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

    def _describe_region(self, start: str, region: WeightRegion) -> str:
        if not region.has_region:
            return f"{start} no constant weights exist (rows set aside: {len(region.outside)})."
        parts = describe_region(
            region, self.rule.children, 3 if self.rule.source == "ranks" else 5
        )
        aside = ", ".join(self.rows[row][0].unit for row in region.outside)
        return f"{start} the weights lie in: {parts}" + (
            f" ({aside} set aside)." if aside else "."
        )

    def _describe_reading(
        self, region: WeightRegion, printed: Values, repaired: Values, name: str
    ) -> str:
        weights = self.readings[name]
        shares = dict(zip(self.rule.children, map(float, weights), strict=True))
        listed = ", ".join(f"{child} {share:.4g}" for child, share in shares.items())
        what = (
            "ranks agree" if self.rule.source == "ranks" else "rows fit within rounding"
        )
        before, after = (
            self.agreeing(weights, values)[0] for values in (printed, repaired)
        )
        text = f"{name} ({listed}): {before} of {len(self.rows)} {what}"
        text += f", {after} with the repairs" if after != before else ""
        point = np.array([*shares.values()])
        limited = (region.low - 1e-6 <= point) & (point <= region.high + 1e-6)
        inside = region.has_region and limited.all()
        return f"{text}; {'inside the region' if inside else 'excluded by the region'}."
