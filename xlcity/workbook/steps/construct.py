"""Constructed indicators: native formula and UDF call of each method."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.messages import Message
from xlcity.methods.formulas import gap_formula_of_two
from xlcity.model.recipe import LINK_METHODS, Step
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import LEFT, LinkNetwork, link_layout
from xlcity.workbook.layout.networks import ID, NATIVE, NetworkLayout
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_RANGE,
    ROW_WEIGHT,
)
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.steps.native_support import no_native
from xlcity.workbook.steps.nodes import node_native, node_udf

#: Method -> the parameters that name its two values.
_PARTS = {"trend": ("now", "before"), "ratio": ("numerator", "denominator")}
#: Header row that holds the clipping limit of sub-measures, and from which share
#: on a change is a trend.
ROW_LIMIT = ROW_LOW
#: Header rows of how many ingredients a mean has, and of the sum of their weights.
ROW_PARTS = ROW_HIGH
ROW_PARTS_WEIGHT = ROW_RANGE


def rule_of(step: Step) -> str:
    """Return what a constructed indicator does with a missing ingredient."""
    return step.text("missing") if "missing" in step.record.names else "na"


def native(layout: Layout, code: str, row: int) -> str:
    """Return the formula of one constructed value."""
    step = layout.construct_of(code)
    sheet = INDEX
    if code in layout.spec.matrices:
        return _network(layout, code, row)
    codes = layout.ingredients_of(code)
    if step.method in LINK_METHODS:
        return _link_native(layout, code, row)
    if step.method == "bands":
        unit = layout.city_cell("id", row)
        lines = layout.item_count(code)
        units = layout.item_column(2).ref()
        weights = layout.item_column(8).ref()
        wanted = f'{layout.item_column(1).ref()},"{code}"'
        none = f'OR({layout.population(row, sheet)}="",{lines}=0)'
        return f'IF({none},"",SUMIFS({weights},{units},{unit},{wanted}))'
    if step.method == "pm25_grade":
        x = layout.typed.at(codes[0], row, sheet)
        return f"IF(ISNUMBER({x}),ROWS(par_pm25)+1-SUMPRODUCT((par_pm25<{x})*1),{x})"
    if step.method in _PARTS:
        x, y = (part.at(name, row, sheet) for part, name in _parts_of(layout, code))
        limit = layout.constructed_values.at(code, ROW_LIMIT, sheet, "r")
        if step.method == "trend":
            value = f"IF(ABS({x}-{y})>{limit}*ABS({y}),SIGN({x}-{y}),0)"
        else:
            value = f'IF({y}=0,"NA",{x}/{y}{_times(step)})'
        return f"IF(COUNT({x},{y})=2,{value},{gap_formula_of_two(x, y)})"
    block = layout.weighted_parts.get(code, layout.typed)
    values = block.rows_of(codes, row, row).ref("", sheet)
    number, total = (
        layout.constructed_values.at(code, header, sheet, "r")
        for header in (ROW_PARTS, ROW_PARTS_WEIGHT)
    )
    weights = weight_range(layout, code, sheet)
    return node_native(values, weights, rule_of(step), number=number, total=total)


def _network(layout: Layout, code: str, row: int) -> str:
    """Return what a network is worth to a city; one without a row in the matrix has no ties."""
    network = NetworkLayout(layout, code)
    populations = populations_of(layout)
    ids = network.down(ID).ref()
    natives = network.down(NATIVE).ref()
    value = f"IFERROR(INDEX({natives},MATCH({cell(row, 1, 'c')},{ids},0)),0)"
    if not network.iterated and network.step.text("share") == "yes":
        value = f"{value}/(COUNT({populations.numbers.ref('rc', INDEX)})-1)"
    number = populations.number(row, INDEX)
    return f'IF(OR({number}="",{network.filled}=0),"",{value})'


def sources_of(layout: Layout, code: str) -> tuple[Area, ...]:
    """Return the columns that an indicator is constructed from, none for lists and links."""
    step = layout.construct_of(code)
    codes = layout.ingredients_of(code)
    if step.method in (*LINK_METHODS, "bands"):
        return ()
    if step.method in _PARTS:
        return tuple(part.span((name,)) for part, name in _parts_of(layout, code))
    return (layout.typed.span(codes),)


def udf(layout: Layout, code: str) -> str:
    """Return the call that constructs a whole column."""
    step = layout.construct_of(code)
    if step.method in LINK_METHODS:
        return _link_udf(layout, code)
    if step.method == "bands":
        units = layout.listed_ids.ref()
        lists = [layout.item_column(column).ref() for column in (2, 4, 5)]
        return f"BAND_INDEX({units},{','.join(lists)},par_band_upper,par_band_weight)"
    values = ",".join(source.ref() for source in sources_of(layout, code))
    limit = layout.constructed_values.at(code, ROW_LIMIT, "", "rc")
    if step.method == "trend":
        return f"TREND_STATE({values},{limit})"
    if step.method == "pm25_grade":
        return f"PM25_GRADE({values},par_pm25_guideline)"
    if step.method == "ratio":
        return f"DENOMINATE({values}{_times(step, ',')})"
    weights = weight_range(layout, code)
    if step.method == "mean":
        return node_udf(values, weights, rule_of(step))
    return f'ZSCORE_INDEX({values},{weights},{limit},"{rule_of(step)}",par_ddof)'


def _times(step: Step, sign: str = "*") -> str:
    """Return the scale of a ratio behind a sign, "" where it changes nothing."""
    scale = step.number("scale")
    return "" if scale == 1 else f"{sign}{scale:.15g}"


def _parts_of(layout: Layout, code: str) -> Iterator[tuple[Block, str]]:
    """Yield (block, code) of both values of a trend or ratio; "@CODE" is another indicator's."""
    step = layout.construct_of(code)
    for part in _PARTS[step.method]:
        name = str(step.get(part, part))
        # An ingredient of another indicator, or that indicator's own value.
        is_own = not name.startswith("@") or name[1:] in layout.ingredients
        of = name[1:] if name.startswith("@") else f"{code}.{name}"
        yield layout.typed if is_own else layout.raw, of


def weight_range(layout: Layout, code: str, home: str | None = None) -> str:
    """Return the weights of an indicator's ingredients, above them."""
    codes = layout.ingredients_of(code)
    if (block := layout.weighted_parts.get(code)) is None:
        raise no_native(
            code,
            Message("XC259.no_ingredient_weights", code=code),
            Message("hint.construct_otherwise"),
        )
    return block.rows_of(codes, ROW_WEIGHT, ROW_WEIGHT).ref("r" if home else "rc", home)


def _link_native(layout: Layout, code: str, row: int) -> str:
    """Return the formula of one city's value: it stands on `Matrices`, or beside the rounds."""
    links = link_layout(layout)
    slot = row - FIRST
    step = layout.construct_of(code)
    if step.method == "eigen_centrality":
        return LinkNetwork(layout, code).value(slot)
    city_row = links.first(code) + slot
    column = links.strength_column
    strength, partners = (f"Matrices!{cell(city_row, column + n, 'c')}" for n in (0, 1))
    if step.method == "link_strength" or step.get("share") == "no":
        return strength if step.method == "link_strength" else partners
    others = f"(COUNT({links.unit_column(code, column + 1).ref()})-1)"
    return f'IF({partners}="","",IF({others}>0,{partners}/{others},""))'


def _link_udf(layout: Layout, code: str) -> str:
    """Return the call that makes the whole column from the matrix."""
    links = link_layout(layout)
    step = layout.construct_of(code)
    matrix = links.matrix(code).ref()
    if step.method == "eigen_centrality":
        return f"EIGEN_CENTRALITY({matrix},{part_name('weighted', code)})"
    if step.method == "degree_centrality":
        return f'DEGREE_CENTRALITY({matrix},"{step.text("share")}")'
    groups = links.unit_column("", LEFT - 1).ref() if step.get("group") else '""'
    domestic = "par_domestic" if step.get("group") else '""'
    return f'LINK_STRENGTH({matrix},"symmetric",{groups},{domestic},{part_name("count", code)})'


def line_key(*parts: str) -> str:
    """Return the formula of the text by which a line is found, such as indicator and cities."""
    return '&"|"&'.join(parts)
