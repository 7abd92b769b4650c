"""What a person is shown of a team's own table before it is read: the sheet, and what will be read.

Sentences are in the language that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from xlcity.adoption.adopt import adopt_by_map
from xlcity.adoption.maps import with_directions, write_map
from xlcity.adoption.proposal import ColumnProposal, MapProposal
from xlcity.adoption.reading import map_of
from xlcity.api.documents import sentence
from xlcity.api.texts import told
from xlcity.errors import Problem, Where, XlcityError
from xlcity.index.compute import compute
from xlcity.index.method_options import default_recipe, with_method_words
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import read_latest
from xlcity.model.reading.tables import Cells, as_text
from xlcity.model.reading.values import Conversion
from xlcity.model.recipe import Recipe
from xlcity.xlsx.address import column_letters, parse_cell

#: Most problems and cities that are listed.
_LISTED = 200
#: Rows and columns of the sheet that are shown, and characters of a cell.
_ROWS = 150
_COLUMNS = 60
_CHARACTERS = 60


def preview(
    file: str, sheets: Mapping[str, Cells], proposal: MapProposal
) -> dict[str, Any]:
    """Return what will be read: cities, indicators, and every cell that cannot be used.

    The reader is that of `adopt`; what it refuses has the address in the team's workbook.
    """
    team_map = map_of(proposal, Path(file).with_suffix(".toml"))
    document = _Preview(
        map=write_map(team_map),
        undirected=[
            column.name for column in proposal.indicators if not column.direction
        ],
        indicators=len(proposal.indicators),
    )
    if proposal.city < 0 or not proposal.indicators:
        return asdict(document)
    try:
        adopted = adopt_by_map(file, sheets, with_directions(team_map))
        document.cities = len(adopted.table.rows)
        framework = Framework.from_table(adopted.framework)
        dataset, notes = read_latest(adopted.table, framework, default_recipe())
    except XlcityError as error:
        listed = error.problems[:_LISTED]
        document.problems = [*map(_in_table, listed)]
        document.doubles = _doubles(listed, sheets[proposal.sheet], proposal)
        return {**asdict(document), "more": len(error.problems) - len(listed)}
    document.take_values(dataset)
    document.converted = [*map(_converted, notes.converted[:_LISTED])]
    document.doubtful = [*map(_in_table, notes.doubtful[:_LISTED])]
    document.bare = [*adopted.bare]
    words = {option: [word] for option, word in proposal.methods.items()}
    document.ranking = rank_by(framework, dataset, words, default_recipe())
    return asdict(document)


@dataclass
class _Preview:
    """What will be read, as the page shows it."""

    map: str
    undirected: list[str]
    cities: int = 0
    indicators: int = 0
    names: list[str] = field(default_factory=list)
    values: int = 0
    missing: int = 0
    blank: int = 0
    converted: list[dict[str, str]] = field(default_factory=list)
    doubtful: list[dict[str, str]] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    doubles: list[dict[str, Any]] = field(default_factory=list)
    ranking: list[dict[str, Any]] = field(default_factory=list)

    def take_values(self, dataset: Dataset) -> None:
        """Take the cities, and how many values there are of each state."""
        self.cities = len(dataset.units)
        self.names = [*map(_name, dataset.units[:_LISTED])]
        self.values = int((dataset.states == State.VALUE).sum())
        self.missing = int((dataset.states == State.MISSING).sum())
        self.blank = int((dataset.states == State.BLANK).sum())


def _name(unit: Unit) -> str:
    return unit.name_zh or unit.name_en or unit.id


def _converted(conversion: Conversion) -> dict[str, str]:
    """Return a cell that was read as something else, and why."""
    read = told(conversion.result)
    why = told(conversion.note)
    cell = conversion.where.cell or ""
    return {"cell": cell, "text": f"{conversion.raw} → {read} ({why})"}


def rank_by(
    framework: Framework,
    dataset: Dataset,
    methods: Mapping[str, Sequence[str]],
    usual: Recipe,
) -> list[dict[str, Any]]:
    """Return what methods make of values, city by city, beside the ranks of the usual method."""
    root = framework.root.code
    try:
        chosen = with_method_words(usual, framework, methods)
        index = compute(framework, chosen, dataset)
        before = compute(framework, usual, dataset).rank(root).tolist()
    except XlcityError:
        return []  # making the workbook says why
    ranks = index.rank(root).tolist()
    scores = index.column(root).tolist()
    rows = zip(dataset.units, ranks, before, scores, strict=True)
    ranking = [
        {
            "name": _name(unit),
            "rank": rank,
            "usual": usual_rank,
            "score": score,
        }
        for unit, rank, usual_rank, score in rows
        if rank
    ]
    return sorted(ranking, key=itemgetter("rank"))


def _doubles(
    problems: Iterable[Problem], cells: Cells, proposal: MapProposal
) -> list[dict[str, Any]]:
    """Return the cities with two rows: both rows, and the cells in which they differ."""
    found = []
    for problem in problems:
        if problem.related is None:
            continue
        places = (problem.related, problem.where)
        rows = [parse_cell(place.cell or "")[0] for place in places]
        texts = [list(map(as_text, cells[row - 1])) for row in rows]
        differing = []
        for column in proposal.columns:
            values = [_cell(row, column) for row in texts]
            if values[0] != values[1]:
                differing.append({"name": column.heading, "values": values})
        found.append({"city": problem.where.unit, "rows": rows, "cells": differing})
    return found


def _cell(row: Sequence[str], column: ColumnProposal) -> str:
    return row[column.column] if column.column < len(row) else ""


def _in_table(problem: Problem) -> dict[str, str]:
    """Return a problem with its cell, its city and indicator, and its sentence without them."""
    where = problem.where
    about = " · ".join(filter(None, (where.unit, where.indicator)))
    text = sentence(replace(problem, where=Where()))
    return {
        "cell": where.cell or "",
        "code": problem.code,
        "about": about,
        "text": text,
    }


def shown_cells(cells: Cells) -> dict[str, Any]:
    """Return the first rows and columns of a sheet as short texts, and how large it is."""
    columns = max(map(len, cells), default=0)
    letters = [column_letters(column + 1) for column in range(min(columns, _COLUMNS))]
    rows = [*map(_shown_row, cells[:_ROWS])]
    return {"rows": rows, "size": [len(cells), columns], "letters": letters}


def _shown_row(row: Sequence[Any]) -> list[str]:
    return [as_text(cell)[:_CHARACTERS] for cell in row[:_COLUMNS]]
