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
    assert (
        cells("IMPUTE_SERIES", row, [["linear"]], [[2010.0, 2012.0, 2013.0]])[0][1]
        == 8.0
    )
    long = [[4.0, "NA", "NA"]]
    assert cells("IMPUTE_SERIES", long, None, None, [[1.0]]) == [
        [4.0, 4.0, CellError.NA]
    ]
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


def test_times_ascend():
    row = [[4.0, "NA", 10.0]]
    for name, method in (("IMPUTE_SERIES", [None]), ("GROWTH_RATE", [])):
        for years, error in (
            ([[2010.0, 2010.0, 2013.0]], CellError.NUM),
            ([[2010.0, 2013.0, 2012.0]], CellError.NUM),
            ([[2010.0, 2013.0]], CellError.VALUE),
        ):
            with pytest.raises(FunctionError) as refused:
                cells(name, row, *method, years)
            assert refused.value.value is error


@pytest.mark.parametrize("method", ["mean", "median"])
def test_columns_with_the_same_gaps_are_filled_as_each_alone(method):
    rng = np.random.default_rng(6)
    for trial in range(20):
        n = 8 + trial % 5
        x = rng.normal(size=(n, 3))
        gaps = np.zeros(x.shape, dtype=np.uint8)
        gaps[rng.random(n) < 0.5] = 2
        groups = rng.choice(["a", "b", ""], n).tolist()
        together = impute_mean(x, method, groups, states=gaps)
        for j in range(3):
            alone = impute_mean(x[:, [j]], method, groups, states=gaps[:, [j]])
            assert together.values[:, [j]].tobytes() == alone.values.tobytes()
            assert (together.errors[:, [j]] == alone.errors).all()
            for name in "ab":
                mine = np.array(groups) == name
                numbers = x[mine & (gaps[:, j] == 0), j]
                filled = alone.values[mine & (gaps[:, j] == 2), 0]
                centre = getattr(np, method)(numbers) if numbers.size else np.nan
                assert filled == pytest.approx([centre] * len(filled), nan_ok=True)


def test_interpolation_stays_between_values_and_in_reach():
    row = [["NA", 2.0, "NA", "NA", 8.0, "NA"]]
    na = CellError.NA
    assert cells("IMPUTE_SERIES", row, [["interpolate"]]) == [
        [na, 2.0, 4.0, 6.0, 8.0, na]
    ]
    # A gap is filled where both neighbours are in reach; the nearest alone is not enough.
    assert cells("IMPUTE_SERIES", row, [["interpolate"]], None, [[2.0]])[0][2:4] == [
        4.0,
        6.0,
    ]
    assert cells("IMPUTE_SERIES", row, [["interpolate"]], None, [[1.0]])[0][2:4] == [
        na,
        na,
    ]
    assert cells("IMPUTE_SERIES", row, [["constant"]], None, [[1.0]]) == [
        [2.0, 2.0, 2.0, na, 8.0, 8.0]
    ]


def trends(now, before, *options):
    return cells("TREND_STATE", [[x] for x in now], [[x] for x in before], *options)


def test_a_change_up_to_the_threshold_is_no_clear_trend():
    now = [103.0, 102.0, 98.0, 97.0, -97.0, 0.1 + 0.2]
    before = [100.0] * 4 + [-100.0, 0.3]
    assert trends(now, before, [[0.02]]) == [[1.0], [0.0], [0.0], [-1.0], [1.0], [0.0]]
    assert trends(now, before, [[0.02]], [[-1.0]])[0] == [-1.0]
    assert trends(now, before) == [[1.0], [1.0], [-1.0], [-1.0], [1.0], [0.0]]
    huge = trends([1.7e308, 1.7e308], [-1.7e308, 1.6e308], [[0.1]])
    assert huge == [[1.0], [0.0]]
    assert trends(["NA", 1.0, "x"], [1.0, None, "NA"]) == [
        [CellError.NA],
        [CellError.NA],
        [CellError.VALUE],
    ]
