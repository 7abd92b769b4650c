"""The step *pairs*: pairs of cities scored by the links between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from xlcity.methods.construct.links import COUNT
from xlcity.methods.record import TEXT, Method, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing(Method):
    """A method to score pairs by."""

    step: ClassVar[str] = "pairs"


LINK_SCORES = Pairing(
    name="link_scores",
    parameters=(Parameter("group", TEXT), replace(COUNT, defined_name="pair_count {}")),
)
