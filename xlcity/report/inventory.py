"""What the reports printed, table by table and figure by figure, and what waits for data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xlcity.figures.contents import Label
from xlcity.model.reading.tables import read_csv
from xlcity.report.declared import declared, folder_of
from xlcity.report.quantities import Quantities
from xlcity.report.source import ReportSource

_NEEDS_EARLIER = Label(
    "上届名次（工作表 LastEdition，由 roll 写入）",
    "ranks of the previous edition (sheet LastEdition, written by roll)",
)
_NEEDS_GROUPS = Label(
    "城市属性（Cities 表的一列，取值不超过 12 种）",
    "an attribute of the cities (a column of Cities with at most 12 different words)",
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A table or figure that a report printed.

    Attributes
    ----------
    id, number
        Its own id, and the printed number.
    title
        What it shows.
    kind
        "table" or "figure".
    node
        Code of the node, or what else the data are.
    made
        Id of the table or figure of `report` that shows it, or the sheet of the workbook.
    status
        "yes" (same kind as far as the text says, data, order, labels, all cities), "part" or "no".
    values
        "index", or "invented": nobody printed its numbers, so that it is drawn from invented ones.
    needs
        What is missing, where the status is not yes or values are invented.
    """

    id: str
    number: str
    title: Label
    kind: str
    node: str
    made: str
    status: str
    values: str
    needs: Label


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table or figure that is not made, or made from invented values, and what it needs."""

    id: str
    needs: Label


def inventory(report: str) -> tuple[Printed, ...]:
    """Return every printed table and figure of a report."""
    folder = folder_of(report)
    path = folder / "inventory.csv" if folder else None
    if path is None or not path.is_file():
        return ()
    return tuple(
        Printed(
            row["id"],
            row["number"],
            Label(row["title_zh"], row["title_en"]),
            row["kind"],
            row["node"],
            row["made"],
            row["status"],
            row["values"],
            Label(row["needs_zh"], row["needs"]),
        )
        for row in read_csv(path).records()
    )


def printed_titles(report: str) -> dict[str, Label]:
    """Return the titles of what a report printed, by the id of what shows it."""
    return {
        printed.made: Label(printed.title.zh, printed.title.en[:1].upper() + printed.title.en[1:])
        for printed in inventory(report)
        if printed.made
    }


def waiting_for(source: ReportSource) -> tuple[Waiting, ...]:
    """Return what the report printed, or any report could show, and what is missing for it."""
    waiting = [
        Waiting(printed.id, printed.needs)
        for printed in inventory(source.spec.id)
        if printed.status == "no"
        or (printed.values == "invented" and _rests_on_invented(source, printed))
    ]
    if not source.earlier:
        waiting.append(Waiting("changes", _NEEDS_EARLIER))
    if not source.group_types:
        waiting.append(Waiting("groups", _NEEDS_GROUPS))
    return tuple(waiting)


def _rests_on_invented(source: ReportSource, printed: Printed) -> bool:
    """Return whether values of its series, where it names any, are invented still."""
    report, quantities = source.spec.id, Quantities(source)
    rule = {**declared(report, "figures"), **declared(report, "tables")}.get(printed.made, {})
    words = re.findall(r"series:[\w./-]+", str(rule))
    words += [
        f"series:{rule[name]}/{key}"
        for name in ("series", "fields")
        if name in rule
        for key, *_ in quantities.keys(rule[name])
    ]
    return not words or any(quantities.find(word).invented for word in words)
