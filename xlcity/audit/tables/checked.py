"""What an audit did, whatever it found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """One check done on one table: how many printed cells took part."""

    check: str
    table: str
    cells: int
