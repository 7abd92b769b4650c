"""The order of formulas: ranges from one corner wait for the rows they have more, and no others."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlcity.recalc.engines.compiled.order import find_levels, join_ranges
from xlcity.recalc.engines.compiled.references import area_columns

ROWS = 12
#: First row, height and width of ranges on a grid of three columns.
AREAS = st.lists(
    st.tuples(st.sampled_from([0, 0, 3]), st.integers(1, 9), st.integers(1, 3)),
    min_size=1,
    max_size=9,
    unique=True,
)
#: (row, column) of a formula and what it reads: a cell and the number of a range.
FORMULAS = st.lists(
    st.tuples(
        st.integers(0, 3 * ROWS - 1), st.integers(0, 3 * ROWS - 1), st.integers(0, 8)
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda one: one[0],
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(AREAS, FORMULAS)
def test_levels_are_those_of_ranges_one_by_one(areas, formulas):
    specs = np.array([(start, ROWS, rows, width) for start, rows, width in areas])
    owner = np.full(3 * ROWS, -1)
    owner[[place for place, _, _ in formulas]] = np.arange(len(formulas))
    (lefts, tall, numbers), before = area_columns(specs)
    few = owner[join_ranges(lefts, tall)], np.repeat(numbers, tall)
    whole = [
        (owner[start + column * ROWS + row], number)
        for number, (start, rows, width) in enumerate(areas)
        for column in range(width)
        for row in range(rows)
    ]
    all_of_them = np.array(whole).T
    assert levels_of(formulas, few, before) == levels_of(
        formulas, all_of_them, before * 0 - 1
    )


def levels_of(formulas, inside, before):
    owners, areas = inside
    count = len(formulas)
    place_of = {place: number for number, (place, _, _) in enumerate(formulas)}
    pairs = [(o, a + count) for o, a in zip(owners, areas, strict=True) if o >= 0]
    for number, (_, cell, area) in enumerate(formulas):
        pairs.append((count + area % len(before), number))
        if cell in place_of:
            pairs.append((place_of[cell], number))
    read, reader = np.array(pairs).T
    chain = np.where(before < 0, -1, before + count)
    chain = np.concatenate((np.full(count, -1), chain))
    return find_levels(count + len(before), read, reader, chain).tolist()
