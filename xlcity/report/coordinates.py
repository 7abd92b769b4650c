"""Where cities lie."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def coordinates() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of cities in degrees, to one decimal."""
    text = Path(__file__).with_name("coordinates.csv").read_text(encoding="utf-8")
    return {
        row["unit"]: (float(row["latitude"]), float(row["longitude"]))
        for row in csv.DictReader(text.splitlines())
    }
