"""Reads TOML sections into records: unknown keys and wrong kinds are reported all at once."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeVar

from xlcity.errors import Problem, Where, did_you_mean

Record = TypeVar("Record")

#: Words of one column -> accepted words; a list of words means any of them.
Filter = Mapping[str, tuple[str, ...]]
#: Name -> number, read exactly ("5/17" and 0.3 alike).
Numbers = Mapping[str, Fraction]
Words = Mapping[str, str]
Names = tuple[str, ...]


def take(
    kind: type[Record], section: str, given: Mapping[str, Any], file: str, problems: list[Problem]
) -> Record | None:
    """Return a section as a record; what is wrong with it joins the problems."""
    where = Where(file=file, cell=section)
    before = len(problems)
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in given:
        if key not in fields:
            hint = did_you_mean(key, sorted(fields))
            problems.append(Problem("XC341", f"unknown key {key!r}.", hint, where))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in given:
            if field.default is dataclasses.MISSING and field.default_factory is (
                dataclasses.MISSING
            ):
                problems.append(Problem("XC341", f"{name!r} is not given.", "Add it.", where))
            continue
        try:
            values[name] = _convert(hints[name], given[name])
        except (TypeError, ValueError, ZeroDivisionError):
            wanted = _name(hints[name])
            message = f"{name!r} is {given[name]!r}."
            problems.append(Problem("XC341", message, f"Give {wanted}.", where))
    return kind(**values) if len(problems) == before else None


def roles(kind: type) -> dict[str, tuple[Any, ...]]:
    """Return what is said of each field beside its kind (`Annotated`)."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}


def _convert(kind: Any, value: Any) -> Any:
    if kind is str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise TypeError
        return str(value)
    if kind is bool:
        if not isinstance(value, bool):
            raise TypeError
        return value
    if kind == int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError
        return value
    if kind == Fraction | None:
        return number(value)
    if kind == Names:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise TypeError
        return tuple(items)
    if kind == Words:
        return {str(key): _convert(str, item) for key, item in _mapping(value).items()}
    if kind == Numbers:
        if isinstance(value, list):
            # Names without numbers: all alike.
            return {name: Fraction(1) for name in _convert(Names, value)}
        return {str(key): number(item) for key, item in _mapping(value).items()}
    if kind == Mapping[str, Numbers]:
        return {str(key): _convert(Numbers, item) for key, item in _mapping(value).items()}
    if kind == Filter:
        return {
            str(key): tuple(str(v) for v in (item if isinstance(item, list) else [item]))
            for key, item in _mapping(value).items()
        }
    if kind == tuple[Mapping[str, Any], ...]:
        return tuple(_mapping(item) for item in value)
    raise AssertionError(kind)


def number(value: Any) -> Fraction:
    """Return a number of a spec exactly: 0.3 is three tenths.

    >>> number(0.3), number("5/17")
    (Fraction(3, 10), Fraction(5, 17))
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    return Fraction(str(value).replace(" ", ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _name(kind: Any) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        int | None: "a whole number",
        Fraction | None: "a number",
        Names: "a list of texts",
    }
    return names.get(kind, "a table { name = value }")
