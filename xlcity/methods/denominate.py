"""The step *denominate*: values divided by others, such as inhabitants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.methods.record import TEXT, Method, Parameter, Word


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
UNDIVIDED = Denominating(name="none", words=(Word("none"),), idle=True)
