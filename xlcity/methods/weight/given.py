"""Weights of the framework, a named set of them, or equal ones."""

from __future__ import annotations

from xlcity.functions.weigh import equal_weights
from xlcity.methods.record import TEXT, Parameter, Word, kernel_of
from xlcity.methods.weight.record import Weighting

GIVEN = Weighting(name="given", words=(Word("given"),))
NAMED = Weighting(
    name="named",
    parameters=(Parameter("set", TEXT),),
    words=(Word("named", ("set",), required=True),),
    named=True,
)
EQUAL = Weighting(
    name="equal",
    words=(Word("equal"),),
    kernel=kernel_of(equal_weights),
    native=lambda parents, parent: f"1/COUNTIF({parents},{parent})",
)
