"""The library at extremes: no warning, no silent NaN; an error or the right number in each cell."""

import math
import random
import warnings
from fractions import Fraction

import pytest

from tests.helpers.exact_arithmetic import Draw, exact
from tests.helpers.exact_functions import REFERENCES, efficacy, minmax, zscores
from xlcity.errors import CellError
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import call

MOST = 1.7976931348623157e308
EXTREMES = (
    *(1e308, -1e308, MOST, 1e-308, -1e-308, 5e-324, -0.0, 0.0, 1.0, -1.0, 3.0),
    *(1e15 + 1, 1e15 + 2, 1e-15, 1e200, 1e-200, 1e154, 1e155),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_extremes_give_numbers_or_errors_and_no_warning(name):
    draw = random.Random(name)
    given = BUILT_IN[name].example.arguments
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for turn in range(60):
            pool = EXTREMES if turn % 3 else draw.sample(EXTREMES, 2)
            share = draw.choice((0.2, 0.6, 1.0))
            every = draw.random() < 0.5

            def other(cell, pool=pool, share=share):
                plain = isinstance(cell, bool) or not isinstance(cell, (int, float))
                return cell if plain or draw.random() > share else draw.choice(pool)

            arguments = [
                [[other(cell) for cell in row] for row in rows]
                if every or not at
                else rows
                for at, rows in enumerate(given)
            ]
            for row in call(name, arguments):
                for cell in row:
                    assert isinstance(cell, (str, CellError)) or math.isfinite(cell), (
                        arguments
                    )


def compared(name, turns):
    """Return the largest relative error of a function, and how many numbers it is of."""
    case, sizes = REFERENCES[name]
    draw = random.Random(name)
    worst = 0.0
    count = 0
    for _ in range(turns):
        arguments, expected = case(Draw(draw, draw.choice(sizes)))
        cells = call(name.replace(",", "").split()[0], arguments)
        for column in range(len(expected[0])):
            # A number near 0 is compared with the largest of its column.
            largest = (
                max(abs(row[column]) for row in expected) if len(expected) > 1 else 0
            )
            for row, right in zip(
                cells, (row[column] for row in expected), strict=True
            ):
                assert isinstance(row[column], (int, float)), (
                    name,
                    arguments,
                    row[column],
                )
                count += 1
                if scale := max(abs(right), largest):
                    worst = max(
                        worst, float(abs(Fraction(row[column]) - right) / scale)
                    )
    return worst, count


@pytest.mark.parametrize("name", REFERENCES)
def test_the_error_is_below_1e_12(name):
    worst, count = compared(name, 12)
    assert count >= 12
    assert worst <= 1e-12


@pytest.mark.parametrize(
    ("name", "reference", "more"),
    [
        ("MINMAX_SCALE", minmax, []),
        ("EFFICACY_SCALE", efficacy, []),
        ("ZSCORE_WINSOR", zscores, [[[0]]]),
    ],
)
def test_a_range_beyond_all_numbers_is_right_or_an_error(name, reference, more):
    values = [1e308, -1e308, 0.0]
    wanted = reference(exact(values))
    for (cell,), right in zip(
        call(name, [[[v] for v in values], *more]), wanted, strict=True
    ):
        assert cell is CellError.NUM or cell == pytest.approx(float(right), abs=1e-12)
