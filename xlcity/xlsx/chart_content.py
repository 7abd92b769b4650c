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
from xlcity.xlsx.parts import is_on, local, relation_id
from xlcity.xlsx.styles import normalise_format

#: Element of a series -> the word for it.
_WORD_FOR_PART = {
    "tx": "name",
    "cat": "categories",
    "xVal": "categories",
    "val": "values",
    "yVal": "values",
    "bubbleSize": "sizes",
}
#: Option of a kind of chart -> its default.
_DEFAULT_OF_OPTION = {
    "barDir": "",
    "grouping": "standard",
    "scatterStyle": "lineMarker",
    "radarStyle": "",
}
_WORD_FOR_AXIS = {
    "valAx": "value axis",
    "catAx": "category axis",
    "dateAx": "category axis",
}
#: Setting of an axis -> the word for it, and its default.
_WORD_FOR_SCALE = {
    "min": "from",
    "max": "to",
    "logBase": "logarithmic",
    "orientation": "order",
}
#: What the label of a value may show -> the word for it.
_WORD_FOR_LABEL = {
    "showVal": "value",
    "showCatName": "category",
    "showSerName": "series",
    "showPercent": "share",
}
#: Line added to a series -> the word for it.
_WORD_FOR_ADDED_LINE = {"trendline": "trend line", "errBars": "error bars"}
_WHITE = ("FFFFFF", "BG1", "LT1")
_ROW_AND_COLUMN = ("row", "col")
#: Aspect: stored values of a chart that contradict the cells, and are drawn until it is updated.
STORED_VALUES = "stored values"
#: Aspect: the cells under a drawing; programs differ in where it ends.
CELLS_UNDER_DRAWING = "covers"
#: More cells than any chart shows.
MAX_POINTS = 100_000
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
        links = {
            link.id: link.target
            for link in package.relations(target)
            if not link.external
        }
        for anchor in package.root(target):
            title = anchor.find(".//{*}cNvPr")
            chart = anchor.find(".//{*}chart")
            position = _read_corner(anchor)
            text = _shown_text(anchor)
            if any(is_on(e.get("hidden")) for e in anchor.iterfind(".//{*}cNvPr")):
                yield position, "drawing" if chart is None else "chart", "shown", "no"
            if chart is not None:
                if (
                    chart_part := links.get(relation_id(chart), "")
                ) not in package.parts:
                    continue
                # What people put into a chart.
                shapes = map(
                    package.root, package.related(chart_part, "chartUserShapes")
                )
                inside = " ".join(_shown_text(shape) or "drawing" for shape in shapes)
                size = "within one cell" if _is_tiny(anchor) else ""
                own_aspects = (("size", size), ("text inside", inside))
                for aspect, value in (
                    *_read_chart(package.root(chart_part), lookup),
                    *own_aspects,
                ):
                    yield position, "chart", aspect, value
                continue
            kind = "text box" if text else "drawing"
            name = "" if title is None else title.get("name", "")
            yield position, kind, "text" if text else "name", text or name or "drawing"
            if anchor.find("{*}to") is not None:
                ends = (cell_name(*position), cell_name(*_read_corner(anchor, "to")))
                yield position, kind, CELLS_UNDER_DRAWING, ":".join(ends)


def _is_tiny(anchor: ET.Element) -> bool:
    """Return whether a drawing, by its anchor element, lies within one row or one column."""
    # Row and column of both corners; the second is just before the first if all is in one cell.
    corners = zip(_read_corner(anchor), _read_corner(anchor, "to"), strict=True)
    return anchor.find("{*}to") is not None and any(
        first >= last for first, last in corners
    )


def _read_corner(anchor: ET.Element, end: str = "from") -> Position:
    """Return the cell of a drawing's upper left corner ("from") or lower right one ("to")."""
    offsets = {local(e.tag): int(e.text or 0) for e in anchor.iterfind(f"{{*}}{end}/*")}
    # A drawing that ends at the edge of a cell does not cover it.
    row, column = (
        offsets.get(n, 0) + (end == "from" or offsets.get(f"{n}Off") != 0)
        for n in _ROW_AND_COLUMN
    )
    return row, column


def _read_chart(root: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield what a chart shows: aspect ("title", "labels of series 1", …) and text.

    The text is "" for defaults. `root` is that of the chart's part; `lookup` gives the value of a
    cell by sheet, row and column.
    """
    chart = root.find("{*}chart")
    area = root.find("{*}chart/{*}plotArea")
    if chart is None or area is None:
        return
    title = chart.find("{*}title")
    yield "title", _read_source(title)
    if title is not None:
        yield f"{STORED_VALUES} of the title", _find_contradiction(title, lookup)
        yield "letters of the title", "white" if _first_colour(title) in _WHITE else ""
    yield "hidden cells", "drawn" if _child_value(chart, "plotVisOnly") == "0" else ""
    yield (
        "entries that the legend leaves out",
        _list_deleted(chart, "legend", "legendEntry"),
    )
    number = 0
    kinds = []
    axis_counts = Counter[str]()
    for group in area:
        tag = local(group.tag)
        if tag.endswith("Chart"):
            options = [
                text
                for name, default in _DEFAULT_OF_OPTION.items()
                if (text := _child_value(group, name)) not in ("", default)
            ]
            kinds.append(" ".join([tag.removesuffix("Chart"), *options]))
            for series in group.iterfind("{*}ser"):
                number += 1
                for what, text in _read_series(series, lookup):
                    yield f"{what} of series {number}", text
        elif tag.endswith("Ax"):
            axis_counts[tag] += 1
            if tag == "valAx" or not kinds[-1].startswith("radar"):
                yield from _read_axis(group, tag, axis_counts[tag])
    yield "kind", " and ".join(kinds)
    yield "series", str(number)


def _read_series(series: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield what a series shows: aspect ("labels", "colour", …) and its text, "" for defaults.

    `lookup` gives the value of a cell by sheet, row and column.
    """
    for element in series:
        if local(element.tag) in _WORD_FOR_PART:
            yield _WORD_FOR_PART[local(element.tag)], _read_source(element)
    colour = _first_colour(series.find("{*}spPr"))
    yield "labels", _read_labels(series.find("{*}dLbls"))
    yield "missing labels", _list_deleted(series, "dLbls", "dLbl")
    yield "colour", "none" if colour == "none" else ""
    yield "fill", "white" if colour in _WHITE else ""
    points = (
        f"{_point_number(point)} {own}"
        for point in series.iterfind("{*}dPt")
        if (own := _first_colour(point.find("{*}spPr")))
    )
    yield "points of their own", ", ".join(points)
    added = (_WORD_FOR_ADDED_LINE.get(local(element.tag)) for element in series)
    yield "lines added", ", ".join(filter(None, added))
    yield STORED_VALUES, _find_contradiction(series, lookup)


def _list_deleted(element: ET.Element, tag: str, entry: str) -> str:
    """Return the numbers (from 1) of deleted entries of a legend or of labels, such as "2, 5".

    `element` has the list as a child with the tag `tag`; `entry` is the tag of the list's entries.
    """
    entries = element.iterfind(f"{{*}}{tag}/{{*}}{entry}")
    return ", ".join(
        _point_number(e) for e in entries if is_on(_child_value(e, "delete"))
    )


def _point_number(element: ET.Element) -> str:
    """Return, from 1, the number of a point or an entry that an element is for ("idx" + 1)."""
    return str(int(_child_value(element, "idx") or 0) + 1)


def _first_colour(shape: ET.Element | None) -> str:
    """Return the first colour of a shape's properties (spPr): RRGGBB or a theme's name.

    "none" if they say that there is neither fill nor line, "" if they say nothing.
    """
    if shape is None:
        return ""
    has_line = shape.find("{*}ln") is not None and shape.find("{*}ln/{*}noFill") is None
    if shape.find("{*}noFill") is not None and not has_line:
        return "none"
    colours = (
        e.get("val", "")
        for e in shape.iter()
        if local(e.tag) in ("srgbClr", "schemeClr")
    )
    return next(colours, "").upper()


def _find_contradiction(series: ET.Element, lookup: Lookup) -> str:
    """Return the first stored value that contradicts its cell, and how many more do; "" for none.

    `lookup` gives the value of a cell by sheet, row and column. Caches with fewer points than cells
    are skipped: programs leave hidden rows out.
    """
    contradictions = []
    for reference in (e for e in series.iter() if local(e.tag) in ("numRef", "strRef")):
        kind = local(reference.tag).removesuffix("Ref")
        area = parse_area(reference.findtext("{*}f", "").strip())
        cache = reference.find(f"{{*}}{kind}Cache")
        if area is None or cache is None or area.rows * area.columns > MAX_POINTS:
            continue
        if _child_value(cache, "ptCount") != str(area.rows * area.columns):
            continue
        cells = list(area.positions)
        for point in cache.iterfind("{*}pt"):
            position = cells[int(point.get("idx", "0"))]
            text = point.findtext("{*}v", "")
            value = lookup(area.sheet, *position)
            if _contradicts(text, value, is_number=kind == "num"):
                contradictions.append(f"{text} for {cell_name(*position)}")
    others = f" and {len(contradictions) - 1} more" if len(contradictions) > 1 else ""
    return f"{contradictions[0]}{others}" if contradictions else ""


def _contradicts(text: str, value: CellValue, *, is_number: bool) -> bool:
    """Return whether the text that a chart stores contradicts the value of its cell.

    `is_number` says whether the chart stores it as a number. Blanks in texts may differ.
    """
    if isinstance(value, str) and not is_number:
        return bool(text) and text.split() != value.split()
    if not isinstance(value, float) or not is_number:
        return False
    try:
        return not math.isclose(float(text), value, rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return True


def _read_axis(axis: ET.Element, tag: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of a chart's axis, "" for defaults.

    `tag` is the kind of axis ("valAx", …); `number` counts the chart's axes of this kind from 1.
    """
    axis_words = _WORD_FOR_AXIS.get(tag, "axis") + ("" if number == 1 else f" {number}")
    for key, word in _WORD_FOR_SCALE.items():
        text = _child_value(axis, f"scaling/{{*}}{key}")
        if text and text != "minMax":
            yield f"{axis_words} {word}", text.removesuffix(".0")
    if title := _read_source(axis.find("{*}title")):
        yield f"{axis_words} title", title
    if tag == "valAx":
        yield f"{axis_words} numbers", _read_number_format(axis)
        units = "" if axis.find("{*}dispUnits") is None else "others"
        yield (
            f"{axis_words} units",
            _child_value(axis, "dispUnits/{*}builtInUnit") or units,
        )
    yield (
        f"{axis_words} labels",
        "none" if _child_value(axis, "tickLblPos") == "none" else "",
    )
    yield f"{axis_words} crosses at", _child_value(axis, "crossesAt")
    yield f"{axis_words} shown", "no" if is_on(_child_value(axis, "delete")) else ""


def _read_labels(element: ET.Element | None) -> str:
    """Return what the labels of a series show: kinds of texts, a number format, typed texts."""
    if element is None:
        return ""
    shown = [
        word
        for tag, word in _WORD_FOR_LABEL.items()
        if is_on(_child_value(element, tag))
    ]
    if shown:
        shown.append(_read_number_format(element))
    for label in element.iterfind("{*}dLbl"):
        if typed := _shown_text(label):
            shown.append(f'"{typed}" at {_point_number(label)}')
    return ", ".join(filter(None, shown))


def _read_number_format(element: ET.Element) -> str:
    """Return the number format of labels or an axis; "" if it is that of the cells."""
    number_format = element.find("{*}numFmt")
    if number_format is None or is_on(number_format.get("sourceLinked")):
        return ""
    form = number_format.get("formatCode", "")
    return "" if form.lower() == "general" else normalise_format(form)


def _child_value(element: ET.Element, tag: str) -> str:
    """Return the attribute "val" of a child, by its tag without namespace; "" if there is none."""
    child = element.find(f"{{*}}{tag}")
    return "" if child is None else child.get("val", "")


def _read_source(element: ET.Element | None) -> str:
    """Return the cells and text of a title or a part of a series: `Data!B2:B9 "Score"`.

    Of categories and values only the cells, whose content is compared elsewhere; "" for None.
    """
    if element is None:
        return ""
    formula = element.findtext(".//{*}f", "").strip()
    # Of categories and values the cells are enough: their texts are in these.
    if formula and local(element.tag) not in ("title", "tx"):
        return str(parse_area(formula) or formula)
    stored = " ".join(e.text or "" for e in element.iterfind(".//{*}v"))
    typed = _shown_text(element) or stored
    shown = f'"{typed}"' if typed else ""
    return f"{parse_area(formula) or formula} {shown}".strip()


def _shown_text(element: ET.Element) -> str:
    """Return the text of a drawing, a title or a label: its pieces ("t" elements) joined."""
    return "".join(e.text or "" for e in element.iterfind(".//{*}t")).strip()
