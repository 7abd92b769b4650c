"""The step *construct* for one indicator in one population: from its ingredients or its list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.bands import band_index
from xlcity.functions.block import NA, NO_ERROR, Block
from xlcity.functions.construct import pm25_grade, zscore_index
from xlcity.functions.denominator import denominate, joint_states
from xlcity.functions.normalise import zscore_winsor
from xlcity.functions.trend import trend_state
from xlcity.model.dataset import FloatArray, Item, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.links import LINK_METHODS
from xlcity.model.recipe import Step

#: In a ratio, "@C1.1" is the value of the indicator C1.1 instead of an ingredient of its own, and
#: "@C1.1.population" an ingredient of that indicator.
REFERENCE = "@"


class Source(Protocol):
    """What a construction reads: the units of one population, in rows."""

    @property
    def units(self) -> Sequence[str]:
        """Return the ids of the units."""

    def ingredient(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return an ingredient's values and states."""

    def other(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return values and states of another indicator, constructed ones too, or ingredient."""

    def items(self, code: str) -> Sequence[Item]:
        """Return the list behind an indicator."""

    def linked(self, code: str, step: Step) -> Constructed:
        """Return an indicator made from links with all scored units, of other populations too."""


@dataclass(frozen=True, slots=True, eq=False)
class Constructed:
    """Values of a constructed indicator.

    `marks` holds (row, kind, ingredient) of cells that a rule changed, `errors` (row, error) of
    units that have no result though nothing is missing.
    """

    values: FloatArray
    states: StateArray
    marks: tuple[tuple[int, str, str], ...] = ()
    errors: tuple[tuple[int, CellError], ...] = ()


def construct(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    """Construct one indicator.

    Parameters
    ----------
    code
        The indicator.
    ingredients
        Codes of its ingredients, in the order of the framework.
    """
    if step.method in LINK_METHODS:
        return source.linked(code, step)
    return _METHODS[step.method](code, ingredients, step, source)


def referred(step: Step, framework: Framework) -> tuple[str, ...]:
    """Return the other indicators whose values a step reads."""
    return tuple(name for name in _references(step) if not _is_ingredient(name, framework))


def read_ingredients(code: str, framework: Framework, step: Step) -> tuple[str, ...]:
    """Return the codes of the ingredients that a step reads; lists and links have none."""
    if step.method == "bands" or step.method in LINK_METHODS:
        return ()
    if step.method == "trend":
        return tuple(f"{code}.{step.get(name, name)}" for name in ("now", "before"))
    if step.method != "ratio":
        return tuple(ingredient.code for ingredient in framework.ingredients_of(code))
    names = (str(step.get(name, "")) for name in ("numerator", "denominator"))
    own = [f"{code}.{name}" for name in names if name and not name.startswith(REFERENCE)]
    return (*own, *(name for name in _references(step) if _is_ingredient(name, framework)))


def _references(step: Step) -> Iterator[str]:
    for name in ("numerator", "denominator"):
        text = str(step.get(name, ""))
        if text.startswith(REFERENCE):
            yield text.removeprefix(REFERENCE)


def _is_ingredient(code: str, framework: Framework) -> bool:
    return code in framework.inputs and code not in framework


def finish(
    block: Block,
    states: StateArray,
    marks: tuple[tuple[int, str, str], ...] = (),
    lost: State = State.BLANK,
) -> Constructed:
    """Take a function's column; `states` say why a row has no number, `lost` what an error is."""
    values, errors = block.values[:, 0].copy(), block.errors[:, 0]
    failed = [
        (int(row), error)
        for row in np.flatnonzero((errors != NO_ERROR) & (errors != NA))
        if (error := block.error(int(row), 0)) is not None
    ]
    found = states.copy()
    found[errors == NO_ERROR] = State.VALUE
    found[[row for row, _ in failed]] = lost
    return Constructed(values, found, marks, tuple(failed))


def _table(codes: Sequence[str], source: Source) -> tuple[FloatArray, StateArray]:
    columns = [source.ingredient(code) for code in codes]
    return (
        np.column_stack([values for values, _ in columns]),
        np.column_stack([states for _, states in columns]),
    )


def _row_states(states: StateArray) -> StateArray:
    """Return the state of each row: blank where a cell is blank, else missing where one is."""
    found = np.full(states.shape[0], State.VALUE, dtype=np.uint8)
    found[(states == State.MISSING).any(axis=1)] = State.MISSING
    found[(states == State.BLANK).any(axis=1)] = State.BLANK
    return found


def _pm25_grade(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    values, states = _table(ingredients[:1], source)
    block = pm25_grade(values, step.number("guideline", 5.0), states=states)
    return finish(block, states[:, 0])


def _mean(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    values, states = _table(ingredients, source)
    missing = str(step.get("missing", "na"))
    block = weighted_index(values, np.ones(len(ingredients)), missing=missing, states=states)
    marks = _renormalised(code, states, missing)
    return finish(block, _row_states(states), marks)


def _ratio(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    def column(name: str) -> tuple[FloatArray, StateArray]:
        if name.startswith(REFERENCE):
            return source.other(name.removeprefix(REFERENCE))
        return source.ingredient(f"{code}.{name}")

    above, above_states = column(str(step.get("numerator")))
    below, below_states = column(str(step.get("denominator")))
    block = denominate(
        above,
        below,
        step.number("scale", 1.0),
        states=above_states,
        denominators_states=below_states,
    )
    # Nothing per nothing is not a number, yet all is filled in: a gap like a confirmed one.
    return finish(block, joint_states(above_states, below_states), lost=State.MISSING)


def _trend(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    now, now_states = source.ingredient(f"{code}.{step.get('now', 'now')}")
    before, before_states = source.ingredient(f"{code}.{step.get('before', 'before')}")
    block = trend_state(
        now,
        before,
        step.number("threshold", 0.0),
        states=now_states,
        before_states=before_states,
    )
    return finish(block, joint_states(now_states, before_states))


def _zscore_index(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    values, states = _table(ingredients, source)
    limit, ddof = step.number("limit", 1.96), step.number("ddof", 0.0)
    missing = str(step.get("missing", "renormalise"))
    block = zscore_index(values, step.numbers("weights"), limit, missing, ddof, states=states)
    marks = list(_renormalised(code, states, missing))
    if limit:
        plain = zscore_winsor(values, 0, 1.0, ddof, states=states)
        clipped = np.argwhere(np.abs(plain.values) > limit)
        marks += [(int(row), "clipped", ingredients[at]) for row, at in clipped]
    return finish(block, _row_states(states), tuple(marks))


def _renormalised(code: str, states: StateArray, missing: str) -> tuple[tuple[int, str, str], ...]:
    if missing == "na":
        return ()
    kind = "renormalised" if missing == "renormalise" else "zero"
    gone = (states == State.MISSING).any(axis=1) & (states == State.VALUE).any(axis=1)
    gone &= ~(states == State.BLANK).any(axis=1)
    return tuple((int(row), kind, code) for row in np.flatnonzero(gone))


def _bands(code: str, ingredients: Sequence[str], step: Step, source: Source) -> Constructed:
    items = source.items(code)
    lists = band_lists(step, items)
    ranks = [[item.ranks.get(name, "") for item in items] for name in lists[:2]]
    ranks += [[""] * len(items)] * (2 - len(ranks))
    block = band_index(
        source.units,
        [item.unit for item in items],
        ranks[0],
        ranks[1],
        step.numbers("uppers"),
        step.numbers("weights"),
    )
    return finish(block, np.full(len(source.units), State.BLANK, dtype=np.uint8))


def band_lists(step: Step, items: Sequence[Item]) -> tuple[str, ...]:
    """Return the names of the rankings that count: those of the recipe, else the first two."""
    named = step.get("lists")
    if isinstance(named, tuple):
        return tuple(str(name) for name in named)
    return tuple(dict.fromkeys(name for item in items for name in item.ranks))[:2]


_METHODS: dict[str, Callable[[str, Sequence[str], Step, Source], Constructed]] = {
    "pm25_grade": _pm25_grade,
    "mean": _mean,
    "ratio": _ratio,
    "trend": _trend,
    "zscore_index": _zscore_index,
    "bands": _bands,
}
