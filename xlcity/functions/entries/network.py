"""Entries of the functions on networks of cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
from xlcity.functions.entries.common import groups_fit
from xlcity.functions.entries.links import FLOW, MATRIX, MATRIX_ERRORS, choice, square
from xlcity.functions.network import degree_centrality, eigen_centrality

MEMBERS = Argument(
    "members",
    Text(
        "One cell per row: a city whose cell is empty is left out of the network; any other is in "
        "it, also without a number.",
        "每行一格：空白的城市不在网络内；其余都在，没有数值也算。",
    ),
    kind=Kind.CELLS,
    default_text=Text("every city with a number", "有数值的城市"),
)


def square_with_members(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for a block that is not square, or the wrong number of members."""
    return square(options) or groups_fit({"groups": options["members"], **options})


TIES = replace(FLOW, default="symmetric")

EIGEN_CENTRALITY = Function(
    name="EIGEN_CENTRALITY",
    summary=Text(
        "Eigenvector centrality: a city is central that has strong ties with central cities.",
        "特征向量中心度：与中心城市联系越强，中心度越高。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        MATRIX,
        choice(
            "weighted",
            ("yes", "no"),
            "yes takes the strengths of ties, no only whether there is a tie.",
            "yes 按联系强度；no 只看有无联系。",
        ),
        TIES,
        Argument(
            "tolerance",
            Text(
                "How exact the vector is: the length of A x - lambda x is at most so many times "
                "lambda.",
                "精度：A x - λ x 的长度不超过 λ 的若干倍。",
            ),
            default=1e-13,
            minimum=0.0,
            maximum=1e-3,
            open_minimum=True,
            per_column=False,
        ),
        MEMBERS,
    ),
    returns=Returns.COLUMN,
    core=eigen_centrality,
    formula=same("A x = lambda x, lambda = max, x >= 0, SUMSQ(x) = 1"),
    remarks=(
        Text(
            "The vector has the Euclidean length 1; after a z-score or min-max the length makes no "
            "difference.",
            "向量的欧氏长度为 1；经 z 分数或极差标准化后，长度不影响结果。",
        ),
        Text(
            "The vector is the limit of the power iteration on A / r + 0.1 I, r the largest row "
            "sum, that starts at the row sums. A city without ties is 0. In a network of several "
            "parts without ties between them it lies on the part with the largest lambda, the "
            "other cities are 0; parts with the same lambda share it.",
            "向量是以行和为起点、对 A / r + 0.1 I（r 为最大行和）作幂迭代的极限。"
            "没有联系的城市为 0。网络分为互不相连的几部分时，向量落在 λ 最大的部分，"
            "其余城市为 0；λ 相同的几部分共同分享。",
        ),
    ),
    errors={
        **MATRIX_ERRORS,
        CellError.NUM: Text(
            "for the whole call if a symmetric pair differs, a strength is negative or an option "
            "is outside its limits",
            "对称联系不一致、强度为负或选项超出允许范围时为整个结果",
        ),
        CellError.DIV0: Text("in a network without any tie", "网络中没有任何联系"),
    },
    example=Example(
        arguments=(
            (
                (0.0, 4.0, 1.0, 0.0),
                (4.0, 0.0, 2.0, 0.0),
                (1.0, 2.0, 0.0, 1.0),
                (0.0, 0.0, 1.0, 0.0),
            ),
        ),
        note=Text(
            "The second city has the strongest ties; the fourth hangs on the third alone.",
            "第二个城市的联系最强；第四个城市只与第三个相连。",
        ),
    ),
    see_also=("DEGREE_CENTRALITY", "LINK_MATRIX"),
    check=square_with_members,
)

DEGREE_CENTRALITY = Function(
    name="DEGREE_CENTRALITY",
    summary=Text(
        "Degree centrality: with how large a share of the other cities a city has a tie.",
        "度中心度：与之有联系的城市占其他城市的比例。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        MATRIX,
        choice(
            "share",
            ("yes", "no"),
            "yes divides by the number of other cities; no gives the number of ties.",
            "yes 除以其他城市数；no 为联系城市数。",
        ),
        TIES,
        MEMBERS,
    ),
    returns=Returns.COLUMN,
    core=degree_centrality,
    formula=same("d(i) / (n - 1)"),
    remarks=(
        Text(
            "n counts the cities that have any number in their row or column, a 0 too.",
            "n 为所在行或列有数值（含 0）的城市数。",
        ),
    ),
    errors={
        **MATRIX_ERRORS,
        CellError.DIV0: Text("if there is one city only", "只有一个城市"),
    },
    example=Example(
        arguments=(((0.0, 12.0, 0.0), (12.0, 0.0, 1.0), (0.0, 1.0, 0.0)),),
        note=Text(
            "One joint patent is a tie as good as twelve.", "一件合作专利与十二件同样算作有联系。"
        ),
    ),
    see_also=("EIGEN_CENTRALITY", "LINK_STRENGTH"),
    check=square_with_members,
)

ENTRIES = (EIGEN_CENTRALITY, DEGREE_CENTRALITY)
