"""What xlwings loads, generated from the registry: the module for Windows, the script for Lite."""

from __future__ import annotations

import base64
import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlcity
from xlcity.functions.declare import Argument, Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.settings import VARIABLE, own_files

#: Name of the module that the add-in imports, and the category in Excel's function wizard.
MODULE = "xlcity_udfs"
CATEGORY = "xlcity"

#: Rooms of the package that the functions stand on; they need numpy and nothing of a workbook.
_LIBRARY = ("__init__.py", "errors.py", "functions", "hosts/__init__.py", "hosts/cells.py")
_SOURCES = (".py", ".toml")

_MODULE_HEAD = '''\
"""The functions of xlcity for Excel, through xlwings. Generated from the registry: do not edit."""
# ruff: noqa: E501, N802

import xlwings as xw

from xlcity.hosts.excel.answers import answer
from xlcity.hosts.excel.arguments import StoredValues
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


#: How an argument is read: by Excel on Windows, and in Lite: two dimensions whatever the range;
#: errors as texts, or xlwings would hand them over as blanks.
_STORED = ("StoredValues",)
_SHOWN = ("ndim=2", "err_to_str=True")


def module_text(functions: Iterable[Function] | None = None, language: str = "en") -> str:
    """Return the module that the add-in imports on Windows."""
    head = _MODULE_HEAD
    if files := os.pathsep.join(map(str, own_files())):
        # Excel starts Python in a folder of its own: what is installed knows where its files are.
        named = f"os.environ.setdefault({VARIABLE!r}, {files!r})"
        head = head.replace("import xlwings", f"import os\n\n{named}\n\nimport xlwings", 1)
    return head + _definitions(functions, language, _STORED)


def lite_text(
    functions: Iterable[Function] | None = None, language: str = "en", *, library: bool = False
) -> str:
    """Return the script for xlwings Lite.

    Parameters
    ----------
    functions
        Entries of the registry; None = all.
    language
        Language of the help.
    library
        Whether the script brings the library along, so that nothing need be installed.
    """
    text = _LITE_HEAD + _definitions(functions, language, _SHOWN)
    return text.replace('LIBRARY = ""', f'LIBRARY = "{_packed()}"', 1) if library else text


def _definitions(
    functions: Iterable[Function] | None, language: str, reading: Sequence[str]
) -> str:
    chosen = FUNCTIONS.values() if functions is None else functions
    return "".join(_definition(function, language, reading) for function in chosen)


def _definition(function: Function, language: str, reading: Sequence[str]) -> str:
    names = [argument.name for argument in function.arguments]
    lines = [
        "",
        "",
        f'@xw.func(category="{CATEGORY}", volatile=False)',
        *(line for one in function.arguments for line in _decorator(one, language, reading)),
        f"def {function.name}(",
        *(f"    {a.name}{'=None' if a.optional else ''}," for a in function.arguments),
        "):",
        f'    """{function.summary[language]}"""',
        "    return answer(",
        f'        "{function.name}",',
        *(f"        {name}," for name in names),
        "    )",
    ]
    return "\n".join(lines) + "\n"


def _decorator(argument: Argument, language: str, reading: Sequence[str]) -> list[str]:
    return [
        "@xw.arg(",
        f'    "{argument.name}",',
        *(f"    {option}," for option in reading),
        f"    doc={_literal(argument.described(language))},",
        ")",
    ]


def _literal(text: str) -> str:
    """Return a text as a formatter would write it."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def _packed() -> str:
    """Return the library as base64 text; same sources, same text."""
    home = Path(xlcity.__file__).parent
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for place in _LIBRARY:
            path = home / place
            inside = (found for found in sorted(path.rglob("*.*")) if found.suffix in _SOURCES)
            for source in [path] if path.is_file() else inside:
                name = source.relative_to(home.parent).as_posix()
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return base64.b64encode(target.getvalue()).decode("ascii")
