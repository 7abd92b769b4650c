"""The comparisons that `[[reproduce]]` declares: each printed cell beside what it ought to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xlcity.audit.tables.checks.claims import counted
from xlcity.audit.tables.checks.clusters import agreement, clusterings
from xlcity.audit.tables.checks.groups import compared_groups, printed_subtables
from xlcity.audit.tables.checks.rank_positions import Places, order_of
from xlcity.audit.tables.checks.statistics import nearest_word
from xlcity.audit.tables.checks.tiers import PrintedList, printed_lists
from xlcity.audit.tables.constraints.base import Constraint
from xlcity.audit.tables.constraints.build import lattices, row_identities
from xlcity.audit.tables.finding import node_of
from xlcity.audit.tables.spec.cells import PrintedCell, Series, whole_number
from xlcity.audit.tables.spec.load import PrintedTables, Row, selected
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import ReproduceRule
from xlcity.audit.tables.spec.schema import Names
from xlcity.functions.cluster import STANDARDISATIONS
from xlcity.grouping import grouped
from xlcity.index import IndexResult
from xlcity.model.dataset import State, Status
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    Printed,
    compare,
    competition_rank,
    rank_cells,
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One `[[reproduce]]` at work.

    Parameters
    ----------
    index
        Returns the index from the report's data, or from the printed scores of some nodes.
    own
        Returns the cells of a row of counts that no `[[count]]` is about.
    """

    rule: ReproduceRule
    spec: Spec
    printed: PrintedTables
    index: Callable[[Names], IndexResult]
    own: Callable[[Row], Iterable[ComparedCell]]

    def comparison(self) -> Comparison:
        """Return the cells and what became of them.

        Scores without a tolerance are compared within half a unit of their last printed decimal.
        """
        rule, by_construction = self.rule, False
        if rule.compare == "classes":
            return _classes(self)
        tolerance = 0.0 if rule.tolerance is None else float(rule.tolerance)
        if rule.compare == "scores":
            nodes = {cell.node for cell in self.cells()}
            by_construction = all(_circular(self.index(rule.given), node) for node in nodes)
            if rule.tolerance is None:
                tolerance = 0.5 * 10.0 ** -max((c.decimals for c in self.cells()), default=0)
        return compare(
            rule.table,
            rule.what,
            KINDS[rule.compare](self),
            tolerance=tolerance,
            by_construction=by_construction,
            how=rule.how,
        )

    def cells(self) -> list[PrintedCell]:
        """Return the printed numbers that are compared."""
        rule = self.rule
        cells = (cell for cell in self.printed.book.cells if cell.table == rule.table)
        return [cell for cell in cells if cell.column in rule.columns]

    def by_series(self) -> Iterable[list[PrintedCell]]:
        """Return the numbers by what they are about, in printed order."""
        return grouped(((cell.column, cell.series), cell) for cell in self.cells()).values()

    def rows(self) -> tuple[Row, ...]:
        """Return the rows of the table."""
        return self.printed.files[self.rule.table]

    def lists(self) -> Iterator[PrintedList]:
        """Yield the lists that the tiers or the `[[subtable]]`s of the table describe."""
        for rule in self.spec.rules["list"]:
            if rule.table == self.rule.table and rule.kind == "tiers":
                yield from printed_lists(rule, self.printed)
        for rule in self.spec.rules["subtable"]:
            if rule.table == self.rule.table:
                yield from printed_subtables(rule, self.printed)

    def named(self, listing: PrintedList) -> Iterator[tuple[str, Places | None, Row]]:
        """Yield the names of a list, each with its places in the group and its row."""
        for number, name in enumerate(listing.names):
            row = listing.rows[min(number, len(listing.rows) - 1)]
            yield name, listing.inside.places.get(name), row

    def place(self, row: Row) -> str:
        """Return where a row stands in print."""
        return self.rule.at.format_map(row)

    def place_of(self, cell: PrintedCell) -> str:
        """Return where a number stands in print."""
        return self.place(self.rows()[self.printed.numbers[cell.table].index(cell.row)])

    def beside(
        self, cell: PrintedCell, computed: Printed, right: bool | None = None
    ) -> ComparedCell:
        """Return a number beside what it ought to be."""
        where = self.place_of(cell)
        return ComparedCell(cell.unit, cell.node, _shown(cell), computed, where, right)


def _shown(cell: PrintedCell) -> float:
    return float(cell.value) if cell.decimals else int(cell.value)


def _circular(result: IndexResult, code: str) -> bool:
    """Tell whether the values that a node is computed from were taken from print."""
    dataset = result.dataset
    below = {leaf.code for leaf in result.framework.leaves_below(code)}
    used = [column for column, name in enumerate(dataset.codes) if name in below]
    derived = dataset.basis[:, used] == Status.DERIVED.value
    direct = code in dataset.codes and bool(
        (dataset.states[:, dataset.column(code)] == State.VALUE).any()
    )
    return direct or bool(derived.any())


def _scores(of: Declared) -> Iterator[ComparedCell]:
    """Yield scores beside those that the index computes."""
    result = of.index(of.rule.given)
    for cell in of.cells():
        score = float(result.column(cell.node)[result.dataset.row(cell.unit)])
        yield of.beside(cell, score if score == score else None)


def _same(of: Declared) -> Iterator[ComparedCell]:
    """Yield numbers beside the same ones in other tables, the first that has it."""
    for cell in of.cells():
        others = (of.printed.book.one(cell.series, cell.unit, name) for name in of.rule.tables)
        other = next((other_cell for other_cell in others if other_cell is not None), None)
        if other is not None:
            yield of.beside(cell, _shown(other))


def _beyond(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks of units that the other table does not list: they come after its last."""
    (table,) = of.rule.tables
    for cells in of.by_series():
        listed = of.printed.book.series[cells[0].series].values()
        last = sum(
            any(other_cell.table == table for other_cell in other_cells) for other_cells in listed
        )
        for cell in cells:
            if of.printed.book.one(cell.series, cell.unit, table) is None:
                yield of.beside(cell, None, cell.value > last)


def _before(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks beside 1 and the number of ranks before them."""
    for cells in of.by_series():
        ranks = [int(cell.value) for cell in cells]
        for cell, rank in zip(cells, ranks, strict=True):
            yield of.beside(cell, competition_rank(rank, ranks))


def _sequence(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks beside 1 to n, row by row."""
    for cells in of.by_series():
        for rank, cell in enumerate(cells, start=1):
            yield of.beside(cell, rank)


def _order(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks beside those that the printed scores give."""
    tables = of.rule.tables or (of.rule.table,)
    for cells in of.by_series():
        series = cells[0].series
        scores = of.printed.book.series.get(Series(series.node, group=series.group), {})
        score_by_unit = {
            unit: float(other_cell.value)
            for unit, other_cells in scores.items()
            for other_cell in other_cells
            if other_cell.table in tables
        }
        if score_by_unit:
            ranks = {cell.unit: int(cell.value) for cell in cells}
            given = {
                other_cell.unit: other_cell.computed
                for other_cell in rank_cells(series.node, ranks, score_by_unit)
            }
            yield from (of.beside(cell, given[cell.unit]) for cell in cells)


def _once(of: Declared) -> Iterator[ComparedCell]:
    """Yield 1 beside how often a column has a number."""
    for cells in of.by_series():
        times = Counter(cell.value for cell in cells)
        for cell in cells:
            where = of.place_of(cell)
            yield ComparedCell(cell.unit, cell.node, 1, times[cell.value], where)


def _attribute(of: Declared) -> Iterator[ComparedCell]:
    """Yield words beside those of the list of units, in the column of that name."""
    key = of.printed.unit_columns[of.rule.table]
    for row in of.rows():
        for column in of.rule.columns:
            word = of.printed.attributes[row[key]][column]
            yield ComparedCell(row[key], "", row[column], word, of.place(row))


def _count(of: Declared) -> Iterator[ComparedCell]:
    """Yield counts beside what the tables give, as the `[[count]]`s of the table say."""
    rules = [rule for rule in of.spec.rules["count"] if rule.table == of.rule.table]
    for row in of.rows():
        rule = next((rule for rule in rules if selected(row, rule.where)), None)
        if rule is None:
            yield from of.own(row)
            continue
        claim = counted(rule, row, of.printed)
        unit = row[rule.unit_column] if rule.unit_column else of.rule.unit.format_map(row)
        node = node_of(rule, row) or row[of.printed.unit_columns[of.rule.table]]
        nearest = min(max(claim.value or 0, claim.low), claim.high)
        yield ComparedCell(
            " ".join(unit.split()), node, claim.value, nearest, of.place(row), claim.right
        )


def _greater(of: Declared) -> Iterator[ComparedCell]:
    """Yield groups beside the one of two with the greater mean, as the `[[greater]]`s say."""
    result = of.index(of.rule.given)
    for rule in of.spec.rules["greater"]:
        for row in of.printed.files[rule.table] if rule.table == of.rule.table else ():
            if selected(row, rule.where):
                node = row[rule.node_column]
                scores = result.column(node)
                first, second = (
                    np.nanmean([scores[result.dataset.row(unit)] for unit in units])
                    for units in compared_groups(rule, row, of.printed)
                )
                greater = row[rule.first if first > second else rule.second]
                yield ComparedCell("", node, row[rule.first], greater, of.place(row))


def _words(of: Declared) -> Iterator[ComparedCell]:
    """Yield words beside the nearest that the `[[words]]` of the table allow."""
    key = of.printed.unit_columns[of.rule.table]
    for rule in of.spec.rules["words"]:
        for row in of.printed.files[rule.table] if rule.table == of.rule.table else ():
            if selected(row, rule.where):
                word = row[rule.column]
                near = word if word in rule.allowed else nearest_word(word, rule.allowed)
                node = row.get("node", rule.column)
                yield ComparedCell(row[key], node, word, near, of.place(row))


def _members(of: Declared) -> Iterator[ComparedCell]:
    """Yield names beside themselves, if the list covers a place of theirs and names them once."""
    for listing in of.lists():
        before: set[str] = set()
        for name, places, row in of.named(listing):
            first, last = listing.ends
            inside = places is not None and places[0] <= last and places[1] >= first
            computed = "named before" if name in before else name if inside else None
            yield ComparedCell(name, listing.node, name, computed, of.place(row))
            before.add(name)


def _in_order(of: Declared) -> Iterator[ComparedCell]:
    """Yield names, repeats left out, beside the units that the group has at these places."""
    for listing in of.lists():
        order = order_of(listing.inside, of.printed)[: listing.ends[1]]
        rows = {name: (places, row) for name, places, row in of.named(listing)}
        for rank, (name, (places, row)) in enumerate(rows.items(), start=listing.ends[0]):
            expected = order[rank - 1] if rank <= len(order) else None
            right = expected is not None and places is not None and places[0] <= rank <= places[1]
            yield ComparedCell(name, listing.node, name, expected, of.place(row), right)


def _ranks(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks of a list's rows beside the nearest place in the group."""
    (column,) = of.rule.columns
    for listing in of.lists():
        for name, places, row in of.named(listing):
            rank = whole_number(row[column]) or 0
            near = None if places is None else min(max(rank, places[0]), places[1])
            yield ComparedCell(name, listing.node, rank, near, of.place(row))


def _size(of: Declared) -> Iterator[ComparedCell]:
    """Yield printed numbers of units beside the places that are left for them.

    A list without limits reaches to the end of its group, if another comes before it.
    """
    for listing in of.lists():
        group_size, (start, end) = len(listing.inside.places), listing.ends
        left = len(listing.names) if start == 1 else group_size - start + 1
        expected_size = min(end, group_size) - start + 1 if listing.limit else left
        if listing.size:
            where = of.place(listing.rows[0])
            yield ComparedCell("", listing.node, listing.size, expected_size, where)


def _bound(
    make: Callable[[Spec, PrintedTables], Iterator[Constraint]], check: str
) -> Callable[[Declared], Iterator[ComparedCell]]:
    """Return what compares the first number of each constraint of a check."""

    def compared(of: Declared) -> Iterator[ComparedCell]:
        values = [cell.value for cell in of.printed.book.cells]
        for constraint in make(of.spec, of.printed):
            cell = constraint.cells[0]
            if constraint.check == check and cell.table == of.rule.table:
                wrong = constraint.broken(values)
                ends = [end for end in constraint.interval(cell, values) if end is not None]
                near = min(ends, key=lambda end: abs(end - cell.value)) if wrong else cell.value
                yield of.beside(cell, float(near), not wrong)

    return compared


def _classes(of: Declared) -> Comparison:
    """Compare printed classes with the clusters of one linkage, as the `[[clusters]]` says.

    Of metrics and standardisations those that agree best count, the first of equals.
    """
    rule, key = of.rule, of.printed.unit_columns[of.rule.table]
    given = next(own for own in of.spec.rules["clusters"] if own.table == rule.table)
    printed = {row[key]: int(row[given.column]) for row in of.rows()}
    tried = [
        (metric if way == "none" else f"{way} {metric}", labels, agreement(labels, printed))
        for linkage, metric, way, labels in sorted(
            clusterings(given, of.printed),
            key=lambda clustering: STANDARDISATIONS.index(clustering[2]),
        )
        if linkage == rule.linkage
    ]
    name, labels, best = max(tried, key=lambda clustering: clustering[2].agreeing)
    counts = ", ".join(f"{name} {agreed.agreeing}" for name, _, agreed in tried)
    how = f"{rule.linkage}, best: {name}; cities of {best.units}: {counts}"
    cells = [
        ComparedCell(row[key], f"class {label}", label, same, of.place(row))
        for row in of.rows()
        for label, same in [(int(row[given.column]), best.classes.get(labels.get(row[key])))]
    ]
    return compare(rule.table, rule.what, cells, how=how)


#: Kind of comparison -> what makes its cells.
KINDS: Mapping[str, Callable[[Declared], Iterator[ComparedCell]]] = {
    **{
        compared.__name__[1:]: compared
        for compared in (
            _scores, _same, _beyond, _before, _sequence, _order, _once, _attribute, _count,
            _greater, _words, _members, _in_order, _ranks, _size,
        )
    },
    "lattice": _bound(lattices, "lattice"),
    "share": _bound(row_identities, "shares"),
}  # fmt: skip
