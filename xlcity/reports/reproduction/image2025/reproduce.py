"""Recompute the tables of the report: pillars, total, subtables, tiers, counts in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xlcity.index import IndexResult, compute
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.reading.data import empty_dataset
from xlcity.reports.report import PublishedTable, Report
from xlcity.reports.reproduction.comparison import (
    Comparison,
    compare,
    same_cells,
    scores_by_unit,
)

#: Scores are printed with two decimals, and so are the leaves they are recomputed from.
TOLERANCE = 0.01
PILLARS = ("communication", "influence", "recognition")
TOTAL = "total"


def main_tables(report: Report) -> Iterator[Comparison]:
    """Compare pillars and total with what the printed numbers below them give."""
    below: dict[str, Mapping[str, float]] = {}
    for name in PILLARS:
        table = report.published[name]
        pillar = table.nodes[name]
        below |= {
            code: table.values(column) for column, code in table.nodes.items() if code != pillar
        }
    from_leaves = _compute_from(report, below)
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


def leaves(report: Report) -> Iterator[Comparison]:
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
