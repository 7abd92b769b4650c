"""Where the names of points stand, so that each is seen to belong to its own point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Numbers

#: Up to so many points all have names; of more, as many of the first have lines to theirs.
ALL_NAMED, _LINED = 25, 20
#: How far names are from their points: beside them, and at the end of a line, in points.
_NEAR, _FAR = 1.0, (6.0, 10.0, 15.0, 20.0, 26.0, 33.0, 41.0, 50.0, 62.0, 75.0, 90.0, 110.0)
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
    """Return a place for each name, the first names first; None where there is none.

    No name covers a point or a name. Of few points none is without its name.

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
    taken = disks[np.isfinite(disks).all(axis=1)]
    spots: list[NamePlace | None] = [None] * len(points)
    is_few = len(points) <= ALL_NAMED
    # Names right beside their points first: they need no line.
    for far in ((), _FAR):
        for row in np.flatnonzero(np.isfinite(points).all(axis=1)).tolist():
            if spots[row] is not None or (far and not is_few and row >= _LINED):
                continue
            for spot, box in _candidates(points[row], radii[row], sizes[row], far, is_few=is_few):
                away = _distances(box, points) - radii
                others = float(np.nanmin(np.delete(away, row), initial=np.inf))
                is_own = others >= (_ROOM if spot.has_line else away[row] + _NEARER)
                covers = ((taken[:, :2] < box[2:]) & (box[:2] < taken[:, 2:])).all(axis=1).any()
                is_in = (box[:2] >= inside[:2]).all() and (box[2:] <= inside[2:]).all()
                if is_own and is_in and not covers:
                    spots[row], taken = spot, np.vstack([taken, box])
                    break
    return spots


def _candidates(
    point: Numbers, radius: float, size: Numbers, far: Sequence[float], *, is_few: bool
) -> Iterator[tuple[NamePlace, Numbers]]:
    """Yield places of a name and what it covers there, beside its point or at the end of a line."""
    # Of few points each has a line that is not right beside it: there is room for that.
    near = _SIDES[:2] if is_few else _SIDES[:8]
    for gap, sides in [(gap, _SIDES) for gap in far] if far else [(_NEAR, near)]:
        for across, right, upright, up in sides:
            # A corner is as far away as a side.
            share = 0.75 if right and up else 1.0
            move = np.array([right, up]) * (radius + gap) * share
            low = point + move - size * (_BEFORE[across], _BEFORE[upright])
            x, y = move.tolist()
            yield NamePlace(x, y, across, upright, bool(far)), np.append(low, low + size)


def _distances(box: Numbers, points: Numbers) -> Numbers:
    """Return how far points are from a box."""
    away = np.maximum(np.maximum(box[:2] - points, points - box[2:]), 0.0)
    return np.asarray(np.hypot(away[:, 0], away[:, 1]))
