"""What an audit did, whatever it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """One check done on one table: how many printed cells took part."""

    check: str
    table: str
    cells: int


def merged(checked: Iterable[Checked]) -> tuple[Checked, ...]:
    """Return one entry per check and table."""
    cells: dict[tuple[str, str], int] = {}
    for done in checked:
        cells[done.check, done.table] = cells.get((done.check, done.table), 0) + done.cells
    return tuple(Checked(check, table, number) for (check, table), number in cells.items())
