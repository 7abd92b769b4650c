"""Radar charts: where their spokes begin and end; lines, names and rings that a page draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Chart, Numbers, RadarChart
from xlcity.figures.panels import signed

#: Radius of a radar chart, and how far its names are from its middle.
_RADIUS = 100
_NAMES = 112
#: From here on what spokes span has whole numbers at its ends.
_WIDE = 20.0


def radar_ends(chart: RadarChart) -> tuple[float, float]:
    """Return the numbers in the middle of a radar chart and at its rim: none is beyond them.

    What is below the middle would stand on the opposite spoke.
    """
    drawn = [series.values[np.isfinite(series.values)] for series in chart.series]
    low = float(min(chart.axis.low or 0.0, np.concatenate(drawn).min(initial=np.inf)))
    high = np.concatenate([[chart.axis.high or low], *drawn]).max()
    return low, float(high) if high > low else low + 1.0


def radar_lines(chart: RadarChart, lang: str) -> dict[str, object]:
    """Return the lines and names of a radar chart that a page draws itself."""
    x, y = _directions(len(chart.spokes))
    low, high = radar_ends(chart)
    shares = [(s.values - low) / (high - low) * _RADIUS for s in chart.series]
    names = zip(chart.spokes, (x * _NAMES).tolist(), (y * _NAMES).tolist(), strict=True)
    return {
        "lines": [
            (series.label.text(lang), _corners(np.nan_to_num(share)))
            for series, share in zip(chart.series, shares, strict=True)
        ],
        "names": [(spoke.text(lang), right, down) for spoke, right, down in names],
        "ends": (signed(f"{low:g}"), signed(f"{high:.{int(high - low < _WIDE)}f}")),
    }


def _directions(count: int) -> tuple[Numbers, Numbers]:
    """Return where spokes lead, to the right and down, the first one upwards."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.sin(turn), -np.cos(turn)


def _corners(radii: Numbers) -> str:
    """Return the corners of a line around the middle of a radar chart."""
    points = np.column_stack(_directions(len(radii))) * radii[:, None]
    return " ".join(f"{right:.0f},{down:.0f}" for right, down in points.tolist())


def radar_rings(charts: Sequence[Chart]) -> dict[int, list[str]]:
    """Return the rings of radar charts by how many spokes these have."""
    counts = {len(chart.spokes) for chart in charts if isinstance(chart, RadarChart)}
    radii = [_RADIUS * ring / 4 for ring in range(1, 5)]
    return {
        count: [_corners(np.full(count, radius)) for radius in radii]
        for count in counts
    }
