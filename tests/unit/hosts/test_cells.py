import datetime as dt

import numpy as np
import pandas as pd
import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.hosts.cells import COM, JSON, call, call_filled, read_block, read_cell
from xlcity.hosts.formulas import load_formulas

NA = CellError.NA
NUM = CellError.NUM
VALUE = CellError.VALUE


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (3, 3.0),
        (3.5, 3.5),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.str_("NA"), "NA"),
        (np.bool_(True), True),
        (True, True),
        (None, None),
        (float("nan"), None),
        (np.nan, None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2024-01-01"), 45292.0),
        (np.datetime64("2024-01-01T12:00:00.000000000"), 45292.5),
        (np.datetime64("NaT"), None),
        (float("inf"), NUM),
        (10**400, NUM),
        ("", ""),
        ("１２", "１２"),
        ("#N/A", "#N/A"),
        (CellError.REF, CellError.REF),
        ({"type": "Error", "kind": "Na"}, NA),
        ({"type": "Error", "kind": "Div", "message": "x"}, CellError.DIV0),
        ({"type": "Error", "kind": "Spill"}, VALUE),
        ({"type": "Empty"}, None),
        (dt.datetime(2024, 1, 1, 12), 45292.5),
        (dt.date(2024, 1, 1), 45292.0),
        (dt.time(6), 0.25),
        (dt.timedelta(days=2), 2.0),
    ],
)
def test_single_cells(value, cell):
    read_back = read_cell(value)
    assert read_back == cell
    assert type(read_back) is type(cell)


def test_errors_are_read_in_the_spelling_of_the_host():
    assert read_cell("#DIV/0!", JSON) is CellError.DIV0
    assert read_cell("#DIV/0!") == "#DIV/0!"
    assert read_cell(-2146826246, COM) is NA
    assert read_cell(-2146826246.0, COM) == -2146826246.0
    assert read_cell(-2146826246) == -2146826246.0


@pytest.mark.parametrize("error", CellError)
def test_every_error_of_formulas_is_known(error):
    load_formulas()
    from formulas.tokens.operand import Error

    assert read_cell(Error.errors[str(error)]) is error


def test_values_of_formulas_are_read():
    load_formulas()
    from formulas.functions import Array
    from formulas.tokens.operand import Error
    from schedula import EMPTY

    cells = np.array([[1.0, EMPTY], ["NA", Error.errors["#N/A"]]], dtype=object).view(
        Array
    )
    assert read_block(cells) == [[1.0, None], ["NA", NA]]
    assert read_block(np.array(-1.0, dtype=object).view(Array)) == [[-1.0]]


def test_shapes():
    assert read_block(5) == [[5.0]]
    assert read_block([1, 2]) == [[1.0], [2.0]]
    assert read_block([1, 2], vector_is_column=False) == [[1.0, 2.0]]
    assert read_block([[1, 2]]) == [[1.0, 2.0]]
    assert read_block(((1,), (2,))) == [[1.0], [2.0]]
    assert read_block(np.array([1, 2])) == [[1.0], [2.0]]
    assert read_block([np.array([1, 2]), np.array([3, 4])]) == [[1.0, 2.0], [3.0, 4.0]]
    assert read_block(np.float64(2)) == [[2.0]]


def test_frames_are_read_without_their_labels():
    frame = pd.DataFrame({"a": [1, 2], "b": ["NA", None]}, index=["beijing", "paris"])
    assert read_block(frame) == [[1.0, "NA"], [2.0, None]]
    assert read_block(pd.Series([1.0, np.nan])) == [[1.0], [None]]


@pytest.mark.parametrize(
    "bad", [[], [[]], [[1, 2], [3]], [[1], 2, [3, 4]], [[[1]]], np.ones((2, 2, 2))]
)
def test_what_is_no_block_is_one_value_error(bad):
    with pytest.raises(FunctionError):
        read_block(bad)
    assert call("ZSCORE_WINSOR", [bad]) == [[VALUE]]
    assert call_filled("ZSCORE_WINSOR", [bad]) == [[VALUE]]


def test_blank_code_text_and_logical_are_kept_apart():
    values = [[4.0], ["NA"], [None], [""], ["12"], [True], [2.0]]
    expected = [[80.0], [0.0], [NA], [NA], [VALUE], [VALUE], [40.0]]
    assert call("RATING_SCALE", [values, None, None, 0]) == expected


@pytest.mark.parametrize("error", ["#N/A", CellError.NA])
def test_the_error_na_among_numbers_is_a_missing_code_as_the_text_is(error):
    assert call("RATING_SCALE", [[[error], [5.0]], None, None, 0]) == [[0.0], [100.0]]
    assert call("RATING_SCALE", [[5.0], "#N/A"], JSON) == [[NA]]
    assert call("WEIGHTED_INDEX", [[[1.0, NA]], [[1.0, NA]]]) == [[NA]]


def test_the_text_na_is_a_missing_code_in_every_dialect():
    assert call("RATING_SCALE", [[["#N/A"], [5.0]], None, None, 0]) == [[0.0], [100.0]]
    assert call("RATING_SCALE", [[["#N/A"], [5.0]], None, None, 0], JSON) == [
        [0.0],
        [100.0],
    ]


def test_a_single_blank_cell_is_missing_and_an_unknown_name_is_name():
    assert call("RANK_COMPETITION", [None]) == [[NA]]
    assert call("NO_SUCH_FUNCTION", [1]) == [[CellError.NAME]]


def test_names_are_read_without_case():
    assert call("rank_competition", [[3, 1]]) == [[1.0], [2.0]]


def test_an_error_of_the_call_fills_the_block_for_hosts_that_do_not_repeat_it():
    block = [[1.0, 2.0], [3.0, NUM], [4.0, 5.0]]
    assert call("MINMAX_SCALE", [block]) == [[NUM]]
    assert call_filled("MINMAX_SCALE", [block]) == [[NUM, NUM]] * 3
    assert call_filled("WEIGHTED_INDEX", [block, [1, 1]]) == [[NUM]] * 3
    assert call_filled("MINMAX_SCALE", []) == [[VALUE]]
