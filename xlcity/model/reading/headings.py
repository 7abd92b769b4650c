"""Headings of a table over one row or several, and what its columns are called."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.model.reading.adopt_framework import Rows
from xlcity.xlsx.address import column_letters


def column_names(header: Sequence[str]) -> dict[str, int]:
    """Return what a map may call each column -> its position.

    That is its heading; with its letter where the heading stands twice; the letter where there is
    no heading.

    >>> column_names(["", "Score", "Score"])
    {'Score · B': 1, 'Score · C': 2, 'A': 0}
    >>> column_names(["B", ""])
    {'B': 0, 'B · B': 1}
    """
    found: dict[str, int] = {}
    for at in sorted(range(len(header)), key=lambda at: not header[at]):
        letters = column_letters(at + 1)
        name = header[at] or letters
        if header.count(header[at]) > 1 and header[at]:
            name = f"{name} · {letters}"
        while name in found:  # the heading of one is the letter of another
            name = f"{name} · {letters}"
        found[name] = at
    return found


def headings(rows: Rows) -> list[str]:
    """Return the headings of columns, from one row or several, the lowest last.

    A heading is the lowest text of its column; where that stands twice, the text above it, which
    may be merged over several columns, comes first. Lines within a cell are one line.
    """
    *upper, found = [[" ".join(name.split()) for name in row] for row in rows]
    for row in reversed(upper):
        over, merged = [], ""
        for text, below in zip(row, found, strict=True):
            # A merged heading reaches as far as there are headings below it.
            merged = text or (merged if below else "")
            over.append(merged)
        twice = {name for name in found if name and found.count(name) > 1}
        found = [
            f"{group} · {below}" if below in twice and group else below or text
            for text, group, below in zip(row, over, found, strict=True)
        ]
    return found
