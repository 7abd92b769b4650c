"""Reads cell formats: number formats, fonts, fills and borders, as dictionaries of texts."""

from __future__ import annotations

import colorsys
import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from xml.etree import ElementTree as ET

from xlcity.xlsx.parts import is_on, local, parse_index

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: Names of a theme's colours, in the order in which formats number them.
_THEME_COLOURS = (
    "lt1",
    "dk1",
    "lt2",
    "dk2",
    "accent1",
    "accent2",
    "accent3",
    "accent4",
    "accent5",
    "accent6",
    "hlink",
    "folHlink",
)
FIRST_OWN_FORMAT = 164
#: Built-in number formats, of which files have only the number.
KNOWN_FORMATS = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
#: Key of a look -> element of a font; those in FLAGS have no value.
FONT = {"colour": "color", "size": "sz", "font": "name", "script": "vertAlign"}
FLAGS = {"bold": "b", "italic": "i", "strike": "strike", "underline": "u"}
#: The borders of a cell, and the directions of the last one.
SIDES = ("left", "right", "top", "bottom", "diagonal")
DIAGONALS = ("diagonalUp", "diagonalDown")
#: Attribute of an alignment -> its default.
ALIGNED = {
    "horizontal": "general",
    "vertical": "bottom",
    "wrapText": "0",
    "indent": "0",
    "textRotation": "0",
    "shrinkToFit": "0",
}

#: The pieces of a number format: texts in quotes or after a backslash, codes, other characters.
_FORMAT_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<code>\[[^\]]*\]|[_*].|[!-~])|(?P<raw>.)'
)
#: Signs that are texts without quotes, too.
_SIGNS_WITHOUT_QUOTES = frozenset("-+() ")

#: The look of a cell as far as it is not the default: "fill" -> "FF0000", "number" -> "0.00",
#: "bold" -> "1".
Look = Mapping[str, str]


def normalise_format(form: str) -> str:
    r"""Return a number format with its texts in quotes; programs write them in several ways.

    >>> [normalise_format(text) for text in (r"0.0\%", r"0\ \元", "#,##0 ;(#,##0)")]
    ['0.0"%"', '0" 元"', '#,##0 ;(#,##0)']
    """
    if "上午" in form:
        return form  # hours are counted by this word
    pieces = []
    text = ""
    for match in _FORMAT_PIECE.finditer(form):
        piece = match["code"] or ""
        if piece and piece not in _SIGNS_WITHOUT_QUOTES:
            pieces += [_quote(text), piece]
            text = ""
        else:
            text += piece or match["quoted"] or match["escaped"] or match["raw"] or ""
    return "".join((*pieces, _quote(text)))


def _quote(text: str) -> str:
    """Return a text of a number format in quotes, unless it has only signs that need none."""
    return text if _SIGNS_WITHOUT_QUOTES.issuperset(text) else f'"{text}"'


class StyleReader:
    """Reads the cell formats of a workbook.

    Parameters
    ----------
    part, root
        Its part with styles, and the root element of that, None if it is not there.
    read_theme
        Returns the root element of the part with the theme, None if it is not there.
    """

    def __init__(
        self,
        part: str,
        root: ET.Element | None,
        read_theme: Callable[[], ET.Element | None],
    ) -> None:
        self.part = part
        self._read_theme = read_theme
        self.root = ET.Element(f"{{{_MAIN}}}styleSheet") if root is None else root
        self._looks: dict[int, dict[str, str]] = {}
        self._lists: dict[str, list[ET.Element]] = {}

    def entries(self, name: str) -> list[ET.Element]:
        """Return the elements of a list of formats such as "fonts", "cellXfs" or "dxfs"."""
        if name not in self._lists:
            self._lists[name] = self.root.findall(f"{{*}}{name}/*")
        return self._lists[name]

    def find_entry(self, name: str, index: int) -> ET.Element | None:
        """Return the entry of an index in a list such as "fonts"; None beyond its end."""
        entries = self.entries(name)
        return entries[index] if index < len(entries) else None

    def fill(self, style: int) -> str:
        """Return the fill colour of the cell format of an index, as RRGGBB, "" for none."""
        xf = self.find_entry("cellXfs", style)
        fill = (
            None
            if xf is None
            else self.find_entry("fills", parse_index(xf.get("fillId", "")))
        )
        pattern = None if fill is None else fill.find("{*}patternFill")
        if pattern is None or pattern.get("patternType") in (None, "none", "gray125"):
            return ""
        return self.colour(pattern.find("{*}fgColor"))

    def named_style(self, style: int) -> str:
        """Return the name of the style, such as "Input", that the cell format of an index has."""
        if (xf := self.find_entry("cellXfs", style)) is None:
            return "Normal"
        return self._style_names.get(xf.get("xfId", "0"), "Normal")

    @cached_property
    def _style_names(self) -> Mapping[str, str]:
        """The names of the workbook's named styles, by the number that cell formats have."""
        entries = self.entries("cellStyles")
        return {e.get("xfId", ""): e.get("name", "") for e in entries}

    def look(self, style: int) -> dict[str, str]:
        """Return the look of the cell format of an index; defaults are left out."""
        if style not in self._looks:
            self._looks[style] = {
                key: text for key, text in self._read_look(style) if text
            }
        return self._looks[style]

    def _read_look(self, style: int) -> Iterable[tuple[str, str]]:
        """Yield key and text of a cell format's look, "" for defaults."""
        if (xf := self.find_entry("cellXfs", style)) is None:
            return
        yield "number", self._number_format(parse_index(xf.get("numFmtId", "")))
        yield "fill", self.fill(style)
        font = self.find_entry("fonts", parse_index(xf.get("fontId", "")))
        if font is not None:
            yield from self.font(font)
        border = self.find_entry("borders", parse_index(xf.get("borderId", "")))
        if border is not None:
            yield from self._read_border(border)
        alignment = xf.find("{*}alignment")
        if alignment is not None:
            yield from _read_alignment(alignment)
        protection = xf.find("{*}protection")
        if protection is not None:
            is_unlocked = protection.get("locked") in ("0", "false")
            yield "unlocked", "1" if is_unlocked else ""
            yield "hidden", "1" if is_on(protection.get("hidden")) else ""

    def _number_format(self, number: int) -> str:
        """Return the number format of a number in one spelling, "" for General."""
        known = KNOWN_FORMATS.get(number, f"#{number}")
        text = self.number_formats.get(number) or known
        return "" if text.lower() == "general" else normalise_format(text)

    def _read_border(self, border: ET.Element) -> Iterable[tuple[str, str]]:
        """Yield what a border has: ("diagonalUp", "1"), and sides with a line: ("left", "thin")."""
        for name in DIAGONALS:
            if is_on(border.get(name)):
                yield name, "1"
        for side in border:
            name = local(side.tag)
            line = side.get("style", "none")
            if name in SIDES and line != "none":
                yield name, f"{line} {self.colour(side.find('{*}color'))}".strip()

    def font(self, font: ET.Element) -> Iterable[tuple[str, str]]:
        """Yield key and text of how a font element looks: ("bold", "1"), ("size", "9").

        The text is "" for black and for the baseline.
        """
        parts = {local(part.tag): part for part in font}
        for name, tag in FLAGS.items():
            flag = _read_flag(name, parts.get(tag))
            if flag:
                yield name, flag
        if "color" in parts:
            colour = self.colour(parts["color"])
            yield "colour", "" if colour == "000000" else colour
        for name in ("size", "font", "script"):
            if FONT[name] in parts:
                text = parts[FONT[name]].get("val", "").removesuffix(".0")
                yield name, "" if text == "baseline" else text

    @cached_property
    def number_formats(self) -> dict[int, str]:
        """The workbook's own number formats by their numbers."""
        entries = self.entries("numFmts")
        return {
            parse_index(e.get("numFmtId", "")): e.get("formatCode", "") for e in entries
        }

    @cached_property
    def _palette(self) -> Mapping[str, str]:
        """The workbook's own colours for indexed ones: number -> RRGGBB."""
        palette = {}
        for number, colour in enumerate(self.root.iterfind(".//{*}rgbColor")):
            palette[str(number)] = colour.get("rgb", "")[-6:].upper()
        return palette

    def changes(self, entry: ET.Element) -> tuple[str, ...]:
        """Return the fill, colour, flags and number format that a conditional format changes.

        `entry` is its `dxf` element. Such as ("FF0000", "", "bold", "number 0.0"); "" for what
        stays.
        """
        look: dict[str, str] = {}
        for part in entry:
            tag = local(part.tag)
            if tag == "fill":
                look["fill"] = self._changed_fill(part)
            elif tag == "font":
                look.update(self.font(part))
                look["colour"] = self.colour(part.find("{*}color"))
            elif tag == "numFmt":
                look["number"] = normalise_format(part.get("formatCode", ""))
        colour = look.get("colour", "").removeprefix("000000")
        flags = "".join(name for name in ("bold", "italic") if look.get(name))
        number = f"number {look['number']}" if look.get("number") else ""
        return look.get("fill", ""), colour, flags, number

    def _changed_fill(self, fill: ET.Element) -> str:
        """Return the colour of a fill of a conditional format, "" for none."""
        colours = {}
        for pattern in fill:
            for colour in pattern:
                colours[local(colour.tag)] = self.colour(colour)
        # Excel writes the colour of such a fill as that of the background.
        return colours.get("bgColor") or colours.get("fgColor") or ""

    def colour(self, colour: ET.Element | None) -> str:
        """Return the colour of a colour element as RRGGBB, "" for none or an unknown one."""
        if colour is None:
            return ""
        if (rgb := colour.get("rgb")) is not None:
            return rgb[-6:].upper()
        if (theme := colour.get("theme")) is not None:
            # A dictionary, so that a number without a colour of the theme gives none.
            base = self.theme.get(
                dict(enumerate(_THEME_COLOURS)).get(parse_index(theme), ""), ""
            )
            with contextlib.suppress(ValueError):  # not a number, or not a colour
                return _tint(base, float(colour.get("tint", "0"))) if base else ""
        indexed = colour.get("indexed", "")
        return self._palette.get(indexed) or _DEFAULT_PALETTE.get(indexed, "")

    @cached_property
    def theme(self) -> Mapping[str, str]:
        """The colours of the theme: name -> RRGGBB."""
        colours = {}
        for named_colour in self._named_colours():
            for colour in named_colour:
                text = colour.get("lastClr") or colour.get("val") or ""
                colours[local(named_colour.tag)] = text
        return colours

    def _named_colours(self) -> list[ET.Element]:
        """Return the elements of the colours of the theme; none if there is no theme."""
        root = self._read_theme()
        return [] if root is None else root.findall(".//{*}clrScheme/*")


def _read_alignment(alignment: ET.Element) -> Iterable[tuple[str, str]]:
    """Yield the attributes of an alignment, true as 1 and false as 0, "" for defaults."""
    for name, default in ALIGNED.items():
        text = alignment.get(name, default)
        text = text.replace("true", "1").replace("false", "0")
        yield name, "" if text == default else text


def _read_flag(name: str, element: ET.Element | None) -> str:
    """Return what a flag of a font says: "1", or the kind of an underline; "" if it is off."""
    value = "0" if element is None else element.get("val", "1")
    if value in ("0", "false", "none"):
        return ""
    return value if name == "underline" and value != "single" else "1"


#: The usual colours of indexed ones, as far as cells are filled with them.
_DEFAULT_PALETTE = {
    str(n): rgb
    for n, rgb in zip(
        range(8, 24),
        (
            "000000",
            "FFFFFF",
            "FF0000",
            "00FF00",
            "0000FF",
            "FFFF00",
            "FF00FF",
            "00FFFF",
            "800000",
            "008000",
            "000080",
            "808000",
            "800080",
            "008080",
            "C0C0C0",
            "808080",
        ),
        strict=True,
    )
}


def _tint(rgb: str, tint: float) -> str:
    """Return a colour, RRGGBB, made darker (tint -1 to 0) or lighter (0 to 1)."""
    pairs = (rgb[0:2], rgb[2:4], rgb[4:6])
    red, green, blue = (int(pair, 16) / 255 for pair in pairs)
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    parts = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return "".join(f"{round(part * 255):02X}" for part in parts)


def plain_element(old: ET.Element, *, keep_all: bool = False) -> ET.Element:
    """Return a copy of an element without namespaces, and without attributes of other ones.

    Children of other namespaces are left out, too, unless `keep_all` says otherwise.
    """
    own_attributes = {
        k: text for k, text in old.attrib.items() if not k.startswith("{")
    }
    new = ET.Element(local(old.tag), own_attributes)
    new.text = old.text
    children = (
        c for c in old if keep_all or not c.tag.startswith("{") or _MAIN in c.tag
    )
    new.extend(plain_element(child, keep_all=keep_all) for child in children)
    return new


def plain_xml(element: ET.Element, *, keep_all: bool = False) -> str:
    """Return `plain_element` of an element as text."""
    return ET.tostring(plain_element(element, keep_all=keep_all), "unicode")
