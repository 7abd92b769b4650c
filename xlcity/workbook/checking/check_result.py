"""What checks of a workbook say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xlcity.errors import Problem


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: pass, fail, note or skipped, what it saw and where."""

    name: str
    status: str
    detail: str = ""
    cells: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "status": self.status,
            "detail": self.detail,
            "cells": list(self.cells),
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """A workbook's checks and what they amount to."""

    path: str
    verdict: str
    checks: tuple[CheckResult, ...]
    engine: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "verdict": self.verdict,
            "engine": self.engine,
            "checks": [check.as_dict() for check in self.checks],
        }
