"""The steps of a trace: cells and ranges, what each is in words, and what it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.errors import CellValue


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a description in Chinese and in English, and what both begin with."""

    zh: str
    en: str = ""
    code: str = ""

    @property
    def both(self) -> str:
        """Both languages on one line."""
        parts = filter(None, (self.code, self.zh, self.en))
        return " ".join(dict.fromkeys(parts))

    def alone(self) -> tuple[str, str]:
        """Return the Chinese and the English text; a language that is missing takes the other."""
        zh = self.zh or self.en
        en = self.en or self.zh
        return self._with_code(zh), self._with_code(en)

    def _with_code(self, name: str) -> str:
        """Return a name behind its code, unless the code is the name itself or its first word."""
        begins = re.match(rf"{re.escape(self.code)}(?!\w)", name)
        return name if begins else f"{self.code} {name}".strip()


@dataclass(frozen=True, slots=True)
class Description:
    """A cell in words; what does not apply is ""."""

    words: tuple[Words, ...]
    unit: str = ""
    node: str = ""
    step: str = ""
    marks: tuple[str, ...] = ()
    source: Mapping[str, str] | None = None

    @property
    def label(self) -> str:
        """What the cell is, in both languages."""
        return " · ".join(piece.both for piece in self.words)

    @property
    def labels(self) -> tuple[str, str]:
        """What the cell is, in Chinese and in English."""
        pieces = [piece.alone() for piece in self.words]
        zh = " · ".join(chinese for chinese, _ in pieces)
        return zh, " · ".join(english for _, english in pieces)


@dataclass(frozen=True, slots=True)
class TraceInput:
    """What a step reads: a cell or a range (its text is the key), and what for."""

    key: str
    role: str


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One cell, or a range of them, on the way from a number to its sources.

    `kind` is "formula", "input" (a typed value), "range" or "blank"; `arithmetic` is a formula with
    the numbers of its cells.
    """

    key: str
    kind: str
    value: CellValue
    formula: str | None
    description: Description
    inputs: tuple[TraceInput, ...] = ()
    arithmetic: str = ""
