"""What a method to aggregate by is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.aggregate.native import NativeAggregation
from xlcity.methods.record import Method, Parameter, Settings

#: What (n, children) scores, their states, the weights of the children and the parameters give.
#: Kernels of methods that are not `whole_sample` take (n, children) weights, too.
Kernel = Callable[[Matrix, States, Sequence[float] | Matrix, Settings], CellArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation(Method):
    """A method to aggregate by: `kernel` makes one column of the children's scores.

    Attributes
    ----------
    weighted
        Whether it reads weights; none are looked for where it does not.
    between
        Whether results lie between the least and the greatest child.
    needs
        What scores it needs; said where it has no result.
    asks_sign
        Whether it matters that a child is 0 or above.
    whole_sample
        Whether a result depends on the other cities, too, or there is none.
    scale_free
        Whether a child counts as much when its scores are multiplied by a number.
    native
        The same in cells; None: templates cannot show it.
    """

    step: ClassVar[str] = "aggregate"

    kernel: Kernel
    weighted: bool = True
    between: bool = True
    needs: str = "Check the scores of its children."
    asks_sign: bool = False
    whole_sample: bool = False
    scale_free: bool = False
    native: NativeAggregation | None = None


def common(*missing: str) -> tuple[Parameter, ...]:
    """Return the parameters that aggregations have, with the rules for missing children they know.

    na: no score; renormalise: over those that are there; zero: as 0; refuse: with one missing or
    blank child no unit of the group has a score.
    """
    return (
        Parameter("missing", missing, "na"),
        # The framework's, or the number of indicators under each child.
        Parameter("weights", ("given", "leaves"), "given"),
        # Whether children are read before or after rescaling.
        Parameter("children", ("aggregates", "scores"), "aggregates"),
        # Least share of the children that must be there.
        Parameter("threshold", default=0.0, limits=(0.0, 1.0)),
    )


#: Parameters of means, and of aggregations that know no "zero" and no "refuse".
MEAN = common("na", "renormalise", "zero", "refuse")
OTHER = common("na", "renormalise")
