"""Axes of native charts: round ends, numbers in their units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.figures.contents import Axis, BarSeries, Chart, Label, Numbers
from xlcity.figures.drawing import content_size
from xlcity.figures.panels import LARGE, large_unit
from xlcity.report.chart_part import ChartSheet, NativeChart
from xlcity.xlsx.new_book import values_axis

#: Charts of a figure, line by line.
Lines = list[list[NativeChart]]
#: Ends of an axis, and its step.
Scale = dict[str, float]
NO_TICKS = {"major_tick_mark": "none", "minor_tick_mark": "none"}
#: Room for the title that says that values are invented, in cm.
_MARK = 0.6


def native_size(content: Chart, lang: str, synthetic: int) -> tuple[float, float]:
    """Return the width and height of a chart in cm."""
    width, height = content_size(content, lang)
    return width, height + _MARK * bool(synthetic)


def number_axis(sheet: ChartSheet, axis: Axis, scale: Scale, word: str = "") -> dict[str, Any]:
    """Return an axis of values with its label, its ends, and its numbers as it asks.

    A word, such as 亿, stands behind its numbers.
    """
    number = "0%" if axis.percent else "0" if axis.whole else "General"
    number = "#,##0" if number == "General" and scale.get("max", 0.0) >= 1000 else number
    number += f'"{word}"' if word else ""
    look = {**values_axis(sheet.text()), **NO_TICKS, "num_format": number, **scale}
    label = axis.label.text(sheet.lang)
    return look | ({"name": label, "name_font": sheet.text("label", bold=False)} if label else {})


def round_scale(values: Numbers, axis: Axis, most: int = 6) -> Scale:
    """Return round ends of an axis and its step; ends that it was given stay.

    Parameters
    ----------
    most
        As many steps at most.

    Examples
    --------
    >>> round_scale(np.array([0.0, 83.2]), Axis(Label("")))
    {'min': 0.0, 'max': 100.0, 'major_unit': 20.0}
    """
    finite = values[np.isfinite(values)]
    low = float(finite.min(initial=np.inf)) if axis.low is None else axis.low
    high = float(finite.max(initial=-np.inf)) if axis.high is None else axis.high
    if not low < high:
        low, high = (low, low + 1.0) if np.isfinite(low) else (0.0, 1.0)
    tenth = 10.0 ** np.floor(np.log10((high - low) / most))
    step = float(
        next(size * tenth for size in (1, 2, 2.5, 5, 10, 20) if size * tenth * most >= high - low)
    )
    if axis.whole:
        step = max(1.0, round(step))
    ends = {
        "min": float(np.floor(low / step) * step) if axis.low is None else low,
        "max": float(np.ceil(high / step - 1e-9) * step) if axis.high is None else high,
    }
    return {**ends, "major_unit": step}


def unit_of(most: float, lang: str) -> tuple[float, str]:
    """Return the size and the word of the unit of large numbers; 1 and no word for others.

    A format can divide by 1,000 only, so that 10,000,000,000 would be 100.00亿 on an axis.
    """
    return large_unit(most, lang) if most >= LARGE else (1.0, "")


def series_in(series: BarSeries, size: float, word: str) -> BarSeries:
    """Return the numbers of a series in a unit, whose word is in its label."""
    low, high = (None if ends is None else ends / size for ends in (series.low, series.high))
    return BarSeries(label_in(series.label, word), series.values / size, low, high, series.shade)


def label_in(label: Label, word: str) -> Label:
    """Return a label with the word of a unit."""
    return Label(f"{label.zh}（{word}）", f"{label.en} ({word})") if word else label


def axis_in(axis: Axis, size: float) -> Axis:
    """Return an axis whose ends are in a unit."""
    low, high = (None if end is None else end / size for end in (axis.low, axis.high))
    return replace(axis, low=low, high=high)


def number_format(finite: Numbers) -> str:
    """Return a format with as many decimals as numbers of that size need."""
    most = float(np.abs(finite).max(initial=0.0))
    are_whole = most >= 1000 or bool((finite == np.floor(finite)).all())
    return "#,##0" if are_whole else "0.00" if most >= 0.1 else "0.0000"
