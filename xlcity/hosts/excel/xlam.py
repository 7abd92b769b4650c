"""Writes the add-in of Excel, VBA and ribbon included, without Excel: same settings, same bytes.

The VBA is xlwings' own, made to ask nothing of the workbook that is open, and ours. As it comes,
xlwings' VBA looks for its settings, the interpreter to start among them, first in a sheet of the
active workbook and then in a file of that workbook's folder. Both may come from a stranger.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlcity.data_files import text_beside
from xlcity.errors import EngineError
from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.excel.vba_project import Module, build_vba_project
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations

_RIBBON = "customUI/customUI14.xml"
_RIBBON_TYPE = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_MAIN = "application/vnd.ms-excel.%s.macroEnabled.main+xml"
#: Column of the functions' names and help, beside the settings.
_HELP = 4


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Buttons of the add-in: the ribbon's XML, the VBA that it calls, and images by their id."""

    xml: str
    vba: Module
    images: Mapping[str, bytes]


def common_settings(module: str) -> dict[str, str]:
    """Return the settings that are the same on every machine, for a module of functions."""
    return {
        "UDF Modules": module,
        # Buttons are answered by the Python that answers the functions: nothing waits for a start.
        "Use UDF Server": "True",
        # Otherwise a module beside the open workbook could take the place of ours.
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",
    }


def build_addin(
    settings: Mapping[str, str], language: str = "en", ribbon: Ribbon | None = None
) -> bytes:
    """Return the add-in.

    Parameters
    ----------
    settings
        What xlwings' VBA looks for: the interpreter, and where modules are.
    language
        Language of the help in the function wizard.
    ribbon
        Buttons; None = functions alone.
    """
    import xlsxwriter

    modules = [document_module(_HELP), Module("Sheet1", "", "sheet"), runtime_module()]
    modules.append(wrapper_module(FUNCTIONS.values(), settings["UDF Modules"]))
    modules += [] if ribbon is None else [ribbon.vba]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        book.add_vba_project(io.BytesIO(build_vba_project(PROJECT, modules)), True)
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet(f"{PROJECT}.conf")
        sheet.set_vba_name("Sheet1")
        for row, (name, value) in enumerate(settings.items()):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)
        for row, function in enumerate(FUNCTIONS.values()):
            help_texts = [argument.described(language) for argument in function.arguments]
            line = (function.name, function.summary[language], *help_texts)
            for column, text in enumerate(line, _HELP - 1):
                sheet.write_string(row, column, text)
    package = Package.from_bytes(target.getvalue())
    types = package.parts[ContentTypes.PART].decode()
    types = types.replace(_MAIN % "sheet", _MAIN % "addin")
    listed = ContentTypes(types)
    listed.default("png", "image/png")
    parts = {ContentTypes.PART: listed.to_bytes()}
    if ribbon is not None:
        parts |= _ribbon_parts(package, ribbon)
    return package.replace(parts).to_bytes()


def _ribbon_parts(package: Package, ribbon: Ribbon) -> dict[str, bytes]:
    relations, images = Relations.of(package, ""), Relations.of(package, _RIBBON)
    relations.add(_RIBBON_TYPE, _RIBBON)
    parts = {_RIBBON: ribbon.xml.encode(), relations.part: relations.to_bytes()}
    for name, image in ribbon.images.items():
        part = f"customUI/images/{name}.png"
        parts[part] = image
        images.add("image", part, name=name)
    return parts | {images.part: images.to_bytes()}


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


def guard_template(text: str) -> str:
    """Return the template's module with our name, deaf to the active workbook.

    Raises
    ------
    EngineError
        If it is another text than the one these changes were made for.
    """
    missing = [old for old, _ in _REPLACED if old not in text]
    if missing or len(_CONFIG.findall(text)) != 1:
        raise _unknown_version()
    for old, new in _REPLACED:
        text = text.replace(old, new)
    own = text_beside(__file__, "config.bas").rstrip()
    return _CONFIG.sub(lambda _: own, text)


def runtime_module() -> Module:
    """Return the module by which Excel reaches Python: that of the installed xlwings, guarded."""
    import xlwings

    source = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas")
    _, _, text = source.read_text(encoding="utf-8").replace("\r\n", "\n").partition("\n")
    return Module("xlwings", guard_template(text))


def wrapper_module(functions: Iterable[Function], module: str) -> Module:
    """Return the module of the functions that cells call.

    Where Python does not answer, a cell is #NAME?, as without the add-in.
    """
    return Module("Functions", "Option Explicit\n" + "".join(map(_wrapper_text(module), functions)))


def _wrapper_text(module: str) -> Callable[[Function], str]:
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


def document_module(texts: int) -> Module:
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


def _unknown_version() -> EngineError:
    return EngineError(
        "the VBA of this version of xlwings is not known.",
        "Install the version of xlwings that xlcity requires.",
    )
