"""Cells of populations that are scored apart: each reads the statistics of its own."""

from __future__ import annotations

from xlcity.workbook.canvas import Canvas
from xlcity.workbook.grid import cell, deviation, settled
from xlcity.workbook.layout import ROW_FIXED_HIGH, ROW_FIXED_LOW, Layout
from xlcity.workbook.populations import SIZE, Populations
from xlcity.workbook.steps.nodes import decides
from xlcity.workbook.steps.zscore import ROW_DIRECTION, standardised

#: Header rows that tell how many cities of the first two populations are computed.
SHOWN = (ROW_FIXED_LOW, ROW_FIXED_HIGH)


def zscore_native(layout: Layout, code: str, row: int) -> str:
    """Return the oriented z-score of a value by the statistics of its city's population."""
    found = Populations(layout)
    x, number = layout.raw.at(code, row, "Normalised"), found.number(row)
    mean, sd = (found.own("raw", code, name, number) for name in ("mean", "sd"))
    sign = cell(ROW_DIRECTION, layout.normalised.column(code), "r")
    if zscore_constant(layout) is not None:
        score = f"{sign}*{deviation(x, mean, sd)}"
        return f"IF(ISNUMBER({x}),IF(ISNUMBER({sd}),{score},par_zscore_constant),{x})"
    return standardised(x, mean, sd, f"{sign}*")


def zscore_constant(layout: Layout) -> float | None:
    """Return the z-score of an indicator in which all are equal, None where there is none."""
    for step in layout.spec.recipe.steps_doing("normalise"):
        if step.get("constant") is not None:
            return step.number("constant", 0.0)
    return None


def zscore_udf(layout: Layout) -> str:
    """Return the call that standardises all indicators, population by population."""
    found, codes = Populations(layout), layout.indicators
    direction = layout.normalised.rows_of(codes, ROW_DIRECTION, ROW_DIRECTION).ref()
    constant = ",par_zscore_constant" if zscore_constant(layout) is not None else ""
    return (
        f"ZSCORE_WINSOR({layout.raw.span().ref()},0,{direction},par_ddof,"
        f"{found.members.ref()},{found.pools.ref()}{constant})"
    )


def refused_native(layout: Layout, code: str, row: int, values: str, weights: str) -> str:
    """Return a node that is computed where its whole population has all its children."""
    found = Populations(layout)
    number = found.number(row)
    complete = found.own("aggregates", code, "complete", number)
    mean = f"SUMPRODUCT({values},{weights})/SUM({weights})"
    if decides(layout.spec, code):
        mean = settled(f"SUMPRODUCT({values},{weights})", f"SUM({weights})", values)
    return f'IF({number}="","",IF({complete}=1,{mean},"NA"))'


def computed_rows(canvas: Canvas, layout: Layout, section: str) -> None:
    """Write how many cities of each population have a node, above its column."""
    found = Populations(layout)
    block = found.block(section)
    for place, row in enumerate(SHOWN[: len(found.names)]):
        canvas.blank(row, 1, "stub")
        said = f'{canvas.book.labels.ref("stat.computed")}&" · {found.names[place]}"'
        canvas.formula(row, 2, said, "stub_line")
        for code in block.codes:
            n, size = found.at(section, code, "n", place), found.header(SIZE, place)
            canvas.formula(
                row, block.column(code), f'{n}&" / "&{size}', "calculation_center", font_size=9
            )
        column = block.left
        first, last = cell(row, column, "r"), block.rows_of(block.codes, row, row)
        size = found.header(SIZE, place)
        canvas.mark(last, f'{first}<>{size}&" / "&{size}', "note")
