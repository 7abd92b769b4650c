"""Sizes of a sheet's columns and rows, and how it is printed: area, paper, scale, page breaks.

Rows have no height of their own but for thin ones: programs make each as high as its texts need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlcity.workbook.labels import in_language
from xlcity.workbook.layout.rows import GAP_HEIGHT
from xlcity.workbook.spec import TemplateSpec

#: Printable width in pixels at 100 percent: (A3, landscape) -> pixels.
PAPER = {
    (False, False): 717.0,
    (False, True): 1045.0,
    (True, False): 1045.0,
    (True, True): 1511.0,
}
#: Per cent below which print is hard to read.
LEAST_SCALE = 55
#: The last cell of a sheet, always empty: what is printed of a sheet that readers do not get.
NOWHERE = (1_048_575, 16_383, 1_048_575, 16_383)
#: What stands at the foot of each page, behind the title of the index: pages, where sources are
#: named, and the day of printing.
FOOTERS = {
    "zh": " · &A&C&8&P / &N&R&8来源与口径见“来源”表 · &D · xlcity",
    "en": " · &A&C&8&P / &N&R&8sources: see the sheet Sources · &D · xlcity",
}
#: The first row that pages repeat: title and way back are on the first one.
REPEATED = 3
#: Allowed on protected sheets; `objects` keeps Trace Precedents alive.
PROTECTION = dict.fromkeys(
    ("objects", "autofilter", "format_cells", "format_columns", "format_rows", "sort"),
    True,
)


class PrintedSheet:
    """A sheet's columns, rows and pages."""

    def __init__(
        self, spec: TemplateSpec, name: str, worksheet: Any, *, prints: bool = True
    ) -> None:
        self.name = name
        self._prints = prints
        self.sheet = worksheet
        self._spec = spec
        self._widths: dict[int, float] = {}
        #: The last row and column that are printed so far; no column behind `last_printed` is.
        self.bottom = 1
        self.right = 1
        self.last_printed = 16_384

    def widths(self, widths: Mapping[int, float] | Sequence[float]) -> None:
        """Set column widths: a list from column 1, or column -> width."""
        pairs = widths.items() if isinstance(widths, Mapping) else enumerate(widths, 1)
        for column, width in pairs:
            self.columns(column, column, width)

    def columns(self, first: int, last: int, width: float) -> None:
        """Set the width of adjacent columns."""
        self.sheet.set_column(first - 1, last - 1, width)
        self._widths.update(dict.fromkeys(range(first, last + 1), width))

    def hide(self, column: int) -> None:
        """Hide a column, whose width is that of none."""
        self.sheet.set_column(column - 1, column - 1, 8.43, options={"hidden": True})
        self._widths[column] = 0

    def gap(self, row: int) -> None:
        """Make a row thin that shows nothing and parts a list from what is above or below it."""
        self.sheet.set_row(row - 1, GAP_HEIGHT)

    def prints_to(self, row: int, column: int) -> None:
        """Print at least down and right to a cell, if it is in a column that is printed."""
        if row > self.bottom and column <= self.last_printed:
            self.bottom = row
        if self.right < column <= self.last_printed:
            self.right = column

    def pixels(self, first: int, after: int) -> float:
        """Return the width of columns, from the first to before the one named last."""
        own = self._widths
        columns = range(first, after)
        return sum(7 * own.get(column, 8.43) + 5 for column in columns)

    def close(
        self,
        rows: int,
        columns: int = 0,
        titles: tuple[int, int] | None = None,
        *,
        head: int = 0,
        protected: bool = True,
        landscape: bool = True,
        tall: int = 0,
        breaks: Sequence[int] = (),
    ) -> None:
        """Freeze the first rows and columns, print all but helper cells, and protect the sheet.

        Empty rows down to the last that is frozen, or `head`, do not show: headings have the same
        numbers on all sheets.
        """
        for row in range(2, max(rows, head)):
            is_empty = not self.sheet.table.get(row)
            if is_empty and row not in self.sheet.row_info:
                self.sheet.set_row(row, options={"hidden": True})
        if rows or columns:
            self.sheet.freeze_panes(rows, columns)
        first, last = titles or (REPEATED, rows)
        if last >= first:
            self.sheet.repeat_rows(first - 1, last - 1)
        if columns:
            self.sheet.repeat_columns(0, columns - 1)
        self._page(landscape, tall, breaks)
        if protected:
            self.sheet.protect("", PROTECTION)

    def _page(self, landscape: bool, tall: int, breaks: Sequence[int]) -> None:
        """Set up printing: one page wide (`tall` pages high, 0 = as many as needed).

        What would be too small to read goes on larger paper, then on several sheets side by side.
        With `breaks`, pages end below the rows named: Excel passes over these where it fits the
        page itself, so the scale is worked out here.
        """
        width = self.pixels(1, self.right + 1)
        a3 = False
        may_turn = landscape or not tall
        if may_turn and 92 * PAPER[a3, landscape] < LEAST_SCALE * width:
            a3 = landscape = True
        scale = int(92 * PAPER[a3, landscape] / width)
        self.sheet.set_paper(8 if a3 else 9)
        if landscape:
            self.sheet.set_landscape()
        last = (self.bottom - 1, self.right - 1)
        self.sheet.print_area(*((0, 0, *last) if self._prints else NOWHERE))
        if breaks or (scale < LEAST_SCALE and not tall):
            self.sheet.set_h_pagebreaks(list(breaks))
            self.sheet.set_print_scale(max(LEAST_SCALE, min(100, scale)))
        else:
            self.sheet.fit_to_pages(1, tall)
        self.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        self.sheet.set_footer(self._footer())

    def _footer(self) -> str:
        """Return what stands below each page: the index and its edition, and page numbers."""
        spec = self._spec
        language = "en" if spec.language == "en" else "zh"
        name = in_language(spec.name_zh, spec.name_en, language)
        title = f"{name} {spec.edition}".strip().replace("&", "&&")
        return f"&L&8{title}{FOOTERS[language]}"
