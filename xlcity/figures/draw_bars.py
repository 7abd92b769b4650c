"""Draws horizontal bars: beside each other with intervals, or stacked."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import BarChart, BarPanels
from xlcity.figures.panels import (
    LARGE,
    LARGEST,
    ChartKind,
    Frame,
    end_axis,
    label_ticks,
    large_number,
    large_unit,
    plain_numbers,
    row_height,
    row_labels,
    row_panels,
    rows_size,
    series_colour,
    set_axis,
    signed,
)
from xlcity.figures.style import figure_style
from xlcity.figures.text_lines import wrapped


def bar_size(chart: BarChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    lines = 1 if chart.stacked else max(1, len(chart.series))
    width, height = rows_size(chart.rows, lang, lines)
    return width, height + (0.4 * (len(chart.series) // 4) if len(chart.series) > 1 else 0)


def draw_bars(chart: BarChart, frame: Frame) -> None:
    """Draw bars from the top down."""
    from matplotlib.patches import Patch

    for axes, part in row_panels(frame, chart.rows, chart.axis):
        rows, places = np.array(part), np.arange(len(part))
        count = 1 if chart.stacked else len(chart.series)
        thick = 0.72 / count
        positive = np.zeros(len(part))
        negative = np.zeros(len(part))
        for number, series in enumerate(chart.series):
            values = np.nan_to_num(series.values[rows])
            shade = series_colour(series, number)
            if chart.stacked:
                start = np.where(values >= 0, positive, negative)
                axes.barh(places, values, 0.72, left=start, color=shade, lw=0)
                positive = positive + np.maximum(values, 0)
                negative = negative + np.minimum(values, 0)
                continue
            middle = places + (number - (count - 1) / 2) * thick
            axes.barh(middle, values, thick * 0.92, color=shade, lw=0)
            if series.low is not None and series.high is not None:
                ends = series.low[rows], series.high[rows]
                axes.hlines(middle, *ends, color=frame.style.colour["text"], lw=0.8)
            positive = np.maximum(positive, values)
        if chart.ends:
            _write_ends(axes, [chart.ends[row] for row in part], np.maximum(positive, 0), frame)
        axes.axvline(0, color=frame.style.colour["soft"], lw=0.6)
    if len(chart.series) > 1:
        handles = [
            Patch(color=series_colour(series, number), label=series.label.text(frame.lang))
            for number, series in enumerate(chart.series)
        ]
        frame.legend(handles, min(4, len(handles)))


def _write_ends(axes: object, texts: list[str], across: np.ndarray, frame: Frame) -> None:
    """Write the short texts behind the bars."""
    for row, (text, x) in enumerate(zip(texts, across.tolist(), strict=True)):
        axes.annotate(  # type: ignore[attr-defined]
            text,
            (x, row),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            size=frame.style.type["small"],
            color=frame.style.colour["soft"],
        )


def panel_size(chart: BarPanels, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    height = row_height(chart.rows, lang) * max(len(chart.rows), 3) + 2.4
    return figure_style().size["width"], height


def draw_panels(chart: BarPanels, frame: Frame) -> None:
    """Draw each quantity with its numbers, in rows that all share."""
    size = frame.style.type
    labels = row_labels(chart.rows, frame.lang)
    room = (frame.width - 4.0) / len(chart.panels) - 0.3
    places = np.arange(len(chart.rows))
    drawn = zip(frame.axes(len(chart.panels)), chart.panels, chart.axes, strict=True)
    for number, (axes, series, axis) in enumerate(drawn):
        values = series.values
        axes.barh(places, np.nan_to_num(values), 0.72, color=series_colour(series, number), lw=0)
        label_ticks(axes.yaxis, places if number == 0 else (), labels if number == 0 else ())
        axes.set_ylim(len(places) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        set_axis(axes.xaxis, axis, frame.lang)
        axes.locator_params(axis="x", nbins=3)
        axes.ticklabel_format(axis="x", scilimits=(-4, 6), useOffset=False)
        most = float(np.nanmax(np.abs(values), initial=0.0))
        plain_numbers(axes.xaxis, frame.lang, axis, min(most, LARGEST))
        title = wrapped(series.label.text(frame.lang), room, size["label"])
        axes.set_title("\n".join(title), size=size["label"], linespacing=1.1)
        end_axis(axes.xaxis, axis)
        ends = _alike(values, frame.lang)
        _write_ends(axes, ends, np.maximum(np.nan_to_num(values), 0), frame)
        axes.margins(x=0.28)


def _alike(values: np.ndarray, lang: str) -> list[str]:
    """Return numbers with as many decimals as their size needs, all with the same."""
    finite = values[np.isfinite(values)]
    most = float(np.abs(finite).max(initial=0.0))
    if most >= LARGE:
        most = min(most, LARGEST)
        texts = ["" if np.isnan(v) else large_number(v, most, lang) for v in values.tolist()]
        _, word = large_unit(most, lang)
        # All with a decimal, or none.
        exact = any("." in text for text in texts)
        return [_with_decimal(text, word) if exact else text for text in texts]
    are_whole = most >= 1000 or bool((finite == np.floor(finite)).all())
    decimals = 0 if are_whole else 2 if most >= 0.1 else 4
    return [
        "" if np.isnan(value) else signed(f"{value:,.{decimals}f}") for value in values.tolist()
    ]


def _with_decimal(text: str, word: str) -> str:
    """Return a number before a word with one decimal."""
    number = text.removesuffix(word)
    return text if "." in number or number in ("", "0") else f"{number}.0{word}"


CHART_KINDS = {
    BarChart: ChartKind(bar_size, draw_bars),
    BarPanels: ChartKind(panel_size, draw_panels),
}
