"""How values are shown by their unit of measure: the one rule for every sheet with raw values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product, starmap

from xlcity.model.framework import Framework

#: Units of measure whose numbers are per cent, years, or whole; and what they may be counted by.
_PERCENT = frozenset(("%", "percent", "per cent", "percentage", "百分比"))
_YEAR = frozenset(("year", "calendar year", "年份"))
_WHOLE = frozenset("个家条人次件篇所座台处场本项种名列辆户只位") | {
    "人次",
    "班次",
    "名次",
    "count",
    "number",
    "persons",
    "people",
    "items",
    "place",
    "rank",
    "0 or 1",
    "0 或 1",
}
_PERIOD = ("/年", "/月", "/周", "/日", " a year", " a month", " a week", " a day")
#: With separators; what is so large that no column has room for it: as a power of ten. Negative
#: values are in the first section: LibreOffice drops the sign in all others.
_SIZED = "[<1000]{};[<1000000000]#,##0{};0.000E+00{}"
#: Formats that many sheets use.
INTEGER = "0"
GENERAL = "General"
AS_TEXT = "@"
ONE_DECIMAL = "0.0"
TWO_DECIMALS = "0.00"
THREE_DECIMALS = "0.000"
FOUR_DECIMALS = "0.0000"
#: Calculated values may have more digits than their column has room for.
MADE = "#,##0.0###"
#: Values of any size in a narrow column, with two decimals at least. Negative ones are in the first
#: section: LibreOffice drops the sign in all others of a format with conditions.
ANY_SIZE = "[<1000]0.00##;[>=1000000]0.000E+00;#,##0"


def value_formats(framework: Framework, *, typed: bool = False) -> Callable[[str], str]:
    """Return the number format of the values of each code, where they are `typed` or elsewhere."""
    return partial(value_format, framework, typed=typed)


def value_format(framework: Framework, code: str, *, typed: bool = False) -> str:
    """Return the number format of the values of an indicator or a variable.

    It depends on the framework alone, so that a template drawn again has the same one. Where
    values are typed, all their digits are shown.
    """
    node = framework.inputs[code]
    units = {uom.strip().lower() for uom in (node.uom, node.uom_zh)}
    if units & _YEAR:
        return INTEGER
    if units & _PERCENT:
        return 'General"%"' if typed else '0.0#"%"'
    if typed:
        return sized_format(GENERAL)
    counted = set(starmap(str.removesuffix, product(units, _PERIOD)))
    # What is constructed may be a mean of counts.
    is_whole = counted & _WHOLE and not framework.ingredients_of(code)
    return sized_format("#,##0" if is_whole else MADE)


def sized_format(small: str = MADE, word: str = "") -> str:
    """Return the format of values of any size, with a word behind them."""
    behind = f'" {word}"' if word else ""
    return _SIZED.format(small + behind, behind, behind)
