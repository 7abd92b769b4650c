"""Findings: what an audit says, one per suspect cell, grouped by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from xlcity.audit.tables.constraints.relations import (
    MOST_SUSPECTS,
    Constraint,
    Order,
    Relation,
    Severity,
    room_of,
)
from xlcity.audit.tables.diagnosis.diagnose import CauseGroup, Repair
from xlcity.audit.tables.diagnosis.misprints import MisprintKind
from xlcity.audit.tables.finding import CheckCount, TableFinding, place_of
from xlcity.audit.tables.spec.cells import PrintedCell, PrintedNumbers
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.errors import counted
from xlcity.grouping import grouped

#: Sentences of evidence per finding, at most.
MOST_SENTENCES = 3
#: Kind of a finding where one row does not add up, and no slip of typing restores it.
ANY_CELL = "any cell of this row"


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything an audit found."""

    report: str
    title: str
    checked: tuple[CheckCount, ...]
    findings: tuple[TableFinding, ...]
    printed: PrintedTables
    groups: tuple[CauseGroup, ...]

    def __repr__(self) -> str:
        return f"<Audit {self.report}: {counted(len(self.findings), 'finding')}>"

    def of(self, severity: Severity) -> tuple[TableFinding, ...]:
        """Return the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity is severity)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        return {
            "report": self.report,
            "title": self.title,
            "checked": self.checked,
            "findings": self.findings,
        }


def findings_of(
    book: PrintedNumbers, groups: Sequence[CauseGroup], constraints: Sequence[Constraint]
) -> Iterator[TableFinding]:
    """Yield the findings of each group, the likeliest suspect first."""
    values = [cell.value for cell in book.cells]
    touching = grouped((cell.index, c) for c in constraints for cell in c.cells)
    for number, group in enumerate(groups, start=1):
        severity = min((c.severity for c in group.broken), key=lambda s: s.weight)
        suspects = list(_suspects(book, group))
        for cell, repair, kind in suspects:
            others = touching.get(cell.index, [])
            yield _finding(number, group, severity, cell, repair, kind, values, others)


def _suspects(
    book: PrintedNumbers, group: CauseGroup
) -> Iterator[tuple[PrintedCell, Repair | None, str]]:
    """Yield the cells under suspicion with the likeliest repair of each."""
    seen: set[int] = set()
    rows = [c.suspects for c in group.broken if isinstance(c, Relation)]
    most = min(rows, default=MOST_SUSPECTS)
    shown = [repair for repair in group.repairs if repair.left == 0] or list(group.repairs[:1])
    for repair in shown:
        for slip in repair.slips:
            # A move pushes others along: the one that moved is the suspect.
            changes = slip.changes[:1] if slip.kind is MisprintKind.MOVED else slip.changes
            for change in changes:
                if change.cell.index not in seen and len(seen) < most:
                    seen.add(change.cell.index)
                    yield change.cell, repair, slip.kind.value
    if len(group.broken) == 1 and isinstance(group.broken[0], Relation):
        # Nothing but one sum speaks: the whole may as well be what is wrong.
        total = group.broken[0].cells[0]
        if total.index not in seen and len(seen) < most:
            seen.add(total.index)
            yield total, None, "" if shown else ANY_CELL
    if not any(repair.left == 0 for repair in group.repairs):
        # What stays broken has suspects too: the whole of an identity, the cell most involved.
        rest = _still_broken(book, group)
        counts = Counter(cell.index for c in rest for cell in c.cells)
        for constraint in rest:
            cells = constraint.cells
            if any(cell.index in seen for cell in cells):
                continue
            cell = max(cells, key=lambda c: (counts[c.index], -cells.index(c)))
            if cell.index not in seen and len(seen) < most:
                seen.add(cell.index)
                yield cell, None, ""


def _still_broken(book: PrintedNumbers, group: CauseGroup) -> list[Constraint]:
    values = [cell.value for cell in book.cells]
    for slip in group.repairs[0].slips if group.repairs else ():
        for change in slip.changes:
            values[change.cell.index] = change.value
    return [constraint for constraint in group.broken if constraint.broken(values)]


def _finding(
    number: int,
    group: CauseGroup,
    severity: Severity,
    cell: PrintedCell,
    repair: Repair | None,
    kind: str,
    values: Sequence[Decimal],
    touching: Sequence[Constraint],
) -> TableFinding:
    mine = [c for c in group.broken if any(touched is cell for touched in c.cells)] or list(
        group.broken
    )
    mine.sort(key=lambda c: (c.severity.weight, len(c.cells)))
    mended = list(values)
    for slip in (*repair.beside, *repair.slips) if repair else ():
        for change in slip.changes:
            if change.cell is not cell:
                mended[change.cell.index] = change.value
    suggestion = repair.changed[cell.index] if repair else ""
    resolves = repair is not None and repair.left == 0
    best = group.repairs[0] if group.repairs else None
    alone = sum(r.left == 0 for r in group.repairs) == 1
    return TableFinding(
        check=mine[0].check,
        severity=severity,
        **place_of(cell),
        expected=_places(touching, cell, mended) or _room([*mine, *touching], cell, mended),
        suggestion=suggestion,
        kind=kind,
        evidence=_evidence(group, mine, cell, repair, values),
        group=number,
        resolves=resolves,
        unique=resolves and alone and repair is best,
        cell=cell.index,
    )


def _places(
    touching: Sequence[Constraint], cell: PrintedCell, values: Sequence[Decimal]
) -> tuple[float | None, float | None] | None:
    """Return the places that its score leaves to a rank; None for other cells."""
    pairs = [pair for pair in touching if isinstance(pair, Order) and cell in pair.ranks]
    pairs = [pair for pair in pairs if len(pair.parts[0]) < 2]
    if not pairs or not all(pair.scores for pair in pairs):
        return None
    ahead = behind = 0
    for pair in pairs:
        own = pair.ranks.index(cell)
        mine, other = pair.parts[own][0], pair.parts[1 - own][0]
        gap = pair.weights[0][0] * (values[other.index] - values[mine.index])
        reach = other.above + mine.below
        ahead += gap > reach
        behind += gap < -reach
    return (float(1 + ahead), float(len(pairs) + 1 - behind))


def _room(
    constraints: Sequence[Constraint], cell: PrintedCell, values: Sequence[Decimal]
) -> tuple[float | None, float | None]:
    """Return the printed values that constraints leave; whole digits, if any lie between."""
    low, high = room_of(constraints, cell, values)
    if low is not None and high is not None:
        unit = Decimal(1).scaleb(-cell.decimals)
        printed = (low.quantize(unit, ROUND_CEILING), high.quantize(unit, ROUND_FLOOR))
        if printed[0] <= printed[1]:
            low, high = printed
    return (None if low is None else float(low), None if high is None else float(high))


def _evidence(
    group: CauseGroup,
    mine: Sequence[Constraint],
    cell: PrintedCell,
    repair: Repair | None,
    values: Sequence[Decimal],
) -> str:
    sentences = list(dict.fromkeys(constraint.tell(values) for constraint in mine))
    parts = sentences[:MOST_SENTENCES]
    if len(sentences) > MOST_SENTENCES:
        parts.append(f"and {len(sentences) - MOST_SENTENCES} more of the kind")
    text = "; ".join(parts) + "."
    if repair is None:
        elsewhere = any(other.left == 0 for other in group.repairs)
        why = "No slip of typing explains it"
        why = "A slip in another cell of the group explains it as well" if elsewhere else why
        return f"{text} {why}."
    changes = [change for slip in repair.slips for change in slip.changes]
    listed = ", ".join(
        f"{c.cell.unit} {c.cell.column} {c.cell.text} -> {c.text}" for c in changes[:4]
    ) + (f" and {len(changes) - 4} cells more" if len(changes) > 4 else "")
    if repair.left:
        return f"{text} With {listed} fewer constraints are broken ({repair.left} stay)."
    others = sum(other.left == 0 for other in group.repairs) - 1
    only = "no other repair of that size does"
    if others:
        only = (
            "another repair does so, too" if others == 1 else f"{others} other repairs do so, too"
        )
    besides = ", with the repairs of the neighbouring groups," if repair.beside else ""
    return f"{text} With {listed}{besides} every constraint holds; {only}."


def numbered(findings: Iterable[TableFinding], start: int) -> list[TableFinding]:
    """Return findings that no constraint gave with numbers of causes.

    What one line of the text says is one cause; else what one check says of one table.
    """
    with_groups: list[TableFinding] = []
    groups: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        line = finding.where if finding.check in _OF_TEXT else ""
        number = groups.setdefault((finding.check, finding.table, line), start + len(groups))
        with_groups.append(replace(finding, group=number))
    return with_groups


#: Checks of what the text says.
_OF_TEXT = frozenset({"list-places", "list-members", "list-joint", "tiers", "count", "words"})
