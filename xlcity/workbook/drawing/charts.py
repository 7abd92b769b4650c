"""Charts that follow cells: ranked bars and radars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.drawing.styles import ACCENT, FONT, INK
from xlcity.xlsx.new_book import LINE, QUIET, marker, names_axis, radar_axis, values_axis

_TEXT = {"name": FONT, "size": 9, "color": INK}
_VALUES, _NAMES_DOWN = values_axis(_TEXT), names_axis(_TEXT)
COLOURS = (ACCENT, "#E08A1E", QUIET)


def _names(area: Area) -> dict[str, object]:
    """Return the names along an axis, said to be texts: their cells are formulas yet to compute."""
    count = area.rows * area.columns
    return {"categories": _series(area), "categories_data": [""] * count}


def _series(area: Area) -> str:
    return f"={area.ref()}"


def _lines(
    names: Area, lines: Sequence[tuple[str, Area]]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield colour, name and values of each (name reference, values)."""
    for position, (name, values) in enumerate(lines):
        line = {"name": name, **_names(names), "values": _series(values)}
        yield COLOURS[position % len(COLOURS)], line


def _add_series(book: Book, chart: Any, series: Mapping[str, Any]) -> None:
    """Add a series; its references get the titles of the tabs."""
    chart.add_series(book.retitled_options(series))


def _chart(book: Book, kind: Mapping[str, str], legend: str = "") -> Any:
    """Return a chart; its legend stands at a side, or there is none."""
    chart = book.workbook.add_chart(kind)
    chart.set_legend({"position": legend, "font": _TEXT} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": "#D0D5DD"}})
    return chart


def bar(book: Book, name: str, names: Area, values: Area) -> Any:
    """Return a horizontal bar chart of a series with a name, the first row on top."""
    chart = _chart(book, {"type": "bar"})
    _add_series(
        book,
        chart,
        {
            "name": name,
            **_names(names),
            "values": _series(values),
            "fill": {"color": ACCENT},
            "gap": 45,
            "data_labels": {"value": True, "num_format": "0.00", "font": {**_TEXT, "size": 8}},
        },
    )
    chart.set_y_axis(_NAMES_DOWN)
    chart.set_x_axis({**_VALUES, "min": 0, "label_position": "high"})
    return chart


def radar(book: Book, names: Area, lines: Sequence[tuple[str, Area]], scaled: bool = True) -> Any:
    """Return a radar chart with one line per (name reference, values).

    The axis goes to 100, or as far as the values if they are not `scaled`.
    """
    chart = _chart(book, {"type": "radar", "subtype": "with_markers"}, "bottom")
    for position, (colour, line) in enumerate(_lines(names, lines)):
        style = {
            "color": colour,
            "width": 2.25 if position == 0 else 1.5,
            "dash_type": "solid" if position < 2 else "dash",
        }
        mark = marker(colour, 5 if position == 0 else 3)
        _add_series(book, chart, {**line, "line": style, "marker": mark})
    chart.set_x_axis({"num_font": {**_TEXT, "size": 8}})
    scale = {"min": 0, "max": 100, "major_unit": 20} if scaled else {}
    chart.set_y_axis({**scale, **radar_axis(_TEXT)})
    return chart


def columns(book: Book, names: Area, lines: Sequence[tuple[str, Area]]) -> Any:
    """Return a clustered column chart with one colour per (name reference, values)."""
    chart = _chart(book, {"type": "column"}, "bottom")
    for colour, line in _lines(names, lines):
        _add_series(book, chart, {**line, "fill": {"color": colour}, "gap": 80})
    chart.set_x_axis({"num_font": _TEXT, "line": {"color": LINE}})
    chart.set_y_axis({**_VALUES, "min": 0})
    return chart


def steps(book: Book, names: Area, stretches: Sequence[Area]) -> Any:
    """Return a waterfall: six stacked columns, for what is above zero and then for what is below.

    Of each three the first is a hidden base, the second a gain, the third a loss.
    """
    chart = _chart(book, {"type": "column", "subtype": "stacked"})
    for position, area in enumerate(stretches):
        kind = position % 3
        fill = {"none": True} if kind == 0 else {"color": COLOURS[kind - 1]}
        _add_series(
            book,
            chart,
            {
                "name": ("base", "+", "−")[kind],
                **_names(names),
                "values": _series(area),
                "fill": fill,
                "border": {"none": True},
                "gap": 40,
            },
        )
    chart.set_x_axis({"num_font": {**_TEXT, "size": 8}, "label_position": "low"})
    chart.set_y_axis({**_VALUES, "num_format": "General"})
    return chart


def intervals(book: Book, names: Area, stretches: Sequence[Area], most: int) -> Any:
    """Return a bar for each name from one end of an interval to the other, the first on top.

    The first stretch is hidden; two shades part at the median, and two greys are out of date.
    """
    chart = _chart(book, {"type": "bar", "subtype": "stacked"})
    for colour, area in zip(
        (None, "#7FA9D8", ACCENT, "#D9DCE1", "#B0B7C0"), stretches, strict=True
    ):
        _add_series(
            book,
            chart,
            {
                **_names(names),
                "values": _series(area),
                "fill": {"color": colour} if colour else {"none": True},
                "border": {"none": True},
                "gap": 45,
            },
        )
    chart.set_y_axis(_NAMES_DOWN)
    chart.set_x_axis({**_VALUES, "min": 0, "max": most + 1, "label_position": "high"})
    return chart
