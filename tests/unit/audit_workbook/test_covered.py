"""What many areas cover together."""

import random

from xlcity.audit.lint.subject import Coverage
from xlcity.xlsx.address import Range


def test_covered_is_what_any_area_holds():
    rng = random.Random(5)
    areas = []
    for _ in range(40):
        r1, c1 = rng.randint(1, 30), rng.randint(1, 12)
        areas.append(
            Range(rng.choice("AB"), r1, c1, r1 + rng.randint(0, 4), c1 + rng.randint(0, 3))
        )
    covered = Coverage(areas)
    for sheet in "ABC":
        for row in range(1, 40):
            for column in range(1, 18):
                inside = any(
                    a.sheet == sheet and a.r1 <= row <= a.r2 and a.c1 <= column <= a.c2
                    for a in areas
                )
                assert covered.holds(sheet, (row, column)) is inside
