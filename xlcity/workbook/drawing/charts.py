"""Charts that follow cells: ranked bars, clustered bars and lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.drawing.styles import ACCENT, FONT, INK
from xlcity.workbook.steps.nodes import may_cancel
from xlcity.xlsx.new_book import (
    LINE,
    QUIET,
    marker,
    names_axis,
    values_axis,
)

_TEXT = {"name": FONT, "size": 9, "color": INK}
_VALUES = values_axis(_TEXT)
_NAMES_DOWN = names_axis(_TEXT)
COLOURS = (ACCENT, "#E08A1E", QUIET)
LINE_COLOURS = (*COLOURS, "#2E9E6B", "#8E5EA2", "#C0392B")


def _chart(
    book: Book,
    kind: Mapping[str, str],
    names: Area,
    series: Iterable[Mapping[str, Any]],
    legend: str = "",
) -> Any:
    """Return a chart with a series for each of some; its legend stands at a side, or there is none.

    The cells of the names are said to be texts: they are formulas yet to compute.
    """
    chart = book.workbook.add_chart(kind)
    along = {
        "categories": f"={names.ref()}",
        "categories_data": [""] * names.rows * names.columns,
    }
    for options in series:
        values = f"={options['values'].ref()}"
        chart.add_series(book.retitled_options({**along, **options, "values": values}))
    chart.set_legend({"position": legend, "font": _TEXT} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": "#D0D5DD"}})
    return chart


def _coloured(
    lines: Sequence[tuple[str, Area]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield colour, and name with values, of each (name reference, values)."""
    for position, (name, values) in enumerate(lines):
        yield COLOURS[position % len(COLOURS)], {"name": name, "values": values}


def bar(book: Book, name: str, names: Area, values: Area) -> Any:
    """Return a horizontal bar chart of a series with a name, the first row on top.

    Bars to both sides have no numbers: those of the left ones would stand on the names.
    """
    labels = {"value": True, "num_format": "0.00", "font": {**_TEXT, "size": 8}}
    look = {
        "fill": {"color": ACCENT},
        "gap": 45,
        "data_labels": {} if _is_signed(book) else labels,
    }
    chart = _chart(
        book, {"type": "bar"}, names, [{"name": name, "values": values, **look}]
    )
    chart.set_y_axis({**_NAMES_DOWN, "label_position": "low"})
    chart.set_x_axis({**_scores_axis(book), "label_position": "high"})
    return chart


def _scores_axis(book: Book) -> dict[str, Any]:
    """Return the options of an axis that begins at 0, unless scores lie on both sides of it.

    It has no end of its own: full score and bounds are typed.
    """
    return {**_VALUES, **({"num_format": "0.0"} if _is_signed(book) else {"min": 0})}


def _is_signed(book: Book) -> bool:
    """Tell whether scores lie on both sides of 0."""
    return (
        may_cancel(book.spec, book.spec.framework.root.code) and not book.spec.rescales
    )


def bars(
    book: Book,
    names: Area,
    lines: Sequence[tuple[str, Area]],
) -> Any:
    """Return a clustered bar chart from 0 with one colour per (name reference, values).

    It has no legend: programs order that of bars in their own ways, and the columns above have one.
    """
    series = (
        {**line, "fill": {"color": colour}, "gap": 60}
        for colour, line in _coloured(lines)
    )
    chart = _chart(book, {"type": "bar"}, names, series)
    chart.set_y_axis({**_NAMES_DOWN, "label_position": "low"})
    chart.set_x_axis({**_scores_axis(book), "label_position": "high"})
    return chart


def lines(
    book: Book,
    names: Area,
    rows: Sequence[tuple[str, Area]],
) -> Any:
    """Return a line chart with a line per (name reference, values)."""
    series = [
        {
            "name": name,
            "values": values,
            "line": {"color": colour, "width": 2},
            "marker": marker(colour, 5),
        }
        for colour, (name, values) in zip(LINE_COLOURS, rows, strict=False)
    ]
    chart = _chart(book, {"type": "line"}, names, series, legend="bottom")
    chart.set_x_axis({"num_font": _TEXT, "line": {"color": LINE}})
    chart.set_y_axis(_VALUES)
    return chart


def columns(
    book: Book,
    names: Area,
    lines: Sequence[tuple[str, Area]],
) -> Any:
    """Return a clustered column chart with one colour per (name reference, values)."""
    series = (
        {**line, "fill": {"color": colour}, "gap": 80}
        for colour, line in _coloured(lines)
    )
    chart = _chart(book, {"type": "column"}, names, series, legend="bottom")
    chart.set_x_axis(
        {"num_font": _TEXT, "line": {"color": LINE}, "label_position": "low"}
    )
    chart.set_y_axis(_scores_axis(book))
    return chart
