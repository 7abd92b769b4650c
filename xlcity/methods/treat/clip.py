"""Values clipped at percentiles, or at a number of standard deviations; or left as they are."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.clip import clip_percentile, clip_sd
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.treat.record import Treatment


def _percentile(values: Matrix, states: States, settings: Settings) -> CellArray:
    return clip_percentile(values, settings.number("low"), settings.number("high"), states=states)


def _clip(values: Matrix, states: States, settings: Settings) -> CellArray:
    return clip_sd(values, settings.number("limit"), settings.number("ddof"), states=states)


def _check(settings: Settings) -> Iterator[str]:
    low, high = settings.number("low"), settings.number("high")
    if not 0 <= low < high <= 100:
        yield f"percentiles {low:g} and {high:g}"


PERCENTILE = Treatment(
    name="percentile",
    parameters=(
        Parameter("low", default=5.0, limits=(0.0, 100.0)),
        Parameter("high", default=95.0, limits=(0.0, 100.0)),
    ),
    words=(Word("percentile", ("low", "high")),),
    check=_check,
    kernel=_percentile,
    takes_columns=True,
)
CLIP = Treatment(
    name="clip",
    parameters=(Parameter("limit", default=3.0), Parameter("ddof", default=0.0)),
    words=(Word("clip", ("limit",)),),
    kernel=_clip,
    takes_columns=True,
)
NONE = Treatment(name="none", words=(Word("none"),))
