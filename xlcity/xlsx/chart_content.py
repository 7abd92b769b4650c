"""What charts show, as texts to compare: kind, title, series and axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import Position
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, parse_part, relationships

#: Elements of a series -> what a reader calls them.
_PARTS = {"tx": "name", "cat": "categories", "xVal": "categories", "val": "values",
          "yVal": "values", "bubbleSize": "sizes"}  # fmt: skip
#: Elements of a kind of chart that say how it is drawn, unless they say what is usual.
_DRAWN = {"barDir": "", "grouping": "standard", "scatterStyle": "lineMarker", "radarStyle": ""}
_AXES = {"valAx": "value axis", "catAx": "category axis", "dateAx": "category axis"}
#: What an axis may be told -> the word for it, and the value that says nothing.
_SCALE = {"min": "from", "max": "to", "logBase": "logarithmic", "orientation": "order"}


def read_drawings(package: Package, part: str) -> Iterator[tuple[Position, str, str, str]]:
    """Yield what is drawn on a sheet: cell at its upper left corner, name, aspect and its text.

    Parameters
    ----------
    package
        The workbook.
    part
        The part of the sheet.
    """
    for kind, target in relationships(package.parts, part, package.name).values():
        if kind != "drawing" or target not in package.parts:
            continue
        links = relationships(package.parts, target, package.name)
        for anchor in parse_part(package.parts, target, package.name):
            name = next((e.get("name", "") for e in anchor.iter() if local(e.tag) == "cNvPr"), "")
            chart = next((e for e in anchor.iter() if local(e.tag) == "chart"), None)
            position = _corner(anchor)
            text = _text(anchor)
            if chart is not None:
                rid = next((v for k, v in chart.items() if local(k) == "id"), "")
                _, place = links.get(rid, ("", ""))
                if place in package.parts:
                    root = parse_part(package.parts, place, package.name)
                    for aspect, value in _chart(root):
                        yield position, "chart", aspect, value
            elif text:
                yield position, "text box", "text", text
            else:
                yield position, "drawing", "name", name or "drawing"


def _corner(anchor: ET.Element) -> Position:
    corner = next((e for e in anchor if local(e.tag) == "from"), None)
    said = {} if corner is None else {local(e.tag): int(e.text or 0) for e in corner}
    return said.get("row", 0) + 1, said.get("col", 0) + 1


def _chart(root: ET.Element) -> Iterator[tuple[str, str]]:
    chart = _child(root, "chart")
    area = None if chart is None else _child(chart, "plotArea")
    if chart is None or area is None:
        return
    yield "title", _source(_child(chart, "title"))
    number = 0
    kinds, sides = [], Counter[str]()
    for group in area:
        tag = local(group.tag)
        if tag.endswith("Chart"):
            said = [_said(group, name) for name, usual in _DRAWN.items()
                    if _said(group, name) not in ("", usual)]  # fmt: skip
            kinds.append(" ".join([tag.removesuffix("Chart"), *said]))
            for series in (e for e in group if local(e.tag) == "ser"):
                number += 1
                for element in series:
                    if local(element.tag) in _PARTS:
                        yield f"{_PARTS[local(element.tag)]} of series {number}", _source(element)
        elif tag.endswith("Ax"):
            sides[tag] += 1
            if tag == "valAx" or not kinds[-1].startswith("radar"):
                yield from _axis(group, tag, sides[tag])
    yield "kind", " and ".join(kinds)
    yield "series", str(number)


def _axis(axis: ET.Element, tag: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield the settings of an axis; where it says nothing, programs say it or leave it out."""
    side = _AXES.get(tag, "axis") + ("" if number == 1 else f" {number}")
    scale = _child(axis, "scaling")
    for key, word in _SCALE.items():
        text = "" if scale is None else _said(scale, key)
        if text and text != "minMax":
            yield f"{side} {word}", text.removesuffix(".0")
    if title := _source(_child(axis, "title")):
        yield f"{side} title", title


def _said(element: ET.Element, tag: str) -> str:
    found = _child(element, tag)
    return "" if found is None else found.get("val", "")


def _child(element: ET.Element, tag: str) -> ET.Element | None:
    return next((e for e in element if local(e.tag) == tag), None)


def _source(element: ET.Element | None) -> str:
    """Return the cells that a title or a part of a series comes from, and the text it shows."""
    if element is None:
        return ""
    place = next((e.text or "" for e in element.iter() if local(e.tag) == "f"), "").strip()
    tag = local(element.tag)
    if place and tag not in ("title", "tx"):
        return str(parse_area(place) or place)
    typed = _text(element) or " ".join(e.text or "" for e in element.iter() if local(e.tag) == "v")
    shown = f'"{typed}"' if typed else ""
    return f"{parse_area(place) or place} {shown}".strip()


def _text(element: ET.Element) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e.tag) == "t").strip()
