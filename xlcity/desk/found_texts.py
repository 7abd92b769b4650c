"""What checks and the lint have found, as sentences in a reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xlcity.api.documents import detail_text, sentence
from xlcity.api.texts import translated
from xlcity.errors import Problem
from xlcity.workbook.checking.check_result import CheckResult


def finding_text(one: CheckResult) -> dict[str, Any]:
    """Return what a check has found, in the language that is asked for."""
    # The page shows one file: its name before every line would only take room.
    places = [replace(problem, where=replace(problem.where, file=None)) for problem in one.problems]
    problems = [sentence(problem) for problem in places]
    return {"detail": detail_text(one.detail), "problems": problems}


def place_of(problem: Problem) -> str:
    """Return the cell of a problem, or "" where it has none."""
    where = problem.where
    return f"{where.sheet}!{where.cell}" if where.sheet and where.cell else ""


def audit_text(one: Mapping[str, str]) -> dict[str, Any]:
    """Return what the lint has found, in the language that is asked for."""
    detail, fix = (translated(one[key], "lint") for key in ("message", "fix"))
    return {"detail": detail, "fix": fix, "problems": []}
