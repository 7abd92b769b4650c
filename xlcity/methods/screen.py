"""The step *screen*: cities with too few values are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xlcity.messages import Message
from xlcity.methods.record import TEXTS, Method, Parameter, Settings, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Method):
    """A method to leave units out by.

    A step that names nodes looks at the indicators under each of them by themselves.
    """

    step: ClassVar[str] = "screen"


def _check_shares(settings: Settings) -> Iterator[str]:
    """Yield faults of the parameters: shares not from 0 to 1, or units both kept and dropped."""
    for name in ("data", "nonzero"):
        if not 0 <= settings.number(name) <= 1:
            yield Message("method.no_share", name=name, value=settings.number(name))
    for unit in {*settings.texts("keep")} & {*settings.texts("drop")}:
        yield Message("method.kept_and_dropped", unit=unit)


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
UNSCREENED = Screening(name="none", words=(Word("none"),), idle=True)
