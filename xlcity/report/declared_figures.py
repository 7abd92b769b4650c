"""Draws what a report's `chapter.toml` says of each printed figure.

A kind of figure is a method `draw_KIND`; nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    BarSeries,
    Chart,
    Dendrogram,
    DotChart,
    Label,
    Matrix2D,
    Numbers,
    ScatterChart,
    inside,
    joined,
    listed,
)
from xlcity.figures.figure import Figure
from xlcity.figures.panels import decimals_of, signed
from xlcity.figures.point_names import ALL_NAMED
from xlcity.functions.cluster import merge_rows
from xlcity.report.contents import rounded
from xlcity.report.figures import ReportFigures
from xlcity.report.notes import gap_note
from xlcity.report.quantities import LackingError, Quantities, Quantity, block_of
from xlcity.report.row_names import numbered, sized, with_unit
from xlcity.report.source import ReportSource
from xlcity.report.wording import count
from xlcity.reports.declarations import Declaration, coordinates

#: Entries of a declaration that choose cities in a way that its title says.
_TITLED = ("first", "names", "by", "having", "subsets", "groups", "links")

#: What names of methods that draw a kind of figure begin with; the kind follows.
_DRAWS = "draw_"

#: Which cities, by their rows in the data.
Rows = Sequence[int]
#: A chart, the numbers that it shows, and of which cities.
Drawn = tuple[Chart, Sequence[Quantity], Rows]


class DeclaredFigures:
    """Makes the declared figures of one report, for its first group of cities.

    Attributes
    ----------
    figures
        Gives names and texts.
    quantities
        Finds numbers, and chooses the cities of a declaration.
    """

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.result = source.result
        self.units = source.units
        self.figures = ReportFigures(source, source.root)
        self.quantities = Quantities(source)
        self.city = source.city

    @property
    def kinds(self) -> Mapping[str, Callable[[Declaration], Drawn | None]]:
        """What draws each kind of figure."""
        return {
            method.removeprefix(_DRAWS): getattr(self, method)
            for method in dir(self)
            if method.startswith(_DRAWS)
        }

    def declared(self, name: str, title: Label, rule: Declaration) -> Figure | None:
        """Return a figure by its declaration; None where the index lacks its parts.

        Parameters
        ----------
        name, title
            Its id and title.
        rule
            Its kind, its quantities, which cities in which order.
        """
        drawn: Drawn | None = self.quantities.content(rule, self.kinds, self)
        if drawn is None:
            return None
        content, used, rows = drawn
        is_ranked = self._has_ranks(rule, used)
        if is_ranked and rule["node"] != self.source.root and "order" not in rule:
            words = {"title": inside(title), "ranked": self.source.node(rule["node"])}
            title = self.figures.words("declared", "ranked_title", **words)
        # Names, groups and places are not numbers that anyone could take for findings.
        synthetic = self.quantities.synthetic(used, rows) if used else 0
        note = joined(*self._note(rule, content, used, rows), gap_note(repr(content)))
        return Figure(
            name,
            title,
            content,
            note=note,
            source=self.figures.origin,
            synthetic=synthetic,
        )

    def _has_ranks(self, rule: Declaration, used: Sequence[Quantity]) -> bool:
        """Tell whether names of bars are after their ranks."""
        return (
            "node" in rule
            and "where" not in rule
            and not self.quantities.is_mixed(used)
        )

    def _names(
        self, rule: Declaration, used: Sequence[Quantity], rows: Rows
    ) -> list[Label]:
        """Return the names of bars, after their ranks where these are shown."""
        if not self._has_ranks(rule, used):
            return [*map(self.city, rows)]
        code = rule["node"]
        source = self.source
        return [
            numbered(source.rank(row, code), source.marked_city(row, code))
            for row in rows
        ]

    def _series(
        self, rule: Declaration, used: Sequence[Quantity], rows: Rows
    ) -> list[BarSeries]:
        """Return quantities of some cities, scores of dimensions in the colours that these have."""
        names = _names(used, rule)
        return [
            BarSeries(
                name, quantity.values[rows], shade=self.figures.shade(quantity.code)
            )
            for name, quantity in zip(names, used, strict=True)
        ]

    def _axis(self, quantity: Quantity) -> Axis:
        """Return the axis of a quantity: its unit, or that it has scores."""
        uom = quantity.uom
        return Axis(uom if uom.zh else self.figures.words("bars", "x"))

    def draw_bars(self, rule: Declaration) -> Drawn:
        """Return ranked bars: of several quantities beside each other or stacked, or by class."""
        used = self.quantities.all(rule["values"])
        if "over" in rule:
            (own,) = used
            over = self.quantities.find(rule["over"])
            uom = self.figures.words(
                "declared", "over", what=own.label, over=inside(over.label)
            )
            invented = (own.invented_rows or frozenset()) | (
                over.invented_rows or frozenset()
            )
            shares = 100 * own.values / over.values
            used = [Quantity(own.label, shares, uom, invented_rows=invented)]
        by_value = "node" not in rule and "order" not in rule and len(used) == 1
        rows = self.quantities.rows(rule, used, by_value=by_value)
        series = self._series(rule, used, rows)
        ends = list[str]()
        if len(series) == 1:
            code = used[0].code
            ends = _ends(
                series[0].values, self.source.score_decimals(code) if code else None
            )
        if "by" in rule:
            series = self._by_class(rule, rows, series[0].values)
        chart = BarChart(
            self._names(rule, used, rows),
            series,
            self._axis(used[0]),
            stacked=bool(rule.get("stacked")) or "by" in rule,
            ends=ends,
        )
        return chart, used, rows

    def _by_class(
        self, rule: Declaration, rows: Rows, values: Numbers
    ) -> list[BarSeries]:
        """Return a series for each class, with the values of its cities alone."""
        classes, words = self.quantities.classes(rule, rows)
        every = np.array(classes)
        return [
            BarSeries(word, np.where(every == index, values, np.nan))
            for index, word in enumerate(words)
        ]

    def draw_panels(self, rule: Declaration) -> Drawn:
        """Return bars of several quantities side by side, each in its unit."""
        used = self.quantities.all(rule["values"])
        rows = self.quantities.rows(rule, used)
        names = self._names(rule, used, rows)
        series = self._series(rule, used, rows)
        # What no city has a value of would be an empty panel.
        is_filled = [bool(np.isfinite(one.values).any()) for one in series]
        shown = np.flatnonzero(is_filled).tolist() or range(len(series))
        axes = [Axis(used[n].uom) for n in shown]
        return BarPanels(names, [series[n] for n in shown], axes), used, rows

    def draw_dots(self, rule: Declaration) -> Drawn:
        """Return several quantities of a city in one row."""
        used = self.quantities.all(rule["values"])
        rows = self.quantities.rows(rule, used)
        series = self._series(rule, used, rows)
        chart = DotChart([*map(self.city, rows)], series, self._axis(used[-1]))
        return chart, used, rows

    def draw_scatter(self, rule: Declaration) -> Drawn:
        """Return two quantities of each city, with the area of a third."""
        asked = [rule["x"], rule["y"], *rule.get("size", [])]
        used = self.quantities.all(asked)
        values = [quantity.values for quantity in used]
        is_known = np.all(np.isfinite(values), axis=0)
        rows = [row for row in self.quantities.rows(rule, used) if is_known[row]]
        classes, legend = self.quantities.classes(rule, rows)
        lines = [
            [
                float(values[index][rows].mean() if x == "mean" else x)
                for x in rule.get(key, [])
            ]
            for index, key in enumerate(("x_lines", "y_lines"))
        ]
        axes = [Axis(with_unit(quantity.label, quantity.uom)) for quantity in used[:2]]
        chart = ScatterChart(
            [*map(self.city, rows)],
            values[0][rows],
            values[1][rows],
            x=axes[0],
            y=axes[1],
            sizes=values[2][rows] if "size" in rule else None,
            classes=classes,
            legend=legend,
            limits=(lines[0], lines[1]),
            diagonal=bool(rule.get("diagonal")),
        )
        return chart, used, rows

    def draw_map(self, rule: Declaration) -> Drawn | None:
        """Return cities at their coordinates."""
        degrees = coordinates(self.source.spec.id)
        rows = [
            row for row in self.quantities.rows(rule) if self.units[row].id in degrees
        ]
        if not rows:
            return None
        places = [degrees[self.units[row].id] for row in rows]
        up, across = np.array(places).T
        used = self.quantities.all(rule.get("size", []))
        classes, legend = self.quantities.classes(rule, rows)
        axes = [
            Axis(self.figures.words("declared", key))
            for key in ("longitude", "latitude")
        ]
        rings = list[bool]()
        for name, value in rule.get("rings", {}).items():
            rings = [self.units[row].attributes.get(name) == value for row in rows]
            legend = [*legend, self.figures.words("declared", value)]
        chart = ScatterChart(
            [*map(self.city, rows)],
            across,
            up,
            x=axes[0],
            y=axes[1],
            sizes=used[0].values[rows] if used else None,
            classes=classes,
            legend=legend,
            is_map=True,
            rings=rings,
        )
        return chart, used, rows

    def draw_positions(self, rule: Declaration) -> Drawn:
        """Return a line for each quantity: several cities on it, or the means of groups."""
        used = self.quantities.all(rule["values"])
        if "groups" in rule:
            lines = self._group_lines(rule)
        else:
            cities = self.quantities.rows(rule, used)
            lines = [(self.city(row), [row]) for row in cities]
        block = np.array([quantity.values for quantity in used])
        series = [
            BarSeries(name, np.nanmean(block[:, rows], axis=1)) for name, rows in lines
        ]
        every = [row for _, rows in lines for row in rows]
        axis = self._axis(used[0])
        return DotChart(_names(used, rule), series, axis), used, every

    def _group_lines(self, rule: Declaration) -> list[tuple[Label, list[int]]]:
        """Return the groups of a declaration that have cities, by name, with these."""
        kind = self.source.group_type(rule["class"])
        if kind is None:
            raise LackingError(rule["class"])
        lines = []
        for group in kind.groups:
            rows = self.source.members(kind, group, self.source.root)
            if group.value in rule["groups"] and rows:
                lines.append((sized(group, len(rows)), rows))
        return lines

    def draw_matrix(self, rule: Declaration) -> Drawn:
        """Return quantities of cities as coloured cells; as shares of a city's sum."""
        used = self.quantities.all(rule["values"])
        rows = self.quantities.rows(rule, used)
        block = block_of(used, rows, rule)
        if "like" in rule:
            # In the order of the dendrogram of the same numbers.
            from scipy.cluster.hierarchy import leaves_list

            order = leaves_list(
                merge_rows(block, rule["like"], "euclidean", "none")
            ).tolist()
            block, rows = block[order], [rows[index] for index in order]
        # Shares that are all small would be pale on a scale up to 100 %.
        high = None
        if rule.get("shares"):
            high = float(np.ceil(10 * np.nanmax(block)) / 10)
        scale = Axis(
            self.figures.words("declared", "share"), high=high, percent=high is not None
        )
        names = _apart([quantity.label for quantity in used])
        return Matrix2D([*map(self.city, rows)], names, block, scale), used, rows

    def draw_dendrogram(self, rule: Declaration) -> Drawn:
        """Return clusters of the cities by some quantities as they are, or by their shares."""
        tree = self.quantities.merged(rule)
        merges = tree.merges.copy()
        if "rescaled" in rule:
            merges[:, 2] *= rule["rescaled"] / merges[:, 2].max()
        axis = self.figures.axis("dendrogram", "x")
        cities = [*map(self.city, tree.rows)]
        chart = Dendrogram(cities, merges, axis, classes=rule["k"])
        return chart, tree.used, tree.rows

    def draw_framework(self, rule: Declaration) -> Drawn:
        """Return the levels of the framework down to a depth."""
        return self.figures.levels(rule["depth"]), (), ()

    def _note(
        self, rule: Declaration, content: Chart, used: Sequence[Quantity], rows: Rows
    ) -> Iterator[Label]:
        """Yield what a note says: that of the declaration or of the kind, and what applies here."""
        words = self.figures.words
        kind = self._note_kind(rule, used)
        if "note" in rule:
            yield Label(*rule["note"])
        elif kind != "own":
            ranked = self.source.titles(rule.get("node", self.source.root))["node"]
            yield words("declared", kind, ranked=ranked)
        if "remark" in rule:
            yield Label(*rule["remark"])
        if isinstance(content, BarPanels) and _has_gaps(content):
            yield words("declared", "empty")
        if isinstance(content, ScatterChart):
            yield from self._points(rule, content)
        if "names" in rule:
            yield words("declared", "printed_order")
        if self.quantities.is_mixed(used):
            yield words("declared", "as_printed", n=count(len(rows)))
        elif used:
            yield from self._chosen(rule, used, rows)

    def _note_kind(self, rule: Declaration, used: Sequence[Quantity]) -> str:
        """Return the kind of figure by whose note it is read."""
        kind = str(rule["kind"])
        if kind in ("bars", "panels") and self._has_ranks(rule, used):
            return f"ranked {kind}"
        if kind == "positions" and "groups" in rule:
            return "group positions"
        return kind

    def _points(self, rule: Declaration, content: ScatterChart) -> Iterator[Label]:
        """Yield what areas and lines of a scatter chart mean, and that names are left out."""
        if "size" in rule:
            what = self.quantities.find(rule["size"][0]).label
            yield self.figures.words("declared", "area", what=inside(what))
        x, y = content.limits
        lines = [_line_at(content.x, limit) for limit in x]
        lines += [_line_at(content.y, limit) for limit in y]
        if lines:
            yield self.figures.words("declared", "lines_at", lines=listed(lines))
        if content.diagonal:
            yield self.figures.words("declared", "diagonal")
        if len(content.rows) > ALL_NAMED:
            yield self.figures.words("declared", "crowded")

    def _chosen(
        self, rule: Declaration, used: Sequence[Quantity], rows: Rows
    ) -> Iterator[Label]:
        """Yield that cities tie with the last one, or that some have no value."""
        if "first" in rule and len(rows) > rule["first"]:
            yield self.figures.words("declared", "tied", first=rule["first"])
        if any(word in rule for word in _TITLED):
            return
        block = np.array([quantity.values for quantity in used])[:, list(rows)]
        shown = int(np.isfinite(block).any(axis=0).sum())
        matching = self.quantities.matching(rule)
        if shown < len(matching):
            yield self.figures.words(
                "declared", "missing", shown=shown, total=len(matching)
            )


def _has_gaps(content: BarPanels) -> bool:
    """Tell whether any row of panels has no bar."""
    return any(not np.isfinite(panel.values).all() for panel in content.panels)


def _line_at(axis: Axis, limit: float) -> Label:
    """Return where a line parts a chart."""
    shown = signed(f"{limit:g}")
    name = axis.label
    return Label(f"{name.text('zh')} = {shown}", f"{name.text('en')} = {shown}")


def _apart(names: Sequence[Label]) -> list[Label]:
    """Return names without what all of them end with after a colon."""
    ends = {
        (name.zh.rpartition("：")[2], name.en.rpartition(": ")[2]) for name in names
    }
    parts = [
        (name.zh.rpartition("：")[0], name.en.rpartition(": ")[0]) for name in names
    ]
    if len(ends) > 1 or not all(zh and en for zh, en in parts):
        return [*names]
    return [Label(*both) for both in parts]


def _ends(values: Numbers, decimals: int | None = None) -> list[str]:
    """Return the numbers behind bars; without decimals with those that such numbers need."""
    decimals = decimals_of(values) if decimals is None else decimals
    return [
        "" if np.isnan(v) else f"{rounded(v, decimals):,.{decimals}f}"
        for v in values.tolist()
    ]


def _names(quantities: Sequence[Quantity], rule: Declaration) -> list[Label]:
    """Return what series are called: by the declaration's words, or by those of the quantities."""
    labels = rule.get("labels", [[]] * len(quantities))
    return [
        Label(*words) if words else quantity.label
        for words, quantity in zip(labels, quantities, strict=True)
    ]
