"""The spec of an audit: what the columns of printed tables hold, and what they owe each other."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlcity.audit.tables.spec.cells import SCORE, Rounding
from xlcity.audit.tables.spec.rules import SECTIONS
from xlcity.audit.tables.spec.schema import Filter, Names, Words, roles, take
from xlcity.data_files import parse_toml
from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.xlsx.limits import read_file


@dataclass(frozen=True, slots=True)
class Head:
    """`[audit]`: what holds for all tables.

    `units` is the number of units of the whole ranking, `cities` a CSV with their attributes,
    `framework` one with code, parent and weight.
    """

    title: str = ""
    unit: str = ""
    line: str = "report_line"
    units: int | None = None
    cities: str = ""
    framework: str = ""
    rounding: str = Rounding.NEAREST.value


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """`[[table.read]]`: one column of numbers, and what it is about.

    `skip` lists texts of the column that are not numbers.
    """

    column: str
    node: str = ""
    node_column: str = ""
    quantity: str = SCORE
    edition: str = ""
    group: str = ""
    group_columns: Names = ()
    where: Filter = field(default_factory=dict)
    skip: Names = ()
    rounding: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`[[table]]`: a CSV of printed numbers. `scores` and `ranks` are short for plain `read`s.

    `as_printed` is false where the rows do not stand as the report prints them: neighbours in the
    file then are none in print.
    """

    name: str
    unit: str = ""
    unit_columns: Names = ()
    line: str = ""
    as_printed: bool = True
    where: Filter = field(default_factory=dict)
    scores: Words = field(default_factory=dict)
    ranks: Words = field(default_factory=dict)
    read: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole spec; `folder` is where its paths start from."""

    file: str
    folder: Path
    head: Head
    tables: tuple[TableSpec, ...]
    rules: Mapping[str, tuple[Any, ...]]


def read_spec(path: Path) -> Spec:
    """Read a spec.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    file = str(path)
    try:
        document = parse_toml(read_file(path).decode("utf-8-sig"))
    except OSError as error:
        raise DataError(
            f"the spec cannot be read: {error.strerror}.", "Check the path.", "XC340", file=file
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            f"the spec is not TOML: {error}.", "See the reference.", "XC340", file=file
        ) from error
    return spec_of(document, file, path.parent)


def spec_of(document: Mapping[str, Any], file: str, folder: Path) -> Spec:
    """Return a spec from its TOML document.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    problems: list[Problem] = []
    sections = {"audit", "table", *SECTIONS}
    for name in document:
        if name not in sections:
            hint = did_you_mean(name, sorted(sections))
            problems.append(Problem("XC341", f"unknown section {name!r}.", hint, Where(file=file)))
    head = take(Head, "[audit]", document.get("audit", {}), file, problems)
    tables = [
        take(TableSpec, f"[[table]] {number}", given, file, problems)
        for number, given in enumerate(_listed(document, "table", file, problems), start=1)
    ]
    if not tables:
        problems.append(
            Problem("XC341", "the specification has no [[table]].", "Add one.", Where(file=file))
        )
    rules: dict[str, tuple[Any, ...]] = {}
    for name, kind in SECTIONS.items():
        records: list[Any] = []
        for number, given in enumerate(_listed(document, name, file, problems), start=1):
            record = take(kind, f"[[{name}]] {number}", given, file, problems)
            if record is not None:
                _choose(name, number, record, file, problems)
                records.append(record)
        rules[name] = tuple(records)
    if head is not None:
        try:
            Rounding(head.rounding)
        except ValueError:
            words = ", ".join(word.value for word in Rounding)
            where = Where(file=file, cell="[audit]")
            message = f"rounding is {head.rounding!r}."
            problems.append(Problem("XC341", message, f"Give one of {words}.", where))
    if problems:
        raise DataError(problems)
    assert head is not None
    return Spec(file, folder, head, tuple(t for t in tables if t is not None), rules)


def _listed(
    document: Mapping[str, Any], name: str, file: str, problems: list[Problem]
) -> list[Mapping[str, Any]]:
    given = document.get(name, [])
    if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
        message = f"{name!r} is not a list of sections."
        problems.append(Problem("XC341", message, f"Write [[{name}]].", Where(file=file)))
        return []
    return given


def _choose(name: str, number: int, record: Any, file: str, problems: list[Problem]) -> None:
    for key, marks in roles(type(record)).items():
        for words in marks:
            if isinstance(words, tuple) and getattr(record, key) not in words:
                message = f"{key} is {getattr(record, key)!r}."
                where = Where(file=file, cell=f"[[{name}]] {number}")
                problems.append(
                    Problem("XC341", message, f"Give one of {', '.join(words)}.", where)
                )
