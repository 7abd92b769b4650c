"""Entries of the functions that audit printed numbers."""

from __future__ import annotations

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
    DIRECTION,
    OUTSIDE_LIMITS,
    VALUES,
    one_or_each,
)
from xlcity.functions.printed import (
    AFFINE_SHOWS,
    LATTICE_SHOWS,
    SOURCES,
    affine_check,
    lattice_check,
    weights_implied,
)

_WRONG_SHAPE = Text(
    "for the whole call if an argument has the wrong shape or type",
    "参数形状或类型有误时为整个结果",
)
_DECIMALS = Argument(
    "decimals",
    one_or_each("Printed decimals.", "印出的小数位数。"),
    default=2.0,
    accepts=Accepts.INTEGER,
    minimum=0.0,
    maximum=12.0,
)
_WHOLE_DECIMALS = Argument(
    "whole_decimals",
    Text("Printed decimals of the whole.", "合成得分印出的小数位数。"),
    default=2.0,
    accepts=Accepts.INTEGER,
    minimum=0.0,
    maximum=12.0,
    per_column=False,
)
_NOT_PROOF = Text(
    "What cannot be is a misprint or another method; which of them, the numbers alone do not say.",
    "不可能的数或是印错，或是用了别的算法；仅凭数字不能断定是哪一种。",
)

LATTICE_CHECK = Function(
    name="LATTICE_CHECK",
    summary=Text(
        "Whether printed scores can be means of ranks: 0 where possible, else the distance to the "
        "nearest possible value beyond rounding.",
        "检查印出的得分能否是名次的平均：可能为 0，否则为扣除舍入后与最近可能值的差。",
    ),
    category=Category.AUDIT,
    arguments=(
        VALUES,
        Argument(
            "parts",
            one_or_each("How many ranks or whole numbers were averaged.", "平均了几个名次或整数。"),
            default=1.0,
            accepts=Accepts.INTEGER,
            minimum=1.0,
        ),
        Argument(
            "units",
            one_or_each(
                "Cities that were ranked; 1 for plain means of whole numbers.",
                "参加排名的城市数；若是整数的普通平均则为 1。",
            ),
            default_text=Text("the numbers in the column", "该列的数值个数"),
            accepts=Accepts.INTEGER,
            minimum=1.0,
        ),
        Argument(
            "top",
            one_or_each(
                "Score of the best rank; equal to units for plain means.",
                "最佳名次的得分；普通平均时与 units 相同。",
            ),
            default=100.0,
            minimum=0.0,
            open_minimum=True,
        ),
        _DECIMALS,
        Argument(
            "what",
            Text(
                "gap (0 = possible) or nearest (the nearest possible value, rounded).",
                "gap 差（0 为可能），nearest 最近的可能值（已舍入）。",
            ),
            default="gap",
            accepts=Accepts.CHOICE,
            choices=LATTICE_SHOWS,
            per_column=False,
        ),
    ),
    returns=Returns.BLOCK,
    core=lattice_check,
    formula=same("step = top / (units * parts), nearest = ROUND(values / step, 0) * step"),
    remarks=(
        Text(
            "For percentages of n answers give units = n, parts = 1; for means of n whole numbers "
            "units = 1, parts = n, top = 1.",
            "n 份答卷的百分比：units = n，parts = 1；n 个整数的平均：units = 1，parts = n，"
            "top = 1。",
        ),
        Text(
            "It tells something only while the step is larger than a unit of the last digit.",
            "只有步长大于末位一个单位时才有意义。",
        ),
        _NOT_PROOF,
    ),
    errors={
        CellError.NA: Text("in the cell of a blank or a missing code", "空白或缺失代码所在单元格"),
        CellError.VALUE: Text(
            "in the cell of other text or of a logical; for the whole call if an argument has the "
            "wrong shape or type",
            "其他文本或逻辑值所在单元格；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: OUTSIDE_LIMITS,
    },
    example=Example(
        arguments=(
            ((66.69, 98.55), (66.96, 93.48), (69.39, 84.78)),
            ((5.0, 3.0),),
            ((46.0,),),
        ),
        note=Text(
            "Means of 5 and of 3 ranks over 46 cities: 66.69 and 69.39 cannot be.",
            "46 座城市中 5 个、3 个名次的平均：66.69 和 69.39 不可能。",
        ),
    ),
    see_also=("RANK_UNIFORM", "AFFINE_CHECK", "WEIGHTS_IMPLIED"),
)

_WHOLE = Argument(
    "whole",
    Text("Printed scores made of them: one column.", "由其合成的印出得分：一列。"),
    kind=Kind.BLOCK,
    optional=False,
)

AFFINE_CHECK = Function(
    name="AFFINE_CHECK",
    summary=Text(
        "Whether rescaled scores are one constant plus one multiple of each part: 0 where the row "
        "fits, else the distance beyond rounding.",
        "检查换算后的得分是否为同一常数加各组成部分的同一倍数：符合为 0，否则为超出舍入的差。",
    ),
    category=Category.AUDIT,
    arguments=(
        VALUES,
        _WHOLE,
        DIRECTION,
        _DECIMALS,
        _WHOLE_DECIMALS,
        Argument(
            "what",
            Text(
                "gap (0 = the row fits) or fit (the score that the other rows imply).",
                "gap 差（0 为符合），fit 由其他行得出的得分。",
            ),
            default="gap",
            accepts=Accepts.CHOICE,
            choices=AFFINE_SHOWS,
            per_column=False,
        ),
    ),
    returns=Returns.COLUMN,
    core=affine_check,
    formula=same("whole = a + SUM(b * values), b >= 0 times direction"),
    remarks=(
        Text(
            "Min-max, z-scores and the efficacy scale all keep this form, whatever the weights.",
            "极差标准化、z 分数和功效系数法都保持这一形式，与权重无关。",
        ),
        Text(
            "Rows that keep the others from fitting are set aside, as few as possible.",
            "妨碍其他行符合的行被搁置，尽量少。",
        ),
        _NOT_PROOF,
    ),
    errors={
        CellError.NA: Text("in a row with a blank or a missing code", "该行有空白或缺失代码"),
        CellError.VALUE: Text(
            "in a row with other text or a logical; for the whole call if an argument has the "
            "wrong shape or type",
            "该行有其他文本或逻辑值；参数形状或类型有误时为整个结果",
        ),
        CellError.NUM: Text(
            "in every complete row if no constant and multiples fit two thirds of them, or there "
            "are fewer than columns + 2; for the whole call if an option is outside its limits",
            "没有常数和倍数能符合三分之二的行，或完整的行少于列数 + 2 时为全部完整的行；"
            "选项超出允许范围时为整个结果",
        ),
    },
    example=Example(
        arguments=(
            ((1.0,), (2.0,), (3.0,), (5.0,), (4.0,), ("NA",)),
            ((62.0,), (64.0,), (66.5,), (70.0,), (68.0,), (61.0,)),
        ),
        note=Text(
            "60 + 2 x in every complete row but the third.",
            "除第三行外，完整的行都是 60 + 2 x。",
        ),
    ),
    see_also=("WEIGHTS_IMPLIED", "EFFICACY_SCALE", "MINMAX_SCALE"),
)

WEIGHTS_IMPLIED = Function(
    name="WEIGHTS_IMPLIED",
    summary=Text(
        "Weights that printed scores, or printed ranks alone, follow: the least, middle and "
        "greatest possible weight of each part.",
        "由印出的得分或仅由印出的名次反推权重：每个组成部分可能的最小、居中和最大权重。",
    ),
    category=Category.AUDIT,
    arguments=(
        VALUES,
        Argument(
            "whole",
            Text(
                "Printed scores of the whole, or its ranks (1 = best): one column.",
                "合成得分，或其名次（1 为最好）：一列。",
            ),
            kind=Kind.BLOCK,
            optional=False,
        ),
        Argument(
            "source",
            Text(
                "scores, or ranks if whole holds ranks.",
                "scores 得分；whole 为名次时取 ranks。",
            ),
            default="scores",
            accepts=Accepts.CHOICE,
            choices=SOURCES,
            per_column=False,
        ),
        _DECIMALS,
        _WHOLE_DECIMALS,
    ),
    returns=Returns.INTERVALS,
    core=weights_implied,
    formula=Text(
        "all w >= 0 with SUM(w) = 1 that meet every row (scores) or every pair of rows (ranks) "
        "within rounding: minimum and maximum of each by linear programming",
        "满足各行（得分）或每两行（名次）且 w >= 0、SUM(w) = 1 的全部 w：用线性规划求每个权重的"
        "最小值和最大值",
    ),
    remarks=(
        Text(
            "A row per column of values: low, middle, high, rows that no weights fit, rows used.",
            "每列对应一行：下限、居中、上限、任何权重都不符合的行数、采用的行数。",
        ),
        Text(
            "A stated weight outside low to high is refused by the printed numbers; one inside is "
            "not proved.",
            "文中权重落在上下限之外，即被印出的数字否定；落在其中不等于得到证明。",
        ),
        Text("Rows without all numbers are left out.", "缺数的行不参与。"),
    ),
    errors={
        CellError.NA: Text(
            "in the first three columns if no row is complete", "没有完整的行时为前三列"
        ),
        CellError.NUM: Text(
            "in the first three columns if no weights fit two thirds of the rows; for the whole "
            "call if an option is outside its limits",
            "没有权重能符合三分之二的行时为前三列；选项超出允许范围时为整个结果",
        ),
        CellError.VALUE: _WRONG_SHAPE,
    },
    example=Example(
        arguments=(
            ((10.0, 20.0), (40.0, 10.0), (30.0, 30.0), (55.0, 5.0), (12.0, None)),
            ((17.0,), (19.0,), (30.0,), (20.0,), (15.0,)),
        ),
        note=Text(
            "Weights 0.3 and 0.7, to the digits that two decimals leave.",
            "权重为 0.3 与 0.7，精确到两位小数所允许的程度。",
        ),
    ),
    see_also=("WEIGHTED_INDEX", "LATTICE_CHECK", "AFFINE_CHECK"),
)

ENTRIES = (LATTICE_CHECK, AFFINE_CHECK, WEIGHTS_IMPLIED)
