"""Reads what a template has beside `Data`: links, as its cells take them, networks and fields."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from xlcity.errors import CellValue, Where
from xlcity.functions.arguments import is_blank
from xlcity.messages import Message
from xlcity.methods.construct.links import SYMMETRIC
from xlcity.model.dataset import Dataset, Link, Status
from xlcity.model.framework import Framework
from xlcity.model.reading.values import describe_fault
from xlcity.model.recipe import Recipe, link_step
from xlcity.workbook.reading.records import (
    CellReader,
    Record,
    match_key,
    number_of,
    plain_text,
)
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import resolve


def read_links(reader: CellReader, recipe: Recipe) -> dict[str, tuple[Link, ...]]:
    """Return the links of the long table by indicator, none where there is no such table."""
    lines = _LinkLines(reader, recipe)
    # The last row closes the table.
    for row in reader.records("in_links")[:-1]:
        if any(not is_blank(value) for value, _ in row.values()):
            lines.read(row)
    return {code: tuple(several) for code, several in lines.links.items()}


class _LinkLines:
    """Reads the lines of the long table; what is wrong with them is told to the reader."""

    def __init__(self, reader: CellReader, recipe: Recipe) -> None:
        self.links: dict[str, list[Link]] = {}
        self._reader = reader
        self._recipe = recipe
        #: Indicator, start and end -> number.
        self._seen: dict[tuple[str, str, str], float] = {}

    def read(self, row: Record) -> None:
        """Add the link of a line, if it is complete and sound."""
        reader = self._reader
        typed, code_cell = row["code"]
        code = plain_text(typed)
        step = link_step(self._recipe, code) if code else None
        if step is None:
            message = Message("XC314.no_links", code=code)
            hint = Message("XC314.no_links.hint")
            reader.wrong("XC314", message, hint, code_cell)
            return
        start = reader.city(*row["from"], code)
        end = reader.city(*row["to"], code)
        value, where = row["value"]
        if start is None or end is None or is_blank(value):
            return
        number = _link_value(value, self._recipe)
        if number is None:
            reader.wrong("XC301", *describe_fault(value), where, indicator=code)
        elif start != end:
            link = Link(start, end, number, Status.ENTERED)
            is_symmetric = step.text("flow") == SYMMETRIC
            self._add(code, link, where, symmetric=is_symmetric)

    def _add(self, code: str, link: Link, where: Where, symmetric: bool) -> None:
        """Add a link that no other line has or contradicts."""
        start = link.start
        end = link.end
        shown = 0.0 if math.isnan(link.value) else link.value
        if (code, start, end) in self._seen:
            key = "XC313.duplicate_link"
            message = Message(key, code=code, start=start, end=end)
            hint = Message("hint.delete_line")
            self._reader.wrong("XC313", message, hint, where, indicator=code)
            return
        back = self._seen.get((code, end, start), shown)
        if symmetric and back != shown:
            # The other direction of a symmetric tie may say the same.
            message = Message(
                "XC330.other_direction",
                code=code,
                start=start,
                end=end,
                shown=shown,
                back=back,
            )
            hint = Message("XC330.other_direction.hint")
            self._reader.wrong("XC330", message, hint, where, indicator=code)
            return
        self._seen[code, start, end] = shown
        self.links.setdefault(code, []).append(link)


def _link_value(value: CellValue, recipe: Recipe) -> float | None:
    """Return a link's value, NaN for a missing code, None for anything else."""
    number = number_of(value)
    if number is None and isinstance(value, str):
        text = " ".join(value.split(" ")).strip(" ").casefold()
        return (
            math.nan
            if text in {code.casefold() for code in recipe.missing_codes}
            else None
        )
    return number


def read_matrices(
    reader: CellReader, framework: Framework
) -> dict[str, tuple[Link, ...]]:
    """Return the ties of networks that are typed as matrices; either half of one will do."""
    ties_by_code = {}
    for node in framework.indicators:
        name = f"in_matrix_{node.code}"
        if name in reader.book.names:
            area = resolve(reader.book, name)
            cells = reader.book.sheets[area.sheet].cells
            read = partial(_read_ties, reader, area)
            ties_by_code[node.code] = cells.keep(
                name, (area, reader.ids), read, values=True
            )
    return {code: ties for code, ties in ties_by_code.items() if ties}


def _read_ties(reader: CellReader, area: Range) -> tuple[Link, ...]:
    from xlcity.workbook.layout.networks import (
        ID,
        LEFT,
    )  # few templates have such a sheet

    first = LEFT - ID
    _, *rows = reader.book.block(area)
    units = [reader.ids.get(match_key(cells[0])) for cells in rows]
    numbers = []
    for cells in rows:
        numbers.append([*map(number_of, cells[first : first + len(units)])])
    links = []
    for (row, start), (column, end) in combinations(enumerate(units), 2):
        number = numbers[row][column]
        if number is None:
            number = numbers[column][row]
        if number is not None and start is not None and end is not None:
            links.append(Link(start, end, number, Status.ENTERED))
    return tuple(links)


def with_fields(
    reader: CellReader, framework: Framework, missing: Collection[str], dataset: Dataset
) -> Dataset:
    """Return a dataset with the inputs of fields, which stand on a sheet of their own."""
    if "in_fields" not in reader.book.names:
        return dataset
    units, area = (
        resolve(reader.book, name) for name in ("in_field_units", "in_fields")
    )
    inputs = framework.inputs
    heads = reader.book.block(resolve(reader.book, "xl_field_codes"))[0]
    codes = enumerate(map(plain_text, heads), area.c1)
    columns = {code: column for column, code in codes if code in inputs}
    rows: dict[str, int] = {}
    for row in range(units.r1 + 1, units.r2):
        if unit := reader.ids.get(
            match_key(reader.book.value(units.sheet, row, units.c1))
        ):
            rows.setdefault(unit, row)
    values, states, basis = reader.values(
        dataset.units, rows, columns, inputs, missing=missing, sheet=area.sheet
    )
    return replace(
        dataset,
        codes=(*dataset.codes, *columns),
        values=np.hstack([dataset.values, values]),
        states=np.hstack([dataset.states, states]),
        basis=np.hstack([dataset.basis, basis]),
    )
