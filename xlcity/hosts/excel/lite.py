"""Generates main.py, the script by which xlwings Lite computes the functions inside Excel.

It holds the functions that need numpy alone, as plain source. Those that need scipy stay out: each
start of Excel would load it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from pathlib import Path

import xlcity
from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.excel.module import quote_text
from xlcity.hosts.excel.plain_source import definitions_needed
from xlcity.messages import Message

#: The modules that the functions need, each after those that it imports.
_MODULES = """
    errors functions/block functions/declare
    functions/arguments functions/rounding functions/treat functions/normalise
    functions/rank functions/scale functions/aggregate functions/distance
    functions/combine functions/outrank functions/implied functions/printed
    functions/impute functions/impute_model functions/correlate functions/weigh
    functions/model_weights functions/links functions/network functions/construct
    functions/whole functions/entry hosts/cells hosts/excel/lite_runtime
"""
#: It follows the third module.
_BASE_PLACE = 3
#: What functions are declared with there, in place of classes that have help and addresses besides.
_BASE = '''
class FunctionError(Exception):
    """A function called with a bad option or shape; `value` is what the cell shows."""

    def __init__(self, message: str, value: CellError = CellError.VALUE) -> None:
        self.value = value
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function: what it is for, and what an option may hold."""

    name: str = ""
    kind: Kind = Kind.OPTION
    optional: bool = True
    default: float | str | None = None
    parameter: str = ""
    accepts: Accepts = Accepts.NUMBER
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    per_column: bool = True

    @property
    def keyword(self) -> str:
        """Keyword of the core that takes this argument."""
        return self.parameter or self.name


class Function(NamedTuple):
    """A function: its name in cells, what computes it, and what it takes."""

    name: str
    core: Callable[..., CellArray]
    arguments: tuple[Argument, ...]
    check: Callable[..., CellError | None] | None = None
    series: bool = False


#: Name in cells -> function; filled below.
FUNCTIONS: dict[str, Function] = {}


def find_function(name: str) -> Function | None:
    """Return a function by its name, None for an unknown one."""
    return FUNCTIONS.get(name.upper())
'''
_NEED_SCIPY = """
    AFFINE_CHECK BALANCE_WEIGHTS BOD_INDEX CLUSTER_LABELS UCM_WEIGHTS WEIGHTS_IMPLIED
"""
#: What the modules import from elsewhere.
_IMPORTS = """\
from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from functools import lru_cache, partial
from itertools import chain, combinations, product, takewhile, zip_longest
from typing import Annotated, Any, Literal, NamedTuple, cast

import numpy as np
import xlwings as xw
from numpy.typing import ArrayLike, NDArray
"""
_ROOTS = "Argument Kind Accepts answer excel_function load_functions show_what_is_wrong"
#: What the script has in its language, and what only help and messages use.
_LEFT_OUT = "TEXTS texts nearest"
_BUTTON_TEXTS = "load loaded no_calls protected wrong fine no_checks"
#: Address of the documentation's folder of functions, with a slash at its end; "" while it is
#: published nowhere, and then Excel's help names no page.
FUNCTION_PAGES = ""
#: How the last line of the script begins.
_MARK = "# The text above as xlcity wrote it: "
#: Packages that the script asks xlwings Lite for. No version is asked for: none was tried.
REQUIREMENTS = "xlwings\nnumpy\n"


def functions_in_lite() -> list[Function]:
    """Return the library's functions that need no scipy."""
    return [each for each in BUILT_IN.values() if each.name not in _NEED_SCIPY.split()]


@cache
def lite_text(language: str = "en") -> str:
    """Return main.py with its help and what its buttons say in a language."""
    functions = functions_in_lite()
    cores = [function.core.__name__ for function in functions]
    checks = [each.check.__name__ for each in functions if each.check]
    home = Path(xlcity.__file__).parent
    sources = [
        (home / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES.split()
    ]
    sources.insert(_BASE_PLACE, _BASE)
    names = [*_ROOTS.split(), *cores, *checks]
    library = definitions_needed(sources, names, _LEFT_OUT.split())
    head = Message(
        "lite.head", version=xlcity.__version__, names=_NEED_SCIPY.split()
    ).in_language(language)
    text = "".join(
        (
            f'"""{head}"""\n# ruff: noqa\n\n{_IMPORTS}\n',
            f"TEXTS = {_literal_lines(button_texts(language))}\n\n\n{library}",
            "\n\nFUNCTIONS |= {\n",
            *map(_function_entry, functions),
            "}\n",
            *(_excel_function(each, language) for each in functions),
            "\n\n",
        )
    )
    return text + _digest_line(text)


def is_as_written(main: str) -> bool:
    """Tell whether a main.py is one of ours, of whatever version, that nobody has changed."""
    text, _, _ = main.rpartition(_MARK)
    return main == text + _digest_line(text)


def _digest_line(text: str) -> str:
    """Return the last line of main.py, which tells whether the text above was changed."""
    return f"{_MARK}{hashlib.sha256(text.encode()).hexdigest()[:16]}\n"


def button_texts(language: str) -> dict[str, str]:
    """Return what the buttons say in a language; what they count or name is a field."""
    return {
        name: Message(f"lite.{name}", calls="{calls}", sheet="{sheet}").in_language(
            language
        )
        for name in _BUTTON_TEXTS.split()
    }


def _literal_lines(texts: Mapping[str, str]) -> str:
    """Return texts by name as a Python dictionary, a line for each."""
    entries = (
        f"    {quote_text(name)}: {quote_text(text)},\n" for name, text in texts.items()
    )
    return f"{{\n{''.join(entries)}}}"


def _function_entry(function: Function) -> str:
    """Return the lines that declare a function and its arguments."""
    arguments = "".join(
        f"        {_argument(argument)},\n" for argument in function.arguments
    )
    check = f", check={function.check.__name__}" if function.check else ""
    series = ", series=True" if function.series else ""
    return (
        f'    "{function.name}": Function(\n'
        f'        "{function.name}", {function.core.__name__}, (\n'
        f"{arguments}        ){check}{series}\n    ),\n"
    )


def _argument(argument: Argument) -> str:
    """Return the call that makes the record of an argument, with what is not its default."""
    given = (
        f"{field.name}={_literal(getattr(argument, field.name))}"
        for field in fields(argument)
        if field.name not in ("name", "texts")
        and getattr(argument, field.name) != field.default
    )
    return f"Argument({', '.join((quote_text(argument.name), *given))})"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return quote_text(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(quote_text, value))})"
    return str(value) if isinstance(value, Enum) else repr(value)


def _excel_function(function: Function, language: str) -> str:
    """Return the definition by which xlwings registers a function, with help in a language."""
    helps = [
        f"    {argument.name}={quote_text(argument.describe(language))},\n"
        for argument in function.arguments
    ]
    if FUNCTION_PAGES:
        ending = "" if language == "en" else f".{language}"
        page = f"{FUNCTION_PAGES}{function.name}{ending}.html"
        helps.append(f"    help_url={quote_text(page)},\n")
    parameters = ", ".join(map(_parameter, function.arguments))
    names = "".join(f", {argument.name}" for argument in function.arguments)
    return (
        f"\n\n@excel_function(\n{''.join(helps)})\n"
        f"def {function.name}({parameters}):\n"
        f'    """{function.describe(language)}"""\n'
        f'    return answer("{function.name}"{names})\n'
    )


def _parameter(argument: Argument) -> str:
    """Return a parameter; one that takes a single word has its words, from which Excel lets choose.

    One that takes a word for each column has none: Excel would take a single word alone.
    """
    default = "=None" if argument.optional else ""
    if not argument.choices or argument.per_column:
        return f"{argument.name}{default}"
    words = ", ".join(map(quote_text, argument.choices))
    return f"{argument.name}: Literal[{words}] = None"
