"""Cell formats: the fill of a cell read, formats copied from one workbook into another."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Book, Position
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode, local, parse_part, relationships, workbook_part

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: Colours of a theme by number, as formats count them; the names are those of theme1.xml.
_THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5",
          "accent6", "hlink", "folHlink")  # fmt: skip
_FIRST_OWN_FORMAT = 164


class Looks:
    """The cell formats of a workbook, read."""

    def __init__(self, package: Package) -> None:
        self.package = package
        main = workbook_part(package.parts) or ""
        kinds = dict(relationships(package.parts, main).values())
        self.part = kinds.get("styles", "xl/styles.xml")
        self.root = (
            parse_part(package.parts, self.part, package.name)
            if self.part in package.parts
            else ET.Element(f"{{{_MAIN}}}styleSheet")
        )
        self._theme_part = kinds.get("theme", "")

    def entries(self, name: str) -> list[ET.Element]:
        """Return the entries of a list: fonts, fills, borders, cellXfs, dxfs, numFmts."""
        return next((list(e) for e in self.root if local(e.tag) == name), [])

    def fill(self, style: int) -> str:
        """Return the colour that a format fills its cell with, as RRGGBB, "" for none."""
        formats = self.entries("cellXfs")
        if style >= len(formats):
            return ""
        number = int(formats[style].get("fillId", "0"))
        fills = self.entries("fills")
        if number >= len(fills):
            return ""
        pattern = next((e for e in fills[number] if local(e.tag) == "patternFill"), None)
        if pattern is None or pattern.get("patternType") in (None, "none", "gray125"):
            return ""
        colour = next((e for e in pattern if local(e.tag) == "fgColor"), None)
        return "" if colour is None else self._colour(colour)

    def _colour(self, colour: ET.Element) -> str:
        if (rgb := colour.get("rgb")) is not None:
            return rgb[-6:].upper()
        if (theme := colour.get("theme")) is not None and self._theme_part in self.package.parts:
            names = self._theme()
            base = names.get(_THEME[int(theme)] if int(theme) < len(_THEME) else "", "")
            return _tinted(base, float(colour.get("tint", "0"))) if base else ""
        indexed = colour.get("indexed", "")
        return _INDEXED.get(indexed, "")

    def _theme(self) -> Mapping[str, str]:
        root = parse_part(self.package.parts, self._theme_part, self.package.name)
        scheme = next((e for e in root.iter() if local(e.tag) == "clrScheme"), ET.Element("none"))
        found: dict[str, str] = {}
        for entry in scheme:
            for colour in entry:
                found[local(entry.tag)] = colour.get("lastClr") or colour.get("val") or ""
        return found


#: The palette that old formats count in, as far as people fill cells with it.
_INDEXED = {str(n): rgb for n, rgb in zip(
    range(8, 24),
    ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF", "800000",
     "008000", "000080", "808000", "800080", "008080", "C0C0C0", "808080"),
    strict=True,
)}  # fmt: skip


def _tinted(rgb: str, tint: float) -> str:
    red, green, blue = (int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    parts = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return "".join(f"{round(part * 255):02X}" for part in parts)


class Wardrobe:
    """The cell formats of a workbook, to add to.

    Formats are added at the end of their lists, so that every number in use keeps its meaning.
    """

    def __init__(self, package: Package) -> None:
        looks = Looks(package)
        self.part = looks.part
        self._text = decode(package.parts, looks.part, package.name)
        self._own = {
            int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in looks.entries("numFmts")
        }
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

    def filled(self, style: int, rgb: str) -> int:
        """Return the number of a format like `style` with another fill."""
        colour = f'<fgColor rgb="FF{rgb}"/><bgColor indexed="64"/>'
        fill = self.add(
            "fills", f'<fill><patternFill patternType="solid">{colour}</patternFill></fill>'
        )
        match = re.search(r"<cellXfs\b[^>]*>(.*?)</cellXfs>", self._text, re.DOTALL)
        formats = re.findall(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", match[1] if match else "", re.DOTALL)
        entry = re.sub(r'\bfillId="\d+"', f'fillId="{fill}"', formats[style], count=1)
        if "applyFill=" not in entry:
            entry = entry.replace("<xf ", '<xf applyFill="1" ', 1)
        return self.add("cellXfs", entry)

    def number_format(self, number: int, text: str) -> int:
        """Return the number of a number format; Excel's own keep theirs."""
        if number < _FIRST_OWN_FORMAT:
            return number
        for known, code in self._own.items():
            if code == text:
                return known
        new = max([_FIRST_OWN_FORMAT - 1, *self._own]) + 1
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


class Tailor:
    """Copies formats of one workbook into another."""

    def __init__(self, source: Package, wardrobe: Wardrobe) -> None:
        self.source, self.wardrobe = Looks(source), wardrobe
        self._codes = {e.get("numFmtId"): e.get("formatCode", "") for e in self._list("numFmts")}
        self._made: dict[int, int] = {}

    def _list(self, name: str) -> list[ET.Element]:
        return self.source.entries(name)

    def cell_format(self, style: int) -> int:
        """Return the number that a cell format of the source has in the other workbook."""
        formats = self._list("cellXfs")
        if style >= len(formats):
            return 0
        if style not in self._made:
            old = formats[style]
            attributes = {k: v for k, v in old.attrib.items() if not k.startswith("{")}
            for list_name, key in (("fonts", "fontId"), ("fills", "fillId"),
                                   ("borders", "borderId")):  # fmt: skip
                entries = self._list(list_name)
                number = int(old.get(key, "0"))
                if number < len(entries):
                    attributes[key] = str(self.wardrobe.add(list_name, plain(entries[number])))
            number = int(old.get("numFmtId", "0"))
            text = self._codes.get(str(number), "General")
            attributes["numFmtId"] = str(self.wardrobe.number_format(number, text))
            attributes["xfId"] = "0"
            new = ET.Element("xf", attributes)
            new.extend(child for child in old if local(child.tag) in ("alignment", "protection"))
            self._made[style] = self.wardrobe.add("cellXfs", plain(new))
        return self._made[style]

    def conditional(self, number: int) -> int:
        """Return the number of a conditional format's look."""
        entries = self._list("dxfs")
        if number >= len(entries):
            return 0
        return self.wardrobe.add("dxfs", plain(entries[number]))


def plain(element: ET.Element) -> str:
    """Return an element of the main namespace as text, without what other namespaces added."""

    def bare(old: ET.Element) -> ET.Element:
        new = ET.Element(
            local(old.tag), {k: v for k, v in old.attrib.items() if not k.startswith("{")}
        )
        new.text = old.text
        new.extend(bare(c) for c in old if not c.tag.startswith("{") or _MAIN in c.tag)
        return new

    return ET.tostring(bare(element), "unicode")


def with_fills(
    package: Package, book: Book, fills: Mapping[str, Mapping[Position, str]]
) -> Package:
    """Return a workbook with other fills on cells that exist: sheet -> position -> RRGGBB."""
    wardrobe, parts = Wardrobe(package), {}
    for name, wanted in fills.items():
        sheet = book.sheets[name]
        xml = decode(package.parts, sheet.part, package.name)
        styles = {
            position: wardrobe.filled(sheet.cells[position].style, rgb)
            for position, rgb in wanted.items()
            if position in sheet.cells
        }
        if styles:
            parts[sheet.part] = restyled(xml, styles).encode("utf-8")
    if not parts:
        return package
    return package.replace({**parts, wardrobe.part: wardrobe.to_bytes()})


def restyled(xml: str, styles: Mapping[Position, int]) -> str:
    """Return sheet XML with other formats on some of its cells."""
    names = {cell_name(*position): style for position, style in styles.items()}

    def change(match: re.Match[str]) -> str:
        style = names.get(match[2])
        if style is None:
            return match[0]
        head = re.sub(r'\ss="\d+"', "", match[0])
        return re.sub(r'(\sr="[A-Z]+\d+")', rf'\1 s="{style}"', head, count=1)

    return re.sub(r'<((?:\w+:)?c)\b(?=[^>]*\sr="([A-Z]+\d+)")[^>]*>', change, xml)


def used_styles(xml: str) -> Iterable[int]:
    """Yield the numbers of the formats that cells, rows and columns of a sheet have."""
    for match in re.finditer(r'<(?:\w+:)?(c|row|col)\b[^>]*?\s(?:s|style)="(\d+)"', xml):
        yield int(match[2])
