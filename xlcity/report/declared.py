"""What a report's folder declares of its chapter: columns, figures, tables, outside series, code.

`chapter.toml` declares; `coordinates.csv` says where cities of maps are; a function of `chapter`, a
module or package, makes a figure or table whose `kind` is "own" and whose `own` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from xlcity.errors import DataError
from xlcity.model.reading.tables import read_csv
from xlcity.reports import known_ids, read_toml, report_folder, report_module

Declaration = Mapping[str, Any]
CHAPTER = "chapter"


def folder_of(report: str) -> Path | None:
    """Return the folder of a report; None for an index that is no report."""
    return report_folder(report) if report in known_ids() else None


def declared(report: str, what: str) -> dict[str, Declaration]:
    """Return the "figures", "tables", "series" or "columns" of a report, by id."""
    folder = folder_of(report)
    declarations: dict[str, Declaration] = _chapter(folder).get(what, {}) if folder else {}
    return declarations


@cache
def _chapter(folder: Path) -> Mapping[str, Any]:
    path = folder / f"{CHAPTER}.toml"
    return read_toml(path) if path.is_file() else {}


def declared_columns(report: str, kind: str, code: str) -> list[str]:
    """Return the columns of a kind of table of cities; none: they are not declared."""
    columns = declared(report, "columns")
    return [*columns.get(f"{kind}-{code}", columns.get(kind, []))]


def maker_of(
    report: str, rule: Declaration, makers: Mapping[str, Callable[..., Any]], shared: object
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
    folder, kind = report_folder(report), rule.get("kind", "")
    if kind in makers:
        return makers[kind]
    if kind == "own":
        own = getattr(report_module(folder, CHAPTER), rule.get("own", ""), None)
        if own is not None:
            return partial(own, shared)
        message = f"the code of the report {report} has no function {rule.get('own', '')!r}."
        raise DataError(message, "Write it.", "XC341", file=str(folder))
    hint = f"Give one of {', '.join((*makers, 'own'))}."
    file = str(folder / f"{CHAPTER}.toml")
    raise DataError(f"unknown kind {kind!r}.", hint, "XC341", file=file)


def coordinates(report: str) -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of a report's cities in degrees, as far as it gives them."""
    folder = folder_of(report)
    path = folder / "coordinates.csv" if folder else None
    if path is None or not path.is_file():
        return {}
    return {
        row["unit"]: (float(row["latitude"]), float(row["longitude"]))
        for row in read_csv(path).records()
    }
