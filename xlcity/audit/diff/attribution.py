"""Why scores changed: each change split exactly over its causes (Shapley values)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, combinations, permutations, product, starmap
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
from xlcity.model.dataset import Dataset, FloatArray, Item, Link, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.compare import is_same_typed_value

#: A cause, or several that cannot be distinguished.
Player = frozenset[str]
Players = Sequence[Player]

#: Causes of which a mixture may be no index, in the order in which they are tied together.
_TIES = (("recipe", "framework"), ("weights", "framework"), ("data", "framework"))
#: What stands between the parts of causes that are split over them, and between those of others.
_SEPARATORS = {"data": ", ", "weights": ", "}
_SEPARATOR = "; "
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
    players = _players(hybrid, changed)
    before = hybrid.scores(CauseSelection())
    after = hybrid.scores(CauseSelection(frozenset(CAUSES)))
    effects = []
    parts = _shapley(hybrid, players, after - before)
    for player, part in zip(players, parts, strict=True):
        effects += _split(hybrid, player, players, part)
    together = []
    for player in players:
        together += sorted(player) if len(player) > 1 else []
    return Attribution(
        units=hybrid.units,
        nodes=hybrid.nodes,
        before=before,
        after=after,
        effects=tuple(effects),
        together=tuple(together),
    )


def changed_codes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return the indicators that both have and whose values, lists or links differ."""
    units = tuple(unit for unit in a.dataset.units if unit.id in b.dataset.rows)
    changed = [*_changed_values(a, b, units), *_changed_lines(a, b, units)]
    return tuple(dict.fromkeys(changed))


def _changed_values(
    a: IndexInputs, b: IndexInputs, units: tuple[Unit, ...]
) -> Iterator[str]:
    """Yield the indicators whose values or states differ for some of the units."""
    codes = tuple(code for code in a.framework.inputs if code in b.framework.inputs)
    old = a.dataset.reindexed(units, codes)
    new = b.dataset.reindexed(units, codes)
    is_close = partial(np.isclose, rtol=_ROUNDING, atol=0, equal_nan=True)
    alike = is_close(old.values, new.values) & (old.states == new.states)
    for column in np.flatnonzero(~alike.all(axis=0)):
        yield indicator_of(a.framework, codes[column])


def _changed_lines(
    a: IndexInputs, b: IndexInputs, units: Sequence[Unit]
) -> Iterator[str]:
    """Yield the indicators whose lists or links differ for some of the units."""
    shared = {unit.id for unit in units}
    for kind in ("items", "links"):
        mine = getattr(a.dataset, kind)
        theirs = getattr(b.dataset, kind)
        for code in dict.fromkeys((*mine, *theirs)):
            if code not in a.framework or code not in b.framework:
                continue
            own = _lines_of(mine.get(code, ()), shared)
            if own != _lines_of(theirs.get(code, ()), shared):
                yield code


def _lines_of(lines: Iterable[Item | Link], cities: set[str]) -> set[str]:
    """Return the lines about some cities, whoever they are from."""
    return {repr(replace(line, basis="")) for line in lines if line.cities <= cities}


def changed_groups(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return the parents of nodes that both have and whose weight differs."""
    parents = []
    for node in a.framework.nodes:
        if node.code in b.framework:
            other = b.framework[node.code]
            if not is_same_typed_value(node.weight, other.weight):
                parents.append(other.parent or "")
    return tuple(dict.fromkeys(parents))


def framework_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words what of the tree changed that a score depends on."""
    mine = a.framework
    theirs = b.framework
    old_codes = _list_codes(mine)
    new_codes = _list_codes(theirs)
    changes = [f"− {code}" for code in old_codes if code not in new_codes]
    changes += [f"+ {code}" for code in new_codes if code not in old_codes]
    shared = [node for node in mine.nodes if node.code in theirs]
    for node, name in product(shared, ("parent", "direction")):
        old = getattr(node, name)
        new = getattr(theirs[node.code], name)
        if old != new:
            changes.append(f"{node.code} {name}: {old} → {new}")
    return tuple(changes)


def _list_codes(tree: Framework) -> list[str]:
    codes = [node.code for node in tree.nodes]
    return codes + [part.code for part in tree.ingredients]


def sample_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words which units came, went, or changed their population."""
    moved = find_moved_units(a.dataset, b.dataset)
    return tuple(_describe_move(unit, *ends) for unit, ends in moved.items())


def _describe_move(unit: str, old: str | None, new: str | None) -> str:
    if new is None:
        return f"− {unit}"
    if old is None:
        return f"+ {unit}"
    return f"{unit}: {old} → {new}"


def find_moved_units(
    a: Dataset, b: Dataset
) -> dict[str, tuple[str | None, str | None]]:
    """Return the populations before and after of units that came, went, or changed it."""
    mine = {unit.id: unit.population for unit in a.units if unit.population}
    theirs = {unit.id: unit.population for unit in b.units if unit.population}
    units = dict.fromkeys((*mine, *theirs))
    moved = {}
    for unit in sorted(units, key=lambda unit: (unit in theirs, unit in mine)):
        if mine.get(unit) != theirs.get(unit):
            moved[unit] = (mine.get(unit), theirs.get(unit))
    return moved


def _changed_settings(old: Recipe, new: Recipe) -> list[str]:
    """Return in words what changed of what a recipe says of all nodes."""
    changes = []
    for name in ("blank", "missing_codes"):
        before = getattr(old, name)
        after = getattr(new, name)
        if before != after:
            changes.append(f"{name}: {before} → {after}")
    return changes


def recipe_changes(a: IndexInputs, b: IndexInputs) -> tuple[str, ...]:
    """Return in words what of the method changed, for nodes that both indices have."""
    changes = _changed_settings(a.recipe, b.recipe)
    both = {node.code for node in a.framework.nodes if node.code in b.framework}
    mine = shared_steps(a.recipe, both)
    theirs = shared_steps(b.recipe, both)
    added = [step for step in theirs if step not in mine]
    for step in mine:
        if step in theirs:
            continue
        counterpart = _find_counterpart(step, added)
        if counterpart is None:
            changes.append(f"− {_name_step(step)}")
            continue
        added.remove(counterpart)
        differences = ", ".join(_compare_steps(step, counterpart))
        if differences:
            changes.append(f"{step.do} {counterpart.method}: {differences}")
    changes += [f"+ {_name_step(step)}" for step in added]
    return tuple(changes)


def _name_step(step: Step) -> str:
    return f"{step.do} {step.method} {' '.join(step.codes)}".rstrip()


def _find_counterpart(old: Step, steps: Sequence[Step]) -> Step | None:
    """Return the first of some steps that does the same for the same or some of the same nodes."""
    for step in steps:
        has_same = step.codes == old.codes or not {*step.codes}.isdisjoint(old.codes)
        if step.do == old.do and has_same:
            return step
    return None


def _compare_steps(old: Step, new: Step) -> list[str]:
    """Return in words how two steps that do the same differ."""
    differences = []
    if old.method != new.method:
        differences.append(f"{old.method} → {new.method}")
    for name in dict.fromkeys((*old.params, *new.params)):
        before = old.get(name)
        after = new.get(name)
        if not _is_same_parameter(before, after):
            differences.append(f"{name} {before} → {after}")
    if old.codes != new.codes:
        before, after = (" ".join(step.codes) or "all" for step in (old, new))
        differences.append(f"codes {before} → {after}")
    return differences


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


def _players(hybrid: HybridIndex, changed: Sequence[str]) -> list[Player]:
    """Return the causes, those tied together of which a mixture is not an index."""
    players = [frozenset({cause}) for cause in changed]
    ties = iter(_TIES)
    while True:
        try:
            _compute_mixtures(hybrid, players)
        except XlcityError:
            tied = next(ties, None)
            if tied is None or len(players) < 2:
                raise
            apart = [player for player in players if player.isdisjoint(tied)]
            joined = (player for player in players if player not in apart)
            players = [*apart, frozenset().union(*joined)]
        else:
            return players


def _compute_mixtures(hybrid: HybridIndex, players: Players) -> None:
    """Compute the mixed index of any of some causes; an error tells which is none."""
    for size in range(len(players) + 1):
        for some in combinations(players, size):
            hybrid.scores(CauseSelection(frozenset().union(*some)))


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
    hybrid: HybridIndex,
    player: Player,
    players: Players,
    points: FloatArray,
) -> list[Effect]:
    """Return the effects of a cause, one for each of its parts where these are few."""
    named = (c for c in ("framework", "recipe") if c in player)
    cause = next(named, min(player))
    causes = sorted(player, key=CAUSES.index)
    changes = {c: CHANGES[c](hybrid.a, hybrid.b) for c in causes}
    names = changes[cause] if len(player) == 1 and cause in _SEPARATORS else ()
    if not 2 <= len(names) <= _PARTS:
        texts = [_SEPARATORS.get(c, _SEPARATOR).join(changes[c]) for c in changes]
        return [Effect(cause, _SEPARATOR.join(texts), points)]
    other_players = (p for p in players if p != player)
    others = frozenset().union(*other_players)
    gains = _mean_gains_of_parts(hybrid, cause, names, others)
    parts = zip(names, _with_rest(gains, points), strict=True)
    return [*starmap(partial(Effect, cause), parts)]


def _mean_gains_of_parts(
    hybrid: HybridIndex, cause: str, names: Sequence[str], others: Player
) -> FloatArray:
    """Return what each part of a cause changes: alone and with all others, in either order."""
    contexts = (frozenset(), others) if others else (frozenset(),)
    gains = []
    for context, step in product(contexts, (1, -1)):
        ordered = _gains_of_parts(hybrid, context, cause, names[::step])
        gains.append(np.nan_to_num(ordered[::step]))
    parts = np.zeros_like(gains[0])
    for gain in gains:
        parts += gain / len(gains)
    return parts


def _with_rest(parts: FloatArray, points: FloatArray) -> FloatArray:
    """Return parts that add up to some points.

    What depends on other causes, too, is shared out by size.
    """
    rest = np.nan_to_num(points) - parts.sum(axis=0)
    sizes = np.abs(parts)
    size = sizes.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(size > 0, sizes / size, 1 / len(parts))
    with_rest: FloatArray = parts + rest * shares
    return with_rest


def _gains_of_parts(
    hybrid: HybridIndex,
    context: Player,
    cause: str,
    names: Sequence[str],
) -> FloatArray:
    """Return what each part of a cause adds to some causes and to the parts before it."""
    selections = [CauseSelection(context)]
    for number in range(1, len(names) + 1):
        some = frozenset(names[:number])
        selections.append(CauseSelection(context | {cause}, cause, some))
    return _gains(hybrid, selections)
