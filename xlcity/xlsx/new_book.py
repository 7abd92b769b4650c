"""Workbooks that XlsxWriter writes: calculation on load, and the looks that all charts share."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import is_on

#: Number of the calculation engine of Excel since 2019.
CALC_ID = 191029
#: For XlsxWriter: a city's name may begin with "=" and is a text all the same.
PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}
_CALC = re.compile(r"<((?:\w+:)?)calcPr\b([^>]*?)\s*(/?)>")
_ASKED = re.compile(r"""\sfullCalcOnLoad\s*=\s*["']([^"']*)["']""")
#: What stands after calcPr in a workbook part, in the order of the standard.
_AFTER = (
    "oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing "
    "fileRecoveryPr webPublishObjects extLst"
)


def mark_calculated(workbook: Any) -> None:
    """Have an XlsxWriter workbook say that its values are calculated: nothing to do on opening.

    Else a program without the functions turns their results to #NAME? at once, and each look at the
    book ends with "save changes?". Excel calculates all the same where the number of the engine
    that calculated is below its own.
    """
    workbook.set_calc_mode("auto", CALC_ID)
    workbook.calc_on_load = False


def new_book(**options: bool) -> Any:
    """Return a workbook of XlsxWriter in memory that says so, for `close_to_bytes`."""
    import xlsxwriter

    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True, **options})
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
    if (match := _CALC.search(xml)) is None:
        new = _add_calculation(xml)
    else:
        asked = _ASKED.search(match[2])
        if asked is not None and is_on(asked[1]):
            return package
        attributes = _ASKED.sub("", match[2]) + ' fullCalcOnLoad="1"'
        element = f"<{match[1]}calcPr{attributes}{match[3]}>"
        new = xml[: match.start()] + element + xml[match.end() :]
    return package.replace({part: new.encode("utf-8")})


def _add_calculation(xml: str) -> str:
    root = re.search(r"<((?:\w+:)?)workbook\b", xml)
    prefix = root[1] if root is not None else ""
    after = "|".join(re.escape(prefix + name) for name in _AFTER.split())
    following = re.search(rf"<(?:{after})\b|</{re.escape(prefix)}workbook\s*>", xml)
    assert following is not None
    element = f'<{prefix}calcPr fullCalcOnLoad="1"/>'
    return xml[: following.start()] + element + xml[following.start() :]


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
