"""Entries of the functions that fill gaps from the column or from other editions."""

from __future__ import annotations

from collections.abc import Mapping
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
from xlcity.functions.entries.common import (
    COLUMN_VALUES,
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    one_or_each,
)
from xlcity.functions.gaps import CENTRES, SERIES, impute_mean, impute_series


def _one_group_per_row(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! where the groups are not as many as the rows."""
    groups = options["groups"]
    wrong = groups is not None and len(groups) != len(options["values"])
    return CellError.VALUE if wrong else None


IMPUTE_MEAN = Function(
    name="IMPUTE_MEAN",
    summary=Text(
        "Confirmed gaps become the mean or median of their column, or of their group in it.",
        "确认缺失的数据以该列（或该列中同组城市）的均值或中位数插补。",
    ),
    category=Category.IMPUTE,
    arguments=(
        COLUMN_VALUES,
        Argument(
            "method",
            one_or_each("mean or median.", "mean 均值，median 中位数。"),
            default="mean",
            accepts=Accepts.CHOICE,
            choices=CENTRES,
        ),
        Argument(
            "groups",
            Text(
                "Label of the group of each row, in one column: region, size class. A row without "
                "one is left alone.",
                "各行所属的组（区域、规模等），一列；未注明的行不插补。",
            ),
            kind=Kind.CELLS,
            default_text=Text("all rows are one group", "全部行为一组"),
        ),
    ),
    returns=Returns.BLOCK,
    core=impute_mean,
    series=True,
    formula=same("AVERAGE(column)\ngroups: AVERAGEIFS(column, groups, group)"),
    remarks=(
        Text(
            "Means are taken over given numbers. Blanks are not imputed.",
            "均值只取原有数值。空白不插补。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NA: Text(
            "in the cell of a blank, and of a missing code whose group has no number",
            "空白单元格；所在组没有任何数值的缺失代码",
        ),
    },
    example=Example(
        arguments=(
            ((10.0,), ("NA",), (14.0,), (40.0,), ("NA",), (None,)),
            (("mean",),),
            (("east",), ("east",), ("east",), ("west",), ("west",), ("west",)),
        ),
        note=Text(
            "Each gap takes the mean of its group; the blank stays.",
            "各缺失值取同组均值；空白保持不变。",
        ),
    ),
    see_also=("IMPUTE_DIMENSION", "IMPUTE_SERIES"),
    check=_one_group_per_row,
)


def _times(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for a wrong number of times, #NUM! where they do not ascend."""
    times = options["times"]
    if times is None:
        return None
    if len(times) != options["values"].shape[1]:
        return CellError.VALUE
    return CellError.NUM if np.any(np.diff(times) <= 0) else None


IMPUTE_SERIES = Function(
    name="IMPUTE_SERIES",
    summary=Text(
        "Confirmed gaps of one indicator over several editions, filled from other editions.",
        "同一指标多个年度的确认缺失数据，由其他年度插补。",
    ),
    category=Category.IMPUTE,
    arguments=(
        Argument(
            "values",
            Text(
                "Values of one indicator: a row per city, a column per edition, the oldest first.",
                "一个指标的数据：每行一个城市，每列一个年度，由早到晚。",
            ),
            kind=Kind.VALUES,
            optional=False,
        ),
        Argument(
            "method",
            Text(
                "latest: the latest earlier value; linear: on the line between neighbours, beyond "
                "the ends the nearest; constant: the latest earlier value, before the first the "
                "first.",
                "latest 取此前最近的数值；linear 在相邻数值间线性内插，两端取最近的数值；"
                "constant 取此前最近的数值，最早数值之前取最早数值。",
            ),
            default="latest",
            accepts=Accepts.CHOICE,
            choices=SERIES,
            per_column=False,
        ),
        Argument(
            "times",
            Text(
                "Ascending times of the editions, such as years, in a row.",
                "各年度的时间（如年份），升序，一行。",
            ),
            kind=Kind.NUMBERS,
            default_text=Text("evenly spaced", "等间隔"),
        ),
        Argument(
            "most",
            Text(
                "Most editions that latest looks back.",
                "latest 最多回溯几个年度。",
            ),
            default_text=Text("all", "全部"),
            accepts=Accepts.INTEGER,
            minimum=1.0,
            per_column=False,
        ),
    ),
    returns=Returns.BLOCK,
    core=impute_series,
    formula=same("y0 + (t - t0) / (t1 - t0) * (y1 - y0)"),
    remarks=(
        Text("Blanks are not imputed.", "空白不插补。"),
        Text(
            "Each city is filled from its own values only.",
            "每个城市只用自身的数值插补。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NA: Text(
            "in the cell of a blank, and of a missing code that finds no value",
            "空白单元格；找不到可用数值的缺失代码",
        ),
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(
            ((10.0, "NA", 16.0, "NA"), ("NA", 5.0, "NA", 9.0)),
            (("linear",),),
            ((2019.0, 2020.0, 2022.0, 2023.0),),
        ),
        note=Text(
            "2020 lies a third of the way from 2019 to 2022; beyond the ends the nearest value "
            "stands in.",
            "2020 年位于 2019 至 2022 年的三分之一处；两端取最近的数值。",
        ),
    ),
    see_also=("IMPUTE_MEAN",),
    check=_times,
)

ENTRIES = (IMPUTE_MEAN, IMPUTE_SERIES)
