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
    Values,
    room_of,
)
from xlcity.audit.tables.diagnosis.diagnose import CauseGroup
from xlcity.audit.tables.diagnosis.misprints import Misprint, MisprintKind
from xlcity.audit.tables.finding import CheckCount, Ends, TableFinding
from xlcity.audit.tables.printed_numbers import PrintedCell, PrintedNumbers
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.errors import counted
from xlcity.grouping import grouped

#: Sentences of evidence per finding, at most.
MOST_SENTENCES = 3
#: Kind of a finding where one row does not add up, and no slip of typing restores it.
ANY_CELL = "any cell of this row"
#: What a finding says of the cell that it is about.
_OF_CELL = ("table", "unit", "node", "column", "row", "where")


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
        return tuple(
            finding for finding in self.findings if finding.severity is severity
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        names = ("report", "title", "checked", "findings")
        return {name: getattr(self, name) for name in names}


def findings_of(
    book: PrintedNumbers,
    groups: Sequence[CauseGroup],
    constraints: Sequence[Constraint],
) -> Iterator[TableFinding]:
    """Yield the findings of each group, the likeliest suspect first."""
    values = [cell.value for cell in book.cells]
    touching = grouped((cell.index, c) for c in constraints for cell in c.cells)
    for number, group in enumerate(groups, start=1):
        severity = min((c.severity for c in group.broken), key=lambda s: s.weight)
        for cell, repair, kind in _suspects(group):
            mine = [
                c for c in group.broken if any(touched is cell for touched in c.cells)
            ]
            mine = sorted(
                mine or group.broken, key=lambda c: (c.severity.weight, len(c.cells))
            )
            mended = list(values)
            for slip in (*group.beside, *([repair] if repair else ())):
                for change in slip.changes:
                    if change.cell is not cell:
                        mended[change.cell.index] = change.value
            around = touching.get(cell.index, [])
            resolves = repair is not None and not group.left
            yield TableFinding(
                check=mine[0].check,
                severity=severity,
                published=cell.text,
                **{name: getattr(cell, name) for name in _OF_CELL},
                expected=_places(around, cell, mended)
                or _room([*mine, *around], cell, mended),
                suggestion=repair.changed[cell.index] if repair else "",
                kind=kind,
                evidence=_evidence(group, [c.tell(values) for c in mine], repair),
                group=number,
                resolves=resolves,
                unique=resolves and len(group.repairs) == 1,
            )


def _suspects(group: CauseGroup) -> Iterator[tuple[PrintedCell, Misprint | None, str]]:
    """Yield the cells under suspicion with the likeliest repair of each, and what happened."""
    most = min(
        (c.suspects for c in group.broken if isinstance(c, Relation)),
        default=MOST_SUSPECTS,
    )
    suspects: dict[int, tuple[PrintedCell, Misprint | None, str]] = {}
    for repair in group.repairs[: 1 if group.left else None]:
        # A move pushes others along: the one that moved is the suspect.
        moved = repair.kind is MisprintKind.MOVED
        for change in repair.changes[: 1 if moved else None]:
            suspects.setdefault(
                change.cell.index, (change.cell, repair, repair.kind.words)
            )
    if len(group.broken) == 1 and isinstance(group.broken[0], Relation):
        # Nothing but one sum speaks: the whole may as well be what is wrong.
        total = group.broken[0].result
        suspects.setdefault(
            total.index, (total, None, "" if group.repairs else ANY_CELL)
        )
    if group.left or not group.repairs:
        # What stays broken has suspects too: the cell most involved, or the whole of an identity.
        counts = Counter(cell.index for c in group.broken for cell in c.cells)
        for constraint in group.broken:
            if suspects.keys().isdisjoint(cell.index for cell in constraint.cells):
                cell = max(constraint.cells, key=lambda cell: counts[cell.index])
                suspects[cell.index] = (cell, None, "")
    yield from list(suspects.values())[:most]


def _places(
    touching: Sequence[Constraint], cell: PrintedCell, values: Values
) -> Ends | None:
    """Return the places that its score leaves to a rank; None for other cells."""
    pairs = [
        pair for pair in touching if isinstance(pair, Order) and cell in pair.ranks
    ]
    pairs = [pair for pair in pairs if len(pair.parts[0]) < 2]
    if not pairs or not all(pair.scores for pair in pairs):
        return None
    ahead = behind = 0
    for pair in pairs:
        own = pair.ranks.index(cell)
        mine = pair.parts[own][0]
        other = pair.parts[1 - own][0]
        gap = pair.weights[0][0] * (values[other.index] - values[mine.index])
        reach = other.half + mine.half
        ahead += gap > reach
        behind += gap < -reach
    return (float(1 + ahead), float(len(pairs) + 1 - behind))


def _room(constraints: Sequence[Constraint], cell: PrintedCell, values: Values) -> Ends:
    """Return the printed values that constraints leave; whole digits, if any lie between."""
    low, high = room_of(constraints, cell, values)
    if low is not None and high is not None:
        unit = Decimal(1).scaleb(-cell.decimals)
        least = low.quantize(unit, ROUND_CEILING)
        most = high.quantize(unit, ROUND_FLOOR)
        low, high = (least, most) if least <= most else (low, high)
    # Added, so that -0 is 0.
    return (
        None if low is None else float(low + 0),
        None if high is None else float(high + 0),
    )


def _evidence(group: CauseGroup, told: Sequence[str], repair: Misprint | None) -> str:
    sentences = list(dict.fromkeys(told))
    parts = sentences[:MOST_SENTENCES]
    if len(sentences) > MOST_SENTENCES:
        parts.append(f"and {len(sentences) - MOST_SENTENCES} more of the kind")
    text = "; ".join(parts) + "."
    if repair is None:
        if group.repairs and not group.left:
            return f"{text} A slip in another cell of the group explains it as well."
        return f"{text} No slip of typing explains it."
    changes = [
        f"{c.cell.unit} {c.cell.column} {c.cell.text} -> {c.text}"
        for c in repair.changes
    ]
    listed = ", ".join(changes[:4])
    listed += f" and {len(changes) - 4} cells more" if len(changes) > 4 else ""
    if group.left:
        return f"{text} With {listed} fewer constraints are broken ({group.left} stay)."
    others = len(group.repairs) - 1
    only = (
        "another repair does so, too"
        if others == 1
        else f"{others} other repairs do so, too"
    )
    only = only if others else "no other repair of that size does"
    besides = ", with the repairs of the neighbouring groups," if group.beside else ""
    return f"{text} With {listed}{besides} every constraint holds; {only}."


def numbered(findings: Iterable[TableFinding], start: int) -> Iterator[TableFinding]:
    """Yield findings that no constraint gave with numbers of causes.

    What one line of the text says is one cause; else what one check says of one table.
    """
    groups: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        line = finding.where if finding.check in _OF_TEXT else ""
        number = groups.setdefault(
            (finding.check, finding.table, line), start + len(groups)
        )
        yield replace(finding, group=number)


#: Checks of what the text says.
_OF_TEXT = frozenset(
    {"list-places", "list-members", "list-joint", "tiers", "count", "words"}
)
