"""Writing on sheets: every cell by its role, counted, with labels in the book's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import AS_TEXT
from xlcity.workbook.drawing.printing import PrintedSheet
from xlcity.workbook.drawing.styles import ACCENT, FONT, TABS, Styles
from xlcity.workbook.drawing.worksheet import (
    FORMULA,
    RESULT,
    TEXT,
    Flags,
    worksheet_class,
)
from xlcity.workbook.labels import Labels, text_alone
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.tab_titles import tab_title
from xlcity.xlsx.editing.rename_sheets import sheet_renamer
from xlcity.xlsx.formulas.formula import SharedFormula

#: Height of a row that is not set, width of a small screen, and of a letter of a note.
ROW_PIXELS = 20
SCREEN_PIXELS = 880
LETTER_PIXELS = 6
#: Width of a title in pixels, behind which the banner stands.
TITLE_PIXELS = 260
#: Status of a check, or verdict -> mark.
STATUS_MARKS = {
    "pass": "good",
    "fail": "bad",
    "note": "note",
    "draft": "note",
    "skipped": "skipped",
}


@dataclass
class Counts:
    """What was written; UDF cells are among the formula cells, and calls fill them."""

    input_cells: int = 0
    formula_cells: int = 0
    udf_cells: int = 0
    calls: int = 0

    def add_call(self, area: Area) -> None:
        """Count a call of functions that fills some cells."""
        self.udf_cells += area.rows * area.columns
        self.calls += 1


@dataclass
class Book:
    """A workbook being drawn: what the sheet modules share."""

    workbook: Any
    spec: TemplateSpec
    layout: Layout
    labels: Labels
    styles: Styles
    #: Sheet -> what it is for: a key of `TABS` in styles.
    families: Mapping[str, str] = field(default_factory=dict)
    #: Sheet -> title of its tab.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: Sheets that are printed with the book.
    printed: Collection[str] = ()
    counts: Counts = field(default_factory=Counts)
    #: Parameter name -> its label, filled by `Framework` and read by every later sheet.
    parameters: dict[str, str] = field(default_factory=dict)
    #: Cells that say pass, fail or skipped of a function call, for `Checks`.
    statuses: list[Area] = field(default_factory=list)
    #: Further rows of `Checks`, left by the sheets that they are about.
    checks: list[Any] = field(default_factory=list)
    #: Column of the list on `Ranking` by name, left by it for sheets that repeat it.
    ranking_columns: dict[str, int] = field(default_factory=dict)
    #: Cells whose green triangles are switched off.
    flags: Flags = field(default_factory=lambda: defaultdict(set))
    #: Beginning of labels -> cells with the last words of those that formulas look up, and with
    #: their texts.
    words: dict[str, tuple[str, str]] = field(default_factory=dict)

    def canvas(self, sheet: str) -> Canvas:
        """Add a sheet and return its canvas."""
        title = self.titles.get(sheet, sheet)
        worksheet = self.workbook.add_worksheet(title, worksheet_class())
        worksheet.set_tab_color(TABS[self.families.get(sheet, "calculation")])
        worksheet.hide_gridlines(2)
        worksheet.set_zoom(90)
        return Canvas(self, sheet, worksheet)

    def define(self, name: str, area: Area) -> None:
        """Define a workbook-level name."""
        self.workbook.define_name(name, f"={self.retitled(area.ref())}")

    @cached_property
    def retitled(self) -> Callable[[str], str]:
        """What writes the titles of tabs into a formula."""
        return sheet_renamer(self.titles)

    def retitled_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return options of a chart or a rule; those that are formulas name tabs by title."""
        return {
            name: self.retitled(option) if str(option).startswith("=") else option
            for name, option in options.items()
        }

    def shown_title(self, sheet: str) -> str:
        """Return the title of a tab as texts of the book give it."""
        return tab_title(sheet, self.spec.language, self.spec.id)

    def word_of(self, words: str, value: str) -> str:
        """Return the formula of the text that a value means in one of the lists of `words`."""
        values, texts = self.words[words]
        return f"INDEX({texts},MATCH({value},{values},0))"


class Canvas(PrintedSheet):
    """One sheet. Rows and columns are 1-based, as in the addresses that formulas use.

    Cells are printed unless they have the role of a helper.
    """

    def __init__(self, book: Book, name: str, worksheet: Any) -> None:
        super().__init__(book.spec, name, worksheet, prints=name in book.printed)
        self.book = book
        #: Text of the note below the title.
        self.note = ""
        #: Whether the banner on invented data stands beside the title.
        self.has_banner = False

    def close(
        self,
        rows: int,
        columns: int = 0,
        *args: Any,
        **options: Any,
    ) -> None:
        """Close the sheet, with its banner and its note, right of the columns that are frozen.

        A note wider than a screen is broken into lines. The one in English tells, so that sheets
        have the same cells in all languages.
        """
        key = f"{self.name.lower()}.note"
        column = max(2, columns + 1)
        text = self.note
        if text:
            self.put(2, column, text, "note")
        after = next(
            c for c in count(column + 2) if self.pixels(1, c + 1) > SCREEN_PIXELS
        )
        _, english = self.book.labels.texts.get(key, ("", ""))
        if len(english) * LETTER_PIXELS > self.pixels(column, after):
            form = self._form(2, column, "note", "", style={"text_wrap": True})
            merged = self.area(2, column, last_column=after - 1)
            self.sheet.merge_range(*merged.from_zero, text, form)
        if self.has_banner:
            behind = next(c for c in count(2) if self.pixels(1, c) >= TITLE_PIXELS)
            self.formula(1, behind, "xl_banner", "warning")
        super().close(rows, columns, *args, **options)

    # -- addresses -----------------------------------------------------------------------------
    def area(
        self, row: int, column: int, last_row: int = 0, last_column: int = 0
    ) -> Area:
        """Return a cell of the sheet, or the rectangle down and right to the last ones named."""
        return Area(
            self.name, r1=row, c1=column, r2=last_row or row, c2=last_column or column
        )

    def range(
        self,
        row: int,
        column: int,
        last_row: int = 0,
        last_column: int = 0,
        fix: Fix = Fix.BOTH,
    ) -> str:
        """Return the address of such a rectangle, as formulas of the sheet write it."""
        return self.area(row, column, last_row, last_column).ref(fix, self.name)

    # -- cells ---------------------------------------------------------------------------------
    def _form(
        self,
        row: int,
        column: int,
        role: str,
        number: str,
        style: Mapping[str, Any],
    ) -> Any:
        """Return the format of a cell, which is printed unless it serves others."""
        if not role.startswith("helper"):
            self.prints_to(row, column)
        return self.book.styles.get(role, number, style)

    def put(
        self,
        row: int,
        column: int,
        value: object = None,
        role: str = "plain",
        number: str = "",
        **style: Any,
    ) -> None:
        """Write a number or a text as it is; None and "" leave the cell empty."""
        form = self._form(row, column, role, number, style=style)
        position = (row - 1, column - 1)
        if value is None or value == "":
            self.sheet._write_blank(*position, None, form)
        elif isinstance(value, (int, float)):
            self.sheet._write_number(*position, value, form)
        else:
            self.sheet._write_string(*position, str(value), form)
            if number == "@" or str(value)[0].isdigit():
                self.book.flags[self.sheet.name, TEXT].add((column, row))

    def band(self, row: int, columns: Iterable[int], role: str) -> None:
        """Write empty styled cells in a row."""
        for column in columns:
            self.put(row, column, role=role)

    def heading(self, row: int, column: int, key: str, **style: Any) -> None:
        """Write the heading of a section."""
        self.label(row, column, key, "section", **style)

    def section(self, row: int, key: str, first: int, last: int) -> None:
        """Write the heading of a section over some columns."""
        self.heading(row, first, key)
        self.band(row, range(first + 1, last + 1), "section")

    def label(
        self, row: int, column: int, key: str, role: str = "plain", **style: Any
    ) -> None:
        """Write a label in the language of the book."""
        self.put(row, column, self.book.labels.text(key), role, **style)

    def formula(
        self,
        row: int,
        column: int,
        formula: str | None,
        role: str = "calculation",
        number: str = "",
        last: int = 0,
        **style: Any,
    ) -> None:
        """Write a formula, without its equals sign; None leaves a blank cell.

        Rows below it, down to the last one, have copies. What is no more than a text is written as
        that text. An empty one stays a formula: where another cell shows it, LibreOffice takes a
        cell with an empty text for 0.
        """
        last = max(row, last)
        if formula is None or (text := text_alone(formula)):
            for each in range(row, last + 1):
                self.put(
                    each,
                    column,
                    None if formula is None else text,
                    role,
                    number=number,
                    **style,
                )
            return
        form = self._form(last, column, role, number, style=style)
        titled = self.book.retitled(formula)
        self.sheet.put_formula(row - 1, column - 1, titled, form)
        if last > row:
            copies = SharedFormula(titled, row, column)
            for each in range(row + 1, last + 1):
                self.sheet.put_formula(
                    each - 1, column - 1, copies.formula_in(each, column), form
                )
        self.book.counts.formula_cells += last - row + 1
        places = ((column, each) for each in range(row, last + 1))
        self.book.flags[self.sheet.name, FORMULA].update(places)

    def array(
        self, area: Area, formula: str, role: str = "udf", number: str = ""
    ) -> None:
        """Write one array formula over a rectangle; library functions count as UDF cells."""
        form = self._form(area.r2, area.c2, role, number, style={})
        titled = self.book.retitled(formula)
        self.sheet.write_array_formula(*area.from_zero, f"{{={titled}}}", form)
        self.book.counts.formula_cells += area.rows * area.columns
        for kinds in (FORMULA, RESULT):
            places = ((column, row) for row, column in area.positions)
            self.book.flags[self.sheet.name, kinds].update(places)
        if role.startswith("udf"):
            self.book.counts.add_call(area)

    def overlay(self, area: Area, call: str) -> None:
        """Write one call of functions over formulas that are drawn; the cells look as before."""
        self.sheet.put_array(area, self.book.retitled(call))
        self.book.counts.add_call(area)

    def input(
        self,
        row: int,
        column: int,
        value: object = None,
        role: str = "input",
        number: str = "",
        **style: Any,
    ) -> None:
        """Write an unlocked input cell."""
        self.put(row, column, value, role, number=number, locked=False, **style)
        if number == "@":
            self.book.flags[self.sheet.name, TEXT].add((column, row))

    def chooser(
        self,
        row: int,
        column: int,
        value: object,
        source: str | Sequence[str],
        warning: str = "",
        **options: Any,
    ) -> None:
        """Write an input with a drop-down list."""
        self.input(row, column, value, "chooser", number=AS_TEXT)
        self.choices(self.area(row, column), source, warning, **options)

    def link(
        self,
        row: int,
        column: int,
        target: str,
        text: str,
        role: str = "link",
        **style: Any,
    ) -> None:
        """Write a text that leads to another sheet; "" leaves what stands in the cell."""
        url = f"internal:'{self.book.titles[target]}'!A1"
        form = self._form(row, column, role, "", style=style)
        self.sheet.write_url(row - 1, column - 1, url, form, string=text)

    def merged(
        self,
        row: int,
        first: int,
        last: int,
        formula: str,
        role: str,
        **style: Any,
    ) -> None:
        """Write a formula over merged cells of a row, where a long title needs the room."""
        if last > first:
            form = self._form(row, last, role, "", style=style)
            merged = self.area(row, first, last_column=last)
            self.sheet.merge_range(*merged.from_zero, "", form)
        self.formula(row, first, formula, role, **style)

    # -- headings ------------------------------------------------------------------------------
    def node_heads(
        self, row: int, codes: Iterable[str], left: int, code_row: int = 0
    ) -> None:
        """Write the names of nodes as headings, and their codes in a row below."""
        for column, code in enumerate(codes, left):
            name = self.book.layout.node_name(code)
            self.formula(row, column, name, "header", font_size=9)
            if code_row:
                self.put(code_row, column, code, "stub_code")

    def stub(self, row: int, text: str) -> None:
        """Write what a row above the cities holds, in the column of names."""
        self.put(row, 1, role="stub")
        self.put(row, 2, text, "stub_line")

    def closing(self, row: int, key: str, last: int) -> None:
        """End a list: an empty row, below it one whose label says that lines end here."""
        self.gap(row - 1)
        self.label(row, 1, key, "closing")
        self.band(row, range(2, last + 1), "closing")

    # -- marks and rules -----------------------------------------------------------------------
    def mark(
        self,
        area: Area,
        criteria: str,
        mark: str | Mapping[str, Any],
        stop: bool = False,
    ) -> None:
        """Add a conditional format; the formula is written for the rectangle's first cell."""
        rule = {"type": "formula", "criteria": f"={self.book.retitled(criteria)}"}
        look = {"format": self.book.styles.mark(mark), "stop_if_true": stop}
        self.sheet.conditional_format(*area.from_zero, rule | look)

    def mark_words(
        self, area: Area, words: Mapping[str, str], watched: str = ""
    ) -> None:
        """Format cells by the word in the first of them, or in the cell `watched`: word -> mark."""
        word_cell = watched or cell(area.r1, area.c1)
        for word, mark in words.items():
            self.mark(area, f'{word_cell}="{word}"', mark)

    def mark_status(self, area: Area, watched: str = "") -> None:
        """Format cells by their status; books in Chinese show its Chinese word."""
        chinese = self.book.spec.language == "zh"
        words = {
            word: f"{word}_zh" if chinese else mark
            for word, mark in STATUS_MARKS.items()
        }
        self.mark_words(area, words, watched)

    def validate(self, area: Area, rule: Mapping[str, Any]) -> None:
        """Accept in some cells only what a rule allows."""
        self.sheet.data_validation(*area.from_zero, self.book.retitled_options(rule))

    def choices(
        self, area: Area, source: str | Sequence[str], warning: str = "", **options: Any
    ) -> None:
        """Add a drop-down list; with a warning, what is not on it may be typed nevertheless."""
        if warning:
            options = {
                "error_type": "warning",
                "error_title": "xlcity",
                "error_message": warning,
            }
        shown = source if isinstance(source, str) else list(source)
        self.validate(area, {"validate": "list", "source": shown, **options})

    def insert_chart(
        self, chart: Any, title: str, row: int, column: int, width: float, height: float
    ) -> None:
        """Put a chart of a size in pixels on a cell that has its title, given as a formula.

        The title says where data are invented.
        """
        title += f'&IF(xl_synthetic>0,{self.book.labels.ref("chart.synthetic")},"")'
        self.formula(row, column, title, "plain", shrink=True)
        font = {"name": FONT, "size": 11, "color": ACCENT, "bold": True}
        address = f"={self.book.retitled(self.area(row, column).ref())}"
        chart.set_title({"name": address, "overlay": False, "name_font": font})
        chart.set_size({"width": width, "height": height})
        self.sheet.insert_chart(row - 1, column - 1, chart, {"object_position": 3})
        columns = count(column)
        right = next(c for c in columns if self.pixels(column, c + 1) >= width)
        self.prints_to(row + int(height // ROW_PIXELS), right)


def titled_sheet(
    book: Book,
    name: str,
    widths: Sequence[float] = (),
    banner: bool = False,
    *,
    methods: Collection[str] = (),
    lines: int = 0,
) -> Canvas:
    """Return the canvas of a new sheet, with title, way back to `README`, note and column widths.

    Parameters
    ----------
    name
        The sheet's; its labels are called so, in lower case.
    banner
        Whether the title has the banner on the data beside it.
    methods
        Named at the end of the note.
    lines
        How many say below the note how the sheet is filled in.
    """
    canvas = book.canvas(name)
    key = name.lower()
    canvas.label(1, 1, f"{key}.title", "title")
    canvas.link(2, 1, "README", f"← {book.shown_title('README')}", role="back")
    canvas.note = book.labels.text(f"{key}.note") + ", ".join(methods)
    canvas.has_banner = banner
    canvas.widths(widths)
    for number in range(1, lines + 1):
        canvas.label(number + 2, 1, f"{key}.how{number}")
    return canvas
