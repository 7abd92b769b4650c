"""Every composite node, carried children and working columns, and the nodes rescaled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlcity.methods.rescale.efficacy import SHARED_OMEGA
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix
from xlcity.workbook.drawing.number_formats import FOUR_DECIMALS, INTEGER
from xlcity.workbook.drawing.styles import CENTER, STUB_CENTER
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.layout import FUNCTIONS
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_LOW, ROW_WEIGHT
from xlcity.workbook.methods_in_cells import (
    aggregation_of,
    mean_of,
    native_mean,
    step_for,
)
from xlcity.workbook.sheets.calculation.by_function import draw_part
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    STATISTICS,
    VALUE,
    rows_above,
    statistics,
    weight_line,
)
from xlcity.workbook.sheets.table import MISSING, Above, Content, draw_block
from xlcity.workbook.steps.means import (
    ROW_POWER,
    ROW_THRESHOLD,
    Turned,
    mean_native,
    threshold_of,
    turned_nodes,
)
from xlcity.workbook.steps.rescale import (
    ROW_SPAN,
    ROWS,
    is_scaled,
    parameters_of,
    scaled_native,
    span_of,
    statistics_read,
)

#: Row of the number of children, above nodes that may be given directly.
ROW_CHILDREN = ROW_LOW


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the composite nodes, computed from their children, and rescaled where they are."""
    layout = book.layout
    spec = book.spec
    block = layout.aggregates
    final = not spec.rescales
    number = SCORE if final else "0.0000"
    weights = weight_line(book)
    turned = turned_nodes(layout)

    def role(code: str) -> str:
        return "output" if code == spec.framework.root.code else "calculation"

    def node(code: str, row: int) -> str:
        count = (
            block.at(code, ROW_CHILDREN, INDEX, Fix.ROW)
            if children_count(code) is not None
            else ""
        )
        return mean_native(layout, code, row, INDEX, turned=turned, number=count)

    def children_count(code: str) -> Content:
        _, weights = layout.child_cells(layout.children(code), FIRST, INDEX)
        # Above nodes of groups that are scored apart stand the statistics of these.
        has_room = not spec.apart or code in spec.direct_nodes
        return f"COUNT({weights})" if ":" in weights and has_room else None

    def threshold(code: str) -> Content:
        return threshold_of(spec, code) or None

    draw_block(
        canvas,
        layout.mixed_children,
        layout.carried(layout.mixed_child_block),
        number=number,
        key="scores.carried",
        above=[weights],
    )
    for part in turned.values():
        draw_turned(book, canvas, part)
    draw_part(
        canvas,
        FUNCTIONS,
        "scores.function",
        lambda code: native_mean(spec, code).number_format,
    )
    draw_block(
        canvas,
        block,
        node,
        role if final else "calculation",
        number=number,
        marks=[MISSING],
        prefix=not final,
        key="scores.title" if final else "aggregates.title",
        above=[
            weights,
            Above(
                ROW_THRESHOLD,
                "scores.threshold",
                of=threshold,
                role=STUB_CENTER,
                number=VALUE,
            ),
            Above(
                ROW_CHILDREN,
                "scores.children",
                of=children_count,
                role=CENTER,
                number=INTEGER,
            ),
            *([] if final or spec.apart else extents(layout)),
        ],
    )
    if not final:
        _draw_scaled(book, canvas, role)


def extents(layout: Layout) -> list[Above]:
    """Return the rows of the statistics that rescaling reads; `layout` may be a trial's."""
    block = layout.aggregates
    formulas = {}
    for code in block.codes:
        rows = statistics_read(layout.spec, code)
        if rows:
            values = block.over(code, block.sheet)
            span = {ROW_SPAN: span_of(layout, code)}
            formulas[code] = statistics(values, rows) | span
    return rows_above(formulas, STATISTICS | {ROW_SPAN: "stat.range"})


def draw_turned(book: Book, canvas: Canvas, part: Turned) -> None:
    """Draw the working columns of a node: its children turned, and their mean."""
    layout = part.layout
    block = part.block
    sheet = part.block.sheet
    source, children = layout.children(part.code)
    node_of = dict(zip(block.codes, (*children, part.code), strict=True))

    def weight(column: str) -> Content:
        if column == part.mean:
            return None
        return source.rows_of((node_of[column],), ROW_WEIGHT, ROW_WEIGHT).ref(
            Fix.NONE, sheet
        )

    def power(column: str) -> Content:
        if (
            column != part.mean
            or "power" not in aggregation_of(book.spec, part.code).names
        ):
            return None
        if layout is book.layout:
            return step_for(book.spec, "aggregate", part.code).number("power")
        official = turned_nodes(book.layout)[part.code]
        return f"{official.block.sheet}!{official.power}"

    def working(column: str, row: int) -> str:
        return (
            part.middle(row, sheet)
            if column == part.mean
            else part.child(column, row, sheet)
        )

    def name(column: str) -> str:
        shown = layout.node_name(node_of[column])
        return f"{quoted(f'{mean_of(book.spec, part.code)} · ')}&{shown}"

    draw_block(
        canvas,
        block,
        working,
        number=FOUR_DECIMALS,
        key="scores.working",
        prefix=False,
        name=name,
        width=13,
        above=[
            Above(ROW_WEIGHT, "stat.weight", of=weight, role=CENTER, number="0.####"),
            Above(ROW_POWER, "", of=power, role=STUB_CENTER, number=VALUE),
        ],
    )


def _draw_scaled(book: Book, canvas: Canvas, role: Callable[[str], str]) -> None:
    """Draw the nodes rescaled, and the children of a root that is the mean of such nodes."""
    layout = book.layout
    spec = book.spec
    parameters = {code: parameters_of(spec, code) for code in layout.composites}
    by_shared_cells = not any(parameters.values()) and not spec.apart
    # Most nodes are the mean of others before these are rescaled.
    sources = [layout.children(code) for code in layout.composites]
    if spec.means_of_scaled:
        sources.append(layout.scaled_children())
    averaged: set[str] = set()
    for block, codes in sources:
        if block is layout.scores:
            averaged.update(codes)

    def omega(code: str) -> Content:
        is_shown = by_shared_cells and is_scaled(spec, code)
        return SHARED_OMEGA.defined_name if is_shown else None

    def parameter(number: int, code: str) -> Content:
        return dict(enumerate(parameters[code].values())).get(number)

    draw_block(
        canvas,
        layout.scores,
        partial(scaled_native, layout),
        role,
        number=SCORE,
        key="scores.title",
        prefix=False,
        marks=[MISSING],
        above=[
            weight_line(book, averaged),
            Above(ROW_SPAN, "scores.omega", omega, number=VALUE),
            *(
                Above(
                    row,
                    f"scores.p{number + 1}",
                    of=partial(parameter, number),
                    role=STUB_CENTER,
                    number=VALUE,
                )
                for number, row in enumerate(ROWS)
            ),
        ],
    )
    draw_block(
        canvas,
        layout.root_children,
        layout.carried(layout.own_block),
        number=SCORE,
        key="scores.carried",
        above=[weight_line(book)],
    )
