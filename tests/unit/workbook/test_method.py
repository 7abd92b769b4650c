"""Weights, bounds, parameters and options, in cells and in the index."""

import pytest

from tests.helpers.templates import (
    MAIN,
    MEDIA,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    framework_cell,
    method_cell,
    named_cell,
    require_agreement,
    seen,
    small_read,
    small_template,
)
from xlcity.audit.check.check import check_workbook

CONSTANT = {data_cell(unit, SEARCH): 5.0 for unit in UNITS}


def looked_at(option=None, **edits):
    book = seen(edited(small_template(option), edits))
    require_agreement(book)
    return book


def test_weights_that_sum_to_098(small_file):
    edits = {"Framework": {framework_cell("IMG_COM", "weight"): 0.28}}
    book = looked_at(**edits)
    assert (book.verdict, book.red) == ("fail", {"weights"})
    # The cells divide by the sum, so the score stays a mean.
    shares = {"IMG_COM": 0.28, "IMG_INF": 0.5, "IMG_REC": 0.2}
    expected = sum(w * book.scores["beijing", n] for n, w in shares.items()) / 0.98
    assert book.scores["beijing", "IMG"] == pytest.approx(expected, rel=1e-12)
    checked = {
        check.name: check for check in check_workbook(small_file(**edits)).checks
    }
    assert checked["weights"].status == "fail"
    assert "sum to 0.98" in str(checked["weights"].problems[0])
    cells = [framework_cell(child, "weight") for child in shares]
    assert checked["weights"].cells == tuple(f"Framework!{cell}" for cell in cells)
    assert checked["weights"].problems[0].where.cell == ",".join(cells)
    groups = len(small_read().framework.composites)
    assert (
        checked["weights"].detail == f"weights do not sum to 1 in 1 of {groups} groups"
    )
    assert checked["python-native"].status == "pass"


@pytest.mark.parametrize(
    "weight", [None, pytest.param("0,3", marks=pytest.mark.slow), -0.3, True]
)
def test_a_weight_that_is_none(small_file, weight):
    edits = {"Framework": {framework_cell("IMG_COM", "weight"): weight}}
    path = small_file(**edits)
    checked = check_workbook(path)
    status = {check.name: check for check in checked.checks}
    assert checked.verdict == "fail"
    assert status["weights"].status == "fail"
    assert status["weights"].problems[0].code == "XC224"
    assert f"Framework!{framework_cell('IMG_COM', 'weight')}" in status["weights"].cells
    assert status["sheet:weights"].status == "fail"
    assert status["python-native"].status == "skipped"


def test_weights_of_nothing_but_zero(small_file):
    path = small_file(
        Framework={
            framework_cell(n, "weight"): 0.0 for n in ("IMG_COM", "IMG_INF", "IMG_REC")
        }
    )
    checked = {check.name: check.status for check in check_workbook(path).checks}
    assert (checked["weights"], checked["sheet:weights"]) == ("fail", "fail")
    assert checked["sheet:udf-native"] == "pass"


def test_a_child_without_weight_may_be_absent_in_cells_as_in_the_index():
    weights = {
        framework_cell("IMG_COM_SEARCH", "weight"): 0.0,
        framework_cell("IMG_COM_MEDIA", "weight"): 1.0,
    }
    missing = {data_cell("chengdu", SEARCH): "NA"}
    book = seen(edited(small_template(), {"Framework": weights, "Data": missing}))
    assert book.scores["chengdu", "IMG_COM"] == 9.38
    chengdu = book.index.dataset.row("chengdu")
    totals = book.index.aggregate("IMG_COM")
    assert totals[chengdu] == book.scores["chengdu", "IMG_COM_MEDIA"]
    assert book.red == set()
    assert book.scores["beijing", "IMG_COM"] == book.scores["beijing", "IMG_COM_MEDIA"]


def test_a_constant_column_with_a_lower_bound_is_a_note():
    book = looked_at(Data=CONSTANT)
    assert (book.verdict, book.red) == ("pass", set())
    assert (book.checks["constant-note"], book.checks["constant-column"]) == (
        "note",
        "pass",
    )
    assert {book.normalised[unit, SEARCH] for unit in UNITS} == {
        (5 - 0) / (5 - 0) * 100
    }
    assert [p.code for p in book.index.notes] == ["XC351"]


def test_a_constant_column_under_min_max_has_no_score():
    book = looked_at("minmax", Data=CONSTANT)
    # Nobody has a total then, which is said beside its cause.
    assert book.red == {"constant-column", "without-total"}
    assert book.verdict == "fail"
    assert "谷歌趋势搜索指数" in book.detail("constant-column")
    assert {book.normalised[unit, SEARCH] for unit in UNITS} == {None}
    assert {book.scores[unit, "IMG"] for unit in UNITS} == {None}
    assert book.scores["beijing", "IMG_COM_MEDIA"] == 100
    assert [p.code for p in book.index.failures] == ["XC350"]


def test_a_bound_emptied_in_the_book_is_plain_min_max(small_file):
    edits = {"Framework": {method_cell(SEARCH, "a"): None}}
    book = looked_at(**edits)
    assert (book.verdict, book.red) == ("pass", set())
    values = book.template.dataset.values[:, 0]
    expected = (6 - values.min()) / (values.max() - values.min()) * 100
    assert book.normalised["chengdu", SEARCH] == pytest.approx(expected, rel=1e-12)
    # A changed input is no changed formula.
    checked = {
        check.name: check.status for check in check_workbook(small_file(**edits)).checks
    }
    assert (checked["contract"], checked["python-native"]) == ("pass", "pass")
    constant = looked_at(**edits, Data=CONSTANT)
    assert constant.red == {"constant-column", "without-total"}


@pytest.mark.parametrize(
    ("column", "value", "red"),
    [("a", 500.0, {"scale", "without-total"}), ("b", 500.0, set())],
)
def test_bounds_typed(column, value, red):
    book = looked_at(Framework={method_cell(SEARCH, column): value})
    assert book.red == red


def test_a_bound_that_is_text_is_none_in_cells_and_an_error_to_the_function():
    book = seen(
        edited(small_template(), {"Framework": {method_cell(SEARCH, "a"): "abc"}})
    )
    require_agreement(book, udf="fail")
    assert book.red == {"scale", "udf-native"}


def test_one_number_in_a_column_is_a_draft_and_no_fault():
    edits = {data_cell(unit, SEARCH): None for unit in UNITS[1:]}
    book = looked_at("minmax", Data=edits)
    assert (book.verdict, book.red) == ("draft", set())
    alone = looked_at("minmax", Data=dict.fromkeys(edits, "NA"))
    assert alone.red == {"scale", "without-total"}


@pytest.mark.slow
def test_min_max_with_a_floor():
    book = looked_at("minmax-search-floor")
    assert book.red == set()
    lowest = min(UNITS, key=lambda unit: book.typed(unit, SEARCH))
    assert book.normalised[lowest, SEARCH] == 1
    assert book.checks["compare-print"] in ("note", "pass")


@pytest.mark.parametrize(
    ("name", "value"),
    [("par_scale", 10.0), ("par_rank_digits", 0.0), ("par_unrated", 1.0)],
)
def test_parameters(name, value):
    book = looked_at(
        Framework={named_cell(name): value}, Data={data_cell("chengdu", MAIN): "NA"}
    )
    assert book.red == set()
    if name == "par_unrated":
        assert book.normalised["chengdu", MAIN] == 1 / 5 * 100
    if name == "par_scale":
        assert book.normalised["beijing", MEDIA] == 10


def test_a_rating_out_of_ten():
    book = looked_at(Framework={method_cell(MAIN, "b"): 10.0})
    assert book.normalised["chengdu", MAIN] == pytest.approx(
        4.428 / 10 * 100, rel=1e-12
    )


def test_what_is_never_a_value_can_be_set():
    book = looked_at(
        Framework={framework_cell(MAIN, "no_data"): 4.0},
        Data={data_cell("beijing", MAIN): 4.0},
    )
    assert book.red == {"values-not-numbers"}
    assert book.typed("beijing", MAIN) == "?"
