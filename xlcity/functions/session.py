"""Functions of a Python session: decorated ones by their names, and plain ones as methods."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from xlcity.errors import RecipeError
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_states,
    make_block,
)
from xlcity.functions.declare import (
    Argument,
    Category,
    Function,
    FunctionTexts,
    Kind,
    Returns,
)

#: Attribute of a decorated Python function that holds its `Function` record.
FUNCTION_ATTRIBUTE = "__xlcity_entry__"
#: Begins the names of modules that are run for their functions, see `settings`.
FILE_MODULE = "xlcity_own_"
#: Name in a sheet -> what was decorated in this session.
_DECLARED: dict[str, Function] = {}
#: Name of a method -> the plain function that it is.
_PLAIN: dict[str, Callable[..., Any]] = {}
_NO_LETTERS = re.compile(r"\W+", re.ASCII)
#: Arguments that a plain function is given if it has them.
_WEIGHTS = "weights"
_DIRECTION = "direction"


def declare(function: Function) -> None:
    """Make a decorated function known by its name; one that a file declares is known by that."""
    if not function.texts.module.startswith(FILE_MODULE):
        _DECLARED[function.name] = function


def declared_functions() -> Mapping[str, Function]:
    """Return what was decorated in this session: name in a sheet -> function."""
    return _DECLARED


def forget() -> None:
    """Forget all functions of the session."""
    _DECLARED.clear()
    _PLAIN.clear()


def name_plain(python: Callable[..., Any], params: Mapping[str, Any]) -> str:
    """Return the name of a method that is a plain function with some arguments by name.

    A function with the same arguments has one name, any other has another.
    """
    python = partial(python, **params) if params else python
    for known_name, known in _PLAIN.items():
        if _is_same_call(known, python):
            return known_name
    stem = plain_name(python)
    name = stem
    number = 1
    while name in _PLAIN:
        number += 1
        name = f"{stem}_{number}"
    _PLAIN[name] = python
    return name


def _is_same_call(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Tell whether two functions are one, with equal arguments where these are bound to them."""
    if not (isinstance(one, partial) and isinstance(other, partial)):
        return one == other
    if one.func != other.func or len(one.args) != len(other.args):
        return False
    if one.keywords.keys() != other.keywords.keys():
        return False
    given = [*one.args, *one.keywords.values()]
    others = [*other.args, *(other.keywords[name] for name in one.keywords)]
    return all(map(_is_same_value, given, others))


def _is_same_value(one: Any, other: Any) -> bool:
    """Tell whether two arguments are of one type and equal, arrays and frames cell by cell."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    try:
        return bool(one == other)
    except ValueError:  # lists of arrays have no answer
        return False


def known_function(python: Callable[..., Any]) -> Function | None:
    """Return what `@function` declared of a function, which is known by its name then."""
    declared = getattr(python, FUNCTION_ATTRIBUTE, None)
    if not isinstance(declared, Function):
        return None
    _DECLARED[declared.name] = declared
    return declared


def keep_function(python: Callable[..., Any]) -> None:
    """Make a function known as a method by the name that it has in Python."""
    if known_function(python) is None:
        _PLAIN[callable_name(python).lower()] = python


def plain_name(python: Callable[..., Any]) -> str:
    """Return a name for a method that is a plain function.

    >>> plain_name(max), plain_name(lambda values: values)
    ('py_max', 'py_lambda')
    """
    name = _NO_LETTERS.sub("_", callable_name(python)).strip("_").lower()
    return f"py_{name}" if name else "py_function"


def callable_name(python: Callable[..., Any]) -> str:
    """Return what a function is called in Python."""
    whole = _described(python)
    return getattr(whole, "__name__", type(whole).__name__)


def is_plain(name: str) -> bool:
    """Tell whether a method is a plain function of the session, which cells have no name for."""
    return name in _PLAIN


def callable_of_plain(name: str) -> str:
    """Return what the plain function that a method is is called in Python."""
    return callable_name(_PLAIN[name])


def plain_function(name: str, returns: Returns) -> Function | None:
    """Return the plain function that a method is, with results of a shape; None without one."""
    python = _PLAIN.get(name)
    return None if python is None else _function_of(name, python, returns)


@cache
def _function_of(name: str, python: Callable[..., Any], returns: Returns) -> Function:
    """Return a plain function as one of the library."""
    arguments = [Argument("values", Kind.VALUES, optional=False)]
    own_names = _parameter_names(python)
    if _WEIGHTS in own_names and returns is Returns.COLUMN:
        arguments.append(Argument(_WEIGHTS, Kind.WEIGHTS))
    if _DIRECTION in own_names and returns is Returns.BLOCK:
        arguments.append(Argument(_DIRECTION))
    texts = FunctionTexts(_described(python), name, {}, series=False)
    return Function(
        name=name.upper(),
        category=Category.OWN,
        returns=returns,
        core=partial(_call, python, returns),
        texts=texts,
        read_arguments=lambda: tuple(arguments),
    )


def _described(python: Callable[..., Any]) -> Callable[..., Any]:
    """Return what has the module and docstring of a function."""
    return python.func if isinstance(python, partial) else python


def _parameter_names(python: Callable[..., Any]) -> frozenset[str]:
    try:
        parameters = inspect.signature(python).parameters.values()
    except (TypeError, ValueError):  # some functions of C have none
        return frozenset()
    return frozenset(
        parameter.name
        for parameter in parameters
        if parameter.kind is not parameter.POSITIONAL_ONLY
    )


def _call(
    python: Callable[..., Any],
    returns: Returns,
    values: Matrix,
    *,
    states: States | None = None,
    **given: Any,
) -> CellArray:
    """Return what a plain function gives for a Series, or for a frame where it aggregates.

    What is not a number comes as NaN, and a NaN that comes back is #N/A.

    Raises
    ------
    RecipeError
        For any exception of the function, and for a result of another length.
    """
    import pandas as pd

    state = as_states(values, states)
    numbers = np.where(state == CellState.NUMBER, values, np.nan)
    is_column = returns is Returns.BLOCK and numbers.shape[1] == 1
    argument = pd.Series(numbers[:, 0]) if is_column else pd.DataFrame(numbers)
    arguments = {
        name: value for name, value in given.items() if not name.endswith("_states")
    }
    name = callable_name(python)
    try:
        returned = np.asarray(python(argument, **arguments), dtype=np.float64)
    except Exception as error:
        kind = type(error).__name__
        raise RecipeError.of(
            "XC250.function_raised", name=name, kind=kind, error=str(error)
        ) from error
    shape = returns.shape(*numbers.shape)
    if returned.size != shape[0] * shape[1]:
        raise RecipeError.of(
            "XC250.function_length",
            name=name,
            given=returned.size,
            expected=shape[0] * shape[1],
        )
    returned = returned.reshape(shape)
    errors = np.zeros(shape, np.uint8)
    errors[np.isnan(returned)] = ErrorCode.NA
    errors[np.isinf(returned)] = ErrorCode.DIV0
    return make_block(returned, errors)
