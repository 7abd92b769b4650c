"""The workbooks the benchmarks run on: a generated framework of any size, filled at random.

The values are drawn from a seeded generator, so that the same call makes the same files.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xlcity.cli import main
from xlcity.errors import CellValue
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

#: The ranges of a template that hold numbers typed in.
_NUMBERS = ("in_data", "in_links", "in_fields")
_PILLARS = 5
_RECIPE = """\
id = "bench"
weights = "relative"
blank = "draft"

[[step]]
do = "normalise"
method = "zscore"
clip = 1.96
ddof = 0

[[step]]
do = "impute_scores"
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


class Size(NamedTuple):
    """How large a generated book is; root and indicators are levels, too."""

    cities: int = 119
    leaves: int = 30
    levels: int = 3

    def __str__(self) -> str:
        """Return its name, which is also that of its files."""
        deep = "" if self.levels == 3 else f"x{self.levels}"
        return f"{self.cities}x{self.leaves}{deep}"

    def tree(self) -> dict[str, list[str]]:
        """Return the children of each node: pillars, groups (two each), indicators."""
        found: dict[str, list[str]] = {"T": [f"P{p}" for p in range(1, _PILLARS + 1)]}
        lowest = found["T"]
        for _ in range(self.levels - 3):
            found |= {code: [f"{code}.{i}" for i in (1, 2)] for code in lowest}
            lowest = [child for code in lowest for child in found[code]]
        ends = [self.leaves * n // len(lowest) for n in range(len(lowest) + 1)]
        for code, first, last in zip(lowest, ends, ends[1:], strict=False):
            found[code] = [f"{code}.{i}" for i in range(1, last - first + 1)]
        return found

    def leaf_codes(self) -> list[str]:
        """Return the codes of the indicators."""
        tree = self.tree()
        return [code for below in tree.values() for code in below if code not in tree]


def write_framework(folder: Path, size: Size) -> Path:
    """Write framework and recipe of the generated index and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tree = size.tree()
    rows: list[list[object]] = [["T", "", 1, "", "综合指数", "Overall", "score"]]

    def add(parent: str) -> None:
        for i, code in enumerate(tree[parent], start=1):
            number = code.removeprefix("P")
            if code in tree:
                names = f"一级 {number}", f"Pillar {number}"
                rows.append([code, parent, i, "", *names, "score"])
                add(code)
            else:
                sign = -1 if i == len(tree[parent]) else 1
                rows.append(
                    [
                        code,
                        parent,
                        i,
                        sign,
                        f"指标 {number}",
                        f"Indicator {number}",
                        "u",
                    ]
                )

    add("T")
    with (folder / "framework.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ["code", "parent", "weight", "direction", "name_zh", "name_en", "uom"]
        )
        writer.writerows(rows)
    (folder / "recipe.toml").write_text(_RECIPE, encoding="utf-8")
    return folder


def write_data(path: Path, size: Size, seed: int) -> Path:
    """Write values for some cities: ties, outliers and confirmed gaps among them."""
    rng = np.random.default_rng(seed)
    codes = size.leaf_codes()
    values = np.round(np.exp(rng.normal(2, 1, (size.cities, len(codes)))), 2)
    values[:, 3] = np.round(values[:, 3])  # ties
    missing = rng.random(values.shape) < 0.02
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["unit", *codes])
        for c in range(size.cities):
            row = [
                "NA" if m else v
                for v, m in zip(values[c].tolist(), missing[c], strict=True)
            ]
            writer.writerow([f"city{c + 1:04d}", *row])
    return path


def new_words(folder: Path, size: Size, seed: int = 1) -> list[str]:
    """Return the command that makes a template of the generated framework, but for its output."""
    where = write_framework(folder / f"framework-{size.leaves}x{size.levels}", size)
    data = write_data(folder / f"data-{size}-{seed}.csv", size, seed)
    recipe = where / "recipe.toml"
    return [
        "new",
        "--framework",
        str(where),
        "--recipe",
        str(recipe),
        "--data",
        str(data),
    ]


def make_book(folder: Path, size: Size = Size(), seed: int = 1) -> Path:  # noqa: B008 (a tuple)
    """Make a template of the generated framework, filled, with its sheets of functions."""
    path = folder / f"frame-{size}.xlsx"
    if not path.exists() and main([*new_words(folder, size, seed), "-o", str(path)]):
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
        cells = book.sheets[area.sheet].cells
        moved = inputs.setdefault(area.sheet, {})
        for row in range(area.r1, area.r2 + 1):
            for column in range(area.c1, area.c2 + 1):
                cell = cells.get((row, column))
                if (
                    cell is not None
                    and not cell.computed
                    and isinstance(cell.value, float)
                ):
                    moved[row, column] = round(
                        cell.value * float(rng.uniform(0.7, 1.3)), 3
                    )
    target.parent.mkdir(parents=True, exist_ok=True)
    write_inputs(package, inputs, book).write(target)
    return target
