"""Weights by principal components."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.weigh import PCA_METHODS, pca_weights
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.weight.record import Weighting


def _pca(values: Matrix, states: States, settings: Settings) -> CellArray:
    return pca_weights(values, settings.text("kind"), states=states)


PCA = Weighting(
    name="pca",
    parameters=(Parameter("kind", PCA_METHODS, "handbook"),),
    words=(Word("pca", ("kind",)),),
    kernel=_pca,
)
