"""Entries of the functions on links between cities."""

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
from xlcity.functions.entries.aggregate import WEIGHTED_INDEX
from xlcity.functions.entries.common import CONSTANT, OUTSIDE_LIMITS, SCALE, VALUES
from xlcity.functions.entries.normalise import MINMAX_SCALE
from xlcity.functions.links import COUNTS, DOMESTIC, FLOWS, link_matrix, link_strength, pair_scores

_OF_MINMAX = {argument.name: argument for argument in MINMAX_SCALE.arguments}
_OF_MEAN = {argument.name: argument for argument in WEIGHTED_INDEX.arguments}


def choice(name: str, choices: tuple[str, ...], en: str, zh: str, **more: Any) -> Argument:
    """Return an option that is one of some words, the first by default."""
    return Argument(
        name,
        Text(en, zh),
        default=choices[0],
        accepts=Accepts.CHOICE,
        choices=choices,
        **{"per_column": False, **more},
    )


MATRIX = replace(
    VALUES,
    name="matrix",
    help=Text(
        "Square block: the link from the city of the row to that of the column. An empty cell is "
        "no link; the diagonal is passed over.",
        "方阵：由行城市到列城市的联系。空单元格表示没有联系；对角线不计。",
    ),
)
_FLOW_HELP = (
    "directed adds the two directions of a pair; symmetric takes them as one tie, which may stand "
    "in either half.",
    "directed：两个方向相加；symmetric：两个方向为同一联系，可只写一半。",
)
FLOW = choice("flow", FLOWS, *_FLOW_HELP)


def square(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for a block that is not square."""
    height, width = np.shape(options["matrix"])
    return None if height == width else CellError.VALUE


def _columns(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for columns of links that differ in length, or half a choice of indicator."""
    count = len(options["starts"])
    others = [options[name] for name in ("ends", "values", "codes") if options[name] is not None]
    wrong = any(len(other) != count for other in others)
    half = (options["codes"] is None) != (options["code"] is None)
    many = options["code"] is not None and len(options["code"]) != 1
    return CellError.VALUE if wrong or half or many else None


MATRIX_ERRORS: Mapping[CellError, Text] = {
    CellError.NA: Text(
        "for a city without any number in its row and column",
        "所在行、列均无数值的城市",
    ),
    CellError.VALUE: Text(
        "for the cities of a cell with text; for the whole call if the block is not square or an "
        "argument has the wrong shape or type",
        "单元格为文本时所涉城市；区域不是方阵、参数形状或类型有误时为整个结果",
    ),
    CellError.NUM: Text(
        "for the cities of a symmetric pair whose two cells differ",
        "对称联系的两个单元格不一致时所涉城市",
    ),
}

LINK_MATRIX = Function(
    name="LINK_MATRIX",
    summary=Text(
        "Two-way strengths between cities, a row and a column for each, from a table of links.",
        "由联系长表得到城市间双向联系强度的方阵。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        Argument(
            "units",
            Text("Ids of the cities, in one column.", "城市标识，一列。"),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "starts",
            Text(
                "Id of the city each link starts from, in one column.", "各联系的起点城市，一列。"
            ),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "ends",
            Text("Id of the city each link leads to, in one column.", "各联系的终点城市，一列。"),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "values",
            Text(
                "Value of each link; an empty line is passed over, a missing code counts as 0.",
                "各联系的数值；空行跳过，缺失代码按 0 计。",
            ),
            kind=Kind.CELLS,
            optional=False,
        ),
        FLOW,
        Argument(
            "codes",
            Text(
                "Indicator of each link, where the table holds several.",
                "各联系所属指标；表中有多个指标时填写。",
            ),
            kind=Kind.CELLS,
            default_text=Text("all links", "全部联系"),
        ),
        Argument(
            "code",
            Text("The indicator that is wanted.", "所取的指标。"),
            kind=Kind.CELLS,
            default_text=Text("all links", "全部联系"),
        ),
    ),
    returns=Returns.PAIRS,
    core=link_matrix,
    formula=Text(
        "directed: value(i, j) + value(j, i)\nsymmetric: value(i, j) or value(j, i)",
        "directed：value(i, j) + value(j, i)\nsymmetric：value(i, j) 或 value(j, i)",
    ),
    remarks=(
        Text(
            "A pair without a link is 0 once the table has any value; before that it is not filled "
            "yet and all is #N/A.",
            "表中只要有一个数值，未列出的城市对即为 0；此前视为尚未填写，全部为 #N/A。",
        ),
        Text(
            "Of a link that stands twice the first counts; a link from a city to itself is passed "
            "over.",
            "同一联系重复时取第一行；城市到自身的联系不计。",
        ),
    ),
    errors={
        CellError.NA: Text(
            "in the row and column of an empty id; all through a table without any value",
            "标识为空的行、列；表中没有任何数值时为全部",
        ),
        CellError.VALUE: Text(
            "for a pair with text in place of a value; for the whole call if an argument has the "
            "wrong shape or type",
            "以文本代替数值的城市对；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: Text(
            "for a symmetric pair that stands twice with different values",
            "对称联系两次填写而数值不一致的城市对",
        ),
    },
    example=Example(
        arguments=(
            (("rome",), ("oslo",), ("kyoto",)),
            (("rome",), ("oslo",), ("kyoto",)),
            (("oslo",), ("rome",), ("rome",)),
            ((3.0,), (1.0,), (7.0,)),
        ),
        note=Text(
            "Rome and Oslo: 3 one way and 1 the other are 4; Oslo and Kyoto have no link.",
            "Rome 与 Oslo 单程 3、回程 1，合计 4；Oslo 与 Kyoto 没有联系。",
        ),
    ),
    see_also=("LINK_STRENGTH", "EIGEN_CENTRALITY"),
    check=_columns,
)

LINK_STRENGTH = Function(
    name="LINK_STRENGTH",
    summary=Text(
        "How strongly each city is linked with the others: the sum of its two-way links.",
        "各城市与其他城市的联系强度：双向联系之和。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        MATRIX,
        FLOW,
        Argument(
            "groups",
            Text(
                "Group of each city (its country), in a row or a column; links inside a group are "
                "domestic.",
                "各城市所属组（如国家），一行或一列；组内联系为国内联系。",
            ),
            kind=Kind.LABELS,
            default_text=Text("none", "无"),
        ),
        choice(
            "domestic",
            DOMESTIC,
            "Whether domestic links are left out (exclude) or count (include).",
            "国内联系不计（exclude）或计入（include）。",
        ),
        choice(
            "count",
            COUNTS,
            "values adds the strengths; presence counts the links that are not 0.",
            "values 累加强度；presence 只数不为 0 的联系。",
        ),
    ),
    returns=Returns.COLUMN,
    core=link_strength,
    formula=same("SUM(L(i, j), j <> i, group(j) <> group(i))"),
    remarks=(
        Text(
            "A sum, not a mean: with domestic links left out, cities differ in how many partners "
            "they have.",
            "取总和而非均值：不计国内联系时，各城市的对象数不同。",
        ),
    ),
    errors=MATRIX_ERRORS,
    example=Example(
        arguments=(
            ((0.0, 3.0, 5.0), (1.0, 0.0, 0.0), (7.0, 2.0, 0.0)),
            (("directed",),),
            (("A", "B", "A"),),
        ),
        note=Text(
            "First and third are in one group: only their links with the second count.",
            "第一、三个城市同组，只计与第二个城市的联系。",
        ),
    ),
    see_also=("LINK_MATRIX", "PAIR_SCORES", "DEGREE_CENTRALITY"),
    check=square,
)

PAIR_SCORES = Function(
    name="PAIR_SCORES",
    summary=Text(
        "Score of each pair of cities: its strengths, normalised over all pairs and weighted.",
        "城市对得分：各指标强度在全部城市对中标准化后加权。",
    ),
    category=Category.AGGREGATE,
    arguments=(
        replace(
            VALUES,
            help=Text(
                "Strengths: a row per pair, a column per indicator. An empty row is no pair.",
                "联系强度：每行一对城市，每列一个指标。空行不是城市对。",
            ),
        ),
        _OF_MEAN["weights"],
        choice(
            "count",
            COUNTS,
            "values scores the strengths, presence that there is a link. One value, or one per "
            "column.",
            "values 按强度计分；presence 只看有无联系。可只给一个值，也可每列一个值。",
            per_column=True,
        ),
        _OF_MINMAX["bounds"],
        SCALE,
        replace(CONSTANT, default=0.0, default_text=None),
    ),
    returns=Returns.COLUMN,
    core=pair_scores,
    formula=same("SUM(w * (x - low) / (high - low) * scale) / SUM(w)"),
    remarks=(
        Text(
            "Pairs are normalised among pairs: their scores do not follow from those of the "
            "cities, nor these from them.",
            "城市对在城市对之间标准化：其得分与城市得分互不推导。",
        ),
    ),
    errors={
        CellError.NA: Text("in a row with a gap", "有空缺的行"),
        CellError.VALUE: WEIGHTED_INDEX.errors[CellError.VALUE],
        CellError.DIV0: Text(
            "for the whole call if the weights sum to 0", "权重之和为 0 时为整个结果"
        ),
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(
            ((3.0, 12.0, 1.0), (0.0, 30.0, 0.0), (1.0, 0.0, 1.0)),
            ((0.25, 0.5, 0.25),),
            (("values", "values", "presence"),),
        ),
        note=Text("The third column tells only whether there is a train.", "第三列只看有无班列。"),
    ),
    see_also=("LINK_STRENGTH", "MINMAX_SCALE", "WEIGHTED_INDEX"),
)

ENTRIES = (LINK_MATRIX, LINK_STRENGTH, PAIR_SCORES)
