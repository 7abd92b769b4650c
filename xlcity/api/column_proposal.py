"""Proposes what the columns of a team's own table are: indicators, their groups and codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xlcity.api import table_cells as words
from xlcity.model.reading.adopt import code_of

#: Longest code that is proposed.
_CODE_LENGTH = 30


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column is taken for.

    Attributes
    ----------
    column, name, heading
        Its position; what a map calls it; its heading.
    role
        "city", "indicator" or "none".
    code, group, uom
        Of an indicator: its code, the heading above it, its measure.
    direction
        1, -1, or 0 where nobody has said it yet.
    weight
        Its weight in its group.
    numbers, others
        How many cells are numbers, and how many neither numbers nor missing.
    why
        Why it is not an indicator: "text", "rank", "year", "second" (of another table), or "".
    """

    column: int
    name: str
    heading: str
    role: str = "none"
    code: str = ""
    group: str = ""
    uom: str = ""
    direction: int = 0
    weight: str = "1"
    numbers: int = 0
    others: int = 0
    why: str = ""


def why_not(heading: str, group: str, numbers: int, others: int) -> str:
    """Return why a column is not proposed as an indicator, or ""."""
    if not numbers or numbers < others:
        return "text"
    ranks = words.is_rank_heading(heading.rpartition(" · ")[2]) or words.is_rank_heading(group)
    return "rank" if ranks else ""


def groups_above(heads: Sequence[Sequence[str]]) -> list[str]:
    """Return the heading above each column's own: the uppermost row that tells groups apart."""
    lowest = heads[-1]
    for row in heads[:-1]:
        over, merged = [], ""
        for text, below in zip(row, lowest, strict=True):
            merged = text or (merged if below else "")
            over.append(" ".join(merged.split()) if below else "")
        if len({*over} - {""}) > 1:
            return over
    return [""] * len(lowest)


def latest_years(columns: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """Return the columns with only the latest year of each indicator proposed."""
    latest: dict[tuple[str, str], int] = {}
    for column in columns:
        what, year = words.year_in(column.heading)
        if column.role == "indicator":
            latest[column.group, what] = max(year, latest.get((column.group, what), 0))
    found = []
    for column in columns:
        what, year = words.year_in(column.heading)
        old = column.role == "indicator" and 0 < year < latest[column.group, what]
        found.append(replace(column, role="none", why="year") if old else column)
    return found


def with_codes(columns: Sequence[ColumnProposal]) -> tuple[ColumnProposal, ...]:
    """Return the columns, each indicator with a code of its own."""
    taken = {column.code for column in columns} | {code_of(column.group) for column in columns}
    found = []
    for column in columns:
        if column.role == "indicator" and not column.code:
            what, year = words.year_in(column.heading)
            label = column.heading if what or not year else f"{column.group} {year}"
            base = code_of(words.without_unit(label or column.name))
            base = re.sub("_+", "_", base)[:_CODE_LENGTH].strip("_") or "x"
            code, number = base, 2
            while code in taken:
                code, number = f"{base}_{number}", number + 1
            taken.add(code)
            column = replace(column, code=code)
        found.append(column)
    return tuple(found)
