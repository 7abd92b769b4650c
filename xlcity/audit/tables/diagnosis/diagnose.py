"""From broken constraints to causes: the fewest slips after which every constraint holds.

The slip that mends most is taken first, then the one that mends most of the rest. Of every slip
that was taken it is then asked which other slip would do in its place, all others being mended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from xlcity.audit.tables.constraints.relations import Constraint, Order, Severity
from xlcity.audit.tables.diagnosis.misprints import Misprint, Misprints
from xlcity.audit.tables.printed_numbers import RANK, PrintedCell, PrintedNumbers

#: Cells that are looked at where no slip of one cell mends a group.
MOST_CELLS = 60
#: A repair whose odds against the best are below this is not shown; nor are more than so many.
LEAST_ODDS = 7.0
MOST_REPAIRS = 40


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Broken constraints of one cause, and the repairs found, the likeliest first.

    Parameters
    ----------
    repairs
        Slips that mend the group; their surprise counts the strain of what they take part in.
    left
        How many constraints of its cells stay broken; 0 = every one holds.
    beside
        Slips that other causes of the same constraints were taken for.
    """

    broken: tuple[Constraint, ...]
    repairs: tuple[Misprint, ...]
    left: int = 0
    beside: tuple[Misprint, ...] = ()

    @property
    def severity(self) -> Severity:
        """That of the gravest of its constraints."""
        severities = (constraint.severity for constraint in self.broken)
        return min(severities, key=attrgetter("weight"))


class _SlipOutcome(NamedTuple):
    """What a slip would mend and what it would break, by the numbers of constraints."""

    mended: set[int]
    broken_anew: set[int]


class Diagnosis:
    """The values under trial, which constraints they break, and the slips that were taken."""

    def __init__(self, book: PrintedNumbers, constraints: Sequence[Constraint]) -> None:
        self.slips = Misprints(book)
        self.cells = book.cells
        self.constraints = constraints
        self.values: list[Decimal] = [cell.value for cell in book.cells]
        self.touching: dict[int, list[int]] = {}
        for number, constraint in enumerate(constraints):
            for cell in constraint.cells:
                self.touching.setdefault(cell.index, []).append(number)
        self.broken = self._find_broken(range(len(constraints)))
        self.printed_broken = frozenset(self.broken)
        self.hopeless: set[int] = set()
        self.taken: list[Misprint] = []

    def _find_broken(self, numbers: Iterable[int]) -> set[int]:
        """Return which constraints the values under trial break."""
        constraints = self.constraints
        return {n for n in numbers if constraints[n].broken(self.values)}

    def _listed(self, numbers: Iterable[int]) -> tuple[Constraint, ...]:
        return tuple(self.constraints[number] for number in sorted(numbers))

    def causes(self) -> Iterator[CauseGroup]:
        """Yield the causes: of each slip that was taken, and of what no slip mends."""
        while left := self.broken - self.hopeless:
            group = self._connected(left)
            slip = self._best(group)
            if slip is None:
                self.hopeless |= group
            else:
                self.broken ^= set().union(*self._tried(slip))
                self._put(slip)
                self.taken.append(slip)
        explained: set[int] = set()
        for slip in self.taken:
            # A slip that only mends what another would break has nothing printed against it.
            mine = self._touched(slip) & self.printed_broken
            if mine:
                explained |= mine
                yield self._cause(slip, mine)
        while left := self.hopeless - explained:
            group = self._connected(left)
            explained |= group
            yield CauseGroup(self._listed(group), ())

    def _cause(self, slip: Misprint, mine: set[int]) -> CauseGroup:
        """Return the cause that a slip was taken for, with the others that would do."""
        self._put(slip, undone=True)
        touched = self._touched(slip)
        now = self._find_broken(touched)
        before = self.broken
        self.broken = before | now
        others = [other for other in self.taken if other is not slip]
        repairs = self._find_repairs(now - self.hopeless, others)
        self.broken = before
        self._put(slip)
        repairs.sort(key=lambda repair: repair.surprise)
        shown = [r for r in repairs if r.surprise <= repairs[0].surprise + LEAST_ODDS]
        return CauseGroup(
            self._listed(mine),
            tuple(shown[:MOST_REPAIRS]),
            left=len(touched & self.hopeless),
            beside=tuple(other for other in others if self._touched(other) & mine),
        )

    def _find_repairs(
        self, wanted: set[int], others: Sequence[Misprint]
    ) -> list[Misprint]:
        """Return the slips that mend some constraints and break none, beside others."""
        repairs: dict[frozenset[tuple[int, str]], Misprint] = {}
        for option in self._options(wanted, others):
            trial = self._tried(option, len(wanted))
            if not trial.broken_anew and trial.mended >= wanted:
                repair = replace(option, surprise=self._surprise(option))
                repairs.setdefault(frozenset(repair.changed.items()), repair)
        return [*repairs.values()]

    def _put(self, slip: Misprint, *, undone: bool = False) -> None:
        for change in slip.changes:
            value = change.cell.value if undone else change.value
            self.values[change.cell.index] = value

    def _touched(self, slip: Misprint) -> set[int]:
        touched: set[int] = set()
        for change in slip.changes:
            touched.update(self.touching.get(change.cell.index, ()))
        return touched

    def _tried(self, slip: Misprint, least: int = 0) -> _SlipOutcome:
        """Return what a slip would mend and what it would break.

        Of one that mends too few nothing is mended, nor looked at what it breaks.
        """
        touched = self._touched(slip)
        wrong = touched & self.broken
        self._put(slip)
        trial = _SlipOutcome(wrong - self._find_broken(wrong), set())
        if len(trial.mended) >= least:
            trial = trial._replace(broken_anew=self._find_broken(touched - self.broken))
        else:
            trial = _SlipOutcome(set(), set())
        self._put(slip, undone=True)
        return trial

    def _surprise(self, slip: Misprint) -> float:
        """Return how surprising a slip is, the strain of what its cells take part in included."""
        self._put(slip)
        touched = [self.constraints[number] for number in self._touched(slip)]
        strains = [constraint.strain(self.values) for constraint in touched]
        self._put(slip, undone=True)
        return slip.surprise + sum(0.5 * strain**2 for strain in strains)

    def _connected(self, left: set[int]) -> set[int]:
        """Return broken constraints that share cells with one another."""
        group = set()
        reached = {min(left)}
        while reached:
            group |= reached
            beside: set[int] = set()
            for constraint in self._listed(reached):
                for cell in constraint.cells:
                    beside.update(self.touching[cell.index])
            reached = (beside & left) - group
        return group

    def _best(self, group: set[int]) -> Misprint | None:
        """Return the slip that mends most beyond what it breaks, the likeliest of equals.

        One that mends the whole group is wanted; if none does, one that mends some.
        """
        for is_whole in (True, False):
            chosen = self._best_of(group, is_whole=is_whole)
            if chosen is not None:
                return chosen
        return None

    def _best_of(self, group: set[int], *, is_whole: bool) -> Misprint | None:
        """Return the best slip of those that mend a whole group, or some of it."""
        best = (1, -math.inf)
        chosen = None
        for slip in self._options(group, self.taken, everywhere=not is_whole):
            least = max(best[0], len(group) if is_whole else 1)
            mended, broken_anew = self._tried(slip, least)
            gain = len(mended) - len(broken_anew)
            if gain < least or (is_whole and (broken_anew or not mended >= group)):
                continue
            rated = (gain, -self._surprise(slip))
            if rated > best:
                best = rated
                chosen = slip
        return chosen

    def _options(
        self, group: set[int], taken: Sequence[Misprint], *, everywhere: bool = False
    ) -> Iterator[Misprint]:
        """Yield slips of the cells that could be to blame for all of a group, or for some of it."""
        broken = self._listed(group)
        counts: Counter[int] = Counter()
        for constraint in broken:
            counts.update(cell.index for cell in constraint.cells)
        settled = set[int]().union(*(slip.changed for slip in taken))
        for index, count in counts.most_common(MOST_CELLS):
            cell = self.cells[index]
            slips = [*self.slips.exchanges(cell)]
            if count == len(group) or everywhere:
                slips += self.slips.of(cell)
                slips += self.slips.moved(cell, self._score(cell))
                slips += self.slips.overwritten(cell, broken, self.values)
            yield from (slip for slip in slips if settled.isdisjoint(slip.changed))

    def _score(self, rank: PrintedCell) -> PrintedCell | None:
        """Return the score that a rank goes by."""
        if rank.series.quantity != RANK:
            return None
        for number in self.touching[rank.index]:
            constraint = self.constraints[number]
            if not isinstance(constraint, Order) or rank not in constraint.ranks:
                continue
            if constraint.scores:
                return constraint.scores[constraint.ranks.index(rank)]
        return None
