"""What a table of cells gives, against plain loops over its cells, of 30 random tables."""

import random
from dataclasses import replace
from itertools import groupby

import pytest

from xlcity.errors import CellError
from xlcity.xlsx.table import CellTable, cut_keys

VALUES = (None, "", 0.0, 1.5, "text", True, CellError.NA)
FORMULAS = (None, None, "A1+B2", "A2+B3", "SUM(A1:A9)", "'S 1'!$C$3*2")


def random_table(rng: random.Random) -> CellTable:
    """Return up to 40 cells in the order of rows; some formulas fill several cells."""
    positions = sorted(
        {(rng.randint(1, 9), rng.randint(1, 7)) for _ in range(rng.randint(0, 40))}
    )
    values = [rng.choice(VALUES) for _ in positions]
    formulas = [rng.choice(FORMULAS) for _ in positions]
    owners = [p for p, text in zip(positions, formulas, strict=True) if text]
    filled = [
        p for p, text in zip(positions, formulas, strict=True) if not text and owners
    ]
    members = {p: owners[0] for p in filled if rng.random() < 0.2}
    arrays = {owners[0]: "A1:B2"} if members else {}
    styles = [rng.choice((None, "", "0", "3", "17")) for _ in positions]
    return CellTable(
        positions, values, formulas, styles, arrays, members, rng.choice((0, 5, 40))
    )


@pytest.mark.parametrize("seed", range(30))
def test_every_view_is_of_the_same_cells(seed):
    rng = random.Random(seed)
    table = random_table(rng)
    cells = table.objects()
    assert [*table] == [*cells] == table.positions
    assert (len(table), table.has_distinct_positions()) == (len(cells), True)
    for position, cell in cells.items():
        assert position in table
        assert table[position] == cell
        assert (table.value(position), table.formula(position)) == (
            cell.value,
            cell.formula,
        )
        assert cell.style == int(table.styles[table.positions.index(position)] or 0)
    absent = (99, 1)
    assert absent not in table
    assert (table.value(absent), table.formula(absent)) == (None, None)
    with pytest.raises(KeyError):
        table[absent]
    assert table.texts() == {
        p: cell.formula for p, cell in cells.items() if cell.formula
    }
    assert [*table.constants()] == [
        (p, c.value)
        for p, c in cells.items()
        if c.formula is None and c.value is not None
    ]
    assert table.computed() == [
        p for p, c in cells.items() if c.formula or p in table.members
    ]
    assert table.results() == table.values_at(table.computed())
    typed = [
        p for p, c in cells.items() if c.value is not None and p not in table.computed()
    ]
    for kind in (float, str, bool, CellError):
        assert table.typed(kind) == [
            (p, cells[p].value, cells[p].style)
            for p in typed
            if isinstance(cells[p].value, kind)
        ]
    shown = [
        p
        for p in cells
        if p in table.computed() or (p in typed and cells[p].value != "")
    ]
    assert table.formats() == [
        (p, table.styles[table.positions.index(p)] or "") for p in shown
    ]
    last = max((p[0] for p in cells), default=1), max((p[1] for p in cells), default=1)
    assert table.extent() == last
    by_column = groupby(sorted(cells, key=lambda p: p[1]), key=lambda p: p[1])
    assert table.columns() == {column: [*found] for column, found in by_column}
    asked = [*rng.sample(table.positions, min(3, len(cells))), absent]
    assert table.values_at(asked) == [table.value(p) for p in asked]
    assert table.find_indices(asked) == [*map(table.positions.index, asked[:-1]), -1]
    assert table.values_in(table.find_indices(asked)) == table.values_at(asked)
    assert table.file_indices(asked) is None
    indices = [table.positions.index(p) for p in asked[:-1]]
    is_of_file = max(indices, default=-1) < table.elements
    assert table.file_indices(asked[:-1]) == (indices if is_of_file else None)
    # Other results leave the formulas, and the table itself, as they are.
    results = dict.fromkeys(asked[:-1], 7.0)
    changed = table.with_results(results)
    assert changed.texts() is table.texts()
    assert changed.objects() == {
        p: replace(cell, value=7.0) if p in results else cell
        for p, cell in cells.items()
    }
    assert [changed.value(p) for p in cells] == [
        results.get(p, cells[p].value) for p in cells
    ]
    assert table.objects() == cells
    same, other = (random_table(random.Random(seed)) for _ in range(2))
    assert same.digest() == table.digest()
    if table.texts():
        other.formulas[other.positions.index(next(iter(table.texts())))] = "Z9"
        assert other.digest() != table.digest()


def test_what_is_kept_of_cells_is_made_once_for_each_basis():
    table = random_table(random.Random(2))
    made = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [table.keep("n", basis, make) for basis in (1, 1, 2, 2, 1)] == [
        1,
        1,
        2,
        2,
        3,
    ]
    assert table.with_results({}).keep("n", 1, make) == 3
    assert table.keep("m", 1, make) == 4
    # What follows from values is kept beside it, and only of the table itself.
    assert [table.keep("n", 1, make, values=True) for _ in range(2)] == [5, 5]
    copied = table.with_results({})
    assert [
        copied.keep("n", 1, make, values=True),
        table.keep("n", 1, make, values=True),
    ] == [6, 5]


def test_copies_of_a_formula_have_one_key():
    keys = cut_keys(["A1+B2", "C7+D9", "A10+B2", "A1-B2", "SUM(A1)", ""])
    assert keys[0] == keys[1]
    assert len({*keys}) == 5
    assert cut_keys([]) == []


def test_the_digest_tells_in_which_order_results_stand():
    def digest(*positions: tuple[int, int]) -> bytes:
        texts = {(1, 2): "A1:A2*2", (2, 3): "A1+1"}
        formulas = [*map(texts.get, positions)]
        blank = [None] * len(positions)
        array = {(1, 2): "B1:B2"}, {(2, 2): (1, 2)}
        return CellTable([*positions], [*blank], formulas, [*blank], *array, 0).digest()

    # A program that writes no element for B2 has it last.
    assert digest((1, 2), (2, 2), (2, 3)) != digest((1, 2), (2, 3), (2, 2))
