"""What a method of the step *rescale* is: aggregates on the published scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import BlockKernel, Method, Parameter

#: The root's score is the mean of its children's scaled scores.
MEAN_OF_SCALED = "mean_of_scaled"
#: The root's aggregate is scaled like that of any other node.
SCALED = "scaled"
#: The root's score is its aggregate as it is.
UNSCALED = "unscaled"
OVERALL = Parameter("overall", (MEAN_OF_SCALED, SCALED, UNSCALED), SCALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling(Method):
    """A method to rescale by: `kernel` makes the (n, 1) scores of a node of its aggregates.

    It takes the aggregates, their states and the parameters. Equal aggregates need no score: one
    that the parameter `constant` names is put in their place.
    """

    step: ClassVar[str] = "rescale"

    kernel: BlockKernel
