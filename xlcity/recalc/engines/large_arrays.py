"""Array formulas too large for formualizer, cut into blocks it can fill.

It gives up on a result of more than 10,000 cells. The call stays whole in every block, and a
function of ours takes the block's part out of what it returns.
"""

from __future__ import annotations

from xlcity.hosts.formualizer import PART
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import library_names, plain_calls
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position

#: Cells of one result, as measured: 100 x 100 is filled, 100 x 101 is #SPILL!.
MOST_CELLS = 10_000

#: Anchor of a block -> its range and its formula.
Blocks = dict[Position, tuple[str, str]]


def large_arrays(task: Task) -> dict[str, Blocks]:
    """Return the blocks of arrays that call the library and are too large for one result."""
    found: dict[str, Blocks] = {}
    for name, udf in task.udf_cells.items():
        sheet = task.book.sheets[name]
        for anchor, ref in sheet.arrays().items():
            r1, c1, r2, c2 = parse_range(ref)
            if anchor in udf and (r2 - r1 + 1) * (c2 - c1 + 1) > MOST_CELLS:
                cell = sheet.cells[anchor]
                call = plain_calls(library_names())(cell.formula or "", cell)
                found.setdefault(name, {}).update(_blocks(call, r1, c1, r2, c2))
    return found


def _blocks(call: str, r1: int, c1: int, r2: int, c2: int) -> Blocks:
    height = min(r2 - r1 + 1, MOST_CELLS)
    width = max(1, MOST_CELLS // height)
    blocks: Blocks = {}
    for top in range(r1, r2 + 1, height):
        for left in range(c1, c2 + 1, width):
            bottom, right = min(top + height - 1, r2), min(left + width - 1, c2)
            size = f"{top - r1},{left - c1},{bottom - top + 1},{right - left + 1}"
            ref = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            blocks[top, left] = ref, f"{PART}({call},{size})"
    return blocks
