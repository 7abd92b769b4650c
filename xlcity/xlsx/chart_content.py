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
        links = _inner_links(package, target)
        for anchor in package.root(target):
            position = _read_corner(anchor)
            chart = anchor.find(".//{*}chart")
            if _is_hidden(anchor):
                yield position, "drawing" if chart is None else "chart", "shown", "no"
            if chart is None:
                for kind, aspect, text in _read_shape(anchor):
                    yield position, kind, aspect, text
                continue
            chart_part = links.get(relation_id(chart), "")
            if chart_part not in package.parts:
                continue
            for aspect, text in _read_chart(package.root(chart_part), lookup):
                yield position, "chart", aspect, text
            yield (
                position,
                "chart",
                "size",
                "within one cell" if _is_tiny(anchor) else "",
            )
            yield position, "chart", "text inside", _text_inside(package, chart_part)


def _inner_links(package: Package, part: str) -> dict[str, str]:
    """Return id -> target of the relationships of a part with others of the package."""
    links = package.relations(part)
    return {link.id: link.target for link in links if not link.external}


def _is_hidden(anchor: ET.Element) -> bool:
    """Return whether a drawing, or a part of it, is hidden."""
    properties = anchor.iterfind(".//{*}cNvPr")
    return any(is_on(element.get("hidden")) for element in properties)


def _read_shape(anchor: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Yield what a drawing that is no chart shows: kind, aspect and text."""
    text = _shown_text(anchor)
    kind = "text box" if text else "drawing"
    if text:
        yield kind, "text", text
    else:
        properties = anchor.find(".//{*}cNvPr")
        name = "" if properties is None else properties.get("name", "")
        yield kind, "name", name or "drawing"
    if anchor.find("{*}to") is not None:
        first = cell_name(*_read_corner(anchor))
        last = cell_name(*_read_corner(anchor, "to"))
        yield kind, CELLS_UNDER_DRAWING, f"{first}:{last}"


def _text_inside(package: Package, chart_part: str) -> str:
    """Return the texts of what people put into a chart, "drawing" for what has none."""
    shapes = map(package.root, package.related(chart_part, "chartUserShapes"))
    return " ".join(_shown_text(shape) or "drawing" for shape in shapes)


def _is_tiny(anchor: ET.Element) -> bool:
    """Return whether a drawing, by its anchor element, lies within one row or one column."""
    # Row and column of both corners; the second is just before the first if all is in one cell.
    corners = zip(_read_corner(anchor), _read_corner(anchor, "to"), strict=True)
    return anchor.find("{*}to") is not None and any(
        first >= last for first, last in corners
    )


def _read_corner(anchor: ET.Element, end: str = "from") -> Position:
    """Return the cell of a drawing's upper left corner ("from") or lower right one ("to")."""
    offsets: dict[str, int] = {}
    for element in anchor.iterfind(f"{{*}}{end}/*"):
        offsets[local(element.tag)] = int(element.text or 0)

    def number(name: str) -> int:
        """Return the number, from 1, of the corner's "row" or "col"."""
        # A drawing that ends at the edge of a cell does not cover it.
        is_covered = end == "from" or offsets.get(f"{name}Off") != 0
        return offsets.get(name, 0) + is_covered

    return number("row"), number("col")


def _read_chart(root: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield what a chart shows: aspect ("title", "labels of series 1", …) and text.

    The text is "" for defaults. `root` is that of the chart's part; `lookup` gives the value of a
    cell by sheet, row and column.
    """
    chart = root.find("{*}chart")
    area = root.find("{*}chart/{*}plotArea")
    if chart is None or area is None:
        return
    yield from _read_beside_plot(chart, lookup)
    series_number = 0
    kinds = []
    axis_counts = Counter[str]()
    for group in area:
        tag = local(group.tag)
        if tag.endswith("Chart"):
            kinds.append(_describe_kind(group))
            for series in group.iterfind("{*}ser"):
                series_number += 1
                for what, text in _read_series(series, lookup):
                    yield f"{what} of series {series_number}", text
        elif tag.endswith("Ax"):
            axis_counts[tag] += 1
            if tag == "valAx" or not kinds[-1].startswith("radar"):
                yield from _read_axis(group, tag, axis_counts[tag])
    yield "kind", " and ".join(kinds)
    yield "series", str(series_number)


def _read_beside_plot(chart: ET.Element, lookup: Lookup) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of a chart's title, hidden cells and legend, "" for defaults.

    `lookup` gives the value of a cell by sheet, row and column.
    """
    title = chart.find("{*}title")
    yield "title", _read_source(title)
    if title is not None:
        is_white = _first_colour(title) in _WHITE
        yield f"{STORED_VALUES} of the title", _find_contradiction(title, lookup)
        yield "letters of the title", "white" if is_white else ""
    draws_hidden_cells = _child_value(chart, "plotVisOnly") == "0"
    yield "hidden cells", "drawn" if draws_hidden_cells else ""
    deleted_entries = _list_deleted(chart, "legend", "legendEntry")
    yield "entries that the legend leaves out", deleted_entries


def _describe_kind(group: ET.Element) -> str:
    """Return the kind of a chart and its options but for defaults: "bar col stacked"."""
    words = [local(group.tag).removesuffix("Chart")]
    for name, default in _DEFAULT_OF_OPTION.items():
        value = _child_value(group, name)
        if value not in ("", default):
            words.append(value)
    return " ".join(words)


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
    points = []
    for point in series.iterfind("{*}dPt"):
        own_colour = _first_colour(point.find("{*}spPr"))
        if own_colour:
            points.append(f"{_point_number(point)} {own_colour}")
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
    contradictions: list[str] = []
    for element in series.iter():
        if local(element.tag) in ("numRef", "strRef"):
            contradictions += _list_contradictions(element, lookup)
    if len(contradictions) > 1:
        return f"{contradictions[0]} and {len(contradictions) - 1} more"
    return "".join(contradictions)


def _list_contradictions(reference: ET.Element, lookup: Lookup) -> Iterator[str]:
    """Yield the stored values of a reference that contradict their cells: "5 for B2".

    `reference` is its element, "numRef" or "strRef".
    """
    kind = local(reference.tag).removesuffix("Ref")
    area = parse_area(reference.findtext("{*}f", "").strip())
    cache = reference.find(f"{{*}}{kind}Cache")
    if area is None or cache is None:
        return
    cell_count = area.rows * area.columns
    if cell_count > MAX_POINTS or _child_value(cache, "ptCount") != str(cell_count):
        return
    cells = list(area.positions)
    for point in cache.iterfind("{*}pt"):
        position = cells[int(point.get("idx", "0"))]
        text = point.findtext("{*}v", "")
        value = lookup(area.sheet, *position)
        if _contradicts(text, value, is_number=kind == "num"):
            yield f"{text} for {cell_name(*position)}"


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


def _read_axis(
    axis: ET.Element,
    tag: str,
    number: int,
) -> Iterator[tuple[str, str]]:
    """Yield aspect and text of a chart's axis, "" for defaults.

    `tag` is the kind of axis ("valAx", …); `number` counts the chart's axes of this kind from 1.
    """
    axis_words = _WORD_FOR_AXIS.get(tag, "axis")
    if number > 1:
        axis_words = f"{axis_words} {number}"
    for key, word in _WORD_FOR_SCALE.items():
        text = _child_value(axis, f"scaling/{{*}}{key}")
        if text and text != "minMax":
            yield f"{axis_words} {word}", text.removesuffix(".0")
    if title := _read_source(axis.find("{*}title")):
        yield f"{axis_words} title", title
    if tag == "valAx":
        yield f"{axis_words} numbers", _read_number_format(axis)
        yield f"{axis_words} units", _read_display_unit(axis)
    has_labels = _child_value(axis, "tickLblPos") != "none"
    yield f"{axis_words} labels", "" if has_labels else "none"
    yield f"{axis_words} crosses at", _child_value(axis, "crossesAt")
    is_deleted = is_on(_child_value(axis, "delete"))
    yield f"{axis_words} shown", "no" if is_deleted else ""


def _read_display_unit(axis: ET.Element) -> str:
    """Return the unit of the numbers beside an axis, such as "thousands"; "" for ones."""
    if axis.find("{*}dispUnits") is None:
        return ""
    return _child_value(axis, "dispUnits/{*}builtInUnit") or "others"


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
