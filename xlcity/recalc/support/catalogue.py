"""Reads the catalogue of functions: what their parameters take, and samples of their use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """The parameters of a function (one letter each, see the catalogue) and what it returns."""

    fixed: str
    group: str
    result: str

    @classmethod
    def parse(cls, text: str, result: str) -> FunctionSignature:
        """Read ``vr(v)*``: the last group repeats, one before it may be left out."""
        parts = re.findall(r"\((\w+)\)\*|(\w)", text)
        if text.endswith("*"):
            return cls("".join(a or b for a, b in parts[:-1]), parts[-1][0], result)
        return cls("".join(a or b for a, b in parts), "", result)

    def split(self, count: int) -> list[list[int]]:
        """Return the arguments of each way to report: the fixed ones with one group each."""
        first = list(range(min(count, len(self.fixed))))
        rest = range(len(self.fixed), count)
        if not rest or not self.group:
            return [list(range(count))]
        size = len(self.group)
        return [[*first, *rest[start : start + size]] for start in range(0, len(rest), size)]

    def letter(self, index: int) -> str:
        """Return the letter of a parameter."""
        if index < len(self.fixed):
            return self.fixed[index]
        return self.group[(index - len(self.fixed)) % len(self.group)] if self.group else "v"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One function: its name, its signature and formulas that use it."""

    name: str
    signature: FunctionSignature
    samples: tuple[str, ...]


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the functions that are measured, by name."""
    text = resources.files("xlcity.recalc.support").joinpath("data", "catalogue.txt")
    found = {}
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# ") or " | " not in line:
            continue
        head, _, tail = line.partition(" | ")
        words = head.split()
        pattern = words[1] if len(words) == 3 else ""
        signature = FunctionSignature.parse(pattern, words[-1])
        found[words[0]] = CatalogueEntry(
            words[0], signature, tuple(s.strip() for s in tail.split(" ; ") if s.strip())
        )
    return found


@cache
def signatures() -> dict[str, FunctionSignature]:
    """Return the signatures, by name."""
    return {name: entry.signature for name, entry in catalogue().items()}
