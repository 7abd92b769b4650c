"""Links between cities: strengths from a table of links, and scores of pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import (
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    Block,
    Codes,
    Matrix,
    PerColumn,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    own_errors,
)
from xlcity.functions.missing import is_missing_code
from xlcity.functions.normalise import minmax_scale
from xlcity.functions.options import as_label, is_blank

#: What the two directions of a link say: flows that add up, or one tie written once or twice.
FLOWS = ("directed", "symmetric")
#: Whether links inside a group of cities count.
DOMESTIC = ("exclude", "include")
#: What of a link counts: its value, or that there is one.
COUNTS = ("values", "presence")


def link_matrix(
    units: Sequence[CellValue],
    starts: Sequence[CellValue],
    ends: Sequence[CellValue],
    values: Sequence[CellValue],
    flow: str = "directed",
    codes: Sequence[CellValue] | None = None,
    code: Sequence[CellValue] | None = None,
) -> Block:
    """Return the two-way strengths between units from a table of links.

    Parameters
    ----------
    units
        (n,) ids; "" has no result.
    starts, ends, values
        (m,) ids of both ends of each link, and its value. A missing code counts as 0.
    flow
        `directed` adds the two directions of a pair; `symmetric` takes either of them.
    codes, code
        (m,) indicator of each link, and the one that is wanted; None takes all links.

    Returns
    -------
    Block
        (n, n) strengths, 0 for a pair without a link and for a unit with itself.

    Notes
    -----
    Where no line has a value, the table is not filled yet and all is #N/A. Lines with unknown
    ids, from a unit to itself, or with an empty value are passed over. Of a line that stands twice
    the first counts. Text in place of a value makes its pair #VALUE!; two values of a symmetric
    pair that differ make it #NUM!. Ids are compared without case and outer spaces.

    Examples
    --------
    >>> link_matrix(["a", "b", "c"], ["a", "b"], ["b", "a"], [3.0, 1.0]).values.tolist()
    [[0.0, 4.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    names = [_fold(unit) for unit in units]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name, place)
    places.pop("", None)
    wanted = _fold(code[0]) if code else None
    kinds: Sequence[CellValue] = [None] * len(starts) if codes is None else codes
    found: dict[tuple[int, int], float] = {}
    bad: set[tuple[int, int]] = set()
    filled = False
    for start, end, value, kind in zip(starts, ends, values, kinds, strict=True):
        if (wanted is not None and _fold(kind) != wanted) or is_blank(value):
            continue
        a, b = places.get(_fold(start)), places.get(_fold(end))
        if isinstance(value, str) and is_missing_code(value):
            number = 0.0
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value)
        else:
            bad |= {(a, b), (b, a)} if a is not None and b is not None else set()
            continue
        filled = True
        if a is not None and b is not None and a != b:
            found.setdefault((a, b), number)
    strengths = np.zeros((len(names), len(names)))
    errors = np.zeros(strengths.shape, dtype=np.uint8)
    for (a, b), number in found.items():
        back = found.get((b, a))
        if flow == "directed":
            strengths[a, b] = strengths[b, a] = number + (back or 0.0)
            continue
        strengths[a, b] = strengths[b, a] = number
        if back is not None and back != number:
            errors[a, b] = errors[b, a] = NUM
    for pair in bad:
        errors[pair] = VALUE
    absent = np.array([not name for name in names], dtype=bool)
    errors[absent, :] = errors[:, absent] = NA
    if not filled:
        errors[errors != VALUE] = NA
    return block(strengths, errors)


def link_strength(
    matrix: ArrayLike,
    flow: str = "directed",
    groups: Sequence[str] | None = None,
    domestic: str = "exclude",
    count: str = "values",
    *,
    states: States | None = None,
) -> Block:
    """Return how strongly each unit is linked with the others, all links together.

    Parameters
    ----------
    matrix
        (n, n) links from the unit of the row to that of the column, n at least 1; NaN = none. The
        diagonal is passed over.
    flow
        `directed` adds the two directions of a pair; `symmetric` takes them as one, which they must
        agree on.
    groups
        (n,) group of each unit, "" for none; links inside a group are domestic.
    domestic
        `exclude` or `include` domestic links.
    count
        `values` adds the strengths; `presence` counts the links that are not 0.
    states
        (n, n) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, 1) sums; #N/A for a unit without any number in its row and column.

    Examples
    --------
    >>> link_strength([[0.0, 3.0], [1.0, 0.0]]).values.ravel().tolist()
    [4.0, 4.0]
    """
    strengths, errors = two_way(matrix, flow, states)
    counted = counted_pairs(strengths.shape[0], groups, domestic)
    worth = (strengths != 0).astype(np.float64) if count == "presence" else strengths
    return block(np.where(counted, worth, 0.0).sum(axis=1, keepdims=True), errors)


def two_way(matrix: ArrayLike, flow: str, states: States | None) -> tuple[Matrix, Codes]:
    """Return (n, n) strengths of pairs without a diagonal, and the (n, 1) errors of the units.

    Text makes the units of its pair #VALUE!; a symmetric pair that differs makes them #NUM!; a
    unit without any number is #N/A.
    """
    x = as_matrix(matrix)
    state = as_states(x, states)
    numbers = state == State.NUMBER
    known = np.where(numbers, x, 0.0)
    np.fill_diagonal(known, 0.0)
    errors = np.full((x.shape[0], 1), NO_ERROR, dtype=np.uint8)
    if flow == "directed":
        strengths = known + known.T
    else:
        strengths = np.where(numbers, known, known.T)
        np.fill_diagonal(strengths, 0.0)
        errors[(strengths != strengths.T).any(axis=1)] = NUM
    text = state == State.TEXT
    errors[(text | text.T).any(axis=1)] = VALUE
    errors[~(numbers | numbers.T).any(axis=1)] = NA
    return strengths, errors


def counted_pairs(
    n: int, groups: Sequence[str] | None = None, domestic: str = "exclude"
) -> np.ndarray:
    """Return an (n, n) mask of the pairs that count: not a unit with itself, nor domestic ones."""
    counted = ~np.eye(n, dtype=bool)
    if groups is not None and domestic == "exclude":
        names = np.array([name.strip(" ").casefold() for name in groups])
        counted &= ~((names[:, None] == names[None, :]) & (names != "")[:, None])
    return counted


def pair_scores(
    values: ArrayLike,
    weights: ArrayLike,
    count: WordPerColumn = "values",
    bounds: WordPerColumn = "minmax",
    scale: PerColumn = 100.0,
    constant: PerColumn | None = 0.0,
    *,
    states: States | None = None,
) -> Block:
    """Return the score of every pair of units: its normalised strengths, weighted.

    Parameters
    ----------
    values
        (m, k) strengths of m pairs in k indicators; NaN = no such pair.
    weights
        (k,) relative weights, none negative, not all 0.
    count
        `values` scores the strengths; `presence` that they are not 0; per column.
    bounds, scale, constant
        As of `minmax_scale`.
    states
        (m, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (m, 1) scores.

    Examples
    --------
    >>> pair_scores([[8.0, 1.0], [2.0, 1.0], [0.0, 0.0]], [1, 1]).values.ravel().tolist()
    [100.0, 62.5, 0.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    words = np.array([count] * x.shape[1] if isinstance(count, str) else list(count))
    worth = np.where((words == "presence") & (state == State.NUMBER), (x != 0).astype(float), x)
    scaled = minmax_scale(worth, scale=scale, bounds=bounds, constant=constant, states=state)
    known = np.where(scaled.errors == NO_ERROR, scaled.values, np.nan)
    made = weighted_index(known, weights, states=state)
    errors = made.errors.copy()
    numbers = state == State.NUMBER
    failed = (numbers & (scaled.errors != NO_ERROR)).any(axis=1) & numbers.all(axis=1)
    first = np.where(numbers, scaled.errors, own_errors(state)).max(axis=1)
    errors[failed, 0] = first[failed]
    return block(made.values, errors)


def _fold(label: CellValue) -> str:
    return "" if isinstance(label, (CellError, bool)) else as_label(label).casefold()
