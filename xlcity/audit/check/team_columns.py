"""Whether the columns of a team's own index do the same for all cities, and what they did."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.subject import Subject
from xlcity.messages import Message
from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import CitySeries, find_cities
from xlcity.proof.columns import TeamColumns
from xlcity.proof.reading import MOST_FORMULAS, series_name
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
    series = [*totals.path(totals.candidates[0])]
    changed = [] if known is None else [*_changed(columns, series, known)]
    is_odd = [one for one in series if columns[one].slips or columns[one].mixed]
    odd = [slip.cell for one in is_odd for slip in columns[one].slips]
    kept = () if known is None else known.keep
    odd = [cell for cell in odd if cell not in kept]
    details = [
        Message(
            "columns.odd", column=series_name(columns, one), **_counts(columns, one)
        )
        for one in is_odd
    ]
    details += [Message("columns.changed", column=place) for place in changed]
    if not details:
        details = [Message("columns.alike", columns=len(series))]
    if known is None:
        details.append(Message("columns.no_map"))
    is_mixed = any(columns[one].mixed for one in is_odd)
    status = "note" if odd or is_mixed or changed else "pass"
    yield CheckResult(_NAME, status, _joined(details), tuple(odd[:LISTED]))


def _joined(details: list[Message]) -> str:
    text: str = details[0]
    for detail in details[1:]:
        text = Message("list.also", before=text, after=detail)
    return text


def _counts(columns: TeamColumns, series: CitySeries) -> dict[str, int]:
    """Return how many cities a column has, and for how many it does the same."""
    column = columns[series]
    assert column.pattern is not None  # it is computed
    key = column.pattern.key
    alike = sum(form.key == key for form in column.forms.values())
    return {"cities": len(columns.cities.cells(series)), "alike": alike}


def _changed(
    columns: TeamColumns, series: list[CitySeries], known: WorkbookMap
) -> Iterator[str]:
    """Yield the columns that do something else than the map says."""
    for one in series:
        place = series_name(columns, one)
        kept = known.columns.get(place)
        if kept is not None and not columns.does_as(one, kept.formula):
            yield place
