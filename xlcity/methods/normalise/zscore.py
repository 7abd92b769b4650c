"""Z-scores: deviations from a mean in standard deviations, clipped where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.block import CellArray
from xlcity.functions.normalise import zscore_winsor
from xlcity.messages import Message
from xlcity.methods.formulas import varies_condition
from xlcity.methods.normalise.record import (
    POOL,
    SKIPPED,
    ColumnCells,
    GroupStatistics,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _normalise_zscore(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return z-scores of an indicator on a mean and a deviation; clipped cells are marked.

    With the parameter `again` the clipped z-scores are standardised a second time.
    """
    clip = settings.number("clip")
    ddof = settings.number("ddof")
    mean = settings.number("mean")
    sd = settings.number("sd")
    block = _compute_z_scores(column, clip, ddof)
    marks: tuple[tuple[int, str], ...] = ()
    if clip and column.span is not None:
        unclipped = _compute_z_scores(column, 0, ddof)
        clipped = np.flatnonzero(np.abs(unclipped.values[:, 0]) > clip)
        marks = tuple((int(row), "clipped") for row in clipped)
    if settings.text("again") == "yes":
        block = zscore_winsor(
            block.values, 0, 1.0, ddof, states=None
        )  # what has no score is out
    return ScoredColumn(CellArray(mean + sd * block.values, block.errors), marks=marks)


def _compute_z_scores(column: Indicator, limit: float, ddof: float) -> CellArray:
    """Return (n, 1) z-scores of an indicator, clipped at `limit` (0: not clipped).

    Mean and deviation are those of its own numbers, or of its pool: other units to measure by.
    """
    if column.pool is None:
        return zscore_winsor(
            column.values, limit, column.direction, ddof, states=column.states
        )
    # The pool's rows come first, as a group that all rows are measured by, and are cut off again.
    values, states = column.pool
    n = len(values)
    block = zscore_winsor(
        np.concatenate([values, column.values]),
        limit,
        column.direction,
        ddof=ddof,
        groups=["pool"] * n + ["own"] * len(column.values),
        pools=["pool"] * (n + len(column.values)),
        states=np.concatenate([states, column.states]),
    )
    return CellArray(block.values[n:], block.errors[n:])


def zscore_formula(
    value: str, mean: str, sd: str, *, limit: str = "", exact_zero: bool = False
) -> str:
    """Return the formula of a z-score.

    Parameters
    ----------
    value, mean, sd
        Addresses of the value, of the mean and of the standard deviation.
    limit
        Address of the z-score at which others are clipped, "" for none.
    exact_zero
        Whether a value that is the mean but for rounding has the score 0.
    """
    score = f"({value}-{mean})/{sd}"
    if exact_zero:
        score = f"IF(ABS({value}-{mean})<1E-10*{sd},0,{score})"
    return f"MAX(-{limit},MIN({limit},{score}))" if limit else score


def deviation_formula(values: str, n: str, ddof: str) -> str:
    """Return the formula of the standard deviation of `n` values; an error where n <= ddof."""
    return f"SQRT(DEVSQ({values})/({n}-{ddof}))"


def group_deviation_formula(
    numbers: str, n: str, ddof: str, *, least: str, most: str
) -> str:
    """Return the formula of the standard deviation of a group; "" if undefined.

    `numbers` is an array formula of the group's values; `least` and `most` are their extremes.
    Numbers that are equal but for rounding are a constant column: their deviation is not 0.
    """
    deviation = deviation_formula(numbers, n, ddof)
    # Too few numbers are an error of the comparison or of the root.
    return f'IFERROR(IF({varies_condition(least, most)},{deviation},""),"")'


def once_more_formula(x: str, mean: str, sd: str, *, exact_zero: bool) -> str:
    """Return the formula of a clipped z-score standardised once more; a gap stays a gap."""
    z = zscore_formula(x, mean, sd, exact_zero=exact_zero)
    score = f"IF(ISNUMBER({x}),{z},{x})"
    return f'IF(ISNUMBER({sd}),{score},IF(ISNUMBER({mean}),"",{x}))'


def _sd_formula(cells: ColumnCells) -> str:
    """Return the formula of the standard deviation; 0 without a number, "" if undefined."""
    # The cell "base" holds ddof. With too few numbers n - ddof is 0 or negative: an error, which
    # IFERROR makes "".
    spread = deviation_formula(cells.values, cells.n, cells.cell_of["base"])
    varies = varies_condition(f"MIN({cells.values})", f"MAX({cells.values})")
    return f'IFERROR(IF({varies},{spread},IF({cells.n}=0,0,"")),"")'


def _score_formula(cells: ColumnCells) -> str:
    """Return the formula of a z-score, clipped and put on the mean and deviation asked for.

    Above the column, `low` is the mean, `high` the limit of z-scores and `span` the deviation; the
    cells "a" and "b" hold the mean and the deviation asked for.
    """
    limit = cells.high if cells.has_cell("clip") else ""
    z = zscore_formula(
        cells.x, cells.low, cells.span, limit=limit, exact_zero=cells.exact_zero
    )
    z = (
        f"{cells.cell_of['b']}*({cells.sign}{z})"
        if cells.has_cell("b")
        else f"{cells.sign}{z}"
    )
    return f"{cells.cell_of['a']}+{z}" if cells.has_cell("a") else z


def _clip_limit_formula(cells: ColumnCells) -> str:
    """Return the formula of the limit of z-scores; 0, no limit, becomes one that none reaches."""
    if not cells.has_cell("clip"):
        return SKIPPED
    return f"IF({cells.cell_of['clip']}>0,{cells.cell_of['clip']},1E+99)"


def _zscore_call(cells: ColumnCells) -> tuple[str, ...] | None:
    """Return the function and the arguments that give the same scores, as a `Call` does.

    ZSCORE_SCALE puts z-scores on a mean and a deviation, ZSCORE_WINSOR clips them; None where both
    are asked for.
    """
    scale = tuple(
        name if cells.has_cell(name) else default
        for name, default in (("a", "0"), ("b", "1"))
    )
    if scale == ("0", "1"):
        clip = "clip" if cells.has_cell("clip") else "0"
        constant = "constant" if cells.has_cell("constant") else SKIPPED
        return ("ZSCORE_WINSOR", clip, "direction", "base", "groups", "pools", constant)
    if cells.has_cell("clip") or cells.has_cell("constant"):
        return None
    return ("ZSCORE_SCALE", *scale, "direction", "base")


def _check_again(settings: Settings) -> Iterator[str]:
    """Yield a fault where a second standardisation has a mean or a deviation of its own."""
    if settings.text("again") == "yes" and {"mean", "sd"} & settings.given.keys():
        yield Message("method.again_with_mean")


#: The limit is the same for all groups.
_STATISTICS_OF_GROUPS = GroupStatistics(
    above=("mean", "sd"),
    below=("n", "min", "max"),
    read_as={
        "n": "n",
        "low": "mean",
        "span": "sd",
        "minimum": "",
        "maximum": "",
        "tie_score": "",
    },
)
ZSCORE = Normalisation(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0, cell=MethodCell("a", named=True)),
        Parameter("sd", default=1.0, above=0.0, cell=MethodCell("b", named=True)),
        Parameter("ddof", default=0.0, cell=MethodCell("base", shared="ddof")),
        Parameter(
            "clip",
            default=0.0,
            cell=MethodCell("clip", named=True, shared="limit", live_in_groups=False),
        ),
        Parameter(
            "constant",
            cell=MethodCell("constant", named=True, shared="zscore_constant"),
        ),
        Parameter(
            "again",
            ("no", "yes"),
            "no",
            cell=MethodCell("rule", named=True, live=False),
        ),
        POOL,
    ),
    words=(
        Word("zscore", ("mean", "sd", "ddof")),
        Word("winsor", ("clip",), fixed={"clip": 1.96}),
    ),
    check=_check_again,
    kernel=_normalise_zscore,
    signed=True,
    standardises=True,
    native=NativeNormalisation(
        score=_score_formula,
        call=_zscore_call,
        low=lambda cells: f'IF({cells.n}=0,"",AVERAGE({cells.values}))',
        high=_clip_limit_formula,
        span=_sd_formula,
        bound_labels=("mean", "limit", "sd_ddof"),
        has_wide_bounds=True,
        is_high_common=True,
        group_statistics=_STATISTICS_OF_GROUPS,
        fails_only_if_equal=True,
        span_tells_emptiness=True,
        number_format="0.000",
    ),
)
