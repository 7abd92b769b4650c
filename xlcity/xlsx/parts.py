"""Reads parts of a package: their text, their XML, their relationships."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar
from xml.etree import ElementTree as ET

from xlcity.errors import Where, WorkbookError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_CONTROL_BYTES = bytes({*range(32)} - {*b"\t\n\r"})
#: Roots of a list of relationships and of the list of content types, also in strict files.
_RELATIONSHIPS_ROOT = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationships"
_CONTENT_TYPES_ROOT = "{http://schemas.openxmlformats.org/package/2006/content-types}Types"
_CONTENT_TYPES_PART = "[content_types].xml"


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet of cells: its name, its part, and its state (visible, hidden, veryHidden)."""

    name: str
    part: str
    state: str = "visible"


def local(tag: str) -> str:
    """Return an element or attribute name without its namespace."""
    return tag.rpartition("}")[2]


def relation_id(element: ET.Element) -> str:
    """Return the id of the relationship that an element names, "" for none."""
    return next((v for k, v in element.items() if local(k) == "id" and k != "id"), "")


def parse_index(text: str) -> int:
    """Return an index into a list of formats; 0 for a text that is no index, as in Excel."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def is_on(text: str | None) -> bool:
    """Return whether the text of an attribute means true; None, an absent one, means false."""
    return text in ("1", "true")


def parse_part(parts: Mapping[str, bytes], part: str, name: str | None = None) -> ET.Element:
    """Return the root element of a small XML part.

    Raises
    ------
    WorkbookError
        If the part is absent or no XML.
    """
    try:
        return ET.fromstring(parts[part])
    except KeyError as error:
        raise damage_error(f"the part {part} is absent", name) from error
    except ET.ParseError as error:
        raise damage_error(f"the part {part} is not XML ({error})", name) from error
    except (ValueError, LookupError) as error:  # GB18030, or an encoding that Python does not know
        raise damage_error(f"the part {part} is not UTF-8 ({error})", name) from error


def damage_error(what: str, name: str | None, sheet: str | None = None) -> WorkbookError:
    """Return the error for a damaged workbook: what is wrong, its file, and the sheet."""
    hint = "Open it in a spreadsheet program, let it repair the file, and save it again."
    where = Where(file=name, sheet=sheet)
    return WorkbookError(f"the workbook is damaged: {what}.", hint, "XC403", where)


def refusing_damage(what: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that turns errors of reading a package into a `WorkbookError`.

    Parameters
    ----------
    what
        What the function reads, for the message. Its first argument is the package.
    """

    def decorate(read: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return a function that reads a package, with its errors turned."""

        @wraps(read)
        def read_or_refuse(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            """Return what the function reads, or raise `WorkbookError`."""
            try:
                return read(*args, **kwargs)
            except (ET.ParseError, ValueError, LookupError) as error:
                why = f"{what} cannot be read ({type(error).__name__}: {error})"
                raise damage_error(why, getattr(args[0], "name", None)) from error

        return read_or_refuse

    return decorate


class Relationship(NamedTuple):
    """A reference of one part to another, or to something outside the package.

    Attributes
    ----------
    id
        Its id in the part that refers.
    type
        The address of its type; the last word is `kind`.
    target
        The part, or an address.
    external
        Whether it is outside the package: another file, a web address.
    """

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The last word of its type, such as "worksheet"."""
        return self.type.rpartition("/")[2]


def read_relationships(
    parts: Mapping[str, bytes], part: str, name: str | None = None
) -> list[Relationship]:
    """Return the relationships of a part; the package itself is ``""``.

    Raises
    ------
    WorkbookError
        If their part is something else.
    """
    folder, base = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", base + ".rels")
    if rels not in parts:
        return []
    root, relationships = parse_part(parts, rels, name), []
    if root.tag != _RELATIONSHIPS_ROOT:
        raise damage_error(f"the part {rels} is not a list of relationships", name)
    for element in root:
        target, external = element.get("Target", ""), element.get("TargetMode") == "External"
        if not external:
            target = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            target = posixpath.normpath(target)
        relationships.append(
            Relationship(element.get("Id", ""), element.get("Type", ""), target, external)
        )
    return relationships


def require_content_types(parts: Mapping[str, bytes], name: str | None = None) -> None:
    """Refuse a package without the list of content types, which no program opens.

    Raises
    ------
    WorkbookError
        If the list is absent or something else.
    """
    part = next(
        (candidate for candidate in parts if candidate.casefold() == _CONTENT_TYPES_PART),
        "[Content_Types].xml",
    )
    if parse_part(parts, part, name).tag != _CONTENT_TYPES_ROOT:
        raise damage_error(f"the part {part} is not a list of content types", name)


def decode_part(parts: Mapping[str, bytes], part: str, name: str | None = None) -> str:
    """Return an XML part as text that encodes back to the same bytes.

    Raises
    ------
    WorkbookError
        If the part is not UTF-8, the only encoding that spreadsheet programs write, or has a
        character that XML cannot have.
    """
    try:
        data = parts[part]
        text = data.decode("utf-8")
    except KeyError as error:
        raise damage_error(f"the part {part} is absent", name) from error
    except UnicodeDecodeError as error:
        raise damage_error(f"the part {part} is not UTF-8", name) from error
    if has_controls(data):
        raise damage_error(f"the part {part} has a control character", name)
    return text


def has_controls(data: bytes) -> bool:
    """Return whether the bytes of a part have a control character that XML cannot have."""
    return len(data.translate(None, _CONTROL_BYTES)) < len(data)
