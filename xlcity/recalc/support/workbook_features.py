"""What a workbook has beside its formulas that decides what they give."""

from __future__ import annotations

import re

from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import workbook_part

_DATA_TABLE = re.compile(rb"<(?:\w+:)?f\s[^>]*\bt=[\"']dataTable[\"']")
_DISPLAYED = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*\bfullPrecision=[\"'](?:0|false)[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"']")
_SKIPS_HIDDEN = re.compile(rb"\b(?:SUBTOTAL|AGGREGATE)\(", re.I)


def features(package: Package) -> list[str]:
    """Return, in words, what no engine here takes into account."""
    found = set()
    for name, data in package.parts.items():
        if "/worksheets/" not in name or not name.endswith(".xml"):
            continue
        if b"dataTable" in data and _DATA_TABLE.search(data):
            found.add("a what-if data table")
        if b"hidden=" in data and _SKIPS_HIDDEN.search(data) and _HIDDEN_ROW.search(data):
            found.add("SUBTOTAL over hidden rows")
    main = workbook_part(package.parts)
    if main is not None and _DISPLAYED.search(package.parts[main]):
        found.add("precision as displayed")
    return sorted(found)
