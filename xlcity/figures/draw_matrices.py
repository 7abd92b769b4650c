"""Draws matrices as coloured cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from xlcity.figures.contents import HeatTable, Matrix2D
from xlcity.figures.fonts import cut_to
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    RowLabel,
    Size,
    label_ticks,
    number,
    row_columns,
    row_height,
    row_labels,
    signed,
)
from xlcity.figures.style import POINT, figure_style

#: Beyond this share of the scale a cell is dark, and its number white.
_DARK = 0.55
#: Room for names of rows and turned names of columns, in cm.
_ROOM = 5.0
_TURNED = 6.5
#: Sides of the widest and of the narrowest cell, room beside and below a matrix, in cm; between
#: narrower cells is no room for the second line of a name.
_WIDEST = 2.2
_LEAST = 0.24
_EDGE = 0.6
_SCALE = 2.4
_TWO_LINES = 0.47
#: Height of a page for a matrix, in cm; most columns whose cells have room for numbers, and most
#: of a matrix in blocks side by side.
_PAGE = 20.0
_NUMBERS = 14
_FEW = 6
#: Lines of a name above a column.
_HEAD_LINES = 3


@dataclass(frozen=True)
class MatrixLayout:
    """The rows of each block, the names of rows and columns, and the size of a cell in cm."""

    blocks: Sequence[range]
    rows: list[RowLabel]
    heads: list[RowLabel]
    is_flat: bool
    wide: float
    high: float

    @property
    def size(self) -> Size:
        """Width and height of the chart in cm."""
        block = self.wide * len(self.heads) + _widest(self.rows) + _EDGE
        above = (
            max(head.height for head in self.heads)
            if self.is_flat
            else _widest(self.heads)
        )
        across = max(
            figure_style().size["width"] * 0.75, block * len(self.blocks) + _EDGE
        )
        return across, self.high * len(self.blocks[0]) + above + _SCALE


def _layout(chart: Matrix2D, lang: str) -> MatrixLayout:
    """Return how a matrix fits a page; many rows of few columns stand in blocks."""
    blocks = [range(len(chart.rows))]
    if not chart.printed and len(chart.columns) <= _FEW:
        blocks = row_columns(len(chart.rows))
    return matrix_layout(chart, blocks, lang)


def matrix_layout(
    chart: Matrix2D | HeatTable,
    blocks: Sequence[range],
    lang: str,
    highest: float | None = None,
) -> MatrixLayout:
    """Return how blocks of rows with their columns fit the width of a page.

    Parameters
    ----------
    highest
        The height of a cell at most, in cm; that of the style where there is room.
    """
    size = figure_style().size
    count = len(chart.columns)
    rows = row_labels(chart.rows, lang, _ROOM)
    room = size["width"] / len(blocks) - _widest(rows) - 2 * _EDGE
    wide = float(np.clip(room / max(count, 1), _LEAST, _WIDEST))
    heads = row_labels(chart.columns, lang, wide - _EDGE / 4)
    is_flat = all(
        head.width < wide and len(head.lines) <= _HEAD_LINES for head in heads
    )
    if not is_flat:
        heads = _turned(chart, lang, wide)
    above = max(head.height for head in heads) if is_flat else _widest(heads)
    # As high as wide where a page has room for it.
    most = (_PAGE - above - _SCALE) / max(len(blocks[0]), 1)
    usual = min(max(wide, size["row"]), highest or size["cell"])
    least = min(row_height(rows), size["row"])
    return MatrixLayout(
        blocks,
        rows,
        heads,
        is_flat,
        wide=wide,
        high=max(min(usual, most), least, _LEAST),
    )


def _turned(chart: Matrix2D | HeatTable, lang: str, wide: float) -> list[RowLabel]:
    """Return names of columns that stand upright, of one line above narrow cells."""
    if wide >= _TWO_LINES:
        return row_labels(chart.columns, lang)
    small = figure_style().type["small"]
    room = _TURNED * POINT / small
    names = (cut_to(name.text(lang), room) for name in chart.columns)
    return [RowLabel((name,), small) for name in names]


def has_numbers(chart: Matrix2D) -> bool:
    """Tell whether numbers stand in the cells: where they have room at the size of a page."""
    return chart.printed and len(chart.columns) <= _NUMBERS


def _widest(labels: list[RowLabel]) -> float:
    return max((label.width for label in labels), default=0.0)


def matrix_size(chart: Matrix2D, lang: str) -> Size:
    """Return the size in cm."""
    return _layout(chart, lang).size


def draw_matrix(chart: Matrix2D, frame: Frame) -> None:
    """Draw the cells, their frames and the scale of colours."""
    layout = _layout(chart, frame.lang)
    every = frame.axes(len(layout.blocks))
    shades = _shades(chart)
    for axes, part in zip(every, layout.blocks, strict=True):
        mesh = _draw_block(axes, part, chart, layout=layout, shades=shades)
    if has_numbers(chart):
        _write_numbers(every[0], chart, shades.norm)
    for first, last in chart.boxes:
        _draw_box(every[0], first, last)
    _draw_scale(chart, frame, mesh, every)


class _Shades(NamedTuple):
    """The colours of numbers, and where a number is between the least and the greatest."""

    map: Any
    norm: Any


def _shades(chart: Matrix2D) -> _Shades:
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    colour = figure_style().colour
    names = colour["diverging" if chart.diverging else "sequence"]
    finite = chart.values[np.isfinite(chart.values)]
    low = chart.scale.low
    high = chart.scale.high
    if low is None:
        low = float(finite.min(initial=0.0))
    if high is None:
        high = float(finite.max(initial=1.0))
    colours = LinearSegmentedColormap.from_list("xlcity", names)
    return _Shades(colours.with_extremes(bad=colour["line"]), Normalize(low, high))


def _draw_block(
    axes: Any, part: range, chart: Matrix2D, *, layout: MatrixLayout, shades: _Shades
) -> Any:
    """Draw the cells of some rows with the names of rows and columns."""
    shown = np.ma.masked_invalid(chart.values[part.start : part.stop])
    look = {"cmap": shades.map, "norm": shades.norm, "edgecolors": "white", "lw": 0.4}
    mesh = axes.pcolormesh(shown, **look)
    name_cells(axes, part, layout)
    return mesh


def name_cells(axes: Any, part: range, layout: MatrixLayout) -> None:
    """Write the names of some rows, from the top down, and of all columns, above them."""
    axes.set_ylim(len(layout.blocks[0]), 0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.tick_params(axis="x", rotation=0 if layout.is_flat else 90)
    rows = layout.rows[part.start : part.stop]
    label_ticks(axes.yaxis, np.arange(len(rows)) + 0.5, rows)
    label_ticks(axes.xaxis, np.arange(len(layout.heads)) + 0.5, layout.heads)
    # White cells at the edge are not part of the page.
    is_alone = len(layout.blocks) == 1
    axes.spines[:].set(visible=is_alone, color=figure_style().colour["line"])


def _write_numbers(axes: Any, chart: Matrix2D, norm: Any) -> None:
    """Write the numbers into their cells, white into dark ones."""
    style = figure_style()
    look = {"ha": "center", "va": "center", "size": style.type["small"]}
    greatest = max(abs(norm.vmin), norm.vmax)
    for (row, column), value in np.ndenumerate(chart.values):
        share = abs(value) / greatest if chart.diverging else norm(value)
        shade = "white" if share > _DARK else style.colour["text"]
        text = number(float(value), chart.scale)
        axes.text(column + 0.5, row + 0.5, text, color=shade, **look)


def _draw_box(axes: Any, first: int, last: int) -> None:
    """Draw a frame around cells on the diagonal."""
    from matplotlib.patches import Rectangle

    side = last - first + 1
    shade = figure_style().colour["accent"]
    corner = first, first
    axes.add_patch(Rectangle(corner, side, side, fill=False, ec=shade, lw=1.4))


def _draw_scale(chart: Matrix2D, frame: Frame, mesh: Any, every: Sequence[Any]) -> None:
    """Draw what the colours mean, below the matrix."""
    form = None
    if chart.scale.percent:
        form = lambda value, _: signed(f"{100 * value:.0f}%")  # noqa: E731
    bar = frame.body.colorbar(
        mesh,
        ax=every,
        location="bottom",
        fraction=0.3 / frame.height,
        pad=0.25 / frame.height,
        shrink=min(1.0, 8.0 / frame.width),
        format=form,
        aspect=28,
    )
    bar.outline.set_visible(False)
    bar.set_label(chart.scale.label.text(frame.lang))


CHART_KINDS = {Matrix2D: ChartKind(matrix_size, draw_matrix)}
