"""`LinkOptions`: how the ranking depends on the normalisation and on domestic links."""

from __future__ import annotations

from itertools import product

from xlcity.functions.links import DOMESTIC
from xlcity.functions.normalise import BOUNDS
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout.links import LEFT as MATRIX_LEFT
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.calculate import VALUE, key_digits
from xlcity.workbook.steps.method_table import method_address

SHEET = "LinkOptions"
#: Rows above the cities: names of readings, then minimum, maximum, mean, and what each point of
#: strength is worth under each way to normalise.
NAMES, LOW, HIGH, MEAN, WORTH, HEADER = 5, 6, 7, 8, 9, 12
READINGS = tuple(product(DOMESTIC, BOUNDS))
#: Columns of the readings' ranks, and of what follows from them.
RANKS = 4
SPREAD = RANKS + len(READINGS)


def draw(book: Book) -> None:
    """Draw ranks on the left, and on the right the strengths and scores they come from."""
    canvas, layout = book.canvas(SHEET), book.layout
    links = LinkLayout(layout)
    n = len(links.codes)
    totals = SPREAD + 4
    first_of = {word: totals + len(READINGS) + 1 + i * (n + 1) for i, word in enumerate(DOMESTIC)}
    canvas.heading("linkoptions", "linkoptions.note", banner_column=6, note_column=3)
    canvas.widths([16, 22, 10, *[11] * len(READINGS), 9, 9, 9, 2, *[11] * len(READINGS), 2])
    first, last = HEADER + 1, HEADER + layout.slots
    for word, left in first_of.items():
        canvas.columns(left, left + n - 1, 12)
        canvas.columns(left + n, left + n, 2)
        _strengths(book, canvas, links, word, left)
    heads = {1: "data.id", 2: "data.name", 3: "linkoptions.now", SPREAD: "linkoptions.best",
             SPREAD + 1: "linkoptions.worst", SPREAD + 2: "linkoptions.spread"}  # fmt: skip
    canvas.sheet.set_row(HEADER - 1, 48)
    for column, key in heads.items():
        canvas.label(HEADER, column, key, "header", font_size=9)
    for place, (word, bounds) in enumerate(READINGS):
        ref = book.labels.ref
        name = f'{ref(f"linkoptions.{bounds}")}&" · "&{ref(f"linkoptions.{word}")}'
        for column, more in (
            (RANKS + place, ""),
            (totals + place, f'&" · "&{ref("linkoptions.total")}'),
        ):
            canvas.formula(HEADER, column, name + more, "header", font_size=8)
    for row, key in ((LOW, "stat.min"), (HIGH, "stat.max"), (MEAN, "stat.mean")):
        canvas.label(row, 2, key, "stub_line")
    for offset, way in enumerate(BOUNDS):
        canvas.formula(
            WORTH + offset,
            2,
            f'{book.labels.ref("linkoptions.worth")}&" · "&{book.labels.ref(f"linkoptions.{way}")}',
            "stub_line",
        )
    root = book.spec.framework.root.code
    for slot in range(layout.slots):
        row, source = first + slot, FIRST + slot
        canvas.formula(row, 1, f'IF(Scores!{cell(source, 1)}="","",Scores!{cell(source, 1)})', "id")
        canvas.formula(row, 2, f"Scores!{cell(source, 2)}", "name")
        canvas.formula(row, 3, layout.ranks.at(root, source, SHEET), "calculation_center", "0")
        for place, (word, bounds) in enumerate(READINGS):
            left, worth = first_of[word], WORTH + BOUNDS.index(bounds)
            values = f"{cell(row, left, 'c')}:{cell(row, left + n - 1, 'c')}"
            points = f"{cell(worth, left, 'rc')}:{cell(worth, left + n - 1, 'rc')}"
            lows = f"{cell(LOW, left, 'rc')}:{cell(LOW, left + n - 1, 'rc')}"
            less = f"-SUMPRODUCT({lows},{points})" if bounds == "minmax" else ""
            total = f"SUMPRODUCT({values},{points}){less}"
            total = f"ROUND({total},{key_digits(total)})+0"
            column = totals + place
            canvas.formula(
                row, column, f'IF(COUNT({values})={n},{total},"")', "calculation", "0.00"
            )
            keys, key = (
                canvas.range(first, column, last),
                cell(row, column, "c"),
            )
            rank = f'IF(ISNUMBER({key}),COUNTIF({keys},">"&{key})+1,"")'
            canvas.formula(row, RANKS + place, rank, "output_center", "0")
        ranks = f"{cell(row, RANKS, 'c')}:{cell(row, SPREAD - 1, 'c')}"
        best, worst = cell(row, SPREAD, "c"), cell(row, SPREAD + 1, "c")
        for column, formula in ((SPREAD, f"MIN({ranks})"), (SPREAD + 1, f"MAX({ranks})"),
                                (SPREAD + 2, f"{worst}-{best}")):  # fmt: skip
            canvas.formula(
                row, column, f'IF(COUNT({ranks})=0,"",{formula})', "calculation_center", "0"
            )
    spread = canvas.area(first, SPREAD + 2, last)
    here = cell(first, SPREAD + 2)
    canvas.mark(spread, f"AND(ISNUMBER({here}),{here}>0)", "note")
    canvas.finish(
        last, first_of[DOMESTIC[-1]] + n - 1, HEADER, 2, split=(totals, first_of[DOMESTIC[0]])
    )


def _strengths(book: Book, canvas: Canvas, links: LinkLayout, word: str, left: int) -> None:
    """Write the strengths of every indicator with or without domestic links, and their worth."""
    layout = book.layout
    first, last = HEADER + 1, HEADER + layout.slots
    canvas.formula(
        NAMES - 1,
        left,
        f'{book.labels.ref("linkoptions.strength")}&" · "&{book.labels.ref(f"linkoptions.{word}")}',
        "section",
    )
    for column, code in enumerate(links.codes, left):
        name = layout.framework_cell(code, "display")
        canvas.formula(HEADER, column, name, "header", font_size=8)
        over = canvas.range(first, column, last, fix="r")
        low, high, mean = (cell(row, column) for row in (LOW, HIGH, MEAN))
        for row, function in ((LOW, "MIN"), (HIGH, "MAX"), (MEAN, "AVERAGE")):
            formula = f'IF(COUNT({over})=0,"",{function}({over}))'
            canvas.formula(row, column, formula, "calculation", VALUE, font_size=8)
        share = layout.framework_cell(code, "effective")
        scale = method_address(book.spec, code, "scale")
        for offset, span in enumerate((f"({high}-{low})", high, mean)):
            worth = f"IF({span}>0,{share}*{scale}/{span},0)"
            formula = f'IF(COUNT({over})=0,"",{worth})'
            canvas.formula(WORTH + offset, column, formula, "calculation", "0.0E+00", font_size=8)
        for slot in range(layout.slots):
            value = _strength(links, code, slot, word)
            canvas.formula(first + slot, column, value, "calculation", VALUE, font_size=8)


def _strength(links: LinkLayout, code: str, slot: int, word: str) -> str:
    """Return the formula of a strength; what is domestic is found by the group of the partners.

    A matrix is the same in rows and columns: the column stands beside the groups.
    """
    first, slots = links.first(code), links.layout.slots
    column = MATRIX_LEFT + slot
    mine = Area("Matrices", first, column, first + slots - 1, column).ref()
    total, count = f"SUM({mine})", f'COUNTIF({mine},">0")+COUNTIF({mine},"<0")'
    if word == "exclude" and links.group:
        groups = links.unit_column("", MATRIX_LEFT - 1).ref()
        own = f"Matrices!{cell(links.first('') + slot, MATRIX_LEFT - 1, 'rc')}"
        total += f'-IF({own}="",0,SUMIF({groups},{own},{mine}))'
        some = "+".join(f'COUNTIFS({groups},{own},{mine},"{sign}0")' for sign in "><")
        count += f'-IF({own}="",0,{some})'
    unit = f"Matrices!{cell(first + slot, 1, 'rc')}"
    presence = f'{part_name("count", code)}="presence"'
    return f'IF(OR({unit}="",COUNT({mine})=0),"",IF({presence},{count},{total}))'
