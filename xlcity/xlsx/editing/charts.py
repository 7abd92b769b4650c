"""Keeps what charts have stored of their cells in step with the cells.

A chart part holds, beside each reference, a cache of the values it last saw. A program that does
not recalculate on load draws the cache, so it has to follow the cells.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue
from xlcity.xlsx.address import Range, parse_area
from xlcity.xlsx.chart_content import MAX_POINTS, Lookup
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import cell_text, escape_cell_text, number_text, xml_text

#: A reference of a chart to cells, with what it has stored of them; the parts of that.
_REFERENCE = re.compile(
    r"<(?P<prefix>(?:\w+:)?)(?P<kind>num|str)Ref>"
    r"(?P<before>.*?<(?P=prefix)f>(?P<f>[^<]*)</(?P=prefix)f>\s*)"
    r"(?P<cache><(?P=prefix)(?:num|str)Cache\s*/>"
    r"|<(?P=prefix)(?:num|str)Cache>.*?</(?P=prefix)(?:num|str)Cache>)?"
    r"(?P<after>.*?</(?P=prefix)(?P=kind)Ref>)",
    re.DOTALL,
)
_POINT = re.compile(
    r'<((?:\w+:)?)pt\s[^>]*?idx="(\d+)"[^>]*>\s*(?:<\1v\s*/>|<\1v>(.*?)</\1v>)\s*</\1pt>',
    re.DOTALL,
)
_POINT_COUNT = re.compile(r'<(?:\w+:)?ptCount\s+val="(\d+)"')
_FORMAT_CODE = re.compile(r"<((?:\w+:)?)formatCode>.*?</\1formatCode>", re.DOTALL)


def refresh_charts(
    package: Package,
    lookup: Lookup,
    names: Callable[[str], Range | None],
    changed: Callable[[str, int, int], bool],
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
        Gives the value of a cell, by sheet, row and column.
    names
        Gives the range of a defined name, None for none.
    changed
        Says whether a cell, named in the same way, has a new value. Only matters where a label
        shows a number: as the cell's format shows it, which only Excel knows.
    """
    refresh = _CacheWriter(lookup, names, changed).refresh
    return package.replace(
        {
            part: _REFERENCE.sub(refresh, package.text(part)).encode("utf-8")
            for part in package.parts
            if re.search(r"/charts/chart[^/]*\.xml\Z", part)
        }
    )


@dataclass(frozen=True, slots=True)
class _CacheWriter:
    """Writes what charts store of cells; the fields are parameters of `refresh_charts`."""

    lookup: Lookup
    names: Callable[[str], Range | None]
    changed: Callable[[str, int, int], bool]

    def refresh(self, match: re.Match[str]) -> str:
        """Return a match of `_REFERENCE` with the values that its cells have.

        It stays as it is if it has them already, or if its cells are no row or column.
        """
        area = self._find_area(xml_text(match["f"]))
        if area is None:
            return match[0]
        prefix = match["prefix"]
        kind = match["kind"]
        old = match["cache"]
        cells = list(area.positions)
        values = [self.lookup(area.sheet, *cell) for cell in cells]
        is_new = [self.changed(area.sheet, *cell) for cell in cells]
        if old is not None and _is_cache_current(kind, old, values, is_new):
            return match[0]
        cache = _write_cache(prefix, kind, values, old)
        return f"<{prefix}{kind}Ref>{match['before']}{cache}{match['after']}"

    def _find_area(self, formula: str) -> Range | None:
        """Return the row or column of cells that a reference or a defined name means.

        None for several areas, a block of rows and columns, or an unknown name.
        """
        area = parse_area(formula) or self.names(formula.rpartition("!")[2])
        if area is None or area.rows * area.columns > MAX_POINTS:
            return None
        return area if area.rows == 1 or area.columns == 1 else None


def _is_cache_current(
    kind: str, cache: str, values: list[CellValue], is_new: list[bool]
) -> bool:
    """Return whether the XML of a chart's cache has the values of its cells.

    `kind` is "num" or "str"; `is_new` says of each cell whether its value is new.
    """
    count = _POINT_COUNT.search(cache)
    if count is None or int(count[1]) != len(values):
        return False
    found = _POINT.findall(cache)
    points = {int(index): cell_text(text) for _, index, text in found}
    return all(
        _is_point_current(kind, points.get(index), value, is_new[index])
        for index, value in enumerate(values)
    )


def _is_point_current(
    kind: str, cached: str | None, value: CellValue, is_new: bool
) -> bool:
    """Return whether a point of a chart's cache, None for none, draws the value of its cell.

    `kind` is "num" or "str"; `is_new` says whether the value of the cell is new.
    """
    text = _cached_text(kind, value)
    if cached == text:
        return True
    if kind == "num":
        return _is_number_current(cached, value)
    if not (cached or text):
        return True
    # A number is shown as the cell's format shows it, which cannot be computed here.
    return not is_new and bool(cached) and not isinstance(value, str | None)


def _is_number_current(cached: str | None, value: CellValue) -> bool:
    """Return whether a point that a cache has as a number, None for none, draws a value."""
    if isinstance(value, float):
        try:  # LibreOffice keeps 15 digits
            return cached is not None and math.isclose(
                float(cached), value, rel_tol=1e-14
            )
        except ValueError:
            return False
    # What is not a number is drawn as 0 or not at all, and programs differ in what they keep.
    is_drawn = value is not None and not isinstance(value, bool)
    return is_drawn and (cached is None or cached == "0" or cached.startswith("#"))


def _write_cache(
    p: str,
    kind: str,
    values: list[CellValue],
    old: str | None,
) -> str:
    """Return the XML of a chart's cache with values; blanks have no point.

    `p` is the namespace prefix such as "c:", `kind` "num" or "str"; `old` is the XML of the cache
    so far, whose number format stays, None for none.
    """
    number_format = _format_code(p, old or "") if kind == "num" else ""
    texts = (_cached_text(kind, value) for value in values)
    points = "".join(
        f'<{p}pt idx="{index}"><{p}v>{escape_cell_text(text)}</{p}v></{p}pt>'
        for index, text in enumerate(texts)
        if text is not None
    )
    return (
        f"<{p}{kind}Cache>{number_format}"
        f'<{p}ptCount val="{len(values)}"/>{points}</{p}{kind}Cache>'
    )


def _format_code(p: str, old: str) -> str:
    """Return the number format in the XML of a cache, else the usual one with a prefix."""
    match = _FORMAT_CODE.search(old)
    return f"<{p}formatCode>General</{p}formatCode>" if match is None else match[0]


def _cached_text(kind: str, value: CellValue) -> str | None:
    """Return the text that a cache of a kind, "num" or "str", has for a value; None for none.

    Excel draws texts as 0; as texts, numbers have the 15 digits of a cell.
    """
    if value is None or isinstance(value, CellError):
        return None if value is None else value.value
    if isinstance(value, bool):
        return str(int(value)) if kind == "num" else str(value).upper()
    if isinstance(value, float):
        return number_text(value if kind == "num" else float(f"{value:.15g}"))
    return "0" if kind == "num" else str(value)
