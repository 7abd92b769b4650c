"""The VBA of the add-in: xlwings' own, made to ask nothing of the workbook that is open, and ours.

As it comes, xlwings' VBA looks for its settings, the interpreter to start among them, first in a
sheet of the active workbook and then in a file of that workbook's folder. Both may come from a
stranger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from xlcity.data_files import text_beside
from xlcity.errors import EngineError
from xlcity.functions.declare import Function
from xlcity.hosts.excel.vba_project import Module

#: Name that the template's VBA carries, and the one it gets: it looks for its settings by it.
_TEMPLATE_PROJECT, PROJECT = "myaddin", "xlcity"
#: Counts the ways in which this text was changed; an add-in with an older one is out of date.
GUARD = 2

_NAME = f'PROJECT_NAME As String = "{_TEMPLATE_PROJECT}"'
_CONFIG = re.compile(r"(?ms)^Function GetConfig\(.*?^End Function")
_REPLACED = (
    (_NAME, _NAME.replace(_TEMPLATE_PROJECT, PROJECT)),
    # Its path becomes part of a command line and of Python's search path.
    ("ActiveWorkbook.FullName", "ThisWorkbook.FullName"),
    # Looked through for sheets that hold Python.
    ("Set wb = ActiveWorkbook", "Set wb = ThisWorkbook"),
    # Excel's current folder is often the workbook's: no module of it is imported.
    ('" -B -c ""', '" -P -B -c ""'),
)


def guarded(text: str) -> str:
    """Return the template's module with our name, deaf to the active workbook.

    Raises
    ------
    EngineError
        If it is another text than the one these changes were made for.
    """
    missing = [old for old, _ in _REPLACED if old not in text]
    if missing or len(_CONFIG.findall(text)) != 1:
        raise _unknown()
    for old, new in _REPLACED:
        text = text.replace(old, new)
    own = text_beside(__file__, "config.bas").rstrip()
    return _CONFIG.sub(lambda _: own, text)


def runtime() -> Module:
    """Return the module by which Excel reaches Python: that of the installed xlwings, guarded."""
    import xlwings

    source = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas")
    _, _, text = source.read_text(encoding="utf-8").replace("\r\n", "\n").partition("\n")
    return Module("xlwings", guarded(text))


def wrappers(functions: Iterable[Function], module: str) -> Module:
    """Return the module of the functions that cells call.

    Where Python does not answer, a cell is #NAME?, as without the add-in.
    """
    return Module("Functions", "Option Explicit\n" + "".join(map(_wrapper(module), functions)))


def _wrapper(module: str) -> Callable[[Function], str]:
    def text(function: Function) -> str:
        name, arguments = function.name, function.arguments
        given = ", ".join(f"{'Optional ' if a.optional else ''}{a.name}" for a in arguments)
        names = ", ".join(a.name for a in arguments)
        handed = f'"{module}", "{name}", Array({names}), ThisWorkbook, Application.Caller'
        return f"""
Public Function {name}({given})
    On Error GoTo failed
    {name} = XLPy.CallUDF({handed})
    Exit Function
failed:
    {name} = CVErr(xlErrName)
End Function
"""

    return text


def document(texts: int) -> Module:
    """Return the module that runs when Excel opens the add-in.

    Excel takes help for functions of a visible workbook alone, and an add-in is none.

    Parameters
    ----------
    texts
        Column of the names of functions in the add-in's sheet; the function's help is in the next
        one, and that of its arguments in those behind.
    """
    text = text_beside(__file__, "on_open.bas").replace("TEXTS", str(texts))
    return Module("ThisWorkbook", text, "workbook")


def _unknown() -> EngineError:
    return EngineError(
        "the VBA of this version of xlwings is not known.",
        "Install the version of xlwings that xlcity requires.",
    )
