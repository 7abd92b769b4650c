"""LAMBDA twins: the workbook of names, computed by ironcalc, gives what the library gives."""

from __future__ import annotations

import math

import pytest
from generated_calls import GeneratedCall, generated_calls

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import call
from xlcity.hosts.excel.lambdas import (
    LIMIT,
    build_lambda_workbook,
    lambda_parameters,
    lambda_texts,
    spell_for_file,
)
from xlcity.hosts.export import export_library
from xlcity.hosts.sheet_call import SheetCall, formula_of, lay_out
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

ironcalc = pytest.importorskip("ironcalc")

RELATIVE = 1e-12
TEXTS = lambda_texts()


def calls() -> list[GeneratedCall]:
    """Return generated calls as far as a twin takes their arguments."""
    made = []
    for name, text in TEXTS.items():
        taken = lambda_parameters(text)
        required = sum(not parameter.startswith("[") for parameter in taken)
        for one in generated_calls(FUNCTIONS[name]):
            if required <= len(one.arguments) <= len(FUNCTIONS[name].arguments):
                made.append(GeneratedCall(one.what, name, one.arguments[: len(taken)]))
    return made


def placed(made: list[GeneratedCall]) -> list[SheetCall]:
    out, top = [], 1
    for one in made:
        laid = lay_out(one.name, one.arguments, top)
        out.append(laid)
        top += max(laid.height, len(call(one.name, one.arguments))) + 1
    return out


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """The exported workbook with every call typed into it, computed by ironcalc."""
    path = tmp_path_factory.mktemp("lambda") / "lambda.xlsx"
    export_library("lambda", path)
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.new_sheet()
    made = calls()
    laid = placed(made)
    for one in laid:
        for row, column, value in one.cells():
            shown = formula_of(value) if isinstance(value, (str, CellError)) else repr(value)
            model.set_user_input(1, row, column, shown)
        model.set_user_input(1, one.top, one.free_column, one.formula)
    model.evaluate()

    def block(one: SheetCall, rows: int, columns: int) -> list[list[CellValue]]:
        return [
            [model.get_cell_value(1, one.top + r, one.free_column + c) for c in range(columns)]
            for r in range(rows)
        ]

    return made, laid, block


def same(found: object, expected: CellValue) -> bool:
    if isinstance(expected, CellError):
        return str(found) == str(expected)
    return isinstance(found, (int, float)) and math.isclose(
        float(found), float(expected), rel_tol=RELATIVE, abs_tol=1e-15
    )


def test_every_twin_gives_what_the_library_gives(computed):
    made, laid, block = computed
    wrong = []
    for one, place in zip(made, laid, strict=True):
        expected = call(one.name, one.arguments)
        found = block(place, len(expected), len(expected[0]))
        for row, wanted in zip(found, expected, strict=True):
            if not all(map(same, row, wanted)):
                wrong.append(f"{one}: {row} is not {wanted}")
    assert wrong == []
    assert len(made) >= 20 * len(TEXTS)


def test_the_twins_are_those_that_templates_need_most():
    assert len(TEXTS) >= 9
    for name in ("ZSCORE_WINSOR", "EFFICACY_SCALE", "RANK_UNIFORM", "WEIGHTED_INDEX"):
        assert name in TEXTS


@pytest.mark.parametrize("name", list(TEXTS))
def test_a_twin_takes_the_arguments_of_its_function_in_their_order(name):
    arguments = FUNCTIONS[name].arguments
    taken = lambda_parameters(TEXTS[name])
    assert taken == [f"[{a.name}]" if a.optional else a.name for a in arguments][: len(taken)]
    assert len(spell_for_file(TEXTS[name])) < LIMIT
    assert TEXTS[name].count("(") == TEXTS[name].count(")")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_workbook_holds_names_and_says_how_to_call_them(language):
    book = read_book(Package.from_bytes(build_lambda_workbook(language)))
    assert set(book.names) == set(TEXTS)
    for name, formula in book.names.items():
        assert formula.lstrip("=").startswith("_xlfn.LAMBDA(_xlpm.values,")
        assert formula.lstrip("=") == spell_for_file(TEXTS[name])
    rows = [
        (book.value("Functions", row, 1), book.value("Functions", row, 2)) for row in range(3, 12)
    ]
    assert rows[0][0] in TEXTS
    assert all(
        syntax == f"{name}({', '.join(lambda_parameters(TEXTS[name]))})" for name, syntax in rows
    )


def test_same_functions_same_bytes():
    assert build_lambda_workbook() == build_lambda_workbook()
