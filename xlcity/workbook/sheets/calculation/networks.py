"""`Matrix…` and `Centrality…`: a network typed as a square, and the vector found round by round."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from xlcity.functions.network import DIAGONAL_SHIFT
from xlcity.methods.formulas import number_or_zero_formula
from xlcity.model.dataset import Dataset, Link
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import GENERAL, INTEGER
from xlcity.workbook.drawing.row_heights import TURNED
from xlcity.workbook.drawing.styles import CENTER, INPUT_CENTER, STUB_CENTER, TINY
from xlcity.workbook.labels import page_labels
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.networks import (
    COUNTED,
    EXACT,
    FLAGS,
    HEADS,
    ID,
    LEFT,
    MEMBER,
    NAME,
    OWN,
    ROUND,
    STRENGTH,
    SUMMARY,
    SUMS,
    TOTAL,
    UNEVEN,
    NetworkLayout,
    invented_links,
)
from xlcity.workbook.layout.rows import IN_CODE, IN_FIRST
from xlcity.workbook.live_recipe import YES_NO, part_name
from xlcity.workbook.sheets.checking.checks import FAILS, NOTES, Check
from xlcity.workbook.sheets.inputs.input_rows import count_invented, unit_columns
from xlcity.workbook.sheets.table import Column, RowCells, Table

CELL_WIDTH = 6.5


def draw_matrix(book: Book, code: str) -> None:
    """Draw the sheet of one network."""
    network = NetworkLayout(book.layout, code)
    canvas = titled_sheet(
        book,
        network.sheet,
        [15, 17, 8, 11, 11, 11, 2],
        banner=True,
    )
    canvas.columns(LEFT, network.right, CELL_WIDTH)
    canvas.label(4, NAME, "network.filled", "stub")
    matrix = network.matrix
    canvas.formula(4, COUNTED, f"COUNT({matrix.ref(home=network.sheet)})", CENTER)
    if network.iterated:
        canvas.label(5, NAME, "network.weighted", "stub_line")
        canvas.chooser(5, COUNTED, network.step.text("weighted"), YES_NO)
        book.define(part_name("weighted", code), canvas.area(5, COUNTED))
    for row, key in ((SUMS, "sums"), (UNEVEN, "uneven"), (FLAGS, "counted")):
        canvas.label(row, HEADS, f"network.{key}", "stub_line")
    _draw_square(book, canvas, network)
    book.define(f"in_matrix_{code}", network.table)
    book.checks += list(_checks(book, network))
    tie = cell(IN_FIRST, LEFT)
    canvas.mark(matrix, f'AND({tie}<>"",TYPE({tie})<>1)', "bad", stop=True)
    canvas.mark(matrix, f"ROW()-{IN_FIRST}=COLUMN()-{LEFT}", "skipped")
    if invented_links(book.spec, code):
        # A tie is invented as long as it is the number shipped; each counts once.
        shipped = ties(book.spec.dataset, invented_links(book.spec, code))
        shipped[np.tril_indices(len(shipped))] = np.nan
        count_invented(canvas, matrix, network.shipped_left, shipped)
        text = book.labels.ref("network.synthetic")
        canvas.formula(3, LEFT, f'IF({network.invented}>0,{text},"")', "warning")
    canvas.close(IN_CODE, LEFT - 1, titles=(IN_CODE, IN_CODE))


def _draw_square(book: Book, canvas: Canvas, network: NetworkLayout) -> None:
    """Draw a row for each city: whether it counts, what follows from its ties, and these."""
    layout = book.layout
    sheet = network.sheet
    slots = range(book.layout.slots)
    dataset = book.spec.dataset
    units = dataset.units
    values = ties(dataset, dataset.links.get(network.code, ())).tolist()
    members = populations_of(layout).members.ref()
    ids = layout.ids()
    flags = network.across(FLAGS).ref(home=sheet)
    counts = network.down(COUNTED).ref(home=sheet)

    diagonal = [
        number_or_zero_formula(cell(IN_FIRST + slot, LEFT + slot)) for slot in slots
    ]

    def counted(cells: RowCells) -> str:
        scored = f'INDEX({members},MATCH({cells.id},{ids},0))<>""'
        once = f"COUNTIF({cells.id.so_far},{cells.id})=1"
        return f'IF({cells.id}="",0,IFERROR(IF(AND({scored},{once}),1,0),0))'

    def strength(cells: RowCells) -> str:
        line = canvas.range(cells.row, LEFT, last_column=network.right, fix=Fix.COLUMN)
        return f"SUMPRODUCT({line},{flags})-{diagonal[cells.slot]}*{cells.counted}"

    def centrality(cells: RowCells) -> str:
        if network.iterated:
            return network.vector(cells.slot, f"{cells.counted}=0")
        beside = network.column(cells.slot).ref(home=sheet)
        ties_of = f"SUMPRODUCT(({beside}>0)*{counts})-({diagonal[cells.slot]}>0)*1"
        return f'IF(OR({cells.counted}=0,{network.filled}=0),"",{ties_of})'

    def tie(slot: int, cells: RowCells) -> float | None:
        if max(slot, cells.slot) >= len(units):
            return None
        value: float = values[cells.slot][slot]
        return None if math.isnan(value) else value

    def tie_column(slot: int) -> Column:
        unit = cell(IN_FIRST + slot, ID, Fix.BOTH)
        return Column(
            role="input",
            number=GENERAL,
            style=TINY,
            value=partial(tie, slot),
            head=f'IF({unit}="","",{unit})',
            head_style={"font_size": 7, **TURNED},
        )

    second, form = ("vector", "0.000000") if network.iterated else ("partners", "0")
    Table(
        canvas,
        IN_CODE,
        first=IN_FIRST,
        last=layout.in_last,
        columns=(
            *(
                replace(column, code="", head_style=None)
                for column in unit_columns(layout, **TINY)
            ),
            Column(
                "counted",
                "network.counted",
                counted,
                role=CENTER,
                number=INTEGER,
            ),
            Column(key="network.strength", formula=strength, number=GENERAL),
            Column(
                key=f"network.{second}", formula=centrality, role="output", number=form
            ),
            Column(),
            Column(),
            *map(tie_column, slots),
        ),
        head_style=TINY,
        items=[unit.id for unit in units],
    ).draw()
    book.counts.input_cells += len(slots) ** 2
    for slot in slots:
        column = LEFT + slot
        row = IN_FIRST + slot
        over = canvas.range(IN_FIRST, column, layout.in_last, fix=Fix.ROW)
        total = f"SUMPRODUCT({over},{counts})-{diagonal[slot]}*{cell(FLAGS, column)}"
        mine = cell(SUMS, column)
        theirs = cell(row, STRENGTH, Fix.BOTH)
        uneven = f"IF(ABS({mine}-{theirs})>par_udf_tolerance*(1+ABS({mine})),1,0)"
        canvas.formula(FLAGS, column, cell(row, COUNTED, Fix.BOTH), CENTER, **TINY)
        canvas.formula(SUMS, column, total, number=INTEGER, **TINY)
        canvas.formula(UNEVEN, column, uneven, CENTER, number=INTEGER, **TINY)


def ties(dataset: Dataset, links: Iterable[Link]) -> np.ndarray:
    """Return the (n, n) links of a network as its sheet shows them, both ways; NaN = none."""
    slots = {unit.id: slot for slot, unit in enumerate(dataset.units)}
    matrix = np.full((len(slots), len(slots)), np.nan)
    for link in links:
        if link.start in slots and link.end in slots and link.value == link.value:
            start = slots[link.start]
            end = slots[link.end]
            matrix[start, end] = matrix[end, start] = link.value
    return matrix


def _checks(book: Book, network: NetworkLayout) -> Iterator[Check]:
    matrix = network.matrix.ref()
    faults = f'COUNTA({matrix})-COUNT({matrix})+COUNTIF({matrix},"<0")'
    faults += f"+SUM({network.across(UNEVEN).ref()})"
    code = network.code
    shown = f'"{network.code}"'
    yield Check(f"matrix-{code}", faults, FAILS, detail=shown, sheet=network.sheet)
    scored = populations_of(book.layout).numbers.ref()
    counted = network.down(COUNTED).ref()
    count = f"IF({network.filled}=0,0,COUNT({scored})-SUM({counted}))"
    yield Check(
        f"matrix-cities-{code}", count, NOTES, detail=shown, sheet=network.sheet
    )


def rounds_labels(network: NetworkLayout) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of a sheet of rounds."""
    node = network.layout.spec.framework[network.code]
    sheet = network.rounds_sheet
    names = {"zh": node.name_zh, "en": node.name_en}
    yield from page_labels(
        "rounds", code=network.code, sheet=sheet, lower=sheet.lower(), **names
    )


def draw_rounds(book: Book, network: NetworkLayout) -> None:
    """Draw the rounds of the power iteration: a column a round, a row a city."""
    layout = book.layout
    home = network.rounds_sheet
    last = network.rounds + 1
    canvas = titled_sheet(
        book,
        home,
        [18, 18, 9, 20, 10, 2],
        banner=True,
    )
    canvas.columns(ROUND, ROUND + last, 9)
    shrunk = {**TINY, "shrink": True}

    def in_square(column: int, cells: RowCells) -> str:
        text = f"{network.sheet}!{cell(network.first + cells.slot, column, Fix.COLUMN)}"
        return f'IF({text}="","",{text})'

    def own(cells: RowCells) -> str:
        slot = cells.slot
        tie = f"{network.sheet}!{cell(network.first + slot, network.left + slot)}"
        return f'IF(ISNUMBER({tie}),IF({network.weighted}="no",({tie}>0)*1,{tie}),0)'

    Table(
        canvas,
        IN_CODE,
        first=IN_FIRST,
        last=layout.in_last,
        columns=(
            Column(
                key="data.id", formula=partial(in_square, ID), role="id", style=shrunk
            ),
            Column(
                key="data.name",
                formula=partial(in_square, NAME),
                role="name",
                style=shrunk,
            ),
            Column(
                key="network.counted",
                formula=lambda cells: network.counted(cells.row),
                role=CENTER,
                style=shrunk,
            ),
            Column(key="network.own", formula=own, number=GENERAL, style=TINY),
        ),
        head_style=TINY,
    ).draw()
    canvas.label(TOTAL, OWN, "network.sum", "stub_line", **TINY)
    for number in range(last + 1):
        column = ROUND + number
        canvas.put(IN_CODE, column, number, "header", number=INTEGER, **TINY)
        values = network.over(column).ref(Fix.ROW, home)
        # Without any tie nothing is divided.
        total = f"IF(SUM({values})=0,1,SUM({values}))"
        form = "0.000000" if number else "0"
        canvas.formula(TOTAL, column, total, number=form, **TINY)
        for row in range(IN_FIRST, layout.in_last + 1):
            _one_of_round(canvas, network, number, row)
    _summary(canvas, network, last)
    residual = network.summary("residual")
    exact = network.summary("exact")
    off = f"IF({network.filled}=0,0,IF(N({residual})<={exact},0,1))"
    book.checks.append(
        Check(f"centrality-{network.code}", off, FAILS, detail=residual, sheet=home)
    )
    canvas.close(IN_CODE, OWN, titles=(IN_CODE, IN_CODE))


def _one_of_round(
    canvas: Canvas, network: NetworkLayout, number: int, row: int
) -> None:
    """Write the number of one city after a round.

    Columns of the matrix, for formualizer takes five times as long for a row of cells.
    """
    column = ROUND + number
    home = network.rounds_sheet
    # Row sums are the first round, without what is added to the diagonal: a city without any tie
    # is 0 from there on.
    source = column - 1 if number else MEMBER
    before = network.over(source).ref(Fix.ROW, home)
    x = cell(row, source)
    ties = network.column(row - IN_FIRST).ref()
    member = cell(row, MEMBER, Fix.COLUMN)
    own = cell(row, OWN, Fix.COLUMN)
    presence = f"SUMPRODUCT(({ties}>0)*{before})"
    strength = f"SUMPRODUCT({ties},{before})"
    linked = f'IF({network.weighted}="no",{presence},{strength})'
    formula = f"{member}*({linked}-{own})"
    if number:
        total = cell(TOTAL, column - 1, Fix.ROW)
        formula = (
            f"{member}*({linked}+({network.summary('added', home)}-{own})*{x})/{total}"
        )
    canvas.formula(
        row, column, formula, number="0.000000" if number else INTEGER, **TINY
    )


def _summary(canvas: Canvas, network: NetworkLayout, last: int) -> None:
    """Write eigenvalue, residual, and by what the vector is scaled to length 1."""
    home = network.rounds_sheet
    rounds = (ROUND + last - 1, ROUND + last)
    before, after = (network.over(column).ref(home=home) for column in rounds)
    sums = [cell(TOTAL, column, Fix.BOTH) for column in rounds]
    for name, (row, column) in SUMMARY.items():
        canvas.label(row, column - 1, f"network.{name}", "stub", **TINY)
    addresses = {name: network.summary(name, home) for name in SUMMARY}

    def formula(name: str, text: str, role: str = "calculation") -> None:
        canvas.formula(*SUMMARY[name], text, role, "General")

    canvas.put(*SUMMARY["rounds"], network.rounds, STUB_CENTER, "0")
    canvas.input(*SUMMARY["exact"], EXACT, "input", "0.0E+00")
    canvas.input(*SUMMARY["shift"], DIAGONAL_SHIFT, INPUT_CENTER, "General")
    formula("added", f"{addresses['shift']}*MAX({network.over(ROUND).ref(home=home)})")
    formula("length", f"SQRT(SUMSQ({after}))")
    value = f"{sums[1]}-{addresses['added']}"
    is_zero = f"{addresses['length']}=0"
    formula("eigenvalue", f'IF({is_zero},"",{value})', "output")
    # |A x - lambda x| / (lambda |x|), x the last vector but one; what stands on the diagonal
    # falls out of the difference.
    off = f"SQRT(SUM(({after}*{sums[0]}-{sums[1]}*{before})^2))/(({value})*SQRT(SUMSQ({before})))"
    residual = canvas.area(*SUMMARY["residual"])
    canvas.array(residual, f'IF({is_zero},"",{off})', "calculation", "0.0E+00")
