"""Makes workbooks with XlsxWriter: calculation on load, and the formats that charts share."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import is_on

#: Number of the calculation engine of Excel since 2019.
CALC_ID = 191029
#: Options of XlsxWriter: a city's name that begins with "=" is a text.
PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}
_CALC_ELEMENT = re.compile(r"<((?:\w+:)?)calcPr\b([^>]*?)\s*(/?)>")
_FULL_CALC = re.compile(r"""\sfullCalcOnLoad\s*=\s*["']([^"']*)["']""")
#: The first tag that comes after calcPr in a workbook part.
_AFTER_CALC = re.compile(
    r"<((?:\w+:)?)(?:oleSize|customWorkbookViews|pivotCaches|smartTagPr|smartTagTypes|"
    r"webPublishing|fileRecoveryPr|webPublishObjects|extLst)\b|</((?:\w+:)?)workbook\s*>"
)


def mark_calculated(workbook: Any) -> None:
    """Mark a workbook of XlsxWriter as calculated, so that programs do not calculate it on opening.

    Else a program without the functions shows their results as #NAME?, and asks on closing whether
    to save changes. Excel calculates anyway if the number of the engine is below its own.
    """
    workbook.set_calc_mode("auto", CALC_ID)
    workbook.calc_on_load = False


def new_book() -> Any:
    """Return a new workbook of XlsxWriter in memory, marked as calculated; see `close_to_bytes`.

    The same content gives the same bytes: its date of creation is a fixed one.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True, **PLAIN_TEXT})
    book.set_properties({"created": datetime(2000, 1, 1)})
    mark_calculated(book)
    return book


def close_to_bytes(book: Any) -> bytes:
    """Close a workbook of `new_book`; return its bytes."""
    book.close()
    content: bytes = book.filename.getvalue()
    return content


def calculate_on_load(package: Package) -> Package:
    """Return the workbook with ``fullCalcOnLoad`` set; all else stays byte for byte."""
    part = package.workbook_part
    xml = package.text(part)
    match = _CALC_ELEMENT.search(xml)
    full_calc = None if match is None else _FULL_CALC.search(match[2])
    if full_calc is not None and is_on(full_calc[1]):
        return package
    if match is not None:
        attributes = _FULL_CALC.sub("", match[2]) + ' fullCalcOnLoad="1"'
        element = f"<{match[1]}calcPr{attributes}{match[3]}>"
        start, end = match.span()
    else:
        following = _AFTER_CALC.search(xml)
        assert following is not None  # at least the end tag of the workbook
        prefix = following[1] or following[2] or ""
        element = f'<{prefix}calcPr fullCalcOnLoad="1"/>'
        start = end = following.start()
    return package.replace({part: f"{xml[:start]}{element}{xml[end:]}".encode()})


#: Colours of lines behind the values, of lines of axes, of less important texts.
GRID = "#E4E7EC"
LINE = "#B0B7C0"
QUIET = "#7F8A99"


def values_axis(font: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of XlsxWriter for an axis of values; `font` is that of its numbers."""
    return {
        "num_font": font,
        "num_format": "0",
        "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": GRID}},
    }


def names_axis(font: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for a vertical axis of names in a font, the first on top."""
    return {
        "reverse": True,
        "num_font": font,
        "line": {"color": LINE},
        "major_tick_mark": "none",
        "interval_unit": 1,
    }


def marker(colour: str, size: int) -> dict[str, object]:
    """Return the options of XlsxWriter for a round marker: colour #RRGGBB, size in points."""
    return {
        "type": "circle",
        "size": size,
        "fill": {"color": colour},
        "border": {"color": colour},
    }
