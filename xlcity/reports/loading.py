"""Reads a report: its framework, recipe, cities, data, sources and printed tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xlcity.errors import DataError, Problem, Where
from xlcity.messages import Message
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.reading.lines import LineReader
from xlcity.model.reading.sheets import open_extra_table
from xlcity.model.reading.tables import as_text, read_csv
from xlcity.model.reading.units import UnitMatcher, read_units_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.reports import own_function, read_toml
from xlcity.reports.groups import group_types_of
from xlcity.reports.report import (
    PreviousValue,
    PublishedTable,
    Report,
    SourceException,
    TierRule,
    ValueRange,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: File with the bounds of derived values, in the folder of a report.
RANGES_FILE = "inputs_ranges.csv"


@cache
def read_report(folder: Path) -> Report:
    """Read the report of a folder."""
    about = read_toml(folder / "report.toml")
    if about["id"] != folder.name:
        where = Where(file=str(folder / "report.toml"))
        raise DataError(
            Problem.of("XC327.other_name", where, folder=folder.name, id=about["id"])
        )
    framework = Framework.read(folder)
    if (folder / "supplementary.csv").is_file():
        read_indices = own_function(folder, "supplementary", "read_indices")
        framework = read_indices(framework, folder / "supplementary.csv")
    recipe = read_recipe(folder / "recipe.toml")
    units = read_units_csv(folder / "cities.csv")
    data = about["data"]
    dataset, _ = read_dataset(folder, framework, units, recipe, data["basis"])
    published = _published(folder, about.get("table", []))
    rules = published["tier_rules"].rows if "tier_rules" in published else ()
    group_types = group_types_of(_rows(folder / "groups.csv"))
    figure_groups = about.get(
        "figure_groups", [kind.attribute for kind in group_types[:1]]
    )
    return Report(
        **{name: about[name] for name in ("id", "name_zh", "name_en", "edition")},
        framework=framework,
        recipe=recipe,
        dataset=dataset,
        published=published,
        group_types=group_types,
        tier_rules=tuple(_tier_rules(rules, _rows(folder / "tiers.csv"))),
        data_kind=data["kind"],
        data_note_zh=data["note_zh"],
        data_note_en=data["note_en"],
        folder=folder,
        previous=tuple(
            _record(PreviousValue, row, _PREVIOUS)
            for row in _rows(folder / "previous.csv")
        ),
        exceptions=tuple(
            _record(SourceException, row) for row in _rows(folder / "sources.csv")
        ),
        labels=read_labels(folder / "labels.toml"),
        figure_groups=tuple(figure_groups),
        matrices=tuple(about.get("matrices", ())),
        derived_from=_derived_from(folder, data, published),
        ranges=tuple(
            _record(ValueRange, row, _RANGE) for row in _rows(folder / RANGES_FILE)
        ),
    )


def _derived_from(
    folder: Path, data: Mapping[str, Any], published: Mapping[str, PublishedTable]
) -> tuple[str, ...]:
    """Return the printed tables that the data were derived from.

    Raises
    ------
    DataError
        If the report has no such table.
    """
    names = tuple(data.get("derived_from", ()))
    if unknown := [name for name in names if name not in published]:
        where = Where(file=str(folder / "report.toml"))
        raise DataError(Problem.of("XC348.no_table", where, unknown=unknown[0]))
    return names


def _published(folder: Path, about: list[dict[str, Any]]) -> dict[str, PublishedTable]:
    nodes: dict[str, dict[str, str]] = {}
    ranks: dict[str, dict[str, str]] = {}
    for row in _rows(folder / "published_columns.csv"):
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


#: Columns that are not text -> how they are read.
_TIER: Mapping[str, Callable[[str], Any]] = {
    "tier": int,
    "rank_from": int,
    "rank_to": int,
}


def _int_or_none(text: str) -> int | None:
    return int(text) if text else None


def _float_or_none(text: str) -> float | None:
    return float(text) if text else None


_PREVIOUS: Mapping[str, Callable[[str], Any]] = {
    "rank": _int_or_none,
    "value": _float_or_none,
}
_RANGE: Mapping[str, Callable[[str], Any]] = {"low": float, "high": float}
#: A record of a row: a dataclass.
_R = TypeVar("_R", bound="DataclassInstance")


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that a report may have."""
    return read_csv(path).records() if path.is_file() else []


def _record(
    kind: type[_R],
    row: Mapping[str, str],
    columns: Mapping[str, Callable[[str], Any]] = {},
) -> _R:
    """Return a row as a record with a field for each column of its name."""
    names = [field.name for field in fields(kind) if field.name in row]
    return kind(**{name: columns.get(name, str)(row[name]) for name in names})


def _tier_rules(
    rules: Iterable[Mapping[str, str]], named: Iterable[Mapping[str, str]]
) -> Iterator[TierRule]:
    """Yield the ranks of tiers with the names that `tiers.csv` gives them."""
    names_of = {row["tier"]: row for row in named}
    for rule in rules:
        names = names_of.get(rule["tier"], {})
        yield _record(TierRule, {**names, **rule}, _TIER)


def read_labels(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Return the words of a report's own sheets: key, Chinese, English."""
    texts = read_toml(path) if path.is_file() else {}
    return tuple((key, text["zh"], text["en"]) for key, text in texts.items())


#: Columns of a table of sources.
_REQUIRED = frozenset(("unit", "code"))
_TEXTS = ("year", "url", "remark_zh", "remark_en", "entered_by", "checked_by")


def _is_header(row: Sequence[object]) -> bool:
    return {as_text(cell).lower() for cell in row} >= _REQUIRED


def read_sources(
    path: str | Path, framework: Framework, dataset: Dataset
) -> tuple[SourceException, ...]:
    """Return the lines of `sources.csv` in a folder or of the sheet `sources` of a workbook.

    Raises
    ------
    DataError
        With every line that names no city, indicator or status.
    """
    table = open_extra_table(Path(path), "sources", _is_header)
    if table is None:
        return ()
    lines = LineReader(table, (), UnitMatcher(dataset.units), "")
    columns = lines.columns
    if not columns.keys() >= _REQUIRED:
        raise DataError.of("XC339.no_columns", table.where())
    sources = []
    for row in range(len(table.rows)):
        unit = lines.find_city(row, columns["unit"])
        code = lines.text(row, columns["code"])
        if code not in framework.inputs:
            where = table.where(row, columns["code"], unit=unit or "", indicator=code)
            hint = Message("hint.correct_code")
            lines.refuse("XC314.source", where, hint=hint, code=code)
        basis = lines.text(row, columns.get("basis"))
        basis = (
            lines.read_status(row, columns.get("basis"), unit or "") or ""
            if basis
            else ""
        )
        texts: dict[str, Any] = {
            name: lines.text(row, columns.get(name)) for name in _TEXTS
        }
        remark = lines.text(row, columns.get("remark"))
        texts |= {name: texts[name] or remark for name in ("remark_zh", "remark_en")}
        sources.append(SourceException(unit or "", code, basis=basis, **texts))
    DataError.raise_for(lines.problems)
    return tuple(sources)
