"""The four sound books that slips are planted in: two as shipped, two made by `xlcity new`.

One of those made has bounds for each indicator and a geometric total; the other has z-scores,
groups, missing values, ties between cities and lists of institutions. All values are invented.
"""

from __future__ import annotations

import contextlib
import functools
import io
import tempfile
from pathlib import Path

import numpy as np

from tests.helpers.slips import Sound
from xlcity.cli import main
from xlcity.xlsx.package import Package

SHIPPED = ("image2025", "gihi2023")
GEOMETRIC = "geometric"
ZSCORE = "z-score"
BOOKS = (*SHIPPED, GEOMETRIC, ZSCORE)

#: Code -> median, spread on the log scale, bounds, direction; growth is in per cent, below 0 too.
_GEOMETRIC_COLUMNS = {
    "GDP": (2400.0, 0.5, 300, 9000, 1),
    "PAT": (5200.0, 0.6, 400, 40000, 1),
    "STU": (310.0, 0.4, 60, 1500, 1),
    "HOS": (84.0, 0.3, 20, 300, 1),
    "MET": (145.0, 0.5, 15, 900, 1),
    "PM": (31.0, 0.3, 5, 120, -1),
    "RNT": (18.0, 0.3, 4, 60, -1),
    "GRN": (12.4, 0.2, 4, 30, 1),
    "GRO": (3.1, 0.0, -9, 15, 1),
}
_GEOMETRIC_PILLARS = {
    "ECO": ("GDP", "PAT", "GRO"),
    "SOC": ("STU", "HOS", "RNT"),
    "ENV": ("MET", "PM", "GRN"),
}
_GEOMETRIC_CITIES = 24
#: Amounts that are better when they are larger: in thousands all are below the lower bound.
GEOMETRIC_AMOUNTS = ("GDP", "PAT", "STU", "HOS", "MET", "GRN")

_ZSCORE_COLUMNS = {
    "POP": (640.0, 0.6, 1),
    "AIR": (22.0, 0.7, 1),
    "HOT": (230.0, 0.4, 1),
    "MUS": (36.0, 0.4, 1),
    "TAX": (21.0, 0.15, -1),
    "CO2": (6.4, 0.3, -1),
    "BUS": (88.0, 0.5, 1),
    "BAL": (2.3, 0.0, 1),
}
_ZSCORE_PILLARS = {
    "ACC": ("POP", "AIR", "BUS"),
    "CUL": ("HOT", "MUS", "UNI"),
    "STA": ("TAX", "CO2", "BAL"),
    "NET": ("TRD",),
}
_ZSCORE_CITIES = 30
_GROUPS = ("north", "east", "south", "west")
#: City and indicator without a value.
_MISSING = {
    ("town03", "HOT"),
    ("town08", "CO2"),
    ("town11", "MUS"),
    ("town17", "HOT"),
    ("town21", "TAX"),
    ("town26", "BUS"),
}
_ZSCORE_RECIPE = """
id = "own"
weights = "relative"
blank = "draft"

[[step]]
do = "construct"
method = "bands"
codes = ["UNI"]
lists = ["the", "arwu"]
uppers = [50, 100, 200]
weights = [1, 0.5, 0.25]

[[step]]
do = "construct"
method = "link_strength"
codes = ["TRD"]
flow = "symmetric"

[[step]]
do = "normalise"
method = "zscore"

[[step]]
do = "impute_scores"
method = "dimension_mean"

[[step]]
do = "aggregate"
method = "arithmetic"

[[step]]
do = "rank"
method = "competition"
digits = 9
"""


@functools.cache
def sound_book(name: str) -> Sound:
    """Return a book without slips; its tabs are named as the contract does."""
    if name in SHIPPED:
        path = Path(__file__).parents[2] / "workbooks" / f"{name}.xlsx"
        return Sound(Package.read(path), path.name)
    make = geometric_book if name == GEOMETRIC else zscore_book
    return Sound(make(), f"{name}.xlsx")


def geometric_values() -> dict[str, dict[str, float]]:
    """Return the values of the geometric book: city -> indicator -> number."""
    rng = np.random.default_rng(70)
    values: dict[str, dict[str, float]] = {}
    for place in range(_GEOMETRIC_CITIES):
        row = {}
        for code, (median, spread, *_) in _GEOMETRIC_COLUMNS.items():
            row[code] = _drawn(rng, median, spread)
        values[f"city{place:02d}"] = row
    return values


def geometric_book(values: dict[str, dict[str, float]] | None = None) -> Package:
    """Return a book of bounds for each indicator and geometric means."""
    rows = geometric_values() if values is None else values
    nodes = ["code,parent,weight,direction,normalise,name_en", "X,,1,,,Index"]
    for pillar, codes in _GEOMETRIC_PILLARS.items():
        nodes.append(f"{pillar},X,1,,,Pillar {pillar}")
        for code in codes:
            _, _, low, high, direction = _GEOMETRIC_COLUMNS[code]
            nodes.append(
                f"{code},{pillar},1,{direction},goalposts:{low}:{high},Indicator {code}"
            )
    tables = {"framework.csv": nodes, "data.csv": _table([*_GEOMETRIC_COLUMNS], rows)}
    return _made(tables, "--aggregate", "geometric")


def zscore_values() -> dict[str, dict[str, float | str]]:
    """Return the values of the z-score book: city -> indicator -> number or NA."""
    rng = np.random.default_rng(71)
    values: dict[str, dict[str, float | str]] = {}
    for place in range(_ZSCORE_CITIES):
        unit = f"town{place:02d}"
        row: dict[str, float | str] = {}
        for code, (median, spread, _) in _ZSCORE_COLUMNS.items():
            number = _drawn(rng, median, spread)
            row[code] = "NA" if (unit, code) in _MISSING else number
        values[unit] = row
    return values


def zscore_book(values: dict[str, dict[str, float | str]] | None = None) -> Package:
    """Return a book of z-scores, with groups, missing values, ties and institutions."""
    rows = zscore_values() if values is None else values
    nodes = ["code,parent,weight,direction,name_en,no_data", "X,,1,,Index,"]
    for pillar, codes in _ZSCORE_PILLARS.items():
        nodes.append(f"{pillar},X,1,,Pillar {pillar},")
        for code in codes:
            direction = _ZSCORE_COLUMNS[code][-1] if code in _ZSCORE_COLUMNS else 1
            no_data = "0" if code in ("HOT", "BUS") else ""
            nodes.append(f"{code},{pillar},1,{direction},Indicator {code},{no_data}")
    tables = {
        "framework.csv": nodes,
        "data.csv": _with_groups(_table([*_ZSCORE_COLUMNS], rows)),
        "items.csv": _institutions([*rows]),
        "links.csv": _ties([*rows]),
        "recipe.toml": [_ZSCORE_RECIPE],
    }
    return _made(tables, "--recipe", "recipe.toml")


def _drawn(rng: np.random.Generator, median: float, spread: float) -> float:
    """Draw a number of three or four digits; without a spread one around 0."""
    if not spread:
        return round(float(rng.normal(median, 4)), 1)
    number = median * float(np.exp(rng.normal(0, spread)))
    return float(f"{number:.4g}")


def _table(codes: list[str], rows: dict) -> list[str]:
    lines = [",".join(("unit", *codes))]
    for unit, row in rows.items():
        lines.append(",".join((unit, *(str(row[code]) for code in codes))))
    return lines


def _with_groups(lines: list[str]) -> list[str]:
    grouped = [f"{lines[0]},Group_region"]
    for place, line in enumerate(lines[1:]):
        grouped.append(f"{line},{_GROUPS[place % len(_GROUPS)]}")
    return grouped


def _institutions(units: list[str]) -> list[str]:
    rng = np.random.default_rng(72)
    lines = ["code,unit,item,the,arwu"]
    for unit in units:
        for number in range(int(rng.integers(1, 4))):
            the, arwu = (int(rank) for rank in rng.integers(3, 200, 2))
            lines.append(f"UNI,{unit},University {number + 1} of {unit},{the},{arwu}")
    return lines


def _ties(units: list[str]) -> list[str]:
    """Return ties written once or, every third of them, in both directions."""
    rng = np.random.default_rng(73)
    lines = ["code,from,to,value"]
    for place, start in enumerate(units):
        for distance in (1, 2, 5):
            end = units[(place + distance) % len(units)]
            value = int(rng.integers(20, 900))
            lines.append(f"TRD,{start},{end},{value}")
            if distance == 1:
                lines.append(f"TRD,{end},{start},{value}")
    return lines


def _made(tables: dict[str, list[str]], *options: str) -> Package:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, lines in tables.items():
            (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        book = folder / "own.xlsx"
        words = ["new", "--framework", folder, "--data", folder, "-o", book]
        words += [folder / word if word in tables else word for word in options]
        words += ["--lang", "en", "--cells", "native", "--pages", "none"]
        unread = io.StringIO()
        with contextlib.redirect_stdout(unread), contextlib.redirect_stderr(unread):
            code = main([*map(str, words)])
        if code:
            raise RuntimeError(f"xlcity new ended with {code}")
        return Package.read(book)
