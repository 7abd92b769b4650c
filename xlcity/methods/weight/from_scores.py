"""Weights that follow from the scores: entropy, CRITIC, variation, components, errors."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.model_weights import infomax_weights, ucm_weights
from xlcity.functions.weigh import (
    PCA_METHODS,
    critic_weights,
    cv_weights,
    entropy_weights,
    pca_weights,
)
from xlcity.messages import Message
from xlcity.methods.record import MethodCell, Parameter, Settings, Word, kernel_of
from xlcity.methods.weight.record import Weighting

ENTROPY = Weighting(
    name="entropy",
    words=(Word("entropy"),),
    reads_scores=True,
    kernel=kernel_of(entropy_weights),
)
CRITIC = Weighting(
    name="critic",
    words=(Word("critic"),),
    reads_scores=True,
    kernel=kernel_of(critic_weights),
)
CV = Weighting(
    name="cv",
    parameters=(Parameter("ddof", default=1.0, cell=MethodCell("ddof")),),
    words=(Word("cv"),),
    reads_scores=True,
    kernel=kernel_of(cv_weights, "ddof"),
)
PCA = Weighting(
    name="pca",
    parameters=(Parameter("kind", PCA_METHODS, "handbook", cell=MethodCell("kind")),),
    words=(Word("pca", ("kind",)),),
    reads_scores=True,
    kernel=kernel_of(pca_weights, method="kind"),
)


def _check_ucm(settings: Settings, children: int) -> Iterator[str]:
    """Yield why two children have no weights: that is too few to tell how much each errs.

    `children` is how many the node has.
    """
    if children == 2:
        yield Message("method.ucm_of_two")


INFOMAX = Weighting(
    name="infomax",
    words=(Word("infomax"),),
    reads_scores=True,
    kernel=kernel_of(infomax_weights),
)
UCM = Weighting(
    name="ucm",
    words=(Word("ucm"),),
    reads_scores=True,
    kernel=kernel_of(ucm_weights),
    check_children=_check_ucm,
)
