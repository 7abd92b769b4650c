"""`Groups`: tiers three ways, and groups side by side, as numpy has them in every engine."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from tests.helpers.own_books import KINDS, own_book, own_book_spec, own_regions
from xlcity.index import compute
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.sheets.results.groups import (
    CHOICE,
    FREE_GROUPS,
    HEADER,
    OWN_GROUPS,
    SHEET,
    TIERS,
    TOP,
)
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.patch import write_inputs

ENGINES = ["compiled", pytest.param("libreoffice", marks=pytest.mark.libreoffice)]
#: First column of the tables beside the cities, and header of the groups.
RIGHT = 8
GROUP_HEADER = HEADER + TIERS + 5
#: Columns of a table of groups.
MEASURES = ("n", "mean", "median", "best", "top", "first_tier")
#: How tiers are cut: what is typed, by cell.
WAYS = {
    "ranks": {(HEADER + 1, RIGHT + 1): 2, (HEADER + 2, RIGHT + 1): 5},
    "scores": {(HEADER + 1, RIGHT + 2): 55, (HEADER + 2, RIGHT + 2): 30},
    "drops": {(CHOICE, RIGHT + 4): 4},
}


def computed(
    kind: str, way: str, engine: str, typed: Mapping[tuple[int, int], int] | None = None
) -> ReadBook:
    cells = {(CHOICE, RIGHT + 1): way, **(typed or WAYS[way])}
    package = write_inputs(own_book(kind), {SHEET: cells}, read_book(own_book(kind)))
    return recalculate(package, engine if engine != "compiled" else "auto").as_book()


def ordered_cities(kind: str) -> list[tuple[int, int, float]]:
    """Return rank, row and score of every city with a rank, in order."""
    spec = own_book_spec(kind)
    result = compute(spec.framework, spec.recipe, spec.dataset)
    root = result.node_codes.index("X")
    ranks = result.ranks[:, root]
    cities = [
        (int(rank), row, float(score))
        for row, (rank, score) in enumerate(
            zip(ranks, result.scores[:, root], strict=True)
        )
        if rank > 0
    ]
    return sorted(cities)


def expected_tiers(kind: str, way: str) -> list[int]:
    cities = ordered_cities(kind)
    if way == "ranks":
        return [1 + sum(rank > end for end in (2, 5)) for rank, _, _ in cities]
    scores = [score for _, _, score in cities]
    if way == "scores":
        return [1 + sum(cut > score for cut in (55, 30)) for score in scores]
    drops = [round(one - other, 9) for one, other in pairwise(scores)]
    least = sorted(drops, reverse=True)[2] if len(drops) > 2 else np.inf
    tiers = [1] if cities else []
    for drop in drops:
        tiers.append(tiers[-1] + (drop >= least))
    return tiers


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_tiers(kind, way, engine):
    book = computed(kind, way, engine)
    cities = ordered_cities(kind)
    shown = [
        [book.value(SHEET, HEADER + 1 + line, column) for column in (1, 2, 3, 5, 6)]
        for line in range(len(cities))
    ]
    tiers = expected_tiers(kind, way)
    regions = own_regions(kind)
    for line, (rank, row, score) in enumerate(cities):
        number, name, value, tier, region = shown[line]
        assert (number, name) == (rank, f"City {row:02d}")
        assert value == pytest.approx(score, rel=1e-12)
        assert (tier, region) == (tiers[line], regions[row])
    counts = [book.value(SHEET, HEADER + at, RIGHT + 5) for at in range(1, TIERS + 1)]
    assert counts == [tiers.count(tier) for tier in range(1, TIERS + 1)]
    beyond = book.value(SHEET, HEADER + 1 + len(cities), 5)
    assert beyond in ("", None)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["gaps", "ties", "three cities"])
def test_more_tiers_than_the_table_has_are_cut_at_its_last_one(kind, engine):
    book = computed(kind, "drops", engine, {(CHOICE, RIGHT + 4): 9})
    drops = [
        round(one[2] - other[2], 9) for one, other in pairwise(ordered_cities(kind))
    ]
    cuts = sorted(drops, reverse=True)[: TIERS - 1]
    tiers = [1]
    for drop in drops:
        tiers.append(min(TIERS, tiers[-1] + (drop >= cuts[-1])))
    shown = [book.value(SHEET, HEADER + 1 + line, 5) for line in range(len(tiers))]
    assert shown == tiers if len(drops) >= TIERS - 1 else set(shown) == {1}
    counts = [book.value(SHEET, HEADER + at, RIGHT + 5) for at in range(1, TIERS + 1)]
    assert sum(counts) == len(tiers)


@pytest.mark.parametrize("way", WAYS)
def test_scores_that_part_tiers_are_shown_where_they_do(way):
    book = computed("gaps", way, "compiled")
    cuts = [book.value(SHEET, HEADER + at, RIGHT + 4) for at in range(1, TIERS)]
    assert (cuts[:2] == [55, 30]) == (way == "scores")
    assert way == "scores" or set(cuts) == {""}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [*KINDS, "signs", "many groups"])
def test_groups(kind, engine):
    book = computed(kind, "ranks", engine)
    cities = ordered_cities(kind)
    tiers = expected_tiers(kind, "ranks")
    regions = own_regions(kind)
    by_region: dict[str, list[int]] = {}
    for line, (_, row, _) in enumerate(cities):
        by_region.setdefault(regions[row], []).append(line)
    most = max(OWN_GROUPS, len(by_region) + FREE_GROUPS)
    lines = [
        [
            book.value(SHEET, GROUP_HEADER + 1 + at, RIGHT + column)
            for column in range(len(MEASURES) + 1)
        ]
        for at in range(most)
    ]
    assert [line[0] or "" for line in lines[len(by_region) :]] == [""] * (
        most - len(by_region)
    )
    # Groups stand in the order of their best cities.
    for shown, (region, members) in zip(lines, by_region.items(), strict=False):
        scores = [cities[line][2] for line in members]
        found = dict(zip(MEASURES, shown[1:], strict=True))
        assert shown[0] == region
        assert found["n"] == len(members)
        assert found["mean"] == pytest.approx(np.mean(scores), rel=1e-9)
        assert found["median"] == pytest.approx(np.median(scores), rel=1e-9)
        assert found["best"] == f"City {cities[members[0]][1]:02d}"
        assert found["top"] == sum(cities[line][0] <= TOP for line in members)
        assert found["first_tier"] == sum(tiers[line] == 1 for line in members)


def test_each_city_has_eight_cells_at_most():
    cells = read_book(own_book("gaps")).sheets[SHEET].cells
    columns = {1, 2, 3, 4, 5, 6, RIGHT + 8, RIGHT + 9}
    row = {
        column
        for (at, column), cell in cells.items()
        if at == HEADER + 1 + TIERS + 1 and cell.formula
    }
    assert row <= columns
