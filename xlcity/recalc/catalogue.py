"""Reads the catalogue of functions: what their parameters take, and samples of their use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from xlcity.recalc.uses import Signature


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: its name, its signature and formulas that use it."""

    name: str
    signature: Signature
    samples: tuple[str, ...]


@cache
def catalogue() -> dict[str, Entry]:
    """Return the functions that are measured, by name."""
    text = resources.files("xlcity.recalc").joinpath("verified", "catalogue.txt")
    found = {}
    for line in text.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# ") or " | " not in line:
            continue
        head, _, tail = line.partition(" | ")
        words = head.split()
        pattern = words[1] if len(words) == 3 else ""
        signature = Signature.parse(pattern, words[-1])
        found[words[0]] = Entry(
            words[0], signature, tuple(s.strip() for s in tail.split(" ; ") if s.strip())
        )
    return found


@cache
def signatures() -> dict[str, Signature]:
    """Return the signatures, by name."""
    return {name: entry.signature for name, entry in catalogue().items()}
