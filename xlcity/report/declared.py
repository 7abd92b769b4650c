"""What a report printed of its chapter, and what makes what it declares.

`inventory.csv` lists what was printed, which the chapter shows. A function of `chapter`, a module
or package, makes a figure or table whose `kind` is "own" and whose `own` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.figures.contents import Label
from xlcity.messages import Message
from xlcity.model.dataset import State
from xlcity.model.reading.tables import read_csv
from xlcity.model.reading.values import Refusal, read_value
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.source import ReportSource
from xlcity.report.texts import as_heading
from xlcity.reports import own_function, report_folder
from xlcity.reports.declarations import (
    CHAPTER,
    Declaration,
    declared,
    folder_lines,
    series_keys,
)

#: What makes figures or tables, by kind.
Makers = Mapping[str, Callable[..., Any]]
_COLUMNS = ("unit", "series", "key", "value")


class _DeclaredCell(NamedTuple):
    """What a value of an outside series is about."""

    unit: str
    series: str
    key: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A table or figure that a report printed.

    Attributes
    ----------
    id, title
        Its own id, and what it shows.
    node
        Code of the node, or the attribute, in whose section it stands; another word: the first one.
    made
        Id of the table or figure of `report` that shows it.
    status
        "yes" (same kind as far as the text says, data, order, labels, all cities), "part" or "no".
    series
        The outside series, or the attribute, that was not printed in full.
    needs
        What is missing, where the status is not yes or a series is lacking.
    """

    id: str
    title: Label
    node: str
    made: str
    status: str
    series: str
    needs: Label


def inventory(report: str) -> tuple[Printed, ...]:
    """Return every printed table and figure of a report."""
    return tuple(
        Printed(
            id=row["id"],
            title=as_heading(Label(row["title_zh"], row["title_en"])),
            node=row["node"],
            made=row["made"],
            status=row["status"],
            series=row["series"],
            needs=Label(row["needs_zh"], row["needs"]),
        )
        for row in folder_lines(report, "inventory.csv")
    )


def maker_of(
    report: str, rule: Declaration, makers: Makers, shared: object
) -> Callable[[Declaration], Any]:
    """Return what makes a declared figure or table.

    Parameters
    ----------
    makers
        By kind. For the kind "own" it is a function of the report's own code.
    shared
        What such a function gets before the declaration.

    Raises
    ------
    DataError
        If there is no such kind or function.
    """
    folder = report_folder(report)
    kind = rule.get("kind", "")
    if kind in makers:
        return makers[kind]
    if kind == "own":
        return partial(own_function(folder, CHAPTER, rule.get("own", "")), shared)
    file = str(folder / f"{CHAPTER}.toml")
    raise DataError.of(
        "XC341.unknown_kind", Where(file=file), kind=kind, makers=(*makers, "own")
    )


def with_series(source: ReportSource, path: str | Path) -> ReportSource:
    """Return a source with the values of a CSV file of unit, series, key and value.

    Raises
    ------
    DataError
        If columns are missing, a city, series or key is not known, a value is not a number or
        is given twice; all of them at once. A blank or missing value is left out.
    """
    table = read_csv(path)
    missing = [name for name in _COLUMNS if name not in table.header]
    if missing:
        raise DataError.of(
            "XC292.no_columns",
            Where(file=table.file),
            columns=missing,
            needed=_COLUMNS,
        )
    keys = _keys_of_series(source)
    values = {name: dict(values) for name, values in source.outside.items()}
    problems: list[Problem] = []
    given: set[_DeclaredCell] = set()
    for number, row in enumerate(table.records()):
        cell = _DeclaredCell(row["unit"], row["series"], row["key"])
        where = table.where(number, unit=cell.unit)
        problems += _unknown_words(source, keys, cell, where)
        read = read_value(row["value"])
        if isinstance(read, Refusal):
            problems.append(Problem("XC292", read.message, read.hint, where))
        elif cell in given:
            problems.append(Problem.of("XC292.twice", where, **cell._asdict()))
        elif read.state is State.VALUE:
            values.setdefault(cell.series, {})[cell.unit, cell.key] = read.value
        given.add(cell)
    DataError.raise_for(problems)
    return replace(source, outside=values)


def _keys_of_series(source: ReportSource) -> dict[str, list[str]]:
    """Return the outside series that an index may have, and their keys."""
    rules = declared(source.spec.id, "series")
    keys = {name: [*series_keys(rule)] for name, rule in rules.items()}
    keys[BEFORE] = [*keys.get(BEFORE, []), *source.result.leaf_codes]
    return keys


def _unknown_words(
    source: ReportSource,
    keys: Mapping[str, list[str]],
    cell: _DeclaredCell,
    where: Where,
) -> Iterator[Problem]:
    """Yield which words of a line name nothing."""
    choices = (
        ("kind.city", cell.unit, [*source.result.dataset.rows]),
        ("kind.series", cell.series, [*keys]),
        # The keys of an unknown series are not known either.
        ("kind.key", cell.key, keys.get(cell.series, [cell.key])),
    )
    for kind, word, among in choices:
        if word not in among:
            yield Problem.of(
                "XC292.unknown",
                where,
                hint=did_you_mean(word, among),
                kind=Message(kind),
                word=word,
            )


def lacks_series(source: ReportSource, printed: Printed) -> bool:
    """Tell whether values of the series of a printed table or figure are lacking."""
    name, _, own_key = printed.series.partition("/")
    rule = declared(source.spec.id, "series").get(name)
    if rule is None:
        return False
    keys = [own_key] if own_key else [*series_keys(rule)]
    units = [unit.id for unit in source.units if unit.population]
    given = source.outside.get(name, {})
    return not given.keys() >= {*product(units, keys)}
