"""Entry of the function that computes a whole index."""

from __future__ import annotations

from dataclasses import replace

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
)
from xlcity.functions.entries.aggregate import WEIGHTED_INDEX
from xlcity.functions.entries.common import VALUES
from xlcity.functions.whole import NORMALISERS, index_scores

_OF_MEAN = {argument.name: argument for argument in WEIGHTED_INDEX.arguments}

INDEX_SCORES = Function(
    name="INDEX_SCORES",
    summary=Text(
        "A whole index in one call: scores of any nodes from a block of data and a framework "
        "block.",
        "一次算出整个指数：由数据区域和框架区域得出任意节点的得分。",
    ),
    category=Category.AGGREGATE,
    arguments=(
        VALUES,
        Argument(
            "codes",
            Text(
                "Code of each column of values, in a row; columns that are no indicator are not "
                "used.",
                "values 各列的指标代码，一行；不属于框架的列不使用。",
            ),
            kind=Kind.LABELS,
            optional=False,
        ),
        Argument(
            "framework",
            Text(
                "Rows of code, parent, weight, direction, with or without these headings. The root "
                "has no parent; an empty weight is 1, an empty direction 1.",
                "各行依次为代码、上级、权重、方向，可带表头。根节点没有上级；权重、方向为空时均为 "
                "1。",
            ),
            kind=Kind.TABLE,
            optional=False,
        ),
        Argument(
            "nodes",
            Text(
                "Codes of the nodes whose scores are wanted, one column of results each: for "
                "instance the headings above the formula.",
                "要得出得分的节点代码，每个节点一列结果，例如公式上方的表头。",
            ),
            kind=Kind.CELLS,
            default_text=Text("the root", "根节点"),
        ),
        Argument(
            "normalise",
            Text(
                "minmax (0 to 100), zscore (n - 1), winsor (n, clipped at 1.96), rank (100/N times "
                "the rank), percentile (0 to 1) or none.",
                "minmax 为 0 至 100，zscore 除数为 n-1，winsor 除数为 n 并在 1.96 处缩尾，rank 为 "
                "100/N 乘名次，percentile 为 0 至 1，none 不变。",
            ),
            default="minmax",
            accepts=Accepts.CHOICE,
            choices=NORMALISERS,
            per_column=False,
        ),
        Argument(
            "aggregate",
            Text(
                "Mean at every node: arithmetic, geometric or harmonic.",
                "各节点的平均：arithmetic 算术，geometric 几何，harmonic 调和。",
            ),
            default="arithmetic",
            accepts=Accepts.CHOICE,
            choices=("arithmetic", "geometric", "harmonic"),
            per_column=False,
        ),
        replace(_OF_MEAN["missing"], default="renormalise"),
    ),
    returns=Returns.NODES,
    core=index_scores,
    formula=Text(
        "normalise each indicator, then at each node SUM(w * child) / SUM(w)",
        "先逐个指标标准化，再在各节点计算 SUM(w * 下级) / SUM(w)",
    ),
    remarks=(
        Text(
            "Weights are relative inside their parent. The score of an indicator is its normalised "
            "value.",
            "权重在同一上级之内是相对的。指标自身的得分即其标准化值。",
        ),
        Text(
            "A blank leaves all nodes above it without a result in its row.",
            "空白使该行其上各节点均无结果。",
        ),
    ),
    errors={
        CellError.NA: Text(
            "in the row of a blank, for all nodes above it; of missing codes that the option does "
            "not resolve",
            "有空白的行，其上各节点；有选项未处理的缺失代码的行",
        ),
        CellError.VALUE: Text(
            "for nodes above a text; for the whole call if the framework is no tree, an indicator "
            "has no column, or a node does not exist",
            "文本之上的各节点；框架不是一棵树、指标没有数据列或节点不存在时为整个结果",
        ),
        CellError.DIV0: Text(
            "for all nodes above a constant column (minmax, zscore, winsor, percentile of one "
            "number); for the whole call if all weights under a node are 0",
            "数值全部相同的列之上的各节点；某节点下权重全为 0 时为整个结果",
        ),
        CellError.NUM: Text(
            "for nodes above scores of 0 or less under geometric and harmonic; for the whole call "
            "if a weight is negative",
            "几何、调和平均下得分不大于 0 之上的各节点；权重为负时为整个结果",
        ),
    },
    example=Example(
        arguments=(
            ((10.0, 5.0, 70.0), (30.0, 9.0, 90.0), (20.0, 1.0, "NA")),
            (("a", "b", "c"),),
            (
                ("code", "parent", "weight", "direction"),
                ("T", None, None, None),
                ("P", "T", 2.0, None),
                ("a", "P", 1.0, 1.0),
                ("b", "P", 1.0, -1.0),
                ("c", "T", 1.0, 1.0),
            ),
            (("P", "T"),),
        ),
        note=Text(
            "One column for P and one for the root T; the last city's T is its P alone.",
            "P 和根节点 T 各一列；最后一个城市的 T 只由 P 得出。",
        ),
    ),
    see_also=("MINMAX_SCALE", "WEIGHTED_INDEX", "CONTRIBUTIONS"),
)

ENTRIES = (INDEX_SCORES,)
