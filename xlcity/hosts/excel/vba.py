"""The VBA of xlwings' template for add-ins, made to ask nothing of the workbook that is open.

As it comes, it looks for its settings, the interpreter to start among them, first in a sheet of the
active workbook and then in a file of that workbook's folder. Both may come from a stranger.
"""

from __future__ import annotations

import re
from typing import Any

from xlcity.errors import EngineError

#: Name that the template's VBA carries, and the one it gets: it looks for its settings by it.
_TEMPLATE_PROJECT, PROJECT = "myaddin", "xlcity"
#: Counts the ways in which this text was changed; an add-in with an older one is out of date.
GUARD = 1

_NAME = f'PROJECT_NAME As String = "{_TEMPLATE_PROJECT}"'
_CONFIG = re.compile(r"(?ms)^Function GetConfig\(.*?^End Function")
_OWN_CONFIG = """\
Function GetConfig(configKey As String, Optional default As String = "", \
Optional source As String = "") As Variant
    ' Only the add-in's own sheet: other workbooks and their folders may come from strangers.
    GetConfig = default
    If SheetExists(ThisWorkbook, PROJECT_NAME & ".conf") = True Then
        If GetConfigFromSheet(ThisWorkbook).Exists(configKey) = True Then
            GetConfig = GetConfigFromSheet(ThisWorkbook).Item(configKey)
        End If
    End If
    GetConfig = ExpandEnvironmentStrings(GetConfig)
End Function"""
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
    return _CONFIG.sub(lambda _: _OWN_CONFIG, text)


def guard_project(project: Any) -> None:
    """Rewrite the module of a VBA project that was made from the template.

    Raises
    ------
    EngineError
        If there is no such module, or it is not known.
    """
    found = False
    for component in project.VBComponents:
        code = component.CodeModule
        text = code.Lines(1, code.CountOfLines) if code.CountOfLines else ""
        if _NAME in text:
            # VBA ends lines as Windows does.
            new = guarded(text.replace("\r\n", "\n")).replace("\n", "\r\n")
            code.DeleteLines(1, code.CountOfLines)
            code.InsertLines(1, new)
            found = True
    if not found:
        raise _unknown()


def _unknown() -> EngineError:
    return EngineError(
        "the VBA of this version of xlwings is not known.",
        "Install the version of xlwings that xlcity requires.",
    )
