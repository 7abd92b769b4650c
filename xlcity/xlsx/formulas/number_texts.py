"""Numbers that become text and texts that become numbers in formulas, as Excel has it."""

from __future__ import annotations

import re

#: A number as a text has at most so many signs; longer ones are written with an exponent.
_MOST_SIGNS = 20
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,14})?\Z", re.ASCII)
_DATE_WORD_OR_EXPONENT = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|[ap]\.?m\.?|(?<=[\d.])e",
    re.IGNORECASE,
)
_SIGNS_IN_NUMBERS = frozenset(" \t\u00a0.,:;/%$€£¥()+-_'年月日时分秒")


def joined_number(value: float) -> str | None:
    """Return a number as formulas join it to a text: 15 digits, no exponent while it is short.

    ``None`` where it is not known whether Excel writes an exponent.

    >>> joined_number(1 / 3), joined_number(-0.0), joined_number(1e-18), joined_number(1.5e300)
    ('0.333333333333333', '0', '0.000000000000000001', '1.5E+300')
    """
    if value.is_integer() and -1e15 < value < 1e15:
        return str(int(value))
    digits, _, power = f"{abs(value):.14e}".partition("e")
    significant = digits.replace(".", "").rstrip("0")
    exponent = int(power)
    sign = "-" if value < 0 else ""
    if 15 <= exponent <= 20:
        return None  # not known
    if exponent < 0:
        decimal_text = f"0.{'0' * (-exponent - 1)}{significant}"
    else:
        whole = significant[: exponent + 1].ljust(exponent + 1, "0")
        decimal_text = f"{whole}.{significant[exponent + 1 :]}".rstrip(".")
    if len(decimal_text) <= _MOST_SIGNS:
        return sign + decimal_text
    if len(decimal_text) == _MOST_SIGNS + 1:
        return None  # not known
    mantissa = f"{significant[0]}.{significant[1:]}".rstrip(".")
    return f"{sign}{mantissa}E{exponent:+03d}"


def in_15_digits(value: float) -> float:
    """Return a number rounded to the 15 digits by which Excel compares numbers."""
    return float(f"{value:.15g}")


def differ_by_rounding(a: float, b: float) -> bool:
    """Return whether two unequal numbers are so near that 15 digits may not tell them apart."""
    return a != b and abs(a - b) <= 1e-14 * abs(a)


def is_decimal(text: str) -> bool:
    """Return whether a text is a plain number such as "-12.5", which all programs read alike."""
    return _DECIMAL.match(text) is not None


def reads_otherwise(text: str) -> bool:
    """Return whether some program may read a text as a number, date or time, as another does not.

    >>> [reads_otherwise(t) for t in ("1,234", "12%", "3 Jan 2020", "5", "E1", "1_000", "TRUE")]
    [True, True, True, False, False, True, True]
    """
    if is_decimal(text):
        return False
    if text.strip().upper() in ("TRUE", "FALSE"):
        return True
    if not any(char.isnumeric() for char in text):
        return False
    without_words = _DATE_WORD_OR_EXPONENT.sub("", text)
    return all(char.isnumeric() or char in _SIGNS_IN_NUMBERS for char in without_words)
