"""The figures of a report on any index; each is made only when it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain, groupby
from typing import Any

import numpy as np

from xlcity.assess.clusters import dendrogram
from xlcity.assess.statistics import (
    codes_under_root,
    correlate,
    outlier_limits,
    population_rows,
)
from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    BarSeries,
    Chart,
    Curve,
    Dendrogram,
    DotChart,
    DotPanels,
    Histogram,
    HistogramChart,
    Label,
    LineChart,
    Matrix2D,
    Numbers,
    SlopeChart,
    TreeDiagram,
    inside,
    joined,
    listed,
    pair_name,
)
from xlcity.figures.draw_heat_table import CELL
from xlcity.figures.figure import Figure
from xlcity.figures.panels import most_rows, row_columns
from xlcity.figures.point_names import ALL_NAMED
from xlcity.figures.style import figure_style
from xlcity.index.compute import rank_among
from xlcity.model.panel import edition_times
from xlcity.report import messages
from xlcity.report.city_map import city_map
from xlcity.report.contents import NOTHING, points
from xlcity.report.dot_charts import DotCharts
from xlcity.report.headline import headline
from xlcity.report.heat_table import heat_table
from xlcity.report.lead_bars import lead_bars
from xlcity.report.notes import gap_note, group_suffix
from xlcity.report.quadrant import quadrant
from xlcity.report.rank_spans import rank_spans
from xlcity.report.row_names import numbered, sized, through_ties, with_unit
from xlcity.report.source import ReportSource
from xlcity.report.story.change import EditionChanges
from xlcity.report.story.sections import Chapter
from xlcity.report.story.tiers import Tiers, find_tiers
from xlcity.report.strips import pair_strip, strip_chart, strip_codes, strip_of
from xlcity.report.texts import all_cities, filled, report_texts, say
from xlcity.report.wording import place_words
from xlcity.reports.report import Group, GroupType

#: Cities of a figure of first places, and up to how many all are shown; quantities side by side.
_FIRST = 20
_EVERY = 25
PANELS = 6
#: Most cities that a chart on one page has a row for.
MOST_ROWS = 240
#: Cities of the first two tiers, at most, that a table has a row for each.
_MOST_HEATED = 40
#: Cities whose scores over editions are drawn.
_TRACED = 8
#: Lines of a figure of strips.
_LEAST_STRIPS = 4
#: Panels of dots of a figure, at most.
_MOST_PANELS = 12
#: Clusters that differ in colour.
_CLASSES = 5
#: First cities whose leads are shown in parts.
_LEADING = 10


class ReportFigures:
    """Declares the figures of one node and one group of cities.

    Parameters
    ----------
    source
        The index.
    code
        The node.
    population
        The group of cities.
    """

    def __init__(self, source: ReportSource, code: str, population: str = "") -> None:
        self.source = source
        self.result = source.result
        self.units = source.units
        self.top = code
        self.population = population or source.population
        self.texts = report_texts("figures")
        #: Of cities that share a rank the higher score is first, as in the tables.
        self.rows = np.array(source.order(code, population), dtype=np.int64)
        self.titles = source.titles(code)
        self.origin = say(
            "source", name=Label(source.spec.name_zh, source.spec.name_en)
        )

    # Texts and axes.

    def shade(self, code: str) -> int | None:
        """Return the place of the colour that the whole or a dimension has in every figure."""
        tree = self.result.framework
        every = [
            tree.root.code,
            *(child.code for child in tree.children(tree.root.code)),
        ]
        fits = len(every) <= len(figure_style().colour["series"])
        return every.index(code) if code in every and fits else None

    def ranked(self, rows: Iterable[int] | None = None) -> list[Label]:
        """Return names after their ranks, of all cities unless some are given."""
        ranks = self.result.rank(self.top)
        rows = self.rows.tolist() if rows is None else rows
        return [
            numbered(int(ranks[row]), self.source.marked_city(row, self.top))
            for row in rows
        ]

    def words(self, kind: str, key: str, **values: object) -> Label:
        """Return a text of a figure with its values, each a text or a label."""
        return filled(self.texts[kind][key], {**self.titles, **values})

    def figure(
        self,
        kind: str,
        content: Chart,
        *,
        name: str = "",
        note: str = "note",
        message: Label = NOTHING,
        rows: Sequence[int] = (),
        **values: object,
    ) -> Figure:
        """Return a figure with the texts of its kind.

        Its title says what is seen, where a message does; then its subtitle what is drawn. That
        says of how many cities and of which edition, too.

        Parameters
        ----------
        name
            Its id, if it is not that of the kind.
        note
            Which of the kind's notes it has.
        rows
            The cities that it has a row for each, where that could be all of them.
        values
            What its texts say; `n` is the number of cities that it shows.
        """
        suffix, group = group_suffix(self.source, self.population)
        # The first 24 of 24 cities are all of them.
        is_every = "every" in self.texts[kind] and values["n"] == len(self.rows)
        values["all"] = inside(all_cities(len(self.rows)))
        shown = self.words(kind, "every" if is_every else "title", **values)
        shown = Label(shown.zh + group.zh, shown.en + group.en)
        notes = [self.words(kind, note, **values), gap_note(repr(content))]
        edition = self.source.spec.edition
        key = "figure.cities" if edition else "figure.cities.undated"
        parts = [say(key, n=len(self.rows), edition=edition)]
        if message != NOTHING and not self.source.synthetic:
            parts.insert(0, shown)
            shown = message
        if 0 < len(rows) < len(self.rows):
            parts.append(say("figure.first", n=len(rows)))
        subtitle = listed(parts, zh="，")
        return Figure(
            f"{name or kind}{suffix}",
            shown,
            content,
            note=joined(*notes, self.source.derived_note),
            source=self.origin,
            synthetic=self.source.synthetic,
            subtitle=subtitle,
        )

    def axis(self, kind: str, key: str, **options: Any) -> Axis:
        """Return an axis with its text."""
        return Axis(self.words(kind, key), **options)

    def score_axis(self, kind: str) -> Axis:
        """Return an axis of scores, whose numbers have the decimals of the text."""
        return self.axis(kind, "x", decimals=self.source.text_decimals)

    # Figures.

    @cached_property
    def charted_rows(self) -> list[int]:
        """The rows of the cities in a chart with a row for each: of very many the first."""
        return self.first_rows(self._most_charted, self._most_charted)

    @cached_property
    def _most_charted(self) -> int:
        """How many cities a chart on one page has a row for: fewer where names are long."""
        return min(MOST_ROWS, most_rows(self.ranked(self.rows[:MOST_ROWS].tolist())))

    def first_rows(self, most: int = _FIRST, every: int = _EVERY) -> list[int]:
        """Return the rows of the first cities; of all, where there are no more than `every`."""
        if len(self.rows) <= every:
            return [*map(int, self.rows)]
        ranks = [self.source.rank(row, self.top) for row in self.rows.tolist()]
        return [*map(int, self.rows[: through_ties(ranks, most)])]

    def _ends(self, rows: Sequence[int]) -> list[str]:
        """Return scores as they stand behind bars, with the decimals of the text."""
        mark = self.source.gaps.signs
        decimals = self.source.text_decimals
        scores = self.result.column(self.top)
        return [f"{points(scores[row], decimals)}{mark(row, self.top)}" for row in rows]

    def tree(self) -> Figure | None:
        """Return the framework as a tree."""
        levels = self.levels(self.result.framework.height)
        return Figure("tree", self.words("tree", "title"), levels, NOTHING, self.origin)

    def levels(self, depth: int) -> TreeDiagram:
        """Return the levels of the framework down to a depth."""
        tree = self.result.framework
        nodes = [node for node in tree.tree_order if tree.depth(node.code) <= depth]
        places = {node.code: number for number, node in enumerate(nodes)}
        parents = [places[node.parent] if node.parent else -1 for node in nodes]
        return TreeDiagram([self.source.node(node.code) for node in nodes], parents)

    @cached_property
    def dots(self) -> DotCharts:
        """What makes charts of one dot a city."""
        return DotCharts(self.source, self.population)

    def bars(self) -> Figure | None:
        """Return the ranking of all cities, with moves and new cities: with tiers, else bars."""
        tiers = self._tiers
        if tiers is None:
            message = messages.of_ranking(self.source, self.top, self.population)
            return self._bars(self.charted_rows, message)
        rows = self.charted_rows
        ranking = self.dots.basis.overall
        ends = self._moved_ends(rows)
        chart = self.dots.tiers(tiers, rows, ends)
        message = messages.of_tiers(self.source, ranking, tiers)
        if message == NOTHING:
            message = messages.of_ranking(self.source, self.top, self.population)
        return self.figure(
            "bars",
            chart,
            name=f"bars-{self.top}",
            note="tiered",
            moves=self._move_marks(rows),
            message=message,
            rows=rows,
        )

    @cached_property
    def _tiers(self) -> Tiers | None:
        """The tiers of the whole index, where it has them."""
        if self.top != self.source.root or self.population != self.source.population:
            return None
        return find_tiers(self.dots.basis)

    def first_bars(self) -> Figure:
        """Return ranked bars of the first cities, under what the index finds."""
        return self._bars(self.first_rows(), headline(self.source))

    def _bars(self, rows: list[int], message: Label) -> Figure:
        """Return ranked bars of some cities."""
        scores = self.result.column(self.top)[rows]
        series = BarSeries(self.words("bars", "x"), scores, shade=self.shade(self.top))
        ends = self._moved_ends(rows)
        chart = BarChart(
            self.ranked(rows), [series], self.score_axis("bars"), ends=ends
        )
        return self.figure(
            "bars",
            chart,
            name=f"bars-{self.top}",
            moves=self._move_marks(rows),
            message=message,
            rows=rows,
        )

    def _moves(self, rows: Sequence[int]) -> list[str]:
        """Return marks of moves since the previous edition; "" where it is not known."""
        editions = self.source.editions
        # Moves of printed ranks are not moves of the scores that the figure shows.
        if editions.is_beside_print(self.top):
            return [""] * len(rows)
        return [
            _move(editions.change(row, self.top), editions.is_new(row)) for row in rows
        ]

    def _moved_ends(self, rows: list[int]) -> list[str]:
        """Return what stands behind the scores of some cities: these and moves."""
        pairs = zip(self._ends(rows), self._moves(rows), strict=True)
        return [f"{end} {move}".rstrip() for end, move in pairs]

    def _move_marks(self, rows: Sequence[int]) -> Label:
        """Return what the marks of moves mean that occur."""
        marks = {move[:1] for move in self._moves(rows)}
        words = {"moved": "▲▼", "same": "=", "new": "★"}
        keys = [key for key, own in words.items() if marks & {*own}]
        keys += ["unknown"] if keys and "" in marks else []
        among = self.source.editions.moves_among(self.top, self.population)
        if among and keys:
            keys.insert(1, "among")
        explanations = [self.words("bars", key, n=len(among)) for key in keys]
        return listed([NOTHING, *explanations], zh="；", en="; ")

    def leaders(self) -> Figure | None:
        """Return the first ten cities in each part of a node."""
        codes = self.source.children(self.top)
        if not 1 < len(codes) <= _MOST_PANELS:
            return None
        kind = messages.child_kind(self.source, self.top)
        chart = self.dots.leaders(self.top, self._named_rows())
        has_others = any(len(own.rows[-1].dots) > 1 for own in chart.panels)
        return self.figure(
            "leaders",
            chart,
            name=f"leaders-{self.top}",
            note="note" if has_others else "few",
            message=messages.of_leaders(self.source, self.top, self.population),
            one=say(f"one.{kind}"),
            open=self._open_note(chart),
        )

    def _named_rows(self) -> list[int]:
        """Return the cities that the text on a dimension names."""
        if self.top not in self.source.main_nodes[1:]:
            return []
        paragraphs = Chapter(self.source, self.population).dimension(self.top)
        sentences = chain.from_iterable(own.sentences for own in paragraphs)
        told = [sentence.text for sentence in sentences]
        return [row for row in self.rows.tolist() if self._is_named(row, told)]

    def _is_named(self, row: int, told: Iterable[Label]) -> bool:
        name = self.source.city(row)
        return any(name.zh in text.zh or name.en in text.en for text in told)

    def _open_note(self, chart: DotPanels) -> Label:
        """Return what open dots mean, where a chart has any."""
        rows = chain.from_iterable(own.rows for own in chart.panels)
        dots = chain.from_iterable(row.dots for row in rows)
        has_open = any(dot.is_open for dot in dots)
        return self.words("dots", "open") if has_open else NOTHING

    def children(self) -> Figure | None:
        """Return the scores of a node's children for the first cities."""
        codes = self.source.children(self.top)
        rows = self.first_rows()
        if not 1 < len(codes) <= PANELS:
            return None
        names = [*map(self.source.scored, codes)]
        panels = [
            BarSeries(name, self.result.column(code)[rows], shade=self.shade(code))
            for name, code in zip(names, codes, strict=True)
        ]
        axes = [self.score_axis("children")] * len(panels)
        chart = BarPanels(self.ranked(rows), panels, axes)
        message = messages.of_parts(self.source, self.top, self.population)
        name = f"children-{self.top}"
        return self.figure("children", chart, name=name, n=len(rows), message=message)

    def earlier(self) -> Figure | None:
        """Return the change of many scores, else the ranks of the first cities by edition."""
        return self._change() or self._slopes()

    def _change(self) -> Figure | None:
        """Return the scores of both editions, where there are too many cities for slopes."""
        is_whole = self.top == self.source.root
        if not is_whole or not self.source.earlier or len(self.rows) <= _EVERY:
            return None
        own = EditionChanges(self.dots.basis)
        chart = self.dots.change(own, self._most_charted)
        if chart is None:
            return None
        present = {unit.id for unit in self.units}
        gone = len(own.editions.last.units - present)
        return self.figure(
            "change",
            chart,
            name=f"slopes-{self.top}",
            message=messages.of_moves(self.source, own),
            gone=self.words("change", "gone", n=gone) if gone else "",
        )

    def _slopes(self) -> Figure | None:
        """Return the ranks of the first cities over the editions."""
        source = self.source
        top = self.top
        is_printed = source.editions.is_beside_print(top)
        ordered = source.editions.order_beside(top, self.population)
        first = ordered[: len(self.first_rows())]
        ranks = self._ranks_by_edition(first)
        if ranks is None:
            return None
        # A city without any rank has no line.
        has_rank = np.asarray(np.isfinite(ranks).any(axis=1))
        rows = [first[at] for at in np.flatnonzero(has_rank).tolist()]
        ranks = ranks[has_rank]
        name = source.city if is_printed else partial(_marked, source, top)
        labels = [edition.label for edition in reversed(source.earlier)]
        chart = SlopeChart([*map(name, rows)], [*labels, source.edition], ranks)
        below = NOTHING
        if np.nanmax(ranks) > len(rows):
            below = self.words("earlier", "below")
        message = NOTHING
        if not is_printed:
            message = messages.of_change(source, top, rows, self.population)
        figure = self.figure(
            "earlier",
            chart,
            name=f"slopes-{top}",
            n=len(rows),
            below=below,
            message=message,
        )
        return replace(figure, synthetic=0 if is_printed else source.synthetic)

    def _ranks_by_edition(self, rows: Sequence[int]) -> Numbers | None:
        """Return ranks of cities (rows, editions), NaN without one; None where none was before."""
        editions = self.source.editions
        top = self.top
        ids = [self.units[row].id for row in rows]
        columns = []
        for edition in reversed(self.source.earlier):
            columns.append([edition.ranks.get((unit, top), np.nan) for unit in ids])
        if not columns or np.isfinite(columns).sum() < 2:
            return None
        columns.append([editions.rank_beside(row, top) or np.nan for row in rows])
        return np.array(columns, dtype=float).T

    def trajectories(self) -> Figure | None:
        """Return the scores of the first cities over the editions."""
        traced = self.source.trajectories(self.top)
        rows = self.first_rows(_TRACED)[:_TRACED]
        if traced is None:
            return None
        by_city = {unit.unit: unit for unit in traced.units}
        times = np.array([*edition_times(traced.editions).values()])
        curves = []
        for row in rows:
            scores = np.array(
                [*by_city[self.units[row].id].scores.values()], dtype=float
            )
            has = np.isfinite(scores)
            curves.append(
                Curve(self.source.marked_city(row, self.top), times[has], scores[has])
            )
        axes = (
            self.axis("trajectories", "x", whole=True),
            self.axis("trajectories", "y", decimals=self.source.text_decimals),
        )
        chart = LineChart(curves, *axes)
        return self.figure("trajectories", chart, name=f"lines-{self.top}", n=len(rows))

    def rank_intervals(self) -> Figure | None:
        """Return between which ranks cities are: in most simulations, else over variants."""
        if self.top != self.source.root:
            return None
        return self._simulated_ranks() if self.source.rank_ranges else self._spans()

    def _simulated_ranks(self) -> Figure | None:
        """Return the ranks of each city in most simulations, where ranks were assessed."""
        ranges = self.source.rank_ranges
        rows = [row for row in self.charted_rows if self.units[row].id in ranges]
        if not rows:
            return None
        ends = np.array([ranges[self.units[row].id] for row in rows], dtype=float).T
        chart = self._intervals(rows, ends, "interval")
        message = messages.of_certainty(self.source, self.population)
        n = f"{self.source.simulations:,}"
        figure = self.figure(
            "rank-intervals", chart, n=n, message=message, rows=self.charted_rows
        )
        return self.with_unranked(figure, self.source.unranked_shares)

    def _spans(self) -> Figure | None:
        """Return the best and worst ranks over other ways to make the index."""
        if self.population != self.source.population:
            return None
        basis = self.dots.basis
        spans = rank_spans(basis)
        if spans is None:
            return None
        rows = self.charted_rows
        ends = np.array([spans.best[rows], spans.worst[rows]])
        return self.figure(
            "rank-intervals",
            self._intervals(rows, ends, "variants"),
            note="spans",
            message=messages.of_variants(self.source, basis, spans),
            rows=rows,
            n=spans.n,
            list=spans.variants,
        )

    def _intervals(self, rows: list[int], ends: Numbers, what: str) -> DotChart:
        """Return ranks of cities with intervals; `what` is the text that says what these are."""
        ranks = np.array([self.source.rank(row, self.top) for row in rows], dtype=float)
        series = BarSeries(self.words("rank-intervals", "own"), ranks, *ends)
        axis = self.axis("rank-intervals", "x", whole=True, low=1.0)
        interval = self.words("rank-intervals", what)
        return DotChart(self.ranked(rows), [series], axis, interval)

    def with_unranked(self, figure: Figure, shares: Mapping[str, float]) -> Figure:
        """Return a figure of simulated ranks that names the cities without a score in some."""
        cities = []
        for row in self.charted_rows:
            share = shares.get(self.units[row].id)
            if share is None:
                continue
            name = self.source.city(row)
            shown = f"{100 * share:.3g}%"
            cities.append(Label(f"{name.zh}（{shown}）", f"{name.en} ({shown})"))
        if not cities:
            return figure
        partly = self.words("rank-intervals", "unranked", cities=listed(cities))
        return replace(figure, note=joined(figure.note, partly))

    def groups(self, kind: GroupType) -> Figure | None:
        """Return the scores of the groups of an attribute, a row for each."""
        message = messages.of_group_mean(self.source, kind, self.population)
        return self._groups("groups", kind, [self.top], message)

    def group_parts(self, kind: GroupType) -> Figure | None:
        """Return the scores of the groups of an attribute in each dimension."""
        codes = self.source.main_nodes[1:]
        if not 1 < len(codes) <= _MOST_PANELS:
            return None
        members = self.dots.group_rows(kind).large
        message = NOTHING
        if members:
            message = messages.of_groups(self.source, members)
        return self._groups("parts", kind, codes, message)

    def _groups(
        self, figure: str, kind: GroupType, codes: Sequence[str], message: Label
    ) -> Figure | None:
        chart = self.dots.groups(kind, codes)
        if chart is None:
            return None
        small = self.dots.group_rows(kind).small
        names = listed(sized(group, len(rows)) for group, rows in small)
        name = {"groups": "means", "parts": "parts"}[figure]
        one = say(f"one.{messages.child_kind(self.source, self.top)}")
        return self.figure(
            figure,
            chart,
            name=f"{name}-{kind.attribute}",
            type=inside(Label(kind.name_zh, kind.name_en)),
            one=one,
            small=self.words("groups", "small", groups=names) if small else "",
            open=self._open_note(chart),
            message=message,
        )

    def _members(self, kind: GroupType, group: Group) -> list[int]:
        return self.source.members(kind, group, self.top, self.population)

    def group(self, kind: GroupType, group: Group, depth: int) -> Figure | None:
        """Return ranked bars of the first cities of a group."""
        members = self._members(kind, group)
        if len(members) < 2:
            return None
        ranks = self.source.ranks(members, self.top)
        rows = members[: through_ties(ranks, depth)]
        places = rank_among(self.result, self.top, members)
        marked = [self.source.marked_city(row, self.top) for row in rows]
        names = [*map(numbered, places, marked)]
        ends = [f"{end} ({r})" for end, r in zip(self._ends(rows), ranks, strict=False)]
        series = BarSeries(self.words("group", "x"), self.result.column(self.top)[rows])
        chart = BarChart(names, [series], self.score_axis("group"), ends=ends)
        name = f"bars-{self.top}-{kind.attribute}-{group.value}"
        note = "note" if len(rows) < len(members) else "whole"
        return self.figure(
            "group",
            chart,
            name=name,
            note=note,
            group=self.source.group_name(kind, group),
            n=len(rows),
            total=len(members),
            every=all_cities(len(members)),
        )

    def strips(self, row: int) -> Figure | None:
        """Return where a city stands between the worst and the best, node by node."""
        among = self.rows.tolist()
        codes = strip_codes(self.source, among)
        if len(codes) < _LEAST_STRIPS:
            return None
        strips = [strip_of(self.source, row, among, code) for code in codes]
        city = self.source.marked_city(row, self.top)
        rows = [self.source.node(code) for code in codes]
        chart = strip_chart(rows, strips, city, self.words("strips", "mean"))
        name = f"strips-{self.units[row].id}"
        return self.figure("strips", chart, name=name, city=city)

    def pair(self, number: int) -> Figure | None:
        """Return where a pair of cities stands among all, in each node below."""
        pairs = self.result.pairs
        codes = self.source.children(self.top)
        if pairs is None or len(codes) < _LEAST_STRIPS:
            return None
        strips = [pair_strip(self.source, number, code) for code in codes]
        a, b = self.source.pair(number)
        rows = [self.source.scored(code) for code in codes]
        mean = self.words("pair", "mean")
        chart = strip_chart(rows, strips, pair_name(a, b), mean)
        total = pairs.node_codes.index(self.top)
        return self.figure(
            "pair",
            chart,
            name=f"pair-{'-'.join(pairs.pairs[number])}",
            a=a,
            b=b,
            n=len(pairs.pairs),
            score=points(float(pairs.scores[number, total])),
            rank=place_words(int(pairs.ranks[number, total])),
        )

    def quadrant(self) -> Figure | None:
        """Return the two dimensions that are related least, parted at their means."""
        own = quadrant(self.source)
        if own is None:
            return None
        a, b = own.parts
        message = messages.of_quadrant(own)
        return self.figure("quadrant", own.chart, message=message, a=a, b=b)

    def map(self) -> Figure | None:
        """Return where the cities are, with those of the first tiers as full dots."""
        basis = self.dots.basis
        tiers = self._tiers
        chart = city_map(basis, tiers)
        if chart is None:
            return None
        ring = NOTHING
        if tiers is not None:
            ring = self.words("map", "filled", tiers=tiers.first)
        is_crowded = len(chart.rows) > ALL_NAMED
        return self.figure(
            "map",
            chart,
            message=messages.of_tier_groups(self.source, basis, chart.legend),
            colours=self.words("map", "colours") if chart.classes else "",
            ring=ring,
            crowded=self.words("map", "crowded") if is_crowded else "",
        )

    def correlations(self) -> Figure | None:
        """Return the correlations of the indicators, those of one node in a box."""
        kind = "correlations"
        codes = self.source.lowest(self.top)
        tree = self.result.framework
        if len(codes) < 2:
            return None
        with np.errstate(all="ignore"):
            r = correlate(self.result, codes, self.population).r
        parents: list[str | None] = [tree[code].parent for code in codes]
        if len(set(parents)) == len(codes):
            # Each is the only one of its node: those of one pillar belong together.
            above = len(tree.path(self.top))
            parents = [tree.path(code)[above].code for code in codes]
        runs = (
            [*run] for _, run in groupby(range(len(codes)), key=parents.__getitem__)
        )
        boxes = [(run[0], run[-1]) for run in runs if len(run) > 1]
        names = [self.source.scored(code) for code in codes]
        scale = self.axis(kind, "scale", low=-1.0, high=1.0)
        chart = Matrix2D(
            names, names, r, scale, printed=True, boxes=boxes, diverging=True
        )
        grey = "" if np.isfinite(r).all() else self.words(kind, "grey")
        return self.figure(kind, chart, grey=grey)

    def dendrogram(self) -> Figure | None:
        """Return the clusters of the cities."""
        kind = "dendrogram"
        codes = codes_under_root(self.result)
        if len(self.rows) > self._most_charted:
            return None
        if (tree := dendrogram(self.result, self.population)) is None:
            return None
        names = [self.source.city(self.result.dataset.row(unit)) for unit in tree.units]
        classes = min(_CLASSES, len(names) - 1)
        chart = Dendrogram(names, np.array(tree.merges), self.axis(kind, "x"), classes)
        is_long = len(row_columns(len(names), tall=True)) > 1
        columns = self.words(kind, "columns") if is_long else ""
        scored = listed(map(self.source.scored, codes))
        return self.figure(kind, chart, codes=scored, k=classes, columns=columns)

    def contributions(self) -> Figure | None:
        """Return what the first scores are made of, and on what each lead over the next rests.

        None where scores are not sums of parts.
        """
        rows = self.first_rows(_LEADING, _LEADING)
        basis = self.dots.basis
        names = self.ranked(rows)
        bars = lead_bars(basis, self.top, names, self._ends(rows), shade=self.shade)
        if bars is None:
            return None
        message = NOTHING
        if self.top == self.source.root:
            message = messages.of_lead(self.source, basis)
        note = "note" if bars.is_whole else "shifted"
        return self.figure(
            "contributions", bars.chart, note=note, rows=rows, message=message
        )

    def distributions(self) -> Figure | None:
        """Return the values of each indicator with the limits of outliers."""
        kind = "distributions"
        rows = population_rows(self.result, self.population)
        panels = []
        for column, code in enumerate(self.result.leaf_codes):
            values = self.result.raw[rows, column]
            finite = values[np.isfinite(values)]
            if finite.size > 2:
                least = finite.min()
                most = finite.max()
                within = [end for end in outlier_limits(finite) if least <= end <= most]
                name = with_unit(self.source.node(code), self.source.shown_uom(code))
                panels.append(Histogram(name, finite, within))
        if not panels:
            return None
        limit = self.words(kind, "limit")
        count = self.words(kind, "count")
        return self.figure(kind, HistogramChart(panels, limit, count))

    def heat_map(self) -> Figure | None:
        """Return the scores of all cities in each part of the node, as far as a page has room."""
        return self._heat_table(self._heated_rows)

    def first_heat_map(self) -> Figure | None:
        """Return the same of the first cities, those of the first two tiers at least."""
        return self._heat_table(self._first_heated_rows)

    def whole_heat_map(self) -> Figure | None:
        """Return that of all cities, where the first ones are not all."""
        rows = self._heated_rows
        if len(rows) == len(self._first_heated_rows):
            return None
        return self._heat_table(rows, name="heat-map-all", is_plain=True)

    @property
    def _heated_rows(self) -> list[int]:
        room = CELL * len(self.source.children(self.top))
        most = min(MOST_ROWS, most_rows(self.ranked(self.rows[:MOST_ROWS]), room))
        return self.first_rows(most, most)

    @property
    def _first_heated_rows(self) -> list[int]:
        tiers = self._tiers
        end = tiers.ends[1] if tiers is not None else 0
        return self.first_rows(max(end, _FIRST) if end <= _MOST_HEATED else _FIRST)

    def _heat_table(
        self, rows: Sequence[int], *, name: str = "", is_plain: bool = False
    ) -> Figure | None:
        codes = self.source.children(self.top)
        if not 1 < len(codes) <= _MOST_PANELS:
            return None
        chart = heat_table(self.dots.basis, self.top, rows)
        message = NOTHING
        if self.top == self.source.root and not is_plain:
            message = messages.of_types(self.source, self.dots.basis, rows)
        kind = messages.child_kind(self.source, self.top)
        one = say(f"one.{kind}")
        return self.figure(
            "heat-map", chart, name=name, rows=rows, one=one, message=message
        )


def _marked(source: ReportSource, code: str, row: int) -> Label:
    return source.marked_city(row, code)


def _move(change: int | None, new: bool) -> str:
    if new or change is None:
        return "★" if new else ""
    if change == 0:
        return "="
    return f"▲{change}" if change > 0 else f"▼{-change}"
