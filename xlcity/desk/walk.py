"""From a rank that moved between two workbooks step by step to the cells that moved it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import RankCause, RankMove, WorkbookDiff
from xlcity.errors import UsageError
from xlcity.model.framework import Framework

#: Kinds of differences that belong to a cause.
_KINDS = {
    "data": ("input", "list", "link"),
    "weights": ("weight",),
    "recipe": ("recipe",),
    "framework": ("framework", "definition"),
    "sample": ("sample",),
    "formulas": ("formula",),
}
#: Most cells of one cause that are shown.
_SHOWN = 40


def explain_move(
    comparison: WorkbookDiff, framework: Framework, city: str, node: str
) -> dict[str, Any]:
    """Return why a city's rank of a node moved: causes with their cells, and the nodes below.

    Raises
    ------
    UsageError
        If that rank did not move.
    """
    moves = {(move.unit, move.node): move for move in comparison.ranks}
    if (move := moves.get((city, node))) is None:
        raise UsageError(f"the rank of {city} in {node} did not move.", "Choose another one.")
    below = [child.code for child in framework.nodes if child.parent == node]
    return {
        **brief_move(move),
        "because": [_describe_cause(comparison, framework, cause, city) for cause in move.because],
        "below": [brief_move(moves[city, code]) for code in below if (city, code) in moves],
    }


def brief_move(move: RankMove) -> dict[str, Any]:
    """Return a move without its causes."""
    entry = move.as_dict()
    del entry["because"]
    return entry


def _describe_cause(
    comparison: WorkbookDiff, framework: Framework, cause: RankCause, city: str
) -> dict[str, Any]:
    cells = [*_cells_of_cause(comparison, framework, cause)]
    # The city's own cells first: those of others move it through means, ranges and ranks.
    cells.sort(key=lambda change: change.unit != city)
    return {
        "cause": cause.cause,
        "what": cause.what,
        "effect": cause.effect,
        "cells": [change.as_dict() for change in cells[:_SHOWN]],
        "more": max(len(cells) - _SHOWN, 0),
    }


def _cells_of_cause(
    comparison: WorkbookDiff, framework: Framework, cause: RankCause
) -> Iterator[CellChange]:
    kinds = _KINDS.get(cause.cause, ())
    is_general = cause.what not in framework and cause.what not in framework.inputs
    for change in comparison.cells:
        if change.kind not in kinds:
            continue
        if is_general or cause.cause not in ("data", "weights"):
            yield change
        elif cause.cause == "data":
            # The parts of an indicator are named after it.
            if change.indicator == cause.what or change.indicator.startswith(f"{cause.what}."):
                yield change
        elif change.indicator in framework and framework[change.indicator].parent == cause.what:
            yield change
