"""Entries of further scales: goalposts, z-scores, percentiles, points, distances, bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xlcity.errors import CellError
from xlcity.functions import lambdas
from xlcity.functions.declare import (
    Accepts,
    Argument,
    Category,
    Example,
    Function,
    Returns,
    Text,
    same,
)
from xlcity.functions.entries.common import (
    BOUND_ERRORS,
    COLUMN_VALUES,
    DIRECTION,
    HIGH,
    LOW,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    SCALE,
    bounds_in_order,
    one_or_each,
)
from xlcity.functions.scale import (
    goalpost_scale,
    percentile_scale,
    rank_borda,
    zscore_scale,
)

_ERRORS: Mapping[CellError, Text] = {**PER_CELL_ERRORS, CellError.NUM: OUTSIDE_LIMITS}
_UNIT_SCALE = replace(SCALE, default=1.0)
_TIES = Argument(
    "ties",
    one_or_each(
        "Rank that equal values share, counted from the worst: min, average or max.",
        "数值相同时的名次（自最差起数）：min 取最低，average 取平均，max 取最高。",
    ),
    default="min",
    accepts=Accepts.CHOICE,
    choices=("min", "average", "max"),
)

ZSCORE_SCALE = Function(
    name="ZSCORE_SCALE",
    summary=Text(
        "z-scores of each column on a scale with a mean and a standard deviation of your choice.",
        "逐列计算 z 分数，并换算到给定均值和标准差的量表。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        Argument("mean", one_or_each("Mean of the result.", "结果的均值。"), default=0.0),
        Argument(
            "sd",
            one_or_each("Standard deviation of the result.", "结果的标准差。"),
            default=1.0,
            minimum=0.0,
            open_minimum=True,
        ),
        DIRECTION,
        Argument(
            "ddof",
            one_or_each(
                "The standard deviation divides by n - ddof: 1 as STDEV.S, 0 as STDEV.P.",
                "标准差的除数为 n - ddof：1 同 STDEV.S，0 同 STDEV.P。",
            ),
            default=1.0,
            accepts=Accepts.INTEGER,
            minimum=0.0,
        ),
    ),
    returns=Returns.BLOCK,
    core=zscore_scale,
    series=True,
    formula=same("mean + sd * direction * (x - m) / s"),
    remarks=(
        Text(
            "Nothing is clipped; ZSCORE_WINSOR clips.",
            "不缩尾；需要缩尾时用 ZSCORE_WINSOR。",
        ),
    ),
    errors={
        **_ERRORS,
        CellError.DIV0: Text(
            "in a constant column (equal but for rounding), or one with at most ddof numbers",
            "该列数值全部相同（不计舍入误差），或数值个数不超过 ddof",
        ),
    },
    example=Example(
        arguments=(((1.0,), (2.0,), (3.0,), ("NA",)), ((100.0,),), ((10.0,),)),
        note=Text("The middle city has the mean.", "居中的城市得均值。"),
    ),
    see_also=("ZSCORE_WINSOR", "MPI_INDEX"),
)

GOALPOST_SCALE = Function(
    name="GOALPOST_SCALE",
    summary=Text(
        "Each column from 0 at a low goalpost to the full score at a high one, never outside them.",
        "逐列按上下门槛标准化：下门槛及以下为 0，上门槛及以上为满分。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        replace(
            LOW,
            help=one_or_each(
                "Low goalpost instead of the column's minimum.", "下门槛，代替该列最小值。"
            ),
        ),
        replace(
            HIGH,
            help=one_or_each(
                "High goalpost instead of the column's maximum.", "上门槛，代替该列最大值。"
            ),
        ),
        SCALE,
        replace(
            DIRECTION,
            help=one_or_each(
                "1 where more is better; -1 gives the low goalpost the full score.",
                "正向指标为 1；-1 使下门槛得满分。",
            ),
        ),
    ),
    returns=Returns.BLOCK,
    core=goalpost_scale,
    series=True,
    lambda_text=lambdas.GOALPOST_SCALE,
    formula=same("MIN(MAX((x - low) / (high - low), 0), 1) * scale"),
    remarks=(
        Text(
            "MINMAX_SCALE is the same without holding scores inside the goalposts.",
            "MINMAX_SCALE 与此相同，但不把得分限制在门槛之内。",
        ),
    ),
    errors=BOUND_ERRORS,
    example=Example(
        arguments=(((5.0,), (35.0,), (90.0,), ("NA",)), ((20.0,),), ((80.0,),)),
        note=Text(
            "5 lies below the low goalpost, 90 above the high one.",
            "5 低于下门槛，90 高于上门槛。",
        ),
    ),
    see_also=("MINMAX_SCALE", "DIST_REFERENCE"),
    check=bounds_in_order,
)

PERCENTILE_SCALE = Function(
    name="PERCENTILE_SCALE",
    summary=Text(
        "Percentile ranks of each column: 0 for the worst value, the full score for the best.",
        "逐列计算百分等级：最差为 0，最佳为满分。",
    ),
    category=Category.NORMALISE,
    arguments=(COLUMN_VALUES, DIRECTION, _UNIT_SCALE, _TIES),
    returns=Returns.BLOCK,
    core=percentile_scale,
    series=True,
    formula=Text(
        "(rank from the worst up - 1) / (N - 1) * scale", "（自最差起的名次 - 1）/ (N - 1) * scale"
    ),
    remarks=(
        Text(
            "N is the number of cities with a number. With ties = min this is PERCENTRANK.INC.",
            "N 为有数值的城市数。ties 为 min 时同 PERCENTRANK.INC。",
        ),
    ),
    errors={
        **_ERRORS,
        CellError.DIV0: Text("in a column with one number only", "该列只有一个数值"),
    },
    example=Example(
        arguments=(((3.0,), (9.0,), (9.0,), (20.0,), (1.0,)), ((1.0,),), ((100.0,),)),
        note=Text(
            "Two cities are tied: each leaves half of the others behind.",
            "两个城市并列，各自超过其余城市的一半。",
        ),
    ),
    see_also=("RANK_UNIFORM", "RANK_BORDA"),
)

RANK_BORDA = Function(
    name="RANK_BORDA",
    summary=Text(
        "Borda points of each column: one for every city that is worse.",
        "逐列计算 Borda 分：每有一个更差的城市得一分。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        DIRECTION,
        _TIES,
        Argument(
            "base",
            one_or_each("Points of the worst city.", "最差城市的得分。"),
            default=0.0,
        ),
    ),
    returns=Returns.BLOCK,
    core=rank_borda,
    series=True,
    formula=Text("rank from the worst up - 1 + base", "自最差起的名次 - 1 + base"),
    remarks=(
        Text(
            "With base = 1 and average ties, cities that share the places 3 and 4 of 20 have 17.5 "
            "points each.",
            "base 为 1 且 ties 为 average 时，20 个城市中并列第 3、4 名者各得 17.5 分。",
        ),
    ),
    errors=_ERRORS,
    example=Example(
        arguments=(((3.0,), (9.0,), (9.0,), (20.0,)), ((1.0,),), (("average",),), ((1.0,),)),
        note=Text("The tied cities share 2 and 3 points.", "并列的两个城市平分 2 分和 3 分。"),
    ),
    see_also=("RANK_UNIFORM", "COPELAND_SCORE"),
)

ENTRIES = (ZSCORE_SCALE, GOALPOST_SCALE, PERCENTILE_SCALE, RANK_BORDA)
