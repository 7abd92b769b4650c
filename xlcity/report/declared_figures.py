"""Draws what a report's `chapter.toml` says of each printed figure: one maker per kind of chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    BarSeries,
    Chart,
    Curve,
    Dendrogram,
    DotChart,
    Histogram,
    HistogramChart,
    Label,
    LineChart,
    Matrix2D,
    NetworkChart,
    Numbers,
    RadarChart,
    ScatterChart,
)
from xlcity.figures.figure import Figure
from xlcity.figures.fonts import cut_to
from xlcity.functions.cluster import merge_block
from xlcity.report.chosen_cities import ChosenCities
from xlcity.report.contents import rounded
from xlcity.report.declared import Declaration, coordinates, maker_of
from xlcity.report.declared_notes import DeclaredNotes, has_ranks
from xlcity.report.figure_texts import numbered
from xlcity.report.figures import ReportFigures, sized
from xlcity.report.index_figures import with_unit
from xlcity.report.invented_values import printed_places, status_names, status_series
from xlcity.report.quantities import LackingError, Quantity
from xlcity.report.source import ReportSource
from xlcity.report.texts import inside, joined

#: Where half of the points of curves are lower than this share of the highest, all lie at zero.
_FLAT = 0.05
#: Names of a network are cut after this many times the size of their type.
_NAME = 14.0
#: From here on numbers behind bars have one decimal instead of two.
_LARGE = 100.0


class DeclaredFigures(ReportFigures):
    """Makes the declared figures of one report, for its first group of cities."""

    def __init__(self, source: ReportSource, code: str, population: str) -> None:
        super().__init__(source, code, population)
        self.cities = ChosenCities(self)
        self.quantities = self.cities.quantities

    def declared(self, name: str, title: Label, rule: Declaration) -> Figure | None:
        """Return a figure by its declaration; None where the index lacks its parts.

        Parameters
        ----------
        name, title
            Its id and title.
        rule
            Its kind, its quantities, which cities in which order.
        """
        kind = rule["kind"]
        try:
            if "node" in rule:
                self.quantities.find(f"score:{rule['node']}")
            maker = maker_of(self.source.spec.id, rule, self._makers, self)
            drawn: tuple[Chart, Sequence[Quantity]] | None = maker(rule)
        except LackingError:
            # A later edition may have dropped a node; nobody may have given the classes.
            return None
        if drawn is None:
            return None
        content, used = drawn
        if has_ranks(rule) and rule["node"] != self.top and "order" not in rule:
            words = {"title": title, "ranked": self.node(rule["node"])}
            title = self.words("declared", "ranked_title", **words)
        # Names, groups and places are not numbers that anyone could take for findings.
        has_numbers = kind != "framework" and (kind != "map" or "size" in rule)
        synthetic = self.quantities.synthetic(used) if has_numbers else 0
        note = DeclaredNotes(self.cities).note(rule, content)
        if self._as_printed(rule, used):
            note, synthetic = joined(note, self.words("declared", "as_printed")), 0
        return Figure(name, title, content, note, self.origin, synthetic)

    @property
    def _makers(self) -> Mapping[str, Any]:
        return {
            "bars": self._bars, "panels": self._panels, "dots": self._dots, "lines": self._lines,
            "scatter": self._scatter, "map": self._map, "radar": self._radar,
            "means": self._means, "matrix": self._matrix, "dendrogram": self._tree_of,
            "network": self._network, "framework": self._framework,
            "histograms": self._histograms,
        }  # fmt: skip

    def _bars(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return ranked bars: of several quantities beside each other or stacked, or by class."""
        quantities = self.quantities.all(rule["values"])
        if "over" in rule:
            over = self.quantities.find(rule["over"])
            values = 100 * quantities[0].values / over.values
            invented = quantities[0].invented + over.invented
            both = {"what": quantities[0].label, "over": inside(over.label)}
            uom, either = self.words("declared", "over", **both), over.invented_rows
            either |= quantities[0].invented_rows
            quantities = [
                Quantity(quantities[0].label, values, uom, invented, invented_rows=either)
            ]
        ranked_here = "node" not in rule and "order" not in rule
        rows = self.cities.rows(
            rule, quantities[0].values if ranked_here and len(quantities) == 1 else None
        )
        names = [self.city(row) for row in rows]
        if has_ranks(rule):
            ranks = [self.source.rank(row, rule["node"]) for row in rows]
            marked = [self.source.marked_city(row, rule["node"]) for row in rows]
            names = [numbered(rank, name) for rank, name in zip(ranks, marked, strict=True)]
        names = status_names(names, quantities, rows)
        series = self._series(quantities, rule, rows)
        ends: Sequence[str] = ()
        used = [*quantities]
        if len(series) == 1:
            code = quantities[0].code
            ends = _ends(series[0].values, self.source.score_decimals(code) if code else None)
        if "by" in rule:
            classes, words, invented = self.cities.classes(rule, rows)
            own = np.array(classes)
            series = [
                BarSeries(word, np.where(own == index, series[0].values, np.nan))
                for index, word in enumerate(words)
            ]
            used.append(Quantity(Label(""), own.astype(float), invented=invented))
        axis = Axis(quantities[0].uom if quantities[0].uom.zh else self.words("bars", "x"))
        stacked = bool(rule.get("stacked")) or "by" in rule
        return BarChart(names, series, axis, stacked, ends), used

    def _panels(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return bars of several quantities side by side, each in its unit."""
        quantities = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        code = rule.get("node", self.top)
        ranks = [(self.source.rank(row, code), self.source.marked_city(row, code)) for row in rows]
        if printed := self._as_printed(rule, quantities):
            rows = [row for row, _ in printed]
            ranks = [(rank, self.city(row)) for row, rank in printed]
        names = status_names([numbered(*pair) for pair in ranks], quantities, rows)
        panels = self._series(quantities, rule, rows)
        return BarPanels(names, panels, [Axis(quantity.uom) for quantity in quantities]), quantities

    def _as_printed(
        self, rule: Declaration, quantities: Sequence[Quantity]
    ) -> list[tuple[int, int]]:
        """Return cities with printed places; none where invented values replace no printed one."""
        if not rule.get("as_printed"):
            return []
        return printed_places(self.source, rule["node"], quantities)[: rule["first"]]

    def _series(
        self, quantities: Sequence[Quantity], rule: Declaration, rows: Sequence[int]
    ) -> list[BarSeries]:
        """Return quantities of some cities, scores of dimensions in the colours that these have."""
        return [
            BarSeries(
                _named(quantity, rule, index),
                quantity.values[rows],
                shade=self.shade(quantity.code),
            )
            for index, quantity in enumerate(quantities)
        ]

    def _dots(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return several quantities of a city in one row."""
        quantities = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        series = status_series(self._series(quantities, rule, rows), quantities, rows)
        axis = Axis(quantities[-1].uom if quantities[-1].uom.zh else self.words("bars", "x"))
        return DotChart([self.city(row) for row in rows], series, axis), quantities

    def _lines(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return a series over years: of the first cities, or of the sum over all by field."""
        series = rule["series"]
        keys = self.quantities.keys(series)
        quantities = self.quantities.all([f"series:{series}/{key}" for key, *_ in keys])
        years = np.array([float(key) for key, *_ in keys])
        rows = self.cities.rows(rule, quantities[-1].values)
        block = np.array([quantity.values for quantity in quantities])
        curves = [Curve(self.city(row), years, block[:, row]) for row in rows]
        if "fields" in rule:
            parts = self.quantities.keys(rule["fields"])[: rule["first_fields"]]
            fields = self.quantities.all([f"series:{rule['fields']}/{key}" for key, *_ in parts])
            total = np.nansum(block, axis=1) / max(float(np.nansum(block[-1])), 1.0)
            curves = [
                Curve(quantity.label, years, total * np.nansum(quantity.values))
                for quantity in fields
            ]
            quantities = [*quantities, *fields]
        x = Axis(self.words("declared", "year"), whole=True)
        every = np.concatenate([curve.y for curve in curves])
        y = Axis(quantities[0].uom, low=0.0)
        if np.nanmedian(every) < _FLAT * np.nanmax(every):
            y = Axis(self.words("declared", "log", uom=quantities[0].uom), log=True)
            curves = [replace(curve, y=np.where(curve.y > 0, curve.y, np.nan)) for curve in curves]
        return LineChart(curves, x, y), quantities

    def _scatter(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return two quantities of each city, with the area of a third."""
        quantities = self.quantities.all([rule["x"], rule["y"], *rule.get("size", [])])
        values = [quantity.values for quantity in quantities]
        rows = [r for r in self.cities.rows(rule) if all(np.isfinite(v[r]) for v in values)]
        classes, legend, _ = self.cities.classes(rule, rows)
        lines = [[self._line(limit, values[index][rows]) for limit in rule.get(key, [])]
                 for index, key in enumerate(("x_lines", "y_lines"))]  # fmt: skip
        axes = [Axis(with_unit(quantity.label, quantity.uom)) for quantity in quantities[:2]]
        chart = ScatterChart(
            [self.city(row) for row in rows], values[0][rows], values[1][rows], axes[0], axes[1],
            values[2][rows] if "size" in rule else None, classes, legend,
            (lines[0], lines[1]), diagonal=bool(rule.get("diagonal")),
        )  # fmt: skip
        return chart, quantities

    @staticmethod
    def _line(limit: float | str, values: Numbers) -> float:
        return float(np.mean(values)) if limit == "mean" else float(limit)

    def _map(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]] | None:
        """Return cities at their coordinates."""
        degrees = coordinates(self.source.spec.id)
        rows = [row for row in self.cities.rows(rule) if self.units[row].id in degrees]
        if not rows:
            return None
        up, across = np.array([degrees[self.units[row].id] for row in rows]).T
        quantities = self.quantities.all(rule.get("size", []))
        classes, legend, _ = self.cities.classes(rule, rows)
        axes = [Axis(self.words("declared", key)) for key in ("longitude", "latitude")]
        sizes = quantities[0].values[rows] if quantities else None
        names = [self.city(row) for row in rows]
        rings: list[bool] = []
        if "rings" in rule:
            ((name, value),) = rule["rings"].items()
            rings = [self.units[row].attributes.get(name) == value for row in rows]
            legend = [*legend, self.words("declared", value)]
        chart = ScatterChart(
            names, across, up, axes[0], axes[1], sizes, classes, legend, is_map=True, rings=rings
        )
        return chart, quantities

    def _radar(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return several cities over the same spokes, or the means of groups of cities."""
        quantities = self.quantities.all(rule["values"])
        lines = [(self.city(row), [row]) for row in self.cities.rows(rule)]
        if "groups" in rule:
            if (kind := self.source.group_type(rule["class"])) is None:
                raise LackingError(rule["class"])
            groups = [group for group in kind.groups if group.value in rule["groups"]]
            members = [self.source.members(kind, g, self.top, self.population) for g in groups]
            sizes = zip(groups, members, strict=True)
            lines = [(sized(group, len(rows)), rows) for group, rows in sizes]
        series = [
            BarSeries(name, np.array([float(np.nanmean(q.values[rows])) for q in quantities]))
            for name, rows in lines
        ]
        spokes = [_named(quantity, rule, index) for index, quantity in enumerate(quantities)]
        return RadarChart(spokes, series, Axis(Label(""), low=0.0)), quantities

    def _means(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return means of subsets of the cities, a series per subset."""
        quantities = self.quantities.all(rule["values"])
        series = []
        for subset in rule["subsets"]:
            rows = self.cities.rows({"where": subset["where"]})
            label = Label(*(f"{word} ({len(rows)})" for word in subset["name"]))
            means = [float(np.nanmean(quantity.values[rows])) for quantity in quantities]
            series.append(BarSeries(label, np.array(means)))
        axis = self.axis("groups", "x")
        return BarChart([quantity.label for quantity in quantities], series, axis), quantities

    def _matrix(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return quantities of cities as coloured cells; as shares of a city's sum."""
        quantities = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        block = _block(quantities, rows, rule)
        if "like" in rule:
            # In the order of the dendrogram of the same numbers.
            from scipy.cluster.hierarchy import leaves_list

            rows_of = leaves_list(merge_block(block, rule["like"], "euclidean", "none")).tolist()
            block, rows = block[rows_of], [rows[index] for index in rows_of]
        # Shares that are all small would be pale on a scale up to 100 %.
        high = float(np.ceil(10 * np.nanmax(block)) / 10) if rule.get("shares") else None
        scale = Axis(self.words("declared", "share"), high=high, percent=high is not None)
        names = [self.city(row) for row in rows]
        return Matrix2D(
            names, apart([quantity.label for quantity in quantities]), block, scale
        ), quantities

    def _tree_of(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return clusters of the cities by some quantities as they are, or by their shares."""
        quantities = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        block = _block(quantities, rows, rule)
        merges = merge_block(block, rule["linkage"], rule["metric"], "none")
        if "rescaled" in rule:
            merges[:, 2] *= rule["rescaled"] / merges[:, 2].max()
        names = [self.city(row) for row in rows]
        return Dendrogram(names, merges, self.axis("dendrogram", "x"), rule["k"]), quantities

    def _network(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]] | None:
        """Return cities around a circle with the strongest of their links."""
        strength = self.quantities.find(f"links:{rule['links']}")
        everyone = [row for row, unit in enumerate(self.units) if unit.population]
        classes, legend, _ = self.cities.classes(rule, everyone)
        order = sorted(
            range(len(everyone)),
            key=lambda index: (classes[index], -strength.values[everyone[index]]),
        )
        rows = [everyone[index] for index in order]
        position = {self.units[row].id: index for index, row in enumerate(rows)}
        block = np.full((len(rows), len(rows)), np.nan)
        for link in self.result.dataset.links.get(rule["links"], ()):
            if link.start in position and link.end in position and link.value > 0:
                index = position[link.start], position[link.end]
                block[index] = block[index[::-1]] = link.value
        if not np.isfinite(block).any():
            return None
        names = [
            Label(cut_to(name.zh, _NAME), cut_to(name.en, _NAME)) for name in map(self.city, rows)
        ]
        ordered = [classes[index] for index in order]
        return NetworkChart(names, block, strength.values[rows], ordered, legend), [strength]

    def _framework(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return the levels of the framework down to a depth."""
        return self.levels(rule["depth"]), ()

    def _histograms(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return standardised values of each indicator, with the limits that they are cut at."""
        limit, panels = float(rule["limit"]), []
        for column, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[self.rows, column]
            finite = values[np.isfinite(values)]
            spread = float(finite.std()) if finite.size else 0.0
            if spread > 0:
                z = (finite - finite.mean()) / spread
                panels.append(Histogram(self.node(code), z, (-limit, limit)))
        legend = self.words("declared", "limit", limit=f"{limit:g}")
        return HistogramChart(panels, legend, self.words("declared", "count")), ()


def apart(names: Sequence[Label]) -> list[Label]:
    """Return names without what all of them end with after a colon."""
    ends = {(name.zh.rpartition("：")[2], name.en.rpartition(": ")[2]) for name in names}
    parts = [(name.zh.rpartition("：")[0], name.en.rpartition(": ")[0]) for name in names]
    if len(ends) > 1 or not all(zh and en for zh, en in parts):
        return [*names]
    return [Label(*both) for both in parts]


def _ends(values: Numbers, decimals: int | None = None) -> list[str]:
    """Return the numbers behind bars; without decimals with those that such numbers need."""
    finite = values[np.isfinite(values)]
    has_whole_numbers = bool((finite == np.floor(finite)).all())
    large = float(np.abs(finite).max(initial=0.0)) >= _LARGE
    if decimals is None:
        decimals = 0 if has_whole_numbers else 1 if large else 2
    return ["" if np.isnan(v) else f"{rounded(v, decimals):,.{decimals}f}" for v in values.tolist()]


def _block(quantities: Sequence[Quantity], rows: Sequence[int], rule: Declaration) -> Numbers:
    """Return quantities of cities, a column each; where declared, as shares of a city's sum."""
    block = np.column_stack([quantity.values[rows] for quantity in quantities])
    return block / block.sum(axis=1, keepdims=True) if rule.get("shares") else block


def _named(quantity: Quantity, rule: Declaration, index: int) -> Label:
    """Return what a series is called: the declaration's words, or those of the quantity."""
    words = rule["labels"][index] if "labels" in rule else []
    return Label(*words) if words else quantity.label
