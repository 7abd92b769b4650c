"""Entries of the functions that rank."""

from __future__ import annotations

from xlcity.errors import CellError
from xlcity.functions import lambdas
from xlcity.functions.declare import Accepts, Argument, Category, Example, Function, Returns, Text
from xlcity.functions.entries.common import (
    COLUMN_VALUES,
    DIRECTION,
    GROUPS,
    OFF,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    groups_fit,
    one_or_each,
)
from xlcity.functions.rank import TIES, rank_competition, rank_uniform

RANK_UNIFORM = Function(
    name="RANK_UNIFORM",
    summary=Text(
        "Ranks of each column as evenly spaced scores: 100 for the best, 100/N for the worst.",
        "逐列将名次换算为等距分数：最佳为 100，最差为 100/N。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        DIRECTION,
        Argument(
            "ties",
            one_or_each(
                "Rank that equal values share, counted from the worst: min (lowest), average or "
                "max (highest).",
                "数值相同时的名次（自最差起数）：min 取最低，average 取平均，max 取最高。",
            ),
            default="min",
            accepts=Accepts.CHOICE,
            choices=("min", "average", "max"),
        ),
        Argument(
            "missing",
            one_or_each(
                "What a missing code counts as: na (nothing) or lowest (the worst value of the "
                "column). A blank never counts.",
                "缺失代码的处理：na 不计入，lowest 按该列最差值计。空白一律不计入。",
            ),
            default="na",
            accepts=Accepts.CHOICE,
            choices=("na", "lowest"),
        ),
    ),
    returns=Returns.BLOCK,
    core=rank_uniform,
    series=True,
    lambda_text=lambdas.RANK_UNIFORM,
    formula=Text("100 / N * (rank from the worst up)", "100 / N * （自最差起的名次）"),
    remarks=(
        Text(
            "N is the number of cities with a number; under lowest, missing codes count too and "
            "join the tie of the worst value. Blanks and text never count.",
            "N 为有数值的城市数；取 lowest 时缺失代码也计入，并与最差值并列。"
            "空白和文本一律不计入。",
        ),
        Text(
            "In a constant column all cities are lowest: 100/N with ties = min.",
            "整列数值相同时全部为最低：ties 为 min 时得 100/N。",
        ),
    ),
    errors={**PER_CELL_ERRORS, CellError.NUM: OUTSIDE_LIMITS},
    example=Example(
        arguments=(((0.0,), (0.0,), (0.0,), (1.0,), (7.0,)),),
        note=Text(
            "Three cities share the lowest rank; the next has rank 4.",
            "三个城市并列最低名次，其后一个城市名次为 4。",
        ),
    ),
    see_also=("RANK_COMPETITION",),
)

RANK_COMPETITION = Function(
    name="RANK_COMPETITION",
    summary=Text(
        "Ranks of each column with 1 for the best; equal values share a rank.",
        "逐列排名，最佳为 1；数值相同者名次相同。",
    ),
    category=Category.RANK,
    arguments=(
        COLUMN_VALUES,
        DIRECTION,
        Argument(
            "ties",
            one_or_each(
                "For equal values: min (1, 2, 2, 4), average (1, 2.5, 2.5, 4), max (1, 3, 3, 4), "
                "ordinal (1, 2, 3, 4 in the order of the rows) or dense (1, 2, 2, 3).",
                "数值相同时：min 为 1、2、2、4；average 为 1、2.5、2.5、4；max 为 1、3、3、4；"
                "ordinal 按行序为 1、2、3、4；dense 为 1、2、2、3。",
            ),
            default="min",
            accepts=Accepts.CHOICE,
            choices=TIES,
        ),
        Argument(
            "digits",
            one_or_each(
                "Decimals to which values are rounded before they are compared, as ROUND does.",
                "比较前先按 ROUND 规则四舍五入到几位小数。",
            ),
            default_text=OFF,
            accepts=Accepts.INTEGER,
            minimum=-15.0,
            maximum=15.0,
        ),
        GROUPS,
    ),
    returns=Returns.BLOCK,
    core=rank_competition,
    series=True,
    lambda_text=lambdas.RANK_COMPETITION,
    check=groups_fit,
    formula=Text("1 + (how many values are better)", "1 + （更好的数值个数）"),
    remarks=(
        Text(
            "With digits, a rank follows the rounded value: two scores printed as 71.3 share a "
            "rank whatever their further decimals are.",
            "给定 digits 时按舍入后的数值排名：两个均显示为 71.3 的分数名次相同。",
        ),
        Text(
            "Rounding takes 15 significant digits, then halves away from zero, as ROUND does.",
            "舍入同 ROUND：先取 15 位有效数字，再逢五进位（远离零）。",
        ),
    ),
    errors={**PER_CELL_ERRORS, CellError.NUM: OUTSIDE_LIMITS},
    example=Example(
        arguments=(((71.34,), (80.0,), (71.31,), (65.2,)), ((1.0,),), (("min",),), ((1.0,),)),
        note=Text(
            "71.34 and 71.31 are both 71.3 and share rank 2; the next city is 4.",
            "71.34 和 71.31 均舍入为 71.3，并列第 2，其后为第 4。",
        ),
    ),
    see_also=("RANK_UNIFORM",),
)

ENTRIES = (RANK_UNIFORM, RANK_COMPETITION)
