"""Why scores changed: each change split exactly over its causes (Shapley values)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, combinations, permutations, product
from typing import Any

import numpy as np

from xlcity.audit.diff.hybrid_index import (
    CAUSES,
    CauseSelection,
    HybridIndex,
    IndexInputs,
    indicator_of,
    shared_steps,
)
from xlcity.errors import XlcityError
from xlcity.model.dataset import Dataset, FloatArray, Item, Link
from xlcity.recalc.compare import is_same_typed_value

#: A cause, or several that cannot be distinguished.
Player = frozenset[str]
Players = Sequence[Player]

#: A cause of several parts is split over them only up to this many; more stay together.
_PARTS = 60
#: How far apart values are at most that count as equal, as a share: programs keep 15 digits.
_ROUNDING = 1e-14


@dataclass(frozen=True, slots=True)
class Effect:
    """What one cause did to the scores, in points: (units, nodes).

    `what` names the indicator, the group or the change.
    """

    cause: str
    what: str
    points: FloatArray


@dataclass(frozen=True)
class Attribution:
    """The change of all scores that both indices have.

    Attributes
    ----------
    units, nodes
        Rows and columns of `before`, `after` and of every effect.
    effects
        They add up to ``after - before`` wherever both are numbers.
    together
        Causes that could not be distinguished, as a mixture of them would be no index.
    """

    units: tuple[str, ...]
    nodes: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    effects: tuple[Effect, ...]
    together: tuple[str, ...] = ()


def explain_change(a: IndexInputs, b: IndexInputs) -> Attribution:
    """Split the change of every score from one index to another over its causes.

    A cause's part is its Shapley value: what taking it from the second index adds, averaged over
    all orders in which the causes may be taken. The part of *data* is split over indicators and
    that of *weights* over groups, by taking them one after the other, forwards and backwards.

    Raises
    ------
    XlcityError
        If one of the two is not an index.
    """
    changed = tuple(cause for cause in CAUSES if CHANGES[cause](a, b))
    hybrid = HybridIndex(a, b, frozenset(changed))
    players, together = _players(hybrid, changed)
    before = hybrid.scores(CauseSelection())
    after = hybrid.scores(CauseSelection(frozenset(CAUSES)))
    parts = _shapley(hybrid, players, after - before)
    causes = zip(players, parts, strict=True)
    effects = chain.from_iterable(
        _split(hybrid, cause, players, part) for cause, part in causes
    )
    return Attribution(
        hybrid.units, hybrid.nodes, before, after, tuple(effects), tuple(together)
    )


def changed_codes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return the indicators that both have and whose values, lists or links differ."""
    units = tuple(unit for unit in a.dataset.units if unit.id in b.dataset.rows)
    codes = tuple(code for code in a.framework.inputs if code in b.framework.inputs)
    shared = {unit.id for unit in units}
    old, new = (side.dataset.reindexed(units, codes) for side in (a, b))
    alike = np.isclose(old.values, new.values, rtol=_ROUNDING, atol=0, equal_nan=True)
    differs = ~(alike & (old.states == new.states)).all(axis=0)
    changed = dict.fromkeys(
        indicator_of(a.framework, codes[n]) for n in np.flatnonzero(differs)
    )
    for mine, theirs in (
        (a.dataset.items, b.dataset.items),
        (a.dataset.links, b.dataset.links),
    ):
        for code in dict.fromkeys((*mine, *theirs)):
            if (
                code in a.framework
                and code in b.framework
                and mine.get(code) != theirs.get(code)
            ):
                lines = [
                    _lines_of(side.get(code, ()), shared) for side in (mine, theirs)
                ]
                changed |= {code: None} if lines[0] != lines[1] else {}
    return tuple(changed)


def _lines_of(lines: Iterable[Item | Link], cities: set[str]) -> set[str]:
    """Return the lines about some cities, whoever they are from."""
    return {repr(replace(line, basis="")) for line in lines if line.cities <= cities}


def changed_groups(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return the parents of nodes that both have and whose weight differs."""
    pairs = (
        (n, b.framework[n.code]) for n in a.framework.nodes if n.code in b.framework
    )
    changed = (t for n, t in pairs if not is_same_typed_value(n.weight, t.weight))
    return tuple(dict.fromkeys(node.parent or "" for node in changed))


def framework_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words what of the tree changed that a score depends on."""
    mine = a.framework
    theirs = b.framework
    old_codes, new_codes = (
        [*(node.code for node in tree.nodes), *(part.code for part in tree.ingredients)]
        for tree in (mine, theirs)
    )
    changes = [f"− {code}" for code in old_codes if code not in new_codes]
    changes += [f"+ {code}" for code in new_codes if code not in old_codes]
    for node, name in product(
        (n for n in mine.nodes if n.code in theirs), ("parent", "direction")
    ):
        old = getattr(node, name)
        new = getattr(theirs[node.code], name)
        if old != new:
            changes.append(f"{node.code} {name}: {old} → {new}")
    return tuple(changes)


def sample_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words which units came, went, or changed their population."""
    return tuple(
        f"− {unit}"
        if new is None
        else f"+ {unit}"
        if old is None
        else f"{unit}: {old} → {new}"
        for unit, (old, new) in find_moved_units(a.dataset, b.dataset).items()
    )


def find_moved_units(
    a: Dataset, b: Dataset
) -> dict[str, tuple[str | None, str | None]]:
    """Return the populations before and after of units that came, went, or changed it."""
    mine, theirs = (
        {u.id: u.population for u in own.units if u.population} for own in (a, b)
    )
    units = sorted(
        dict.fromkeys((*mine, *theirs)), key=lambda u: (u in theirs, u in mine)
    )
    pairs = ((unit, (mine.get(unit), theirs.get(unit))) for unit in units)
    return {unit: pair for unit, pair in pairs if pair[0] != pair[1]}


def recipe_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words what of the method changed, for nodes that both indices have."""
    changes = []
    for name in ("blank", "missing_codes"):
        old = getattr(a.recipe, name)
        new = getattr(b.recipe, name)
        if old != new:
            changes.append(f"{name}: {old} → {new}")
    both = {node.code for node in a.framework.nodes} & {
        node.code for node in b.framework.nodes
    }
    mine = shared_steps(a.recipe, both)
    theirs = shared_steps(b.recipe, both)
    added = [step for step in theirs if step not in mine]
    for old in (step for step in mine if step not in theirs):
        alike = (s for s in added if s.do == old.do)
        new = next(
            (s for s in alike if s.codes == old.codes or {*s.codes} & {*old.codes}),
            None,
        )
        if new is None:
            changes.append(f"− {old.do} {old.method} {' '.join(old.codes)}".rstrip())
            continue
        added.remove(new)
        parts = [] if old.method == new.method else [f"{old.method} → {new.method}"]
        values = {
            name: (old.get(name), new.get(name)) for name in (*old.params, *new.params)
        }
        differing = (
            item for item in values.items() if not _is_same_parameter(*item[1])
        )
        parts += [f"{name} {before} → {after}" for name, (before, after) in differing]
        if old.codes != new.codes:
            before, after = (" ".join(step.codes) or "all" for step in (old, new))
            parts.append(f"codes {before} → {after}")
        if parts:
            changes.append(f"{old.do} {new.method}: {', '.join(parts)}")
    changes += [
        f"+ {step.do} {step.method} {' '.join(step.codes)}".rstrip() for step in added
    ]
    return tuple(changes)


def _is_same_parameter(old: Any, new: Any) -> bool:
    """Compare a parameter; its numbers are typed on sheets, and programs keep 15 digits."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        return all(map(_is_same_parameter, old, new))
    return is_same_typed_value(old, new)


#: Cause -> what gives the indicators, the groups or the changes in words.
CHANGES: dict[str, Callable[[IndexInputs, IndexInputs], tuple[str, ...]]] = {
    "data": changed_codes,
    "weights": changed_groups,
    "recipe": recipe_changes,
    "framework": framework_changes,
    "sample": sample_changes,
}


def _players(
    hybrid: HybridIndex, changed: Sequence[str]
) -> tuple[list[Player], list[str]]:
    """Return the causes, those tied together of which a mixture is not an index."""
    players = [frozenset({cause}) for cause in changed]
    ties = [("recipe", "framework"), ("weights", "framework"), ("data", "framework")]
    while True:
        try:
            for size in range(len(players) + 1):
                for some in combinations(players, size):
                    hybrid.scores(CauseSelection(frozenset().union(*some)))
        except XlcityError:
            if not ties or len(players) < 2:
                raise
            tied = ties.pop(0)
            joined = [p for p in players if not p.isdisjoint(tied)]
            players = [p for p in players if p not in joined] + [
                frozenset().union(*joined)
            ]
        else:
            several = [
                cause
                for player in players
                if len(player) > 1
                for cause in sorted(player)
            ]
            return players, several


def _shapley(
    hybrid: HybridIndex, players: Players, change: FloatArray
) -> list[FloatArray]:
    """Return each player's mean gain over all orders in which every step has a score."""
    sums = np.zeros((len(players), *change.shape))
    counts = np.zeros(change.shape)
    for order in permutations(range(len(players))):
        taken = accumulate(
            order, lambda before, n: before | players[n], initial=frozenset[str]()
        )
        gains = _gains(hybrid, [CauseSelection(causes) for causes in taken])
        scored = ~np.isnan(gains).any(axis=0)
        counts += scored
        for player, gain in zip(order, gains, strict=True):
            sums[player] += np.where(scored, gain, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = list(sums / counts)
    # Where no order has a score at every step, the first cause stands for all.
    none = (counts == 0) & ~np.isnan(change)
    for player, part in enumerate(parts):
        part[none] = change[none] if player == 0 else 0.0
    return parts


def _gains(hybrid: HybridIndex, selections: Sequence[CauseSelection]) -> FloatArray:
    """Return what each selection adds to the scores of the one before it."""
    return np.diff([hybrid.scores(selection) for selection in selections], axis=0)


def _split(
    hybrid: HybridIndex, player: Player, players: Players, points: FloatArray
) -> list[Effect]:
    cause = next((c for c in ("framework", "recipe") if c in player), min(player))
    changes = {c: CHANGES[c](hybrid.a, hybrid.b) for c in CAUSES if c in player}
    separators = {"data": ", ", "weights": ", "}
    what = "; ".join(
        separators.get(c, "; ").join(texts) for c, texts in changes.items()
    )
    names = changes[cause] if len(player) == 1 and cause in separators else ()
    if not 2 <= len(names) <= _PARTS:
        return [Effect(cause, what, points)]
    others = frozenset().union(*(p for p in players if p != player))
    contexts = (frozenset(), others) if others else (frozenset(),)
    parts = np.zeros((len(names), *points.shape))
    for context, step in product(contexts, (1, -1)):
        taken = [frozenset(names[::step][:n]) for n in range(1, len(names) + 1)]
        narrowed = [CauseSelection(context | {cause}, cause, some) for some in taken]
        gains = _gains(hybrid, [CauseSelection(context), *narrowed])[::step]
        parts += np.nan_to_num(gains) / (2 * len(contexts))
    # What depends on the other causes, too, is shared out by size, so that the parts add up.
    rest = np.nan_to_num(points) - parts.sum(axis=0)
    size = np.abs(parts).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(size > 0, np.abs(parts) / size, 1 / len(names))
    return [
        Effect(cause, *named)
        for named in zip(names, parts + rest * shares, strict=True)
    ]
