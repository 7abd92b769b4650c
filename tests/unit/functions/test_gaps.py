import numpy as np
import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import ErrorCode
from xlcity.functions.construct import per_million
from xlcity.functions.entry import evaluate
from xlcity.functions.impute import impute_mean, impute_series
from xlcity.functions.registry import FUNCTIONS

NA = ErrorCode.NA


def cells(name, *arguments):
    return evaluate(FUNCTIONS[name], arguments).cells()


def test_means_and_medians_of_columns():
    rows = [[1.0, 1.0], [2.0, 2.0], [9.0, 9.0], ["NA", "NA"]]
    assert cells("IMPUTE_MEAN", rows, [["mean", "median"]])[-1] == [4.0, 2.0]


def test_a_blank_is_not_imputed_and_does_not_count():
    assert cells("IMPUTE_MEAN", [[1.0], [None], [3.0], ["NA"]]) == [
        [1.0],
        [CellError.NA],
        [3.0],
        [2.0],
    ]


def test_groups_of_rows():
    rows = [[1.0], ["NA"], [5.0], ["NA"], ["NA"], ["NA"]]
    groups = [["a"], ["a"], ["b"], ["b"], ["c"], [None]]
    found = cells("IMPUTE_MEAN", rows, None, groups)
    assert found == [[1.0], [1.0], [5.0], [5.0], [CellError.NA], [CellError.NA]]
    with pytest.raises(FunctionError):
        cells("IMPUTE_MEAN", rows, None, groups[1:])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("latest", [CellError.NA, 4.0, 4.0, 4.0, 10.0, 10.0]),
        ("constant", [4.0, 4.0, 4.0, 4.0, 10.0, 10.0]),
        ("linear", [4.0, 4.0, 6.0, 8.0, 10.0, 10.0]),
    ],
)
def test_series(method, expected):
    row = [["NA", 4.0, "NA", "NA", 10.0, "NA"]]
    assert cells("IMPUTE_SERIES", row, [[method]]) == [expected]


def test_series_with_years_and_with_a_limit():
    row = [[4.0, "NA", 10.0]]
    assert cells("IMPUTE_SERIES", row, [["linear"]], [[2010.0, 2012.0, 2013.0]])[0][1] == 8.0
    long = [[4.0, "NA", "NA"]]
    assert cells("IMPUTE_SERIES", long, None, None, [[1.0]]) == [[4.0, 4.0, CellError.NA]]
    for years in ([[2010.0, 2009.0, 2013.0]], [[1.0, 2.0]]):
        with pytest.raises(FunctionError):
            cells("IMPUTE_SERIES", row, None, years)


def test_series_and_means_without_any_number_stay_gaps():
    nothing = np.full((2, 2), np.nan)
    gaps = np.full((2, 2), 2, dtype=np.uint8)
    assert (impute_mean(nothing, states=gaps).errors == NA).all()
    assert (impute_series(nothing, states=gaps).errors == NA).all()


def test_per_million():
    found = per_million([[30.0, 6.0]], [[1500.0]], 10000).values
    assert found == pytest.approx(np.array([[30 / 1500e4 * 1e6, 6 / 1500e4 * 1e6]]))
    assert cells("PER_MILLION", [[1.0], [1.0], [1.0]], [[0.0], [-2.0], ["NA"]]) == [
        [CellError.DIV0],
        [CellError.NUM],
        [CellError.NA],
    ]
