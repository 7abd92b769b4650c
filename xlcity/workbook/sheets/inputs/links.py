"""`Links`: the long table of links between cities, and the lines that each indicator uses.

Like `Data` it is the user's: lines may be pasted, sorted, inserted and deleted, and its formulas
look at their own line only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from xlcity.functions.links import COUNTS
from xlcity.model.dataset import Dataset
from xlcity.model.recipe import Recipe
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL, INTEGER
from xlcity.workbook.drawing.styles import (
    CENTER,
    INPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    STUB_CENTER,
    TINY,
)
from xlcity.workbook.layout.links import (
    BASIS,
    CODE,
    COLUMNS,
    COUNTED,
    FROM,
    KEY,
    LINE,
    MESSAGE,
    TABLE,
    TABLE_FIRST,
    TO,
    VALUE,
    LinkLayout,
)
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT, line_status
from xlcity.workbook.sheets.table import Column, RowCells, Table, fields
from xlcity.workbook.steps.construct import line_key

#: Possible faults of a line; a link of a city with itself is reported and ignored.
FAULTS = ("code", "city", "number", "self", "twice", "differs")
_FAULT = {name: number for number, name in enumerate(FAULTS, 1)}
_NO_FAULT = len(FAULTS) + 1
#: Column of the messages, right of the table of indicators.
FAULTS_LEFT = LINE + 1


def draw(book: Book) -> None:
    """Draw the sheet and define the names of its columns."""
    links = LinkLayout(book.layout)
    canvas = titled_sheet(
        book,
        "Links",
        [16, 20, 20, 16, 14, 34, 34, 12, 11, 46, 12],
        banner=True,
    )
    _draw_indicators(book, canvas, links)
    _draw_faults(canvas)
    header = links.header
    first = links.header + 1
    last = links.header + links.lines
    canvas.gap(header - 1)
    lines = _link_lines(links, book.spec.dataset)
    shipped = _link_lines(links, book.spec.defaults) if book.spec.defaults else []
    texts = {name: book.labels.ref(f"links.fault.{name}") for name in FAULTS}

    def basis(cells: RowCells) -> str:
        line = line_key(cells.code, cells["from"], cells.to, cells.value)
        return f'IF({cells.key}="","",{line_status(canvas, first, len(shipped), LINE, line=line)})'

    small = SMALL
    smaller = TINY
    columns = {
        **{
            name: Column(
                role="input",
                number=GENERAL if name == "value" else AS_TEXT,
                value=partial(_entry, column),
            )
            for column, name in enumerate(COLUMNS[:4])
        },
        "basis": Column(formula=basis, role=CENTER, style=small),
        "message": Column(formula=partial(_message_formula, links), role="id"),
        "key": Column(formula=_key_formula, role="helper", head_style=small),
        "counted": Column(formula=_counted_value, number=GENERAL, head_style=small),
    }
    Table(
        canvas,
        header - 2,
        first=first,
        last=last,
        columns=fields("links", **columns),
        codes=header,
        items=lines,
        copied=True,
    ).draw()
    if shipped:
        Table(
            canvas,
            header - 2,
            first=first,
            last=header + len(shipped),
            columns=fields(
                "links",
                line=Column(role="published", value=_line_text, style=smaller),
                line_basis=Column(
                    role=PUBLISHED_CENTER, value=partial(_entry, 4), style=smaller
                ),
            ),
            left=LINE,
            codes=header,
            items=shipped,
        ).draw()
    book.counts.input_cells += links.lines
    canvas.closing(links.closing, "links.closing", COUNTED)
    for name, column in (("keys", KEY), ("values", COUNTED)):
        book.define(f"lnk_{name}", links.column(column))
    book.define("in_links", canvas.area(header, CODE, links.closing, VALUE))
    block = canvas.area(first, CODE, last, MESSAGE)
    message = cell(first, MESSAGE, Fix.COLUMN)
    canvas.mark(
        block, f'AND({message}<>"",{message}<>{texts["self"]})', "bad", stop=True
    )
    canvas.mark(block, f'{cell(first, BASIS, Fix.COLUMN)}="synthetic"', "synthetic")
    canvas.choices(canvas.area(first, CODE, last), list(links.codes))
    canvas.choices(
        canvas.area(first, FROM, last, TO), "=xl_units", error_type="warning"
    )
    canvas.close(header, titles=(header - 2, header), protected=False)


def _draw_faults(canvas: Canvas) -> None:
    """Write the messages of lines beside the table of indicators, an empty one behind them."""
    text = canvas.book.labels.text
    for row, name in enumerate(FAULTS, TABLE_FIRST):
        canvas.put(row, FAULTS_LEFT, text(f"links.fault.{name}"), "helper")
    last = TABLE_FIRST + len(FAULTS)
    canvas.formula(last, FAULTS_LEFT, '""', "helper")
    canvas.book.define("lnk_faults", canvas.area(TABLE_FIRST, FAULTS_LEFT, last))


def _draw_indicators(book: Book, canvas: Canvas, links: LinkLayout) -> None:
    """Write which lines each indicator uses; its choices are live."""
    recipe = book.spec.recipe
    layout = book.layout
    codes = links.column(CODE).ref(home="Links")
    choices = _choices(links, recipe)

    def chosen(name: str, role: str, otherwise: str) -> Column:
        """Return a column of choices, and what stands there for an indicator without one."""

        def role_of(code: str) -> str:
            return INPUT_CENTER if (code, name) in choices else role

        def value(cells: RowCells) -> str:
            choice = choices.get((cells.item, name))
            return otherwise if choice is None else choice.chosen

        return Column(role=role_of, value=value)

    def counted(column: int = 0, word: str = "") -> Column:
        """Return a column that counts the lines of an indicator, all or those with a word."""
        where = f',{links.column(column).ref(home="Links")},"{word}"' if column else ""
        function = "COUNTIFS" if column else "COUNTIF"
        return Column(
            formula=lambda cells: f"{function}({codes},{cells.code}{where})",
            role=CENTER,
            number=INTEGER,
        )

    canvas.heading(TABLE_FIRST - 3, 1, "links.table")
    Table(
        canvas,
        TABLE_FIRST - 2,
        first=TABLE_FIRST,
        last=TABLE_FIRST + len(links.codes) - 1,
        columns=fields(
            "links",
            code=Column(role="stub", value=lambda cells: cells.item),
            name=Column(
                formula=lambda cells: layout.node_name(cells.item),
                role="stub",
                style=SMALL,
            ),
            flow=Column(
                role=STUB_CENTER,
                value=lambda cells: layout.construct_of(cells.item).text("flow"),
            ),
            count=chosen("count", STUB_CENTER, "presence"),
            pair_count=chosen("pair_count", "stub", ""),
            lines=counted(),
            filled=counted(KEY, "?*"),
            faults=counted(MESSAGE, "?*"),
            synthetic=counted(BASIS, "synthetic"),
        ),
        codes=TABLE_FIRST - 1,
        items=links.codes,
    ).draw()
    for (code, column), choice in choices.items():
        area = canvas.area(links.table_row(code), TABLE.index(column) + 1)
        canvas.choices(area, choice.words)
        book.define(part_name(choice.name, code), area)


class _Choice(NamedTuple):
    """What is chosen for an indicator: what the choice is called, and from which words."""

    name: str
    chosen: str
    words: Sequence[str]


def _choices(links: LinkLayout, recipe: Recipe) -> dict[tuple[str, str], _Choice]:
    """Return the choices of each indicator and column of the table above."""
    choices = {}
    for code in links.codes:
        step = links.layout.construct_of(code)
        # How lines count has a cell of its own for each indicator.
        for parameter in step.record.parameters:
            name = parameter.name
            if parameter.defined_name and isinstance(parameter.kind, tuple):
                choices[code, "count"] = _Choice(name, step.text(name), parameter.kind)
        pairs = recipe.step_for("pairs", code)
        if pairs is not None:
            chosen = pairs.text("count")
            choices[code, "pair_count"] = _Choice("pair_count", chosen, COUNTS)
    return choices


def _entry(column: int, cells: RowCells) -> object:
    """Return what a line has in a column, see `_link_lines`."""
    return None if cells.item is None else cells.item[column]


def _key_formula(cells: RowCells) -> str:
    """Return the formula of the key of a line that can be used, "" of any other."""
    start = cells["from"]
    end = cells.to
    usable = f"{_known_condition(cells)}*COUNT({cells.counted})*({start}<>{end})"
    return f'IF({usable},{line_key(cells.code, start, end)},"")'


def _counted_value(cells: RowCells) -> str:
    """Return the formula of the number that a line counts with, 0 for a missing code."""
    value = cells.value
    missing = f'IF(SUMPRODUCT((par_missing=TRIM({value}))*1)>0,0,"")'
    return f'IFERROR(IF({value}="","",IF(TYPE({value})=1,{value},{missing})),"")'


def _known_condition(cells: RowCells) -> str:
    """Return the condition, a number, that a line names two cities and an indicator.

    MATCH is not used, as it takes an asterisk for any city.
    """
    ends = (cells["from"], cells.to)
    cities = "*".join(f"SUMPRODUCT((out_units={city})*1)" for city in ends)
    return f"(COUNTA({cells.code}:{cells.to})=3)*{cities}"


def _message_formula(links: LinkLayout, cells: RowCells) -> str:
    """Return the formula of the message of a line, "" if there is none.

    A line without a key that has a value and two different cities names an unknown city.
    """
    code, start, end, value = (cells[name] for name in COLUMNS[:4])
    key = cells.key
    counted = cells.counted
    codes, flows = (
        links.table_column(name).ref(home="Links") for name in ("code", "flow")
    )
    own_position = f"ROW()-{links.header - 1}"
    # Of two lines with opposite directions the lower one differs.
    above = f"{cell(links.header, KEY, Fix.BOTH)}:{key}"
    back = f"MATCH({line_key(code, end, start)},{above},0)"
    is_symmetric = f'INDEX({flows},MATCH({code},{codes},0))="symmetric"'
    differs = f"AND({is_symmetric},INDEX(lnk_values,{back})<>{counted})"
    unusable = f'IF({value}="",{_NO_FAULT},{_FAULT["number"]})'
    cases = {
        f'{code}&{start}&{end}&{value}=""': _NO_FAULT,
        f"ISERROR(MATCH({code},{codes},0))": _FAULT["code"],
        f'{counted}=""': unusable,
        f"{start}={end}": _FAULT["self"],
        f'{key}=""': _FAULT["city"],
        f"MATCH({key},lnk_keys,0)<{own_position}": _FAULT["twice"],
        f"IFERROR({differs},FALSE)": _FAULT["differs"],
    }
    fault = nested_if(cases, str(_NO_FAULT))
    return f"INDEX(lnk_faults,IFERROR({fault},{_FAULT['number']}))"


def _link_lines(
    links: LinkLayout, dataset: Dataset
) -> list[tuple[str, str, str, object, str]]:
    """Return what is typed into the first columns of each line, and its status."""
    lines: list[tuple[str, str, str, object, str]] = []
    for code in links.codes:
        for link in dataset.links.get(code, ()):
            value = MISSING_TEXT if math.isnan(link.value) else link.value
            lines.append((code, link.start, link.end, value, link.basis))
    return lines


def _line_text(cells: RowCells) -> str:
    """Return the texts of a line's cells in one text."""
    *names, value, _ = cells.item
    return "|".join((*names, value if isinstance(value, str) else f"{value:.15g}"))
