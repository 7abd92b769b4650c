"""What an assessment rests on: what each input was then and is now, and whether it changed.

Of a column of values five numbers are compared: how many there are, their sum, the sum weighted by
the place of each city, the sum of squares, and where gaps are. So an exchange of two values shows,
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
_SHOWN = ("neighbour", "slip", "share_tolerance", "udf_tolerance", "print_tolerance")


@dataclass(frozen=True, slots=True)
class Watched:
    """An input that is compared.

    Attributes
    ----------
    key
        By which it is found again; its first word is what it is.
    name
        Formula for its name.
    measures
        Measure -> formula for what it is now.
    tolerance
        Relative tolerance.
    """

    key: str
    name: str
    measures: Mapping[str, str]
    tolerance: float = TYPED


def inputs_table(
    book: Book, canvas: Canvas, header: int, left: int, made: str, same: str, placed: Area
) -> Table:
    """Return the table of inputs.

    `made` is a cell with a number where there is an assessment, `same` are cells with 1 for a city
    as it was assessed, `placed` the place of each city then.
    """
    stored = book.spec.assessed
    live = list(_watched(book, canvas.name, same, placed.ref()))
    known = {one.key for one in live}
    gone = [Watched(key, f'"{key}"', {}) for key in stored.inputs if key not in known]
    rows = (*live, *gone)
    columns = _columns(book, stored, made, placed.ref("rc", canvas.name))
    return item_table(canvas, header, rows, columns, left=left, codes=header)


def _columns(book: Book, stored: StoredAssessment, made: str, placed: str) -> tuple[Column, ...]:
    text = book.labels.ref

    def now(name: str) -> Formula:
        return lambda at: at.item.measures.get(name)

    def then(place: int, at: RowCells) -> object:
        return stored.inputs.get(at.item.key, (None,) * len(MEASURES))[place]

    def named(at: RowCells) -> str:
        kind = text(f"assessed.{at.item.key.partition(' ')[0]}")
        return kind if at.item.name == '""' else f'{kind}&" "&{at.item.name}'

    def number(at: RowCells) -> str:
        return f'IF({at.changed}=1,SUM({at.changed.so_far}),"")'

    return (
        Column("key", value=lambda at: at.item.key, role="id", code="key", width=14, helper=True),
        Column("name", formula=named, role="id", code="name", width=26, helper=True),
        *(Column(f"now_{name}", formula=now(name), role="id", number="General",
                 code=f"now_{name}", width=11, helper=True) for name in MEASURES),
        *(Column(f"then_{name}", value=partial(then, place), role="id", number="General",
                 code=f"then_{name}", width=11, helper=True)
          for place, name in enumerate(MEASURES)),
        Column("tolerance", value=lambda at: at.item.tolerance, role="id", number="0E+00",
               code="tolerance", width=9, helper=True),
        Column("changed", formula=lambda at: _changed(at, made, placed), role="id", number="0",
               code="changed", width=8, marks=[("{0}=1", "note")], helper=True),
        Column("number", formula=number, role="id", number="0", code="number", width=8,
               helper=True),
    )  # fmt: skip


def _changed(at: RowCells, made: str, placed: str) -> str:
    """Return 1 where an input is another one than at the time of the assessment."""
    then = {name: at[f"then_{name}"] for name in MEASURES}
    now = {name: at[f"now_{name}"] for name in MEASURES}
    limit = at.tolerance
    if len(at.item.measures) > 1:
        # No sum of n numbers is larger than the root of n times their sum of squares.
        size = f"{limit}*SQRT({then['value']}*{then['squares']})"
        same = (
            f"{now['value']}={then['value']},{now['gaps']}={then['gaps']},"
            f"ABS({now['sum']}-{then['sum']})<={size},"
            f"ABS({now['placed']}-{then['placed']})<={size}*ROWS({placed}),"
            f"ABS({now['squares']}-{then['squares']})<={limit}*{then['squares']}"
        )
        kept = ",".join(then.values())
        found = f"IF(COUNT({kept})<{len(MEASURES)},1,IF(AND({same}),0,1))"
    else:
        new, old = now["value"], then["value"]
        equal = f'IF({old}="",{new}="",{new}={old})'
        near = f"ABS({new}-{old})<={limit}*ABS({old})"
        found = f"IF(IF(AND(ISNUMBER({new}),ISNUMBER({old})),{near},{equal}),0,1)"
    return f"IF(ISNUMBER({made}),{found},0)"


def _watched(book: Book, sheet: str, same: str, placed: str) -> Iterator[Watched]:
    """Yield all that is compared, what explains most first."""
    spec, layout, text = book.spec, book.layout, book.labels.ref
    yield Watched("cities now", '""', {"value": f"COUNTA({layout.city('population').ref()})"})
    yield Watched("cities same", '""', {"value": f"SUM({same})"})

    def name(code: str) -> str:
        return layout.framework_cell(code, "display")

    def column(values: str) -> dict[str, str]:
        return {
            "value": f"COUNT({values})",
            "sum": f"SUM({values})",
            "placed": f"SUMPRODUCT({values},{placed})",
            "squares": f"SUMSQ({values})",
            "gaps": f'SUMIF({values},"NA",{placed})',
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
        if parameter not in _SHOWN:
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
        named = [p.column for p in shown(step).values() if is_live(p, spec.apart)]
        if spec.prepares:
            values = prepare.values_of(spec, code).items()
            named += [entry for entry, value in values if isinstance(value, float)]
        for entry in dict.fromkeys(named):
            if entry in book.layout.framework_columns:
                yield code, entry, method_address(spec, code, entry)
        if step.method == "bands":
            bands = Bands.of(spec, code)
            for kind, size, left in (
                ("cut", len(bands.cuts), bands.left[0]),
                ("score", len(bands.scores), bands.left[2]),
            ):
                for at in range(size):
                    address = f"{FRAMEWORK}!{cell(bands.row, left + at, 'rc')}"
                    yield code, f"{kind} {at + 1}", address
