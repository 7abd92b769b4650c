"""What lies on a sheet beside its cells and drawings: tables, sparklines, scenarios, a picture."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, parse_part, relationships

#: Kinds that LibreOffice may leave out when it saves.
KINDS = ("table", "sparkline", "scenario", "background")


def read_objects(package: Package, part: str, root: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Yield kind, cell (or "") and text of each, by the XML around the rows of a sheet."""
    for kind, target in relationships(package.parts, part, package.name).values():
        if kind == "table" and target in package.parts:
            table = parse_part(package.parts, target, package.name)
            yield kind, table.get("ref", "A1").partition(":")[0], table.get("displayName", "table")
    for element in root.iter():
        tag = local(element.tag)
        if tag == "sparkline":
            said = {local(e.tag): e.text or "" for e in element}
            yield tag, said.get("sqref", ""), said.get("f", "").strip()
        elif tag == "scenario":
            cells = [e.get("r", "") for e in element if local(e.tag) == "inputCells"]
            yield tag, cells[0] if cells else "", element.get("name", "")
        elif tag == "picture":
            yield "background", "", "picture"
