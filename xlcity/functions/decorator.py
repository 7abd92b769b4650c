"""The decorator that makes a Python function one of the library, or one of the user's own."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
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
    block,
    own_errors,
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

#: What a function may return: a word -> the shape of its result.
SHAPES: Mapping[str, Returns] = types.MappingProxyType(
    {shape.name.lower(): shape for shape in Returns}
)
#: What an argument may be, besides an option: a word -> its kind.
KINDS: Mapping[str, Kind] = types.MappingProxyType(
    {kind.value: kind for kind in Kind if kind not in (Kind.VALUES, Kind.OPTION)}
)
#: An underscore keeps a name apart from the functions of spreadsheets and from cells such as AB12.
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\Z")
_EXAMPLE = ([[12.0], [30.0], ["NA"], [21.0]],)
#: Where the entry of a decorated function is kept.
ENTRY = "__xlcity_entry__"

Fn = typing.TypeVar("Fn", bound=Callable[..., Any])


def function(
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
        Shape of the result: one of `SHAPES`.
    kinds
        Arguments that are not options: name -> one of `KINDS`; without it an argument without a
        default is a block of numbers as high as the first.
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
        """Attach the entry of the library to a Python function, and return it."""
        shown = (name or python.__name__).upper()
        own = _own_texts(zh or {}, formula, example) if category == "own" else {}
        texts = FunctionTexts(python, shown, own, series=series)
        problems = _Problems(python, shown)
        arguments = _declared_arguments(python, kinds or {}, texts, problems)
        shape = SHAPES.get(returns, Returns.BLOCK)
        core = python if _is_kernel(python) else _wrap_core(python, shape)
        step = Category(category)
        entry = Function(shown, step, tuple(arguments), shape, core, texts, check, series)
        if step is Category.OWN:
            _check_declaration(entry, returns, {*(kinds or ()), *(zh or ())}, problems)
        setattr(python, ENTRY, entry)
        return python

    return decorate


def _is_kernel(python: Callable[..., Any]) -> bool:
    """Tell whether a function gives a `CellArray`, errors and all, as those of the library do."""
    return inspect.get_annotations(python).get("return") is CellArray


def _own_texts(
    zh: Mapping[str, str], formula: str, example: Sequence[object] | None
) -> dict[str, Any]:
    """Return the texts that a user gives the decorator, as the data file would hold them.

    Parameters
    ----------
    zh, formula, example
        As `function` takes them.
    """
    return {
        "summary": {"zh": zh[""]} if "" in zh else {},
        "arguments": {key: {"zh": text} for key, text in zh.items() if key},
        "formula": {"en": formula} if formula else {},
        "example": {"cells": example or _EXAMPLE},
    }


class _Problems(list[Problem]):
    """Problems of one declaration."""

    def __init__(self, python: Callable[..., Any], name: str) -> None:
        super().__init__()
        code = python.__code__
        self.where = Where(file=code.co_filename, cell=f"line {code.co_firstlineno}")
        self.name = name

    def add(self, message: str, hint: str) -> None:
        """Add a problem."""
        named = f"{self.name}: {message}"
        self.append(Problem("XC614", named, hint, self.where))


def _check_declaration(entry: Function, returns: str, named: set[str], problems: _Problems) -> None:
    """Raise everything that is wrong with a declaration of the user.

    Parameters
    ----------
    returns
        Shape of the result, as the user wrote it.
    named
        Arguments that `kinds` and `zh` name.
    problems
        What is known to be wrong already.
    """
    if not _NAME.match(entry.name):
        problems.add("this is not a name of a function.", "Use letters, digits and an underscore.")
    if returns not in SHAPES:
        problems.add(f"it returns {returns!r}.", f"Use one of {', '.join(SHAPES)}.")
    helps = entry.texts.docstring.parameters
    if not entry.summary["en"]:
        problems.add("it has no docstring.", "Its first line is the summary.")
    _check_length(entry.summary, "the summary", problems)
    for argument in entry.arguments:
        if not helps.get(argument.name):
            problems.add(
                f"{argument.name} has no help.", "Describe it in the docstring, under Parameters."
            )
        _check_length(argument.help, f"the help of {argument.name}", problems)
    for key in named - {"", *(argument.name for argument in entry.arguments)}:
        problems.add(f"it has no argument {key!r}.", "Correct kinds or zh.")
    order = [argument.optional for argument in entry.arguments]
    if order != sorted(order):
        problems.add("an argument without a default follows one.", "Change their order.")
    if not order:
        problems.add("it has no argument.", "The first one receives the cells.")
    if problems:
        raise RegistryError(problems)


def _check_length(text: Mapping[str, str], what: str, problems: _Problems) -> None:
    """Add a problem where a text, in any language, is longer than a function wizard shows."""
    longest = max(map(len, text.values()))
    if longest > HELP_LIMIT:
        problems.add(f"{what} has {longest} characters.", f"At most {HELP_LIMIT} are shown.")


def _declared_arguments(
    python: Callable[..., Any],
    kinds: Mapping[str, str],
    texts: FunctionTexts,
    problems: _Problems,
) -> list[Argument]:
    """Return the arguments as signature, annotations and `kinds` declare them."""
    arguments: list[Argument] = []
    try:
        hints = inspect.get_annotations(python, eval_str=True)
    except Exception:  # a name that only a type checker knows
        hints = {}
    for parameter in inspect.signature(python).parameters.values():
        name, default = parameter.name, parameter.default
        if name == "states" or name.endswith("_states"):
            continue
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            problems.add(f"{name} cannot be given by its place.", "Use plain arguments.")
            continue
        optional = default is not parameter.empty
        if kinds.get(name, "block") not in KINDS:
            problems.add(f"{name} is {kinds[name]!r}.", f"Use one of {', '.join(KINDS)}.")
            continue
        marked = _annotated_argument(hints.get(name))
        if not arguments and marked is None:
            if optional or name in kinds:
                problems.add(f"{name} is the block of values.", "Give it no default and no kind.")
            marked = Argument(kind=Kind.VALUES)
        elif name in kinds or (marked is None and not optional):
            marked = Argument(kind=KINDS[kinds.get(name, "block")])
        elif marked is None:
            marked = _declared_option(name, hints.get(name), default, problems)
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        arguments.append(
            replace(
                marked,
                name=marked.name or name,
                parameter=name if marked.name else "",
                optional=optional,
                default=(float(default) if number else default) if optional else None,
                texts=texts,
            )
        )
    return arguments


def _annotated_argument(hint: Any) -> Argument | None:
    """Return the `Argument` inside an annotation such as `Weights | None`, None without one."""
    for part in (*getattr(hint, "__metadata__", ()), *typing.get_args(hint)):
        marker = part if isinstance(part, Argument) else None
        if marker or (
            typing.get_origin(hint) is not Literal and (marker := _annotated_argument(part))
        ):
            return marker
    return None


def _declared_option(name: str, hint: object, default: object, problems: _Problems) -> Argument:
    """Return an option as its annotation and its default say."""
    if typing.get_origin(hint) is Literal:
        choices = tuple(str(choice) for choice in typing.get_args(hint))
        if default not in choices or any(choice != choice.casefold() for choice in choices):
            problems.add(f"{name} has other words than {default!r}.", "Use small letters.")
        return Argument(accepts=Accepts.CHOICE, choices=choices, per_column=False)
    if default is not None and (isinstance(default, bool) or not isinstance(default, (int, float))):
        problems.add(
            f"{name} is {default!r}.",
            "An option is a number, None, or a word whose annotation is Literal['a', 'b'].",
        )
    is_integer = hint is int and default is not None
    return Argument(accepts=Accepts.INTEGER if is_integer else Accepts.NUMBER, per_column=False)


def _wrap_core(python: Callable[..., Any], shape: Returns) -> Callable[..., CellArray]:
    """Return a user's function as a core: what it raises or returns becomes errors of cells.

    Parameters
    ----------
    python
        Takes an array with NaN for gaps, and its options.
    shape
        Shape that its result must have.
    """
    first = next(iter(inspect.signature(python).parameters), "")

    @functools.wraps(python)
    def core(values: Matrix, *, states: States | None = None, **given: Any) -> CellArray:
        """Return what the user's function gives for values, cell by cell a number or an error."""
        state = as_states(values, states)
        options = {key: value for key, value in given.items() if not key.endswith("_states")}
        options = {key: _plain_option(value) for key, value in options.items()}
        numbers = np.where(state == CellState.NUMBER, values, np.nan)
        n, k = numbers.shape
        try:
            with np.errstate(all="ignore"):
                returned = np.asarray(python(**{first: numbers}, **options), dtype=np.float64)
        except FunctionError:
            raise
        except ZeroDivisionError as error:
            raise FunctionError(f"{python.__name__}: {error}", CellError.DIV0) from error
        except Exception as error:
            raise FunctionError(f"{python.__name__}: {type(error).__name__}: {error}") from error
        down, across = shape.shape(n, k)
        if returned.size != down * across or returned.ndim > 2:
            raise FunctionError(f"{python.__name__} gives {returned.shape}, not {down} x {across}")
        returned = returned.reshape(down, across)
        errors = (
            own_errors(state) if (down, across) == (n, k) else np.zeros(returned.shape, np.uint8)
        )
        # A number counts, also where the cell had none; what is not a number says why.
        errors[np.isfinite(returned)] = ErrorCode.NONE
        errors[np.isnan(returned) & (errors == ErrorCode.NONE)] = ErrorCode.NA
        errors[np.isinf(returned)] = ErrorCode.DIV0
        return block(returned, errors)

    return core


def _plain_option(value: object) -> object:
    """Return None for NaN, which stands for an option that is left out, else the option."""
    return None if isinstance(value, float) and value != value else value


def entries_of(module: types.ModuleType) -> list[Function]:
    """Return the entries of the functions that a module itself declares, each once."""
    candidates = [getattr(value, ENTRY, None) for value in vars(module).values()]
    entries = [
        entry
        for entry in candidates
        if isinstance(entry, Function) and entry.texts.module == module.__name__
    ]
    return list({id(entry): entry for entry in entries}.values())  # some have two names
