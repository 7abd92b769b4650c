"""Formulas that a file has once for several cells: what becomes of the others if one goes.

Excel writes a formula that is filled down into the first cell alone; the cells below only name its
number. An array formula and a what-if table stand in the first cell of their range.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from xlcity.xlsx.address import Range, parse_cell, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.scan import parse_attributes
from xlcity.xlsx.text import escape_xml, xml_text

_CELL_WITH_FORMULA = re.compile(
    r"""(<(?:\w+:)?c\b[^>]*>\s*)<((?:\w+:)?f)\b([^>]*?)(?:/>|>([^<]*)</\2>)"""
)
#: Kinds of formulas that give the values of a range, and may change only as a whole.
_WHOLE_KINDS = ("array", "dataTable")


def give_own_formulas(xml: str, replaced: Collection[Position] | None = None) -> str:
    """Return the XML of a sheet in which cells no longer share the formulas of some cells.

    Parameters
    ----------
    xml
        The sheet.
    replaced
        The cells whose formula is replaced or removed: what shares it gets a formula of its own,
        and so do these. Without it all cells do.
    """
    if "shared" not in xml:
        return xml
    shared: dict[str, SharedFormula] = {}

    def write_own_formula(match: re.Match[str]) -> str:
        """Return a cell's start and formula, of its own if it shared one that goes."""
        attributes = parse_attributes(match[3])
        cell = parse_attributes(match[1]).get("r")
        if attributes.get("t") != "shared" or cell is None:
            return match[0]
        position = parse_cell(cell)
        number = attributes.get("si", "")
        if match[4]:
            shared.pop(number, None)
            if replaced is None or position in replaced:
                shared[number] = SharedFormula(xml_text(match[4]), *position)
        if number not in shared:
            return match[0]
        formula = escape_xml(shared[number].formula_in(*position))
        return f"{match[1]}<{match[2]}>{formula}</{match[2]}>"

    return _CELL_WITH_FORMULA.sub(write_own_formula, xml)


def find_divided_ranges(
    xml: str, sheet: str, replaced: Collection[Position]
) -> Iterator[Range]:
    """Yield the ranges of an array formula or what-if table that `replaced` has in part only."""
    if not any(kind in xml for kind in _WHOLE_KINDS):
        return
    for match in _CELL_WITH_FORMULA.finditer(xml):
        attributes = parse_attributes(match[3])
        if attributes.get("t") not in _WHOLE_KINDS or "ref" not in attributes:
            continue
        area = Range(sheet, *parse_range(attributes["ref"]))
        inside = [cell for cell in replaced if area.holds(sheet, cell)]
        if inside and len(inside) < area.rows * area.columns:
            yield area
