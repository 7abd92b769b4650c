"""From broken constraints to causes: the smallest slips after which every constraint holds.

A cause is a set of slips. The search deepens: one slip that mends all broken constraints of a
group, else two, else three. Each step must leave fewer broken than before, and a bound (broken
constraints that share no cell need a slip each) cuts what cannot succeed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from xlcity.audit.tables.constraints.relations import Constraint, Copy, Order
from xlcity.audit.tables.diagnosis.misprints import Misprint, MisprintKind, Misprints, copied
from xlcity.audit.tables.spec.cells import RANK, PrintedCell, PrintedNumbers
from xlcity.grouping import grouped

#: Slips in one cause, at most; and trials in one group, at most.
MOST_SLIPS = 3
MOST_TRIALS = 6000
#: A repair whose odds against the best are below this is not shown.
LEAST_ODDS = 7.0


@dataclass(frozen=True, slots=True)
class Repair:
    """Slips that together mend a group, and how surprising they are."""

    slips: tuple[Misprint, ...]
    surprise: float
    #: Broken constraints that stay; 0 = every constraint of the audit holds.
    left: int = 0
    #: Slips of other causes that have to be mended as well.
    beside: tuple[Misprint, ...] = ()

    @property
    def changed(self) -> dict[int, str]:
        """Cell -> what it should read."""
        return {c.cell.index: c.text for slip in self.slips for c in slip.changes}


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Broken constraints of one cause, and the repairs found, the likeliest first."""

    broken: tuple[Constraint, ...]
    repairs: tuple[Repair, ...]


class ConstraintState:
    """The values under trial, and which constraints they break."""

    def __init__(self, book: PrintedNumbers, constraints: Sequence[Constraint]) -> None:
        self.book = book
        self.constraints = constraints
        self.values: list[Decimal] = [cell.value for cell in book.cells]
        numbered = enumerate(constraints)
        self.touching = grouped(
            (cell.index, number) for number, constraint in numbered for cell in constraint.cells
        )
        self.broken = {number for number, c in enumerate(constraints) if c.broken(self.values)}

    @contextmanager
    def applied(self, slip: Misprint) -> Iterator[None]:
        """Put the values of a slip in place for a while."""
        before = {c.cell.index: self.values[c.cell.index] for c in slip.changes}
        for change in slip.changes:
            self.values[change.cell.index] = change.value
        try:
            yield
        finally:
            for index, value in before.items():
                self.values[index] = value

    def try_on(self, slip: Misprint) -> tuple[set[int], set[int]]:
        """Return what a slip would mend and what it would break."""
        touched = {number for c in slip.changes for number in self.touching.get(c.cell.index, ())}
        with self.applied(slip):
            now = {number for number in touched if self.constraints[number].broken(self.values)}
        return (touched & self.broken) - now, now - self.broken

    def strain(self, slips: Iterable[Misprint]) -> float:
        """Return half the squared strain of all constraints that the changed cells touch."""
        touched = {
            number
            for slip in slips
            for c in slip.changes
            for number in self.touching.get(c.cell.index, ())
        }
        return sum(0.5 * self.constraints[number].strain(self.values) ** 2 for number in touched)


def diagnose(book: PrintedNumbers, constraints: Sequence[Constraint]) -> tuple[CauseGroup, ...]:
    """Return the groups of broken constraints with their repairs."""
    state, slips = ConstraintState(book, constraints), Misprints(book)
    exchanges = list(_exchanges(state, slips))
    groups = []
    for broken in _components(state, exchanges):
        repairs = _Search(state, slips, broken, exchanges).repairs()
        mine = tuple(constraints[number] for number in sorted(broken))
        changes = {frozenset(repair.changed.items()) for repair in repairs}
        repairs += [r for r in _sides(state, mine) if frozenset(r.changed.items()) not in changes]
        group = CauseGroup(mine, tuple(_shown(repairs)))
        groups += _by_slip(group)
    return tuple(groups)


def _sides(state: ConstraintState, broken: Sequence[Constraint]) -> Iterator[Repair]:
    """Yield, where only copies disagree, that one place is right throughout, or the other."""
    copies = [constraint for constraint in broken if isinstance(constraint, Copy)]
    if len(copies) < 2 or len(copies) < len(broken):
        return
    for side in (0, 1):
        pairs = [(c.cells[side], c.cells[1 - side]) for c in copies]
        slips = tuple(copied(cell, other) for cell, other in pairs)
        together = Misprint(MisprintKind.COPY, tuple(c for s in slips for c in s.changes), 0.0)
        if len({c.cell.index for c in together.changes}) < len(slips):
            continue
        mended, broken_anew = state.try_on(together)
        if len(mended) == len(copies) and not broken_anew:
            yield Repair(slips, sum(slip.surprise for slip in slips))


def _by_slip(group: CauseGroup) -> list[CauseGroup]:
    """Return a group per slip of its likeliest repair: each is a cause of its own.

    The other ways to mend one of them are the repairs that differ in that slip alone.
    """
    if not group.repairs or min(len(repair.slips) for repair in group.repairs) == 1:
        return [group]
    best = group.repairs[0]
    groups, placed = [], set()
    for number, slip in enumerate(best.slips):
        rest = tuple(other for k, other in enumerate(best.slips) if k != number)
        same = [r for r in group.repairs if all(other in r.slips for other in rest)]
        repairs = tuple(
            Repair(own, r.surprise, r.left, rest)
            for r in same
            if (own := tuple(other for other in r.slips if other not in rest))
        )
        changed = {change.cell.index for change in slip.changes}
        broken = [c for c in group.broken if any(cell.index in changed for cell in c.cells)]
        placed |= set(map(id, broken))
        groups.append(CauseGroup(tuple(broken), repairs))
    left = tuple(c for c in group.broken if id(c) not in placed)
    if left:
        groups[0] = CauseGroup((*groups[0].broken, *left), groups[0].repairs)
    return groups


def _exchanges(state: ConstraintState, slips: Misprints) -> Iterator[Misprint]:
    """Yield exchanges of neighbouring rows that mend more than they break."""
    cells = {c.index: c for number in state.broken for c in state.constraints[number].cells}
    seen = set()
    for cell in cells.values():
        for slip in slips.exchanges(cell):
            key = frozenset((c.cell.index, c.text) for c in slip.changes)
            if key in seen:
                continue
            seen.add(key)
            mended, broken_anew = state.try_on(slip)
            if len(mended) > len(broken_anew):
                yield slip


def _components(state: ConstraintState, exchanges: Sequence[Misprint]) -> list[set[int]]:
    """Return broken constraints in groups that share a cell, or that one exchange mends."""
    home: dict[int, int] = {number: number for number in state.broken}

    def root(number: int) -> int:
        while home[number] != number:
            number = home[number]
        return number

    def join(members: Iterable[int]) -> None:
        first, *rest = [root(number) for number in members]
        for other in rest:
            home[root(other)] = root(first)

    by_cell = grouped(
        (cell.index, number) for number in state.broken for cell in state.constraints[number].cells
    )
    for members in by_cell.values():
        join(members)
    for slip in exchanges:
        mended, broken_anew = state.try_on(slip)
        if not broken_anew and mended:
            join(mended)
    return [*map(set, grouped((root(number), number) for number in sorted(state.broken)).values())]


class _Search:
    """Looks for the smallest sets of slips that mend one group."""

    def __init__(
        self,
        state: ConstraintState,
        slips: Misprints,
        broken: set[int],
        exchanges: Sequence[Misprint],
    ) -> None:
        self.state, self.slips, self.group = state, slips, broken
        self.exchanges = [s for s in exchanges if state.try_on(s)[0] & broken]
        self.outside = state.broken - broken
        self.trials = 0
        self._of: dict[int, list[Misprint]] = {}

    def repairs(self) -> list[Repair]:
        """Return the repairs, the likeliest first; partial ones if none mends all."""
        for depth in range(1, MOST_SLIPS + 1):
            repairs: dict[frozenset[tuple[int, str]], Repair] = {}
            for chosen in self._deepen(depth, ()):
                repair = self._weigh(chosen)
                repairs.setdefault(frozenset(repair.changed.items()), repair)
            if repairs:
                return _shown(repairs.values())
            if self.trials >= MOST_TRIALS:
                break
        return _shown(self._partial())

    def _weigh(self, chosen: tuple[Misprint, ...]) -> Repair:
        """Return a repair; the slips have to be applied."""
        surprise = sum(slip.surprise for slip in chosen) + self.state.strain(chosen)
        return Repair(chosen, surprise, len(self.state.broken - self.outside))

    def _deepen(self, depth: int, chosen: tuple[Misprint, ...]) -> Iterator[tuple[Misprint, ...]]:
        left = self.state.broken - self.outside
        if not left:
            yield chosen
            return
        if depth == 0 or self._bound(left) > depth:
            return
        for slip in self._options(left, depth):
            if self.trials >= MOST_TRIALS:
                return
            self.trials += 1
            mended, broken_anew = self.state.try_on(slip)
            if len(mended) <= len(broken_anew) or (depth == 1 and (broken_anew or left - mended)):
                continue
            before = self.state.broken
            self.state.broken = (before - mended) | broken_anew
            with self.state.applied(slip):
                yield from self._deepen(depth - 1, (*chosen, slip))
            self.state.broken = before

    def _bound(self, left: set[int]) -> int:
        """Return how many slips are needed at least."""
        used: set[int] = set()
        apart = 0
        for number in sorted(left, key=lambda number: len(self.state.constraints[number].cells)):
            cells = {cell.index for cell in self.state.constraints[number].cells}
            if not cells & used:
                used |= cells
                apart += 1
        # An exchange mends two constraints that share nothing, a move any number.
        return 1 if self.exchanges or self._ranked(left) else apart

    def _ranked(self, left: set[int]) -> bool:
        return any(isinstance(self.state.constraints[number], Order) for number in left)

    def _options(self, left: set[int], depth: int) -> Iterator[Misprint]:
        """Yield slips of the cells that could be to blame, and the exchanges."""
        constraints = self.state.constraints
        if depth == 1:
            shared = Counter(c.index for number in left for c in constraints[number].cells)
            cells = [index for index, count in shared.items() if count == len(left)]
        else:
            # Some slip must touch each broken constraint: begin with the one of fewest cells.
            counts = Counter(c.index for number in left for c in constraints[number].cells)
            pivot = min(left, key=lambda number: (len(constraints[number].cells), number))
            cells = [c.index for c in constraints[pivot].cells]
            cells.sort(key=lambda index: -counts[index])
        yield from self.exchanges
        for index in cells:
            yield from self._slips_of(self.state.book.cells[index], left)

    def _slips_of(self, cell: PrintedCell, left: set[int]) -> Iterator[Misprint]:
        if cell.index not in self._of:
            moved = self.slips.moved(cell, self._score(cell))
            self._of[cell.index] = [*self.slips.of(cell), *moved]
        yield from self._of[cell.index]
        broken = [self.state.constraints[number] for number in sorted(left)]
        yield from self.slips.overwritten(cell, broken, self.state.values)

    def _score(self, rank: PrintedCell) -> PrintedCell | None:
        """Return the score that a rank goes by."""
        if rank.series.quantity != RANK:
            return None
        for number in self.state.touching.get(rank.index, ()):
            constraint = self.state.constraints[number]
            if isinstance(constraint, Order) and constraint.scores and rank in constraint.ranks:
                return constraint.scores[constraint.ranks.index(rank)]
        return None

    def _partial(self) -> Iterator[Repair]:
        """Yield single slips that mend some and break nothing, the most mended first."""
        cells = {c.index: c for number in self.group for c in self.state.constraints[number].cells}
        best: list[tuple[int, Misprint]] = []
        for cell in list(cells.values())[:200]:
            for slip in self.slips.of(cell):
                mended, broken_anew = self.state.try_on(slip)
                if not broken_anew and mended & self.group:
                    best.append((len(mended & self.group), slip))
        most = max((count for count, _ in best), default=0)
        for count, slip in best:
            if count == most:
                with self.state.applied(slip):
                    surprise = slip.surprise + self.state.strain((slip,))
                yield Repair((slip,), surprise, len(self.group) - count)


def _shown(repairs: Iterable[Repair]) -> list[Repair]:
    """Return repairs in order, those that are far less likely than the first left out."""
    ordered = sorted(repairs, key=lambda repair: repair.surprise)
    return [r for r in ordered if r.surprise <= ordered[0].surprise + LEAST_ODDS][:40]
