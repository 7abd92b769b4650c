"""Rescaled scores: a node that is a constant plus unknown multiples of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlcity.audit.tables.constraints.affine import Fitted
from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.constraints.build import rows_of
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.spec.cells import SCORE, PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import AffineRule
from xlcity.functions.implied import Implied, weights_from_scores


@dataclass(frozen=True, slots=True)
class AffineFit:
    """One rescaled node in one table: its rows as constraints, and what is to be told."""

    constraints: tuple[Fitted, ...]
    notes: tuple[TableFinding, ...]


def fitted(spec: Spec, book: PrintedNumbers) -> Iterator[AffineFit]:
    """Yield the rescaled nodes of a spec, table by table."""
    for rule in spec.rules["affine"]:
        parts = [Series(child, SCORE, rule.group) for child in rule.children]
        rows = list(rows_of(book, Series(rule.parent, SCORE, rule.group), parts, rule.tables))
        for table in dict.fromkeys(top.table for top, _ in rows):
            mine = [(top, below) for top, below in rows if top.table == table]
            if len(mine) > len(rule.children) + 1:
                yield _line(rule, table, mine)


def _line(
    rule: AffineRule, table: str, rows: Sequence[tuple[PrintedCell, tuple[PrintedCell, ...]]]
) -> AffineFit:
    signs = [-1.0 if sign < 0 else 1.0 for sign in rule.children.values()]
    implied = weights_from_scores(
        [[s * float(c.value) for s, c in zip(signs, below, strict=True)] for _, below in rows],
        [float(top.value) for top, _ in rows],
        [[cell.reach for cell in below] for _, below in rows],
        [top.reach for top, _ in rows],
        relative=False,
        constant=True,
    )
    points = tuple(
        (constant, *(s * slope for s, slope in zip(signs, slopes, strict=True)))
        for constant, *slopes in (implied.points.tolist() if implied.has_region else ())
    )
    note = TableFinding(
        check="affine",
        severity=Severity.NOTE if implied.has_region else Severity.ERROR,
        table=table,
        node=rule.parent,
        kind="rescaled sum" if implied.has_region else "",
        evidence=_evidence(rule, [top for top, _ in rows], implied),
    )
    return AffineFit(tuple(Fitted(top, below, points) for top, below in rows if points), (note,))


def _evidence(rule: AffineRule, wholes: Sequence[PrintedCell], implied: Implied) -> str:
    """Return which constant and multiples fit the rows, or that none do."""
    if not implied.has_region:
        return (
            f"No constant and multiples of {', '.join(rule.children)} give {rule.parent} within "
            f"rounding, even with a third of the {len(wholes)} rows set aside."
        )
    slopes = ", ".join(
        f"{child} {low:.4f} to {high:.4f}"
        for child, low, high in zip(rule.children, implied.low, implied.high, strict=True)
    )
    aside = ", ".join(wholes[row].unit for row in implied.outside)
    text = (
        f"{implied.used} of {len(wholes)} rows fit one constant ({implied.constant[0]:.3f} to "
        f"{implied.constant[2]:.3f}) and one multiple per part: {slopes}"
    )
    return f"{text}." + (f" Set aside: {aside}." if aside else "")
