"""From the rules of a specification to constraints on cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, combinations

import numpy as np

from xlcity.audit.tables.constraints.relations import (
    Constraint,
    Copy,
    Lattice,
    Order,
    RankRoom,
    Relation,
    TiedRank,
)
from xlcity.audit.tables.number_intervals import SUM, formula_parts
from xlcity.audit.tables.printed_numbers import (
    RANK,
    SCORE,
    PrintedCell,
    PrintedNumbers,
    Series,
    most_precise,
)
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import RankingRule
from xlcity.functions.rank import ascending_ranks

#: Units of a ranking up to which every pair is compared; beyond, so many neighbours each.
ALL_PAIRS = 250
NEAR = 60
#: Units of a long ranking that are compared with every other.
TROUBLED = 40

#: A number of a row and its parts.
Row = tuple[PrintedCell, tuple[PrintedCell, ...]]


def constraints_of(spec: Spec, printed: PrintedTables) -> list[Constraint]:
    """Return every constraint that a specification puts on single cells and rows.

    Those of `[[aggregate]]` are not among them: its weights are compared with print first.
    """
    identities = (make(spec, printed) for make in IDENTITIES.values())
    return [*_copies(printed.book), *chain.from_iterable(identities)]


def _copies(book: PrintedNumbers) -> Iterator[Constraint]:
    for by_unit in book.series.values():
        for cells in by_unit.values():
            best = most_precise(cells)
            yield from (Copy(best, (cell,)) for cell in cells if cell is not best)


def rows_of(
    book: PrintedNumbers,
    parent: Series,
    parts: Sequence[Series],
    tables: Sequence[str] = (),
) -> Iterator[Row]:
    """Yield a node beside its parts, unit by unit.

    Where a table prints both, they are taken from there, once per such table; else from wherever
    they stand.
    """
    for cells in book.series.get(parent, {}).values():
        tops = [cell for cell in cells if not tables or cell.table in tables]
        rows: list[Row] = []
        for top in tops:
            rows += _find_row(book, top, parts, top.table)
        if tops and not rows:
            rows += _find_row(book, tops[0], parts, None)
        yield from rows


def _find_row(
    book: PrintedNumbers,
    top: PrintedCell,
    parts: Sequence[Series],
    table: str | None,
) -> Iterator[Row]:
    """Yield a number with its parts of one table, or of any, if all of them are printed."""
    cells = [book.one(part, top.unit, table) for part in parts]
    below = tuple(cell for cell in cells if cell is not None)
    if len(below) == len(parts):
        yield top, below


def _lattices(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield scores that are whole multiples of a step."""
    for rule in spec.rules["lattice"]:
        units = rule.units or spec.head.units
        for node, parts in rule.nodes.items():
            step = rule.top / (units * parts)
            what = f"mean of {parts} ranks over {units} units"
            for cell in printed.book.cells:
                if (cell.node, cell.series.quantity) == (node, SCORE):
                    yield Lattice(cell, (), step, what)


def _formulas(spec: Spec, printed: PrintedTables) -> Iterator[Relation]:
    """Yield columns that are formulas of others in their row."""
    by_place = {
        (cell.table, cell.row, cell.column): cell for cell in printed.book.cells
    }
    for rule in spec.rules["formula"]:
        result, formula = formula_parts(rule.formula)
        columns = (result, *formula.columns)
        for number in printed.numbers[rule.table]:
            places = [(rule.table, number, column) for column in columns]
            if by_place.keys() >= {*places}:
                result_cell, *parts = map(by_place.__getitem__, places)
                yield Relation(result_cell, tuple(parts), (formula,))


def _totals(spec: Spec, printed: PrintedTables) -> Iterator[Relation]:
    """Yield rows of totals: column by column, the sums of all other rows."""
    for rule in spec.rules["total"]:
        for node in rule.nodes:
            column = _column_of(printed, node, rule.table)
            parts = tuple(cell for cell in column if cell.unit != rule.unit)
            totals = [cell for cell in column if cell.unit == rule.unit]
            for total in totals if parts else ():
                yield Relation(
                    total,
                    parts,
                    (SUM,),
                    check="total",
                    what="the sum of the other rows, ",
                )


def _ties(rule: RankingRule, ranks: Iterable[PrintedCell]) -> str:
    """Return the rule for ties: the stated one, or the one the ranks follow.

    Of a part of a list it is known only that none is repeated.
    """
    if rule.ties != "infer":
        return rule.ties
    counts = misfits([int(cell.value) for cell in ranks])
    if rule.complete:
        return min(counts, key=lambda rule: counts[rule])
    return "any" if counts["distinct"] else "distinct"


def _rank_columns(
    rule: RankingRule, book: PrintedNumbers
) -> Iterable[list[PrintedCell]]:
    """Return the printed columns of ranks that a rule is about."""
    columns: dict[tuple[Series, str, str], list[PrintedCell]] = {}
    for series, by_unit in book.series.items():
        if not _is_ranked_by(rule, series):
            continue
        for cell in chain.from_iterable(by_unit.values()):
            if not rule.tables or cell.table in rule.tables:
                column = (series, cell.table, cell.column)
                columns.setdefault(column, []).append(cell)
    return columns.values()


def _is_ranked_by(rule: RankingRule, series: Series) -> bool:
    """Tell whether a rule is about a series of ranks."""
    is_kind = (series.quantity, series.edition) == (RANK, rule.edition)
    is_group = rule.every_group or series.group == rule.group
    return series.node in rule.nodes and is_kind and is_group


def misfits(ranks: Sequence[int]) -> dict[str, int]:
    """Return how many ranks of a whole list each rule for ties leaves unexplained.

    Distinct ranks are 1, 2, 3, 4, shared ones 1, 2, 2, 4, dense ones 1, 2, 2, 3.

    >>> misfits([1, 2, 2, 4])
    {'distinct': 1, 'shared': 0, 'dense': 1}
    """
    numbers = np.array(ranks, dtype=float)
    shared, dense = (
        int((ascending_ranks(numbers, ties) != numbers).sum())
        for ties in ("min", "dense")
    )
    return {"distinct": len(ranks) - len({*ranks}), "shared": shared, "dense": dense}


def _rankings(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield what ranks and scores of printed columns of ranks owe each other."""
    for rule in spec.rules["ranking"]:
        for column in _rank_columns(rule, printed.book):
            units = rule.units or (None if column[0].series.group else spec.head.units)
            yield from _ranking(
                rule, {cell.unit: cell for cell in column}, units, printed.book
            )


def _ranking(
    rule: RankingRule,
    ranks: Mapping[str, PrintedCell],
    units: int | None,
    book: PrintedNumbers,
) -> Iterator[Constraint]:
    ties = _ties(rule, ranks.values())
    scores = {u: _score(book, r) for u, r in ranks.items()}
    weights = ((1 if rule.descending else -1,),)

    def order(first: str, second: str) -> Order:
        own = scores[first]
        other = scores[second]
        parts = ((own,), (other,)) if own and other else ((), ())
        return Order((ranks[first], ranks[second]), parts, weights, ties == "distinct")

    yield from _orders(ranks, order, [cell.value for cell in book.cells])
    last = len(ranks) if rule.complete else units
    yield from (RankRoom(cell, (), last) for cell in ranks.values())
    if rule.complete and ties in ("shared", "dense"):
        cells = tuple(ranks.values())
        yield from (TiedRank(cell, cells, ties) for cell in cells)


def _orders(
    ranks: Mapping[str, PrintedCell],
    order: Callable[[str, str], Order],
    values: Sequence[Decimal],
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


def _score(book: PrintedNumbers, rank: PrintedCell) -> PrintedCell | None:
    """Return the score that a rank goes by: of its group or of all, of its table or another."""
    for group in (rank.series.group, ""):
        series = replace(rank.series, quantity=SCORE, group=group)
        for table in (rank.table, None):
            score = book.one(series, rank.unit, table)
            if score is not None:
                return score
    return None


def _column_of(printed: PrintedTables, node: str, table: str) -> list[PrintedCell]:
    """Return the cells of a column of one table."""
    by_unit = printed.book.series.get(Series(node), {}).values()
    cells = chain.from_iterable(by_unit)
    return [cell for cell in cells if cell.table == table]


def _dominance(spec: Spec, printed: PrintedTables) -> Iterator[Constraint]:
    """Yield pairs of which one may be better in no part and yet ranked before."""
    for rule in spec.rules["dominance"]:
        parts = [Series(child, rule.quantity) for child in rule.children]
        rows = printed.book.together(Series(rule.parent, RANK), *parts)
        sign = -1 if rule.quantity == RANK else 1
        weights = (sign * np.eye(len(parts), dtype=int)).tolist()
        each = tuple(map(tuple, weights))
        pairs = combinations(rows.values(), 2)
        for (first, *own), (second, *others) in pairs:
            both = (tuple(own), tuple(others))
            yield Order((first, second), both, each, check="dominance")


#: Check -> what makes its constraints, in the order in which they are looked at.
IDENTITIES: Mapping[str, Callable[[Spec, PrintedTables], Iterator[Constraint]]] = {
    "lattice": _lattices,
    "order": _rankings,
    "formula": _formulas,
    "total": _totals,
    "dominance": _dominance,
}
