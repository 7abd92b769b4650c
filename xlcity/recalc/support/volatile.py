"""Cells whose value may differ from one moment to the next, and those that read them."""

from __future__ import annotations

from collections import defaultdict

from xlcity.recalc.support.support_check import Place, SupportCheck

#: OFFSET and INDIRECT are recalculated often, too, but say the same each time.
VOLATILE = frozenset(["NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"])


def volatile_cells(scan: SupportCheck) -> set[Place]:
    """Return the cells that call a volatile function or stand on one that does."""
    if not any(use.name in VOLATILE for shape in scan.shapes for use in shape.uses):
        return set()
    found: set[Place] = {
        (shape.sheet, position)
        for shape in scan.shapes
        if any(use.name in VOLATILE for use in shape.uses)
        for position in shape.cells
    }
    reads = {
        (shape.sheet, position): scan.reads(shape.sheet, position)
        for shape in scan.shapes
        for position in shape.cells
    }
    new = set(found)
    while new:
        touched = defaultdict(list)
        for sheet, position in new:
            touched[sheet].append(position)
        new = {
            place
            for place, areas in reads.items()
            if place not in found
            and any(a.holds(a.sheet, p) for a in areas for p in touched[a.sheet])
        }
        found |= new
    for tab in scan.book.sheets.values():
        found |= {
            (tab.name, position)
            for position, anchor in tab.cells.members.items()
            if (tab.name, anchor) in found
        }
    return found
