"""Tiers and lists of names that the text states, against the printed tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.index.groups import members, tier
from xlcity.reports.report import PublishedTable, Record, Report
from xlcity.reports.reproduction.comparison import ComparedCell, Comparison, compare, line_of


def main_order(report: Report, node: str) -> tuple[str, ...]:
    """Return all units in the order of a node's printed column.

    Pillars and total have a printed order. Leaves have none: there equal scores stand in the order
    of the list of cities (size class, then pinyin), which gives the counts in the text and most of
    the names; the report does not state it.
    """
    table = _ranked_table(report, node)
    if table is not None:
        return tuple(row["city_id"] for row in table.rows)
    scores = main_scores(report, node)
    return tuple(sorted((u.id for u in report.dataset.units), key=lambda unit: -scores[unit]))


def _ranked_table(report: Report, node: str) -> PublishedTable | None:
    """Return the table that prints a node's ranks; leaves have none."""
    for table in report.published.values():
        column = table.column_of(node)
        # The pillars are columns of the table of totals too: there they are not what is ranked.
        if column is not None and column == table.columns[-2]:
            return table
    return None


def main_scores(report: Report, node: str) -> dict[str, float]:
    """Return a node's printed scores by unit."""
    for table in report.published.values():
        column = table.column_of(node)
        if column is not None:
            return table.values(column)
    raise KeyError(node)


def compare_tier_rules(report: Report) -> tuple[Comparison, ...]:
    """Compare the sizes of the tiers with their rank ranges, and the ranges with the groups."""
    rows = report.published["tier_rules"].rows
    sizes, ends = [], []
    for row in rows:
        where = f"{row['group']} tier {row['tier']}"
        first, last = int(row["rank_from"]), int(row["rank_to"])
        sizes.append(ComparedCell("", "", int(row["n"]), last - first + 1, where))
        same = [
            r for r in rows if (r["group_type"], r["group"]) == (row["group_type"], row["group"])
        ]
        later = [int(r["rank_from"]) for r in same if int(r["tier"]) == int(row["tier"]) + 1]
        units = (unit.id for unit in report.dataset.units)
        whole = len(members(units, report.dataset.units, row["group_type"], row["group"]))
        ends.append(ComparedCell("", "", last, later[0] - 1 if later else whole, where))
    return (
        compare("tier_rules", "sizes", sizes, how="ranks from first to last"),
        compare("tier_rules", "ends", ends, how="next tier's first rank - 1, or the group's size"),
    )


@dataclass(frozen=True, slots=True)
class _Statement:
    """A tier or listing with the places that it ought to cover."""

    row: Record
    named: tuple[str, ...]
    order: tuple[str, ...]
    expected: tuple[str, ...]
    #: Printed scores where no order is printed: there any order inside a tie is right.
    unordered: Mapping[str, float] | None
    where: str

    @property
    def node(self) -> str:
        """The node that is ranked."""
        return self.row["node"]

    def tied(self, one: str, other: str) -> bool:
        """Tell whether nothing printed puts one unit before the other."""
        return self.unordered is not None and self.unordered[one] == self.unordered[other]


def compare_tiers(report: Report) -> tuple[Comparison, ...]:
    """Compare the named cities of each statement, their order, and the printed counts."""
    statements = list(_statements(report))
    parts = (
        ("members", _member_cells, "each named city is in the tier or list, and is named once"),
        ("order", _order_cells,
         "named cities, repeats left out, are the first of the tier or list, in order"),
        ("counts", _count_cells,
         "printed number of cities against the places that are left for it"),
    )  # fmt: skip
    return tuple(
        compare("tiers", what, [cell for s in statements for cell in cells(s)], how=how)
        for what, cells, how in parts
    )


def _statements(report: Report) -> Iterator[_Statement]:
    rules = {(r.group_type, r.group, r.tier): r for r in report.tier_rules}
    covered: dict[tuple[str, str, str], int] = {}
    for row in report.published["tiers"].rows:
        group_type, group, number = row["group_type"], row["group"], int(row["tier"])
        named = tuple(row["named_cities_in_print_order"].split("|"))
        order = members(main_order(report, row["node"]), report.dataset.units, group_type, group)
        key = (row["node"], group_type, group)
        start = covered.get(key, 0) + 1
        rule = rules.get((group_type, group, number))
        if row["kind"] == "tier" and rule is not None:
            start, end = rule.rank_from, rule.rank_to
        else:
            # A list goes on where the one before it stopped: as far as it says, or as it names.
            end = start - 1 + int(row["n_cities_printed"] or len(named))
        covered[key] = end
        where = f"{group} {row['kind']} {number}, {line_of(row)}"
        ordered = _ranked_table(report, row["node"]) is not None
        scores = None if ordered else main_scores(report, row["node"])
        yield _Statement(row, named, order, tier(order, start, end), scores, where)


def _member_cells(statement: _Statement) -> Iterator[ComparedCell]:
    inside = set(statement.expected)
    ends = {*statement.expected[:1], *statement.expected[-1:]}
    for place, unit in enumerate(statement.named):
        repeated = unit in statement.named[:place]
        at_border = any(statement.tied(unit, end) for end in ends)
        right = (unit in inside or at_border) and not repeated
        computed = unit if right else ("named before" if repeated else None)
        yield ComparedCell(unit, statement.node, unit, computed, statement.where)


def _order_cells(statement: _Statement) -> Iterator[ComparedCell]:
    named = tuple(dict.fromkeys(statement.named))
    for place, unit in enumerate(named):
        expected = statement.expected[place] if place < len(statement.expected) else None
        right = expected is not None and (unit == expected or statement.tied(unit, expected))
        yield ComparedCell(unit, statement.node, unit, expected, statement.where, right)


def _count_cells(statement: _Statement) -> Iterator[ComparedCell]:
    printed = statement.row["n_cities_printed"]
    if not printed:
        return
    expected = len(statement.expected)
    if statement.row["kind"] == "listing":
        # The last list of a group reaches to its end, an earlier one as far as it names cities.
        first = statement.order.index(statement.expected[0]) if statement.expected else 0
        expected = len(statement.named) if first == 0 else len(statement.order) - first
    yield ComparedCell("", statement.node, int(printed), expected, statement.where)
