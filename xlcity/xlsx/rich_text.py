"""Texts of cells of which parts look otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Position
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import local
from xlcity.xlsx.styles import StyleReader, plain_xml
from xlcity.xlsx.text import escape_cell_text, unescaped

_CELL = re.compile(
    r'<(?:\w+:)?c\b(?=[^>]*\sr="([A-Z]+\d+)")[^>]*(?<!/)>(.*?)</(?:\w+:)?c>', re.DOTALL
)
_SHARED_TEXT = re.compile(r'\st="s"[^>]*>\s*<(?:\w+:)?v>(\d+)<')
#: Fonts of runs differ where a program has no font with all signs of a text.
_IGNORED_KEYS = ("font", "size")


@dataclass(frozen=True)
class RichText:
    """A text of which parts look otherwise; two are equal that look the same.

    Attributes
    ----------
    runs
        Each part: its text, and how it looks as pairs such as ("bold", "1").
    xml
        The same as it is written.
    """

    runs: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    xml: str = field(compare=False)

    def described(self) -> str:
        """Return the parts in words: 'bold 1: "Bei"; as usual: "jing"'."""
        parts = []
        for text, look in self.runs:
            words = " ".join(f"{key} {value}" for key, value in look)
            parts.append(f'{words or "as usual"}: "{text}"')
        return "; ".join(parts)


class RichTexts:
    """The shared texts of a workbook of which parts look otherwise.

    Parameters
    ----------
    package
        The workbook.
    styles
        Reads its formats.
    """

    def __init__(self, package: Package, styles: StyleReader) -> None:
        self.package = package
        self.styles = styles
        strings: Iterable[ET.Element] = ()
        for part in package.related(package.workbook_part, "sharedStrings"):
            if b"rPr" in package.parts[part]:
                strings = (
                    string for string in package.root(part) if local(string.tag) == "si"
                )
        rich_texts = (
            (str(number), self._read_rich_text(string))
            for number, string in enumerate(strings)
        )
        self._shared = {number: rich for number, rich in rich_texts if rich is not None}

    def of_sheet(self, part: str) -> Mapping[Position, RichText]:
        """Return position -> text for the cells of a sheet whose text has parts that differ."""
        data = self.package.parts[part]
        # Of the two words the longer is found in a third of the time.
        if not self._shared and not (b"inlineStr" in data and b"rPr" in data):
            return {}
        xml = self.package.text(part)
        rich_texts: dict[Position, RichText] = {}
        for match in _CELL.finditer(xml):
            shared = _SHARED_TEXT.search(match[0])
            rich = self._shared.get(shared[1]) if shared else None
            if shared is None and "rPr" in match[2]:
                inline = re.sub(r"(</?)\w+:", r"\1", match[2])
                rich = self._read_rich_text(ET.fromstring(f"<si>{inline}</si>"))
            if rich is not None:
                rich_texts[parse_cell(match[1])] = rich
        return rich_texts

    def _read_rich_text(self, string: ET.Element) -> RichText | None:
        """Return a text by its element (<si>); runs beside one another that look alike are one.

        None if all of it looks the same.
        """
        runs: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        xml = ""
        for run in string.iterfind(".//{*}r"):
            properties = run.find("{*}rPr")
            text = unescaped(run.findtext("{*}t", ""))
            font = ET.Element("rPr") if properties is None else properties
            font_look = {
                k: v for k, v in self.styles.font(font) if v and k not in _IGNORED_KEYS
            }
            look = tuple(sorted(font_look.items()))
            if runs and runs[-1][1] == look:
                runs[-1] = (f"{runs[-1][0]}{text}", look)
            else:
                runs.append((text, look))
            head = plain_xml(font) if len(font) else ""
            xml += f'<r>{head}<t xml:space="preserve">{escape_cell_text(text)}</t></r>'
        return RichText(tuple(runs), xml) if len(runs) > 1 else None
