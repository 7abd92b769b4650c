"""Where a chart is drawn: axes, labels of rows, and rows in several columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcity.figures.contents import Axis, BarSeries, Label
from xlcity.figures.style import POINT, FigureStyle, figure_style
from xlcity.figures.text_lines import ems, wrapped

#: Most room for the label of a row, in cm.
_LABEL = 4.2
#: How close names are to each other, and where a page has room for a gap between them.
_CLOSE, _LOOSE = 0.95, 1.06
#: From more rows of a column on, rows are lower, so that a page holds them at full size.
_PAGE = 48
#: Columns of a legend, where there are so many texts.
_LEGEND = 3
#: From here on numbers have words.
LARGE = 1e6
#: Numbers behind bars have the unit of this one at most: in a larger one small bars are 0.
LARGEST = 9e11
#: From here on numbers of an axis have commas, as those after bars do.
_GROUPED = 1e3
#: Smaller shares are not printed: they are 0 % when rounded.
LEAST_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class ChartKind:
    """What draws a kind of chart: its width and height in cm by language, and its drawing."""

    size: Callable[[Any, str], tuple[float, float]]
    draw: Callable[[Any, Frame], None]


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a picture that a chart fills: its size in cm, its language."""

    body: Any
    lang: str
    width: float
    height: float

    @property
    def style(self) -> FigureStyle:
        """The style of all figures."""
        return figure_style()

    def axes(self, count: int = 1, **options: Any) -> list[Any]:
        """Return axes side by side."""
        grid = self.body.subplots(1, count, squeeze=False, **options)
        return list(grid[0])

    def legend(self, handles: Sequence[Any], columns: int = 3) -> None:
        """Write a legend above the chart, in as many columns as it has room for."""
        size = self.style.type["label"]
        longest = max((ems(str(handle.get_label())) for handle in handles), default=0.0)
        fits = int((self.width - 0.3) / (longest * size / POINT + 1.1))
        # One very long name makes no legend as high as the chart: it has several lines.
        columns = max(1, min(columns, max(fits, min(_LEGEND, len(handles)))))
        room = (self.width - 0.3) / columns - 1.1
        for handle in handles:
            handle.set_label("\n".join(wrapped(str(handle.get_label()), room, size)))
        # A legend is filled column by column, and read line by line.
        ordered = [handle for column in range(columns) for handle in handles[column::columns]]
        self.body.legend(
            handles=ordered, loc="outside upper left", ncols=columns, borderaxespad=0.2
        )


@dataclass(frozen=True, slots=True)
class RowLabel:
    """The label of a row: its lines, and the size of its type in points."""

    lines: tuple[str, ...]
    size: float

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)

    @property
    def width(self) -> float:
        """About how wide it is, in cm."""
        return max(map(ems, self.lines), default=0.0) * self.size / POINT

    @property
    def height(self) -> float:
        """How high it is, in cm."""
        return len(self.lines) * self.size * 1.08 / POINT


def row_labels(rows: Sequence[Label], lang: str, room: float = _LABEL) -> list[RowLabel]:
    """Return the labels of rows, all of one size; those too long for a line have several.

    Where any is long, all are smaller.
    """
    style, texts = figure_style(), [row.text(lang) for row in rows]
    size = style.type["label"]
    if len(texts) > style.size["many_cells"] or any(
        len(wrapped(text, room, size)) > 1 for text in texts
    ):
        size = style.type["small"]
    return [RowLabel(tuple(wrapped(text, room, size)), size) for text in texts]


def series_colour(series: BarSeries, number: int) -> str:
    """Return the colour of a series: its own, or that of its place."""
    colours = figure_style().colour["series"]
    return str(colours[(number if series.shade is None else series.shade) % len(colours)])


def label_ticks(which: Any, places: Iterable[float], labels: Sequence[RowLabel]) -> None:
    """Write labels at places of an axis."""
    which.set_ticks([*places], [label.text for label in labels], linespacing=1.0)
    for tick, label in zip(which.get_ticklabels(), labels, strict=True):
        tick.set_size(label.size)
        # The lines of a name end where the axis is.
        flat = "center" if tick.get_rotation() == 0 else "left"
        tick.set_multialignment("right" if which.axis_name == "y" else flat)


def row_height(rows: Sequence[Label], lang: str, lines: int = 1) -> float:
    """Return the height of a row in cm.

    Parameters
    ----------
    lines
        As many lines as a row needs at least.
    """
    style = figure_style()
    has_room = len(row_columns(len(rows))[0]) <= _PAGE
    most = pair_height(row_labels(rows, lang), _LOOSE if has_room else _CLOSE)
    usual = style.size["row" if has_room else "low_row"]
    return max(usual * lines, most)


def pair_height(labels: Sequence[RowLabel], close: float = _CLOSE) -> float:
    """Return how high rows must be in cm that no label touches the next one."""
    heights = [close * label.height for label in labels]
    # A label of two lines takes of the room of a neighbour that has one.
    pairs = zip(heights, [*heights[1:], 0.0], strict=True)
    return max((sum(pair) / 2 for pair in pairs), default=0.0)


def row_columns(count: int) -> list[range]:
    """Return the rows of each column of a chart: more rows than fit a page make more columns."""
    most = int(figure_style().size["most_rows"])
    columns = -(-count // most)
    length = -(-count // max(columns, 1))
    return [range(start, min(start + length, count)) for start in range(0, count, length)]


def rows_size(rows: Sequence[Label], lang: str, lines: int = 1) -> tuple[float, float]:
    """Return the size in cm of a chart of rows with an axis and a legend."""
    columns = row_columns(len(rows))
    height = row_height(rows, lang, lines) * max(len(columns[0]), 3) + 1.8
    return figure_style().size["width"], height


def row_panels(frame: Frame, rows: Sequence[Label], axis: Axis) -> Iterator[tuple[Any, range]]:
    """Yield axes with their rows, the first row on top, in columns of equal length."""
    columns = row_columns(len(rows))
    labels = row_labels(rows, frame.lang)
    longest = len(columns[0])
    for axes, part in zip(frame.axes(len(columns), sharex=True), columns, strict=True):
        label_ticks(axes.yaxis, range(len(part)), [labels[row] for row in part])
        axes.set_ylim(longest - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        set_axis(axes.xaxis, axis, frame.lang)
        yield axes, part
        plain_numbers(axes.xaxis, frame.lang, axis)
        # Not before something is drawn: a fixed end would keep the other one from fitting.
        end_axis(axes.xaxis, axis)


def set_axis(which: Any, axis: Axis, lang: str) -> None:
    """Label an axis, and write its numbers as it asks."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    which.set_label_text(axis.label.text(lang))
    if axis.whole:
        which.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=[1, 2, 5, 10]))
    if axis.percent:
        which.set_major_formatter(FuncFormatter(lambda value, _: signed(f"{100 * value:.0f}%")))
    if axis.log:
        name = "set_xscale" if which.axis_name == "x" else "set_yscale"
        getattr(which.axes, name)("log")


def plain_numbers(
    which: Any, lang: str, axis: Axis | None = None, most: float = 0.0, large: float = LARGE
) -> None:
    """Write large numbers of an axis by their words, not by powers of ten, others with commas.

    Years, which are whole, have no commas.

    Parameters
    ----------
    most
        The number whose unit all have, if it is not the end of the axis.
    large
        From here on numbers have words.
    """
    from matplotlib.ticker import FuncFormatter

    most = most or max(map(abs, which.get_view_interval()))
    if most >= large:
        form = FuncFormatter(lambda value, _: signed(large_number(value, most, lang)))
    elif axis is not None and axis.log:
        form = FuncFormatter(lambda value, _: f"{value:,g}" if value < 1 else f"{value:,.0f}")
    elif most >= _GROUPED and not (axis is not None and axis.whole):
        form = FuncFormatter(lambda value, _: signed(f"{value:,.0f}"))
    else:
        return
    which.set_major_formatter(form)


def signed(text: str) -> str:
    """Return a number with a minus sign for its hyphen.

    >>> signed("-0.40")
    '−0.40'
    """
    return text.replace("-", "−")


def large_number(value: float, most: float, lang: str) -> str:
    """Return a number in the unit that suits the largest of them.

    >>> large_number(1.092e10, 3.8e10, "en"), large_number(1.092e10, 3.8e10, "zh")
    ('10.9bn', '109.2亿')
    >>> large_number(2e12, 4e12, "en"), large_number(2e12, 4e12, "zh")
    ('2tn', '2万亿')
    """
    size, word = large_unit(most, lang)
    return f"{value / size:,.1f}".removesuffix(".0") + word if value else "0"


def large_unit(most: float, lang: str) -> tuple[float, str]:
    """Return the size and the word of the unit that suits the largest of large numbers."""
    units = {
        "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
        "en": ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")),
    }[lang]
    return next(unit for unit in units if most >= unit[0] or unit is units[-1])


def end_axis(which: Any, axis: Axis) -> None:
    """End an axis where it ends; everything on it must have been drawn."""
    if axis.low is not None or axis.high is not None:
        name = "set_xlim" if which.axis_name == "x" else "set_ylim"
        getattr(which.axes, name)(axis.low, axis.high)
    if axis.whole and axis.low == 1:
        # Ranks begin at 1, not at 0.
        low, high = sorted(which.get_view_interval())
        which.set_ticks(
            [1, *(tick for tick in which.get_ticklocs() if low < tick <= high and tick > 1)]
        )


def number(value: float, axis: Axis) -> str:
    """Return a number as an axis writes it, "" without one."""
    if np.isnan(value):
        return ""
    if axis.percent:
        return f"{100 * value:.0f}" if value >= LEAST_SHARE else ""
    # Nothing is less than nothing: -0.001 is 0.00.
    return signed(f"{value:z.0f}" if axis.whole else f"{value:z.2f}")
