"""The figures of an index as it is, declared: data, order, labels and notes; drawn elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcity.assess.clusters import dendrogram
from xlcity.assess.statistics import FENCE, components, correlate, default_codes, rows_of
from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarSeries,
    Curve,
    Dendrogram,
    Histogram,
    HistogramChart,
    Label,
    LineChart,
    Matrix2D,
    Numbers,
    ScatterChart,
)
from xlcity.figures.draw_matrices import has_numbers
from xlcity.figures.draw_trees import class_members
from xlcity.figures.figure import Figure
from xlcity.figures.panels import row_columns, signed
from xlcity.figures.point_names import ALL_NAMED
from xlcity.functions.treat import quantile
from xlcity.index.analysis import contributions
from xlcity.report.contents import NOTHING
from xlcity.report.figure_texts import FigureTexts
from xlcity.report.texts import listed

#: Least children of a node whose components are shown.
_LEAST_CHILDREN = 3
#: Columns that leave room for two blocks of a heat map beside each other; cities on a page, and
#: of one page where there is no second one.
_FEW, _CITIES, _PAGE = 16, 36, 50
#: Clusters that differ in colour.
_CLASSES = 5
#: Correlations of indicators of one node below and above which they measure different things, the
#: same, or opposite things; how many pairs a note names.
_OTHER, _SAME, _OPPOSED, _NAMED = 0.3, 0.92, -0.4, 6
#: What parts of a score may lack of it: scores are shown with two decimals.
_PRINTED = 0.005


class IndexFigures(FigureTexts):
    """Declares the figures of one index for one group of cities."""

    def is_scored(self, code: str) -> bool:
        """Return whether any city has a score in a node."""
        rows = rows_of(self.result, self.population)
        return bool(np.isfinite(self.result.column(code)[rows]).any())

    def scored_codes(self) -> tuple[str, ...]:
        """Return the indicators, or the nodes above them where these have values of their own."""
        tree = self.result.framework

        def below(code: str) -> list[str]:
            scored = [child.code for child in tree.children(code) if self.is_scored(child.code)]
            return [leaf for child in scored for leaf in below(child)] if scored else [code]

        return tuple(below(self.top))

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
            above = len(tree.path(self.top))
            parents = [tree.path(code)[above].code for code in codes]
        starts = [
            number
            for number, parent in enumerate(parents)
            if number == 0 or parent != parents[number - 1]
        ]
        ends = [number - 1 for number in starts[1:]] + [len(codes) - 1]
        boxes = [pair for pair in zip(starts, ends, strict=True) if pair[1] > pair[0]]
        names = [self.scored(code) for code in codes]
        scale = self.axis(kind, "scale", low=-1.0, high=1.0)
        printed = len(codes) <= 30
        chart = Matrix2D(names, names, r, scale, printed, boxes, diverging=True)
        return self.figure(kind, chart, judged=self._judged(chart))

    def _judged(self, chart: Matrix2D) -> Label | str:
        """Return how many pairs are beyond the limits, where no numbers stand in the cells."""
        if has_numbers(chart):
            return ""
        pairs = [
            (float(chart.values[first, other]), first, other)
            for start, last in chart.boxes
            for first in range(start, last + 1)
            for other in range(first + 1, last + 1)
        ]
        beyond = sorted((r, a, b) for r, a, b in pairs if r > _SAME or r < _OPPOSED)
        names = [
            Label(
                *(f"{a.text(lang)} – {b.text(lang)} {signed(f'{r:.2f}')}" for lang in ("zh", "en"))
            )
            for r, a, b in ((r, chart.rows[first], chart.rows[other]) for r, first, other in beyond)
        ]
        counts = {
            "all": len(pairs),
            "low": sum(r < _OTHER for r, *_ in pairs),
            "high": sum(r > _SAME for r, *_ in pairs),
            "off": sum(r < _OPPOSED for r, *_ in pairs),
        }
        key = "named" if 0 < len(names) <= _NAMED else "judged"
        return self.words("correlations", key, pairs=listed(names), **counts)

    def dendrogram(self) -> Figure | None:
        """Return the clusters of the cities."""
        kind, codes = "dendrogram", default_codes(self.result)
        if (tree := dendrogram(self.result, self.population)) is None:
            return None
        names = [self.city(self.result.dataset.row(unit)) for unit in tree.units]
        parts = [self.scored(code) for code in codes]
        joined = Label("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
        classes = min(_CLASSES, len(names) - 1)
        chart = Dendrogram(names, np.array(tree.merges), self.axis(kind, "x"), classes)
        values: dict[str, Any] = {"codes": joined, "k": classes}
        values["linkage"] = self.words(kind, "linkage")
        long = len(row_columns(len(names))) > 1
        values["columns"] = self.words(kind, "columns") if long else ""
        lone = self.lone_cities(chart)
        values["lone"] = Label(lone.zh, f" {lone.en}".rstrip())
        return self.figure(kind, chart, **values)

    def lone_cities(self, chart: Dendrogram) -> Label:
        """Return which clusters are of one city, so that no line has their colour."""
        heads = class_members(chart.merges, chart.classes)
        lone = sorted(head for head in heads if head < len(chart.rows))
        names = listed(chart.rows[leaf] for leaf in lone)
        key = "lone_1" if len(lone) == 1 else "lone"
        return self.words("dendrogram", key, n=len(lone), names=names) if lone else NOTHING

    def scree(self) -> Figure | None:
        """Return the eigenvalues of the children of each node."""
        kind = "scree"
        with np.errstate(all="ignore"):
            components_by_node = components(self.result, self.population)
        curves = []
        for code, parts in components_by_node.items():
            count = len(parts.variance)
            values = np.array(parts.variance) * count
            if count >= _LEAST_CHILDREN and np.isfinite(values).all():
                curves.append(Curve(self.node(code), np.arange(1.0, count + 1), values))
        if not curves:
            return None
        x, y = self.axis(kind, "x", whole=True), self.axis(kind, "y", low=0.0)
        limit = 1.0, self.words(kind, "limit")
        return self.figure(kind, LineChart(curves[:7], x, y, limit))

    def ranks(self) -> Figure | None:
        """Return scores as bars."""
        kind = "ranks"
        scores = self.result.column(self.top)[self.rows]
        ends = [f"{score:.2f}" for score in scores.tolist()]
        series = BarSeries(self.words(kind, "x"), scores)
        return self.figure(kind, BarChart(self.ranked(), [series], self.axis(kind, "x"), ends=ends))

    def contributions(self) -> Figure | None:
        """Return what scores are made of, by the nodes below; None where they are not sums."""
        kind, tree, top = "contributions", self.result.framework, self.top
        try:
            parts = contributions(self.result, top)[self.rows]
        except ValueError:
            return None
        if not np.isfinite(parts).any():
            return None
        series = []
        for child in tree.children(top):
            below = [
                column for column, c in enumerate(self.result.leaf_codes) if child in tree.path(c)
            ]
            added = np.nansum(parts[:, below], axis=1)
            series.append(BarSeries(self.scored(child.code), added, shade=self.shade(child.code)))
        chart = BarChart(self.ranked(), series, self.axis(kind, "x"), stacked=True)
        sums, scores = np.nansum(parts, axis=1), self.result.column(top)[self.rows]
        finite = np.isfinite(scores)
        is_sum = np.allclose(sums[finite], scores[finite], rtol=0.0, atol=_PRINTED)
        return self.figure(kind, chart, note="note" if is_sum else "rescaled")

    def distributions(self) -> Figure | None:
        """Return the values of each indicator with the limits of outliers."""
        kind, rows = "distributions", rows_of(self.result, self.population)
        panels = []
        for column, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[rows, column]
            finite = values[np.isfinite(values)]
            if finite.size > 2:
                low, high = quantile(finite, 0.25), quantile(finite, 0.75)
                reach = FENCE * (high - low)
                ends = [low - reach, high + reach]
                within = [e for e in ends if finite.min() <= e <= finite.max()]
                node = self.result.framework[code]
                uom = Label(node.uom_zh or node.uom, node.uom or node.uom_zh)
                panels.append(Histogram(with_unit(self.node(code), uom), finite, within))
        if not panels:
            return None
        limit, count = self.words(kind, "limit"), self.words(kind, "count")
        return self.figure(kind, HistogramChart(panels, limit, count))

    def heat_maps(self) -> int:
        """Return on how many pages the heat map is legible."""
        pages = -(-len(self.rows) // _CITIES)
        return pages if len(self.scored_codes()) > _FEW and len(self.rows) > _PAGE else 1

    def heat_map(self, page: int = 0, pages: int = 1) -> Figure | None:
        """Return the place of every city in every indicator, or of the cities of one page."""
        kind, codes = "heat-map", self.scored_codes()
        block = np.column_stack([self.result.column(code)[self.rows] for code in codes])
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        names = [self.scored(code) for code in codes]
        each = -(-len(self.rows) // pages)
        part = slice(page * each, (page + 1) * each)
        chart = Matrix2D(self.ranked()[part], names, _shares_of_range(block)[part], scale)
        ends = {"first": part.start + 1, "last": min(part.stop, len(self.rows))}
        ranks = self.words(kind, "part", **ends) if pages > 1 else ""
        grey = "" if np.isfinite(chart.values).all() else self.words(kind, "grey")
        name = f"{kind}-{page + 1}" if page else ""
        return self.figure(kind, chart, name=name, part=ranks, grey=grey)

    def scatter(self) -> Figure | None:
        """Return the two heaviest nodes below the top against each other."""
        tree = self.result.framework
        children = sorted(tree.children(self.top), key=lambda child: -child.weight)[:2]
        if len(children) < 2:
            return None
        a, b = (self.scored(child.code) for child in children)
        x, y = (self.result.column(child.code)[self.rows] for child in children)
        both = np.isfinite(x) & np.isfinite(y)
        names = [self.marked_city(row, self.top) for row in self.rows[both].tolist()]
        r = float(np.corrcoef(x[both], y[both])[0, 1]) if both.sum() > 2 else float("nan")
        chart = ScatterChart(names, x[both], y[both], Axis(a), Axis(b))
        values: dict[str, Any] = {"a": a, "b": b, "r": signed(f"{r:.2f}")}
        values["count"] = count = int(both.sum())
        crowded = self.words("declared", "crowded")
        spaced = Label(crowded.zh, f"{crowded.en} ")
        values["crowded"] = spaced if count > ALL_NAMED else ""
        return self.figure("scatter", chart, **values)


def with_unit(name: Label, uom: Label) -> Label:
    """Return a name with a unit of measure, where there is one."""
    return Label(f"{name.zh}（{uom.zh}）", f"{name.en} ({uom.en})") if uom.zh else name


def _shares_of_range(block: Numbers) -> Numbers:
    """Return where each number is between the lowest and the highest of its column."""
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduce(block), np.fmax.reduce(block)  # NaN where all are
        return np.asarray((block - low) / np.where(high > low, high - low, np.nan))
