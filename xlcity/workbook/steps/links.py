"""Indicators made from links: native formula and call of the function."""

from __future__ import annotations

from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.links import LEFT, LinkNetwork, link_layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.live_recipe import part_name


def native(layout: Layout, code: str, row: int) -> str:
    """Return the formula of one city's value: it stands on `Matrices`, or beside the rounds."""
    links, slot, step = link_layout(layout), row - FIRST, layout.construct_of(code)
    if step.method == "eigen_centrality":
        return LinkNetwork(layout, code).value(slot)
    city_row, column = links.first(code) + slot, links.strength_column
    strength, partners = (f"Matrices!{cell(city_row, column + n, 'c')}" for n in (0, 1))
    if step.method == "link_strength" or step.get("share") == "no":
        return strength if step.method == "link_strength" else partners
    others = f"(COUNT({links.unit_column(code, column + 1).ref()})-1)"
    return f'IF({partners}="","",IF({others}>0,{partners}/{others},""))'


def udf(layout: Layout, code: str) -> str:
    """Return the call that makes the whole column from the matrix."""
    links = link_layout(layout)
    step, matrix = layout.construct_of(code), links.matrix(code).ref()
    if step.method == "eigen_centrality":
        return f"EIGEN_CENTRALITY({matrix},{part_name('weighted', code)})"
    if step.method == "degree_centrality":
        return f'DEGREE_CENTRALITY({matrix},"{step.get("share", "yes")}")'
    groups = links.unit_column("", LEFT - 1).ref() if step.get("group") else '""'
    domestic = "par_domestic" if step.get("group") else '""'
    return f'LINK_STRENGTH({matrix},"symmetric",{groups},{domestic},{part_name("count", code)})'


def line_key(*parts: str) -> str:
    """Return the formula of the text by which a line is found, such as indicator and cities."""
    return '&"|"&'.join(parts)
