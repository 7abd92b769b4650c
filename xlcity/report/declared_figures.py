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
    RadarPanels,
    ScatterChart,
)
from xlcity.figures.figure import Figure
from xlcity.figures.style import cut_to
from xlcity.functions.cluster import merge_block
from xlcity.report.chosen_cities import ChosenCities
from xlcity.report.contents import rounded
from xlcity.report.declared import Declaration, coordinates, maker_of
from xlcity.report.declared_notes import DeclaredNotes, has_ranks
from xlcity.report.figures import ReportFigures, numbered, sized
from xlcity.report.index_figures import with_unit
from xlcity.report.invented_values import printed_places, status_names, status_series
from xlcity.report.quantities import LackingError, Quantity
from xlcity.report.source import ReportSource
from xlcity.report.texts import inside, joined

#: Where half of the points of curves are lower than this share of the highest, all lie at zero.
_FLAT = 0.05
#: Scale of radar charts of groups, in multiples of the greatest mean.
_AROUND_MEANS = 2.0
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
            made: tuple[Chart, Sequence[Quantity]] | None = maker(rule)
        except LackingError:
            # A later edition may have dropped a node; nobody may have given the classes.
            return None
        if made is None:
            return None
        content, used = made
        if has_ranks(rule) and rule["node"] != self.top and "order" not in rule:
            words = {"title": title, "ranked": self.node(rule["node"])}
            title = self.words("declared", "ranked_title", **words)
        # Names, groups and places are not numbers that anyone could take for findings.
        has_numbers = kind != "framework" and (kind != "map" or "size" in rule)
        synthetic = self.quantities.synthetic(used) if has_numbers else 0
        note = DeclaredNotes(self.cities).note(rule, content)
        if self._as_printed(rule, used):
            note, synthetic = joined([note, self.words("declared", "as_printed")]), 0
        return Figure(name, title, content, note, self.origin, synthetic)

    @property
    def _makers(self) -> Mapping[str, Any]:
        return {
            "bars": self._bars, "panels": self._panels, "dots": self._dots, "lines": self._lines,
            "scatter": self._scatter, "map": self._map, "radar": self._radar,
            "radar panels": self._radar_panels, "groups of radars": self._group_radars,
            "means": self._means, "matrix": self._matrix, "dendrogram": self._tree_of,
            "network": self._network, "framework": self._framework,
            "histograms": self._histograms,
        }  # fmt: skip

    def _bars(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return ranked bars: of several quantities beside each other or stacked, or by class."""
        found = self.quantities.all(rule["values"])
        if "over" in rule:
            over = self.quantities.find(rule["over"])
            values = 100 * found[0].values / over.values
            invented = found[0].invented + over.invented
            both = {"what": found[0].label, "over": inside(over.label)}
            uom, either = self.words("declared", "over", **both), over.invented_rows
            either |= found[0].invented_rows
            found = [Quantity(found[0].label, values, uom, invented, invented_rows=either)]
        ranked_here = "node" not in rule and "order" not in rule
        rows = self.cities.rows(rule, found[0].values if ranked_here and len(found) == 1 else None)
        names = [self.city(row) for row in rows]
        if has_ranks(rule):
            ranks = [self.source.rank(row, rule["node"]) for row in rows]
            marked = [self.source.marked_city(row, rule["node"]) for row in rows]
            names = [numbered(rank, name) for rank, name in zip(ranks, marked, strict=True)]
        names = status_names(names, found, rows)
        series = self._series(found, rule, rows)
        ends: Sequence[str] = ()
        used = [*found]
        if len(series) == 1:
            code = found[0].code
            ends = _ends(series[0].values, self.source.score_decimals(code) if code else None)
        if "by" in rule:
            classes, words, invented = self.cities.classes(rule, rows)
            own = np.array(classes)
            series = [
                BarSeries(word, np.where(own == at, series[0].values, np.nan))
                for at, word in enumerate(words)
            ]
            used.append(Quantity(Label(""), own.astype(float), invented=invented))
        axis = Axis(found[0].uom if found[0].uom.zh else self.words("bars", "x"))
        stacked = bool(rule.get("stacked")) or "by" in rule
        return BarChart(names, series, axis, stacked, ends), used

    def _panels(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return bars of several quantities side by side, each in its unit."""
        found = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        code = rule.get("node", self.top)
        ranks = [(self.source.rank(row, code), self.source.marked_city(row, code)) for row in rows]
        if places := self._as_printed(rule, found):
            rows = [row for row, _ in places]
            ranks = [(place, self.city(row)) for row, place in places]
        names = status_names([numbered(*pair) for pair in ranks], found, rows)
        panels = self._series(found, rule, rows)
        return BarPanels(names, panels, [Axis(one.uom) for one in found]), found

    def _as_printed(self, rule: Declaration, found: Sequence[Quantity]) -> list[tuple[int, int]]:
        """Return cities with printed places; none where invented values replace no printed one."""
        if not rule.get("as_printed"):
            return []
        return printed_places(self.source, rule["node"], found)[: rule["first"]]

    def _series(
        self, found: Sequence[Quantity], rule: Declaration, rows: Sequence[int]
    ) -> list[BarSeries]:
        """Return quantities of some cities, scores of dimensions in the colours that these have."""
        return [
            BarSeries(_named(one, rule, at), one.values[rows], shade=self.shade(one.code))
            for at, one in enumerate(found)
        ]

    def _dots(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return several quantities of a city in one row."""
        found = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        series = status_series(self._series(found, rule, rows), found, rows)
        axis = Axis(found[-1].uom if found[-1].uom.zh else self.words("bars", "x"))
        return DotChart([self.city(row) for row in rows], series, axis), found

    def _lines(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return a series over years: of the first cities, or of the sum over all by field."""
        series = rule["series"]
        keys = self.quantities.keys(series)
        found = self.quantities.all([f"series:{series}/{key}" for key, *_ in keys])
        years = np.array([float(key) for key, *_ in keys])
        rows = self.cities.rows(rule, found[-1].values)
        block = np.array([one.values for one in found])
        curves = [Curve(self.city(row), years, block[:, row]) for row in rows]
        if "fields" in rule:
            parts = self.quantities.keys(rule["fields"])[: rule["first_fields"]]
            fields = self.quantities.all([f"series:{rule['fields']}/{key}" for key, *_ in parts])
            total = np.nansum(block, axis=1) / max(float(np.nansum(block[-1])), 1.0)
            curves = [Curve(one.label, years, total * np.nansum(one.values)) for one in fields]
            found = [*found, *fields]
        x = Axis(self.words("declared", "year"), whole=True)
        every = np.concatenate([curve.y for curve in curves])
        y = Axis(found[0].uom, low=0.0)
        if np.nanmedian(every) < _FLAT * np.nanmax(every):
            y = Axis(self.words("declared", "log", uom=found[0].uom), log=True)
            curves = [replace(one, y=np.where(one.y > 0, one.y, np.nan)) for one in curves]
        return LineChart(curves, x, y), found

    def _scatter(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return two quantities of each city, with the area of a third."""
        found = self.quantities.all([rule["x"], rule["y"], *rule.get("size", [])])
        values = [one.values for one in found]
        rows = [r for r in self.cities.rows(rule) if all(np.isfinite(v[r]) for v in values)]
        classes, legend, _ = self.cities.classes(rule, rows)
        lines = [[self._line(limit, values[at][rows]) for limit in rule.get(key, [])]
                 for at, key in enumerate(("x_lines", "y_lines"))]  # fmt: skip
        axes = [Axis(with_unit(one.label, one.uom)) for one in found[:2]]
        chart = ScatterChart(
            [self.city(row) for row in rows], values[0][rows], values[1][rows], axes[0], axes[1],
            values[2][rows] if "size" in rule else None, classes, legend,
            (lines[0], lines[1]), diagonal=bool(rule.get("diagonal")),
        )  # fmt: skip
        return chart, found

    @staticmethod
    def _line(limit: float | str, values: Numbers) -> float:
        return float(np.mean(values)) if limit == "mean" else float(limit)

    def _map(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]] | None:
        """Return cities at their coordinates."""
        known = coordinates(self.source.spec.id)
        rows = [row for row in self.cities.rows(rule) if self.units[row].id in known]
        if not rows:
            return None
        up, across = np.array([known[self.units[row].id] for row in rows]).T
        found = self.quantities.all(rule.get("size", []))
        classes, legend, _ = self.cities.classes(rule, rows)
        axes = [Axis(self.words("declared", key)) for key in ("longitude", "latitude")]
        sizes = found[0].values[rows] if found else None
        names = [self.city(row) for row in rows]
        rings: list[bool] = []
        if "rings" in rule:
            ((name, value),) = rule["rings"].items()
            rings = [self.units[row].attributes.get(name) == value for row in rows]
            legend = [*legend, self.words("declared", value)]
        chart = ScatterChart(
            names, across, up, axes[0], axes[1], sizes, classes, legend, is_map=True, rings=rings
        )
        return chart, found

    def _radar(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return several cities over the same spokes."""
        found = self.quantities.all(rule["values"])
        series = [
            BarSeries(self.city(row), np.array([one.values[row] for one in found]))
            for row in self.cities.rows(rule)
        ]
        return RadarChart([one.label for one in found], series, Axis(Label(""), low=0.0)), found

    def _radar_panels(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return a radar chart per city, of the shares of its quantities in their sum."""
        found = self.quantities.all(rule["values"])
        rows, order = self.cities.rows(rule), self.quantities.find(rule["order"])
        block = np.array([[one.values[row] for one in found] for row in rows])
        shares = 100 * block / block.sum(axis=1, keepdims=True)
        axis = Axis(Label(""), low=0.0, high=float(np.ceil(shares.max() / 10) * 10))
        spokes, names = [one.label for one in found], [self.city(row) for row in rows]
        charts = [
            RadarChart(spokes, [BarSeries(name, line)], axis)
            for name, line in zip(names, shares, strict=True)
        ]
        return RadarPanels(names, charts), [*found, order]

    def _group_radars(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return a radar chart per group: the mean in front of the lines of its cities."""
        found = self.quantities.all(rule["values"])
        if (kind := self.source.group_type(rule["class"])) is None:
            raise LackingError(rule["class"])
        names, charts = [], []
        means = [
            float(
                np.nanmean(one.values[self.source.members(kind, group, self.top, self.population)])
            )
            for group in kind.groups
            for one in found
            if group.value in rule["groups"]
        ]
        # On a scale of the farthest city all means would lie in the middle.
        high = float(10 * np.ceil(_AROUND_MEANS * max(means) / 10))
        for group in kind.groups:
            if group.value not in rule["groups"]:
                continue
            rows = self.source.members(kind, group, self.top, self.population)
            block = np.array([[one.values[row] for one in found] for row in rows])
            mean = BarSeries(self.words("radar", "mean"), block.mean(axis=0))
            lines = [BarSeries(self.city(row), line) for row, line in zip(rows, block, strict=True)]
            axis = Axis(Label(""), low=0.0, high=high)
            spokes = [_named(one, rule, at) for at, one in enumerate(found)]
            charts.append(RadarChart(spokes, [mean, *lines], axis))
            names.append(sized(group, len(rows)))
        return RadarPanels(names, charts), found

    def _means(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return means of subsets of the cities, a series per subset."""
        found = self.quantities.all(rule["values"])
        series = []
        for subset in rule["subsets"]:
            rows = self.cities.rows({"where": subset["where"]})
            label = Label(*(f"{word} ({len(rows)})" for word in subset["name"]))
            means = [float(np.nanmean(one.values[rows])) for one in found]
            series.append(BarSeries(label, np.array(means)))
        axis = self.axis("groups", "x")
        return BarChart([one.label for one in found], series, axis), found

    def _matrix(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return quantities of cities as coloured cells; as shares of a city's sum."""
        found = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        block = _block(found, rows, rule)
        if "like" in rule:
            # In the order of the dendrogram of the same numbers.
            from scipy.cluster.hierarchy import leaves_list

            rows_of = leaves_list(merge_block(block, rule["like"], "euclidean", "none")).tolist()
            block, rows = block[rows_of], [rows[at] for at in rows_of]
        # Shares that are all small would be pale on a scale up to 100 %.
        high = float(np.ceil(10 * np.nanmax(block)) / 10) if rule.get("shares") else None
        scale = Axis(self.words("declared", "share"), high=high, percent=high is not None)
        names = [self.city(row) for row in rows]
        return Matrix2D(names, apart([one.label for one in found]), block, scale), found

    def _tree_of(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return clusters of the cities by some quantities as they are, or by their shares."""
        found = self.quantities.all(rule["values"])
        rows = self.cities.rows(rule)
        block = _block(found, rows, rule)
        made = merge_block(block, rule["linkage"], rule["metric"], "none")
        if "rescaled" in rule:
            made[:, 2] *= rule["rescaled"] / made[:, 2].max()
        names = [self.city(row) for row in rows]
        return Dendrogram(names, made, self.axis("dendrogram", "x"), rule["k"]), found

    def _network(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]] | None:
        """Return cities around a circle with the strongest of their links."""
        found = self.quantities.find(f"links:{rule['links']}")
        everyone = [row for row, unit in enumerate(self.units) if unit.population]
        classes, legend, _ = self.cities.classes(rule, everyone)
        order = sorted(
            range(len(everyone)), key=lambda at: (classes[at], -found.values[everyone[at]])
        )
        rows = [everyone[at] for at in order]
        place = {self.units[row].id: at for at, row in enumerate(rows)}
        block = np.full((len(rows), len(rows)), np.nan)
        for link in self.result.dataset.links.get(rule["links"], ()):
            if link.start in place and link.end in place and link.value > 0:
                at = place[link.start], place[link.end]
                block[at] = block[at[::-1]] = link.value
        if not np.isfinite(block).any():
            return None
        names = [
            Label(cut_to(name.zh, _NAME), cut_to(name.en, _NAME)) for name in map(self.city, rows)
        ]
        ordered = [classes[at] for at in order]
        return NetworkChart(names, block, found.values[rows], ordered, legend), [found]

    def _framework(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return the levels of the framework down to a depth."""
        return self.levels(rule["depth"]), ()

    def _histograms(self, rule: Declaration) -> tuple[Chart, Sequence[Quantity]]:
        """Return standardised values of each indicator, with the limits that they are cut at."""
        limit, panels = float(rule["limit"]), []
        for at, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[self.rows, at]
            known = values[np.isfinite(values)]
            spread = float(known.std()) if known.size else 0.0
            if spread > 0:
                z = (known - known.mean()) / spread
                panels.append(Histogram(self.node(code), z, (-limit, limit)))
        legend = self.words("declared", "limit", limit=f"{limit:g}")
        return HistogramChart(panels, legend, self.words("declared", "count")), ()


def apart(names: Sequence[Label]) -> list[Label]:
    """Return names without what all of them end with after a colon."""
    ends = {(one.zh.rpartition("：")[2], one.en.rpartition(": ")[2]) for one in names}
    parts = [(one.zh.rpartition("：")[0], one.en.rpartition(": ")[0]) for one in names]
    if len(ends) > 1 or not all(zh and en for zh, en in parts):
        return [*names]
    return [Label(*both) for both in parts]


def _ends(values: Numbers, decimals: int | None = None) -> list[str]:
    """Return the numbers behind bars; without decimals with those that such numbers need."""
    known = values[np.isfinite(values)]
    whole = bool((known == np.floor(known)).all())
    large = float(np.abs(known).max(initial=0.0)) >= _LARGE
    if decimals is None:
        decimals = 0 if whole else 1 if large else 2
    return ["" if np.isnan(v) else f"{rounded(v, decimals):,.{decimals}f}" for v in values.tolist()]


def _block(found: Sequence[Quantity], rows: Sequence[int], rule: Declaration) -> Numbers:
    """Return quantities of cities, a column each; where declared, as shares of a city's sum."""
    block = np.column_stack([one.values[rows] for one in found])
    return block / block.sum(axis=1, keepdims=True) if rule.get("shares") else block


def _named(one: Quantity, rule: Declaration, at: int) -> Label:
    """Return what a series is called: the declaration's words, or those of the quantity."""
    words = rule["labels"][at] if "labels" in rule else []
    return Label(*words) if words else one.label
