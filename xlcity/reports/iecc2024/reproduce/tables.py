"""The printed tables in the forms that comparisons read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.reports.comparison import line_of, ranks_by_node
from xlcity.reports.report import Record, Report

#: Cities in the sample, and in the one of the previous edition.
CITIES, CITIES_BEFORE = 43, 37
#: Classes of the list of world cities, the best first.
CLASSES = ("Alpha++", "Alpha+", "Alpha", "Alpha-")


@dataclass(frozen=True, slots=True)
class PrintedValue:
    """One printed value of a city: as printed, as a number, with its rank of 43 if printed."""

    code: str
    unit: str
    text: str
    value: float
    rank: int | None
    where: str


def printed_ranks(report: Report) -> dict[str, dict[str, int]]:
    """Return the ranks of the appendix: node -> unit -> rank."""
    return ranks_by_node(report.published["ranks"].rows)


def this_edition(report: Report) -> Iterator[Record]:
    """Yield the rows of values of cities in this edition."""
    for row in report.published["indicator_values"].rows:
        if row["edition"] == "2024" and row["entity_type"] == "city":
            yield row


def printed_values(report: Report) -> list[PrintedValue]:
    """Return every printed number of this edition; a class of world cities counts by its order."""
    values = []
    for row in this_edition(report):
        text = row["value_printed"].replace(",", "")
        value = float(text) if row["value"] else -float(class_place(text))
        rank = int(row["rank_of_43"]) if row["rank_of_43"] else None
        values.append(PrintedValue(row["node"], row["city_id"], text, value, rank, line_of(row)))
    return values


def class_place(label: str) -> int:
    """Return the place of a class of world cities; one misprinted letter is forgiven."""
    if label in CLASSES:
        return CLASSES.index(label)
    for position, name in enumerate(CLASSES):
        if len(name) == len(label) and sum(a != b for a, b in zip(name, label, strict=True)) == 1:
            return position
    raise ValueError(label)


def half_unit(text: str) -> float:
    """Return half a unit of the last printed digit."""
    decimals = len(text.partition(".")[2])
    return float(0.5 * 10.0**-decimals)


def growth_interval(base: str, current: str) -> tuple[float, float]:
    """Return the growth in per cent that two printed numbers leave possible."""
    down, up = half_unit(base), half_unit(current)
    lowest = (float(current) - up) / (float(base) + down) - 1
    highest = (float(current) + up) / (float(base) - down) - 1
    return 100 * lowest, 100 * highest


def best_texts(report: Report) -> Mapping[tuple[str, str], str]:
    """Return for each code and unit the printed number with the most digits."""
    texts: dict[tuple[str, str], str] = {}
    for row in this_edition(report):
        key, text = (row["node"], row["city_id"]), row["value_printed"].replace(",", "")
        if row["value"] and len(text) > len(texts.get(key, "")):
            texts[key] = text
    return texts
