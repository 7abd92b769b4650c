"""Replaces references to tables, such as ``Sales[Amount]``, by the cells that they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from xml.etree import ElementTree as ET

from xlcity.errors import WorkbookError
from xlcity.xlsx.address import Range, column_letters, parse_range, quote_sheet
from xlcity.xlsx.formulas.tokens import lex
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import parse_index
from xlcity.xlsx.text import unescaped

#: The columns and special items of a reference, in brackets; ' stands before a sign in them.
_ITEMS = re.compile(r"\[((?:[^\[\]']|'.)+)\]", re.DOTALL)


#: A table: its cells with headings and totals, its columns in upper case, first and last data row.
TableArea = tuple[Range, tuple[str, ...], int, int]


def read_tables(package: Package) -> dict[str, TableArea]:
    """Return the tables of a workbook by their name in upper case; damaged ones are left out."""
    tables = {}
    for sheet in package.sheets:
        for part in package.related(sheet.part, "table"):
            with suppress(ValueError, WorkbookError):
                root = package.root(part)
                name = root.get("displayName", "").upper()
                tables[name] = _read_table(sheet.name, root)
    return tables


def _read_table(sheet: str, root: ET.Element) -> TableArea:
    """Return a table on a sheet by the root element of its part."""
    area = Range(sheet, *parse_range(root.get("ref", "")))
    columns = root.iterfind(".//{*}tableColumn")
    names = tuple(unescaped(column.get("name", "")).upper() for column in columns)
    first = area.r1 + parse_index(root.get("headerRowCount", "1"))
    last = area.r2 - parse_index(root.get("totalsRowCount", "0"))
    return area, names, first, last


def plain_formula(formula: str, row: int, tables: Mapping[str, TableArea]) -> str:
    """Return the formula of a cell in a row with addresses for references to tables."""
    if not any(name in formula.upper() for name in tables):
        return formula
    pieces = []
    before = None
    for match in lex(formula):
        name, bracket, words = match[0].partition("[")
        table = tables.get(name.upper()) if match.lastgroup == "word" else None
        # A function may have a table's name; one of another workbook is not known.
        is_own = before != "sheet" and not formula.startswith("(", match.end())
        address = ""
        if table is not None and is_own:
            address = _address_of_cells(table, bracket + words, row)
        pieces.append(address or match[0])
        before = match.lastgroup
    return "".join(pieces)


def _address_of_cells(table: TableArea, brackets: str, row: int) -> str:
    """Return what a table and the brackets behind it mean in a row, "" if that is unknown."""
    area, columns, first, last = table
    names = _names_in(brackets)
    rows = {
        "#ALL": (area.r1, area.r2),
        "#HEADERS": (area.r1, first - 1),
        "#DATA": (first, last),
        "#TOTALS": (last + 1, area.r2),
    }
    if first <= row <= last:
        rows["#THIS ROW"] = row, row
    if not {*rows, *columns}.issuperset(names):
        return ""
    spans = [rows[name] for name in names if name in rows] or [(first, last)]
    r1 = min(spans)[0]
    r2 = max(spans)[1]
    if r1 > r2:
        return ""
    used = [columns.index(name) for name in names if name in columns]
    c1 = column_letters(area.c1 + min(used, default=0))
    c2 = column_letters(area.c1 + max(used, default=area.columns - 1))
    dollar = "" if "#THIS ROW" in names else "$"
    ends = dict.fromkeys((f"${c1}{dollar}{r1}", f"${c2}{dollar}{r2}"))
    return f"{quote_sheet(area.sheet)}!{':'.join(ends)}"


def _names_in(brackets: str) -> list[str]:
    """Return the columns and special items in brackets, in upper case, without signs of quoting."""
    inner = brackets[1:-1] if brackets.startswith("[[") else brackets
    items = [re.sub("'(.)", r"\1", item) for item in _ITEMS.findall(inner)]
    return [item.upper().strip() for item in items]
