"""Ratings as shares of the best one that can be given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.block import CellArray, CellState, Matrix
from xlcity.functions.normalise import rating_scale
from xlcity.methods.normalise.record import (
    SCALE,
    ColumnCells,
    Extent,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
    call_upward,
    make_call,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _normalise_rating(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return ratings as shares of the best possible one, times the full score.

    Units without a rating get a score, and a mark, where the parameter `unrated` gives them one.
    """
    best = settings.number("max")
    scale = settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        numbers = column.has_number.reshape(block.values.shape)
        block = CellArray(
            np.where(numbers, scale - block.values, block.values), block.errors
        )
    codes = (
        np.flatnonzero(column.states == CellState.MISSING)
        if unrated is not None
        else ()
    )
    return ScoredColumn(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advise_rating(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[Problem]:
    """Yield a note where values lie beyond the best rating, the parameter `max`.

    `extent` has the greatest value.
    """
    best = settings.number("max")
    if extent.maximum > best:
        yield Problem.of(
            "XC358.beyond_best_rating",
            Where(indicator=extent.code),
            code=extent.code,
            maximum=extent.maximum,
            best=best,
        )


_RATING_CALL = make_call("RATING_SCALE", "b", "scale", "missing")


def _rating_formula(cells: ColumnCells) -> str:
    """Return the formula of a rating's score: its share of the best one, times the full score."""
    score = f"{cells.x}/{cells.span}*{cells.cell_of['scale']}"
    return score if cells.more_is_better else f"{cells.cell_of['scale']}-{score}"


def _unrated_formula(cells: ColumnCells) -> str:
    """Return the formula of an unrated unit's score, "" for none."""
    if not cells.has_cell("missing"):
        return ""
    return f"{cells.cell_of['missing']}/{cells.span}*{cells.cell_of['scale']}"


RATING = Normalisation(
    name="rating",
    parameters=(
        Parameter("max", default=5.0, cell=MethodCell("b")),
        Parameter("unrated", cell=MethodCell("missing", named=True, shared="unrated")),
        SCALE,
    ),
    words=(Word("rating", ("max",)),),
    advice=_advise_rating,
    kernel=_normalise_rating,
    scores_alone=True,
    native=NativeNormalisation(
        score=_rating_formula,
        call=call_upward(_RATING_CALL),
        low=lambda cells: "0",
        high=lambda cells: cells.cell_of["b"],
        span=lambda cells: (
            f'IF(ISNUMBER({cells.high}),IF({cells.high}>0,{cells.high},""),"")'
        ),
        bound_labels=("low", "high", "range"),
        by_bounds=True,
        gap=_unrated_formula,
    ),
)
