"""How robust an index is, for Python and the command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity.api.labels import index_of
from xlcity.assess.choices import Choice
from xlcity.assess.clusters import PeerGroups, peer_groups
from xlcity.assess.editions import Convergence, Development, measure_development
from xlcity.assess.plan import Plan, inputs_of_replicate
from xlcity.assess.regression import Explanation, explain_measure, measures_of
from xlcity.assess.sensitivity import (
    Datum,
    LeftOut,
    Overtaking,
    RankComparison,
    Reversal,
    SobolIndices,
    all_margins,
    compare_variants,
    decisive_data,
    leave_one_out,
    overtakings,
    rank_reversals,
    sobol_of_ranks,
    top_margins,
)
from xlcity.assess.statistical_audit import NodeAudit, audit_nodes
from xlcity.assess.statistics import SizeCorrelation, size_correlations
from xlcity.assess.uncertainty import TOP_PLACES, Uncertainty, draw_replicates
from xlcity.assess.uncertainty import uncertainty as simulate_ranks
from xlcity.errors import Problem, UsageError, collecting, require_known
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.panel import Panel
from xlcity.model.reading.labels import CityLabels
from xlcity.model.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

    from xlcity.figures.figure import Figure

#: Least and most replicates of each sample of a sensitivity analysis.
_SAMPLES = (64, 4096)


@dataclass(frozen=True, eq=False)
class Assessment:
    """How robust the ranks of an index are.

    Attributes
    ----------
    plan
        What was varied.
    uncertainty
        What the replicates say.
    sobol, city_sobol
        What the mean shift of ranks and the rank of each city depend on; None and empty where fewer
        than two things vary.
    comparisons
        Ranks by the variants that were to be compared.
    seconds
        Wall time.
    peer_count
        Peer groups that were asked for; None: their number follows from the data.
    measures
        Outside measures that scores are compared with.
    panel
        The data of all editions, where there are several.
    labels
        What the caller calls the cities; None: their ids.
    """

    plan: Plan
    uncertainty: Uncertainty
    sobol: SobolIndices | None
    city_sobol: Mapping[str, SobolIndices]
    comparisons: tuple[RankComparison, ...]
    seconds: float
    peer_count: int | None = None
    measures: tuple[str, ...] = ()
    panel: Panel | None = None
    labels: CityLabels | None = None

    def __repr__(self) -> str:
        node = self.plan.node
        return f"<Assessment of {node}: {self.replicates} replicates, {self.seconds:.1f} s>"

    def _repr_html_(self) -> str:
        return str(self.units.to_html(notebook=True, max_rows=60))

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        return self.uncertainty.replicates

    @property
    def choices(self) -> list[dict[str, object]]:
        """What was varied: each choice and its options."""
        return [choice.as_dict() for choice in self.plan.choices]

    @cached_property
    def leave_one_out(self) -> tuple[LeftOut, ...]:
        """How ranks move where each node is left out."""
        return leave_one_out(self.plan)

    @cached_property
    def reversals(self) -> tuple[Reversal, ...]:
        """The cities that reverse the order of others where they leave."""
        return rank_reversals(self.plan)

    @cached_property
    def decisive_data(self) -> tuple[Datum, ...]:
        """The values that move the ranking most within their errors; none without errors."""
        return decisive_data(self.plan)

    @cached_property
    def overtakings(self) -> tuple[Overtaking, ...]:
        """The weights at which a city draws level with the one before it."""
        return overtakings(self.plan)

    @cached_property
    def top_margins(self) -> dict[int, float]:
        """By what share the children's weights may move before the first k cities change."""
        return top_margins(self.plan, self.top_sizes)

    @cached_property
    def all_margins(self) -> dict[int, float]:
        """By what share all weights below may; empty where not every node is a weighted mean."""
        return all_margins(self.plan, self.top_sizes)

    @cached_property
    def top_sizes(self) -> tuple[int, ...]:
        """The numbers of places whose probability is given."""
        is_ranked = self.plan.base.rank(self.plan.node) > 0
        ranked = int(is_ranked.sum())
        return tuple(k for k in TOP_PLACES if k < ranked)

    @cached_property
    def units(self) -> pd.DataFrame:
        """Ranks of the cities: as they are, median, 5 % and 95 %, probabilities of the first k."""
        import pandas as pd

        rows = [{**row, **row["top"]} for row in self.unit_rows()]
        units = self.plan.dataset.units
        is_scored = [bool(unit.population) for unit in units]
        index = index_of(units, self.labels)[is_scored]
        frame = pd.DataFrame(rows, index=index).drop(columns=["unit", "top"])
        return frame.rename(columns={k: f"top {k}" for k in self.top_sizes})

    @cached_property
    def above(self) -> pd.DataFrame:
        """Probability that the city of the row is above that of the column."""
        import pandas as pd

        index = index_of(self.plan.dataset.units, self.labels)
        return pd.DataFrame(
            self.uncertainty.above, index=index, columns=index, copy=True
        )

    @cached_property
    def audits(self) -> tuple[NodeAudit, ...]:
        """The statistical audit of every node, in each group of cities."""
        base = self.plan.base
        with np.errstate(all="ignore"):
            audits = [audit_nodes(base, name) for name in base.populations]
        return tuple(chain.from_iterable(audits))

    @cached_property
    def audit(self) -> pd.DataFrame:
        """The statistical audit: a row per node; `findings` has in words what is beyond limits."""
        import pandas as pd

        frame = pd.DataFrame(map(asdict, self.audits)).set_index("node")
        frame["findings"] = [", ".join(audit.findings) for audit in self.audits]
        return frame

    @cached_property
    def sizes(self) -> tuple[SizeCorrelation, ...]:
        """The indicators whose raw values follow a variable outside the tree, such as GDP."""
        base = self.plan.base
        sizes = [size_correlations(base, name) for name in base.populations]
        return tuple(chain.from_iterable(sizes))

    def peers(self, population: str | None = None) -> PeerGroups | None:
        """Return the peer groups of the cities of a group, of the first one where it is None."""
        base = self.plan.base
        return peer_groups(base, population or base.populations[0], self.peer_count)

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """How far scores explain each outside measure, in each group of cities."""
        base = self.plan.base
        pairs = product(self.measures, base.populations)
        return tuple(explain_measure(base, *pair, self.plan.node) for pair in pairs)

    @cached_property
    def editions(self) -> tuple[tuple[Development, ...], tuple[Convergence, ...]]:
        """How scores developed over the editions, and whether they converge; empty without any."""
        if self.panel is None or len(self.panel.editions) < 2:
            return (), ()
        plan = self.plan
        developed = measure_development(
            plan.framework, plan.recipe, self.panel, plan.node
        )
        return developed.units, developed.convergence

    def unit_rows(self) -> list[dict[str, Any]]:
        """Return the ranks of each city, in the order of the data."""
        simulated = self.uncertainty
        ranks = self.plan.base.rank(self.plan.node).tolist()
        low, middle, high = map(simulated.quantile, (0.05, 0.5, 0.95))
        top = {k: simulated.top(k).tolist() for k in self.top_sizes}
        rows = []
        for row, unit in enumerate(self.plan.dataset.units):
            if not unit.population:
                continue
            rows.append(
                {
                    "unit": unit.id,
                    "population": unit.population,
                    "rank": ranks[row] or None,
                    "median": middle[row],
                    "low": low[row],
                    "high": high[row],
                    "top": {k: shares[row] for k, shares in top.items()},
                    "unranked": int(simulated.counts.ranks[row, 0]),
                }
            )
        return rows

    @cached_property
    def unranked_shares(self) -> dict[str, float]:
        """City without a score in some replicates -> their share; its ranks are of the others."""
        return {
            row["unit"]: row["unranked"] / self.replicates
            for row in self.ranked_rows()
            if row["unranked"]
        }

    def ranked_rows(self) -> list[dict[str, Any]]:
        """Return the ranks of each city, group by group, the first city first."""
        groups = self.plan.base.populations
        behind_all = len(self.plan.dataset.units) + 1

        def group_and_rank(row: dict[str, Any]) -> tuple[int, int]:
            return groups.index(row["population"]), row["rank"] or behind_all

        return sorted(self.unit_rows(), key=group_and_rank)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON document of the command line."""
        from xlcity.api.assessment_document import document

        return document(self)

    def figures(self, *kinds: str) -> list[Figure]:
        """Return figures, by kind; none named: all that there are data for.

        Raises
        ------
        UsageError
            If there is no such kind.
        """
        from xlcity.api.assessment_figures import figures_of

        return figures_of(self, kinds)

    def figure(self, kind: str) -> Figure:
        """Return one figure, such as "rank-intervals".

        Raises
        ------
        UsageError
            If there is no such kind, or no data for it.
        """
        figures = self.figures(kind)
        if not figures:
            raise UsageError.of("XC100.no_data_for_figure", kind=kind)
        return figures[0]

    def _repr_png_(self) -> bytes:
        return self.figure("rank-intervals").draw("en", "png")

    def replicate(self, number: int) -> tuple[Framework, Recipe, Dataset]:
        """Return framework, recipe and data of one replicate, numbered from 0.

        Raises
        ------
        UsageError
            If there is no such replicate.
        """
        if not 0 <= number < self.replicates:
            raise UsageError.of(
                "XC100.no_replicate", number=number, replicates=self.replicates - 1
            )
        return inputs_of_replicate(self.plan, draw_replicates(self.plan, [number]), 0)

    def replicate_tables(self, number: int) -> Mapping[str, str]:
        """Return a replicate as files, from which `xlcity index` computes it again.

        Raises
        ------
        UsageError
            If there is no such replicate.
        """
        from xlcity.workbook.migrate.content import Content
        from xlcity.workbook.migrate.tables import tables_of
        from xlcity.workbook.spec.from_report import own_spec

        framework, recipe, dataset = self.replicate(number)
        return tables_of(Content(own_spec(framework, recipe, dataset)))


def assess(
    plan: Plan,
    replicates: int,
    variants: tuple[Choice, ...],
    peers: int | None,
    outside: tuple[str, ...],
    panel: Panel | None,
    jobs: int,
    progress: Callable[[int, int], None],
) -> Assessment:
    """Run an assessment: replicates of a plan, and where several things vary, how much each does.

    Parameters
    ----------
    plan
        What varies.
    replicates
        How many times ranks are computed.
    variants
        What is compared side by side.
    peers, outside
        The number of peer groups, None: the clearest; outside measures to compare with scores.
    panel
        The data of all editions, where there are several.
    jobs
        Processes at the same time.
    progress
        Called with the number of replicates done, and that of all.

    Raises
    ------
    UsageError
        If a number is too small, or there is no such measure.
    """
    start = time.perf_counter()
    done = 0
    if min(replicates, jobs) < 1:
        raise UsageError.of("XC100.draws_or_jobs", replicates=replicates, jobs=jobs)
    _require_statistics(plan, peers, outside)
    compared = compare_variants(plan, variants)
    size = 0
    if len(plan.choices) > 1:
        size = int(np.clip(replicates // 2, *_SAMPLES))
    total = replicates + size * (len(plan.choices) + 2)

    def tell(computed: int) -> None:
        nonlocal done
        done += computed
        progress(done, total)

    simulated = simulate_ranks(plan, replicates, jobs=jobs, progress=tell)
    shares: tuple[SobolIndices | None, Mapping[str, SobolIndices]] = None, {}
    if size:
        shares = sobol_of_ranks(plan, size, jobs=jobs, progress=tell)
    seconds = time.perf_counter() - start
    return Assessment(
        plan, simulated, *shares, compared, seconds, peers, outside, panel
    )


def _require_statistics(plan: Plan, peers: int | None, outside: Sequence[str]) -> None:
    """Refuse peer groups and outside measures that the data do not have."""
    problems: list[Problem] = []
    cities = min(len(rows) for rows in plan.dataset.populations.values())
    if peers is not None and not 2 <= peers < cities:
        problems.append(
            Problem.of("XC100.peer_groups", peers=peers, cities=cities, most=cities - 1)
        )
    measures = measures_of(plan.base)
    for measure in outside:
        with collecting(problems):
            require_known("kind.measure", measure, measures)
    UsageError.raise_for(problems)
    for measure in outside:
        explain_measure(plan.base, measure, plan.base.populations[0], plan.node)
