"""Conventions that printed numbers reveal: the rule for ties, the step of a lattice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from xlcity.audit.tables.constraints.build import TIE_RULES, RankColumn, misfits, rank_columns
from xlcity.audit.tables.constraints.relations import Lattice, Severity
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.spec.cells import PrintedNumbers, Series
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import LatticeRule

#: Ranks averaged, at most, when the number is inferred.
MOST_PARTS = 20
#: An inferred lattice must hold at least this share of the cells, and fewer than this by chance.
LEAST_ON, MOST_BY_CHANCE = Fraction(9, 10), 0.35


def conventions(spec: Spec, book: PrintedNumbers) -> Iterator[TableFinding]:
    """Yield the conventions that whole rankings and columns follow."""
    for rule in spec.rules["ranking"]:
        if rule.complete and (columns := rank_columns(rule, book)):
            yield _ties(columns, book)
    for rule in spec.rules["lattice"]:
        if rule.infer:
            yield from _steps(rule, rule.units or spec.head.units or 1, book)


def _ties(columns: Sequence[RankColumn], book: PrintedNumbers) -> TableFinding:
    """Return the rule for ties that rankings follow, all taken together."""
    totals: Counter[str] = Counter()
    repeated = level = 0
    for column in columns:
        totals.update(misfits(column.numbers))
        repeated += len(column.numbers) - len(set(column.numbers))
        series = column.series
        scores = book.first(Series(series.node, group=series.group, edition=series.edition))
        counts = Counter(scores[unit].value for unit in column.ranks if unit in scores)
        level += sum(number for number in counts.values() if number > 1)
    best = min(TIE_RULES, key=lambda rule: totals[rule])
    subject = f"{len(columns)} rankings count" if len(columns) > 1 else "the ranking counts"
    text = f"{subject} {TIE_RULES[best]} ({best}): {totals[best]} ranks do not fit"
    others = ", ".join(f"{totals[name]} under {name}" for name in TIE_RULES if name != best)
    text += f", {others}; {repeated} ranks are repeated"
    if level and best == "distinct":
        text += (
            f". {level} units share their printed score with another: ranks go by digits that "
            "are not printed, or by the order of a list"
        )
    stated = columns[0].rule.ties
    return TableFinding(
        check="tie-rule",
        severity=Severity.NOTE,
        table=columns[0].table,
        node=" ".join(dict.fromkeys(column.series.node for column in columns)),
        published="" if stated in ("infer", "any") else stated,
        suggestion=best,
        kind="convention",
        evidence=f"{text}.",
    )


def _steps(rule: LatticeRule, units: int, book: PrintedNumbers) -> Iterator[TableFinding]:
    """Yield, column by column, the fewest parts whose lattice holds nearly all numbers."""
    values = [cell.value for cell in book.cells]
    for node in rule.nodes:
        cells = list(book.first(Series(node)).values())
        for parts in range(1, MOST_PARTS + 1) if len(cells) >= 5 else ():
            step = rule.top / (units * parts)
            # The share of arbitrary numbers that rounding would put on the lattice.
            chance = min(1.0, 2 * max(cell.reach for cell in cells) / float(step))
            off = [cell for cell in cells if Lattice(cell, step, "").broken(values)]
            if chance >= MOST_BY_CHANCE or len(cells) - len(off) < LEAST_ON * len(cells):
                continue
            what = f"in {parts} equal steps"
            if units > 1:
                what = f"means of {parts} ranks over {units} units"
            text = f"{len(cells) - len(off)} of {len(cells)} numbers are {what}; by chance "
            text += f"{chance:.1%} would be."
            listed = ", ".join(f"{cell.unit} {cell.text}" for cell in off)
            yield TableFinding(
                check="lattice",
                severity=Severity.NOTE,
                table=cells[0].table,
                node=node,
                suggestion=str(parts),
                kind="parts inferred",
                evidence=text + (f" Not among them: {listed}." if off else ""),
            )
            break
