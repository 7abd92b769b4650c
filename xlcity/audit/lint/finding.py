"""What is wrong with a workbook: one record for every check, and what a person has allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.audit.lint.registry import rule_of
from xlcity.errors import Problem, Where
from xlcity.xlsx.address import cell_name, parse_cell, quote_sheet
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment

_NOTE = re.compile(
    r"xlcity\s*:\s*allow\s+([EW]\d\d(?:\s*[, ]\s*[EW]\d\d)*)\s*[:,;-]?\s*(.*)",
    re.DOTALL,
)

#: Faults that follow from others: sealed results that moved, and values that charts store.
_EFFECTS = ("result", "stored values")
#: Severities, the gravest first.
_SEVERITIES = ("error", "warning", "note")
#: Areas that a line shows.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the rule, the cell, what was seen there.

    Attributes
    ----------
    rule, sheet, cell, message
        What is broken, where ("" for a whole sheet or workbook), and what was seen.
    fix
        What to do; the rule's own remedy if it is empty.
    region
        The areas of all cells that share the fault, where `cell` is only the first of them.
    fault
        Findings with one fault have one cause.
    level
        "error", "warning" or "note", where it is not that of the rule.
    code
        Of the problem that it was, to find the text in other languages.
    count
        How many findings it stands for.
    named
        What the first sentence says of it, with the city, in place of a count.
    hanging
        How many ranks (in a workbook of someone else's: formulas) depend on it.
    follows
        Findings that are there because of this one.
    """

    rule: str
    sheet: str
    cell: str
    message: str
    fix: str = ""
    region: str = ""
    fault: str = ""
    level: str = ""
    code: str = ""
    count: int = 1
    named: str = ""
    hanging: int = 0
    follows: tuple[Finding, ...] = ()

    @classmethod
    def of_problem(cls, rule: str, problem: Problem, **details: Any) -> Finding:
        """Return a problem as a finding; of several cells the first is its own."""
        where = problem.where
        first, *others = (where.cell or "").split(",")
        region = ", ".join((first, *others)) if others else ""
        texts = where.sheet or "", first, problem.message, problem.hint
        return cls(rule, *texts, region=region, code=problem.code, **details)

    @property
    def severity(self) -> str:
        """Severity: "error", "warning" or "note"; by default as the rule's letter tells."""
        return self.level or ("error" if self.rule.startswith("E") else "warning")

    @property
    def weight(self) -> int:
        """0 for an error, the gravest; 1 for a warning, 2 for a note."""
        return _SEVERITIES.index(self.severity)

    @property
    def position(self) -> Position | None:
        """Row and column; ``None`` for a whole sheet or workbook."""
        return parse_cell(self.cell) if self.cell else None

    @property
    def is_effect(self) -> bool:
        """Whether it only shows what another one did: results that were sealed, stored values."""
        return self.fault in _EFFECTS

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.fix or rule_of(self.rule).fix

    @property
    def areas(self) -> tuple[str, ...]:
        """All cells, as areas."""
        return tuple(filter(None, (self.region or self.cell).split(", ")))

    @property
    def place(self) -> str:
        """Sheet and cells, as many areas as a line holds; "" for a whole workbook."""
        if not self.sheet:
            return ""
        areas = self.areas
        name = quote_sheet(self.sheet)
        if len(areas) > _SHOWN:
            first = [] if first_cell(areas[0]) == self.cell else [self.cell]
            areas = *dict.fromkeys((*first, *areas[: _SHOWN - 1])), "…"
        shown = ", ".join(areas)
        return f"{name}!{shown}" if self.cell else name

    def problem(self, file: str) -> Problem:
        """Return it as a problem of a file."""
        where = Where(file, self.sheet or None, self.cell or None)
        return Problem(self.code or self.rule, self.message, self.remedy, where)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        document = {
            "rule": self.rule,
            "severity": self.severity,
            "sheet": self.sheet,
            "cell": self.cell,
            "cells": self.areas,
            "message": self.message,
            "fix": self.remedy,
            "hanging": self.hanging,
        }
        return {**document, "follows": self.follows} if self.follows else document


def first_cell(cells: str) -> str:
    """Return the first cell of a text with areas: B2 of "B2:C9, D4"."""
    return re.split("[:, ]", cells)[0]


def finding_at(
    rule: str, sheet: str, position: Position, message: str, **details: Any
) -> Finding:
    """Return a finding in a cell."""
    return Finding(rule, sheet, cell_name(*position), message, **details)


def allowed_in_notes(
    comments: Mapping[tuple[str, Position], Comment],
) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield (rule, sheet, cell) and reason of notes such as ``xlcity: allow E02 as in print``."""
    for (sheet, position), comment in comments.items():
        match = _NOTE.search(comment.text)
        if match is not None and match[2].strip():
            for rule in re.findall(r"[EW]\d\d", match[1]):
                yield (rule, sheet, cell_name(*position)), match[2].strip()
