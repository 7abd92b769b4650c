"""Weights by how much the scores differ: entropy, CRITIC, coefficient of variation."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.weigh import critic_weights, cv_weights, entropy_weights
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.weight.record import Weighting


def _entropy(values: Matrix, states: States, settings: Settings) -> CellArray:
    return entropy_weights(values, states=states)


def _critic(values: Matrix, states: States, settings: Settings) -> CellArray:
    return critic_weights(values, states=states)


def _cv(values: Matrix, states: States, settings: Settings) -> CellArray:
    return cv_weights(values, settings.number("ddof"), states=states)


ENTROPY = Weighting(name="entropy", words=(Word("entropy"),), kernel=_entropy)
CRITIC = Weighting(name="critic", words=(Word("critic"),), kernel=_critic)
CV = Weighting(
    name="cv",
    parameters=(Parameter("ddof", default=1.0),),
    words=(Word("cv"),),
    kernel=_cv,
)
