"""Cell formats written: changed in some respects, or copied from one workbook into another."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, parse_index
from xlcity.xlsx.styles import (
    FIRST_OWN_FORMAT,
    plain_xml,
)


class StyleTable:
    """The cell formats of a workbook, to add to.

    Formats are added at the end of their lists, so that every number in use keeps its meaning.
    """

    def __init__(self, package: Package) -> None:
        looks = package.styles
        self.part = looks.part
        self._text = package.text(looks.part)
        self._own = dict(looks.number_formats)
        self._added: dict[tuple[str, str], int] = {}

    def add(self, name: str, entry: str) -> int:
        """Add an entry to a list and return its number; the same entry is added once."""
        if (name, entry) not in self._added:
            match = re.search(rf"<{name}\b([^>]*?)(?:/>|>(.*?)</{name}>)", self._text, re.DOTALL)
            if match is None:
                raise ValueError(f"the formats have no list {name}")
            inner = match[2] or ""
            tag = {"fonts": "font", "fills": "fill", "borders": "border", "dxfs": "dxf"}.get(
                name, "xf"
            )
            count = len(re.findall(rf"<{tag}\b", inner))
            head = re.sub(r'\bcount="\d+"', f'count="{count + 1}"', match[1])
            new = f"<{name}{head}>{inner}{entry}</{name}>"
            self._text = self._text[: match.start()] + new + self._text[match.end() :]
            self._added[name, entry] = count
        return self._added[name, entry]

    def number_format(self, number: int, text: str) -> int:
        """Return the number of a number format; Excel's own keep theirs."""
        if number < FIRST_OWN_FORMAT:
            return number
        for own_number, code in self._own.items():
            if code == text:
                return own_number
        new = max([FIRST_OWN_FORMAT - 1, *self._own]) + 1
        self._own[new] = text
        entry = ET.tostring(
            ET.Element("numFmt", {"numFmtId": str(new), "formatCode": text}), "unicode"
        )
        if "<numFmts" in self._text:
            self._text = self._text.replace("</numFmts>", f"{entry}</numFmts>")
            self._text = re.sub(
                r'(<numFmts\b[^>]*\bcount=")\d+', rf"\g<1>{len(self._own)}", self._text
            )
        else:
            lists = f'<numFmts count="1">{entry}</numFmts>'
            self._text = re.sub(r"(<styleSheet\b[^>]*>)", rf"\1{lists}", self._text, count=1)
        return new

    def to_bytes(self) -> bytes:
        """Return the part."""
        return self._text.encode("utf-8")


class StyleCopier:
    """Copies formats of one workbook into another."""

    def __init__(self, source: Package, style_table: StyleTable) -> None:
        self.source, self.style_table = source.styles, style_table
        self._made: dict[int, int] = {}

    def cell_format(self, style: int) -> int:
        """Return the number that a cell format of the source has in the other workbook."""
        formats = self.source.entries("cellXfs")
        if style >= len(formats):
            return 0
        if style not in self._made:
            old = formats[style]
            attributes = {k: v for k, v in old.attrib.items() if not k.startswith("{")}
            for list_name, key in (("fonts", "fontId"), ("fills", "fillId"),
                                   ("borders", "borderId")):  # fmt: skip
                entries = self.source.entries(list_name)
                number = parse_index(old.get(key, ""))
                if number < len(entries):
                    attributes[key] = str(
                        self.style_table.add(list_name, plain_xml(entries[number]))
                    )
            number = parse_index(old.get("numFmtId", ""))
            text = self.source.number_formats.get(number, "General")
            attributes["numFmtId"] = str(self.style_table.number_format(number, text))
            attributes["xfId"] = "0"
            new = ET.Element("xf", attributes)
            new.extend(child for child in old if local(child.tag) in ("alignment", "protection"))
            self._made[style] = self.style_table.add("cellXfs", plain_xml(new))
        return self._made[style]

    def conditional(self, number: int) -> int:
        """Return the number of a conditional format's look."""
        entries = self.source.entries("dxfs")
        return (
            0
            if number >= len(entries)
            else self.style_table.add("dxfs", plain_xml(entries[number]))
        )
