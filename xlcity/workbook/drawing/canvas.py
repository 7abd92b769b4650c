"""Writing on sheets: every cell by its role, counted, with labels in the book's language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xlcity.workbook.drawing import flags
from xlcity.workbook.drawing.flags import Flags
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.drawing.printing import PrintedSheet
from xlcity.workbook.drawing.styles import ACCENT, FONT, TABS, Styles
from xlcity.workbook.drawing.worksheet import worksheet_class
from xlcity.workbook.labels import Labels, in_language, quoted, text_alone
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.tab_titles import tab_title
from xlcity.xlsx.editing.rename_sheets import sheet_renamer

#: Status of a check, or verdict -> mark.
STATUS_MARKS = {
    "pass": "good", "fail": "bad", "note": "note", "draft": "note", "skipped": "skipped",
}  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class WordList:
    """Cells with values, those with the texts that they mean, and these texts."""

    values: Area
    area: Area
    texts: tuple[str, ...]


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
    #: Beginning of labels -> the list of those that formulas look up by their last word.
    words: dict[str, WordList] = field(default_factory=dict)

    def canvas(self, sheet: str) -> Canvas:
        """Add a sheet and return its canvas."""
        title = self.titles.get(sheet, sheet)
        worksheet = self.workbook.add_worksheet(title, worksheet_class())
        worksheet.set_tab_color(TABS[self.families.get(sheet, "calculation")])
        worksheet.hide_gridlines(2)
        worksheet.set_zoom(90)
        return Canvas(self, sheet, worksheet)

    def define(self, name: str, area: Area | str) -> None:
        """Define a workbook-level name."""
        ref = area if isinstance(area, str) else area.ref()
        self.workbook.define_name(name, f"={self.retitled(ref)}")
        self.names.add(name)

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

    def pick(self, zh: str, en: str) -> str:
        """Return the text in the book's language, as formulas have it."""
        return quoted(in_language(zh, en, self.spec.language, " / "))

    def word_of(self, words: str, value: str) -> str:
        """Return the formula of the text that a value means in one of the lists of `words`."""
        values, texts = self.words[words].values.ref(), self.words[words].area.ref()
        return f"INDEX({texts},MATCH({value},{values},0))"


class Canvas(PrintedSheet):
    """One sheet. Rows and columns are 1-based, as in the addresses that formulas use."""

    def __init__(self, book: Book, name: str, worksheet: Any) -> None:
        prints = name in book.printed
        super().__init__(book.spec, book.labels, name, worksheet, prints=prints)
        self.book = book
        self._style = book.styles.get

    # -- addresses -----------------------------------------------------------------------------
    def area(self, row: int, column: int, last_row: int = 0, last_column: int = 0) -> Area:
        """Return a cell of the sheet, or the rectangle down and right to the last ones named."""
        return Area(self.name, row, column, last_row or row, last_column or column)

    def range(
        self, row: int, column: int, last_row: int = 0, last_column: int = 0, fix: str = "rc"
    ) -> str:
        """Return the address of such a rectangle, as formulas of the sheet write it."""
        return self.area(row, column, last_row, last_column).ref(fix, self.name)

    # -- cells ---------------------------------------------------------------------------------
    def text(self, row: int, column: int, text: str, role: str = "plain", **style: Any) -> None:
        """Write static text."""
        self.sheet.write_string(row - 1, column - 1, text, self._style(role, **style))
        if text[:1].isdigit():
            self.book.flags.add(self.sheet.name, flags.TEXT, row, column)

    def number(
        self, row: int, column: int, value: float, role: str, number: str = "", **style: Any
    ) -> None:
        """Write a static number."""
        self.sheet.write_number(row - 1, column - 1, value, self._style(role, number, **style))

    def blank(self, row: int, column: int, role: str, **style: Any) -> None:
        """Write an empty styled cell."""
        self.sheet.write_blank(row - 1, column - 1, None, self._style(role, **style))

    def band(self, row: int, columns: Iterable[int], role: str) -> None:
        """Write empty styled cells in a row."""
        for column in columns:
            self.blank(row, column, role)

    def static(
        self, row: int, column: int, value: object, role: str, number: str = "", **style: Any
    ) -> None:
        """Write a number or a text as it is; None and "" leave the cell empty."""
        if value is None or value == "":
            self.sheet.write_blank(row - 1, column - 1, None, self._style(role, number, **style))
        elif isinstance(value, (int, float)):
            self.number(row, column, value, role, number, **style)
        else:
            shape = {"num_format": number} if number else {}
            self.text(row, column, str(value), role, **shape, **style)

    def formula(
        self,
        row: int,
        column: int,
        formula: str | None,
        role: str = "calculation",
        number: str = "",
        **style: Any,
    ) -> None:
        """Write a formula, without its equals sign; None leaves a blank cell.

        What is no more than a text is written as that text. An empty one stays a formula: where
        another cell shows it, LibreOffice takes a cell with an empty text for 0.
        """
        if formula is None:
            self.blank(row, column, role, **style)
            return
        if text := text_alone(formula):
            self.text(row, column, text, role, **style)
            return
        titled = self.book.retitled(formula)
        self.sheet.put_formula(row - 1, column - 1, titled, self._style(role, number, **style))
        self.book.counts.formula_cells += 1
        self.book.flags.add(self.sheet.name, flags.FORMULA, row, column)

    def array(self, area: Area, formula: str, role: str = "udf", number: str = "") -> None:
        """Write one array formula over a rectangle; library functions count as UDF cells."""
        self.sheet.write_array_formula(
            *area.from_zero,
            f"{{={self.book.retitled(formula)}}}",
            self._style(role, number),
        )
        self.book.counts.formula_cells += area.rows * area.columns
        for row in range(area.r1, area.r2 + 1):
            for column in range(area.c1, area.c2 + 1):
                self.book.flags.add(self.sheet.name, flags.RESULT, row, column)
        if role.startswith("udf"):
            self.book.counts.add_call(area)

    def overlay(self, area: Area, call: str) -> None:
        """Write one call of functions over formulas that are drawn; the cells look as before."""
        self.sheet.put_array(area, self.book.retitled(call))
        self.book.counts.add_call(area)

    def label(self, row: int, column: int, key: str, role: str = "plain", **style: Any) -> None:
        """Write a label in the language of the book."""
        self.text(row, column, self.book.labels.text(key), role, **style)

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
            self.book.flags.add(self.sheet.name, flags.TEXT, row, column)
        if count:
            self.book.counts.input_cells += 1

    def link(
        self, row: int, column: int, target: str, text: str, role: str = "link", **style: Any
    ) -> None:
        """Write a text that leads to another sheet; "" leaves what stands in the cell."""
        url = f"internal:'{self.book.titles[target]}'!A1"
        self.sheet.write_url(row - 1, column - 1, url, self._style(role, **style), string=text)

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
        self.link(2, 1, "README", f"← {self.book.shown_title('README')}", "back")
        listed = self.book.labels.text(note) + ", ".join(methods)
        self.text(2, note_column, listed, "note")
        if banner_column:
            self.formula(1, banner_column, "xl_banner", "warning")

    def closing(self, row: int, key: str, last: int) -> None:
        """End a list: an empty row, below it one whose label says that lines end here."""
        self.gap(row - 1)
        self.label(row, 1, key, "closing")
        self.band(row, range(2, last + 1), "closing")

    def mark(self, area: Area, criteria: str, mark: str, stop: bool = False) -> None:
        """Add a conditional format; the formula is written for the rectangle's first cell."""
        self.sheet.conditional_format(
            *area.from_zero,
            {
                "type": "formula",
                "criteria": f"={self.book.retitled(criteria)}",
                "format": self.book.styles.mark(mark),
                "stop_if_true": stop,
            },
        )

    def mark_words(self, area: Area, words: Mapping[str, str], watched: str = "") -> None:
        """Format cells by the word in the first of them, or in the cell `watched`: word -> mark."""
        word_cell = watched or cell(area.r1, area.c1)
        for word, mark in words.items():
            self.mark(area, f'{word_cell}="{word}"', mark)

    def mark_status(self, area: Area, watched: str = "") -> None:
        """Format cells by their status; books in Chinese show its Chinese word."""
        chinese = self.book.spec.language == "zh"
        words = {word: f"{word}_zh" if chinese else mark for word, mark in STATUS_MARKS.items()}
        self.mark_words(area, words, watched)

    def choices(
        self, area: Area, source: str | Sequence[str], warning: str = "", **options: Any
    ) -> None:
        """Add a drop-down list; with a warning, what is not on it may be typed nevertheless."""
        if warning:
            options = {"error_type": "warning", "error_title": "xlcity", "error_message": warning}
        shown = source if isinstance(source, str) else list(source)
        self.validate(area, {"validate": "list", "source": shown, **options})

    def refuse(self, area: Area) -> None:
        """Refuse what is typed over cells that are not locked, as a list that is sorted needs."""
        rule = {
            "validate": "custom",
            "value": "=FALSE",
            "error_title": "xlcity",
            "error_message": "由公式得出，请勿改写。\nMade by the template: do not change.",
        }
        self.validate(area, rule)

    def heads(
        self,
        row: int,
        keys: Iterable[str],
        left: int = 1,
        room: float | Sequence[float] = (),
        **style: Any,
    ) -> None:
        """Write column headings from left to right; an empty key leaves its cell alone.

        With `room`, the width of each or of all of them, the row is made high enough.
        """
        keys = tuple(keys)
        if room:
            widths = [room] * len(keys) if isinstance(room, (int, float)) else room
            self.fit_labels(row, zip(keys, widths, strict=False), 9, 30)
        for column, key in enumerate(keys, left):
            if key:
                self.label(row, column, key, "header", **style)

    def field_heads(
        self,
        row: int,
        page: str,
        names: Sequence[str],
        left: int = 1,
        code_row: int = 0,
        widths: Sequence[float] = (),
    ) -> None:
        """Write headings from the labels of a page, and below them the names of the fields.

        With the widths of the columns the row is made high enough.
        """
        keys = [f"{page}.{name}" for name in names]
        if widths:
            self.fit_labels(row, zip(keys, widths, strict=False), least=18)
        for column, (key, name) in enumerate(zip(keys, names, strict=True), left):
            self.label(row, column, key, "header")
            self.text(code_row or row + 1, column, name, "stub_code")

    def label_heads(self, row: int, code_row: int, keys: Iterable[str], **style: Any) -> None:
        """Write headings from the first column on, and the same words in the row of codes."""
        for column, key in enumerate(keys, 1):
            self.label(row, column, key, "header", **style)
            self.label(code_row, column, key, "stub_code")

    def node_heads(
        self, row: int, codes: Iterable[str], left: int, size: float = 9, code_row: int = 0
    ) -> None:
        """Write the names of nodes as headings, and their codes in a row below."""
        for column, code in enumerate(codes, left):
            name = self.book.layout.framework_cell(code, "display")
            self.formula(row, column, name, "header", font_size=size)
            if code_row:
                self.text(code_row, column, code, "stub_code")

    def chooser(
        self,
        row: int,
        column: int,
        value: object,
        source: str | Sequence[str],
        warning: str = "",
        role: str = "chooser",
        number: str = "@",
        **options: Any,
    ) -> None:
        """Write an input with a drop-down list."""
        self.input(row, column, value, role, number)
        self.choices(self.area(row, column), source, warning, **options)

    def stubs(
        self, rows: Iterable[tuple[int, str]], role: str = "stub_line", height: float = 0
    ) -> None:
        """Write labels of rows above the cities, in the column of names."""
        for row, key in rows:
            if height:
                self.sheet.set_row(row - 1, height)
            self.stub(row, self.book.labels.ref(key), role)

    def stub(self, row: int, formula: str, role: str = "stub_line") -> None:
        """Write what a row above the cities holds, in the column of names."""
        self.blank(row, 1, "stub")
        self.formula(row, 2, formula, role)

    def block_columns(self, block: Block, width: float) -> None:
        """Set the width of the columns of a block, and of the gap behind it."""
        self.columns(block.left, block.right, width)
        self.columns(block.right + 1, block.right + 1, 2)

    def fill(
        self,
        block: Block,
        formula: Callable[[str, int], str | None],
        role: str = "calculation",
        number: str | Callable[[str], str] = "",
        codes: Iterable[str] = (),
        **style: Any,
    ) -> None:
        """Write the formula of each code and row of a block; None leaves a blank cell."""
        for code in codes or block.codes:
            column, form = block.column(code), number if isinstance(number, str) else number(code)
            for row in range(block.first_row, block.last_row + 1):
                self.formula(row, column, formula(code, row), role, form, **style)

    def insert_chart(
        self,
        chart: Any,
        title: str,
        row: int,
        column: int,
        width: float,
        height: float,
    ) -> None:
        """Put a chart of a size in pixels on a cell that has its title, given as a formula.

        The title says where data are invented.
        """
        title += f'&IF(xl_synthetic>0,{self.book.labels.ref("chart.synthetic")},"")'
        self.formula(row, column, title, "id", font_size=8)
        font = {"name": FONT, "size": 11, "color": ACCENT, "bold": True}
        address = f"={self.book.retitled(self.area(row, column).ref())}"
        chart.set_title({"name": address, "overlay": False, "name_font": font})
        chart.set_size({"width": width, "height": height})
        self.sheet.insert_chart(row - 1, column - 1, chart, {"object_position": 3})

    def validate(self, area: Area, rule: Mapping[str, Any]) -> None:
        """Accept in some cells only what a rule allows."""
        self.sheet.data_validation(*area.from_zero, self.book.retitled_options(rule))
