"""Cell formats written: changed in some respects, or copied from one workbook into another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local, parse_index
from xlcity.xlsx.styles import (
    ALIGNED,
    DIAGONALS,
    FIRST_OWN_FORMAT,
    FLAGS,
    FONT,
    FONT_ORDER,
    KNOWN_FORMATS,
    Look,
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
        self._changed: dict[tuple[int, tuple[tuple[str, str], ...]], int] = {}

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

    def changed(self, style: int, changes: Look) -> int:
        """Return the number of a format like `style` that looks otherwise in some respects."""
        key = style, tuple(sorted(changes.items()))
        if key not in self._changed:
            root = ET.fromstring(self._text)
            lists = {local(e.tag): list(e) for e in root}
            old = lists["cellXfs"][style]
            attributes = {k: v for k, v in old.attrib.items() if not k.startswith("{")}
            fonts, borders = lists["fonts"], lists["borders"]
            font = _change_font(fonts[int(attributes.get("fontId", "0"))], changes)
            border = _change_border(borders[int(attributes.get("borderId", "0"))], changes)
            attributes["fontId"] = str(self.add("fonts", plain_xml(font)))
            attributes["borderId"] = str(self.add("borders", plain_xml(border)))
            if "fill" in changes:
                attributes["fillId"] = str(self.add("fills", _fill_xml(changes["fill"])))
                attributes["applyFill"] = "1"
            if "number" in changes:
                attributes["numFmtId"] = str(self.number_of(changes["number"]))
                attributes["applyNumberFormat"] = "1"
            new = ET.Element("xf", attributes | {"applyFont": "1", "applyBorder": "1"})
            aligned = {k: changes[k] or plainly for k, plainly in ALIGNED.items() if k in changes}
            children = {local(child.tag): dict(child.attrib) for child in old}
            if aligned:
                children["alignment"] = children.get("alignment", {}) | aligned
                new.set("applyAlignment", "1")
            protected = {}
            if "unlocked" in changes:
                protected["locked"] = "0" if changes["unlocked"] else "1"
            if "hidden" in changes:
                protected["hidden"] = changes["hidden"] or "0"
            if protected:
                children["protection"] = children.get("protection", {}) | protected
                new.set("applyProtection", "1")
            for tag in ("alignment", "protection"):
                if tag in children:
                    ET.SubElement(new, tag, children[tag])
            self._changed[key] = self.add("cellXfs", plain_xml(new))
        return self._changed[key]

    def number_of(self, text: str) -> int:
        """Return the number of a number format by its text."""
        if text.startswith("#") and text[1:].isdigit():
            return int(text[1:])
        number_by_code = {code: number for number, code in KNOWN_FORMATS.items()}
        return self.number_format(number_by_code.get(text or "General", FIRST_OWN_FORMAT), text)

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


def _fill_xml(rgb: str) -> str:
    if not rgb:
        return '<fill><patternFill patternType="none"/></fill>'
    colour = f'<fgColor rgb="FF{rgb}"/><bgColor indexed="64"/>'
    return f'<fill><patternFill patternType="solid">{colour}</patternFill></fill>'


def _change_font(font: ET.Element, changes: Look) -> ET.Element:
    parts = {local(part.tag): dict(part.attrib) for part in font}
    for name, tag in FLAGS.items():
        if name in changes:
            parts.pop(tag, None)
            if changes[name]:
                parts[tag] = {} if changes[name] == "1" else {"val": changes[name]}
    for name, tag in FONT.items():
        if name in changes:
            value = changes[name] or ("000000" if name == "colour" else "")
            if value:
                parts[tag] = {"rgb": f"FF{value}"} if name == "colour" else {"val": value}
            else:  # a font may say no size and no name
                parts.pop(tag, None)
    if "font" in changes:
        # The scheme's font would be shown instead.
        parts.pop("scheme", None)
    new = ET.Element("font")
    for tag in sorted(parts, key=(*FONT_ORDER, *parts).index):
        ET.SubElement(new, tag, parts[tag])
    return new


def _change_border(border: ET.Element, changes: Look) -> ET.Element:
    new = ET.fromstring(plain_xml(border))
    if "diagonal" in changes and new.find("diagonal") is None:
        new.append(ET.Element("diagonal"))
    for name in changes.keys() & set(DIAGONALS):
        new.set(name, changes[name] or "0")
    for side in new:
        if local(side.tag) in changes:
            drawn, _, rgb = changes[local(side.tag)].partition(" ")
            side.attrib.clear()
            side[:] = []
            if drawn:
                side.set("style", drawn)
                ET.SubElement(side, "color", {"rgb": f"FF{rgb}"} if rgb else {"auto": "1"})
    return new


def apply_looks(
    package: Package, book: ReadBook, looks: Mapping[str, Mapping[Position, Look]]
) -> Package:
    """Return a workbook whose cells look otherwise in some respects.

    Parameters
    ----------
    package
        The workbook, as this package writes workbooks.
    book
        Its cells; all that are named exist.
    looks
        Sheet -> position -> what changes.
    """
    style_table, parts = StyleTable(package), {}
    for name, wanted in looks.items():
        sheet = book.sheets[name]
        xml = package.text(sheet.part)
        styles = {
            position: style_table.changed(sheet.cells[position].style, changes)
            for position, changes in wanted.items()
            if position in sheet.cells
        }
        if styles:
            parts[sheet.part] = restyle_cells(xml, styles).encode("utf-8")
    if not parts:
        return package
    return package.replace({**parts, style_table.part: style_table.to_bytes()})


def restyle_cells(xml: str, styles: Mapping[Position, int]) -> str:
    """Return sheet XML with other formats on some of its cells."""
    names = {cell_name(*position): style for position, style in styles.items()}

    def change(match: re.Match[str]) -> str:
        if (style := names.get(match[2])) is None:
            return match[0]
        head = re.sub(r'\ss="\d+"', "", match[0])
        return re.sub(r'(\sr="[A-Z]+\d+")', rf'\1 s="{style}"', head, count=1)

    return re.sub(r'<((?:\w+:)?c)\b(?=[^>]*\sr="([A-Z]+\d+)")[^>]*>', change, xml)
