"""Scores by the place of a city: ranks, percentiles of them, points of Borda."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellState
from xlcity.functions.rank import rank_uniform
from xlcity.functions.scale import percentile_scale, rank_borda
from xlcity.methods.normalise.record import (
    BASE,
    CONSTANT,
    SHARE,
    TIES,
    ColumnCells,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
    make_call,
    score_with,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _normalise_rank(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores of an indicator by ranks, 100 for the best.

    Missing codes rank lowest, and are marked, where the parameter `missing` says so.
    """
    ties = settings.text("ties")
    missing = settings.text("missing")
    block = rank_uniform(
        column.values, column.direction, ties, missing, states=column.states
    )
    has_code = (column.states == CellState.MISSING) & (missing == "lowest")
    marks = tuple((int(row), "lowest") for row in np.flatnonzero(has_code))
    return ScoredColumn(block, marks=marks)


def _tied_within_formula(cells: ColumnCells) -> str:
    """Return the formula of how little values of a column differ that count as tied.

    It is `functions.rounding.TIED_WITHIN` times the largest absolute value.
    """
    return f"8E-16*MAX(MAX({cells.values}),-MIN({cells.values}))"


def _worst_place_formula(cells: ColumnCells) -> str:
    """Return the formula of the worst value's rank, counted from the worst.

    Missing codes that rank lowest are tied with it; `low`, above the column, is their number. Where
    the column has no number, it is 0, and gaps stay gaps; but "" where codes rank lowest, since
    they get no score then.
    """
    ties = cells.word_of["rule"]
    missing_codes = cells.low
    without_numbers = '""' if cells.word_of["missing"] == "lowest" else "0"
    if ties == "min":
        return f"IF(COUNT({cells.values})>0,1,{without_numbers})"
    tied_within = _tied_within_formula(cells)
    # Cells of text, gaps among them, compare as larger than any number: where the largest number is
    # the worst, its equals are counted as all numbers less those below it.
    tied_numbers = f"SUMPRODUCT(({cells.values}<={cells.minimum}+{tied_within})*1)"
    if not cells.more_is_better:
        below_worst = f"SUMPRODUCT(({cells.values}<{cells.maximum}-{tied_within})*1)"
        tied_numbers = f"{cells.n}-{below_worst}"
    tied_with_worst = f"{tied_numbers}+{missing_codes}"
    worst_place = tied_with_worst if ties == "max" else f"({tied_with_worst}+1)/2"
    return f"IF(COUNT({cells.values})>0,{worst_place},{without_numbers})"


def _rank_score_formula(cells: ColumnCells) -> str:
    """Return the formula of a score by rank: 100 / units * rank from the worst.

    Above the column, `low` counts the missing codes that rank lowest, `high` the units that rank;
    `span` is the rank of the worst value, see `_worst_place_formula`.
    """
    if cells.word_of["missing"] != "lowest":
        return f"100/{cells.high}*{cells.place_formula()}"
    # The codes are tied with the worst value; better ones move up by the number of codes.
    is_better = f"{cells.x}<{cells.maximum}-{cells.tied_within}"
    if cells.more_is_better:
        is_better = f"{cells.x}>{cells.minimum}+{cells.tied_within}"
    return f"100/{cells.high}*IF({is_better},{cells.place_formula()}+{cells.low},{cells.span})"


def _scores_codes(cells: ColumnCells) -> bool:
    """Tell whether cities whose value is missing share the lowest place."""
    return cells.word_of["missing"] == "lowest"


def _codes_formula(cells: ColumnCells) -> str:
    """Return the formula of how many missing values have a place."""
    return f'COUNTIF({cells.values},"NA")' if _scores_codes(cells) else "0"


def _code_score_formula(cells: ColumnCells) -> str:
    """Return the formula of the score of a missing value, "" where it has none."""
    return f"100/{cells.high}*{cells.span}" if _scores_codes(cells) else ""


RANK = Normalisation(
    name="rank",
    parameters=(
        TIES,
        Parameter(
            "missing", ("na", "lowest"), "na", cell=MethodCell("missing", live=False)
        ),
    ),
    words=(Word("rank"),),
    kernel=_normalise_rank,
    native=NativeNormalisation(
        score=_rank_score_formula,
        call=make_call("RANK_UNIFORM", "direction", "rule", "missing"),
        low=_codes_formula,
        high=lambda cells: f"COUNT({cells.values})+{cells.low}",
        span=_worst_place_formula,
        bound_labels=("codes", "units", "worst"),
        tied_within=_tied_within_formula,
        span_tells_emptiness=True,
        gap=_code_score_formula,
    ),
)
PERCENTILE = Normalisation(
    name="percentile",
    parameters=(TIES, BASE, SHARE, CONSTANT),
    words=(Word("percentile", ("scale", "base")),),
    kernel=score_with(percentile_scale, "scale", "ties", "base"),
    native=NativeNormalisation(
        score=lambda cells: cells.scaled_formula(
            f"({cells.place_formula()}-1)/{cells.span}"
        ),
        call=make_call(
            *("PERCENTILE_SCALE", "direction", "scale", "rule", "base"),
            unsupported=("constant",),
        ),
        span=lambda cells: f'IF({cells.n}>1,{cells.n}-1,"")',
        tied_within=_tied_within_formula,
    ),
)
BORDA = Normalisation(
    name="borda",
    parameters=(TIES, Parameter("base", default=0.0, cell=MethodCell("base"))),
    words=(Word("borda", ("base",)),),
    kernel=score_with(rank_borda, "ties", "base"),
    native=NativeNormalisation(
        score=lambda cells: f"{cells.place_formula()}-1+{cells.cell_of['base']}",
        call=make_call("RANK_BORDA", "direction", "rule", "base"),
        tied_within=_tied_within_formula,
    ),
)
