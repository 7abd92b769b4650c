"""What a method to construct an indicator by is, and what it may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import NA, NO_ERROR, CellArray, CellState, Matrix, States
from xlcity.methods.record import Method, Settings

#: In a ratio, "@C1.1" is the value of the indicator C1.1 instead of an ingredient of its own, and
#: "@C1.1.population" an ingredient of that indicator.
REFERENCE = "@"


class ListedItem(Protocol):
    """An item of the list behind an indicator."""

    @property
    def unit(self) -> str:
        """Return the id of its unit."""

    @property
    def ranks(self) -> Mapping[str, str]:
        """Return its place in each ranking, as printed."""


class Ingredients(Protocol):
    """What a construction reads: the units of one group, in rows."""

    @property
    def code(self) -> str:
        """Return the indicator that is constructed."""

    @property
    def ingredients(self) -> Sequence[str]:
        """Return the codes of its ingredients, in the order of the framework."""

    @property
    def units(self) -> Sequence[str]:
        """Return the ids of the units."""

    def ingredient(self, code: str) -> tuple[Matrix, States]:
        """Return an ingredient's values and states."""

    def other(self, code: str) -> tuple[Matrix, States]:
        """Return values and states of another indicator, constructed ones too, or ingredient."""

    def items(self) -> Sequence[ListedItem]:
        """Return the list behind the indicator."""


@dataclass(frozen=True, slots=True, eq=False)
class Constructed:
    """Values of a constructed indicator.

    `marks` holds (row, kind, ingredient) of cells that a rule changed, `errors` (row, error) of
    units that have no result though nothing is missing.
    """

    values: Matrix
    states: States
    marks: tuple[tuple[int, str, str], ...] = ()
    errors: tuple[tuple[int, CellError], ...] = ()


def _no_check(settings: Settings, ingredients: int) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Construction(Method):
    """A method to construct an indicator by.

    Attributes
    ----------
    kernel
        Makes the indicator of ingredients or of a list of items.
    network
        Makes an (n, 1) block of the (n, n) links between all units, 0 where there is none, and of
        the groups inside which links do not count.
    items
        Whether it reads a list of items and no ingredients.
    relative
        Whether a value is a place among the cities of its edition: editions have no common zero.
    inputs
        The codes that it reads of an indicator; REFERENCE stands before those of others. None: all
        ingredients of the indicator.
    check_ingredients
        Yields what is wrong with the parameters for this many ingredients.
    """

    step: ClassVar[str] = "construct"

    kernel: Callable[[Ingredients, Settings], Constructed] | None = None
    network: Callable[[Matrix, Sequence[str] | None, Settings], CellArray] | None = None
    items: bool = False
    relative: bool = False
    inputs: Callable[[str, Settings], tuple[str, ...]] | None = None
    check_ingredients: Callable[[Settings, int], Iterator[str]] = _no_check


def finish(
    block: CellArray,
    states: States,
    marks: tuple[tuple[int, str, str], ...] = (),
    lost: CellState = CellState.BLANK,
) -> Constructed:
    """Take a function's column; `states` say why a row has no number, `lost` what an error is."""
    values, errors = block.values[:, 0].copy(), block.errors[:, 0]
    failed = [
        (int(row), error)
        for row in np.flatnonzero((errors != NO_ERROR) & (errors != NA))
        if (error := block.error(int(row), 0)) is not None
    ]
    found = states.copy()
    found[errors == NO_ERROR] = CellState.NUMBER
    found[[row for row, _ in failed]] = lost
    return Constructed(values, found, marks, tuple(failed))


def table(source: Ingredients) -> tuple[Matrix, States]:
    """Return values and states of all ingredients, side by side."""
    columns = [source.ingredient(code) for code in source.ingredients]
    return (
        np.column_stack([values for values, _ in columns]),
        np.column_stack([states for _, states in columns]),
    )


def row_states(states: States) -> States:
    """Return the state of each row: blank where a cell is blank, else missing where one is."""
    found = np.full(states.shape[0], CellState.NUMBER, dtype=np.uint8)
    found[(states == CellState.MISSING).any(axis=1)] = CellState.MISSING
    found[(states == CellState.BLANK).any(axis=1)] = CellState.BLANK
    return found


def renormalised(code: str, states: States, missing: str) -> tuple[tuple[int, str, str], ...]:
    """Return marks of the rows that were computed though an ingredient is missing."""
    if missing == "na":
        return ()
    kind = "renormalised" if missing == "renormalise" else "zero"
    gone = (states == CellState.MISSING).any(axis=1) & (states == CellState.NUMBER).any(axis=1)
    gone &= ~(states == CellState.BLANK).any(axis=1)
    return tuple((int(row), kind, code) for row in np.flatnonzero(gone))
