"""The library at extremes: no warning, no silent NaN; an error or the right number in each cell."""

import math
import random
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from xlcity.errors import CellError
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import call

MOST = 1.7976931348623157e308
EXTREMES = (
    *(1e308, -1e308, MOST, 1e-308, -1e-308, 5e-324, -0.0, 0.0, 1.0, -1.0, 3.0),
    *(1e15 + 1, 1e15 + 2, 1e-15, 1e200, 1e-200, 1e154, 1e155),
)


@pytest.mark.parametrize("name", BUILT_IN)
def test_extremes_give_numbers_or_errors_and_no_warning(name):
    draw, given = random.Random(name), BUILT_IN[name].example.arguments
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for turn in range(60):
            pool = EXTREMES if turn % 3 else draw.sample(EXTREMES, 2)
            share, every = draw.choice((0.2, 0.6, 1.0)), draw.random() < 0.5

            def other(cell, pool=pool, share=share):
                plain = isinstance(cell, bool) or not isinstance(cell, (int, float))
                return cell if plain or draw.random() > share else draw.choice(pool)

            arguments = [
                [[other(cell) for cell in row] for row in rows] if every or not at else rows
                for at, rows in enumerate(given)
            ]
            for row in call(name, arguments):
                for cell in row:
                    assert isinstance(cell, (str, CellError)) or math.isfinite(cell), arguments


def exact(values):
    return [Fraction(value) for value in values]


def root(value):
    """Return the square root of a fraction to 60 digits."""
    with localcontext() as context:
        context.prec = 60
        found = (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()
    return Fraction(found)


def zscores(values, weights):
    x = exact(values)
    mean = sum(x) / len(x)
    sd = root(sum((v - mean) ** 2 for v in x) / len(x))
    return [(v - mean) / sd for v in x]


def minmax(values, weights):
    x = exact(values)
    return [(v - min(x)) / (max(x) - min(x)) * 100 for v in x]


def efficacy(values, weights):
    return [v * 40 / 100 + 60 for v in minmax(values, weights)]


def arithmetic(values, weights):
    x, w = exact(values), exact(weights)
    return [sum(a * b for a, b in zip(x, w, strict=True)) / sum(w)]


def harmonic(values, weights):
    x, w = exact(values), exact(weights)
    return [sum(w) / sum(b / a for a, b in zip(x, w, strict=True))]


def geometric(values, weights):
    with localcontext() as context:
        context.prec = 60
        logs = [Decimal(v).ln() for v in values]
        w = [Decimal(v) for v in weights]
        mean = sum(a * b for a, b in zip(logs, w, strict=True)) / sum(w)
        return [Fraction(mean.exp())]


#: Function -> (reference, further arguments, whether values are positive numbers in a row).
REFERENCES = {
    "ZSCORE_WINSOR": (zscores, [[[0]]], False),
    "MINMAX_SCALE": (minmax, [], False),
    "EFFICACY_SCALE": (efficacy, [], False),
    "arithmetic": (arithmetic, [[["arithmetic"]]], True),
    "harmonic": (harmonic, [[["harmonic"]]], True),
    "geometric": (geometric, [[["geometric"]]], True),
}
SIZES = (1e-300, 1e-150, 1e-9, 1.0, 1e9, 1e150, 1e300)


def compared(name, turns=120):
    """Return the largest relative error against the reference, and how many numbers it is of."""
    reference, more, in_row = REFERENCES[name]
    draw, worst, count = random.Random(name), 0.0, 0
    for _ in range(turns):
        size, n = draw.choice(SIZES), draw.choice((2, 3, 7, 40))
        low = 0.1 if in_row else -1.0
        values = [size * draw.uniform(low, 1.0) for _ in range(n)]
        weights = [draw.choice((1.0, 1e-3, 1e3, draw.random() + 0.1)) for _ in range(n)]
        if in_row:
            made = call("WEIGHTED_INDEX", [[values], [weights], *more])
        else:
            made = call(name, [[[value] for value in values], *more])
        wanted = reference(values, weights)
        largest = max(map(abs, wanted))
        for row, right in zip(made, wanted, strict=True):
            assert not isinstance(row[0], CellError), (name, values)
            count += 1
            # A score near 0 among others is as good as the largest of them.
            scale = abs(right) if in_row else largest
            worst = max(worst, float(abs(Fraction(row[0]) - right) / scale))
    return worst, count


@pytest.mark.parametrize("name", REFERENCES)
def test_the_error_is_below_1e_12(name):
    worst, count = compared(name)
    assert count >= 120
    assert worst <= 1e-12


@pytest.mark.parametrize(
    ("name", "more"), [("MINMAX_SCALE", []), ("EFFICACY_SCALE", []), ("ZSCORE_WINSOR", [[[0]]])]
)
def test_a_range_beyond_all_numbers_is_right_or_an_error(name, more):
    values = [1e308, -1e308, 0.0]
    wanted = REFERENCES[name][0](values, ())
    for (cell,), right in zip(call(name, [[[v] for v in values], *more]), wanted, strict=True):
        assert cell is CellError.NUM or cell == pytest.approx(float(right), abs=1e-12)
