"""Reads what a template holds beside `Data` and `Links`: matrices of ties, and inputs of fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset, Link, Status
from xlcity.model.framework import Framework
from xlcity.workbook.reading.records import CellReader, match_key, number_of, plain_text
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import resolve

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
