"""Second opinions: which cells of a run are beyond doubt because another engine says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlcity.errors import CellError, CellValue, XlcityError
from xlcity.recalc.engines.protocol import Task, Values, as_second
from xlcity.recalc.engines.registry import independent
from xlcity.recalc.selection.compare import agree
from xlcity.recalc.support.argument_rules import ArgumentDoubt
from xlcity.recalc.support.catalogue import signatures
from xlcity.recalc.support.support_check import (
    Place,
    SupportCheck,
    UnsupportedCells,
    UnsupportedUse,
)
from xlcity.recalc.support.usage import Use, is_lifted
from xlcity.xlsx.cells import ReadBook


class CrossCheck:
    """What the engines say of one workbook; each is asked once, and only if needed."""

    def __init__(self, task: Task, scan: SupportCheck, stored: ReadBook | None = None) -> None:
        self.stored = task.book if stored is None else stored
        self.task, self.scan, self.table = replace(task, partial=True), scan, scan.table
        self.answers: dict[str, Values] = {}
        #: Engine -> why it gave no answer.
        self.failures: dict[str, XlcityError] = {}
        self._uses: dict[Place, tuple[Use, ...]] = {}

    def others(self, engine: str) -> Iterator[tuple[str, Values]]:
        """Yield what the other engines say, the quick ones first; one that fails says nothing."""
        for other in independent(engine):
            if other.name not in self.answers:
                try:
                    self.answers[other.name] = other.evaluate(as_second(self.task, other))
                except XlcityError as error:
                    self.answers[other.name], self.failures[other.name] = {}, error
            yield other.name, self.answers[other.name]

    def unsupported(
        self, engine: str, values: Values, doubts: UnsupportedCells, changed: set[Place]
    ) -> set[Place]:
        """Return the doubtful cells that no other engine confirms.

        Parameters
        ----------
        engine
            What computed the values.
        values
            The values.
        doubts
            Cells with uses that the engine is not trusted with.
        changed
            Cells whose value is not the one stored in the file.
        """
        left = set(doubts.cells) | changed
        self._uses = self._uses or self.scan.uses()
        asked: list[Values] = []
        others = self.others(engine)
        # The next engine is started only while something is left: LibreOffice takes seconds.
        while left and (answered := next(others, None)):
            name, answer = answered
            asked.append(answer)
            left = {
                place
                for place in left
                if not self._confirms(name, answer, values, place, doubts.cells.get(place, ()))
            }
        # An engine that finds the stored value again says that the inputs are the old ones.
        found_again = {
            place
            for place in changed - left
            if any(self._is_stored(answer, place) for answer in asked)
        }
        return left | found_again

    def _confirms(
        self,
        name: str,
        answer: Values,
        values: Values,
        place: Place,
        doubts: tuple[UnsupportedUse | ArgumentDoubt, ...],
    ) -> bool:
        sheet, position = place
        mine = values.get(sheet, {}).get(position)
        theirs = answer.get(sheet, {}).get(position)
        if theirs is None or theirs is CellError.NAME or not agree(mine, theirs):
            return False
        anchor = self.scan.book.sheets[sheet].cells[position].in_array or position
        uses = self._uses.get((sheet, anchor), ())
        if any(self.table.wrong(name, use) for use in uses):
            return False
        if name == "ironcalc" and any(is_lifted(u, signatures().get(u.name)) for u in uses):
            return False  # it shares the default engine's mistakes there
        return all(doubt.supported_by(name, self.table) for doubt in doubts)

    def _is_stored(self, answer: Values, place: Place) -> bool:
        sheet, position = place
        theirs = answer.get(sheet, {}).get(position)
        stored = self.stored.value(sheet, *position)
        return theirs is not None and same_as_stored(theirs, stored)


def same_as_stored(value: CellValue, stored: CellValue) -> bool:
    """Return whether a new value is the stored one, up to the last digits of a number."""
    if isinstance(value, CellError) or isinstance(stored, CellError):
        return value is stored
    return agree(value, stored)
