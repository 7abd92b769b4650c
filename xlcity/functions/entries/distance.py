"""Entries of scales that measure distances from a reference, a band or the mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.errors import CellError
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
from xlcity.functions.distance import (
    CUTS_BY,
    above_mean,
    category_scale,
    dist_reference,
    fraction_max,
)
from xlcity.functions.entries.common import (
    COLUMN_VALUES,
    DIRECTION,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    SCALE,
    VALUES,
    one_or_each,
)
from xlcity.functions.trend import trend_state

_ERRORS: Mapping[CellError, Text] = {**PER_CELL_ERRORS, CellError.NUM: OUTSIDE_LIMITS}
_UNIT_SCALE = replace(SCALE, default=1.0)

DIST_REFERENCE = Function(
    name="DIST_REFERENCE",
    summary=Text(
        "How far each value has come from the worst value of its column to a reference: the best, "
        "a target or a city.",
        "各数值在从该列最差值到参照值（最佳值、目标值或参照城市）的路上走了多远。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "reference",
            one_or_each(
                "Target, or the value of a reference city.",
                "目标值，或参照城市的数值。",
            ),
            default_text=Text("the column's best value", "该列最佳值"),
        ),
        DIRECTION,
        Argument(
            "cap",
            one_or_each(
                "yes gives values beyond the reference the full score only; no gives them more.",
                "yes 超过参照值者只得满分；no 可得更高分。",
            ),
            default="no",
            accepts=Accepts.CHOICE,
            choices=("no", "yes"),
        ),
        _UNIT_SCALE,
    ),
    returns=Returns.BLOCK,
    core=dist_reference,
    series=True,
    formula=same("(1 - (reference - x) / (reference - worst)) * scale"),
    remarks=(
        Text(
            "The worst value is the column's minimum, or its maximum where less is better.",
            "最差值为该列最小值；逆向指标为最大值。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: Text(
            "in a constant column, where the reference is its own",
            "参照值取自该列而该列数值全部相同",
        ),
        CellError.NUM: Text(
            "in a column whose reference is no better than its worst value; for the whole call if "
            "an option is outside its limits",
            "参照值不优于最差值的列；选项超出允许范围时为整个结果",
        ),
    },
    example=Example(
        arguments=(((2.0,), (6.0,), (12.0,)), ((10.0,),)),
        note=Text("The target is 10; 12 is beyond it.", "目标值为 10；12 已超过目标。"),
    ),
    see_also=("GOALPOST_SCALE", "FRACTION_MAX"),
)

FRACTION_MAX = Function(
    name="FRACTION_MAX",
    summary=Text(
        "Each value as a fraction of the best value of its column.",
        "逐列计算各数值与最佳值之比。",
    ),
    category=Category.NORMALISE,
    arguments=(COLUMN_VALUES, DIRECTION, _UNIT_SCALE),
    returns=Returns.BLOCK,
    core=fraction_max,
    series=True,
    formula=Text(
        "x / maximum * scale\ndirection = -1: minimum / x * scale",
        "x / 最大值 * scale\ndirection = -1：最小值 / x * scale",
    ),
    remarks=(
        Text(
            "Meant for quantities with a true zero; a twofold value is a twofold score.",
            "适用于有绝对零点的数量：数值加倍，得分加倍。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: Text(
            "in a column whose maximum is not above 0; where less is better, in one whose minimum "
            "is not; for the whole call if an option is outside its limits",
            "最大值不大于 0 的列；逆向指标为最小值不大于 0 的列；选项超出允许范围时为整个结果",
        ),
    },
    example=Example(
        arguments=(((2.0, 2.0), (8.0, 8.0), (4.0, "NA")), ((1.0, -1.0),)),
        note=Text("In the second column less is better.", "第二列为逆向指标。"),
    ),
    see_also=("DIST_REFERENCE", "MINMAX_SCALE"),
)


def _category_options(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for cuts out of order or beyond 0 to 100, #VALUE! for scores that do not fit."""
    cuts, scores = options["cuts"], options["scores"]
    if scores is not None and len(scores) != len(cuts) + 1:
        return CellError.VALUE
    outside = options["by"] == "percentile" and (np.min(cuts) < 0 or np.max(cuts) > 100)
    return CellError.NUM if outside or np.any(np.diff(cuts) <= 0) else None


CATEGORY_SCALE = Function(
    name="CATEGORY_SCALE",
    summary=Text(
        "Scores by bands: each value takes the score of the band it falls into.",
        "分档赋分：数值落入哪一档即得哪一档的分。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "cuts",
            Text(
                "Ascending cut points between the bands, in a row or a column; the same for all "
                "columns.",
                "各档之间的分界点，升序，一行或一列；各列共用。",
            ),
            kind=Kind.NUMBERS,
            optional=False,
        ),
        Argument(
            "scores",
            Text(
                "Score of each band from the worst, one more than cuts.",
                "各档得分，自最差起，比分界点多一个。",
            ),
            kind=Kind.NUMBERS,
            default_text=Text("evenly from 0 to 100", "0 至 100 等距"),
        ),
        Argument(
            "by",
            Text(
                "value: cuts in the uom of the values; percentile: percentiles of each column.",
                "value 分界点为数值；percentile 分界点为各列的百分位。",
            ),
            default="value",
            accepts=Accepts.CHOICE,
            choices=CUTS_BY,
            per_column=False,
        ),
        DIRECTION,
    ),
    returns=Returns.BLOCK,
    core=category_scale,
    series=True,
    formula=same('INDEX(scores, 1 + COUNTIF(cuts, "<=" & x))'),
    remarks=(
        Text(
            "A value on a cut point falls into the better band.",
            "恰好等于分界点的数值归入较好的一档。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: Text(
            "for the whole call if the cuts do not ascend or are no percentiles",
            "分界点未按升序排列或不是百分位时为整个结果",
        ),
    },
    example=Example(
        arguments=(((12.0,), (20.0,), (55.0,), ("NA",)), ((20.0, 50.0),), ((1.0, 2.0, 5.0),)),
        note=Text(
            "20 lies on a cut point and takes the better band.", "20 为分界点，归入较好的一档。"
        ),
    ),
    see_also=("PM25_GRADE", "TIER_LABELS"),
    check=_category_options,
)

ABOVE_MEAN = Function(
    name="ABOVE_MEAN",
    summary=Text(
        "1 for values above the mean of their column, -1 below it, 0 near it.",
        "逐列与均值比较：高于均值为 1，低于均值为 -1，接近均值为 0。",
    ),
    category=Category.NORMALISE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "threshold",
            one_or_each(
                "Share of the mean within which a value is near it: 0.1 is 10 %.",
                "视为接近均值的范围，占均值的比例：0.1 即 10%。",
            ),
            default=0.0,
            minimum=0.0,
        ),
        DIRECTION,
    ),
    returns=Returns.BLOCK,
    core=above_mean,
    series=True,
    formula=same("SIGN(x - mean), 0 where ABS(x - mean) <= threshold * ABS(mean)"),
    remarks=(
        Text("In a constant column all are 0.", "数值全部相同的列均为 0。"),
        Text("Outliers have no more effect than others.", "异常值的影响不大于其他数值。"),
    ),
    errors=_ERRORS,
    example=Example(
        arguments=(((8.0,), (10.0,), (12.0,), ("NA",)), ((0.1,),)),
        note=Text("The mean is 10; from 9 to 11 counts as near.", "均值为 10，9 至 11 视为接近。"),
    ),
    see_also=("CATEGORY_SCALE", "ZSCORE_SCALE"),
)

TREND_STATE = Function(
    name="TREND_STATE",
    summary=Text(
        "Which way each value moved since an earlier one: 1 better, -1 worse, 0 no clear trend.",
        "与此前数值相比的走向：1 变好，-1 变差，0 无明显变化。",
    ),
    category=Category.ASSESS,
    arguments=(
        VALUES,
        Argument(
            "before",
            Text(
                "Values before: one column for all, or a block as wide as values.",
                "此前的数值：一列（各列共用），或与 values 同宽的区域。",
            ),
            kind=Kind.BLOCK,
            optional=False,
        ),
        Argument(
            "threshold",
            one_or_each(
                "Share of the value before within which a change is no clear trend: 0.02 is 2 %.",
                "变化不超过此前数值的这一比例时视为无明显变化：0.02 即 2%。",
            ),
            default=0.0,
            minimum=0.0,
        ),
        DIRECTION,
    ),
    returns=Returns.BLOCK,
    core=trend_state,
    formula=same("SIGN(now - before), 0 where ABS(now - before) <= threshold * ABS(before)"),
    remarks=(
        Text(
            "A gap now or before is unknown: #N/A.",
            "现在或此前为空白或缺失代码时为未知：#N/A。",
        ),
    ),
    errors=_ERRORS,
    example=Example(
        arguments=(
            ((3100.0,), (48.5,), (16.0,), (58.0,)),
            ((5200.0,), (48.0,), (14.0,), ("NA",)),
            ((0.02,),),
        ),
        note=Text(
            "From 48 to 48.5 is no clear trend; the last is unknown.",
            "由 48 到 48.5 无明显变化；最后一项未知。",
        ),
    ),
    see_also=("ABOVE_MEAN", "IMPUTE_SERIES"),
)

ENTRIES = (DIST_REFERENCE, FRACTION_MAX, CATEGORY_SCALE, ABOVE_MEAN)
ASSESSING = (TREND_STATE,)
