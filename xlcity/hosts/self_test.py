"""A workbook that shows how the program that opens it computes: one verdict, one code.

Each probe is a formula that gives a digit; the code is the digits with a check number, short enough
to be read out. `decode` returns the digits of each probe.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.errors import UsageError
from xlcity.xlsx.new_book import PLAIN_TEXT

#: First character of a code: the set of probes that its digits belong to.
CODE_SERIES = "A"
#: Digit of a probe whose formula gives an error.
ERROR_DIGIT = 8
#: Modulus of the check number.
_CHECK_MODULUS = 97
#: Row of the first probe, from 1.
_FIRST_PROBE_ROW = 9
_SHEET = "Self-test"
_CODE_PATTERN = re.compile(rf"{CODE_SERIES}\s*-?\s*([\d\s-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Probe:
    """A formula that gives a digit.

    Attributes
    ----------
    name
        Its name.
    formula
        The formula, without the equals sign.
    what
        Language -> what it tests.
    expected
        The digit that Excel is known or believed to give; None where programs may differ.
    needed
        Whether templates depend on it.
    says
        Digit as text -> language -> its meaning, for digits that have one of their own.
    """

    name: str
    formula: str
    what: Mapping[str, str]
    expected: int | None = None
    needed: bool = False
    says: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def meaning(self, digit: int, language: str) -> str:
        """Return what it means that the probe gave a digit, as a sentence ("en" or "zh")."""
        if str(digit) in self.says:
            return self.says[str(digit)][language]
        key = "error" if digit == ERROR_DIGIT else "other"
        if digit == self.expected:
            key = "as"
        return _sheet_text(key, language).format(digit, self.expected)


def _sheet_text(key: str, language: str) -> str:
    """Return a text of the workbook by its key, in a language ("en" or "zh")."""
    return str(toml_beside(__file__, "self_test.toml")["words"][key][language])


@cache
def read_probes() -> tuple[Probe, ...]:
    """Return the probes in the order of the code's digits."""
    declared = toml_beside(__file__, "self_test.toml")
    return tuple(
        Probe(name, **attributes)
        for name, attributes in declared.items()
        if name != "words"
    )


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The digit that a probe gave in some program.

    Attributes
    ----------
    probe, digit
        The probe's name, and its digit.
    what, says
        What it tests, and what the digit means, in words.
    needed
        Whether templates depend on it.
    as_expected
        Whether it is the digit that Excel gives; None where programs may differ.
    """

    probe: str
    digit: int
    what: str
    says: str
    needed: bool
    as_expected: bool | None


def decode_results(code: str, language: str = "en") -> tuple[ProbeResult, ...]:
    """Return the meaning of each digit of a code.

    Raises
    ------
    UsageError
        If it is not a code, or was misread.
    """
    match = _CODE_PATTERN.fullmatch(code.strip())
    digits = re.sub(r"\D", "", match[1]) if match else ""
    count = len(read_probes())
    if len(digits) != count + 2 or int(digits[count:]) != check_number(
        map(int, digits[:count])
    ):
        raise UsageError.of("XC100.no_self_test_code", code=code)
    return tuple(
        ProbeResult(
            probe=probe.name,
            digit=digit,
            what=probe.what[language],
            says=probe.meaning(digit, language),
            needed=probe.needed,
            as_expected=None if probe.expected is None else digit == probe.expected,
        )
        for probe, digit in zip(read_probes(), map(int, digits), strict=False)
    )


def check_number(digits: Iterable[int]) -> int:
    """Return the check number (0 to 96) of a code's digits: a misread digit changes it."""
    return (
        sum(digit * _digit_weight(position) for position, digit in enumerate(digits))
        % _CHECK_MODULUS
    )


def _digit_weight(position: int) -> int:
    """Return the weight of the digit at a position, from 0, in the sum that the check number is of.

    By these weights changing a digit, or exchanging two neighbours, changes the number.
    """
    return pow(10, position + 1, _CHECK_MODULUS)


def build_self_test(language: str = "en") -> bytes:
    """Return the self-test workbook as an .xlsx file; same language, same bytes."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **PLAIN_TEXT}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})
        book.set_calc_mode("auto")  # and calculated when it is opened
        _draw_sheet(book, book.add_worksheet(_SHEET), language)
    return target.getvalue()


def _draw_sheet(book: Any, sheet: Any, language: str) -> None:
    """Write title, code, verdict, a table of the probes and a chart to a sheet of XlsxWriter.

    XlsxWriter counts rows and columns from 0; `_FIRST_PROBE_ROW` and formulas count from 1.
    """
    text = partial(_sheet_text, language=language)  # key -> text
    bold = book.add_format({"bold": True})
    large = book.add_format({"bold": True, "font_size": 18})
    sheet.set_column(0, 0, 62)
    sheet.set_column(1, 7, 10)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)
    sheet.write_string(0, 0, text("title"), large)
    _write_probe_data(sheet)
    probes = read_probes()
    # A program that does not calculate shows text("press"): the person has to ask for it.
    sheet.write_string(2, 0, text("code"), bold)
    code = _code_formula(len(probes))
    sheet.write_formula(2, 1, code, large, value=text("press"))
    wrong_count = "+".join(
        f"($B${row}<>$C${row})"
        for row, probe in enumerate(probes, _FIRST_PROBE_ROW)
        if probe.needed
    )
    sheet.write_string(4, 0, text("verdict"), bold)
    verdict = f'=IF({wrong_count}=0,"{text("pass")}","{text("fail")}")'
    sheet.write_formula(4, 1, verdict, bold, value=text("press"))
    sheet.write_string(5, 0, text("send"))
    for column, head in enumerate(text("heads").split("|")):
        sheet.write_string(_FIRST_PROBE_ROW - 2, column, head, bold)
    for row, probe in enumerate(probes, _FIRST_PROBE_ROW - 1):
        sheet.write_string(row, 0, probe.what[language])
        digit = f"=IFERROR(MAX(0,MIN(9,{probe.formula})),{ERROR_DIGIT})"
        sheet.write_formula(row, 1, digit, value="")
        if probe.expected is not None:
            sheet.write_number(row, 2, probe.expected)
        sheet.write_string(row, 3, text("yes") if probe.needed else "")
    last = _FIRST_PROBE_ROW + len(probes) - 1
    chart = book.add_chart({"type": "column"})
    names, values = (f"='{_SHEET}'!${c}${_FIRST_PROBE_ROW}:${c}${last}" for c in "AB")
    chart.add_series({"categories": names, "values": values})
    chart.set_title({"name": f"='{_SHEET}'!$B$3"})
    chart.set_legend({"none": True})
    chart.set_x_axis({"visible": False})
    sheet.insert_chart(last + 1, 0, chart)


def _code_formula(count: int) -> str:
    """Return the formula of the code, such as A-11011-42, that a person reads out.

    It joins the series, the digits of `count` probes, which are in column B, and the check number.
    """
    rows = range(_FIRST_PROBE_ROW, _FIRST_PROBE_ROW + count)
    digits = "&".join(f"$B${row}" for row in rows)
    terms = (f"{_digit_weight(index)}*$B${row}" for index, row in enumerate(rows))
    check = f'RIGHT("0"&MOD({"+".join(terms)},{_CHECK_MODULUS}),2)'
    return f'="{CODE_SERIES}-"&{digits}&"-"&{check}'


def _write_probe_data(sheet: Any) -> None:
    """Write the cells that the probes read, from column I on; rows as `self_test.toml` has them."""
    for column, value in enumerate((0.5, 0.333333333, 0.333333333, 0.25), 8):
        sheet.write_number(1, column, value)
    sheet.write_number(2, 8, 12)
    sheet.write_string(2, 9, "NA")
    for column in range(4):
        sheet.write_number(3, 8 + column, column + 1)
    sheet.write_formula(4, 8, "=0.5-0.4-0.1", value=0)
    sheet.write_formula(4, 9, "=1*(0.5-0.4-0.1)", value=0)
    for column, text in enumerate(("1", "01", "１"), 8):
        sheet.write_string(5, column, text)
    sheet.write_number(5, 11, 1)
    sheet.write_boolean(6, 8, True)
    sheet.write_boolean(6, 9, True)
    for row, number in enumerate((1, 2, 1), 7):
        sheet.write_number(row, 8, number)
    sheet.write_formula(10, 8, "=RATING_SCALE(2.5,10)", value="#NAME?")
