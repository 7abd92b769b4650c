"""What was read of a team's workbook, kept beside it: `team.map.toml` for `team.xlsx`.

Its total, the cells that are meant as they stand, and for each column what it means and its formula
for the first city. Next year's file in the same layout is read by it, and `check` holds each column
against it. The workbook itself is never written to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from xlcity.data_files import parse_toml, toml_value
from xlcity.proof.columns import TeamColumns
from xlcity.proof.meanings import Given, Made, Meaning, Scored, TreeNode
from xlcity.proof.reading import ReadIndex, series_name

_SUFFIX = ".map.toml"
#: The section of the file; a map of a table without formulas has others.
_SECTION = "formulas"


class KeptColumn(NamedTuple):
    """What a column is: its meaning, of which column, and the formula of its first city."""

    means: str
    of: str
    formula: str


@dataclass(frozen=True)
class WorkbookMap:
    """What is known of a workbook.

    Attributes
    ----------
    total
        Its column, such as "Index!J".
    keep
        Cells that are meant as they stand.
    columns
        Column -> what it is.
    """

    total: str
    keep: tuple[str, ...] = ()
    columns: Mapping[str, KeptColumn] = field(default_factory=dict)


def map_path(workbook: str | Path) -> Path:
    """Return where the map of a workbook stands."""
    return Path(workbook).with_suffix(_SUFFIX)


def read_workbook_map(workbook: str | Path) -> WorkbookMap | None:
    """Return what was kept of a workbook; None without a map that has it."""
    path = map_path(workbook)
    try:
        document = parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    section = document.get(_SECTION)
    if not isinstance(section, dict):
        return None
    columns = {}
    for place, entry in dict(section.get("columns", {})).items():
        texts = [str(entry.get(name, "")) for name in KeptColumn._fields]
        columns[str(place)] = KeptColumn(*texts)
    keep = tuple(map(str, section.get("keep", ())))
    return WorkbookMap(str(section.get("total", "")), keep, columns)


def workbook_map_text(read: ReadIndex) -> str:
    """Return the map of what was read."""
    columns = read.columns
    kept = [slip.cell for slip in read.kept]
    lines = [
        f"[{_SECTION}]",
        f"total = {toml_value(series_name(columns, read.root.series))}",
        f"keep = {toml_value(kept)}",
        "",
        f"[{_SECTION}.columns]",
    ]
    meanings = {p.meaning.series: p.meaning for p in read.tables.placed}
    not_explained = [one.series for one in read.unexplained]
    for series in sorted({*read.explained, *not_explained}):
        meaning = meanings.get(series) or columns.made.get(series)
        means, of = _meaning_words(columns, meaning)
        formula = f"={columns.written(series)}"
        entry = {"means": means, "of": of, "formula": formula}
        place = toml_value(series_name(columns, series))
        lines.append(f"{place} = {toml_value(entry)}")
    return "\n".join([*lines, ""])


def _meaning_words(columns: TeamColumns, meaning: Meaning | None) -> tuple[str, str]:
    """Return the method of a column, and the heading that it is of."""
    if isinstance(meaning, Scored):
        return meaning.fit.method, columns[meaning.base].heading
    if isinstance(meaning, TreeNode):
        parts = [columns[child.meaning.series].heading for child in meaning.children]
        return meaning.method, ", ".join(parts)
    if isinstance(meaning, Made):
        parts = [
            columns[one].heading for one in (meaning.numerator, meaning.denominator)
        ]
        return "ratio", " / ".join(parts)
    return ("given" if isinstance(meaning, Given) else ""), ""
