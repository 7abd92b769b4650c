"""Min-max: from the least value, or a bound, to the greatest."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, as_matrix
from xlcity.functions.normalise import minmax_scale, own_bounds
from xlcity.methods.normalise.between_bounds import (
    BOUND_EDITION,
    REFERENCE,
    check_editions,
    native_between_bounds,
)
from xlcity.methods.normalise.record import (
    BASE,
    SCALE,
    ColumnCells,
    Indicator,
    Normalisation,
    ScoredColumn,
    make_call,
    scale_shares,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _normalise_minmax(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores from `base` at the low bound to `scale` at the high one, and the bounds.

    `column` has the indicator's values, states and direction. Cells lifted to the parameter `floor`
    are marked.
    """
    lower = settings.optional("lower")
    upper = settings.optional("upper")
    base = settings.number("base")
    scale = settings.number("scale")
    floor = settings.optional("floor")
    bounds = settings.text("bounds")
    x = column.values
    states = column.states
    share = minmax_scale(
        x,
        lower,
        upper,
        scale=1.0,
        direction=column.direction,
        bounds=bounds,
        states=states,
    )
    scores = scale_shares(share, base, scale)
    marks: tuple[tuple[int, str], ...] = ()
    if floor is not None:
        if column.span is not None:
            lifted = np.flatnonzero(scores.values[:, 0] < floor)
            marks = tuple((int(row), "floor") for row in lifted)
        scores = CellArray(np.maximum(scores.values, floor), scores.errors)
    if column.span is None:
        return ScoredColumn(scores)
    low, high = column.span
    if bounds != "minmax":
        block = as_matrix(x)
        low, high = (
            float(b[0]) for b in own_bounds(block, states.reshape(block.shape), bounds)
        )
    return ScoredColumn(
        scores, low if lower is None else lower, high if upper is None else upper, marks
    )


def _minmax_formula(cells: ColumnCells) -> str:
    """Return the formula of a score from base to scale, not below the floor if there is one."""
    score = cells.scaled_formula(cells.share_formula)
    return (
        f"MAX({score},{cells.cell_of['floor']})" if cells.has_cell("floor") else score
    )


MINMAX = Normalisation(
    name="minmax",
    parameters=(
        BASE,
        Parameter("lower", cell=MethodCell("a", needed=False)),
        Parameter("upper", cell=MethodCell("b", needed=False)),
        Parameter("floor", cell=MethodCell("floor", named=True, shared="floor")),
        SCALE,
        Parameter("constant", cell=MethodCell("constant", named=True, shared="flat")),
        Parameter(
            "bounds",
            ("minmax", "max", "mean"),
            "minmax",
            cell=MethodCell("rule", named=True, shared="bounds"),
        ),
        BOUND_EDITION,
        REFERENCE,
    ),
    words=(
        Word("minmax", ("base", "scale", "bound")),
        # Mazziotta and Pareto: 100 at the reference, 60 points over the range.
        Word(
            "ampi", ("reference",), fixed={"base": 70.0, "scale": 130.0}, required=True
        ),
    ),
    check=check_editions,
    kernel=_normalise_minmax,
    native=native_between_bounds(
        by_bounds=True,
        score=_minmax_formula,
        call=make_call(
            *(
                "MINMAX_SCALE",
                "a",
                "b",
                "scale",
                "floor",
                "direction",
                "rule",
                "constant",
            ),
            unsupported=("base",),
        ),
        fixed=lambda cells: f"COUNT({cells.cell_of['a']},{cells.cell_of['b']})>0",
    ),
)
