"""A team's own table: what it looks like, what will be read of it, and the file of its map."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlcity.api.documents import plain
from xlcity.api.map_file import map_text, preview, shown_cells
from xlcity.api.map_proposal import MapProposal, propose_map
from xlcity.api.texts import translated
from xlcity.model.reading.adopt import Cells, team_sheets
from xlcity.xlsx.save import require_output, write_output


def look(table: str, choices: str, lang: str) -> dict[str, Any]:
    """Return a sheet of a team's table, how it would be read, and what a person should know.

    Parameters
    ----------
    table
        The file.
    choices
        What the person has chosen so far (JSON); see `propose_map`.
    lang
        The language of sentences.
    """
    sheets, proposal = _read_proposal(table, choices)
    os.environ["XLCITY_LANG"] = lang
    return {
        "name": Path(table).name,
        "sheets": [*sheets],
        **plain(proposal),
        "doubts": [translated(doubt, "note") for doubt in proposal.doubts],
        "grid": shown_cells(sheets[proposal.sheet]),
        "preview": preview(table, sheets, proposal),
    }


def write_map(table: str, choices: str, target: str) -> dict[str, Any]:
    """Write the map that was chosen; an older file of that name is kept as .bak."""
    require_output(Path(target), [table])
    _, proposal = _read_proposal(table, choices)
    backup = write_output(Path(target), map_text(proposal).encode("utf-8"))
    return {"kept": backup.name if backup else ""}


def _read_proposal(table: str, choices: str) -> tuple[dict[str, Cells], MapProposal]:
    stat = Path(table).stat() if Path(table).is_file() else None
    sheets = _read_sheets(table, (stat.st_size, stat.st_mtime_ns) if stat else ())
    return sheets, propose_map(sheets, json.loads(choices or "{}"))


@lru_cache(maxsize=1)
def _read_sheets(table: str, _: tuple[int, ...]) -> dict[str, Cells]:
    """Return the cells of a file; read again only when it has changed."""
    return team_sheets(table)
