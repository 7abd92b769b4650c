"""Scores by bands between cut points, given as values or as percentiles of the column."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.distance import category_scale
from xlcity.methods.normalise.native import ColumnCells, Native
from xlcity.methods.normalise.record import Indicator, Normalisation, Scored
from xlcity.methods.record import NUMBERS, MethodCell, Parameter, Settings


def _bands(column: Indicator, settings: Settings) -> Scored:
    cuts, scores = settings.numbers("cuts") or (), settings.numbers("scores")
    x, by, turn = column.values, settings.text("by"), column.direction
    return Scored(category_scale(x, cuts, scores, by, turn, states=column.states))


def _check(settings: Settings) -> Iterator[str]:
    cuts, scores = settings.numbers("cuts") or (), settings.numbers("scores")
    if not cuts or list(cuts) != sorted(set(cuts)):
        yield "cuts are ascending numbers"
    if scores is not None and len(scores) != len(cuts) + 1:
        yield f"{len(scores)} scores for {len(cuts) + 1} bands"


_CALL = ("CATEGORY_SCALE", "cuts", "scores", "rule", "direction")


def _score(c: ColumnCells) -> str:
    passed = f"SUMPRODUCT(({c.x}{'>=' if c.rises else '<='}{c.limits})*1)"
    return f"INDEX({c.scores},1,{passed}+1)"


BANDS = Normalisation(
    name="bands",
    parameters=(
        Parameter("cuts", NUMBERS),
        Parameter("scores", NUMBERS),
        Parameter("by", ("value", "percentile"), "value", cell=MethodCell("rule", live=False)),
    ),
    check=_check,
    kernel=_bands,
    native=Native(
        score=_score,
        call=lambda c: _CALL if c.cuts else None,
        separate=True,
    ),
)
