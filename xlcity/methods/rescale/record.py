"""What a method to rescale aggregates by is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.record import Method, Parameter, Settings

#: Readings of the root's score: the mean of its children's scaled scores, its own aggregate scaled
#: like any other, or its aggregate as it is.
MEAN_OF_SCALED, SCALED, UNSCALED = "mean_of_scaled", "scaled", "unscaled"
OVERALL = Parameter("overall", (MEAN_OF_SCALED, SCALED, UNSCALED), SCALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling(Method):
    """A method to rescale by: `kernel` makes the scores of one node."""

    step: ClassVar[str] = "rescale"

    kernel: Callable[[Matrix, States, Settings], CellArray]
