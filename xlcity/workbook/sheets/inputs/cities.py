"""`Cities`: the cities that are scored, their names and their groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from xlcity.model.dataset import Unit
from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.styles import INPUT_CENTER
from xlcity.workbook.layout.rows import CITY_COLUMNS, IN_CODE, IN_FIRST
from xlcity.workbook.sheets.table import Column, RowCells, Table, field_of, fields

#: Digits of a number that a cell keeps.
DIGITS = 15
#: What refuses anything that is typed.
REFUSED = {
    "validate": "custom",
    "value": "=FALSE",
    "error_title": "xlcity",
    "error_message": "由模板生成，请勿改写。\nMade by the template: do not change.",
}
#: Widths of the columns, and of an attribute.
WIDTHS = dict(
    zip(
        CITY_COLUMNS,
        (16, 12, 14, 18, 14, 14),
        strict=True,
    )
)
ATTRIBUTE = 16
ALIASES = ("alias_1", "alias_2")
#: What a free row is about.
FREE = Unit("")


def draw(book: Book) -> None:
    """Draw the sheet and define `xl_cities`, `xl_population` and the id column."""
    canvas = titled_sheet(book, "Cities", lines=3)
    layout = book.layout
    spec = book.spec
    canvas.gap(IN_CODE - 1)
    kinds = {kind.attribute: kind for kind in spec.group_types}

    def value(name: str) -> Callable[[RowCells], object]:
        if name in ALIASES:
            position = ALIASES.index(name)
            return partial(_alias, position)
        if name in CITY_COLUMNS:
            return field_of(name)
        convert = str if name in kinds else number_or_text
        return partial(_attribute, name, convert)

    looks = {"id": ("input", "@"), "population": (INPUT_CENTER, "@")}
    names = {"id": "xl_units", "population": "xl_population"}

    def column(name: str) -> Column:
        width = WIDTHS.get(name, ATTRIBUTE)
        key = "" if name in CITY_COLUMNS else f"attribute.{name}"
        role, number = looks.get(name, ("input", ""))
        choices = [group.value for group in kinds[name].groups] if name in kinds else ()
        return Column(
            key=key,
            role=role,
            number=number,
            width=width,
            style={"shrink": True},
            value=value(name),
            choices=choices,
            define=names.get(name, ""),
        )

    columns = fields("cities", **{name: column(name) for name in layout.city_columns})
    Table(
        canvas,
        IN_CODE - 2,
        first=IN_FIRST,
        last=layout.in_last,
        columns=columns,
        codes=IN_CODE,
        items=spec.dataset.units,
        define="xl_cities",
        code_style={"locked": False},
        mutes=True,
    ).draw()
    ids = layout.city("id")
    first = cell(IN_FIRST, 1, Fix.COLUMN)
    canvas.mark(
        ids, f'AND({first}<>"",COUNTIF({ids.ref(home="Cities")},{first})>1)', "bad"
    )
    words = ", ".join(spec.populations)
    canvas.choices(
        layout.city("population"),
        list(spec.populations),
        ignore_blank=True,
        error_title="xlcity",
        error_message=f"{words} 或留空 / {words} or empty",
    )
    # Programs refuse to sort locked cells, so what is not to be typed over is refused here.
    canvas.validate(canvas.area(IN_CODE, 1, IN_CODE, len(columns)), REFUSED)
    canvas.sheet.autofilter(IN_CODE - 1, 0, layout.in_last - 1, len(columns) - 1)
    canvas.close(IN_CODE, 2, titles=(IN_CODE - 2, IN_CODE - 2))


def _alias(position: int, cells: RowCells) -> str | None:
    aliases = (cells.item or FREE).aliases
    return aliases[position] if position < len(aliases) else None


def _attribute(
    name: str, convert: Callable[[str], float | str], cells: RowCells
) -> float | str:
    return convert((cells.item or FREE).attributes.get(name, ""))


def number_or_text(text: str) -> float | str:
    """Return an attribute as a number where it is plainly one, so that formulas can use it.

    Codes with a leading zero, and numbers with more digits than a cell keeps, stay text.
    """
    plain = re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", text)
    return float(text) if plain and sum(map(str.isdigit, text)) <= DIGITS else text
