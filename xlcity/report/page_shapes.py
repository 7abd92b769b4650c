"""Figures inside a page: outlines of letters, marks and words that several figures need once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from xml.etree import ElementTree

_HREF = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_MOVED = re.compile(r"translate\(([^)]*)\)")
_URL = re.compile(r"url\(#([^)]*)\)")
#: Attributes that hold places, which need no more than a hundredth of a point.
_PLACES = ("d", "x", "y", "width", "height", "points")
#: The texts above and below a chart: pages write them themselves.
_TEXTS = ("subfigure_1", "subfigure_3")


class PageShapes:
    """Writes SVG files as elements of one page.

    Matplotlib draws letters as outlines, in each file again. Here an outline, and a word made of
    outlines, is defined once for the page, and used wherever it is seen.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def element(self, picture: bytes, title: str) -> str:
        """Return a chart as an element of the page.

        Parameters
        ----------
        picture
            An SVG file.
        title
            What is said in place of the chart to readers who do not see it.
        """
        root = ElementTree.fromstring(picture)
        names = {
            one.get("id", ""): self._shared(self._element(one, {}))
            for group in root.iter("{http://www.w3.org/2000/svg}defs")
            for one in group
            if one.get("id")
        }
        view = root.get("viewBox", "")
        size = f'style="--wide:{view.split()[2]}pt" viewBox="{view}"'
        inside = "".join(self._element(one, names) for one in root)
        return f'<svg class="chart" role="img" aria-label="{escape(title)}" {size}>{inside}</svg>'

    def shared(self) -> str:
        """Return the outlines that the page's charts use."""
        shapes = "".join(
            re.sub(r"^<\w+", rf'\g<0> id="{name}"', shape) for shape, name in self._ids.items()
        )
        hidden = '<svg aria-hidden="true" width="0" height="0" style="position:absolute"><defs>'
        return f"{hidden}{shapes}</defs></svg>\n" if shapes else ""

    def _shared(self, shape: str) -> str:
        """Return the id of a shape, which is defined once."""
        return self._ids.setdefault(shape, f"x{len(self._ids):x}")

    def _element(self, one: ElementTree.Element, names: Mapping[str, str]) -> str:
        tag = one.tag.rpartition("}")[2]
        if tag in ("metadata", "defs") or one.get("id") in _TEXTS:
            return ""
        inside = "".join(self._element(child, names) for child in one)
        attributes = "".join(_attributes(one, names))
        if tag != "g":
            return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"
        if not inside or not attributes:
            return inside
        letters = [child for child in one if not child.tag.endswith("}defs")]
        if len(letters) > 1 and all(child.tag.endswith("}use") for child in letters):
            return f'<use href="#{self._shared(f"<g>{inside}</g>")}"{attributes}/>'
        return f"<g{attributes}>{inside}</g>"


def _attributes(one: ElementTree.Element, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the attributes of an element; `names` maps ids of the file to those of the page."""
    for key, value in one.items():
        if key == "id":
            continue
        if key == _HREF:
            key, value = "href", f"#{names[value[1:]]}" if value[:1] == "#" else value
        elif key in _PLACES:
            value = _short(value)
        elif key == "style":
            value = value.replace(": ", ":").replace("; ", ";")
        elif key == "transform":
            value = _MOVED.sub(lambda found: f"translate({_short(found[1])})", value)
            along = re.fullmatch(r"translate\((\S+) 0\)", value)
            if along and one.tag.endswith("}use"):
                key, value = "x", along[1]
        value = _URL.sub(lambda found: f"url(#{names[found[1]]})", value)
        if (key, value) != ("x", "0"):
            yield f' {key}="{escape(value)}"'


def _short(places: str) -> str:
    """Return numbers with two decimals and no needless space."""
    rounded = _NUMBER.sub(lambda found: f"{round(float(found[0]), 2):g}", places)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", rounded).strip()
