"""No formula of a template is long, or has a form that some program reads otherwise."""

from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import draw
from xlcity.workbook.spec import BOTH, FUNCTIONS
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import Expr, parse

#: Characters of any formula.
MOST = 400
#: Functions whose arguments are compared cell by cell.
ARRAYS = frozenset(("SUMPRODUCT",))
COMPARISONS = frozenset(("=", "<>", "<", ">", "<=", ">="))
#: Function -> the places of its criteria.
CRITERIA = {
    "COUNTIF": slice(1, 2),
    "SUMIF": slice(1, 2),
    "AVERAGEIF": slice(1, 2),
    "COUNTIFS": slice(1, None, 2),
    "SUMIFS": slice(2, None, 2),
    "AVERAGEIFS": slice(2, None, 2),
}
ABSENT = frozenset(("T.DIST.2T", "AGGREGATE", "OFFSET", "INDIRECT", "SUBTOTAL"))


@cache
def drawn(report_id, language, cells=BOTH):
    spec = replace(
        template_spec(load_report(report_id)), language=language, cells=cells
    )
    return read_book(draw(with_pages(spec, ["all"]))[0])


def misread(call: Expr) -> str:
    """Return why some program reads a call otherwise, "" for none."""
    name = call.text.removeprefix("_xlfn.")
    inner = [part for arg in call.args for part in arg.walk()]
    calls = {part.text for part in inner if part.kind == "call"}
    if name in ABSENT:
        return "a function that is not everywhere"
    if name == "TYPE" and "INDEX" in calls:
        return "TYPE of INDEX is that of an array in Gnumeric"
    if name in ARRAYS and "VALUE" in calls:
        return "an error or the value of an empty text in a comparison"
    if name in ARRAYS and any(map(compares_index, inner)):
        return "a blank through INDEX in a comparison is 0 or an empty text"
    for criterion in call.args[CRITERIA.get(name, slice(0))]:
        if criterion.text == '"?"':
            return "? counts every text of one sign"
        if criterion.text.startswith(('">-', '">=-')):
            return "a text is larger than any number"
    return ""


def compares_index(part: Expr) -> bool:
    """Tell whether a comparison has a bare INDEX on a side."""
    return part.text in COMPARISONS and any(
        side.kind == "call" and side.text == "INDEX" for side in part.args
    )


def _all_but_one_slow(*parts):
    """Return reports with parts of a case; all but the first of one report are slow."""
    return [
        pytest.param(
            report_id,
            part,
            marks=()
            if (report_id, part) == ("image2025", parts[0])
            else pytest.mark.slow,
        )
        for report_id, part in product(report_ids(), parts)
    ]


@pytest.mark.parametrize(("report_id", "cells"), _all_but_one_slow(BOTH, FUNCTIONS))
def test_no_form_is_read_otherwise_somewhere(report_id, cells):
    graph = Graph(drawn(report_id, "en", cells))
    forms = {form.key: form for *_, form in graph.blocks()}
    wrong = {
        form.key: why
        for form in forms.values()
        for call in parse(form.tokens).walk()
        if call.kind == "call" and (why := misread(call))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "formula",
    [
        "SUMPRODUCT(1*(A1:A3<VALUE(TRIM(B1))))",
        "SUMPRODUCT((A1:A3=INDEX(B1:B9,2))*1)",
        'SUMIF(A1:A3,">-9E99",B1:B3)',
        'COUNTIFS(A1:A3,">=-1E+300",B1:B3,"x")',
        'COUNTIFS(A1:A3,"?",B1:B3,"x")',
        "TYPE(INDEX(A1:A3,2))",
    ],
)
def test_forms_that_are_read_otherwise_are_seen(formula):
    forms = Graph(drawn("image2025", "en")).forms
    tree = parse(forms.normalised(formula, 1, 1).tokens)
    assert any(misread(part) for part in tree.walk() if part.kind == "call")


@pytest.mark.parametrize(
    ("report_id", "language"), _all_but_one_slow("both", "zh", "en")
)
def test_no_formula_is_over_400_characters(report_id, language):
    book = drawn(report_id, language)
    long = {
        name: cell.formula
        for name, sheet in book.sheets.items()
        for cell in sheet.cells.values()
        if cell.formula and len(cell.formula) > MOST
    }
    assert long == {}
