"""Composite nodes rescaled by the methods of the step *rescale*."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from xlcity.index.steps import overall_reading
from xlcity.methods.formulas import spread_formula, text_condition
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import (
    EQUAL_SCORE,
    SCALED,
    AggregateCells,
    Rescaling,
)
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import (
    INDEX,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.nodes import may_cancel, missing_rule, node_native, node_udf
from xlcity.workbook.steps.weigh import weighted_nodes

#: Rows above each node on `Index` of its own parameters.
ROWS = (ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_LOW)
#: Statistic of aggregates -> its row above them.
_STATISTIC_ROWS = {
    "n": ROW_N,
    "mean": ROW_MEAN,
    "sd": ROW_SD,
    "min": ROW_MIN,
    "max": ROW_MAX,
}


def _rescaling_of(spec: TemplateSpec, code: str) -> Rescaling:
    """Return the method by which a node is rescaled that is."""
    step = spec.recipe.step_for("rescale", code)
    assert step is not None, "only nodes with a step are rescaled"
    return find_method(Rescaling, step.method)


def method_of(spec: TemplateSpec, code: str) -> str:
    """Return the name of the method by which a node is rescaled that is."""
    return _rescaling_of(spec, code).name


def parameters_of(spec: TemplateSpec, code: str) -> dict[str, float]:
    """Return the parameters that a node has cells of its own for, by name."""
    step = spec.recipe.step_for("rescale", code)
    if step is None or not is_scaled(spec, code):
        return {}
    names = _rescaling_of(spec, code).node_parameters
    return {name: step.number(name) for name in names}


def has_constant(spec: TemplateSpec) -> bool:
    """Tell whether equal nodes have a score of their own."""
    return any(
        s.get("constant") is not None for s in spec.recipe.steps_doing("rescale")
    )


def is_scaled(spec: TemplateSpec, code: str) -> bool:
    """Tell whether a node is rescaled itself."""
    step = spec.recipe.step_for("rescale", code)
    # A root may be a mean of its scaled children instead, or as it is.
    return (
        overall_reading(step) == SCALED
        if code == spec.framework.root.code
        else step is not None
    )


def statistics_read(spec: TemplateSpec, code: str) -> tuple[int, ...]:
    """Return the rows of the statistics above a node that rescaling it reads."""
    if not is_scaled(spec, code):
        return ()
    names = _rescaling_of(spec, code).native.statistics
    return tuple(_STATISTIC_ROWS[name] for name in names)


#: Row of the span of a node's values, "" where it has none, above the aggregates.
ROW_SPAN = ROW_RANGE


def span_of(layout: Layout, code: str) -> str:
    """Return the formula of that span."""
    column = layout.aggregates.column(code)
    return span_between(layout, code, cell(ROW_MIN, column), cell(ROW_MAX, column))


def span_between(
    layout: Layout,
    code: str,
    low: str,
    high: str,
    home: str = "",
) -> str:
    """Return the formula of the span between two ends of a node, "" where it is but rounding.

    Means of values that cancel may differ by the share that `functions.rounding.ZERO_WITHIN` is.
    """
    if not may_cancel(layout.spec, code):
        return spread_formula(low, high)
    block, children = layout.children(code)
    values = layout.values_of(block).span(children).ref(home=home or layout.block_sheet)
    noise = f"2E-10*MAX(MAX({values}),-MIN({values}))"
    return f'IF(COUNT({low},{high})=2,IF({high}-{low}>{noise},{high}-{low},""),"")'


def _parameter_cells(
    layout: Layout, code: str, home: str | None = None
) -> dict[str, str]:
    """Return the addresses of the parameters by which a node is rescaled."""
    block = layout.on_index.scores
    method = _rescaling_of(layout.spec, code)
    own = zip(method.node_parameters, ROWS, strict=False)
    cells = {
        name: block.rows_of(
            (code,),
            row,
            row,
        ).ref(home=home)
        for name, row in own
    }
    shared = (p for p in method.parameters if p.is_shared)
    return cells | {parameter.name: parameter.defined_name for parameter in shared}


def _constant_cell(spec: TemplateSpec) -> str:
    """Return the name of the cell with the score of equal nodes, "" where they have none."""
    return EQUAL_SCORE.defined_name if has_constant(spec) else ""


def _rescaled(layout: Layout, code: str, row: int, value: str) -> str:
    """Return one cell of the aggregates on another scale.

    Where populations are scored apart, minimum and span are those of the city's own. What stands
    where all cities are equal is the recipe's constant, or nothing. `layout` may be a trial's;
    parameters stand on `Index`.
    """
    spec = layout.spec
    column = layout.aggregates.column(code)
    home = layout.scores.sheet
    n, mean, sd, low, span = (
        cell(header_row, column, Fix.ROW)
        for header_row in (ROW_N, ROW_MEAN, ROW_SD, ROW_MIN, ROW_SPAN)
    )
    if spec.apart:
        populations = populations_of(layout)
        number = populations.number(row, INDEX)
        low, span = (
            populations.own("aggregates", code, name, number, home=INDEX)
            for name in ("min", "span")
        )
    cells = AggregateCells(
        cell_of=_parameter_cells(layout, code, home),
        value=value,
        low=low,
        span=span,
        n=n,
        mean=mean,
        sd=sd,
        constant=_constant_cell(spec) or '""',
    )
    return _rescaling_of(spec, code).native.cell_formula(cells)


def scaled_native(layout: Layout, code: str, row: int) -> str:
    """Return a node's score in one row, read from `layout`'s aggregates and scores.

    `layout` may be a trial's, whose blocks and weights stand on a sheet of their own.
    """
    spec = layout.spec
    home = layout.scores.sheet
    own = layout.aggregates.at(code, row, home)
    root = spec.framework.root.code
    if code == root and spec.means_of_scaled:
        values, weights = layout.child_cells(layout.scaled_children(), row, home)
        rule = missing_rule(spec, root)
        mean = node_native(values, weights, rule, zeros=True)
        # Where no weights are found, a row without a city would count as filled.
        return (
            f'IF(COUNT({weights})=0,"",{mean})'
            if root in weighted_nodes(spec)
            else mean
        )
    return _rescaled(layout, code, row, own) if is_scaled(spec, code) else own


def _called(layout: Layout, codes: tuple[str, ...]) -> str:
    """Return the values of nodes as functions take them: 0 where they differ by rounding alone."""
    spec = layout.spec
    block = layout.aggregates
    values = block.span(codes).ref()
    if spec.apart or not any(may_cancel(spec, code) for code in codes):
        return values
    spans = block.rows_of(codes, ROW_SPAN, ROW_SPAN).ref()
    return f'IF(({spans}<>"")+({text_condition(values)}),{values},0)'


def rescale_udfs(layout: Layout) -> Iterator[tuple[tuple[str, ...], str, Area]]:
    """Yield (codes, call, what it reads) of rescaled nodes, and of a root that is their mean."""
    spec = layout.spec
    sources = layout.aggregates

    def is_called_with_others(code: str) -> bool:
        return is_scaled(spec, code) and not parameters_of(spec, code)

    runs: list[tuple[str, ...]] = []
    for with_others, run in groupby(layout.from_below, is_called_with_others):
        runs += [tuple(run)] if with_others else []
    # What has parameters of its own is called by itself.
    runs += [(code,) for code in layout.from_below if parameters_of(spec, code)]
    for codes in runs:
        cells = AggregateCells(
            cell_of=_parameter_cells(layout, codes[0]),
            value=_called(layout, codes),
            nonzero=frozenset(
                name for name, value in parameters_of(spec, codes[0]).items() if value
            ),
            constant=_constant_cell(spec),
            groups=populations_of(layout).members.ref() if spec.apart else "",
        )
        call = _rescaling_of(spec, codes[0]).native.call(cells)
        if call is not None:
            yield codes, call, sources.span(codes)
    root = spec.framework.root.code
    if spec.means_of_scaled:
        block, children = layout.scaled_children()
        weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        source = block.span(children)
        yield (root,), node_udf(source.ref(), weights, missing_rule(spec, root)), source
