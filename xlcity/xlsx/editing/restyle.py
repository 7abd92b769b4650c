"""Cell formats written: changed in some respects, or copied from one workbook into another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from xml.etree import ElementTree as ET

from xlcity.xlsx.markup import (
    child_in_order,
    markup_to_bytes,
    prefix_of,
    prefixed,
    read_markup,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import parse_index
from xlcity.xlsx.styles import (
    ALIGNED,
    DIAGONALS,
    FIRST_OWN_FORMAT,
    FLAGS,
    FONT,
    KNOWN_FORMATS,
    SIDES,
    Look,
    plain_element,
)

#: The lists of a workbook's formats, and the children of a cell format, in the order of the format.
_LIST_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
_CELL_FORMAT_ORDER = ("alignment", "protection", "extLst")
#: List of parts of formats -> the attribute of a cell format with the number of an entry.
_NUMBER_ATTRIBUTES = {"fonts": "fontId", "fills": "fillId", "borders": "borderId"}
#: One of Excel's formats that has a number and no text in `KNOWN_FORMATS`.
_BUILT_IN_NUMBER = re.compile(r"#([1-9]\d|[5-8])")
#: Parts of a look that are one attribute of the protection -> that attribute, and its value if set.
_PROTECTION_OF_LOOK = {"unlocked": ("locked", "0"), "hidden": ("hidden", "1")}


class StyleTable:
    """The cell formats of a workbook, to add to.

    They are those of `package`, which stays as it is: `to_bytes` gives the new part. Formats are
    added at the end of their lists, so that every number in use keeps its meaning.
    """

    def __init__(self, package: Package) -> None:
        self.part = package.styles.part
        self._root = read_markup(package.text(self.part))
        self._prefix = prefix_of(self._root)
        self._numbers: dict[tuple[str, str], int] = {}

    def _find_or_make_list(self, name: str) -> ET.Element:
        """Return a list of formats, such as "fonts"; one that is not there is made."""
        return child_in_order(self._root, name, _LIST_ORDER)

    def add(self, name: str, element: ET.Element) -> int:
        """Add an element to a list such as "fonts", and return its index there.

        An element that equals one added before is not added again.
        """
        element = prefixed(element, self._prefix)
        elements = self._find_or_make_list(name)
        key = name, ET.tostring(element, "unicode")
        if key not in self._numbers:
            self._numbers[key] = len(elements)
            elements.append(element)
            elements.set("count", str(len(elements)))
        return self._numbers[key]

    def _copy_entry(self, name: str, number: int) -> ET.Element:
        """Return a copy of an element of a list such as "fonts", by its index; else of the first.

        An empty list gets an element without attributes.
        """
        entries = self._find_or_make_list(name)
        if not len(entries):
            self.add(
                name, ET.Element("xf" if name == "cellXfs" else name.removesuffix("s"))
            )
        return deepcopy(entries[number if number < len(entries) else 0])

    def number_format(self, text: str) -> int:
        """Return the number of a number format, which is added if it is new; "" is General."""
        if (built_in := _BUILT_IN_NUMBER.fullmatch(text)) is not None:
            return int(built_in[1])
        numbers = {code: number for number, code in KNOWN_FORMATS.items()} | {"": 0}
        for own in self._find_or_make_list("numFmts"):
            numbers[own.get("formatCode", "")] = parse_index(own.get("numFmtId", ""))
        if text not in numbers:
            numbers[text] = max(FIRST_OWN_FORMAT - 1, *numbers.values()) + 1
            attributes = {"numFmtId": str(numbers[text]), "formatCode": text}
            self.add("numFmts", ET.Element("numFmt", attributes))
        return numbers[text]

    def changed(self, style: int, look: Look) -> int:
        """Add a copy of the cell format of an index that looks otherwise; return its index.

        `look` has the text of each part that differs ("fill" -> "FF0000"), "" for as usual.
        """
        xf = self._copy_entry("cellXfs", style)
        self._change_part(xf, "fonts", self._set_font, look)
        self._change_part(xf, "fills", self._set_fill, look)
        self._change_part(xf, "borders", self._set_border, look)
        if "number" in look:
            xf.set("numFmtId", str(self.number_format(look["number"])))
            xf.set("applyNumberFormat", "1")
        alignment = {name: look[name] for name in ALIGNED if name in look}
        _change_child(xf, "alignment", alignment)
        _change_child(xf, "protection", _protection_of(look))
        return self.add("cellXfs", xf)

    def _change_part(
        self,
        xf: ET.Element,
        name: str,
        change: Callable[[ET.Element, Look], None],
        look: Look,
    ) -> None:
        """Give a cell format a changed copy of its font, fill or border, if a look changes it.

        `name` is the list of these, such as "fonts"; `change` changes an entry by the look.
        """
        attribute = _NUMBER_ATTRIBUTES[name]
        element = self._copy_entry(name, parse_index(xf.get(attribute, "")))
        before = ET.tostring(element)
        change(element, look)
        if ET.tostring(element) != before:
            xf.set(attribute, str(self.add(name, element)))
            xf.set(f"apply{name.title().removesuffix('s')}", "1")

    def _set_font(self, font: ET.Element, look: Look) -> None:
        """Change a font in the parts that a look has; "" gives it the usual one."""
        for part, tag in {**FLAGS, **FONT}.items():
            if part not in look:
                continue
            for element in font.findall(self._prefix + tag):
                font.remove(element)
            default = {"size": "11", "font": "Calibri"}.get(part, "")
            if text := look[part] or default:
                value = {"rgb": f"FF{text}"} if part == "colour" else {"val": text}
                is_bare = part in FLAGS and text == "1"
                ET.SubElement(font, self._prefix + tag, {} if is_bare else value)

    def _set_fill(self, fill: ET.Element, look: Look) -> None:
        """Give a fill the colour that a look has; a look without one changes nothing."""
        if "fill" not in look:
            return
        fill.clear()
        kind = {"patternType": "solid" if look["fill"] else "none"}
        pattern = ET.SubElement(fill, self._prefix + "patternFill", kind)
        if look["fill"]:
            ET.SubElement(
                pattern, self._prefix + "fgColor", {"rgb": f"FF{look['fill']}"}
            )

    def _set_border(self, border: ET.Element, look: Look) -> None:
        """Change the lines of a border that a look has, written "thin FF0000"; "" removes one."""
        for part in look.keys() & set(DIAGONALS):
            border.set(part, look[part] or "0")
        for part in SIDES:
            if part in look:
                side = child_in_order(border, part, SIDES)
                line, _, rgb = look[part].partition(" ")
                side.clear()
                if line:
                    side.set("style", line)
                    ET.SubElement(
                        side, self._prefix + "color", {"rgb": f"FF{rgb or '000000'}"}
                    )

    def to_bytes(self) -> bytes:
        """Return the part."""
        return markup_to_bytes(self._root)


def _protection_of(look: Look) -> dict[str, str]:
    """Return the attributes of the protection that a look changes."""
    protection = {}
    for part, (name, value) in _PROTECTION_OF_LOOK.items():
        if part in look:
            # The other of 0 and 1 where the part is not set.
            protection[name] = value if look[part] else "10"[int(value)]
    return protection


def _change_child(xf: ET.Element, tag: str, attributes: Mapping[str, str]) -> None:
    """Set attributes of a child of a cell format; those without a text are removed."""
    if not attributes:
        return
    element = child_in_order(xf, tag, _CELL_FORMAT_ORDER)
    for name, text in attributes.items():
        if text:
            element.set(name, text)
        else:
            element.attrib.pop(name, None)
    xf.set(f"apply{tag.title()}", "1")


class StyleCopier:
    """Copies formats of one workbook, `source`, into those of another, `style_table`."""

    def __init__(self, source: Package, style_table: StyleTable) -> None:
        self.source = source.styles
        self.style_table = style_table
        self._numbers: dict[int, int] = {}

    def cell_format(self, style: int) -> int:
        """Copy the source's cell format of an index; return its index in the other workbook.

        For one that the source does not have this is 0, the other workbook's first.
        """
        if (source_format := self.source.find_entry("cellXfs", style)) is None:
            return 0
        if style not in self._numbers:
            xf = plain_element(source_format)
            for child in [
                child for child in xf if child.tag not in ("alignment", "protection")
            ]:
                xf.remove(child)
            for name, attribute in _NUMBER_ATTRIBUTES.items():
                entry = self.source.find_entry(name, parse_index(xf.get(attribute, "")))
                if entry is not None:
                    xf.set(
                        attribute, str(self.style_table.add(name, plain_element(entry)))
                    )
            number = parse_index(xf.get("numFmtId", ""))
            if number >= FIRST_OWN_FORMAT:
                text = self.source.number_formats.get(number, "")
                xf.set("numFmtId", str(self.style_table.number_format(text)))
            xf.set("xfId", "0")
            self._numbers[style] = self.style_table.add("cellXfs", xf)
        return self._numbers[style]

    def conditional(self, number: int) -> int:
        """Copy the look of a conditional format, by its index among `dxfs`.

        Returns its index in the other workbook; 0 for an index that the source does not have.
        """
        dxf = self.source.find_entry("dxfs", number)
        return 0 if dxf is None else self.style_table.add("dxfs", plain_element(dxf))
