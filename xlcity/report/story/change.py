"""Findings on the change since the previous edition, with its causes (kinds 29 to 34)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from xlcity.errors import XlcityError
from xlcity.figures.contents import Label
from xlcity.index.compute import compute
from xlcity.model.dataset import FloatArray, State, Status
from xlcity.report.contents import rounded
from xlcity.report.earlier_editions import BEFORE
from xlcity.report.story.amounts import shown_decimals
from xlcity.report.story.basis import NOISE, Basis
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import Phrase, RankPlace, phrase

#: What is told of a move beside its ranks.
_DETAILS = ("entrants", "score", "gap")
#: Cities that can be compared from which on moves are stated; share of them that is known.
_FEW = 3
_KNOWN = 0.8
#: Cities that moved alike and are all named; first cities whose moves are looked at apart.
_NAMED = 2
_TOP = 10
_ENTRIES = 3
#: Shares of a change: that of a part that contributes, that is half, that is nearly all.
_TENTH = 0.1
_HALF_OF_IT = 0.5
_NEARLY_ALL = 0.9
#: How many times the change of the average that of a cause is, at least.
_MORE = 1.2
#: A change of a score below this many standard deviations is as good as none.
_UNCHANGED = 0.05


class Move(NamedTuple):
    """A city's ranks then and now among continuing cities."""

    row: int
    then: int
    now: int

    @property
    def up(self) -> int:
        """By how many places it rose."""
        return self.then - self.now


class Cause(NamedTuple):
    """An indicator that moved a score, with its values before and after, and their averages."""

    code: str
    before: float
    now: float
    mean_before: float
    mean_now: float


class EditionChanges:
    """Compares an index with its previous edition, by the ranks of a node: the root's."""

    def __init__(self, basis: Basis, code: str = "") -> None:
        self.basis = basis
        self.code = code or basis.root
        self.source = basis.source
        self.editions = basis.source.editions
        self.label = self.editions.last.label
        #: Whether the ranks of both editions are printed ones.
        self.is_printed = self.editions.is_beside_print(self.code)

    @cached_property
    def rows(self) -> list[int]:
        """The cities in the order of the ranks that are compared."""
        return self.editions.order_beside(self.code, self.basis.population)

    @cached_property
    def moves(self) -> list[Move]:
        """The moves of the cities that can be compared."""
        places = self.editions.continuing(self.code, self.rows)
        return [Move(row, then, now) for row, (then, now) in places.items()]

    @cached_property
    def known(self) -> float:
        """Of which share of the cities that are not new both ranks are known."""
        rows = [*{*self.basis.ranking(self.code).rows, *self.rows}]
        return self.editions.known_share(self.code, rows)

    def city(self, row: int) -> Label:
        """Return the name of a city; printed ranks rest on no gaps."""
        return self.source.city(row) if self.is_printed else self.basis.city(row)

    def places(self, row: int) -> tuple[RankPlace, RankPlace]:
        """Return the ranks then and now as they are printed."""
        then = self.editions.last_rank(row, self.basis.root) or 0
        now = self.editions.rank_beside(row, self.basis.root) or 0
        joint = not self.is_printed and self.basis.overall.place(row).is_joint
        return RankPlace(then), RankPlace(now, joint)

    def score_then(self, row: int, code: str) -> float:
        """Return a score of the previous edition, NaN without one."""
        last = self.source.spec.last
        if last is None or self.is_printed or self.source.synthetic:
            return np.nan
        key = self.source.units[row].id, code
        kept = last.status.get(("scores", *key)) != Status.SYNTHETIC.value
        return last.scores.get(key, np.nan) if kept else np.nan

    def gain(self, row: int) -> float:
        """Return by how many points a city's score rose, NaN where that is not known."""
        return float(self.source.scores(self.basis.root)[row]) - self.score_then(
            row, self.basis.root
        )

    def parts(self, row: int) -> FloatArray | None:
        """Return the points of each dimension in a change; None where they do not add up."""
        basis = self.basis
        now = [self.source.scores(code)[row] for code in basis.dimensions]
        then = [self.score_then(row, code) for code in basis.dimensions]
        shares = [basis.weights.get(code, 0.0) for code in basis.dimensions]
        parts = np.array(shares) * (np.array(now) - np.array(then))
        return parts if abs(parts.sum() - self.gain(row)) < NOISE else None

    def then(self, code: str) -> FloatArray:
        """Return the values of an indicator in the previous edition, NaN without one."""
        last = self.source.spec.last
        values = {} if last is None else {**last.made, **last.values}
        return np.array(
            [
                values.get(
                    (unit.id, code),
                    np.nan,
                )
                for unit in self.source.units
            ]
        )

    def cause(self, row: int, part: str, sign: float) -> Cause | None:
        """Return the indicator that moved a city's score in a part most."""
        before = self.source.previous_result
        unit = self.source.units[row].id
        if before is None or unit not in before.dataset.rows:
            return None
        own = self.basis.result
        then = before.normalised[before.dataset.rows[unit]]
        effects: dict[str, float] = {}
        for code in self.basis.indicators(part):
            column = own.leaf_codes.index(code)
            weight = self.basis.weight_in(code, part)
            effect = sign * weight * float(own.normalised[row, column] - then[column])
            both = self.then(code)[row] + self.basis.column(code)[row]
            if np.isfinite(both) and effect > NOISE:
                effects[code] = effect
        if sign < 0 and row in self.first_tier:
            effects = self._passed_by(row, effects) or effects
        if not effects:
            return None
        # Within a tenth of the largest, the heaviest one.
        limit = (1 - _TENTH) * max(effects.values())
        near = [code for code, effect in effects.items() if effect >= limit]
        return self._cause_of(
            row,
            max(near, key=lambda code: self.basis.weight_in(code, part)),
        )

    @cached_property
    def first_tier(self) -> set[int]:
        """The cities of the first tier; empty without tiers."""
        tiers = find_tiers(self.basis)
        end = tiers.ends[0] if tiers else 0
        return {*self.basis.overall.rows[:end]}

    def _passed_by(self, row: int, effects: Mapping[str, float]) -> dict[str, float]:
        """Return what lowered a score though its value is kept or better, if by a tenth (32)."""
        least = _TENTH * sum(effects.values())
        gains = {
            code: self.basis.direction(code)
            * (self.basis.column(code)[row] - self.then(code)[row])
            for code in effects
        }
        return {
            code: effect
            for code, effect in effects.items()
            if gains[code] >= 0 and effect >= least
        }

    def _cause_of(self, row: int, code: str) -> Cause:
        now = self.basis.column(code)
        then = self.then(code)
        both = np.isfinite(now) & np.isfinite(then)
        return Cause(
            code,
            before=float(then[row]),
            now=float(now[row]),
            mean_before=float(then[both].mean()),
            mean_now=float(now[both].mean()),
        )


def counts(own: EditionChanges) -> list[Phrase]:
    """State how many cities rose and fell, and which are new (kind 29)."""
    if own.known < _KNOWN:
        is_other = own.is_printed and own.source.synthetic
        only = phrase("print_only") if is_other else None
        words = {"k": len(own.moves), "last": own.label, "print": only}
        return [phrase("moves_known", **words)]
    moves = [move.up for move in own.moves]
    up = sum(move > 0 for move in moves)
    down = sum(move < 0 for move in moves)
    basis = own.basis
    new = [row for row in basis.overall.rows if own.editions.is_new(row)]
    words = {
        "n": len(moves),
        "a": up,
        "b": down,
        "c": len(moves) - up - down,
        "last": own.label,
    }
    same = "moves_same" if words["c"] else "moves_all"
    return [phrase(same, entries=_entries(basis, new), **words)]


def _entries(basis: Basis, new: Sequence[int]) -> Phrase | None:
    """Return which cities are new, with their ranks."""
    if not new:
        return None
    if len(new) > _ENTRIES:
        return phrase("entries_many", k=len(new))
    each = [
        phrase("entered", city=basis.city(row), place=basis.overall.place(row))
        for row in new
    ]
    return phrase("entry" if len(new) == 1 else "entries", each=each)


class AverageChange(NamedTuple):
    """The averages of an indicator then and now; its improvement in standard deviations."""

    code: str
    then: float
    now: float
    improvement: float


def sample(own: EditionChanges) -> list[Phrase]:
    """State how many indicators improved on average, and which did not (kind 30)."""
    if own.source.synthetic or own.source.spec.last is None:
        return []
    changes = _average_changes(own)
    if not changes:
        return []
    others = [change for change in changes if change.improvement <= 0]
    words = {"k": len(changes) - len(others), "n": len(changes)}
    if not others:
        return [phrase("improved_all", cities=len(own.moves), **words)]
    if len(others) <= _NAMED:
        each = [_not_improved(own, change) for change in others]
        key = "improved_but_one" if len(others) == 1 else "improved_but"
        return [phrase(key, each=each, **words)]
    largest = max(changes, key=lambda change: abs(change.improvement))
    return [phrase("improved", **words, **_average_words(own, largest))]


def _average_changes(own: EditionChanges) -> list[AverageChange]:
    """Return the changes of the averages of all indicators with values of both editions."""
    basis = own.basis
    changes = []
    for code in basis.indicators(basis.root):
        now = basis.column(code)
        then = own.then(code)
        both = np.isfinite(now) & np.isfinite(then)
        sd = float(np.nanstd(now, ddof=1)) if both.sum() > 1 else 0.0
        if not sd:
            continue
        before = float(then[both].mean())
        after = float(now[both].mean())
        improvement = basis.direction(code) * (after - before) / sd
        changes.append(AverageChange(code, before, after, improvement))
    return changes


def _not_improved(own: EditionChanges, change: AverageChange) -> Phrase:
    """Return an average that did not improve; one that is written as before is unchanged."""
    words = _average_words(own, change)
    before = own.basis.amount(change.code, change.then, is_mean=True)
    decimals = shown_decimals(before.value, before.decimals)
    is_same = rounded(change.then, decimals) == rounded(change.now, decimals)
    return phrase("not_improved_same" if is_same else "not_improved", **words)


def _average_words(own: EditionChanges, change: AverageChange) -> dict[str, object]:
    basis = own.basis
    return {
        "indicator": basis.indicator(change.code),
        "x": basis.amount(change.code, change.then, is_mean=True),
        "y": basis.amount(change.code, change.now, is_mean=True),
        "way": _way(change.then, change.now),
    }


def movers(own: EditionChanges) -> list[Phrase]:
    """State who moved furthest, over all and among the first ten, and why (kinds 31 to 33)."""
    if len(own.moves) < _FEW:
        return []
    rows = chosen_movers(own)
    by_row = {move.row: move for move in own.moves}
    told = [_moved(own, by_row[row]) for row in rows]
    return _with_bare_together(told)


def _with_bare_together(told: Sequence[Phrase]) -> list[Phrase]:
    """Return what moved, those of which nothing but ranks is told in one sentence each way."""
    found = []
    for key in ("rose", "fell"):
        own = [text for text in told if text.key == key]
        bare = [text for text in own if not any(map(text.values.get, _DETAILS))]
        if len(bare) < 2:
            found += own
            continue
        found += [text for text in own if text not in bare]
        first, *others = bare
        each = [first._replace(key=f"{key}_bare")]
        each += [text._replace(key=f"{key}_also") for text in others]
        found.append(phrase(f"{key}_several", each=each))
    return found


def chosen_movers(own: EditionChanges) -> list[int]:
    """Return the cities that moved furthest each way, over all and within the first ten."""
    first = {*own.rows[:_TOP]}
    chosen: list[int] = []
    for sign in (1, -1):
        for moves in (own.moves, [move for move in own.moves if move.row in first]):
            chosen += furthest(moves, sign)
    chosen += _fallen_in_first_tier(own) + _fallen_unmarked(own, chosen)
    return [*dict.fromkeys(chosen)]


def _fallen_in_first_tier(own: EditionChanges) -> list[int]:
    """Return who fell furthest of the first tier, by two places or more."""
    first = own.first_tier
    fallen = [move for move in own.moves if move.row in first and move.up < -1]
    return [min(fallen, key=lambda move: move.up).row] if fallen else []


def _fallen_unmarked(own: EditionChanges, chosen: Sequence[int]) -> list[int]:
    """Return the furthest fall of a city without a mark, where those chosen have one."""
    signs = own.source.gaps.signs
    root = own.basis.root
    fallen = {move.row: move.up for move in own.moves if move.up < -1}
    marked = [row for row in chosen if row in fallen and signs(row, root)]
    plain = [row for row in fallen if not signs(row, root)]
    if not marked or not plain:
        return []
    return [min(plain, key=fallen.__getitem__)]


def furthest(moves: Sequence[Move], sign: int, most_named: int = _NAMED) -> list[int]:
    """Return who moved furthest one way; none by one place, or where many did."""
    most = max((sign * move.up for move in moves), default=0)
    rows = [move.row for move in moves if sign * move.up == most]
    return rows if most > 1 and len(rows) <= most_named else []


def _moved(own: EditionChanges, move: Move) -> Phrase:
    then, now = own.places(move.row)
    due = abs(then.number - now.number) - abs(move.up)
    is_up = move.up > 0
    n = abs(then.number - now.number)
    entrants = phrase("due_entrants", k=due, n=n) if due > 0 and not is_up else None
    gap = _closed_gap(own, move.row)
    score = _score_change(own, move) if gap is None else None
    return phrase(
        "rose" if is_up else "fell",
        city=own.city(move.row),
        then=then,
        now=now,
        entrants=entrants,
        score=score or _printed_values(own, move),
        gap=gap,
    )


def _printed_values(own: EditionChanges, move: Move) -> Phrase | None:
    """Return which values that are printed of both editions moved most, the way the rank did."""
    if not own.is_printed:
        return None
    basis = own.basis
    then = own.source.outside.get(BEFORE, {})
    unit = own.source.units[move.row].id
    shifts = {}
    for code in basis.indicators(basis.root):
        now = basis.column(code)
        before = then.get((unit, code), np.nan)
        change = basis.direction(code) * (now[move.row] - before)
        shift = change / np.nanstd(now)
        if not _is_invented(own, move.row, code) and move.up * shift > 0:
            shifts[code] = before, abs(float(shift))
    codes = sorted(shifts, key=lambda code: -shifts[code][1])[:_NAMED]
    each = [
        phrase(
            "printed_value",
            indicator=basis.indicator(code),
            a=basis.amount(code, shifts[code][0]),
            b=basis.value(move.row, code),
            way=_way(shifts[code][0], basis.column(code)[move.row]),
        )
        for code in codes
    ]
    return phrase("printed_values", each=each) if each else None


def _is_invented(own: EditionChanges, row: int, code: str) -> bool:
    """Tell whether a value of either edition is invented."""
    unit = own.source.units[row].id
    status = own.source.before_status.get((unit, code))
    return status == Status.SYNTHETIC.value or own.editions.is_invented_value(row, code)


def _score_change(own: EditionChanges, move: Move) -> Phrase | None:
    """Return by how many points a score changed, in which part, and by what indicator."""
    gain = own.gain(move.row)
    if not np.isfinite(gain):
        return None
    if abs(gain) < _UNCHANGED * own.basis.overall.sd:
        return phrase("score_same")
    key = "score_up" if gain > 0 else "score_down"
    # A score that rose while the rank fell has no part that explains the fall.
    is_alike = (gain > 0) == (move.up > 0)
    parts = _parts_of(own, move.row, gain) if is_alike else None
    return phrase(key, p=abs(gain), parts=parts)


def _parts_of(own: EditionChanges, row: int, gain: float) -> Phrase | None:
    parts = own.parts(row)
    if parts is None or len(parts) < 2:
        return None
    shares = parts / gain
    best = int(shares.argmax())
    code = own.basis.dimensions[best]
    q = abs(float(parts[best]))
    if not rounded(q, own.source.text_decimals):
        return None
    every = None
    if shares[best] >= _NEARLY_ALL:
        key = "part_all"
    elif shares[best] >= _HALF_OF_IT:
        key = "part_of_it"
    else:
        key = "part_most"
        if (shares >= _TENTH).all():
            every = phrase("all_contributed", n=len(parts))
    cause = _cause(own, own.cause(row, code, float(np.sign(gain))))
    part = own.basis.part(code)
    return phrase(key, part=part, q=q, every=every, cause=cause)


def _cause(own: EditionChanges, cause: Cause | None) -> Phrase | None:
    """Return what an indicator did, beside the average; nothing where all did the same."""
    if cause is None or not _is_own(cause):
        return None
    basis = own.basis
    code = cause.code
    words = {
        "indicator": basis.indicator(code),
        "a": basis.amount(code, cause.before),
        "b": basis.amount(code, cause.now),
        "c": basis.amount(code, cause.mean_before, is_mean=True),
        "d": basis.amount(code, cause.mean_now, is_mean=True),
        "way": _way(cause.before, cause.now),
        "mean_way": _way(cause.mean_before, cause.mean_now),
    }
    return phrase("cause_kept" if cause.now == cause.before else "cause", **words)


def _is_own(cause: Cause) -> bool:
    """Tell whether a value did not only move as the average did."""
    change = cause.now - cause.before
    of_all = cause.mean_now - cause.mean_before
    return change * of_all <= 0 or abs(change) >= _MORE * abs(of_all)


def _way(before: float, now: float) -> Phrase:
    return phrase("went_up" if now > before else "went_down")


def _closed_gap(own: EditionChanges, row: int) -> Phrase | None:
    """Return what a city would score with the last value of an indicator that it lacks (33)."""
    basis = own.basis
    lacking = [
        code
        for code in basis.result.leaf_codes
        if np.isnan(basis.column(code)[row]) and np.isfinite(own.then(code)[row])
    ]
    if len(lacking) != 1 or own.source.synthetic:
        return None
    code = lacking[0]
    value = float(own.then(code)[row])
    dataset = basis.result.dataset
    if code not in dataset.codes:
        return None
    column = dataset.column(code)
    values = dataset.values.copy()
    states = dataset.states.copy()
    values[row, column] = value
    states[row, column] = State.VALUE
    try:
        filled = compute(
            basis.tree,
            basis.result.recipe,
            replace(dataset, values=values, states=states),
        )
    except XlcityError:
        return None
    now = int(filled.rank(basis.root)[row])
    is_same = now == basis.overall.rank_of[row]
    return phrase(
        "gap_still" if is_same else "gap_closed",
        indicator=basis.indicator(code),
        last=own.label,
        a=basis.amount(code, value),
        p=float(filled.column(basis.root)[row]),
        now=RankPlace(now),
    )


def tier_changes(own: EditionChanges) -> list[Phrase]:
    """State who moved into the first declared tier, and who left it (kind 34)."""
    tiers = find_tiers(own.basis)
    if tiers is None or not tiers.is_declared or own.known < _KNOWN:
        return []
    end = tiers.ends[0]
    into = _crossed(own, lambda then, now: 0 < now <= end < then)
    left = _crossed(own, lambda then, now: 0 < then <= end < now)
    if not into or max(len(into), len(left)) > _TOP // 2:
        return []
    has_cause = all(_is_by_method(own, row) for row in into + left)
    words = {
        "into": [own.city(row) for row in into],
        "left": [own.city(row) for row in left],
        "cause": phrase("by_method") if has_cause else None,
        "tier": tiers.name(0),
    }
    return [phrase("tier_moves" if left else "tier_into", **words)]


def _is_by_method(own: EditionChanges, row: int) -> bool:
    """Tell whether half of a move is there when the former values are scored as those of now."""
    result = own.source.previous_by_methods_of_now
    unit = own.source.units[row].id
    if result is None or unit not in result.dataset.rows:
        return False
    places = own.places(row)
    by_method = int(result.rank(own.basis.root)[result.dataset.rows[unit]])
    move = places[0].number - places[1].number
    return by_method > 0 and (places[0].number - by_method) / move >= _HALF_OF_IT


def _crossed(own: EditionChanges, has_crossed: Callable[[int, int], bool]) -> list[int]:
    """Return the cities whose printed ranks then and now are on two sides of a border."""
    crossed = []
    for row in own.rows:
        then, now = own.places(row)
        if has_crossed(then.number, now.number):
            crossed.append(row)
    return crossed


def title(own: EditionChanges) -> Phrase | None:
    """Return who rose furthest, as a title (kind 31)."""
    rise = furthest(own.moves, 1)
    if len(rise) != 1:
        return None
    then, now = own.places(rise[0])
    words = {"city": own.city(rise[0]), "then": then, "now": now}
    if own.known < _KNOWN:
        compared = len(own.moves)
        return phrase("change_title_known", city=words["city"], k=compared)
    top = {*own.rows[:_TOP]}
    first = [move for move in own.moves if move.row in top]
    up = [row for row in furthest(first, 1) if row not in rise]
    if len(up) == 1:
        _, up_to = own.places(up[0])
        return phrase("change_title_two", other=own.city(up[0]), up=up_to, **words)
    return phrase("change_title", **words)


def question(own: EditionChanges) -> list[Phrase]:
    """Ask the author for the cause of the largest rise (kind 45)."""
    rise = furthest(own.moves, 1)
    if len(rise) != 1:
        return []
    gain = own.gain(rise[0])
    parts = own.parts(rise[0]) if np.isfinite(gain) and gain > 0 else None
    words = {"city": own.city(rise[0])}
    if parts is not None and len(parts):
        code = own.basis.dimensions[int(parts.argmax())]
        cause = own.cause(rise[0], code, 1.0)
        if cause is not None and cause.now != cause.before and _is_own(cause):
            values = {
                "a": own.basis.amount(cause.code, cause.before),
                "b": own.basis.amount(cause.code, cause.now),
            }
            way = _way(cause.before, cause.now)
            name = own.basis.indicator(cause.code)
            return [phrase("gap_rise", indicator=name, way=way, **values, **words)]
    then, now = own.places(rise[0])
    return [phrase("gap_rise_rank", then=then, now=now, **words)]
