"""From broken constraints to causes: the fewest slips after which every constraint holds.

The slip that mends most is taken first, then the one that mends most of the rest. Of every slip
that was taken it is then asked which other slip would do in its place, all others being mended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xlcity.audit.tables.constraints.relations import Constraint, Order
from xlcity.audit.tables.diagnosis.misprints import Misprint, Misprints
from xlcity.audit.tables.printed_numbers import RANK, PrintedCell, PrintedNumbers
from xlcity.grouping import grouped

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


class Diagnosis:
    """The values under trial, which constraints they break, and the slips that were taken."""

    def __init__(self, book: PrintedNumbers, constraints: Sequence[Constraint]) -> None:
        self.slips, self.cells, self.constraints = (
            Misprints(book),
            book.cells,
            constraints,
        )
        self.values: list[Decimal] = [cell.value for cell in book.cells]
        numbered = enumerate(constraints)
        self.touching = grouped(
            (cell.index, number) for number, c in numbered for cell in c.cells
        )
        self.broken = {
            number for number, c in enumerate(constraints) if c.broken(self.values)
        }
        self.printed_broken = frozenset(self.broken)
        self.hopeless: set[int] = set()
        self.taken: list[Misprint] = []

    def causes(self) -> Iterator[CauseGroup]:
        """Yield the causes: of each slip that was taken, and of what no slip mends."""
        while left := self.broken - self.hopeless:
            group = self._connected(left)
            if (slip := self._best(group)) is None:
                self.hopeless |= group
            else:
                self.broken ^= set().union(*self._tried(slip))
                self._put(slip)
                self.taken.append(slip)
        explained: set[int] = set()
        for slip in self.taken:
            # A slip that only mends what another would break has nothing printed against it.
            if mine := self._touched(slip) & self.printed_broken:
                explained |= mine
                yield self._cause(slip, mine)
        while left := self.hopeless - explained:
            explained |= (group := self._connected(left))
            yield CauseGroup(
                tuple(self.constraints[number] for number in sorted(group)), ()
            )

    def _cause(self, slip: Misprint, mine: set[int]) -> CauseGroup:
        """Return the cause that a slip was taken for, with the others that would do."""
        self._put(slip, undone=True)
        touched = self._touched(slip)
        now = {
            number for number in touched if self.constraints[number].broken(self.values)
        }
        before, self.broken = self.broken, self.broken | now
        repairs: dict[frozenset[tuple[int, str]], Misprint] = {}
        others = [other for other in self.taken if other is not slip]
        for option in self._options(now - self.hopeless, others):
            mended, broken_anew = self._tried(option, len(now - self.hopeless))
            if not broken_anew and mended >= now - self.hopeless:
                repair = replace(option, surprise=self._surprise(option))
                repairs.setdefault(frozenset(repair.changed.items()), repair)
        self.broken = before
        self._put(slip)
        ordered = sorted(repairs.values(), key=lambda repair: repair.surprise)
        shown = [r for r in ordered if r.surprise <= ordered[0].surprise + LEAST_ODDS]
        broken = tuple(self.constraints[number] for number in sorted(mine))
        left = len(touched & self.hopeless)
        beside = (o for o in others if self._touched(o) & mine)
        return CauseGroup(broken, tuple(shown[:MOST_REPAIRS]), left, tuple(beside))

    def _put(self, slip: Misprint, *, undone: bool = False) -> None:
        for change in slip.changes:
            self.values[change.cell.index] = (
                change.cell.value if undone else change.value
            )

    def _touched(self, slip: Misprint) -> set[int]:
        return {
            n
            for change in slip.changes
            for n in self.touching.get(change.cell.index, ())
        }

    def _tried(self, slip: Misprint, least: int = 0) -> tuple[set[int], set[int]]:
        """Return what a slip would mend and what it would break; nothing if it mends too few."""
        touched = self._touched(slip)
        self._put(slip)
        mended = {
            n
            for n in touched & self.broken
            if not self.constraints[n].broken(self.values)
        }
        intact = touched - self.broken if len(mended) >= least else set[int]()
        broken_anew = {n for n in intact if self.constraints[n].broken(self.values)}
        self._put(slip, undone=True)
        return (mended if len(mended) >= least else set()), broken_anew

    def _surprise(self, slip: Misprint) -> float:
        """Return how surprising a slip is, the strain of what its cells take part in included."""
        self._put(slip)
        strains = [
            self.constraints[number].strain(self.values)
            for number in self._touched(slip)
        ]
        self._put(slip, undone=True)
        return slip.surprise + sum(0.5 * strain**2 for strain in strains)

    def _connected(self, left: set[int]) -> set[int]:
        """Return broken constraints that share cells with one another."""
        group = set()
        reached = {min(left)}
        while reached:
            group |= reached
            cells = {
                cell.index
                for number in reached
                for cell in self.constraints[number].cells
            }
            reached = {
                n for index in cells for n in self.touching[index] if n in left
            } - group
        return group

    def _best(self, group: set[int]) -> Misprint | None:
        """Return the slip that mends most beyond what it breaks, the likeliest of equals.

        One that mends the whole group is wanted; if none does, one that mends some.
        """
        for whole_group in (True, False):
            best = (1, -math.inf)
            chosen = None
            for slip in self._options(group, self.taken, everywhere=not whole_group):
                least = max(best[0], len(group) if whole_group else 1)
                mended, broken_anew = self._tried(slip, least)
                gain = len(mended) - len(broken_anew)
                if gain < least or (
                    whole_group and (broken_anew or not mended >= group)
                ):
                    continue
                if (rated := (gain, -self._surprise(slip))) > best:
                    best = rated
                    chosen = slip
            if chosen is not None:
                return chosen
        return None

    def _options(
        self, group: set[int], taken: Sequence[Misprint], *, everywhere: bool = False
    ) -> Iterator[Misprint]:
        """Yield slips of the cells that could be to blame for all of a group, or for some of it."""
        broken = [self.constraints[number] for number in sorted(group)]
        counts = Counter(
            cell.index for constraint in broken for cell in constraint.cells
        )
        settled = {change.cell.index for slip in taken for change in slip.changes}
        for index, count in counts.most_common(MOST_CELLS):
            cell = self.cells[index]
            slips = [*self.slips.exchanges(cell)]
            if count == len(group) or everywhere:
                slips += self.slips.of(cell)
                slips += self.slips.moved(cell, self._score(cell))
                slips += self.slips.overwritten(cell, broken, self.values)
            for slip in slips:
                if settled.isdisjoint(change.cell.index for change in slip.changes):
                    yield slip

    def _score(self, rank: PrintedCell) -> PrintedCell | None:
        """Return the score that a rank goes by."""
        for number in self.touching[rank.index] if rank.series.quantity == RANK else ():
            constraint = self.constraints[number]
            if (
                isinstance(constraint, Order)
                and constraint.scores
                and rank in constraint.ranks
            ):
                return constraint.scores[constraint.ranks.index(rank)]
        return None
