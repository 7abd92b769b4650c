"""Sheets made of cells, for what is tested without a file."""

from collections.abc import Mapping

from xlcity.xlsx.cells import Sheet
from xlcity.xlsx.table import Cell, CellTable, Position


def sheet_of(name: str, cells: Mapping[Position, Cell], part: str = "") -> Sheet:
    """Return a sheet with these cells."""
    arrays = {position: cell.array for position, cell in cells.items() if cell.array}
    members = {
        position: cell.in_array for position, cell in cells.items() if cell.in_array
    }
    values = [cell.value for cell in cells.values()]
    formulas = [cell.formula for cell in cells.values()]
    styles = [str(cell.style) for cell in cells.values()]
    table = CellTable([*cells], values, formulas, styles, arrays, members, 0)
    return Sheet(name, part, "visible", table)
