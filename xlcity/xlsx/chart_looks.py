"""How charts look that spreadsheet programs and Word draw: axes and marks, for XlsxWriter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Lines behind the values, lines of axes, quiet texts.
GRID, LINE, QUIET = "#E4E7EC", "#B0B7C0", "#7F8A99"


def values_axis(text: Mapping[str, Any]) -> dict[str, Any]:
    """Return an axis of values, its numbers in a type."""
    return {
        "num_font": text,
        "num_format": "0",
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": GRID}},
    }


def names_down(text: Mapping[str, Any]) -> dict[str, Any]:
    """Return an axis of names in a type, the first on top."""
    return {
        "reverse": True,
        "num_font": text,
        "line": {"color": LINE},
        "major_tick_mark": "none",
        "interval_unit": 1,
    }


def radar_axis(text: Mapping[str, Any]) -> dict[str, Any]:
    """Return the axis of values of a radar chart, its numbers small and quiet."""
    return {
        "num_format": "0",
        "num_font": {**text, "size": 8, "color": QUIET},
        "major_gridlines": {"visible": True, "line": {"color": "#D0D5DD"}},
    }


def marker(colour: str, size: int, kind: str = "circle") -> dict[str, object]:
    """Return the mark of a value."""
    return {"type": kind, "size": size, "fill": {"color": colour}, "border": {"color": colour}}
