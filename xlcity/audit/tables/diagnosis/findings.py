"""Findings: what an audit says, one per suspect cell, grouped by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

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

#: Sentences of evidence per finding, at most.
MOST_SENTENCES = 3
#: Kind of a finding where one row does not add up, and no slip of typing restores it.
ANY_CELL = "any cell of this row"
#: Changes of a repair that are named, at most.
_MOST_CHANGES = 4
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


class _Suspect(NamedTuple):
    """A cell under suspicion, with its likeliest repair and what happened to it."""

    cell: PrintedCell
    repair: Misprint | None
    kind: str


def findings_of(
    book: PrintedNumbers,
    groups: Sequence[CauseGroup],
    constraints: Sequence[Constraint],
) -> Iterator[TableFinding]:
    """Yield the findings of each group, the likeliest suspect first."""
    values = [cell.value for cell in book.cells]
    touching = _sort_by_cell(constraints)
    for number, group in enumerate(groups, start=1):
        for suspect in _suspects(group):
            cell, repair, kind = suspect
            mine = _sort_for(cell, group.broken)
            around = touching.get(cell.index, [])
            mended = _mend_others(values, group, suspect)
            resolves = repair is not None and not group.left
            expected = _places(around, cell, mended)
            if expected is None:
                expected = _room([*mine, *around], cell, mended)
            yield TableFinding(
                check=mine[0].check,
                severity=group.severity,
                published=cell.text,
                **{name: getattr(cell, name) for name in _OF_CELL},
                expected=expected,
                suggestion=repair.changed[cell.index] if repair else "",
                kind=kind,
                evidence=_evidence(group, [c.tell(values) for c in mine], repair),
                group=number,
                resolves=resolves,
                unique=resolves and len(group.repairs) == 1,
            )


def _sort_by_cell(constraints: Iterable[Constraint]) -> dict[int, list[Constraint]]:
    """Return the constraints of each cell."""
    touching: dict[int, list[Constraint]] = {}
    for constraint in constraints:
        for cell in constraint.cells:
            touching.setdefault(cell.index, []).append(constraint)
    return touching


def _gravity(constraint: Constraint) -> tuple[int, int]:
    """Return what the gravest and shortest constraints come first by."""
    return constraint.severity.weight, len(constraint.cells)


def _sort_for(cell: PrintedCell, broken: Sequence[Constraint]) -> list[Constraint]:
    """Return the constraints of a cell, the gravest and shortest first; of a group all else."""
    mine = []
    for constraint in broken:
        if any(touched is cell for touched in constraint.cells):
            mine.append(constraint)
    return sorted(mine or broken, key=_gravity)


def _mend_others(
    values: Sequence[Decimal], group: CauseGroup, suspect: _Suspect
) -> list[Decimal]:
    """Return the values after the repairs beside and around a suspect, its own as printed."""
    mended = list(values)
    slips = [*group.beside]
    if suspect.repair is not None:
        slips.append(suspect.repair)
    for slip in slips:
        for change in slip.changes:
            if change.cell is not suspect.cell:
                mended[change.cell.index] = change.value
    return mended


def _suspects(group: CauseGroup) -> Iterator[_Suspect]:
    """Yield the cells under suspicion."""
    suspects: dict[int, _Suspect] = {}
    for repair in group.repairs[: 1 if group.left else None]:
        # A move pushes others along: the one that moved is the suspect.
        moved = repair.kind is MisprintKind.MOVED
        for change in repair.changes[: 1 if moved else None]:
            suspect = _Suspect(change.cell, repair, repair.kind.words)
            suspects.setdefault(change.cell.index, suspect)
    if len(group.broken) == 1 and isinstance(group.broken[0], Relation):
        # Nothing but one sum speaks: the whole may as well be what is wrong.
        total = group.broken[0].result
        kind = "" if group.repairs else ANY_CELL
        suspects.setdefault(total.index, _Suspect(total, None, kind))
    if group.left or not group.repairs:
        _add_most_involved(suspects, group)
    yield from list(suspects.values())[: _most_suspects(group)]


def _most_suspects(group: CauseGroup) -> int:
    """Return how many cells may be under suspicion."""
    most = MOST_SUSPECTS
    for constraint in group.broken:
        if isinstance(constraint, Relation):
            most = min(most, constraint.suspects)
    return most


def _add_most_involved(suspects: dict[int, _Suspect], group: CauseGroup) -> None:
    """Add the suspects of what stays broken: the cells most involved, or wholes of identities."""
    counts: Counter[int] = Counter()
    for constraint in group.broken:
        counts.update(cell.index for cell in constraint.cells)
    for constraint in group.broken:
        if suspects.keys().isdisjoint(cell.index for cell in constraint.cells):
            cell = max(constraint.cells, key=lambda cell: counts[cell.index])
            suspects[cell.index] = _Suspect(cell, None, "")


def _pairs_of(cell: PrintedCell, touching: Iterable[Constraint]) -> list[Order]:
    """Return the orders of two ranks, of which a cell is one, by a single score each."""
    orders = [order for order in touching if isinstance(order, Order)]
    own = [order for order in orders if cell in order.ranks]
    return [order for order in own if len(order.parts[0]) < 2]


def _places(
    touching: Sequence[Constraint], cell: PrintedCell, values: Values
) -> Ends | None:
    """Return the places that its score leaves to a rank; None for other cells."""
    pairs = _pairs_of(cell, touching)
    if not pairs or not all(pair.scores for pair in pairs):
        return None
    ahead = behind = 0
    for pair in pairs:
        own = pair.ranks.index(cell)
        mine = pair.parts[own][0]
        other = pair.parts[1 - own][0]
        weight = pair.weights[0][0]
        gap = weight * (values[other.index] - values[mine.index])
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
        if least <= most:
            return _number(least), _number(most)
    return _number(low), _number(high)


def _number(end: Decimal | None) -> float | None:
    # Added, so that -0 is 0.
    return None if end is None else float(end + 0)


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
    listed = _list_changes(repair)
    if group.left:
        return f"{text} With {listed} fewer constraints are broken ({group.left} stay)."
    others = len(group.repairs) - 1
    only = f"{others} other repairs do so, too"
    if others == 1:
        only = "another repair does so, too"
    elif not others:
        only = "no other repair of that size does"
    besides = ", with the repairs of the neighbouring groups," if group.beside else ""
    return f"{text} With {listed}{besides} every constraint holds; {only}."


def _list_changes(repair: Misprint) -> str:
    """Return the changes of a repair in words."""
    changes = [
        f"{c.cell.unit} {c.cell.column} {c.cell.text} -> {c.text}"
        for c in repair.changes
    ]
    listed = ", ".join(changes[:_MOST_CHANGES])
    further = len(changes) - _MOST_CHANGES
    return f"{listed} and {further} cells more" if further > 0 else listed


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
