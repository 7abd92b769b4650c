"""The comparisons of a report that brings none of its own: printed scores and their ranks."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.index import IndexResult, compute
from xlcity.model.dataset import State, Status
from xlcity.reports.report import PublishedTable, Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    compare_ranks,
    scores_by_unit,
)

#: Column of a printed table that holds the rank by its last column of scores.
RANK = "rank"


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Compare every printed column of scores with the index, and every printed rank.

    Scores are compared within half a unit of their last printed decimal. Where the inputs below a
    node were derived from print, or the node's values are the printed ones themselves, agreement
    is by construction.
    """
    result = compute(report.framework, report.recipe, report.dataset)
    return tuple(
        comparison
        for table in report.published.values()
        for comparison in (*_scores(table, result), *_ranks(table))
    )


def _scores(table: PublishedTable, result: IndexResult) -> Iterator[Comparison]:
    for column, code in table.nodes.items():
        scores = scores_by_unit(result, code)
        printed = table.values(column)
        texts = [row[column] for row in table.rows if row[column]]
        decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
        cells = []
        for unit, score in printed.items():
            known = scores[unit] == scores[unit]
            computed = scores[unit] if known else None
            cells.append(ComparedCell(unit, code, score, computed, f"table {table.label}"))
        yield compare(
            table.name,
            "scores" if len(table.nodes) == 1 else f"scores {column}",
            cells,
            tolerance=0.5 * 10.0**-decimals,
            by_construction=_circular(result, code),
            how=f"{code} computed from the report's data",
        )


def _circular(result: IndexResult, code: str) -> bool:
    """Tell whether the values that a node is computed from were taken from print."""
    framework, dataset = result.framework, result.dataset
    below = {leaf.code for leaf in framework.leaves_below(code)}
    used = [column for column, name in enumerate(dataset.codes) if name in below]
    derived = dataset.basis[:, used] == Status.DERIVED.value
    direct = code in dataset.codes and bool(
        (dataset.states[:, dataset.column(code)] == State.VALUE).any()
    )
    return direct or bool(derived.any())


def _ranks(table: PublishedTable) -> Iterator[Comparison]:
    if RANK not in table.columns or not table.nodes:
        return
    column, code = list(table.nodes.items())[-1]
    where = f"table {table.label}"
    ranks = [(row["city_id"], int(row[RANK])) for row in table.rows if row[RANK]]
    yield from compare_ranks(table.name, code, ranks, table.values(column), where)
