"""Cities in another order: every score and rank stays, and who shares a rank still does."""

import random
from pathlib import Path

import pytest

from tests.helpers.cli import run_json
from tests.helpers.templates import read
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

pytestmark = [pytest.mark.golden, pytest.mark.slow]

SHUFFLES = 50
#: Fifty orders of these take minutes.
REPORTS = ("image2025", "iecc2024")
WORKBOOKS = Path(__file__).parents[2] / "workbooks"
TREE = "code,parent,weight,direction\nT,,,\nA,T,1,1\nB,T,1,1\nC,T,1,-1\n"
#: Six pairs of cities with A and B exchanged: their totals differ in the last digits at most.
PAIRS = ((0.1, 0.7), (1.3, 2.9), (3.3, 0.6), (12.7, 5.1), (8.8, 9.7), (4.4, 7.3))


@pytest.fixture
def own_book(tmp_path, capsys):
    """Return a z-score index in which cities tie by pairs."""
    rows = ["unit,A,B,C"]
    for number, (high, low) in enumerate(PAIRS):
        rows += [
            f"left{number},{high},{low},{number}.1",
            f"right{number},{low},{high},{number}.1",
        ]
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    book = tmp_path / "own.xlsx"
    words = (
        "--framework",
        tmp_path / "tree.csv",
        "--data",
        tmp_path / "data.csv",
        "-o",
        book,
    )
    assert (
        run_json(capsys, "new", *words, "--normalise", "zscore", "--cells", "native")[0]
        == 0
    )
    return book


def table_by_unit(sheet, area, book, id_column):
    """Return the rows of an area that have a city, by its id."""
    rows = range(area.r1 + 1, area.r2 + 1)
    units = {plain_text(book.value(sheet, row, id_column)): row for row in rows}
    return {unit: row for unit, row in units.items() if unit}


def shuffled(template, seed):
    """Return the workbook with its cities in another order on `Cities` and another on `Data`."""
    book = template.book
    chance = random.Random(seed)
    writes = {}
    for name, first in (("xl_cities", None), ("in_data", 1)):
        area = template.area(name)
        left = area.c1 if first is None else first
        cells = book.sheets[area.sheet].cells
        rows = template.rows if first else table_by_unit(area.sheet, area, book, left)
        order = [*rows.values()]
        chance.shuffle(order)
        page = writes.setdefault(area.sheet, {})
        for source, target in zip(rows.values(), order, strict=True):
            for column in range(left, area.c2 + 1):
                there = cells.get((source, column)), cells.get((target, column))
                if not any(cell is not None and cell.formula for cell in there):
                    page[target, column] = book.value(area.sheet, source, column)
    return write_inputs(template.package, writes, book)


def results(package):
    """Return block, city, node -> value, as the workbook calculates it."""
    template = read(package)
    fresh = recalculate(package, book=template.book)

    def block(name):
        area = template.area(name)
        columns = range(area.c1, area.c2 + 1)
        rows = range(area.r1, area.r2 + 1)
        return [
            [fresh.value(area.sheet, row, column) for column in columns] for row in rows
        ]

    units, (nodes,) = (
        [plain_text(row[0]) for row in block("out_units")],
        block("out_nodes"),
    )
    return {
        (name, unit, node): value
        for name in ("out_scores", "out_ranks")
        for unit, row in zip(units, block(name), strict=True)
        for node, value in zip(nodes, row, strict=True)
        if unit
    }


@pytest.mark.parametrize(
    "name",
    ["own", *(pytest.param(report, marks=pytest.mark.long) for report in REPORTS)],
)
def test_scores_and_shared_ranks_do_not_depend_on_the_order_of_cities(name, request):
    path = (
        request.getfixturevalue("own_book")
        if name == "own"
        else WORKBOOKS / f"{name}.xlsx"
    )
    template = read(Package.read(path))
    before = results(template.package)
    ranks = {key: value for key, value in before.items() if key[0] == "out_ranks"}
    by_node = {}
    for (_, _, node), rank in ranks.items():
        by_node.setdefault(node, []).append(rank)
    assert any(len(set(shares)) < len(shares) for shares in by_node.values()), (
        "there are ties"
    )
    orders = set()
    for seed in range(SHUFFLES):
        moved = shuffled(template, seed)
        orders.add(tuple(read(moved).rows))
        after = results(moved)
        assert after.keys() == before.keys()
        differing = [
            (key, value, after[key])
            for key, value in before.items()
            if value != after[key]
            and not (
                key[0] == "out_scores" and after[key] == pytest.approx(value, abs=1e-9)
            )
        ]
        assert differing == [], seed
    assert len(orders) == SHUFFLES
