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
    reads_scores
        Whether the weights follow from scores.
    native
        Takes the addresses of the column of parents and of a child's own parent on `Framework`;
        gives the formula of the child's weight. None: only a function finds the weights.
    check_children
        Yields what is wrong with the parameters for this many children.
    """

    step: ClassVar[str] = "weight"

    kernel: BlockKernel | None = None
    ratio: Callable[[Settings, int], float] | None = None
    named: bool = False
    reads_scores: bool = False
    native: Callable[[str, str], str] | None = None
    check_children: Callable[[Settings, int], Iterator[str]] = no_remark

    @property
    def derives(self) -> bool:
        """Whether it finds the weights, so that none are typed."""
        return self.kernel is not None or self.named

    @property
    def judges(self) -> bool:
        """Whether weights follow from pairwise judgements."""
        return self.ratio is not None

    @property
    def cell_parameters(self) -> tuple[str, ...]:
        """The parameters that have a cell on `Weights`."""
        return tuple(p.name for p in self.parameters if p.cell is not None)
