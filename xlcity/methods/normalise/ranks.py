"""Scores by the place of a city: uniform ranks, percentile ranks, Borda counts."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellState
from xlcity.functions.rank import rank_uniform
from xlcity.functions.scale import percentile_scale, rank_borda
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import CONSTANT, SHARE, TIES, Indicator, Normalisation, Scored
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _rank(column: Indicator, settings: Settings) -> Scored:
    ties, missing = settings.text("ties"), settings.text("missing")
    block = rank_uniform(column.values, column.direction, ties, missing, states=column.states)
    codes = np.flatnonzero(column.states == CellState.MISSING) if missing == "lowest" else ()
    return Scored(block, marks=tuple((int(row), "lowest") for row in codes))


def _percentile(column: Indicator, settings: Settings) -> Scored:
    ties, scale = settings.text("ties"), settings.number("scale")
    x, states = column.values, column.states
    return Scored(percentile_scale(x, column.direction, scale, ties, states=states))


def _borda(column: Indicator, settings: Settings) -> Scored:
    ties, base = settings.text("ties"), settings.number("base")
    x, states = column.values, column.states
    return Scored(rank_borda(x, column.direction, ties, base, states=states))


def _worst_place(c: ColumnCells) -> str:
    """Return the rank that the worst value has, with the missing codes that join it."""
    ties, codes = c.words["rule"], c.low
    if ties == "min":
        return f'IF({c.n}>0,1,"")'
    near = f"8E-16*MAX({c.most},-{c.least})"
    # Texts are larger than any number: what is not below the worst cannot be counted directly.
    same = f"SUMPRODUCT(({c.values}<={c.least}+{near})*1)+{codes}"
    if not c.rises:
        same = f"{c.n}-SUMPRODUCT(({c.values}<{c.most}-{near})*1)+{codes}"
    place = same if ties == "max" else f"({same}+1)/2"
    return f'IF({c.n}>0,{place},"")'


def _score(c: ColumnCells) -> str:
    if c.words["missing"] != "lowest":
        return f"100/{c.high}*{c.made}"
    # The codes join the tie of the worst value; all others move up by their number.
    worst = {"min": "1", "max": f"{c.span}-{c.low}", "average": f"{c.span}-{c.low}/2"}
    return f"100/{c.high}*IF({c.made}={worst[c.words['rule']]},{c.span},{c.made}+{c.low})"


RANK = Normalisation(
    name="rank",
    parameters=(
        TIES,
        Parameter("missing", ("na", "lowest"), "na", cell=MethodCell("missing", live=False)),
    ),
    words=(Word("rank"),),
    kernel=_rank,
    native=Native(
        score=_score,
        call=call("RANK_UNIFORM", "direction", "rule", "missing"),
        low=lambda c: f'COUNTIF({c.values},"NA")' if c.words["missing"] == "lowest" else "0",
        high=lambda c: f"{c.n}+{c.low}",
        span=_worst_place,
        heads=("codes", "units", "worst"),
        working=lambda c: c.place(),
        gap=lambda c: f"100/{c.high}*{c.span}" if c.words["missing"] == "lowest" else "",
    ),
)
PERCENTILE = Normalisation(
    name="percentile",
    parameters=(TIES, SHARE, CONSTANT),
    words=(Word("percentile", ("scale",)),),
    kernel=_percentile,
    native=Native(
        score=lambda c: f"({c.made}-1)/{c.span}*{c.at['scale']}",
        call=call("PERCENTILE_SCALE", "direction", "scale", "rule", lacking=("constant",)),
        span=lambda c: f'IF({c.n}>1,{c.n}-1,"")',
        working=lambda c: c.place(),
    ),
)
BORDA = Normalisation(
    name="borda",
    parameters=(TIES, Parameter("base", default=0.0, cell=MethodCell("base"))),
    words=(Word("borda", ("base",)),),
    kernel=_borda,
    native=Native(
        score=lambda c: f"{c.made}-1+{c.at['base']}",
        call=call("RANK_BORDA", "direction", "rule", "base"),
        working=lambda c: c.place(),
    ),
)
