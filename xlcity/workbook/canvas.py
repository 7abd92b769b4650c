"""Writing on sheets: every cell by its role, counted, with labels that follow the language."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from xlcity.workbook import flags
from xlcity.workbook.flags import Flags
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.labels import FIRST_ROW, TITLES, Labels
from xlcity.workbook.layout import GAP_HEIGHT, Layout
from xlcity.workbook.measure import height
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.styles import FAMILIES, TABS, Styles
from xlcity.workbook.worksheet import worksheet_class

#: Printable width in pixels at 100 percent: (A3, landscape) -> pixels.
PAPER = {(False, False): 717.0, (False, True): 1045.0, (True, False): 1045.0, (True, True): 1511.0}
#: Per cent below which print is hard to read; columns this narrow stand between blocks.
LEAST_SCALE, GAP_WIDTH = 55, 2.5
#: Allowed on protected sheets; `objects` keeps Trace Precedents alive.
PROTECTION = {
    "objects": True,
    "autofilter": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "sort": True,
}


@dataclass
class Counts:
    """What was written; UDF cells are among the formula cells."""

    input_cells: int = 0
    formula_cells: int = 0
    udf_cells: int = 0


@dataclass
class Book:
    """A workbook being drawn: what the sheet modules share."""

    workbook: Any
    spec: TemplateSpec
    layout: Layout
    labels: Labels
    styles: Styles
    counts: Counts = field(default_factory=Counts)
    #: Parameter name -> address, filled by `Framework` and read by every later sheet.
    parameters: dict[str, str] = field(default_factory=dict)
    #: Cells that say pass, fail or skipped of a function call, for `Checks`.
    statuses: list[Area] = field(default_factory=list)
    #: Workbook-level names defined so far.
    names: set[str] = field(default_factory=set)
    #: Further rows of `Checks`, left by the sheets that they are about.
    checks: list[Any] = field(default_factory=list)
    #: Cells whose green triangles are switched off.
    flags: Flags = field(default_factory=Flags)
    #: Formulas of the titles of charts, which stand on `Labels`.
    titles: list[str] = field(default_factory=list)

    def canvas(self, sheet: str) -> Canvas:
        """Add a sheet and return its canvas."""
        worksheet = self.workbook.add_worksheet(sheet, worksheet_class())
        worksheet.set_tab_color(TABS[FAMILIES.get(sheet, "calculation")])
        worksheet.hide_gridlines(2)
        worksheet.set_zoom(90)
        return Canvas(self, sheet, worksheet)

    def define(self, name: str, area: Area | str) -> None:
        """Define a workbook-level name."""
        ref = area if isinstance(area, str) else area.ref()
        self.workbook.define_name(name, f"={ref}")
        self.names.add(name)

    def chart_title(self, text: str) -> str:
        """Return the address of a title for a chart that shows a text, and what its data are."""
        if text not in self.titles:
            self.titles.append(text)
        row = FIRST_ROW + self.titles.index(text)
        return f"Labels!{cell(row, TITLES, 'rc')}"

    def pick(self, zh: str, en: str) -> str:
        """Return a formula (without =) that shows a text in the chosen language."""
        zh, en = _escape(zh), _escape(en)
        return f'IF(xl_lang="en","{en}",IF(xl_lang="zh","{zh}","{zh} / {en}"))'


def shown_text(english: str, chinese: str) -> str:
    """Return a formula for one of two text cells by language, "" where it is empty.

    `cell & ""` would do in Excel; engines differ on what a blank cell then is.
    """
    texts = (f'IF({ref}="","",{ref})' for ref in (english, chinese))
    return 'IF(xl_lang="en",{},{})'.format(*texts)


def shown_name(code: str, chinese: str, english: str) -> str:
    """Return a formula for a name by language; the other one, or the code, where it is empty."""
    return (
        f'IF(AND({chinese}="",{english}=""),{code},IF(OR(xl_lang="zh",{english}=""),'
        f'IF({chinese}="",{english},{chinese}),'
        f'IF(OR(xl_lang="en",{chinese}=""),{english},{chinese}&" "&{english})))'
    )


def _escape(text: str) -> str:
    return text.replace('"', '""')


class Canvas:
    """One sheet. Rows and columns are 1-based, as in the addresses that formulas use."""

    def __init__(self, book: Book, name: str, worksheet: Any) -> None:
        self.book = book
        self.name = name
        self.sheet = worksheet
        self._style = book.styles.get
        self._widths: dict[int, float] = {}
        self._repeated = 0

    # -- cells ---------------------------------------------------------------------------------
    def text(self, row: int, column: int, text: str, role: str = "plain", **style: Any) -> None:
        """Write static text."""
        self.sheet.write_string(row - 1, column - 1, text, self._style(role, **style))
        if text[:1].isdigit():
            self.book.flags.add(self.name, flags.TEXT, row, column)

    def number(
        self, row: int, column: int, value: float, role: str, number: str = "", **style: Any
    ) -> None:
        """Write a static number."""
        self.sheet.write_number(row - 1, column - 1, value, self._style(role, number, **style))

    def blank(self, row: int, column: int, role: str, **style: Any) -> None:
        """Write an empty styled cell."""
        self.sheet.write_blank(row - 1, column - 1, None, self._style(role, **style))

    def static(
        self, row: int, column: int, value: object, role: str, number: str = "", **style: Any
    ) -> None:
        """Write a number or a text as it is; None and "" leave the cell empty."""
        if value is None or value == "":
            self.blank(row, column, role, **style)
        elif isinstance(value, (int, float)):
            self.number(row, column, value, role, number, **style)
        else:
            self.text(row, column, str(value), role, **style)

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        role: str = "calculation",
        number: str = "",
        **style: Any,
    ) -> None:
        """Write a formula, without its equals sign."""
        self.sheet.write_formula(
            row - 1, column - 1, f"={formula}", self._style(role, number, **style)
        )
        self.book.counts.formula_cells += 1
        self.book.flags.add(self.name, flags.FORMULA, row, column)

    def array(self, area: Area, formula: str, role: str = "udf", number: str = "") -> None:
        """Write one array formula over a rectangle; library functions count as UDF cells."""
        self.sheet.write_array_formula(
            area.first_row - 1,
            area.first_column - 1,
            area.last_row - 1,
            area.last_column - 1,
            f"{{={formula}}}",
            self._style(role, number),
        )
        self.book.counts.formula_cells += area.rows * area.columns
        for row in range(area.first_row, area.last_row + 1):
            for column in range(area.first_column, area.last_column + 1):
                self.book.flags.add(self.name, flags.RESULT, row, column)
        if role.startswith("udf"):
            self.book.counts.udf_cells += area.rows * area.columns

    def label(self, row: int, column: int, key: str, role: str = "plain", **style: Any) -> None:
        """Write a label that follows the language cell."""
        self.formula(row, column, self.book.labels.ref(key), role, **style)

    def input(
        self,
        row: int,
        column: int,
        value: object = None,
        role: str = "input",
        number: str = "",
        count: bool = False,
        **style: Any,
    ) -> None:
        """Write an unlocked input cell; `count` marks the index's own data cells."""
        form = self._style(role, number, unlocked=True, **style)
        if value is None or value == "":
            self.sheet.write_blank(row - 1, column - 1, None, form)
        elif isinstance(value, (int, float)):
            self.sheet.write_number(row - 1, column - 1, value, form)
        else:
            self.sheet.write_string(row - 1, column - 1, str(value), form)
        if number == "@":
            self.book.flags.add(self.name, flags.TEXT, row, column)
        if count:
            self.book.counts.input_cells += 1

    def link(self, row: int, column: int, target: str, key: str, role: str = "link") -> None:
        """Write a label that leads to another sheet."""
        form = self._style(role)
        self.sheet.write_url(row - 1, column - 1, f"internal:'{target}'!A1", form, string="")
        self.label(row, column, key, role)

    # -- sheet ---------------------------------------------------------------------------------
    def merged(
        self, row: int, first: int, last: int, formula: str, role: str, **style: Any
    ) -> None:
        """Write a formula over merged cells of a row, where a long title needs the room."""
        if last > first:
            form = self._style(role, **style)
            self.sheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", form)
        self.formula(row, first, formula, role, **style)

    def heading(
        self,
        key: str,
        note: str,
        banner_column: int = 0,
        note_column: int = 2,
        methods: Collection[str] = (),
    ) -> None:
        """Write title, way back to `README`, what the sheet is for, and the banner on the data.

        The note ends with the methods that are named.
        """
        self.sheet.set_row(0, 24)
        self.label(1, 1, f"{key}.title", "title")
        self.sheet.write_url(1, 0, "internal:'README'!A1", self._style("back"), string="← README")
        said = self.book.labels.ref(note)
        listed = f'{said}&"{", ".join(methods)}"' if methods else said
        self.formula(2, note_column, listed, "note")
        if banner_column:
            self.formula(1, banner_column, "xl_banner", "warning")

    def fit(
        self, row: int, texts: Iterable[tuple[str, float]], size: float = 10, least: float = 15
    ) -> None:
        """Make a row high enough for each of its (text, column width), both languages at once."""
        self.sheet.set_row(row - 1, height(texts, size, least))

    def fit_names(
        self,
        row: int,
        codes: Iterable[str],
        width: float,
        size: float = 9,
        extra: Sequence[str] = (),
    ) -> None:
        """Make a header row high enough for the names of nodes, after `extra` texts."""
        before = " · ".join((" ".join(extra), "")) if extra else ""
        nodes = (self.book.spec.framework.inputs[code] for code in codes)
        texts = [(f"{before}{n.name_zh} {n.name_en}", width) for n in nodes]
        self.fit(row, texts, size, 30)

    def fit_labels(
        self, row: int, labels: Iterable[tuple[str, float]], size: float = 10, least: float = 15
    ) -> None:
        """Make a row high enough for its (label key, column width)."""
        language = self.book.spec.language
        texts = [
            (text, width)
            for key, width in labels
            for text in self.book.labels.variants(key, language)
        ]
        self.fit(row, texts, size, least)

    def thin(self, rows: Iterable[int]) -> None:
        """Make empty rows thin: they only keep a city on the same row of every sheet."""
        for row in rows:
            self.sheet.set_row(row - 1, 3)

    def gap(self, row: int) -> None:
        """Make an empty row thin that parts a list from what stands above or below it."""
        self.sheet.set_row(row - 1, GAP_HEIGHT)

    def closing(self, row: int, key: str, last: int) -> None:
        """End a list: an empty row, below it one whose label says that lines end here."""
        self.gap(row - 1)
        self.label(row, 1, key, "closing")
        for column in range(2, last + 1):
            self.blank(row, column, "closing")

    def widths(self, widths: Mapping[int, float] | Sequence[float]) -> None:
        """Set column widths: a list from column 1, or column -> width."""
        pairs = widths.items() if isinstance(widths, Mapping) else enumerate(widths, 1)
        for column, width in pairs:
            self.columns(column, column, width)

    def columns(self, first: int, last: int, width: float) -> None:
        """Set the width of adjacent columns."""
        self.sheet.set_column(first - 1, last - 1, width)
        self._widths.update(dict.fromkeys(range(first, last + 1), width))

    def mark(self, area: Area, criteria: str, mark: str, stop: bool = False) -> None:
        """Add a conditional format; the formula is written for the rectangle's first cell."""
        self.sheet.conditional_format(
            area.first_row - 1,
            area.first_column - 1,
            area.last_row - 1,
            area.last_column - 1,
            {
                "type": "formula",
                "criteria": f"={criteria}",
                "format": self.book.styles.mark(mark),
                "stop_if_true": stop,
            },
        )

    def choices(self, area: Area, source: str | Sequence[str], **options: Any) -> None:
        """Add a drop-down list."""
        self.sheet.data_validation(
            area.first_row - 1,
            area.first_column - 1,
            area.last_row - 1,
            area.last_column - 1,
            {"validate": "list", "source": source, **options},
        )

    def refuse(self, area: Area) -> None:
        """Refuse what is typed over cells that are not locked, as a list that is sorted needs."""
        self.sheet.data_validation(
            area.first_row - 1,
            area.first_column - 1,
            area.last_row - 1,
            area.last_column - 1,
            {
                "validate": "custom",
                "value": "=FALSE",
                "error_title": "xlcity",
                "error_message": "由公式得出，请勿改写。\nMade by the template: do not change.",
            },
        )

    def protect(self) -> None:
        """Protect the sheet without a password."""
        self.sheet.protect("", PROTECTION)

    def finish(
        self,
        area: Area,
        rows: int,
        columns: int = 0,
        titles: tuple[int, int] | None = None,
        **page: Any,
    ) -> None:
        """Freeze the first rows and columns, print an area as `page` says, protect the sheet."""
        self.frame(rows, columns, titles)
        self.page(area, **page)
        self.protect()

    def heads(self, row: int, keys: Iterable[str], left: int = 1, **style: Any) -> None:
        """Write column headings from left to right; an empty key leaves its cell alone."""
        for column, key in enumerate(keys, left):
            if key:
                self.label(row, column, key, "header", **style)

    def frame(self, rows: int, columns: int = 0, titles: tuple[int, int] | None = None) -> None:
        """Freeze the first rows and columns; print repeats them (rows: or `titles`)."""
        self.sheet.freeze_panes(rows, columns)
        first, last = titles or (1, rows)
        if last:
            self.sheet.repeat_rows(first - 1, last - 1)
        if columns:
            self.sheet.repeat_columns(0, columns - 1)
        self._repeated = columns

    def page(
        self,
        area: Area,
        landscape: bool = True,
        a3: bool = False,
        tall: int = 0,
        split: Sequence[int] = (),
        breaks: Sequence[int] = (),
        cuts: Sequence[int] = (),
    ) -> None:
        """Set up printing: one page wide (`tall` pages high, 0 = as many as needed).

        With `split`, the columns named begin a page of their own; with `breaks`, pages end below
        the rows named. Excel passes over such breaks where it fits the page itself, so the scale
        is worked out here. What would be too small to read goes on larger paper, then on several
        sheets side by side, the next one beginning at one of `cuts` (any column if none named).
        """
        edges = [area.first_column, *split, area.last_column + 1]
        if not tall and self._scale(edges, PAPER[a3, landscape]) < LEAST_SCALE:
            a3 = landscape = True
            if self._scale(edges, PAPER[a3, landscape]) < LEAST_SCALE:
                edges = self._parts(edges, cuts, 92 * PAPER[a3, landscape] / LEAST_SCALE)
                split = edges[1:-1]
        self.sheet.set_paper(8 if a3 else 9)
        if landscape:
            self.sheet.set_landscape()
        self.sheet.print_area(
            area.first_row - 1, area.first_column - 1, area.last_row - 1, area.last_column - 1
        )
        if split or breaks:
            self.sheet.set_v_pagebreaks([column - 1 for column in split])
            self.sheet.set_h_pagebreaks(list(breaks))
            self.sheet.set_print_scale(self._scale(edges, PAPER[a3, landscape]))
        else:
            self.sheet.fit_to_pages(1, tall)
        self.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        spec = self.book.spec
        name = spec.name_en if spec.language == "en" else spec.name_zh
        title = f"{name} {spec.edition}".strip().replace("&", "&&")
        self.sheet.set_footer(f"&L&8{title} · &A&C&8&P / &N&R&8xlcity")

    def _scale(self, edges: Sequence[int], paper: float) -> int:
        """Return the percentage at which the widest of the parts fits the paper's width."""
        repeated = self.pixels(1, self._repeated + 1)
        widest = max(
            self.pixels(first, after) + (repeated if first > self._repeated else 0)
            for first, after in pairwise(edges)
        )
        return max(20, min(100, int(92 * paper / widest)))

    def pixels(self, first: int, after: int) -> float:
        """Return the width of columns, from the first to before the one named last."""
        return sum(7 * self._widths.get(c, 8.43) + 5 for c in range(first, after))

    def _parts(self, edges: Sequence[int], cuts: Sequence[int], limit: float) -> list[int]:
        """Cut parts that are wider than `limit` pixels into even ones, between blocks if it can."""
        repeated = self.pixels(1, self._repeated + 1)
        found = [edges[0]]
        for first, after in pairwise(edges):
            start = first
            while True:
                room = limit - (repeated if start > self._repeated else 0)
                rest = self.pixels(start, after)
                if rest <= room:
                    break
                even = rest / math.ceil(rest / room) * 1.03
                fits = [
                    c for c in range(start + 1, after) if self.pixels(start, c) <= min(room, even)
                ]
                allowed = [c for c in fits if c in cuts] if cuts else fits
                gaps = [
                    c
                    for c in allowed[len(allowed) // 2 :]
                    if self._widths.get(c - 1, 8.43) <= GAP_WIDTH
                ]
                if not allowed:
                    break
                start = (gaps or allowed)[-1]
                found.append(start)
            found.append(after)
        return found
