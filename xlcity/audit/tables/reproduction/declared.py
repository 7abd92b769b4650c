"""The comparisons that `[[reproduce]]` declares: each printed cell beside what it ought to be."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xlcity.audit.tables.checks.clusters import agreement, cluster_trials
from xlcity.audit.tables.checks.feasible import check_feasible
from xlcity.audit.tables.checks.statements import (
    PrintedList,
    check_counts,
    check_greater,
    check_names,
    in_order,
    printed_lists,
)
from xlcity.audit.tables.checks.statistics import check_words, correlation_cells
from xlcity.audit.tables.constraints.relations import Constraint, Owed, Relation
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.spec.cells import RANK, PrintedCell, Series
from xlcity.audit.tables.spec.load import PrintedTables, Row, selected
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import ReproduceRule
from xlcity.functions.cluster import STANDARDISATIONS
from xlcity.grouping import grouped
from xlcity.index import IndexResult
from xlcity.model.dataset import State, Status
from xlcity.reports.comparison import (
    FLOAT_GUARD,
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
        Returns the index from the report's data, or from what the rule says.
    constraints
        Returns the identities of a check.
    own
        Returns the cells of a row that no rule is about.
    """

    rule: ReproduceRule
    spec: Spec
    printed: PrintedTables
    index: Callable[[ReproduceRule], IndexResult]
    constraints: Callable[[str], list[Constraint]]
    own: Callable[[Row], Iterable[ComparedCell]]

    def comparison(self) -> Comparison:
        """Return the cells and what became of them.

        Scores without a tolerance are compared within half a unit of their last printed decimal.
        """
        rule = self.rule
        by_construction, how = bool(rule.data), rule.how
        tolerance = 0.0 if rule.tolerance is None else float(rule.tolerance)
        if rule.compare == "possible":
            compared, reach = self.possible()
            tolerance = tolerance or reach
        elif rule.compare in ("classes", "dominance"):
            compared, how = self.best_clusters() if rule.compare == "classes" else self.dominance()
        else:
            compared = list(KINDS[rule.compare](self))
        if rule.compare == "scores":
            nodes = {cell.node for cell in compared}
            by_construction = all(_circular(self.index(rule), node) for node in nodes)
            if rule.tolerance is None:
                tolerance = 0.5 * 10.0 ** -max((c.decimals for c in self.cells()), default=0)
        return compare(
            rule.table,
            rule.what,
            compared,
            tolerance=tolerance,
            by_construction=by_construction,
            how=how,
        )

    def cells(self) -> list[PrintedCell]:
        """Return the printed numbers that are compared."""
        rule = self.rule
        tables = (rule.compare == "possible" and rule.tables) or (rule.table,)
        cells = [cell for cell in self.printed.book.cells if cell.table in tables]
        cells = [cell for cell in cells if cell.column in rule.columns]
        return [cell for cell in cells if selected(self.row_of(cell), rule.where)]

    def by_series(self) -> Iterable[list[PrintedCell]]:
        """Return the numbers by what they are about, in printed order."""
        return grouped(((cell.column, cell.series), cell) for cell in self.cells()).values()

    def row_of(self, cell: PrintedCell) -> Row:
        """Return the row that a number stands in."""
        numbers = self.printed.numbers[cell.table]
        return self.printed.files[cell.table][bisect_left(numbers, cell.row)]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are compared."""
        return self.printed.rows(self.rule.table, self.rule.where)

    def lists(self) -> Iterator[PrintedList]:
        """Yield the lists that the tiers or rows of the table are."""
        for rule in self.spec.rules["list"]:
            if rule.table == self.rule.table and rule.kind in ("tiers", "rows"):
                yield from printed_lists(rule, self.printed)

    def beside(
        self, cell: PrintedCell, computed: Printed, right: bool | None = None
    ) -> ComparedCell:
        """Return a number beside what it ought to be."""
        where = self.rule.at.format_map(self.row_of(cell))
        return ComparedCell(cell.unit, cell.node, _shown(cell), computed, where, right)

    def checked(self, section: str, run: Callable[[TableCheck], None]) -> list[ComparedCell]:
        """Return what the checks of the table's rules of a section compare."""
        compared: list[ComparedCell] = []
        for rule in self.spec.rules[section]:
            table = getattr(rule, "table", self.rule.table)
            kind = getattr(rule, "kind", "")
            if table == self.rule.table and kind != "tiers":
                check = TableCheck("", rule, self.spec, self.printed)
                check.at, check.only, check.scores = self.rule.at, self.rule.where, self.scores
                run(check)
                compared += check.compared
        return compared

    def scores(self, node: str) -> dict[str, float]:
        """Return the scores of the index by unit."""
        result = self.index(self.rule)
        units = (unit.id for unit in result.dataset.units)
        return dict(zip(units, result.column(node).tolist(), strict=True))

    def best_clusters(self) -> tuple[list[ComparedCell], str]:
        """Return printed classes beside the clusters of one linkage, and how they are made.

        Of metrics and standardisations those that agree best count, the first of equals.
        """
        rule, key = self.rule, self.printed.unit_columns[self.rule.table]
        given = next(own for own in self.spec.rules["clusters"] if own.table == rule.table)
        printed = {row[key]: int(row[given.column]) for row in self.rows()}
        trials = [t for t in cluster_trials(given, self.printed) if t.linkage == rule.linkage]
        trials.sort(key=lambda trial: STANDARDISATIONS.index(trial.standardise))
        tried = [(trial, agreement(trial.classes, printed)) for trial in trials]
        names = [
            trial.metric if trial.standardise == "none" else f"{trial.standardise} {trial.metric}"
            for trial, _ in tried
        ]
        number = max(range(len(tried)), key=lambda number: tried[number][1].agreeing)
        trial, best = tried[number]
        counts = ", ".join(f"{n} {a.agreeing}" for n, (_, a) in zip(names, tried, strict=True))
        cells = []
        for row in self.rows():
            label = int(row[given.column])
            computed = best.classes.get(trial.classes.get(row[key]))
            where = rule.at.format_map(row)
            cells.append(ComparedCell(row[key], f"class {label}", label, computed, where))
        how = f"{rule.linkage}, best: {names[number]}; cities of {best.units}: {counts}"
        return cells, how

    def dominance(self) -> tuple[list[ComparedCell], str]:
        """Return ranks beside the worst that units allow which are nowhere better in the parts."""
        book, compared, pairs = self.printed.book, [], 0
        for rule in self.spec.rules["dominance"]:
            sign = 1 if rule.quantity == RANK else -1
            parts = [book.first(Series(child, rule.quantity)) for child in rule.children]
            ranks = book.first(Series(rule.parent, RANK))
            cells = [cell for unit, cell in ranks.items() if all(unit in part for part in parts)]
            keys = np.array([[sign * part[c.unit].value for part in parts] for c in cells])
            own = np.array([int(cell.value) for cell in cells])
            for cell, key in zip(cells, keys, strict=True):
                beaten = own[(key <= keys).all(axis=1) & (key < keys).any(axis=1)]
                pairs += len(beaten)
                compared.append(self.beside(cell, min([int(cell.value), *beaten.tolist()])))
        return compared, f"{self.rule.how}: {pairs} pairs"

    def possible(self) -> tuple[list[ComparedCell], float]:
        """Return numbers beside what the identities of one check give, and what rounding leaves."""
        constraints = self.constraints(self.rule.check)
        touching = grouped(
            (cell.index, constraint)
            for constraint in constraints
            for cell in (constraint.cells[:1] if isinstance(constraint, Owed) else constraint.cells)
        )
        values = [cell.value for cell in self.printed.book.cells]
        compared, reach = [], 0.0
        for cell in self.cells():
            computed: Printed = _shown(cell)
            mine = touching.get(cell.index, [])
            wrong = [constraint for constraint in mine if constraint.broken(values)]
            for constraint in mine:
                if isinstance(constraint, Relation):
                    computed = float(constraint.middle(values))
                    reach = max(reach, constraint.reach(values) + cell.reach)
                elif constraint in wrong:
                    ends = [e for e in constraint.interval(cell, values) if e is not None]
                    nearest = sorted(ends, key=lambda end: abs(end - cell.value))
                    computed = float(nearest[0]) if nearest else None
            if mine or self.rule.check == "order":
                compared.append(self.beside(cell, computed, not wrong))
        return compared, reach


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
    result = of.index(of.rule)
    for cell in of.cells():
        score = float(result.column(cell.node)[result.dataset.row(cell.unit)])
        yield of.beside(cell, score if score == score else None)


def _index_ranks(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks beside those that the index gives, as far as `half` of its digits allow.

    Two scores may be off by as much in opposite directions: a rank is wrong where no scores within
    these bounds give it.
    """
    result, reach = of.index(of.rule), 2 * float(of.rule.half) + FLOAT_GUARD
    for cell in of.cells():
        keys = result.keys[:, result.node_codes.index(cell.node)]
        leads = np.delete(keys - keys[result.dataset.row(cell.unit)], result.dataset.row(cell.unit))
        first, last = 1 + int((leads > reach).sum()), 1 + int((leads >= -reach).sum())
        yield of.beside(cell, 1 + int((leads > 0).sum()), first <= cell.value <= last)


def _same(of: Declared) -> Iterator[ComparedCell]:
    """Yield numbers beside the same ones in other tables, the first that has it."""
    for cell in of.cells():
        others = (of.printed.book.one(cell.series, cell.unit, name) for name in of.rule.tables)
        other = next((other_cell for other_cell in others if other_cell is not None), None)
        if other is not None:
            yield of.beside(cell, _shown(other))


def _repeats(of: Declared) -> Iterator[ComparedCell]:
    """Yield numbers beside the same one in the table with more digits, rounded."""
    for cells in grouped(((cell.series, cell.unit), cell) for cell in of.cells()).values():
        best = max(cells, key=lambda cell: (len(cell.text), -cell.index))
        for cell in cells:
            if cell is not best:
                near = abs(best.value - cell.value) <= cell.below
                yield of.beside(cell, _shown(cell if near else best), near)


def _beyond(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks of units that the other table does not list: they come after its last."""
    (table,) = of.rule.tables
    for cells in of.by_series():
        listed = of.printed.book.series[cells[0].series].values()
        last = sum(any(other.table == table for other in others) for others in listed)
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
    """Yield numbers beside 1 to n, unit by unit."""
    for cells in of.by_series():
        firsts = {cell.unit: cell for cell in reversed(cells)}
        for number, unit in enumerate(dict.fromkeys(cell.unit for cell in cells), start=1):
            yield of.beside(firsts[unit], number)


def _order(of: Declared) -> Iterator[ComparedCell]:
    """Yield ranks beside those that the printed scores give."""
    tables = of.rule.tables or (of.rule.table,)
    for cells in of.by_series():
        series = Series(cells[0].series.node, group=cells[0].series.group)
        scores = {
            unit: float(cell.value)
            for unit, others in of.printed.book.series.get(series, {}).items()
            for cell in others
            if cell.table in tables
        }
        ranks = {cell.unit: int(cell.value) for cell in cells if scores}
        compared = rank_cells(series.node, ranks, scores)
        yield from (of.beside(c, r.computed) for c, r in zip(cells, compared, strict=False))


def _once(of: Declared) -> Iterator[ComparedCell]:
    """Yield 1 beside how often a column has a number."""
    for cells in of.by_series():
        times = Counter(cell.value for cell in cells)
        for cell in cells:
            where = of.beside(cell, 1).where
            yield ComparedCell(cell.unit, cell.node, 1, times[cell.value], where)


def _attribute(of: Declared) -> Iterator[ComparedCell]:
    """Yield words beside those that the list of units has."""
    (column,), key = of.rule.columns, of.printed.unit_columns[of.rule.table]
    for row in of.rows():
        word = of.printed.attributes[row[key]][column]
        where = of.rule.at.format_map(row)
        yield ComparedCell(row[key], row.get("node", ""), row[column], word, where)


def _count(of: Declared) -> Iterator[ComparedCell]:
    """Yield counts beside what the tables give, and what the report's code says of others."""
    yield from of.checked("count", check_counts)
    claimed = [rule.where for rule in of.spec.rules["count"] if rule.table == of.rule.table]
    for row in of.rows():
        if not any(selected(row, where) for where in claimed):
            yield from of.own(row)


def _list(of: Declared) -> Iterator[ComparedCell]:
    """Yield names beside their places, and what the report's code says of other rows."""
    yield from of.checked("list", check_names)
    claimed = [rule.where for rule in of.spec.rules["list"] if rule.table == of.rule.table]
    for row in of.rows():
        if not any(selected(row, where) for where in claimed):
            yield from of.own(row)


def _correlations(of: Declared) -> Iterator[ComparedCell]:
    """Yield r, p, n or stars of pairs beside those of the printed scores."""
    (rule,) = (rule for rule in of.spec.rules["correlations"] if rule.table == of.rule.table)
    for row in of.rows():
        for cell in correlation_cells(rule, row, of.printed):
            if getattr(rule, cell.key) in of.rule.columns:
                pair, where = f"{row[rule.row]}-{row[rule.column]}", of.rule.at.format_map(row)
                yield ComparedCell("", pair, cell.published, cell.computed, where, cell.right)


def _members(of: Declared) -> Iterator[ComparedCell]:
    """Yield names beside themselves, if the list covers a place of theirs and names them once."""
    for listing in of.lists():
        first, last = listing.ends
        for number, name in enumerate(listing.names):
            span = listing.places.get(name)
            inside = span is not None and span[0] <= last and span[1] >= first
            computed = name if inside else None
            computed = "named before" if name in listing.names[:number] else computed
            yield ComparedCell(name, listing.node, name, computed, _where(of, listing, number))


def _where(of: Declared, listing: PrintedList, number: int) -> str:
    return of.rule.at.format_map(listing.rows[min(number, len(listing.rows) - 1)])


def _in_order(of: Declared) -> Iterator[ComparedCell]:
    """Yield names, repeats left out, beside the units that the group has at these places."""
    for listing in of.lists():
        order = in_order(listing.places, of.printed)[: listing.ends[1]]
        numbers = {name: number for number, name in enumerate(listing.names)}
        for rank, (name, number) in enumerate(numbers.items(), start=listing.ends[0]):
            expected = order[rank - 1] if rank <= len(order) else None
            first, last = listing.places.get(name, (0, -1))
            right = expected is not None and first <= rank <= last
            where = _where(of, listing, number)
            yield ComparedCell(name, listing.node, name, expected, where, right)


def _size(of: Declared) -> Iterator[ComparedCell]:
    """Yield printed numbers of units beside the places that are left for them.

    A list without limits reaches to the end of its group, if another comes before it; rows list
    their group whole or to the tenth place.
    """
    for listing in of.lists():
        group_size, (start, end) = len(listing.places), listing.ends
        left = len(listing.names) if start == 1 else group_size - start + 1
        expected_size = min(end, group_size) - start + 1 if listing.limit else left
        size = listing.size
        if len(listing.rows) > 1:
            size = len(listing.names)
            expected_size = size if size == group_size else min(10, group_size)
        if size:
            where = _where(of, listing, 0)
            yield ComparedCell("", listing.node, size, expected_size, where)


#: Kind of comparison -> what makes its cells.
KINDS: Mapping[str, Callable[[Declared], Iterable[ComparedCell]]] = {
    **{
        compared.__name__[1:]: compared
        for compared in (
            _scores, _index_ranks, _same, _repeats, _beyond, _before, _sequence, _order, _once,
            _attribute, _count, _list, _correlations, _members, _in_order, _size,
        )
    },
    "greater": lambda of: of.checked("greater", check_greater),
    "words": lambda of: of.checked("words", check_words),
    "feasible": lambda of: of.checked("feasible", check_feasible),
}  # fmt: skip
