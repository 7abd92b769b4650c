"""Reads outside series: values of cities that are not inputs of an index, for declared figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, did_you_mean
from xlcity.model.dataset import State
from xlcity.model.reading.tables import read_csv
from xlcity.model.reading.values import Refusal, read_value
from xlcity.report.declared import declared
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.quantities import Quantities
from xlcity.report.source import ReportSource

_COLUMNS = ("unit", "series", "key", "value")


def with_series(source: ReportSource, path: str | Path) -> ReportSource:
    """Return a source with the values of a CSV file of unit, series, key and value.

    Raises
    ------
    DataError
        If columns are missing, a city, series or key is not known, a value is not a number or
        stands there twice; all of them at once. A blank or missing value is left out.
    """
    table = read_csv(path)
    missing = [name for name in _COLUMNS if name not in table.header]
    if missing:
        columns = ", ".join(missing)
        hint = f"Give the columns {', '.join(_COLUMNS)}."
        raise DataError(f"columns are missing: {columns}.", hint, "XC292", file=table.file)
    units, quantities = source.result.dataset.rows, Quantities(source)
    keys = {
        name: [key for key, *_ in quantities.keys(name)]
        for name in declared(source.spec.id, "series")
    }
    keys[BEFORE] = [*keys.get(BEFORE, []), *source.result.leaf_codes]
    values: dict[str, dict[tuple[str, str], float]] = {
        name: dict(values) for name, values in source.outside.items()
    }
    problems, given = [], set[tuple[str, ...]]()
    for number, row in enumerate(table.records()):
        unit, name, key, text = (row[column] for column in _COLUMNS)
        read, faults = read_value(text), list[tuple[str, str]]()
        for word, kind, among in (
            (unit, "city", [*units]),
            (name, "series", [*keys]),
            (key, "key", keys.get(name, [key])),
        ):
            if word not in among:
                faults.append((f"unknown {kind} '{word}'.", did_you_mean(word, among)))
        if isinstance(read, Refusal):
            faults.append((read.message, read.hint))
        elif (unit, name, key) in given:
            faults.append((f"{unit}, {name}, {key} stands there twice.", "Keep one of the lines."))
        elif read.state is State.VALUE:
            values.setdefault(name, {})[unit, key] = read.value
        given.add((unit, name, key))
        where = table.where(number, unit=unit)
        problems += [Problem("XC292", message, hint, where) for message, hint in faults]
    if problems:
        raise DataError(problems)
    outside: Mapping[str, Any] = values
    return replace(source, outside=outside)
