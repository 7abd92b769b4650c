import importlib
import inspect
import keyword

import pytest

import xlcity.functions
from xlcity.functions import declare
from xlcity.functions.declare import HELP_LIMIT, Accepts, Kind, Returns
from xlcity.functions.registry import FUNCTIONS

ALL = list(FUNCTIONS.values())


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_the_core_takes_every_argument_with_the_declared_default(function):
    parameters = inspect.signature(function.core).parameters
    first, *others = function.arguments
    with_states = ["states"] if first.kind is Kind.VALUES else []
    with_states += [f"{a.keyword}_states" for a in others if a.kind is Kind.BLOCK]
    assert first.kind in (Kind.VALUES, Kind.CELLS)
    assert list(parameters) == [first.name, *(a.keyword for a in others), *with_states]
    for argument in others:
        if argument.optional:
            assert parameters[argument.keyword].default == argument.default


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_texts_are_there_in_both_languages_and_fit_a_wizard(function):
    for text in (function.summary, *(argument.help for argument in function.arguments)):
        assert 0 < len(text["en"]) <= HELP_LIMIT
        assert 0 < len(text["zh"]) <= HELP_LIMIT
        assert text["en"].isascii()
        assert not text["zh"].isascii()


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_declarations_are_complete(function):
    optional = [argument.optional for argument in function.arguments]
    assert optional == sorted(optional), (
        "an optional argument stands before a required one"
    )
    assert set(function.see_also) <= set(FUNCTIONS) - {function.name}
    for argument in function.arguments:
        assert not keyword.iskeyword(argument.name), "the module for Excel is Python"
        if argument.optional:
            assert argument.default_label("en") != "None"
        if argument.accepts is Accepts.CHOICE:
            assert argument.default in argument.choices


def test_a_text_that_functions_share_translates_one_english_text():
    english = {}
    for function in ALL:
        own = function.texts.table.get("arguments", {})
        for argument in function.arguments:
            if argument.keyword in own or argument.kind is Kind.VALUES:
                continue
            said = english.setdefault(argument.keyword, argument.help["en"])
            assert argument.help["en"] == said, f"{function.name}: {argument.name}"


def test_the_data_file_names_what_there_is():
    tables = dict(declare.text_tables())
    shared = {
        name: tables.pop(name) for name in ("words", "categories", "pages", "errors")
    }
    arguments = tables.pop("arguments")
    own = tables.pop("OWN")
    assert set(tables) == set(FUNCTIONS)
    used = {a.keyword for function in ALL for a in function.arguments}
    assert set(arguments) <= used
    when = [w for function in ALL for w in function.texts.table["errors"].values()]
    assert set(shared["errors"]) == {w for w in when if isinstance(w, str)}
    for function in ALL:
        table = function.texts.table
        names = {argument.keyword for argument in function.arguments}
        assert set(table.get("arguments", {})) <= names
        assert len(table.get("remarks", {}).get("zh", [])) == len(function.remarks)
        assert set(function.texts.docstring.parameters) >= names, function.name
    assert set(own) == {"errors", "example"}


def test_a_third_language_is_a_key_of_the_data_file(monkeypatch):
    table = {
        **FUNCTIONS["PER_MILLION"].texts.table,
        "summary": {"zh": "每百万", "fr": "Par million"},
    }
    monkeypatch.setitem(declare.text_tables(), "PER_MILLION", table)
    monkeypatch.delitem(vars(FUNCTIONS["PER_MILLION"].texts), "table", raising=False)
    assert FUNCTIONS["PER_MILLION"].summary["fr"] == "Par million"
    assert (
        FUNCTIONS["DENOMINATE"].summary["fr"] == FUNCTIONS["DENOMINATE"].summary["en"]
    )
    monkeypatch.delitem(vars(FUNCTIONS["PER_MILLION"].texts), "table")


def test_syntax_marks_what_may_be_left_out():
    assert FUNCTIONS["WEIGHTED_INDEX"].syntax == (
        "WEIGHTED_INDEX(values, weights, [method], [missing], [power], [groups])"
    )


def test_shapes_of_results():
    assert [shape.shape(9, 4, 3) for shape in Returns] == [
        (9, 4),
        (9, 1),
        (4, 4),
        (9, 9),
        (4, 6),
        (4, 5),
        (1, 4),
        (1, 1),
        (9, 3),
    ]
    assert Returns.NODES.shape(9, 4) == (9, 1)


def test_the_wizard_says_first_what_differs_between_like_functions(require_kept):
    texts = [
        (function.describe(language), function.summary[language])
        for function in ALL
        for language in ("en", "zh")
    ]
    require_kept(
        "wizard", "\n".join(text for text, summary in texts if text != summary)
    )


def test_the_package_lists_its_functions_and_has_no_others():
    assert {"minmax_scale", "weighted_index", "__name__"} <= set(dir(xlcity.functions))
    for name in ("_minmax_scale", "nothing_such"):
        with pytest.raises(AttributeError, match=name):
            getattr(xlcity.functions, name)
    assert importlib.import_module("xlcity.functions.whole") is xlcity.functions.whole
