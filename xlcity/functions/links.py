"""Links between cities: strengths from a table of links, and scores of pairs."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.arguments import (
    CellColumn,
    LabelPerColumn,
    Number,
    Positive,
    Weights,
    as_label,
    each_of,
    is_blank,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    States,
    WordPerColumn,
    as_matrix,
    as_numbers,
    as_states,
    is_missing_code,
    make_block,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.normalise import minmax_scale

#: What the two directions of a link say: flows that add up, or one tie written once or twice.
FLOWS = ("directed", "symmetric")
#: Whether links inside a group of cities count.
DOMESTIC = ("exclude", "include")
#: What of a link counts: its value, or that there is one.
COUNTS = ("values", "presence")


def _check_link_columns(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for columns of links of unequal length, or `codes` without a single `code`.

    None where neither is so. `options` maps keywords of the call to what was given.
    """
    count = len(options["starts"])
    others = [
        options[name]
        for name in ("ends", "values", "codes")
        if options[name] is not None
    ]
    is_uneven = any(len(other) != count for other in others)
    lacks_partner = (options["codes"] is None) != (options["code"] is None)
    is_several = options["code"] is not None and len(options["code"]) != 1
    return CellError.VALUE if is_uneven or lacks_partner or is_several else None


def check_square(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! where the argument `matrix` is not square, else None.

    `options` maps keywords of the call to what was given.
    """
    height, width = np.shape(options["matrix"])
    return None if height == width else CellError.VALUE


@function(category="construct", returns="pairs", check=_check_link_columns)
def link_matrix(  # noqa: PLR0913, PLR0917
    units: CellColumn,
    starts: CellColumn,
    ends: CellColumn,
    values: CellColumn,
    flow: Annotated[str, one_of(*FLOWS)] = "directed",
    codes: CellColumn | None = None,
    code: CellColumn | None = None,
) -> CellArray:
    """Return two-way strengths between cities, a row and a column for each, from a table of links.

    Parameters
    ----------
    units : (n,)
        Ids of the cities, in one column.
    starts : (m,)
        Id of the city each link starts from, in one column.
    ends : (m,)
        Id of the city each link leads to, in one column.
    values : (m,)
        Value of each link; an empty line is skipped, a missing code counts as 0.
    flow
        directed adds the two directions of a pair; symmetric takes them as one tie, which may stand
        in either half.
    codes : (m,), default all links
        Indicator of each link, where the table holds several.
    code : (m,), default all links
        The indicator that is wanted.

    See Also
    --------
    link_strength, eigen_centrality

    Notes
    -----
    ::

        directed: value(i, j) + value(j, i)
        symmetric: value(i, j) or value(j, i)

    - A pair without a link is 0 once the table has any value; before that it is not filled yet and
      all is #N/A.
    - Of a duplicate link the first counts. A link from a city to itself is ignored.

    Examples
    --------
    >>> link_matrix(["a", "b", "c"], ["a", "b"], ["b", "a"], [3.0, 1.0]).values.tolist()
    [[0.0, 4.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    names = [_fold_name(unit) for unit in units]
    wanted_code = _fold_name(code[0]) if code else None
    link_codes: Sequence[CellValue] = [None] * len(starts) if codes is None else codes
    links = [
        (_fold_name(start), _fold_name(end), value)
        for start, end, value, link_code in zip(
            starts, ends, values, link_codes, strict=True
        )
        if not is_blank(value) and wanted_code in (None, _fold_name(link_code))
    ]
    return _link_strengths(names, links, flow)


def _link_strengths(
    names: Sequence[str], links: Iterable[tuple[str, str, CellValue]], flow: str
) -> CellArray:
    """Return the (n, n) two-way strengths of links between names; "" is not a name.

    Parameters
    ----------
    names
        Names of the n units, in small letters.
    links
        Start, end and value of each link; of equal links the first counts. A value is a number, a
        missing code, which counts as 0, or else makes its pair #VALUE!.
    flow
        One of `FLOWS`.
    """
    placed = _place_links(names, links)
    strengths = np.zeros((len(names), len(names)))
    errors = np.zeros(strengths.shape, dtype=np.uint8)
    for row, column in placed.unreadable:
        errors[row, column] = errors[column, row] = ErrorCode.VALUE
    for (row, column), number in placed.numbers.items():
        opposite = placed.numbers.get((column, row))
        if flow == "directed":
            strengths[row, column] = strengths[column, row] = number + (opposite or 0.0)
            continue
        strengths[row, column] = strengths[column, row] = number
        # A tie that is written in both directions must have one value.
        is_ambiguous = opposite not in (None, number)
        if is_ambiguous and not errors[row, column]:
            errors[row, column] = errors[column, row] = ErrorCode.NUM
    is_unnamed = np.array([not name for name in names], dtype=bool)
    errors[is_unnamed, :] = errors[:, is_unnamed] = ErrorCode.NA
    if not placed.has_number:
        errors[errors != ErrorCode.VALUE] = ErrorCode.NA
    return make_block(strengths, errors)


class _PlacedLinks(NamedTuple):
    """Links by the positions of the units they start from and lead to."""

    #: Pair of two units -> the first number of their link.
    numbers: dict[tuple[int, int], float]
    #: Pairs with a value that is no number.
    unreadable: list[tuple[int, int]]
    #: Whether any link has a number, also one of units that are not asked for.
    has_number: bool


def _place_links(
    names: Sequence[str], links: Iterable[tuple[str, str, CellValue]]
) -> _PlacedLinks:
    """Return links by the positions of names; see `_link_strengths`."""
    position_of: dict[str, int] = {}
    for position, name in enumerate(names):
        position_of.setdefault(name, position)
    position_of.pop("", None)
    numbers: dict[tuple[int, int], float] = {}
    unreadable: list[tuple[int, int]] = []
    has_number = False
    for start, end, value in links:
        number = _link_number(value)
        has_number |= number is not None
        row = position_of.get(start)
        column = position_of.get(end)
        if row is None or column is None:
            continue
        if number is None:
            unreadable.append((row, column))
        elif row != column:
            numbers.setdefault((row, column), number)
    return _PlacedLinks(numbers, unreadable, has_number)


def _link_number(value: CellValue) -> float | None:
    """Return the value of a link as a number, 0 for a missing code; None if it is none."""
    if isinstance(value, str) and is_missing_code(value):
        return 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


@function(category="construct", returns="column", check=check_square)
def link_strength(
    matrix: ArrayLike,
    flow: Annotated[str, one_of(*FLOWS)] = "directed",
    groups: LabelPerColumn | None = None,
    domestic: Annotated[str, one_of(*DOMESTIC)] = "exclude",
    count: Annotated[str, one_of(*COUNTS)] = "values",
    *,
    states: States | None = None,
) -> CellArray:
    """Return how strongly each city is linked with the others: the sum of its two-way links.

    Parameters
    ----------
    matrix : (n, n)
        Square block: the link from the city of the row to that of the column. An empty cell is no
        link; the diagonal is ignored.
    flow
        directed adds the two directions of a pair; symmetric takes them as one tie, which may stand
        in either half.
    groups : (n,), default none
        Group of each city (its country), in a row or a column; links inside a group are domestic.
    domestic
        Whether domestic links are left out (exclude) or count (include).
    count
        values adds the strengths; presence counts the links that are not 0.

    Returns
    -------
    Block
        (n, 1) sums; #N/A for a unit without any number in its row and column.

    See Also
    --------
    link_matrix, pair_scores, degree_centrality

    Notes
    -----
    ``SUM(L(i, j), j <> i, group(j) <> group(i))``

    - A sum, not a mean: with domestic links left out, cities differ in how many partners they have.

    Examples
    --------
    >>> link_strength([[0.0, 3.0], [1.0, 0.0]]).values.ravel().tolist()
    [4.0, 4.0]
    """
    strengths, errors = two_way_strengths(matrix, flow, states)
    is_counted = counted_pairs(strengths.shape[0], groups, domestic)
    link_values = (
        (strengths != 0).astype(np.float64) if count == "presence" else strengths
    )
    return make_block(
        np.where(is_counted, link_values, 0.0).sum(axis=1, keepdims=True), errors
    )


def two_way_strengths(
    matrix: ArrayLike, flow: str, states: States | None
) -> tuple[Matrix, Codes]:
    """Return (n, n) strengths of pairs of units, 0 on the diagonal, and (n, 1) errors of the units.

    Parameters
    ----------
    matrix, states
        (n, n) links from the unit of the row to that of the column, and what each cell holds.
    flow
        "directed" adds the two directions of a pair; "symmetric" takes them as one tie, which may
        be written in one half or in both.

    Notes
    -----
    Text makes the units of its pair #VALUE!; a symmetric pair that differs makes them
    #NUM!; a unit without any number is #N/A.
    """
    x = as_matrix(matrix)
    state = as_states(x, states)
    numbers = state == CellState.NUMBER
    one_way = np.where(numbers, x, 0.0)
    np.fill_diagonal(one_way, 0.0)
    errors = np.zeros((len(x), 1), dtype=np.uint8)
    if flow == "directed":
        strengths = one_way + one_way.T
    else:
        # A tie that is written in one half only is taken from there.
        strengths = np.where(numbers, one_way, one_way.T)
        np.fill_diagonal(strengths, 0.0)
        errors[(strengths != strengths.T).any(axis=1)] = ErrorCode.NUM
    text = state == CellState.TEXT
    errors[(text | text.T).any(axis=1)] = ErrorCode.VALUE
    errors[~(numbers | numbers.T).any(axis=1)] = ErrorCode.NA
    return strengths, errors


def counted_pairs(
    n: int, groups: Sequence[str] | None = None, domestic: str = "exclude"
) -> np.ndarray:
    """Return an (n, n) mask of the pairs that count: not a unit with itself, nor domestic ones.

    Parameters
    ----------
    n
        Number of units.
    groups
        Group of each unit; "" is none.
    domestic
        One of `DOMESTIC`: whether pairs inside a group count.
    """
    is_counted = ~np.eye(n, dtype=bool)
    if groups is not None and domestic == "exclude":
        names = np.array([name.strip(" ").casefold() for name in groups])
        is_named = names != ""
        is_same_name = names[:, None] == names
        is_counted &= ~(is_same_name & is_named)
    return is_counted


@function(category="aggregate", returns="column")
def pair_scores(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    weights: Weights,
    count: Annotated[WordPerColumn, each_of(*COUNTS)] = "values",
    bounds: Annotated[WordPerColumn, each_of("minmax", "max", "mean")] = "minmax",
    scale: Positive = 100.0,
    constant: Number | None = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return the score of each pair of cities: strengths normalised over all pairs and weighted.

    Parameters
    ----------
    values : (m, k)
        Strengths: a row per pair, a column per indicator. An empty row is skipped.
    weights : (k,)
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    count
        values scores the strengths, presence that there is a link.
    bounds
        The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean).
    scale
        Full score.
    constant
        Score where all numbers of a column are equal; without it that is #DIV/0!.

    See Also
    --------
    link_strength, minmax_scale, weighted_index

    Notes
    -----
    ``SUM(w * (x - low) / (high - low) * scale) / SUM(w)``

    - Pairs are normalised among pairs: their scores do not follow from those of the cities, nor
      these from them.

    Examples
    --------
    >>> pair_scores([[8.0, 1.0], [2.0, 1.0], [0.0, 0.0]], [1, 1]).values.ravel().tolist()
    [100.0, 62.5, 0.0]
    """
    x, state = as_numbers(values, states)
    numbers = state == CellState.NUMBER
    counts_presence = np.array(words_per_column(count, x.shape[1])) == "presence"
    link_values = np.where(counts_presence & numbers, x != 0, x)
    scaled = minmax_scale(
        link_values, scale=scale, bounds=bounds, constant=constant, states=state
    )
    scores = np.where(scaled.errors == ErrorCode.NONE, scaled.values, np.nan)
    weighted = weighted_index(scores, weights, states=state)
    # Where all strengths are there, what failed is their scale.
    scale_errors = np.where(
        numbers.all(axis=1), scaled.errors.max(axis=1), ErrorCode.NONE
    )
    errors = np.where(
        scale_errors == ErrorCode.NONE, weighted.errors[:, 0], scale_errors
    )
    return make_block(weighted.values, errors[:, None].astype(np.uint8))


@lru_cache(1 << 12, typed=True)
def _fold_name(label: CellValue) -> str:
    """Return a cell as a label in small letters; "" for errors and logicals."""
    return "" if isinstance(label, (CellError, bool)) else as_label(label).casefold()
