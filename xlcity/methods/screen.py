"""Methods of the step *screen*: units with too few values, or too many zeros, are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import TEXTS, Method, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Method):
    """A method to leave units out by."""

    step: ClassVar[str] = "screen"


AVAILABILITY = Screening(
    name="availability",
    parameters=(
        # Least shares of values, and of values other than 0, that a unit must have.
        Parameter("data", default=2 / 3, limits=(0.0, 1.0)),
        Parameter("nonzero", default=0.0, limits=(0.0, 1.0)),
        Parameter("keep", TEXTS),
        Parameter("drop", TEXTS),
    ),
)
NONE = Screening(name="none")
