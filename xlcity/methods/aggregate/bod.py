"""Benefit of the doubt: every city by the weights that suit it best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.envelopment import SHARES, bod_index
from xlcity.methods.aggregate.native import NativeAggregation, NodeCells
from xlcity.methods.aggregate.record import Aggregation, common
from xlcity.methods.record import Parameter, Settings, Word


def _bod(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    low, high = settings.number("low"), settings.number("high")
    return bod_index(values, low, high, settings.text("shares"), states=states)


def _check(settings: Settings) -> Iterator[str]:
    low, high = settings.number("low"), settings.number("high")
    if not 0 <= low <= high <= 1:
        yield f"the shares {low:g} and {high:g} are not from 0 to 1, the least one first"


def _call(cells: NodeCells) -> str:
    given = (f"{cells.settings.number(name):.15g}" for name in ("low", "high"))
    return f'BOD_INDEX({cells.values},{",".join(given)},"{cells.settings.text("shares")}")'


BOD = Aggregation(
    name="bod",
    parameters=(
        # Least and greatest share of each child, in the sum of the weights or in the score.
        Parameter("low", default=0.0, limits=(0.0, 1.0)),
        Parameter("high", default=1.0, limits=(0.0, 1.0)),
        Parameter("shares", SHARES, "weights"),
        *common("na"),
    ),
    words=(Word("bod", ("low", "high", "shares")),),
    check=_check,
    kernel=_bod,
    weighted=False,
    between=False,
    needs="Scores must be 0 or more, not all of them 0, and the shares able to sum to 1.",
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(by_function=True, whole=_call, rules=("na",)),
)
