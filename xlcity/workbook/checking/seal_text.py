"""A seal as text that people read: sections of lines, each line a place and what it holds.

Values are written as they are typed, texts in quotes. The last line is a checksum of all lines
above it. Seals of version 1 were JSON; they are still read, as are those of versions 2 to 4.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.grouping import grouped
from xlcity.xlsx.address import full_address, parse_cell, parse_range, ranges_text, split_sheet
from xlcity.xlsx.appearance import LINK, Appearance, AppearanceChange, Aspect
from xlcity.xlsx.book_settings import PROPERTY
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.features import VALIDATION
from xlcity.xlsx.sheet_objects import KINDS

HEADS = HEAD, _HEAD_4, _HEAD_3, _HEAD_2 = tuple(f"xlcity seal {n}" for n in (5, 4, 3, 2))
#: Aspects of charts and sheets that version 2 did not hold.
_SINCE_3 = re.compile(r"(labels|colour) of series|.* axis( \d+)? (numbers|shown)|formulas not")
#: Aspects that version 3 did not hold either.
_SINCE_4 = re.compile(
    r"orientation|paper|print scale|margins|page breaks|.*frozen panes|stored values of series"
)
#: Aspects, and words of formats, that version 4 did not hold either.
_SINCE_5 = re.compile(
    r"window|sheet tabs|structure|theme colours|macros|data connections|formulas not shown|"
    r"right to left|row and column|printed|order of pages|first page|print quality|"
    r"parts of its text|stored values of the title|letters of|hidden cells|entries that|"
    r"missing labels|fill of series|points of their|lines added|.* axis( \d+)? (units|labels|cr)|"
    r"covers|shown$|size$|text inside"
)
_WORDS_SINCE_5 = re.compile(
    r"font |alignment fill|superscript|subscript|rotation |all that are not listed|; says "
)
#: Sections, in the order of the file.
SECTIONS = ("sheets", "inputs", "formulas", "results", "appearance", "formats")
_KIND_1 = "xlcity seal"
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
    whole, found, last = text.rpartition("\nseal: ")
    if not found or whole.partition("\n")[0] not in HEADS:
        raise ValueError("it is not a seal")
    head, *rest = re.split(r"^\[(\w+)\]\n", whole, flags=re.M)
    facts = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
    facts["head"] = whole.partition("\n")[0]
    bodies = {
        name: [line for line in body.split("\n") if line]
        for name, body in zip(rest[::2], rest[1::2], strict=True)
    }
    missing = [name for name in SECTIONS if name not in bodies]
    if missing:
        raise ValueError(f"the section {missing[0]} is missing")
    return facts, bodies, last.strip(), digest(whole) == last.strip()


def value_lines(values: Values) -> Iterator[str]:
    """Yield a line for each cell."""
    for sheet, cells in values.items():
        for cell, value in cells.items():
            yield f"{full_address(sheet, parse_cell(cell))}\t{_shown(value)}"


def read_values(lines: Iterable[str]) -> dict[str, dict[str, CellValue]]:
    """Return the values of such lines."""
    found: dict[str, dict[str, CellValue]] = {}
    for line in lines:
        place, text = line.split("\t", 1)
        sheet, cell = split_sheet(place)
        found.setdefault(sheet or "", {})[cell] = _value(text)
    return found


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
    found: dict[str, dict[Position, str]] = {}
    for line in lines:
        place, text = line.split("\t", 1)
        sheet, cells = split_sheet(place)
        here = found.setdefault(sheet or "", {})
        for area in cells.split(", "):
            r1, c1, r2, c2 = parse_range(area)
            here |= {
                (row, column): _unescape(text)
                for row in range(r1, r2 + 1)
                for column in range(c1, c2 + 1)
            }
    return found


def aspect_lines(appearance: Appearance) -> Iterator[str]:
    """Yield a line for each aspect: kind, sheet, cell, what it is, its text."""
    for aspect, text in appearance.aspects.items():
        yield "\t".join(_escape(part) for part in (*aspect, text))


def read_aspects(lines: Iterable[str]) -> dict[Aspect, str]:
    """Return the aspects of such lines."""
    found = {}
    for line in lines:
        *aspect, text = (_unescape(part) for part in line.split("\t"))
        found[Aspect(*aspect)] = text
    return found


def was_held(head: str, change: AppearanceChange) -> bool:
    """Tell whether a seal with such a first line held what is not as it was."""
    if head == HEAD:
        return True
    if (
        change.aspect.kind in (*KINDS, PROPERTY)
        or _SINCE_5.match(change.aspect.what)
        or _WORDS_SINCE_5.search(f"{change.before} {change.after}")
    ):
        return False
    if head == _HEAD_4:
        return True
    sized = change.aspect.kind == "format" and "size " in f"{change.before} {change.after}"
    if (
        sized
        or change.aspect.kind == LINK
        or (change.aspect.kind in ("setting", "chart") and _SINCE_4.match(change.aspect.what))
    ):
        return False
    if head == _HEAD_3:
        return True
    if change.aspect.kind == "conditional format":
        # Which numbers they show was not said.
        return not (change.before and change.after.startswith(f"{change.before} number "))
    return change.aspect.kind != VALIDATION and not _SINCE_3.match(change.aspect.what)


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _unescape(text: str) -> str:
    return re.sub(r"\\[\\tnr]", lambda match: _PLAIN[match[0]], text)


def parse_json(text: str) -> tuple[dict[str, Any], str, bool]:
    """Return the content of a seal of version 1, its checksum and whether it is the content's.

    Raises
    ------
    ValueError
        If the text is not such a seal.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("kind") != _KIND_1:
        raise ValueError("it is not a seal")
    content = {key: part for key, part in document.items() if key != "seal"}
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return content, str(document.get("seal")), digest(plain) == document.get("seal")


def values_of_json(document: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, CellValue]]:
    """Return the values of a seal of version 1."""
    return {
        sheet: {cell: _value_of_json(value) for cell, value in cells.items()}
        for sheet, cells in document.items()
    }


def _value_of_json(value: Any) -> CellValue:
    if isinstance(value, dict):
        return CellError(value["error"])
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def formulas_of_json(content: Mapping[str, Any]) -> dict[str, dict[Position, str]]:
    """Return the formulas of a seal of version 1: ranges of one column there."""
    table: list[str] = content["forms"]
    found: dict[str, dict[Position, str]] = {}
    for sheet, runs in content["formulas"].items():
        cells = found.setdefault(sheet, {})
        for place, number in runs.items():
            r1, column, r2, _ = parse_range(place)
            cells |= {(row, column): table[number] for row in range(r1, r2 + 1)}
    return found
