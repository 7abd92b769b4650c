"""What a person is shown of a team's own table before it is read: the sheet, and what will be read.

Sentences are in the language that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from xlcity.adoption.adopt import adopt_by_map
from xlcity.adoption.maps import with_directions, write_map
from xlcity.adoption.proposal import ColumnProposal, MapProposal
from xlcity.adoption.reading import map_of
from xlcity.api.documents import conversion_text, sentence
from xlcity.api.texts import told
from xlcity.errors import Problem, Where, XlcityError
from xlcity.index.compute import compute
from xlcity.index.method_options import default_recipe, with_method_words
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.model.panel import read_latest
from xlcity.model.reading.tables import Cells, as_text
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
    document: dict[str, Any] = {
        "map": write_map(team_map),
        "undirected": [
            column.name for column in proposal.indicators if not column.direction
        ],
        "cities": 0,
        "indicators": len(proposal.indicators),
        "names": [],
        "values": 0,
        "missing": 0,
        "blank": 0,
        "converted": [],
        "doubtful": [],
        "bare": [],
        "problems": [],
        "doubles": [],
        "ranking": [],
    }
    if proposal.city < 0 or not proposal.indicators:
        return document
    try:
        adopted = adopt_by_map(file, sheets, with_directions(team_map))
        document["cities"] = len(adopted.table.rows)
        framework = Framework.from_table(adopted.framework)
        dataset, notes = read_latest(adopted.table, framework, default_recipe())
    except XlcityError as error:
        listed = error.problems[:_LISTED]
        problems = [*map(_in_table, listed)]
        return document | {
            "problems": problems,
            "doubles": _doubles(listed, sheets[proposal.sheet], proposal),
            "more": len(error.problems) - len(listed),
        }
    converted = [
        {
            "cell": c.where.cell or "",
            "text": f"{c.raw} → {told(c.result)} ({conversion_text(c)})",
        }
        for c in notes.converted[:_LISTED]
    ]
    return document | {
        "cities": len(dataset.units),
        "names": [
            unit.name_zh or unit.name_en or unit.id for unit in dataset.units[:_LISTED]
        ],
        "values": int((dataset.states == State.VALUE).sum()),
        "missing": int((dataset.states == State.MISSING).sum()),
        "blank": int((dataset.states == State.BLANK).sum()),
        "converted": converted,
        "doubtful": [_in_table(problem) for problem in notes.doubtful[:_LISTED]],
        "bare": [*adopted.bare],
        "ranking": _ranking(framework, dataset, proposal.methods),
    }


def _ranking(
    framework: Framework, dataset: Dataset, methods: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what a method makes of the table, city by city, and the ranks of the usual one."""
    usual = default_recipe()
    root = framework.root.code
    words = {option: [word] for option, word in methods.items()}
    try:
        index = compute(framework, with_method_words(usual, framework, words), dataset)
        before = compute(framework, usual, dataset).rank(root).tolist()
    except XlcityError:
        return []  # making the workbook says why
    ranks = index.rank(root).tolist()
    scores = index.column(root).tolist()
    rows = zip(dataset.units, ranks, before, scores, strict=True)
    ranking = [
        {
            "name": unit.name_zh or unit.name_en or unit.id,
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
    rows = [
        [as_text(cell)[:_CHARACTERS] for cell in row[:_COLUMNS]]
        for row in cells[:_ROWS]
    ]
    letters = [column_letters(column + 1) for column in range(min(columns, _COLUMNS))]
    return {"rows": rows, "size": [len(cells), columns], "letters": letters}
