"""Formulas that a person can read, and Excel's limits, in the templates of all reports."""

import html
import re
import zipfile
from pathlib import Path

import pytest

from tools.other_programs.limits import breaches
from xlcity.reports import load_report, report_ids
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import sheet_titles, with_pages
from xlcity.xlsx.address import column_number
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import parse
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

#: Their formulas are those that are built: tests/golden/test_template_parts.py.
WORKBOOKS = Path(__file__).resolve().parents[3] / "workbooks"
#: Characters of a formula in the blocks of `Index`, and on the sheets beside it.
MOST_ON_INDEX = 180
MOST_BESIDE = 250
#: Blocks of columns and sheets that are read; helpers beside a block belong to it.
BLOCKS = ("typed", "raw", "normalised", "aggregates", "scores", "ranks")
READ = ("Ranking", "Profile", "Published", "Checks")
#: Sheets in which some formulas are still longer, and why.
LONGER = {
    "aggregates": "a mean that may cancel and its rule for missing children are one formula",
    "Checks": "the comparison with print says how many values it lost",
}
SHEET = re.compile(r'<sheet name="([^"]*)"')
FORMULA = re.compile(r'<c r="([A-Z]+)\d+"[^>]*><f[^>]*>([^<]*)</f>')


@pytest.mark.parametrize("report_id", report_ids())
def test_no_formula_is_long_where_a_score_is_traced(report_id):
    spec = with_pages(template_spec(load_report(report_id)), ["all"])
    layout = Layout(spec)
    names_by_title = {t: name for name, t in sheet_titles(spec).items()}
    lefts = {sheet: [(0, sheet)] for sheet in READ}
    # Where nothing is constructed, raw values are what is typed.
    for name in (
        BLOCKS if layout.constructed else [name for name in BLOCKS if name != "raw"]
    ):
        block = getattr(layout, name)
        lefts.setdefault(block.sheet, [(0, block.sheet)]).append((block.left, name))
    with zipfile.ZipFile(WORKBOOKS / f"{report_id}.xlsx") as book:
        names = SHEET.findall(book.read("xl/workbook.xml").decode())
        parts = {
            name: book.read(f"xl/worksheets/sheet{place}.xml").decode()
            for place, name in enumerate(map(names_by_title.get, names), 1)
            if name in lefts
        }
    assert layout.scores.sheet in parts
    long = {}
    for sheet, part in parts.items():
        formulas = FORMULA.findall(part)
        assert len(formulas) == len(re.findall(r"<f[ >]", part))
        for letters, formula in formulas:
            column = column_number(letters)
            _, name = max(place for place in lefts[sheet] if place[0] <= column)
            most = MOST_BESIDE if sheet in READ else MOST_ON_INDEX
            if len(html.unescape(formula)) > most:
                long.setdefault(name, f"{sheet}!{letters} {formula}")
    assert long.keys() <= LONGER.keys(), long


@pytest.mark.slow
@pytest.mark.parametrize("report_id", report_ids())
def test_templates_keep_the_limits_of_excel(report_id):
    assert list(breaches(Package.read(WORKBOOKS / f"{report_id}.xlsx"))) == []


@pytest.mark.parametrize("report_id", report_ids())
def test_no_criterion_may_be_an_error(report_id):
    # Excel counts the cells with this error then: 0, where other programs give the error.
    graph = Graph(read_book(Package.read(WORKBOOKS / f"{report_id}.xlsx")))
    forms = {form.key: form for _, _, _, _, form in graph.blocks()}
    counting = [form for form in forms.values() if "COUNTIF" in form.functions]
    assert counting
    for form in counting:
        for call in parse(form.tokens).walk():
            if call.text == "COUNTIF":
                called = {
                    inner.text for inner in call.args[1].walk() if inner.kind == "call"
                }
                assert called.isdisjoint(
                    ("VALUE", "MATCH", "FIND", "SEARCH", "INDEX")
                ), form.key
