"""Reads the marks of a drawn figure back, and tells which of them are outside their axes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

#: Noise, as a share of an axis: so near to its end Matplotlib takes the edge of a bar for the end.
NOISE = 2e-5
#: Points of a path whose corners are not on it: they bend curves.
_STRAIGHT = (0, 1, 2)


def marks_outside(picture: Any) -> list[str]:
    """Return what a picture of Matplotlib has beyond the ends of an axis."""
    found = []
    for number, axes in enumerate(picture.get_axes()):
        if not axes.get_visible():
            continue
        for name, drawn in _marks(axes):
            points = drawn.reshape(-1, 2)
            outside = points[~_is_inside(points, axes)]
            found += [f"axes {number}: {name} at {point}" for point in outside]
    return found


def _is_inside(points: np.ndarray, axes: Any) -> np.ndarray:
    """Return which points are inside both axes; those without a number are not drawn."""
    inside = np.ones(len(points), dtype=bool)
    for column, axis in ((0, axes.xaxis), (1, axes.yaxis)):
        if axes.name == "polar" and column == 0:
            continue
        low, high = sorted(axis.get_view_interval())
        room = NOISE * (high - low)
        values = points[:, column]
        inside &= ~((values < low - room) | (values > high + room))
    return inside


def _marks(axes: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what is drawn in the units of both axes, as points."""
    for line in axes.lines:
        # Other lines go from end to end of an axis.
        if line.get_transform() == axes.transData:
            yield f"line {line.get_label()}", np.asarray(line.get_xydata(), dtype=float)
    for patch in axes.patches:
        if _is_in_data(patch, axes):
            path = patch.get_patch_transform().transform_path(patch.get_path())
            corners = [
                point
                for point, code in path.iter_segments(simplify=False)
                if code in _STRAIGHT and len(point) == 2
            ]
            yield type(patch).__name__, np.array(corners)
    for collection in axes.collections:
        name = type(collection).__name__
        if collection.get_offset_transform() == axes.transData:
            yield name, np.asarray(collection.get_offsets(), dtype=float)
        elif hasattr(collection, "get_segments"):
            for segment in collection.get_segments():
                yield name, np.asarray(segment, dtype=float)
        if (values := collection.get_array()) is not None:
            low, high = collection.get_clim()
            beyond = (values < low - NOISE) | (values > high + NOISE)
            assert not np.ma.filled(beyond, False).any(), "beyond the scale of colours"


def _is_in_data(patch: Any, axes: Any) -> bool:
    """Tell whether a patch has its place on both axes."""
    return patch.get_data_transform() == axes.transData
