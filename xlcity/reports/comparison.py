"""Printed cells beside recomputed ones, and the forms that most comparisons of a report have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.reports.report import Record

#: Differences are compared with a tolerance in printed units; this much more is float noise
#: (0.01 as a difference of two doubles is not 0.01).
FLOAT_GUARD = 1e-9

#: A printed thing: a number, an id, or nothing.
Printed = float | str | None


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """One printed cell beside its recomputed value.

    `right` is the verdict where a difference of two numbers does not give it.
    """

    unit: str
    node: str
    published: Printed
    computed: Printed
    where: str = ""
    right: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("unit", "node", "published", "computed", "where")
        return {name: getattr(self, name) for name in names}


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
    outside
        The cells that the recomputed values do not confirm.
    by_construction
        The inputs were derived from the very cells compared, so that agreement proves nothing.
    """

    table: str
    what: str
    cells: int
    within: int
    tolerance: float
    max_diff: float | None
    outside: tuple[ComparedCell, ...]
    by_construction: bool = False
    how: str = ""


def compare(
    table: str,
    what: str,
    cells: Iterable[ComparedCell],
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
    outside = tuple(cell for cell in compared if not _is_right(cell, tolerance))
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


def _is_right(cell: ComparedCell, tolerance: float) -> bool:
    if cell.right is not None:
        return cell.right
    if isinstance(cell.published, str) or isinstance(cell.computed, str):
        return cell.published == cell.computed
    if cell.published is None or cell.computed is None:
        return cell.published is cell.computed
    return abs(cell.published - cell.computed) <= tolerance + FLOAT_GUARD


def rank_cells(
    node: str, ranks: Mapping[str, int], scores: Mapping[str, float]
) -> list[ComparedCell]:
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
        cells.append(ComparedCell(unit, node, rank, nearest))
    return cells


def line_of(row: Record) -> str:
    """Return where a row stands in print."""
    return f"report line {row['report_line']}"


def row_cells(
    rows: Iterable[Record],
    column: str,
    computed: Callable[[Record], Printed],
    kind: Callable[[str], Printed] = int,
    *,
    node: str | None = None,
    where: Callable[[Record], str] = line_of,
) -> list[ComparedCell]:
    """Return a cell for each row that prints something in a column.

    Parameters
    ----------
    rows
        Rows of a printed table. `city_id` and `node` say what a row is about.
    column
        The column that is compared.
    computed
        What the row ought to have.
    kind
        How the printed text is read.
    node
        The node, where no column names it.
    where
        Where a row stands in print.
    """
    return [
        ComparedCell(row.get("city_id", ""), of, kind(row[column]), computed(row), where(row))
        for row in rows
        if row[column]
        for of in (row["node"] if node is None else node,)
    ]


def ranks_by_node(rows: Iterable[Record]) -> dict[str, dict[str, int]]:
    """Return printed ranks of a long table by node and unit."""
    ranks: dict[str, dict[str, int]] = {}
    for row in rows:
        ranks.setdefault(row["node"], {})[row["city_id"]] = int(row["rank"])
    return ranks


def competition_rank(rank: int, ranks: Collection[int]) -> int:
    """Return 1 and the number of ranks before one: what it is where equal units share a rank.

    >>> [competition_rank(rank, (1, 2, 2, 4)) for rank in (1, 2, 4)]
    [1, 2, 4]
    """
    return 1 + sum(other < rank for other in ranks)
