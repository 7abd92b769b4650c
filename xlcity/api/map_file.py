"""The file of a map: written from a proposal, read as choices, and what `adopt` reads by it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.api.documents import conversion_text, sentence
from xlcity.api.map_proposal import ColumnProposal, MapProposal
from xlcity.errors import Problem, XlcityError
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.reading.adopt import UNKNOWN, Cells, adopt_cells
from xlcity.model.reading.data import read_table
from xlcity.model.reading.tables import as_text
from xlcity.xlsx.address import column_letters

#: Most problems and cities that are listed.
_LISTED = 200
#: Rows and columns of the sheet that are shown, and characters of a cell.
_ROWS, _COLUMNS, _CHARACTERS = 150, 60, 60


def map_text(proposal: MapProposal) -> str:
    """Return the file of a map; an unknown direction or city is "?"."""
    header = proposal.header
    sections: dict[str, dict[str, Any]] = {
        "data": {
            **({"sheet": proposal.sheet} if proposal.sheet else {}),
            "header": [*header] if len(header) > 1 else header[0],
            "unit": next((c.name for c in proposal.columns if c.column == proposal.city), ""),
            "last": proposal.last,
            **({"skip": [*proposal.skip]} if proposal.skip else {}),
            **({"missing": [*proposal.missing]} if proposal.missing else {}),
        },
        "index": {"title": proposal.title, **proposal.methods},
        "groups": {name: _number(text) for name, text in proposal.groups.items()},
        "columns": {column.name: _column_entry(column) for column in proposal.indicators},
        "cities": {**proposal.settled, **dict.fromkeys(proposal.misspelt, UNKNOWN)},
    }
    texts = []
    for name, entries in sections.items():
        keys = {key: key if name in ("data", "index") else _toml(key) for key in entries}
        lines = [f"{keys[key]} = {_toml(value)}" for key, value in entries.items()]
        if lines or name == "columns":
            texts.append("\n".join([f"[{name}]", *lines]) + "\n")
    return "\n".join(texts)


def _column_entry(column: ColumnProposal) -> dict[str, Any]:
    entry = {
        "code": column.code, "parent": column.group, "direction": column.direction or UNKNOWN,
        "weight": _number(column.weight), "uom": column.uom,
    }  # fmt: skip
    return {key: value for key, value in entry.items() if value != "" or key == "code"}


def with_directions(text: str) -> str:
    """Return the text of a map with a direction where it is unknown, for reading values."""
    return text.replace(f"direction = {_toml(UNKNOWN)}", "direction = 1")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(entry)}' for key, entry in value.items())} }}"
    # What JSON escapes, TOML reads; of control characters JSON leaves one as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(text: str) -> float | str:
    """Return a number that was typed; what is none as a text, for the reader to refuse."""
    try:
        return json.loads(text) if text[:1].isdigit() else text
    except ValueError:
        return text


def preview(file: str, sheets: Mapping[str, Cells], proposal: MapProposal) -> dict[str, Any]:
    """Return what will be read: cities, indicators, and every cell that cannot be used.

    The reader is that of `adopt`; what it refuses has the address in the team's workbook.
    """
    text = map_text(proposal)
    document: dict[str, Any] = {
        "map": text,
        "undirected": [column.name for column in proposal.indicators if not column.direction],
        "cities": 0, "indicators": len(proposal.indicators), "names": [], "values": 0, "missing": 0,
        "blank": 0, "converted": [], "doubtful": [], "bare": [], "problems": [],
    }  # fmt: skip
    if proposal.city < 0 or not proposal.indicators:
        return document
    try:
        adopted = adopt_cells(file, sheets, Path(file).with_suffix(".toml"), with_directions(text))
        document["cities"] = len(adopted.table.rows)
        framework = Framework.from_table(adopted.framework_table)
        dataset, notes = read_table(adopted.table, framework, None, default_recipe())
    except XlcityError as error:
        listed = error.problems[:_LISTED]
        problems = [{"cell": p.where.cell or "", "text": _in_table(p)} for p in listed]
        return document | {"problems": problems, "more": len(error.problems) - len(listed)}
    converted = [
        {
            "cell": conversion.where.cell or "",
            "text": f"{conversion.raw} → {conversion.result} ({conversion_text(conversion)})",
        }
        for conversion in notes.converted[:_LISTED]
    ]
    return document | {
        "cities": len(dataset.units),
        "names": [unit.name_zh or unit.name_en or unit.id for unit in dataset.units[:_LISTED]],
        "values": int((dataset.states == State.VALUE).sum()),
        "missing": int((dataset.states == State.MISSING).sum()),
        "blank": int((dataset.states == State.BLANK).sum()),
        "converted": converted,
        "doubtful": [_in_table(problem) for problem in notes.doubtful[:_LISTED]],
        "bare": [*adopted.bare],
    }


def _in_table(problem: Problem) -> str:
    """Return the sentence of a problem with its cell, without the file: there is only one."""
    return sentence(replace(problem, where=replace(problem.where, file=None)))


def shown_cells(cells: Cells) -> dict[str, Any]:
    """Return the first rows and columns of a sheet as short texts, and how large it is."""
    columns = max(map(len, cells), default=0)
    rows = [[as_text(cell)[:_CHARACTERS] for cell in row[:_COLUMNS]] for row in cells[:_ROWS]]
    letters = [column_letters(column + 1) for column in range(min(columns, _COLUMNS))]
    return {"rows": rows, "size": [len(cells), columns], "letters": letters}


def choices_in_map(text: str) -> dict[str, Any]:
    """Return a map as choices of `propose_map`: what it lists is chosen; {} of what is none."""
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    sections = {name: entries for name, entries in sections.items() if isinstance(entries, dict)}
    columns = {
        name: {"role": "indicator", **(own if isinstance(own, dict) else {"code": own})}
        for name, own in sections.get("columns", {}).items()
    }
    return {**sections.pop("data", {}), **sections, "columns": columns}
