"""The decorator that makes a Python function one of the library, or one of the user's own."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from xlcity.errors import CellError, FunctionError, Problem, RegistryError, Where
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_states,
    make_block,
    state_errors,
)
from xlcity.functions.declare import (
    HELP_LIMIT,
    Accepts,
    Argument,
    Category,
    Function,
    FunctionTexts,
    Kind,
    Returns,
)
from xlcity.functions.session import FUNCTION_ATTRIBUTE, declare
from xlcity.messages import Message

#: What a function may return: a word -> the shape of its result.
SHAPE_OF_WORD: Mapping[str, Returns] = types.MappingProxyType(
    {shape.name.lower(): shape for shape in Returns}
)
#: What an argument may be, besides an option: a word -> its kind.
KIND_OF_WORD: Mapping[str, Kind] = types.MappingProxyType(
    {kind.value: kind for kind in Kind if kind not in (Kind.VALUES, Kind.OPTION)}
)
#: An underscore keeps a name apart from the functions of spreadsheets and from cells such as AB12.
_FUNCTION_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\Z")
_EXAMPLE_CELLS = ([[12.0], [30.0], ["NA"], [21.0]],)

#: A Python function, which the decorator gives back as it is.
Fn = typing.TypeVar("Fn", bound=Callable[..., Any])


def function(  # noqa: PLR0913
    *,
    returns: str = "block",
    kinds: Mapping[str, str] | None = None,
    zh: Mapping[str, str] | None = None,
    formula: str = "",
    example: Sequence[object] | None = None,
    name: str = "",
    category: str = "own",
    check: Callable[[Mapping[str, Any]], CellError | None] | None = None,
    series: bool = False,
) -> Callable[[Fn], Fn]:
    """Make a Python function one of the library.

    The first argument receives an (n, k) array of the cells' numbers, NaN where there is none. An
    argument with a default is an option: `float`, `int` or a `Literal` of words. The docstring
    (numpydoc) gives the summary and the help of each argument.

    Parameters
    ----------
    returns
        Shape of the result: one of `SHAPE_OF_WORD`.
    kinds
        Arguments that are not options: name -> one of `KIND_OF_WORD`; without it an argument
        without a default is a block of numbers as high as the first.
    zh
        Chinese help: name -> text, "" for the summary; English stands in for what is missing.
    formula
        The formula as text, for the reference page.
    example
        Arguments of the worked example: values and lists of rows.
    name
        Name in a sheet; empty = the name of the Python function in capitals.
    category
        Step of the work: a value of `Category`. The texts of all but `own` are in texts.toml.
    check, series
        See `Function`.

    Raises
    ------
    RegistryError
        With everything that is wrong with the declaration of a function of the user.
    """

    def decorate(python: Fn) -> Fn:
        """Attach a `Function` record to a Python function, and return that function."""
        sheet_name = (name or python.__name__).upper()
        own_texts = (
            _texts_from_user(zh or {}, formula, example) if category == "own" else {}
        )
        texts = FunctionTexts(python, sheet_name, own_texts, series=series)
        problems = _Problems(python, sheet_name)
        read_arguments = functools.partial(
            _declared_arguments,
            python,
            kinds=kinds or {},
            texts=texts,
            problems=problems,
        )
        shape = SHAPE_OF_WORD.get(returns, Returns.BLOCK)
        # Functions of the library say that they give a number or an error in every cell; those of
        # users give plain arrays.
        is_ours = inspect.get_annotations(python).get("return") is CellArray
        core = python if is_ours else _wrap_core(python, shape)
        declared = Function(
            name=sheet_name,
            category=Category(category),
            returns=shape,
            core=core,
            texts=texts,
            read_arguments=read_arguments,
            check=check,
            series=series,
        )
        if declared.category is Category.OWN:
            mentioned = {*(kinds or ()), *(zh or ())}
            _check_declaration(declared, returns, mentioned, problems)
            declare(declared)
        setattr(python, FUNCTION_ATTRIBUTE, declared)
        return python

    return decorate


def _texts_from_user(
    zh: Mapping[str, str], formula: str, example: Sequence[object] | None
) -> dict[str, Any]:
    """Return the texts that a user gives the decorator, as the data file would hold them.

    Parameters
    ----------
    zh, formula, example
        Chinese help by argument, the formula, arguments of the example; see `function`.
    """
    return {
        "summary": {"zh": zh[""]} if "" in zh else {},
        "arguments": {key: {"zh": text} for key, text in zh.items() if key},
        "formula": {"en": formula} if formula else {},
        "example": {"cells": example or _EXAMPLE_CELLS},
    }


class _Problems(list[Problem]):
    """Problems of one declaration, a list that `add` extends.

    Parameters
    ----------
    python
        The decorated function; problems name its file and first line.
    name
        Its name in a sheet.
    """

    def __init__(self, python: Callable[..., Any], name: str) -> None:
        """Begin an empty list of problems of a Python function, called `name` in a sheet."""
        super().__init__()
        code = python.__code__
        self.where = Where(file=code.co_filename, cell=f"line {code.co_firstlineno}")
        self.name = name

    def add(self, message: str, hint: str) -> None:
        """Record a problem, with the function's name before the message."""
        self.append(
            Problem.of(
                "XC614.function", self.where, hint=hint, name=self.name, fault=message
            )
        )


def _check_declaration(
    declared: Function, returns: str, mentioned: set[str], problems: _Problems
) -> None:
    """Check the declaration of a function of the user, and raise all its problems together.

    Parameters
    ----------
    returns
        Shape of the result, as the user wrote it.
    mentioned
        Arguments that `kinds` and `zh` name.
    problems
        What is wrong already; more is added.

    Raises
    ------
    RegistryError
        If there is any problem.
    """
    arguments = declared.arguments  # reading them finds problems too
    if not _FUNCTION_NAME.match(declared.name):
        problems.add(
            Message("own.no_name"),
            Message("hint.letters_and_digits"),
        )
    if returns not in SHAPE_OF_WORD:
        problems.add(
            Message("own.returns", returns=returns),
            Message("hint.use_shape", shapes=[*SHAPE_OF_WORD]),
        )
    _check_helps(declared, problems)
    # "" is the key of the summary.
    for key in mentioned - {"", *(argument.name for argument in arguments)}:
        problems.add(Message("own.no_argument", key=key), Message("hint.correct_kinds"))
    order = [argument.optional for argument in arguments]
    if order != sorted(order):  # False, for required ones, sorts first
        problems.add(Message("own.order"), Message("hint.order"))
    if not order:
        problems.add(Message("own.no_argument_at_all"), Message("hint.first_argument"))
    RegistryError.raise_for(problems)


def _check_helps(declared: Function, problems: _Problems) -> None:
    """Add a problem for each text of a user's function that is missing or too long."""
    helps = declared.texts.docstring.parameters
    if not declared.summary["en"]:
        problems.add(Message("own.no_docstring"), Message("hint.docstring"))
    _check_help_length(declared.summary, "the summary", problems)
    for argument in declared.arguments:
        if not helps.get(argument.name):
            problems.add(f"{argument.name} has no help.", Message("hint.describe"))
        _check_help_length(argument.help, f"the help of {argument.name}", problems)


def _check_help_length(
    text: Mapping[str, str], text_name: str, problems: _Problems
) -> None:
    """Add a problem where a text, in any language, is longer than a function wizard shows.

    `text` maps a language to it; `text_name` is what the message calls it.
    """
    longest = max(map(len, text.values()))
    if longest > HELP_LIMIT:
        problems.add(
            Message("own.too_long", what=text_name, longest=longest),
            Message("hint.most_shown", most=HELP_LIMIT),
        )


def _declared_arguments(
    python: Callable[..., Any],
    kinds: Mapping[str, str],
    texts: FunctionTexts,
    problems: _Problems,
) -> tuple[Argument, ...]:
    """Return the arguments as signature, annotations and `kinds` declare them.

    The parameters `states` and `NAME_states` are left out: they come with the blocks of numbers.

    Parameters
    ----------
    kinds
        Arguments that are not options: name -> one of `KIND_OF_WORD`.
    texts
        The texts of the function, which every argument refers to.
    problems
        Faults are added to it.
    """
    arguments: list[Argument] = []
    try:
        hints = inspect.get_annotations(python, eval_str=True)
    except Exception:  # a name that only a type checker knows
        hints = {}
    for parameter in inspect.signature(python).parameters.values():
        name = parameter.name
        if name == "states" or name.endswith("_states"):
            continue
        if not _can_be_argument(parameter, kinds, problems):
            continue
        argument = _declared_argument(
            parameter,
            hints.get(name),
            kinds=kinds,
            problems=problems,
            is_first=not arguments,
        )
        named = replace(
            argument,
            name=argument.name or name,
            parameter=name if argument.name else "",
            optional=parameter.default is not parameter.empty,
            default=_default_value(parameter),
            texts=texts,
        )
        arguments.append(named)
    return tuple(arguments)


def _can_be_argument(
    parameter: inspect.Parameter, kinds: Mapping[str, str], problems: _Problems
) -> bool:
    """Tell whether a parameter can be given by its place and has a kind that there is.

    If not, a problem is added. `kinds` maps names of parameters to their kinds, in words.
    """
    name = parameter.name
    if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
        problems.add(
            Message("own.no_place", name=name), Message("hint.plain_arguments")
        )
        return False
    if kinds.get(name, "block") not in KIND_OF_WORD:
        problems.add(
            f"{name} is {kinds[name]!r}.",
            Message("hint.use_kind", kinds=[*KIND_OF_WORD]),
        )
        return False
    return True


def _declared_argument(
    parameter: inspect.Parameter,
    hint: Any,
    *,
    kinds: Mapping[str, str],
    problems: _Problems,
    is_first: bool,
) -> Argument:
    """Return the record of a parameter: what its annotation, its kind or its default declare.

    Parameters
    ----------
    hint
        Its annotation.
    kinds, problems
        As in `_declared_arguments`.
    is_first
        Whether it is the function's first argument, the values.
    """
    name = parameter.name
    is_optional = parameter.default is not parameter.empty
    annotated = _annotated_argument(hint)
    if is_first and annotated is None:
        if is_optional or name in kinds:
            problems.add(Message("own.block", name=name), Message("hint.no_default"))
        return Argument(kind=Kind.VALUES)
    if name in kinds:
        return Argument(kind=KIND_OF_WORD[kinds[name]])
    if annotated is not None:
        return annotated
    if not is_optional:
        return Argument(kind=Kind.BLOCK)
    return _declared_option(name, hint, parameter.default, problems)


def _default_value(parameter: inspect.Parameter) -> Any:
    """Return the default of a parameter, a number as a float; None without one."""
    default = parameter.default
    if default is parameter.empty:
        return None
    return float(default) if _is_number(default) else default


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _annotated_argument(hint: Any) -> Argument | None:
    """Return the `Argument` inside an annotation such as `Weights | None`, None without one.

    `hint` is what stands behind the name of a parameter: a type, `Annotated`, or a union of these.
    """
    for part in (*getattr(hint, "__metadata__", ()), *typing.get_args(hint)):
        argument = part if isinstance(part, Argument) else None
        # Parts may have parts of their own, but those of a Literal are its words.
        if argument or (
            typing.get_origin(hint) is not Literal
            and (argument := _annotated_argument(part))
        ):
            return argument
    return None


def _declared_option(
    name: str, hint: object, default: object, problems: _Problems
) -> Argument:
    """Return the record of an option, as its annotation and its default declare it.

    Parameters
    ----------
    name, hint, default
        Name, annotation and default value of the parameter.
    problems
        What is wrong with the declaration is added to it.
    """
    if typing.get_origin(hint) is Literal:
        choices = tuple(str(choice) for choice in typing.get_args(hint))
        has_capitals = any(choice != choice.casefold() for choice in choices)
        if default not in choices or has_capitals:
            problems.add(
                Message("own.other_words", name=name, default=default),
                Message("hint.small_letters"),
            )
        return Argument(accepts=Accepts.CHOICE, choices=choices, per_column=False)
    if default is not None and not _is_number(default):
        problems.add(
            f"{name} is {default!r}.",
            Message("hint.option"),
        )
    is_integer = hint is int and default is not None
    return Argument(
        accepts=Accepts.INTEGER if is_integer else Accepts.NUMBER, per_column=False
    )


def _wrap_core(python: Callable[..., Any], shape: Returns) -> Callable[..., CellArray]:
    """Return a user's function as one of the library, which gives a `CellArray`.

    An exception of it becomes a `FunctionError`, a NaN or an infinity the error of a cell.

    Parameters
    ----------
    python
        Takes an array with NaN for gaps, and its options.
    shape
        Shape that its result must have.
    """
    values_name = next(iter(inspect.signature(python).parameters), "")

    @functools.wraps(python)
    def core(
        values: Matrix, *, states: States | None = None, **given_options: Any
    ) -> CellArray:
        """Return what the user's function gives for values, cell by cell a number or an error."""
        state = as_states(values, states)
        numbers = np.where(state == CellState.NUMBER, values, np.nan)
        arguments = {values_name: numbers, **_options_of_user(given_options)}
        returned = _call_user_function(python, arguments)
        down, across = shape.shape(*numbers.shape)
        if returned.size != down * across or returned.ndim > 2:
            raise FunctionError(
                f"{python.__name__} gives {returned.shape}, not {down} x {across}"
            )
        returned = returned.reshape(down, across)
        errors = np.zeros(returned.shape, np.uint8)
        if returned.shape == numbers.shape:
            errors = state_errors(state)
        # A number counts, also where the cell had none; a NaN without a reason is #N/A.
        errors[np.isfinite(returned)] = ErrorCode.NONE
        errors[np.isnan(returned) & (errors == ErrorCode.NONE)] = ErrorCode.NA
        errors[np.isinf(returned)] = ErrorCode.DIV0
        return make_block(returned, errors)

    return core


def _options_of_user(given_options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as a user's function takes them: None for one that is left out."""
    options = {}
    for key, value in given_options.items():
        is_left_out = isinstance(value, float) and value != value
        if not key.endswith("_states"):
            options[key] = None if is_left_out else value
    return options


def _call_user_function(
    python: Callable[..., Any], arguments: Mapping[str, Any]
) -> Matrix:
    """Return what a user's function gives for arguments by name, as numbers.

    Raises
    ------
    FunctionError
        For any exception of it: #DIV/0! where it divided by zero, else #VALUE!.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # A column without numbers, such as that of a new edition, needs no warning.
            warnings.simplefilter("ignore", RuntimeWarning)
            return np.asarray(python(**arguments), dtype=np.float64)
    except FunctionError:
        raise
    except ZeroDivisionError as error:
        raise FunctionError(f"{python.__name__}: {error}", CellError.DIV0) from error
    except Exception as error:
        raise FunctionError(
            f"{python.__name__}: {type(error).__name__}: {error}"
        ) from error


def functions_of_module(module: types.ModuleType) -> list[Function]:
    """Return the `Function` records of the decorated functions that a module declares itself.

    Those that it imports are left out; one with two names comes once.
    """
    records: list[Function] = []
    for value in vars(module).values():
        record = getattr(value, FUNCTION_ATTRIBUTE, None)
        if not isinstance(record, Function) or record in records:  # some have two names
            continue
        if record.texts.module == module.__name__:
            records.append(record)
    return records
