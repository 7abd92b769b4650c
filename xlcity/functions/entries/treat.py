"""Entries of the functions that treat outliers and skewed indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.clip import clip_percentile, clip_sd
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
    COLUMN_VALUES,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    one_or_each,
)
from xlcity.functions.treat import (
    KURT_LIMIT,
    LOGS,
    MOST_POINTS,
    SKEW_LIMIT,
    WHEN,
    treat_boxcox,
    treat_log,
    winsor_skew,
)

_ERRORS: Mapping[CellError, Text] = {**PER_CELL_ERRORS, CellError.NUM: OUTSIDE_LIMITS}
_SKEW = Argument(
    "skew",
    one_or_each(
        "A column passes where the absolute skewness (SKEW) is below it.",
        "偏度（SKEW）绝对值低于此值的列视为通过检验。",
    ),
    default=SKEW_LIMIT,
    minimum=0.0,
)
_KURT = Argument(
    "kurt",
    one_or_each(
        "A column also passes where its kurtosis (KURT) is below it.",
        "峰度（KURT）低于此值的列也视为通过检验。",
    ),
    default=KURT_LIMIT,
)
_TEST = Text(
    "A column passes the test where its skewness or its kurtosis is within the limit; both are "
    "those of SKEW and KURT. Columns too short or too even to tell pass.",
    "偏度或峰度任一在界限之内即通过检验，二者与 SKEW、KURT 相同。数值太少或全部相同的列视为通过。",
)

WINSOR_SKEW = Function(
    name="WINSOR_SKEW",
    summary=Text(
        "Outliers drawn in point by point until skewness or kurtosis of the column is acceptable.",
        "逐点收缩异常值，直到该列的偏度或峰度可以接受。",
    ),
    category=Category.TREAT,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "points",
            one_or_each(
                "Most points that are drawn in; tied points are drawn in together.",
                "最多收缩的点数；数值相同的点一并收缩。",
            ),
            default=float(MOST_POINTS),
            accepts=Accepts.INTEGER,
            minimum=0.0,
        ),
        _SKEW,
        _KURT,
    ),
    returns=Returns.BLOCK,
    core=winsor_skew,
    series=True,
    formula=same(
        "WHILE ABS(SKEW(x)) >= skew AND KURT(x) >= kurt AND treated < points:\n"
        "    SKEW(x) >= 0: MAX(x) -> next largest; else MIN(x) -> next smallest"
    ),
    remarks=(
        _TEST,
        Text(
            "A column that still fails after all points keeps its drawn-in values: take TREAT_LOG "
            "for it.",
            "用完点数仍未通过的列保留收缩后的数值，可改用 TREAT_LOG。",
        ),
    ),
    errors=_ERRORS,
    example=Example(
        arguments=(((1.0,), (2.0,), (3.0,), (4.0,), (5.0,), (90.0,), ("NA",)),),
        note=Text(
            "90 becomes the next largest value, 5; then the column passes.",
            "90 收缩为次大值 5，此后该列通过检验。",
        ),
    ),
    see_also=("TREAT_LOG", "CLIP_PERCENTILE", "CLIP_SD", "ZSCORE_WINSOR"),
)

TREAT_LOG = Function(
    name="TREAT_LOG",
    summary=Text(
        "Logarithms of each column, shifted so that they exist, for all columns or the skewed "
        "ones.",
        "逐列取对数（先平移使其有意义），可用于所有列或仅用于偏斜的列。",
    ),
    category=Category.TREAT,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "method",
            one_or_each(
                "ct: ln(x - min + 0.01 range); ct_orig: ln(x - min + 1); ct_plus: turned where the "
                "skewness is negative; gii: ln((max - 1)(x - min)/range + 1); ln; ln1p.",
                "ct：ln(x-最小值+0.01 极差)；ct_orig：ln(x-最小值+1)；ct_plus：左偏时反向；"
                "gii：ln((最大值-1)(x-最小值)/极差+1)；ln；ln1p。",
            ),
            default="ct",
            accepts=Accepts.CHOICE,
            choices=LOGS,
        ),
        Argument(
            "when",
            one_or_each(
                "always, or skewed: only columns that fail the test.",
                "always 一律取对数；skewed 只处理未通过检验的列。",
            ),
            default="always",
            accepts=Accepts.CHOICE,
            choices=WHEN,
        ),
        _SKEW,
        _KURT,
    ),
    returns=Returns.BLOCK,
    core=treat_log,
    series=True,
    formula=same("LN(x - MIN(x) + 0.01 * (MAX(x) - MIN(x)))"),
    remarks=(
        _TEST,
        Text("The order of the cities is kept.", "城市的先后次序不变。"),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: Text(
            "in a constant column under ct, ct_plus and gii",
            "取 ct、ct_plus 或 gii 而该列数值全部相同",
        ),
        CellError.NUM: Text(
            "where the logarithm does not exist; for the whole call if an option is outside its "
            "limits",
            "对数不存在的单元格；选项超出允许范围时为整个结果",
        ),
    },
    example=Example(
        arguments=(((10.0,), (100.0,), (1000.0,)), (("ln",),)),
        note=Text("Equal ratios become equal distances.", "相等的倍数变成相等的距离。"),
    ),
    see_also=("WINSOR_SKEW", "TREAT_BOXCOX"),
)

TREAT_BOXCOX = Function(
    name="TREAT_BOXCOX",
    summary=Text(
        "Box-Cox transforms of each column: a power, or the logarithm for power 0.",
        "逐列做 Box-Cox 变换：取幂，power 为 0 时取对数。",
    ),
    category=Category.TREAT,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "power",
            one_or_each(
                "Power (lambda); 0 takes the logarithm, 1 keeps distances.",
                "幂次（lambda）；0 取对数，1 保持距离。",
            ),
            default=0.0,
            minimum=-10.0,
            maximum=10.0,
        ),
        Argument(
            "shift",
            one_or_each(
                "yes moves the column first so that its smallest value is 1; no takes it as it is.",
                "yes 先平移使最小值为 1；no 不平移。",
            ),
            default="yes",
            accepts=Accepts.CHOICE,
            choices=("yes", "no"),
        ),
    ),
    returns=Returns.BLOCK,
    core=treat_boxcox,
    series=True,
    formula=same("(x ^ power - 1) / power\npower = 0: LN(x)"),
    remarks=(
        Text("The order of the cities is kept.", "城市的先后次序不变。"),
        Text(
            "Without a shift all values must be above 0.",
            "不平移时所有数值须大于 0。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: Text(
            "in the cell of a value of 0 or less where nothing is shifted; for the whole call if "
            "power is outside -10 to 10",
            "不平移而数值不大于 0 的单元格；power 超出 -10 至 10 时为整个结果",
        ),
    },
    example=Example(
        arguments=(((3.0,), (6.0,), (11.0,)), ((0.5,),)),
        note=Text("3 becomes 1 by the shift, and 0 by the transform.", "3 平移为 1，变换后为 0。"),
    ),
    see_also=("TREAT_LOG",),
)


def _percentiles_in_order(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where the lower percentile is not below the upper one."""
    return CellError.NUM if np.any(np.greater_equal(options["low"], options["high"])) else None


CLIP_PERCENTILE = Function(
    name="CLIP_PERCENTILE",
    summary=Text(
        "Values of each column held between two of its percentiles.",
        "逐列把数值限制在两个百分位数之间。",
    ),
    category=Category.TREAT,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "low",
            one_or_each("Lower percentile, 0 to 100.", "下百分位，0 至 100。"),
            default=5.0,
            minimum=0.0,
            maximum=100.0,
        ),
        Argument(
            "high",
            one_or_each("Upper percentile, 0 to 100.", "上百分位，0 至 100。"),
            default=95.0,
            minimum=0.0,
            maximum=100.0,
        ),
    ),
    returns=Returns.BLOCK,
    core=clip_percentile,
    series=True,
    formula=same("MIN(MAX(x, PERCENTILE.INC(x, low / 100)), PERCENTILE.INC(x, high / 100))"),
    remarks=(
        Text(
            "Percentiles interpolate between places, as PERCENTILE.INC does.",
            "百分位数按位置线性内插，同 PERCENTILE.INC。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: Text(
            "for the whole call if an option is outside its limits or low >= high",
            "选项超出允许范围或 low >= high 时为整个结果",
        ),
    },
    example=Example(
        arguments=(((0.0,), (1.0,), (2.0,), (3.0,), (100.0,)), ((25.0,),), ((75.0,),)),
        note=Text("The quartiles are 1 and 3.", "四分位数为 1 和 3。"),
    ),
    see_also=("CLIP_SD", "WINSOR_SKEW"),
    check=_percentiles_in_order,
)

CLIP_SD = Function(
    name="CLIP_SD",
    summary=Text(
        "Values of each column held within some standard deviations of its mean, in their own uom.",
        "逐列把数值限制在均值加减若干倍标准差之内，单位不变。",
    ),
    category=Category.TREAT,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "limit",
            one_or_each("Standard deviations from the mean.", "距均值的标准差倍数。"),
            default=3.0,
            minimum=0.0,
            open_minimum=True,
        ),
        Argument(
            "ddof",
            one_or_each(
                "The standard deviation divides by n - ddof.",
                "标准差的除数为 n - ddof。",
            ),
            default=0.0,
            accepts=Accepts.INTEGER,
            minimum=0.0,
        ),
    ),
    returns=Returns.BLOCK,
    core=clip_sd,
    series=True,
    formula=same("MIN(MAX(x, mean - limit * sd), mean + limit * sd)"),
    remarks=(
        Text(
            "Mean and standard deviation are those of the column before clipping.",
            "均值和标准差取自缩尾之前的该列。",
        ),
        Text("A constant column stays as it is.", "数值全部相同的列保持不变。"),
    ),
    errors=_ERRORS,
    example=Example(
        arguments=(((0.0,), (0.0,), (0.0,), (8.0,)), ((1.0,),)),
        note=Text(
            "The mean is 2 and the standard deviation 3.4641: 8 becomes 5.4641.",
            "均值为 2，标准差为 3.4641，故 8 变为 5.4641。",
        ),
    ),
    see_also=("CLIP_PERCENTILE", "ZSCORE_WINSOR"),
)

ENTRIES = (WINSOR_SKEW, TREAT_LOG, TREAT_BOXCOX, CLIP_PERCENTILE, CLIP_SD)
