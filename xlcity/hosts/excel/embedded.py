"""Functions that a workbook carries for xlwings Lite: what stands in the file ([MS-OWEXML])."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from itertools import count
from types import MappingProxyType

from xlcity.hosts.excel.lite import REQUIREMENTS, is_as_written, lite_text
from xlcity.xlsx.markup import markup_to_bytes, read_markup
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, relation_id
from xlcity.xlsx.relations import ContentTypes, Relations
from xlcity.xlsx.text import in_quotes

#: xlwings Lite in the store of add-ins.
_ADDIN = "wa200008175"
MAIN = "main.py"
_CHINESE = re.compile("[\u4e00-\u9fff]")
_FOLDER = "xl/webextensions"
_PANES = f"{_FOLDER}/taskpanes.xml"
_TYPES = "application/vnd.ms-office"
_LINKS = "http://schemas.microsoft.com/office/2011/relationships"
_OFFICE = "http://schemas.openxmlformats.org"
_EXTENSIONS = "http://schemas.microsoft.com/office/webextensions"
_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EMPTY_PANES = (
    f'<wetp:taskpanes xmlns:wetp="{_EXTENSIONS}/taskpanes/2010/11"></wetp:taskpanes>'
)
#: A task pane beside the sheet, shut until somebody opens it.
_PANE = (
    f'<wetp:taskpane xmlns:wetp="{_EXTENSIONS}/taskpanes/2010/11"'
    ' dockstate="right" visibility="0" width="350" row="4">'
    f'<wetp:webextensionref xmlns:r="{_OFFICE}/officeDocument/2006/relationships"'
    ' r:id="{link}"/></wetp:taskpane>'
)
_EXTENSION = (
    f'{_START}<we:webextension xmlns:we="{_EXTENSIONS}/webextension/2010/11" id="{{{{{{id}}}}}}">'
    f'<we:reference id="{_ADDIN}" version="1.0.0.0" store="en-US" storeType="OMEX"/>'
    f'<we:alternateReferences><we:reference id="{_ADDIN.upper()}" version="1.0.0.0"'
    f' store="{_ADDIN.upper()}" storeType="OMEX"/></we:alternateReferences>'
    "<we:properties>{properties}</we:properties><we:bindings/>"
    f'<we:snapshot xmlns:r="{_OFFICE}/officeDocument/2006/relationships"/>'
    f'<we:extLst><a:ext xmlns:a="{_OFFICE}/drawingml/2006/main"'
    ' uri="{{D87F86FE-615C-45B5-9D79-34F1136793EB}}">'
    '<we:containsCustomFunctions val="1"/></a:ext>'
    f'<a:ext xmlns:a="{_OFFICE}/drawingml/2006/main"'
    ' uri="{{7C84B067-C214-45C3-A712-C9D94CD141B2}}"><we:customFunctionIdList/></a:ext>'
    "</we:extLst></we:webextension>"
)


class Carried(Enum):
    """What a workbook has of the functions."""

    #: The text as it was put in.
    OURS = "ours"
    #: A text of a person, or one that a person has changed.
    CHANGED = "changed"
    #: A program kept the task pane and dropped what it shows, as LibreOffice does.
    DROPPED = "dropped"
    NONE = "none"


def carried_functions(package: Package) -> Carried:
    """Return what a workbook has of the functions."""
    if (main := carried_main(package)) is not None:
        return Carried.OURS if is_as_written(main) else Carried.CHANGED
    is_dropped = any(target not in package.parts for target in _shown_parts(package))
    return Carried.DROPPED if is_dropped else Carried.NONE


def carried_main(package: Package) -> str | None:
    """Return the text of main.py that a workbook has, None without one."""
    for part in _extension_parts(package):
        for element in package.root(part).iter():
            if local(element.tag) == "property" and element.get("name") == MAIN:
                text = json.loads(element.get("value", '""'))
                return str(text)
    return None


def with_functions(package: Package, language: str = "en") -> Package:
    """Return a workbook that carries the functions; its own main.py is replaced.

    `language` is that of the help and of the buttons. The same workbook gives the same bytes.
    """
    package = without_functions(package)
    properties = {MAIN: lite_text(language), "requirements.txt": REQUIREMENTS}
    texts = [
        f"<we:property name={in_quotes(name)} value={in_quotes(_to_json(text))}/>"
        for name, text in properties.items()
    ]
    content = hashlib.sha256(properties[MAIN].encode())
    for sheet in package.sheets:
        content.update(package.parts[sheet.part])
    name = str(uuid.UUID(bytes=content.digest()[:16], version=4)).upper()
    return _add_extension(
        package, _EXTENSION.format(id=name, properties="".join(texts)).encode()
    )


def workbook_language(package: Package) -> str:
    """Return "zh" where the name of a sheet has Chinese characters, else "en"."""
    names = "".join(sheet.name for sheet in package.sheets)
    return "zh" if _CHINESE.search(names) else "en"


def carry_functions(source: Package, target: Package) -> Package:
    """Return a workbook with the functions of another one: ours made again, a person's copied."""
    if carried_functions(source) is Carried.OURS:
        return with_functions(target, workbook_language(target))
    for part in _extension_parts(source):
        target = _add_extension(without_functions(target), source.parts[part])
    return target


def without_functions(package: Package) -> Package:
    """Return a workbook without the functions, and without what a program left of them.

    Other add-ins stay.
    """
    panes = _panes_part(package)
    if not panes:
        return package
    gone = {*_extension_parts(package)}
    root = read_markup(package.text(panes))
    links = Relations.read_from(package, panes)
    targets = {link.id: link.target for link in package.relations(panes)}
    for pane in list(root):
        link = next(filter(None, map(relation_id, pane)), "")
        target = targets.get(link, "")
        if target in gone or target not in package.parts:
            root.remove(pane)
            links.remove(link)
    types = ContentTypes.read_from(package)
    changed = {panes: markup_to_bytes(root), links.part: links.to_bytes()}
    if not len(root):
        gone |= {panes, links.part}
        top = Relations.read_from(package, "")
        top.remove("webextensiontaskpanes")
        changed = {top.part: top.to_bytes()}
    for part in gone:
        types.remove(part)
    package = package.replace({**changed, types.PART: types.to_bytes()})
    left = {part: text for part, text in package.parts.items() if part not in gone}
    return replace(package, parts=MappingProxyType(left))


def _add_extension(package: Package, content: bytes) -> Package:
    """Return a workbook with another add-in, in a task pane of its own."""
    types = ContentTypes.read_from(package)
    numbered = (f"{_FOLDER}/webextension{number}.xml" for number in count(1))
    part = next(name for name in numbered if name not in package.parts)
    changed = {part: content}
    types.override(part, f"{_TYPES}.webextension+xml")
    panes = _panes_part(package)
    if not panes:
        panes = _PANES
        top = Relations.read_from(package, "")
        top.add(f"{_LINKS}/webextensiontaskpanes", panes)
        changed[top.part] = top.to_bytes()
        types.override(panes, f"{_TYPES}.webextensiontaskpanes+xml")
    root = read_markup(package.text(panes) if panes in package.parts else _EMPTY_PANES)
    links = Relations.read_from(package, panes)
    link = links.add(f"{_LINKS}/webextension", part)
    root.append(read_markup(_PANE.format(link=link)))
    changed[panes] = markup_to_bytes(root)
    changed[links.part] = links.to_bytes()
    changed[types.PART] = types.to_bytes()
    return package.replace(changed)


def _panes_part(package: Package) -> str:
    """Return the part that lists task panes, "" without one."""
    return next(iter(package.related("", "webextensiontaskpanes")), "")


def _shown_parts(package: Package) -> Iterator[str]:
    """Yield the part that each task pane shows, "" where no relationship names it."""
    if panes := _panes_part(package):
        targets = {link.id: link.target for link in package.relations(panes)}
        for pane in package.root(panes):
            link = next(filter(None, map(relation_id, pane)), "")
            yield targets.get(link, "")


def _extension_parts(package: Package) -> list[str]:
    """Return the parts of xlwings Lite."""
    return [
        part
        for part in _shown_parts(package)
        if part in package.parts and _is_of_xlwings(package, part)
    ]


def _is_of_xlwings(package: Package, part: str) -> bool:
    references = package.root(part).iterfind("{*}reference")
    return any(each.get("id", "").casefold() == _ADDIN for each in references)


def _to_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
