"""What of that which people typed belongs to one edition, and what to the next one as well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlcity.workbook.migrate.cell_keys import Anchor
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.describe import leftover_of_remark
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.migrate.user_edits import Key, leftover_of
from xlcity.workbook.reading.stored_assessment import NOTHING

#: Parts of a format that say something of the value in the cell.
_MARKS = frozenset(("fill", "colour", "strike"))


def _is_on_value(anchor: Anchor, content: Content) -> bool:
    """Tell whether a cell is about the value of a city and a node."""
    return anchor.firm and bool(anchor.unit) and anchor.code in content.framework


def without_values(content: Content) -> Content:
    """Return a content without what belongs to its values; that is left over.

    Notes, formulas, texts, colours and letters struck out on the value of a city and an indicator
    speak of that value, and so do exceptions and closed remarks. Columns, notes and rules beside
    them stay, and so do notes on the names of cities.
    """
    left: list[Leftover] = []
    entries: dict[Key, Any] = {}
    marks: dict[Anchor, dict[str, str]] = {}
    for key, value in content.edits.entries.items():
        kind, about = key[:2]
        if kind not in ("cell", "look", "comment") or not _is_on_value(about, content):
            entries[key] = value
        elif kind != "look":
            left.append(leftover_of(key, value, "edition"))
        elif key[2] not in _MARKS:
            entries[key] = value
        elif value:
            marks.setdefault(about, {})[key[2]] = value
    left += [leftover_of(("look", anchor), look, "edition") for anchor, look in marks.items()]
    left += [leftover_of(("value", *key), text, "edition") for key, text in content.typed.items()]
    left += [
        leftover_of(("exception", line.unit, line.code), line, "edition")
        for line in content.exceptions
    ]
    closed = [remark for remark in content.remarks if remark.status == "closed"]
    left += [leftover_of_remark(remark, "edition") for remark in closed]
    if content.assessed is not NOTHING:
        # Its results stay in the workbook of this edition.
        run = " · ".join(f"{k} {v}" for k, v in content.assessed.settings.items())
        left.append(Leftover("page", "Robustness", content=run, reason="edition"))
    return replace(
        content,
        assessed=NOTHING,
        edits=replace(content.edits, entries=entries),
        typed={},
        exceptions=(),
        remarks=tuple(remark for remark in content.remarks if remark.status != "closed"),
        leftovers=(*content.leftovers, *left),
    )
