"""From the rules of a spec to constraints on cells."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from xlcity.audit.tables.checks.rankings import rankings, ties_of
from xlcity.audit.tables.constraints.base import Constraint, Copy, Lattice, Linear, Severity
from xlcity.audit.tables.constraints.orders import Dominated, Order, RankBound, TiedRank
from xlcity.audit.tables.constraints.relations import Bounded, Geometric, GrowthOf, ShareOf
from xlcity.audit.tables.finding import CheckCount
from xlcity.audit.tables.spec.cells import RANK, SCORE, PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import RankingRule

#: Units of a ranking up to which every pair is compared; beyond, so many neighbours each.
ALL_PAIRS, NEAR = 250, 60
#: Units of a long ranking that are compared with every other.
TROUBLED = 40


def whole_numbers(weights: Sequence[Fraction]) -> tuple[tuple[int, ...], int]:
    """Return weights as whole numbers over one denominator.

    >>> whole_numbers([Fraction(1, 2), Fraction(1, 3)])
    ((3, 2), 6)
    """
    scale = math.lcm(*(weight.denominator for weight in weights))
    return tuple(int(weight * scale) for weight in weights), scale


def constraints_of(spec: Spec, printed: PrintedTables) -> list[Constraint]:
    """Return every constraint that a spec puts on single cells and rows."""
    return [
        *_copies(printed.book),
        *_aggregates(spec, printed),
        *lattices(spec, printed),
        *_rankings(spec, printed),
        *_endpoints(spec, printed),
        *row_identities(spec, printed),
        *_dominance(spec, printed),
    ]


def counted(constraints: Sequence[Constraint]) -> list[CheckCount]:
    """Return how many cells each check bound, by table."""
    cells = {
        (constraint.check, cell.table, cell.index)
        for constraint in constraints
        for cell in constraint.cells
    }
    counts = Counter((check, table) for check, table, _ in cells)
    return [CheckCount(check, table, number) for (check, table), number in sorted(counts.items())]


def _copies(book: PrintedNumbers) -> Iterator[Constraint]:
    for by_unit in book.series.values():
        for cells in by_unit.values():
            best = max(cells, key=lambda cell: (cell.decimals, -cell.index))
            for cell in cells:
                if cell is not best:
                    yield Copy(best, cell)


def _aggregates(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    for rule in spec.rules["aggregate"]:
        given = {rule.parent: rule.children} if rule.children else printed.tree
        trees = {
            parent: {c: w / sum(children.values()) for c, w in children.items()}
            for parent, children in given.items()
            if rule.parent in ("", parent) and sum(children.values()) > 0
        }
        for parent, children in trees.items():
            parts = [Series(child) for child in children]
            weights, scale = whole_numbers(list(children.values()))
            for top, below in rows_of(printed.book, Series(parent), parts):
                if rule.method == "geometric":
                    shares = tuple(float(weight) for weight in children.values())
                    yield Geometric(top, below, shares)
                else:
                    yield Linear(top, below, weights, scale)


def rows_of(
    book: PrintedNumbers, parent: Series, parts: Sequence[Series], tables: Sequence[str] = ()
) -> Iterator[tuple[PrintedCell, tuple[PrintedCell, ...]]]:
    """Yield a node beside its parts, unit by unit.

    Where a table prints both, they are taken from there, once per such table; else from wherever
    they stand.
    """
    for unit in book.units(parent):
        tops = [c for c in book.all(parent, unit) if not tables or c.table in tables]
        done = False
        for top in tops:
            below = [book.one(series, unit, top.table) for series in parts]
            if all(cell is not None for cell in below):
                yield top, tuple(cell for cell in below if cell is not None)
                done = True
        if tops and not done:
            below = [book.one(series, unit) for series in parts]
            if all(cell is not None for cell in below):
                yield tops[0], tuple(cell for cell in below if cell is not None)


def lattices(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield scores that are whole multiples of a step."""
    for rule in spec.rules["lattice"]:
        if rule.infer:
            continue
        for node, parts in rule.nodes.items():
            units = rule.units or spec.head.units
            if not units:
                continue
            step, what = rule.top / (units * parts), f"mean of {parts} ranks over {units} units"
            for series, by_unit in printed.book.series.items():
                if series.node == node and series.quantity == SCORE:
                    for cells in by_unit.values():
                        for cell in cells:
                            yield Lattice(cell, step, what)


def _rankings(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    for ranked in rankings(spec, printed.book):
        for series, table, ranks in ranked.columns:
            yield from _ranking(spec, printed.book, ranked.rule, series, table, ranks)


def _ranking(
    spec: Spec,
    book: PrintedNumbers,
    rule: RankingRule,
    series: Series,
    table: str,
    ranks: Mapping[str, PrintedCell],
) -> Iterator[Constraint]:
    """Yield what ranks and scores of one printed column of ranks owe each other."""
    ties = ties_of(rule, ranks)
    units = rule.units or (spec.head.units if not series.group else None)
    last = len(ranks) if rule.complete else units
    scores = {unit: _score(book, rule, series, unit, table) for unit in ranks}

    def order(first: str, second: str) -> Order:
        return Order(
            ranks[first],
            ranks[second],
            scores[first] if scores[second] else None,
            scores[second] if scores[first] else None,
            rule.descending,
            ties == "distinct",
        )

    yield from _orders(ranks, order, [cell.value for cell in book.cells])
    for cell in ranks.values():
        yield Bounded(cell, 1, last, "a rank", "ranks")
    if rule.complete and ties in ("shared", "dense"):
        cells = tuple(ranks.values())
        for cell in cells:
            yield TiedRank(cell, cells, ties)
    if not rule.complete and units:
        everyone = book.first(Series(series.node, SCORE, series.group, series.edition))
        for unit, cell in ranks.items():
            others = tuple(score for name, score in everyone.items() if name != unit)
            own = everyone.get(unit)
            if own is not None and others:
                yield RankBound(cell, own, others, units, rule.descending)


def _orders(
    ranks: Mapping[str, PrintedCell], order: Callable[[str, str], Order], values: Sequence[Decimal]
) -> Iterator[Order]:
    """Yield the pairs of a ranking.

    In a long one those whose ranks are near, and every pair of the units that are in most trouble:
    neighbours show that something is wrong, the rest decides where it belongs.
    """
    if len(ranks) <= ALL_PAIRS:
        yield from (order(*units) for units in combinations(ranks, 2))
        return
    ordered = sorted(ranks, key=lambda unit: ranks[unit].value)
    done: set[frozenset[str]] = set()
    trouble: Counter[str] = Counter()
    for position, unit in enumerate(ordered):
        for other in ordered[position + 1 : position + 1 + NEAR]:
            pair = order(unit, other)
            trouble.update((unit, other) if pair.broken(values) else ())
            done.add(frozenset((unit, other)))
            yield pair
    for unit, _ in trouble.most_common(TROUBLED):
        for other in ordered:
            if other != unit and frozenset((unit, other)) not in done:
                done.add(frozenset((unit, other)))
                yield order(unit, other)


def _score(
    book: PrintedNumbers, rule: RankingRule, series: Series, unit: str, table: str
) -> PrintedCell | None:
    """Return the score that a rank goes by: of its group or of all, of its table or another."""
    in_group = Series(series.node, SCORE, series.group, series.edition)
    overall = Series(series.node, SCORE, "", series.edition)
    return (
        book.one(in_group, unit, table)
        or book.one(in_group, unit)
        or book.one(overall, unit, table)
        or book.one(overall, unit)
    )


def _endpoints(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield the bounds of a scale, and that its best (and worst) score is printed somewhere."""
    for rule in spec.rules["endpoints"]:
        for node in rule.nodes:
            columns: dict[tuple[str, str], list[PrintedCell]] = {}
            for cell in printed.book.cells:
                fits = cell.node == node and cell.series.quantity == SCORE
                if fits and (not rule.tables or cell.table in rule.tables):
                    columns.setdefault((cell.table, cell.column), []).append(cell)
                    yield Bounded(cell, rule.bottom, rule.top, "a score of its scale", "endpoints")
            # Only a whole list must reach the ends; a part of it need not.
            complete = [column for column in columns.values() if len(column) >= (rule.units or 1)]
            for column in complete if rule.units else ():
                best = max(column, key=lambda cell: cell.value)
                worst = min(column, key=lambda cell: cell.value)
                if rule.top is not None:
                    yield Bounded(best, rule.top, rule.top, "the best score", "endpoints")
                if rule.bottom is not None and rule.reached:
                    yield Bounded(worst, rule.bottom, rule.bottom, "the worst score", "endpoints")


def row_identities(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield identities between columns of one row: growth, change, shares, totals."""
    by_place: dict[tuple[str, int, str], PrintedCell] = {
        (cell.table, cell.row, cell.column): cell for cell in printed.book.cells
    }

    def row_cells(table: str, where: Mapping[str, tuple[str, ...]], columns: Sequence[str]):  # type: ignore[no-untyped-def]
        for index, row in enumerate(printed.files.get(table, ())):
            number = printed.numbers[table][index]
            cells = [by_place.get((table, number, column)) for column in columns]
            if selected(row, where) and all(cell is not None for cell in cells):
                yield cells

    for rule in spec.rules["growth"]:
        for base, now, growth in row_cells(
            rule.table, rule.where, (rule.base, rule.current, rule.growth)
        ):
            yield GrowthOf(growth, base, now)
    for rule in spec.rules["change"]:
        for old, new, change in row_cells(
            rule.table, rule.where, (rule.old, rule.new, rule.change)
        ):
            yield Linear(
                change,
                (old, new),
                (1, -1),
                1,
                "change",
                Severity.ERROR,
                "the old rank less the new",
            )
    for rule in spec.rules["share"]:
        for count, share in row_cells(rule.table, {}, (rule.count, rule.share)):
            if rule.total:
                yield ShareOf(share, count, rule.total)
    for rule in spec.rules["total"]:
        for total, *parts in row_cells(rule.table, {}, (rule.total, *rule.parts)):
            yield Linear(
                total, tuple(parts), (1,) * len(parts), 1, "total", Severity.ERROR, "the sum"
            )


def _dominance(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield pairs of which one is no better anywhere below and yet ranked before."""
    for rule in spec.rules["dominance"]:
        book = printed.book
        ranks = book.first(Series(rule.parent, RANK))
        parts = [book.first(Series(child, rule.quantity)) for child in rule.children]
        units = [unit for unit in ranks if all(unit in part for part in parts)]
        for first, second in combinations(units, 2):
            yield Dominated(
                ranks[first],
                ranks[second],
                tuple(part[first] for part in parts),
                tuple(part[second] for part in parts),
                by_rank=rule.quantity == RANK,
            )
