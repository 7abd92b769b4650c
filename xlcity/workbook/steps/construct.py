"""Constructed indicators: native formula and UDF call of each method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlcity.messages import Message
from xlcity.methods.construct.record import ConstructionCells
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.inputs import ITEM_COLUMNS
from xlcity.workbook.layout.links import LEFT, LinkLayout, LinkNetwork
from xlcity.workbook.layout.networks import ID, NATIVE, NetworkLayout
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_RANGE,
    ROW_WEIGHT,
)
from xlcity.workbook.live_recipe import names_of_cells
from xlcity.workbook.steps.native_support import no_native
from xlcity.workbook.steps.nodes import node_native, node_udf

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
    method = layout.construction_of(code)
    if method.network is not None:
        return _link_native(layout, code, row)
    if (formula := method.native.formula) is not None:
        return formula(_cells_of_city(layout, code, row))
    block = layout.weighted_parts.get(code, layout.typed)
    values = block.rows_of(codes, row, row).ref(Fix.NONE, sheet)
    number, total = (
        layout.constructed_values.at(code, header, sheet, Fix.ROW)
        for header in (ROW_PARTS, ROW_PARTS_WEIGHT)
    )
    weights = weight_range(layout, code, sheet)
    return node_native(
        values,
        weights,
        rule_of(step),
        number=number,
        total=total,
    )


def _network(layout: Layout, code: str, row: int) -> str:
    """Return what a network is worth to a city; one without a row in the matrix has no ties."""
    network = NetworkLayout(layout, code)
    populations = populations_of(layout)
    ids = network.down(ID).ref()
    natives = network.down(NATIVE).ref()
    value = f"IFERROR(INDEX({natives},MATCH({cell(row, 1, Fix.COLUMN)},{ids},0)),0)"
    if not network.iterated and network.step.text("share") == "yes":
        value = f"{value}/(COUNT({populations.numbers.ref(home=INDEX)})-1)"
    number = populations.number(row, INDEX)
    return f'IF(OR({number}="",{network.filled}=0),"",{value})'


def sources_of(layout: Layout, code: str) -> tuple[Area, ...]:
    """Return the columns that an indicator is constructed from, none for lists and links."""
    method = layout.construction_of(code)
    codes = layout.ingredients_of(code)
    if method.items or method.network is not None:
        return ()
    if method.parts:
        return tuple(part.span((name,)) for part, name in _parts_of(layout, code))
    return (layout.typed.span(codes),)


def udf(layout: Layout, code: str) -> str:
    """Return the call that constructs a whole column."""
    step = layout.construct_of(code)
    method = layout.construction_of(code)
    values = tuple(source.ref() for source in sources_of(layout, code))
    if method.native.call is None:
        return node_udf(",".join(values), weight_range(layout, code), rule_of(step))
    cells = ConstructionCells(
        settings=step.settings(),
        cell_of=names_of_cells(step, code),
        values=values,
        limit=layout.constructed_values.at(code, ROW_LIMIT, "", Fix.BOTH),
        weights=weight_range(layout, code) if method.native.averages else "",
    )
    if method.network is not None:
        cells = _with_links(layout, code, cells)
    if method.items:
        items = _item_columns(layout, code)
        cells = replace(cells, items=items, units=layout.listed_ids.ref())
    return method.native.call(cells)


def _cells_of_city(layout: Layout, code: str, row: int) -> ConstructionCells:
    """Return what the formula of a city's value names."""
    step = layout.construct_of(code)
    method = layout.construction_of(code)
    parts = [(layout.typed, name) for name in layout.ingredients_of(code)]
    if method.parts:
        parts = [*_parts_of(layout, code)]
    cells = ConstructionCells(
        settings=step.settings(),
        values=tuple(part.at(name, row, INDEX) for part, name in parts),
        limit=layout.constructed_values.at(code, ROW_LIMIT, INDEX, Fix.ROW),
    )
    if not method.items:
        return cells
    return replace(
        cells,
        items=_item_columns(layout, code),
        item_count=layout.item_count(code),
        unit=layout.city_cell("id", row),
        group=layout.population(row, INDEX),
    )


def _item_columns(layout: Layout, code: str) -> dict[str, str]:
    """Return the columns of the list on `Items`, and what finds an indicator's lines there."""
    columns = {
        name: layout.item_column(column).ref()
        for column, name in enumerate(ITEM_COLUMNS, 1)
    }
    return columns | {"code": f'{columns["code"]},"{code}"'}


def _parts_of(layout: Layout, code: str) -> Iterator[tuple[Block, str]]:
    """Yield (block, code) of both values of a trend or ratio; "@CODE" is another indicator's."""
    step = layout.construct_of(code)
    for part in layout.construction_of(code).parts:
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
    return block.rows_of(codes, ROW_WEIGHT, ROW_WEIGHT).ref(
        Fix.ROW if home else Fix.BOTH, home
    )


def _link_native(layout: Layout, code: str, row: int) -> str:
    """Return the formula of one city's value: it stands on `Matrices`, or beside the rounds."""
    links = LinkLayout(layout)
    slot = row - FIRST
    step = layout.construct_of(code)
    formula = layout.construction_of(code).native.formula
    if formula is None:
        return LinkNetwork(layout, code).value(slot)
    city_row = links.first(code) + slot
    column = links.strength_column
    strength, partners = (
        f"Matrices!{cell(city_row, column + n, Fix.COLUMN)}" for n in (0, 1)
    )
    others = f"(COUNT({links.unit_column(code, column + 1).ref()})-1)"
    return formula(
        ConstructionCells(
            settings=step.settings(),
            strength=strength,
            partners=partners,
            others=others,
        )
    )


def _with_links(
    layout: Layout, code: str, cells: ConstructionCells
) -> ConstructionCells:
    """Return what a call names with the matrix of links, and the groups inside which none count."""
    links = LinkLayout(layout)
    cells = replace(cells, matrix=links.matrix(code).ref())
    if not cells.settings.given.get("group"):
        return cells
    groups = links.unit_column("", LEFT - 1).ref()
    return replace(cells, groups=groups, domestic="par_domestic")


def line_key(*parts: str) -> str:
    """Return the formula of the text by which a line is found, such as indicator and cities."""
    return '&"|"&'.join(parts)
