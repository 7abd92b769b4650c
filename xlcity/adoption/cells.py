"""What cells, headings and names of a team's own table look like."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError
from xlcity.functions.block import DIRECTIONS, is_missing_code
from xlcity.model.dataset import State
from xlcity.model.reading.tables import Cells, as_text
from xlcity.model.reading.units import fold_name, is_total
from xlcity.model.reading.values import Converted, read_value
from xlcity.model.reading.words import is_called
from xlcity.reports.known_cities import known_city_names

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
#: Currencies before a number, and how measures name them.
CURRENCIES = {
    "$": r"\$|usd|dollar|[美港加澳新]元",
    "€": "€|eur|欧元",
    "£": "£|gbp|英镑",
    **dict.fromkeys(
        "¥￥", "[¥￥]|cny|rmb|jpy|yuan|yen|人民币|日元|(?<![美欧港加澳新])元"
    ),
}
#: Marks of footnotes at the end of a heading.
NOTE_MARKS = r"\s*[①-⑳*†‡]*\s*"
_IN_BRACKETS = re.compile(
    rf"[（(\[]((?:计量)?单 *位[:：] *)?([^（）()\[\]]{{1,33}})[)）\]][¹²³⁴⁵]*{NOTE_MARKS}$"
)
#: What a measure counts by: /人, per 10,000, a year.
_DIVISOR = re.compile(r"[/／·⋅每]|\bper\b| an? | of |[（(]")
#: A line above a table with the measure of all its columns; an office (单位：统计局) is none.
_MEASURE_LINE = re.compile(
    r"(?:.*[\s（(]|)(?:(?:计量)?单 *位|units?)[:：]\s*((?!见|详见|如)[^()（）]{1,12}?(?:（.+?）)?)"
    r"(?<![局厅委办部院])[)）]?",
    re.IGNORECASE | re.DOTALL,
)
#: A line above a table that names the indicator of all its columns of years.
_INDICATOR_LINE = re.compile(
    r"\s*(?:指\s*标|indicator|index)\s*[:：]\s*(.+)", re.IGNORECASE
)
_GAPS = {
    "*",
    "x",
    "/",
    "·",
    ".",
    "...",
    "？",
    "?",
    "–",
    "―",
    "---",
    ":",
    "n.d.",
    "n.d",
    "nd",
    "null",
    "none",
    "nan",
    "无",
    "未知",
    "暂无",
    "暂缺",
    "空",
    "不详",
}
#: A number with 万 or 亿, and a currency before or a measure behind it; share of a column's texts
#: that are such.
_MEASURED = re.compile(
    rf"([{''.join(CURRENCIES)}]?)"
    r"\s*\d[\d,.]*\s*([万亿]?)\s*([^\d\s万亿.,%％‰(（?？①-⑳*†‡][^\d\s]{0,5})?"
)
_MOSTLY_MEASURED = 0.6
#: A number, or Eurostat's gap, with a mark behind it; marks of footnotes and Eurostat's flags.
_MARKED = re.compile(r"([-−]?\d(?:[\d.,\s]*\d)?[%％]?|:)(\s*)([^\d\s.,:%％]{1,6})")
_NOTE_MARK = re.compile(r"[①-⑳*†‡]{1,3}|[a-z]\)")
_FLAG = re.compile("[bcdefinprsuz]{1,3}")
_EUROSTAT = re.compile(r":( [a-z]{1,3})?|.*\b(?:eurostat|estat)\b.*", re.IGNORECASE)
#: A Chinese heading, and words of English behind it.
_TRANSLATED = re.compile(r"(.*[\u3400-\u9fff）)]) ([A-Z][a-z]+(?: [!-~]+)+)")
#: What notes below a table say of "…" where it is not a gap: too small a number to be shown.
TOO_SMALL = re.compile(r"…[”\"』」']?\s*(?:表示|为|指|是)[^，。；;]*不足")
#: Rows by which a table is longer than wide, and standard deviation in half units of its last
#: digit, where a column is seen to be a weighted sum of others.
_MORE_ROWS = 4
_SPREAD = 50
#: Columns that are looked at.
_WIDEST = 400
_NO_DATA = frozenset(("-9", "-99", "-999", "-9999", "-99999", "999", "9999", "99999"))


def kind_of(cell: Any) -> str:
    """Return what a cell holds: "" (nothing), "number", "year", "missing", "text" or "other".

    >>> [kind_of(cell) for cell in (None, 3.5, 2020.0, "１２", "1,200", "N/A", "about 3", True)]
    ['', 'number', 'year', 'number', 'number', 'missing', 'text', 'other']
    >>> kind_of("1e300"), kind_of(1e300)
    ('number', 'number')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _kind_of_text(cell)
    if cell is CellError.NA:
        return "missing"
    if isinstance(cell, (bool, dt.datetime, CellError)):
        return "other"
    return _kind_of_number(as_text(cell))


def _kind_of_text(text: str) -> str:
    if not text.strip():
        return ""
    if is_missing_code(text):
        return "missing"
    return _kind_of_number(as_text(text)) if _is_number(text) else "text"


def _kind_of_number(text: str) -> str:
    return "year" if _YEAR.fullmatch(text) else "number"


def _is_number(text: str) -> bool:
    """Tell whether a text is a number, be it one that cannot be computed with.

    What a column holds does not depend on how large its numbers are.
    """
    if not any(map(str.isdigit, text)):
        return False
    read = read_value(text)
    if isinstance(read, Converted):
        return read.state is State.VALUE
    return read.is_number


def is_city(text: str) -> bool:
    """Tell whether the reports that are here know a city of that name."""
    return bool(text) and fold_name(text.removesuffix("市")) in known_city_names()


def is_total_or_title(text: str) -> bool:
    """Tell whether a name is that of a total, a mean, a numbered group (一、) or the like.

    >>> [is_total_or_title(text) for text in ("合 计", "一、东部", "Average of 27 cities", "全椒")]
    [True, True, True, False]
    """
    return is_total(text) or is_called("title", text)


def is_unit(text: str) -> bool:
    """Tell whether a text is a measure: 亿元, (km²), %."""
    return is_called("measure", text)


def unit_in(heading: str) -> str:
    """Return the measure in brackets, or the sign of per cents, at the end of a heading, or "".

    >>> [unit_in(text) for text in ("GDP（亿元）①", "NO2 (µg/m³)", "A (2019)", "A (m² per head)")]
    ['亿元', 'µg/m³', '', 'm² per head']
    >>> [unit_in(text) for text in ("A (100 million yuan)", "A (per 10,000)", "A（单位：两）")]
    ['100 million yuan', 'per 10,000', '两']
    >>> [unit_in(f"A {text}") for text in ("%", "(lower = better)", "(Life Expectancy)", "(AQI)")]
    ['%', '', '', '']
    """
    if heading.endswith(("%", "％")):
        return "%"
    match = _IN_BRACKETS.search(heading)
    measure = match[2].strip() if match else ""
    return measure if match and (match[1] or _is_measure(measure)) else ""


def _is_measure(text: str) -> bool:
    """Tell whether all words before "per" are those of measures, and not only numbers.

    >>> [_is_measure(text) for text in ("in current US$", "元/人", "market", "15-64")]
    [True, True, False, False]
    """
    counted, *by = _DIVISOR.split(text, maxsplit=1)
    words = counted.split()
    others = [word for word in words if not is_called("measure_word", word)]
    has_measure = len(others) < len(words) or any(by)
    return has_measure and all(is_called("measure_prefix", word) for word in others)


def measure_in_line(text: str) -> str | None:
    """Return the measure of a line that says it for a whole table, "" if it names several.

    >>> [measure_in_line(text) for text in ("（单位：万人）", "单位：人、亿元", "填报单位：统计局")]
    ['万人', '', None]
    """
    match = _MEASURE_LINE.fullmatch(text.strip())
    if match is None:
        return None
    return "" if re.search("[、，,；;和]", match[1]) else match[1].strip()


def indicator_in_line(text: str) -> str:
    """Return the indicator that a line above a table of years names, or "".

    >>> indicator_in_line("指标：地区生产总值(亿元)"), indicator_in_line("指标")
    ('地区生产总值(亿元)', '')
    """
    match = _INDICATOR_LINE.match(text)
    return match[1].strip() if match else ""


def attribute_of(texts: Sequence[str]) -> str:
    """Return what a row among the headings says of its columns, or "".

    >>> attribute_of(["属性", "正向", "负向"]), attribute_of(["权重", "0.4", "60%"])
    ('direction', 'weight')
    >>> attribute_of(["单位", "条", "个"]), attribute_of(["单位", "人数", "经费"])
    ('unit', '')
    >>> attribute_of(["城市", "max", "min"]), attribute_of(["Macau", "1", "1"])
    ('', '')
    """
    if len(texts) < 2:
        return ""
    label, *others = texts
    if is_called("directions", label) and all(map(direction_of, others)):
        return "direction"
    if is_called("weights", label) and all(map(weight_of, others)):
        return "weight"
    if is_called("measures", label) and any(map(is_unit, others)):
        return "unit"
    return ""


def direction_of(text: str) -> int:
    """Return the direction that a text says, 0 if it says none."""
    return int(DIRECTIONS.get(text.strip().lower(), 0))


def weight_of(text: str) -> str:
    """Return the weight that a text says as a plain number, "" if it says none."""
    number = _number(text)
    return "" if number is None else f"{number:.12g}"


def is_other_currency(symbol: str, uom: str) -> bool:
    """Tell whether a measure names another currency than a symbol, and not this one."""
    named = [
        own for own, words in CURRENCIES.items() if re.search(words, uom, re.IGNORECASE)
    ]
    return bool(named) and symbol not in named


def without_unit(heading: str) -> str:
    """Return a heading without the measure in brackets and the marks of footnotes at its end.

    >>> without_unit("碳排放（吨/人）①"), without_unit("Trade*"), without_unit("Cost (2019)")
    ('碳排放', 'Trade', 'Cost (2019)')
    """
    bare = _IN_BRACKETS.sub("", heading) if unit_in(heading) else heading
    return re.sub(f"{NOTE_MARKS}$", "", bare).strip()


def marks_behind(texts: Collection[str]) -> list[str]:
    """Return the marks of footnotes behind numbers, and Eurostat's flags where these are used.

    >>> marks_behind(["130,221①", "5*", "7 b", "北京*"]), marks_behind(["15.4 bp", ": c"])
    (['①', '*'], ['bp', 'c'])
    """
    has_flags = any(map(_EUROSTAT.fullmatch, texts))
    marks: dict[str, None] = {}
    for match in filter(None, map(_MARKED.fullmatch, texts)):
        mark = match[3]
        is_flag = has_flags and match[2] and _FLAG.fullmatch(mark)
        if is_flag or _NOTE_MARK.fullmatch(mark):
            marks[mark] = None
    return [*marks]


def without_mark(cell: Any, marks: Collection[str]) -> Any:
    """Return a cell without one of the marks behind its number; other cells and years as they are.

    >>> [without_mark(text, "b①") for text in ("15.4 b", ": b", "北京①", "2020①", "7 p")]
    ['15.4', ':', '北京①', '2020①', '7 p']
    """
    match = _MARKED.fullmatch(cell.strip()) if marks and isinstance(cell, str) else None
    if match is None or match[3] not in marks or _YEAR.fullmatch(match[1]):
        return cell
    return match[1]


class Measured(NamedTuple):
    """The measure that texts have beside their number, and how many have it."""

    measure: str = ""
    times: int = 0


def measure_behind(texts: Sequence[str]) -> Measured:
    """Return the measure that most texts have beside their number.

    The 万 or 亿 before it belongs to it where all texts have the same.

    >>> [measure_behind(texts).measure for texts in (["5.3万人次", "1.2亿人次", "many"], ["$ 978"])]
    ['人次', '$']
    >>> measure_behind(["1.5亿元", "20亿元"]), measure_behind(["2 of 3", "about 5", "3.5亿"])
    (Measured(measure='亿元', times=2), Measured(measure='', times=0))
    """
    scales: list[str] = []
    measures: set[str] = set()
    matches = [_MEASURED.fullmatch(text.strip()) for text in texts]
    for match in filter(None, matches):
        if measure := match[1] or match[3]:
            measures.add(measure)
            scales.append(match[2])
    if len(measures) != 1 or len(scales) < _MOSTLY_MEASURED * len(texts):
        return Measured()
    has_one_scale = len({*scales}) == 1 and len(scales) == len(texts)
    scale = scales[0] if has_one_scale else ""
    return Measured(scale + measures.pop(), len(scales))


def year_in(heading: str) -> tuple[str, int]:
    """Return a heading without its year, and the year; 0 where it has none or several.

    >>> year_in("GDP 2020"), year_in("2020年GDP"), year_in("1990-2000"), year_in("GDP")
    (('GDP', 2020), ('GDP', 2020), ('1990-2000', 0), ('GDP', 0))
    """
    years = _YEAR.findall(heading)
    bare = re.sub(f"(?:{_YEAR.pattern})年?", "", heading).strip()
    return (bare, int(years[0])) if len(years) == 1 else (heading, 0)


def without_year(heading: str) -> str:
    """Return the heading of an indicator above years without the year below it, or before it.

    >>> without_year("GDP（亿元） · 2023年"), without_year("Trade · 2023 plan")
    ('GDP（亿元）', 'Trade · 2023 plan')
    >>> without_year("2023年末人口"), without_year("2023年GDP（亿元）")
    ('2023年末人口', 'GDP（亿元）')
    """
    upper, _, lower = heading.rpartition(" · ")
    what, year = year_in(lower)
    if year and not upper and re.match("[12]\\d{3}年(?!末|底|度|初|均|中)", heading):
        return what
    return upper if upper and year and not what else heading


def without_translation(heading: str) -> tuple[str, str]:
    """Return a Chinese heading and the English one below it, as yearbooks have them, else "".

    >>> [without_translation(text) for text in ("二氧化氮浓度 Content of NO2", "二氧化氮 NO2")]
    [('二氧化氮浓度', 'Content of NO2'), ('二氧化氮 NO2', '')]
    """
    match = _TRANSLATED.fullmatch(heading)
    return (match[1], match[2]) if match else (heading, "")


def is_gap(text: str, times: int) -> bool:
    """Tell whether a text among numbers, found so many times, seems to mean that there is none."""
    digits = any(letter.isdigit() for letter in text)
    return text.casefold() in _GAPS or (not digits and len(text) <= 4 and times > 2)


def no_data_numbers(texts: Sequence[str]) -> list[str]:
    """Return the numbers of a column that seem to mean "no data", as -99 among positive ones."""
    suspects = [text for text in dict.fromkeys(texts) if text in _NO_DATA]
    others = numbers_among([text for text in texts if text not in suspects])
    if not others:
        return []
    is_positive = min(others) >= 0
    largest = 10 * max(*others, 0)
    return [
        text
        for text in suspects
        if (is_positive and float(text) < 0) or float(text) > largest
    ]


def is_sum_or_mean(total: Sequence[str], parts: Sequence[Sequence[float]]) -> bool:
    """Tell whether a column is the sum or the mean of others, but for rounding, in every row.

    In a table of more rows it may be a weighted one, with a weight of each of the others.

    >>> columns = [[1.0, 4.0, 8.0], [2.0, 5.0, 9.0]]
    >>> is_sum_or_mean(["1.5", "4.5", "8.5"], columns), is_sum_or_mean(["3", "9", "18"], columns)
    (True, False)
    """
    columns = [numbers_among(total), *parts]
    is_complete = {*map(len, columns)} == {len(total)}
    if len(parts) < 2 or not total or not is_complete:
        return False
    numbers = np.array(columns)
    decimals = max(len(text.partition(".")[2]) for text in total)
    half_unit = 0.5 * 10.0**-decimals
    slack = half_unit + 1e-9 * np.abs(numbers[0])
    sums = numbers[1:].sum(axis=0)
    for exact in (sums, sums / len(parts)):
        if (np.abs(exact - numbers[0]) <= slack).all():
            return True
    return _is_weighted_sum(numbers.T, half_unit)


def _is_weighted_sum(rows: NDArray[np.float64], half_unit: float) -> bool:
    """Tell whether fixed positive weights of all other columns give the first one."""
    total = rows[:, 0]
    parts = rows[:, 1:]
    # Few rows, or few digits, some weights would fit whatever they are.
    has_few_rows = len(rows) < parts.shape[1] + _MORE_ROWS
    if has_few_rows or np.std(total) < _SPREAD * half_unit:
        return False
    weights = np.linalg.lstsq(parts, total, rcond=None)[0]
    slack = 2 * half_unit + 1e-9 * np.abs(total)
    fits = np.abs(parts @ weights - total) <= slack
    return bool(weights.min() > 0 and fits.all())


def numbers_among(texts: Iterable[str]) -> list[float]:
    """Return the numbers among texts."""
    numbers = map(_number, texts)
    return [number for number in numbers if number is not None]


def _number(text: str) -> float | None:
    read = read_value(text)
    if isinstance(read, Converted) and read.state is State.VALUE:
        return read.value
    return None


class CellGrid:
    """A sheet as cells and what they hold; rows and columns are counted from 0."""

    def __init__(self, cells: Cells) -> None:
        self.width = min(max(map(len, cells), default=0), _WIDEST)
        self.cells = [self._in_width(row) for row in cells]
        self.kinds = [[*map(kind_of, row)] for row in self.cells]
        self.filled = [*map(any, self.kinds)]
        self.valued = [self._has_values(row) for row in range(len(self.cells))]

    def _in_width(self, row: Sequence[Any]) -> tuple[Any, ...]:
        missing = self.width - len(row)
        return (*row[: self.width], *[None] * missing)

    def text(self, row: int, column: int) -> str:
        """Return a cell as text; "" where there is no such column."""
        return as_text(self.cells[row][column]) if 0 <= column < self.width else ""

    def texts(self, row: int) -> list[str]:
        """Return a row as texts."""
        return [*map(as_text, self.cells[row])]

    def filled_columns(self, row: int) -> list[int]:
        """Return the columns of a row that hold something."""
        return [column for column, kind in enumerate(self.kinds[row]) if kind]

    def column(
        self,
        column: int,
        rows: Iterable[int],
        kind: str = "",
    ) -> list[str]:
        """Return the texts of a column in some rows; of cells of a kind, if one is named."""
        if kind:
            rows = [row for row in rows if self.kinds[row][column] == kind]
        return [self.text(row, column) for row in rows]

    def _has_values(self, row: int) -> bool:
        """Tell whether a row holds values: not only years, nor the numbers of its columns."""
        kinds = Counter(self.kinds[row])
        numbers = [
            as_text(cell)
            for cell, kind in zip(self.cells[row], self.kinds[row], strict=True)
            if kind in ("number", "year")
        ]
        if not numbers:
            return False
        if kinds["year"] == len(numbers):
            # One year in all columns is a row of headings if it stands alone.
            is_alone = len(numbers) > 1 and not kinds["text"]
            if is_alone or len({*numbers}) > 1:
                return False
        counted = [*map(str, range(1, len(numbers) + 1))]
        return len(numbers) < 3 or numbers != counted
