"""Entries of the functions that turn scores into printed scales."""

from __future__ import annotations

from xlcity.functions import lambdas
from xlcity.functions.declare import Argument, Category, Example, Function, Returns, Text, same
from xlcity.functions.entries.common import (
    BOUND_ERRORS,
    BOUND_REMARKS,
    CONSTANT,
    GROUPS,
    HIGH,
    LOW,
    VALUES,
    bounds_and_groups,
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
        VALUES,
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
        LOW,
        HIGH,
        CONSTANT,
        GROUPS,
    ),
    returns=Returns.BLOCK,
    core=efficacy_scale,
    lambda_text=lambdas.EFFICACY_SCALE,
    formula=same("(x - low) / (high - low) * omega + (100 - omega)"),
    remarks=BOUND_REMARKS,
    errors=BOUND_ERRORS,
    example=Example(
        arguments=(((-1.2,), (0.3,), (1.8,), ("NA",)),),
        note=Text("The best city gets 100, the worst 60.", "最佳城市得 100 分，最差城市得 60 分。"),
    ),
    see_also=("MINMAX_SCALE", "ZSCORE_WINSOR"),
    check=bounds_and_groups,
)

ENTRIES = (EFFICACY_SCALE,)
