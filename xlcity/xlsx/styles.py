"""Cell formats read: number formats, fonts, fills and borders, as each looks."""

from __future__ import annotations

import colorsys
import contextlib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from xml.etree import ElementTree as ET

from xlcity.xlsx.parts import is_on, local, parse_index, parse_part

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: Colours of a theme by number, as formats count them; the names are those of theme1.xml.
_THEME = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5",
          "accent6", "hlink", "folHlink")  # fmt: skip
FIRST_OWN_FORMAT = 164
#: Number formats that have a number and no text in the file.
KNOWN_FORMATS = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
#: What a look says of a font -> its element; those of the second list are there or not.
FONT = {"colour": "color", "size": "sz", "font": "name", "script": "vertAlign"}
FLAGS = {"bold": "b", "italic": "i", "strike": "strike", "underline": "u"}
#: The borders of a cell, as its look names them, and which way the last one goes.
SIDES = ("left", "right", "top", "bottom", "diagonal")
DIAGONALS = ("diagonalUp", "diagonalDown")
ALIGNED = {"horizontal": "general", "vertical": "bottom", "wrapText": "0", "indent": "0",
            "textRotation": "0", "shrinkToFit": "0"}  # fmt: skip

#: The pieces of a number format: texts in quotes or behind a backslash, and what is not text.
_FORMAT = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<one>.)|(?P<code>\[[^\]]*\]|[_*].|[!-~])|(?P<raw>.)'
)
#: Signs that are texts without quotes, too.
_SIGNS = frozenset("-+() ")

#: What differs in the look of a cell: "fill" -> "FF0000", "number" -> "0.00", "bold" -> "1".
Look = Mapping[str, str]


def normalise_format(form: str) -> str:
    r"""Return a number format with its texts in quotes; programs write them in several ways.

    >>> normalise_format(r"0.0\%"), plain_format(r"0\ \元"), plain_format("#,##0 ;(#,##0)")
    ('0.0"%"', '0" 元"', '#,##0 ;(#,##0)')
    """
    if "上午" in form:
        return form  # hours are counted by this word
    pieces, text = [], ""
    for match in _FORMAT.finditer(form):
        piece = match["code"] or ""
        if piece and piece not in _SIGNS:
            pieces += [_quote(text), piece]
            text = ""
        else:
            text += piece or match["quoted"] or match["one"] or match["raw"] or ""
    return "".join((*pieces, _quote(text)))


def _quote(text: str) -> str:
    return text if _SIGNS.issuperset(text) else f'"{text}"'


class StyleReader:
    """The cell formats of a workbook, read."""

    def __init__(self, parts: Mapping[str, bytes], part: str, theme: str, name: str | None) -> None:
        self.part, self._parts, self._theme_part, self._file = part, parts, theme, name
        self.root = (
            parse_part(parts, part, name) if part in parts else ET.Element(f"{{{_MAIN}}}styleSheet")
        )
        self._looks: dict[int, dict[str, str]] = {}
        self._lists: dict[str, list[ET.Element]] = {}

    def entries(self, name: str) -> list[ET.Element]:
        """Return the entries of a list: fonts, fills, borders, cellXfs, dxfs, numFmts."""
        if name not in self._lists:
            self._lists[name] = next((list(e) for e in self.root if local(e.tag) == name), [])
        return self._lists[name]

    def fill(self, style: int) -> str:
        """Return the colour that a format fills its cell with, as RRGGBB, "" for none."""
        formats = self.entries("cellXfs")
        if style >= len(formats):
            return ""
        number = parse_index(formats[style].get("fillId", ""))
        fills = self.entries("fills")
        if number >= len(fills):
            return ""
        pattern = next((e for e in fills[number] if local(e.tag) == "patternFill"), None)
        if pattern is None or pattern.get("patternType") in (None, "none", "gray125"):
            return ""
        colour = next((e for e in pattern if local(e.tag) == "fgColor"), None)
        return "" if colour is None else self.colour(colour)

    def look(self, style: int) -> dict[str, str]:
        """Return how a format looks; what is as everywhere is left out."""
        if style not in self._looks:
            self._looks[style] = {k: v for k, v in self._look(style) if v}
        return self._looks[style]

    def _look(self, style: int) -> Iterable[tuple[str, str]]:
        formats = self.entries("cellXfs")
        if style >= len(formats):
            return
        form = formats[style]
        number = parse_index(form.get("numFmtId", ""))
        text = self.number_formats.get(number) or KNOWN_FORMATS.get(number, f"#{number}")
        yield "number", "" if text.lower() == "general" else normalise_format(text)
        yield "fill", self.fill(style)
        fonts, borders = self.entries("fonts"), self.entries("borders")
        font = parse_index(form.get("fontId", ""))
        if font < len(fonts):
            yield from self.font(fonts[font])
        border = parse_index(form.get("borderId", ""))
        if border < len(borders):
            yield from ((n, "1") for n in DIAGONALS if is_on(borders[border].get(n)))
            yield from self._sides(borders[border])
        for child in form:
            if local(child.tag) == "alignment":
                for name, plainly in ALIGNED.items():
                    attributes = child.get(name, plainly).replace("true", "1").replace("false", "0")
                    yield name, "" if attributes == plainly else attributes
            elif local(child.tag) == "protection":
                yield "unlocked", "1" if child.get("locked") in ("0", "false") else ""
                yield "hidden", "1" if is_on(child.get("hidden")) else ""

    def _sides(self, border: ET.Element) -> Iterable[tuple[str, str]]:
        for side in border:
            name, drawn = local(side.tag), side.get("style", "none")
            if name in SIDES and drawn != "none":
                colour = next((self.colour(c) for c in side if local(c.tag) == "color"), "")
                yield name, f"{drawn} {colour}".strip()

    def font(self, font: ET.Element) -> Iterable[tuple[str, str]]:
        """Yield what a font says; black and no underline are as everywhere."""
        parts = {local(part.tag): part for part in font}
        for name, tag in FLAGS.items():
            drawn = parts[tag].get("val", "1") if tag in parts else "0"
            if drawn not in ("0", "false", "none"):
                yield name, drawn if name == "underline" and drawn != "single" else "1"
        if "color" in parts:
            colour = self.colour(parts["color"])
            yield "colour", "" if colour == "000000" else colour
        for name in ("size", "font", "script"):
            if FONT[name] in parts:
                text = parts[FONT[name]].get("val", "").removesuffix(".0")
                yield name, "" if text == "baseline" else text

    @cached_property
    def number_formats(self) -> dict[int, str]:
        """The number formats that the workbook spells out, by their numbers."""
        entries = self.entries("numFmts")
        return {parse_index(e.get("numFmtId", "")): e.get("formatCode", "") for e in entries}

    @cached_property
    def _palette(self) -> Mapping[str, str]:
        """The colours that the workbook has instead of those that old formats count in."""
        own = (e for e in self.root.iter() if local(e.tag) == "rgbColor")
        return {str(number): e.get("rgb", "")[-6:].upper() for number, e in enumerate(own)}

    def marks(self, entry: ET.Element) -> dict[str, str]:
        """Return what the look of a conditional format changes in that of a cell."""
        look: dict[str, str] = {}
        for part in entry:
            tag = local(part.tag)
            if tag == "fill":
                # Such a fill has its colour in front or, as Excel writes it, behind.
                colours = {local(c.tag): self.colour(c) for pattern in part for c in pattern}
                look["fill"] = colours.get("bgColor") or colours.get("fgColor") or ""
            elif tag == "font":
                colour = next((self.colour(c) for c in part if local(c.tag) == "color"), "")
                look |= {**dict(self.font(part)), "colour": colour}
            elif tag == "numFmt":
                look["number"] = normalise_format(part.get("formatCode", ""))
            elif tag == "border":
                look |= dict(self._sides(part))
        return {name: text for name, text in look.items() if text}

    def changes(self, entry: ET.Element) -> tuple[str, ...]:
        """Return fill, colour, bold and italic, number format of a conditional format's look."""
        look = self.marks(entry)
        colour = look.get("colour", "").removeprefix("000000")
        flags = "".join(name for name in ("bold", "italic") if look.get(name))
        number = f"number {look['number']}" if "number" in look else ""
        return look.get("fill", ""), colour, flags, number

    def colour(self, colour: ET.Element) -> str:
        """Return a colour as RRGGBB, "" for none or one that is not known."""
        if (rgb := colour.get("rgb")) is not None:
            return rgb[-6:].upper()
        if (theme := colour.get("theme")) is not None:
            base = self.theme.get(dict(enumerate(_THEME)).get(parse_index(theme), ""), "")
            with contextlib.suppress(ValueError):  # not a number, or not a colour
                return _tint(base, float(colour.get("tint", "0"))) if base else ""
        indexed = colour.get("indexed", "")
        return self._palette.get(indexed) or _INDEXED.get(indexed, "")

    @cached_property
    def theme(self) -> Mapping[str, str]:
        """The colours of the theme by their names."""
        if self._theme_part not in self._parts:
            return {}
        root = parse_part(self._parts, self._theme_part, self._file)
        scheme = next((e for e in root.iter() if local(e.tag) == "clrScheme"), ())
        return {
            local(entry.tag): colour.get("lastClr") or colour.get("val") or ""
            for entry in scheme
            for colour in entry
        }


#: The palette that old formats count in, as far as people fill cells with it.
_INDEXED = {str(n): rgb for n, rgb in zip(
    range(8, 24),
    ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF", "800000",
     "008000", "000080", "808000", "800080", "008080", "C0C0C0", "808080"),
    strict=True,
)}  # fmt: skip


def _tint(rgb: str, tint: float) -> str:
    red, green, blue = (int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    parts = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return "".join(f"{round(part * 255):02X}" for part in parts)


def plain_xml(element: ET.Element) -> str:
    """Return an element of the main namespace as text, without what other namespaces added."""

    def bare(old: ET.Element) -> ET.Element:
        new = ET.Element(
            local(old.tag), {k: v for k, v in old.attrib.items() if not k.startswith("{")}
        )
        new.text = old.text
        new.extend(bare(c) for c in old if not c.tag.startswith("{") or _MAIN in c.tag)
        return new

    return ET.tostring(bare(element), "unicode")
