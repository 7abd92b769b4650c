"""Aggregates by the efficacy coefficient method."""

from __future__ import annotations

from dataclasses import replace

from xlcity.functions.scale import efficacy_scale
from xlcity.methods.normalise.efficacy import OMEGA
from xlcity.methods.record import kernel_of
from xlcity.methods.rescale.record import (
    EQUAL_SCORE,
    OVERALL,
    AggregateCells,
    NativeRescaling,
    Rescaling,
)


def _call(cells: AggregateCells) -> str:
    """Return the call that gives the scores once more."""
    options = f',"","",{cells.constant}' if cells.constant else ""
    if cells.groups:
        options = options or ',"","",""'
        options = f"{options},{cells.groups}"
    return f"EFFICACY_SCALE({cells.value},{cells.cell_of['omega']}{options})"


def _score_formula(cells: AggregateCells) -> str:
    """Return the formula of a score from 100 - omega for the least aggregate to 100."""
    omega = cells.cell_of["omega"]
    return f"{cells.above_low}*{omega}+(100-{omega})"


#: One cell holds it for all nodes.
SHARED_OMEGA = replace(OMEGA, defined_name="par_omega")
EFFICACY = Rescaling(
    name="efficacy",
    parameters=(SHARED_OMEGA, OVERALL, EQUAL_SCORE),
    kernel=kernel_of(efficacy_scale, "omega"),
    native=NativeRescaling(score=_score_formula, call=_call, in_groups=True),
)
