"""Which formulas are in doubt after some values have changed: only what reads them is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping

from xlcity.errors import CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.argument_rules import ArgumentChecker
from xlcity.recalc.support.formula_groups import FormulaGroup
from xlcity.recalc.support.range_types import RangeTypes, content_letter
from xlcity.recalc.support.support_check import Place, SupportCheck, ValueLimit
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook

#: Sheet -> cell -> its value before and now.
Changes = Mapping[str, Mapping[Position, tuple[CellValue, CellValue]]]


class IncrementalSupport:
    """Holds the formulas of a workbook against what an engine is trusted with, change by change.

    Nothing may be in doubt at the start.

    Parameters
    ----------
    scan
        The workbook's formulas.
    engine
        The engine's name.
    """

    def __init__(self, scan: SupportCheck, engine: str) -> None:
        self._scan, self._sheets = scan, scan.book.sheets
        self._rules = ArgumentChecker(scan.book, scan.shapes, engine, drawn=scan.drawn)
        self._at_border = ReaderIndex()
        for sheet, position, _ in self._rules.cells():  # what is read now need not be read later
            self._at_border.add((sheet, position), self._rules.reads(sheet, position))
        judged = scan.read(engine)
        limited = ((shape, judged[shape.reading][1]) for shape in scan.shapes)
        self._limited = [(shape, limits) for shape, limits in limited if limits]
        #: Sheet -> column -> the groups (of `_limited`) for which it matters what stands there.
        self._columns: dict[str, dict[int, list[int]]] = {}
        for number, (shape, limits) in enumerate(self._limited):
            for area in {area for limit in limits for area in self._limited_areas(shape, limit)}:
                columns = self._columns.setdefault(area.sheet, {})
                used = scan.book.sheets[area.sheet].cells.columns()
                for column in used:
                    if area.c1 <= column <= area.c2:
                        columns.setdefault(column, []).append(number)

    def has_doubts(self, book: ReadBook, values: Values, changes: Changes) -> bool:
        """Return whether a formula may be in doubt now; `SupportCheck.doubts` names it."""
        if any(p not in self._sheets[sheet].cells for sheet in changes for p in changes[sheet]):
            return True  # a cell that was not there at the start
        self._scan.book = book
        contents = RangeTypes(book, values)
        for number in self._with_other_contents(changes):
            if next(self._scan.by_content(*self._limited[number], contents), None) is not None:
                return True
        among = self._at_border.readers(changes)
        return next(self._rules.met(values, book, among), None) is not None

    def _with_other_contents(self, changes: Changes) -> set[int]:
        """Return the groups whose functions may meet another sort of value than before."""
        found: set[int] = set()
        for sheet, cells in changes.items():
            readers = self._columns.get(sheet, {})
            columns = {
                column
                for (_, column), (old, new) in cells.items()
                if content_letter(old) != content_letter(new)
            }
            found.update(number for column in columns for number in readers.get(column, ()))
        return found

    def _limited_areas(self, shape: FormulaGroup, limit: ValueLimit) -> Iterator[Range]:
        """Yield columns in which an argument must not meet some sorts of values."""
        if isinstance(limit.named, int):
            spot = shape.spots[limit.named]
            sheet = self._scan.sheet(spot.sheet or shape.sheet)
            if sheet is not None and not spot.book:
                yield Range(sheet, 1, spot.c1, 1, spot.c2)
        elif limit.named is not None:
            for position in shape.cells:
                area = self._scan.area(limit.named, shape.sheet, position)
                if area is not None:
                    yield Range(area.sheet, 1, area.c1, 1, area.c2)


class ReaderIndex:
    """Who reads which cells."""

    def __init__(self) -> None:
        self._cells: dict[Place, list[Place]] = {}
        self._areas: dict[Range, list[Place]] = {}

    def add(self, reader: Place, areas: Collection[Range]) -> None:
        """Remember what a cell reads."""
        for area in areas:
            if area.rows * area.columns == 1:
                place = area.sheet, (area.r1, area.c1)
                self._cells.setdefault(place, []).append(reader)
            else:
                self._areas.setdefault(area, []).append(reader)

    def readers(self, changed: Mapping[str, Collection[Position]]) -> set[Place]:
        """Return who reads at least one of some cells."""
        found: set[Place] = set()
        rows: dict[str, dict[int, list[int]]] = {}
        for sheet, positions in changed.items():
            columns = rows.setdefault(sheet, {})
            for row, column in sorted(positions):
                columns.setdefault(column, []).append(row)
                found.update(self._cells.get((sheet, (row, column)), ()))
        for area, readers in self._areas.items():
            if area.sheet in rows and _meets(area, rows[area.sheet]):
                found.update(readers)
        return found


def _meets(area: Range, columns: Mapping[int, list[int]]) -> bool:
    """Return whether an area holds one of some cells: column -> rows in order."""
    for column, rows in columns.items():
        if area.c1 <= column <= area.c2:
            at = bisect_left(rows, area.r1)
            if at < len(rows) and rows[at] <= area.r2:
                return True
    return False
