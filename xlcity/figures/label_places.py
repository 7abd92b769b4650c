"""On which side of its point a name has room."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.figures.contents import Numbers
from xlcity.figures.style import POINT, ems

#: Sides of a point, in the order in which they are tried, and where a name begins there:
#: multiples of its width and height.
_SIDES = {"right": (0.0, -0.5), "left": (-1.0, -0.5), "above": (-0.5, 0.0), "below": (-0.5, -1.0)}
#: Half the width of a point, and the gap between it and its name, in cm.
_DOT, _GAP = 0.08, 0.1


def free_places(
    names: Sequence[str], across: Numbers, up: Numbers, room: tuple[float, float], size: float
) -> list[str]:
    """Return for each name a side of its point where it covers neither a point nor a name, or "".

    Parameters
    ----------
    across, up
        Where the points are, in cm.
    room
        Width and height of the chart in cm.
    size
        Of the type, in points.

    Examples
    --------
    >>> import numpy as np
    >>> free_places(["A", "B", "C"], np.array([1, 1.3, 4]), np.ones(3), (5, 2), 8)
    ['left', 'right', 'right']
    """
    taken = [
        (x - _DOT, y - _DOT, x + _DOT, y + _DOT)
        for x, y in zip(across.tolist(), up.tolist(), strict=True)
    ]
    found = []
    for name, x, y in zip(names, across.tolist(), up.tolist(), strict=True):
        wide, high = ems(name) * size / POINT, 1.2 * size / POINT
        for side, (right, above) in _SIDES.items():
            left = x + right * wide + (_GAP if side == "right" else -_GAP * (side == "left"))
            low = y + above * high + (_GAP if side == "above" else -_GAP * (side == "below"))
            box = (left, low, left + wide, low + high)
            inside = left >= 0 and low >= 0 and box[2] <= room[0] and box[3] <= room[1]
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                found.append(side)
                break
        else:
            found.append("")
    return found


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
