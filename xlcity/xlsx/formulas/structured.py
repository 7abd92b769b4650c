"""Replaces references to tables, such as ``Sales[Amount]``, by the cells that they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

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
    parts = [
        (s.name, part)
        for s in package.sheets
        for part in package.related(s.part, "table")
    ]
    for sheet, part in parts:
        with suppress(ValueError, WorkbookError):
            root = package.root(part)
            area = Range(sheet, *parse_range(root.get("ref", "")))
            columns = (
                column.get("name", "") for column in root.iterfind(".//{*}tableColumn")
            )
            first = area.r1 + parse_index(root.get("headerRowCount", "1"))
            last = area.r2 - parse_index(root.get("totalsRowCount", "0"))
            names = tuple(unescaped(column).upper() for column in columns)
            tables[root.get("displayName", "").upper()] = area, names, first, last
    return tables


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
        pieces.append(
            (table and is_own and _address_of_cells(table, bracket + words, row))
            or match[0]
        )
        before = match.lastgroup
    return "".join(pieces)


def _address_of_cells(table: TableArea, brackets: str, row: int) -> str:
    """Return what a table and the brackets behind it mean in a row, "" if that is unknown."""
    area, columns, first, last = table
    items = _ITEMS.findall(brackets[1:-1] if brackets.startswith("[[") else brackets)
    names = [re.sub("'(.)", r"\1", item).upper().strip() for item in items]
    rows = {
        "#ALL": (area.r1, area.r2),
        "#HEADERS": (area.r1, first - 1),
        "#DATA": (first, last),
        "#TOTALS": (last + 1, area.r2),
    }
    if first <= row <= last:
        rows["#THIS ROW"] = row, row
    spans = [rows[name] for name in names if name in rows] or [(first, last)]
    used = [columns.index(name) for name in names if name in columns] or [
        0,
        area.columns - 1,
    ]
    (r1, _), (_, r2), dollar = (
        min(spans),
        max(spans),
        "" if "#THIS ROW" in names else "$",
    )
    if r1 > r2 or any(name not in rows and name not in columns for name in names):
        return ""
    c1, c2 = (column_letters(area.c1 + index) for index in (min(used), max(used)))
    ends = dict.fromkeys((f"${c1}{dollar}{r1}", f"${c2}{dollar}{r2}"))
    return f"{quote_sheet(area.sheet)}!{':'.join(ends)}"
