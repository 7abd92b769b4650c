"""The steps of a trace: cells and ranges, and what each reads."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.audit.trace.description import Description
from xlcity.errors import CellValue


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
