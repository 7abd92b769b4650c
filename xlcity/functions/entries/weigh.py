"""Entries of the functions that find weights."""

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
from xlcity.functions.entries.common import VALUES
from xlcity.functions.weigh import (
    PCA_METHODS,
    balance_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    pca_weights,
)

_COMPLETE = Text(
    "Only rows with a number in every column count.",
    "只取每一列都有数值的行。",
)
_SUM = Text(
    "The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.",
    "权重之和为 1，可直接用于 WEIGHTED_INDEX。只有一列时权重为 1。",
)
_WRONG = Text(
    "for the whole call if an argument has the wrong shape or type",
    "参数形状或类型有误时为整个结果",
)
_CONSTANT = Text(
    "in every cell if a column is constant but for rounding, or too few rows are complete",
    "有一列数值全部相同（不计舍入误差），或完整的行太少时为所有单元格",
)
_ALL_CONSTANT = Text(
    "in every cell if all columns are constant but for rounding, or too few rows are complete",
    "各列数值均全部相同（不计舍入误差），或完整的行太少时为所有单元格",
)

EQUAL_WEIGHTS = Function(
    name="EQUAL_WEIGHTS",
    summary=Text(
        "Equal weights of all columns, or of groups of columns and inside each group.",
        "各列等权，或先各组等权、组内再等权。",
    ),
    category=Category.WEIGHT,
    arguments=(
        replace(
            VALUES,
            help=Text(
                "Block whose columns are weighted; what it holds does not matter.",
                "要赋权的区域；只看列数，不看内容。",
            ),
        ),
        Argument(
            "groups",
            Text(
                "Label of the group of each column, in a row.",
                "各列所属的组，一行。",
            ),
            kind=Kind.LABELS,
            default_text=Text("no groups", "不分组"),
        ),
    ),
    returns=Returns.ROW,
    core=equal_weights,
    formula=same("1 / groups / columns of the group"),
    remarks=(_SUM,),
    errors={CellError.VALUE: _WRONG},
    example=Example(
        arguments=(((80.0, 60.0, 90.0),), (("A", "A", "B"),)),
        note=Text("A and B weigh one half each.", "A、B 两组各占一半。"),
    ),
    see_also=("WEIGHTED_INDEX", "AHP_WEIGHTS"),
)

ENTROPY_WEIGHTS = Function(
    name="ENTROPY_WEIGHTS",
    summary=Text(
        "Entropy weights: the more unevenly a column is spread, the more it weighs.",
        "熵权法：分布越不均匀的列权重越大。",
    ),
    category=Category.WEIGHT,
    arguments=(VALUES,),
    returns=Returns.ROW,
    core=entropy_weights,
    formula=same("p = x / SUM(x), e = -SUM(p * LN(p)) / LN(n), w = (1 - e) / SUM(1 - e)"),
    remarks=(
        _COMPLETE,
        _SUM,
        Text(
            "Take oriented scores, none negative; a 0 adds nothing to the entropy.",
            "应使用已正向化的非负得分；0 对熵没有贡献。",
        ),
    ),
    errors={
        CellError.NUM: Text(
            "in every cell if a value is negative or a column holds only zeros",
            "有负值，或有一列全为 0 时为所有单元格",
        ),
        CellError.DIV0: _ALL_CONSTANT,
        CellError.VALUE: _WRONG,
    },
    example=Example(
        arguments=(((20.0, 50.0), (40.0, 50.0), (90.0, 80.0), ("NA", 10.0)),),
        note=Text(
            "The first column is spread more unevenly; the last row is not complete.",
            "第一列分布更不均匀；最后一行不完整，不参与。",
        ),
    ),
    see_also=("CRITIC_WEIGHTS", "CV_WEIGHTS", "WEIGHTED_INDEX"),
)

CRITIC_WEIGHTS = Function(
    name="CRITIC_WEIGHTS",
    summary=Text(
        "CRITIC weights: columns weigh by their spread and by how little they repeat the others.",
        "CRITIC 赋权：差异越大、与其他列重复越少，权重越大。",
    ),
    category=Category.WEIGHT,
    arguments=(VALUES,),
    returns=Returns.ROW,
    core=critic_weights,
    formula=same("c = sd * SUM(1 - r), w = c / SUM(c)"),
    remarks=(
        _COMPLETE,
        _SUM,
        Text(
            "Columns are scaled from 0 to 1 first; all should be oriented alike.",
            "先逐列换算到 0 至 1；各列方向应一致。",
        ),
    ),
    errors={
        CellError.DIV0: Text(
            "in every cell if a column is constant but for rounding, if all columns are "
            "proportional (then none adds anything to the others), or if too few rows are complete",
            "有一列数值全部相同（不计舍入误差），各列完全成比例（互不提供新信息），"
            "或完整的行太少时为所有单元格",
        ),
        CellError.VALUE: _WRONG,
    },
    example=Example(
        arguments=(((10.0, 12.0, 3.0), (20.0, 21.0, 9.0), (30.0, 33.0, 4.0), (40.0, 39.0, 7.0)),),
        note=Text(
            "The third column says what the other two do not.",
            "第三列包含另外两列没有的信息。",
        ),
    ),
    see_also=("ENTROPY_WEIGHTS", "PCA_WEIGHTS", "WEIGHTED_INDEX"),
)

CV_WEIGHTS = Function(
    name="CV_WEIGHTS",
    summary=Text(
        "Weights by the coefficient of variation: standard deviation over mean.",
        "变异系数赋权：标准差与均值之比。",
    ),
    category=Category.WEIGHT,
    arguments=(
        VALUES,
        Argument(
            "ddof",
            Text(
                "The standard deviation divides by n - ddof.",
                "标准差的除数为 n - ddof。",
            ),
            default=1.0,
            accepts=Accepts.INTEGER,
            minimum=0.0,
            per_column=False,
        ),
    ),
    returns=Returns.ROW,
    core=cv_weights,
    formula=same("v = sd / mean, w = v / SUM(v)"),
    remarks=(_COMPLETE, _SUM),
    errors={
        CellError.NUM: Text(
            "in every cell if a column has a mean of 0 or less, or 0 but for rounding, as z-scores "
            "have; for the whole call if ddof is not a whole number of at least 0",
            "有一列均值不大于 0，或除舍入误差外为 0（如 z 分数）时为所有单元格；"
            "ddof 不是非负整数时为整个结果",
        ),
        CellError.DIV0: _ALL_CONSTANT,
        CellError.VALUE: _WRONG,
    },
    example=Example(
        arguments=(((20.0, 50.0), (40.0, 50.0), (90.0, 80.0)),),
        note=Text("The first column varies more.", "第一列差异更大。"),
    ),
    see_also=("ENTROPY_WEIGHTS", "WEIGHTED_INDEX"),
)

PCA_WEIGHTS = Function(
    name="PCA_WEIGHTS",
    summary=Text(
        "Weights by principal components: squared loadings, never negative.",
        "主成分赋权：载荷的平方，不会为负。",
    ),
    category=Category.WEIGHT,
    arguments=(
        VALUES,
        Argument(
            "method",
            Text(
                "handbook: components with an eigenvalue above 1, rotated, each column by its "
                "largest squared loading; first: squared loadings on the first component.",
                "handbook 取特征值大于 1 的成分，方差最大旋转后按各列最大的载荷平方；"
                "first 取第一主成分的载荷平方。",
            ),
            default="handbook",
            accepts=Accepts.CHOICE,
            choices=PCA_METHODS,
            per_column=False,
        ),
    ),
    returns=Returns.ROW,
    core=pca_weights,
    formula=same("w = MAX(loading ^ 2) / SUM(MAX(loading ^ 2))"),
    remarks=(
        _COMPLETE,
        _SUM,
        Text(
            "Components of the correlation matrix, rotated by varimax. A column that correlates "
            "negatively with the others still has a positive weight: orient the columns first.",
            "成分取自相关矩阵，经方差最大旋转。与其他列负相关的列权重仍为正，应先统一方向。",
        ),
        Text(
            "Components with equal eigenvalues count together under first: columns without any "
            "correlation weigh equally.",
            "取 first 时，特征值相等的成分合并计算：各列互不相关时权重相等。",
        ),
    ),
    errors={CellError.DIV0: _CONSTANT, CellError.VALUE: _WRONG},
    example=Example(
        arguments=(
            ((10.0, 12.0, 3.0), (20.0, 21.0, 9.0), (30.0, 33.0, 4.0), (40.0, 39.0, 7.0)),
            (("first",),),
        ),
        note=Text(
            "The first two columns move together and carry the first component.",
            "前两列变动一致，构成第一主成分。",
        ),
    ),
    see_also=("CRITIC_WEIGHTS", "BALANCE_WEIGHTS", "CRONBACH_ALPHA"),
)


def _targets(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for targets of 0 or less, #VALUE! for a wrong number of them."""
    targets = options["targets"]
    if targets is None:
        return None
    if len(targets) != options["values"].shape[1]:
        return CellError.VALUE
    return CellError.NUM if np.min(targets) <= 0 else None


BALANCE_WEIGHTS = Function(
    name="BALANCE_WEIGHTS",
    summary=Text(
        "Weights under which all columns correlate equally with the index they make.",
        "均衡赋权：使各列与合成指数的相关系数相等。",
    ),
    category=Category.WEIGHT,
    arguments=(
        VALUES,
        Argument(
            "targets",
            Text(
                "Wanted proportions of the correlations, one per column, in a row or a column.",
                "各列相关系数的目标比例，每列一个，一行或一列。",
            ),
            kind=Kind.NUMBERS,
            default_text=Text("all equal", "全部相等"),
        ),
    ),
    returns=Returns.ROW,
    core=balance_weights,
    formula=same("C w = t * s (least squares, w >= 0), w / SUM(w)"),
    remarks=(
        _COMPLETE,
        _SUM,
        Text(
            "A column that would need a negative weight has 0; then balance is not reached.",
            "需要负权重才能均衡的列权重为 0，此时不能完全均衡。",
        ),
        Text(
            "Proportional columns share their weight.",
            "成比例的各列平分权重。",
        ),
    ),
    errors={
        CellError.DIV0: _CONSTANT,
        CellError.NUM: Text(
            "for the whole call if a target is 0 or less",
            "目标比例不大于 0 时为整个结果",
        ),
        CellError.VALUE: _WRONG,
    },
    example=Example(
        arguments=(
            (
                (10.0, 30.0, 3.0),
                (20.0, 21.0, 9.0),
                (30.0, 33.0, 4.0),
                (40.0, 39.0, 7.0),
                (25.0, 10.0, 6.0),
            ),
        ),
        note=Text(
            "Every column correlates with the index by 0.61; the third one needs the largest "
            "weight for it.",
            "各列与指数的相关系数均为 0.61；第三列为此需要最大的权重。",
        ),
    ),
    see_also=("PCA_WEIGHTS", "PEARSON_MATRIX"),
    check=_targets,
)

ENTRIES = (
    EQUAL_WEIGHTS,
    ENTROPY_WEIGHTS,
    CRITIC_WEIGHTS,
    CV_WEIGHTS,
    PCA_WEIGHTS,
    BALANCE_WEIGHTS,
)
