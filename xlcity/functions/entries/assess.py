"""Entries of the functions that assess: correlation, simple regression, clusters."""

from __future__ import annotations

from xlcity.errors import CellError
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS, cluster_labels
from xlcity.functions.correlate import MEASURES, pearson_matrix, regression_simple
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
from xlcity.functions.entries.common import VALUES

_WRONG_SHAPE = Text(
    "for the whole call if an argument has the wrong shape or type",
    "参数形状或类型有误时为整个结果",
)

PEARSON_MATRIX = Function(
    name="PEARSON_MATRIX",
    summary=Text(
        "Pearson correlation of every column with every other, its significance, or the number of "
        "cities it rests on.",
        "各列两两之间的 Pearson 相关系数、其显著性或所依据的城市数。",
    ),
    category=Category.ASSESS,
    arguments=(
        VALUES,
        Argument(
            "what",
            Text(
                "r (coefficients), p (two-sided significance) or n (rows that count).",
                "r 相关系数，p 双侧显著性，n 参与计算的行数。",
            ),
            default="r",
            accepts=Accepts.CHOICE,
            choices=MEASURES,
            per_column=False,
        ),
    ),
    returns=Returns.SQUARE,
    core=pearson_matrix,
    formula=same(
        "r = SUM(dx * dy) / SQRT(SUM(dx ^ 2) * SUM(dy ^ 2))\n"
        "t = r * SQRT((n - 2) / (1 - r ^ 2)), p = T.DIST.2T(ABS(t), n - 2)"
    ),
    remarks=(
        Text(
            "Each pair of columns is taken over the rows where both have a number.",
            "每一对列只取两列均有数值的行。",
        ),
        Text(
            "A column with itself has r = 1 and no p: #N/A on the diagonal.",
            "列与自身的 r 为 1，没有 p：对角线为 #N/A。",
        ),
    ),
    errors={
        CellError.NA: Text(
            "on the diagonal of p; where two columns have no row in common",
            "p 的对角线；两列没有共同的行",
        ),
        CellError.DIV0: Text(
            "where a column is constant over the common rows, or these are fewer than two (three "
            "for p)",
            "共同的行中某列数值全部相同，或共同的行不足两行（p 不足三行）",
        ),
        CellError.VALUE: _WRONG_SHAPE,
    },
    example=Example(
        arguments=(
            ((93.0, 98.0, 84.0), (78.0, 94.0, 97.0), (66.0, 76.0, 82.0), (30.0, 47.0, "NA")),
        ),
        note=Text(
            "The last city counts for the first two columns only.",
            "最后一个城市只参与前两列的计算。",
        ),
    ),
    see_also=("REGRESSION_SIMPLE", "CLUSTER_LABELS"),
)

REGRESSION_SIMPLE = Function(
    name="REGRESSION_SIMPLE",
    summary=Text(
        "Least squares line of scores on one outside variable: slope, intercept, r, r squared, p "
        "and n.",
        "得分对一个外部变量的最小二乘回归：斜率、截距、r、R 方、p 和 n。",
    ),
    category=Category.ASSESS,
    arguments=(
        Argument(
            "y",
            Text(
                "Dependent values: a row per city, one column, or several for a regression each.",
                "因变量：每行一个城市；可为一列，也可为多列，每列各做一次回归。",
            ),
            kind=Kind.VALUES,
            optional=False,
        ),
        Argument(
            "x",
            Text(
                "Predictor: one column with as many rows, or one column per column of y.",
                "自变量：一列，行数与 y 相同；也可为 y 的每列各给一列。",
            ),
            kind=Kind.BLOCK,
            optional=False,
        ),
    ),
    returns=Returns.COEFFICIENTS,
    core=regression_simple,
    formula=same(
        "slope = SUM(dx * dy) / SUM(dx ^ 2), intercept = mean(y) - slope * mean(x)\n"
        "t = r * SQRT((n - 2) / (1 - r ^ 2)), p = T.DIST.2T(ABS(t), n - 2)"
    ),
    remarks=(
        Text(
            "Columns of the result: slope, intercept, r, r squared, p, n.",
            "结果各列依次为：斜率、截距、r、R 方、p、n。",
        ),
        Text(
            "With one predictor r is the standardised coefficient, and p that of the slope.",
            "只有一个自变量时，r 即标准化系数，p 即斜率的显著性。",
        ),
        Text("Rows without a number in both are left out.", "两者未同时有数值的行不参与计算。"),
    ),
    errors={
        CellError.NA: Text(
            "in all but n where no row has a number in both", "没有任何一行两者均有数值时，除 n 外"
        ),
        CellError.DIV0: Text(
            "where x is constant or there are fewer than two rows; in r, r squared and p where y "
            "is constant; in p with two rows",
            "x 全部相同或不足两行；y 全部相同时的 r、R 方和 p；只有两行时的 p",
        ),
        CellError.VALUE: _WRONG_SHAPE,
    },
    example=Example(
        arguments=(
            ((62.0,), (48.0,), (35.0,), (30.0,), ("NA",)),
            ((19.5,), (14.5,), (9.0,), (8.5,), (7.0,)),
        ),
        note=Text("The last city has no score and is left out.", "最后一个城市没有得分，不参与。"),
    ),
    see_also=("PEARSON_MATRIX",),
)

CLUSTER_LABELS = Function(
    name="CLUSTER_LABELS",
    summary=Text(
        "Cluster of each row: hierarchical clustering of the cities, cut into k clusters.",
        "逐行给出所属类别：对城市做层次聚类，分为 k 类。",
    ),
    category=Category.ASSESS,
    arguments=(
        VALUES,
        Argument(
            "k",
            Text("Number of clusters.", "类别数。"),
            default=5.0,
            accepts=Accepts.INTEGER,
            minimum=1.0,
            per_column=False,
        ),
        Argument(
            "linkage",
            Text(
                "Distance between clusters: average (mean of all pairs), ward, complete (largest) "
                "or single (smallest).",
                "类间距离：average 组间平均，ward 离差平方和，complete 最远，single 最近。",
            ),
            default="average",
            accepts=Accepts.CHOICE,
            choices=LINKAGES,
            per_column=False,
        ),
        Argument(
            "metric",
            Text(
                "Distance between cities: euclidean, sqeuclidean (squared) or cityblock (sum of "
                "absolute differences).",
                "城市间距离：euclidean 欧氏，sqeuclidean 平方欧氏，cityblock 绝对差之和。",
            ),
            default="sqeuclidean",
            accepts=Accepts.CHOICE,
            choices=METRICS,
            per_column=False,
        ),
        Argument(
            "standardise",
            Text(
                "none, or zscore: every column gets mean 0 and standard deviation 1 first.",
                "none 不处理；zscore 先将各列化为均值 0、标准差 1。",
            ),
            default="none",
            accepts=Accepts.CHOICE,
            choices=STANDARDISATIONS,
            per_column=False,
        ),
    ),
    returns=Returns.COLUMN,
    core=cluster_labels,
    formula=Text(
        "start with every city alone; merge the two nearest clusters until k are left",
        "每个城市先自成一类；反复合并最近的两类，直至剩下 k 类",
    ),
    remarks=(
        Text(
            "Clusters are numbered in the order in which the rows meet them: the first city is "
            "in 1.",
            "类别按各行出现的先后编号：第一个城市为 1。",
        ),
        Text(
            "ward updates the chosen distances as SPSS does; with sqeuclidean it is Ward's "
            "criterion of the least increase in the sum of squares.",
            "ward 按所选距离递推，同 SPSS；取 sqeuclidean 时即离差平方和增量最小的 Ward 准则。",
        ),
        Text("There is no form of it in plain cell formulas.", "没有等价的普通单元格公式。"),
    ),
    errors={
        CellError.NA: Text("in a row with a blank or a missing code", "该行有空白或缺失代码"),
        CellError.VALUE: Text(
            "in a row with other text or a logical; for the whole call if an argument has the "
            "wrong shape or type",
            "该行有其他文本或逻辑值；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: Text(
            "in every complete row if there are fewer than k; for the whole call if k is below 1",
            "完整的行少于 k 时为这些行；k 小于 1 时为整个结果",
        ),
        CellError.DIV0: Text(
            "in every complete row if a column is constant under zscore",
            "取 zscore 而某列数值全部相同时为全部完整的行",
        ),
    },
    example=Example(
        arguments=(
            ((93.0, 98.0), (91.0, 93.0), (35.0, 32.0), (66.0, 70.0), (30.0, 35.0), (28.0, None)),
            ((3.0,),),
            (("ward",),),
        ),
        note=Text(
            "Two large cities, two small ones and one between; the last row is not complete.",
            "两个大、两个小、一个居中；最后一行不完整。",
        ),
    ),
    see_also=("PEARSON_MATRIX",),
)

ENTRIES = (PEARSON_MATRIX, REGRESSION_SIMPLE, CLUSTER_LABELS)
