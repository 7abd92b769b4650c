"""What checks of a workbook say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xlcity.errors import Problem

#: Addresses listed with one check.
LISTED = 50


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: pass, fail, note or skipped, what it saw and where."""

    name: str
    status: str
    detail: str = ""
    cells: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Checked:
    """A workbook's checks and what they amount to."""

    path: str
    verdict: str
    checks: tuple[CheckResult, ...]
    engine: str


def cells_of(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return the cells that problems are about."""
    addresses = (
        f"{p.where.sheet}!{p.where.cell}" for p in problems if p.where.sheet and p.where.cell
    )
    return tuple(dict.fromkeys(addresses))[:LISTED]
