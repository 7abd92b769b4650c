"""Scores by the place of a city: uniform ranks, percentile ranks, Borda counts."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import State
from xlcity.functions.rank import rank_uniform
from xlcity.functions.scale import percentile_scale, rank_borda
from xlcity.methods.normalise.record import CONSTANT, TIES, Column, Normalisation, Scored
from xlcity.methods.record import Parameter, Settings, Word


def _rank(column: Column, settings: Settings) -> Scored:
    ties, missing = settings.text("ties"), settings.text("missing")
    block = rank_uniform(column.values, column.direction, ties, missing, states=column.states)
    codes = np.flatnonzero(column.states == State.MISSING) if missing == "lowest" else ()
    return Scored(block, marks=tuple((int(row), "lowest") for row in codes))


def _percentile(column: Column, settings: Settings) -> Scored:
    ties, scale = settings.text("ties"), settings.number("scale")
    x, states = column.values, column.states
    return Scored(percentile_scale(x, column.direction, scale, ties, states=states))


def _borda(column: Column, settings: Settings) -> Scored:
    ties, base = settings.text("ties"), settings.number("base")
    x, states = column.values, column.states
    return Scored(rank_borda(x, column.direction, ties, base, states=states))


RANK = Normalisation(
    name="rank",
    parameters=(TIES, Parameter("missing", ("na", "lowest"), "na")),
    words=(Word("rank"),),
    function="RANK_UNIFORM",
    kernel=_rank,
)
PERCENTILE = Normalisation(
    name="percentile",
    parameters=(TIES, Parameter("scale", default=1.0), CONSTANT),
    words=(Word("percentile", ("scale",)),),
    function="PERCENTILE_SCALE",
    kernel=_percentile,
)
BORDA = Normalisation(
    name="borda",
    parameters=(TIES, Parameter("base", default=0.0)),
    words=(Word("borda", ("base",)),),
    function="RANK_BORDA",
    kernel=_borda,
)
