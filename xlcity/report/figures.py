"""The figures of a report, declared for any framework; each is made only when it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    BarSeries,
    DotChart,
    Label,
    Matrix2D,
    Numbers,
    RadarChart,
    SlopeChart,
    TreeDiagram,
)
from xlcity.figures.figure import Figure
from xlcity.index.compute import rank_among
from xlcity.model.nodes import Node
from xlcity.report.contents import points
from xlcity.report.facts import group_label
from xlcity.report.figure_texts import numbered
from xlcity.report.index_figures import IndexFigures
from xlcity.report.notes import limit_note
from xlcity.report.source import ReportSource
from xlcity.report.texts import inside, joined, pair_name, say
from xlcity.reports.report import Group, GroupType

#: Cities of a figure of first places, and up to how many all are shown; quantities side by side;
#: spokes of a radar chart.
_FIRST, _EVERY, _PANELS, _SPOKES = 20, 25, 6, 12
#: Children that are shown side by side, and groups in one radar chart.
_LEAST_SPOKES, _MOST_LINES = 3, 5
#: How many times as many cities are shown at most where several are equal to the last.
_TIED = 1.5


class ReportFigures(IndexFigures):
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

    def __init__(self, source: ReportSource, code: str, population: str) -> None:
        super().__init__(source.result, code, population)
        self.source = source
        # Of cities that share a rank the higher score is first, as in the tables.
        self.rows = np.array(source.order(code, population), dtype=np.int64)
        self.origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))

    def first_rows(self, most: int = _FIRST) -> list[int]:
        """Return the rows of the first cities; of all, where few more would be left out."""
        if len(self.rows) <= _EVERY:
            return [int(row) for row in self.rows]
        ranks = [self.source.rank(row, self.top) for row in self.rows.tolist()]
        return [int(row) for row in self.rows[: through_ties(ranks, most)]]

    def _ends(self, rows: Sequence[int]) -> list[str]:
        """Return scores as they stand behind bars."""
        scores = self.result.column(self.top)[rows].tolist()
        marks = [self.gaps.mark(row, self.top) for row in rows]
        return [
            f"{self.source.points(score, self.top)}{mark}"
            for score, mark in zip(scores, marks, strict=True)
        ]

    def _which(self, rows: Sequence[int]) -> str:
        """Return which title a figure of the first cities has."""
        return "every" if len(rows) == len(self.rows) else "title"

    def tree(self) -> Figure | None:
        """Return the framework as a tree."""
        title, note = self.words("tree", "title"), self.words("tree", "note")
        levels = self.levels(self.result.framework.height)
        return Figure("tree", title, levels, note, self.origin)

    def levels(self, depth: int) -> TreeDiagram:
        """Return the levels of the framework down to a depth."""
        tree = self.result.framework
        nodes = [node for node in tree.tree_order if tree.depth(node.code) <= depth]
        places = {node.code: number for number, node in enumerate(nodes)}
        parents = [places[node.parent] if node.parent else -1 for node in nodes]
        return TreeDiagram([self.node(node.code) for node in nodes], parents)

    def bars(self) -> Figure | None:
        """Return ranked bars of all cities, with moves and new cities."""
        rows, source = self.first_rows(len(self.rows)), self.source
        scores = self.result.column(self.top)[rows]
        moves = [
            _move(source.editions.change(row, self.top), source.editions.is_new(row))
            for row in rows
        ]
        if source.editions.is_beside_print(self.top):
            # These moves are of printed ranks, not of the scores that the bars show.
            moves = [""] * len(rows)
        ends = [f"{end} {move}".rstrip() for end, move in zip(self._ends(rows), moves, strict=True)]
        series = BarSeries(self.words("bars", "x"), scores, shade=self.shade(self.top))
        axis = self.axis("bars", "x")
        chart = BarChart(self.ranked(rows), [series], axis, ends=ends)
        explanations = [
            self.words("bars", key)
            for key, marks in (("moved", "▲▼"), ("same", "="), ("new", "★"))
            if any(move[:1] in marks for move in moves if move)
        ]
        explanations += [self.words("bars", "unknown")] if explanations and not all(moves) else []
        explained = Label(
            "".join(f"；{text.zh}" for text in explanations),
            "".join(f"; {text.en}" for text in explanations),
        )
        return self.figure("bars", chart, name=f"bars-{self.top}", moves=explained)

    def children(self) -> Figure | None:
        """Return the scores of a node's children for the first cities."""
        nodes, rows = self.source.children(self.top), self.first_rows()
        if not 1 < len(nodes) <= _PANELS:
            return None
        columns = [(self.scored(child.code), self.result.column(child.code)) for child in nodes]
        shades = [self.shade(child.code) for child in nodes]
        panels = [
            BarSeries(name, values[rows], shade=shade)
            for (name, values), shade in zip(columns, shades, strict=True)
        ]
        axes = [self.axis("children", "x", low=0.0)] * len(panels)
        chart = BarPanels(self.ranked(rows), panels, axes)
        name, title = f"children-{self.top}", self._which(rows)
        return self.figure("children", chart, name=name, title=title, n=len(rows))

    def raw(self) -> Figure | None:
        """Return the values of a node's indicators in their units for the first cities."""
        tree, rows = self.result.framework, self.first_rows()
        leaves = [child for child in tree.children(self.top) if tree.is_indicator(child.code)]
        shown = [leaf for leaf in leaves if np.isfinite(self._raw(leaf)).any()]
        if not 0 < len(shown) <= _PANELS:
            return None
        panels = [BarSeries(self.node(leaf.code), self._raw(leaf)[rows]) for leaf in shown]
        units = [Label(leaf.uom_zh or leaf.uom, leaf.uom or leaf.uom_zh) for leaf in shown]
        axes = [Axis(self.words("raw", "x", uom=uom)) for uom in units]
        chart = BarPanels(self.ranked(rows), panels, axes)
        lacks = not np.isfinite([panel.values for panel in panels]).all()
        limit = limit_note(self.source, [leaf.code for leaf in shown])
        empty = joined(*[self.words("raw", "empty")] * lacks, limit)
        empty = Label(empty.zh, f" {empty.en}".rstrip())
        name, title = f"raw-{self.top}", self._which(rows)
        return self.figure("raw", chart, name=name, title=title, n=len(rows), empty=empty)

    def _raw(self, leaf: Node) -> Numbers:
        return self.result.raw[:, self.result.leaf_codes.index(leaf.code)]

    def changes(self) -> Figure | None:
        """Return the previous rank and the rank now."""
        source = self.source
        rows = [
            row for row in self._compared() if source.editions.change(row, self.top) is not None
        ]
        if len(rows) < 2:
            return None
        before = np.array([source.editions.last_rank(row, self.top) for row in rows], dtype=float)
        now = np.array(self._beside(rows), dtype=float)
        legend = self.words("changes", "before"), self.words("changes", "now")
        axis = self.axis("changes", "x", whole=True, low=1.0)
        series = [BarSeries(*pair) for pair in zip(legend, (before, now), strict=True)]
        names = zip(self._beside(rows), rows, strict=True)
        chart = DotChart([numbered(rank, self.city(row)) for rank, row in names], series, axis)
        last = source.earlier[0].label
        figure = self.figure("changes", chart, name=f"moves-{self.top}", last=last)
        return replace(figure, synthetic=self._invented_beside)

    def _compared(self) -> list[int]:
        """Return the cities in the order of the ranks that stand beside earlier ones."""
        if self.source.editions.is_beside_print(self.top):
            return self.source.editions.order_beside(self.top, self.population)
        return [int(row) for row in self.rows]

    def _beside(self, rows: Sequence[int]) -> list[int | None]:
        """Return the ranks that stand beside those of the previous edition."""
        edition = self.source.earlier[0]
        return [self.source.editions.rank_beside(row, self.top, edition) for row in rows]

    @property
    def _invented_beside(self) -> int:
        """How many invented values ranks beside earlier ones rest on: none where printed."""
        return 0 if self.source.editions.is_beside_print(self.top) else self.source.synthetic

    def earlier(self) -> Figure | None:
        """Return the ranks of the first cities over the editions."""
        rows, units = self._compared()[: len(self.first_rows())], self.units
        blocks = [
            [edition.ranks.get((units[row].id, self.top), np.nan) for row in rows]
            for edition in reversed(self.source.earlier)
        ]
        if not blocks or np.isfinite(blocks).sum() < 2:
            return None
        now = [float(rank or np.nan) for rank in self._beside(rows)]
        labels = [edition.label for edition in reversed(self.source.earlier)]
        labels.append(self.source.edition)
        ranks = np.array([*blocks, now], dtype=float).T
        is_printed = self.source.editions.is_beside_print(self.top)
        names = [self.city(row) if is_printed else self.marked_city(row, self.top) for row in rows]
        chart = SlopeChart(names, labels, ranks)
        below = self.words("earlier", "below") if np.nanmax(ranks) > len(rows) else ""
        name = f"slopes-{self.top}"
        figure = self.figure("earlier", chart, name=name, n=len(rows), below=below)
        return replace(figure, synthetic=self._invented_beside)

    def groups(self, kind: GroupType) -> Figure | None:
        """Return the mean scores of the groups of an attribute."""
        groups = self._groups(kind)
        if len(groups) < 2:
            return None
        codes = self.source.main_nodes
        names = [sized(group, len(rows)) for group, rows in groups]
        series = [
            BarSeries(
                self.node(code),
                self._mean_scores([(rows, code) for _, rows in groups]),
                shade=self.shade(code),
            )
            for code in codes
        ]
        chart = BarChart(names, series, self.axis("groups", "x"))
        name = f"means-{kind.attribute}"
        label = inside(Label(kind.name_zh, kind.name_en))
        return self.figure("groups", chart, name=name, type=label)

    def radar_groups(self, kind: GroupType) -> Figure | None:
        """Return the mean scores of the groups in the nodes below, as closed lines."""
        groups, codes = self._groups(kind), spokes(self.source)
        if not 1 < len(groups) <= _MOST_LINES or len(codes) < _LEAST_SPOKES:
            return None
        series = [
            BarSeries(sized(group, len(rows)), self._mean_scores([(rows, c) for c in codes]))
            for group, rows in groups
        ]
        axis = self.axis("radar", "x", low=self._least(codes))
        chart = RadarChart([self.scored(code) for code in codes], series, axis)
        name, label = f"radar-{kind.attribute}", Label(kind.name_zh, kind.name_en)
        return self.figure("radar-groups", chart, name=name, type=label)

    def _groups(self, kind: GroupType) -> list[tuple[Group, list[int]]]:
        groups = [
            (group, self.source.members(kind, group, self.top, self.population))
            for group in kind.groups
        ]
        return [(group, rows) for group, rows in groups if rows]

    def _mean_scores(self, places: Sequence[tuple[list[int], str]]) -> Numbers:
        return np.array([self.source.mean(*cell) for cell in places], dtype=float)

    def _least(self, codes: Sequence[str]) -> float:
        """Return where the axis of a radar chart starts: 0, or below the lowest score."""
        low = min(float(np.nanmin(self.result.column(code)[self.rows])) for code in codes)
        return 0.0 if low < 30 else 10 * np.floor(low / 10 - 0.2)

    def group(self, kind: GroupType, group: Group, depth: int) -> Figure | None:
        """Return ranked bars of the first cities of a group."""
        members = self.source.members(kind, group, self.top, self.population)
        if len(members) < 2:
            return None
        ranks = [self.source.rank(row, self.top) or 0 for row in members]
        rows = members[: through_ties(ranks, depth)]
        inside = rank_among(self.result, self.top, members)
        names = [
            numbered(rank, self.marked_city(row, self.top))
            for row, rank in zip(rows, inside, strict=False)
        ]
        scores = self.result.column(self.top)[rows]
        ends = [f"{end} ({r})" for end, r in zip(self._ends(rows), ranks, strict=False)]
        series = BarSeries(self.words("group", "x"), scores)
        chart = BarChart(names, [series], self.axis("group", "x"), ends=ends)
        values: dict[str, Any] = {"group": group_label(self.source, kind, group)}
        values["total"] = len(members)
        name = f"bars-{self.top}-{kind.attribute}-{group.value}"
        note = "note" if len(rows) < len(members) else "whole"
        return self.figure("group", chart, name=name, note=note, n=len(rows), **values)

    def radar(self, row: int) -> Figure | None:
        """Return a city's scores over those of all."""
        codes = spokes(self.source)
        if len(codes) < _LEAST_SPOKES:
            return None
        own = np.array([self.result.column(code)[row] for code in codes])
        means = self._mean_scores([(self.rows.tolist(), code) for code in codes])
        city = self.marked_city(row, self.top)
        series = [BarSeries(city, own), BarSeries(self.words("radar", "mean"), means)]
        # The same scale for all cities.
        high = float(max(np.nanmax(self.result.column(code)[self.rows]) for code in codes))
        axis = self.axis("radar", "x", low=self._least(codes), high=high)
        chart = RadarChart([self.scored(code) for code in codes], series, axis)
        return self.figure("radar", chart, name=f"radar-{self.units[row].id}", city=city)

    def pairs(self) -> Figure | None:
        """Return the scores of all pairs of cities as coloured cells."""
        if (pairs := self.result.pairs) is None:
            return None
        places = {self.units[row].id: cell for cell, row in enumerate(self.rows.tolist())}
        block = np.full((len(places), len(places)), np.nan)
        scores = pairs.scores[:, pairs.node_codes.index(self.top)]
        for (first, second), score in zip(pairs.pairs, scores.tolist(), strict=True):
            if first in places and second in places:
                cell = places[first], places[second]
                block[cell] = block[cell[::-1]] = score
        names = [self.city(row) for row in self.rows.tolist()]
        chart = Matrix2D(self.ranked(), names, block, self.axis("pairs", "scale"))
        is_complete = np.isfinite(block).sum() == block.size - len(block)
        others = "" if is_complete else self.words("pairs", "others")
        return self.figure("pairs", chart, name="pair-map", others=others)

    def pair(self, number: int) -> Figure | None:
        """Return the page of a pair of cities: its scores in the nodes below over those of all."""
        pairs = self.result.pairs
        codes = [child.code for child in self.source.children(self.top)]
        if pairs is None or len(codes) < _LEAST_SPOKES:
            return None
        columns = [pairs.node_codes.index(code) for code in codes]
        own, means = pairs.scores[number, columns], np.nanmean(pairs.scores[:, columns], axis=0)
        a, b = self.source.pair(number)
        name = pair_name(a, b)
        series = [BarSeries(name, own), BarSeries(self.words("pair", "mean"), means)]
        axis = self.axis("radar", "x", low=0.0, high=max(100.0, float(np.nanmax(own))))
        chart = RadarChart([self.scored(code) for code in codes], series, axis)
        total = pairs.node_codes.index(self.top)
        values: dict[str, Any] = {"a": a, "b": b, "n": len(pairs.pairs)}
        values |= {"score": points(float(pairs.scores[number, total]))}
        values |= {"rank": int(pairs.ranks[number, total])}
        return self.figure("pair", chart, name=f"pair-{'-'.join(pairs.pairs[number])}", **values)


def spokes(source: ReportSource) -> list[str]:
    """Return the lowest level of nodes that fits a radar chart."""
    tree, codes = source.result.framework, list(source.main_nodes[1:])
    for depth in range(1, tree.height + 1):
        level = [
            node.code
            for node in tree.tree_order
            if tree.depth(node.code) == depth and source.has(node.code)
        ]
        if _LEAST_SPOKES <= len(level) <= _SPOKES:
            codes = level
    return codes


def sized(group: Group, count: int) -> Label:
    """Return the name of a group with the number of its cities."""
    return Label(f"{group.name_zh}（{count}）", f"{group.name_en} ({count})")


def _move(change: int | None, new: bool) -> str:
    if new or change is None:
        return "★" if new else ""
    return f"▲{change}" if change > 0 else f"▼{-change}" if change else "="


def through_ties(places: Sequence[object], most: int) -> int:
    """Return how many come first: so many, and those that are equal to the last of them.

    Where very many are equal, such as zeros, none is added.

    >>> through_ties([1, 2, 2, 4], 2), through_ties([9, 8, 0, 0, 0, 0], 3)
    (3, 3)
    """
    end = min(most, len(places))
    while end and end < len(places) and places[end] == places[end - 1]:
        end += 1
    return end if end <= _TIED * most else min(most, len(places))
