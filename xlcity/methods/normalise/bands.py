"""A score for each band of values between cut points."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.distance import category_scale
from xlcity.messages import Message
from xlcity.methods.normalise.record import (
    ColumnCells,
    NativeNormalisation,
    Normalisation,
    score_with,
)
from xlcity.methods.record import NUMBERS, MethodCell, Parameter, Settings

#: In the parameter `by`: cut points are percentiles.
BY_PERCENTILE = "percentile"


def _check_bands(settings: Settings) -> Iterator[str]:
    """Yield faults of the parameters: cuts do not ascend, or there is not one more score."""
    cuts = settings.numbers("cuts") or ()
    scores = settings.numbers("scores")
    if not cuts or list(cuts) != sorted(set(cuts)):
        yield Message("method.cuts_not_ascending")
    if scores is not None and len(scores) != len(cuts) + 1:
        yield Message(
            "method.scores_for_bands", scores=len(scores), bands=len(cuts) + 1
        )


def _bands_call(cells: ColumnCells) -> tuple[str, ...] | None:
    """Return the function and the arguments that give the same scores; None without cuts."""
    if not cells.cuts:
        return None
    return ("CATEGORY_SCALE", "cuts", "scores", "rule", "direction")


def _band_formula(cells: ColumnCells) -> str:
    """Return the formula of a band's score, by how many cut points the value has passed."""
    passes = ">=" if cells.more_is_better else "<="
    cuts_passed = f"SUMPRODUCT(({cells.x}{passes}{cells.limits})*1)"
    return f"INDEX({cells.scores},1,{cuts_passed}+1)"


BANDS = Normalisation(
    name="bands",
    parameters=(
        Parameter("cuts", NUMBERS),
        Parameter("scores", NUMBERS),
        Parameter(
            "by",
            ("value", BY_PERCENTILE),
            "value",
            cell=MethodCell("rule", live=False),
        ),
    ),
    check=_check_bands,
    kernel=score_with(category_scale, "cuts", "scores", "by"),
    native=NativeNormalisation(
        score=_band_formula,
        call=_bands_call,
        by_bands=True,
        call_each=True,
    ),
)
