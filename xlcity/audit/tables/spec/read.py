"""Reads a specification: unknown keys and wrong kinds are reported all at once."""

from __future__ import annotations

import dataclasses
import tomllib
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from fractions import Fraction
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


def spec_of(document: Mapping[str, Any], file: str, folder: Path) -> Spec:
    """Return a specification from its TOML document.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    problems: list[Problem] = []
    sections = {"audit", "table", *SECTIONS}

    def refuse(message: str, hint: str) -> None:
        problems.append(Problem("XC341", message, hint, Where(file=file)))

    for name in document:
        if name not in sections:
            refuse(
                Message("XC341.unknown_section", name=name),
                did_you_mean(name, sorted(sections)),
            )

    def records(name: str, kind: type[Record]) -> tuple[Record, ...]:
        given = document.get(name, [])
        if not isinstance(given, list) or not all(
            isinstance(entry, Mapping) for entry in given
        ):
            hint = Message("hint.write_sections", name=name)
            refuse(Message("XC341.no_sections", name=name), hint)
            return ()
        numbered = enumerate(given, start=1)
        taken = [
            take(kind, f"[[{name}]] {number}", e, file, problems)
            for number, e in numbered
        ]
        return tuple(record for record in taken if record is not None)

    head = take(Head, "[audit]", document.get("audit", {}), file, problems)
    tables = records("table", TableSpec)
    if not document.get("table"):
        refuse(Message("XC341.no_table"), Message("hint.add_one"))
    rules: dict[str, tuple[Any, ...]] = {
        n: records(n, kind) for n, kind in SECTIONS.items()
    }
    if problems or head is None:
        raise DataError(problems)
    return Spec(file, folder, head, tables, rules)


def take(
    kind: type[Record],
    section: str,
    given: Mapping[str, Any],
    file: str,
    problems: list[Problem],
) -> Record | None:
    """Return a section as a record; what is wrong with it joins the problems."""
    before = len(problems)

    def refuse(message: str, hint: str) -> None:
        problems.append(Problem("XC341", message, hint, Where(file=file, cell=section)))

    hints = typing.get_type_hints(kind)
    marks = roles(kind)
    for key in given:
        if key not in hints:
            refuse(
                Message("XC341.unknown_key", key=key), did_you_mean(key, sorted(hints))
            )
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        name = field.name
        if name not in given:
            if field.default is MISSING and field.default_factory is MISSING:
                refuse(Message("XC341.not_given", name=name), Message("hint.add_it"))
            continue
        convert, wanted = _KINDS[hints[name]]
        try:
            values[name] = convert(given[name])
        except (TypeError, ValueError, ZeroDivisionError, AttributeError):
            message = Message("XC341.other_kind", name=name, value=given[name])
            refuse(message, Message("hint.give_kind", wanted=Message(wanted)))
            continue
        words = next((mark for mark in marks[name] if isinstance(mark, tuple)), None)
        if words is not None and values[name] not in words:
            choices = ", ".join(filter(None, words))
            refuse(
                Message("XC341.no_choice", name=name, value=values[name]),
                Message("hint.give_one_of", choices=choices),
            )
    return kind(**values) if len(problems) == before else None


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
    return tuple(
        _typed(name, str) for name in (_typed(value, str, list) and _several(value))
    )


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _numbers(value: Any) -> Numbers:
    # Names without numbers: all alike.
    is_list = isinstance(value, list)
    return (
        dict.fromkeys(_names(value), Fraction(1)) if is_list else _each(number)(value)
    )


def _each(convert: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """Return what reads a table of such values."""
    return lambda value: {str(key): convert(given) for key, given in value.items()}


_TABLE = "kind_of_entry.table"
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
    Filter: (_each(lambda value: tuple(map(str, _several(value)))), _TABLE),
    tuple[Mapping[str, Any], ...]: (lambda value: tuple(map(dict, value)), _TABLE),
}
