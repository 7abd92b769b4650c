"""Values limited to percentiles, or to a number of standard deviations."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.treat import clip_percentile, clip_sd
from xlcity.methods.record import Parameter, Settings, Word, kernel_of
from xlcity.methods.treat.record import Treatment


def _check_percentiles(settings: Settings) -> Iterator[str]:
    """Yield a fault where the parameters `low` and `high` are not ascending percentiles."""
    low = settings.number("low")
    high = settings.number("high")
    if not 0 <= low < high <= 100:
        yield f"percentiles {low:g} and {high:g}"


PERCENTILE = Treatment(
    name="percentile",
    parameters=(
        Parameter("low", default=5.0, limits=(0.0, 100.0)),
        Parameter("high", default=95.0, limits=(0.0, 100.0)),
    ),
    words=(Word("percentile", ("low", "high")),),
    check=_check_percentiles,
    kernel=kernel_of(clip_percentile, "low", "high"),
    takes_columns=True,
)
CLIP = Treatment(
    name="clip",
    parameters=(Parameter("limit", default=3.0), Parameter("ddof", default=0.0)),
    words=(Word("clip", ("limit",)),),
    kernel=kernel_of(clip_sd, "limit", "ddof"),
    takes_columns=True,
)
