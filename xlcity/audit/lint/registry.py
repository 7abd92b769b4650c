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

_RULES: dict[str, LintRule] = {}
_FINDERS: list[tuple[int, Finder]] = []


def declare(*rules: str) -> None:
    """Declare rules, each as "CODE what is wrong | What to do. | {} cell … / {} cells …"."""
    for text in rules:
        code, _, rest = text.partition(" ")
        _RULES[code] = LintRule(*rest.split(" | "))


def finds(*rules: str, order: int = 90) -> Callable[[Finder], Finder]:
    """Declare rules and the function that finds their breaches; the lowest order comes first."""

    def register(finder: Finder) -> Finder:
        declare(*rules)
        _FINDERS.append((order, finder))
        return finder

    return register


@cache
def _load() -> None:
    package = importlib.import_module("xlcity.audit.lint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def rules() -> dict[str, LintRule]:
    """Return the rules by code."""
    _load()
    return _RULES


def finders() -> list[Finder]:
    """Return what finds breaches, in order."""
    _load()
    return [finder for _, finder in sorted(_FINDERS, key=lambda entry: entry[0])]
