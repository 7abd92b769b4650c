"""Closeness to the best city, to a city of one's choice or to a target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.block import CellState, Matrix, as_matrix
from xlcity.functions.distance import dist_reference
from xlcity.messages import Message
from xlcity.methods.formulas import varies_condition
from xlcity.methods.normalise.record import (
    CAP,
    CONSTANT,
    SHARE,
    SKIPPED,
    Call,
    ColumnCells,
    Extent,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
    make_call,
    score_with,
)
from xlcity.methods.record import TEXT, MethodCell, Parameter, Settings, Word


def _normalise_to_city(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return how far each unit has come from the worst value to that of a named city.

    Where that city has no value, no unit has a score: numbers count as missing.
    """
    x = column.values
    city = column.reference
    states = column.states
    if city is None:
        x = np.full_like(as_matrix(x), np.nan)
        states = np.where(column.has_number, CellState.MISSING, states)
    cap = settings.text("cap")
    scale = settings.number("scale")
    return ScoredColumn(
        dist_reference(x, city, column.direction, cap=cap, scale=scale, states=states)
    )


def _check_city(settings: Settings) -> Iterator[str]:
    """Yield a fault where no city is named."""
    if not settings.text("unit"):
        yield Message("method.no_unit")


def _check_target(settings: Settings) -> Iterator[str]:
    """Yield a fault where there is no target."""
    if settings.optional("target") is None:
        yield Message("method.no_target")


def _advise_target(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[Problem]:
    """Yield a note where cities beyond a target score more than those on it.

    Only a target inside the data is noted: `extent` has the least and the greatest value.
    """
    target = settings.optional("target")
    scale = settings.number("scale")
    beyond = int((scores > scale).sum())
    if target is not None and beyond and extent.minimum < target < extent.maximum:
        yield Problem.of(
            "XC358.beyond_target",
            Where(indicator=extent.code),
            number=beyond,
            target=target,
            code=extent.code,
            highest=np.nanmax(scores),
            scale=scale,
        )


_NEEDS_BETTER_VALUE = "needs.better_value"
#: No function of the library knows a score for equal values.
NO_CONSTANT = ("constant",)


def _worst_formula(cells: ColumnCells) -> str:
    """Return the address of the worst value of a column: its minimum, or its maximum."""
    return cells.minimum if cells.more_is_better else cells.maximum


def _span_formula(cells: ColumnCells) -> str:
    """Return the formula of the goal less the worst value, "" where the goal is no better.

    Above the column, `low` is the worst value and `high` the goal; less may be better. The
    condition asks whether the second of the ends is above the first by more than rounding.
    """
    ends = (cells.low, cells.high) if cells.more_is_better else (cells.high, cells.low)
    return (
        f'IF({cells.n}>0,IF({varies_condition(*ends)},{cells.high}-{cells.low},""),"")'
    )


def _city_formula(cells: ColumnCells) -> str:
    """Return the formula of the named city's value, "NA" without a number.

    The cell "a" holds the city's id.
    """
    city = f"INDEX({cells.values},MATCH({cells.cell_of['a']},{cells.units},0))"
    # "" would be no reference at all to the function, which then takes the best city.
    return f'IF(ISNUMBER({city}),{city},"NA")'


def _capped_formula(cells: ColumnCells) -> str:
    """Return the formula of a score by closeness to a goal, 1 at the goal, times the full score.

    With the rule "yes" what lies beyond the goal scores no more. Above the column, `high` is the
    goal and `span` the goal less the worst value.
    """
    reached = f"1-({cells.high}-{cells.x})/{cells.span}"
    is_capped = cells.word_of.get("rule") == "yes"
    share = f"MIN(1,{reached})" if is_capped else f"({reached})"
    return f"{share}*{cells.cell_of['scale']}"


def _best_formula(cells: ColumnCells) -> str:
    """Return the cell of the best value."""
    return cells.maximum if cells.more_is_better else cells.minimum


def _distance_call(reference: str, cap: str) -> Call:
    """Return the call that measures by a reference, with a rule on what lies beyond it."""
    arguments = (reference, "direction", cap, "scale")
    return make_call("DIST_REFERENCE", *arguments, unsupported=NO_CONSTANT)


DIST2MAX = Normalisation(
    name="dist2max",
    parameters=(SHARE, CONSTANT),
    words=(Word("dist2max", ("scale",)),),
    kernel=score_with(dist_reference, "scale"),
    native=NativeNormalisation(
        score=_capped_formula,
        call=_distance_call(SKIPPED, '"no"'),
        low=_worst_formula,
        high=_best_formula,
        span=_span_formula,
    ),
)
DIST2REF = Normalisation(
    name="dist2ref",
    parameters=(Parameter("unit", TEXT, cell=MethodCell("a")), CAP, SHARE, CONSTANT),
    words=(Word("dist2ref", ("unit",), required=True),),
    check=_check_city,
    needs=_NEEDS_BETTER_VALUE,
    kernel=_normalise_to_city,
    native=NativeNormalisation(
        score=_capped_formula,
        call=_distance_call("high", "rule"),
        low=_worst_formula,
        high=_city_formula,
        span=lambda cells: f'IF(ISNUMBER({cells.high}),{_span_formula(cells)},"")',
        # A reference city without a value fails the whole call.
        call_each=True,
    ),
)
DIST2TARGET = Normalisation(
    name="dist2target",
    parameters=(
        Parameter("target", column="target", cell=MethodCell("a")),
        CAP,
        SHARE,
        CONSTANT,
    ),
    words=(Word("dist2target", ("target",)),),
    check=_check_target,
    needs=_NEEDS_BETTER_VALUE,
    advice=_advise_target,
    kernel=score_with(dist_reference, "cap", "scale", reference="target"),
    native=NativeNormalisation(
        score=_capped_formula,
        call=_distance_call("a", "rule"),
        low=_worst_formula,
        high=lambda cells: cells.cell_of["a"],
        span=_span_formula,
    ),
)
