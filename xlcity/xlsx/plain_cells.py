"""Reads the stored cells of every sheet as plain rows, for tables in a workbook."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlcity.errors import CellValue
from xlcity.messages import Message
from xlcity.xlsx.cells import Sheet, counts_from_1904, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import damage_error, parse_index, refusing_damage
from xlcity.xlsx.styles import KNOWN_FORMATS

#: Numbers of built-in formats of dates in East Asian versions of Excel.
_EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})
#: Parts of a format that are no digits or dates: text in quotes, escaped signs, colours, locales.
_NOT_A_CODE = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE
)
_DAY = dt.timedelta(days=1)
_DAY_ZERO = dt.datetime(1899, 12, 30)
_DAY_ZERO_1904 = dt.datetime(1904, 1, 1)


class PercentNumber(float):
    """A number from a cell with a percentage format: 0.123 that the sheet shows as 12.3 %."""


class UncalculatedFormula(str):
    """The text of a formula, "=A1+1", whose value the file does not have."""

    __slots__ = ()


class HiddenRows(list[tuple[Any, ...]]):
    """The rows of a sheet that is hidden: an old copy, mostly."""


def read_plain_cells(path: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the stored cells of every sheet of a workbook, by sheet name, from A1 on.

    Hidden sheets come last, as `HiddenRows`.

    Numbers are floats, those with a percentage format `PercentNumber`, those with a date format
    `datetime`; errors are `CellError`. A formula that was never calculated is an
    `UncalculatedFormula`. A row ends with its last filled cell.

    Raises
    ------
    WorkbookError
        If the file is not a workbook: the message says what it is and what to do.
    """
    package = Package.read(path)
    if not package.sheets:
        raise damage_error(Message("damage.no_sheet_of_cells"), package.name)
    kinds = number_kinds(package)
    epoch = _DAY_ZERO_1904 if counts_from_1904(package) else _DAY_ZERO
    sheets = read_book(package).sheets.values()
    rows = {sheet.name: _list_rows(sheet, kinds, epoch) for sheet in sheets}
    hidden = {
        s.name: HiddenRows(rows.pop(s.name)) for s in sheets if s.state != "visible"
    }
    return rows | hidden


def _list_rows(
    sheet: Sheet, kinds: Mapping[int, str], epoch: dt.datetime
) -> list[tuple[Any, ...]]:
    """Return the rows of a sheet from A1 on, each with its values up to the last filled cell.

    `kinds` has "percent" or "date" by the index of a cell format; `epoch` is day 0 of dates.
    """
    rows: dict[int, dict[int, Any]] = {}
    for (row, column), cell in sheet.cells.items():
        if cell.value is not None and cell.value != "":
            rows.setdefault(row, {})[column] = _typed_value(
                cell.value, kinds.get(cell.style, ""), epoch
            )
        elif cell.value is None and cell.formula is not None:
            rows.setdefault(row, {})[column] = UncalculatedFormula(f"={cell.formula}")
    last_row = max(rows, default=0)
    every_row = (rows.get(number, {}) for number in range(1, last_row + 1))
    return [
        tuple(map(cells.get, range(1, max(cells, default=0) + 1)))
        for cells in every_row
    ]


def _typed_value(value: CellValue, kind: str, epoch: dt.datetime) -> Any:
    """Return a cell's value as its format shows it: a `PercentNumber`, a date, or as it is.

    `kind` is "percent", "date" or ""; `epoch` is day 0 of dates.
    """
    if not kind or isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if kind == "percent":
        return PercentNumber(value)
    try:
        return epoch + value * _DAY
    except OverflowError:
        return value


@refusing_damage("reads.number_formats")
def number_kinds(package: Package) -> dict[int, str]:
    """Return index of a cell format -> "percent" or "date", for those that show such."""
    styles = package.styles
    kind_by_style = {}
    for style, xf in enumerate(styles.entries("cellXfs")):
        number = parse_index(xf.get("numFmtId", ""))
        built_in = (
            "yyyy" if number in _EAST_ASIAN_DATES else KNOWN_FORMATS.get(number, "")
        )
        if kind := _kind_of_code(styles.number_formats.get(number, built_in)):
            kind_by_style[style] = kind
    return kind_by_style


def _kind_of_code(code: str) -> str:
    """Return "percent", "date" or "" for a number format, by its part for positive numbers.

    >>> codes = "0.0%", "yyyy-mm-dd", '0.0" days"', "[Red]0", "[h]:mm"
    >>> [_kind_of_code(code) for code in codes]
    ['percent', 'date', '', '', 'date']
    """
    signs = _NOT_A_CODE.sub("", code.partition(";")[0])
    if "%" in signs:
        return "percent"
    return "date" if re.search(r"[ymdhs]", signs, re.IGNORECASE) else ""
