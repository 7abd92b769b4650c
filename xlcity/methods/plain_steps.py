"""Methods of steps that the index carries out itself: denominate, screen, rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import TEXT, TEXTS, Method, Parameter, Settings, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominating(Method):
    """A method to divide by."""

    step: ClassVar[str] = "denominate"


BY = Denominating(
    name="by",
    parameters=(
        Parameter("denominator", TEXT, column="denominator"),
        Parameter("scale", default=1.0),
    ),
    words=(Word("given"), Word("by", ("denominator", "scale"))),
)
UNDIVIDED = Denominating(name="none", words=(Word("none"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Method):
    """A method to leave units out by; a step that names nodes looks at the indicators of each."""

    step: ClassVar[str] = "screen"


def _check_shares(settings: Settings) -> Iterator[str]:
    """Yield faults: shares not from 0 to 1, or units both kept and dropped."""
    for name in ("data", "nonzero"):
        if not 0 <= settings.number(name) <= 1:
            yield f"{name} is {settings.number(name):g}, not a share from 0 to 1"
    for unit in {*settings.texts("keep")} & {*settings.texts("drop")}:
        yield f"{unit} is both kept and dropped"


AVAILABILITY = Screening(
    name="availability",
    parameters=(
        # Least shares of values, and of values other than 0, that a unit must have.
        Parameter("data", default=2 / 3, limits=(0.0, 1.0)),
        Parameter("nonzero", default=0.0, limits=(0.0, 1.0)),
        Parameter("keep", TEXTS),
        Parameter("drop", TEXTS),
    ),
    words=(Word("availability", ("data", "nonzero")),),
    check=_check_shares,
)
UNSCREENED = Screening(name="none", words=(Word("none"),))


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
