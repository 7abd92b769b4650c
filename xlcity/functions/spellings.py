"""Spellings that cells may hold: of "confirmed missing" and of directions."""

from __future__ import annotations

from collections.abc import Iterable

#: What counts as "confirmed missing" in a cell, compared without case and outer spaces.
MISSING_CODES = (
    "NA",
    "N/A",
    "n/a",
    "n.a.",
    "#N/A",
    "缺",
    "缺失",
    "无数据",
    "—",
    "－",
    "-",
    "--",
    "..",
    "…",
)

#: Accepted spellings of a direction, compared without case and outer spaces.
DIRECTIONS: dict[str, float] = {
    **dict.fromkeys(("1", "+1", "+", "benefit", "positive", "max", "正", "正向"), 1.0),
    **dict.fromkeys(("-1", "−1", "-", "cost", "negative", "min", "负", "负向", "逆向"), -1.0),
}

_KNOWN = frozenset(code.casefold() for code in MISSING_CODES)


def is_missing_code(text: str, codes: Iterable[str] = MISSING_CODES) -> bool:
    """Tell whether a text is a missing code.

    Only plain spaces are stripped, as TRIM does in a sheet: both routes must read a cell alike.

    Examples
    --------
    >>> is_missing_code(" na "), is_missing_code(""), is_missing_code("about 12")
    (True, False, False)
    """
    known = _KNOWN if codes is MISSING_CODES else {code.casefold() for code in codes}
    return text.strip(" ").casefold() in known
