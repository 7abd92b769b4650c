"""Rescaling composite nodes by the efficacy coefficient."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.index.rescale import MEAN_OF_SCALED, SCALED, overall
from xlcity.workbook.grid import cell
from xlcity.workbook.layout import ROW_MAX, ROW_MIN, ROW_WEIGHT, Layout
from xlcity.workbook.populations import Populations
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.nodes import missing_rule, node_native, node_udf


def root_reading(spec: TemplateSpec) -> str:
    """Return how the root is read: mean of its scaled children, scaled itself, or as it is."""
    return overall(spec.recipe.step_for("rescale", spec.framework.root.code))


def has_constant(spec: TemplateSpec) -> bool:
    """Tell whether equal nodes have a score of their own."""
    return any(s.get("constant") is not None for s in spec.recipe.steps_doing("rescale"))


def is_scaled(spec: TemplateSpec, code: str) -> bool:
    """Tell whether a node is rescaled itself."""
    if code == spec.framework.root.code:
        return root_reading(spec) == SCALED
    return spec.recipe.step_for("rescale", code) is not None


def _efficacy(layout: Layout, code: str, row: int, value: str) -> str:
    """Return (x - min)/(max - min) x omega + (100 - omega) of one cell of the aggregates.

    Where populations are scored apart, minimum and maximum are those of the city's own. What
    stands where all cities are equal is the recipe's constant, or nothing.
    """
    spec, block = layout.spec, layout.aggregates
    if spec.apart:
        found = Populations(layout)
        number = found.number(row)
        low, high = (found.own("aggregates", code, name, number) for name in ("min", "max"))
    else:
        column = block.column(code)
        low, high = (f"{block.sheet}!{cell(at, column, 'r')}" for at in (ROW_MIN, ROW_MAX))
    constant = "par_constant" if has_constant(spec) else '""'
    return (
        f"IF(ISNUMBER({value}),IF({high}>{low},({value}-{low})/({high}-{low})*par_omega"
        f"+(100-par_omega),{constant}),{value})"
    )


def scaled_native(layout: Layout, code: str, row: int) -> str:
    """Return a node's score in one row, read from `layout`'s aggregates and scores.

    `layout` may be a trial's, whose blocks and weights stand on a sheet of their own.
    """
    spec, home = layout.spec, layout.scores.sheet
    own = layout.aggregates.at(code, row, home)
    root = spec.framework.root.code
    if code == root and root_reading(spec) == MEAN_OF_SCALED:
        children = tuple(child.code for child in spec.framework.children(root))
        weights = layout.scores.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", home)
        values = layout.scores.rows_of(children, row, row).ref("c", home)
        return node_native(values, weights, missing_rule(spec, root), zeros=True)
    return _efficacy(layout, code, row, own) if is_scaled(spec, code) else own


def rescale_udfs(layout: Layout) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (codes, call) of every run of rescaled nodes, and of a root that is their mean."""
    spec, block = layout.spec, layout.aggregates
    run: list[str] = []
    for code in (*layout.composites, None):
        if code is not None and is_scaled(spec, code):
            run.append(code)
            continue
        if run:
            more = ',"","",par_constant' if has_constant(spec) else ""
            if spec.apart:
                more = more or ',"","",""'
                more += f",{Populations(layout).members.ref()}"
            yield tuple(run), f"EFFICACY_SCALE({block.span(tuple(run)).ref()},par_omega{more})"
            run = []
    root = spec.framework.root.code
    if root_reading(spec) == MEAN_OF_SCALED:
        children = tuple(child.code for child in spec.framework.children(root))
        weights = layout.scores.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        call = node_udf(layout.scores.span(children).ref(), weights, missing_rule(spec, root))
        yield (root,), call
