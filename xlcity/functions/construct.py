"""Construct: indicators made from measurements or ranking lists; one quantity per another."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.arguments import (
    AtLeastZero,
    CellColumn,
    Missing,
    Number,
    NumberList,
    Positive,
    Weights,
    WholeNumber,
    as_label,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    States,
    as_matrix,
    as_numbers,
    as_states,
    is_missing_code,
    joint_errors,
    make_block,
    make_column,
    per_column,
    state_errors,
)
from xlcity.functions.decorator import function
from xlcity.functions.normalise import zscore_winsor


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
    x = as_matrix(values)
    given_denominators = as_matrix(denominators)
    denominator = np.broadcast_to(given_denominators, x.shape)
    errors = joint_errors(
        state_errors(as_states(x, states)),
        state_errors(as_states(given_denominators, denominators_states)),
    )
    errors[(errors == ErrorCode.NONE) & (denominator == 0)] = ErrorCode.DIV0
    with np.errstate(all="ignore"):
        return make_block(x / denominator * per_column(scale, x.shape[1]), errors)


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
    inhabitants = as_matrix(population)
    state = as_states(inhabitants, population_states)
    k = as_matrix(values).shape[1]
    ratios = denominate(
        values,
        inhabitants,
        1e6 / per_column(persons, k),
        states=states,
        denominators_states=state,
    )
    errors = ratios.errors.copy()
    negative = np.broadcast_to(
        (state == CellState.NUMBER) & (inhabitants < 0), errors.shape
    )
    errors[(errors == ErrorCode.NONE) & negative] = ErrorCode.NUM
    return make_block(ratios.values, errors)


def joint_states(values: States, denominators: States) -> States:
    """Return the state of each quotient: blank if a part is, else missing, else number.

    Parameters
    ----------
    values, denominators
        (n, k) states of the values; those of the denominators, as many or one column for all.
    """
    divisors = np.broadcast_to(denominators, values.shape)
    joint = np.full(values.shape, CellState.NUMBER, dtype=np.uint8)
    joint[(values == CellState.MISSING) | (divisors == CellState.MISSING)] = (
        CellState.MISSING
    )
    joint[(values == CellState.BLANK) | (divisors == CellState.BLANK)] = CellState.BLANK
    return joint


#: Last rank of each band.
BAND_UPPERS = (10.0, 20.0, 30.0, 40.0, 50.0, 100.0, 150.0, 200.0)


def _later_band_weight(bands_before: int) -> float:
    """Return the weight of a band after the first."""
    return 1.0 / math.sqrt(2.0 * bands_before)


#: Weight of each band: 1, then one over the root of 2, 4, 6, ...
BAND_WEIGHTS = (1.0, *map(_later_band_weight, range(1, len(BAND_UPPERS))))

#: Serial number of 1 January 2000. A spreadsheet turns typed bands such as "1-10" and "11-20" into
#: dates, numbers from here on; no list has that many ranks.
FIRST_DATE_SERIAL = 36526.0

_RANK_OR_BAND = re.compile(
    r"=?\s*([0-9]+(?:\.[0-9]+)?)(?:\s*[-‐‑‒–—−~～至]+\s*([0-9]+(?:\.[0-9]+)?)|\s*(\+))?\Z"
)


def read_rank(cell: CellValue) -> float:
    """Return the rank that a cell holds: a number, or the last rank of a band such as 101–150.

    Not on the list (blank, a missing code) and "201+" are infinite.

    Raises
    ------
    FunctionError
        #VALUE! for anything else, and for a number that is a date.

    Examples
    --------
    >>> read_rank("101–150"), read_rank(7.0), read_rank("=32"), read_rank("")
    (150.0, 7.0, 32.0, inf)
    """
    if cell is None:
        return math.inf  # beyond every band: no weight
    if isinstance(cell, (bool, CellError)):
        raise FunctionError(f"{cell} is not a rank")
    if isinstance(cell, str):
        return _read_rank_text(cell)
    rank = float(cell)
    if not _is_band_of_ranks(rank, rank):
        raise FunctionError(f"{cell!r} is not a rank")
    return rank


def _read_rank_text(text: str) -> float:
    """Return the rank that a text says, as `read_rank` does."""
    if not text.strip(" ") or is_missing_code(text):
        return math.inf
    match = _RANK_OR_BAND.match(text.strip())
    if match is None:
        raise FunctionError(f"{text!r} is not a rank")
    first_text, last_text, and_beyond = match.groups()
    if and_beyond:
        return math.inf
    last = float(last_text or first_text)
    if not _is_band_of_ranks(float(first_text), last):
        raise FunctionError(f"{text!r} is not a rank")
    return last


def _is_band_of_ranks(first: float, last: float) -> bool:
    return 1 <= first <= last < FIRST_DATE_SERIAL


def band_weight(
    rank: float,
    uppers: Sequence[float] = BAND_UPPERS,
    weights: Sequence[float] = BAND_WEIGHTS,
) -> float:
    """Return the weight of the band that a rank falls into; 0 beyond the last band.

    Parameters
    ----------
    uppers, weights
        Last rank and weight of each band, in ascending order of ranks.
    """
    bands = zip(uppers, weights, strict=True)
    return next((weight for upper, weight in bands if rank <= upper), 0.0)


def _check_bands(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for lists of unequal length, #NUM! for bands not ascending, else None.

    `options` maps keywords of the call to what was given: `item_units` and lists of ranks, which
    are as long, and last ranks and weights of bands (None = the built-in ones).
    """
    count = len(options["item_units"])
    lists = [
        options[name] for name in ("ranks_a", "ranks_b") if options[name] is not None
    ]
    uppers = BAND_UPPERS if options["uppers"] is None else options["uppers"]
    weights = BAND_WEIGHTS if options["weights"] is None else options["weights"]
    if any(len(ranks) != count for ranks in lists) or len(uppers) != len(weights):
        return CellError.VALUE
    return CellError.NUM if np.any(np.diff(uppers) <= 0) else None


@function(category="report", returns="column", check=_check_bands)
def band_index(  # noqa: PLR0917
    units: CellColumn,
    item_units: CellColumn,
    ranks_a: CellColumn,
    ranks_b: CellColumn | None = None,
    uppers: NumberList | None = None,
    weights: NumberList | None = None,
) -> CellArray:
    """Return for each city the sum of the band weights of its institutions on ranking lists.

    Parameters
    ----------
    units : (n,)
        Ids of the cities, in one column.
    item_units : (m,)
        Id of the city of each institution, in one column; empty lines are skipped.
    ranks_a : (m,)
        Rank of each institution, or its band such as 101-150 as text; blank where it is not on the
        list.
    ranks_b : (m,), default none
        Ranks on a second list; the better weight of the two counts.
    uppers : (b,), default 10, 20, 30, 40, 50, 100, 150, 200
        Last rank of each band, ascending.
    weights : (b,), default 1, 1/√2, 1/√4, 1/√6, …
        Weight of each band.

    See Also
    --------
    weighted_index

    Notes
    -----
    ``SUM(MAX(w(band of rank a), w(band of rank b)))``

    - A city without an institution is 0 once any line names a city; before that the list is not
      filled yet and every city is #N/A.
    - Format the cells of bands as text before typing: a spreadsheet makes dates of 1-10 and 11-20.
      Such numbers are #VALUE!.
    - Beyond the last band a list gives no weight.

    References
    ----------
    IECC 2024, indicator B4.3: bands and weights of the top 200 universities.

    Examples
    --------
    >>> band_index(["rome", "oslo"], ["rome"], ["101-150"], ["11-20"]).values.tolist()
    [[0.7071067811865475], [0.0]]
    """
    band_uppers = np.ravel(BAND_UPPERS if uppers is None else uppers).tolist()
    band_weights = np.ravel(BAND_WEIGHTS if weights is None else weights).tolist()
    second_ranks: Sequence[CellValue] = (
        [None] * len(item_units) if ranks_b is None else ranks_b
    )
    ranks = zip(map(_fold_label, item_units), ranks_a, second_ranks, strict=True)
    sums, unreadable = _sum_band_weights(ranks, band_uppers, band_weights)
    names = [_fold_label(unit) for unit in units]
    weight_sums = [sums.get(name, 0.0) for name in names]
    errors = np.zeros(len(names), dtype=np.uint8)
    errors[[name in unreadable for name in names]] = ErrorCode.VALUE
    errors[[not name or not (sums or unreadable) for name in names]] = ErrorCode.NA
    return make_column(np.array(weight_sums, dtype=np.float64), errors)


def _fold_label(label: CellValue) -> str:
    """Return a cell as a label in small letters, for comparison."""
    return as_label(label).casefold()


def _sum_band_weights(
    ranks: Iterable[tuple[str, CellValue, CellValue]],
    uppers: Sequence[float],
    weights: Sequence[float],
) -> tuple[dict[str, float], set[str]]:
    """Return the sum of the band weights of each city, and the cities with a rank not to be read.

    The first maps a city's label in small letters to its sum. Of an institution's ranks the one
    with the better weight counts.

    Parameters
    ----------
    ranks
        For each institution: the label of its city, and its rank on the first and the second list.
    uppers, weights
        Last rank and weight of each band.
    """
    sums: dict[str, float] = {}
    unreadable: set[str] = set()
    for label, *list_ranks in ranks:
        if not label:
            continue
        try:
            best = max(
                band_weight(read_rank(rank), uppers, weights) for rank in list_ranks
            )
        except FunctionError:
            unreadable.add(label)
            continue
        sums[label] = sums.get(label, 0.0) + best
    return sums, unreadable


#: Upper bounds of the grades of fine dust, as multiples of the guideline; each bound is included.
PM25_MULTIPLES = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)


@function(category="report")
def pm25_grade(
    values: ArrayLike, guideline: Positive = 5.0, *, states: States | None = None
) -> CellArray:
    """Return grades of fine dust: 7 up to the guideline, one less beyond 1, 2, 3, 5, 7, 10 times.

    Parameters
    ----------
    values : (n, k)
        Annual means of PM2.5 in ug/m3: a row per city. Blank and missing codes stay out.
    guideline
        Guideline value in ug/m3; the World Health Organization's of 2021 is 5.

    Returns
    -------
    Block
        (n, k) scores 1 to 7.

    See Also
    --------
    zscore_index

    Notes
    -----
    ``7 - COUNTIF({1;2;3;5;7;10} * guideline, "<" & x)``

    - Each bound counts as the better grade: 10 is still 6 points, 10.1 is 5.
    - More is better: the score already turns the concentration round.

    References
    ----------
    IQAir, World Air Quality Report 2023: colours by multiples of the WHO guideline of 2021.

    Examples
    --------
    >>> pm25_grade([[5.0], [5.1], [10.0], [50.0], [50.1]]).values.ravel().tolist()
    [7.0, 6.0, 6.0, 2.0, 1.0]
    """
    x, state = as_numbers(values, states)
    bounds = np.multiply.outer(
        np.array(PM25_MULTIPLES), per_column(guideline, x.shape[1])
    )
    is_beyond = x[None] > bounds[:, None]
    exceeded = is_beyond.sum(axis=0)
    errors = state_errors(state)
    errors[(state == CellState.NUMBER) & (x < 0)] = ErrorCode.NUM
    return make_block(len(PM25_MULTIPLES) + 1.0 - exceeded, errors)


@function(category="report", returns="column")
def zscore_index(
    values: ArrayLike,
    weights: Weights | None = None,
    limit: AtLeastZero = 1.96,
    missing: Missing = "renormalise",
    ddof: WholeNumber = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return the weighted mean of each row's clipped z-scores: an index of several sub-measures.

    Parameters
    ----------
    values : (n, k)
        Sub-measures, any uom; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    limit
        Standard deviations at which z-scores are clipped; 0 does not clip.
    missing
        What a missing code does: na (no result in its row), renormalise (its weight is shared among
        the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A
        blank always gives #N/A.
    ddof
        The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S.

    See Also
    --------
    zscore_winsor, weighted_index

    Notes
    -----
    ``SUM(w * MIN(MAX((x - mean) / sd, -limit), limit)) / SUM(w)``

    - Mean and standard deviation are those of the numbers of each column.
    - Under renormalise a city is judged by the sub-measures that it has; under zero a missing one
      counts as average.

    References
    ----------
    IECC 2024: sub-measures of one indicator.

    Examples
    --------
    >>> zscore_index([[1.0, 30.0], [2.0, 20.0], [3.0, 10.0]], [3, 1], 1).values.ravel().tolist()
    [-0.5, 0.0, 0.5]
    """
    x, state = as_numbers(values, states)
    z = zscore_winsor(x, limit, 1.0, ddof, states=state)
    shares = np.ones(x.shape[1]) if weights is None else weights
    # A number without a z-score stays a number here, so that the row keeps its other errors.
    scores = np.where(state == CellState.NUMBER, np.nan_to_num(z.values), np.nan)
    index = weighted_index(scores, shares, "arithmetic", missing, states=state)
    in_constant_column = (
        (state == CellState.NUMBER) & (z.errors == ErrorCode.DIV0)
    ).any(axis=1)
    errors = index.errors.copy()
    errors[in_constant_column & (errors[:, 0] == ErrorCode.NONE)] = ErrorCode.DIV0
    return make_block(index.values, errors)
