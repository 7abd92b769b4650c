"""What a report printed of nodes and of groups, and where it says that values are from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

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
_RANK_OF_YEAR = "rank_"


class _Printed(NamedTuple):
    """What one table printed of a node: its label, and a text or a number of each city."""

    label: str
    of_cities: Mapping[str, Any]


_NOTHING = _Printed("", {})


def printed_of(report: Report) -> tuple[PublishedScores, ...]:
    """Return what was printed of every node.

    The first table that has a node counts, and further ones that list another population.
    """
    population = {unit.id: unit.population for unit in report.dataset.units}
    scores: dict[str, _Printed] = {}
    ranks: dict[str, _Printed] = {}
    for table in report.published.values():
        for column, node in table.nodes.items():
            texts = {row["city_id"]: row[column] for row in table.rows}
            _add_printed(scores, node, _Printed(table.label, texts), population)
        for node, places in _printed_ranks(table).items():
            _add_printed(ranks, node, _Printed(table.label, places), population)
    derived = _nodes_derived_from(report)
    published: list[PublishedScores] = []
    for node in (node.code for node in report.framework.nodes):
        if node in scores or node in ranks:
            own_scores = scores.get(node, _NOTHING)
            own_ranks = ranks.get(node, _NOTHING)
            label = own_scores.label if node in scores else own_ranks.label
            published.append(
                PublishedScores(
                    node,
                    label,
                    own_scores.of_cities,
                    own_ranks.of_cities,
                    is_given=_is_given(report, node),
                    by_construction=node in derived,
                )
            )
    return tuple(published)


def _add_printed(
    every: dict[str, _Printed],
    node: str,
    added: _Printed,
    population: Mapping[str, str],
) -> None:
    """Add what a table printed of a node, unless a former one has cities of these groups."""
    former = every.get(node, _Printed(added.label, {}))
    groups = {population.get(city) for city in former.of_cities}
    if groups.isdisjoint(population.get(city) for city in added.of_cities):
        both = {**added.of_cities, **former.of_cities}
        every[node] = _Printed(former.label, both)


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
    ranks: dict[str, dict[str, int]] = {}
    nodes = table.ranks
    if table.nodes and "rank" in table.columns:
        # A table is ranked by the node in its last column of scores.
        nodes = {"rank": [*table.nodes.values()][-1]}
    for column, node in nodes.items():
        for row in table.rows:
            _add_rank(ranks, node, row, column)
    is_long = table.name == "ranks" and {"node", "city_id"} <= {*table.columns}
    if is_long and not nodes:
        column = "rank" if "rank" in table.columns else "rank_printed"
        for row in table.rows:
            _add_rank(ranks, row["node"], row, column)
    return ranks


def _add_rank(
    ranks: dict[str, dict[str, int]], node: str, row: Mapping[str, str], column: str
) -> None:
    """Add the rank of a city, where the table gives one."""
    if row[column]:
        ranks.setdefault(node, {})[row["city_id"]] = int(row[column])


def earlier_ranks(report: Report) -> Iterator[tuple[str, dict[tuple[str, str], int]]]:
    """Yield earlier editions, the latest first, and the ranks of (city, node) printed of each."""
    table = report.published.get(_HISTORY)
    if table is not None:
        columns = [name for name in table.columns if name.startswith(_RANK_OF_YEAR)]
        years = {name.removeprefix(_RANK_OF_YEAR) for name in columns}
        for year in sorted(years - {report.edition}, reverse=True):
            yield year, _ranks_in_column(table, _RANK_OF_YEAR + year)
        return
    ranks = {
        (value.unit, value.code): value.rank
        for value in report.previous
        if value.rank is not None
    }
    if ranks:
        yield "", ranks


def _ranks_in_column(table: PublishedTable, column: str) -> dict[tuple[str, str], int]:
    """Return the ranks of (city, node) that stand in a column."""
    return {
        (row["city_id"], row["node"]): int(row[column])
        for row in table.rows
        if row[column].isdigit()
    }


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
