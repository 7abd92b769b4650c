"""The file of a map: written from a proposal, and read as choices."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from xlcity.adoption.adopt import UNKNOWN
from xlcity.adoption.proposal import ColumnProposal, MapProposal
from xlcity.data_files import toml_value


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
        keys = {key: key if name in ("data", "index") else toml_value(key) for key in entries}
        lines = [f"{keys[key]} = {toml_value(value)}" for key, value in entries.items()]
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
    return text.replace(f"direction = {toml_value(UNKNOWN)}", "direction = 1")


def _number(text: str) -> float | str:
    """Return a number that was typed; what is none as a text, for the reader to refuse."""
    try:
        return json.loads(text) if text[:1].isdigit() else text
    except ValueError:
        return text


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
