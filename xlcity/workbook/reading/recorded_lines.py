"""The lines of `Links` and `Items`, and one number per city by which a book remembers them.

Two values, ends or ranks that are exchanged leave a table that looks as sound as before. So the
book keeps, from the last time that xlcity wrote its values, a number made of each city's lines:
the same for any order of them, and another one as soon as anything in one of them is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from xlcity.methods.construct.links import SYMMETRIC
from xlcity.model.dataset import Dataset
from xlcity.model.recipe import Recipe, link_step
from xlcity.workbook.live_recipe import list_names

#: Code of an indicator, then the cells of a line, with ids of cities and numbers of one spelling.
Line = tuple[str, ...]
#: City -> what its lines come to.
Numbers = Mapping[str, float]


class LineTable(NamedTuple):
    """A table of lines.

    Attributes
    ----------
    name, record
        Contract names of the table, and of what a book records of it.
    fact
        The column of `Messages` with the record.
    cities, entries
        Columns of a line that name cities; those of one kind side by side.
    """

    name: str
    record: str
    fact: str
    cities: tuple[int, ...]
    entries: tuple[int, int]
    columns: int

    def cities_of(self, line: Line) -> frozenset[str]:
        """Return the cities that a line is about."""
        return frozenset(line[column] for column in self.cities)


LINKS = LineTable(
    name="in_links",
    record="xl_record_links",
    fact="record links",
    cities=(1, 2),
    entries=(1, 2),
    columns=4,
)
ITEMS = LineTable(
    name="in_items",
    record="xl_record_items",
    fact="record items",
    cities=(1,),
    entries=(3, 4),
    columns=5,
)
TABLES = (LINKS, ITEMS)


def number_lines(
    table: LineTable, recipe: Recipe, lines: Iterable[Line]
) -> dict[str, float]:
    """Return the number of each city: the sum of what its lines come to, in any order."""
    total = Counter[str]()
    for line in lines:
        number = line_number(line, recipe)
        for city in table.cities_of(line):
            total[city] += number
    return {city: float(number) for city, number in total.items()}


def line_number(line: Line, recipe: Recipe) -> int:
    """Return what a line comes to: small enough for the sum of thousands to be exact in a cell."""
    return crc32("|".join(comparable(line, recipe)).encode())


def comparable(line: Line, recipe: Recipe) -> Line:
    """Return a line with the ends of a symmetric tie in their order: it counts alike both ways."""
    step = link_step(recipe, line[0])
    if step is None or step.text("flow") != SYMMETRIC:
        return line
    code, start, end, *rest = line
    return code, *sorted((start, end)), *rest


def lines_of(table: LineTable, recipe: Recipe, dataset: Dataset) -> list[Line]:
    """Return the lines of a table as a dataset has them."""
    rows = _link_lines(dataset) if table is LINKS else _item_lines(recipe, dataset)
    return [(*row,) for row in rows]


def _link_lines(dataset: Dataset) -> Iterator[Line]:
    for code, links in dataset.links.items():
        for link in links:
            yield code, link.start, link.end, entry_text(link.value)


def _item_lines(recipe: Recipe, dataset: Dataset) -> Iterator[Line]:
    for code, items in dataset.items.items():
        names = list_names(recipe, code)[:2]
        for item in items:
            ranks = [entry_text(item.ranks.get(name, "")) for name in names]
            ranks += [""] * (2 - len(ranks))
            yield code, item.unit, item.name, *ranks


def entry_text(entry: object) -> str:
    """Return the text of an entry: numbers in one spelling, "" for a missing code of a tie."""
    text = str(entry or "") if not isinstance(entry, float) else f"{entry:.15g}"
    try:
        number = float(text)
    except ValueError:
        return text
    return "" if math.isnan(number) else f"{number:.15g}"


def record_lines(
    recipe: Recipe, dataset: Dataset, drawn: Container[str]
) -> dict[str, dict[str, float]]:
    """Return record -> city -> number, of the tables that a book has a record of."""
    return {
        table.record: number_lines(table, recipe, lines_of(table, recipe, dataset))
        for table in TABLES
        if table.record in drawn
    }


def units_of(records: Mapping[str, Numbers]) -> Sequence[str]:
    """Return the cities of records."""
    return [*chain.from_iterable(records.values())]
