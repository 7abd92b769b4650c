"""What of the method is said to have changed: what was typed over, never what follows from data."""

import openpyxl
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.audit.lint.rules.method import method_changes
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.model.framework import Framework
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.package import Package

TREE = "code,parent,weight,direction\nT,,,\nP,T,2,\nQ,T,1,\na,P,1,1\nb,P,1,-1\nc,Q,1,1\nd,Q,2,1\n"
FRAME = pd.DataFrame(
    {
        "a": [1.0, 2, 3, 4, 7, 5],
        "b": [5.0, 1, 2, 9, 3, 4],
        "c": [2.0, 2, 1, 2, 3, 7],
        "d": [8.0, 6, 7, 5, 3, 1],
    },
    index=[*"uvwxyz"],
)


def test_a_weight_of_15_digits_is_the_one_that_was_built(tmp_path):
    """Programs save as many, and people type what these show."""
    path = tmp_path / "b.xlsx"
    Index(Framework.read(TREE.replace("P,T,2", f"P,T,{2 / 3}")), FRAME).to_workbook(
        path
    )
    book = openpyxl.load_workbook(path)
    (cell,) = [
        c
        for line in book["Framework"].iter_rows(max_col=5)
        for c in line
        if c.value == 2 / 3
    ]
    cell.value = float(f"{2 / 3:.15g}")
    assert cell.value != 2 / 3
    book.save(path)
    assert [*method_changes(open_template(path))] == []


@pytest.mark.parametrize("weights", ["entropy", "given"])
def test_weights_that_follow_from_data_are_no_change_of_method(weights, tmp_path):
    path = tmp_path / "b.xlsx"
    Index(Framework.read(TREE), FRAME, weights=weights, normalise="minmax").to_workbook(
        path
    )
    assert [*method_changes(open_template(path))] == []
    # Other data: other weights, where they follow from data.
    book = openpyxl.load_workbook(path)
    page = book["Data"]
    (value,) = [cell for line in page.iter_rows() for cell in line if cell.value == 9]
    value.value = 60.0
    # A parameter that all indicators share, typed over.
    name = next(
        name
        for name in book.defined_names
        if name.startswith("par_normalise_scale") or name == "par_scale"
    )
    sheet, _, cell = book.defined_names[name].attr_text.partition("!")
    book[sheet.strip("'")][cell.replace("$", "")].value = 10.0
    book.save(path)
    package = Package.read(path)
    patch_results(package, recalculate(package)).write(path)
    changes = [*method_changes(open_template(path))]
    assert {(change.was, change.now) for change in changes} == {(100.0, 10.0)}


@pytest.mark.parametrize(
    ("weights", "wrong"),
    [
        ((0.5, 0.45, 0.1), "the weights under T sum to 1.05, not to 1."),
        ((30, 45, 30), "the weights under T sum to 105, not to 100."),
        ((0.2, 0.3, 0.45), "the weights under T sum to 0.95, not to 1."),
        ((0.33, 0.33, 0.33), ""),  # thirds, rounded
        ((33, 33, 33), ""),
        ((0.5, 0.4, 0.1), ""),
        ((0.5, 0.55, 0.1), ""),  # of no sum in particular
        ((2, 1, 1), ""),
        ((1 / 3, 1 / 3, 1 / 3), ""),
    ],
)
def test_weights_of_any_sum_that_nearly_have_the_right_one_are_a_warning(
    weights, wrong, tmp_path
):
    lines = [
        f"{code},T,{weight},1" for code, weight in zip("abc", weights, strict=True)
    ]
    tree = "\n".join(["code,parent,weight,direction", "T,,,", *lines, ""])
    path = tmp_path / "b.xlsx"
    Index(Framework.read(tree), FRAME[[*"abc"]], normalise="minmax").to_workbook(path)
    found = [f for f in lint(Subject.of(path)).findings if f.rule == "E06"]
    assert [f.message for f in found] == [wrong] * bool(wrong)
    for finding in found:
        at = openpyxl.load_workbook(path)[finding.sheet][finding.cell]
        assert (finding.severity, at.value) == ("warning", weights[0])
