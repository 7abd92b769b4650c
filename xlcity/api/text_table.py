"""A table of results as text for a terminal, as CSV and as a workbook."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


class TextTable:
    """Rows below a header; an empty header is not shown.

    Examples
    --------
    >>> print(TextTable(["city", "score"], [["北京", 1.5], ["Lyon", None]]), end="")
    city  score
    北京    1.5
    Lyon
    """

    def __init__(
        self, header: Sequence[str], rows: Iterable[Sequence[object]], indent: str = ""
    ) -> None:
        self.header, self.rows, self.indent = header, rows, indent

    def __str__(self) -> str:
        """Return aligned columns, numbers to the right; None is blank."""
        rows = [["" if cell is None else str(cell) for cell in row] for row in self.rows]
        lines = [list(self.header), *rows] if self.header else rows
        if not lines:
            return ""
        columns = list(zip(*lines, strict=True))
        widths = [max(map(width, column)) for column in columns]
        right = [_are_numbers(column[bool(self.header) :]) for column in columns]
        return "".join(
            (self.indent + "  ".join(map(_padded, line, widths, right))).rstrip() + "\n"
            for line in lines
        )

    def csv(self) -> str:
        """Return the table as CSV text."""
        from xlcity.model.reading.tables import csv_text

        return csv_text([self.header, *self.rows], mark=False)

    def csv_file(self) -> bytes:
        """Return the table as the content of a CSV file that Excel reads as UTF-8."""
        return b"\xef\xbb\xbf" + self.csv().encode("utf-8")

    def xlsx_file(self, sheet: str, frozen: int = 1) -> bytes:
        """Return the table as a workbook with one sheet.

        Parameters
        ----------
        sheet
            Name of the sheet.
        frozen
            Columns that stay in sight.
        """
        from xlcity.xlsx.new_book import PLAIN_TEXT, close_to_bytes, new_book

        workbook = new_book(**PLAIN_TEXT)
        page = workbook.add_worksheet(sheet)
        page.write_row(0, 0, self.header, workbook.add_format({"bold": True}))
        for number, row in enumerate(self.rows, 1):
            page.write_row(number, 0, row)
        page.freeze_panes(1, frozen)
        page.set_column(0, len(self.header) - 1, 14)
        return close_to_bytes(workbook)


def width(text: str) -> int:
    """Return how many columns a text takes; Chinese characters take two.

    >>> width("北京"), width("Beijing")
    (4, 7)
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(cell: str, size: int, right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if right else cell + space


def _are_numbers(cells: Sequence[str]) -> bool:
    shown = [cell for cell in cells if cell]
    return bool(shown) and all(_is_number(cell) for cell in shown)


def _is_number(text: str) -> bool:
    if text.startswith("#"):
        from xlcity.errors import CELL_ERRORS

        return text in CELL_ERRORS
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True
