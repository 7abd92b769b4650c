"""Weights under which every child has its share in the variance of the aggregate."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.weigh import balance_weights
from xlcity.methods.record import NUMBERS, Parameter, Settings, Word
from xlcity.methods.weight.record import Weighting


def _balance(values: Matrix, states: States, settings: Settings) -> CellArray:
    return balance_weights(values, settings.numbers("targets"), states=states)


def _check(settings: Settings, children: int) -> Iterator[str]:
    targets = settings.numbers("targets")
    if targets is not None and (len(targets) != children or min(targets) <= 0):
        yield f"targets are {children} numbers above 0"


BALANCE = Weighting(
    name="balance",
    parameters=(Parameter("targets", NUMBERS),),
    words=(Word("balance"),),
    check_children=_check,
    kernel=_balance,
)
