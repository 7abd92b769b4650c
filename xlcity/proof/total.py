"""Which column is the total of an index, and which ones rank it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xlcity.errors import EngineError
from xlcity.functions.rank import ascending_ranks
from xlcity.model.dataset import FloatArray
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import TeamColumns
from xlcity.proof.probe import ColumnProbe, Invented

#: What totals are called.
_TOTAL_WORDS = re.compile(
    r"total|score|index|overall|composite|总分|总得分|综合|总指数|指数|得分|合计",
    re.IGNORECASE,
)
#: Digits of totals that are ranked.
_DIGITS = 12
_TIES = ("min", "max", "average", "dense")


@dataclass(frozen=True)
class RankColumn:
    """A column of ranks: of which column, and how ties rank."""

    series: CitySeries
    of: CitySeries
    ties: str


def rank_ties(rankings: Sequence[RankColumn]) -> str:
    """Return how the first column of ranks ranks ties, as a recipe can say it.

    A recipe has no mean of tied ranks: they get the first one there.
    """
    ties = rankings[0].ties if rankings else "min"
    return "min" if ties == "average" else ties


def ranks_of(totals: FloatArray, ties: str) -> FloatArray:
    """Return the ranks of totals, 1 for the largest; NaN without one."""
    known = np.isfinite(totals)
    ranks = np.full(len(totals), np.nan)
    keys = [float(f"{-value:.{_DIGITS}g}") for value in totals[known]]
    ranks[known] = ascending_ranks(np.array(keys), ties)
    return ranks


class Totals:
    """The columns that may be the total of an index, the likeliest first."""

    def __init__(self, columns: TeamColumns) -> None:
        self.columns = columns
        self.readers: defaultdict[CitySeries, set[CitySeries]] = defaultdict(set)
        self.reads: dict[CitySeries, list[CitySeries]] = {}
        for series in columns.computed:
            pattern = columns[series].pattern
            assert pattern is not None  # a computed series has one
            self.reads[series] = [*columns.inputs(pattern).series]
            for one in self.reads[series]:
                self.readers[one].add(series)

    @cached_property
    def behind(self) -> dict[CitySeries, frozenset[CitySeries]]:
        """Computed series -> the typed series that it rests on."""
        return {series: self._typed_behind(series) for series in self.reads}

    def _typed_behind(self, series: CitySeries) -> frozenset[CitySeries]:
        """Return the typed series that a computed one rests on."""
        typed: set[CitySeries] = set()
        for one in self.path(series):
            typed.update(read for read in self.reads[one] if read not in self.reads)
        return frozenset(typed)

    @cached_property
    def rankings(self) -> dict[CitySeries, RankColumn]:
        """The columns of ranks."""
        found = {}
        for series, inputs in self.reads.items():
            if len(inputs) == 1 and inputs[0] in self.reads:
                ties = self._ties_of(series, inputs[0])
                if ties:
                    found[series] = RankColumn(series, inputs[0], ties)
        return found

    def _ties_of(self, series: CitySeries, of: CitySeries) -> str:
        """Return how a column ranks another one; "" if it does not."""
        stored = self.columns.usual(series)
        if not np.isfinite(stored).any() or np.nanmin(stored) < 1:
            return ""
        invented = Invented()
        like = self.columns.usual(of)
        draws = [invented.plain(like), invented.tied(like)]
        try:
            probe = ColumnProbe(self.columns, [series], [of])
            # Fractions that are added up to ranks may be off in their last digits.
            results = [np.round(probe.run_one({of: x}), 9) for x in draws]
        except EngineError:
            return ""
        for ties in _TIES:
            expected = [ascending_ranks(-x, ties) for x in draws]
            if all(map(np.array_equal, expected, results)):
                return ties
        return ""

    def rankings_of(self, series: CitySeries) -> list[RankColumn]:
        """Return the columns that rank a column."""
        return [ranking for ranking in self.rankings.values() if ranking.of == series]

    @cached_property
    def candidates(self) -> list[CitySeries]:
        """Return the columns that may be the total, the likeliest first."""
        found = [
            series
            for series, raws in self.behind.items()
            if len(raws) > 1 and series not in self.rankings
        ]
        return sorted(found, key=self._likelihood, reverse=True)

    def _likelihood(self, series: CitySeries) -> tuple[object, ...]:
        """Return what makes a column the total: the widest, ranked, read by nothing else."""
        others = self.readers[series] - {*self.rankings}
        is_ranked = bool(self.rankings_of(series))
        is_named = bool(_TOTAL_WORDS.search(self.columns[series].heading))
        has_numbers = bool(np.isfinite(self.columns.stored(series)).any())
        return (
            has_numbers,
            len(self.behind[series]),
            not others,
            is_ranked,
            is_named,
            series,
        )

    def path(self, series: CitySeries) -> Iterator[CitySeries]:
        """Yield the computed columns behind a column, itself included."""
        waiting = [series]
        seen = {series}
        while waiting:
            one = waiting.pop()
            if one in self.reads:
                yield one
            for read in self.reads.get(one, ()):
                if read not in seen:
                    seen.add(read)
                    waiting.append(read)
