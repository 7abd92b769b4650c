"""What is wrong with a workbook's input cell that holds no usable number: a kind and a remedy.

The sheets name them by one short formula (`workbook/sheets/calculation/faults.py`), less exactly.
"""

from __future__ import annotations

from xlcity.errors import CellError, CellValue

#: Kind -> what is wrong with the cell, and what to do. Their order is that of the sheets' numbers.
FAULTS = {
    "error": ("{} is an error value.", "Correct the formula, or type the value."),
    "logical": ("{} is not a number.", "Type a number, or NA if it is confirmed missing."),
    "no_data": (
        "{} means no data.",
        "Type NA if it is confirmed missing, else leave the cell blank.",
    ),
    "full_width": ("{} has full-width digits.", "Type the number again in half-width digits."),
    "as_text": (
        "{} is a number stored as text.",
        "Set the format of the cell to General and type the number again.",
    ),
    "comma": (
        "{} has a comma.",
        "Write a point before decimals, and no commas between thousands.",
    ),
    "percent": (
        "{} has a percent sign.",
        "Type the number alone, in the indicator's unit of measure.",
    ),
    "suffix": (
        "{} contains a unit of measure.",
        "Convert it to the indicator's unit of measure and type the number alone.",
    ),
    "several": ("{} is not one number.", "Decide on one number, or type NA."),
    "text": ("{} is not a number.", "Type a number, or NA if it is confirmed missing."),
}
KINDS = tuple(FAULTS)

#: Full-width characters of numbers -> ASCII.
WIDE = dict(zip("０１２３４５６７８９．，－＋％", "0123456789.,-+%", strict=True))
SPACES = "\u3000\u00a0 "
#: What may be left of one number without its digits.
NUMBER_RESTS = ("", ".", "-", "-.", "+", "+.")
SUFFIXES = ("万", "亿")
#: How a range, a bound or an estimate begins.
INEXACT = ("<", ">", "≤", "≥", "~", "≈", "约")


def fault_kind(value: CellValue) -> str:
    """Return the kind of a cell's content that is neither a usable number nor a missing code.

    Examples
    --------
    >>> [fault_kind(v) for v in ("3.5", "３．５", "3,5", "12%", "5万", "<5", "3-5", "n.v.", 0.0)]
    ['as_text', 'full_width', 'comma', 'percent', 'suffix', 'several', 'several', 'text', 'no_data']
    """
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, bool):
        return "logical"
    if isinstance(value, (int, float)):
        return "no_data"
    text = str(value).translate(dict.fromkeys(map(ord, SPACES)))
    half = text.translate({ord(wide): narrow for wide, narrow in WIDE.items()})
    rest = half.translate(dict.fromkeys(map(ord, "0123456789")))
    if rest == half:
        return "text"
    # A sign stands before its number: 3-5 are two of them.
    if rest in ("", ".") or (rest in NUMBER_RESTS and half[0] == rest[0]):
        return "full_width" if half != text else "as_text"
    if "," in rest and rest.replace(",", "") in NUMBER_RESTS:
        return "comma"
    if half[0] in INEXACT:
        return "several"
    if half[-1] == "%":
        return "percent"
    if half[-1] in SUFFIXES:
        return "suffix"
    return "several" if rest == "-" else "text"


def fault_words(value: CellValue) -> tuple[str, str]:
    """Return what is wrong with such a cell, and what to do.

    Examples
    --------
    >>> fault_words("3,5")[0], fault_words(True)[0]
    ("'3,5' has a comma.", 'TRUE is not a number.')
    """
    what, remedy = FAULTS[fault_kind(value)]
    shown = repr(value) if isinstance(value, str) else str(value).upper()
    return what.format(shown), remedy
