"""Functions of one's own as methods: to treat, to normalise or to aggregate by.

A function decorated with `@function` is a method of a recipe by its name in small letters: one that
gives a block treats and normalises single indicators, one that gives a column aggregates nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any, NamedTuple, NoReturn

import numpy as np

from xlcity.errors import FunctionError, RecipeError
from xlcity.functions.arguments import Rows
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
)
from xlcity.functions.declare import (
    Accepts,
    Argument,
    Category,
    Function,
    Kind,
    Returns,
)
from xlcity.functions.entry import evaluate
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.session import plain_function
from xlcity.messages import Message
from xlcity.methods.aggregate.record import (
    Aggregation,
    NativeAggregation,
    NodeCells,
    Weights,
    argument_text,
)
from xlcity.methods.aggregate.record import common_parameters as node_parameters
from xlcity.methods.formulas import ANY_NUMBER, text_condition
from xlcity.methods.normalise.record import (
    SKIPPED,
    ColumnCells,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
)
from xlcity.methods.record import NUMBER, Method, MethodCell, Parameter, Settings, Word
from xlcity.methods.treat.record import NativeTreatment, Treatment


class _Form(NamedTuple):
    """What a function must give to do a step, and the columns of `Framework` for its options.

    A node's parameters have no cells.
    """

    returns: Returns
    #: Of its first numbers and of its first word.
    number_columns: Sequence[str] = ()
    word_columns: Sequence[str] = ()


#: Step that a function may do -> its form.
_FORMS: Mapping[str, _Form] = {
    "treat": _Form(Returns.BLOCK, ("t1", "t2"), ("kind",)),
    "normalise": _Form(Returns.BLOCK, ("a", "b"), ("rule",)),
    "aggregate": _Form(Returns.COLUMN),
}
#: The steps that a function may do.
STEPS_OF_FUNCTIONS = tuple(_FORMS)
#: The argument that is given 1 or -1 where a function normalises; without it values are turned.
_DIRECTION = "direction"
#: Names that steps of recipes have for something else.
_RESERVED = frozenset(
    ("do", "method", "codes", "again", "bounds", "constant", "pool", "unit")
) | {parameter.name for parameter in node_parameters()}
#: Whether functions that are not there are stood in for: see `stand_ins`.
_STANDS_IN: ContextVar[bool] = ContextVar("stands_in", default=False)


@contextmanager
def stand_ins() -> Iterator[None]:
    """Read recipes whose functions of one's own are not there; nothing is computed with them.

    What a workbook stores can be read without the files that its formulas call.
    """
    token = _STANDS_IN.set(True)
    try:
        yield
    finally:
        _STANDS_IN.reset(token)


def own_method(step: str, name: str) -> Method | None:
    """Return a function of one's own as a method of a step, None where there is none that fits.

    Raises
    ------
    RegistryError
        If a file with functions is faulty.
    """
    if step not in _FORMS:
        return None
    function = _find_own(name) or plain_function(name, _FORMS[step].returns)
    if function is not None:
        return _method_of(step, function)
    if _STANDS_IN.get() and _may_be_function(name):
        return _stand_in(step, name)
    return None


def describe_own(step: str, name: str) -> str:
    """Return why a name is no function that can do a step, "" where it cannot be meant as one."""
    if step not in _FORMS or not _may_be_function(name):
        return ""
    if _find_own(name) is None:
        return Message("own.name_file", function=name.upper())
    key = "own.unfit_to_aggregate" if step == "aggregate" else "own.unfit"
    shape = _FORMS[step].returns.value
    return Message(key, function=name.upper(), step=step, shape=shape)


class _AnyParameters:
    """What is not known of a function that is not there: it takes any parameters."""

    __slots__ = ()

    def problem(self, name: str, value: object) -> str:
        """Return nothing that is wrong with a parameter."""
        return ""


class _AbsentTreatment(_AnyParameters, Treatment):
    """A function that is not there, in the place of a treatment."""

    __slots__ = ()


class _AbsentNormalisation(_AnyParameters, Normalisation):
    """A function that is not there, in the place of a normalisation."""

    __slots__ = ()


class _AbsentAggregation(_AnyParameters, Aggregation):
    """A function that is not there, in the place of an aggregation."""

    __slots__ = ()


def _stand_in(step: str, name: str) -> Method:
    """Return a method that computes nothing, in the place of a function that is not there."""

    def refuse(*arguments: object) -> NoReturn:
        hint = describe_own(step, name)
        raise RecipeError.of("XC250.unknown_method", hint=hint, step=step, name=name)

    if step == "treat":
        native_treatment = NativeTreatment(call=(name.upper(),))
        return _AbsentTreatment(
            name=name, kernel=refuse, by_function=True, native=native_treatment
        )
    if step == "normalise":
        native = NativeNormalisation(score=lambda cells: cells.computed)
        return _AbsentNormalisation(name=name, kernel=refuse, native=native)
    return _AbsentAggregation(
        name=name,
        parameters=node_parameters("na"),
        kernel=refuse,
        native=NativeAggregation(),
    )


def _may_be_function(name: str) -> bool:
    """Tell whether a name of a method could be that of a function, which has an underscore."""
    return "_" in name and name == name.lower()


def _find_own(name: str) -> Function | None:
    """Return the user's function that a method of this name is, None without one."""
    function = FUNCTIONS.get(name.upper()) if _may_be_function(name) else None
    return (
        function if function is not None and function.category is Category.OWN else None
    )


@cache
def _method_of(step: str, function: Function) -> Method | None:
    """Return the record of a function that does a step, None where its arguments do not fit."""
    if not _fits(step, function):
        return None
    options = [
        argument for argument in function.arguments if argument.kind is Kind.OPTION
    ]
    if step == "aggregate":
        parameters = tuple(_parameter(option, None) for option in options)
    else:
        parameters = tuple(_parameters_with_cells(step, options))
    name = function.name.lower()
    words = (Word(name, tuple(parameter.name for parameter in parameters)),)
    common: dict[str, Any] = {"name": name, "words": words, "own": function}
    if step == "aggregate":
        return Aggregation(
            **common,
            parameters=(*parameters, *node_parameters("na")),
            kernel=partial(_aggregate, function),
            weighted=len(options) + 1 < len(function.arguments),
            between=False,
            asks_sign=True,
            whole_sample=True,
            native=NativeAggregation(call_for_all=partial(_node_call, function)),
        )
    if step == "treat":
        kernel = partial(_treat, function)
        return Treatment(
            **common, parameters=parameters, kernel=kernel, by_function=True
        )
    return Normalisation(
        **common,
        parameters=parameters,
        kernel=partial(_normalise, function),
        needs="needs.own_function",
        signed=True,
        native=NativeNormalisation(
            score=lambda cells: cells.computed,
            column_call=partial(_column_call, function),
            span=_complete_formula,
            number_format="0.000",
        ),
    )


def _fits(step: str, function: Function) -> bool:
    """Tell whether arguments are values first, then options, and for a node one of weights."""
    first, *others = function.arguments
    if function.returns is not _FORMS[step].returns or first.kind is not Kind.VALUES:
        return False
    kinds = Counter(argument.kind for argument in others)
    if kinds[Kind.WEIGHTS] > (step == "aggregate"):
        return False
    if not kinds.keys() <= {Kind.OPTION, Kind.WEIGHTS}:
        return False
    return _RESERVED.isdisjoint(
        argument.name for argument in others if argument.kind is Kind.OPTION
    )


def _parameters_with_cells(
    step: str, options: Sequence[Argument]
) -> Iterator[Parameter]:
    """Yield the options of a function that have cells: its first numbers and its first word.

    Others keep their defaults. The direction of an indicator is its own.
    """
    form = _FORMS[step]
    columns = {True: iter(form.number_columns), False: iter(form.word_columns)}
    for option in options:
        if step == "normalise" and option.name == _DIRECTION:
            continue
        is_number = option.accepts is not Accepts.CHOICE
        if column := next(columns[is_number], ""):
            yield _parameter(
                option, MethodCell(column, named=True, live=is_number, needed=False)
            )


def _parameter(option: Argument, cell: MethodCell | None) -> Parameter:
    """Return an option of a function as a parameter of a step; `cell` is its cell."""
    kind = option.choices if option.accepts is Accepts.CHOICE else NUMBER
    return Parameter(option.name, kind, option.default, cell=cell)


def _compute(
    function: Function,
    values: Matrix,
    states: States,
    settings: Settings,
    **given: object,
) -> CellArray:
    """Return what a function gives for a block, as its call in a cell would.

    Parameters
    ----------
    values, states
        (n, k) values and what each cell holds; what is not a number comes to the function as NaN.
    given
        Arguments that are no parameters: name -> number, or list of numbers.
    """
    numbers = np.where(states == CellState.NUMBER, values, np.nan)
    arguments = {name: settings.value(name) for name in settings.method.names} | given
    options: list[Rows] = []
    for argument in function.arguments[1:]:
        value: Any = arguments.get(argument.name)
        options.append([value if isinstance(value, list) else [value]])
    try:
        return evaluate(function, [numbers, *options])
    except FunctionError:
        shape = function.returns.shape(*numbers.shape)
        errors = np.full(shape, ErrorCode.VALUE, dtype=np.uint8)
        return CellArray(np.full(shape, np.nan), errors)


def _normalise(
    function: Function, column: Indicator, settings: Settings
) -> ScoredColumn:
    """Return a function's scores of an indicator, of each replicate by itself."""
    values = as_matrix(column.values)
    direction = column.direction
    states = column.states.reshape(values.shape)
    turned = values if _takes_direction(function) else values * direction
    scores = np.full(values.shape, np.nan)
    for number in range(values.shape[1]):
        part = slice(number, number + 1)
        block = _compute(
            function,
            turned[:, part],
            states[:, part],
            settings,
            **{_DIRECTION: direction},
        )
        scores[:, part] = np.where(
            states[:, part] == CellState.NUMBER, block.values, np.nan
        )
    return ScoredColumn(CellArray(scores, np.isnan(scores) * ErrorCode.NA))


def _takes_direction(function: Function) -> bool:
    """Tell whether a function has an argument for the direction of the indicator."""
    return any(argument.name == _DIRECTION for argument in function.arguments)


def _treat(
    function: Function, values: Matrix, states: States, settings: Settings
) -> CellArray:
    """Return an indicator's (n, 1) values as a function treats them."""
    return _compute(function, as_matrix(values), states.reshape(-1, 1), settings)


def _aggregate(
    function: Function,
    values: Matrix,
    states: States,
    weights: Weights,
    settings: Settings,
) -> CellArray:
    """Return a function's (n, 1) aggregates; a row of numbers without one has an error."""
    names = {
        a.name: list(weights) for a in function.arguments if a.kind is Kind.WEIGHTS
    }
    block = _compute(function, values, states, settings, **names)
    errors = block.errors.copy()
    is_complete = (states == CellState.NUMBER).all(axis=1, keepdims=True)
    errors[is_complete & np.isnan(block.values)] = ErrorCode.VALUE
    return CellArray(block.values, errors)


def _call_text(function: Function, values: str, given: Mapping[str, str]) -> str:
    """Return a call; `given` has formulas of arguments by name, others are left to defaults."""
    options = function.arguments[1:]
    arguments = [values, *(given.get(option.name, SKIPPED) for option in options)]
    while arguments[-1] == SKIPPED:
        arguments.pop()
    return f"{function.name}({','.join(arguments)})"


def _column_call(function: Function, cells: ColumnCells) -> str:
    """Return the call that scores a column: with the direction, or of values turned by it."""
    values = cells.values
    given = {_DIRECTION: "1" if cells.more_is_better else "-1"}
    if not cells.more_is_better and not _takes_direction(function):
        values = f"IF({text_condition(values)},{values},-{values})"
    method = _method_of("normalise", function)
    assert method is not None, "it is this method's formula"
    for parameter in method.parameters:
        column = parameter.cell.column if parameter.cell else ""
        if column in cells.word_of:
            given[parameter.name] = f'"{cells.word_of[column]}"'
        elif cells.has_cell(column):
            given[parameter.name] = cells.cell_of[column]
    return _call_text(function, values, given)


def _complete_formula(cells: ColumnCells) -> str:
    """Return the formula of 1 where the function scores every number of the column, else ""."""
    scored = (
        f"COUNTIFS({cells.values},{ANY_NUMBER},{cells.computed_column},{ANY_NUMBER})"
    )
    return f'IF({scored}<COUNT({cells.values}),"",1)'


def _node_call(function: Function, node: NodeCells) -> str:
    """Return the call that gives a node for all cities at once."""
    given = {}
    for argument in function.arguments[1:]:
        if argument.kind is Kind.WEIGHTS:
            given[argument.name] = node.weights
        elif (value := node.settings.value(argument.name)) is not None:
            given[argument.name] = argument_text(value)
    return _call_text(function, node.values, given)
