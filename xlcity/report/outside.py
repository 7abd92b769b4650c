"""Reads outside series: values of cities that are no inputs of an index, for declared figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, did_you_mean
from xlcity.model.reading.tables import read_csv
from xlcity.report.declared import declared
from xlcity.report.source import ReportSource

_COLUMNS = ("unit", "series", "key", "value")


def with_series(source: ReportSource, path: str | Path) -> ReportSource:
    """Return a source with the values of a CSV file of unit, series, key and value.

    Raises
    ------
    DataError
        If columns are missing, or a city, series or number is not known; all of them at once.
    """
    table = read_csv(path)
    missing = [name for name in _COLUMNS if name not in table.header]
    if missing:
        columns = ", ".join(missing)
        hint = f"Give the columns {', '.join(_COLUMNS)}."
        raise DataError(Problem("XC292", f"columns are missing: {columns}.", hint, table.where(0)))
    places = [table.header.index(name) for name in _COLUMNS]
    units, series = source.result.dataset.rows, declared(source.spec.id, "series")
    found: dict[str, dict[tuple[str, str], float]] = {
        name: dict(values) for name, values in source.outside.items()
    }
    problems = []
    for number, row in enumerate(table.rows):
        unit, name, key, text = (str(row[at]).strip() for at in places)
        where = table.where(number)
        for word, kind, known in ((unit, "city", units), (name, "series", series)):
            if word not in known:
                hint = did_you_mean(word, known)
                problems.append(Problem("XC292", f"unknown {kind} '{word}'.", hint, where))
        value = _number(text)
        if value is None:
            hint = "Give a number."
            problems.append(Problem("XC292", f"'{text}' is not a number.", hint, where))
        else:
            found.setdefault(name, {})[unit, key] = value
    if problems:
        raise DataError(problems)
    made: Mapping[str, Any] = found
    return replace(source, outside=made)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
