"""The rules of the lint: each is declared beside the function that finds its breaches.

Modules of `rules/` are found by scanning: a new rule is one function there with `finds`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlcity.audit.lint.finding import LintFinding
    from xlcity.audit.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: code, what is wrong, what to do."""

    code: str
    title: str
    fix: str

    @property
    def severity(self) -> str:
        """Severity by the code's letter: "error" or "warning"."""
        return "error" if self.code.startswith("E") else "warning"


#: Yields the findings of a workbook under audit.
Finder = Callable[["Subject"], Iterator["LintFinding"]]


@dataclass(frozen=True, slots=True)
class RuleFinder:
    """A function that finds breaches; the one of the lowest order comes first.

    `where` says which workbooks it judges: "everywhere", "template" (those that are compared with
    a template) or "foreign" (all others). `of_formulas`: it judges formulas alone, so that it is
    not asked where all of them are the template's.
    """

    order: int
    find: Finder
    where: str = "everywhere"
    of_formulas: bool = False


_RULES: dict[str, LintRule] = {}
_FINDERS: list[RuleFinder] = []


def declare(*rules: str) -> None:
    """Declare rules, each as "CODE what is wrong | What to do."."""
    for text in rules:
        code, _, rest = text.partition(" ")
        title, _, fix = rest.partition(" | ")
        _RULES[code] = LintRule(code, title, fix)


def finds(
    *rules: str,
    order: int = 90,
    where: str = "everywhere",
    of_formulas: bool = False,
) -> Callable[[Finder], Finder]:
    """Declare rules and the function that finds their breaches."""

    def register(finder: Finder) -> Finder:
        declare(*rules)
        _FINDERS.append(RuleFinder(order, finder, where, of_formulas))
        return finder

    return register


@cache
def _load() -> None:
    package = importlib.import_module("xlcity.audit.lint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def rules() -> dict[str, LintRule]:
    """Return the rules by code, errors first."""
    _load()
    return dict(sorted(_RULES.items()))


def finders() -> list[RuleFinder]:
    """Return what finds breaches, in order."""
    _load()
    return sorted(_FINDERS, key=lambda finder: finder.order)
