"""Printed cells beside recomputed ones, and the forms that most comparisons of a report have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlcity.reports.report import PublishedTable

if TYPE_CHECKING:
    from pandas import DataFrame

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
        The inputs were derived from the table compared, so that its agreement is no evidence.
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
        if isinstance(cell.published, (int, float))
        and isinstance(cell.computed, (int, float))
    ]
    outside = tuple(cell for cell in compared if not _is_right(cell, tolerance))
    within = len(compared) - len(outside)
    max_diff = max(differences, default=None)
    return Comparison(
        table,
        what,
        len(compared),
        within,
        tolerance,
        max_diff,
        outside,
        by_construction,
        how,
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


def frame(table: PublishedTable) -> DataFrame:
    """Return a printed table; a column that prints only numbers holds numbers."""
    import pandas as pd

    rows = pd.DataFrame(list(table.rows), columns=list(table.columns))
    for column in rows:
        is_blank = rows[column] == ""
        numbers = pd.to_numeric(rows[column].mask(is_blank), errors="coerce")
        is_number = numbers.notna()
        if is_number.any() and (is_number | is_blank).all():
            rows[column] = numbers
    return rows


def row_cells(
    rows: DataFrame,
    published: Iterable[Any] | str,
    computed: Iterable[Any],
    *,
    unit: str = "city_id",
    node: str = "node",
    where: str = "report line {report_line}",
    right: Iterable[bool] | None = None,
) -> list[ComparedCell]:
    """Return a cell for each row of a printed table.

    Parameters
    ----------
    published, computed
        What the rows print, or the column that does, and what they ought to.
    unit, node
        Columns that say what a row is about; a word that is not a column holds for all.
    where
        Where a row stands in print, with columns in braces.
    right
        The verdicts, where a difference of two numbers does not give them.
    """
    about = [
        rows[word].tolist() if word in rows else [word] * len(rows)
        for word in (unit, node)
    ]
    given = rows[published] if isinstance(published, str) else published
    verdicts = [None] * len(rows) if right is None else map(bool, right)
    places = [where.format_map(row) for row in rows.to_dict("records")]
    columns = (*about, map(_plain, given), map(_plain, computed), places, verdicts)
    return [ComparedCell(*cell) for cell in zip(*columns, strict=True)]


def _plain(value: Any) -> Printed:
    """Return a number of numpy as one of Python, and a missing one as None."""
    plain: Printed = value.item() if hasattr(value, "item") else value
    return None if plain != plain else plain


def competition_rank(rank: int, ranks: Collection[int]) -> int:
    """Return 1 and the number of ranks before one: what it is where equal units share a rank.

    >>> [competition_rank(rank, (1, 2, 2, 4)) for rank in (1, 2, 4)]
    [1, 2, 4]
    """
    return 1 + sum(other < rank for other in ranks)
