"""Weights by what the children have in common: the most information, one unobserved factor."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.factor_weights import infomax_weights, ucm_weights
from xlcity.methods.record import Settings, Word
from xlcity.methods.weight.record import Weighting


def _infomax(values: Matrix, states: States, settings: Settings) -> CellArray:
    return infomax_weights(values, states=states)


def _ucm(values: Matrix, states: States, settings: Settings) -> CellArray:
    return ucm_weights(values, states=states)


def _check_children(settings: Settings, children: int) -> Iterator[str]:
    """Yield why there are no weights: two columns do not tell how much each errs."""
    if children == 2:
        yield "ucm needs 3 children or more, and it has 2: use another method there (CODE=equal)"


INFOMAX = Weighting(name="infomax", words=(Word("infomax"),), kernel=_infomax)
UCM = Weighting(name="ucm", words=(Word("ucm"),), kernel=_ucm, check_children=_check_children)
