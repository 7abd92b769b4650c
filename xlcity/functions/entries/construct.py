"""Entries of the functions that make indicators from measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.bands import BAND_UPPERS, BAND_WEIGHTS, band_index
from xlcity.functions.construct import pm25_grade, zscore_index
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
from xlcity.functions.entries.aggregate import WEIGHTED_INDEX
from xlcity.functions.entries.common import (
    OUTSIDE_LIMITS,
    PER_CELL_ERRORS,
    VALUES,
    one_or_each,
)
from xlcity.functions.entries.normalise import ZSCORE_WINSOR

_OF_ZSCORE = {argument.name: argument for argument in ZSCORE_WINSOR.arguments}
_OF_MEAN = {argument.name: argument for argument in WEIGHTED_INDEX.arguments}

PM25_GRADE = Function(
    name="PM25_GRADE",
    summary=Text(
        "Grade scores of fine dust: 7 at or below the guideline, then one less at 2, 3, 5, 7 and "
        "10 times of it.",
        "PM2.5 空气质量等级得分：不超过指导值为 7 分，超过指导值及其 2、3、5、7、10 倍时"
        "逐级减 1 分。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        replace(
            VALUES,
            help=Text(
                "Annual means of PM2.5 in ug/m3: a row per city. Blank and missing codes stay out.",
                "PM2.5 年均浓度（微克/立方米）：每行一个城市。空白和缺失代码不参与计算。",
            ),
        ),
        Argument(
            "guideline",
            one_or_each(
                "Guideline value in ug/m3; the World Health Organization's of 2021 is 5.",
                "指导值（微克/立方米）；世界卫生组织 2021 年的指导值为 5。",
            ),
            default=5.0,
            minimum=0.0,
            open_minimum=True,
        ),
    ),
    returns=Returns.BLOCK,
    core=pm25_grade,
    formula=same('7 - COUNTIF({1;2;3;5;7;10} * guideline, "<" & x)'),
    remarks=(
        Text(
            "Each bound belongs to the better grade: 10 is still 6 points, 10.1 is 5.",
            "各级上限归入较好的一级：10 仍为 6 分，10.1 为 5 分。",
        ),
        Text(
            "More is better: the score already turns the concentration round.",
            "得分越高越好：已把浓度反向。",
        ),
    ),
    errors={
        **PER_CELL_ERRORS,
        CellError.NUM: Text(
            "in the cell of a negative concentration; for the whole call if the guideline is not "
            "above 0",
            "浓度为负的单元格；指导值不大于 0 时为整个结果",
        ),
    },
    example=Example(
        arguments=(((4.8,), (9.3,), (10.8,), (32.0,), (50.1,), ("NA",)),),
        note=Text(
            "From 9.3 to 10.8 the score falls by one.",
            "由 9.3 升至 10.8，得分减 1。",
        ),
    ),
    see_also=("ZSCORE_INDEX",),
)

ZSCORE_INDEX = Function(
    name="ZSCORE_INDEX",
    summary=Text(
        "An index of several sub-measures: in each row the weighted mean of their clipped "
        "z-scores.",
        "由若干次级指标合成指数：逐行对缩尾后的 z 分数求加权平均。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        VALUES,
        replace(
            _OF_MEAN["weights"],
            optional=True,
            default_text=Text("equal weights", "权重相等"),
        ),
        _OF_ZSCORE["limit"],
        replace(_OF_MEAN["missing"], default="renormalise"),
        _OF_ZSCORE["ddof"],
    ),
    returns=Returns.COLUMN,
    core=zscore_index,
    formula=same("SUM(w * MIN(MAX((x - mean) / sd, -limit), limit)) / SUM(w)"),
    remarks=(
        Text(
            "Mean and standard deviation are those of the numbers of each column.",
            "均值和标准差取自各列全部数值。",
        ),
        Text(
            "Under renormalise a city is judged by the sub-measures that it has; under zero a "
            "missing one counts as average.",
            "取 renormalise 时按已有的次级指标计算；取 zero 时缺失项按平均水平计。",
        ),
    ),
    errors={
        CellError.NA: WEIGHTED_INDEX.errors[CellError.NA],
        CellError.VALUE: WEIGHTED_INDEX.errors[CellError.VALUE],
        CellError.DIV0: Text(
            "in the rows with a number in a constant column, or in one with at most ddof numbers; "
            "for the whole call if the weights sum to 0; in a row whose remaining weights do",
            "所在列数值全部相同或数值个数不超过 ddof 的各行；权重之和为 0 时为整个结果；"
            "某行剩余权重之和为 0 时为该行",
        ),
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(
            ((0.9, 104.0), (6.4, 531.0), (1.2, "NA"), (0.5, 60.0)),
            ((0.5, 0.5),),
        ),
        note=Text(
            "The third city is judged by its first sub-measure alone.",
            "第三个城市只按第一项次级指标计算。",
        ),
    ),
    see_also=("ZSCORE_WINSOR", "WEIGHTED_INDEX"),
)


def _band_options(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for columns or bands that do not fit, #NUM! for bands out of order."""
    count = len(options["item_units"])
    lists = [options[name] for name in ("ranks_a", "ranks_b") if options[name] is not None]
    uppers = BAND_UPPERS if options["uppers"] is None else options["uppers"]
    weights = BAND_WEIGHTS if options["weights"] is None else options["weights"]
    if any(len(ranks) != count for ranks in lists) or len(uppers) != len(weights):
        return CellError.VALUE
    return CellError.NUM if np.any(np.diff(uppers) <= 0) else None


_BAND_LIST = ", ".join(f"{upper:g}" for upper in BAND_UPPERS)
BAND_INDEX = Function(
    name="BAND_INDEX",
    summary=Text(
        "For each city the sum of the band weights of its institutions on ranking lists.",
        "按榜单名次区间的权重，逐城市累加其机构得分。",
    ),
    category=Category.CONSTRUCT,
    arguments=(
        Argument(
            "units",
            Text(
                "Ids of the cities, in one column.",
                "城市标识，一列。",
            ),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "item_units",
            Text(
                "Id of the city of each institution, in one column; empty lines are skipped.",
                "各机构所在城市的标识，一列；空行跳过。",
            ),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "ranks_a",
            Text(
                "Rank of each institution, or its band such as 101-150 as text; blank where it is "
                "not on the list.",
                "各机构名次，或以文本写出的名次区间（如 101-150）；未上榜留空。",
            ),
            kind=Kind.CELLS,
            optional=False,
        ),
        Argument(
            "ranks_b",
            Text(
                "Ranks on a second list; the better weight of the two counts.",
                "第二个榜单的名次；取两者中较大的权重。",
            ),
            kind=Kind.CELLS,
            default_text=Text("none", "无"),
        ),
        Argument(
            "uppers",
            Text(
                "Last rank of each band, ascending.",
                "各区间的末位名次，升序。",
            ),
            kind=Kind.NUMBERS,
            default_text=same(_BAND_LIST),
        ),
        Argument(
            "weights",
            Text(
                "Weight of each band.",
                "各区间的权重。",
            ),
            kind=Kind.NUMBERS,
            default_text=same("1, 1/√2, 1/√4, 1/√6, …"),
        ),
    ),
    returns=Returns.COLUMN,
    core=band_index,
    formula=same("SUM(MAX(w(band of rank a), w(band of rank b)))"),
    remarks=(
        Text(
            "A city without an institution is 0 once any line names a city; before that the list "
            "is not filled yet and every city is #N/A.",
            "只要名单中有任意一行写明城市，没有机构的城市即为 0；此前视为名单尚未填写，所有城市为 "
            "#N/A。",
        ),
        Text(
            "Format the cells of bands as text before typing: a spreadsheet makes dates of 1-10 "
            "and 11-20. Such numbers are #VALUE!.",
            "输入名次区间前先把单元格设为文本格式：电子表格会把 1-10、11-20 变成日期，"
            "这类数值按 #VALUE! 处理。",
        ),
        Text(
            "Beyond the last band a list gives no weight.",
            "名次超出最后一个区间的榜单不计权重。",
        ),
    ),
    errors={
        CellError.NA: Text(
            "in the row of an empty id; in every row while no line names a city",
            "标识为空的行；名单中没有任何一行写明城市时为所有行",
        ),
        CellError.VALUE: Text(
            "in the row of a city with a rank that cannot be read; for the whole call if an "
            "argument has the wrong shape or type",
            "有名次无法识别的城市所在行；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: Text(
            "for the whole call if the bands do not ascend",
            "区间未按升序排列时为整个结果",
        ),
    },
    example=Example(
        arguments=(
            (("rome",), ("oslo",), ("kyoto",)),
            (("kyoto",), ("rome",), ("rome",)),
            ((68.0,), ("101-150",), ("201-250",)),
            ((26.0,), (151.0,), ("",)),
        ),
        note=Text(
            "Kyoto's institution counts by its better rank, 26; one of Rome's two has no weight.",
            "Kyoto 的机构按较好的名次 26 计；Rome 的两所机构中有一所不计权重。",
        ),
    ),
    see_also=("WEIGHTED_INDEX",),
    check=_band_options,
)

ENTRIES = (PM25_GRADE, ZSCORE_INDEX, BAND_INDEX)
