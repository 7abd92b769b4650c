"""A seal as text that people read: sections of lines, each line a place and what it holds.

Values are written as they are typed, texts in quotes. The last line is a checksum of all lines
above it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from xlcity.errors import CellError, CellValue
from xlcity.grouping import grouped
from xlcity.xlsx.address import full_address, parse_cell, parse_range, ranges_text, split_sheet
from xlcity.xlsx.appearance import Appearance, Aspect
from xlcity.xlsx.cells import Position

#: First line; a seal with another one was written by another version and is not read.
HEAD = "xlcity seal 5"
#: Sections, in the order of the file.
SECTIONS = ("sheets", "inputs", "formulas", "results", "appearance", "formats")
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_PLAIN = {text: sign for sign, text in _ESCAPED.items()}
_LOGICAL = {"TRUE": True, "FALSE": False}

#: Sheet -> cell -> value.
Values = Mapping[str, Mapping[str, CellValue]]
#: Sheet -> position -> text.
Texts = Mapping[str, Mapping[Position, str]]


def digest(text: str) -> str:
    """Return the checksum of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sealed_text(facts: Mapping[str, str], sections: Mapping[str, Iterable[str]]) -> str:
    """Return the whole file: facts, sections with their checksums, checksum of all."""
    lines = [HEAD, *(f"{name}: {text}" for name, text in facts.items())]
    bodies = {name: list(sections[name]) for name in SECTIONS}
    lines += [f"{name}: {len(body)} lines, {section_code(body)}" for name, body in bodies.items()]
    for name, body in bodies.items():
        lines += ["", f"[{name}]", *body]
    text = "\n".join([*lines, ""])
    return f"{text}\nseal: {digest(text)}\n"


def section_code(body: Iterable[str]) -> str:
    """Return the short checksum of a section."""
    return digest("\n".join(body))[:16]


def parse_sealed(text: str) -> tuple[dict[str, str], dict[str, list[str]], str, bool]:
    """Return facts, sections, the checksum and whether it is that of the text.

    Raises
    ------
    ValueError
        If the text is not a seal.
    """
    text = text.replace("\r\n", "\n")
    sealed, marker, last = text.rpartition("\nseal: ")
    if not marker or sealed.partition("\n")[0] != HEAD:
        raise ValueError("it is not a seal")
    head, *rest = re.split(r"^\[(\w+)\]\n", sealed, flags=re.M)
    facts = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
    bodies = {
        name: [line for line in body.split("\n") if line]
        for name, body in zip(rest[::2], rest[1::2], strict=True)
    }
    missing = [name for name in SECTIONS if name not in bodies]
    if missing:
        raise ValueError(f"the section {missing[0]} is missing")
    return facts, bodies, last.strip(), digest(sealed) == last.strip()


def value_lines(values: Values) -> Iterator[str]:
    """Yield a line for each cell."""
    for sheet, cells in values.items():
        for cell, value in cells.items():
            yield f"{full_address(sheet, parse_cell(cell))}\t{_shown(value)}"


def read_values(lines: Iterable[str]) -> dict[str, dict[str, CellValue]]:
    """Return the values of such lines."""
    values: dict[str, dict[str, CellValue]] = {}
    for line in lines:
        address, text = line.split("\t", 1)
        sheet, cell = split_sheet(address)
        values.setdefault(sheet or "", {})[cell] = _value(text)
    return values


def _shown(value: CellValue) -> str:
    if isinstance(value, str):
        return f'"{_escape(value)}"'
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _value(text: str) -> CellValue:
    if text.startswith('"'):
        return _unescape(text[1:-1])
    if text in _LOGICAL:
        return _LOGICAL[text]
    return CellError(text) if text.startswith("#") else float(text)


def text_lines(texts: Texts) -> Iterator[str]:
    """Yield a line for each text of a sheet, with all cells that have it."""
    for sheet, cells in texts.items():
        places = grouped((text, position) for position, text in cells.items())
        for text, positions in places.items():
            first = full_address(sheet, (1, 1)).removesuffix("A1")
            yield f"{first}{ranges_text(positions)}\t{_escape(text)}"


def read_texts(lines: Iterable[str]) -> dict[str, dict[Position, str]]:
    """Return the texts of such lines."""
    texts: dict[str, dict[Position, str]] = {}
    for line in lines:
        address, text = line.split("\t", 1)
        sheet, cells = split_sheet(address)
        sheet_texts = texts.setdefault(sheet or "", {})
        for area in cells.split(", "):
            r1, c1, r2, c2 = parse_range(area)
            sheet_texts |= {
                (row, column): _unescape(text)
                for row in range(r1, r2 + 1)
                for column in range(c1, c2 + 1)
            }
    return texts


def aspect_lines(appearance: Appearance) -> Iterator[str]:
    """Yield a line for each aspect: kind, sheet, cell, what it is, its text."""
    for aspect, text in appearance.aspects.items():
        yield "\t".join(_escape(part) for part in (*aspect, text))


def read_aspects(lines: Iterable[str]) -> dict[Aspect, str]:
    """Return the aspects of such lines."""
    aspects = {}
    for line in lines:
        *aspect, text = (_unescape(part) for part in line.split("\t"))
        aspects[Aspect(*aspect)] = text
    return aspects


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _unescape(text: str) -> str:
    return re.sub(r"\\[\\tnr]", lambda match: _PLAIN[match[0]], text)
