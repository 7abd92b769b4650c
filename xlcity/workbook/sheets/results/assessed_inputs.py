"""Inputs of an assessment: what each was then and is now, and whether it changed.

Five numbers of a column of values are compared: their count, their sum, the sum weighted by the
position of each city, the sum of squares, and where gaps are. So an exchange of two values shows,
too. Sums may differ by rounding from engine to engine, hence the tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from xlcity.index.prepare import screen_groups
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.normalisers import is_live, shown
from xlcity.workbook.reading.stored_assessment import MEASURES, StoredAssessment
from xlcity.workbook.sheets.inputs.record import RECIPE_HASH
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.method_table import SHEET as FRAMEWORK
from xlcity.workbook.steps.method_table import Bands, method_address, step_of

#: Relative tolerance of values as typed, and of what is computed from them.
TYPED, COMPUTED = 1e-12, 1e-9
#: Parameters that decide what is shown or checked, and no score.
_WITHOUT_EFFECT = ("neighbour", "slip", "share_tolerance", "udf_tolerance", "print_tolerance")


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


def inputs_table(
    book: Book, canvas: Canvas, header: int, left: int, replicates: str, same: str, positions: Area
) -> Table:
    """Return the table of inputs.

    `replicates` is a cell with a number where there is an assessment, `same` are cells with 1 for
    a city as it was assessed, `positions` the position of each city then.
    """
    stored = book.spec.assessed
    live = list(_watch_inputs(book, canvas.name, same, positions.ref()))
    live_keys = {watched.key for watched in live}
    gone = [Watched(key, f'"{key}"', {}) for key in stored.inputs if key not in live_keys]
    rows = (*live, *gone)
    columns = _columns(book, stored, replicates, positions.ref("rc", canvas.name))
    return item_table(canvas, header, rows, columns, left=left, codes=header)


def _columns(
    book: Book, stored: StoredAssessment, replicates: str, positions: str
) -> tuple[Column, ...]:
    text = book.labels.ref

    def formula_now(name: str) -> Formula:
        return lambda cells: cells.item.measures.get(name)

    def value_then(index: int, cells: RowCells) -> object:
        return stored.inputs.get(cells.item.key, (None,) * len(MEASURES))[index]

    def name_formula(cells: RowCells) -> str:
        kind = text(f"assessed.{cells.item.key.partition(' ')[0]}")
        return kind if cells.item.name == '""' else f'{kind}&" "&{cells.item.name}'

    def change_number(cells: RowCells) -> str:
        return f'IF({cells.changed}=1,SUM({cells.changed.so_far}),"")'

    return (
        Column("key", value=lambda cells: cells.item.key, role="id", code="key", width=14,
               helper=True),
        Column("name", formula=name_formula, role="id", code="name", width=26, helper=True),
        *(Column(f"now_{name}", formula=formula_now(name), role="id", number="General",
                 code=f"now_{name}", width=11, helper=True) for name in MEASURES),
        *(Column(f"then_{name}", value=partial(value_then, index), role="id", number="General",
                 code=f"then_{name}", width=11, helper=True)
          for index, name in enumerate(MEASURES)),
        Column("tolerance", value=lambda cells: cells.item.tolerance, role="id", number="0E+00",
               code="tolerance", width=9, helper=True),
        Column("changed", formula=lambda cells: _changed(cells, replicates, positions), role="id",
               number="0", code="changed", width=8, marks=[("{0}=1", "note")], helper=True),
        Column("number", formula=change_number, role="id", number="0", code="number", width=8,
               helper=True),
    )  # fmt: skip


def _changed(cells: RowCells, replicates: str, positions: str) -> str:
    """Return the formula that is 1 where an input differs from what it was when assessed."""
    then = {name: cells[f"then_{name}"] for name in MEASURES}
    now = {name: cells[f"now_{name}"] for name in MEASURES}
    limit = cells.tolerance
    if len(cells.item.measures) > 1:
        # No sum of n numbers is larger than the root of n times their sum of squares.
        size = f"{limit}*SQRT({then['value']}*{then['squares']})"
        same = (
            f"{now['value']}={then['value']},{now['gaps']}={then['gaps']},"
            f"ABS({now['sum']}-{then['sum']})<={size},"
            f"ABS({now['placed']}-{then['placed']})<={size}*ROWS({positions}),"
            f"ABS({now['squares']}-{then['squares']})<={limit}*{then['squares']}"
        )
        stored_numbers = ",".join(then.values())
        changed = f"IF(COUNT({stored_numbers})<{len(MEASURES)},1,IF(AND({same}),0,1))"
    else:
        new, old = now["value"], then["value"]
        equal = f'IF({old}="",{new}="",{new}={old})'
        near = f"ABS({new}-{old})<={limit}*ABS({old})"
        changed = f"IF(IF(AND(ISNUMBER({new}),ISNUMBER({old})),{near},{equal}),0,1)"
    return f"IF(ISNUMBER({replicates}),{changed},0)"


def _watch_inputs(book: Book, sheet: str, same: str, positions: str) -> Iterator[Watched]:
    """Yield the inputs that are compared, what explains most first."""
    spec, layout, text = book.spec, book.layout, book.labels.ref
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
    for node in spec.framework.tree_order:
        if node.parent is not None:
            weight = layout.framework_cell(node.code, "weight")
            yield Watched(f"weight {node.code}", name(node.code), cell_value(weight))
    for code in layout.indicators:
        direction = layout.framework_cell(code, "direction")
        yield Watched(f"direction {code}", name(code), cell_value(direction))
    screened = {
        area: f"screen_{name}"
        for group in screen_groups(spec.framework, spec.recipe)
        for name, area in screen_cells(group).items()
    }
    for parameter, ref in book.parameters.items():
        if parameter not in _WITHOUT_EFFECT:
            yield Watched(
                f"parameter {ref}", text(f"par.{screened.get(ref, parameter)}"), cell_value(ref)
            )
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
        step = step_of(spec, code)
        entries = [p.column for p in shown(step).values() if is_live(p, spec.apart)]
        if spec.prepares:
            values = prepare.values_of(spec, code).items()
            entries += [entry for entry, value in values if isinstance(value, float)]
        for entry in dict.fromkeys(entries):
            if entry in book.layout.framework_columns:
                yield code, entry, method_address(spec, code, entry)
        if step.method == "bands":
            bands = Bands.of(spec, code)
            for kind, size, left in (
                ("cut", len(bands.cuts), bands.left[0]),
                ("score", len(bands.scores), bands.left[2]),
            ):
                for position in range(size):
                    address = f"{FRAMEWORK}!{cell(bands.row, left + position, 'rc')}"
                    yield code, f"{kind} {position + 1}", address
