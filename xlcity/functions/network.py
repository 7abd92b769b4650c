"""Centralities of cities in a network of ties."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError
from xlcity.functions.arguments import (
    Groups,
    YesNo,
    accept_one_number,
    check_groups,
    group_names,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    as_states,
    make_block,
)
from xlcity.functions.decorator import function
from xlcity.functions.links import check_square, two_way_strengths

#: Rounds of the power iteration before it is given up.
MOST_ROUNDS = 20_000
#: What is added to the diagonal, as a part of the largest row sum: without it a network of two
#: halves (every tie between them) would swing to and fro for ever.
DIAGONAL_SHIFT = 0.1


def check_square_and_members(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for a matrix that is not square, or not one member cell per row, else None.

    `options` maps keywords of the call to what was given.
    """
    return check_square(options) or check_groups(options)


@function(category="construct", returns="column", check=check_square_and_members)
def eigen_centrality(
    matrix: ArrayLike,
    weighted: YesNo = "yes",
    flow: Annotated[str, one_of("directed", "symmetric")] = "symmetric",
    tolerance: Annotated[
        float, accept_one_number(0.0, 0.001, open_minimum=True)
    ] = 1e-13,
    members: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return eigenvector centrality: a city is central that has strong ties with central cities.

    Parameters
    ----------
    matrix : (n, n)
        Square block: the link from the city of the row to that of the column. An empty cell is no
        link; the diagonal is ignored.
    weighted
        yes takes the strengths of ties, no only whether there is a tie.
    flow
        directed adds the two directions of a pair; symmetric takes them as one tie, which may stand
        in either half.
    tolerance
        How exact the vector is: the length of A x - lambda x is at most so many times lambda.
    members : (n,), default every city with a number
        One cell per row: a city whose cell is empty is left out of the network; any other is in it,
        also without a number.

    See Also
    --------
    degree_centrality, link_matrix

    Notes
    -----
    ``A x = lambda x, lambda = max, x >= 0, SUMSQ(x) = 1``

    - The vector has the Euclidean length 1; after a z-score or min-max the length makes no
      difference.
    - The vector is the limit of the power iteration on A / r + 0.1 I, r the largest row sum, that
      starts at the row sums. A city without ties is 0. In a network of several parts without ties
      between them it lies on the part with the largest lambda, the other cities are 0; parts with
      the same lambda share it.

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
    ties, errors = _member_strengths(matrix, flow, states, members)
    takes_part = errors != ErrorCode.NA
    if weighted == "no":
        ties = (ties != 0).astype(np.float64)
    if (ties < 0).any():
        errors[takes_part] = ErrorCode.NUM
    elif not ties.any():
        errors[takes_part & (errors == ErrorCode.NONE)] = ErrorCode.DIV0
    is_computable = takes_part.any() and (errors[takes_part] == ErrorCode.NONE).all()
    vector = power_iteration(ties, tolerance) if is_computable else None
    if vector is None:
        errors[takes_part & (errors == ErrorCode.NONE)] = ErrorCode.NUM
        vector = np.zeros(len(ties))
    return make_block(vector[:, None], errors)


def _member_strengths(
    matrix: ArrayLike, flow: str, states: States | None, members: Groups
) -> tuple[Matrix, Codes]:
    """Return (n, n) strengths of ties between members of a network, and (n, 1) errors of the units.

    As `two_way_strengths`, but with ties of members only; a member without any number is no error.

    Parameters
    ----------
    matrix, flow, states
        See `two_way_strengths`.
    members
        A cell for each row, empty for a city that is no member; None: every city with a number is
        one.
    """
    if members is None:
        return two_way_strengths(matrix, flow, states)
    x = as_matrix(matrix)
    is_member = group_names(members, x.shape[0]) != ""
    joins_members = is_member[:, None] & is_member[None, :]
    state = np.where(joins_members, as_states(x, states), CellState.BLANK)
    strengths, errors = two_way_strengths(
        np.where(joins_members, x, np.nan), flow, state
    )
    errors[is_member & (errors[:, 0] == ErrorCode.NA)] = ErrorCode.NONE
    return strengths, errors


def power_iteration(ties: Matrix, tolerance: float) -> Matrix | None:
    """Return the leading eigenvector, of length 1, of a symmetric matrix; None without convergence.

    Parameters
    ----------
    ties
        (n, n) strengths, none negative, not all 0.
    tolerance
        Length that is left of ``ties @ vector - value * vector``, as a share of the value.
    """
    # Sums of very large strengths would leave the range of doubles.
    ties = ties / ties.max()
    sums: Matrix = ties.sum(axis=1)
    shifted = ties / sums.max() + DIAGONAL_SHIFT * np.eye(len(ties))
    vector: Matrix = sums / np.sqrt((sums**2).sum())
    for _ in range(MOST_ROUNDS):
        image = ties @ vector
        value = float(vector @ image)
        misses = image - value * vector
        if np.sqrt((misses**2).sum()) <= tolerance * value:
            return vector
        vector = np.asarray(shifted @ vector)
        vector = vector / np.sqrt((vector**2).sum())
    return None


@function(category="construct", returns="column", check=check_square_and_members)
def degree_centrality(
    matrix: ArrayLike,
    share: YesNo = "yes",
    flow: Annotated[str, one_of("directed", "symmetric")] = "symmetric",
    members: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return degree centrality: with how large a share of the other cities a city has a tie.

    Parameters
    ----------
    matrix : (n, n)
        Square block: the link from the city of the row to that of the column. An empty cell is no
        link; the diagonal is ignored.
    share
        yes divides by the number of other cities; no gives the number of ties.
    flow
        directed adds the two directions of a pair; symmetric takes them as one tie, which may stand
        in either half.
    members : default every city with a number
        One cell per row: a city whose cell is empty is left out of the network; any other is in it,
        also without a number.

    Returns
    -------
    Block
        (n, 1) shares or numbers. A unit that is alone has no share: #DIV/0!.

    See Also
    --------
    eigen_centrality, link_strength

    Notes
    -----
    ``d(i) / (n - 1)``

    - n counts the cities that have any number in their row or column, a 0 too.

    References
    ----------
    Freeman, L. C. (1978), Centrality in social networks: conceptual clarification, Social Networks
    1(3), 215-239.

    Examples
    --------
    >>> degree_centrality([[0, 1, 0], [1, 0, 5], [0, 5, 0]]).values.ravel().tolist()
    [0.5, 1.0, 0.5]
    """
    strengths, errors = _member_strengths(matrix, flow, states, members)
    ties = (strengths != 0).sum(axis=1, keepdims=True).astype(np.float64)
    if share == "no":
        return make_block(ties, errors)
    others = int((errors != ErrorCode.NA).sum()) - 1
    if others < 1:
        errors[errors == ErrorCode.NONE] = ErrorCode.DIV0
    return make_block(ties / max(others, 1), errors)
