"""Centralities of cities in a network of ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    NUM,
    Block,
    Codes,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.groups import Groups, group_names
from xlcity.functions.links import two_way

#: Rounds of the power iteration before it is given up.
ROUNDS = 20_000
#: What is added to the diagonal, as a part of the largest row sum: without it a network of two
#: halves (every tie between them) would swing to and fro for ever.
SHIFT = 0.1


def eigen_centrality(
    matrix: ArrayLike,
    weighted: str = "yes",
    flow: str = "symmetric",
    tolerance: float = 1e-13,
    members: Groups = None,
    *,
    states: States | None = None,
) -> Block:
    """Return the eigenvector centrality of each unit.

    Parameters
    ----------
    matrix
        (n, n) strengths of ties, none negative, n at least 1; NaN = none. The diagonal is passed
        over.
    weighted
        `yes` takes the strengths, `no` only whether there is a tie.
    flow
        As of `link_strength`.
    tolerance
        The iteration ends when ``|A x - lambda x| <= tolerance * lambda``.
    members
        (n,) cells; a unit with an empty one is left out of the network, any other is in it, also
        without a number. None = every unit with a number is in it.
    states
        (n, n) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, 1) entries of the vector, 0 or more, of Euclidean length 1.

    Notes
    -----
    The non-negative vector x with ``A x = lambda x`` for the largest lambda, by power iteration on
    ``A / r + 0.1 I`` (r is the largest row sum; the second term leaves the vector as it is), from
    the row sums on. In a network of several parts it lies on the part with the largest lambda;
    parts with the same lambda share it, as the limit of the iteration says: for a symmetric A that
    is what the row sums have of their eigenvectors, every city of such parts counting alike at
    first. A unit without ties is 0. A network without any tie is #DIV/0!; a negative strength, or
    no end in sight, is #NUM!.

    References
    ----------
    Bonacich, P. (1987), Power and centrality: a family of measures, American Journal of Sociology
    92(5), 1170-1182.

    Examples
    --------
    >>> path = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> eigen_centrality(path).values.ravel().round(6).tolist()
    [0.5, 0.707107, 0.5]
    """
    strengths, errors = _network(matrix, flow, states, members)
    ties = (strengths != 0).astype(np.float64) if weighted == "no" else strengths
    there = errors != NA
    if (ties < 0).any():
        errors[there] = NUM
    elif not ties.any():
        errors[there & (errors == NO_ERROR)] = DIV0
    sound = there.any() and (errors[there] == NO_ERROR).all()
    vector = power_iteration(ties, tolerance) if sound else None
    if vector is None:
        errors[there & (errors == NO_ERROR)] = NUM
        vector = np.zeros(ties.shape[0])
    return block(vector[:, None], errors)


def _network(
    matrix: ArrayLike, flow: str, states: States | None, members: Groups
) -> tuple[Matrix, Codes]:
    """Return strengths and errors of `two_way`; only members count, those without a number, too."""
    if members is None:
        return two_way(matrix, flow, states)
    x = as_matrix(matrix)
    inside = group_names(members, x.shape[0]) != ""
    pairs = inside[:, None] & inside[None, :]
    state = np.where(pairs, as_states(x, states), State.BLANK).astype(np.uint8)
    strengths, errors = two_way(np.where(pairs, x, np.nan), flow, state)
    errors[inside & (errors[:, 0] == NA)] = NO_ERROR
    return strengths, errors


def power_iteration(ties: Matrix, tolerance: float = 1e-13) -> Matrix | None:
    """Return the leading vector of a symmetric (n, n) matrix, None if there is no end in sight."""
    # Sums of very large strengths would leave the range of doubles.
    ties = ties / ties.max()
    sums: Matrix = ties.sum(axis=1)
    shifted = ties / sums.max() + SHIFT * np.eye(len(ties))
    vector: Matrix = sums / np.sqrt((sums**2).sum())
    for _ in range(ROUNDS):
        image = ties @ vector
        value = float(vector @ image)
        if np.sqrt(((image - value * vector) ** 2).sum()) <= tolerance * value:
            return vector
        vector = np.asarray(shifted @ vector)
        vector = vector / np.sqrt((vector**2).sum())
    return None


def degree_centrality(
    matrix: ArrayLike,
    share: str = "yes",
    flow: str = "symmetric",
    members: Groups = None,
    *,
    states: States | None = None,
) -> Block:
    """Return with how many other units each unit has a tie.

    Parameters
    ----------
    matrix
        (n, n) strengths of ties, n at least 1; NaN = none. The diagonal is passed over.
    share
        `yes` divides by the number of other units; `no` gives the number of ties.
    flow
        As of `link_strength`.
    members
        As of `eigen_centrality`.
    states
        (n, n) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, 1) shares or numbers. A unit that is alone has no share: #DIV/0!.

    References
    ----------
    Freeman, L. C. (1978), Centrality in social networks: conceptual clarification, Social Networks
    1(3), 215-239.

    Examples
    --------
    >>> degree_centrality([[0, 1, 0], [1, 0, 5], [0, 5, 0]]).values.ravel().tolist()
    [0.5, 1.0, 0.5]
    """
    strengths, errors = _network(matrix, flow, states, members)
    ties = (strengths != 0).sum(axis=1, keepdims=True).astype(np.float64)
    if share == "no":
        return block(ties, errors)
    others = int((errors != NA).sum()) - 1
    if others < 1:
        errors[errors == NO_ERROR] = DIV0
    return block(ties / max(others, 1), errors)
