"""Printed tables against recomputed ones: records and comparisons that every report shares.

The part of a shipped report is the module `reproduce` in the sub-package of its id; a report
elsewhere may have a file `reproduce.py` in its folder. Either has a function
``reproduce(report) -> tuple[Comparison, ...]``. Without one the printed columns of scores are
compared (`printed_scores`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from xlcity.errors import UsageError
from xlcity.reports import load_report
from xlcity.reports.report import Report
from xlcity.reports.reproduction.comparison import (
    FLOAT_GUARD,
    ComparedCell,
    Comparison,
    compare,
    permutation_cells,
    rank_cells,
)

#: As the module `reproduce` of a report elsewhere imports it.
Cell = ComparedCell

__all__ = [
    "FLOAT_GUARD",
    "Cell",
    "Comparison",
    "Reproduction",
    "compare",
    "permutation_cells",
    "rank_cells",
    "reproduce_report",
]


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
            "tables": self.comparisons,
            "not_reproducible": [
                {"table": table, "reason": reason} for table, reason in self.not_reproducible
            ],
        }


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
            f"the report {report_id} has nothing to reproduce.",
            "Run `xlcity list` to see the reports.",
        )
    about = tomllib.loads((report.folder / "report.toml").read_text(encoding="utf-8"))
    left = tuple((entry["table"], entry["reason"]) for entry in about.get("not_reproducible", []))
    return Reproduction(report_id, comparisons, left)


def _own_part(report: Report) -> Callable[[Report], Iterable[Comparison]]:
    """Return the function that compares a report: its own, or the one for printed scores."""
    path = report.folder / "reproduce.py"
    if path.is_file():
        spec = importlib.util.spec_from_file_location(f"xlcity_report_{report.id}", path)
        assert spec is not None
        assert spec.loader is not None
        own = importlib.util.module_from_spec(spec)
        # Dataclasses look their module up by name.
        sys.modules[spec.name] = own
        spec.loader.exec_module(own)
    else:
        home = Path(__file__).resolve().parent
        is_shipped = report.folder.parent == home.parent
        has_own = is_shipped and (home / report.id / "reproduce.py").is_file()
        name = f"{report.id}.reproduce" if has_own else "printed_scores"
        own = importlib.import_module(f"{__name__}.{name}")
    return cast(Callable[[Report], Iterable[Comparison]], own.reproduce)
