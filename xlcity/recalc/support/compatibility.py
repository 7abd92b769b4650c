"""The verified list: which ways of using functions each engine was measured to compute rightly.

The list is a table in the package, made by ``python -m tools.measure`` and by nobody's
belief. For each function and way of use it holds, engine by engine, the sorts of values (see
`content_letter`) that each argument may hold, ``!`` where the engine was found wrong, nothing
where the use was not settled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from xlcity.recalc.support.usage import Use

ENGINES = ("formualizer", "ironcalc", "libreoffice", "formulas", "compiled")
WRONG = "!"
ALL_SORTS = "nbesdlx"

_WAYS = {
    "r": "range",
    "a": "array",
    "k": "{...}",
    "w": "whole column",
    "0": "0",
    "i": "one cell of a range",
}
_CHOICE = re.compile(r"=(?:\?|.*)\Z", re.S)

#: Functions that ask where a reference is, not what is in it: one cell is a range like any other.
_PLACES = frozenset(("ROW", "ROWS", "COLUMN", "COLUMNS"))


@dataclass(frozen=True, slots=True)
class SupportedValues:
    """What an engine is trusted with in one way of use: sorts of values per argument."""

    sorts: tuple[str, ...]

    def without(self, index: int) -> str:
        """Return the sorts an argument must not hold."""
        return _others(self.sorts[index]) if index < len(self.sorts) else ""


@cache
def _others(sorts: str) -> str:
    return "".join(sort for sort in ALL_SORTS if sort not in sorts)


class CompatibilityTable:
    """The verified list, read on first use of a function."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, list[str]] = {}
        for line in text.splitlines()[1:]:
            name, _, rest = line.partition("\t")
            self._lines.setdefault(name, []).append(rest)
        self._read: dict[str, dict[str, tuple[str, ...]]] = {}
        self._grants: dict[tuple[str, str, str], SupportedValues | None] = {}

    def ways(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return the ways of using a function and, for each, the marks of the engines."""
        if (found := self._read.get(name)) is None:
            found = {}
            for line in self._lines.get(name, ()):
                way, *marks = line.split("\t")
                found[way] = tuple(marks)
            self._read[name] = found
        return found

    def _mark(self, engine: str, use: Use) -> str:
        if engine not in ENGINES:
            return ""
        one_cell = use.way == "n" and use.name in _PLACES
        marks = self.ways(use.name).get("r" if one_cell else use.way)
        if marks is None:
            return ""
        column = ENGINES.index(engine)
        return marks[column] if column < len(marks) else ""

    def grant(self, engine: str, use: Use) -> SupportedValues | None:
        """Return what an engine is trusted with in a use; ``None`` if with nothing."""
        key = engine, use.name, use.way
        if key not in self._grants:
            mark = self._mark(engine, use)
            given = mark and not mark.startswith(WRONG)
            sorts = () if mark == "+" else tuple(mark.split("|"))
            self._grants[key] = SupportedValues(sorts) if given else None
        return self._grants[key]

    def wrong(self, engine: str, use: Use) -> bool:
        """Return whether an engine was found wrong in a use."""
        return self._mark(engine, use).startswith(WRONG)

    def knows(self, name: str) -> bool:
        """Return whether a function was measured."""
        return name in self._lines


@cache
def verified() -> CompatibilityTable:
    """Return the list of the package."""
    file = resources.files("xlcity.recalc.support").joinpath("data", "list.tsv")
    return CompatibilityTable(file.read_text(encoding="utf-8"))


def describe(use: Use) -> str:
    """Return a use as a person reads it: ``ABS(range)``, ``COUNTIF(range, {...})``."""
    if use.name == "@":
        return "a range in a plain formula"
    if use.name == "{}":
        return f"an array formula whose result {_FITS.get(use.way, use.way)}"
    if not use.arguments or not use.name[:1].isalpha() or " " in use.name:
        many = any(argument.way in "rwak" for argument in use.arguments)
        return f"{use.name} over a range" if many and " " not in use.name else use.name
    shown = [
        _WAYS.get(a.way, a.way.removeprefix("=") if _CHOICE.match(a.way) else "")
        for a in use.arguments
    ]
    return f"{use.name}({', '.join(s or '..' for s in shown)})" if any(shown) else use.name


_FITS = {
    "fits": "fits its range",
    "one value": "is repeated over its range",
    "repeated": "is repeated over its range",
    "too large": "is larger than its range",
    "too small": "is smaller than its range",
    "unknown size": "has an unknown size",
}
