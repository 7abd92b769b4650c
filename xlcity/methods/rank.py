"""The step *rank*: how scores become ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import Method, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Method):
    """A method to rank by."""

    step: ClassVar[str] = "rank"


COMPETITION = Ranking(
    name="competition",
    parameters=(
        # Digits of the key that ranks are taken from, and those of a coarser second rounding.
        Parameter("digits", default=9.0),
        Parameter("round_to"),
        # Tied units share the first or last of their places (min, max), the next rank in a count
        # without gaps (dense), or are numbered in the order of the units (ordinal).
        Parameter("ties", ("min", "max", "dense", "ordinal"), "min"),
    ),
)
