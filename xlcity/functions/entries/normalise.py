"""Entries of the functions that put indicators on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.functions import lambdas
from xlcity.functions.declare import (
    Accepts,
    Argument,
    Category,
    Example,
    Function,
    Kind,
    Returns,
    Text,
    same,
)
from xlcity.functions.entries.common import (
    BOUND_ERRORS,
    BOUND_REMARKS,
    COLUMN_VALUES,
    CONSTANT,
    DIRECTION,
    GROUPS,
    HIGH,
    LOW,
    OFF,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    SCALE,
    VALUES,
    bounds_in_order,
    groups_fit,
    one_or_each,
)
from xlcity.functions.normalise import BOUNDS, minmax_scale, rating_scale, zscore_winsor


def _minmax_options(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for bounds in the wrong order or a floor above the full score."""
    too_high = np.any(np.greater(options["floor"], options["scale"]))
    return bounds_in_order(options) or (CellError.NUM if too_high else None)


ZSCORE_WINSOR = Function(
    name="ZSCORE_WINSOR",
    summary=Text(
        "z-scores of each column, clipped at a number of standard deviations and oriented so that"
        " "
        "more is better.",
        "逐列计算 z 分数，按标准差倍数缩尾，并统一为正向。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "limit",
            one_or_each(
                "Standard deviations at which z-scores are clipped; 0 does not clip.",
                "缩尾界限（标准差倍数）；0 表示不缩尾。",
            ),
            default=1.96,
            minimum=0.0,
        ),
        DIRECTION,
        Argument(
            "ddof",
            one_or_each(
                "The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S.",
                "标准差的分母为 n - ddof：0 同 STDEV.P，1 同 STDEV.S。",
            ),
            default=0.0,
            accepts=Accepts.INTEGER,
            minimum=0.0,
        ),
        GROUPS,
        Argument(
            "pools",
            Text(
                "Group whose mean and deviation a row is measured by, one cell per row: the name "
                "of a group, or all for every row of a group. Empty: its own.",
                "每行按哪一组的均值和标准差计算，每行一格：组名，或 all 表示全部各组。空白为本组。",
            ),
            kind=Kind.CELLS,
            default_text=Text("its own group", "本组"),
        ),
        Argument(
            "constant",
            one_or_each(
                "Result where all numbers are equal; without it that is #DIV/0!.",
                "数值全部相同时的结果；不填则为 #DIV/0!。",
            ),
            default_text=Text("none: #DIV/0!", "无：#DIV/0!"),
        ),
    ),
    returns=Returns.BLOCK,
    core=zscore_winsor,
    series=True,
    lambda_text=lambdas.ZSCORE_WINSOR,
    check=groups_fit,
    formula=same("direction * MIN(MAX((x - mean) / sd, -limit), limit)"),
    remarks=(
        Text(
            "Mean and standard deviation are those of the numbers of the column, before clipping.",
            "均值和标准差取自该列全部数值，在缩尾之前计算。",
        ),
        Text(
            "The direction is applied after clipping, so the limits are the same either way.",
            "方向在缩尾之后处理，因此正向与逆向的界限相同。",
        ),
        Text(
            "A value within 1E-10 standard deviations of the mean has z-score 0.",
            "与均值相差不超过 1E-10 个标准差的数值，z 分数为 0。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: Text(
            "in a constant column (equal but for rounding), or one with at most ddof numbers",
            "该列数值全部相同（不计舍入误差），或数值个数不超过 ddof",
        ),
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(((2.0,), (4.0,), (4.0,), (4.0,), (30.0,), ("NA",)),),
        note=Text(
            "30 lies 1.99 standard deviations above the mean and is clipped.",
            "30 高于均值 1.99 个标准差，被缩尾。",
        ),
    ),
    see_also=("MINMAX_SCALE", "EFFICACY_SCALE"),
)

MINMAX_SCALE = Function(
    name="MINMAX_SCALE",
    summary=Text(
        "Each column from 0 at its minimum (or a fixed low) to the full score at its maximum (or "
        "a "
        "fixed high).",
        "逐列极差标准化：最小值（或固定下限）为 0，最大值（或固定上限）为满分。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        LOW,
        HIGH,
        SCALE,
        Argument(
            "floor",
            one_or_each(
                "Results below it are lifted to it, in units of the result; at most the scale.",
                "低于此分数的结果提升至此，单位与结果相同，不得超过满分。",
            ),
            default_text=OFF,
        ),
        replace(
            DIRECTION,
            help=one_or_each(
                "1 where more is better; -1 turns the scale round, so that low gets the full "
                "score.",
                "正向指标为 1；-1 反转，使下限得满分。",
            ),
        ),
        Argument(
            "bounds",
            one_or_each(
                "The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean "
                "(0, mean).",
                "该列自身的上下限：minmax 为最小值与最大值，max 为 0 与最大值，mean 为 0 与均值。",
            ),
            default="minmax",
            accepts=Accepts.CHOICE,
            choices=BOUNDS,
        ),
        CONSTANT,
    ),
    returns=Returns.BLOCK,
    core=minmax_scale,
    series=True,
    lambda_text=lambdas.MINMAX_SCALE,
    formula=Text(
        "MAX(floor, (x - low) / (high - low) * scale)\n"
        "direction = -1: MAX(floor, (high - x) / (high - low) * scale)",
        "MAX(floor, (x - low) / (high - low) * scale)\n"
        "direction = -1：MAX(floor, (high - x) / (high - low) * scale)",
    ),
    remarks=(
        *BOUND_REMARKS,
        Text(
            "low = 0 or bounds = max gives shares of the best city: x / maximum * scale; bounds = "
            "mean gives multiples of the mean.",
            "low = 0 或 bounds = max 即以最佳城市为满分：x / 最大值 * 满分；"
            "bounds = mean 即为均值的倍数。",
        ),
    ),
    errors=BOUND_ERRORS,
    example=Example(
        arguments=(((12.0, 3.0), (30.0, 9.0), (21.0, "NA"), (18.0, 4.0)),),
        note=Text("Each column has its own bounds.", "每列各取自己的上下限。"),
    ),
    see_also=("EFFICACY_SCALE", "RATING_SCALE", "ZSCORE_WINSOR"),
    check=_minmax_options,
)

RATING_SCALE = Function(
    name="RATING_SCALE",
    summary=Text(
        "Ratings as shares of the best possible rating, times the full score.",
        "评级按其占最高评级的比例换算为分数。",
    ),
    category=Category.NORMALISE,
    arguments=(
        VALUES,
        Argument(
            "max",
            one_or_each(
                "Best possible rating.",
                "最高评级。",
            ),
            default=5.0,
            parameter="maximum",
            minimum=0.0,
            open_minimum=True,
        ),
        SCALE,
        Argument(
            "unrated",
            one_or_each(
                "Rating that a missing code counts as, for instance 0; a blank is not filled yet "
                "and stays #N/A.",
                "缺失代码按此评级计，例如 0；空白表示尚未填写，仍为 #N/A。",
            ),
            default_text=OFF,
        ),
    ),
    returns=Returns.BLOCK,
    core=rating_scale,
    lambda_text=lambdas.RATING_SCALE,
    formula=same("x / max * scale"),
    remarks=(
        Text(
            "The scale starts at rating 0, whatever the lowest rating in the column is.",
            "量程从评级 0 开始，与该列最低评级无关。",
        ),
        Text(
            "Ratings above max are not clipped.",
            "高于最高评级的数值不截断。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(((4.5,), (3.0,), ("NA",), (None,)), ((5.0,),), ((100.0,),), ((0.0,),)),
        note=Text(
            "The missing code counts as rating 0; the blank stays without a result.",
            "缺失代码按评级 0 计；空白没有结果。",
        ),
    ),
    see_also=("MINMAX_SCALE",),
)


ENTRIES = (ZSCORE_WINSOR, MINMAX_SCALE, RATING_SCALE)
