"""Steps that only functions can do: their calls, and the formulas that read what these give."""

from __future__ import annotations

from xlcity.methods.aggregate.record import NodeCells
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.layout import FUNCTIONS, OWN
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_WEIGHT
from xlcity.workbook.methods_in_cells import native_mean, step_for
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.native_support import not_loaded
from xlcity.workbook.steps.normalising import Normalising

#: Row above held values: whether they count, as the functions are not loaded.
ROW_HELD = 13


def call_of(layout: Layout, part: str, code: str, home: str) -> str:
    """Return the call that gives a column of a block, as it stands on the sheet `home`."""
    if part == OWN:
        return Normalising(layout, code).own_call(home)
    if part == FUNCTIONS:
        return _node_call(layout, code, home)
    return prepare.call_alone(layout, part, code, home)


def _node_call(layout: Layout, code: str, home: str) -> str:
    source, children = layout.children(code)
    weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT)
    native = native_mean(layout.spec, code)
    assert native.call_for_all is not None, "it is by function"
    node = NodeCells(
        source.span(children).ref(home=home),
        weights.ref(Fix.BOTH, home),
        step_for(layout.spec, "aggregate", code).settings(),
    )
    return native.call_for_all(node)


def held_flag(layout: Layout, column: str) -> str:
    """Return the formula above a held column: 1 where its call is not computed, else 0."""
    first = layout.calls_alone.at(column, FIRST, "UDF", Fix.BOTH)
    return f"IF({not_loaded(first)},1,0)"


def called_or_held(layout: Layout, column: str, row: int) -> str:
    """Return the formula of a cell of `Index`: what its call gives, or gave when it last could."""
    held = layout.held
    flag = held.rows_of((column,), ROW_HELD, ROW_HELD).ref(Fix.ROW)
    position = f"MATCH({cell(row, 1, Fix.COLUMN)},{held.over('id', INDEX, Fix.BOTH)},0)"
    last = f"INDEX({held.over(column, INDEX)},{position})"
    now = layout.calls_alone.at(column, row, INDEX)
    return f'IFERROR(IF({flag}=1,{last},{now}),"")'
