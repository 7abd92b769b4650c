"""Proves what was read: our own result on the team's data, and on invented data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from xlcity.errors import EngineError, XlcityError
from xlcity.index import IndexResult, compute
from xlcity.model.dataset import FloatArray
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import Slip, TeamColumns
from xlcity.proof.meanings import Scored, TreeNode
from xlcity.proof.numbers import SAME
from xlcity.proof.probe import ColumnProbe, Invented
from xlcity.proof.tables import IndexTables, nodes_of_slip
from xlcity.proof.total import Totals, rank_ties, ranks_of
from xlcity.xlsx.formulas.graph import Place

#: Sets of invented data that are compared.
OTHER_SETS = 3


@dataclass(frozen=True)
class Compared:
    """How many of some numbers are equal.

    Attributes
    ----------
    equal, of
        The numbers that are equal, and all.
    largest
        The largest difference.
    """

    equal: int
    of: int
    largest: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all are equal, and there are any."""
        return self.equal == self.of > 0


@dataclass(frozen=True)
class ColumnProof:
    """A column held against our own result."""

    series: CitySeries
    code: str
    compared: Compared


class SlipEffect(NamedTuple):
    """How many totals and ranks are others once slips are mended."""

    totals: int = 0
    ranks: int = 0


@dataclass(frozen=True)
class Proof:
    """What our own result has in common with the team's.

    Attributes
    ----------
    totals, ranks
        Against what the mended formulas give: slips as their column says, without ROUND.
    stored_totals, stored_ranks
        Against the values in the file.
    rounded_totals
        The formulas as they stand, with their ROUND, against the values in the file.
    slip_effect
        What mending the slips changes.
    columns
        Every level and indicator, against the mended formulas.
    other
        Totals for each set of invented data.
    """

    totals: Compared
    ranks: Compared
    stored_totals: Compared
    stored_ranks: Compared
    rounded_totals: Compared
    slip_effect: SlipEffect
    columns: tuple[ColumnProof, ...]
    other: tuple[Compared, ...]

    @property
    def holds(self) -> bool:
        """Whether all totals are equal, also for other data."""
        parts = [self.totals, *self.other]
        parts += [column.compared for column in self.columns]
        return all(part.is_complete for part in parts)


def compare(ours: FloatArray, theirs: FloatArray) -> Compared:
    """Return how many numbers are equal; where they have none, ours has none either."""
    known = np.isfinite(theirs) | np.isfinite(ours)
    size = np.maximum(1e-300, np.nanmax(np.abs(theirs), initial=0.0))
    difference = np.abs(ours[known] - theirs[known])
    difference[np.isnan(difference)] = np.inf
    equal = int((difference <= SAME * float(size)).sum())
    finite = difference[np.isfinite(difference)]
    largest = float(finite.max(initial=0.0))
    return Compared(equal, int(known.sum()), largest)


class Prover:
    """Computes an index in our way and in theirs."""

    def __init__(
        self, columns: TeamColumns, totals: Totals, root: TreeNode, tables: IndexTables
    ) -> None:
        self.columns = columns
        self.totals = totals
        self.root = root
        self.tables = tables
        self.given = [*dict.fromkeys(tables.data_series.values())]
        self._wanted = self._columns_to_prove()

    def _columns_to_prove(self) -> dict[CitySeries, str]:
        """Return series -> the code of the part whose scores it has."""
        wanted = {}
        for one in self.tables.placed:
            series = one.meaning.series
            is_computed = self.columns[series].pattern is not None
            if is_computed and series not in self.given:
                wanted[series] = one.code
        return wanted

    def prove(self, slips: Collection[Slip], kept: Collection[Slip]) -> Proof:
        """Compare all columns on their data, and the totals on other data.

        Parameters
        ----------
        slips, kept
            The slips behind the total, and those of them that stay as they stand.
        """
        stored = {series: self.columns.stored(series) for series in self.given}
        result = self._ours(stored)
        theirs = self._theirs(stored)
        total = self.root.series
        scores = result.column(self.code)
        # What our engine has no value for is no proof.
        theirs[total] = np.where(
            np.isnan(theirs[total]), self.columns.stored(total), theirs[total]
        )
        columns = [
            ColumnProof(s, c, self._compare_column(result, c, theirs[s]))
            for s, c in self._wanted.items()
        ]
        as_they_stand = self._written(self.columns.all_cells, stored)
        mended = as_they_stand
        if slips:
            mended = self._written((), stored, held={*self._held(kept)})
        return Proof(
            totals=compare(scores, theirs[total]),
            ranks=compare(self._ranks(result), self._expected_ranks(theirs[total])),
            stored_totals=compare(scores, self.columns.stored(total)),
            stored_ranks=self._stored_ranks(result),
            rounded_totals=compare(as_they_stand[0], self.columns.stored(total)),
            slip_effect=SlipEffect(*map(_count_others, as_they_stand, mended)),
            columns=tuple(columns),
            other=tuple(self._on_other_data(seed) for seed in range(OTHER_SETS)),
        )

    def _held(self, kept: Iterable[Slip]) -> Iterator[Place]:
        """Yield the cells that keep the value in the file, as a recipe leaves slips alone."""
        for slip in kept:
            for node, city in nodes_of_slip(self.columns, self.tables.placed, slip):
                yield self.columns.cities.cells(node.meaning.series)[city]

    def with_kept(self, proof: Proof) -> Proof:
        """Return a proof with what agrees with the stored values once some slips are kept."""
        dataset = self.tables.dataset()
        result = compute(self.tables.framework, self.tables.recipe, dataset)
        stored = self.columns.stored(self.root.series)
        return replace(
            proof,
            stored_totals=compare(result.column(self.code), stored),
            stored_ranks=self._stored_ranks(result),
        )

    @property
    def code(self) -> str:
        """The code of the total."""
        return self.tables.placed[0].code

    def _written(
        self,
        kept: Collection[Place],
        values: Mapping[CitySeries, FloatArray],
        held: Collection[Place] = (),
    ) -> list[FloatArray]:
        """Return totals and ranks as the team's formulas give them, with their ROUND."""
        total = self.root.series
        ranked = [ranking.series for ranking in self.totals.rankings_of(total)[:1]]
        targets = [total, *ranked]
        try:
            found = self._probe(targets, kept, held).run(values)
        except EngineError:  # ranks may be counted in a way that our engine lacks
            found = self._probe([total], kept, held).run(values)
            return [found[total], self._expected_ranks(found[total])]
        return [found[target] for target in targets]

    def _probe(
        self,
        targets: Sequence[CitySeries],
        kept: Collection[Place],
        held: Collection[Place],
    ) -> ColumnProbe:
        return ColumnProbe(self.columns, targets, self.given, kept=kept, held=held)

    def _ours(self, values: Mapping[CitySeries, FloatArray]) -> IndexResult:
        dataset = self.tables.dataset(values)
        return compute(self.tables.framework, self.tables.recipe, dataset)

    def _theirs(
        self, values: Mapping[CitySeries, FloatArray]
    ) -> dict[CitySeries, FloatArray]:
        targets = [*self._wanted]
        return ColumnProbe(self.columns, targets, self.given).run(values)

    def _compare_column(
        self, result: IndexResult, code: str, theirs: FloatArray
    ) -> Compared:
        """Return how a column agrees, up to the line that the weights of its node took over."""
        ours = result.column(code)
        found = compare(ours, theirs)
        placed = next(one for one in self.tables.placed if one.code == code)
        if found.is_complete or not isinstance(placed.meaning, Scored):
            return found
        known = np.isfinite(ours) & np.isfinite(theirs)
        if known.sum() < 3 or not np.ptp(ours[known]):
            return found
        slope, constant = np.polyfit(ours[known], theirs[known], 1)
        return compare(slope * ours + constant, theirs)

    def _ranks(self, result: IndexResult) -> FloatArray:
        """Return our ranks, NaN for none."""
        ranks = result.rank(self.code).astype(float)
        ranks[ranks == 0] = np.nan
        return ranks

    def _expected_ranks(self, totals: FloatArray) -> FloatArray:
        """Return the ranks of the mended totals, ties as the team's column has them."""
        return ranks_of(totals, rank_ties(self.totals.rankings_of(self.root.series)))

    def _stored_ranks(self, result: IndexResult) -> Compared:
        """Return how our ranks agree with those in the file."""
        rankings = self.totals.rankings_of(self.root.series)
        if not rankings:
            return Compared(0, 0)
        return compare(self._ranks(result), self.columns.stored(rankings[0].series))

    def _on_other_data(self, seed: int) -> Compared:
        """Compare totals for invented data with gaps where theirs have gaps."""
        invented = Invented(1000 + seed)
        values = {}
        for series in self.given:
            stored = self.columns.stored(series)
            made = invented.plain(stored)
            made[~np.isfinite(stored)] = np.nan
            values[series] = made
        try:
            ours = self._ours(values).column(self.code)
            theirs = self._theirs(values)[self.root.series]
        except (EngineError, XlcityError):
            return Compared(0, len(self.columns.cities.names))
        return compare(ours, theirs)


def _count_others(before: FloatArray, after: FloatArray) -> int:
    """Return how many numbers are others than before."""
    compared = compare(before, after)
    return compared.of - compared.equal
