"""Rescaled scores: a node that is a constant plus unknown multiples of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlcity.audit.tables.build import rows_of
from xlcity.audit.tables.cells import SCORE, Book, Cell, Series
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.fitted import Fitted
from xlcity.audit.tables.rules import Affine
from xlcity.audit.tables.spec import Spec
from xlcity.functions.implied import Implied, weights_from_scores


@dataclass(frozen=True, slots=True)
class Line:
    """One rescaled node in one table: its rows as constraints, and what is to be told."""

    constraints: tuple[Fitted, ...]
    notes: tuple[Finding, ...]


def fitted(spec: Spec, book: Book) -> Iterator[Line]:
    """Yield the rescaled nodes of a spec, table by table."""
    for rule in spec.rules["affine"]:
        parts = [Series(child, SCORE, rule.group) for child in rule.children]
        rows = list(rows_of(book, Series(rule.parent, SCORE, rule.group), parts, rule.tables))
        for table in dict.fromkeys(top.table for top, _ in rows):
            mine = [(top, below) for top, below in rows if top.table == table]
            if len(mine) > len(rule.children) + 1:
                yield _line(rule, table, mine)


def _line(rule: Affine, table: str, rows: Sequence[tuple[Cell, tuple[Cell, ...]]]) -> Line:
    signs = [-1.0 if sign < 0 else 1.0 for sign in rule.children.values()]
    found = weights_from_scores(
        [[s * float(c.value) for s, c in zip(signs, below, strict=True)] for _, below in rows],
        [float(top.value) for top, _ in rows],
        [[float(cell.below + cell.above) / 2 for cell in below] for _, below in rows],
        [float(top.below + top.above) / 2 for top, _ in rows],
        relative=False,
        constant=True,
    )
    if not found.found:
        return Line((), (_refused(rule, table, rows),))
    points = tuple(
        (constant, *(s * slope for s, slope in zip(signs, slopes, strict=True)))
        for constant, *slopes in found.points.tolist()
    )
    return Line(
        tuple(Fitted(top, below, points) for top, below in rows),
        (_told(rule, table, rows, found),),
    )


def _told(
    rule: Affine, table: str, rows: Sequence[tuple[Cell, tuple[Cell, ...]]], found: Implied
) -> Finding:
    slopes = ", ".join(
        f"{child} {low:.4f} to {high:.4f}"
        for child, low, high in zip(rule.children, found.low, found.high, strict=True)
    )
    aside = ", ".join(rows[at][0].unit for at in found.outside)
    text = (
        f"{found.used} of {len(rows)} rows fit one constant ({found.constant[0]:.3f} to "
        f"{found.constant[2]:.3f}) and one multiple per part: {slopes}"
    )
    return Finding(
        check="affine",
        severity=Severity.NOTE,
        table=table,
        unit="",
        node=rule.parent,
        published="",
        expected=(None, None),
        suggestion="",
        kind="rescaled sum",
        evidence=f"{text}." + (f" Set aside: {aside}." if aside else ""),
    )


def _refused(rule: Affine, table: str, rows: Sequence[tuple[Cell, tuple[Cell, ...]]]) -> Finding:
    return Finding(
        check="affine",
        severity=Severity.ERROR,
        table=table,
        unit="",
        node=rule.parent,
        published="",
        expected=(None, None),
        suggestion="",
        kind="",
        evidence=(
            f"No constant and multiples of {', '.join(rule.children)} give {rule.parent} within "
            f"rounding, even with a third of the {len(rows)} rows set aside."
        ),
    )
