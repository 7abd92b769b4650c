"""Encodes and decodes texts and numbers in the XML of sheets."""

from __future__ import annotations

import math
import re
from datetime import datetime, time
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from xlcity.errors import CELL_ERRORS, CellError, CellValue
from xlcity.messages import Message

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Characters that XML 1.0 cannot have, carriage returns (XML would turn them into line feeds), and
# text that only looks like an escape.
_NEEDS_ESCAPE = re.compile(
    r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(\w+));")
_NAMED_ENTITY = re.compile(r"&(lt|gt|quot|apos|amp);")
_SIGN_OF_ENTITY = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
#: Characters that XML cannot have, not even as references.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Halves of a character in UTF-16.
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


def xml_text(raw: str) -> str:
    """Return element content as text: line ends, CDATA and entities resolved.

    Raises
    ------
    ValueError
        If a reference is not to a character.
    """
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "<" in raw:
        raw = _CDATA.sub(lambda match: escape_xml(match[1]), raw)
    if "&" not in raw:
        return raw
    if "&#" in raw:
        return _ENTITY.sub(_resolve_entity, raw)
    return _NAMED_ENTITY.sub(lambda match: _SIGN_OF_ENTITY[match[1]], raw)


def require_well_formed(xml: str) -> None:
    """Raise `ValueError` if a text is not XML: tags that do not end, "&" alone, "&#1;"."""
    try:
        ParserCreate().Parse(xml, True)
    except ExpatError as error:
        fault = Message("damage.broken_xml", fault=xml_fault(error))
        raise ValueError(fault) from error


def xml_fault(error: ExpatError | ParseError) -> Message:
    """Return what is wrong with XML, and where."""
    if isinstance(error, ExpatError):
        line = error.lineno
        column = error.offset
    else:
        line, column = error.position
    fault = ErrorString(error.code)
    return Message("damage.in_xml", fault=fault, line=line, column=column)


def _resolve_entity(match: re.Match[str]) -> str:
    """Return the character of a match of `_ENTITY`; an unknown name as it is."""
    if match[3]:
        return _SIGN_OF_ENTITY.get(match[3], match[0])
    code = int(match[1], 16) if match[1] else int(match[2])
    if _FORBIDDEN.match(chr(code)):
        raise ValueError(f"{match[0]} is not a character")
    return chr(code)


def cell_text(raw: str) -> str:
    """Return the text of a string cell: as `xml_text`, and ``_x000D_`` escapes resolved."""
    return unescaped(xml_text(raw))


def unescaped(text: str) -> str:
    """Return the text of a parsed element with its ``_x000D_`` escapes resolved."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        if _SURROGATES.search(
            text
        ):  # two halves make a character; a lone one becomes �
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def replace_undecodable(name: str) -> str:
    """Return the name of a file with "?" for bytes that no text has."""
    return name.encode(errors="replace").decode()


def escape_xml(text: str) -> str:
    """Return text escaped for the content of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_quotes(text: str) -> str:
    """Return text escaped as an attribute's value, with quotes around it."""
    text = escape_xml(text)
    for sign in "\n\r\t":
        text = text.replace(sign, f"&#{ord(sign)};")
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else '"' + text.replace('"', "&quot;") + '"'


def escape_cell_text(text: str) -> str:
    """Return text escaped for the content of a string cell."""
    if text.isalnum():  # most texts: nothing to escape
        return text
    return escape_xml(_NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


def space_kept(text: str) -> str:
    """Return the attribute that keeps blanks around an element's text, "" without such blanks.

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


def normal_value(value: object) -> CellValue:
    """Return a value as a cell value: numpy scalars as Python's, NaN and infinities as #NUM!.

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
    """Return whether two cell values have one type and content: TRUE is not 1, "" is not blank."""
    return type(a) is type(b) and a == b


def error_value(text: str) -> CellError:
    """Return the error that a cell's text spells; newer ones (#SPILL!, #CALC! …) as #VALUE!."""
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
