"""Writes the add-in of Excel, VBA and ribbon included, without Excel: same settings, same bytes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.excel.vba import PROJECT, document, runtime, wrappers
from xlcity.hosts.excel.vba_project import Module, project
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


def addin_file(
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

    modules = [document(_HELP), Module("Sheet1", "", "sheet"), runtime()]
    modules.append(wrappers(FUNCTIONS.values(), settings["UDF Modules"]))
    modules += [] if ribbon is None else [ribbon.vba]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        book.add_vba_project(io.BytesIO(project(PROJECT, modules)), True)
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet(f"{PROJECT}.conf")
        sheet.set_vba_name("Sheet1")
        for row, (name, value) in enumerate(settings.items()):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)
        for row, function in enumerate(FUNCTIONS.values()):
            help_texts = [one.described(language) for one in function.arguments]
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
