"""Slips drawn by a seed in four books, as people make them: kinds, cells, and what names them."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mutations
from mutations import calculated, with_cell
from own import made_book
from slips import KINDS, Made, Sound

from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.package import Package

OWN = {
    "own z-score": ("--no-udf", "--normalise", "zscore", "--aggregate", "arithmetic"),
    "own geometric": ("--no-udf", "--normalise", "minmax", "--aggregate", "geometric"),
}
BOOKS = ("image2025", "iecc2024", *OWN)
_Maker = Callable[[Sound, random.Random], Made]


@functools.cache
def sound_book(name: str) -> Sound:
    """Return a book without slips."""
    if name in OWN:
        return Sound(Package.from_bytes(made_book(OWN[name]), "own.xlsx"), "own.xlsx")
    path = Path(__file__).parents[2] / "workbooks" / f"{name}.xlsx"
    return Sound(Package.read(path), path.name)


def _typed_over(block: str) -> _Maker:
    """Type another number over a formula of a block."""

    def make(sound: Sound, rng: random.Random) -> Made:
        area = sound.area(block)
        cells = sound.book.sheets[area.sheet].cells
        computed = [p for p in area.positions if p in cells and cells[p].computed]
        position = rng.choice(
            [p for p in computed if isinstance(cells[p].value, float)]
        )
        old = cells[position].value
        new = (
            old + rng.choice((1, 2))
            if block == "out_ranks"
            else round(old * 1.1 + 0.5, 2)
        )
        return sound.number(area.sheet, position, new)

    return make


def _parameter(sound: Sound, rng: random.Random) -> Made:
    areas = [
        sound.area(name) for name in sorted(sound.book.names) if name.startswith("par_")
    ]
    cells = {
        (area.sheet, (area.r1, area.c1))
        for area in areas
        if area.rows * area.columns == 1
    }
    places = {
        place: cell.value
        for place in sorted(cells)
        if (cell := sound.book.sheets[place[0]].cells.get(place[1])) is not None
        and isinstance(cell.value, float)
        and not cell.computed
    }
    place = rng.choice([*places])
    return sound.number(*place, places[place] + 1)


def _city_out(sound: Sound, rng: random.Random) -> Made:
    area = sound.area("xl_cities")
    column = area.c1 + sound.book.block(area)[0].index("population")
    rows = range(area.r1 + 1, area.r1 + 1 + len(sound.units))
    row = rng.choice([row for row in rows if sound.book.value(area.sheet, row, column)])
    package = with_cell(sound.package, sound.book, area.sheet, (row, column), "")
    return Made(package, area.sheet, (cell_name(row, column), cell_name(row, area.c1)))


def _numbers(sound: Sound, rng: random.Random) -> tuple[str, dict[str, float]]:
    """Return an indicator and its numbers, by the rows of their cities."""
    code = rng.choice(sound.codes)
    units = sorted(sound.units, key=lambda unit: sound.template.rows[unit])
    return code, {u: v for u in units if isinstance(v := sound.value(u, code), float)}


def _exchanged(sound: Sound, rng: random.Random) -> Made:
    """Exchange the values of two cities in one indicator."""
    code, values = _numbers(sound, rng)
    a = rng.choice([*values])
    b = rng.choice([unit for unit in values if values[unit] != values[a]])
    return sound.typed({(a, code): values[b], (b, code): values[a]})


def _pasted_low(sound: Sound, rng: random.Random) -> Made:
    """Paste up to twenty values one row low."""
    code, values = _numbers(sound, rng)
    start = rng.randrange(len(values) - 6)
    units = [*values]
    pairs = zip(units[start : start + 20], units[start + 1 :], strict=False)
    return sound.typed(
        {(low, code): values[u] for u, low in pairs if values[u] != values[low]}
    )


def _raw_value(sound: Sound, rng: random.Random) -> Made:
    code, values = _numbers(sound, rng)
    unit = rng.choice([unit for unit in values if values[unit]])
    return sound.typed({(unit, code): values[unit] * rng.choice((0.1, 1.03, 10))})


def _direction(sound: Sound, rng: random.Random) -> Made:
    area = sound.area("xl_framework")
    header, *rows = sound.book.block(area)
    column = header.index("direction")
    inputs = [n for n, row in enumerate(rows) if row[0] in sound.template.columns]
    row = rng.choice([n for n in inputs if rows[n][column] in (1.0, -1.0)])
    position = area.r1 + 1 + row, area.c1 + column
    return sound.number(area.sheet, position, -rows[row][column])


def _of_kind(*names: str) -> _Maker:
    makers = {line[0]: line[3] for line in KINDS}
    return lambda sound, rng: makers[rng.choice(names)](sound)


def _mutation(kind: str) -> _Maker:
    def make(sound: Sound, rng: random.Random) -> Made:
        drawn = mutations.draw(mutations.Sound(sound.package), kind, rng)
        return Made(
            drawn.change(sound.package), drawn.sheet, tuple(sorted(drawn.cells))
        )

    return make


#: Kind -> what makes it, and how often among 25.
MAKERS: dict[str, tuple[_Maker, int]] = {
    "score typed over": (_typed_over("out_scores"), 3),
    "rank typed over": (_typed_over("out_ranks"), 2),
    "normalised value typed over": (_typed_over("out_normalised"), 1),
    "constant in a formula": (_mutation("constant in a formula"), 2),
    "sign swapped": (_mutation("sign swapped"), 2),
    "range one row short": (_mutation("range one row short"), 1),
    "$ dropped": (_mutation("$ dropped"), 1),
    "stale value": (_mutation("stale value"), 2),
    "weight typo": (_mutation("weight typo"), 2),
    "number as text": (_mutation("text number"), 1),
    "city twice": (_mutation("duplicated city"), 1),
    "city out": (_city_out, 1),
    "parameter": (_parameter, 1),
    "direction turned": (_direction, 1),
    "cities exchanged": (_exchanged, 1),
    "pasted one row low": (_pasted_low, 1),
    "chart": (_of_kind("a chart's series too short", "another kind of chart"), 1),
    "name repointed": (_of_kind("a name repointed"), 1),
}


@dataclass(frozen=True)
class Slip:
    """A slip in a book as a program saves it: its kind, sheet and cells."""

    kind: str
    package: Package
    sheet: str
    places: tuple[str, ...]

    def is_at(self, sheet: str, areas: str, text: str = "") -> bool:
        """Tell whether a finding is at its cell; what has none is named by a word."""
        words = (rf"(?<!\w){re.escape(place)}(?!\w)" for place in self.places)
        if sheet != self.sheet:
            return not self.sheet and any(re.search(word, text) for word in words)
        ends = (
            parse_range(area) for area in re.findall(r"[A-Z]+\d+(?::[A-Z]+\d+)?", areas)
        )
        cells = {cell_name(*p) for end in ends for p in Range(sheet, *end).positions}
        return not cells.isdisjoint(self.places)


def random_slips(name: str, seed: int) -> Iterator[Slip]:
    """Yield 25 slips of a book, each alone in it."""
    sound = sound_book(name)
    rng = random.Random(f"{name} {seed}")
    for kind, (make, number) in MAKERS.items():
        for _ in range(number):
            made = make(sound, rng)
            package = (
                made.package if kind == "stale value" else calculated(made.package)
            )
            yield Slip(kind, package, made.sheet, made.places)


def random_pair(name: str, seed: int) -> tuple[Package, Package]:
    """Return two books with up to three slips each, of inputs, method, cities and formulas."""
    rng = random.Random(f"{name} {seed}")
    kinds = [
        kind
        for kind in MAKERS
        if kind not in ("stale value", "chart", "city twice", "name repointed")
    ]
    sides = []
    for _ in range(2):
        sound = sound_book(name)
        for kind in rng.sample([*kinds, "raw value", "raw value"], rng.randrange(4)):
            make = _raw_value if kind == "raw value" else MAKERS[kind][0]
            sound = Sound(make(sound, rng).package, sound.name)
        sides.append(calculated(sound.package))
    return sides[0], sides[1]
