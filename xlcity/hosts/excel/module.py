"""Generates the module for xlwings on Windows from the registry."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain

from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.settings import FUNCTIONS_VARIABLE as FUNCTIONS_VARIABLE
from xlcity.functions.settings import own_files

#: Name of the module that xlwings imports.
MODULE = "xlcity_udfs"

_MODULE_HEAD = '''\
"""The functions of xlcity for Excel, through xlwings. Generated from the registry: do not edit."""
# ruff: noqa: E501, N802

import xlwings as xw

from xlcity.hosts.excel.answers import StoredValues, answer
'''


def module_text(
    functions: Iterable[Function] | None = None, language: str = "en"
) -> str:
    """Return the module that xlwings imports on Windows.

    Excel starts Python in a folder of its own; so the module sets the environment variable that
    lists the files with the user's own functions.

    Parameters
    ----------
    functions
        Entries of the registry; None = all.
    language
        Language of the help.
    """
    head = _MODULE_HEAD
    if files := os.pathsep.join(map(str, own_files())):
        setting = f"os.environ.setdefault({FUNCTIONS_VARIABLE!r}, {files!r})"
        head = head.replace(
            "import xlwings", f"import os\n\n{setting}\n\nimport xlwings", 1
        )
    chosen = FUNCTIONS.values() if functions is None else functions
    return head + "".join(_function_definition(each, language) for each in chosen)


def _function_definition(function: Function, language: str) -> str:
    """Return the Python text of a function for xlwings, which passes its arguments to ``answer``.

    `language` is that of its help.
    """
    names = [argument.name for argument in function.arguments]
    decorators = (
        _argument_decorator(argument, language) for argument in function.arguments
    )
    lines = [
        "",
        "",
        f'@xw.func(category="{function.category.in_wizard(language)}", volatile=False)',
        *chain.from_iterable(decorators),
        f"def {function.name}(",
        *map(_parameter, function.arguments),
        "):",
        f'    """{function.describe(language)}"""',
        "    return answer(",
        f'        "{function.name}",',
        *(f"        {name}," for name in names),
        "    )",
    ]
    return "\n".join(lines) + "\n"


def _parameter(argument: Argument) -> str:
    default = "=None" if argument.optional else ""
    return f"    {argument.name}{default},"


def _argument_decorator(argument: Argument, language: str) -> list[str]:
    """Return the lines of the decorator ``@xw.arg`` for an argument of a generated function.

    `language` is that of its help.
    """
    return [
        "@xw.arg(",
        f'    "{argument.name}",',
        "    StoredValues,",
        f"    doc={quote_text(argument.describe(language))},",
        ")",
    ]


def quote_text(text: str) -> str:
    """Return a text as a Python literal, in the quotes that a formatter would choose."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
