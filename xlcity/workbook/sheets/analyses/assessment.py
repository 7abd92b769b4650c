"""What an assessment rests on, beside its results, and what sheets with such results share.

Results of `xlcity assess --into` are values. As soon as an input differs from what it was, sheets
with them are grey and name it. Of a column of values its count, its sum weighted by the position of
each city, its sum of squares and where gaps are are compared, so that an exchange of two values
shows. Sums may differ by rounding from engine to engine, hence the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.stored_assessment import INPUTS, MEASURES, SETTINGS, STATE
from xlcity.workbook.sheets.inputs.record import RECIPE_HASH
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table
from xlcity.workbook.steps.method_table import SHEET as FRAMEWORK
from xlcity.workbook.steps.method_table import Bands, entries, step_of

#: The sheet that says how current the results are, and the rows where it does and why.
ROBUSTNESS, STATE_ROW, WHY_ROW = "Robustness", 4, 5
#: The stored number of replicates: blank where there is no assessment.
REPLICATES = f"INDEX({SETTINGS},1,2)"
#: Relative tolerance of values as typed, and of what is computed from them.
TYPED, COMPUTED = 1e-12, 1e-9


def stored_column(
    book: Book, table: str, name: str, key: str = "", role: str = "published_center",
    number: str = "@", width: float = 9, *, helper: bool = False,
) -> Column:  # fmt: skip
    """Return a column with what is stored of each line of one of `TABLES`."""
    lines = book.spec.assessed.lines(table)

    def value(cells: RowCells) -> object:
        return lines[cells.slot].get(name) if cells.slot < len(lines) else None

    return Column(name, key, role=role, number=number, width=width, value=value, code=name,
                  helper=helper)  # fmt: skip


def assessed_rows(book: Book) -> int:
    """Return how many rows tables of cities have."""
    return max(book.layout.slots, len(book.spec.assessed.cities))


def city_name(layout: Layout, unit: str) -> str:
    """Return the formula for the name of a city by its stored id, "" for none."""
    ids, names = layout.ids(), layout.names()
    return f'IF({unit}="","",IFERROR(INDEX({names},MATCH({unit},{ids},0)),{unit}))'


def node_name(book: Book, column: str, cells: RowCells, otherwise: str = '""') -> str:
    """Return the formula for the name of a node by its stored code, or another text for none."""
    display, codes = (book.layout.framework_column(name).ref() for name in ("display", "code"))
    return f"IFERROR(INDEX({display},MATCH({cells[column]},{codes},0)),{otherwise})"


def go_grey(canvas: Canvas, area: Area) -> None:
    """Make cells grey where the assessment is out of date; before any other mark."""
    canvas.mark(area, f'{STATE}="stale"', "skipped", stop=True)


def repeat_state(canvas: Canvas, stored: str) -> None:
    """Write how current the results are, as `Robustness` says, where some are stored."""
    none = canvas.book.labels.ref("robustness.none")
    for row, otherwise in ((STATE_ROW, none), (WHY_ROW, '""')):
        source = f"{ROBUSTNESS}!{cell(row, 1, 'rc')}"
        state = f'IF({source}="","",IF(COUNT({stored})>0,{source},{otherwise}))'
        canvas.formula(row, 1, state, "plain", bold=row == STATE_ROW)
    go_grey(canvas, canvas.area(STATE_ROW, 1, WHY_ROW, 1))


@dataclass(frozen=True, slots=True)
class Watched:
    """An input that is compared with what it was.

    Attributes
    ----------
    key
        Identifies the input among the stored ones; its first word is the kind.
    name
        Formula of its name.
    measures
        Measure -> formula of its value now.
    tolerance
        Relative tolerance.
    """

    key: str
    name: str
    measures: Mapping[str, str]
    tolerance: float = TYPED


def draw_inputs(
    book: Book, canvas: Canvas, header: int, left: int, same: str, positions: Area
) -> Table:
    """Draw the table of inputs, as they are and as they were.

    `same` are cells with 1 for a city as it was assessed, `positions` the position of each then.
    """
    stored, text = book.spec.assessed.inputs, book.labels.ref
    live = list(_watch_inputs(book, canvas.name, same, positions.ref()))
    live_keys = {watched.key for watched in live}
    gone = [Watched(key, f'"{key}"', {}) for key in stored if key not in live_keys]

    def column(name: str, formula: Formula | None = None, number: str = "0", width: float = 9,
               **options: Any) -> Column:  # fmt: skip
        return Column(name, "", formula, "id", number, width, code=name, helper=True, **options)

    def name(cells: RowCells) -> str:
        kind = text(f"assessed.{cells.item.key.partition(' ')[0]}")
        return kind if cells.item.name == '""' else f'{kind}&" "&{cells.item.name}'

    def now(measure: str) -> Formula:
        return lambda cells: cells.item.measures.get(measure)

    def then(index: int) -> Callable[[RowCells], object]:
        return lambda cells: stored.get(cells.item.key, (None,) * len(MEASURES))[index]

    def changed(cells: RowCells) -> str:
        return f"IF(ISNUMBER({REPLICATES}),{_changed(cells, positions)},0)"

    columns = (
        column("key", width=14, value=lambda cells: cells.item.key),
        column("name", name, width=26),
        *(column(f"now_{measure}", now(measure), "General", 11) for measure in MEASURES),
        *(column(f"then_{measure}", None, "General", 11, value=then(index))
          for index, measure in enumerate(MEASURES)),
        column("tolerance", None, "0E+00", value=lambda cells: cells.item.tolerance),
        column("changed", changed, marks=[("{0}=1", "note")]),
    )  # fmt: skip
    rows = (*live, *gone)
    return item_table(canvas, header, rows, columns, left=left, codes=header, define=INPUTS).draw()


def _changed(cells: RowCells, positions: Area) -> str:
    """Return the formula that is 1 where an input differs from what it was when assessed."""
    now, then = ({name: cells[f"{when}_{name}"] for name in MEASURES} for when in ("now", "then"))
    limit = cells.tolerance
    if len(cells.item.measures) > 1:
        # No sum of n numbers is larger than the root of n times their sum of squares.
        size = f"{limit}*SQRT({then['value']}*{then['squares']})"
        rows = f"ROWS({positions.ref('rc', positions.sheet)})"
        same = (
            f"{now['value']}={then['value']},{now['gaps']}={then['gaps']},"
            f"ABS({now['sum']}-{then['sum']})<={size},"
            f"ABS({now['placed']}-{then['placed']})<={size}*{rows},"
            f"ABS({now['squares']}-{then['squares']})<={limit}*{then['squares']}"
        )
        return f"IF(COUNT({','.join(then.values())})<{len(MEASURES)},1,IF(AND({same}),0,1))"
    new, old = now["value"], then["value"]
    equal = f'IF({old}="",{new}="",{new}={old})'
    near = f"ABS({new}-{old})<={limit}*ABS({old})"
    return f"IF(IF(AND(ISNUMBER({new}),ISNUMBER({old})),{near},{equal}),0,1)"


def _watch_inputs(book: Book, sheet: str, same: str, positions: str) -> Iterator[Watched]:
    """Yield the inputs that are compared, what explains most first."""
    spec, layout = book.spec, book.layout
    yield Watched("cities now", '""', {"value": f"COUNTA({layout.city('population').ref()})"})
    yield Watched("cities same", '""', {"value": f"SUM({same})"})

    def name(code: str) -> str:
        return layout.framework_cell(code, "display")

    def column(values: str) -> dict[str, str]:
        return {
            "value": f"COUNT({values})",
            "sum": f"SUM({values})",
            "placed": f"SUMPRODUCT({values},{positions})",
            "squares": f"SUMSQ({values})",
            "gaps": f'SUMIF({values},"NA",{positions})',
        }

    def cell_value(ref: str) -> dict[str, str]:
        return {"value": f'IF({ref}="","",{ref})'}

    for code in layout.inputs:
        yield Watched(f"data {code}", name(code), column(layout.typed.over(code, sheet, "rc")))
    nodes = [node.code for node in spec.framework.tree_order if node.parent is not None]
    for kind, codes in (("weight", nodes), ("direction", layout.indicators)):
        for code in codes:
            ref = layout.framework_cell(code, kind)
            yield Watched(f"{kind} {code}", name(code), cell_value(ref))
    for parameter, label in book.parameters.items():
        ref = f"par_{parameter}"
        yield Watched(f"parameter {ref}", quoted(label), cell_value(ref))
    for code, column_name, ref in _method_cells(book):
        key = f"method {code} {column_name}"
        yield Watched(key, f'{name(code)}&" · {column_name}"', cell_value(ref))
    yield Watched("recipe", '""', {"value": RECIPE_HASH})
    for code in layout.composites:
        if spec.framework.depth(code) <= 1:
            values = layout.scores.over(code, sheet, "rc")
            yield Watched(f"scores {code}", name(code), column(values), COMPUTED)


def _method_cells(book: Book) -> Iterator[tuple[str, str, str]]:
    """Yield the live parameters of `Framework`: indicator, column, address."""
    spec = book.spec
    for code in book.layout.indicators:
        for name, entry in entries(spec, code).items():
            if entry.typed:
                yield code, name, book.layout.framework_cell(code, name)
        if step_of(spec, code).method == "bands":
            bands = Bands.of(spec, code)
            lists = (("cut", bands.cuts, bands.left[0]), ("score", bands.scores, bands.left[2]))
            for kind, numbers, left in lists:
                for column in range(left, left + len(numbers)):
                    address = f"{FRAMEWORK}!{cell(bands.row, column, 'rc')}"
                    yield code, f"{kind} {column - left + 1}", address
