"""What of that which people typed belongs to one edition, and what to the next one as well."""

from __future__ import annotations

from dataclasses import replace

from xlcity.workbook.migrate.cell_keys import Anchor
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.describe import leftover_of, remark_left
from xlcity.workbook.migrate.unplaced import Leftover
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
    edits = content.edits
    cells, looks, comments = dict(edits.cells), dict(edits.looks), dict(content.comments)
    for anchor, typed in edits.cells.items():
        if _is_on_value(anchor, content):
            del cells[anchor]
            left.append(leftover_of(("cell", anchor), typed, "edition"))
    for anchor, look in edits.looks.items():
        if _is_on_value(anchor, content):
            looks[anchor] = {part: text for part, text in look.items() if part not in _MARKS}
            marks = {part: text for part, text in look.items() if part in _MARKS and text}
            if marks:
                left.append(leftover_of(("look", anchor), marks, "edition"))
    for anchor, comment in content.comments.items():
        if _is_on_value(anchor, content):
            del comments[anchor]
            left.append(leftover_of(("comment", anchor), comment, "edition"))
    left += [leftover_of(("value", *key), text, "edition") for key, text in content.typed.items()]
    left += [
        leftover_of(("exception", line.unit, line.code), line, "edition")
        for line in content.exceptions
    ]
    closed = [remark for remark in content.remarks if remark.status == "closed"]
    left += [remark_left(remark, "edition") for remark in closed]
    if content.assessed is not NOTHING:
        # Its results stay in the workbook of this edition.
        run = " · ".join(f"{k} {v}" for k, v in content.assessed.settings.items())
        left.append(Leftover("page", "Robustness", content=run, reason="edition"))
    return replace(
        content,
        assessed=NOTHING,
        edits=replace(edits, cells=cells, looks={a: k for a, k in looks.items() if k}),
        comments=comments,
        typed={},
        exceptions=(),
        remarks=tuple(remark for remark in content.remarks if remark.status != "closed"),
        leftovers=(*content.leftovers, *left),
    )
