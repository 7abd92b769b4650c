"""Small workbooks as teams make them: two indicators, their scores, a total and its ranks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import openpyxl

from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.package import Package

CITIES = (
    "Aarhus",
    "Bergen",
    "Cadiz",
    "Dresden",
    "Exeter",
    "Faro",
    "Genoa",
    "Haarlem",
    "Izmir",
    "Jena",
)
LAST = len(CITIES) + 1
_HEADINGS = ("City", "GDP", "Parks", "GDP score", "Park score", "Total", "Rank")
#: Column -> its formula, with the row to be put in.
SCORES = {
    "D": "=(B{row}-MIN(B$2:B$11))/(MAX(B$2:B$11)-MIN(B$2:B$11))",
    "E": "=(C{row}-MIN(C$2:C$11))/(MAX(C$2:C$11)-MIN(C$2:C$11))",
    "F": "=0.6*D{row}+0.4*E{row}",
    "G": "=RANK(F{row},F$2:F$11)",
}


def team_book(
    path: Path,
    formulas: Mapping[str, str] | None = None,
    cells: Mapping[str, object] | None = None,
    *,
    stored: bool = True,
) -> Path:
    """Write a workbook with the sheet Index, and return where it is.

    Parameters
    ----------
    formulas
        Column -> formula in place of the usual one, "{row}" for the row of a city.
    cells
        Cell -> what stands there in place of its column's formula.
    stored
        Whether it has values beside its formulas.
    """
    dice = random.Random(3)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Index"
    sheet.append(_HEADINGS)
    for row, name in enumerate(CITIES, 2):
        gdp = round(dice.uniform(100, 900), 1)
        parks = round(dice.uniform(5, 60), 1)
        scores = {**SCORES, **(formulas or {})}.values()
        sheet.append([name, gdp, parks, *(text.format(row=row) for text in scores)])
    for cell, content in (cells or {}).items():
        sheet[cell] = content
    book.save(path)
    if stored:
        package = Package.read(path)
        path.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    return path
