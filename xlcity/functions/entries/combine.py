"""Entries of the functions that combine scores otherwise than by a mean, and take them apart."""

from __future__ import annotations

from dataclasses import replace

from xlcity.errors import CellError
from xlcity.functions.cluster import STANDARDISATIONS
from xlcity.functions.combine import (
    MISSING,
    contributions,
    copeland_score,
    cronbach_alpha,
    min_index,
    mpi_index,
)
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
from xlcity.functions.entries.aggregate import WEIGHTED_INDEX
from xlcity.functions.entries.common import PER_CELL_ERRORS, VALUES
from xlcity.functions.tiers import TIERS_BY, tier_labels

_OF_MEAN = {argument.name: argument for argument in WEIGHTED_INDEX.arguments}
_MISSING = Argument(
    "missing",
    Text(
        "What a missing code does: na (no result in its row) or renormalise (the rest of the row "
        "counts). A blank always gives #N/A.",
        "缺失代码的处理：na 该行无结果，renormalise 只按该行其余数值计算。空白一律得 #N/A。",
    ),
    default="na",
    accepts=Accepts.CHOICE,
    choices=MISSING,
    per_column=False,
)
_ROW_ERRORS = {
    CellError.NA: WEIGHTED_INDEX.errors[CellError.NA],
    CellError.VALUE: WEIGHTED_INDEX.errors[CellError.VALUE],
}

COPELAND_SCORE = Function(
    name="COPELAND_SCORE",
    summary=Text(
        "Copeland scores: every city against every other, duels won less duels lost.",
        "Copeland 得分：城市两两比较，胜场数减负场数。",
    ),
    category=Category.AGGREGATE,
    arguments=(
        VALUES,
        replace(_OF_MEAN["weights"], optional=True, default_text=Text("equal weights", "权重相等")),
        _MISSING,
    ),
    returns=Returns.COLUMN,
    core=copeland_score,
    formula=same("SUM(SIGN(SUM(w where ahead) - SUM(w where behind)))"),
    remarks=(
        Text(
            "Only the order inside each column counts, not the distances: a strength cannot make "
            "up for a weakness. All columns must be oriented alike.",
            "只看各列的先后次序，不看差距，强项不能弥补弱项。各列方向须一致。",
        ),
        Text(
            "Sums of weights that differ only by rounding are a tie; the scores sum to 0.",
            "权重之和仅有舍入误差之差时视为平局；全部得分之和为 0。",
        ),
    ),
    errors={
        **_ROW_ERRORS,
        CellError.NUM: Text("for the whole call if a weight is negative", "权重为负时为整个结果"),
        CellError.DIV0: Text(
            "for the whole call if the weights sum to 0", "权重之和为 0 时为整个结果"
        ),
    },
    example=Example(
        arguments=(
            ((80.0, 60.0, 90.0), (70.0, 75.0, 95.0), (75.0, 50.0, 65.0), (40.0, "NA", 99.0)),
            ((2.0, 1.0, 1.0),),
        ),
        note=Text(
            "The first two cities draw: one is ahead in the first column, which weighs as much as "
            "the other two. The last takes no part.",
            "前两个城市打平：一个在第一列领先，其权重等于另外两列之和。最后一个城市不参与。",
        ),
    ),
    see_also=("RANK_BORDA", "WEIGHTED_INDEX", "RANK_COMPETITION"),
)

MPI_INDEX = Function(
    name="MPI_INDEX",
    summary=Text(
        "Mazziotta-Pareto index: the mean of each row, corrected for how uneven its scores are.",
        "Mazziotta-Pareto 指数：逐行均值，并按各项得分的不均衡程度修正。",
    ),
    category=Category.AGGREGATE,
    arguments=(
        VALUES,
        Argument(
            "penalty",
            Text(
                "minus where more is better; plus where the index measures something bad.",
                "越高越好时为 minus；指数衡量负面现象时为 plus。",
            ),
            default="minus",
            accepts=Accepts.CHOICE,
            choices=("minus", "plus"),
            per_column=False,
        ),
        _MISSING,
    ),
    returns=Returns.COLUMN,
    core=mpi_index,
    formula=same("M - S * S / M"),
    remarks=(
        Text(
            "M and S are mean and standard deviation (n) of the row. Values are meant to have a "
            "mean of 100 and a standard deviation of 10: ZSCORE_SCALE(x, 100, 10, direction, 0).",
            "M、S 为该行的均值和标准差（除数为 n）。数值应先换算为均值 100、标准差 10："
            "ZSCORE_SCALE(x, 100, 10, direction, 0)。",
        ),
    ),
    errors={
        **_ROW_ERRORS,
        CellError.NUM: Text("in a row with a mean of 0 or less", "均值不大于 0 的行"),
    },
    example=Example(
        arguments=(((100.0, 100.0), (90.0, 110.0), (105.0, "NA")),),
        note=Text(
            "The second city has the same mean but is uneven: 100 - 10 * 10 / 100.",
            "第二个城市均值相同但不均衡：100 - 10 * 10 / 100。",
        ),
    ),
    see_also=("ZSCORE_SCALE", "WEIGHTED_INDEX", "MIN_INDEX"),
)

MIN_INDEX = Function(
    name="MIN_INDEX",
    summary=Text(
        "The smallest score of each row: no strength makes up for the worst weakness.",
        "逐行取最低分：任何强项都不能弥补最弱的一项。",
    ),
    category=Category.AGGREGATE,
    arguments=(VALUES, _MISSING),
    returns=Returns.COLUMN,
    core=min_index,
    formula=same("MIN(row)"),
    remarks=(
        Text("Weights play no part.", "不使用权重。"),
        Text("Scores must be on one scale.", "各列得分须量纲一致。"),
    ),
    errors=_ROW_ERRORS,
    example=Example(
        arguments=(((60.0, 90.0), (70.0, 75.0), (95.0, "NA")), (("renormalise",),)),
        note=Text("The last city is judged by what it has.", "最后一个城市按已有的得分计。"),
    ),
    see_also=("WEIGHTED_INDEX", "MPI_INDEX"),
)

CONTRIBUTIONS = Function(
    name="CONTRIBUTIONS",
    summary=Text(
        "Points that each column adds to the weighted mean of its row.",
        "各列对该行加权平均贡献的分值。",
    ),
    category=Category.ASSESS,
    arguments=(VALUES, _OF_MEAN["weights"], _OF_MEAN["missing"]),
    returns=Returns.BLOCK,
    core=contributions,
    formula=same("w * x / SUM(w)"),
    remarks=(
        Text(
            "A row sums to WEIGHTED_INDEX with the same weights (arithmetic).",
            "每行之和等于同一权重的 WEIGHTED_INDEX（算术平均）。",
        ),
        Text(
            "A missing code that the option resolves adds 0.",
            "已按选项处理的缺失代码贡献为 0。",
        ),
    ),
    errors={
        **WEIGHTED_INDEX.errors,
        CellError.NUM: Text("for the whole call if a weight is negative", "权重为负时为整个结果"),
    },
    example=Example(
        arguments=(
            ((80.0, 60.0, 90.0), (50.0, "NA", 70.0)),
            ((0.3, 0.5, 0.2),),
            (("renormalise",),),
        ),
        note=Text(
            "The first row sums to 72; in the second the weights are 0.6 and 0.4.",
            "第一行之和为 72；第二行的权重为 0.6 和 0.4。",
        ),
    ),
    see_also=("WEIGHTED_INDEX",),
)

CRONBACH_ALPHA = Function(
    name="CRONBACH_ALPHA",
    summary=Text(
        "Cronbach's alpha: how far the columns measure one thing; above 0.7 counts as good.",
        "Cronbach's alpha 信度系数：各列在多大程度上衡量同一事物；高于 0.7 为良好。",
    ),
    category=Category.ASSESS,
    arguments=(
        VALUES,
        Argument(
            "standardise",
            Text(
                "zscore gives every column the same spread first.",
                "zscore 先使各列标准差相同。",
            ),
            default="none",
            accepts=Accepts.CHOICE,
            choices=STANDARDISATIONS,
            per_column=False,
        ),
    ),
    returns=Returns.SINGLE,
    core=cronbach_alpha,
    formula=same("k / (k - 1) * (1 - SUM(VAR(column)) / VAR(row sums))"),
    remarks=(
        Text(
            "Only rows with a number in every column count. All columns must be oriented alike.",
            "只取每一列都有数值的行。各列方向须一致。",
        ),
    ),
    errors={
        CellError.DIV0: Text(
            "with fewer than two columns or complete rows, or sums that do not vary; with a "
            "constant column under zscore",
            "不足两列或不足两个完整的行，或各行之和全部相同；取 zscore 而有一列数值全部相同",
        ),
        CellError.VALUE: Text(
            "for the whole call if an argument has the wrong shape or type",
            "参数形状或类型有误时为整个结果",
        ),
    },
    example=Example(
        arguments=(((3.0, 4.0, 3.0), (5.0, 5.0, 4.0), (1.0, 2.0, 2.0), (4.0, 3.0, 4.0)),),
        note=Text("The three columns agree well.", "三列高度一致。"),
    ),
    see_also=("PEARSON_MATRIX", "PCA_WEIGHTS"),
)

TIER_LABELS = Function(
    name="TIER_LABELS",
    summary=Text(
        "Tier of each score, 1 for the best: by lowest scores, last ranks or shares of the cities.",
        "逐列划分梯队，1 为第一梯队：按最低分、末位名次或城市占比划分。",
    ),
    category=Category.ASSESS,
    arguments=(
        VALUES,
        Argument(
            "cuts",
            Text(
                "Ends of all tiers but the last, in a row or a column, in any order.",
                "除最后一个梯队外各梯队的界限，一行或一列，次序不限。",
            ),
            kind=Kind.NUMBERS,
            optional=False,
        ),
        Argument(
            "by",
            Text(
                "score: lowest scores of the tiers; rank: their last ranks; percent: down to which "
                "share of the cities they reach.",
                "score 界限为各梯队最低分；rank 为末位名次；percent 为累计城市占比。",
            ),
            default="score",
            accepts=Accepts.CHOICE,
            choices=TIERS_BY,
            per_column=False,
        ),
    ),
    returns=Returns.BLOCK,
    core=tier_labels,
    formula=same('1 + COUNTIF(cuts, ">" & x)'),
    remarks=(
        Text(
            "More is better. Equal scores share the best of their ranks, and so their tier.",
            "得分越高越好。得分相同者名次取最好的一个，因而同属一个梯队。",
        ),
    ),
    errors=PER_CELL_ERRORS,
    example=Example(
        arguments=(((90.0,), (75.0,), (60.0,), (75.0,), ("NA",)), ((2.0,),), (("rank",),)),
        note=Text(
            "Both cities with 75 have rank 2, so the first tier has three.",
            "两个 75 分的城市均为第 2 名，故第一梯队有三个城市。",
        ),
    ),
    see_also=("RANK_COMPETITION", "CATEGORY_SCALE", "CLUSTER_LABELS"),
)

ENTRIES = (COPELAND_SCORE, MPI_INDEX, MIN_INDEX)
ASSESSING = (CONTRIBUTIONS, CRONBACH_ALPHA, TIER_LABELS)
