"""The xlwings module, imported as Excel's server would import it, with Windows played."""

from __future__ import annotations

import re
import sys
import types
from decimal import Decimal

import pytest
from xlwings import conversion

from tests.helpers import windows_stubs
from tests.helpers.generated_calls import generated_calls
from xlcity.errors import NEW_ERRORS, CellError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import COM_ERRORS, JSON, call
from xlcity.hosts.excel import answers
from xlcity.hosts.excel.answers import StoredValues
from xlcity.hosts.excel.module import MODULE, module_text

LIMIT = 255

#: Words that VBA keeps for itself: none may be an argument.
VBA_WORDS = frozenset(
    """
    and as boolean byref byte byval call caller case class const currency date declare dim do double
    each else elseif empty end enum eqv erase error event exit false for friend function get global
    gosub goto if imp implements in input integer is let lib like line lock long loop lset me mod
    name new next not nothing null object on open option optional or output paramarray preserve
    print private property public put raiseevent random read redim rem resume return rset seek
    select set single static step stop string sub tab then time to true type typeof until variant
    wend while width with withevents write xor
    """.split()  # noqa: SIM905
)


@pytest.fixture
def udfs(monkeypatch):
    module = windows_stubs.install(monkeypatch)
    answers.can_com_pass_errors.cache_clear()
    yield module
    answers.can_com_pass_errors.cache_clear()


def load(text: str, name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


@pytest.fixture
def module(udfs):
    return load(module_text(), MODULE)


def declared(module):
    return {
        name: f.__xlfunc__
        for name, f in vars(module).items()
        if hasattr(f, "__xlfunc__")
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_excel_shows_equals_the_registry(udfs, language):
    reading = {"convert": StoredValues}
    found = declared(load(module_text(language=language), MODULE))
    assert list(found) == list(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        xlfunc = found[name]
        category = function.category.in_wizard(language)
        assert (xlfunc["name"], xlfunc["category"], xlfunc["volatile"]) == (
            name,
            category,
            False,
        )
        assert (xlfunc["sub"], xlfunc["async_mode"]) == (False, None)
        assert xlfunc["ret"]["doc"] == function.describe(language)
        assert [
            (a["name"], a["doc"], "optional" in a, a["options"]) for a in xlfunc["args"]
        ] == [
            (a.name, a.describe(language), a.optional, reading)
            for a in function.arguments
        ]


def test_what_differs_in_a_family_stands_first_and_special_functions_apart():
    described = {name: FUNCTIONS[name].describe("en") for name in FUNCTIONS}
    first = {name: text.partition(". ")[0] for name, text in described.items()}
    assert first["MINMAX_SCALE"] == "Full score 100"
    assert first["PERCENTILE_SCALE"] == "Direction is argument 2"
    assert described["PERCENTILE_SCALE"].startswith(
        "Direction is argument 2. Full score 1. "
    )
    assert described["MINMAX_SCALE"].startswith(
        "Full score 100. Direction is argument 6. Values"
    )
    assert (
        FUNCTIONS["GOALPOST_SCALE"]
        .describe("zh")
        .startswith("满分 100。方向是第 5 个参数。")
    )
    assert described["WEIGHTED_INDEX"] == FUNCTIONS["WEIGHTED_INDEX"].summary["en"]
    for name, function in FUNCTIONS.items():
        names = [argument.name for argument in function.arguments]
        if function.category.value == "normalise" and "direction" in names:
            assert f"argument {names.index('direction') + 1}." in described[name]
    apart = {name: f.category.in_wizard("en") for name, f in FUNCTIONS.items()}
    apart = {name: category for name, category in apart.items() if category != "xlcity"}
    assert apart == {
        **dict.fromkeys(
            ("BAND_INDEX", "PM25_GRADE", "ZSCORE_INDEX"), "xlcity One report"
        ),
        **dict.fromkeys(
            ("LATTICE_CHECK", "AFFINE_CHECK", "WEIGHTS_IMPLIED"), "xlcity Audit"
        ),
    }


def test_no_text_is_longer_than_excel_shows_and_no_word_is_vbas_own():
    for function in FUNCTIONS.values():
        described = {language: function.describe(language) for language in ("en", "zh")}
        for text in (described, *(argument.help for argument in function.arguments)):
            assert 0 < len(text["en"]) <= LIMIT
            assert 0 < len(text["zh"]) <= LIMIT
        assert len({argument.name.lower() for argument in function.arguments}) == len(
            function.arguments
        )
        assert (
            not {argument.name.lower() for argument in function.arguments} & VBA_WORDS
        )
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", function.name)


def plain(rows):
    """Return an answer with errors as values."""
    return [
        [
            COM_ERRORS[cell.value] if isinstance(cell, windows_stubs.Variant) else cell
            for cell in row
        ]
        for row in rows
    ]


class ExcelRange:
    """A range as the function's server sees it: `Value` is cut, `Value2` is what the cell holds."""

    def __init__(self, rows):
        codes = {error: code for code, error in COM_ERRORS.items()}
        stored = tuple(
            tuple(
                codes.get(cell, cell) if isinstance(cell, CellError) else cell
                for cell in row
            )
            for row in rows
        )
        self.api = types.SimpleNamespace(
            Value2=stored if stored[1:] or stored[0][1:] else stored[0][0]
        )
        app = types.SimpleNamespace(engine=None)
        self.sheet = types.SimpleNamespace(book=types.SimpleNamespace(app=app))


def as_excel_gives(rows):
    """Return an argument as xlwings hands it over, read from a range by the declared reader."""
    return conversion.read(ExcelRange(rows), None, {"convert": StoredValues})


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_answers_are_the_librarys_and_never_blank(module, name):
    function = FUNCTIONS[name]
    required = sum(not argument.optional for argument in function.arguments)
    answered = 0
    for made in generated_calls(function):
        if not required <= len(made.arguments) <= len(function.arguments):
            continue
        rows = getattr(module, name)(*map(as_excel_gives, made.arguments))
        assert plain(rows) == call(name, made.arguments), str(made)
        assert not any(
            cell is None or cell != cell or cell == "" for row in rows for cell in row
        )
        answered += 1
    assert answered >= 8


def test_errors_are_texts_where_com_does_not_carry_them(monkeypatch, module):
    rows = module.RATING_SCALE([[4.0], [None], ["#DIV/0!"]])
    assert (rows[0][0].varianttype, rows[0][0].value) == (10, -2146826281)

    def refuse(target):
        raise TypeError(
            "Objects of type 'VARIANT' can not be converted to a COM VARIANT"
        )

    monkeypatch.setattr(sys.modules["win32com.client"], "Dispatch", refuse)
    answers.can_com_pass_errors.cache_clear()
    assert module.RATING_SCALE([[4.0], [None]]) == [[80.0], ["#N/A"]]


def test_where_there_is_no_com_errors_are_texts():
    answers.can_com_pass_errors.cache_clear()
    assert answers.answer("RATING_SCALE", [[4.0], ["x"]], None, None) == [
        [80.0],
        ["#VALUE!"],
    ]
    answers.can_com_pass_errors.cache_clear()


def test_a_currency_format_changes_no_value(module):
    exact = ExcelRange([[1.23456789], [2.0], [3.0]])
    exact.raw_value = ((Decimal("1.2346"),), (Decimal(2),), (Decimal(3),))
    argument = declared(module)["RANK_UNIFORM"]["args"][0]
    read = conversion.read(exact, None, argument["options"])
    assert read == ((1.23456789,), (2.0,), (3.0,))
    assert module.MINMAX_SCALE(read) == call(
        "MINMAX_SCALE", [[[1.23456789], [2.0], [3.0]]]
    )
    # A host that hands over Decimals all the same gives numbers, not texts.
    assert call("RATING_SCALE", [[[Decimal("2.5")]], 10.0]) == [[25.0]]


@pytest.mark.parametrize("code", [2043, 2045, 2046, 2047, 2048, 2049, 2050, 2051])
def test_an_error_newer_than_excel_2010_is_an_error(module, code):
    assert plain(module.RANK_UNIFORM(((1.0,), (code - 2146828288,)))) == [
        [CellError.VALUE]
    ]


@pytest.mark.parametrize("text", NEW_ERRORS)
def test_a_newer_error_that_comes_as_text_is_an_error(text):
    assert call("RANK_UNIFORM", [[[1.0], [text]]], JSON) == [[CellError.VALUE]]
