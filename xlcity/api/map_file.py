"""The file of a map: written from a proposal, read as choices, and what `adopt` reads by it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.api.documents import conversion_text, sentence
from xlcity.api.map_proposal import MapProposal
from xlcity.data_files import toml_value
from xlcity.errors import Problem, XlcityError
from xlcity.index.method_options import default_recipe
from xlcity.methods.registry import OPTIONS
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
    header = [*proposal.header] if len(proposal.header) > 1 else proposal.header[0]
    city = next((column.name for column in proposal.columns if column.column == proposal.city), "")
    lines = ["[data]", *([f"sheet = {toml_value(proposal.sheet)}"] if proposal.sheet else [])]
    lines += [f"header = {header}", f"unit = {toml_value(city)}", f"last = {proposal.last}"]
    for name, texts in (("skip", proposal.skip), ("missing", proposal.missing)):
        if texts:
            lines.append(f"{name} = {toml_value(texts)}")
    lines += ["", "[index]", f"title = {toml_value(proposal.title)}"]
    lines += [f"{option} = {toml_value(word)}" for option, word in proposal.methods.items()]
    if proposal.groups:
        lines += ["", "[groups]"]
        weights = proposal.groups.items()
        lines += [f"{toml_value(name)} = {_toml_number(text)}" for name, text in weights]
    lines += ["", "[columns]"]
    for column in proposal.indicators:
        entries = [f"code = {toml_value(column.code)}"]
        if column.group:
            entries.append(f"parent = {toml_value(column.group)}")
        entries.append(f"direction = {column.direction or toml_value(UNKNOWN)}")
        entries.append(f"weight = {_toml_number(column.weight)}")
        if column.uom:
            entries.append(f"uom = {toml_value(column.uom)}")
        lines.append(f"{toml_value(column.name)} = {{ {', '.join(entries)} }}")
    meant = {**proposal.settled, **dict.fromkeys(proposal.misspelt, UNKNOWN)}
    if meant:
        lines += ["", "[cities]"]
        lines += [f"{toml_value(name)} = {toml_value(city)}" for name, city in meant.items()]
    return "\n".join([*lines, ""])


def with_directions(text: str) -> str:
    """Return the text of a map with a direction where it is unknown, for reading values."""
    return text.replace(f"direction = {toml_value(UNKNOWN)}", "direction = 1")


def _toml_number(text: str) -> str:
    """Return a number as it was typed; what is none as a text, for the reader to refuse."""
    return text if re.fullmatch(r"\d+(\.\d+)?", text) else toml_value(text)


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
        framework = Framework.from_table(adopted.framework)
        dataset, notes = read_table(adopted.table, framework, None, default_recipe())
    except XlcityError as error:
        document["problems"] = [
            {"cell": problem.where.cell or "", "text": _in_table(problem)}
            for problem in error.problems[:_LISTED]
        ]
        document["more"] = max(len(error.problems) - _LISTED, 0)
        return document
    return document | {
        "cities": len(dataset.units),
        "names": [unit.name_zh or unit.name_en or unit.id for unit in dataset.units[:_LISTED]],
        "values": int((dataset.states == State.VALUE).sum()),
        "missing": int((dataset.states == State.MISSING).sum()),
        "blank": int((dataset.states == State.BLANK).sum()),
        "converted": [
            {
                "cell": conversion.where.cell or "",
                "text": f"{conversion.raw} → {conversion.result} ({why})",
            }
            for conversion in notes.converted[:_LISTED]
            for why in [conversion_text(conversion)]
        ],
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
    return {
        "rows": rows,
        "size": [len(cells), columns],
        "letters": [column_letters(column + 1) for column in range(min(columns, _COLUMNS))],
    }


#: Entries of the section data -> what `propose_map` calls them.
_DATA = {"sheet": "sheet", "unit": "city", "last": "last", "skip": "skip", "missing": "missing"}


def choices_in_map(text: str) -> dict[str, Any]:
    """Return the choices of `propose_map` that a map amounts to; {} of what is none."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    data, index = _section(document, "data"), _section(document, "index")
    chosen: dict[str, Any] = {_DATA[name]: data[name] for name in _DATA if name in data}
    if "header" in data:
        chosen["header"] = data["header"] if isinstance(data["header"], list) else [data["header"]]
    if "title" in index:
        chosen["title"] = index["title"]
    chosen["methods"] = {name: str(index[name]) for name in OPTIONS if name in index}
    groups = _section(document, "groups").items()
    chosen["groups"] = {
        name: str(own.get("weight", "1") if isinstance(own, dict) else own) for name, own in groups
    }
    chosen["cities"] = {name: str(city) for name, city in _section(document, "cities").items()}
    chosen["columns"] = {h: _column(own) for h, own in _section(document, "columns").items()}
    return chosen


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name, {})
    return section if isinstance(section, dict) else {}


def _column(entries: Any) -> dict[str, Any]:
    own = entries if isinstance(entries, dict) else {"code": entries}
    fields = {"code": "code", "parent": "group", "uom": "uom", "weight": "weight"}
    chosen = {fields[name]: str(own[name]) for name in fields if name in own}
    direction = own.get("direction", UNKNOWN)
    way = {"direction": int(direction)} if str(direction) in ("1", "-1") else {}
    return {"role": "indicator", **chosen, **way}
