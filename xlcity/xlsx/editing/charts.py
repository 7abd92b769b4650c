"""Keeps what charts have stored of their cells in step with the cells.

A chart part holds, beside each reference, a cache of the values it last saw. A program that does
not recalculate on load draws the cache, so it has to follow the cells.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from xlcity.errors import CellError, CellValue
from xlcity.xlsx.address import MAX_ROWS, Range, parse_area
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import cell_text, escape_cell_text, number_text, xml_text

#: (sheet, row, column) -> value, such as `Book.value`.
Lookup = Callable[[str, int, int], CellValue]

_NAMESPACES = (
    "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "http://purl.oclc.org/ooxml/drawingml/chart",
)
#: More cells than any chart shows: a whole column given by mistake.
_MAX_POINTS = 100_000


def refresh_charts(
    package: Package,
    lookup: Lookup,
    names: Callable[[str], Range | None] | None = None,
    changed: Callable[[str, int, int], bool] | None = None,
) -> Package:
    """Return the package with the caches of all charts as the cells are.

    Series, categories and titles linked to cells are covered; caches that are absent are made.
    A reference that is not one row or column of cells (several areas, an unknown name, levels of
    categories) is left alone, as are chart parts whose caches are right already.

    Parameters
    ----------
    package
        The workbook.
    lookup
        Gives the value of a cell.
    names
        Gives the range of a defined name, if there are any to follow.
    changed
        Says whether a cell has a new value; without it any may have. Only matters where a label
        shows a number: as the cell's format shows it, which nobody but Excel knows.
    """
    parts = {}
    for part in package.parts:
        if not re.search(r"/charts/chart[^/]*\.xml\Z", part):
            continue
        xml = package.text(part)
        if (prefix := _find_prefix(xml)) is None:
            continue
        new = _ChartPatch(prefix, lookup, names, changed).apply(xml)
        if new != xml:
            parts[part] = new.encode("utf-8")
    return package.replace(parts)


def _find_prefix(xml: str) -> str | None:
    for namespace in _NAMESPACES:
        match = re.search(rf"""xmlns(?::(\w+))?=["']{re.escape(namespace)}["']""", xml)
        if match is not None:
            return f"{match[1]}:" if match[1] else ""
    return None


class _ChartPatch:
    def __init__(
        self,
        prefix: str,
        lookup: Lookup,
        names: Callable[[str], Range | None] | None,
        changed: Callable[[str, int, int], bool] | None,
    ) -> None:
        self.prefix, self.lookup, self.names, self.changed = prefix, lookup, names, changed
        p = re.escape(prefix)
        self.reference = re.compile(
            rf"<{p}(num|str)Ref>(?P<before>.*?<{p}f>(?P<f>[^<]*)</{p}f>\s*)"
            rf"(?P<cache><{p}(?:num|str)Cache\s*/>|<{p}(?:num|str)Cache>.*?</{p}(?:num|str)Cache>)?"
            rf"(?P<after>.*?</{p}\1Ref>)",
            re.S,
        )
        self.point = re.compile(
            rf"<{p}pt\s+([^>]*?)>\s*(?:<{p}v\s*/>|<{p}v>(.*?)</{p}v>)\s*</{p}pt>", re.S
        )
        self.count = re.compile(rf'<{p}ptCount\s+val="(\d+)"')
        self.format = re.compile(rf"<{p}formatCode>.*?</{p}formatCode>", re.S)

    def apply(self, xml: str) -> str:
        return self.reference.sub(self._refresh, xml)

    def _refresh(self, match: re.Match[str]) -> str:
        area = self._area(xml_text(match["f"]))
        if area is None or area.rows * area.columns > MAX_ROWS:
            return match[0]  # no chart shows more than a column
        kind, old = match[1], match["cache"]
        cells = [(r, c) for r in range(area.r1, area.r2 + 1) for c in range(area.c1, area.c2 + 1)]
        values = [self.lookup(area.sheet, row, column) for row, column in cells]
        moved = [self.changed is None or self.changed(area.sheet, *cell) for cell in cells]
        if old is not None and self._is_right(kind, old, values, moved):
            return match[0]
        p = self.prefix
        return f"<{p}{kind}Ref>{match['before']}{self._write(kind, values, old)}{match['after']}"

    def _area(self, formula: str) -> Range | None:
        area = parse_area(formula)
        if area is None and self.names is not None:
            area = self.names(formula.rpartition("!")[2])
        if area is None or area.rows * area.columns > _MAX_POINTS:
            return None
        return area if area.rows == 1 or area.columns == 1 else None

    def _is_right(self, kind: str, cache: str, values: list[CellValue], moved: list[bool]) -> bool:
        count = self.count.search(cache)
        if count is None or int(count[1]) != len(values):
            return False
        points = {}
        for head, text in self.point.findall(cache):
            if (index := re.search(r'idx="(\d+)"', head)) is not None:
                points[int(index[1])] = cell_text(text)
        right = _is_number_right if kind == "num" else _is_text_right
        return all(
            right(value, points.get(index), moved[index]) for index, value in enumerate(values)
        )

    def _write(self, kind: str, values: list[CellValue], old: str | None) -> str:
        p = self.prefix
        form = self.format.search(old) if old is not None and kind == "num" else None
        code = form[0] if form is not None else f"<{p}formatCode>General</{p}formatCode>"
        spell = _number_point if kind == "num" else _text_point
        points = "".join(
            f'<{p}pt idx="{index}"><{p}v>{escape_cell_text(spell(value))}</{p}v></{p}pt>'
            for index, value in enumerate(values)
            if value is not None
        )
        return (
            f"<{p}{kind}Cache>{code if kind == 'num' else ''}"
            f'<{p}ptCount val="{len(values)}"/>{points}</{p}{kind}Cache>'
        )


def _is_number_right(value: CellValue, point: str | None, moved: bool) -> bool:
    """Return whether a point of a number cache draws its cell, however it is spelled."""
    if isinstance(value, float):
        try:
            # LibreOffice keeps 15 digits.
            return point is not None and math.isclose(float(point), value, rel_tol=1e-14)
        except ValueError:
            return False
    if value is None:
        return point is None
    if isinstance(value, bool):
        return point == str(int(value))
    # What is not a number is drawn as 0 or not at all, and programs differ in what they keep.
    return point is None or point == "0" or point.startswith("#")


def _is_text_right(value: CellValue, point: str | None, moved: bool) -> bool:
    if value is None or isinstance(value, str):
        return (point or "") == (value or "")
    if not moved and point:
        return True
    return point == _text_point(value)


def _number_point(value: CellValue) -> str:
    """Return a point of a number cache: Excel draws text as 0 and leaves errors out."""
    if isinstance(value, CellError):
        return value.value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return number_text(value)
    return "0"


def _text_point(value: CellValue) -> str:
    """Return a point of a text cache, a number with the 15 digits a cell shows at most."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number_text(float(f"{value:.15g}"))
    return str(value)
