"""What scores are made of, and on what each city's lead over the next one rests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Axis, BarChart, BarPair, BarSeries, Label, Numbers
from xlcity.index.analysis import scaled_contributions
from xlcity.report.contents import points
from xlcity.report.story.basis import Basis, NodeRanking
from xlcity.report.texts import filled, report_texts

#: What parts of a lead may lack of it: scores are shown with two decimals.
_PRINTED = 0.005


class LeadBars(NamedTuple):
    """The chart, and whether the parts of a score are the whole of it."""

    chart: BarPair
    is_whole: bool


def lead_bars(
    basis: Basis,
    code: str,
    names: Sequence[Label],
    ends: Sequence[str],
    *,
    shade: Callable[[str], int | None],
) -> LeadBars | None:
    """Return the first cities of a node; None where scores are not sums of what is below.

    Parameters
    ----------
    names, ends
        The names of the cities, and their scores as they are printed.
    shade
        Returns the place of the colour of a part.
    """
    shown = len(names)
    ranking = basis.ranking(code)
    added = _added(basis, ranking, shown)
    if added is None:
        return None
    # Nobody is behind the last city of all.
    ahead = -np.diff(added, axis=1, append=np.nan)[:, :shown]
    children = basis.source.children(code)
    own = []
    beside = []
    for child, score, lead in zip(children, added, ahead, strict=True):
        label = basis.source.scored(child)
        own.append(BarSeries(label, score[:shown], shade=shade(child)))
        further = _text("lead", part=label)
        beside.append(BarSeries(further, lead, shade=shade(child)))
    decimals = basis.source.text_decimals
    behind = [points(lead, decimals) for lead in ranking.drops[:shown].tolist()]
    behind += [""] * (shown - len(behind))
    chart = BarPair(
        _side("x", names, own, ends=ends, decimals=decimals),
        _side("ahead", names, beside, ends=behind, decimals=decimals),
    )
    sums = added.sum(axis=0)[:shown]
    is_whole = np.allclose(sums, ranking.scores[:shown], rtol=0.0, atol=_PRINTED)
    return LeadBars(chart, is_whole)


def _side(
    key: str,
    names: Sequence[Label],
    series: Sequence[BarSeries],
    *,
    ends: Sequence[str],
    decimals: int,
) -> BarChart:
    axis = Axis(_text(key), decimals=decimals)
    return BarChart(names, series, axis, stacked=True, ends=ends)


def _added(basis: Basis, ranking: NodeRanking, shown: int) -> Numbers | None:
    """Return (parts, cities) points of the first cities and the next; None where they are no parts.

    These are scores times weights, as in the text, else what the indicators add.
    """
    code = ranking.code
    rows = [*ranking.rows[: shown + 1]]
    try:
        parts = scaled_contributions(basis.result, code)[rows]
    except ValueError:
        return None
    children = basis.source.children(code)
    if len(children) < 2:
        return None
    scores = np.array([basis.source.scores(child)[rows] for child in children])
    shares = np.array([basis.weights[child] for child in children])
    every = [scores * shares[:, None]]
    every.append(np.array([_added_by(basis, child, parts) for child in children]))
    for added in every:
        leads = -np.diff(added.sum(axis=0))
        if np.allclose(leads, ranking.drops[:shown], rtol=0.0, atol=_PRINTED):
            return np.asarray(added)
    return None


def _added_by(basis: Basis, code: str, parts: Numbers) -> Numbers:
    """Return what a node adds to scores: (cities, indicators) parts of those below it."""
    below = {leaf.code for leaf in basis.tree.leaves_below(code)}
    is_below = [leaf in below for leaf in basis.result.leaf_codes]
    return np.asarray(parts[:, is_below].sum(axis=1))


def _text(key: str, **values: object) -> Label:
    return filled(report_texts("figures")["contributions"][key], values)
