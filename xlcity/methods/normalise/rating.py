"""Ratings as a share of the best one that can be given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.block import CellArray, CellState, Matrix
from xlcity.functions.normalise import rating_scale
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import SCALE, Extent, Indicator, Normalisation, Scored
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _rating(column: Indicator, settings: Settings) -> Scored:
    best, scale = settings.number("max"), settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        known = column.known.reshape(block.values.shape)
        block = CellArray(np.where(known, scale - block.values, block.values), block.errors)
    codes = np.flatnonzero(column.states == CellState.MISSING) if unrated is not None else ()
    return Scored(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advice(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    best = settings.number("max")
    if extent.maximum > best:
        message = (
            f"values of {extent.code} go up to {extent.maximum:g}, beyond the best rating {best:g}."
        )
        yield message, "Write rating:MAX with the best rating that can be given."


_CALL = call("RATING_SCALE", "b", "scale", "missing")


def _score(c: ColumnCells) -> str:
    score = f"{c.x}/{c.span}*{c.at['scale']}"
    return score if c.rises else f"{c.at['scale']}-{score}"


def _unrated(c: ColumnCells) -> str:
    return f"{c.at['missing']}/{c.span}*{c.at['scale']}" if c.has("missing") else ""


RATING = Normalisation(
    name="rating",
    parameters=(
        Parameter("max", default=5.0, cell=MethodCell("b")),
        Parameter("unrated", cell=MethodCell("missing", named=True, shared="unrated")),
        SCALE,
    ),
    words=(Word("rating", ("max",)),),
    advice=_advice,
    kernel=_rating,
    native=Native(
        score=_score,
        call=lambda c: _CALL(c) if c.rises else None,
        low=lambda c: "0",
        high=lambda c: c.at["b"],
        span=lambda c: f'IF(ISNUMBER({c.high}),IF({c.high}>0,{c.high},""),"")',
        heads=("low", "high", "range"),
        gap=_unrated,
    ),
)
