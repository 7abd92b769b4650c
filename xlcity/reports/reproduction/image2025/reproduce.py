"""Recompute the tables of the report: pillars, total, subtables, tiers, counts in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xlcity.index import IndexResult, compute
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.reading.data import empty_dataset
from xlcity.reports.report import PublishedTable, Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    compare_ranks,
    same_cells,
    scores_by_unit,
)
from xlcity.reports.reproduction.image2025.prose import (
    compare_facts,
    compare_tier_rules,
    compare_tiers,
)
from xlcity.reports.reproduction.image2025.subtables import compare_subtables

#: Scores are printed with two decimals, and so are the leaves they are recomputed from.
TOLERANCE = 0.01
PILLARS = ("communication", "influence", "recognition")
TOTAL = "total"


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Compare every printed number that other printed numbers determine."""
    return (
        *_main_tables(report),
        *_ranks(report),
        _same_in_both(report),
        *compare_subtables(report),
        *compare_tier_rules(report),
        *compare_tiers(report),
        compare_facts(report),
        *_leaves(report),
    )


def _main_tables(report: Report) -> Iterator[Comparison]:
    leaves: dict[str, Mapping[str, float]] = {}
    for name in PILLARS:
        table = report.published[name]
        pillar = table.nodes[name]
        leaves |= {
            code: table.values(column) for column, code in table.nodes.items() if code != pillar
        }
    from_leaves = _compute_from(report, leaves)
    for name in PILLARS:
        yield _scores(report.published[name], name, from_leaves, "scores", "from its two leaves")
    total = report.published[TOTAL]
    yield _scores(total, TOTAL, from_leaves, "scores", "from the six printed leaves")
    pillars = {total.nodes[name]: total.values(name) for name in PILLARS}
    from_pillars = _compute_from(report, pillars)
    how = "from the three printed pillars"
    yield _scores(total, TOTAL, from_pillars, "scores-from-pillars", how)


def _compute_from(report: Report, printed: Mapping[str, Mapping[str, float]]) -> IndexResult:
    """Compute the index with printed scores as the values of their nodes."""
    blank = empty_dataset(report.dataset.units, tuple(printed))
    values = np.array(
        [[printed[code][unit.id] for code in printed] for unit in report.dataset.units]
    )
    states = np.full_like(blank.states, State.VALUE)
    basis = np.full_like(blank.basis, Status.PRINTED.value)
    dataset = Dataset(blank.units, blank.codes, values, states, basis)
    return compute(report.framework, report.recipe, dataset)


def _scores(
    table: PublishedTable, column: str, result: IndexResult, what: str, how: str
) -> Comparison:
    code = table.nodes[column]
    computed = scores_by_unit(result, code)
    cells = same_cells(code, table.values(column), computed, f"table {table.label}")
    return compare(table.name, what, cells, tolerance=TOLERANCE, how=how)


def _ranks(report: Report) -> Iterator[Comparison]:
    for name in (*PILLARS, TOTAL):
        table = report.published[name]
        code, place = table.nodes[name], f"table {table.label}"
        ranks = [(row["city_id"], int(row["rank"])) for row in table.rows]
        yield from compare_ranks(name, code, ranks, table.values(name), place)


def _same_in_both(report: Report) -> Comparison:
    """Compare the pillars, which are printed twice: in the table of totals and in their own."""
    total = report.published[TOTAL]
    cells: list[ComparedCell] = []
    for name in PILLARS:
        printed, again = total.values(name), report.published[name].values(name)
        cells += same_cells(total.nodes[name], printed, again, f"table {total.label}")
    return compare(TOTAL, "same-in-pillar-tables", cells, how="the same number in two tables")


def _leaves(report: Report) -> Iterator[Comparison]:
    """Leaves from inputs that were derived from them: no evidence, and marked so."""
    result = compute(report.framework, report.recipe, report.dataset)
    for name in PILLARS:
        table = report.published[name]
        cells = [
            cell
            for column, code in table.nodes.items()
            if column != name
            for cell in same_cells(
                code, table.values(column), scores_by_unit(result, code), f"table {table.label}"
            )
        ]
        how = "from inputs derived from these very cells"
        yield compare(name, "leaves", cells, tolerance=TOLERANCE, by_construction=True, how=how)
