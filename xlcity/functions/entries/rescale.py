"""Entries of the functions that turn scores into printed scales."""

from __future__ import annotations

from dataclasses import replace

from xlcity.errors import CellError
from xlcity.functions import lambdas
from xlcity.functions.declare import Argument, Category, Example, Function, Returns, Text, same
from xlcity.functions.entries.common import (
    BOUND_ERRORS,
    BOUND_REMARKS,
    COLUMN_VALUES,
    CONSTANT,
    GROUPS,
    HIGH,
    LOW,
    PER_CELL_ERRORS,
    bounds_differ_and_groups,
    one_or_each,
)
from xlcity.functions.rescale import efficacy_scale

EFFICACY_SCALE = Function(
    name="EFFICACY_SCALE",
    summary=Text(
        "Efficacy scores of each column: from 100 - omega at the low bound to 100 at the high one.",
        "逐列计算功效系数得分：下限为 100 - omega，上限为 100。",
    ),
    category=Category.RESCALE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "omega",
            one_or_each(
                "Points given by performance, out of 100: 40 gives scores from 60 to 100.",
                "由表现决定的分值（满分 100）：取 40 时得分为 60 至 100。",
            ),
            default=40.0,
            minimum=0.0,
            maximum=100.0,
        ),
        replace(
            LOW,
            help=one_or_each(
                "Value that scores 100 - omega, instead of the column's minimum. Above high: a "
                "reverse indicator. Equal to high: #NUM!.",
                "不允许值：得 100 - omega 分，代替该列最小值。"
                "大于满意值即为逆向指标；与之相等为 #NUM!。",
            ),
        ),
        replace(
            HIGH,
            help=one_or_each(
                "Value that scores 100, instead of the column's maximum. Below low: a reverse "
                "indicator.",
                "满意值：得 100 分，代替该列最大值。小于不允许值即为逆向指标。",
            ),
        ),
        CONSTANT,
        GROUPS,
    ),
    returns=Returns.BLOCK,
    core=efficacy_scale,
    series=True,
    lambda_text=lambdas.EFFICACY_SCALE,
    formula=same("(x - low) / (high - low) * omega + (100 - omega)"),
    remarks=(
        Text(
            "low > high scores a reverse indicator: less is better. MINMAX_SCALE and "
            "GOALPOST_SCALE have the argument direction for that, and take low < high only.",
            "不允许值（low）大于满意值（high）即为逆向指标，数值越小得分越高。MINMAX_SCALE 与 "
            "GOALPOST_SCALE 另有参数 direction，只接受 low < high。",
        ),
        *BOUND_REMARKS,
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: BOUND_ERRORS[CellError.DIV0],
        CellError.NUM: Text(
            "for the whole call where low = high or omega is outside its limits; in the column "
            "where only one bound is given and lies on the wrong side of the column's other one",
            "low = high 或 omega 超出允许范围时为整个结果；"
            "只给定一个界限且位于该列另一端之外时为该列",
        ),
    },
    example=Example(
        arguments=(((-1.2,), (0.3,), (1.8,), ("NA",)),),
        note=Text("The best city gets 100, the worst 60.", "最佳城市得 100 分，最差城市得 60 分。"),
    ),
    see_also=("MINMAX_SCALE", "ZSCORE_WINSOR"),
    check=bounds_differ_and_groups,
)

ENTRIES = (EFFICACY_SCALE,)
