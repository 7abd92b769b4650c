"""What is computed of many values at once is what is computed of them one by one."""

import random
import struct

import numpy as np
import pytest

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.aggregates import sumproduct
from xlcity.recalc.engines.compiled.blocks import (
    CellBlock,
    apply_binary,
    broadcast_values,
    common_size,
)
from xlcity.recalc.engines.compiled.calls import if_array, iferror_array
from xlcity.recalc.engines.compiled.lookup import countifs, join_criterion
from xlcity.recalc.engines.compiled.values import BINARY, DoubtError, to_text

MIXED = [
    None,
    0.0,
    -0.0,
    1.0,
    -2.5,
    0.1 + 0.2,
    0.3,
    1e30,
    1e-30,
    "",
    "a",
    "A",
    "b",
    "1",
    "ok",
    True,
    False,
    CellError.NA,
    CellError.DIV0,
]
KINDS = [
    MIXED,
    [v for v in MIXED if type(v) is float],
    [1.5, 2.5, -3.0],
    [True, False],
    [None, 1.0],
    ["a", "", "ok"],
    ["a", "", 1.0, 0.0],
    [None],
    [1.0, CellError.NA],
    [None, "", False, 0.0],
    [2.0],
    [2.0, 0.5, "", CellError.VALUE],
    [3.0, None, ""],
    [1.0, "a"],
]
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
                for x, y in zip(
                    broadcast_values(a, *size), broadcast_values(b, *size), strict=True
                )
            ]
            assert listed(apply_binary(operator, a, b)) == wanted, (operator, a, b)
            assert listed(apply_binary(operator, a, b)) == wanted


def test_choices():
    rng = random.Random(1)
    for _ in range(2000):
        condition = drawn(
            rng, rng.choice(SIZES[:3]), rng.choice([MIXED, [True, False]])
        )
        yes, no = (drawn(rng, rng.choice(SIZES), rng.choice(KINDS)) for _ in range(2))
        size = common_size(condition, yes, no)
        wide = [broadcast_values(arg, *size) for arg in (condition, yes, no)]
        wanted = [
            if_array(test, 0.0 if x is None else x, 0.0 if y is None else y)
            for test, x, y in zip(*wide, strict=True)
        ]
        assert listed(if_array(condition, yes, no)) == list(map(exact, wanted))
        other = rng.choice(MIXED)
        found = [
            other if type(value) is CellError else value for value in condition.flat
        ]
        if condition.error is not None:
            found = [0.0 if value is None else value for value in found]
        assert listed(iferror_array(condition, other)) == list(map(exact, found))


def test_products():
    ones = CellBlock(1, 3, [1.0, 2.0, 3.0])
    assert sumproduct(ones, CellBlock(1, 3, [4.0, "5", True])) == 4.0
    assert (
        sumproduct(ones, CellBlock(1, 3, [CellError.NA, 1.0, CellError.DIV0]))
        is CellError.NA
    )
    assert sumproduct(ones, CellBlock(3, 1, [1.0, 2.0, 3.0])) is CellError.VALUE


def test_criteria_of_an_operator_and_a_value():
    block = CellBlock(1, 5, [0.3, "0.3", 1e-20, None, 7.0])
    for operator in ("<", "<=", ">", ">=", "=", "<>"):
        for value in (
            0.1 + 0.2,
            0.3,
            1e-20,
            "0.3",
            -0.0,
            *(["a"] if "=" in operator[:1] else []),
        ):
            joined = operator + to_text(value)
            assert countifs(block, join_criterion(operator, value)) == countifs(
                block, joined
            )
    assert join_criterion("<", CellError.NA) is CellError.NA


def test_numbers_that_differ_in_their_last_digits_are_left_to_others():
    block = CellBlock(2, 1, [0.1 + 0.2, 0.3])
    for criterion in (0.3, ">0.3", "<=0.3"):
        with pytest.raises(DoubtError):
            countifs(block, criterion)


def test_a_block_is_compared_with_more_texts_than_it_keeps():
    names = [f"city{number}" for number in range(130)]
    block = CellBlock(130, 1, [*names])
    for name in (*names, *reversed(names)):
        assert apply_binary("=", block, name).flat == [other == name for other in names]
        assert apply_binary("<>", block, name.upper()).flat == [
            other != name for other in names
        ]
    assert len(block.cache) < 110
    assert apply_binary("=", block, names[0]).kinds == {bool}
