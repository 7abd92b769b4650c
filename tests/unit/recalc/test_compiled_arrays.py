"""What is computed of many values at once is what is computed of them one by one."""

import random
import struct
from itertools import chain

import numpy as np
import pytest

from tests.unit.recalc.test_compiled import made
from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.aggregates import sum_two_counts, sumproduct
from xlcity.recalc.engines.compiled.arrays import apply_binary
from xlcity.recalc.engines.compiled.blocks import (
    CellArea,
    CellBlock,
    GrowingArea,
    broadcast_values,
    common_size,
    make_areas,
)
from xlcity.recalc.engines.compiled.calls import if_array, iferror_array
from xlcity.recalc.engines.compiled.criteria import countif, countifs, join_criterion
from xlcity.recalc.engines.compiled.engine import program_of
from xlcity.recalc.engines.compiled.values import BINARY, DoubtError, to_text

MIXED = [
    None, 0.0, -0.0, 1.0, -2.5, 0.1 + 0.2, 0.3, 1e30, 1e-30, "", "a", "A", "b", "1", "ok", True,
    False, CellError.NA, CellError.DIV0,
]  # fmt: skip
KINDS = [
    MIXED, [v for v in MIXED if type(v) is float], [1.5, 2.5, -3.0], [True, False], [None, 1.0],
    ["a", "", "ok"], ["a", "", 1.0, 0.0], [None], [1.0, CellError.NA], [None, "", False, 0.0],
]  # fmt: skip
SIZES = [(4, 3), (1, 3), (4, 1), (1, 1), (2, 3), None]


def drawn(rng, size, kinds):
    if size is None:
        return rng.choice(kinds)
    rows, columns = size
    return CellBlock(rows, columns, [rng.choice(kinds) for _ in range(rows * columns)])


def exact(value):
    return struct.pack("<d", value) if type(value) is float else (type(value), value)


def listed(found):
    return [exact(v) for v in (found.flat if isinstance(found, CellBlock) else [found])]


@pytest.mark.parametrize("operator", BINARY)
def test_operators(operator):
    rng = random.Random(operator)
    with np.errstate(all="ignore"):
        for _ in range(1500):
            a, b = (drawn(rng, rng.choice(SIZES), rng.choice(KINDS)) for _ in range(2))
            size = common_size(a, b)
            wanted = [
                exact(BINARY[operator](x, y))
                for x, y in zip(broadcast_values(a, *size), broadcast_values(b, *size), strict=True)
            ]
            assert listed(apply_binary(operator, a, b)) == wanted, (operator, a, b)
            assert listed(apply_binary(operator, a, b)) == wanted


def test_choices():
    rng = random.Random(1)
    for _ in range(2000):
        condition = drawn(rng, rng.choice(SIZES[:3]), rng.choice([MIXED, [True, False]]))
        yes, no = (drawn(rng, rng.choice(SIZES), rng.choice(KINDS)) for _ in range(2))
        size = common_size(condition, yes, no)
        wide = [broadcast_values(arg, *size) for arg in (condition, yes, no)]
        wanted = [
            if_array(test, 0.0 if x is None else x, 0.0 if y is None else y)
            for test, x, y in zip(*wide, strict=True)
        ]
        assert listed(if_array(condition, yes, no)) == list(map(exact, wanted))
        other = rng.choice(MIXED)
        found = [other if type(value) is CellError else value for value in condition.flat]
        if condition.error is not None:
            found = [0.0 if value is None else value for value in found]
        assert listed(iferror_array(condition, other)) == list(map(exact, found))


def test_products():
    ones = CellBlock(1, 3, [1.0, 2.0, 3.0])
    assert sumproduct(ones, CellBlock(1, 3, [4.0, "5", True])) == 4.0
    assert sumproduct(ones, CellBlock(1, 3, [CellError.NA, 1.0, CellError.DIV0])) is CellError.NA
    assert sumproduct(ones, CellBlock(3, 1, [1.0, 2.0, 3.0])) is CellError.VALUE


def test_places_in_a_column_are_the_sum_of_its_comparisons():
    rng = random.Random(5)
    for _ in range(1500):
        size = rng.choice([(4, 3), (6, 1)])
        a, b = drawn(rng, size, kinds := rng.choice(KINDS)), drawn(rng, size, kinds)
        one, other = rng.choices(["<", ">", "<=", ">="], k=2)
        x, y = rng.choices([*kinds, 0.3, 1.5], k=2)
        wanted = sumproduct(apply_binary("+", apply_binary(one, a, x), apply_binary(other, b, y)))
        assert exact(sum_two_counts(one, a, x, other, b, y)) == exact(wanted)
    code = program_of(made({"A1": "=SUMPRODUCT((B1:B9<C1)+(B1:B9<=C1-D1))"}).book).codes[0]
    assert "sum_two_counts('<', A[p0], V[p1], '<=', A[p2], (" in code


def test_ranges_that_grow_are_counted_as_others_are():
    rng = random.Random(3)
    apart = [v for v in MIXED if v != 0.1 + 0.2]
    for kinds in (
        apart,
        [v for v in apart if type(v) is float],
        ["a", "A", "ok", 1.0, None],
        [1.0, "1", " 1 ", "1e0", True],
    ):
        rows = 30
        values = [None, *(rng.choice(kinds) for _ in range(2 * rows))]
        specs = [(start, rows, row, 1) for start in (1, 1 + rows) for row in range(1, rows + 1)]
        areas, single = make_areas(specs, values), [CellArea(values, *spec) for spec in specs]
        assert all(isinstance(area, GrowingArea) for area in areas)
        for _ in range(300):
            row, operand, other = rng.randrange(rows), *rng.choices([*kinds, "=1", "a*"], k=2)
            at = row, row + rows
            if rng.random() < 0.02:
                areas[row].forget_values()
            assert countif(areas[row], operand) == countif(single[row], operand)
            pairs = (
                (areas[n], single[n], one) for n, one in zip(at, (operand, other), strict=True)
            )
            ours, wanted = zip(*(((a, c), (b, c)) for a, b, c in pairs), strict=True)
            assert countifs(*chain(*ours)) == countifs(*chain(*wanted))


def test_criteria_of_an_operator_and_a_value():
    block = CellBlock(1, 5, [0.3, "0.3", 1e-20, None, 7.0])
    for operator in ("<", "<=", ">", ">=", "=", "<>"):
        for value in (0.1 + 0.2, 0.3, 1e-20, "0.3", -0.0, *(["a"] if "=" in operator[:1] else [])):
            joined = operator + to_text(value)
            assert countif(block, join_criterion(operator, value)) == countif(block, joined)
    assert join_criterion("<", CellError.NA) is CellError.NA


def test_numbers_that_differ_in_their_last_digits_are_left_to_others():
    values = [None, *([0.1 + 0.2, 0.3] * 20)]
    growing = make_areas([(1, 40, row, 1) for row in range(1, 41)], values)
    for block in (CellBlock(2, 1, [0.1 + 0.2, 0.3]), growing[-1]):
        for criterion in (0.3, ">0.3", "<=0.3"):
            with pytest.raises(DoubtError):
                countif(block, criterion)
