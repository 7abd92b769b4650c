"""Where cities are: as their own columns say, or as a report knows a city of this name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xlcity.model.dataset import Unit
from xlcity.model.reading.units import read_units_csv
from xlcity.reports import report_folder, report_ids
from xlcity.reports.declarations import coordinates
from xlcity.reports.known_cities import fold_city


def find_places(units: Sequence[Unit], least: float) -> dict[str, list[float]]:
    """Return city -> longitude and latitude in degrees, as far as they are known.

    They are its own columns `lon` and `lat`, or those that a report has of a city of this name.

    Parameters
    ----------
    units
        The cities.
    least
        The share of them that must be known; else none is returned.
    """
    known = _known_places()
    places = {}
    for unit in units:
        own = [_degrees(unit.attributes.get(name, "")) for name in ("lon", "lat")]
        named = [known[n] for n in map(fold_city, unit.spellings) if n in known]
        if None not in own:
            places[unit.id] = [degrees for degrees in own if degrees is not None]
        elif named:
            places[unit.id] = [*named[0]]
    return places if len(places) >= least * len(units) else {}


def _degrees(text: str) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if abs(degrees) <= 180 else None


@cache
def _known_places() -> dict[str, tuple[float, float]]:
    """Return the longitude and latitude of the reports' cities by every name, folded."""
    places = {}
    for report_id in report_ids():
        degrees = coordinates(report_id)
        for unit in read_units_csv(report_folder(report_id) / "cities.csv"):
            if unit.id in degrees:
                latitude, longitude = degrees[unit.id]
                names = map(fold_city, unit.spellings)
                places.update(dict.fromkeys(names, (longitude, latitude)))
    return places
