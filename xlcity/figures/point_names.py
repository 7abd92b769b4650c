"""Where the names of points stand, so that each is seen to belong to its own point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Numbers

#: How far names are from their points: beside them, then at the end of a line, in points.
_NEAR, _FAR = 1.0, (6.0, 10.0, 15.0, 20.0, 26.0, 33.0, 41.0, 50.0, 62.0)
_FARTHER = (75.0, 90.0, 110.0)
#: A name is nearer to its own point than to any other one by this; the least room around a name
#: at the end of a line.
_NEARER, _ROOM = 2.5, 2.0
#: How bad it is that a line crosses something: as bad as a line of so many points.
_CROSSED = 100.0
#: How often another order of the names is tried.
_TRIALS = 8
#: Up to so many points all have names.
ALL_NAMED = 25
#: Horizontal and vertical side of the point, as Matplotlib names the side of the text there.
_SIDES = (
    ("left", 1, "center", 0), ("right", -1, "center", 0), ("left", 1, "bottom", 1),
    ("left", 1, "top", -1), ("right", -1, "bottom", 1), ("right", -1, "top", -1),
    ("center", 0, "bottom", 1), ("center", 0, "top", -1),
)  # fmt: skip
#: The same of names at the end of a line, which may also lie between these.
_BETWEEN = (
    ("left", 1, "center", 0.5), ("left", 1, "center", -0.5), ("right", -1, "center", 0.5),
    ("right", -1, "center", -0.5), ("center", 0.5, "bottom", 1), ("center", -0.5, "bottom", 1),
    ("center", 0.5, "top", -1), ("center", -0.5, "top", -1),
)  # fmt: skip
#: What part of a text is on the left of or below the place that it is aligned to.
_BEFORE = {"left": 0.0, "bottom": 0.0, "center": 0.5, "right": 1.0, "top": 1.0}


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a name is from its point, in the unit of the points, and how it is aligned there."""

    x: float
    y: float
    across: str
    upright: str
    has_line: bool


def name_places(
    points: Numbers,
    radii: Numbers,
    sizes: Numbers,
    inside: Sequence[float],
    lines: Sequence[bool],
    scale: float = 1.0,
) -> list[NamePlace | None]:
    """Return a place for each name, the first names first; None where there is none.

    No name covers a point, a name or a line, and no line crosses one of these.

    Parameters
    ----------
    points, radii
        (points, 2), and the radius of each.
    sizes
        Width and height of each name.
    inside
        Left, bottom, right and top end of the room.
    lines
        Which names may be at the end of a line.
    scale
        Units of the points to a typographic point.
    """
    room = _Room(points, radii, np.asarray(inside), scale)
    count = len(points)
    if count > ALL_NAMED:
        return _tried(range(count), sizes, room, lines)[1]
    order, tried = [*range(count)], []
    for _ in range(_TRIALS):
        cost, spots, hard = _tried(order, sizes, room, lines)
        tried.append((cost, spots))
        if not hard:
            break
        # Which names come first decides how well the others find a place.
        order = [*hard, *(number for number in order if number not in hard)]
    return min(tried, key=lambda trial: trial[0])[1]


def _tried(
    order: Sequence[int], sizes: Numbers, room: _Room, lines: Sequence[bool]
) -> tuple[float, list[NamePlace | None], list[int]]:
    """Return places given in an order, how bad they are, and which names had no good one."""
    disks = np.column_stack([room.points - room.radii[:, None], room.points + room.radii[:, None]])
    names = taken = disks[np.isfinite(disks).all(axis=1)]
    spots: list[NamePlace | None] = [None] * len(order)
    cost, hard = 0.0, list[int]()
    # Of few points none is without its name: a line may cross others, or else names.
    for trial in range(3 if len(order) <= ALL_NAMED else 1):
        far = _FAR + _FARTHER if trial else _FAR
        left = [number for number in order if spots[number] is None]
        hard += left if trial == 1 else []
        for number in left:
            free = ((taken, taken), (taken, names), (names, taken[:0]))[trial]
            spot, boxes = _place(number, sizes[number], room, free, far if lines[number] else ())
            spots[number] = spot
            if spot is not None:
                taken, names = np.vstack([taken, boxes]), np.vstack([names, boxes[:1]])
                away = float(np.hypot(spot.x, spot.y)) / room.scale
                cost += (away if spot.has_line else 0.0) + _CROSSED * trial**3
    return cost + 10 * _CROSSED * spots.count(None), spots, hard


@dataclass(frozen=True, slots=True)
class _Room:
    """Points, their radii, the ends of the room, and how long a typographic point is."""

    points: Numbers
    radii: Numbers
    ends: Numbers
    scale: float


def _place(
    number: int, size: Numbers, room: _Room, taken: tuple[Numbers, Numbers], far: Sequence[float]
) -> tuple[NamePlace | None, Numbers]:
    """Return a place of a name, and what it and its line cover.

    `taken` is what a name may not cover, and what its line may not.
    """
    nothing, points, radii, scale = np.empty((0, 4)), room.points, room.radii, room.scale
    if not np.isfinite(points[number]).all():
        return None, nothing
    own = points[number]
    for gap in (_NEAR, *far):
        reach, line = radii[number] + gap * scale, gap > _NEAR
        # Of few points each has a line that is not right beside it: there is room for that.
        near = _SIDES[:2] if len(points) <= ALL_NAMED and far else _SIDES
        for across, right, upright, up in (*_SIDES, *_BETWEEN) if line else near:
            # A corner is as far away as a side.
            share = 0.75 if right and up else 1.0
            move = np.array([right, up]) * reach * share
            low = own + move - size * np.array([_BEFORE[across], _BEFORE[upright]])
            box = np.append(low, low + size)
            if not _is_inside(box, room.ends) or _overlaps(taken[0], box).any():
                continue
            away = _distances(box, points) - radii
            nearest = float(np.nanmin(np.delete(away, number), initial=np.inf))
            if nearest < (_ROOM if line else away[number] / scale + _NEARER) * scale:
                continue
            covered = _steps(own, move, float(radii[number]), scale) if line else nothing
            if any(_overlaps(taken[1], step).any() for step in covered):
                continue
            x, y = move.tolist()
            return NamePlace(x, y, across, upright, line), np.vstack([box, covered])
    return None, nothing


def _is_inside(box: Numbers, ends: Numbers) -> bool:
    return bool((box[:2] >= ends[:2]).all() and (box[2:] <= ends[2:]).all())


def _overlaps(boxes: Numbers, box: Numbers) -> Numbers:
    return np.asarray((boxes[:, :2] < box[2:]).all(axis=1) & (box[:2] < boxes[:, 2:]).all(axis=1))


def _distances(box: Numbers, points: Numbers) -> Numbers:
    """Return how far points are from a box."""
    away = np.maximum(np.maximum(box[:2] - points, points - box[2:]), 0.0)
    return np.asarray(np.hypot(away[:, 0], away[:, 1]))


def _steps(start: Numbers, move: Numbers, radius: float, scale: float) -> Numbers:
    """Return small boxes along a line that begins at the edge of its point."""
    long = float(np.hypot(*move))
    # The corners of a point's box are further from its middle than its edge is.
    begin = radius * (1.45 if move.all() else 1.05) + 0.4 * scale
    shares = np.arange(begin / long, 0.98, scale / long)
    middles = start + np.outer(shares, move)
    return np.hstack([middles - 0.4 * scale, middles + 0.4 * scale])
