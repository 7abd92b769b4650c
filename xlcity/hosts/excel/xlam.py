"""Writes the add-in of Excel, VBA and ribbon included, without Excel: same settings, same bytes.

The VBA is ours and xlwings' own, changed so that it reads nothing of the active workbook.
Unchanged, it looks for its settings, the interpreter to start among them, first in a sheet of the
active workbook and then in a file of that workbook's folder. Both may come from a stranger.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.data_files import text_beside
from xlcity.errors import EngineError
from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.excel.vba_project import Module, build_vba_project
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations

_RIBBON_PART = "customUI/customUI14.xml"
_RIBBON_RELATION = (
    "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
)
_WORKBOOK_CONTENT_TYPE = "application/vnd.ms-excel.%s.macroEnabled.main+xml"
#: Column (from 1) of the functions' names; their help is in those after it, settings before.
_HELP_COLUMN = 4


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Buttons of the add-in: the ribbon's XML, the VBA that it calls, id -> PNG image."""

    xml: str
    vba: Module
    images: Mapping[str, bytes]


def common_settings(module: str) -> dict[str, str]:
    """Return the settings of xlwings that are the same on every machine.

    `module` is the name of the Python module with the functions.
    """
    return {
        "UDF Modules": module,
        # Buttons use the Python that is already started for the functions.
        "Use UDF Server": "True",
        # Otherwise a module beside the open workbook could be imported instead of ours.
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",
    }


def build_addin(
    settings: Mapping[str, str], language: str = "en", ribbon: Ribbon | None = None
) -> bytes:
    """Return the add-in as the bytes of an .xlam file.

    Parameters
    ----------
    settings
        Settings of xlwings' VBA by name, such as the interpreter; with ``UDF Modules``.
    language
        Language of the help in the function wizard.
    ribbon
        Buttons; None = functions alone.
    """
    import xlsxwriter

    modules = [
        document_module(_HELP_COLUMN),
        Module("Sheet1", "", "sheet"),
        runtime_module(),
    ]
    modules.append(wrapper_module(FUNCTIONS.values(), settings["UDF Modules"]))
    modules += [] if ribbon is None else [ribbon.vba]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        book.add_vba_project(io.BytesIO(build_vba_project(PROJECT, modules)), True)
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet(f"{PROJECT}.conf")
        sheet.set_vba_name("Sheet1")
        _write_settings_and_help(sheet, settings, language)
    package = Package.from_bytes(target.getvalue())
    types_xml = package.parts[ContentTypes.PART].decode()
    types = ContentTypes(
        types_xml.replace(
            _WORKBOOK_CONTENT_TYPE % "sheet", _WORKBOOK_CONTENT_TYPE % "addin"
        )
    )
    types.add_default("png", "image/png")
    parts = {ContentTypes.PART: types.to_bytes()}
    if ribbon is not None:
        parts |= _ribbon_parts(package, ribbon)
    return package.replace(parts).to_bytes()


def _write_settings_and_help(
    sheet: Any, settings: Mapping[str, str], language: str
) -> None:
    """Write settings (name, value) and the functions' help texts to the add-in's sheet."""
    for row, (name, value) in enumerate(settings.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
    for row, function in enumerate(FUNCTIONS.values()):
        help_texts = [argument.describe(language) for argument in function.arguments]
        category = function.category.in_wizard(language)
        texts = (function.name, function.describe(language), category, *help_texts)
        for column, text in enumerate(texts, _HELP_COLUMN - 1):
            sheet.write_string(row, column, text)


def _ribbon_parts(package: Package, ribbon: Ribbon) -> dict[str, bytes]:
    """Return the parts that a ribbon adds to the package: name -> content.

    They are its XML, its images, and the lists of relations that name them.
    """
    relations = Relations.read_from(package, "")
    images = Relations.read_from(package, _RIBBON_PART)
    relations.add(_RIBBON_RELATION, _RIBBON_PART)
    parts = {_RIBBON_PART: ribbon.xml.encode(), relations.part: relations.to_bytes()}
    for name, image in ribbon.images.items():
        part = f"customUI/images/{name}.png"
        parts[part] = image
        images.add("image", part, name=name)
    return parts | {images.part: images.to_bytes()}


#: Name of the VBA project in the template, and ours: the sheet of settings is named after it.
_TEMPLATE_PROJECT = "myaddin"
PROJECT = "xlcity"

_PROJECT_NAME_LINE = f'PROJECT_NAME As String = "{_TEMPLATE_PROJECT}"'
_GET_CONFIG_FUNCTION = re.compile(r"(?ms)^Function GetConfig\(.*?^End Function")
_GUARD_REPLACEMENTS = (
    (_PROJECT_NAME_LINE, _PROJECT_NAME_LINE.replace(_TEMPLATE_PROJECT, PROJECT)),
    # The path becomes part of a command line and of Python's search path.
    ("ActiveWorkbook.FullName", "ThisWorkbook.FullName"),
    # The workbook is searched for sheets with Python code.
    ("Set wb = ActiveWorkbook", "Set wb = ThisWorkbook"),
    # -P: no module of Excel's current folder, often the workbook's, is imported.
    ('" -B -c ""', '" -P -B -c ""'),
)


def guard_template(text: str) -> str:
    """Return xlwings' VBA with our project's name, reading nothing of the active workbook.

    Raises
    ------
    EngineError
        If it is another text than the one these changes were made for.
    """
    missing = [old for old, _ in _GUARD_REPLACEMENTS if old not in text]
    if missing or len(_GET_CONFIG_FUNCTION.findall(text)) != 1:
        raise EngineError(
            "the VBA of this version of xlwings is not known.",
            "Install the version of xlwings that xlcity requires.",
        )
    for old, new in _GUARD_REPLACEMENTS:
        text = text.replace(old, new)
    own_config = text_beside(__file__, "config.bas").rstrip()
    return _GET_CONFIG_FUNCTION.sub(lambda _: own_config, text)


def runtime_module() -> Module:
    """Return the VBA module by which Excel calls Python: xlwings', changed by `guard_template`."""
    import xlwings

    source = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas")
    _, _, text = (
        source.read_text(encoding="utf-8").replace("\r\n", "\n").partition("\n")
    )
    return Module("xlwings", guard_template(text))


def wrapper_module(functions: Iterable[Function], module: str) -> Module:
    """Return the VBA module of the functions that cells call.

    `module` is the name of the Python module with the functions.
    """
    texts = (_wrapper_text(function, module) for function in functions)
    return Module("Functions", "Option Explicit\n" + "".join(texts))


def _wrapper_text(function: Function, module: str) -> str:
    """Return a function in VBA that calls Python; #NAME? if that fails, as without the add-in."""
    name = function.name
    arguments = function.arguments
    parameters = ", ".join(
        f"{'Optional ' if a.optional else ''}{a.name}" for a in arguments
    )
    names = ", ".join(a.name for a in arguments)
    call_arguments = (
        f'"{module}", "{name}", Array({names}), ThisWorkbook, Application.Caller'
    )
    return f"""
Public Function {name}({parameters})
    On Error GoTo failed
    {name} = XLPy.CallUDF({call_arguments})
    Exit Function
failed:
    {name} = CVErr(xlErrName)
End Function
"""


def document_module(help_column: int) -> Module:
    """Return the VBA module that runs when Excel opens the add-in, and sets the functions' help.

    Excel takes help only for functions of a visible workbook, and an add-in is hidden.

    Parameters
    ----------
    help_column
        Column (from 1) of the names of functions in the add-in's sheet; the function's help is in
        the next one, and that of its arguments in those after it.
    """
    text = text_beside(__file__, "on_open.bas").replace("TEXTS", str(help_column))
    return Module("ThisWorkbook", text, "workbook")
