"""Which inputs are still to be filled, against plain loops over random gaps."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework

FRAMEWORK = Framework.read("code,parent\nT,\nP,T\nQ,T\na,P\nb,P\nc,Q\nd,Q\n")
CODES = ("a", "b", "c", "d", "P")


def random_gaps(seed: int) -> Dataset:
    """Return values of six cities, most of some blank; P has values of its own where it has any."""
    rng = np.random.default_rng(seed)
    share = rng.choice([0.2, 0.6])
    states = rng.choice(
        [State.VALUE, State.MISSING, State.BLANK],
        (6, 5),
        p=[1 - share, share / 3, 2 * share / 3],
    ).astype(np.uint8)
    states[:, 4] = np.where(rng.random(6) < 0.3, State.VALUE, State.BLANK)
    states[rng.random(6) < 0.2, :] = State.BLANK
    states[:, rng.random(5) < 0.2] = State.BLANK
    values = np.where(states == State.VALUE, rng.uniform(1, 9, (6, 5)), np.nan)
    units = tuple(
        Unit(f"u{n}", population="main" if n < 5 or n % 2 else "") for n in range(6)
    )
    basis = np.where(states == State.VALUE, "entered", "").astype("<U12")
    return Dataset(units, CODES, values, states, basis)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("blank", ["draft", "missing"])
@pytest.mark.filterwarnings("ignore")
def test_inputs_that_are_still_to_be_filled(seed, blank):
    data = random_gaps(seed)
    result = compute(FRAMEWORK, replace(default_recipe(), blank=blank), data)
    state = {
        (u.id, code): data.states[row, column]
        for row, u in enumerate(data.units)
        for column, code in enumerate(CODES)
    }
    scored = [unit.id for unit in data.units if unit.is_scored]
    parent = {"a": "P", "b": "P"}

    def is_blank(city: str, code: str) -> bool:
        return state[city, code] == State.BLANK

    def has_value(city: str, code: str) -> bool:
        own = parent.get(code)
        return state[city, code] == State.VALUE or (
            bool(own) and state[city, own] == State.VALUE
        )

    leaves = CODES[:4]
    bare_cities = [
        city
        for city in scored
        if not any(state[city, code] == State.VALUE for code in CODES)
        and any(is_blank(city, code) for code in leaves)
    ]
    bare_codes = [
        code
        for code in leaves
        if not any(has_value(city, code) for city in scored)
        and any(is_blank(city, code) for city in scored)
    ]
    assert result.without_values == (tuple(bare_cities), tuple(bare_codes))
    assert result.unfilled == tuple(
        (city, code)
        for city in scored
        for code in leaves
        if is_blank(city, code)
        and not (code in parent and state[city, parent[code]] == State.VALUE)
        and (blank == "draft" or city in bare_cities or code in bare_codes)
    )


def test_there_are_gaps_of_every_kind():
    results = [
        compute(
            FRAMEWORK, replace(default_recipe(), blank="missing"), random_gaps(seed)
        )
        for seed in range(40)
    ]
    assert sum(bool(result.without_values[0]) for result in results) > 5
    assert sum(bool(result.without_values[1]) for result in results) > 5
