"""The workbooks the benchmarks run on: a generated framework of any size, filled at random.

The values are drawn from a seeded generator, so that the same call makes the same files.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from xlcity.cli import main
from xlcity.errors import CellValue
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

#: The ranges of a template that hold numbers typed in.
_NUMBERS = ("in_data", "in_links", "in_fields")
PILLARS, PER_PILLAR = 5, 6  # 1 + 5 + 30 nodes on three levels
_RECIPE = """\
id = "bench"
weights = "relative"
blank = "draft"

[[step]]
do = "normalise"
method = "zscore"
limit = 1.96

[[step]]
do = "impute"
method = "dimension_mean"

[[step]]
do = "aggregate"
method = "arithmetic"

[[step]]
do = "rescale"
method = "efficacy"

[[step]]
do = "rank"
method = "competition"
"""


def leaf_codes() -> list[str]:
    """Return the codes of the indicators."""
    return [f"P{p}.{i}" for p in range(1, PILLARS + 1) for i in range(1, PER_PILLAR + 1)]


def write_framework(folder: Path) -> Path:
    """Write framework and recipe of the generated index and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[list[object]] = [["T", "", 1, "", "综合指数", "Overall", "score"]]
    for p in range(1, PILLARS + 1):
        rows.append([f"P{p}", "T", p, "", f"一级 {p}", f"Pillar {p}", "score"])
        for i in range(1, PER_PILLAR + 1):
            sign = -1 if i == PER_PILLAR else 1
            rows.append([f"P{p}.{i}", f"P{p}", i, sign, f"指标 {p}.{i}", f"Indicator {p}.{i}", "u"])
    with (folder / "framework.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["code", "parent", "weight", "direction", "name_zh", "name_en", "uom"])
        writer.writerows(rows)
    (folder / "recipe.toml").write_text(_RECIPE, encoding="utf-8")
    return folder


def write_data(path: Path, cities: int, seed: int) -> Path:
    """Write values for some cities: ties, outliers and confirmed gaps among them."""
    rng = np.random.default_rng(seed)
    codes = leaf_codes()
    values = np.round(np.exp(rng.normal(2, 1, (cities, len(codes)))), 2)
    values[:, 3] = np.round(values[:, 3])  # ties
    missing = rng.random(values.shape) < 0.02
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["unit", *codes])
        for c in range(cities):
            row = ["NA" if m else v for v, m in zip(values[c].tolist(), missing[c], strict=True)]
            writer.writerow([f"city{c + 1:04d}", *row])
    return path


def make_book(folder: Path, cities: int = 119, seed: int = 1) -> Path:
    """Make a template of the generated framework, filled, with its sheets of functions."""
    path = folder / f"frame-{cities}x{PILLARS * PER_PILLAR}.xlsx"
    if not path.exists():
        where = write_framework(folder / "framework")
        data = write_data(folder / f"data-{cities}-{seed}.csv", cities, seed)
        words = ["new", "--framework", where, "--recipe", where / "recipe.toml", "--data", data]
        if main([*map(str, words), "-o", str(path)]):
            raise RuntimeError("the template could not be made")
    return path


def stale_copy(source: Path, target: Path, seed: int) -> Path:
    """Write a copy with other inputs, its results those of the old ones.

    Every number of the template's data moves, so that nearly every result is out of date.
    """
    rng = np.random.default_rng(seed)
    package = Package.read(source)
    book = read_book(package)
    inputs: dict[str, dict[tuple[int, int], CellValue]] = {}
    for area in (resolve(book, name) for name in _NUMBERS if name in book.names):
        cells, moved = book.sheets[area.sheet].cells, inputs.setdefault(area.sheet, {})
        for row in range(area.r1, area.r2 + 1):
            for column in range(area.c1, area.c2 + 1):
                cell = cells.get((row, column))
                if cell is not None and not cell.computed and isinstance(cell.value, float):
                    moved[row, column] = round(cell.value * float(rng.uniform(0.7, 1.3)), 3)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_inputs(package, inputs, book).write(target)
    return target
