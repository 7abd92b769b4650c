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
from xml.etree import ElementTree as ET

from xlcity.data_files import toml_beside
from xlcity.hosts.excel.lite import REQUIREMENTS, is_as_written, lite_text
from xlcity.xlsx.markup import markup_to_bytes, read_markup
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import relation_id
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
            if element.get("name") == MAIN:
                return str(json.loads(element.get("value", '""')))
    return None


def with_functions(package: Package, language: str = "en") -> Package:
    """Return a workbook that carries the functions; its own main.py is replaced.

    `language` is that of the help and of the buttons. The same workbook gives the same bytes.
    """
    package = without_functions(package)
    main = lite_text(language)
    sheets = b"".join(package.parts[sheet.part] for sheet in package.sheets)
    name = uuid.uuid5(uuid.NAMESPACE_OID, main + hashlib.sha256(sheets).hexdigest())
    text = _text("extension").format(
        id=str(name).upper(),
        main=_property_value(main),
        requirements=_property_value(REQUIREMENTS),
    )
    return _add_extension(package, text.encode())


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
        link = _link_of(pane)
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
    root = read_markup(
        package.text(panes) if panes in package.parts else _text("panes")
    )
    links = Relations.read_from(package, panes)
    link = links.add(f"{_LINKS}/webextension", part)
    root.append(read_markup(_text("pane").format(link=link)))
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
            yield targets.get(_link_of(pane), "")


def _link_of(pane: ET.Element) -> str:
    """Return the id of the relationship by which a task pane names what it shows."""
    return next(filter(None, map(relation_id, pane)), "")


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


def _text(name: str) -> str:
    """Return XML that a part is made of."""
    return str(toml_beside(__file__, "webextension.toml")[name])


def _property_value(text: str) -> str:
    """Return a text as a property of an add-in has it: JSON, quoted for XML."""
    return in_quotes(json.dumps(text, ensure_ascii=False))
