"""What the file of a map says, as the choices that a proposal is made around."""

from __future__ import annotations

import tomllib
from typing import Any

from xlcity.methods.registry import OPTIONS
from xlcity.model.reading.adopt import UNKNOWN

#: Entries of the section data -> what `propose_map` calls them.
_DATA = {"sheet": "sheet", "unit": "city", "last": "last", "skip": "skip", "missing": "missing"}


def choices_of(text: str) -> dict[str, Any]:
    """Return the choices of `propose_map` that a map amounts to; {} of what is none."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    data, index = _section(found, "data"), _section(found, "index")
    chosen: dict[str, Any] = {_DATA[name]: data[name] for name in _DATA if name in data}
    if "header" in data:
        chosen["header"] = data["header"] if isinstance(data["header"], list) else [data["header"]]
    if "title" in index:
        chosen["title"] = index["title"]
    chosen["methods"] = {name: str(index[name]) for name in OPTIONS if name in index}
    groups = _section(found, "groups").items()
    chosen["groups"] = {
        name: str(own.get("weight", "1") if isinstance(own, dict) else own) for name, own in groups
    }
    chosen["cities"] = {name: str(city) for name, city in _section(found, "cities").items()}
    chosen["columns"] = {h: _column(own) for h, own in _section(found, "columns").items()}
    return chosen


def _section(found: dict[str, Any], name: str) -> dict[str, Any]:
    section = found.get(name, {})
    return section if isinstance(section, dict) else {}


def _column(entries: Any) -> dict[str, Any]:
    own = entries if isinstance(entries, dict) else {"code": entries}
    fields = {"code": "code", "parent": "group", "uom": "uom", "weight": "weight"}
    chosen = {fields[name]: str(own[name]) for name in fields if name in own}
    direction = own.get("direction", UNKNOWN)
    way = {"direction": int(direction)} if str(direction) in ("1", "-1") else {}
    return {"role": "indicator", **chosen, **way}
