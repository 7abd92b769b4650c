"""Text and numbers as sheet XML spells them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, time

from xlcity.errors import CELL_ERRORS, CellError, CellValue

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# What XML 1.0 cannot hold, carriage returns (XML would turn them into line feeds), and text that
# only looks like an escape.
_NEEDS_ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(\w+));")
_NAMED = re.compile(r"&(lt|gt|quot|apos|amp);")
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
#: What no XML may hold, not even as a reference.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)


def xml_text(raw: str) -> str:
    """Return element content as text: line ends, CDATA and entities resolved.

    Raises
    ------
    ValueError
        If it refers to what is not a character.
    """
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "<" in raw:
        raw = _CDATA.sub(lambda match: escape_xml(match[1]), raw)
    if "&" not in raw:
        return raw
    if "&#" in raw:
        return _ENTITY.sub(_entity, raw)
    return _NAMED.sub(lambda match: _ENTITIES[match[1]], raw)


def require_characters(xml: str) -> None:
    """Require that all references of a part are to what is a character.

    Raises
    ------
    ValueError
        If one is not.
    """
    if "&#" in xml:
        for match in _ENTITY.finditer(xml):
            _entity(match)


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return _ENTITIES.get(match[3], match[0])
    code = int(match[1], 16) if match[1] else int(match[2])
    if _FORBIDDEN.match(chr(code)):
        raise ValueError(f"{match[0]} is not a character")
    return chr(code)


def cell_text(raw: str) -> str:
    """Return the text of a string cell: as `xml_text`, and ``_x000D_`` escapes resolved."""
    text = xml_text(raw)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        if _HALVES.search(text):  # two halves make a character; a lone one is none
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def escape_xml(text: str) -> str:
    """Return text for element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_quotes(text: str) -> str:
    """Return text as an attribute's value, with the quotes around it."""
    text = escape_xml(text)
    for sign in "\n\r\t":
        text = text.replace(sign, f"&#{ord(sign)};")
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else '"' + text.replace('"', "&quot;") + '"'


def escape_cell_text(text: str) -> str:
    """Return text for the content of a string cell."""
    # Most texts are words: neither pattern nor replacement has anything to do.
    if text.isalnum():
        return text
    return escape_xml(_NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


def space_kept(text: str) -> str:
    """Return the attribute of an element without which programs trim its text, where they would.

    >>> space_kept("a b"), space_kept("a ")
    ('', ' xml:space="preserve"')
    """
    return "" if text == text.strip() else ' xml:space="preserve"'


def number_text(value: float) -> str:
    """Return a number in the shortest form that reads back as the same number."""
    text = repr(value)
    if text.endswith(".0") and -1e15 < value < 1e15:
        return text[:-2] if value else "0"
    return text.upper() if "e" in text else text


def number_texts(values: Iterable[float]) -> list[str]:
    """Return `number_text` of many."""
    values = list(values)
    # Few numbers are whole, very large or very small.
    return [
        text if text[-2:] != ".0" and "e" not in text else number_text(value)
        for text, value in zip(map(repr, values), values, strict=True)
    ]


def normal_value(value: object) -> CellValue:
    """Return a value as a cell can hold it: numpy scalars plain, a number no cell can hold #NUM!.

    Raises
    ------
    TypeError
        If it is not a cell value at all.
    """
    if type(value) is float:
        return value if math.isfinite(value) else CellError.NUM
    if value is None or isinstance(value, (str, bool, CellError)):
        return value
    if hasattr(value, "item"):
        value = value.item()
        if isinstance(value, (str, bool)):
            return value
    if isinstance(value, (int, float)):
        number = float(value)
        return number if math.isfinite(number) else CellError.NUM
    raise TypeError(f"{type(value).__name__} is not a cell value")


def same_value(a: CellValue, b: CellValue) -> bool:
    """Return whether two values would be stored alike (TRUE is not 1, "" is not blank)."""
    return type(a) is type(b) and a == b


def error_value(text: str) -> CellError:
    """Return the error a cell of type ``e`` holds.

    Errors newer than the seven classic ones (#SPILL!, #CALC!, #BUSY! ...) read as #VALUE!.
    """
    return CELL_ERRORS.get(text.strip().upper(), CellError.VALUE)


def date_serial(text: str, *, date1904: bool = False) -> CellValue:
    """Return the serial number of an ISO 8601 date cell (type ``d``); other text stays text."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        try:
            clock = time.fromisoformat(text.removesuffix("Z"))
        except ValueError:
            return text
        return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400
    start = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)
    return (moment.replace(tzinfo=None) - start).total_seconds() / 86_400
