"""`PreviousData` and `Previous`: the edition before, and how ranks have moved since.

What is known of the edition before is input: a matrix of its ranks and values, cities found by id.
What a report printed of it stands beside, so that an overwritten cell loses its status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.last_edition import LastEdition
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    IN_CODE,
    IN_FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_WEIGHT,
    Layout,
)
from xlcity.workbook.sheets.calculate import unit_columns
from xlcity.workbook.sheets.last import LETTERS

DATA, PRINTED, SHEET = "PreviousData", "PreviousPrinted", "Previous"
#: Rows of the printed list.
LIST_HEADER, LIST_FIRST = 4, 6
COLUMN = 13
#: Columns of `Previous` before the nodes: id, name, position on `PreviousData`, "*" for a new city.
POSITION, NEW, LEFT = 3, 4, 5
NODE = ("then", "now", "change", "status")
WIDTHS = (7, 7, 7, 6)
#: Columns of the list of what was printed.
LISTED = (
    "key", "unit", "code", "rank", "value", "period", "letter", "where", "current",
    "current_period", "growth", "rank_letter",
)  # fmt: skip
LISTED_WIDTHS = (24, 16, 9, 8, 10, 18, 8, 10, 10, 18, 10, 8)
CHANGE = '"▲ "0;"▼ "0;"＝"'

LABELS = (
    (
        "contents.PreviousData",
        "上一轮的名次与数值（可补填）",
        "Ranks and values of the edition before (to be completed)",
    ),
    ("previousdata.title", "上一轮数据", "The edition before"),
    (
        "previousdata.note",
        "黄色格可补填；按城市代码对应。数值与 PreviousPrinted 表印出的相同时才带其状态，"
        "改写后为“用户填入”。",
        "Fill in the yellow cells; cities go by id. A number has the status told on "
        "PreviousPrinted while it is the same; typed over it is an entered one.",
    ),
    ("previousdata.ranks", "上一轮名次", "Rank in the edition before"),
    ("previousdata.values", "上一轮数值或得分", "Value or score in the edition before"),
    ("previousdata.period", "时期", "Period"),
    (
        "contents.PreviousPrinted",
        "报告印出的上一轮名次与数值，逐条",
        "What the report prints of the edition before, line by line",
    ),
    ("previousprinted.title", "上一轮印出值", "The edition before as printed"),
    (
        "previousprinted.note",
        "照录。状态 P 印出，D 由印出的变化推得。",
        "As printed. Status: P printed, D derived from a printed change.",
    ),
    ("previousdata.key", "键", "Key"),
    ("previousdata.code", "指标代码", "Code"),
    ("previousdata.rank", "名次", "Rank"),
    ("previousdata.value", "数值", "Value"),
    ("previousdata.letter", "状态", "Status"),
    ("previousdata.rank_letter", "名次状态", "Status of the rank"),
    ("previousdata.where", "报告行", "Report line"),
    ("previousdata.current", "本轮印出值", "Printed now"),
    ("previousdata.current_period", "本轮时期", "Period now"),
    ("previousdata.growth", "印出增长率", "Printed growth"),
    ("contents.Previous", "与上一轮名次比较", "Ranks beside those of the edition before"),
    ("previous.title", "与上一轮比较", "Since the edition before"),
    (
        "previous.note",
        "变化 = 上轮名次 - 本轮名次（▲ 上升，▼ 下降，＝ 不变）；* 为新增城市。状态：P 印出，D "
        "由印出的变化推得，E 用户填入。两轮参评城市不同，名次按各自样本。",
        "Change = rank then - rank now (▲ up, ▼ down, ＝ unchanged); * is a new city. Status: P "
        "printed, D derived from a printed change, E entered. Each rank is in its own sample.",
    ),
    ("previous.then", "上轮", "Then"),
    ("previous.now", "本轮", "Now"),
    ("previous.change", "变化", "Change"),
    ("previous.status", "状态", "Status"),
    ("previous.position", "行", "Row"),
    ("previous.new", "新增", "New"),
    ("previous.up", "上升", "Up"),
    ("previous.same", "不变", "Unchanged"),
    ("previous.down", "下降", "Down"),
    ("previous.compared", "可比较的城市", "Cities compared"),
)


#: Words of an edition that follows one made with a workbook: what it knows was not only printed.
LATER_LABELS = (
    (
        "previousdata.note",
        "黄色格可补填；按城市代码对应。数值与 PreviousPrinted 表所列的相同时才带其状态，"
        "改写后为“用户填入”。",
        "Fill in the yellow cells; cities go by id. A number has the status told on "
        "PreviousPrinted while it is the same; typed over it is an entered one.",
    ),
    (
        "contents.PreviousPrinted",
        "上一版的名次与数值及其状态，逐条",
        "Ranks and values of the edition before with their status, line by line",
    ),
    ("previousprinted.title", "上一版的名次与数值", "The edition before, line by line"),
    (
        "previousprinted.note",
        "取自 LastEdition。状态：P 印出，E 填入，S 替代，C 由实际数据计算，D 含推算值，"
        "Y 含虚构值。",
        "From LastEdition. Status: P printed, E entered, S substituted, C computed from real data, "
        "D resting on derived, Y on invented values.",
    ),
    (
        "previous.note",
        "变化 = 上轮名次 - 本轮名次（▲ 上升，▼ 下降，＝ 不变）；* 为新增城市。状态：P 印出，"
        "C 由实际数据计算，D 含推算值，Y 含虚构值，E 用户填入。两轮参评城市不同，名次按各自样本。",
        "Change = rank then - rank now (▲ up, ▼ down, ＝ unchanged); * is a new city. Status: P "
        "printed, C computed from real data, D resting on derived, Y on invented values, E "
        "entered. Each rank is in its own sample.",
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one unit and code in the edition before, and what is printed of now."""

    unit: str
    code: str
    rank: int | None = None
    value: float | None = None
    period: str = ""
    basis: str = "printed"
    where: str = ""
    current: float | None = None
    current_period: str = ""
    growth: float | None = None
    #: Status of the rank, where it is not that of the value.
    rank_basis: str = ""


@dataclass(frozen=True)
class Edition:
    """The edition before and where it stands.

    Parameters
    ----------
    lines
        What the report printed of it.
    new
        Attribute and its value that say a unit is new in this edition; without an attribute it is
        one that the edition before did not have.
    averages
        Indicator -> printed average growth, as a share.
    units
        Ids of the cities of the edition before; None takes those that the template ships with.
    """

    layout: Layout
    lines: tuple[Line, ...]
    new: tuple[str, str] = ("", "")
    averages: Mapping[str, float] = field(default_factory=dict)
    units: tuple[str, ...] | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """Ids of the cities of the edition before."""
        shipped = self.layout.spec.published_units
        return tuple(unit.id for unit in shipped) if self.units is None else self.units

    @property
    def last(self) -> int:
        """Last input row of `PreviousData`; the closing row is below it."""
        return IN_FIRST + max(self.layout.slots, len(self.known)) - 1

    @property
    def valued(self) -> tuple[str, ...]:
        """Codes that may have a value or a score in the edition before."""
        return (*self.layout.composites, *self.layout.indicators)

    def column(self, what: str, code: str) -> int:
        """Return the column of a code's "rank" or "value" on `PreviousData`."""
        if what == "rank":
            return 3 + self.layout.composites.index(code)
        return 4 + len(self.layout.composites) + self.valued.index(code)

    def whole(self, column: int) -> str:
        """Return a column of `PreviousData`, code row to closing row."""
        return Area(DATA, IN_CODE, column, self.last + 1, column).ref()

    def listed(self, name: str) -> str:
        """Return a column of the printed list."""
        column = LISTED.index(name) + 1
        last = LIST_FIRST + max(len(self.lines), 1) - 1
        return Area(PRINTED, LIST_FIRST, column, last, column).ref()

    def number(self, what: str, code: str, position: str) -> str:
        """Return the formula of a number of the edition before, "" where there is none."""
        found = f"INDEX({self.whole(self.column(what, code))},{position})"
        return f'IF({position}="","",IFERROR(IF({found}="","",IF(TYPE({found})=1,{found},"")),""))'

    def letter(self, what: str, unit: str, code: str, number: str) -> str:
        """Return the formula of a number's status letter; `code` is a formula, too."""
        at = f'MATCH({unit}&"|"&{code},{self.listed("key")},0)'
        letter = "rank_letter" if what == "rank" else "letter"
        return (
            f"IF(ISNUMBER({number}),IFERROR(IF(INDEX({self.listed(what)},{at})={number},"
            f'INDEX({self.listed(letter)},{at}),"E"),"E"),"")'
        )


def lines_of(last: LastEdition, codes: Collection[str]) -> tuple[Line, ...]:
    """Return what a book knows of the edition before: ranks, scores, and values that compare.

    `codes` are those of this edition.
    """
    lines = []
    same = {**{node: node for node in last.nodes}, **last.comparable()}
    for code, then in same.items():
        if code not in codes:
            continue
        kinds = ("scores",) if then in last.nodes else ("values", "made")
        for unit in last.units:
            at = unit, then
            kind = next((kind for kind in kinds if at in last.numbers(kind)), "")
            value = last.numbers(kind)[at] if kind else None
            rank = last.ranks.get(at)
            if rank is None and value is None:
                continue
            line = Line(
                unit,
                code,
                rank,
                value,
                last.edition,
                last.status.get((kind, *at), ""),
                rank_basis=last.status.get(("ranks", *at), ""),
            )
            lines.append(line)
    return tuple(lines)


def draw_data(book: Book, edition: Edition) -> None:
    """Draw `PreviousData`."""
    canvas, layout = book.canvas(DATA), book.layout
    canvas.heading("previousdata", "previousdata.note", banner_column=7)
    canvas.widths([16, 18])
    units = edition.known
    for column, key in ((1, "data.id"), (2, "data.name")):
        canvas.label(ROW_NAME + 1, column, key, "header")
        canvas.label(IN_CODE, column, key, "stub_code")
    canvas.thin(range(ROW_NAME + 3, IN_CODE))
    canvas.fit_names(ROW_NAME + 1, edition.valued, COLUMN)
    known = {(line.unit, line.code): line for line in edition.lines}
    for slot in range(edition.last - IN_FIRST + 1):
        row = IN_FIRST + slot
        unit = cell(row, 1, "c")
        canvas.input(row, 1, units[slot] if slot < len(units) else None, "input", "@")
        place = f"MATCH({unit},{layout.city('id').ref()},0)"
        canvas.formula(
            row, 2, f'IF({unit}="","",IFERROR(INDEX({layout.city("display").ref()},{place}),""))',
            "name",
        )  # fmt: skip
    blocks = (("rank", layout.composites), ("value", edition.valued))
    for what, codes in blocks:
        left = edition.column(what, codes[0])
        canvas.columns(left, left + len(codes) - 1, COLUMN)
        canvas.columns(left + len(codes), left + len(codes), 2)
        canvas.label(ROW_NAME, left, f"previousdata.{what}s", "section")
        for code in codes:
            column = edition.column(what, code)
            name = layout.framework_cell(code, "display")
            canvas.formula(ROW_NAME + 1, column, name, "header", font_size=9)
            periods = {line.period: 0 for line in edition.lines
                       if line.code == code and what == "value" and line.period}  # fmt: skip
            canvas.input(ROW_NAME + 2, column, " / ".join(periods), "input", font_size=8,
                         text_wrap=True)  # fmt: skip
            canvas.text(IN_CODE, column, f"rank {code}" if what == "rank" else code, "stub_code")
            for slot in range(edition.last - IN_FIRST + 1):
                line = known.get((units[slot], code)) if slot < len(units) else None
                shown = None if line is None else getattr(line, what)
                canvas.input(IN_FIRST + slot, column, shown, "input", "General")
    canvas.label(ROW_NAME + 2, 2, "previousdata.period", "stub")
    canvas.sheet.set_row(ROW_NAME + 1, 40)
    right = edition.column("value", edition.valued[-1])
    canvas.label(edition.last + 1, 1, "data.closing", "closing")
    for column in range(2, right + 1):
        canvas.blank(edition.last + 1, column, "closing")
    canvas.choices(Area(DATA, IN_FIRST, 1, edition.last, 1), "=xl_units", error_type="warning")
    canvas.frame(ROW_NAME + 2, 2)
    canvas.page(
        Area(DATA, 1, 1, edition.last + 1, right),
        a3=True,
        split=(
            edition.column("value", edition.valued[0]),
            edition.column("value", layout.indicators[0]),
        ),
    )
    canvas.protect()


def draw_printed(book: Book, edition: Edition) -> None:
    """Draw `PreviousPrinted`: what was printed, one line each."""
    canvas = book.canvas(PRINTED)
    canvas.heading("previousprinted", "previousprinted.note")
    canvas.widths(LISTED_WIDTHS)
    keys = {"unit": "data.id", "period": "previousdata.period"}
    names = [keys.get(name, f"previousdata.{name}") for name in LISTED]
    canvas.fit_labels(LIST_HEADER, zip(names, LISTED_WIDTHS, strict=True), 9)
    for column, (name, key) in enumerate(zip(LISTED, names, strict=True), 1):
        canvas.label(LIST_HEADER, column, key, "header", font_size=9)
        canvas.text(LIST_FIRST - 1, column, name, "stub_code")
    for row, line in enumerate(edition.lines, LIST_FIRST):
        entries = (
            f"{line.unit}|{line.code}", line.unit, line.code, line.rank, line.value, line.period,
            LETTERS.get(line.basis, ""), line.where, line.current, line.current_period, line.growth,
            LETTERS.get(line.rank_basis or line.basis, "") if line.rank is not None else None,
        )  # fmt: skip
        for column, entry in enumerate(entries, 1):
            number = "0.0%" if LISTED[column - 1] == "growth" else ""
            if entry is None or entry == "":
                canvas.blank(row, column, "published")
            elif isinstance(entry, str):
                canvas.text(row, column, entry, "published", font_size=9)
            else:
                canvas.number(row, column, entry, "published", number, font_size=9)
    last = LIST_FIRST + max(len(edition.lines), 1) - 1
    canvas.frame(LIST_HEADER, 0)
    canvas.page(Area(PRINTED, 1, 1, last, len(LISTED)), landscape=False)
    canvas.protect()


def node_left(layout: Layout, code: str) -> int:
    """Return the first of a node's columns on `Previous`."""
    return LEFT + (len(NODE) + 1) * layout.composites.index(code)


def draw(book: Book, edition: Edition) -> None:
    """Draw `Previous`."""
    canvas, layout = book.canvas(SHEET), book.layout
    canvas.heading("previous", "previous.note", banner_column=LEFT)
    canvas.widths([16, 20, 5, 5])
    unit_columns(book, canvas)
    canvas.thin(range(ROW_MEAN, CODE))
    attribute, value = edition.new
    heads = ((POSITION, "previous.position"), (NEW, "previous.new"))
    for column, key in heads:
        canvas.label(ROW_NAME, column, key, "header", font_size=9)
        canvas.blank(ROW_WEIGHT, column, "header")
        canvas.label(CODE, column, key, "stub_code")
    rows = (
        (ROW_FIXED_LOW, "previous.up"),
        (ROW_FIXED_HIGH, "previous.same"),
        (ROW_N, "previous.down"),
        (ROW_MEAN, "previous.compared"),
    )
    for row, key in rows:
        canvas.sheet.set_row(row - 1, 15)
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub")
    ids = edition.whole(1)
    for row in range(FIRST, layout.last + 1):
        unit = cell(row, 1, "c")
        canvas.formula(
            row, POSITION, f'IF({unit}="","",IFERROR(MATCH({unit},{ids},0),""))', "id", font_size=8
        )
        new = f'IF(AND({unit}<>"",{cell(row, POSITION, "c")}=""),"*","")'
        if attribute:
            new = f'IF({layout.city_cell(attribute, row)}="{value}","*","")'
        canvas.formula(row, NEW, new, "calculation_center")
    canvas.fit_names(ROW_NAME, layout.composites, 26, 10)
    canvas.fit_labels(ROW_WEIGHT, [(f"previous.{name}", 7.0) for name in NODE], 9)
    for code in layout.composites:
        _node(book, canvas, edition, code)
    canvas.frame(ROW_WEIGHT, 2)
    pillars = [child.code for child in book.spec.framework.children(layout.composites[0])]
    starts = [node_left(layout, code) for code in _page_starts(layout, pillars)]
    right = node_left(layout, layout.composites[-1]) + len(NODE) - 1
    canvas.page(Area(SHEET, 1, 1, layout.last, right), landscape=False, a3=True, split=starts)
    canvas.protect()


def _page_starts(layout: Layout, pillars: list[str]) -> list[str]:
    """Return the composites that begin a printed page: the first child of each pillar."""
    children = (layout.spec.framework.children(pillar) for pillar in pillars)
    return [found[0].code for found in children if found and found[0].code in layout.composites]


def _node(book: Book, canvas: Canvas, edition: Edition, code: str) -> None:
    layout = book.layout
    left = node_left(layout, code)
    then, now, change, status = range(left, left + len(NODE))
    for offset, (name, width) in enumerate(zip(NODE, WIDTHS, strict=True)):
        canvas.columns(left + offset, left + offset, width)
        canvas.label(ROW_WEIGHT, left + offset, f"previous.{name}", "header", font_size=9)
        canvas.text(CODE, left + offset, code if offset == 0 else "", "stub_code")
    canvas.columns(left + len(NODE), left + len(NODE), 1.5)
    name = layout.framework_cell(code, "display")
    canvas.merged(ROW_NAME, left, left + len(NODE) - 1, name, "header", font_size=9)
    moved = Area(SHEET, FIRST, change, layout.last, change).ref("r", SHEET)
    for row, criterion in ((ROW_FIXED_LOW, ">0"), (ROW_FIXED_HIGH, "0"), (ROW_N, "<0")):
        canvas.formula(row, change, f'COUNTIF({moved},"{criterion}")', "calculation_center", "0")
    canvas.formula(ROW_MEAN, change, f"COUNT({moved})", "calculation_center", "0")
    for row in range(FIRST, layout.last + 1):
        position, new = cell(row, POSITION, "c"), cell(row, NEW, "c")
        before = edition.number("rank", code, position)
        canvas.formula(
            row,
            then,
            f'IF(ISNUMBER({before}),{before},IF({new}="*","*",""))',
            "calculation_center",
            "0",
        )
        rank = layout.ranks.at(code, row, SHEET)
        canvas.formula(row, now, rank, "calculation_center", "0")
        pair = f"{cell(row, then)}:{cell(row, now)}"
        canvas.formula(
            row,
            change,
            f'IF(COUNT({pair})=2,{cell(row, then)}-{cell(row, now)},"")',
            "output_center",
            CHANGE,
        )
        here = cell(CODE, then, "r")
        letter = edition.letter("rank", cell(row, 1, "c"), here, cell(row, then))
        canvas.formula(row, status, letter, "calculation_center", font_size=8)
    column = Area(SHEET, FIRST, change, layout.last, change)
    here = cell(FIRST, change)
    canvas.mark(column, f"AND(ISNUMBER({here}),{here}>0)", "good")
    canvas.mark(column, f"AND(ISNUMBER({here}),{here}<0)", "note")
    for letter, mark in (("D", "derived"), ("Y", "synthetic")):
        for at in (then, status):
            area = Area(SHEET, FIRST, at, layout.last, at)
            canvas.mark(area, f'{cell(FIRST, status, "c")}="{letter}"', mark)
