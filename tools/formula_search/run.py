"""Computes random formulas with every engine and lists the cells that each is trusted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.formula_search.make import SHEET, Laid, Made, lay_out, workbook
from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.protocol import Task, TimeLimitError, Values
from xlcity.recalc.engines.registry import engine_named
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

ENGINES = ("compiled", "formualizer", "libreoffice")
_SECONDS = 100.0
#: So few are not divided further.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Computed:
    """A formula with what each engine gave, and the engines whose value is called ok."""

    laid: Laid
    given: dict[str, CellValue]
    trusted: frozenset[str]


def computed(
    made: Sequence[Made], base: Package, engines: Sequence[str] = ENGINES
) -> list[Computed]:
    """Compute formulas in one workbook; one that an engine refuses is found by halving."""
    laid = lay_out(made)
    package = workbook(laid, base)
    book = read_book(package)
    task = Task(package, book, {}, _SECONDS, partial=True)
    answers: dict[str, Values] = {}
    trusted: dict[int, set[str]] = {}
    for name in engines:
        try:
            if name != "auto":
                answers[name] = engine_named(name).evaluate(task)
                continue
            whole = recalculate(package, timeout=_SECONDS, book=book, keep=True)
            answers[name] = whole.values
            in_doubt = {*whole.doubtful, *whole.kept}
            for one in laid:
                if full_address(SHEET, (one.row, 1)) not in in_doubt:
                    trusted[one.row] = {name}
        except EngineError as error:
            # Our own engine refuses workbooks with numbers beyond its limits, as it should.
            if (
                name != "compiled"
                and len(made) > _FEW
                and not isinstance(error, TimeLimitError)
            ):
                half = len(made) // 2
                parts = made[:half], made[half:]
                return [one for part in parts for one in computed(part, base, engines)]
            answers[name] = {}
    scan = SupportCheck(book, ())
    for name, values in () if "auto" in answers else answers.items():
        doubts = scan.doubts(name, values)
        held = values.get(SHEET, {})
        for one in laid:
            place = one.row, 1
            if held.get(place) is not None and (SHEET, place) not in doubts:
                trusted.setdefault(one.row, set()).add(name)
    return [
        Computed(
            one,
            {
                name: values.get(SHEET, {}).get((one.row, 1))
                for name, values in answers.items()
            },
            frozenset(trusted.get(one.row, ())),
        )
        for one in laid
    ]
