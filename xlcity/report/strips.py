"""Where a city stands in a node between the worst and the best of all cities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import BarSeries, Label, StripChart
from xlcity.model.dataset import FloatArray
from xlcity.report.contents import points, shown
from xlcity.report.source import ReportSource
from xlcity.report.written_values import written_value

#: Lines of a figure at most.
_MOST = 15


class Strip(NamedTuple):
    """A city in a node: its value, the mean, the worst and the best, and what stands behind.

    `text` is the value with its unit, or the score; `rank` has the marks of gaps.
    """

    value: float
    mean: float
    worst: float
    best: float
    text: Label
    rank: str

    def share(self, value: float) -> float:
        """Return where a value stands: 0 at the worst, 1 at the best.

        >>> strip = Strip(0, 0, 40.0, 20.0, Label(""), "")
        >>> strip.share(40.0), strip.share(25.0)
        (0.0, 0.75)
        """
        span = abs(self.best - self.worst)
        return abs(value - self.worst) / span if span else 0.5


def strip_codes(source: ReportSource, rows: Sequence[int]) -> list[str]:
    """Return the nodes that have a line: all down to the lowest level for which there is room.

    Parameters
    ----------
    rows
        The cities among which one stands; nodes without a score of any have no line.
    """
    tree = source.result.framework
    below = [node.code for node in tree.tree_order if tree.depth(node.code) > 0]
    scored = [code for code in below if np.isfinite(source.scores(code)[rows]).any()]
    codes: list[str] = []
    for depth in range(1, tree.height + 1):
        level = [code for code in scored if tree.depth(code) <= depth]
        if not codes or len(level) <= _MOST:
            codes = level
    return codes


def strip_of(source: ReportSource, row: int, rows: Sequence[int], code: str) -> Strip:
    """Return a city's line in a node: of an indicator with its values, else with scores.

    Parameters
    ----------
    rows
        All cities of its group.
    """
    values = source.scores(code)
    is_turned = False
    if (raw := _raw_values(source, rows, code)) is not None:
        values = raw
        is_turned = source.is_reverse(code)
    value = float(values[row])
    marked = source.marked(source.rank(row, code), row, code)
    rank = shown(marked, "rank", "en")
    text = written_value(source, row, code) or _score_text(source, value)
    return _strip(value, values[list(rows)], text, rank, is_turned=is_turned)


def pair_strip(source: ReportSource, number: int, code: str) -> Strip:
    """Return the line of a pair of cities among all pairs, in a node."""
    pairs = source.result.pairs
    if pairs is None:
        raise LookupError(code)
    column = pairs.node_codes.index(code)
    among = pairs.scores[:, column]
    value = float(among[number])
    rank = int(pairs.ranks[number, column])
    text = _score_text(source, value)
    return _strip(value, among, text, str(rank) if rank else "")


def _strip(
    value: float, among: FloatArray, text: Label, rank: str, *, is_turned: bool = False
) -> Strip:
    """Return a line between the ends of some values; turned, where less is better."""
    low = float(np.nanmin(among))
    high = float(np.nanmax(among))
    return Strip(
        value,
        mean=float(np.nanmean(among)),
        worst=high if is_turned else low,
        best=low if is_turned else high,
        text=text,
        rank=rank,
    )


def strip_chart(
    rows: Sequence[Label], strips: Sequence[Strip], name: Label, mean: Label
) -> StripChart:
    """Return the lines of one city or pair as a chart; `name` and `mean` head its numbers."""
    return StripChart(
        rows=rows,
        places=np.array([strip.share(strip.value) for strip in strips]),
        means=np.array([strip.share(strip.mean) for strip in strips]),
        texts=[strip.text for strip in strips],
        marks=[strip.rank for strip in strips],
        series=[
            BarSeries(name, np.array([strip.value for strip in strips])),
            BarSeries(mean, np.array([strip.mean for strip in strips])),
        ],
    )


def _raw_values(
    source: ReportSource, rows: Sequence[int], code: str
) -> FloatArray | None:
    """Return the values of an indicator that some of the cities have; else None."""
    if code not in source.result.leaf_codes:
        return None
    values = source.result.raw[:, source.result.leaf_codes.index(code)]
    return values if np.isfinite(values[list(rows)]).any() else None


def _score_text(source: ReportSource, score: float) -> Label:
    text = points(score, source.text_decimals) if np.isfinite(score) else "—"
    return Label(text, text)
