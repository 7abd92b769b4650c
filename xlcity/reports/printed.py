"""What a report printed of nodes and of groups, and where it says that values are from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from xlcity.grouping import grouped
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.reports.report import (
    GroupTable,
    PublishedScores,
    PublishedTable,
    Report,
    SourceException,
)

#: Figures of totals show a whole group, or this many of a large one.
FIGURE_DEPTH = 20

#: Printed table with the ranks of earlier editions, in columns rank_YEAR.
_HISTORY = "rank_history"
#: Node -> the label of a table, and what is printed of each city.
_Printed = dict[str, tuple[str, dict[str, Any]]]


def printed_of(report: Report) -> tuple[PublishedScores, ...]:
    """Return what was printed of every node.

    The first table that has a node counts, and further ones that list another population.
    """
    population = {unit.id: unit.population for unit in report.dataset.units}
    scores: _Printed = {}
    ranks: _Printed = {}
    for table in report.published.values():
        of_nodes: list[tuple[_Printed, str, dict[str, Any]]] = [
            *(
                (scores, node, {row["city_id"]: row[column] for row in table.rows})
                for column, node in table.nodes.items()
            ),
            *((ranks, node, places) for node, places in _printed_ranks(table).items()),
        ]
        for printed, node, added in of_nodes:
            label, shown = printed.get(node, (table.label, {}))
            if not {*map(population.get, shown)} & {*map(population.get, added)}:
                printed[node] = label, {**added, **shown}
    none: tuple[str, dict[str, Any]] = ("", {})
    derived = _nodes_derived_from(report)
    return tuple(
        PublishedScores(
            node,
            (scores.get(node) or ranks[node])[0],
            scores.get(node, none)[1],
            ranks.get(node, none)[1],
            is_given=_is_given(report, node),
            by_construction=node in derived,
        )
        for node in (node.code for node in report.framework.nodes)
        if node in scores or node in ranks
    )


def _nodes_derived_from(report: Report) -> set[str]:
    """Return the nodes whose printed scores the data were derived from."""
    nodes: set[str] = set()
    for name in report.derived_from:
        nodes.update(report.published[name].nodes.values())
    return nodes


def _is_given(report: Report, node: str) -> bool:
    """Tell whether a node's printed score is an input itself, or that of its only indicator."""
    children = report.framework.children(node)
    kinds = [report.framework.is_indicator(child.code) for child in children]
    return node in report.dataset.codes or kinds == [True]


def _printed_ranks(table: PublishedTable) -> dict[str, dict[str, int]]:
    """Return printed ranks by node: of a table by one node, or of a long table of ranks."""
    nodes = table.ranks
    if table.nodes and "rank" in table.columns:
        # A table is ranked by the node in its last column of scores.
        nodes = {"rank": [*table.nodes.values()][-1]}
    lines = [(nodes[column], row, column) for column in nodes for row in table.rows]
    if (
        not nodes
        and table.name == "ranks"
        and {"node", "city_id"} <= set(table.columns)
    ):
        column = "rank" if "rank" in table.columns else "rank_printed"
        lines = [(row["node"], row, column) for row in table.rows]
    ranks = grouped((n, (row["city_id"], int(row[c]))) for n, row, c in lines if row[c])
    return {node: dict(cities) for node, cities in ranks.items()}


def earlier_ranks(report: Report) -> Iterator[tuple[str, dict[tuple[str, str], int]]]:
    """Yield earlier editions, the latest first, and the ranks of (city, node) printed of each."""
    if (table := report.published.get(_HISTORY)) is not None:
        years = (
            c.removeprefix("rank_") for c in table.columns if c.startswith("rank_")
        )
        for year in sorted({*years} - {report.edition}, reverse=True):
            lines = ((row, row[f"rank_{year}"]) for row in table.rows)
            yield (
                year,
                {(r["city_id"], r["node"]): int(n) for r, n in lines if n.isdigit()},
            )
    elif ranks := {
        (v.unit, v.code): v.rank for v in report.previous if v.rank is not None
    }:
        yield "", ranks


def exceptions_of(
    lines: Iterable[SourceException], data: Dataset
) -> Iterator[SourceException]:
    """Yield lines of `sources`, each with the value that its status belongs to.

    A status is that of a real value: where the default value is invented, it says so itself and
    only the remark is kept.
    """
    for line in lines:
        value = None
        if line.basis and line.unit in data.rows and line.code in data.codes:
            cell = data.rows[line.unit], data.column(line.code)
            is_known = data.basis[cell] == Status.SYNTHETIC != line.basis
            if data.states[cell] == State.VALUE and not is_known:
                value = float(data.values[cell])
        yield replace(line, value=value, basis="" if value is None else line.basis)


def subtables_of(report: Report, units: Sequence[Unit]) -> tuple[GroupTable, ...]:
    """Return the root's groups (the figures), then the printed subtables, in their order."""
    root = report.framework.root.code
    printed = report.published.get("subtables")
    tables: list[GroupTable] = []
    for name in report.figure_groups:
        sizes = Counter(unit.attributes.get(name) for unit in units)
        group_type = next(kind for kind in report.group_types if kind.attribute == name)
        for group in group_type.groups:
            depth = min(sizes[group.value], FIGURE_DEPTH)
            tables.append(GroupTable("", root, name, group.value, depth))
    if printed is not None:
        depths = Counter(
            (row["table"], row["node"], row["group_type"], row["group"])
            for row in printed.rows
        )
        tables += [GroupTable(*key, rows) for key, rows in depths.items()]
    return tuple(tables)
