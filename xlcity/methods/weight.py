"""Methods of the step *weight*: weights that are given, or follow from scores or judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.model_weights import (
    ahp_ratio,
    ahp_weights,
    infomax_weights,
    ucm_weights,
)
from xlcity.functions.weigh import (
    PCA_METHODS,
    balance_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    pca_weights,
)
from xlcity.messages import Message
from xlcity.methods.record import (
    NUMBERS,
    TEXT,
    BlockKernel,
    Method,
    Parameter,
    Settings,
    Word,
    kernel_of,
    no_remark,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting(Method):
    """A method to find the weights of a node's children.

    Attributes
    ----------
    kernel
        Takes the (n, children) scores, their states and the parameters; gives one weight per child.
        None: the framework's weights.
    ratio
        Gives the consistency ratio of pairwise judgements about this many children; None: there are
        no judgements.
    named
        Whether the framework has the weights, in the set that the parameter `set` names.
    check_children
        Yields what is wrong with the parameters for this many children.
    """

    step: ClassVar[str] = "weight"

    kernel: BlockKernel | None = None
    ratio: Callable[[Settings, int], float] | None = None
    named: bool = False
    check_children: Callable[[Settings, int], Iterator[str]] = no_remark


GIVEN = Weighting(name="given", words=(Word("given"),))
NAMED = Weighting(
    name="named",
    parameters=(Parameter("set", TEXT),),
    words=(Word("named", ("set",), required=True),),
    named=True,
)
EQUAL = Weighting(name="equal", words=(Word("equal"),), kernel=kernel_of(equal_weights))


ENTROPY = Weighting(
    name="entropy", words=(Word("entropy"),), kernel=kernel_of(entropy_weights)
)
CRITIC = Weighting(
    name="critic", words=(Word("critic"),), kernel=kernel_of(critic_weights)
)
CV = Weighting(
    name="cv",
    parameters=(Parameter("ddof", default=1.0),),
    words=(Word("cv"),),
    kernel=kernel_of(cv_weights, "ddof"),
)


PCA = Weighting(
    name="pca",
    parameters=(Parameter("kind", PCA_METHODS, "handbook"),),
    words=(Word("pca", ("kind",)),),
    kernel=kernel_of(pca_weights, method="kind"),
)


def _check_ucm(settings: Settings, children: int) -> Iterator[str]:
    """Yield why two children have no weights: that is too few to tell how much each errs.

    `children` is how many the node has.
    """
    if children == 2:
        yield Message("method.ucm_of_two")


INFOMAX = Weighting(
    name="infomax", words=(Word("infomax"),), kernel=kernel_of(infomax_weights)
)
UCM = Weighting(
    name="ucm",
    words=(Word("ucm"),),
    kernel=kernel_of(ucm_weights),
    check_children=_check_ucm,
)


def _check_targets(settings: Settings, children: int) -> Iterator[str]:
    """Yield a fault where the parameter `targets` is not one number above 0 for each child.

    `children` is how many the node has.
    """
    targets = settings.numbers("targets")
    if targets is not None and (len(targets) != children or min(targets) <= 0):
        yield Message("method.targets", children=children)


BALANCE = Weighting(
    name="balance",
    parameters=(Parameter("targets", NUMBERS),),
    words=(Word("balance"),),
    check_children=_check_targets,
    kernel=kernel_of(balance_weights, "targets"),
)


def judgement_matrix(judgements: Sequence[float], count: int) -> Matrix:
    """Return the (count, count) matrix of pairwise judgements; NaN on and below the diagonal.

    Parameters
    ----------
    judgements
        Those above the diagonal, row by row.
    count
        Number of children.
    """
    matrix = np.full((count, count), np.nan)
    matrix[np.triu_indices(count, 1)] = judgements
    return matrix


def _judgements_of(settings: Settings, count: int) -> Matrix:
    """Return the step's pairwise judgements of `count` children as a (count, count) matrix."""
    return judgement_matrix(settings.numbers("judgements") or (), count)


def _weigh_by_judgements(
    values: Matrix, states: States, settings: Settings
) -> CellArray:
    """Return the weights that follow from the pairwise judgements among the parameters.

    Of the (n, children) scores only the number of columns is used.
    """
    return ahp_weights(_judgements_of(settings, values.shape[1]))


def _consistency_ratio(settings: Settings, count: int) -> float:
    """Return the consistency ratio of the step's judgements of `count` children."""
    return float(ahp_ratio(_judgements_of(settings, count)).values[0, 0])


def _check_judgements(settings: Settings, children: int) -> Iterator[str]:
    """Yield faults of pairwise judgements: not one for each pair of children, or not above 0.

    `children` is how many the node has.
    """
    judgements = settings.numbers("judgements") or ()
    pairs = children * (children - 1) // 2
    if len(judgements) != pairs:
        yield Message(
            "method.judgements_for_pairs", judgements=len(judgements), pairs=pairs
        )
    if min(judgements, default=1.0) <= 0:
        yield Message("method.judgements_not_positive")


AHP = Weighting(
    name="ahp",
    parameters=(Parameter("judgements", NUMBERS),),
    check_children=_check_judgements,
    kernel=_weigh_by_judgements,
    ratio=_consistency_ratio,
)
