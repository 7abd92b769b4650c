"""Entries of the functions that relate quantities and close gaps."""

from __future__ import annotations

from xlcity.errors import CellError
from xlcity.functions import lambdas
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
from xlcity.functions.denominator import denominate, per_million
from xlcity.functions.entries.common import PER_CELL_ERRORS, VALUES, one_or_each
from xlcity.functions.impute import impute_dimension

DENOMINATE = Function(
    name="DENOMINATE",
    summary=Text(
        "Values per unit of a denominator: per inhabitant, per flight, per square kilometre.",
        "换算为相对量：除以人口、航班数、面积等。",
    ),
    category=Category.DENOMINATE,
    arguments=(
        VALUES,
        Argument(
            "denominators",
            Text(
                "Denominators: one column for all, or a block as wide as values.",
                "分母：一列（各列共用），或与 values 同宽的区域。",
            ),
            kind=Kind.BLOCK,
            optional=False,
        ),
        Argument(
            "scale",
            one_or_each(
                "Factor on the quotient: 1000 gives values per thousand.",
                "商的倍数：1000 即每千单位。",
            ),
            default=1.0,
        ),
    ),
    returns=Returns.BLOCK,
    core=denominate,
    lambda_text=lambdas.DENOMINATE,
    formula=same("values / denominators * scale"),
    remarks=(
        Text(
            "A gap in either gives a gap.",
            "分子或分母为空白或缺失代码时，结果为 #N/A。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: Text("where the denominator is 0", "分母为 0"),
    },
    example=Example(
        arguments=(((33960.0,), (1200.0,), ("NA",)), ((325.0,), (0.0,), (40.0,))),
        note=Text(
            "Flights per destination; without a destination there is none.",
            "每个目的地的航班数；没有目的地则没有结果。",
        ),
    ),
    see_also=("PER_MILLION", "MINMAX_SCALE"),
)

PER_MILLION = Function(
    name="PER_MILLION",
    summary=Text(
        "Values per million inhabitants.",
        "换算为每百万人口的数量。",
    ),
    category=Category.DENOMINATE,
    arguments=(
        VALUES,
        Argument(
            "population",
            Text(
                "Populations: one column for all, or a block as wide as values.",
                "人口：一列（各列共用），或与 values 同宽的区域。",
            ),
            kind=Kind.BLOCK,
            optional=False,
        ),
        Argument(
            "persons",
            one_or_each(
                "Persons that a population of 1 stands for: 10000 where it is given in ten "
                "thousands.",
                "人口数值 1 代表多少人：以万人为单位时为 10000。",
            ),
            default=1.0,
            minimum=0.0,
            open_minimum=True,
        ),
    ),
    returns=Returns.BLOCK,
    core=per_million,
    formula=same("values / (population * persons) * 1000000"),
    remarks=(
        Text(
            "A gap in either gives a gap.",
            "数量或人口为空白或缺失代码时，结果为 #N/A。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.DIV0: Text("where the population is 0", "人口为 0"),
        CellError.NUM: Text(
            "where the population is negative; for the whole call if persons is not above 0",
            "人口为负；persons 不大于 0 时为整个结果",
        ),
    },
    example=Example(
        arguments=(((1250.0,), (310.0,), ("NA",)), ((2189.0,), (948.0,), (1500.0,)), ((10000.0,),)),
        note=Text("Populations stand in ten thousands.", "人口以万人为单位。"),
    ),
    see_also=("DENOMINATE",),
)

IMPUTE_DIMENSION = Function(
    name="IMPUTE_DIMENSION",
    summary=Text(
        "Confirmed gaps become the mean of the city's other scores in the same dimension.",
        "确认缺失的得分以该城市同一维度其他得分的均值插补。",
    ),
    category=Category.IMPUTE,
    arguments=(
        VALUES,
        Argument(
            "groups",
            Text(
                "Label of the dimension of each column, in a row; a column without one is left "
                "alone.",
                "各列所属维度，一行；未注明的列不插补。",
            ),
            kind=Kind.LABELS,
            optional=False,
        ),
        Argument(
            "parents",
            Text(
                "Label of the wider dimension of each column, taken where the own one has no other "
                "score.",
                "各列所属的上一级维度；本维度没有其他得分时使用。",
            ),
            kind=Kind.LABELS,
            default_text=Text("none", "无"),
        ),
    ),
    returns=Returns.BLOCK,
    core=impute_dimension,
    formula=same("AVERAGEIFS(row, groups, group)"),
    remarks=(
        Text(
            "Scores must be on one scale and all oriented so that more is better.",
            "各列得分须量纲一致，且均为正向。",
        ),
        Text(
            "Means are taken over given scores, never over imputed ones. Blanks are not imputed "
            "and stay out of the means.",
            "均值只取原有得分，不含插补值。空白不插补，也不计入均值。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NA: Text(
            "in the cell of a blank, and of a missing code that finds no score to stand in",
            "空白单元格；缺失代码找不到可用得分时",
        ),
    },
    example=Example(
        arguments=(
            ((0.4, "NA", 1.2, "NA"), (0.1, None, "NA", -0.3)),
            (("P", "P", "P", "Q"),),
            (("T", "T", "T", "T"),),
        ),
        note=Text(
            "In the first row Q has no other score, so the last gap takes the mean of 0.4 and 1.2 "
            "as well; the blank stays.",
            "第一行 Q 维度没有其他得分，故最后一个缺失值也取 0.4 与 1.2 的均值；空白保持不变。",
        ),
    ),
    see_also=("ZSCORE_WINSOR", "WEIGHTED_INDEX"),
)

ENTRIES = (DENOMINATE, PER_MILLION, IMPUTE_DIMENSION)
