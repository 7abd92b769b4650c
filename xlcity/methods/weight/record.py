"""What a method to find weights by is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import BlockKernel, Method, Settings, no_remark


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
