"""Reads the links of a template as its cells take them: what is wrong in a line leaves it out."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import CellValue, Where
from xlcity.methods.construct import SYMMETRIC
from xlcity.model.dataset import Dataset, Link, Status
from xlcity.model.framework import Framework
from xlcity.model.reading.values import describe_fault
from xlcity.model.recipe import Recipe, link_flow, link_step
from xlcity.workbook.reading.records import CellReader, Record, match_key, number_of, plain_text
from xlcity.workbook.tab_titles import title_in
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import resolve


class LinkReader:
    """Reads the long table of `in_links` and notes its faults with the reader of the workbook."""

    def __init__(
        self, cells: CellReader, ids: Mapping[tuple[str, str], str], recipe: Recipe
    ) -> None:
        self.cells, self.ids, self.recipe = cells, ids, recipe
        self.missing = {code.casefold() for code in recipe.missing_codes}
        self.links: dict[str, list[Link]] = {}
        self.seen: dict[tuple[str, str, str], float] = {}

    def read(self) -> dict[str, tuple[Link, ...]]:
        """Return the links by indicator; none where the workbook has no such table."""
        if "in_links" not in self.cells.book.names:
            return {}
        # The last row closes the table.
        for row in self.cells.records("in_links")[:-1]:
            if any(value not in (None, "") for value, _ in row.values()):
                self._read_line(row)
        return {code: tuple(links) for code, links in self.links.items()}

    def _read_line(self, row: Record) -> None:
        code, code_cell = plain_text(row["code"][0]), row["code"][1]
        step = link_step(self.recipe, code) if code else None
        if step is None:
            message, hint = f"{code!r} does not use links.", "Write one of the codes above."
            self.cells.wrong("XC314", message, hint, code_cell)
            return
        ends = []
        for name in ("from", "to"):
            value, where = row[name]
            if (unit := self.ids.get(match_key(value))) is None:
                cities = title_in(self.cells.book, "Cities")
                message = f"{plain_text(value)!r} is not a city of the sheet {cities}."
                self.cells.wrong("XC311", message, "Write the city's id.", where, indicator=code)
            ends.append(unit)
        start, end = ends
        value, where = row["value"]
        if start is None or end is None or value in (None, ""):
            return
        if (number := self._number(value)) is None:
            self.cells.wrong("XC301", *describe_fault(value), where, indicator=code)
        elif start != end:
            symmetric = link_flow(step) == SYMMETRIC
            self._add_link(code, Link(start, end, number, Status.ENTERED), where, symmetric)

    def _number(self, value: CellValue) -> float | None:
        """Return a link's value, NaN for a missing code, None for anything else."""
        number = number_of(value)
        if number is None and isinstance(value, str):
            text = " ".join(value.split(" ")).strip(" ").casefold()
            return math.nan if text in self.missing else None
        return number

    def _add_link(self, code: str, link: Link, where: Where, symmetric: bool) -> None:
        """Keep a link unless its pair stands in the table already."""
        number = 0.0 if math.isnan(link.value) else link.value
        same_pair = self.seen.get((code, link.start, link.end))
        reversed_pair = self.seen.get((code, link.end, link.start)) if symmetric else None
        if same_pair is not None or (reversed_pair is not None and reversed_pair != number):
            problem_code = "XC313" if same_pair is not None else "XC330"
            message = f"{code}: {link.start} to {link.end} is a duplicate: the first one counts."
            self.cells.wrong(
                problem_code, message, "Delete one of the lines.", where, indicator=code
            )
            return
        self.seen[code, link.start, link.end] = number
        self.links.setdefault(code, []).append(link)


Ids = Mapping[tuple[str, str], str]


def read_matrices(
    reader: CellReader, ids: Ids, framework: Framework
) -> dict[str, tuple[Link, ...]]:
    """Return the ties of networks that are typed as matrices; either half of one will do."""
    ties_by_code = {}
    for node in framework.indicators:
        name = f"in_matrix_{node.code}"
        if name in reader.book.names:
            rows = reader.book.block(resolve(reader.book, name))
            ties_by_code[node.code] = tuple(_read_ties(ids, rows))
    return {code: ties for code, ties in ties_by_code.items() if ties}


def _read_ties(ids: Ids, rows: Sequence[Sequence[CellValue]]) -> Iterator[Link]:
    from xlcity.workbook.layout.networks import ID, LEFT  # few templates have such a sheet

    first = LEFT - ID
    units = [ids.get(match_key(cells[0])) for cells in rows[1:]]
    numbers = [
        [number_of(value) for value in cells[first : first + len(units)]] for cells in rows[1:]
    ]
    for row, (start, line) in enumerate(zip(units, numbers, strict=True)):
        for column, end in enumerate(units[row + 1 :], row + 1):
            number = numbers[column][row] if line[column] is None else line[column]
            if number is not None and start is not None and end is not None:
                yield Link(start, end, number, Status.ENTERED)


def with_fields(
    reader: CellReader, ids: Ids, framework: Framework, missing: Collection[str], dataset: Dataset
) -> Dataset:
    """Return a dataset with the inputs of fields, which stand on a sheet of their own."""
    if "in_fields" not in reader.book.names:
        return dataset
    units, area = (resolve(reader.book, name) for name in ("in_field_units", "in_fields"))
    inputs = framework.inputs
    heads = reader.book.block(resolve(reader.book, "xl_field_codes"))[0]
    columns = {
        code: area.c1 + offset
        for offset, value in enumerate(heads)
        if (code := plain_text(value)) in inputs
    }
    rows = _city_rows(reader, ids, units)
    values, states, basis = reader.values(dataset.units, rows, columns, inputs, missing, area.sheet)
    return replace(
        dataset,
        codes=(*dataset.codes, *columns),
        values=np.hstack([dataset.values, values]),
        states=np.hstack([dataset.states, states]),
        basis=np.hstack([dataset.basis, basis]),
    )


def _city_rows(reader: CellReader, ids: Ids, area: Range) -> dict[str, int]:
    row_by_unit: dict[str, int] = {}
    for row in range(area.r1 + 1, area.r2):
        unit = ids.get(match_key(reader.book.value(area.sheet, row, area.c1)))
        if unit is not None:
            row_by_unit.setdefault(unit, row)
    return row_by_unit
