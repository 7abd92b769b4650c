"""The figures of an assessment, declared: data, order, labels and notes; drawn elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from xlcity.api.figure_texts import FigureTexts
from xlcity.assess.clusters import dendrogram
from xlcity.assess.correlation import correlate
from xlcity.assess.scores import default_codes, rows_of
from xlcity.assess.statistics import FENCE, components
from xlcity.errors import UsageError, did_you_mean
from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarSeries,
    Curve,
    Dendrogram,
    DumbbellChart,
    Histogram,
    HistogramChart,
    IntervalChart,
    Label,
    LineChart,
    Matrix2D,
    Numbers,
    ScatterChart,
    SlopeChart,
)
from xlcity.figures.figure import Figure
from xlcity.functions.treat import quantile
from xlcity.index.contributions import contributions

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment

#: Nodes of the figure of nodes left out, and children of a node whose components are shown.
_MOST_NODES, _LEAST_CHILDREN = 30, 3
#: A city is listed from this probability on.
_LISTED = 0.005
#: Clusters that differ in colour.
_CLASSES = 5


class AssessmentFigures(FigureTexts):
    """Declares the figures of one assessment for one group of cities."""

    def rank_intervals(self) -> Figure | None:
        """Return the intervals of the ranks."""
        kind, made = "rank-intervals", self.found.uncertainty
        low, middle, high = (made.quantile(share)[self.rows] for share in (0.05, 0.5, 0.95))
        own = self.result.rank(self.plan.node)[self.rows].astype(float)
        firsts = {group[0] for group in made.groups}
        bands = [at for at, row in enumerate(self.rows) if self.units[row].id in firsts]
        axis = self.axis(kind, "x", whole=True, low=0.3, high=len(self.rows) + 0.7)
        legend = tuple(self.words(kind, key) for key in ("interval", "median", "own"))
        chart = IntervalChart(
            self.ranked(), low, middle, high, own, axis, (legend[0], legend[1], legend[2]), bands
        )
        return self.figure(kind, chart)

    def top_probabilities(self) -> Figure | None:
        """Return the probabilities of the first k places."""
        kind = "top-probabilities"
        # That a city is among nearly all says nothing.
        sizes = [k for k in self.found.top_sizes if 2 * k <= len(self.rows)]
        if not sizes:
            return None
        shares = np.column_stack([self.found.uncertainty.top(k)[self.rows] for k in sizes])
        listed = shares[:, -1] >= _LISTED
        names = [name for name, shown in zip(self.ranked(), listed, strict=True) if shown]
        columns = [self.words(kind, "column", k=k) for k in sizes]
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        chart = Matrix2D(names, columns, shares[listed], scale, printed=True)
        return self.figure(kind, chart, k=sizes[-1])

    def above(self) -> Figure | None:
        """Return the probabilities that one city is above another one."""
        kind = "above"
        shares = self.found.uncertainty.above[np.ix_(self.rows, self.rows)].copy()
        np.fill_diagonal(shares, np.nan)
        names = [self.city(row) for row in self.rows.tolist()]
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        return self.figure(kind, Matrix2D(self.ranked(), names, shares, scale))

    def sensitivity(self) -> Figure | None:
        """Return what shifts depend on."""
        kind, found = "sensitivity", self.found.sobol
        if found is None:
            return None
        names = [self.choice(choice.name) for choice in self.plan.choices]
        series = [
            BarSeries(self.words(kind, key), values, ends[:, 0], ends[:, 1])
            for key, values, ends in (
                ("first", found.first, found.first_interval),
                ("total", found.total, found.total_interval),
            )
        ]
        return self.figure(kind, BarChart(names, series, self.axis(kind, "x", percent=True)))

    def is_scored(self, code: str) -> bool:
        """Return whether any city has a score in a node."""
        rows = rows_of(self.result, self.population)
        return bool(np.isfinite(self.result.column(code)[rows]).any())

    def scored_codes(self) -> tuple[str, ...]:
        """Return the indicators, or the nodes above them where these have values of their own."""
        tree = self.result.framework

        def below(code: str) -> list[str]:
            known = [child.code for child in tree.children(code) if self.is_scored(child.code)]
            return [leaf for child in known for leaf in below(child)] if known else [code]

        return tuple(below(self.plan.node))

    def correlations(self) -> Figure | None:
        """Return the correlations of the indicators, those of one node in a box."""
        kind, codes, tree = "correlations", self.scored_codes(), self.result.framework
        if len(codes) < 2:
            return None
        with np.errstate(all="ignore"):
            r = correlate(self.result, codes, self.population).r
        parents: list[str | None] = [tree[code].parent for code in codes]
        if len(set(parents)) == len(codes):
            # Each is the only one of its node: those of one pillar belong together.
            above = len(tree.path(self.plan.node))
            parents = [tree.path(code)[above].code for code in codes]
        starts = [at for at, one in enumerate(parents) if at == 0 or one != parents[at - 1]]
        ends = [at - 1 for at in starts[1:]] + [len(codes) - 1]
        boxes = [pair for pair in zip(starts, ends, strict=True) if pair[1] > pair[0]]
        names = [self.node(code) for code in codes]
        scale = self.axis(kind, "scale", low=-1.0, high=1.0)
        printed = len(codes) <= 30
        chart = Matrix2D(names, names, r, scale, printed, boxes, diverging=True)
        return self.figure(kind, chart, random=False)

    def dendrogram(self) -> Figure | None:
        """Return the clusters of the cities."""
        kind, codes = "dendrogram", default_codes(self.result)
        tree = dendrogram(self.result, self.population)
        if tree is None:
            return None
        names = [self.city(self.result.dataset.row(unit)) for unit in tree.units]
        parts = [self.node(code) for code in codes]
        joined = Label("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
        classes = min(_CLASSES, len(names) - 1)
        chart = Dendrogram(names, np.array(tree.merges), self.axis(kind, "x"), classes)
        how = self.words(kind, "linkage")
        return self.figure(kind, chart, random=False, codes=joined, linkage=how, k=classes)

    def scree(self) -> Figure | None:
        """Return the eigenvalues of the children of each node."""
        kind = "scree"
        with np.errstate(all="ignore"):
            found = components(self.result, self.population)
        curves = []
        for code, one in found.items():
            count = len(one.variance)
            values = np.array(one.variance) * count
            if count >= _LEAST_CHILDREN and np.isfinite(values).all():
                curves.append(Curve(self.node(code), np.arange(1.0, count + 1), values))
        if not curves:
            return None
        x, y = self.axis(kind, "x", whole=True), self.axis(kind, "y", low=0.0)
        limit = 1.0, self.words(kind, "limit")
        return self.figure(kind, LineChart(curves[:7], x, y, limit), random=False)

    def convergence(self) -> Figure | None:
        """Return how results settle with the number of replicates."""
        kind = "convergence"
        counts, median, ends = (
            np.array(x) for x in zip(*self.found.uncertainty.convergence, strict=True)
        )
        series = [
            Curve(self.words(kind, key), counts.astype(float), values.astype(float))
            for key, values in (("median", median), ("ends", ends))
        ]
        x, y = self.axis(kind, "x", whole=True, low=0.0), self.axis(kind, "y", low=0.0)
        return self.figure(kind, LineChart(series, x, y))

    def leave_one_out(self) -> Figure | None:
        """Return the shifts without each node."""
        kind = "leave-one-out"
        scored = [o for o in self.found.leave_one_out if self.is_scored(o.node)]
        every = sorted(scored, key=lambda one: -one.mean_shift)
        out = every[:_MOST_NODES]
        if not out:
            return None
        more = len(every) > len(out)
        shown = Label(f"，只列前 {len(out)} 个", f"; the first {len(out)} are shown")
        chart = DumbbellChart(
            [self.node(one.node) for one in out],
            np.array([one.mean_shift for one in out], dtype=float),
            np.array([one.max_shift for one in out], dtype=float),
            (self.words(kind, "mean"), self.words(kind, "largest")),
            self.axis(kind, "x", low=0.0),
        )
        return self.figure(kind, chart, random=False, shown=shown if more else "")

    def ranks(self) -> Figure | None:
        """Return scores as bars."""
        kind = "ranks"
        scores = self.result.column(self.plan.node)[self.rows]
        ends = [f"{score:.2f}" for score in scores.tolist()]
        series = BarSeries(self.words(kind, "x"), scores)
        return self.figure(
            kind, BarChart(self.ranked(), [series], self.axis(kind, "x"), ends=ends), random=False
        )

    def contributions(self) -> Figure | None:
        """Return what scores are made of, by the nodes below; None where they are no sums."""
        kind, tree, top = "contributions", self.result.framework, self.plan.node
        try:
            parts = contributions(self.result, top)[self.rows]
        except ValueError:
            return None
        if not np.isfinite(parts).any():
            return None
        series = []
        for child in tree.children(top):
            below = [at for at, c in enumerate(self.result.leaf_codes) if child in tree.path(c)]
            series.append(BarSeries(self.node(child.code), np.nansum(parts[:, below], axis=1)))
        chart = BarChart(self.ranked(), series, self.axis(kind, "x"), stacked=True)
        return self.figure(kind, chart, random=False)

    def distributions(self) -> Figure | None:
        """Return the values of each indicator with the limits of outliers."""
        kind, rows = "distributions", rows_of(self.result, self.population)
        panels = []
        for at, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[rows, at]
            known = values[np.isfinite(values)]
            if known.size > 2:
                low, high = quantile(known, 0.25), quantile(known, 0.75)
                reach = FENCE * (high - low)
                ends = [low - reach, high + reach]
                within = [e for e in ends if known.min() <= e <= known.max()]
                panels.append(Histogram(self.node(code), known, within))
        if not panels:
            return None
        return self.figure(kind, HistogramChart(panels, self.words(kind, "limit")), random=False)

    def heat_map(self) -> Figure | None:
        """Return the place of every city in every indicator."""
        kind, codes = "heat-map", self.scored_codes()
        block = np.column_stack([self.result.column(code)[self.rows] for code in codes])
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        names = [self.node(code) for code in codes]
        chart = Matrix2D(self.ranked(), names, _shares_of_range(block), scale)
        return self.figure(kind, chart, random=False)

    def variants(self) -> Figure | None:
        """Return the ranks by the variants that were compared."""
        kind, compared = "variants", self.found.comparisons
        if not compared:
            return None
        every = [self.result.rank(self.plan.node), *(one.ranks for one in compared)]
        block = np.column_stack(every)[self.rows].astype(float)
        columns = [self.words(kind, "own"), *(Label(one.variant) for one in compared)]
        names = [self.city(row) for row in self.rows.tolist()]
        chart = SlopeChart(names, columns, np.where(block > 0, block, np.nan))
        return self.figure(kind, chart, random=False)

    def scatter(self) -> Figure | None:
        """Return the two heaviest nodes below the top against each other."""
        tree = self.result.framework
        children = sorted(tree.children(self.plan.node), key=lambda child: -child.weight)[:2]
        if len(children) < 2:
            return None
        a, b = (self.node(child.code) for child in children)
        x, y = (self.result.column(child.code)[self.rows] for child in children)
        both = np.isfinite(x) & np.isfinite(y)
        names = [self.city(row) for row in self.rows[both].tolist()]
        r = float(np.corrcoef(x[both], y[both])[0, 1]) if both.sum() > 2 else float("nan")
        chart = ScatterChart(names, x[both], y[both], Axis(a), Axis(b))
        values = {"a": a, "b": b, "r": f"{r:.2f}", "count": int(both.sum())}
        return self.figure("scatter", chart, random=False, **values)


_Maker = Callable[[AssessmentFigures], Figure | None]

#: Kind -> what declares it, in the order of a reader: ranks, what they rest on, the data.
KINDS: Mapping[str, _Maker] = {
    "rank-intervals": AssessmentFigures.rank_intervals,
    "top-probabilities": AssessmentFigures.top_probabilities,
    "above": AssessmentFigures.above,
    "sensitivity": AssessmentFigures.sensitivity,
    "leave-one-out": AssessmentFigures.leave_one_out,
    "variants": AssessmentFigures.variants,
    "convergence": AssessmentFigures.convergence,
    "ranks": AssessmentFigures.ranks,
    "contributions": AssessmentFigures.contributions,
    "heat-map": AssessmentFigures.heat_map,
    "correlations": AssessmentFigures.correlations,
    "scree": AssessmentFigures.scree,
    "dendrogram": AssessmentFigures.dendrogram,
    "scatter": AssessmentFigures.scatter,
    "distributions": AssessmentFigures.distributions,
}
#: Kinds of which every group of cities has its own.
_BY_GROUP = ("rank-intervals", "top-probabilities", "ranks")


def figures_of(found: Assessment, kinds: Iterable[str] = ()) -> list[Figure]:
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
        if kind not in KINDS:
            raise UsageError(f"there is no figure '{kind}'.", did_you_mean(kind, KINDS))
    made = []
    groups = found.plan.base.populations
    for at, group in enumerate(groups):
        figures = AssessmentFigures(found, group)
        chosen = [kind for kind in wanted if at == 0 or kind in _BY_GROUP]
        made += [KINDS[kind](figures) for kind in chosen if len(figures.rows) > 1]
    return [figure for figure in made if figure is not None]


def _shares_of_range(block: Numbers) -> Numbers:
    """Return where each number is between the lowest and the highest of its column."""
    with np.errstate(all="ignore"):
        low, high = np.nanmin(block, axis=0), np.nanmax(block, axis=0)
        return np.asarray((block - low) / np.where(high > low, high - low, np.nan))
