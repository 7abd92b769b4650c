"""The quick worksheet writes formulas as XlsxWriter's own does."""

import io
import re

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from xlcity.workbook.drawing.worksheet import worksheet_class


@pytest.mark.parametrize("future", [False, True])
def test_formulas_are_those_of_the_worksheet_it_stands_for(future):
    book = xlsxwriter.Workbook(io.BytesIO(), {"use_future_functions": future})
    quick = book.add_worksheet("quick", worksheet_class())
    plain = book.add_worksheet("plain")
    for formula in (
        "=SUM(A1:A9)",
        "{=SUM((A1:A9>2)*1)}",
        '=IF(A1="{}","=",_xlfn.STDEV.P(A1:A9))',
        "=SORT(A1:A9)+SWITCH(A1,1,2)",
        "=SORTBY(A1:A9,B1:B9)",
        "=STDEV.P(A1:A9)",
        "=LET(x,1,x)",
        "SINGLE(A1)",
    ):
        assert quick._prepare_formula(formula) == plain._prepare_formula(formula), formula


def test_it_looks_for_all_functions_that_its_model_looks_for():
    import inspect

    source = inspect.getsource(Worksheet._prepare_formula)
    always, _, _ = source.partition("use_future_functions")
    book = xlsxwriter.Workbook(io.BytesIO())
    quick, plain = book.add_worksheet("quick", worksheet_class()), book.add_worksheet("plain")
    names = re.findall(r'"_xlfn\.(?:_xlws\.)?([A-Z]+)\(', always)
    assert len(names) > 20
    for name in names:
        formula = f"={name}(A1)"
        assert quick._prepare_formula(formula) == plain._prepare_formula(formula)
