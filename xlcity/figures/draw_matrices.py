"""Draws matrices as coloured cells."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Matrix2D
from xlcity.figures.panels import Frame, RowLabel, label_ticks, number, row_columns, row_labels
from xlcity.figures.style import figure_style

#: Beyond this share of the scale a cell is dark, and its number white.
_DARK = 0.55
#: Room for labels in cm; between narrow cells no label has room for a second line.
_TIGHT, _ROOM, _LONG = 0.4, 5.0, 7.5


def _blocks(chart: Matrix2D) -> list[range]:
    """Return the rows of each block: many rows of few columns stand in blocks side by side."""
    size = figure_style().size
    wide = (size["cell"] * len(chart.columns) + _ROOM) * len(row_columns(len(chart.rows)))
    fits = not chart.printed and wide <= size["width"] + _ROOM
    return row_columns(len(chart.rows)) if fits else [range(len(chart.rows))]


def _cell(chart: Matrix2D) -> tuple[float, float]:
    """Return width and height of a cell in cm."""
    size = figure_style().size
    many = size["many_cells"]
    small = (size["small_cell"], size["small_cell"])
    if len(chart.columns) > many:
        return small
    high = size["row"] if len(chart.rows) > many else size["cell"]
    if len(_blocks(chart)) > 1:
        return size["cell"], high
    wide = 12.0 / max(len(chart.columns), 12)
    # Numbers need their room; many columns without are narrower, so that they fit a page.
    if chart.printed:
        return max(size["cell"], wide), high
    room = (size["width"] - _ROOM) / len(chart.columns)
    wide = max(wide, min(size["cell"], room), size["small_cell"])
    return wide, min(high, max(wide, size["row"]))


def matrix_size(chart: Matrix2D, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    style = figure_style()
    wide, high = _cell(chart)
    labels = max((label.width for label in _rows(chart, lang)), default=0.0)
    heads = max((label.width for label in _columns(chart, lang)), default=0.0)
    blocks = _blocks(chart)
    width = (wide * len(chart.columns) + labels + 0.6) * len(blocks) + 0.6
    height = high * len(blocks[0]) + heads + 2.4
    return max(style.size["width"] * 0.75, width), height


def _rows(chart: Matrix2D, lang: str) -> list[RowLabel]:
    return row_labels(chart.rows, lang, _ROOM if _cell(chart)[1] > _TIGHT else _LONG)


def _columns(chart: Matrix2D, lang: str) -> list[RowLabel]:
    return row_labels(chart.columns, lang, _ROOM if _cell(chart)[0] > _TIGHT else _LONG)


def draw_matrix(chart: Matrix2D, frame: Frame) -> None:
    """Draw the cells, their frames and the scale of colours."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.patches import Rectangle

    colour, lang = frame.style.colour, frame.lang
    shades = colour["diverging" if chart.diverging else "sequence"]
    plain = LinearSegmentedColormap.from_list("xlcity", shades)
    colours = plain.with_extremes(bad=colour["line"])
    low, high = chart.scale.low, chart.scale.high
    known = chart.values[np.isfinite(chart.values)]
    low = float(known.min(initial=0.0)) if low is None else low
    high = float(known.max(initial=1.0)) if high is None else high
    norm = Normalize(low, high)
    heads = _columns(chart, lang)
    short = all(label.width < _cell(chart)[0] for label in heads)
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
            # White cells at the edge are no part of the page.
            spine.set_visible(len(blocks) == 1)
            spine.set_color(colour["line"])
    axes = every[0]
    if chart.printed:
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

    form = FuncFormatter(lambda v, _: f"{100 * v:.0f}%") if chart.scale.percent else None
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
