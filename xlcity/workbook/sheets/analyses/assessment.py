"""What an assessment rests on, beside its results, and what sheets with such results share.

Results of `xlcity assess --into` are values. As soon as an input differs from what it was, sheets
with them are grey and name it. Of a column of values the sum weighted by the position of each city
is compared, so that an exchange of two values shows; gaps have a weight of their own. Sums may
differ by rounding from engine to engine, hence the tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL, INTEGER
from xlcity.workbook.drawing.styles import PUBLISHED_CENTER
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.stored_assessment import INPUTS, SETTINGS, STATE
from xlcity.workbook.sheets.inputs.record import RECIPE_HASH
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table
from xlcity.workbook.steps.method_table import entries

#: The sheet that says how current the results are, and the rows where it does and why.
ASSESSMENT = "Assessment"
STATE_ROW = 4
WHY_ROW = 5
#: The stored number of replicates: blank where there is no assessment.
REPLICATES = f"INDEX({SETTINGS},1,2)"
#: Relative tolerance of values as typed, and of what is computed from them.
TYPED = "1E-12"
COMPUTED = "1E-9"


def stored_column(
    book: Book,
    table: str,
    name: str,
    key: str = "",
    role: str = PUBLISHED_CENTER,
    number: str = AS_TEXT,
    width: float = 9,
    *,
    helper: bool = False,
) -> Column:
    """Return a column with what is stored of each line of one of `TABLES`."""
    lines = book.spec.assessed.lines(table)

    def value(cells: RowCells) -> object:
        return lines[cells.slot].get(name) if cells.slot < len(lines) else None

    return Column(
        name,
        key,
        role=role,
        number=number,
        width=width,
        value=value,
        code=name,
        helper=helper,
    )


def assessed_rows(book: Book) -> int:
    """Return how many rows tables of cities have."""
    return max(book.layout.slots, len(book.spec.assessed.cities))


def city_name(layout: Layout, unit: str) -> str:
    """Return the formula for the name of a city by its stored id, "" for none."""
    ids = layout.ids()
    names = layout.names()
    return f'IF({unit}="","",IFERROR(INDEX({names},MATCH({unit},{ids},0)),{unit}))'


def node_name(book: Book, column: str, cells: RowCells, otherwise: str = '""') -> str:
    """Return the formula for the name of a node by its stored code, or another text for none."""
    display, codes = (
        book.layout.framework_column(name).ref() for name in ("display", "code")
    )
    return f"IFERROR(INDEX({display},MATCH({cells[column]},{codes},0)),{otherwise})"


def go_grey(canvas: Canvas, area: Area) -> None:
    """Make cells grey where the assessment is out of date; before any other mark."""
    canvas.mark(area, f'{STATE}="stale"', "skipped", stop=True)


def repeat_state(canvas: Canvas, stored: str) -> None:
    """Write how current the results are, as `Assessment` says, where some are stored."""
    none = canvas.book.labels.ref("robustness.none")
    for row, otherwise in ((STATE_ROW, none), (WHY_ROW, '""')):
        source = f"{ASSESSMENT}!{cell(row, 1, Fix.BOTH)}"
        state = f'IF({source}="","",IF(COUNT({stored})>0,{source},{otherwise}))'
        canvas.formula(row, 1, state, "plain", bold=row == STATE_ROW)
    go_grey(canvas, canvas.area(STATE_ROW, 1, WHY_ROW, 1))


class Watched(NamedTuple):
    """An input that is compared with what it was.

    Attributes
    ----------
    key
        Identifies the input among the stored ones; its first word is the kind.
    name
        Formula of its name.
    now
        Formula of its value, of a column of values one number of all of them; "" for one that is
        gone.
    near
        Formula of how far numbers may be apart, "" for what is usual in one cell.
    """

    key: str
    name: str
    now: str = ""
    near: str = ""


def draw_inputs(
    book: Book, canvas: Canvas, header: int, left: int, same: str, positions: Area
) -> Table:
    """Draw the table of inputs, as they are and as they were.

    `same` are cells with 1 for a city as it was assessed, `positions` the position of each then.
    """
    stored = book.spec.assessed.inputs
    text = book.labels.ref
    live = list(_watch_inputs(book, canvas.name, same, positions.ref()))
    live_keys = {watched.key for watched in live}
    gone = [Watched(key, f'"{key}"') for key in stored if key not in live_keys]

    def column(
        name: str,
        formula: Formula | None = None,
        number: str = INTEGER,
        width: float = 9,
        **options: Any,
    ) -> Column:
        return Column(
            name,
            formula=formula,
            number=number,
            width=width,
            code=name,
            helper=True,
            **options,
        )

    def name(cells: RowCells) -> str:
        kind = text(f"assessed.{cells.item.key.partition(' ')[0]}")
        return kind if cells.item.name == '""' else f'{kind}&" "&{cells.item.name}'

    def changed(cells: RowCells) -> str:
        now = cells.now
        then = cells.then
        near = cells.item.near or f"{TYPED}*ABS({now})"
        equal = f'IF({then}="",{now}="",{now}={then})'
        same = f"IF(COUNT({now},{then})=2,ABS({now}-{then})<={near},{equal})"
        return f"IF(ISNUMBER({REPLICATES}),IF({same},0,1),0)"

    def now(cells: RowCells) -> str | None:
        return cells.item.now or None

    columns = (
        column("key", width=14, value=lambda cells: cells.item.key),
        column("name", name, width=26),
        column("now", now, GENERAL, 11),
        column(
            "then", None, GENERAL, 11, value=lambda cells: stored.get(cells.item.key)
        ),
        column("changed", changed, marks=[("{0}=1", "note")]),
    )
    rows = (*live, *gone)
    return item_table(
        canvas, header, rows, columns, left=left, codes=header, define=INPUTS
    ).draw()


def _watch_inputs(
    book: Book, sheet: str, same: str, positions: str
) -> Iterator[Watched]:
    """Yield the inputs that are compared, what explains most first."""
    spec = book.spec
    layout = book.layout
    yield Watched("cities now", '""', f"COUNTA({layout.city('population').ref()})")
    yield Watched("cities same", '""', f"SUM({same})")

    def name(code: str) -> str:
        return layout.node_name(code)

    def column(key: str, code: str, values: str, tolerance: str) -> Watched:
        # Where a value and where a gap is; no value is larger than the root of all squares.
        now = f'SUMPRODUCT({values},{positions})+SUMIF({values},"NA",{positions})/7'
        near = f"{tolerance}*SQRT(COUNT({values})*SUMSQ({values}))*ROWS({values})"
        return Watched(f"{key} {code}", name(code), now, near)

    def single_cell(key: str, name: str, ref: str) -> Watched:
        return Watched(key, name, f'IF({ref}="","",{ref})')

    for code in layout.inputs:
        yield column("data", code, layout.typed.over(code, sheet, Fix.BOTH), TYPED)
    nodes = [node.code for node in spec.framework.tree_order if node.parent is not None]
    for kind, codes in (("weight", nodes), ("direction", layout.indicators)):
        for code in codes:
            ref = layout.framework_cell(code, kind)
            yield single_cell(f"{kind} {code}", name(code), ref)
    for parameter, label in book.parameters.items():
        ref = f"par_{parameter}"
        yield single_cell(f"parameter {ref}", quoted(label), ref)
    for code in layout.indicators:
        for typed, entry in entries(spec, code).items():
            if entry.typed:
                ref = layout.framework_cell(code, typed)
                label = f'{name(code)}&" · {typed}"'
                yield single_cell(f"method {code} {typed}", label, ref)
    yield Watched("recipe", '""', RECIPE_HASH)
    for code in layout.composites:
        if spec.framework.depth(code) <= 1:
            yield column(
                "scores", code, layout.scores.over(code, sheet, Fix.BOTH), COMPUTED
            )
