"""Compares functions with their references."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from tools.function_errors.exact import Draw
from tools.function_errors.references import REFERENCES
from xlcity.hosts.cells import call


def compared(name: str, turns: int) -> tuple[float, int]:
    """Return the largest relative error of a function, and how many numbers it is of."""
    case, sizes = REFERENCES[name]
    random, worst, count = Random(name), 0.0, 0
    for _ in range(turns):
        arguments, wanted = case(Draw(random, random.choice(sizes)))
        made = call(name.replace(",", "").split()[0], arguments)
        for at in range(len(wanted[0])):
            largest = max(abs(row[at]) for row in wanted) if len(wanted) > 1 else 0
            for row, right in zip(made, (row[at] for row in wanted), strict=True):
                found = row[at]
                assert isinstance(found, (int, float)), (name, arguments, found)
                count += 1
                if scale := max(abs(right), largest):
                    worst = max(worst, float(abs(Fraction(found) - right) / scale))
    return worst, count
