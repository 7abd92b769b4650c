"""What of the method is said to have changed: what was typed over, never what follows from data."""

import openpyxl
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.audit.lint.rules.method import method_changes
from xlcity.model.framework import Framework
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.package import Package

TREE = "code,parent,weight,direction\nT,,,\nP,T,2,\nQ,T,1,\na,P,1,1\nb,P,1,-1\nc,Q,1,1\nd,Q,2,1\n"
FRAME = pd.DataFrame(
    {"a": [1.0, 2, 3, 4, 7, 5], "b": [5.0, 1, 2, 9, 3, 4], "c": [2.0, 2, 1, 2, 3, 7],
     "d": [8.0, 6, 7, 5, 3, 1]}, index=[*"uvwxyz"],
)  # fmt: skip


@pytest.mark.parametrize("weights", ["entropy", "given"])
def test_weights_that_follow_from_data_are_no_change_of_method(weights, tmp_path):
    path = tmp_path / "b.xlsx"
    Index(Framework.read(TREE), FRAME, weights=weights, normalise="minmax").to_workbook(path)
    assert [*method_changes(open_template(path))] == []
    # Other data: other weights, where they follow from data.
    book = openpyxl.load_workbook(path)
    page = book["Data"]
    (value,) = [cell for line in page.iter_rows() for cell in line if cell.value == 9]
    value.value = 60.0
    # A parameter that all indicators share, typed over.
    name = next(name for name in book.defined_names if name.startswith("par_normalise_scale")
                or name == "par_scale")  # fmt: skip
    sheet, _, cell = book.defined_names[name].attr_text.partition("!")
    book[sheet.strip("'")][cell.replace("$", "")].value = 10.0
    book.save(path)
    package = Package.read(path)
    patch_results(package, recalculate(package)).write(path)
    changes = [*method_changes(open_template(path))]
    assert {(change.was, change.now) for change in changes} == {(100.0, 10.0)}
