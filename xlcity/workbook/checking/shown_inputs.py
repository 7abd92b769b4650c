"""Inputs that count as something else than what was meant: dates, and per cents."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import Problem, Where
from xlcity.model.reading.values import fractions_as_percent, is_percent
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.plain_cells import number_kinds


def shown_otherwise(template: Template) -> Iterator[Problem]:
    """Yield the numbers of `Data` whose format shows a date, or a hundred times what counts.

    Programs take 3/4 for a date when it is typed, and 75 % for 0.75.
    """
    name = template.area("in_data").sheet
    cells, kinds = template.book.sheets[name].cells, number_kinds(template.package)
    for code, column in template.columns.items():
        for unit, row in template.rows.items():
            cell = cells.get((row, column))
            value = None if cell is None else cell.value
            kind = kinds.get(cell.style) if cell is not None else None
            if kind is None or isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            address = cell_name(row, column)
            where = Where(template.file, sheet=name, cell=address, indicator=code, unit=unit)
            if kind == "date":
                message = f"the cell shows a date, which counts as the number {value:g}."
                yield Problem("XC307", message, "Format it as a number and type the value.", where)
            elif is_percent(template.framework.inputs[code].uom):
                shown, percent = f"{value:.6g}", f"{value * 100:.6g}"
                message = f"the cell shows {shown} as {percent} %, but it counts as {shown} %."
                hint = "Format it as a number, and type how many per cent there are."
                yield Problem("XC307", message, hint, where)


def typed_as_fractions(template: Template) -> Iterator[Problem]:
    """Yield the numbers of `Data` that look like fractions in a column of per cents."""
    dataset, name = template.dataset, template.area("in_data").sheet
    return fractions_as_percent(
        template.framework.inputs,
        (
            (code, float(dataset.values[dataset.row(unit), dataset.column(code)]), where)
            for code, column in template.columns.items()
            for unit, row in template.rows.items()
            for where in [
                Where(template.file, name, cell_name(row, column), indicator=code, unit=unit)
            ]
        ),
    )
