"""What checks of a workbook say."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlcity.errors import Problem


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
