"""What a method to find weights by is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.record import Method, Settings


def _no_check(settings: Settings, children: int) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting(Method):
    """A method to find the weights of a node's children.

    Attributes
    ----------
    kernel
        Makes weights of (n, children) scores, their states and the parameters; None: the
        framework's weights.
    ratio
        The consistency ratio of judgements about this many children.
    named
        Whether the framework has the weights, in the set that the parameter `set` names.
    check_children
        Yields what is wrong with the parameters for this many children.
    """

    step: ClassVar[str] = "weight"

    kernel: Callable[[Matrix, States, Settings], CellArray] | None = None
    ratio: Callable[[Settings, int], float] | None = None
    named: bool = False
    check_children: Callable[[Settings, int], Iterator[str]] = _no_check
