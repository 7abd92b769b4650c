"""The figures of an index as it is, declared: data, order, labels and notes; drawn elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from xlcity.assess.regression import dendrogram
from xlcity.assess.statistics import FENCE_RANGES, codes_under_root, correlate, population_rows
from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarSeries,
    Chart,
    Dendrogram,
    Histogram,
    HistogramChart,
    Label,
    Matrix2D,
)
from xlcity.figures.figure import Figure
from xlcity.figures.panels import row_columns
from xlcity.figures.style import figure_style
from xlcity.functions.treat import quantile
from xlcity.index.analysis import contributions
from xlcity.index.result import IndexResult
from xlcity.report.notes import gap_note
from xlcity.report.source import ResultNames
from xlcity.report.texts import filled, joined, listed, population_name, report_texts

#: Clusters that differ in colour.
_CLASSES = 5
#: What parts of a score may lack of it: scores are shown with two decimals.
_PRINTED = 0.005


class IndexFigures(ResultNames):
    """Declares the figures of one index for one group of cities.

    Parameters
    ----------
    result
        The index.
    node
        The node whose scores and ranks are shown.
    population
        The group of cities.
    texts
        Texts by kind and key.
    """

    def __init__(
        self, result: IndexResult, node: str, population: str, texts: dict[str, Any] | None = None
    ) -> None:
        self.result, self.top, self.population = result, node, population
        self.texts = report_texts("figures") if texts is None else texts
        self.units = result.dataset.units
        #: Rows of the cities that have a rank, the first one first.
        self.rows = np.array([*map(result.dataset.row, result.order(node, population))], dtype=int)

    # Names and texts.

    @property
    def titles(self) -> dict[str, Label]:
        """What the node is called in titles and in notes."""
        return {"titled": self.node(self.top), "node": self.node(self.top)}

    @cached_property
    def origin(self) -> Label:
        """The line of the source of a figure that names none."""
        return self.words("source", "index")

    def shade(self, code: str) -> int | None:
        """Return the place of the colour that the whole or a dimension has in every figure."""
        tree = self.result.framework
        every = [tree.root.code, *(child.code for child in tree.children(tree.root.code))]
        fits = len(every) <= len(figure_style().colour["series"])
        return every.index(code) if code in every and fits else None

    def ranked(self, rows: Iterable[int] | None = None) -> list[Label]:
        """Return names after their ranks, of all cities unless some are given."""
        ranks = self.result.rank(self.top)
        rows = self.rows.tolist() if rows is None else rows
        return [numbered(int(ranks[row]), self.marked_city(row, self.top)) for row in rows]

    def given(self) -> dict[str, object]:
        """Return what every text of a figure may name."""
        several = len(self.result.populations) > 1
        name = population_name(self.population)
        group = Label(f"，样本组“{name.zh}”", f" in the group “{name.en}”")
        return {**self.titles, "group": group if several else ""}

    def words(self, kind: str, key: str, **values: object) -> Label:
        """Return a text of a figure with its values, each a text or a label."""
        return filled(self.texts[kind][key], {**self.given(), **values})

    def figure(
        self,
        kind: str,
        content: Chart,
        origin: Label | None = None,
        name: str = "",
        note: str = "note",
        title: str = "title",
        **values: object,
    ) -> Figure:
        """Return a figure with the texts of its kind.

        Parameters
        ----------
        origin
            The line of its source, if it is not the index as it is.
        name
            Its id, if it is not that of the kind.
        note, title
            Which of the kind's notes and titles it has.
        """
        groups = self.result.populations
        suffix = "" if self.population == groups[0] else f"-{self.population}"
        shown = self.words(kind, title, **values)
        if len(groups) > 1:
            group = population_name(self.population)
            shown = Label(f"{shown.zh}（{group.zh}）", f"{shown.en} ({group.en})")
        notes = [self.words(kind, note, **values), gap_note(repr(content))]
        return Figure(
            f"{name or kind}{suffix}", shown, content, joined(*notes, self.derived_note),
            origin or self.origin, self.result.dataset.synthetic,
        )  # fmt: skip

    def axis(self, kind: str, key: str, **options: Any) -> Axis:
        """Return an axis with its text."""
        return Axis(self.words(kind, key), **options)

    # Figures.

    def is_scored(self, code: str) -> bool:
        """Return whether any city has a score in a node."""
        rows = population_rows(self.result, self.population)
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
        starts = [n for n, parent in enumerate(parents) if n == 0 or parent != parents[n - 1]]
        ends = [number - 1 for number in starts[1:]] + [len(codes) - 1]
        boxes = [pair for pair in zip(starts, ends, strict=True) if pair[1] > pair[0]]
        names = [self.scored(code) for code in codes]
        scale = self.axis(kind, "scale", low=-1.0, high=1.0)
        chart = Matrix2D(names, names, r, scale, printed=True, boxes=boxes, diverging=True)
        return self.figure(kind, chart)

    def dendrogram(self) -> Figure | None:
        """Return the clusters of the cities."""
        kind, codes = "dendrogram", codes_under_root(self.result)
        if (tree := dendrogram(self.result, self.population)) is None:
            return None
        names = [self.city(self.result.dataset.row(unit)) for unit in tree.units]
        classes = min(_CLASSES, len(names) - 1)
        chart = Dendrogram(names, np.array(tree.merges), self.axis(kind, "x"), classes)
        values: dict[str, Any] = {"codes": listed(map(self.scored, codes)), "k": classes}
        long = len(row_columns(len(names))) > 1
        values["columns"] = self.words(kind, "columns") if long else ""
        return self.figure(kind, chart, **values)

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
            below = [n for n, code in enumerate(self.result.leaf_codes) if child in tree.path(code)]
            added = np.nansum(parts[:, below], axis=1)
            series.append(BarSeries(self.scored(child.code), added, shade=self.shade(child.code)))
        chart = BarChart(self.ranked(), series, self.axis(kind, "x"), stacked=True)
        sums, scores = np.nansum(parts, axis=1), self.result.column(top)[self.rows]
        finite = np.isfinite(scores)
        is_sum = np.allclose(sums[finite], scores[finite], rtol=0.0, atol=_PRINTED)
        return self.figure(kind, chart, note="note" if is_sum else "rescaled")

    def distributions(self) -> Figure | None:
        """Return the values of each indicator with the limits of outliers."""
        kind, rows = "distributions", population_rows(self.result, self.population)
        panels = []
        for column, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[rows, column]
            finite = values[np.isfinite(values)]
            if finite.size > 2:
                low, high = quantile(finite, 0.25), quantile(finite, 0.75)
                reach = FENCE_RANGES * (high - low)
                ends = (low - reach, high + reach)
                within = [end for end in ends if finite.min() <= end <= finite.max()]
                panels.append(Histogram(with_unit(self.node(code), self.uom(code)), finite, within))
        if not panels:
            return None
        limit, count = self.words(kind, "limit"), self.words(kind, "count")
        return self.figure(kind, HistogramChart(panels, limit, count))

    def heat_map(self) -> Figure | None:
        """Return the place of every city in every indicator."""
        kind, codes = "heat-map", self.scored_codes()
        block = np.column_stack([self.result.column(code)[self.rows] for code in codes])
        with np.errstate(all="ignore"):
            low, high = np.fmin.reduce(block), np.fmax.reduce(block)  # NaN where all are
            shares = (block - low) / np.where(high > low, high - low, np.nan)
        scale = self.axis(kind, "scale", percent=True, low=0.0, high=1.0)
        chart = Matrix2D(self.ranked(), [self.scored(code) for code in codes], shares, scale)
        grey = "" if np.isfinite(shares).all() else self.words(kind, "grey")
        return self.figure(kind, chart, grey=grey)


def numbered(rank: int | None, name: Label) -> Label:
    """Return a name after its rank."""
    return Label(f"{rank}  {name.zh}", f"{rank}  {name.en}") if rank else name


def with_unit(name: Label, uom: Label) -> Label:
    """Return a name with a unit of measure, where there is one."""
    return Label(f"{name.zh}（{uom.zh}）", f"{name.en} ({uom.en})") if uom.zh else name
