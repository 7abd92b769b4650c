"""Printed tables against recomputed ones: records and comparisons that every report shares.

A report's own part is the module `reproduce` in its folder, with one function
``reproduce(report) -> tuple[Comparison, ...]``. A report without one has its printed columns of
scores compared (`xlcity.reports.plain`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from xlcity.errors import UsageError
from xlcity.reports import Report, load_report

#: Differences are compared with a tolerance in printed units; this much more is float noise
#: (0.01 as a difference of two doubles is not 0.01).
FLOAT_GUARD = 1e-9

#: A printed thing: a number, an id, or nothing.
Printed = float | str | None


@dataclass(frozen=True, slots=True)
class Outside:
    """A printed cell that the recomputed one does not confirm; `where` names its place in print."""

    unit: str
    node: str
    published: Printed
    computed: Printed
    where: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell beside its recomputed value.

    `right` is the verdict where a difference of two numbers does not give it.
    """

    unit: str
    node: str
    published: Printed
    computed: Printed
    where: str = ""
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One printed table, or one kind of statement about it, compared.

    Parameters
    ----------
    what
        "scores", "ranks", or a word of its own.
    tolerance, max_diff
        In printed units; the greatest difference over all cells, the ones outside included. None
        where cells are words.
    by_construction
        The inputs were derived from the very cells compared, so that agreement proves nothing.
    """

    table: str
    what: str
    cells: int
    within: int
    tolerance: float
    max_diff: float | None
    outside: tuple[Outside, ...]
    by_construction: bool = False
    how: str = ""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """All comparisons of a report, and what cannot be compared."""

    report: str
    comparisons: tuple[Comparison, ...]
    not_reproducible: tuple[tuple[str, str], ...]

    @property
    def counted(self) -> tuple[Comparison, ...]:
        """The comparisons that are evidence: those by construction are not."""
        return tuple(entry for entry in self.comparisons if not entry.by_construction)

    @property
    def confirmed(self) -> bool:
        """Whether every printed cell that was compared is within its tolerance."""
        return all(entry.within == entry.cells for entry in self.comparisons)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        return {
            "tables": [
                {
                    "table": entry.table,
                    "what": entry.what,
                    "how": entry.how,
                    "cells": entry.cells,
                    "within": entry.within,
                    "tolerance": entry.tolerance,
                    "max_diff": entry.max_diff,
                    "by_construction": entry.by_construction,
                    "outside": [
                        {
                            "unit": cell.unit,
                            "node": cell.node,
                            "published": cell.published,
                            "computed": cell.computed,
                            "where": cell.where,
                        }
                        for cell in entry.outside
                    ],
                }
                for entry in self.comparisons
            ],
            "not_reproducible": [
                {"table": table, "reason": reason} for table, reason in self.not_reproducible
            ],
        }


def compare(
    table: str,
    what: str,
    cells: Iterable[Cell],
    *,
    tolerance: float = 0.0,
    by_construction: bool = False,
    how: str = "",
) -> Comparison:
    """Compare cells one by one.

    A number is right when it differs by at most the tolerance (and `FLOAT_GUARD`), a word when it
    is the same, unless the cell carries a verdict of its own.
    """
    compared = tuple(cells)
    differences = [
        abs(cell.published - cell.computed)
        for cell in compared
        if isinstance(cell.published, (int, float)) and isinstance(cell.computed, (int, float))
    ]
    outside = tuple(
        Outside(cell.unit, cell.node, cell.published, cell.computed, cell.where)
        for cell in compared
        if not _is_right(cell, tolerance)
    )
    return Comparison(
        table=table,
        what=what,
        cells=len(compared),
        within=len(compared) - len(outside),
        tolerance=tolerance,
        max_diff=max(differences) if differences else None,
        outside=outside,
        by_construction=by_construction,
        how=how,
    )


def _is_right(cell: Cell, tolerance: float) -> bool:
    if cell.right is not None:
        return cell.right
    if isinstance(cell.published, str) or isinstance(cell.computed, str):
        return cell.published == cell.computed
    if cell.published is None or cell.computed is None:
        return cell.published is cell.computed
    return abs(cell.published - cell.computed) <= tolerance + FLOAT_GUARD


def rank_cells(
    node: str, ranks: Mapping[str, int], scores: Mapping[str, float], where: str = ""
) -> list[Cell]:
    """Return printed ranks beside the ranks that the printed scores give.

    Any order inside a printed tie is right: with g greater scores and t equal ones, each of the
    ranks g + 1 to g + t. The computed rank shown is the nearest of them.

    Parameters
    ----------
    ranks
        Printed ranks of the units that are listed.
    scores
        Printed scores of all units that are ranked together.
    """
    cells = []
    for unit, rank in ranks.items():
        first = 1 + sum(score > scores[unit] for score in scores.values())
        last = first - 1 + sum(score == scores[unit] for score in scores.values())
        nearest = min(max(rank, first), last)
        cells.append(Cell(unit, node, rank, nearest, where))
    return cells


def permutation_cells(node: str, ranks: Sequence[tuple[str, int]], where: str = "") -> list[Cell]:
    """Return printed ranks that run from 1 to n, each once: row by row beside the row's number."""
    return [
        Cell(unit, node, rank, place, where) for place, (unit, rank) in enumerate(ranks, start=1)
    ]


def reproduce_report(report_id: str) -> Reproduction:
    """Recompute every printed table of a report that its printed data allow.

    Raises
    ------
    UsageError
        If there is no such report, or it has no tables to recompute.
    """
    report: Report = load_report(report_id)
    comparisons = tuple(_own_part(report)(report))
    if not comparisons:
        raise UsageError(
            f"the report {report_id} has nothing to reproduce.", "`xlcity list` tells the reports."
        )
    about = tomllib.loads((report.folder / "report.toml").read_text(encoding="utf-8"))
    left = tuple((entry["table"], entry["reason"]) for entry in about.get("not_reproducible", []))
    return Reproduction(report_id, comparisons, left)


def _own_part(report: Report) -> Callable[[Report], Iterable[Comparison]]:
    """Return the function that compares a report: its own, or the plain one."""
    path = report.folder / "reproduce.py"
    if not path.is_file():
        name = "xlcity.reports.plain"
    elif report.folder.parent == Path(__file__).resolve().parent:
        name = f"xlcity.reports.{report.id}.reproduce"
    else:
        spec = importlib.util.spec_from_file_location(f"xlcity_report_{report.id}", path)
        assert spec is not None
        assert spec.loader is not None
        own = importlib.util.module_from_spec(spec)
        # Dataclasses look their module up by name.
        sys.modules[spec.name] = own
        spec.loader.exec_module(own)
        return cast(Callable[[Report], Iterable[Comparison]], own.reproduce)
    found = importlib.import_module(name)
    return cast(Callable[[Report], Iterable[Comparison]], found.reproduce)
