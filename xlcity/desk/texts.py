"""The words of the page, and what checks and the lint report, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from xlcity.api.documents import detail_text, finding_words, sentence
from xlcity.api.texts import in_language, read_texts
from xlcity.audit.lint.finding import Finding
from xlcity.errors import Problem
from xlcity.workbook.checking.routes import CheckResult

Told = TypeVar("Told")

#: The languages of the page.
LANGUAGES = ("en", "zh")


@cache
def page_texts(language: str) -> dict[str, str]:
    """Return key -> text; another language than those there are is answered in English."""
    return read_texts(Path(__file__).parent, language if language in LANGUAGES else "en")


def in_each_language(tell: Callable[[], Told]) -> dict[str, Told]:
    """Return language -> what is said in it: windows of different languages show one workbook."""
    told_in = {}
    for language in LANGUAGES:
        with in_language(language):
            told_in[language] = tell()
    return told_in


def finding_text(check: CheckResult) -> dict[str, Any]:
    """Return what a check has found, in the language that is asked for."""
    # The page shows one file: its name before every line would only take room.
    places = [
        replace(problem, where=replace(problem.where, file=None)) for problem in check.problems
    ]
    problems = [sentence(problem) for problem in places]
    return {"detail": detail_text(check.detail), "problems": problems}


def place_of(problem: Problem) -> str:
    """Return the cell of a problem, or "" where it has none."""
    where = problem.where
    return f"{where.sheet}!{where.cell}" if where.sheet and where.cell else ""


def cause_text(finding: Finding) -> dict[str, Any]:
    """Return a finding in the language that is asked for."""
    detail, fix = finding_words(finding)
    return {"detail": detail, "fix": fix, "problems": []}
