"""Where the names of points stand, so that each is seen to belong to its own point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlcity.figures.contents import Numbers

#: Up to so many points all have names; of more, as many of the first have lines to theirs.
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


#: Places of a name, what each costs by itself, and the boxes of the name and of its line there.
_Choices = tuple[Sequence["NamePlace | None"], Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a name is from its point, in points, and how it is aligned there."""

    x: float
    y: float
    across: str
    upright: str
    has_line: bool


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
    is_few = len(points) <= ALL_NAMED
    choices = dict[int, _Choices]()
    for row in np.flatnonzero(np.isfinite(points).all(axis=1)).tolist():
        # Of few points each has a line that is not right beside it: there is room for that.
        near = 2 if is_few else 8
        far = _FAR if is_few or row < _LINED else ()
        places, boxes = _candidates(points[row], radii[row], sizes[row], near, far)
        names = boxes[:, 0]
        others = np.delete(disks, row, axis=0)
        away = _distances(names, np.delete(points, row, axis=0)) - np.delete(radii, row)
        nearest = np.fmin.reduce(away, axis=1, initial=np.inf)
        own = _distances(names, points[row : row + 1])[:, 0] - radii[row] + _NEARER
        is_own = nearest >= np.where([spot.has_line for spot in places], _ROOM, own)
        is_in = (names[:, :2] >= inside[:2]).all(axis=1) & (
            names[:, 2:] <= inside[2:]
        ).all(axis=1)
        hidden = np.any(_overlaps(boxes, others), axis=2)
        fits = np.flatnonzero(is_own & is_in & ~hidden[:, 0])
        costs = np.array([np.hypot(spot.x, spot.y) * spot.has_line for spot in places])
        costs += _CROSSING * np.any(hidden, axis=1)
        choices[row] = (
            [*(places[n] for n in fits), None],
            np.append(costs[fits], np.inf if is_few and len(fits) else _ABSENT),
            np.append(boxes[fits], np.full((1, 1 + _SQUARES, 4), np.nan), axis=0),
        )
    order = sorted(choices, key=lambda row: len(choices[row][0]))
    least = np.inf
    best = list[NamePlace | None]()
    for first in _FIRST if is_few else (0,):
        lengths, spots = _settled(
            choices, [*order[first:], *order[:first]], len(points)
        )
        if sum(lengths) < least:
            least = sum(lengths)
            best = spots
        if max(lengths, default=0.0) < _CROSSING:
            break
    return best


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
            places, costs, blocks = choices[row]
            others = np.delete(taken, row, axis=0)
            # Most names have room beside their points: the other places cost more.
            for few in (_FIRST_LOOK, len(costs)):
                every = costs[:few] + _conflicts(blocks[:few], others)
                if every.min() <= costs[:few].min():
                    break
            best = int(every.argmin())
            spots[row], taken[row], least[row] = (
                places[best],
                blocks[best],
                float(every[best]),
            )
        if spots == before:
            break
    return [*least.values()], spots


def _overlaps(boxes: Numbers, others: Numbers) -> NDArray[np.bool_]:
    """Return which boxes lie over which other ones."""
    low = boxes[..., None, :2]
    high = boxes[..., None, 2:]
    return np.asarray(np.all((low < others[:, 2:]) & (others[:, :2] < high), axis=-1))


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
    point: Numbers, radius: float, size: Numbers, near: int, far: Sequence[float]
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
    boxes = np.hstack([low, middles - half]), np.hstack([low + size, middles + half])
    return places, np.concatenate(boxes, axis=2)


def _distances(boxes: Numbers, points: Numbers) -> Numbers:
    """Return how far each point is from each box."""
    beyond = np.maximum(boxes[:, None, :2] - points, points - boxes[:, None, 2:])
    return np.asarray(np.hypot(*np.moveaxis(np.maximum(beyond, 0.0), 2, 0)))
