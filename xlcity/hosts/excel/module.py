"""Generates Python code for xlwings from the registry: a module for Windows, a script for Lite."""

from __future__ import annotations

import base64
import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import xlcity
from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.settings import FUNCTIONS_VARIABLE as FUNCTIONS_VARIABLE
from xlcity.functions.settings import own_files

#: Name of the module that xlwings imports.
MODULE = "xlcity_udfs"

#: Files and folders of the package that the functions need, besides numpy and scipy.
_LIBRARY_PATHS = (
    "__init__.py",
    "data_files.py",
    "errors.py",
    "functions",
    "hosts/__init__.py",
    "hosts/cells.py",
    "messages.csv",
    "messages.py",
)
#: Extensions of the files that are packed.
_PACKED_SUFFIXES = (".py", ".toml", ".csv")

_MODULE_HEAD = '''\
"""The functions of xlcity for Excel, through xlwings. Generated from the registry: do not edit."""
# ruff: noqa: E501, N802

import xlwings as xw

from xlcity.hosts.excel.answers import StoredValues, answer
'''
_LITE_HEAD = '''\
"""The functions of xlcity for xlwings Lite: Excel on the web, on Mac and on Windows.

Generated from the registry: do not edit. Paste it into the editor of xlwings Lite, or export a copy
with the library inside: `xlcity udf export --host lite -o main.py`. It needs numpy and scipy.
"""
# ruff: noqa: E501, N802

import base64
import io
import sys
import zipfile

import xlwings as xw

#: The library as a zip; empty where xlcity is installed.
LIBRARY = ""

if LIBRARY:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(LIBRARY))) as archive:
        archive.extractall("xlcity_library")
    sys.path.insert(0, "xlcity_library")

from xlcity.hosts.cells import JSON, call  # noqa: E402


def answer(name, *arguments):
    """Return rows of numbers and texts; errors are texts such as #N/A, missing is never ""."""
    given = list(arguments)
    while given and given[-1] is None:
        given.pop()
    return [
        [cell if isinstance(cell, (float, str)) else str(cell) for cell in row]
        for row in call(name, given, JSON)
    ]
'''


#: Options of ``@xw.arg`` on Windows, and in Lite: two dimensions whatever the range, and errors as
#: texts, since xlwings would pass them as blanks.
_WINDOWS_OPTIONS = ("StoredValues",)
_LITE_OPTIONS = ("ndim=2", "err_to_str=True")


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
    return head + _function_definitions(functions, language, _WINDOWS_OPTIONS)


def lite_text(
    functions: Iterable[Function] | None = None,
    language: str = "en",
    *,
    library: bool = False,
) -> str:
    """Return the script for xlwings Lite.

    Parameters
    ----------
    functions
        Entries of the registry; None = all.
    language
        Language of the help.
    library
        Whether the script contains the library, so that xlcity need not be installed.
    """
    text = _LITE_HEAD + _function_definitions(functions, language, _LITE_OPTIONS)
    return _embed_library(text) if library else text


def _embed_library(text: str) -> str:
    """Return a script that contains the library: a zip as base64 text; same sources, same text.

    Packed are the files of this package that the functions need, besides numpy and scipy.
    """
    home = Path(xlcity.__file__).parent
    target = io.BytesIO()
    roots = [home / name for name in _LIBRARY_PATHS]
    parts = ([root] if root.is_file() else root.rglob("*.*") for root in roots)
    files = {*chain.from_iterable(parts)}
    with zipfile.ZipFile(target, "w") as archive:
        for source in sorted(file for file in files if file.suffix in _PACKED_SUFFIXES):
            name = source.relative_to(home.parent).as_posix()
            undated_file = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(undated_file, source.read_bytes(), zipfile.ZIP_DEFLATED)
    packed = base64.b64encode(target.getvalue()).decode("ascii")
    return text.replace('LIBRARY = ""', f'LIBRARY = "{packed}"', 1)


def _function_definitions(
    functions: Iterable[Function] | None, language: str, arg_options: Sequence[str]
) -> str:
    """Return the Python text that defines functions for xlwings; None = all of the registry.

    `arg_options` are options of ``@xw.arg``, which say how arguments are read.
    """
    chosen = FUNCTIONS.values() if functions is None else functions
    return "".join(
        _function_definition(function, language, arg_options) for function in chosen
    )


def _function_definition(
    function: Function, language: str, arg_options: Sequence[str]
) -> str:
    """Return the Python text of a function for xlwings, which passes its arguments to ``answer``.

    Parameters
    ----------
    function
        An entry of the registry.
    language
        Language of the help.
    arg_options
        Options of ``@xw.arg``, which say how arguments are read.
    """
    names = [argument.name for argument in function.arguments]
    decorators = (
        _argument_decorator(argument, language, arg_options)
        for argument in function.arguments
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


def _argument_decorator(
    argument: Argument, language: str, arg_options: Sequence[str]
) -> list[str]:
    """Return the lines of the decorator ``@xw.arg`` for an argument of a generated function.

    `arg_options` say how xlwings reads the argument, `language` is that of its help.
    """
    return [
        "@xw.arg(",
        f'    "{argument.name}",',
        *(f"    {option}," for option in arg_options),
        f"    doc={_quote_text(argument.describe(language))},",
        ")",
    ]


def _quote_text(text: str) -> str:
    """Return a text as a Python literal, in the quotes that a formatter would choose."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
