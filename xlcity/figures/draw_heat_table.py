"""Draws tables of numbers whose cells are shaded by the third that a rank is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from xlcity.figures.contents import HeatTable
from xlcity.figures.draw_matrices import MatrixLayout, matrix_layout, name_cells
from xlcity.figures.panels import ChartKind, Frame, Size, row_columns
from xlcity.figures.style import figure_style

#: Room that a number with its mark needs, in cm; what a legend needs less than a scale of colours.
CELL = 0.85
_LEGEND = -1.4
#: Height of a row at most, in cm.
_HIGHEST = 0.45
#: How a gap is hatched.
_HATCH = "/////"
#: Width of the outline that makes a number bold in fonts without bold letters, in points.
_BOLD = 0.5


def _layout(chart: HeatTable, lang: str) -> MatrixLayout:
    """Return the rows in blocks side by side, as many as fit the height of a page in each."""
    blocks = row_columns(len(chart.rows), tall=True)
    return matrix_layout(chart, blocks, lang, highest=_HIGHEST)


def heat_table_size(chart: HeatTable, lang: str) -> Size:
    """Return the size in cm."""
    width, height = _layout(chart, lang).size
    return width, height + _LEGEND


def draw_heat_table(chart: HeatTable, frame: Frame) -> None:
    """Draw the cells, their numbers and what the shades mean."""
    layout = _layout(chart, frame.lang)
    every = frame.axes(len(layout.blocks))
    for axes, part in zip(every, layout.blocks, strict=True):
        axes.set_xlim(0, len(chart.columns))
        name_cells(axes, part, layout)
        for cell in _cells(chart, part):
            _draw_cell(axes, cell, _third(chart, cell.rank))
    _write_legend(chart, frame)


class _ShadedCell(NamedTuple):
    """A number with its rank, and where it stands in its block."""

    text: str
    rank: float
    column: int
    height: int


def _cells(chart: HeatTable, part: range) -> Iterator[_ShadedCell]:
    """Yield the cells of some rows."""
    for height, row in enumerate(part):
        ranks = chart.ranks[row].tolist()
        for column, text in enumerate(chart.texts[row]):
            yield _ShadedCell(text, ranks[column], column, height)


def _draw_cell(axes: Any, cell: _ShadedCell, third: int) -> None:
    """Draw a cell in its shade with its number, that of the first of a column in bold."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    style = figure_style()
    corner = (cell.column, cell.height)
    axes.add_patch(Rectangle(corner, 1, 1, **_cell_look(third)))
    bold = [withStroke(linewidth=_BOLD, foreground=style.colour["text"])]
    axes.text(
        cell.column + 0.5,
        cell.height + 0.5,
        cell.text,
        ha="center",
        va="center_baseline",
        size=style.type["small"],
        path_effects=bold if cell.rank == 1 else [],
    )


def _third(chart: HeatTable, rank: float) -> int:
    """Return which third a rank is in, from 0; behind the last one for a gap."""
    if np.isnan(rank):
        return len(chart.thirds)
    return int(np.searchsorted(chart.thirds[:-1], rank))


def _cell_look(third: int) -> dict[str, Any]:
    """Return the look of a cell: the first third is the darkest, a gap is hatched."""
    colour = figure_style().colour
    *shades, first = colour["sequence"][:3]
    grounds = [first, *reversed(shades)]
    if third < len(grounds):
        return {"facecolor": grounds[third], "edgecolor": "white", "lw": 0.6}
    look = {"facecolor": "white", "edgecolor": colour["line"]}
    return {**look, "hatch": _HATCH, "lw": 0.6}


def _write_legend(chart: HeatTable, frame: Frame) -> None:
    """Write what the shades mean; that of gaps where there are any."""
    from matplotlib.patches import Patch

    has_gap = bool(np.isnan(chart.ranks).any())
    shown = chart.legend if has_gap else chart.legend[: len(chart.thirds)]
    handles = [
        Patch(label=label.text(frame.lang), **_cell_look(third))
        for third, label in enumerate(shown)
    ]
    frame.legend(handles)


CHART_KINDS = {HeatTable: ChartKind(heat_table_size, draw_heat_table)}
