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


def line_key(*parts: str) -> str:
    """Return the formula of the text by which a line is found: indicator, and both cities."""
    return '&"|"&'.join(parts)
