"""Computes random formulas with every engine and tells which cells each is trusted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.formula_search.make import SHEET, Laid, Made, lay_out, workbook
from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.protocol import Task, TimeLimitError
from xlcity.recalc.engines.registry import choose
from xlcity.recalc.selection.engine_selection import EngineSelector
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.xlsx.cells import read_book

MEASURED = ("formualizer", "ironcalc", "libreoffice")
_SECONDS = 40.0
#: So few are not divided further.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Computed:
    """A formula with what each engine gave, and the engines whose value is called ok."""

    laid: Laid
    given: dict[str, CellValue]
    trusted: frozenset[str]


def computed(made: Sequence[Made], engines: Sequence[str] = MEASURED) -> list[Computed]:
    """Compute formulas in one workbook; one that an engine refuses is found by halving."""
    laid = lay_out(made)
    package = workbook(laid)
    book = read_book(package)
    task = Task(package, book, {}, _SECONDS, partial=True)
    trial = EngineSelector(task, SupportCheck(book, ()))
    # The values stored are none: what is doubted is what the rules doubt.
    trial.is_template = True
    for name in MEASURED:
        if name not in engines:
            trial.cross_check.answers[name] = {}
            continue
        try:
            trial.cross_check.answers[name] = choose(name).evaluate(task)
        except EngineError as error:
            if len(made) <= _FEW or isinstance(error, TimeLimitError):
                trial.cross_check.answers[name] = {}
                continue
            half = len(made) // 2
            return computed(made[:half], engines) + computed(made[half:], engines)
    trusted: dict[int, set[str]] = {}
    for name in engines:
        values = trial.cross_check.answers[name]
        doubts = trial.scan.doubts(name, values)
        left = trial.cross_check.unsupported(name, values, doubts, set())
        held = values.get(SHEET, {})
        for one in laid:
            place = one.row, 1
            if held.get(place) is not None and (SHEET, place) not in left:
                trusted.setdefault(one.row, set()).add(name)
    return [
        Computed(
            one,
            {n: trial.cross_check.answers[n].get(SHEET, {}).get((one.row, 1)) for n in engines},
            frozenset(trusted.get(one.row, ())),
        )
        for one in laid
    ]
