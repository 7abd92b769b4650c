"""Entries of the functions that make one score out of several."""

from __future__ import annotations

from xlcity.errors import CellError
from xlcity.functions import lambdas
from xlcity.functions.aggregate import POWERS, weighted_index
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
from xlcity.functions.entries.common import GROUPS, VALUES, groups_fit

WEIGHTED_INDEX = Function(
    name="WEIGHTED_INDEX",
    summary=Text(
        "Weighted mean of each row: arithmetic, geometric, harmonic or of any power.",
        "逐行计算加权平均：算术、几何、调和或任意幂。",
    ),
    category=Category.AGGREGATE,
    arguments=(
        VALUES,
        Argument(
            "weights",
            Text(
                "One weight per column of values, in a row or a column. They are relative: only "
                "their proportions count.",
                "权重，values 每列一个，可为一行或一列。权重是相对的，只看比例。",
            ),
            kind=Kind.WEIGHTS,
            optional=False,
        ),
        Argument(
            "method",
            Text(
                "arithmetic, geometric, harmonic or power.",
                "arithmetic 算术平均，geometric 几何平均，harmonic 调和平均，power 幂平均。",
            ),
            default="arithmetic",
            accepts=Accepts.CHOICE,
            choices=(*POWERS, "power"),
            per_column=False,
        ),
        Argument(
            "missing",
            Text(
                "What a missing code does: na (no result in its row), renormalise (its weight is "
                "shared among the rest), zero (counts as 0) or refuse (no result in its whole "
                "group, nor with a blank). A blank always gives #N/A.",
                "缺失代码的处理：na 该行无结果，renormalise 其权重按比例分给其余项，zero 按 0 计，"
                "refuse 整组无结果（有空白时同样）。空白一律得 #N/A。",
            ),
            default="na",
            accepts=Accepts.CHOICE,
            choices=("na", "renormalise", "zero", "refuse"),
            per_column=False,
        ),
        Argument(
            "power",
            Text(
                "Power of the mean where method is power: 1 arithmetic, 0 geometric, -1 harmonic,"
                " "
                "2 quadratic. Otherwise not looked at.",
                "method 为 power 时的幂次：1 算术，0 几何，-1 调和，2 平方。其他方法不使用。",
            ),
            default=1.0,
            per_column=False,
        ),
        GROUPS,
    ),
    returns=Returns.COLUMN,
    core=weighted_index,
    lambda_text=lambdas.WEIGHTED_INDEX,
    check=groups_fit,
    formula=same("(SUM(w * x ^ p) / SUM(w)) ^ (1 / p)\np = 0: EXP(SUM(w * LN(x)) / SUM(w))"),
    remarks=(
        Text(
            "A blank is not filled yet: its row has no result whatever the option missing says, "
            "also where its weight is 0.",
            "空白表示尚未填写：无论 missing 取何值，也无论权重是否为 0，该行均无结果。",
        ),
        Text(
            "Under renormalise, a row in which nothing is left is #N/A.",
            "取 renormalise 时，若该行没有任何数值，结果为 #N/A。",
        ),
    ),
    errors={
        CellError.NA: Text(
            "in a row with a blank, or with a missing code that the option does not resolve; for "
            "the whole call if a weight is blank or missing",
            "该行有空白，或有选项未处理的缺失代码；权重有空白或缺失时为整个结果",
        ),
        CellError.VALUE: Text(
            "in a row with other text or a logical; for the whole call if an argument has the "
            "wrong shape or type",
            "该行有其他文本或逻辑值；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: Text(
            "in a row with a value that has no such mean: <= 0 under geometric and harmonic; for "
            "the whole call if a weight is negative",
            "该行有无法计算该平均的数值：几何、调和平均要求大于 0；权重为负时为整个结果",
        ),
        CellError.DIV0: Text(
            "for the whole call if the weights sum to 0; in a row whose remaining weights do",
            "权重之和为 0 时为整个结果；某行剩余权重之和为 0 时为该行",
        ),
    },
    example=Example(
        arguments=(
            ((80.0, 60.0, 90.0), (50.0, "NA", 70.0), (40.0, None, 65.0)),
            ((0.3, 0.5, 0.2),),
            (("arithmetic",),),
            (("renormalise",),),
        ),
        note=Text(
            "The missing code's weight is shared between the other two; the blank stops its row.",
            "缺失代码的权重分给其余两项；空白使该行没有结果。",
        ),
    ),
    see_also=("MINMAX_SCALE", "RANK_COMPETITION"),
)

ENTRIES = (WEIGHTED_INDEX,)
