"""The map that was proposed or chosen, as its file says it, and what `adopt` will read by it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.api.documents import conversion_text, sentence
from xlcity.api.map_proposal import MapProposal
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


def map_text(found: MapProposal) -> str:
    """Return the file of a map; a direction or city that nobody has said is "?"."""
    header = [*found.header] if len(found.header) > 1 else found.header[0]
    city = next((column.name for column in found.columns if column.column == found.city), "")
    lines = ["[data]", *([f"sheet = {_toml(found.sheet)}"] if found.sheet else [])]
    lines += [f"header = {header}", f"unit = {_toml(city)}", f"last = {found.last}"]
    for name, texts in (("skip", found.skip), ("missing", found.missing)):
        if texts:
            lines.append(f"{name} = [{', '.join(map(_toml, texts))}]")
    lines += ["", "[index]", f"title = {_toml(found.title)}"]
    lines += [f"{option} = {_toml(word)}" for option, word in found.methods.items()]
    if found.groups:
        lines += ["", "[groups]"]
        lines += [f"{_toml(name)} = {_toml_number(text)}" for name, text in found.groups.items()]
    lines += ["", "[columns]"]
    for column in found.indicators:
        entries = [f"code = {_toml(column.code)}"]
        if column.group:
            entries.append(f"parent = {_toml(column.group)}")
        entries.append(f"direction = {column.direction or _toml(UNKNOWN)}")
        entries.append(f"weight = {_toml_number(column.weight)}")
        if column.uom:
            entries.append(f"uom = {_toml(column.uom)}")
        lines.append(f"{_toml(column.name)} = {{ {', '.join(entries)} }}")
    meant = {**found.settled, **dict.fromkeys(found.misspelt, UNKNOWN)}
    if meant:
        lines += ["", "[cities]", *(f"{_toml(name)} = {_toml(c)}" for name, c in meant.items())]
    return "\n".join([*lines, ""])


def directed(text: str) -> str:
    """Return the text of a map with a direction where nobody has said it, for reading values."""
    return text.replace(f"direction = {_toml(UNKNOWN)}", "direction = 1")


def _toml(text: str) -> str:
    # What JSON escapes, TOML reads; of control characters JSON leaves one as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_number(text: str) -> str:
    """Return a number as it was typed; what is none as a text, for the reader to refuse."""
    return text if re.fullmatch(r"\d+(\.\d+)?", text) else _toml(text)


def preview(file: str, sheets: Mapping[str, Cells], found: MapProposal) -> dict[str, Any]:
    """Return what will be read: cities, indicators, and every cell that cannot be used.

    The reader is that of `adopt`; what it refuses has the address in the team's workbook.
    """
    text = map_text(found)
    document: dict[str, Any] = {
        "map": text,
        "undirected": [column.name for column in found.indicators if not column.direction],
        "cities": 0, "indicators": len(found.indicators), "names": [], "values": 0, "missing": 0,
        "blank": 0, "converted": [], "doubtful": [], "bare": [], "problems": [],
    }  # fmt: skip
    if found.city < 0 or not found.indicators:
        return document
    try:
        adopted = adopt_cells(file, sheets, Path(file).with_suffix(".toml"), directed(text))
        document["cities"] = len(adopted.table.rows)
        framework = Framework.from_table(adopted.framework_table)
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
            {"cell": one.where.cell or "", "text": f"{one.raw} → {one.result} ({why})"}
            for one in notes.converted[:_LISTED]
            for why in [conversion_text(one)]
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
        "letters": [column_letters(at + 1) for at in range(min(columns, _COLUMNS))],
    }
