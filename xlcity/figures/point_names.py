"""Where the names of points stand, so that each is seen to belong to its own point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Numbers

#: Up to so many points all have names; of more, as many of the first have lines to theirs.
ALL_NAMED, _LINED = 25, 20
#: How far names are from their points: beside them, and at the end of a line, in points.
_NEAR, _FAR = 1.0, (6.0, 12.0, 22.0, 36.0, 60.0, 90.0)
#: A name is nearer to its own point than to any other one by this; the least room around a name
#: at the end of a line.
_NEARER, _ROOM = 2.5, 2.0
#: Horizontal and vertical side of the point, as Matplotlib names the side of the text there; the
#: first two are right beside it.
_SIDES = (
    ("left", 1, "center", 0), ("right", -1, "center", 0), ("left", 1, "bottom", 1),
    ("left", 1, "top", -1), ("right", -1, "bottom", 1), ("right", -1, "top", -1),
    ("center", 0, "bottom", 1), ("center", 0, "top", -1), ("left", 1, "center", 0.5),
    ("left", 1, "center", -0.5), ("right", -1, "center", 0.5), ("right", -1, "center", -0.5),
    ("center", 0.5, "bottom", 1), ("center", -0.5, "bottom", 1), ("center", 0.5, "top", -1),
    ("center", -0.5, "top", -1),
)  # fmt: skip
#: What part of a text is on the left of or below the place that it is aligned to.
_BEFORE = {"left": 0.0, "bottom": 0.0, "center": 0.5, "right": 1.0, "top": 1.0}
#: In how many squares a line is looked at; how often each name looks for a better place.
_SQUARES, _ROUNDS = 12, 8
#: Which of few names chooses first, until no line crosses another.
_FIRST = (0, 2, 4, 6, 8)
#: What a name costs, in points of a line, that covers another, that a line crosses, that is not
#: there; and a line that crosses another.
_COVERED, _CROSSED, _ABSENT, _CROSSING = 2000.0, 400.0, 250.0, 150.0


#: Places of a name, what each costs by itself, and what it covers.
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
    is_few, choices = len(points) <= ALL_NAMED, dict[int, _Choices]()
    for row in np.flatnonzero(np.isfinite(points).all(axis=1)).tolist():
        far = _FAR if is_few or row < _LINED else ()
        found: list[tuple[NamePlace | None, float, Numbers]] = []
        for spot, boxes in _candidates(points[row], radii[row], sizes[row], far, is_few=is_few):
            box, away = boxes[0], _distances(boxes[0], points) - radii
            others = float(np.nanmin(np.delete(away, row), initial=np.inf))
            is_own = others >= (_ROOM if spot.has_line else away[row] + _NEARER)
            is_in = (box[:2] >= inside[:2]).all() and (box[2:] <= inside[2:]).all()
            hidden = _overlaps(boxes, np.delete(disks, row, axis=0)).any(axis=1)
            if is_own and is_in and not hidden[0]:
                length = float(np.hypot(spot.x, spot.y)) * spot.has_line
                found.append((spot, length + _CROSSING * hidden.any(), boxes))
        if not (is_few and found):
            found.append((None, _ABSENT, np.full((1 + _SQUARES, 4), np.nan)))
        places, costs, blocks = zip(*found, strict=True)
        choices[row] = places, np.array(costs), np.array(blocks)
    order = sorted(choices, key=lambda row: len(choices[row][0]))
    least, best = np.inf, list[NamePlace | None]()
    for first in _FIRST if is_few else (0,):
        costs, spots = _settled(choices, [*order[first:], *order[:first]], len(points))
        if sum(costs) < least:
            least, best = sum(costs), spots
        if max(costs, default=0.0) < _CROSSING:
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
            every = costs + _conflicts(blocks, np.delete(taken, row, axis=0))
            best = int(every.argmin())
            spots[row], taken[row], least[row] = places[best], blocks[best], float(every[best])
        if spots == before:
            break
    return [*least.values()], spots


def _overlaps(boxes: Numbers, others: Numbers) -> Numbers:
    """Return which boxes lie over which other ones."""
    low, high = boxes[..., None, :2], boxes[..., None, 2:]
    return ((low < others[:, 2:]) & (others[:, :2] < high)).all(axis=-1)


def _conflicts(blocks: Numbers, taken: Numbers) -> Numbers:
    """Return what each place of a name costs beside the names and lines that are there."""
    over = _overlaps(blocks, taken.reshape(-1, 4)).reshape(*blocks.shape[:2], *taken.shape[:2])
    names, lines = over[:, 0], over[:, 1:].any(axis=1)
    crossed = names[:, :, 1:].any(axis=2).sum(axis=1) + lines[:, :, 0].sum(axis=1)
    crossing = lines[:, :, 1:].any(axis=2).sum(axis=1)
    return names[:, :, 0].sum(axis=1) * _COVERED + crossed * _CROSSED + crossing * _CROSSING


def _candidates(
    point: Numbers, radius: float, size: Numbers, far: Sequence[float], *, is_few: bool
) -> Iterator[tuple[NamePlace, Numbers]]:
    """Yield places of a name and what it covers there: itself, and the squares of its line."""
    # Of few points each has a line that is not right beside it: there is room for that.
    near = _SIDES[:2] if is_few else _SIDES[:8]
    for gap, sides in [(_NEAR, near), *((gap, _SIDES) for gap in far)]:
        for across, right, upright, up in sides:
            # A corner is as far away as a side.
            share = 0.75 if right and up else 1.0
            move = np.array([right, up]) * (radius + gap) * share
            low = point + move - size * (_BEFORE[across], _BEFORE[upright])
            has_line, side = gap > _NEAR, float(np.hypot(*move)) / _SQUARES
            steps = np.linspace(radius + side, side * _SQUARES, _SQUARES)[:, None]
            middles = point + steps * move / (side * _SQUARES) + (0.0 if has_line else np.nan)
            lows = np.vstack([low, middles - side / 2])
            highs = np.vstack([low + size, middles + side / 2])
            yield NamePlace(*move.tolist(), across, upright, has_line), np.hstack([lows, highs])


def _distances(box: Numbers, points: Numbers) -> Numbers:
    """Return how far points are from a box."""
    away = np.maximum(np.maximum(box[:2] - points, points - box[2:]), 0.0)
    return np.asarray(np.hypot(away[:, 0], away[:, 1]))
