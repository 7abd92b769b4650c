"""The rules of the lint: a table of them, and the functions that find their breaches.

Modules of `rules/` are found by scanning: a new rule is one function there with `finds`, and a line
of the table `rules.csv` beside it.
"""

from __future__ import annotations

import csv
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.audit.lint import rules as package

if TYPE_CHECKING:
    from xlcity.audit.lint.finding import Finding
    from xlcity.audit.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: what is wrong, what to do, and how a summary counts its breaches.

    The count is "{} value is stale / {} values are stale".
    """

    title: str
    fix: str
    count: str


#: Yields the findings of a workbook under audit.
Finder = Callable[["Subject"], Iterator["Finding"]]

_FINDERS: list[tuple[int, Finder]] = []


def finds(*, order: int = 90) -> Callable[[Finder], Finder]:
    """Declare a function that finds breaches of rules; the lowest order comes first."""

    def register(finder: Finder) -> Finder:
        _FINDERS.append((order, finder))
        return finder

    return register


@cache
def rules() -> dict[str, LintRule]:
    """Return the rules by code."""
    tables = (Path(folder) / "rules.csv" for folder in package.__path__)
    texts = (table.read_text(encoding="utf-8") for table in tables if table.is_file())
    lines = (line for text in texts for line in csv.DictReader(text.splitlines()))
    return {line.pop("code"): LintRule(**line) for line in lines}


def rule_of(code: str) -> LintRule:
    """Return a rule by its code; without a line in the table, its code is all that is said."""
    return rules().get(code, LintRule(code, "", f"{{}} {code} / {{}} {code}"))


@cache
def finders() -> list[Finder]:
    """Return what finds breaches, in order."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [finder for _, finder in sorted(_FINDERS, key=lambda entry: entry[0])]
