"""The 27 subtables: a group of the main table, ranked afresh, the first ten or all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.index.groups import members
from xlcity.reports.report import PublishedTable, Record, Report
from xlcity.reports.reproduction import Cell, Comparison, compare, rank_cells

#: A subtable stops here unless it lists its whole group.
FIRST = 10


@dataclass(frozen=True, slots=True)
class _Subtable:
    """One printed subtable with the main table it is taken from."""

    node: str
    main: PublishedTable
    column: str
    group: tuple[str, ...]
    rows: tuple[Record, ...]
    where: str


def compare_subtables(report: Report) -> tuple[Comparison, ...]:
    """Compare membership, order, ranks and numbers of all subtables with the main tables."""
    tables = list(_subtables(report))
    name = "subtables"
    return (
        compare(
            name,
            "rows",
            [Cell("", t.node, len(t.rows), _expected_rows(t), t.where) for t in tables],
            how="each group is listed whole or to its tenth place",
        ),
        compare(
            name,
            "members",
            [cell for t in tables for cell in _members(t)],
            how="belongs to the group, at a place that is listed",
        ),
        compare(
            name,
            "order",
            [cell for t in tables for cell in _order(t)],
            how="row by row in the order of the main table",
        ),
        compare(
            name,
            "ranks",
            [cell for t in tables for cell in _ranks(t)],
            how="order of the printed scores inside the group",
        ),
        compare(
            name,
            "scores",
            [cell for t in tables for cell in _scores(t)],
            how="the same number as in the main table",
        ),
        compare(
            name,
            "scores-from-leaves",
            [cell for t in tables for cell in _from_leaves(t, report)],
            tolerance=0.01,
            how="from the two leaves printed beside it",
        ),
    )


def _subtables(report: Report) -> Iterator[_Subtable]:
    rows: dict[str, list[Record]] = {}
    for row in report.published["subtables"].rows:
        rows.setdefault(row["table"], []).append(row)
    for label, listed in rows.items():
        first = listed[0]
        main = next(
            table
            for table in report.published.values()
            if table.name != "total" and table.column_of(first["node"])
        )
        column = main.column_of(first["node"])
        assert column is not None
        order = [row["city_id"] for row in main.rows]
        group = members(order, report.dataset.units, first["group_type"], first["group"])
        where = f"table {label}"
        yield _Subtable(first["node"], main, column, group, tuple(listed), where)


def _expected_rows(table: _Subtable) -> int:
    whole = len(table.group)
    return whole if len(table.rows) == whole else min(FIRST, whole)


def _members(table: _Subtable) -> Iterator[Cell]:
    listed = set(table.group[: len(table.rows)])
    scores = table.main.values(table.column)
    last = scores[table.group[len(table.rows) - 1]]
    for row in table.rows:
        unit = row["city_id"]
        # A tie that the last listed place cuts through may be cut anywhere.
        inside = unit in listed or (unit in table.group and scores[unit] == last)
        yield Cell(unit, table.node, unit, unit if inside else None, table.where)


def _order(table: _Subtable) -> Iterator[Cell]:
    for row, unit in zip(table.rows, table.group, strict=False):
        yield Cell(row["city_id"], table.node, row["city_id"], unit, table.where)


def _ranks(table: _Subtable) -> list[Cell]:
    scores = table.main.values(table.column)
    group = {unit: scores[unit] for unit in table.group}
    ranks = {row["city_id"]: int(row["rank"]) for row in table.rows if row["city_id"] in group}
    strangers = [
        Cell(row["city_id"], table.node, int(row["rank"]), None, table.where)
        for row in table.rows
        if row["city_id"] not in group
    ]
    return [*rank_cells(table.node, ranks, group, table.where), *strangers]


def _scores(table: _Subtable) -> Iterator[Cell]:
    own = {code: table.main.values(column) for column, code in table.main.nodes.items()}
    for row in table.rows:
        unit = row["city_id"]
        for code, printed in (
            (row["sub1_node"], row["sub1_score"]),
            (row["sub2_node"], row["sub2_score"]),
            (row["node"], row["score"]),
        ):
            yield Cell(unit, code, float(printed), own[code][unit], table.where)


def _from_leaves(table: _Subtable, report: Report) -> Iterator[Cell]:
    for row in table.rows:
        computed = sum(
            report.framework[row[f"sub{place}_node"]].weight * float(row[f"sub{place}_score"])
            for place in (1, 2)
        )
        yield Cell(row["city_id"], row["node"], float(row["score"]), computed, table.where)
