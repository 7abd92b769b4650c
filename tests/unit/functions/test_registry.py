import doctest
import importlib
import inspect
import keyword
import pkgutil

import pytest

import xlcity.functions
from xlcity.functions.declare import HELP_LIMIT, Accepts, Argument, Kind, Text
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
        assert 0 < len(text.en) <= HELP_LIMIT
        assert 0 < len(text.zh) <= HELP_LIMIT
        assert text.en.isascii()
        assert not text.zh.isascii()


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.name)
def test_declarations_are_complete(function):
    optional = [argument.optional for argument in function.arguments]
    assert optional == sorted(optional), "an optional argument stands before a required one"
    assert set(function.see_also) <= set(FUNCTIONS) - {function.name}
    for argument in function.arguments:
        assert not keyword.iskeyword(argument.name), "the module for Excel is Python"
        if argument.optional:
            assert argument.default is not None or argument.default_text is not None
        if argument.accepts is Accepts.CHOICE:
            assert argument.default in argument.choices


def test_help_that_no_wizard_can_show_is_refused():
    with pytest.raises(ValueError, match="256 characters"):
        Argument("x", Text("x" * (HELP_LIMIT + 1), "长"))


def test_syntax_marks_what_may_be_left_out():
    assert FUNCTIONS["WEIGHTED_INDEX"].syntax == (
        "WEIGHTED_INDEX(values, weights, [method], [missing], [power], [groups])"
    )


@pytest.mark.parametrize(
    "module",
    [m.name for m in pkgutil.walk_packages(xlcity.functions.__path__, "xlcity.functions.")],
)
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0
