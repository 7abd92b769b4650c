"""Weights by which children count as much as their targets say."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.weigh import balance_weights
from xlcity.messages import Message
from xlcity.methods.record import NUMBERS, Parameter, Settings, Word, kernel_of
from xlcity.methods.weight.record import Weighting


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
    reads_scores=True,
    kernel=kernel_of(balance_weights, "targets"),
)
