"""Where the names of points stand, so that each is seen to belong to its own point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcity.figures.contents import Numbers

#: Up to so many points all have names; of more, as many of the first do, with lines to theirs.
ALL_NAMED = 25
_LINED = 20
#: How far names are from their points: beside them, and at the end of a line, in points.
_NEAR = 1.0
_FAR = (6.0, 12.0, 22.0, 36.0, 60.0, 90.0)
#: A name is nearer to its own point than to any other one by this; the least room around a name
#: at the end of a line.
_NEARER = 2.5
_ROOM = 2.0
#: Where a name is from its point, to the right and up; the first two are right beside it.
_SIDES = (
    (1, 0),
    (-1, 0),
    (1, 1),
    (1, -1),
    (-1, 1),
    (-1, -1),
    (0, 1),
    (0, -1),
    (1, 0.5),
    (1, -0.5),
    (-1, 0.5),
    (-1, -0.5),
    (0.5, 1),
    (-0.5, 1),
    (0.5, -1),
    (-0.5, -1),
)
#: How Matplotlib names the side of a text that is at the end of its line; others are its middle.
_ACROSS = {1.0: "left", -1.0: "right"}
_UPRIGHT = {1.0: "bottom", -1.0: "top"}
#: In how many squares a line is looked at; how often each name looks for a better place.
_SQUARES = 12
_ROUNDS = 8
#: As many places of a name are looked at before all the others.
_FIRST_LOOK = 4
#: Which of few names chooses first, until no line crosses another.
_FIRST = (0, 2, 4, 6, 8)
#: What a name costs, in points of a line, that covers another, that a line crosses, that is not
#: there; and a line that crosses another.
_COVERED = 2000.0
_CROSSED = 400.0
_ABSENT = 250.0
_CROSSING = 150.0


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a name is from its point, in points, and how it is aligned there."""

    x: float
    y: float
    across: str
    upright: str
    has_line: bool


class _Choices(NamedTuple):
    """Places of a name, what each costs by itself, the boxes of the name and of its line there."""

    places: Sequence[NamePlace | None]
    costs: Numbers
    blocks: Numbers


def name_places(
    points: Numbers, radii: Numbers, sizes: Numbers, inside: Sequence[float]
) -> list[NamePlace | None]:
    """Return a place for each name; None where there is none.

    No name covers a point or a name. Of few points none is without its name, and lines cross one
    another only where there is no other way.

    Parameters
    ----------
    points, radii
        (points, 2), and the radius of each.
    sizes
        Width and height of each name.
    inside
        Left, bottom, right and top end of the room.
    """
    disks = np.hstack([points - radii[:, None], points + radii[:, None]])
    circles = _Circles(points, radii, disks)
    is_few = len(points) <= ALL_NAMED
    known = np.isfinite(points).all(axis=1)
    choices = {
        row: _choices(circles, row, sizes[row], inside, is_few=is_few)
        for row in np.flatnonzero(known).tolist()
    }
    order = sorted(choices, key=lambda row: len(choices[row].places))
    least = np.inf
    best = list[NamePlace | None]()
    for first in _FIRST if is_few else (0,):
        turns = [*order[first:], *order[:first]]
        lengths, spots = _settled(choices, turns, len(points))
        if sum(lengths) < least:
            least = sum(lengths)
            best = spots
        if max(lengths, default=0.0) < _CROSSING:
            break
    return best


class _Circles(NamedTuple):
    """The points with their radii, and the squares around them."""

    points: Numbers
    radii: Numbers
    squares: Numbers


def _choices(
    circles: _Circles, row: int, size: Numbers, inside: Sequence[float], *, is_few: bool
) -> _Choices:
    """Return the places that a name can have, and what each costs."""
    # Of few points each has a line that is not right beside it: there is room for that.
    near = 2 if is_few else 8
    far = _FAR if is_few or row < _LINED else ()
    point = circles.points[row]
    radius = circles.radii[row]
    places, boxes = _candidates(point, radius, size, near=near, far=far)
    names = boxes[:, 0]
    has_line = np.array([spot.has_line for spot in places])
    hidden = np.any(_overlaps(boxes, np.delete(circles.squares, row, axis=0)), axis=2)
    is_own = _nearest(names, circles, row) >= np.where(
        has_line,
        _ROOM,
        _distances(names, point[None])[:, 0] - radius + _NEARER,
    )
    is_in = (names[:, :2] >= inside[:2]).all(axis=1)
    is_in &= (names[:, 2:] <= inside[2:]).all(axis=1)
    fits = np.flatnonzero(is_own & is_in & ~hidden[:, 0])
    costs = np.array([np.hypot(spot.x, spot.y) for spot in places]) * has_line
    costs += _CROSSING * np.any(hidden, axis=1)
    absent = np.inf if far and len(fits) else _ABSENT
    nowhere = np.full((1, 1 + _SQUARES, 4), np.nan)
    return _Choices(
        [*(places[n] for n in fits), None],
        np.append(costs[fits], absent),
        np.append(boxes[fits], nowhere, axis=0),
    )


def _nearest(names: Numbers, circles: _Circles, row: int) -> Numbers:
    """Return how far the nearest of the other points is from each place of a name."""
    points = np.delete(circles.points, row, axis=0)
    away = _distances(names, points) - np.delete(circles.radii, row)
    return np.asarray(np.fmin.reduce(away, axis=1, initial=np.inf))


def _settled(
    choices: Mapping[int, _Choices], order: Sequence[int], count: int
) -> tuple[Sequence[float], list[NamePlace | None]]:
    """Return what each name costs, and places that none would change alone; they choose in turn."""
    spots: list[NamePlace | None] = [None] * count
    taken = np.full((count, 1 + _SQUARES, 4), np.nan)
    least = dict.fromkeys(order, 0.0)
    for _ in range(_ROUNDS):
        before = [*spots]
        for row in order:
            own = choices[row]
            best, cost = _cheapest(own, np.delete(taken, row, axis=0))
            spots[row] = own.places[best]
            taken[row] = own.blocks[best]
            least[row] = cost
        if spots == before:
            break
    return [*least.values()], spots


def _cheapest(own: _Choices, taken: Numbers) -> tuple[int, float]:
    """Return which place of a name costs least, and how much."""
    # Most names have room beside their points: the other places cost more.
    for few in (_FIRST_LOOK, len(own.costs)):
        every = own.costs[:few] + _conflicts(own.blocks[:few], taken)
        if every.min() <= own.costs[:few].min():
            break
    best = int(every.argmin())
    return best, float(every[best])


def _overlaps(boxes: Numbers, others: Numbers) -> NDArray[np.bool_]:
    """Return which boxes lie over which other ones."""
    low = boxes[..., None, :2]
    high = boxes[..., None, 2:]
    meets = (low < others[:, 2:]) & (others[:, :2] < high)
    # Of two numbers `np.all` would take three times as long.
    return np.asarray(meets[..., 0] & meets[..., 1])


def _conflicts(blocks: Numbers, taken: Numbers) -> Numbers:
    """Return what each place of a name costs beside the names and lines that are there."""
    names = taken[:, 0]
    lines = taken[:, 1:].reshape(-1, 4)
    lines = lines[np.isfinite(lines[:, 0])]
    covered = _overlaps(blocks[:, 0], names).sum(axis=1)
    crossed = _overlaps(blocks[:, 1:], names).any(axis=1).sum(axis=1)
    crossed += _overlaps(blocks[:, 0], lines).any(axis=1)
    crossing = _overlaps(blocks[:, 1:], lines).any(axis=(1, 2))
    return np.asarray(covered * _COVERED + crossed * _CROSSED + crossing * _CROSSING)


def _candidates(
    point: Numbers, radius: float, size: Numbers, *, near: int, far: Sequence[float]
) -> tuple[list[NamePlace], Numbers]:
    """Return places of a name, and its box and the squares of its line there."""
    spots = [(_NEAR, side) for side in _SIDES[:near]]
    spots += [(gap, side) for gap in far for side in _SIDES]
    directions = np.array([side for _, side in spots], dtype=float)
    # A corner is as far away as a side.
    reach = [(radius + gap) * (0.75 if all(side) else 1.0) for gap, side in spots]
    moves = directions * np.array(reach)[:, None]
    places = [
        NamePlace(
            x, y, _ACROSS.get(right, "center"), _UPRIGHT.get(up, "center"), gap > _NEAR
        )
        for (x, y), (gap, (right, up)) in zip(moves.tolist(), spots, strict=True)
    ]
    low = (point + moves - size * (1 - np.trunc(directions)) / 2)[:, None]
    lengths = np.hypot(*moves.T)[:, None, None]
    # From beyond the point to the end of the line.
    start = radius / lengths + 1 / _SQUARES
    steps = start + (1 - start) * np.linspace(0, 1, _SQUARES)[:, None]
    steps[[not spot.has_line for spot in places]] = np.nan
    middles = point + moves[:, None] * steps
    half = lengths / _SQUARES / 2
    starts = np.hstack([low, middles - half])
    ends = np.hstack([low + size, middles + half])
    return places, np.concatenate([starts, ends], axis=2)


def _distances(boxes: Numbers, points: Numbers) -> Numbers:
    """Return how far each point is from each box."""
    low = boxes[:, None, :2] - points
    high = points - boxes[:, None, 2:]
    beyond = np.maximum(np.maximum(low, high), 0.0)
    return np.asarray(np.hypot(beyond[..., 0], beyond[..., 1]))
