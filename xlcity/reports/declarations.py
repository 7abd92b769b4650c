"""What a report's folder declares of its chapter.

`chapter.toml` declares columns, figures, tables and outside series; `coordinates.csv` says where
cities of maps are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.model.reading.tables import read_csv
from xlcity.reports import known_ids, read_toml, report_folder

Declaration = Mapping[str, Any]
#: Name of the file, and of the code of a report's own beside it.
CHAPTER = "chapter"


def folder_lines(report: str, name: str) -> list[dict[str, str]]:
    """Return a CSV file of a report's folder by line; none of an index that is not a report."""
    if report not in known_ids():
        return []
    path = report_folder(report) / name
    return [*read_csv(path).records()] if path.is_file() else []


def coordinates(report: str) -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of a report's cities in degrees, as far as it gives them."""
    places: dict[str, tuple[float, float]] = {}
    for row in folder_lines(report, "coordinates.csv"):
        places[row["unit"]] = (float(row["latitude"]), float(row["longitude"]))
    return places


def declared(report: str, what: str) -> dict[str, Declaration]:
    """Return the "figures", "tables", "series" or "columns" of a report, by id."""
    chapter = _chapter(report_folder(report)) if report in known_ids() else {}
    return {**chapter.get(what, {})}


@cache
def _chapter(folder: Path) -> Mapping[str, Any]:
    path = folder / f"{CHAPTER}.toml"
    return read_toml(path) if path.is_file() else {}


def declared_columns(report: str, kind: str, code: str) -> list[str]:
    """Return the columns of a kind of table of cities; none: they are not declared."""
    columns = declared(report, "columns")
    return [*columns.get(f"{kind}-{code}", columns.get(kind, []))]


def series_keys(rule: Declaration) -> dict[str, list[str]]:
    """Return the keys of a series, each with its name, or its Chinese and its English one."""
    if "years" in rule:
        first, last = rule["years"]
        years = [str(year) for year in range(first, last + 1)]
        return {year: [year, year] for year in years}
    return {key: names for key, *names in rule["keys"]}
