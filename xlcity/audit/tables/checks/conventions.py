"""Conventions that printed numbers reveal: the rule for ties, the step of a lattice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from xlcity.audit.tables.checks.rankings import TIE_RULES, Rankings, misfits, rankings
from xlcity.audit.tables.constraints.base import Lattice, Severity
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.spec.cells import PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import LatticeRule

#: Ranks averaged, at most, when the number is inferred.
MOST_PARTS = 20
#: An inferred lattice must hold at least this share of the cells, and fewer than this by chance.
LEAST_ON, MOST_BY_CHANCE = Fraction(9, 10), 0.35


def conventions(spec: Spec, printed: PrintedTables) -> Iterator[TableFinding]:
    """Yield the conventions that whole rankings and columns follow."""
    for ranked in rankings(spec, printed.book):
        columns = [ranks for _, _, ranks in ranked.columns] if ranked.rule.complete else []
        if columns:
            yield _ties(ranked, columns, printed.book)
    for rule in spec.rules["lattice"]:
        if rule.infer:
            yield from _steps(rule, spec, printed.book)


def _ties(
    ranked: Rankings, columns: Sequence[Mapping[str, PrintedCell]], book: PrintedNumbers
) -> TableFinding:
    """Return the rule for ties that rankings follow, all taken together."""
    totals: Counter[str] = Counter()
    repeated = 0
    for ranks in columns:
        values = [int(cell.value) for cell in ranks.values()]
        totals.update(misfits(values))
        repeated += len(values) - len(set(values))
    best = min(TIE_RULES, key=lambda rule: totals[rule])
    level = sum(_level(series, ranks, book) for series, _, ranks in ranked.columns)
    table = ranked.columns[0][1]
    subject = f"{len(columns)} rankings count" if len(columns) > 1 else "the ranking counts"
    text = f"{subject} {TIE_RULES[best]} ({best}): {totals[best]} ranks do not fit"
    others = ", ".join(f"{totals[name]} under {name}" for name in TIE_RULES if name != best)
    text += f", {others}; {repeated} ranks are repeated"
    if level and best == "distinct":
        text += (
            f". {level} units share their printed score with another: ranks go by digits that "
            "are not printed, or by the order of a list"
        )
    stated = "" if ranked.rule.ties in ("infer", "any") else ranked.rule.ties
    return TableFinding(
        check="tie-rule",
        severity=Severity.NOTE,
        table=table,
        node=" ".join(dict.fromkeys(series.node for series, _, _ in ranked.columns)),
        published=stated,
        suggestion=best,
        kind="convention",
        evidence=f"{text}.",
    )


def _level(series: Series, ranks: Mapping[str, PrintedCell], book: PrintedNumbers) -> int:
    """Return how many ranked units share their printed score."""
    scores = book.first(Series(series.node, group=series.group, edition=series.edition))
    counts = Counter(scores[unit].value for unit in ranks if unit in scores)
    return sum(number for number in counts.values() if number > 1)


def _steps(rule: LatticeRule, spec: Spec, book: PrintedNumbers) -> Iterator[TableFinding]:
    """Yield, column by column, the fewest parts whose lattice holds nearly all numbers."""
    units = rule.units or spec.head.units
    if not units:
        return
    values = [cell.value for cell in book.cells]
    for node in rule.nodes:
        cells = list(book.first(Series(node)).values())
        if len(cells) < 5:
            continue
        for parts in range(1, MOST_PARTS + 1):
            step = rule.top / (units * parts)
            # The share of arbitrary numbers that rounding would put on the lattice.
            chance = min(1.0, 2 * max(cell.reach for cell in cells) / float(step))
            on = [cell for cell in cells if not Lattice(cell, step, "").broken(values)]
            if chance < MOST_BY_CHANCE and len(on) >= LEAST_ON * len(cells):
                yield _step(node, cells, on, parts, units, chance)
                break


def _step(
    node: str,
    cells: Sequence[PrintedCell],
    on: Sequence[PrintedCell],
    parts: int,
    units: int,
    chance: float,
) -> TableFinding:
    off = ", ".join(f"{cell.unit} {cell.text}" for cell in cells if cell not in on)
    what = f"means of {parts} ranks over {units} units" if units > 1 else f"in {parts} equal steps"
    text = f"{len(on)} of {len(cells)} numbers are {what}; by chance {chance:.1%} would be"
    return TableFinding(
        check="lattice",
        severity=Severity.NOTE,
        table=cells[0].table,
        node=node,
        suggestion=str(parts),
        kind="parts inferred",
        evidence=f"{text}." + (f" Not among them: {off}." if off else ""),
    )
