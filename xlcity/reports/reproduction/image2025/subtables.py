"""The 27 subtables: a group of the main table, ranked afresh, the first ten or all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from xlcity.index.groups import members
from xlcity.reports.report import PublishedTable, Record, Report
from xlcity.reports.reproduction.comparison import ComparedCell, Comparison, compare, rank_cells

#: A subtable stops here unless it lists its whole group.
FIRST = 10


@dataclass(frozen=True, slots=True)
class _PrintedSubtable:
    """One printed subtable with the main table it is taken from."""

    node: str
    main: PublishedTable
    column: str
    group: tuple[str, ...]
    rows: tuple[Record, ...]
    where: str


_Cells = Callable[[_PrintedSubtable], Iterable[ComparedCell]]


def compare_subtables(report: Report) -> tuple[Comparison, ...]:
    """Compare membership, order, ranks and numbers of all subtables with the main tables."""
    tables = list(_subtables(report))
    parts: tuple[tuple[str, _Cells, float, str], ...] = (
        ("rows", _row_count, 0.0, "each group is listed whole or to its tenth place"),
        ("members", _members, 0.0, "belongs to the group, at a place that is listed"),
        ("order", _order, 0.0, "row by row in the order of the main table"),
        ("ranks", _ranks, 0.0, "order of the printed scores inside the group"),
        ("scores", _scores, 0.0, "the same number as in the main table"),
        ("scores-from-leaves", partial(_from_leaves, report=report), 0.01,
         "from the two indicators printed next to it"),
    )  # fmt: skip
    return tuple(
        compare("subtables", what, [c for t in tables for c in cells(t)], tolerance=within, how=how)
        for what, cells, within, how in parts
    )


def _subtables(report: Report) -> Iterator[_PrintedSubtable]:
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
        yield _PrintedSubtable(first["node"], main, column, group, tuple(listed), where)


def _row_count(table: _PrintedSubtable) -> list[ComparedCell]:
    whole = len(table.group)
    expected = whole if len(table.rows) == whole else min(FIRST, whole)
    return [ComparedCell("", table.node, len(table.rows), expected, table.where)]


def _members(table: _PrintedSubtable) -> Iterator[ComparedCell]:
    listed = set(table.group[: len(table.rows)])
    scores = table.main.values(table.column)
    last = scores[table.group[len(table.rows) - 1]]
    for row in table.rows:
        unit = row["city_id"]
        # A tie that the last listed place cuts through may be cut anywhere.
        inside = unit in listed or (unit in table.group and scores[unit] == last)
        yield ComparedCell(unit, table.node, unit, unit if inside else None, table.where)


def _order(table: _PrintedSubtable) -> Iterator[ComparedCell]:
    for row, unit in zip(table.rows, table.group, strict=False):
        yield ComparedCell(row["city_id"], table.node, row["city_id"], unit, table.where)


def _ranks(table: _PrintedSubtable) -> list[ComparedCell]:
    scores = table.main.values(table.column)
    group = {unit: scores[unit] for unit in table.group}
    ranks = {row["city_id"]: int(row["rank"]) for row in table.rows if row["city_id"] in group}
    strangers = [
        ComparedCell(row["city_id"], table.node, int(row["rank"]), None, table.where)
        for row in table.rows
        if row["city_id"] not in group
    ]
    return [*rank_cells(table.node, ranks, group, table.where), *strangers]


def _scores(table: _PrintedSubtable) -> Iterator[ComparedCell]:
    own = {code: table.main.values(column) for column, code in table.main.nodes.items()}
    for row in table.rows:
        unit = row["city_id"]
        for code, printed in (
            (row["sub1_node"], row["sub1_score"]),
            (row["sub2_node"], row["sub2_score"]),
            (row["node"], row["score"]),
        ):
            yield ComparedCell(unit, code, float(printed), own[code][unit], table.where)


def _from_leaves(table: _PrintedSubtable, report: Report) -> Iterator[ComparedCell]:
    for row in table.rows:
        computed = sum(
            report.framework[row[f"sub{place}_node"]].weight * float(row[f"sub{place}_score"])
            for place in (1, 2)
        )
        yield ComparedCell(row["city_id"], row["node"], float(row["score"]), computed, table.where)
