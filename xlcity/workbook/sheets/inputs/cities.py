"""`Cities`: the cities that are scored, their names and their groups."""

from __future__ import annotations

import re

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import shown_name
from xlcity.workbook.layout.rows import CITY_COLUMNS, IN_CODE, IN_FIRST

#: Digits of a number that a cell keeps.
DIGITS = 15


def draw(book: Book) -> None:
    """Draw the sheet and define `xl_cities`, `xl_population` and the id column."""
    canvas, layout, spec = titled_sheet(book, "Cities"), book.layout, book.spec
    for row, key in enumerate(("cities.how1", "cities.how2", "cities.how3"), 3):
        canvas.label(row, 1, key, "plain")
    widths = [16, 12, 20, 14, 18, 14, 14, *[16] * len(spec.attributes)]
    canvas.widths(widths)
    canvas.thin((6,))
    canvas.gap(IN_CODE - 1)
    attributes = {group_type.attribute: group_type for group_type in spec.group_types}
    keys = [
        f"cities.{name}" if name in CITY_COLUMNS else f"attribute.{name}"
        for name in layout.city_columns
    ]
    canvas.fit_labels(IN_CODE - 2, zip(keys, widths, strict=True), least=18)
    for position, name in enumerate(layout.city_columns, 1):
        canvas.label(IN_CODE - 2, position, keys[position - 1], "header")
        canvas.text(IN_CODE, position, name, "stub_code", locked=False)
    units = spec.dataset.units
    for slot in range(layout.slots):
        row = IN_FIRST + slot
        unit = units[slot] if slot < len(units) else None
        canvas.input(row, 1, unit.id if unit else None, "input", "@")
        canvas.input(row, 2, unit.population if unit else None, "input_center", "@")
        canvas.formula(row, 3, _display(row, spec.language), "name", locked=False)
        names = (unit.name_zh, unit.name_en, *unit.aliases, "", "") if unit else ("",) * 4
        for column, text in enumerate(names[:4], 4):
            canvas.input(row, column, text)
        for column, name in enumerate(spec.attributes, len(CITY_COLUMNS) + 1):
            text = unit.attributes.get(name, "") if unit else ""
            value = text if name in attributes else number_or_text(text)
            canvas.input(row, column, value)
    ids = layout.city("id")
    first = cell(IN_FIRST, 1, "c")
    canvas.mark(ids, f'AND({first}<>"",COUNTIF({ids.ref("rc", "Cities")},{first})>1)', "bad")
    words = ", ".join(spec.populations)
    canvas.choices(
        layout.city("population"),
        list(spec.populations),
        ignore_blank=True,
        error_title="xlcity",
        error_message=f"{words} 或留空 / {words} or empty",
    )
    width = len(layout.city_columns)
    # Programs refuse to sort locked cells, so what is not to be typed over is refused here.
    for area in (layout.city("display"), canvas.area(IN_CODE, 1, IN_CODE, width)):
        canvas.refuse(area)
    for name in spec.attributes:
        if name in attributes:
            values = [group.value for group in attributes[name].groups]
            canvas.choices(layout.city(name), values, error_type="warning")
    book.define("xl_cities", canvas.area(IN_CODE, 1, layout.in_last, width))
    book.define("xl_population", layout.city("population"))
    book.define("xl_units", ids)
    canvas.frame(IN_CODE, 3, titles=(IN_CODE - 2, IN_CODE - 2))
    canvas.sheet.autofilter(IN_CODE - 1, 0, layout.in_last - 1, width - 1)
    canvas.page(canvas.area(1, 1, layout.in_last, width))
    canvas.protect()


def number_or_text(text: str) -> float | str:
    """Return an attribute as a number where it is plainly one, so that formulas can use it.

    Codes with a leading zero, and numbers with more digits than a cell keeps, stay text.
    """
    plain = re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", text)
    return float(text) if plain and sum(map(str.isdigit, text)) <= DIGITS else text


def _display(row: int, language: str) -> str:
    unit, zh, en = (cell(row, column, "c") for column in (1, 4, 5))
    return f'IF({unit}="","",{shown_name(unit, zh, en, language)})'
