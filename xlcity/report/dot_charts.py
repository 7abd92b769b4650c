"""Charts of one dot a city: the ranking with its tiers, groups, parts of a node, change of scores.

Colour means one thing in all of them: the group of a city.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import (
    Axis,
    Dot,
    DotPanel,
    DotPanels,
    DotRow,
    Label,
    RowBand,
)
from xlcity.figures.panels import row_columns
from xlcity.report.contents import NOTHING, points
from xlcity.report.quadrant import city_classes
from xlcity.report.row_names import numbered, sized, through_ties
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import Basis, NodeRanking
from xlcity.report.story.change import EditionChanges
from xlcity.report.story.tiers import Tiers
from xlcity.report.texts import filled, report_texts
from xlcity.report.written_values import written_value
from xlcity.reports.report import Group, GroupType

#: Cities of a panel that have a row each; a few more where they are equal to the last.
_TOP = 10
#: Least number of cities of a group with a row of its own.
_LEAST = 3
#: Cities with the furthest moves each way, whose names are bold.
_FURTHEST = 5
#: Panels of which two stand side by side; of other numbers three do.
_PAIRED = (2, 4)
#: Colours of the earlier and of this edition: grey and black, which no group has.
_THEN = None
_NOW = 6


class GroupRows(NamedTuple):
    """Groups with a row each, and those that are too small for one, with their cities."""

    large: list[tuple[Group, list[int]]]
    small: list[tuple[Group, list[int]]]


class DotCharts:
    """Makes charts of one group of cities.

    Parameters
    ----------
    source
        The index.
    population
        The cities that are scored together; the first ones, unless they are named.
    """

    def __init__(self, source: ReportSource, population: str = "") -> None:
        self.source = source
        self.basis = Basis(source, population)
        self.axis = Axis(_text("score"), decimals=source.text_decimals)
        rows = self.basis.overall.rows
        classes, self.legend = city_classes(source, rows)
        self._shades = dict(zip(rows, classes, strict=False))

    def _dot(self, row: int, code: str, rank: int | None = None) -> Dot:
        """Return the score of a city in a node, in the colour of its group."""
        source = self.source
        return Dot(
            source.city(row),
            float(source.scores(code)[row]),
            shade=self._shades.get(row, None if self._shades else 0),
            rank=rank,
            is_open=bool(source.gaps.signs(row, code)),
        )

    def _colours(self) -> list[tuple[Label, int | None]]:
        """Return what colours mean; nothing where all cities have one."""
        return [(name, number) for number, name in enumerate(self.legend)]

    def _mean(self, ranking: NodeRanking) -> Label:
        mean = points(ranking.mean, self.source.text_decimals)
        return _text("mean", mean=mean)

    # The ranking

    def tiers(
        self, tiers: Tiers, rows: Sequence[int], ends: Sequence[str]
    ) -> DotPanels:
        """Return the first cities in the order of their ranks, with the tiers as bands.

        Parameters
        ----------
        rows, ends
            The cities, and the text behind each dot.
        """
        ranking = self.basis.overall
        code = self.basis.root
        lines = []
        for row, end in zip(rows, ends, strict=True):
            rank = ranking.rank_of[row]
            label = numbered(rank, self.source.marked_city(row, code))
            dot = self._dot(row, code, rank)
            lines.append(DotRow(label, [dot], end=Label(end)))
        columns = row_columns(len(lines), tall=True)
        panels = [
            DotPanel(
                NOTHING,
                lines[part.start : part.stop],
                line=ranking.mean,
                bands=[*self._bands(tiers, part)],
            )
            for part in columns
        ]
        return DotPanels(
            panels,
            self.axis,
            across=len(panels),
            legend=self._colours(),
            line_label=self._mean(ranking),
        )

    def _bands(self, tiers: Tiers, part: range) -> Iterator[RowBand]:
        """Yield the tiers of some rows; the drop stands where a tier ends among them."""
        spans = pairwise([0, *tiers.ends])
        for number, (start, end) in enumerate(spans):
            shown = range(max(start, part.start), min(end, part.stop))
            if not shown:
                continue
            name = _text("tier", name=tiers.name(number), k=end - start)
            is_border = end == shown.stop and end < self.basis.overall.n
            border = self._drop(end) if is_border else NOTHING
            yield RowBand(len(shown), name, border, is_pale=number % 2 == 0)

    def _drop(self, end: int) -> Label:
        drop = float(self.basis.overall.drops[end - 1])
        return _text("drop", drop=points(drop, self.source.text_decimals))

    # Groups

    def group_rows(self, kind: GroupType) -> GroupRows:
        """Return the groups of a kind in their order: those with a row, and those too small."""
        members = [(group, self.basis.members(kind, group)) for group in kind.groups]
        return GroupRows(
            [own for own in members if len(own[1]) >= _LEAST],
            [own for own in members if 0 < len(own[1]) < _LEAST],
        )

    def groups(self, kind: GroupType, codes: Sequence[str]) -> DotPanels | None:
        """Return a row for each group, in a panel for each node; None for fewer than two groups."""
        groups = self.group_rows(kind).large
        if len(groups) < 2:
            return None
        panels = [self._group_panel(kind, groups, code) for code in codes]
        rankings = [self.basis.ranking(code) for code in codes]
        is_alone = len(codes) == 1
        return DotPanels(
            panels,
            self.axis,
            across=1 if is_alone else 2,
            legend=[] if self._is_coloured(groups) else self._colours(),
            line_label=self._mean(rankings[0]) if is_alone else _text("all_mean"),
        )

    def _group_panel(
        self,
        kind: GroupType,
        groups: Sequence[tuple[Group, list[int]]],
        code: str,
    ) -> DotPanel:
        ranking = self.basis.ranking(code)
        rows = []
        for group, overall in groups:
            members = self.basis.members(kind, group, code)
            dots = [self._dot(row, code, ranking.rank_of[row]) for row in members]
            first = self.source.marked_city(members[0], code) if members else NOTHING
            mean = ranking.mean_of(members)
            rows.append(DotRow(sized(group, len(overall)), dots, mean, first))
        is_root = code == self.basis.root
        title = NOTHING if is_root else self.source.node(code)
        return DotPanel(title, rows, ranking.mean)

    def _is_coloured(self, groups: Sequence[tuple[Group, list[int]]]) -> bool:
        """Tell whether all cities of each group have one colour: the rows say what it means."""
        shades = [{self._shades.get(row) for row in rows} for _, rows in groups]
        return all(len(own) == 1 for own in shades)

    # The parts of a node

    def leaders(self, code: str, named: Sequence[int] = ()) -> DotPanels:
        """Return the first ten cities in each part of a node, the others in a row below.

        Parameters
        ----------
        named
            Cities that have a row in each panel, if they are not among the first of any.
        """
        children = self.source.children(code)
        firsts = chain.from_iterable(map(self._first_rows, children))
        further = {*named} - {*firsts}
        panels = [self._leader_panel(child, further) for child in children]
        return DotPanels(
            panels,
            self.axis,
            across=2 if len(panels) in _PAIRED else 3,
            legend=self._colours(),
            line_label=_text("all_mean"),
            has_one_axis=self._has_one_unit(children),
            ends_before=True,
        )

    def _first_rows(self, code: str) -> Sequence[int]:
        ranking = self.basis.ranking(code)
        return ranking.rows[: through_ties(ranking.ranks, _TOP)]

    def _leader_panel(self, code: str, further: Collection[int]) -> DotPanel:
        ranking = self.basis.ranking(code)
        end = len(self._first_rows(code))
        lines = []
        dots = []
        for place, (row, rank) in enumerate(ranking.rank_of.items()):
            dot = self._dot(row, code, rank)
            if place >= end and row not in further:
                dots.append(dot.with_shade(None))
                continue
            text = self._value(row, code) if rank == 1 else NOTHING
            label = numbered(rank, self.source.marked_city(row, code))
            lines.append(DotRow(label, [dot], end=text))
        if dots:
            lines.append(DotRow(_text("others", n=len(dots)), dots))
        scores = self.source.scores(code)[list(ranking.rows)]
        return DotPanel(self.source.scored(code), lines, float(np.nanmean(scores)))

    def _value(self, row: int, code: str) -> Label:
        """Return the value of a city with its unit, or its score."""
        score = points(self.source.scores(code)[row], self.source.text_decimals)
        return written_value(self.source, row, code) or Label(score)

    def _has_one_unit(self, codes: Sequence[str]) -> bool:
        """Tell whether scores of all nodes are on one scale."""
        units = {self.source.uom(code).en for code in codes}
        recipe = self.source.result.recipe
        leaves = [code for code in codes if self.basis.tree.is_indicator(code)]
        is_raw = any(recipe.step_for("normalise", code) is None for code in leaves)
        return not is_raw or len(units) == 1

    # Change

    def change(self, own: EditionChanges, most: int) -> DotPanels | None:
        """Return the scores of both editions by how far they changed; then those of new cities.

        None where former scores are not known, or for more cities than there is room for.
        """
        code = self.basis.root
        rows = self.basis.overall.rows
        gains = {move.row: own.gain(move.row) for move in own.moves}
        is_known = bool(gains) and bool(np.isfinite([*gains.values()]).all())
        if not is_known or len(rows) > most:
            return None
        ordered = sorted(gains, key=lambda row: -gains[row])
        ends = {*ordered[:_FURTHEST], *ordered[-_FURTHEST:]}
        lines = []
        for row in ordered:
            dots = self._both(own, row)
            label = self.source.marked_city(row, code)
            end = self._gain_text(own, row, gains[row])
            lines.append(DotRow(label, dots, end=end, is_strong=row in ends))
        for row in rows:
            if row not in gains:
                dot = self._dot(row, code).with_shade(_NOW)
                label = self.source.marked_city(row, code)
                lines.append(DotRow(label, [dot], end=_text("entrant")))
        panels = [
            DotPanel(NOTHING, lines[part.start : part.stop])
            for part in row_columns(len(lines), tall=True)
        ]
        legend = [(own.label, _THEN), (self.source.edition, _NOW)]
        return DotPanels(
            panels, self.axis, across=len(panels), legend=legend, is_joined=True
        )

    def _both(self, own: EditionChanges, row: int) -> list[Dot]:
        """Return the scores of a city in both editions."""
        now = self._dot(row, own.code).with_shade(_NOW)
        then = own.score_then(row, own.code)
        return [Dot(_text("then", city=now.name), then, _THEN), now]

    def _gain_text(self, own: EditionChanges, row: int, gain: float) -> Label:
        """Return by how many points a score changed, and both ranks."""
        shown = points(gain, self.source.text_decimals)
        sign = "" if shown.startswith("−") else "+"
        then, now = own.places(row)
        return Label(f"{sign}{shown} ({then.number}→{now.number})")


def _text(key: str, **values: object) -> Label:
    """Return a text of charts of dots with its values."""
    return filled(report_texts("figures")["dots"][key], values)
