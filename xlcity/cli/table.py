"""Plain tables for people at a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def width(text: str) -> int:
    """Return how many columns a text takes; Chinese characters take two.

    >>> width("北京"), width("Beijing")
    (4, 7)
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def render(header: Sequence[str], rows: Iterable[Sequence[object]], indent: str = "") -> str:
    """Return a table with aligned columns, numbers to the right; "" for None."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    columns = list(zip(header, *cells, strict=True))
    widths = [max(map(width, column)) for column in columns]
    right = [_is_numeric(column[1:]) for column in columns]
    lines = []
    for row in [list(header), *cells]:
        padded = [
            " " * (size - width(cell)) + cell if numeric else cell + " " * (size - width(cell))
            for cell, size, numeric in zip(row, widths, right, strict=True)
        ]
        lines.append((indent + "  ".join(padded)).rstrip())
    return "\n".join(lines) + "\n"


def _is_numeric(cells: Sequence[str]) -> bool:
    shown = [cell for cell in cells if cell]
    return bool(shown) and all(_is_number(cell) for cell in shown)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
