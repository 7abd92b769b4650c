"""What a method to construct an indicator by is, and what all of them read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import CellArray, CellState, ErrorCode, Matrix, States
from xlcity.messages import Message
from xlcity.methods.record import Method, Settings, no_remark

#: In a ratio, "@C1.1" is the value of the indicator C1.1 instead of an ingredient of its own, and
#: "@C1.1.population" an ingredient of that indicator.
REFERENCE = "@"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a construction reads: the units of one group, in rows.

    Attributes
    ----------
    code
        The indicator that is constructed.
    ingredients
        The codes of its ingredients, in the order of the framework.
    units
        The ids of the units.
    items
        The unit of each item on the list behind the indicator, and its place in each ranking, as
        printed; none without a list.
    read
        Takes the code of an ingredient, or of another indicator, constructed ones too, and returns
        values and states.
    """

    code: str
    ingredients: Sequence[str]
    units: Sequence[str]
    items: Sequence[tuple[str, Mapping[str, str]]]
    read: Callable[[str], tuple[Matrix, States]]


@dataclass(frozen=True, slots=True, eq=False)
class Constructed:
    """Values of a constructed indicator.

    Parameters
    ----------
    values, states
        (n,) one per unit.
    marks
        (row, kind, code) of cells that a rule changed: the kind is "clipped", "renormalised" or
        "zero", the code that of the ingredient or of the indicator.
    errors
        (row, error) of units that have no result though nothing is missing.
    """

    values: Matrix
    states: States
    marks: tuple[tuple[int, str, str], ...] = ()
    errors: tuple[tuple[int, CellError], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstructionCells:
    """What formulas that construct an indicator name; texts are addresses or pieces of formulas.

    Attributes
    ----------
    settings
        The parameters of the indicator's method.
    cell_of
        Parameter -> the defined name of its cells.
    values
        The ingredients: cells of one city in a formula, columns in a call.
    limit
        The parameter that stands above the column: see `NativeConstruction`.
    weights
        The weights of the ingredients, in a call.
    items
        Column of the list behind the indicator -> its address; "code" is a pair of range and
        criterion that finds the lines of the indicator.
    item_count
        How many lines of the list are the indicator's.
    unit, units
        The id of the city, and the column of the ids of all that are scored.
    group
        The group of the city that it is scored in, "" for one that is not scored.
    matrix
        The links between all cities.
    strength, partners, others
        The sum of a city's links, how many there are, and how many other cities could have one.
    groups, domestic
        In a call the groups of cities inside which links may not count, and the cell that says so.
    """

    settings: Settings
    cell_of: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    limit: str = ""
    weights: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    item_count: str = ""
    unit: str = ""
    units: str = ""
    group: str = ""
    matrix: str = ""
    strength: str = ""
    partners: str = ""
    others: str = ""
    groups: str = ""
    domestic: str = ""


ConstructionFormula = Callable[[ConstructionCells], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeConstruction:
    """One method to construct by in cells.

    Attributes
    ----------
    formula
        A city's value; None: the mean of the ingredients with the weights above them, or what the
        rounds of a network give.
    call
        The call of the library that gives the whole column; None: that of the mean.
    averages
        Whether the value is the mean of the ingredients with the weights above them.
    scores_parts
        Whether the ingredients have z-scores in columns of their own, of which it is the mean.
    limit
        The parameter that stands above the column, "" for none.
    """

    formula: ConstructionFormula | None = None
    call: ConstructionFormula | None = None
    averages: bool = False
    scores_parts: bool = False
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Construction(Method):
    """A method to construct an indicator by.

    Attributes
    ----------
    kernel
        Makes the indicator of ingredients or of a list of items.
    network
        Takes the (n, n) links between all units, 0 where there is none, the group of each unit
        inside which links do not count (None: all links count), and the parameters; gives the
        (n, 1) indicator.
    items
        Whether it reads a list of items, such as universities, and no ingredients.
    relative
        Whether a value is a place among the cities of its edition: editions have no common zero.
    inputs
        Takes the indicator's code and the parameters, gives the codes of what it reads; REFERENCE
        stands before those of other indicators. None: it reads all ingredients of the indicator.
    parts
        The parameters that name the values that it is made of, in their order.
    centrality
        Whether it measures the place of a city in the network of all ties: these may be typed as a
        matrix.
    native
        The same in cells.
    check_ingredients
        Yields what is wrong with the parameters for this many ingredients.
    """

    step: ClassVar[str] = "construct"

    kernel: Callable[[Ingredients, Settings], Constructed] | None = None
    network: Callable[[Matrix, Sequence[str] | None, Settings], CellArray] | None = None
    items: bool = False
    relative: bool = False
    inputs: Callable[[str, Settings], tuple[str, ...]] | None = None
    parts: tuple[str, ...] = ()
    centrality: bool = False
    native: NativeConstruction
    check_ingredients: Callable[[Settings, int], Iterator[str]] = no_remark

    @property
    def is_iterated(self) -> bool:
        """Whether the value is found round by round."""
        return "rounds" in self.names


def as_constructed(
    block: CellArray,
    states: States,
    marks: tuple[tuple[int, str, str], ...] = (),
    error_state: CellState = CellState.BLANK,
) -> Constructed:
    """Return a function's (n, 1) block as a constructed indicator.

    Parameters
    ----------
    states
        (n,) state of a row that has no number: blank or missing.
    marks
        See `Constructed`.
    error_state
        State of a row whose result is an error other than #N/A.
    """
    new_states = states.copy()
    failed = block.failures()
    new_states[block.errors[:, 0] == ErrorCode.NONE] = CellState.NUMBER
    new_states[[row for row, _ in failed]] = error_state
    return Constructed(block.values[:, 0].copy(), new_states, marks, tuple(failed))


def ingredient_table(source: Ingredients) -> tuple[Matrix, States]:
    """Return (n, k) values and states of all ingredients, a column each."""
    columns = [source.read(code) for code in source.ingredients]
    return (
        np.column_stack([values for values, _ in columns]),
        np.column_stack([states for _, states in columns]),
    )


def row_states(states: States) -> States:
    """Return the state of each row: blank where a cell is blank, else missing where one is."""
    joint = np.full(states.shape[0], CellState.NUMBER, dtype=np.uint8)
    joint[(states == CellState.MISSING).any(axis=1)] = CellState.MISSING
    joint[(states == CellState.BLANK).any(axis=1)] = CellState.BLANK
    return joint


def renormalised_marks(
    code: str, states: States, missing: str
) -> tuple[tuple[int, str, str], ...]:
    """Return the (row, kind, code) marks of rows computed though an ingredient is missing.

    Parameters
    ----------
    code
        The indicator, which the marks name.
    missing
        Its rule: na, renormalise or zero.
    """
    if missing == "na":
        return ()
    kind = "renormalised" if missing == "renormalise" else "zero"
    is_partial = (states == CellState.MISSING).any(axis=1) & (
        states == CellState.NUMBER
    ).any(axis=1)
    is_partial &= ~(states == CellState.BLANK).any(axis=1)
    return tuple((int(row), kind, code) for row in np.flatnonzero(is_partial))


def check_any_ingredient(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield a fault where an indicator has no ingredients; `ingredients` is how many it has."""
    if not ingredients:
        yield Message("method.no_ingredients")
