import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import MISSING_CODES, CellState
from xlcity.functions.declare import Kind
from xlcity.functions.entry import evaluate, state_of
from xlcity.functions.registry import FUNCTIONS

COLUMN = [[1.0], [2.0], [4.0]]
WIDE = [[1.0, 5.0], [2.0, 6.0]]


def compute(name, *arguments):
    return evaluate(FUNCTIONS[name], arguments).cells()


def error_of(name, *arguments):
    with pytest.raises(FunctionError) as caught:
        evaluate(FUNCTIONS[name], arguments)
    return caught.value.value


@pytest.mark.parametrize("code", [*MISSING_CODES, "na", " NA ", "n/A"])
def test_missing_codes_are_known_without_case_and_outer_spaces(code):
    assert state_of(code) is CellState.MISSING


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        (1.0, CellState.NUMBER),
        (0.0, CellState.NUMBER),
        (None, CellState.BLANK),
        ("", CellState.BLANK),
        (" ", CellState.TEXT),
        ("12.5", CellState.TEXT),
        ("１２", CellState.TEXT),
        ("12,3", CellState.TEXT),
        ("<5", CellState.TEXT),
        (True, CellState.TEXT),
        (False, CellState.TEXT),
    ],
)
def test_what_cells_hold(cell, state):
    assert state_of(cell) is state


@pytest.mark.parametrize("blank", [None, [[None]], [[""]], [[None, None]]])
def test_an_omitted_or_blank_option_is_the_default(blank):
    assert compute("ZSCORE_WINSOR", WIDE, blank, blank, blank) == compute(
        "ZSCORE_WINSOR", WIDE
    )


def test_a_row_of_options_is_one_per_column_and_its_blanks_are_defaults():
    both = compute("ZSCORE_WINSOR", WIDE, None, [[None, -1.0]])
    assert [row[0] for row in both] == [
        row[0] for row in compute("ZSCORE_WINSOR", WIDE)
    ]
    assert [row[1] for row in both] == [1.0, -1.0]


def _options_of_all_functions():
    """Yield each function with an option that may be given per column, and values for two."""
    for function in FUNCTIONS.values():
        for place, argument in enumerate(function.arguments):
            if argument.kind is not Kind.OPTION or not argument.per_column:
                continue
            good = argument.choices[:2] or (1.0, 1.0)
            yield pytest.param(
                function, place, list(good), id=f"{function.name}-{argument.name}"
            )


@pytest.mark.parametrize(("function", "place", "two"), _options_of_all_functions())
def test_an_option_per_column_may_lie_or_stand(function, place, two):
    """As weights may: a column of a sheet such as `Framework` is given as it is."""

    def called(option):
        arguments = [[list(row) for row in rows] for rows in function.example.arguments]
        arguments[0] = [[*row[:1], *row[:1]] for row in arguments[0]]
        arguments += [[[None]]] * (place + 1 - len(arguments))
        arguments[place] = option
        try:
            return evaluate(function, arguments).cells()
        except FunctionError as error:
            return error.value

    lying = called([two])
    assert called([[value] for value in two]) == lying
    assert called([two, two]) is CellError.VALUE


def test_a_column_of_options_is_one_per_column():
    rows = [[1.0, 5.0], [2.0, 6.0], [4.0, 9.0]]
    turned = compute("ZSCORE_WINSOR", rows, [[1.96]], [[1.0], [-1.0]])
    assert turned == compute("ZSCORE_WINSOR", rows, [[1.96]], [[1.0, -1.0]])
    assert error_of("ZSCORE_WINSOR", rows, [[1.96]], [[1.0]] * 3) is CellError.VALUE


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("ZSCORE_WINSOR", [[[-1.0]]], CellError.NUM),
        ("ZSCORE_WINSOR", [[["wide"]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [[["1"]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [[[True]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [[[1.0, 2.0]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [[[1.0], [2.0], [3.0]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [None, [[2.0]]], CellError.NUM),
        ("ZSCORE_WINSOR", [None, [["up"]]], CellError.VALUE),
        ("ZSCORE_WINSOR", [None, None, [[0.5]]], CellError.NUM),
        ("ZSCORE_WINSOR", [None, None, None, [[1.0]]], CellError.VALUE),
        ("EFFICACY_SCALE", [[[-1.0]]], CellError.NUM),
        ("EFFICACY_SCALE", [[[101.0]]], CellError.NUM),
        ("EFFICACY_SCALE", [None, [[3.0]], [[3.0]]], CellError.NUM),
        ("MINMAX_SCALE", [[[3.0]], [[1.0]]], CellError.NUM),
        ("MINMAX_SCALE", [None, None, [[0.0]]], CellError.NUM),
        ("MINMAX_SCALE", [None, None, None, [[101.0]]], CellError.NUM),
        ("MINMAX_SCALE", [[["NA"]]], CellError.VALUE),
        ("RATING_SCALE", [[[0.0]]], CellError.NUM),
        ("RANK_UNIFORM", [None, [["ordinal"]]], CellError.VALUE),
        ("RANK_UNIFORM", [None, [[1.0]]], CellError.VALUE),
        ("RANK_UNIFORM", [None, None, [["zero"]]], CellError.VALUE),
        ("RANK_COMPETITION", [None, None, [[1.5]]], CellError.NUM),
        ("RANK_COMPETITION", [None, None, [[16.0]]], CellError.NUM),
    ],
)
def test_a_bad_option_is_one_error_for_the_call(name, options, error):
    assert error_of(name, COLUMN, *options) is error


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([[1.0]], CellError.VALUE),
        ([[1.0, 1.0, 1.0]], CellError.VALUE),
        ([[1.0, 1.0], [1.0, 1.0]], CellError.VALUE),
        ([[1.0, "x"]], CellError.VALUE),
        ([[1.0, True]], CellError.VALUE),
        ([[1.0, None]], CellError.NA),
        ([[1.0, "NA"]], CellError.NA),
        ([[2.0, -1.0]], CellError.NUM),
        ([[0.0, 0.0]], CellError.DIV0),
    ],
)
def test_bad_weights_are_one_error_for_the_call(weights, error):
    assert error_of("WEIGHTED_INDEX", WIDE, weights) is error


def test_weights_may_stand_in_a_row_or_a_column():
    expected = [[(1 * 1 + 5 * 3) / 4], [(2 * 1 + 6 * 3) / 4]]
    assert compute("WEIGHTED_INDEX", WIDE, [[1.0, 3.0]]) == expected
    assert compute("WEIGHTED_INDEX", WIDE, [[1.0], [3.0]]) == expected


def test_one_method_serves_all_rows():
    assert (
        error_of("WEIGHTED_INDEX", WIDE, [[1.0, 1.0]], [["geometric"] * 2])
        is CellError.VALUE
    )


@pytest.mark.parametrize(
    "error", [error for error in CellError if error is not CellError.NA]
)
def test_an_error_among_the_arguments_is_the_error_of_the_call(error):
    assert error_of("ZSCORE_WINSOR", [[1.0], ["text"], [error]]) is error
    assert error_of("ZSCORE_WINSOR", COLUMN, [[error]]) is error


def test_the_first_error_wins_and_comes_before_any_complaint_about_options():
    values = [[1.0, CellError.NUM], [CellError.NA, 2.0]]
    assert error_of("ZSCORE_WINSOR", values, [["bad"]]) is CellError.NUM
    assert (
        error_of("ZSCORE_WINSOR", WIDE, [["bad"]], [[CellError.REF]]) is CellError.REF
    )


def test_na_among_numbers_is_a_gap_and_elsewhere_an_error():
    na = CellError.NA
    assert compute("ZSCORE_WINSOR", [[1.0], [na], [3.0]]) == [[-1.0], [na], [1.0]]
    assert compute("MINMAX_SCALE", [[1.0], [na], [3.0]]) == compute(
        "MINMAX_SCALE", [[1.0], ["NA"], [3.0]]
    )
    assert compute("DENOMINATE", [[1.0], [2.0]], [[2.0], [na]]) == [[0.5], [na]]
    assert error_of("ZSCORE_WINSOR", COLUMN, [[na]]) is na
    assert error_of("WEIGHTED_INDEX", WIDE, [[1.0, na]]) is na


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if f.series])
def test_a_single_row_is_a_column_that_lies_down(function):
    column = [[3.0], [1.0], [None], [4.0], ["NA"], [1.5], [9.0], ["text"]]
    more = [[list(row) for row in rows] for rows in function.example.arguments[1:]]
    single = [rows if len(rows) * len(rows[0]) == 1 else None for rows in more]
    if function.name == "CATEGORY_SCALE":
        single = [[[2.0], [4.0]]]
    upright = evaluate(function, [column, *single]).cells()
    assert evaluate(function, [[[row[0] for row in column]], *single]).cells() == [
        [row[0] for row in upright]
    ]


def test_a_single_row_with_options_per_column_is_one_city():
    assert compute("MINMAX_SCALE", [[1.0, 5.0]], [[0.0, 0.0]], [[10.0, 20.0]]) == [
        [10.0, 25.0]
    ]
    assert compute("RANK_COMPETITION", [[3.0, 1.0]], [[1.0, 1.0]]) == [[1.0, 1.0]]
    groups = [["A"], ["A"], ["B"]]
    assert compute("RANK_COMPETITION", [[3.0, 1.0, 2.0]], None, None, None, groups) == [
        [1.0, 2.0, 1.0]
    ]
    assert compute("WEIGHTED_INDEX", [[3.0, 1.0]], [[1.0, 1.0]]) == [[2.0]]


def test_the_help_of_an_option_says_which_numbers_it_takes():
    limit = FUNCTIONS["ZSCORE_WINSOR"].arguments[1]
    assert limit.describe("en").endswith("Takes at least 0; else #NUM!.")
    assert limit.describe("zh").endswith("取值：不小于 0；否则为 #NUM!。")
    for function in FUNCTIONS.values():
        for argument in function.arguments:
            for language in ("en", "zh"):
                said = argument.describe(language)
                assert len(said) <= 255
                limited = argument.minimum is not None or argument.maximum is not None
                assert not limited or "#NUM!" in said, (function.name, argument.name)


def test_a_missing_or_surplus_argument_is_a_value_error():
    assert error_of("ZSCORE_WINSOR") is CellError.VALUE
    assert error_of("WEIGHTED_INDEX", WIDE) is CellError.VALUE
    assert error_of("RANK_COMPETITION", COLUMN, *[None] * 5) is CellError.VALUE


@pytest.mark.parametrize(
    ("spelling", "direction"),
    [
        ("+", 1.0),
        (" Benefit ", 1.0),
        ("正向", 1.0),
        ("-", -1.0),
        ("COST", -1.0),
        ("逆向", -1.0),
    ],
)
def test_spellings_of_directions(spelling, direction):
    assert compute("RANK_UNIFORM", COLUMN, [[spelling]]) == compute(
        "RANK_UNIFORM", COLUMN, [[direction]]
    )


def test_words_are_read_without_case():
    assert compute("RANK_UNIFORM", COLUMN, None, [["MAX "]], [["NA"]]) == compute(
        "RANK_UNIFORM", COLUMN, None, [["max"]], [["na"]]
    )
