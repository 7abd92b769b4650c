"""Indicators made from links: native formula and call of the function."""

from __future__ import annotations

from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.links import LEFT, LinkNetwork, link_layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.live_recipe import part_name


def native(layout: Layout, code: str, row: int) -> str:
    """Return the formula of one city's value: it stands on `Matrices`, or beside the rounds."""
    links, slot = link_layout(layout), row - FIRST
    if links.step(code).method == "eigen_centrality":
        return LinkNetwork(layout, code).value(slot)
    column = links.strength_column
    city_row = links.first(code) + slot
    if links.step(code).method == "link_strength":
        return f"Matrices!{cell(city_row, column, 'c')}"
    partners = f"Matrices!{cell(city_row, column + 1, 'c')}"
    if links.step(code).get("share") == "no":
        return partners
    others = f"(COUNT({links.unit_column(code, column + 1).ref()})-1)"
    return f'IF({partners}="","",IF({others}>0,{partners}/{others},""))'


def udf(layout: Layout, code: str) -> str:
    """Return the call that makes the whole column from the matrix."""
    links = link_layout(layout)
    step, matrix = links.step(code), links.matrix(code).ref()
    if step.method == "eigen_centrality":
        return f"EIGEN_CENTRALITY({matrix},{part_name('weighted', code)})"
    if step.method == "degree_centrality":
        return f'DEGREE_CENTRALITY({matrix},"{step.get("share", "yes")}")'
    groups = links.unit_column("", LEFT - 1).ref() if step.get("group") else '""'
    domestic = "par_domestic" if step.get("group") else '""'
    return f'LINK_STRENGTH({matrix},"symmetric",{groups},{domestic},{part_name("count", code)})'


def strength(layout: Layout, code: str, slot: int, presence: str, masked: bool) -> str:
    """Return the formula of a city's strength; `presence` is the condition that links count."""
    links = link_layout(layout)
    row = links.row(code, slot).ref("c", "Matrices")
    count, total = _counted(row), f"SUM({row})"
    if masked:
        mask = links.row("", slot).ref("c", "Matrices")
        count, total = f"SUMPRODUCT(({row}<>0)*{mask})", f"SUMPRODUCT({row},{mask})"
    return f"IF({presence},{count},{total})"


def partners(layout: Layout, code: str, slot: int, masked: bool) -> str:
    """Return the formula for the number of a city's links that count."""
    links = link_layout(layout)
    row = links.row(code, slot).ref("c", "Matrices")
    if masked:
        return f"SUMPRODUCT(({row}<>0)*{links.row('', slot).ref('c', 'Matrices')})"
    return _counted(row)


def _counted(row: str) -> str:
    return f'(COUNTIF({row},">0")+COUNTIF({row},"<0"))'


def line_key(*parts: str) -> str:
    """Return the formula of the text by which a line is found: indicator, and both cities."""
    return '&"|"&'.join(parts)


def two_way(layout: Layout, code: str, slot: int, other_slot: int, *, directed: bool) -> str:
    """Return the formula of the strength between two cities, found on `Links` by its key.

    Left of a block and above it stand the first parts of keys, where there are links. Flows of
    both directions add up; a symmetric tie may stand in either.
    """
    links = link_layout(layout)
    head, row = links.first(code) - 1, links.first(code) + slot
    unit, key = cell(row, 1, "c"), cell(row, LEFT - 1, "c")
    other_unit, other_key = (
        cell(header_row, LEFT + other_slot, "r") for header_row in (head, head - 1)
    )
    there, back = (
        f"INDEX(lnk_values,MATCH({text},lnk_keys,0))"
        for text in (f"{key}&{other_unit}", f"{other_key}&{unit}")
    )
    value = f"IFERROR({there},IFERROR({back},0))"
    if directed:
        value = f"IFERROR({there},0)+IFERROR({back},0)"
    return f'IF(OR({key}="",{other_key}=""),"",{value})'
