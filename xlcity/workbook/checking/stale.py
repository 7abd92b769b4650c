"""Whether a workbook stores the results that its cells have when they are computed afresh."""

from __future__ import annotations

from xlcity.errors import counted
from xlcity.recalc.compare import stale_values
from xlcity.recalc.workbook import Recalculated
from xlcity.workbook.checking.check_result import LISTED, CheckResult
from xlcity.workbook.reading.results import SATELLITES
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position

#: Blocks of scores and of ranks: what people take out of a workbook.
_RESULTS = tuple(
    f"{block}_{kind}" for block in ("out", *SATELLITES, "out_pair") for kind in ("scores", "ranks")
)


def check_stored_values(template: Template, fresh: Recalculated) -> CheckResult:
    """Compare stored values with fresh ones: a stale score or rank fails, any other is noted."""
    stale = stale_values(template.book, fresh.values)
    # A program without the functions saved the book: that is no fault of it.
    unloaded = "functions not loaded when it was saved: recalc computes their results"
    if not stale.cells and not fresh.doubt:
        detail = unloaded if stale.is_unloaded else "stored values are up to date"
        return CheckResult("stale", "pass", detail)
    different = [(stored.sheet, stored.position) for stored in stale.cells]
    results = _stale_results(template, different)
    listed = [*results, *(cell for cell in different if cell not in results)][:LISTED]
    cells = tuple(f"{sheet}!{cell_name(*position)}" for sheet, position in listed)
    outdated = counted(len(different), "stored value is", "stored values are") + " not up to date"
    if results:
        outdated += f", {counted(len(results), 'score or rank', 'scores and ranks')} among them"
    parts = [unloaded] if stale.is_unloaded else []
    parts += [outdated] if different or not stale.is_unloaded else []
    parts += [fresh.doubt] if fresh.doubt else []
    return CheckResult("stale", "fail" if results else "note", "; ".join(parts), cells)


def _stale_results(
    template: Template, different: list[tuple[str, Position]]
) -> list[tuple[str, Position]]:
    """Return the scores and ranks among what differs; one that is not stored misleads nobody."""
    areas = [template.area(name) for name in _RESULTS if name in template.book.names]
    return [
        (sheet, position)
        for sheet, position in different
        if any(area.holds(sheet, position) for area in areas)
        and template.book.value(sheet, *position) not in (None, "")
    ]
