"""Formulas that a person can read, and Excel's limits, in the templates of all reports."""

import html
import re
import zipfile
from pathlib import Path

import pytest

from tools.other_programs.limits import breaches
from xlcity.reports import report_ids
from xlcity.xlsx.package import Package

#: Their formulas are those that are built: tests/golden/test_template_parts.py.
WORKBOOKS = Path(__file__).resolve().parents[3] / "workbooks"
MOST = 250
READ = (
    "Cleaned", "Constructed", "Normalised", "Aggregates", "Scores", "Ranks", "Ranking", "Profile",
    "Compare", "Checks",
)  # fmt: skip
#: Sheets on which some formulas are still longer, and why.
LONGER = {
    "Normalised": "each method is one formula with its rules for missing and constant columns",
    "Aggregates": "a mean that may cancel and its rule for missing children are one formula",
    "Ranking": "the chooser refuses what MATCH takes for a wildcard",
    "Checks": "the comparison with print says how many values it lost",
    "Scores": "several populations look up their bounds inside the formula",
}
SHEET = re.compile(r'<sheet name="([^"]*)"')
FORMULA = re.compile(r"<f[^>]*>([^<]*)</f>")


@pytest.mark.parametrize("report_id", report_ids())
def test_no_formula_is_long_where_a_score_is_traced(report_id):
    with zipfile.ZipFile(WORKBOOKS / f"{report_id}.xlsx") as book:
        names = SHEET.findall(book.read("xl/workbook.xml").decode())
        parts = {
            name: book.read(f"xl/worksheets/sheet{place}.xml").decode()
            for place, name in enumerate(names, 1)
            if name in READ
        }
    assert "Scores" in parts
    long = {
        name: max(lengths)
        for name, part in parts.items()
        if (lengths := [len(html.unescape(found)) for found in FORMULA.findall(part)])
        and max(lengths) > MOST
    }
    assert set(long) <= set(LONGER), long


@pytest.mark.parametrize("report_id", report_ids())
def test_templates_keep_the_limits_of_excel(report_id):
    assert list(breaches(Package.read(WORKBOOKS / f"{report_id}.xlsx"))) == []
