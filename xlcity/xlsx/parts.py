"""What parts of a package have in common: names, attributes, relationships, damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar
from xml.etree import ElementTree as ET

from xlcity.errors import Where, WorkbookError
from xlcity.messages import Message

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
    for name, text in element.items():
        if local(name) == "id" and name != "id":
            return text
    return ""


def parse_index(text: str) -> int:
    """Return an index into a list of formats; 0 for a text that is no index, as in Excel."""
    is_number = text.isascii() and text.isdigit()
    return int(text) if is_number and len(text) < 8 else 0


def is_on(text: str | None) -> bool:
    """Return whether the text of an attribute means true; None, an absent one, means false."""
    return text in ("1", "true")


def damage_error(
    what: str, name: str | None, sheet: str | None = None
) -> WorkbookError:
    """Return the error for a damaged workbook: what is wrong, its file, and the sheet."""
    where = Where(file=name, sheet=sheet)
    return WorkbookError.of("XC403.damaged", where, what=what)


def refusing_damage(
    what: str,
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that turns errors of reading a package into a `WorkbookError`.

    Parameters
    ----------
    what
        The key of the message that names what the function reads, whose first argument is the
        package.
    """

    def decorate(read: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return a function that reads a package, with its errors turned."""

        @wraps(read)
        def read_or_refuse(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            """Return what the function reads, or raise `WorkbookError`."""
            try:
                return read(*args, **kwargs)
            except (ET.ParseError, ValueError, LookupError) as error:
                why = Message(
                    "damage.unreadable",
                    what=Message(what),
                    kind=type(error).__name__,
                    error=error,
                )
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
