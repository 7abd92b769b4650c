"""Formulas that a person can read: none is long on the sheets that a score is traced through."""

import html
import io
import re
import zipfile

import pytest

from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import draw
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import sheet_names

MOST = 250
READ = (
    "Cleaned", "Constructed", "Normalised", "Aggregates", "Scores", "Ranks", "Ranking", "Profile",
    "Compare", "Checks",
)  # fmt: skip
#: Sheets on which some formulas are still longer, and why.
LONGER = {
    "Normalised": "each method is one formula with its rules for missing and constant columns",
    "Aggregates": "a mean that may cancel and its rule for missing children are one formula",
    "Scores": "several populations look up their bounds inside the formula",
}
FORMULA = re.compile(r"<f[^>]*>([^<]*)</f>")


@pytest.mark.parametrize("report_id", report_ids())
def test_no_formula_is_long_where_a_score_is_traced(report_id):
    spec = template_spec(load_report(report_id))
    names = sheet_names(spec)
    with zipfile.ZipFile(io.BytesIO(draw(spec)[0])) as book:
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
