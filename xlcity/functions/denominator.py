"""Denominate: one quantity per another."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import Number, Positive
from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    NUM,
    CellArray,
    CellState,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.decorator import function


@function(category="denominate")
def denominate(
    values: ArrayLike,
    denominators: ArrayLike,
    scale: Number = 1.0,
    *,
    states: States | None = None,
    denominators_states: States | None = None,
) -> CellArray:
    """Return values per unit of a denominator: per inhabitant, per flight, per square kilometre.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    denominators : (n, k)
        Denominators: one column for all, or a block as wide as values.
    scale
        Factor on the quotient: 1000 gives values per thousand.

    See Also
    --------
    per_million, minmax_scale

    Notes
    -----
    ``values / denominators * scale``

    - A gap in either gives a gap.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2; COINr,
    `Denominate`.

    Examples
    --------
    >>> denominate([[50.0, 8.0]], [[2.0]], 100).values.tolist()
    [[2500.0, 400.0]]
    """
    x, d = as_matrix(values), as_matrix(denominators)
    own, other = own_errors(as_states(x, states)), own_errors(as_states(d, denominators_states))
    other = np.broadcast_to(other, x.shape)
    below = np.broadcast_to(d, x.shape)
    # #VALUE! before #N/A: text is what a person has to mend.
    errors = np.where(
        own == NO_ERROR, other, np.where(other == NO_ERROR, own, np.minimum(own, other))
    )
    errors[(errors == NO_ERROR) & (below == 0)] = DIV0
    with np.errstate(all="ignore"):
        return block(x / below * per_column(scale, x.shape[1]), errors)


@function(category="denominate")
def per_million(
    values: ArrayLike,
    population: ArrayLike,
    persons: Positive = 1.0,
    *,
    states: States | None = None,
    population_states: States | None = None,
) -> CellArray:
    """Return values per million inhabitants.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    population : (n, k)
        Populations: one column for all, or a block as wide as values.
    persons
        Persons per unit of the population: 10000 where it is given in ten thousands.

    See Also
    --------
    denominate

    Notes
    -----
    ``values / (population * persons) * 1000000``

    - A gap in either gives a gap.

    References
    ----------
    GIHI 2023: counts per million inhabitants of the metropolitan area.

    Examples
    --------
    >>> per_million([[50.0]], [[250.0]], 10000).values.tolist()
    [[20.0]]
    """
    below = as_matrix(population)
    known = as_states(below, population_states)
    k = as_matrix(values).shape[1]
    made = denominate(
        values, below, 1e6 / per_column(persons, k), states=states, denominators_states=known
    )
    errors = made.errors.copy()
    negative = np.broadcast_to((known == CellState.NUMBER) & (below < 0), errors.shape)
    errors[(errors == NO_ERROR) & negative] = NUM
    return block(made.values, errors)


def joint_states(values: States, denominators: States) -> States:
    """Return the state of each quotient: blank where either is blank, else missing."""
    either = np.broadcast_to(denominators, values.shape)
    joint = np.full(values.shape, CellState.NUMBER, dtype=np.uint8)
    joint[(values == CellState.MISSING) | (either == CellState.MISSING)] = CellState.MISSING
    joint[(values == CellState.BLANK) | (either == CellState.BLANK)] = CellState.BLANK
    return joint
