"""The reports: each a folder of data beside this file. Adding a folder adds a report.

Folders may also stand elsewhere: the environment variable `XLCITY_REPORTS` names the directories
that hold them, separated as in PATH. A report that comes with xlcity wins over one of the same id.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, UsageError, Where
from xlcity.model.cities_csv import read_units_csv
from xlcity.model.data_reader import read_dataset
from xlcity.model.framework_csv import read_framework_csv
from xlcity.model.ingredients_csv import with_ingredients
from xlcity.model.recipe_toml import read_recipe
from xlcity.model.satellites import with_satellites
from xlcity.model.tables import read_csv
from xlcity.reports.report import (
    Group,
    Previous,
    PublishedTable,
    Report,
    SourceException,
    TierRule,
)

__all__ = [
    "Group",
    "Previous",
    "PublishedTable",
    "Report",
    "SourceException",
    "TierRule",
    "load_report",
    "report_ids",
]

_HOME = Path(__file__).parent
#: Environment variable with further directories of reports.
HOMES_VARIABLE = "XLCITY_REPORTS"


def report_ids() -> tuple[str, ...]:
    """Return the ids of all reports, sorted."""
    return tuple(sorted(_folders()))


def _folders() -> dict[str, Path]:
    """Return the folder of every report, by id; the first home that has it wins."""
    named = os.environ.get(HOMES_VARIABLE, "").split(os.pathsep)
    found: dict[str, Path] = {}
    for home in (_HOME, *(Path(name) for name in named if name)):
        for path in sorted(home.glob("*/report.toml")):
            found.setdefault(path.parent.name, path.parent.resolve())
    return found


def load_report(report_id: str) -> Report:
    """Load a report.

    Raises
    ------
    UsageError
        If there is none of that id.
    """
    folders = _folders()
    if report_id not in folders:
        known = ", ".join(sorted(folders))
        raise UsageError(f"there is no report {report_id!r}.", f"Reports: {known}.")
    return _load(folders[report_id])


@cache
def _load(folder: Path) -> Report:
    about = tomllib.loads((folder / "report.toml").read_text(encoding="utf-8"))
    if about["id"] != folder.name:
        where = Where(file=str(folder / "report.toml"))
        message = f"the report in the folder {folder.name} calls itself {about['id']}."
        raise DataError(Problem("XC327", message, "Give folder and id one name.", where))
    framework = read_framework_csv(folder / "framework.csv")
    if (folder / "ingredients.csv").is_file():
        framework = with_ingredients(framework, folder / "ingredients.csv")
    if (folder / "satellites.csv").is_file():
        framework = with_satellites(framework, folder / "satellites.csv")
    recipe = read_recipe(folder / "recipe.toml")
    units = read_units_csv(folder / "cities.csv")
    data = about["data"]
    items = folder / "items.csv" if (folder / "items.csv").is_file() else None
    # A report whose indicators are all made from links has no table of values.
    inputs = folder / "inputs.csv" if (folder / "inputs.csv").is_file() else folder
    links = folder / "links.csv" if (folder / "links.csv").is_file() else None
    dataset, _ = read_dataset(inputs, framework, units, recipe, data["basis"], items, links)
    published = _published(folder, about.get("table", []))
    rules = published["tier_rules"].rows if "tier_rules" in published else ()
    return Report(
        id=about["id"],
        name_zh=about["name_zh"],
        name_en=about["name_en"],
        edition=about["edition"],
        framework=framework,
        recipe=recipe,
        dataset=dataset,
        published=published,
        groups=_groups(folder / "groups.csv"),
        tier_rules=tuple(
            TierRule(
                rule["group_type"],
                rule["group"],
                int(rule["tier"]),
                int(rule["rank_from"]),
                int(rule["rank_to"]),
            )
            for rule in rules
        ),
        data_kind=data["kind"],
        data_note_zh=data["note_zh"],
        data_note_en=data["note_en"],
        folder=folder,
        previous=_previous(folder / "previous.csv"),
        exceptions=_exceptions(folder / "sources.csv"),
    )


def _published(folder: Path, about: list[dict[str, Any]]) -> dict[str, PublishedTable]:
    nodes: dict[str, dict[str, str]] = {}
    ranks: dict[str, dict[str, str]] = {}
    columns = folder / "published_columns.csv"
    for row in read_csv(columns).records() if columns.is_file() else ():
        kind = ranks if row["column"].startswith("rank_") else nodes
        kind.setdefault(row["file"], {})[row["column"]] = row["node"]
    tables = {}
    for entry in about:
        name = entry["name"]
        table = read_csv(folder / "published" / f"{name}.csv")
        tables[name] = PublishedTable(
            name=name,
            label=entry["label"],
            title_zh=entry["title_zh"],
            title_en=entry["title_en"],
            columns=table.header,
            nodes=nodes.get(name, {}),
            rows=tuple(table.records()),
            ranks=ranks.get(name, {}),
        )
    return tables


def _previous(path: Path) -> tuple[Previous, ...]:
    if not path.is_file():
        return ()
    return tuple(
        Previous(
            row["unit"],
            row["code"],
            int(row["rank"]) if row["rank"] else None,
            float(row["value"]) if row["value"] else None,
            row["period"],
            row["basis"],
            row["report_line"],
        )
        for row in read_csv(path).records()
    )


def _exceptions(path: Path) -> tuple[SourceException, ...]:
    if not path.is_file():
        return ()
    names = ("unit", "code", "basis", "year", "url", "remark_zh", "remark_en")
    return tuple(
        SourceException(*(row[name] for name in names)) for row in read_csv(path).records()
    )


def _groups(path: Path) -> tuple[Group, ...]:
    if not path.is_file():
        return ()
    return tuple(
        Group(
            row["group_type"],
            row["group"],
            row["name_zh"],
            row["name_en"],
            row["group_type_zh"],
            row["group_type_en"],
        )
        for row in read_csv(path).records()
    )
