"""`Assessment`: how certain the ranks are, as `xlcity assess --into` stored it."""

from __future__ import annotations

from functools import partial
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import GENERAL, ONE_DECIMAL
from xlcity.workbook.drawing.styles import PUBLISHED_CENTER
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.workbook.reading.stored_assessment import (
    CITIES,
    SETTING_NAMES,
    SETTINGS,
    STATE,
)
from xlcity.workbook.sheets.analyses.assessment import (
    ASSESSMENT,
    REPLICATES,
    STATE_ROW,
    WHY_ROW,
    assessed_rows,
    city_name,
    draw_inputs,
    go_grey,
    stored_column,
)
from xlcity.workbook.sheets.checking.checks import NOTES, Check
from xlcity.workbook.sheets.table import Column, RowCells, Table, gap

#: Rows of the settings in words, and of the headings of the table.
SETTINGS_ROW = 6
#: Row of the cities whose ranks are those of a part of the replicates.
UNRANKED_ROW = 7
HEADER = 9
#: How current the results are -> the mark of the sentence that says so.
STATES = {"stale": "bad", "none": "note", "current": "good"}
#: Width of the ranks that a city's is not told apart from.
ALIKE = 40
#: Last column of the statements above the table.
LAST_STATEMENT_COLUMN = 12


def stored_column_ref(book: Book, name: str) -> str:
    """Return the address of a stored column, ids or ranks, for formulas of other sheets."""
    column = [column.name for column in _columns(book)].index(name) + 1
    return Area.of_column(
        ASSESSMENT, column, HEADER + 1, HEADER + assessed_rows(book)
    ).ref()


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, ASSESSMENT, banner=True)
    slots = book.layout.slots
    cities = Table(
        canvas,
        HEADER - 1,
        first=HEADER + 1,
        last=HEADER + assessed_rows(book),
        columns=_columns(book),
        codes=HEADER,
    )
    go_grey(
        canvas,
        canvas.area(
            cities.first,
            1,
            cities.last,
            cities.column("alike"),
        ),
    )
    cities.draw()
    book.define(
        CITIES, canvas.area(HEADER, 1, cities.last, cities.column("population"))
    )
    settings = cities.right + 2
    column = cities.column("placed")
    placed = canvas.area(cities.first, column, cities.first + slots - 1, column)
    same = cities.area("same").ref(home=ASSESSMENT)
    inputs = draw_inputs(
        book, canvas, HEADER, settings + 3, same=same, positions=placed
    )
    _draw_settings(book, canvas, settings, inputs)
    _draw_statements(book, canvas, settings, inputs)
    canvas.close(HEADER, 2, titles=(HEADER - 1, HEADER))


def _columns(book: Book) -> tuple[Column, ...]:
    """Return ranks, intervals, probabilities, ranks alike, and where each city is now."""
    layout = book.layout

    def stored(name: str, *look: Any, helper: bool = False) -> Column:
        return stored_column(
            book, CITIES, name, f"robustness.{name}", *look, helper=helper
        )

    def helper(name: str, formula: Any) -> Column:
        return Column(
            name,
            f"robustness.{name}",
            formula,
            number=ONE_DECIMAL,
            width=8,
            helper=True,
        )

    center = PUBLISHED_CENTER
    return (
        stored("unit", "id", "@", 18),
        Column(
            "name",
            "data.name",
            lambda cells: city_name(layout, cells.unit),
            "name",
            width=26,
        ),
        stored("rank", center, "0", 7),
        stored("score", "published", "0.00", 9),
        *(stored(end, center, "0.0", 8) for end in ("median", "low", "high")),
        *(stored(top, center, "0%", 8) for top in ("top_3", "top_5", "top_10")),
        stored("group", center, "0", 7),
        stored("alike", "published", "@", ALIKE),
        gap(1.5),
        stored("population", "id", "@", 12, helper=True),
        helper("same", partial(_count_same_cities, layout)),
        helper("placed", partial(_position_in_table, layout)),
    )


def fill_text(text: str, *values: str) -> str:
    """Return the formula of a text with values in place of #1, #2 and so on."""
    for number, value in enumerate(values, 1):
        text = f'SUBSTITUTE({text},"#{number}",{value}&"")'
    return text


def _count_same_cities(layout: Layout, cells: RowCells) -> str:
    ids, populations = (layout.city(name).ref() for name in ("id", "population"))
    return f'IF({cells.unit}="","",COUNTIFS({ids},{cells.unit},{populations},{cells.population}))'


def _position_in_table(layout: Layout, cells: RowCells) -> str | None:
    """Return the formula of the position in this table of the city in a row of `Index`."""
    if cells.slot >= layout.slots:
        return None
    unit = f"{INDEX}!{cell(FIRST + cells.slot, 1, Fix.COLUMN)}"
    return f'IF({unit}="",0,IFERROR(MATCH({unit},{cells.unit.column_cells},0),0))'


def _draw_settings(book: Book, canvas: Canvas, left: int, inputs: Table) -> None:
    """Write the stored settings of the run, and whether its results are current."""
    first = HEADER + 1
    canvas.widths({left: 12, left + 1: 14})
    for row, name in enumerate(SETTING_NAMES, first):
        canvas.put(row, left, name, "helper")
        canvas.put(
            row,
            left + 1,
            book.spec.assessed.settings.get(name),
            "helper",
            number=GENERAL,
        )
    last = first + len(SETTING_NAMES) - 1
    book.define(SETTINGS, canvas.area(first, left, last, left + 1))
    changed = inputs.area("changed").ref(home=ASSESSMENT)
    state_now = f'IF(SUM({changed})>0,"stale","current")'
    state = f'IF(ISNUMBER({REPLICATES}),{state_now},"none")'
    canvas.put(last + 1, left, "state", "helper")
    canvas.formula(last + 1, left + 1, state, "helper")
    book.define(STATE, canvas.area(last + 1, left + 1))
    for row, word in enumerate(STATES, last + 2):
        canvas.put(row, left, word, "helper")
        canvas.label(row, left + 1, f"robustness.{word}", "helper")


def _draw_statements(book: Book, canvas: Canvas, left: int, inputs: Table) -> None:
    """Write the state of the assessment, its reasons and settings; add the row of `Checks`."""
    text = book.labels.ref
    names, changed = (inputs.area(name).ref() for name in ("name", "changed"))
    changed_input = f"INDEX({names},MATCH(1,{changed},0))"
    first_state = HEADER + 1 + len(SETTING_NAMES) + 1
    words, texts = (
        canvas.range(first_state, column, first_state + len(STATES) - 1)
        for column in (left, left + 1)
    )
    state = f"INDEX({texts},MATCH({STATE},{words},0))"
    canvas.formula(STATE_ROW, 1, state, "plain", bold=True)
    further = f'IF(SUM({changed})>1," (+"&SUM({changed})-1&")","")'
    why = f"{text('robustness.changed')}&{changed_input}&{further}"
    canvas.formula(WHY_ROW, 1, f'IF({STATE}="stale",{why},"")', "plain")
    area = canvas.area(STATE_ROW, 1, WHY_ROW, LAST_STATEMENT_COLUMN)
    for state, mark in STATES.items():
        canvas.mark(
            area, f'AND({cell(STATE_ROW, 1, Fix.COLUMN)}<>"",{STATE}="{state}")', mark
        )
    settings = {
        name: cell(row, left + 1, Fix.BOTH)
        for row, name in enumerate(SETTING_NAMES, HEADER + 1)
    }
    values = (settings[name] for name in ("seed", "node", "version", "varied"))
    how = fill_text(text("robustness.settings"), REPLICATES, *values)
    canvas.formula(SETTINGS_ROW, 1, f'IF({STATE}="none","",{how})', "note")
    unranked = settings["unranked"]
    partly = fill_text(text("robustness.unranked"), unranked)
    has_partly = f'AND({STATE}<>"none",{unranked}<>"")'
    canvas.formula(UNRANKED_ROW, 1, f'IF({has_partly},{partly},"")', "note")
    detail = f'IFERROR({changed_input},"")'
    book.checks.append(
        Check("assessment", f"SUM({changed})", NOTES, detail=detail, sheet=ASSESSMENT)
    )
