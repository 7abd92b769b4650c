"""Whether the columns of a team's own index do the same for all cities, and what they did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from xlcity.audit.lint.subject import Subject
from xlcity.messages import Message
from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import CitySeries, find_cities
from xlcity.proof.columns import TeamColumns, series_name
from xlcity.proof.reading import MOST_FORMULAS
from xlcity.proof.total import Totals
from xlcity.proof.workbook_map import WorkbookMap, read_workbook_map
from xlcity.workbook.checking.routes import LISTED, CheckResult

_NAME = "columns"


def check_columns(subject: Subject) -> Iterator[CheckResult]:
    """Yield the check of the columns behind the total; nothing where there is no index.

    With the map that `adopt` wrote beside the workbook its columns are held against it; without one
    the formulas are read anew, and the check says so.
    """
    if subject.graph.formula_cells > MOST_FORMULAS:
        return
    cells = TeamCells(subject.book)
    cities = find_cities(cells)
    if not cities.names:
        return
    columns = TeamColumns(cells, cities)
    totals = Totals(columns)
    if not totals.candidates:
        return
    known = read_workbook_map(subject.path)
    yield _Checker(columns, totals, known).check()


class _Checker:
    """Checks the columns behind a total.

    Parameters
    ----------
    known
        The map of the workbook, if there is one.
    """

    def __init__(
        self, columns: TeamColumns, totals: Totals, known: WorkbookMap | None
    ) -> None:
        self.columns = columns
        self.known = known
        total = None if known is None else columns.named(known.total)
        self.lacks_total = total is None and known is not None
        self.series = [*totals.path(total or totals.candidates[0])]
        self.kept = () if known is None else known.keep

    def check(self) -> CheckResult:
        """Return the check."""
        is_odd = [one for one in self.series if self._is_odd(one)]
        odd = [*chain.from_iterable(map(self._odd_cells, is_odd))]
        changed = [*self._changed()]
        details = [self._odd(one) for one in is_odd]
        details += [Message("columns.changed", column=place) for place in changed]
        if self.lacks_total and self.known is not None:
            details.append(Message("columns.no_total", column=self.known.total))
        status = "note" if details else "pass"
        if not details:
            details = [Message("columns.alike", columns=len(self.series))]
        if self.known is None:
            details.append(Message("columns.no_map"))
        return CheckResult(_NAME, status, _joined(details), tuple(odd[:LISTED]))

    def _odd_cells(self, series: CitySeries) -> list[str]:
        """Return the cells that break a pattern, but for those that are meant."""
        slips = self.columns[series].slips
        return [slip.cell for slip in slips if slip.cell not in self.kept]

    def _is_odd(self, series: CitySeries) -> bool:
        return bool(self._odd_cells(series)) or self.columns[series].mixed

    def _odd(self, series: CitySeries) -> Message:
        """Return how many cities a column has, and for how many it does the same."""
        column = self.columns[series]
        assert column.model is not None  # it is computed
        key = column.model.key
        return Message(
            "columns.odd",
            column=series_name(self.columns, series),
            cities=len(self.columns.cities.cells(series)),
            alike=sum(form.key == key for form in column.forms.values()),
        )

    def _changed(self) -> Iterator[str]:
        """Yield the columns that do something else than the map says."""
        known = {} if self.known is None else self.known.columns
        for one in self.series:
            place = series_name(self.columns, one)
            kept = known.get(place)
            if kept is not None and not self.columns.does_as(one, kept.formula):
                yield place


def _joined(details: list[Message]) -> str:
    text: str = details[0]
    for detail in details[1:]:
        text = Message("list.also", before=text, after=detail)
    return text
