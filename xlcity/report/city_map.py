"""Where the cities of an index are, as dots without borders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Axis, Label, ScatterChart
from xlcity.report.quadrant import city_classes
from xlcity.report.story.basis import Basis
from xlcity.report.story.tiers import Tiers
from xlcity.report.texts import filled, report_texts
from xlcity.reports.known_places import find_places

#: Share of the ranked cities whose places are known, at least; cities of a map, at least.
_LEAST = 0.9
_FEWEST = 3


def city_map(basis: Basis, tiers: Tiers | None) -> ScatterChart | None:
    """Return the ranked cities at their places, those outside the first tiers as rings.

    None where too few places are known, or all cities are at one place.
    """
    source = basis.source
    places = find_places([source.units[row] for row in basis.overall.rows], _LEAST)
    rows = [row for row in basis.overall.rows if source.units[row].id in places]
    degrees = np.array([places[source.units[row].id] for row in rows])
    if len(rows) < _FEWEST or not np.ptp(degrees, axis=0).any():
        return None
    classes, legend = city_classes(source, rows)
    rings = list[bool]()
    if tiers is not None:
        rings = _outside(basis, tiers, rows)
        legend = [*legend, _text("ring", tiers=tiers.first)]
    return ScatterChart(
        rows=[source.marked_city(row, basis.root) for row in rows],
        across=degrees[:, 0],
        up=degrees[:, 1],
        x=Axis(_text("longitude"), decimals=1),
        y=Axis(_text("latitude"), decimals=1),
        classes=classes,
        legend=legend,
        is_map=True,
        rings=rings,
    )


def _outside(basis: Basis, tiers: Tiers, rows: Sequence[int]) -> list[bool]:
    """Tell which cities are outside the first tiers."""
    first = {*basis.overall.rows[: tiers.ends[tiers.counted - 1]]}
    return [row not in first for row in rows]


def _text(key: str, **values: object) -> Label:
    texts = report_texts("figures")
    return filled({**texts["declared"], **texts["map"]}[key], values)
