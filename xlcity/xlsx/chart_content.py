"""Reads what charts show as texts to compare: kind, title, series, labels and axes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

from xlcity.errors import CellValue
from xlcity.xlsx.address import cell_name, parse_area
from xlcity.xlsx.cells import Position
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import is_on, local
from xlcity.xlsx.styles import normalise_format

#: Element of a series -> the word for it.
_PARTS = {"tx": "name", "cat": "categories", "xVal": "categories", "val": "values",
          "yVal": "values", "bubbleSize": "sizes"}  # fmt: skip
#: Option of a kind of chart -> its default.
_OPTIONS = {"barDir": "", "grouping": "standard", "scatterStyle": "lineMarker", "radarStyle": ""}
_AXES = {"valAx": "value axis", "catAx": "category axis", "dateAx": "category axis"}
#: Setting of an axis -> the word for it, and its default.
_SCALE = {"min": "from", "max": "to", "logBase": "logarithmic", "orientation": "order"}
#: What the label of a value may show -> the word for it.
_LABELS = {"showVal": "value", "showCatName": "category", "showSerName": "series",
           "showPercent": "share"}  # fmt: skip
#: Line added to a series -> the word for it.
_ADDED = {"trendline": "trend line", "errBars": "error bars"}
_WHITE, _LINES = "FFFFFF", ("row", "col")
#: Aspect: stored values of a chart that contradict the cells, and are drawn until it is updated.
STORED = "stored values"
#: Aspect: the cells under a drawing; programs differ in where it ends.
COVERS = "covers"
#: More cells than any chart shows.
_MAX_POINTS = 100_000
#: (sheet, row, column) -> value.
Lookup = Callable[[str, int, int], CellValue]


def read_drawings(
    package: Package, part: str, lookup: Lookup
) -> Iterator[tuple[Position, str, str, str]]:
    """Yield what is drawn on a sheet: cell at its upper left corner, kind, aspect and its text.

    Parameters
    ----------
    package
        The workbook.
    part
        The part of the sheet.
    lookup
        Returns the value of a cell, with which values that a chart stores are compared.
    """
    for target in package.related(part, "drawing"):
        links = {link.id: link.target for link in package.relations(target) if not link.external}
        for anchor in package.root(target):
            name = next((e.get("name", "") for e in anchor.iter() if local(e.tag) == "cNvPr"), "")
            chart = next((e for e in anchor.iter() if local(e.tag) == "chart"), None)
            position = _read_corner(anchor)
            text = _shown_text(anchor)
            if any(is_on(e.get("hidden")) for e in anchor.iter() if local(e.tag) == "cNvPr"):
                yield position, "drawing" if chart is None else "chart", "shown", "no"
            if chart is not None:
                rid = next((v for k, v in chart.items() if local(k) == "id"), "")
                chart_part = links.get(rid, "")
                if chart_part in package.parts:
                    root = package.root(chart_part)
                    size = "within one cell" if _is_tiny(anchor) else ""
                    # What people put into a chart.
                    shapes = map(package.root, package.related(chart_part, "chartUserShapes"))
                    inside = " ".join(_shown_text(shape) or "drawing" for shape in shapes)
                    own_aspects = (("size", size), ("text inside", inside))
                    for aspect, value in (*_read_chart(root, lookup), *own_aspects):
                        yield position, "chart", aspect, value
            else:
                kind = "text box" if text else "drawing"
                yield position, kind, "text" if text else "name", text or name or "drawing"
                if _find_child(anchor, "to") is not None:
                    ends = (cell_name(*position), cell_name(*_read_corner(anchor, "to")))
                    yield position, kind, COVERS, ":".join(ends)


def _is_tiny(anchor: ET.Element) -> bool:
    """Return whether a drawing ends in the row or column of its upper left corner."""
    if _find_child(anchor, "to") is None:
        return False
    return any(
        a >= b for a, b in zip(_read_corner(anchor), _read_corner(anchor, "to"), strict=True)
    )


def _read_corner(anchor: ET.Element, end: str = "from") -> Position:
    """Return the cell of a drawing's upper left corner ("from") or lower right one ("to")."""
    corner = _find_child(anchor, end)
    offsets = {} if corner is None else {local(e.tag): int(e.text or 0) for e in corner}
    # A drawing that ends at the edge of a cell does not cover it.
    row, column = (
        offsets.get(n, 0) + (end == "from" or offsets.get(f"{n}Off") != 0) for n in _LINES
    )
    return row, column


def _read_chart(root: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of a chart part; "" for defaults."""
    chart = _find_child(root, "chart")
    area = None if chart is None else _find_child(chart, "plotArea")
    if chart is None or area is None:
        return
    title, legend = _find_child(chart, "title"), _find_child(chart, "legend")
    yield "title", _read_source(title)
    if title is not None:
        yield f"{STORED} of the title", _find_contradiction(title, lookup)
        yield "letters of the title", "white" if _is_white(title) else ""
    yield "hidden cells", "drawn" if _child_value(chart, "plotVisOnly") == "0" else ""
    yield "entries that the legend leaves out", _list_deleted(legend, "legendEntry")
    number = 0
    kinds, sides = [], Counter[str]()
    for group in area:
        tag = local(group.tag)
        if tag.endswith("Chart"):
            options = [text for name, default in _OPTIONS.items()
                    if (text := _child_value(group, name)) not in ("", default)]  # fmt: skip
            kinds.append(" ".join([tag.removesuffix("Chart"), *options]))
            for series in (e for e in group if local(e.tag) == "ser"):
                number += 1
                for what, text in _read_series(series, lookup):
                    yield f"{what} of series {number}", text
        elif tag.endswith("Ax"):
            sides[tag] += 1
            if tag == "valAx" or not kinds[-1].startswith("radar"):
                yield from _read_axis(group, tag, sides[tag])
    yield "kind", " and ".join(kinds)
    yield "series", str(number)


def _read_series(series: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of a series; "" for defaults."""
    for element in series:
        if local(element.tag) in _PARTS:
            yield _PARTS[local(element.tag)], _read_source(element)
    labels, look = _find_child(series, "dLbls"), _find_child(series, "spPr")
    yield "labels", _read_labels(labels)
    yield "missing labels", _list_deleted(labels, "dLbl")
    yield "colour", "none" if _is_invisible(look) else ""
    yield "fill", "white" if look is not None and _is_white(look) else ""
    points = (
        f"{int(_child_value(e, 'idx') or 0) + 1} {colour}"
        for e in series
        if local(e.tag) == "dPt" and (colour := _first_colour(_find_child(e, "spPr")))
    )
    yield "points of their own", ", ".join(points)
    yield "lines added", ", ".join(_ADDED[tag] for e in series if (tag := local(e.tag)) in _ADDED)
    yield STORED, _find_contradiction(series, lookup)


def _list_deleted(element: ET.Element | None, tag: str) -> str:
    """Return the numbers of the entries of a list that were deleted."""
    entries = () if element is None else element
    deleted = (e for e in entries if local(e.tag) == tag and is_on(_child_value(e, "delete")))
    return ", ".join(str(int(_child_value(e, "idx") or 0) + 1) for e in deleted)


def _first_colour(look: ET.Element | None) -> str:
    """Return the first colour of a look, "none" for an invisible one, "" where it has none."""
    if look is None:
        return ""
    if _is_invisible(look):
        return "none"
    colours = (e.get("val", "") for e in look.iter() if local(e.tag) in ("srgbClr", "schemeClr"))
    return next(colours, "").upper()


def _is_white(element: ET.Element) -> bool:
    """Return whether the first colour in an element is white."""
    return _first_colour(element) in (_WHITE, "BG1", "LT1")


def _find_contradiction(series: ET.Element, lookup: Lookup) -> str:
    """Return the first stored value that contradicts its cell, and how many more do; "" for none.

    Caches with fewer points than cells are skipped: programs leave hidden rows out.
    """
    contradictions = []
    for reference in (e for e in series.iter() if local(e.tag) in ("numRef", "strRef")):
        parts = {local(e.tag).removeprefix("str").removeprefix("num"): e for e in reference}
        area, cache = parse_area(_own_text(parts.get("f")).strip()), parts.get("Cache")
        if area is None or cache is None or area.rows * area.columns > _MAX_POINTS:
            continue
        if _child_value(cache, "ptCount") != str(area.rows * area.columns):
            continue
        cells = list(area.positions)
        for point in (e for e in cache if local(e.tag) == "pt"):
            position = cells[int(point.get("idx", "0"))]
            text, value = _own_text(_find_child(point, "v")), lookup(area.sheet, *position)
            if _contradicts(text, value, is_number="numRef" in reference.tag):
                contradictions.append(f"{text} for {cell_name(*position)}")
    others = f" and {len(contradictions) - 1} more" if len(contradictions) > 1 else ""
    return f"{contradictions[0]}{others}" if contradictions else ""


def _contradicts(text: str, value: CellValue, *, is_number: bool) -> bool:
    """Return whether a stored text contradicts the value of a cell; blanks in texts may differ."""
    if isinstance(value, str) and not is_number:
        return bool(text) and text.split() != value.split()
    if not isinstance(value, float) or not is_number:
        return False
    try:
        return not math.isclose(float(text), value, rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return True


def _read_axis(axis: ET.Element, tag: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of the axis of a tag, numbered among these; "" for defaults."""
    side = _AXES.get(tag, "axis") + ("" if number == 1 else f" {number}")
    scale = _find_child(axis, "scaling")
    for key, word in _SCALE.items():
        text = "" if scale is None else _child_value(scale, key)
        if text and text != "minMax":
            yield f"{side} {word}", text.removesuffix(".0")
    if title := _read_source(_find_child(axis, "title")):
        yield f"{side} title", title
    if tag == "valAx":
        yield f"{side} numbers", _read_number_format(axis)
        units = _find_child(axis, "dispUnits")
        yield (
            f"{side} units",
            "" if units is None else _child_value(units, "builtInUnit") or "others",
        )
    yield f"{side} labels", "none" if _child_value(axis, "tickLblPos") == "none" else ""
    yield f"{side} crosses at", _child_value(axis, "crossesAt")
    yield f"{side} shown", "no" if is_on(_child_value(axis, "delete")) else ""


def _read_labels(element: ET.Element | None) -> str:
    """Return what the labels of a series show: kinds of texts, a number format, typed texts."""
    if element is None:
        return ""
    shown = [word for tag, word in _LABELS.items() if is_on(_child_value(element, tag))]
    if shown:
        shown.append(_read_number_format(element))
    for label in (e for e in element if local(e.tag) == "dLbl"):
        if typed := _shown_text(label):
            shown.append(f'"{typed}" at {int(_child_value(label, "idx") or 0) + 1}')
    return ", ".join(filter(None, shown))


def _read_number_format(element: ET.Element) -> str:
    """Return the number format of labels or an axis; "" if it is that of the cells."""
    number_format = _find_child(element, "numFmt")
    if number_format is None or is_on(number_format.get("sourceLinked")):
        return ""
    form = number_format.get("formatCode", "")
    return "" if form.lower() == "general" else normalise_format(form)


def _is_invisible(look: ET.Element | None) -> bool:
    """Return whether a look has neither a fill nor a line."""
    line = None if look is None else _find_child(look, "ln")
    return (
        look is not None
        and _find_child(look, "noFill") is not None
        and (line is None or _find_child(line, "noFill") is not None)
    )


def _child_value(element: ET.Element, tag: str) -> str:
    child = _find_child(element, tag)
    return "" if child is None else child.get("val", "")


def _find_child(element: ET.Element, tag: str) -> ET.Element | None:
    return next((e for e in element if local(e.tag) == tag), None)


def _read_source(element: ET.Element | None) -> str:
    """Return the cells that a title or a part of a series refers to, and the text it shows."""
    if element is None:
        return ""
    formula = next((e.text or "" for e in element.iter() if local(e.tag) == "f"), "").strip()
    tag = local(element.tag)
    if formula and tag not in ("title", "tx"):
        return str(parse_area(formula) or formula)
    typed = _shown_text(element) or " ".join(
        e.text or "" for e in element.iter() if local(e.tag) == "v"
    )
    shown = f'"{typed}"' if typed else ""
    return f"{parse_area(formula) or formula} {shown}".strip()


def _own_text(element: ET.Element | None) -> str:
    return "" if element is None else element.text or ""


def _shown_text(element: ET.Element) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e.tag) == "t").strip()
