"""The figures of an assessment, declared: data, order, labels and notes; drawn elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity.data_files import toml_beside
from xlcity.errors import require_known
from xlcity.figures.contents import (
    BarChart,
    BarSeries,
    Chart,
    DotChart,
    Label,
    Matrix2D,
    SlopeChart,
    listed,
)
from xlcity.figures.figure import Figure
from xlcity.functions.block import Matrix
from xlcity.report.figures import ReportFigures
from xlcity.report.source import ReportSource
from xlcity.workbook.spec import TemplateSpec

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment

#: Nodes of the figure of nodes left out.
_MOST_NODES = 30
#: A city is listed from this probability on.
_LISTED = 0.005


class AssessmentFigures(ReportFigures):
    """Declares the figures of one assessment for one group of cities.

    Parameters
    ----------
    assessment
        The assessment.
    population
        The group of cities.
    """

    def __init__(self, assessment: Assessment, population: str) -> None:
        self.assessment = assessment
        self.plan = assessment.plan
        base = self.plan.base
        code = self.plan.node
        spec = TemplateSpec(
            *("", "", "", ""),
            framework=base.framework,
            recipe=base.recipe,
            dataset=base.dataset,
        )
        super().__init__(ReportSource(spec, base), code, population)
        own = toml_beside(__file__, "assessment_figures.toml")
        self.texts = {
            **self.texts,
            **own,
            "source": {**self.texts["source"], **own["source"]},
        }
        # Nothing else names the index.
        self.titles = dict.fromkeys(self.titles, self.source.node(code))
        self.titles["n"] = Label(f"{self.assessment.replicates:,}")
        self.origin = self.words("source", "index")

    def choice(self, name: str) -> Label:
        """Return the name of something that varies."""
        unnamed = {"zh": name, "en": name}
        return Label(**self.texts["choices"].get(name, unnamed))

    def _with_interval(self, key: str, values: Matrix, ends: Matrix) -> BarSeries:
        """Return bars of shares of variance; `ends` are (n, 2) ends of their intervals."""
        label = self.words("sensitivity", key)
        return BarSeries(label, values, ends[:, 0], ends[:, 1])

    def simulated(self, kind: str, content: Chart, **values: Any) -> Figure:
        """Return a figure of what was simulated."""
        choices = listed(self.choice(choice.name) for choice in self.plan.choices)
        origin = self.words("source", "simulated", seed=self.plan.seed, choices=choices)
        return replace(self.figure(kind, content, **values), source=origin)

    def rank_intervals(self) -> Figure | None:
        """Return the intervals of the ranks."""
        kind = "rank-intervals"
        simulated = self.assessment.uncertainty
        rows = self.charted_rows
        low, middle, high = (
            simulated.quantile(share)[rows] for share in (0.05, 0.5, 0.95)
        )
        own = self.result.rank(self.plan.node)[rows].astype(float)
        firsts = {group[0] for group in simulated.groups}
        bands = [
            position
            for position, row in enumerate(rows)
            if self.units[row].id in firsts
        ]
        last_rank = len(self.rows)
        axis = self.axis(kind, "x", whole=True, low=0.3, high=last_rank + 0.7)
        series = [
            BarSeries(self.words(kind, "own"), own),
            BarSeries(self.words(kind, "median"), middle, low, high),
        ]
        interval = self.words(kind, "interval")
        chart = DotChart(
            self.ranked(rows), series, axis, interval=interval, bands=bands
        )
        figure = self.simulated(kind, chart, rows=rows)
        return self.with_unranked(figure, self.assessment.unranked_shares)

    def top_probabilities(self) -> Figure | None:
        """Return the probabilities of the first k places."""
        kind = "top-probabilities"
        # That a city is among nearly all says nothing.
        sizes = [k for k in self.assessment.top_sizes if 2 * k <= len(self.rows)]
        if not sizes:
            return None
        shares = np.column_stack(
            [self.assessment.uncertainty.top(k)[self.rows] for k in sizes]
        )
        has_share = shares[:, -1] >= _LISTED
        names = [
            name for name, shown in zip(self.ranked(), has_share, strict=True) if shown
        ]
        columns = [self.words(kind, "column", k=k) for k in sizes]
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        chart = Matrix2D(names, columns, shares[has_share], scale, printed=True)
        return self.simulated(kind, chart, k=sizes[-1])

    def sensitivity(self) -> Figure | None:
        """Return what shifts depend on."""
        kind = "sensitivity"
        indices = self.assessment.sobol
        if indices is None:
            return None
        names = [self.choice(choice.name) for choice in self.plan.choices]
        first = self._with_interval("first", indices.first, indices.first_interval)
        total = self._with_interval("total", indices.total, indices.total_interval)
        series = [first, total]
        axis = self.axis(kind, "x", percent=True, low=0.0, high=1.0)
        return self.simulated(kind, BarChart(names, series, axis))

    def leave_one_out(self) -> Figure | None:
        """Return the shifts without each node."""
        kind = "leave-one-out"
        scored = [o for o in self.assessment.leave_one_out if self.source.has(o.node)]
        every = sorted(scored, key=lambda left_out: -left_out.mean_shift)
        out = every[:_MOST_NODES]
        if not out:
            return None
        is_cut = len(every) > len(out)
        shown = Label(f"，只列前 {len(out)} 个", f"; the first {len(out)} are shown")
        shifts = [
            ("mean", [o.mean_shift for o in out]),
            ("largest", [o.max_shift for o in out]),
        ]
        series = [
            BarSeries(self.words(kind, key), np.array(v, dtype=float))
            for key, v in shifts
        ]
        names = [self.source.node(left_out.node) for left_out in out]
        chart = DotChart(names, series, self.axis(kind, "x", low=0.0))
        return self.figure(kind, chart, shown=shown if is_cut else "")

    def variants(self) -> Figure | None:
        """Return the ranks by the variants that were compared."""
        kind = "variants"
        compared = self.assessment.comparisons
        if not compared:
            return None
        every = [
            self.result.rank(self.plan.node),
            *(comparison.ranks for comparison in compared),
        ]
        block = np.column_stack(every)[self.rows].astype(float)
        columns = [
            self.words(kind, "own"),
            *(Label(comparison.variant) for comparison in compared),
        ]
        names = [self.source.city(row) for row in self.rows.tolist()]
        chart = SlopeChart(names, columns, np.where(block > 0, block, np.nan))
        return self.figure(kind, chart)


#: Kinds in the order of a reader: ranks, what they rest on, the data.
KINDS = (
    "rank-intervals",
    "top-probabilities",
    "sensitivity",
    "leave-one-out",
    "variants",
    "contributions",
    "heat-map",
    "correlations",
    "dendrogram",
    "distributions",
)
#: Kinds of which every group of cities has its own.
_BY_GROUP = ("rank-intervals", "top-probabilities")


def figures_of(assessment: Assessment, kinds: Iterable[str] = ()) -> list[Figure]:
    """Return the figures of an assessment.

    Parameters
    ----------
    kinds
        Those wanted; none: all that the assessment has data for.

    Raises
    ------
    UsageError
        If there is no such kind.
    """
    wanted: Sequence[str] = [*kinds] or [*KINDS]
    for kind in wanted:
        require_known("kind.figure", kind, KINDS)
    drawn = []
    groups = assessment.plan.base.populations
    for number, group in enumerate(groups):
        figures = AssessmentFigures(assessment, group)
        chosen = [kind for kind in wanted if number == 0 or kind in _BY_GROUP]
        makers = [getattr(figures, kind.replace("-", "_")) for kind in chosen]
        drawn += [make() for make in makers if len(figures.rows) > 1]
    return [figure for figure in drawn if figure is not None]
