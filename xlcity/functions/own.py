"""A user's own function: one decorated Python function becomes an entry of the library."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from xlcity.errors import CellError, CellValue, FunctionError, Problem, RegistryError, Where
from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    Block,
    Matrix,
    State,
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
    Example,
    Function,
    Kind,
    Returns,
    Text,
)

#: What a function may return: a word -> the shape of its result.
SHAPES: Mapping[str, Returns] = types.MappingProxyType(
    {
        "block": Returns.BLOCK,
        "column": Returns.COLUMN,
        "row": Returns.ROW,
        "single": Returns.SINGLE,
        "square": Returns.SQUARE,
        "pairs": Returns.PAIRS,
    }
)
#: What an argument may be, besides an option: a word -> its kind.
KINDS: Mapping[str, Kind] = types.MappingProxyType(
    {kind.value: kind for kind in Kind if kind not in (Kind.VALUES, Kind.OPTION)}
)
#: An underscore keeps a name apart from the functions of spreadsheets and from cells such as AB12.
_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\Z")
_EXAMPLE: tuple[tuple[CellValue, ...], ...] = ((12.0,), (30.0,), ("NA",), (21.0,))
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
) -> Callable[[Fn], Fn]:
    """Make a Python function one of the library.

    The first argument receives an (n, k) array of the cells' numbers, NaN where there is none. An
    argument with a default is an option: its annotation says `float`, `int` or a `Literal` of
    words. The docstring (numpydoc) gives the summary and the help of each argument.

    Parameters
    ----------
    returns
        Shape of the result: one of `SHAPES`.
    kinds
        Arguments that are no options: name -> one of `KINDS`; without it an argument without a
        default is a block of numbers as high as the first.
    zh
        Chinese help: name -> text, "" for the summary; English stands in for what is missing.
    formula
        The formula as text, for the reference page.
    example
        Arguments of the worked example: values and lists of rows.
    name
        Name in a sheet; empty = the name of the Python function in capitals.

    Raises
    ------
    RegistryError
        With everything that is wrong with the declaration.
    """

    def decorate(python: Fn) -> Fn:
        entry = _entry(
            python, returns, kinds or {}, zh or {}, formula, example, name or python.__name__
        )
        setattr(python, ENTRY, entry)
        return python

    return decorate


class _Problems(list[Problem]):
    """Problems of one declaration."""

    def __init__(self, python: Callable[..., Any], name: str) -> None:
        super().__init__()
        code = python.__code__
        self.where = Where(file=code.co_filename, cell=f"line {code.co_firstlineno}")
        self.name = name

    def tell(self, message: str, hint: str) -> None:
        told = f"{self.name}: {message}"
        self.append(Problem("XC614", told, hint, self.where))


def _entry(
    python: Callable[..., Any],
    returns: str,
    kinds: Mapping[str, str],
    zh: Mapping[str, str],
    formula: str,
    example: Sequence[object] | None,
    name: str,
) -> Function:
    shown = name.upper()
    problems = _Problems(python, shown)
    if not _NAME.match(shown):
        problems.tell("that is no name of a function.", "Use letters, digits and an underscore.")
    if returns not in SHAPES:
        problems.tell(f"it returns {returns!r}.", f"Say one of {', '.join(SHAPES)}.")
    summary, helps = read_docstring(inspect.getdoc(python) or "")
    if not summary:
        problems.tell("it has no docstring.", "Its first line is the summary.")
    texts = {key: _text(key, text, zh, problems) for key, text in {"": summary, **helps}.items()}
    arguments = _arguments(python, kinds, texts, problems)
    for key in {*kinds, *zh} - {"", *(argument.name for argument in arguments)}:
        problems.tell(f"it has no argument {key!r}.", "Correct kinds or zh.")
    if problems:
        raise RegistryError(problems)
    shape = SHAPES[returns]
    return Function(
        name=shown,
        summary=texts[""],
        category=Category.OWN,
        arguments=tuple(arguments),
        returns=shape,
        core=_core(python, shape),
        formula=Text(formula or summary, formula or texts[""].zh),
        remarks=(),
        errors={
            CellError.NA: Text("where the function gives no number", "函数没有给出数值时"),
            CellError.VALUE: Text(
                "where a cell holds text; for the whole call where the function fails",
                "单元格为文本时；函数运行出错时为整个结果",
            ),
        },
        example=Example(
            tuple(_rows(argument) for argument in (example or (_EXAMPLE,))),
            Text("Computed by the function itself.", "由函数本身算出。"),
        ),
    )


def _rows(argument: Any) -> tuple[tuple[CellValue, ...], ...]:
    rows = argument if isinstance(argument, (list, tuple)) else [[argument]]
    if rows and not isinstance(rows[0], (list, tuple)):
        rows = [rows]
    return tuple(tuple(float(cell) if type(cell) is int else cell for cell in row) for row in rows)


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    r"""Return the summary of a numpydoc text, and the help of each parameter.

    Examples
    --------
    >>> read_docstring("Add.\n\nParameters\n----------\nx : float\n    A number.\n")
    ('Add.', {'x': 'A number.'})
    """
    summary = " ".join(text.split("\n\n")[0].split())
    _, _, rest = text.partition("Parameters\n----------\n")
    helps: dict[str, list[str]] = {}
    current: list[str] = []
    for line in rest.splitlines():
        if set(line.strip()) == {"-"}:
            # The line before was the title of the next section.
            helps.pop(next(reversed(helps), ""), None)
            break
        if line and not line[0].isspace():
            current = helps.setdefault(line.split(":")[0].strip(), [])
        elif line.strip():
            current.append(line.strip())
    return summary, {name: " ".join(lines) for name, lines in helps.items()}


def _text(key: str, text: str, zh: Mapping[str, str], problems: _Problems) -> Text:
    both = Text(text, zh.get(key, text))
    for shown in (both.en, both.zh):
        if len(shown) > HELP_LIMIT:
            what = f"the help of {key}" if key else "the summary"
            problems.tell(
                f"{what} has {len(shown)} characters.", f"At most {HELP_LIMIT} are shown."
            )
            return Text(both.en[:HELP_LIMIT], both.zh[:HELP_LIMIT])
    return both


def _arguments(
    python: Callable[..., Any],
    kinds: Mapping[str, str],
    texts: Mapping[str, Text],
    problems: _Problems,
) -> list[Argument]:
    found: list[Argument] = []
    try:
        hints = typing.get_type_hints(python)
    except Exception:  # a name that only a type checker knows
        hints = {}
    for parameter in inspect.signature(python).parameters.values():
        name = parameter.name
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            problems.tell(f"{name} cannot be given by its place.", "Use plain arguments.")
            continue
        if name not in texts:
            problems.tell(f"{name} has no help.", "Describe it in the docstring, under Parameters.")
        help_text = texts.get(name, Text("", ""))
        default = parameter.default
        optional = default is not parameter.empty
        if kinds.get(name, "block") not in KINDS:
            problems.tell(f"{name} is {kinds[name]!r}.", f"Say one of {', '.join(KINDS)}.")
        elif not found:
            if optional or name in kinds:
                problems.tell(f"{name} is the block of values.", "Give it no default and no kind.")
            found.append(Argument(name, help_text, Kind.VALUES, optional=False))
        elif name in kinds or not optional:
            kind = KINDS[kinds.get(name, "block")]
            none = Text("none", "无") if optional else None
            found.append(Argument(name, help_text, kind, optional=optional, default_text=none))
        else:
            found.append(_option(name, help_text, hints.get(name), default, problems))
    if not found:
        problems.tell("it has no argument.", "The first one receives the cells.")
    order = [argument.optional for argument in found]
    if order != sorted(order):
        problems.tell("an argument without a default follows one.", "Change their order.")
    return found


def _option(name: str, text: Text, hint: object, default: object, problems: _Problems) -> Argument:
    if typing.get_origin(hint) is Literal:
        choices = tuple(str(word) for word in typing.get_args(hint))
        if default not in choices or any(word != word.casefold() for word in choices):
            problems.tell(f"{name} has other words than {default!r}.", "Use small letters.")
        chosen = str(default)
        return Argument(
            name, text, default=chosen, accepts=Accepts.CHOICE, choices=choices, per_column=False
        )
    if default is None:
        return Argument(name, text, default_text=Text("none", "无"), per_column=False)
    if isinstance(default, bool) or not isinstance(default, (int, float)):
        problems.tell(
            f"{name} is {default!r}.",
            "An option is a number, None, or a word whose annotation is Literal['a', 'b'].",
        )
        return Argument(name, text, default=0.0)
    accepts = Accepts.INTEGER if hint is int else Accepts.NUMBER
    return Argument(name, text, default=float(default), accepts=accepts, per_column=False)


def _core(python: Callable[..., Any], shape: Returns) -> Callable[..., Block]:
    """Return a core that trusts nothing that the function does."""
    first = next(iter(inspect.signature(python).parameters))

    @functools.wraps(python)
    def core(values: Matrix, *, states: States | None = None, **given: Any) -> Block:
        known = as_states(values, states)
        options = {key: value for key, value in given.items() if not key.endswith("_states")}
        options = {key: _plain(value) for key, value in options.items()}
        numbers = np.where(known == State.NUMBER, values, np.nan)
        n, k = numbers.shape
        try:
            with np.errstate(all="ignore"):
                made = np.asarray(python(**{first: numbers}, **options), dtype=np.float64)
        except FunctionError:
            raise
        except ZeroDivisionError as error:
            raise FunctionError(f"{python.__name__}: {error}", CellError.DIV0) from error
        except Exception as error:
            told = f"{python.__name__}: {type(error).__name__}: {error}"
            raise FunctionError(told) from error
        down, across = shape.shape(n, k)
        if made.size != down * across or made.ndim > 2:
            message = f"{python.__name__} gives {made.shape}, not {down} x {across}"
            raise FunctionError(message)
        made = made.reshape(down, across)
        errors = own_errors(known) if (down, across) == (n, k) else np.zeros(made.shape, np.uint8)
        # A number stands, also where the cell had none; what is not a number says why.
        errors[np.isfinite(made)] = NO_ERROR
        errors[np.isnan(made) & (errors == NO_ERROR)] = NA
        errors[np.isinf(made)] = DIV0
        return block(made, errors)

    return core


def _plain(value: object) -> object:
    """Return an option that is not given as None; cores of the library know it as NaN."""
    return None if isinstance(value, float) and value != value else value
