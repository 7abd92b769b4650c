"""`Sources`: the sources of values, by indicator and, where they differ, by cell."""

from __future__ import annotations

from dataclasses import replace

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL, INTEGER
from xlcity.workbook.drawing.styles import CENTER, SMALL, STUB_CENTER
from xlcity.workbook.labels import in_language
from xlcity.workbook.layout.rows import CODE
from xlcity.workbook.sheets.table import (
    Column,
    RowCells,
    Table,
    field_of,
    fields,
    item_table,
)

FIRST_INDICATOR = 6
WIDTHS = (
    *(22, 26, 30, 34, 18, 30, 30, 18, 30, 22),
    # Behind a gap: cities, indicators and what is said of their values.
    *(3, 14, 8, 44, 8),
)
#: Status word -> letter, as the sheets show it.
LETTERS = {
    "printed": "P",
    "entered": "E",
    "substituted": "S",
    "derived": "D",
    "synthetic": "Y",
}
#: The letters in the legend: its first row and column, and the column that counts the values.
SHOWN = (*LETTERS.items(), ("missing", "M"), ("unusable", "!"))
LEGEND = 4
LEGEND_LEFT = 12
COUNT = 15
WRAPPED = {**SMALL, "text_wrap": True}
#: What is typed of the source of each indicator, and of values whose source is another one.
SOURCE_FIELDS = ("source_zh", "source", "period", "scope", "url")
EXCEPTION = ("year", "url", "entered_by", "checked_by")


def draw(book: Book) -> None:
    """Draw the sheet; the status letters themselves stand beside the values on `Messages`."""
    canvas = titled_sheet(book, "Sources", WIDTHS)
    layout = book.layout
    canvas.heading(3, 1, "sources.defaults")

    inputs = [book.spec.framework.inputs[code] for code in layout.inputs]
    last = FIRST_INDICATOR + len(inputs) - 1
    columns = fields(
        "sources",
        code=Column(role="stub", value=field_of("code"), style=SMALL),
        display=Column(
            formula=lambda cells: layout.node_name(cells.item.code),
            role="name",
            style={"text_wrap": True},
        ),
        **{
            name: Column(role="input", value=field_of(name), style=WRAPPED)
            for name in SOURCE_FIELDS
        },
    )
    Table(
        canvas,
        FIRST_INDICATOR - 2,
        first=FIRST_INDICATOR,
        last=last,
        columns=columns,
        codes=FIRST_INDICATOR - 1,
        items=inputs,
        define="xl_sources",
        mutes=True,
    ).draw()
    canvas.gap(FIRST_INDICATOR - 1)
    _draw_legend(book, canvas)
    _draw_exceptions(book, canvas, last + 2)
    canvas.close(2, 2)


def _draw_legend(book: Book, canvas: Canvas) -> None:
    """Write what each status letter means and how many values have it."""
    letters = book.layout.letters.span().ref()
    canvas.heading(LEGEND - 1, LEGEND_LEFT, "sources.status")
    item_table(
        canvas,
        LEGEND - 1,
        SHOWN,
        (
            Column(role="stub", value=lambda cells: cells.item[0]),
            Column("letter", role=STUB_CENTER, value=lambda cells: cells.item[1]),
            Column(
                formula=lambda cells: book.labels.ref(f"status.{cells.item[0]}"),
                style=SMALL,
            ),
            Column(
                formula=lambda cells: f'COUNTIF({letters},"{cells.item[1]}")',
                role=CENTER,
                number=INTEGER,
                style=SMALL,
            ),
        ),
        left=LEGEND_LEFT,
    ).draw()
    last = LEGEND + len(LETTERS) - 1
    book.define("xl_status_words", canvas.area(LEGEND, LEGEND_LEFT, last))
    book.define("xl_status_letters", canvas.area(LEGEND, LEGEND_LEFT + 1, last))


def letter_count(letter: str) -> str:
    """Return the cell that counts the values with a status letter: one count for all sheets."""
    row = LEGEND + [shown for _, shown in SHOWN].index(letter)
    return f"Sources!{cell(row, COUNT, Fix.BOTH)}"


def _draw_exceptions(book: Book, canvas: Canvas, title: int) -> None:
    """Write the values whose source is not that of their indicator."""
    layout = book.layout
    header = title + 2
    canvas.heading(title, 1, "sources.exceptions")
    canvas.label(title + 1, 1, "sources.exceptions.note", "note")
    codes = layout.typed.rows_of(layout.inputs, CODE, CODE).ref()

    def key(cells: RowCells) -> str:
        unit = cells.city
        code = cells.indicator
        value = cells.value
        now = f"INDEX(xl_typed,MATCH({unit},xl_letter_units,0),MATCH({code},{codes},0))"
        key = f'{unit}&"|"&{code}'
        stated = f'IF({value}="",{key},IFERROR(IF({now}={value},{key},""),""))'
        return f'IF(OR({unit}="",{code}="",{cells.basis}=""),"",{stated})'

    def letter(cells: RowCells) -> str:
        word = f"MATCH({cells.basis},xl_status_words,0)"
        return f'IF({cells.basis}="","",IFERROR(INDEX(xl_status_letters,{word}),"?"))'

    def remark(cells: RowCells) -> str:
        zh, en = (
            field_of(f"remark_{language}")(cells) or "" for language in ("zh", "en")
        )
        return in_language(str(zh), str(en), book.spec.language, " / ")

    typed = Column(role="input", number=AS_TEXT, style=SMALL)
    columns = fields(
        "sources",
        city=replace(typed, value=field_of("unit"), choices="=xl_units"),
        indicator=replace(typed, value=field_of("code"), choices="=xl_codes"),
        value=replace(typed, value=field_of("value"), number=GENERAL),
        basis=replace(
            typed,
            value=field_of("basis"),
            choices=list(LETTERS),
            define="xl_exception_bases",
        ),
        **{
            name: replace(
                typed, value=field_of(name), style=WRAPPED if name == "url" else SMALL
            )
            for name in EXCEPTION
        },
        remark=replace(typed, value=remark, style=WRAPPED),
        key=Column(formula=key, role="id", define="xl_exception_keys"),
        letter=Column(
            formula=letter, role=CENTER, style=SMALL, define="xl_exception_letters"
        ),
    )
    Table(
        canvas,
        header,
        first=header + 2,
        last=header + 1 + layout.exception_rows,
        columns=columns,
        codes=header + 1,
        items=book.spec.exceptions,
        define="xl_exceptions",
        mutes=True,
    ).draw()
    canvas.gap(header + 1)
