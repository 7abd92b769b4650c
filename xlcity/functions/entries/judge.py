"""Entries of the functions that weigh by pairwise judgements."""

from __future__ import annotations

from xlcity.errors import CellError
from xlcity.functions.declare import (
    Argument,
    Category,
    Example,
    Function,
    Kind,
    Returns,
    Text,
    same,
)
from xlcity.functions.judge import ahp_ratio, ahp_weights

_COMPARISONS = Argument(
    "comparisons",
    Text(
        "Square of judgements: how many times the row is as important as the column, 1 to 9 or a "
        "fraction. One of two opposite cells may be empty; so may the diagonal.",
        "判断矩阵：行比列重要多少倍，1 至 9 或分数。互为倒数的两格可只填其一，对角线可留空。",
    ),
    kind=Kind.VALUES,
    optional=False,
)
_AHP_ERRORS = {
    CellError.VALUE: Text(
        "for the whole call if it is no square, or a cell holds text",
        "不是方阵或含有文本时为整个结果",
    ),
    CellError.NUM: Text(
        "for the whole call if a judgement is 0 or less, or two opposite ones contradict each "
        "other",
        "判断值不大于 0，或互为倒数的两格矛盾时为整个结果",
    ),
    CellError.NA: Text(
        "for the whole call if a pair has no judgement",
        "有一对未作判断时为整个结果",
    ),
}
_JUDGEMENTS = ((1.0, 3.0, 5.0), (None, 1.0, 2.0), (None, None, 1.0))

AHP_WEIGHTS = Function(
    name="AHP_WEIGHTS",
    summary=Text(
        "Weights from pairwise judgements (analytic hierarchy process): the principal eigenvector.",
        "层次分析法（AHP）权重：判断矩阵的主特征向量。",
    ),
    category=Category.WEIGHT,
    arguments=(_COMPARISONS,),
    returns=Returns.COLUMN,
    core=ahp_weights,
    formula=same("A w = lambda_max w, w / SUM(w)"),
    remarks=(
        Text(
            "Look at AHP_RATIO too: above 0.1 the judgements contradict each other too much.",
            "请同时查看 AHP_RATIO：大于 0.1 时判断之间矛盾过多。",
        ),
        Text(
            "Opposite judgements may be rounded: 3 and 0.33 fit, 3 and 0.5 do not.",
            "互为倒数的判断可以四舍五入：3 与 0.33 相符，3 与 0.5 不符。",
        ),
    ),
    errors=_AHP_ERRORS,
    example=Example(
        arguments=(_JUDGEMENTS,),
        note=Text(
            "Only the upper half is filled in; the lower one is its reciprocal.",
            "只填了上半部分，下半部分为其倒数。",
        ),
    ),
    see_also=("AHP_RATIO", "WEIGHTED_INDEX"),
)

AHP_RATIO = Function(
    name="AHP_RATIO",
    summary=Text(
        "Consistency ratio of pairwise judgements; up to 0.1 counts as consistent.",
        "判断矩阵的一致性比率；不超过 0.1 视为一致。",
    ),
    category=Category.WEIGHT,
    arguments=(_COMPARISONS,),
    returns=Returns.SINGLE,
    core=ahp_ratio,
    formula=same("(lambda_max - k) / (k - 1) / RI(k)"),
    remarks=(
        Text(
            "RI is Saaty's random index for 3 to 15 things: 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, "
            "1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59. For one or two things the ratio is 0.",
            "RI 为 Saaty 随机一致性指标，3 至 15 项依次为 0.58、0.90、1.12、1.24、1.32、1.41、"
            "1.45、1.49、1.51、1.48、1.56、1.57、1.59。一项或两项时比率为 0。",
        ),
    ),
    errors={
        **_AHP_ERRORS,
        CellError.NUM: Text(
            "for the whole call if a judgement is 0 or less, two opposite ones contradict each "
            "other, or there are more than 15 things",
            "判断值不大于 0、互为倒数的两格矛盾，或超过 15 项时为整个结果",
        ),
    },
    example=Example(
        arguments=(_JUDGEMENTS,),
        note=Text("The judgements agree well.", "各判断基本一致。"),
    ),
    see_also=("AHP_WEIGHTS",),
)

ENTRIES = (AHP_WEIGHTS, AHP_RATIO)
