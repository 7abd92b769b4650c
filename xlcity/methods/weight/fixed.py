"""Weights that no data change: those of the framework, one of its named sets, or equal ones."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.weigh import equal_weights
from xlcity.methods.record import TEXT, Parameter, Settings, Word
from xlcity.methods.weight.record import Weighting


def _equal(values: Matrix, states: States, settings: Settings) -> CellArray:
    return equal_weights(values)


GIVEN = Weighting(name="given", words=(Word("given"),))
NAMED = Weighting(
    name="named",
    parameters=(Parameter("set", TEXT),),
    words=(Word("named", ("set",), required=True),),
    named=True,
)
EQUAL = Weighting(name="equal", words=(Word("equal"),), kernel=_equal)
