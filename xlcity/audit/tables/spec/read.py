"""Reads a specification: unknown keys and wrong kinds are reported all at once."""

from __future__ import annotations

import dataclasses
import tomllib
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from xlcity.audit.tables.spec.rules import (
    SECTIONS,
    Filter,
    Head,
    Names,
    Numbers,
    TableSpec,
    Words,
)
from xlcity.data_files import parse_toml
from xlcity.errors import DataError, Problem, Where, did_you_mean, system_reason
from xlcity.messages import Message
from xlcity.xlsx.limits import read_file

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole specification; `folder` is where its paths start from."""

    file: str
    folder: Path
    head: Head
    tables: tuple[TableSpec, ...]
    rules: Mapping[str, tuple[Any, ...]]


def read_spec(path: Path) -> Spec:
    """Read a specification.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    file = str(path)
    try:
        document = parse_toml(read_file(path).decode("utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = Where(file=file)
        if isinstance(error, OSError):
            reason = system_reason(error)
            raise DataError.of("XC340.unreadable", where, reason=reason) from error
        raise DataError.of("XC340.no_toml", where, error=error) from error
    return spec_of(document, file, path.parent)


@dataclass(frozen=True, slots=True)
class _Refusals:
    """Gathers what is wrong with a part of a specification."""

    file: str
    problems: list[Problem]
    section: str | None = None

    def add(self, message: str, hint: str) -> None:
        where = Where(file=self.file, cell=self.section)
        self.problems.append(Problem("XC341", message, hint, where))


def spec_of(document: Mapping[str, Any], file: str, folder: Path) -> Spec:
    """Return a specification from its TOML document.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    problems: list[Problem] = []
    sections = {"audit", "table", *SECTIONS}
    refusals = _Refusals(file, problems)
    for name in document:
        if name not in sections:
            hint = did_you_mean(name, sorted(sections))
            refusals.add(Message("XC341.unknown_section", name=name), hint)
    given = document.get("audit", {})
    head = take(Head, "[audit]", given, file=file, problems=problems)
    tables = _take_all("table", TableSpec, document, refusals)
    if not document.get("table"):
        refusals.add(Message("XC341.no_table"), Message("hint.add_one"))
    rules: dict[str, tuple[Any, ...]] = {}
    for name, kind in SECTIONS.items():
        rules[name] = _take_all(name, kind, document, refusals)
    if problems or head is None:
        raise DataError(problems)
    return Spec(file, folder, head=head, tables=tables, rules=rules)


def _take_all(
    name: str,
    kind: type[Record],
    document: Mapping[str, Any],
    refusals: _Refusals,
) -> tuple[Record, ...]:
    """Return all sections of a name as records."""
    given = document.get(name, [])
    is_list = isinstance(given, list)
    if not is_list or not all(isinstance(entry, Mapping) for entry in given):
        hint = Message("hint.write_sections", name=name)
        refusals.add(Message("XC341.no_sections", name=name), hint)
        return ()
    taken = []
    for number, entry in enumerate(given, start=1):
        section = f"[[{name}]] {number}"
        record = take(
            kind, section, entry, file=refusals.file, problems=refusals.problems
        )
        taken += [] if record is None else [record]
    return tuple(taken)


def take(
    kind: type[Record],
    section: str,
    given: Mapping[str, Any],
    file: str,
    problems: list[Problem],
) -> Record | None:
    """Return a section as a record; what is wrong with it joins the problems."""
    before = len(problems)
    refusals = _Refusals(file, problems, section)
    hints = typing.get_type_hints(kind)
    for key in given:
        if key not in hints:
            hint = did_you_mean(key, sorted(hints))
            refusals.add(Message("XC341.unknown_key", key=key), hint)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        name = field.name
        if name in given:
            _take_value(kind, name, given, values=values, refusals=refusals)
        elif field.default is MISSING and field.default_factory is MISSING:
            message = Message("XC341.not_given", name=name)
            refusals.add(message, Message("hint.add_it"))
    return kind(**values) if len(problems) == before else None


def _take_value(
    kind: type,
    name: str,
    given: Mapping[str, Any],
    *,
    values: dict[str, Any],
    refusals: _Refusals,
) -> None:
    """Add the value of a field to others, as its kind has it; refuse one that it cannot have."""
    convert, wanted = _KINDS[typing.get_type_hints(kind)[name]]
    try:
        values[name] = convert(given[name])
    except (TypeError, ValueError, ZeroDivisionError, AttributeError):
        message = Message("XC341.other_kind", name=name, value=given[name])
        refusals.add(message, Message("hint.give_kind", wanted=Message(wanted)))
        return
    marks = roles(kind)[name]
    words = next((mark for mark in marks if isinstance(mark, tuple)), None)
    if words is not None and values[name] not in words:
        message = Message("XC341.no_choice", name=name, value=values[name])
        choices = ", ".join(filter(None, words))
        refusals.add(message, Message("hint.give_one_of", choices=choices))


@cache
def roles(kind: type) -> dict[str, tuple[Any, ...]]:
    """Return what is said of each field beside its kind (`Annotated`)."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}


def number(value: Any) -> Fraction:
    """Return a number of a specification exactly: 0.3 is three tenths.

    >>> number(0.3), number("5/17")
    (Fraction(3, 10), Fraction(5, 17))
    """
    return Fraction(str(_typed(value, int, float, str)).replace(" ", ""))


def _typed(value: Any, *kinds: type) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError
    return value


def _text(value: Any) -> str:
    return str(_typed(value, str, int))


def _names(value: Any) -> Names:
    names = _several(value) if _typed(value, str, list) else []
    return tuple(_typed(name, str) for name in names)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _numbers(value: Any) -> Numbers:
    if isinstance(value, list):
        # Names without numbers: all alike.
        return dict.fromkeys(_names(value), Fraction(1))
    return _each(number)(value)


def _each(
    convert: Callable[[Any], Any],
) -> Callable[[Any], dict[str, Any]]:
    """Return what reads a table of such values."""

    def read(value: Any) -> dict[str, Any]:
        return {str(key): convert(given) for key, given in value.items()}

    return read


def _words(value: Any) -> Names:
    return tuple(map(str, _several(value)))


_TABLE = "kind_of_entry.table"


def _dictionaries(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(map(dict, value))


#: Kind of a key -> what reads it, and the message of its name.
_KINDS: dict[Any, tuple[Callable[[Any], Any], str]] = {
    str: (_text, "kind_of_entry.text"),
    bool: (lambda value: _typed(value, bool), "kind_of_entry.truth"),
    int | None: (lambda value: _typed(value, int), "kind_of_text.whole_number"),
    Fraction: (number, "kind_of_text.number"),
    Fraction | None: (number, "kind_of_text.number"),
    Names: (_names, "kind_of_entry.texts"),
    Words: (_each(_text), _TABLE),
    Numbers: (_numbers, _TABLE),
    Mapping[str, Numbers]: (_each(_numbers), _TABLE),
    Filter: (_each(_words), _TABLE),
    tuple[Mapping[str, Any], ...]: (_dictionaries, _TABLE),
}
