"""What a figure says to those who do not see it: its message, and the range of what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from typing import Any, NamedTuple

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPair,
    BarPanels,
    BarSeries,
    Dendrogram,
    DotChart,
    DotPanels,
    HeatTable,
    HistogramChart,
    Label,
    LineChart,
    Matrix2D,
    Numbers,
    ScatterChart,
    SlopeChart,
    StripChart,
)
from xlcity.figures.figure import Figure
from xlcity.figures.panels import numbers_alike, signed

#: Quantities of a chart that are told of, at most.
_MOST = 4
_RANGE = Label(
    "{what}最低{low}（{lowest}），最高{high}（{highest}）",
    "{what}: lowest {low} ({lowest}), highest {high} ({highest})",
)
_UNNAMED_RANGE = Label("{what}：{low}至{high}", "{what}: {low} to {high}")
_ENDS = Label(
    "最左为{lowest}{low}，最右为{highest}{high}",
    "furthest left {lowest} ({low}), furthest right {highest} ({high})",
)
_RANK = Axis(Label("名次", "rank"), whole=True)


class _DrawnQuantity(NamedTuple):
    """Numbers on one axis, with the name of each; no names where they have none."""

    axis: Axis
    values: Numbers
    names: Sequence[Label] = ()


def alternative_text(figure: Figure, lang: str) -> str:
    """Return the title of a figure, and the lowest and the highest number in it."""
    end = "。" if lang == "zh" else ". "
    content = figure.content
    if isinstance(content, StripChart):
        ranges = [_strip_ends(content, lang)]
    else:
        read = _QUANTITIES.get(type(content))
        every = [*read(content)] if read is not None else []
        known = (own for own in every if np.isfinite(own.values).any())
        ranges = [_range(own, lang) for own in islice(known, _MOST)]
    told = [figure.title.text(lang), *filter(None, ranges)]
    return end.join(one[:1].upper() + one[1:] for one in told)


def _strip_ends(chart: StripChart, lang: str) -> str:
    """Return the lines with the dots furthest to the left and to the right."""
    if not np.isfinite(chart.places).any():
        return ""
    low = int(np.nanargmin(chart.places))
    high = int(np.nanargmax(chart.places))
    return _ENDS.text(lang).format(
        low=chart.texts[low].text(lang),
        high=chart.texts[high].text(lang),
        lowest=chart.rows[low].text(lang),
        highest=chart.rows[high].text(lang),
    )


def _range(own: _DrawnQuantity, lang: str) -> str:
    """Return the least and the greatest number of a quantity, and of what they are."""
    low = int(np.nanargmin(own.values))
    high = int(np.nanargmax(own.values))
    ends = _written(own.values[[low, high]], own.axis, lang)
    words = {"what": own.axis.label.text(lang)}
    words |= dict(zip(("low", "high"), ends, strict=True))
    if not own.names:
        return _UNNAMED_RANGE.text(lang).format(**words)
    # Between a rank and a name there are two spaces.
    words["lowest"] = " ".join(own.names[low].text(lang).split())
    words["highest"] = " ".join(own.names[high].text(lang).split())
    return _RANGE.text(lang).format(**words)


def _written(values: Numbers, axis: Axis, lang: str) -> list[str]:
    """Return numbers as they stand in the chart."""
    if axis.percent:
        return [signed(f"{100 * value:.0f}%") for value in values.tolist()]
    decimals = 0 if axis.whole else axis.decimals
    if decimals is None:
        return numbers_alike(values, lang)
    return [signed(f"{value:z,.{decimals}f}") for value in values.tolist()]


def _of_bars(chart: BarChart | DotChart) -> Iterator[_DrawnQuantity]:
    yield _of_series(chart, chart.series)


def _of_pair(chart: BarPair) -> Iterator[_DrawnQuantity]:
    yield _of_series(chart.left, chart.left.series)
    yield _of_series(chart.right, chart.left.series)


def _of_heat_table(chart: HeatTable) -> Iterator[_DrawnQuantity]:
    yield _of_block(chart.axis, chart.rows, chart.columns, chart.values)


def _of_matrix(chart: Matrix2D) -> Iterator[_DrawnQuantity]:
    values = chart.values.copy()
    if chart.diverging:
        # What is on the diagonal is related with itself.
        np.fill_diagonal(values, np.nan)
    yield _of_block(chart.scale, chart.rows, chart.columns, values)


def _of_slopes(chart: SlopeChart) -> Iterator[_DrawnQuantity]:
    yield _of_block(_RANK, chart.rows, chart.columns, chart.ranks)


def _of_panels(chart: BarPanels) -> Iterator[_DrawnQuantity]:
    for series, axis in zip(chart.panels, chart.axes, strict=True):
        yield _DrawnQuantity(_named(axis, series.label), series.values, chart.rows)


def _of_dots(chart: DotPanels) -> Iterator[_DrawnQuantity]:
    values = []
    names = []
    for panel in chart.panels:
        for dot in chain.from_iterable(row.dots for row in panel.rows):
            values.append(dot.value)
            names.append(_both(dot.name, panel.title))
    yield _DrawnQuantity(chart.axis, np.array(values), names)


def _of_lines(chart: LineChart) -> Iterator[_DrawnQuantity]:
    values = np.concatenate([curve.y for curve in chart.series])
    names = ([curve.label] * len(curve.y) for curve in chart.series)
    yield _DrawnQuantity(chart.y, values, [*chain.from_iterable(names)])


def _of_points(chart: ScatterChart) -> Iterator[_DrawnQuantity]:
    yield _DrawnQuantity(chart.x, chart.across, chart.rows)
    yield _DrawnQuantity(chart.y, chart.up, chart.rows)


def _of_histograms(chart: HistogramChart) -> Iterator[_DrawnQuantity]:
    for panel in chart.panels:
        yield _DrawnQuantity(Axis(panel.label), panel.values)


def _of_merges(chart: Dendrogram) -> Iterator[_DrawnQuantity]:
    yield _DrawnQuantity(chart.height, chart.merges[:, 2])


#: Kind of chart -> what yields the quantities on its axes; others have none.
_QUANTITIES: Mapping[type, Callable[[Any], Iterator[_DrawnQuantity]]] = {
    BarChart: _of_bars,
    DotChart: _of_bars,
    BarPair: _of_pair,
    BarPanels: _of_panels,
    HeatTable: _of_heat_table,
    Matrix2D: _of_matrix,
    SlopeChart: _of_slopes,
    DotPanels: _of_dots,
    LineChart: _of_lines,
    ScatterChart: _of_points,
    HistogramChart: _of_histograms,
    Dendrogram: _of_merges,
}


def _named(axis: Axis, quantity: Label) -> Axis:
    """Return an axis that says of which quantity it is."""
    label = axis.label
    named = Label(f"{quantity.zh}（{label.zh}）", f"{quantity.en} ({label.en})")
    return Axis(named if label.zh or label.en else quantity, decimals=axis.decimals)


def _of_series(
    chart: BarChart | DotChart, named: Sequence[BarSeries]
) -> _DrawnQuantity:
    """Return the numbers of all series, which are called as some others."""
    block = np.array([series.values for series in chart.series]).T
    return _of_block(chart.axis, chart.rows, [own.label for own in named], block)


def _of_block(
    axis: Axis, rows: Sequence[Label], heads: Sequence[Label], block: Numbers
) -> _DrawnQuantity:
    """Return the numbers of rows and columns; a single column needs no name."""
    if len(heads) == 1:
        return _DrawnQuantity(axis, block[:, 0], rows)
    names = [_both(*pair) for pair in product(rows, heads)]
    return _DrawnQuantity(axis, block.ravel(), names)


def _both(name: Label, further: Label) -> Label:
    """Return a name with what it is one of."""
    if not further.zh and not further.en:
        return name
    english = f"{name.text('en')}, {further.text('en')}"
    return Label(f"{name.text('zh')}，{further.text('zh')}", english)
