"""The rules of the lint: a table of them, and the functions that find their breaches.

Modules of `rules/` are found by scanning: a new rule is one function there with `finds`, and three
messages: `rule.CODE`, what is wrong; `rule.CODE.fix`; and `rule.CODE.count`, in a summary.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from xlcity.audit.lint import rules as package
from xlcity.messages import Message, catalogue

if TYPE_CHECKING:
    from xlcity.audit.lint.finding import Finding
    from xlcity.audit.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: what is wrong, what to do, and the message by which a summary counts breaches."""

    title: str
    fix: str
    count_key: str


#: The key of what is wrong by a rule.
_RULE = re.compile(r"rule\.[EW]\d\d")
#: Yields the findings of a workbook under audit.
Finder = Callable[["Subject"], Iterator["Finding"]]

_FINDERS: list[tuple[int, Finder]] = []


def finds(
    *,
    order: int = 90,
    foreign: bool = False,
) -> Callable[[Finder], Finder]:
    """Declare a function that finds breaches of rules; the lowest order comes first.

    With `foreign` only workbooks that are no templates, and whose contents nobody declared, have
    such breaches.
    """

    def register(finder: Finder) -> Finder:
        def find_in_foreign(subject: Subject) -> Iterator[Finding]:
            return finder(subject) if subject.is_foreign else iter(())

        _FINDERS.append((order, find_in_foreign if foreign else finder))
        return finder

    return register


@cache
def rules() -> dict[str, LintRule]:
    """Return the rules by code."""
    keys = filter(_RULE.fullmatch, catalogue())
    return {
        key.removeprefix("rule."): LintRule(
            title=Message(key),
            fix=Message(f"{key}.fix"),
            count_key=f"{key}.count",
        )
        for key in keys
    }


def rule_of(code: str) -> LintRule:
    """Return a rule by its code; without messages, its code is all that is said."""
    return rules().get(code, LintRule(code, "", "rule.other.count"))


@cache
def finders() -> list[Finder]:
    """Return what finds breaches, in order."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [finder for _, finder in sorted(_FINDERS, key=lambda entry: entry[0])]
