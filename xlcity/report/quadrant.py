"""Two dimensions that are related least as a chart that is parted at their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Axis, Label, ScatterChart
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import Basis
from xlcity.report.story.types import part_pairs
from xlcity.report.texts import filled, report_texts
from xlcity.reports.report import GroupType

#: Cities of a chart, at least; groups that colours tell apart, at most.
_LEAST = 12
_GROUPS = 5


class Quadrant(NamedTuple):
    """The chart, the two dimensions, and how many cities are above the mean in one alone."""

    chart: ScatterChart
    parts: tuple[Label, Label]
    alone: tuple[int, int]


def quadrant(source: ReportSource) -> Quadrant | None:
    """Return the chart of the pair of dimensions with the lowest correlation."""
    basis = Basis(source)
    pairs = part_pairs(basis)
    if not pairs or not basis.dimensions:
        return None
    codes = (pairs[-1].a, pairs[-1].b)
    block = np.array([source.scores(code) for code in codes])
    is_known = np.isfinite(block).all(axis=0)
    rows = [row for row in basis.overall.rows if is_known[row]]
    if len(rows) < _LEAST:
        return None
    means = basis.ranking(codes[0]).mean, basis.ranking(codes[1]).mean
    is_a = block[0, rows] > means[0]
    is_b = block[1, rows] > means[1]
    alone = int((is_a & ~is_b).sum()), int((is_b & ~is_a).sum())
    neither = int((~is_a & ~is_b).sum())
    names = basis.part(codes[0]), basis.part(codes[1])
    counts = (neither, alone[1], alone[0], int((is_a & is_b).sum()))
    corner = report_texts("figures")["quadrant"]["corner"]
    corners = [filled(corner, {"n": n}) for n in counts]
    chart = replace(_chart(source, codes, rows, means), corners=corners)
    return Quadrant(chart, names, alone)


def _chart(
    source: ReportSource,
    codes: tuple[str, str],
    rows: Sequence[int],
    means: tuple[float, float],
) -> ScatterChart:
    """Return cities by their scores in two nodes, in the colours of their groups."""
    x, y = codes
    classes, legend = city_classes(source, rows)
    return ScatterChart(
        rows=[source.marked_city(row, *codes) for row in rows],
        across=source.scores(x)[list(rows)],
        up=source.scores(y)[list(rows)],
        x=Axis(source.node(x), decimals=source.text_decimals),
        y=Axis(source.node(y), decimals=source.text_decimals),
        classes=classes,
        legend=legend,
        limits=([means[0]], [means[1]]),
    )


def city_classes(
    source: ReportSource, rows: Sequence[int]
) -> tuple[list[int], list[Label]]:
    """Return the group of each city, and the names of the groups; none of too many."""
    for kind in filter(lambda own: own.is_reported, source.group_types):
        units = (source.units[row] for row in rows)
        words = [unit.attributes.get(kind.attribute, "") for unit in units]
        names = _names_of(kind, {*words})
        if names:
            numbers = {value: number for number, value in enumerate(names)}
            return [numbers[word] for word in words], [*names.values()]
    return [], []


def _names_of(kind: GroupType, words: set[str]) -> dict[str, Label]:
    """Return the names of the groups that occur; none where some have no name, or of too many."""
    present = [group for group in kind.groups if group.value in words]
    names = {own.value: Label(own.name_zh, own.name_en) for own in present}
    is_told = 1 < len(names) <= _GROUPS and len(names) == len(words)
    return names if is_told else {}
