"""Where a chart is drawn: axes, labels of rows, rows in several columns, numbers of axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcity.figures.contents import Axis, BarSeries, Label, Numbers
from xlcity.figures.fonts import ems, wrapped
from xlcity.figures.style import POINT, figure_style

#: Most room for the label of a row, in cm; how close the lines of two labels are to each other.
_LABEL = 4.2
_CLOSE = 0.95
#: Least room of a column of rows for what is drawn beside their labels, in cm.
_PLOT = 2.2
#: Room of a sign in a legend with the gaps beside it, in cm.
_SIGN = 1.3
#: Columns of a legend at least, where there are so many texts.
_LEGEND = 3
#: From here on numbers have words.
LARGE = 1e6
#: Numbers behind bars have the unit of this one at most: in a larger one small bars are 0.
LARGEST = 9e11
#: From here on numbers of an axis have commas, as those after bars do.
_GROUPED = 1e3
#: Smaller shares are not printed: they are 0 % when rounded.
_LEAST_SHARE = 0.005
#: The least value, as a share of the greatest, from which on bars from 0 would look alike.
_ALIKE = 0.6


#: Width and height in cm.
Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ChartKind:
    """What draws a kind of chart.

    Attributes
    ----------
    size, draw
        Its width and height in cm by language, and its drawing.
    layouts
        How often it is laid out: texts beside the axes have their room after the second time.
    """

    size: Callable[[Any, str], Size]
    draw: Callable[[Any, Frame], None]
    layouts: int = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a picture that a chart fills: its size in cm, its language."""

    body: Any
    lang: str
    width: float
    height: float

    def axes(self, count: int = 1, **options: Any) -> list[Any]:
        """Return axes side by side."""
        return self.grid(count, count, **options)

    def grid(self, count: int, across: int, **options: Any) -> list[Any]:
        """Return axes in lines; those at the end of the last line that are too many are empty."""
        grid = self.body.subplots(-(-count // across), across, squeeze=False, **options)
        for axes in grid.flat[count:]:
            axes.set_visible(False)
        return list(grid.flat[:count])

    def legend(self, handles: Sequence[Any]) -> None:
        """Write a legend above the chart, in as many columns as it has room for."""
        size = figure_style().type["label"]
        wide = [
            ems(str(handle.get_label())) * size / POINT + _SIGN for handle in handles
        ]
        fits = 0
        for columns in range(1, len(wide) + 1):
            need = sum(max(wide[column::columns]) for column in range(columns))
            if need <= self.width - 0.3:
                fits = columns
        # One very long name makes no legend as high as the chart: it has several lines.
        columns = max(fits, min(_LEGEND, len(handles)))
        room = (self.width - 0.3) / columns - _SIGN if columns > fits else self.width
        for handle in handles:
            handle.set_label("\n".join(wrapped(str(handle.get_label()), room, size)))
        # A legend is filled column by column, and read line by line.
        ordered = list[Any]()
        for column in range(columns):
            ordered += handles[column::columns]
        look = {"loc": "outside upper left", "borderaxespad": 0.2}
        self.body.legend(handles=ordered, ncols=columns, **look)


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
        """How wide it is, in cm."""
        return max(map(ems, self.lines), default=0.0) * self.size / POINT

    @property
    def height(self) -> float:
        """How high it is, in cm."""
        return len(self.lines) * self.size * 1.08 / POINT


def row_labels(
    rows: Sequence[Label], lang: str, room: float = _LABEL
) -> list[RowLabel]:
    """Return the labels of rows, all of one size; those too long for a line have several.

    Where any is long, all are smaller.
    """
    style = figure_style()
    texts = [row.text(lang) for row in rows]
    size = style.type["label"]
    if len(texts) > style.size["many_cells"] or any(
        ems(t) * size / POINT > room for t in texts
    ):
        size = style.type["small"]
    return [RowLabel(tuple(wrapped(text, room, size)), size) for text in texts]


def series_colour(series: BarSeries, number: int) -> str:
    """Return the colour of a series: its own, or that of its place."""
    colours = figure_style().colour["series"]
    return str(
        colours[(number if series.shade is None else series.shade) % len(colours)]
    )


def begins_at_zero(values: Numbers) -> bool:
    """Tell whether bars from 0 show how numbers differ; else they are drawn as dots."""
    finite = values[np.isfinite(values)]
    return not finite.size or float(finite.min()) < _ALIKE * float(finite.max())


def label_ticks(
    which: Any, places: Iterable[float], labels: Sequence[RowLabel]
) -> None:
    """Write labels at places of an axis."""
    which.set_ticks([*places], [label.text for label in labels], linespacing=1.0)
    for tick, label in zip(which.get_ticklabels(), labels, strict=True):
        tick.set_size(label.size)
        # The lines of a name end where the axis is.
        flat = "center" if tick.get_rotation() == 0 else "left"
        tick.set_multialignment("right" if which.axis_name == "y" else flat)


def row_height(labels: Sequence[RowLabel], lines: int = 1) -> float:
    """Return the height of a row in cm: always the same unless labels or bars need more.

    Parameters
    ----------
    lines
        As many bars as a row has beside each other.
    """
    heights = [_CLOSE * label.height for label in labels]
    # A label of two lines takes of the room of a neighbour that has one.
    pairs = zip(heights, [*heights[1:], 0.0], strict=True)
    usual = figure_style().size["row"] * (1 + 0.6 * (lines - 1))
    return max([usual, *(sum(pair) / 2 for pair in pairs)])


def row_columns(count: int, *, tall: bool = False) -> list[range]:
    """Return the rows of each column of a chart: more rows than fit a page make more columns.

    So that two charts fit a page, many rows make two, unless the chart is `tall`.
    """
    size = figure_style().size
    are_many = count > size["many_cells"] and not tall
    columns = max(-(-count // int(size["most_rows"])), 1 + are_many)
    length = -(-count // columns)
    return [
        range(start, min(start + length, count)) for start in range(0, count, length)
    ]


def most_rows(rows: Sequence[Label], room: float = _PLOT) -> int:
    """Return how many rows a page has room for: the longer their labels, the fewer columns.

    Parameters
    ----------
    room
        Least room for what is drawn beside the labels, in cm.

    >>> most_rows([Label("120 青岛", "120 Qingdao")]), most_rows([Label("", "University of Leeds")])
    (240, 180)
    """
    style = figure_style()
    longest = max(max(ems(row.text("zh")), ems(row.text("en"))) for row in rows)
    label = min(longest * style.type["small"] / POINT, _LABEL)
    columns = max(int(style.size["width"] / (label + room)), 1)
    return int(style.size["most_rows"]) * columns


def rows_size(
    rows: Sequence[Label], lang: str, lines: int = 1, *, tall: bool = False
) -> Size:
    """Return the size in cm of a chart of rows with an axis and a legend."""
    longest = max(len(row_columns(len(rows), tall=tall)[0]), 3)
    height = row_height(row_labels(rows, lang), lines) * longest + 1.95
    return figure_style().size["width"], height


def plain_rows(axes: Any, labels: Sequence[RowLabel], longest: int) -> None:
    """Name the rows of a chart from the top down."""
    label_ticks(axes.yaxis, range(len(labels)), labels)
    axes.set_ylim(longest - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def row_panels(
    frame: Frame, rows: Sequence[Label], axis: Axis
) -> Iterator[tuple[Any, range]]:
    """Yield axes with their rows, the first row on top, in columns of equal length."""
    columns = row_columns(len(rows))
    labels = row_labels(rows, frame.lang)
    every = frame.axes(len(columns), sharex=True)
    for axes, part in zip(every, columns, strict=True):
        plain_rows(axes, labels[part.start : part.stop], len(columns[0]))
        axes.grid(axis="x")
        yield axes, part
    # They share one axis: its ends are those of what stands in all columns.
    for axes in every:
        set_axis(axes.xaxis, axis, frame.lang)


def set_axis(
    which: Any, axis: Axis, lang: str, *, most: float = 0.0, large: float = LARGE
) -> None:
    """Label an axis, end it and write its numbers; everything on it must have been drawn.

    Large numbers have words, not powers of ten; others have commas, but years, which are whole.

    Parameters
    ----------
    most
        The number whose unit all have, if it is not the end of the axis.
    large
        From here on numbers have words.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    which.set_label_text(axis.label.text(lang))
    is_across = which.axis_name == "x"
    if axis.log:
        set_scale = which.axes.set_xscale if is_across else which.axes.set_yscale
        set_scale("log")
    most = most or max(map(abs, which.get_view_interval()))
    form = _number_form(axis, most, large, lang)
    if form is not None:
        which.set_major_formatter(FuncFormatter(form))
    if axis.whole:
        steps = [1, 2, 5, 10]
        which.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=steps))
    if axis.low is not None or axis.high is not None:
        limit = which.axes.set_xlim if is_across else which.axes.set_ylim
        limit(axis.low, axis.high)
    if axis.whole and axis.low == 1:
        # Ranks begin at 1, not at 0.
        high = max(which.get_view_interval())
        later = [tick for tick in which.get_ticklocs() if 1 < tick <= high]
        which.set_ticks([1, *later])


#: Writes a number of an axis; the second one is its place.
_NumberForm = Callable[[float, int], str]


def _number_form(
    axis: Axis, most: float, large: float, lang: str
) -> _NumberForm | None:
    """Return what writes the numbers of an axis; None for that of Matplotlib."""
    if axis.percent:
        return lambda value, _: signed(f"{100 * value:.0f}%")
    if most >= large:
        return lambda value, _: signed(large_number(value, most, lang))
    if axis.log:
        return _logarithmic
    if most >= _GROUPED and not axis.whole:
        return lambda value, _: signed(f"{value:,.0f}")
    return None


def _logarithmic(value: float, _: int) -> str:
    return f"{value:,g}" if value < 1 else f"{value:,.0f}"


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


def decimals_of(values: Numbers) -> int:
    """Return how many decimals numbers of that size need."""
    finite = values[np.isfinite(values)]
    most = float(np.abs(finite).max(initial=0.0))
    are_whole = most >= _GROUPED or bool((finite == np.floor(finite)).all())
    if are_whole:
        return 0
    return 2 if most >= 0.1 else 4


def numbers_alike(values: Numbers, lang: str) -> list[str]:
    """Return numbers with as many decimals as their size needs, all with the same; "" for NaN."""
    most = min(float(np.nanmax(np.abs(values), initial=0.0)), LARGEST)
    size, word = large_unit(most, lang) if most >= LARGE else (1.0, "")
    shown = values / size
    decimals = decimals_of(shown)
    if word:
        # All with a decimal, or none.
        tenths = np.round(shown[np.isfinite(shown)], 1)
        decimals = int((tenths % 1 > 0).any())
    return [_in_unit(value, decimals, word) for value in shown.tolist()]


def _in_unit(value: float, decimals: int, word: str) -> str:
    """Return a number with the word that it is counted in, which 0 does not need; "" for NaN."""
    if np.isnan(value):
        return ""
    counted_in = word if value else ""
    return signed(f"{value:,.{decimals}f}{counted_in}")


def number(value: float, axis: Axis) -> str:
    """Return a number as an axis writes it, "" without one."""
    if np.isnan(value):
        return ""
    if axis.percent:
        return f"{100 * value:.0f}" if value >= _LEAST_SHARE else ""
    # Nothing is less than nothing: -0.001 is 0.00.
    return signed(f"{value:z.0f}" if axis.whole else f"{value:z.2f}")
