"""Arguments and sentences that several entries share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.declare import Accepts, Argument, Kind, Text


def one_or_each(en: str, zh: str) -> Text:
    """Return the help of an option that may be given once or once per column."""
    return Text(f"{en} One value, or one per column.", f"{zh}可只给一个值，也可每列一个值。")


VALUES = Argument(
    "values",
    Text(
        "Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and "
        "text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
        "数据区域：每行一个城市，每列一个指标。空白、缺失代码、#N/A 和文本不参与计算；"
        "其他错误值即为整个结果，LibreOffice 中 #N/A 也是如此：请填 NA。",
    ),
    kind=Kind.VALUES,
    optional=False,
)

#: The values of a function that looks along columns.
COLUMN_VALUES = replace(
    VALUES,
    help=Text(
        f"{VALUES.help.en} A single row counts as one column.",
        f"{VALUES.help.zh}只有一行时按一列计算。",
    ),
)

DIRECTION = Argument(
    "direction",
    one_or_each(
        "1 where more is better, -1 where less is better.",
        "正向指标为 1，逆向指标为 -1。",
    ),
    default=1.0,
    accepts=Accepts.DIRECTION,
)

GROUPS = Argument(
    "groups",
    Text(
        "Group of each row, one cell per row: every group has statistics and ranks of its own, and "
        "an empty cell leaves the row out. Omitted: all rows are one group.",
        "每行所属的组，每行一格：各组分别统计和排名，空白则该行不参与。省略时全部为一组。",
    ),
    kind=Kind.CELLS,
    default_text=Text("one group", "全部为一组"),
)

OWN_MINIMUM = Text("the column's minimum", "该列最小值")
OWN_MAXIMUM = Text("the column's maximum", "该列最大值")
OFF = Text("off", "不启用")

LOW = Argument(
    "low",
    one_or_each(
        "Fixed lower bound instead of the column's minimum.",
        "固定下限，代替该列最小值。",
    ),
    default_text=OWN_MINIMUM,
)

HIGH = Argument(
    "high",
    one_or_each(
        "Fixed upper bound instead of the column's maximum.",
        "固定上限，代替该列最大值。",
    ),
    default_text=OWN_MAXIMUM,
)

SCALE = Argument(
    "scale",
    one_or_each(
        "Full score.",
        "满分。",
    ),
    default=100.0,
    minimum=0.0,
    open_minimum=True,
)

CONSTANT = Argument(
    "constant",
    one_or_each(
        "Score where all numbers of a column are equal; without it that is #DIV/0!.",
        "某列数值全部相同时的得分；不填则为 #DIV/0!。",
    ),
    default_text=Text("none: #DIV/0!", "无：#DIV/0!"),
)

#: True of every function that gives a block.
PER_CELL_ERRORS: Mapping[CellError, Text] = {
    CellError.NA: Text(
        "in the cell of a blank or a missing code, and all through an empty column",
        "空白或缺失代码所在单元格；整列无数值时为整列",
    ),
    CellError.VALUE: Text(
        "in the cell of other text or of a logical; for the whole call if an argument has the "
        "wrong shape or type",
        "其他文本或逻辑值所在单元格；参数形状或类型有误时为整个结果",
    ),
}

OUTSIDE_LIMITS = Text(
    "for the whole call if an option is outside its limits", "选项超出允许范围时为整个结果"
)

BOUND_REMARKS = (
    Text(
        "Values outside fixed bounds are not clipped: results may lie outside the scale.",
        "超出固定上下限的数值不截断，结果可能超出量程。",
    ),
    Text(
        "Fix the bounds where results must stay comparable between editions.",
        "若要使各年度结果可比，请固定上下限。",
    ),
)

BOUND_ERRORS: Mapping[CellError, Text] = {
    **PER_CELL_ERRORS,
    CellError.DIV0: Text(
        "in a constant column (equal but for rounding), where both bounds are its own",
        "上下限均取自该列而该列数值全部相同（不计舍入误差）",
    ),
    CellError.NUM: Text(
        "where low >= high: for the whole call if both are given, in the column if one is; for "
        "the "
        "whole call if another option is outside its limits",
        "low >= high：两者均给定时为整个结果，只给定其一时为该列；其他选项超出允许范围时为整个结果",
    ),
}


def groups_fit(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! where there is not one group, or one pool, for each row."""
    rows = len(options["states"])
    given = (options.get("groups"), options.get("pools"))
    wrong = any(cells is not None and len(cells) != rows for cells in given)
    return CellError.VALUE if wrong else None


def bounds_in_order(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where both bounds of a column are given and low >= high."""
    return CellError.NUM if np.any(np.greater_equal(options["low"], options["high"])) else None


def bounds_differ_and_groups(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where both bounds of a column are given and equal; else as `groups_fit`."""
    same = np.any(np.equal(options["low"], options["high"]))
    return CellError.NUM if same else groups_fit(options)
