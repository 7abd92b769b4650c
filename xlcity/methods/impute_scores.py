"""The step *impute_scores*: gaps closed by a city's other scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import Method, Parameter, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreImputation(Method):
    """A method to impute scores by."""

    step: ClassVar[str] = "impute_scores"


DIMENSION_MEAN = ScoreImputation(
    name="dimension_mean",
    # The parent first and the pillar where it has nothing, or the pillar at once.
    parameters=(Parameter("level", ("parent", "pillar"), "parent"),),
    words=(Word("row_mean"), Word("dimension")),
)
SCORES_NONE = ScoreImputation(name="none", words=(Word("none"),), idle=True)
