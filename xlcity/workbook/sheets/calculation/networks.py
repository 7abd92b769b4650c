"""`Matrix…` and `Centrality…`: a network typed as a square, and the vector found round by round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xlcity.functions.network import DIAGONAL_SHIFT
from xlcity.methods.formulas import number_or_zero_formula
from xlcity.model.dataset import Dataset
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import page_labels
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.networks import (
    CALL,
    COUNTED,
    EXACT,
    FLAGS,
    ID,
    LEFT,
    MEMBER,
    NAME,
    NATIVE,
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
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.checking.checks import NOTES, Check, fails
from xlcity.workbook.sheets.checking.udf import Call, compare_call
from xlcity.workbook.sheets.inputs.input_rows import count_invented, id_rows

CELL_WIDTH = 6.5


def draw_matrix(book: Book, code: str) -> None:
    """Draw the sheet of one network."""
    network = NetworkLayout(book.layout, code)
    canvas = titled_sheet(book, network.sheet, [15, 17, 8, 11, 11, 11, 2], LEFT + 2)
    canvas.columns(LEFT, network.right, CELL_WIDTH)
    canvas.label(4, NAME, "network.filled", "stub")
    matrix = network.matrix
    canvas.formula(4, COUNTED, f"COUNT({matrix.ref('rc', network.sheet)})", "calculation_center")
    if network.iterated:
        canvas.label(5, NAME, "network.weighted", "stub_line")
        weighted = str(network.step.get("weighted", "yes"))
        canvas.chooser(5, COUNTED, weighted, ("yes", "no"))
        book.define(part_name("weighted", code), canvas.area(5, COUNTED))
    for row, key in ((SUMS, "sums"), (UNEVEN, "uneven"), (FLAGS, "counted")):
        canvas.label(row, CALL, f"network.{key}", "stub_line")
    second = "vector" if network.iterated else "partners"
    names = ("counted", "strength", second, "call")
    heads = ("data.id", "data.name", *(f"network.{name}" for name in names))
    canvas.heads(IN_CODE, heads, font_size=8)
    _rows(book, canvas, network)
    _columns(canvas, network)
    book.define(f"in_matrix_{code}", network.table)
    if book.spec.udf:
        _call(book, canvas, network)
    book.checks += list(_checks(book, network))
    tie = cell(IN_FIRST, LEFT)
    canvas.mark(matrix, f'AND({tie}<>"",TYPE({tie})<>1)', "bad", stop=True)
    canvas.mark(matrix, f"ROW()-{IN_FIRST}=COLUMN()-{LEFT}", "skipped")
    if invented_links(book.spec, code):
        # A tie is invented as long as it is the number shipped; each counts once.
        links = {code: invented_links(book.spec, code)}
        shipped = ties(replace(book.spec.dataset, links=links), code)
        shipped[np.tril_indices(len(shipped))] = np.nan
        count_invented(canvas, matrix, network.shipped_left, shipped)
        text = book.labels.ref("network.synthetic")
        canvas.formula(3, LEFT, f'IF({network.invented}>0,{text},"")', "warning")
    canvas.close(IN_CODE, LEFT - 1, titles=(IN_CODE, IN_CODE))


def _rows(book: Book, canvas: Canvas, network: NetworkLayout) -> None:
    layout, sheet = book.layout, network.sheet
    values = ties(book.spec.dataset, network.code)
    units = book.spec.dataset.units
    id_rows(canvas, [unit.id for unit in units], layout.slots, font_size=8)
    members = populations_of(layout).members.ref()
    cleaned = layout.ids()
    flags = network.across(FLAGS).ref("rc", sheet)
    for slot in range(layout.slots):
        row = IN_FIRST + slot
        is_city = slot < len(units)
        unit = cell(row, ID, "c")
        first = f"{cell(IN_FIRST, ID, 'rc')}:{unit}"
        scored = f'INDEX({members},MATCH({unit},{cleaned},0))<>""'
        formula = f'IF({unit}="",0,IFERROR(IF(AND({scored},COUNTIF({first},{unit})=1),1,0),0))'
        canvas.formula(row, COUNTED, formula, "calculation_center", "0")
        line, own = network.row(slot).ref("c", sheet), cell(row, LEFT + slot)
        shown = (
            f"SUMPRODUCT({line},{flags})-{number_or_zero_formula(own)}*{cell(row, COUNTED, 'c')}"
        )
        canvas.formula(row, STRENGTH, shown, "calculation", "General")
        counted = cell(row, COUNTED, "c")
        if network.iterated:
            centrality = network.vector(slot, f"{counted}=0")
        else:
            counts = network.down(COUNTED).ref("rc", sheet)
            beside = network.column(slot).ref("rc", sheet)
            ties_of = f"SUMPRODUCT(({beside}>0)*{counts})-({number_or_zero_formula(own)}>0)*1"
            centrality = f'IF(OR({counted}=0,{network.filled}=0),"",{ties_of})'
        canvas.formula(row, NATIVE, centrality, "output", "0.000000" if network.iterated else "0")
        for other in range(layout.slots):
            value = values[slot, other] if is_city and other < len(units) else np.nan
            number = None if np.isnan(value) else float(value)
            canvas.input(row, LEFT + other, number, "input", "General", count=True, font_size=8)


def _columns(canvas: Canvas, network: NetworkLayout) -> None:
    for slot in range(network.layout.slots):
        column, row = LEFT + slot, IN_FIRST + slot
        unit = cell(row, ID, "rc")
        canvas.formula(
            IN_CODE, column, f'IF({unit}="","",{unit})', "header", font_size=7, rotation=90
        )
        canvas.formula(FLAGS, column, cell(row, COUNTED, "rc"), "calculation_center", font_size=8)
        down = canvas.area(IN_FIRST, column, network.layout.in_last)
        over, counted = (
            area.ref(fix, network.sheet)
            for area, fix in ((down, "r"), (network.down(COUNTED), "rc"))
        )
        diagonal = f"{number_or_zero_formula(cell(row, column))}*{cell(FLAGS, column)}"
        total = f"SUMPRODUCT({over},{counted})-{diagonal}"
        canvas.formula(SUMS, column, total, "calculation", "0", font_size=8)
        mine, theirs = cell(SUMS, column), cell(row, STRENGTH, "rc")
        uneven = f"IF(ABS({mine}-{theirs})>par_udf_tolerance*(1+ABS({mine})),1,0)"
        canvas.formula(UNEVEN, column, uneven, "calculation_center", "0", font_size=8)


def ties(dataset: Dataset, code: str) -> np.ndarray:
    """Return the (n, n) links of a network as its sheet shows them, both ways; NaN = none."""
    slots = {unit.id: slot for slot, unit in enumerate(dataset.units)}
    matrix = np.full((len(slots), len(slots)), np.nan)
    for link in dataset.links.get(code, ()):
        if link.start in slots and link.end in slots and link.value == link.value:
            start, end = slots[link.start], slots[link.end]
            matrix[start, end] = matrix[end, start] = link.value
    return matrix


def _call(book: Book, canvas: Canvas, network: NetworkLayout) -> None:
    """Write the call beside the native cells, and what the two differ by."""
    sheet = network.sheet
    matrix = network.matrix.ref("rc", sheet)
    # A city that does not count is out of the network: its cell is empty here.
    column = network.right + 2
    canvas.columns(column, column, 12)
    canvas.label(IN_CODE, column, "network.counted", "header", font_size=8)
    for slot in range(network.layout.slots):
        row = IN_FIRST + slot
        text = f'IF(AND({cell(row, COUNTED, "c")}=1,{network.filled}>0),{cell(row, ID, "c")},"")'
        canvas.formula(row, column, text, "helper")
    members = canvas.range(IN_FIRST, column, network.layout.in_last)
    formula = f'DEGREE_CENTRALITY({matrix},"no","symmetric",{members})'
    if network.iterated:
        weighted = part_name("weighted", network.code)
        formula = f'EIGEN_CENTRALITY({matrix},{weighted},"symmetric","",{members})'
    number = "0.000000" if network.iterated else "0"
    call = Call("network.call", network.down(NATIVE), (network.code,), formula, number=number,
                area=network.down(CALL))  # fmt: skip
    canvas.label(4, STRENGTH, "network.difference", "stub_line")
    compare_call(canvas, call, (4, NATIVE), (4, CALL))
    # People type here: no #NAME? where functions are not loaded.
    canvas.mark(network.down(CALL), f"ISERROR({cell(IN_FIRST, CALL)})", "absent")


def _checks(book: Book, network: NetworkLayout) -> Iterator[Check]:
    matrix = network.matrix.ref()
    faults = f'COUNTA({matrix})-COUNT({matrix})+COUNTIF({matrix},"<0")'
    faults += f"+SUM({network.across(UNEVEN).ref()})"
    code, shown = network.code, f'"{network.code}"'
    yield Check(f"matrix-{code}", faults, fails(), shown, network.sheet)
    scored, counted = populations_of(book.layout).numbers.ref(), network.down(COUNTED).ref()
    count = f"IF({network.filled}=0,0,COUNT({scored})-SUM({counted}))"
    yield Check(f"matrix-cities-{code}", count, NOTES, shown, network.sheet)


def _exactness(network: NetworkLayout) -> Check:
    residual, exact = network.summary("residual"), network.summary("exact")
    off = f"IF({network.filled}=0,0,IF(N({residual})<={exact},0,1))"
    return Check(f"centrality-{network.code}", off, fails(), residual, network.rounds_sheet)


def rounds_labels(network: NetworkLayout) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of a sheet of rounds."""
    node, sheet = network.layout.spec.framework[network.code], network.rounds_sheet
    names = {"zh": node.name_zh, "en": node.name_en}
    yield from page_labels("rounds", code=network.code, sheet=sheet, lower=sheet.lower(), **names)


def draw_rounds(book: Book, network: NetworkLayout) -> None:
    """Draw the rounds of the power iteration: a column a round, a row a city."""
    layout = book.layout
    home = network.rounds_sheet
    last = network.rounds + 1
    canvas = titled_sheet(book, home, [18, 18, 9, 20, 10, 2], ROUND + 2)
    canvas.columns(ROUND, ROUND + last, 9)
    heads = ("data.id", "data.name", "network.counted", "network.own")
    canvas.heads(IN_CODE, heads, font_size=8)
    for slot in range(layout.slots):
        row = IN_FIRST + slot
        for column, role in ((ID, "id"), (NAME, "name")):
            text = f"{network.sheet}!{cell(network.first + slot, column, 'c')}"
            shown = f'IF({text}="","",{text})'
            canvas.formula(row, column, shown, role, font_size=8, shrink=True)
        flag = network.counted(row)
        canvas.formula(row, MEMBER, flag, "calculation_center", font_size=8, shrink=True)
        tie = f"{network.sheet}!{cell(network.first + slot, network.left + slot)}"
        own = f'IF(ISNUMBER({tie}),IF({network.weighted}="no",({tie}>0)*1,{tie}),0)'
        canvas.formula(row, OWN, own, "calculation", "General", font_size=8)
    canvas.label(TOTAL, OWN, "network.sum", "stub_line", font_size=8)
    for number in range(last + 1):
        column = ROUND + number
        canvas.put(IN_CODE, column, number, "header", "0", font_size=8)
        values = network.over(column).ref("r", home)
        # Without any tie nothing is divided.
        total = f"IF(SUM({values})=0,1,SUM({values}))"
        form = "0.000000" if number else "0"
        canvas.formula(TOTAL, column, total, "calculation", form, font_size=8)
        for row in range(IN_FIRST, layout.in_last + 1):
            _one_of_round(canvas, network, number, row)
    _summary(canvas, network, last)
    book.checks.append(_exactness(network))
    canvas.close(IN_CODE, OWN, titles=(IN_CODE, IN_CODE))


def _one_of_round(canvas: Canvas, network: NetworkLayout, number: int, row: int) -> None:
    """Write the number of one city after a round.

    Columns of the matrix, for formualizer takes five times as long for a row of cells.
    """
    column, home = ROUND + number, network.rounds_sheet
    # Row sums are the first round, without what is added to the diagonal: a city without any tie
    # is 0 from there on.
    source = column - 1 if number else MEMBER
    before, x = network.over(source).ref("r", home), cell(row, source)
    ties = network.column(row - IN_FIRST).ref()
    member, own = cell(row, MEMBER, "c"), cell(row, OWN, "c")
    linked = (
        f'IF({network.weighted}="no",SUMPRODUCT(({ties}>0)*{before}),SUMPRODUCT({ties},{before}))'
    )
    formula = f"{member}*({linked}-{own})"
    if number:
        total = cell(TOTAL, column - 1, "r")
        formula = f"{member}*({linked}+({network.summary('added', home)}-{own})*{x})/{total}"
    canvas.formula(row, column, formula, "calculation", "0.000000" if number else "0", font_size=8)


def _summary(canvas: Canvas, network: NetworkLayout, last: int) -> None:
    """Write eigenvalue, residual, and by what the vector is scaled to length 1."""
    home = network.rounds_sheet
    before, after = (network.over(ROUND + n).ref("rc", home) for n in (last - 1, last))
    sums = [cell(TOTAL, ROUND + n, "rc") for n in (last - 1, last)]
    for name, (row, column) in SUMMARY.items():
        canvas.label(row, column - 1, f"network.{name}", "stub", font_size=8)
    addresses = {name: network.summary(name, home) for name in SUMMARY}

    def formula(name: str, text: str, role: str = "calculation") -> None:
        canvas.formula(*SUMMARY[name], text, role, "General")

    canvas.put(*SUMMARY["rounds"], network.rounds, "stub_center", "0")
    canvas.input(*SUMMARY["exact"], EXACT, "input", "0.0E+00")
    canvas.input(*SUMMARY["shift"], DIAGONAL_SHIFT, "input_center", "General")
    formula("added", f"{addresses['shift']}*MAX({network.over(ROUND).ref('rc', home)})")
    formula("length", f"SQRT(SUMSQ({after}))")
    value = f"{sums[1]}-{addresses['added']}"
    formula("eigenvalue", f'IF({addresses["length"]}=0,"",{value})', "output")
    # |A x - lambda x| / (lambda |x|), x the last vector but one; what stands on the diagonal
    # falls out of the difference.
    off = f"SQRT(SUM(({after}*{sums[0]}-{sums[1]}*{before})^2))/(({value})*SQRT(SUMSQ({before})))"
    row, column = SUMMARY["residual"]
    residual = Area(home, row, column, row, column)
    canvas.array(residual, f'IF({addresses["length"]}=0,"",{off})', "calculation", "0.0E+00")
