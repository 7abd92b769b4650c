import math

import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import ErrorCode
from xlcity.functions.construct import (
    BAND_UPPERS,
    BAND_WEIGHTS,
    band_index,
    band_weight,
    read_rank,
)
from xlcity.hosts.cells import call

NA = ErrorCode.NA
NO_ERROR = ErrorCode.NONE
VALUE = ErrorCode.VALUE

NUM = CellError.NUM
BAD = CellError.VALUE


@pytest.mark.parametrize(
    ("cell", "rank"),
    [
        (1, 1),
        (200.0, 200),
        ("7", 7),
        ("=32", 32),
        ("101-150", 150),
        ("101–150", 150),
        ("101 — 150", 150),
        ("101~150", 150),
        ("101至150", 150),
        (" 51-100 ", 100),
        ("201+", math.inf),
        ("", math.inf),
        (None, math.inf),
        ("NA", math.inf),
        ("—", math.inf),
    ],
)
def test_ranks_and_bands_are_read(cell, rank):
    assert read_rank(cell) == rank


@pytest.mark.parametrize(
    "cell", [0, -3, "0", "150-101", "about 5", "１２", True, 45292.0, "1-10-20"]
)
def test_what_is_no_rank_is_refused(cell):
    with pytest.raises(FunctionError):
        read_rank(cell)


def test_weights_of_the_bands():
    assert (
        pytest.approx([1, *(1 / math.sqrt(n) for n in (2, 4, 6, 8, 10, 12, 14))])
        == BAND_WEIGHTS
    )
    assert len(BAND_UPPERS) == len(BAND_WEIGHTS)
    for upper, weight in zip(BAND_UPPERS, BAND_WEIGHTS, strict=True):
        assert band_weight(upper) == weight
    assert band_weight(10.5) == BAND_WEIGHTS[1]
    assert band_weight(201) == 0


def test_a_city_adds_the_better_weight_of_each_of_its_universities():
    found = band_index(
        ["munich", "oslo"],
        ["munich", "munich"],
        [30.0, "101-150"],
        ["51-100", 38.0],
    )
    assert found.values.ravel().tolist() == pytest.approx([1 / 2 + 1 / math.sqrt(6), 0])


def test_printed_sums():
    # Melbourne 0.76, Zurich 1.02, Los Angeles 2.34.
    for ranks, printed in (([35, 45], 0.76), ([15, 80], 1.02), ([2, 15, 60, 99], 2.34)):
        found = band_index(["x"], ["x"] * len(ranks), ranks).values[0, 0]
        assert round(found, 2) == printed


def test_the_list_is_not_filled_until_a_line_names_a_city():
    assert band_index(["a", "b"], [None, ""], [1, 2]).errors.ravel().tolist() == [
        NA,
        NA,
    ]
    found = band_index(["a", "", "b"], ["elsewhere"], [1])
    assert found.errors.ravel().tolist() == [NO_ERROR, NA, NO_ERROR]
    assert found.values[0, 0] == 0


def test_a_rank_that_cannot_be_read_stops_its_own_city():
    found = band_index(["a", "b"], ["a", "a", "b"], [1, "top", 1])
    assert found.errors.ravel().tolist() == [VALUE, NO_ERROR]


def test_better_is_the_larger_weight_whatever_the_bands_say():
    found = band_index(["a"], ["a"], [5], [15], [10, 20], [1, 3])
    assert found.values[0, 0] == 3


def test_options_that_do_not_fit_are_one_error():
    columns = [[["a"]], [["a"], ["b"]]]
    assert call("BAND_INDEX", [*columns, [[1]]]) == [[BAD]]
    assert call("BAND_INDEX", [*columns, [[1], [2]], None, [[10, 20]], [[1]]]) == [
        [BAD]
    ]
    assert call("BAND_INDEX", [*columns, [[1], [2]], None, [[20, 10]], [[1, 2]]]) == [
        [NUM]
    ]
    assert call("BAND_INDEX", [*columns, [[1], [2]], None, [[10, "NA"]], [[1, 2]]]) == [
        [CellError.NA]
    ]


def test_bands_ascend_however_close_they_are():
    columns = [[["a"]], [["a"]], [[1.2]], None]
    assert call("BAND_INDEX", [*columns, [[1.0, 1.5]], [[3.0, 2.0]]]) == [[2.0]]
    for uppers in ([[5.0, 5.0]], [[5.0, 4.0]]):
        assert call("BAND_INDEX", [*columns, uppers, [[3.0, 2.0]]]) == [[NUM]]


def test_the_first_date_is_no_rank():
    assert read_rank(36525.0) == 36525.0
    with pytest.raises(FunctionError):
        read_rank(36526.0)
