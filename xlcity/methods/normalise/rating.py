"""Ratings as a share of the best one that can be given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.block import Block, Matrix, State
from xlcity.functions.normalise import rating_scale
from xlcity.methods.normalise.record import Column, Extent, Normalisation, Scored
from xlcity.methods.record import Parameter, Settings, Word


def _rating(column: Column, settings: Settings) -> Scored:
    best, scale = settings.number("max"), settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        turned = np.where(column.known, scale - block.values[:, 0], 0.0)
        block = Block(np.where(column.known[:, None], turned[:, None], block.values), block.errors)
    codes = np.flatnonzero(column.states == State.MISSING) if unrated is not None else ()
    return Scored(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advice(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    best = settings.number("max")
    if extent.maximum > best:
        message = f"values of {extent.code} go up to {extent.maximum:g}, beyond the best rating "
        yield f"{message}{best:g}.", "Write rating:MAX with the best rating that can be given."


RATING = Normalisation(
    name="rating",
    parameters=(
        Parameter("max", default=5.0),
        Parameter("unrated"),
        Parameter("scale", default=100.0),
    ),
    words=(Word("rating", ("max",)),),
    function="RATING_SCALE",
    advice=_advice,
    kernel=_rating,
)
