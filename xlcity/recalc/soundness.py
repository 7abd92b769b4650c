"""Which formulas an engine is known to compute as Excel does, and which it is not.

Engines were measured against workbooks saved by Excel. What was not found sound is not refused:
the run names it (`unverified`), unless an independent engine gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from xlcity.recalc.udf import plain_name
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import Book


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: formualizer 0.13: sound for scalar arguments and plain finite ranges.
_FORMUALIZER = _words(
    """
    SUM AVERAGE COUNT COUNTA COUNTBLANK MIN MAX MEDIAN STDEV STDEVP STDEV.P STDEV.S STDEVA STDEVPA
    VAR VARP VAR.P VAR.S SKEW SKEW.P KURT GEOMEAN HARMEAN TRIMMEAN PERCENTILE PERCENTILE.INC
    PERCENTILE.EXC QUARTILE QUARTILE.INC QUARTILE.EXC PERCENTRANK PERCENTRANK.INC PERCENTRANK.EXC
    RANK RANK.EQ RANK.AVG LARGE SMALL CORREL PEARSON COVARIANCE.P COVARIANCE.S COVAR SLOPE
    INTERCEPT RSQ STEYX FORECAST FORECAST.LINEAR TREND STANDARDIZE NORM.DIST NORM.S.DIST NORM.INV
    NORM.S.INV NORMSDIST NORMSINV NORMDIST NORMINV TDIST
    ROUND ROUNDUP ROUNDDOWN INT TRUNC MOD ABS SIGN SQRT EXP LN LOG LOG10 POWER PI PRODUCT SUMSQ
    IF IFS IFERROR IFNA SWITCH AND OR NOT CHOOSE TRUE FALSE NA TYPE ERROR.TYPE
    ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISREF ISTEXT
    MATCH VLOOKUP HLOOKUP INDEX XLOOKUP ROWS COLUMNS ROW COLUMN SUMPRODUCT MAXIFS MINIFS
    SUMIF SUMIFS COUNTIF COUNTIFS AVERAGEIF AVERAGEIFS
    LEFT RIGHT MID LEN FIND SUBSTITUTE TRIM UPPER LOWER TEXTJOIN CONCATENATE EXACT REPT VALUE
    UNIQUE SORTBY FILTER LET DATE YEAR MONTH DAY YEARFRAC TIME TODAY NOW
    """
)
#: Absent in LibreOffice 7.4.
_LIBREOFFICE_LACKS = _words(
    """
    XLOOKUP XMATCH FILTER SORT SORTBY UNIQUE SEQUENCE RANDARRAY LET LAMBDA MAP REDUCE SCAN BYROW
    BYCOL MAKEARRAY HSTACK VSTACK TOROW TOCOL TAKE DROP CHOOSEROWS CHOOSECOLS EXPAND WRAPROWS
    WRAPCOLS TEXTSPLIT TEXTBEFORE TEXTAFTER VALUETOTEXT ARRAYTOTEXT IMAGE GROUPBY PIVOTBY
    """
)
#: Functions of one value: over a range formualizer computes them wrongly without a word.
_SCALAR = _words(
    """
    ABS ROUND ROUNDUP ROUNDDOWN INT TRUNC MOD SIGN SQRT EXP LN LOG LOG10 POWER ISBLANK ISERR
    ISERROR ISLOGICAL ISNA ISNONTEXT ISNUMBER ISTEXT LEFT RIGHT MID LEN FIND SUBSTITUTE TRIM UPPER
    LOWER EXACT VALUE DATE YEAR MONTH DAY TYPE ERROR.TYPE NOT TEXT ROW COLUMN
    """
)
#: Function -> the arguments (from 0) that should be one value; a step repeats the last two.
_SCALAR_ARGUMENTS = {
    "COUNTIF": (1,),
    "SUMIF": (1,),
    "AVERAGEIF": (1,),
    "COUNTIFS": tuple(range(1, 60, 2)),
    "SUMIFS": tuple(range(2, 60, 2)),
    "AVERAGEIFS": tuple(range(2, 60, 2)),
    "MATCH": (0,),
    "VLOOKUP": (0,),
    "HLOOKUP": (0,),
    "RANK": (0,),
    "RANK.EQ": (0,),
    "RANK.AVG": (0,),
    "LARGE": (1,),
    "SMALL": (1,),
}
#: TEXT is sound for plain number formats only.
_PLAIN_TEXT = re.compile(r'\bTEXT(\((?:[^"()]|\([^()]*\))*),\s*"(?:#,##)?0(?:\.0+)?%?"\s*\)', re.I)
#: CHAR of an ASCII character that is named by its number; tried for each of them.
_PLAIN_CHAR = re.compile(r"\bCHAR\(\s*(?:9|10|13|3[2-9]|[4-9]\d|1[01]\d|12[0-6])\s*\)", re.I)
_ARGUMENT = r"(?:[^(),]|\([^()]*\))*"
#: A row or column taken whole; of one cell INDEX is sound.
_WHOLE_INDEX = re.compile(
    rf"\bINDEX\({_ARGUMENT},(?:\s*0?\s*,{_ARGUMENT}|{_ARGUMENT},\s*0?\s*)\)", re.I
)
_PREFIXES = ("_XLFN._XLWS.", "_XLFN.", "_XLWS.")

_PIECE = re.compile(
    r"""
      "(?:[^"]|"")*"
    | (?P<braces>\{[^}]*\})
    | (?P<open>(?P<name>[^\W\d][\w.]*)?\s*\()
    | (?P<close>\))
    | (?P<comma>,)
    | (?P<range>(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?
        (?:\$?[A-Za-z]{1,3}\$?\d+:\$?[A-Za-z]{1,3}\$?\d+|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(])
        |\$?\d+:\$?\d+))
    | '(?:[^']|'')*'!?
    | (?P<minus>--)
    | (?P<word>[\w.\\?]+)
    """,
    re.X,
)


@dataclass(slots=True)
class _Frame:
    """One function call being read."""

    name: str
    argument: int = 0


def unsound(book: Book, engine: str, library: Collection[str]) -> list[str]:
    """Return what the workbook uses that the engine is not known to compute rightly.

    Parameters
    ----------
    book
        The workbook.
    engine
        Name of the engine; the reference engine has no list.
    library
        Names of our own functions.

    Returns
    -------
    list of str
        Function names, or a name with what is wrong: ``ISNUMBER(range)``. Sorted.
    """
    if engine == "formulas":
        return []
    many = {
        name.casefold()
        for name, text in book.names.items()
        if (area := parse_area(text)) is not None and area.rows * area.columns > 1
    }
    found: set[str] = set()
    seen: set[str] = set()
    for sheet in book.sheets.values():
        for cell in sheet.cells.values():
            if cell.formula is None:
                continue
            # Copies of one formula differ in row numbers alone.
            shape = re.sub(r"(?<=[A-Za-z$])\d+", "0", cell.formula)
            if shape not in seen:
                seen.add(shape)
                found.update(_judge(cell.formula, engine, library, many))
    return sorted(found)


def _judge(
    formula: str, engine: str, library: Collection[str], many: Collection[str]
) -> Iterator[str]:
    lacking = engine == "libreoffice"
    if not lacking:
        formula = _PLAIN_CHAR.sub('""', _PLAIN_TEXT.sub(r"\1)", formula))
        if _WHOLE_INDEX.search(formula):
            yield "INDEX(whole row or column)"
    frames = [_Frame("")]
    for match in _PIECE.finditer(formula):
        kind, frame = match.lastgroup, frames[-1]
        if match["open"] is not None:
            name = _bare(match["name"] or "")
            # Brackets alone belong to the call around them.
            frames.append(_Frame(name or frame.name, 0 if name else frame.argument))
            if not name or name in library:
                continue
            if name in _LIBREOFFICE_LACKS if lacking else name not in _FORMUALIZER:
                yield name
        elif match["close"] is not None:
            if len(frames) > 1:
                frames.pop()
        elif match["comma"] is not None:
            frame.argument += 1
        elif lacking:
            continue
        elif match["braces"] is not None:
            if frame.name:
                yield f"{frame.name}({{...}})"
        elif match["range"] is not None or (
            match["word"] is not None and match["word"].casefold() in many
        ):
            if frame.name in _SCALAR or frame.argument in _SCALAR_ARGUMENTS.get(frame.name, ()):
                yield f"{frame.name}(range)"
        elif kind == "minus" and frame.name == "SUMPRODUCT":
            yield "SUMPRODUCT(--...)"


def _bare(name: str) -> str:
    upper = plain_name(name)
    for prefix in _PREFIXES:
        upper = upper.removeprefix(prefix)
    return upper
