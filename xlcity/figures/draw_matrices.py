"""Draws matrices as coloured cells."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Matrix2D
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    RowLabel,
    label_ticks,
    number,
    pair_height,
    row_columns,
    row_labels,
    signed,
)
from xlcity.figures.style import POINT, figure_style
from xlcity.figures.text_lines import CUT, cut_to

#: Beyond this share of the scale a cell is dark, and its number white.
_DARK = 0.55
#: Room for labels in cm, of two lines and of one: between narrow cells is none for a second line.
_TWO_LINES, _ROOM, _LONG = 0.47, 5.0, 7.5
#: The same of columns that are named in full as rows, too.
_TWICE = 4.8
#: Sides of the widest and of the narrowest cell, room beside and below a matrix, in cm.
_WIDEST, _LEAST, _EDGE, _SCALE = 2.2, 0.24, 0.6, 2.4
#: Height of a page for a matrix, in cm; most columns whose cells have room for numbers.
_PAGE, _NUMBERS = 20.0, 14
#: Lines of a name above a column.
_HEAD_LINES = 3


def _blocks(chart: Matrix2D) -> list[range]:
    """Return the rows of each block: many rows of few columns stand in blocks side by side."""
    size = figure_style().size
    wide = (size["cell"] * len(chart.columns) + _ROOM) * len(row_columns(len(chart.rows)))
    fits = not chart.printed and wide <= size["width"] + _ROOM
    return row_columns(len(chart.rows)) if fits else [range(len(chart.rows))]


def has_numbers(chart: Matrix2D) -> bool:
    """Tell whether numbers stand in the cells: where they have room at the size of a page."""
    return chart.printed and len(chart.columns) <= _NUMBERS


def _rows(chart: Matrix2D, lang: str) -> list[RowLabel]:
    return row_labels(chart.rows, lang, _LONG if len(chart.rows) > _NUMBERS else _ROOM)


def _is_flat(labels: list[RowLabel], wide: float) -> bool:
    """Tell whether labels have room above their cells without being turned."""
    return all(label.width < wide and len(label.lines) <= _HEAD_LINES for label in labels)


def _heads_height(chart: Matrix2D, lang: str) -> float:
    """Return how high the names of the columns are in cm."""
    heads = _columns(chart, lang)
    if _is_flat(heads, _cell_width(chart, lang)):
        return max((label.height for label in heads), default=0.0)
    return _widest(heads)


def _columns(chart: Matrix2D, lang: str) -> list[RowLabel]:
    flat = row_labels(chart.columns, lang, _cell_width(chart, lang) - _EDGE / 4)
    if _is_flat(flat, _cell_width(chart, lang)):
        return flat
    if _cell_width(chart, lang) >= _TWO_LINES:
        return row_labels(chart.columns, lang)
    size = figure_style().type["small"]
    room = (_TWICE if chart.rows == chart.columns else _LONG) * POINT / size
    return [RowLabel((cut_to(name.text(lang), room),), size) for name in chart.columns]


def has_cut_names(chart: Matrix2D, lang: str) -> bool:
    """Tell whether names of columns are shortened."""
    return any(CUT in label.text for label in _columns(chart, lang))


def _widest(labels: list[RowLabel]) -> float:
    return max((label.width for label in labels), default=0.0)


def _cell_width(chart: Matrix2D, lang: str) -> float:
    """Return the width of a cell in cm: what a page leaves beside the names of the rows."""
    size, blocks = figure_style().size, len(_blocks(chart))
    room = size["width"] / blocks - _widest(_rows(chart, lang)) - 2 * _EDGE
    return float(np.clip(room / max(len(chart.columns), 1), _LEAST, _WIDEST))


def _cell_height(chart: Matrix2D, lang: str) -> float:
    """Return the height of a cell in cm: as its width where a page has room for it."""
    size, count = figure_style().size, len(_blocks(chart)[0])
    most = (_PAGE - _heads_height(chart, lang) - _SCALE) / max(count, 1)
    least = pair_height(_rows(chart, lang))
    usual = min(max(_cell_width(chart, lang), size["row"]), size["cell"])
    return max(min(usual, most), least, _LEAST)


def matrix_size(chart: Matrix2D, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    blocks = _blocks(chart)
    wide = _cell_width(chart, lang) * len(chart.columns) + _widest(_rows(chart, lang)) + _EDGE
    high = _cell_height(chart, lang) * len(blocks[0]) + _heads_height(chart, lang) + _SCALE
    return max(figure_style().size["width"] * 0.75, wide * len(blocks) + _EDGE), high


def draw_matrix(chart: Matrix2D, frame: Frame) -> None:
    """Draw the cells, their frames and the scale of colours."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.patches import Rectangle

    colour, lang = frame.style.colour, frame.lang
    shades = colour["diverging" if chart.diverging else "sequence"]
    plain = LinearSegmentedColormap.from_list("xlcity", shades)
    colours = plain.with_extremes(bad=colour["line"])
    low, high = chart.scale.low, chart.scale.high
    finite = chart.values[np.isfinite(chart.values)]
    low = float(finite.min(initial=0.0)) if low is None else low
    high = float(finite.max(initial=1.0)) if high is None else high
    norm = Normalize(low, high)
    heads = _columns(chart, lang)
    short = _is_flat(heads, _cell_width(chart, lang))
    labels, blocks = _rows(chart, lang), _blocks(chart)
    every = frame.axes(len(blocks))
    for axes, part in zip(every, blocks, strict=True):
        shown = np.ma.masked_invalid(chart.values[part.start : part.stop])
        mesh = axes.pcolormesh(shown, cmap=colours, norm=norm, edgecolors="white", lw=0.4)
        axes.set_ylim(len(blocks[0]), 0)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.tick_params(axis="x", rotation=0 if short else 90)
        label_ticks(axes.yaxis, np.arange(len(part)) + 0.5, labels[part.start : part.stop])
        label_ticks(axes.xaxis, np.arange(len(chart.columns)) + 0.5, heads)
        for spine in axes.spines.values():
            # White cells at the edge are not part of the page.
            spine.set_visible(len(blocks) == 1)
            spine.set_color(colour["line"])
    axes = every[0]
    if has_numbers(chart):
        for (row, column), value in np.ndenumerate(chart.values):
            share = abs(value) / max(abs(low), high) if chart.diverging else norm(value)
            axes.text(
                column + 0.5,
                row + 0.5,
                number(float(value), chart.scale),
                ha="center",
                va="center",
                size=frame.style.type["small"],
                color="white" if share > _DARK else colour["text"],
            )
    for first, last in chart.boxes:
        side = last - first + 1
        box = Rectangle((first, first), side, side, fill=False, ec=colour["accent"], lw=1.4)
        axes.add_patch(box)
    _scale(frame, mesh, every, chart)


def _scale(frame: Frame, mesh: object, axes: list[object], chart: Matrix2D) -> None:
    """Draw what the colours mean, below the matrix."""
    from matplotlib.ticker import FuncFormatter

    form = FuncFormatter(lambda v, _: signed(f"{100 * v:.0f}%")) if chart.scale.percent else None
    share = min(1.0, 8.0 / frame.width)
    bar = frame.body.colorbar(
        mesh,
        ax=axes,
        location="bottom",
        fraction=0.3 / frame.height,
        pad=0.25 / frame.height,
        shrink=share,
        format=form,
        aspect=28,
    )
    bar.outline.set_visible(False)
    bar.set_label(chart.scale.label.text(frame.lang))


CHART_KINDS = {
    Matrix2D: ChartKind(matrix_size, draw_matrix),
}
