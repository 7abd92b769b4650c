"""Radar charts that a page draws itself: their lines, names and rings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Chart, Numbers, RadarChart

#: Radius of a radar chart, and how far its names are from its middle.
_RADIUS = 100
_NAMES = 112


def radar_lines(chart: RadarChart, lang: str) -> dict[str, object]:
    """Return the lines and names of a radar chart that a page draws itself."""
    x, y = _directions(len(chart.spokes))
    low = chart.axis.low or 0.0
    high = chart.axis.high or max(
        float(np.nanmax(series.values)) for series in chart.series
    )

    shares = [(s.values - low) / ((high - low) or 1.0) * _RADIUS for s in chart.series]
    names = zip(chart.spokes, (x * _NAMES).tolist(), (y * _NAMES).tolist(), strict=True)
    return {
        "lines": [
            (series.label.text(lang), _corners(np.nan_to_num(share)))
            for series, share in zip(chart.series, shares, strict=True)
        ],
        "names": [(spoke.text(lang), right, down) for spoke, right, down in names],
        "ends": (f"{low:g}", f"{high:.0f}"),
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
