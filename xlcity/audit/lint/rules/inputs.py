"""What is typed into a template: what cannot be used, and what is not plausible."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import product

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.input_problems import input_problems
from xlcity.audit.lint.subject import Subject
from xlcity.errors import Problem, Where
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.model.dataset import Status
from xlcity.model.reading.values import (
    fractions_as_percent,
    implausibility_message,
    is_percent,
)
from xlcity.workbook.reading.records import CellReader, is_number, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.parts import parse_index
from xlcity.xlsx.plain_cells import number_kinds

#: Problems of values and of what stands beside them; all others are about names.
_RULES = {"XC305": "W08", "XC307": "W19", "XC308": "W08", "XC330": "W08"}
_OF_VALUES = ("XC301", "XC302", "XC303", "XC304")


@finds(order=40)
def wrong_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield inputs of a template that cannot be used, as errors, and those out of bounds."""
    template = subject.template
    if template is None:
        return
    data = template.area("in_data").sheet
    for problem in (*input_problems(template), *shown_otherwise(template)):
        rule = _RULES.get(problem.code, "W02" if problem.code in _OF_VALUES else "W06")
        where = problem.where
        used = template.rows.get(where.unit or "")
        if used and (where.sheet, problem.code) == (data, "XC313"):
            both = replace(where, cell=f"{where.cell},{cell_name(used, 1)}")
            problem = replace(problem, where=both)
        # Values that are mended in one way are one finding.
        fault = problem.hint if rule == "W02" else ""
        yield Finding.of_problem(rule, problem, level="error", fault=fault)
    for problem in typed_as_fractions(template):
        yield Finding.of_problem("W08", problem)
    yield from _out_of_bounds(template)


@finds(order=41)
def exceptions_without_effect(subject: Subject) -> Iterator[Finding]:
    """Yield names of cities, indicators and bases in the table of exceptions that are unknown."""
    template = subject.template
    if template is None:
        return
    records = CellReader(template.book, template.file).records
    codes = {node.code for node in template.framework.nodes}
    names_by_column = {
        "city": {plain_text(row["id"][0]) for row in records("xl_cities")},
        "indicator": codes | template.columns.keys(),
        "basis": {*Status},
    }
    columns = names_by_column.items()
    for row, (column, names) in product(records("xl_exceptions"), columns):
        value, where = row[column]
        text = plain_text(value)
        if text and text not in names:
            message = Message("lint.exception", text=text)
            yield _report_name(where, message, Message("lint.exception.hint"))


def _report_name(where: Where, message: str, fix: str = "") -> Finding:
    """Return W06 for a name in a cell."""
    return Finding("W06", where.sheet or "", where.cell or "", message, fix=fix)


@finds(order=42)
def cities_of_one_name(subject: Subject) -> Iterator[Finding]:
    """Yield names that several cities have."""
    template = subject.template
    if template is None:
        return
    cities = CellReader(template.book, template.file).records("xl_cities")
    for column in ("name_zh", "name_en"):
        named = [row for row in cities if column in row]
        rows_by_name = grouped((plain_text(row[column][0]), row) for row in named)
        for name, rows in rows_by_name.items():
            if name and len(rows) > 1:
                where = rows[-1][column][1]
                ids = ", ".join(plain_text(row["id"][0]) for row in rows)
                message = Message("lint.cities_of_one_name", name=name, ids=ids)
                yield _report_name(where, message)


def _out_of_bounds(template: Template) -> Iterator[Finding]:
    """Yield values that are not among those that an indicator can have."""
    inputs = template.framework.inputs
    bounded = []
    for code, node in inputs.items():
        if node.valid_low is not None or node.valid_high is not None:
            bounded.append(code)
    sheet = template.area("in_data").sheet
    for code, unit, value in _input_values(template, bounded):
        message = implausibility_message(value, inputs[code])
        if message:
            position = template.rows[unit], template.columns[code]
            message = Message("lint.of_city", unit=unit, message=message)
            yield finding_at("W08", sheet, position, message)


def shown_otherwise(template: Template) -> Iterator[Problem]:
    """Yield the numbers of `Data` whose format shows a date, or a hundred times what counts.

    Programs take 3/4 for a date when it is typed, and 75 % for 0.75.
    """
    name = template.area("in_data").sheet
    cells = template.book.sheets[name].cells
    kinds = number_kinds(template.package)
    formats = ((cell, parse_index(style)) for cell, style in cells.formats())
    kind_by_cell = {cell: kinds[index] for cell, index in formats if index in kinds}
    if not kind_by_cell:
        return
    places = product(template.columns.items(), template.rows.items())
    for (code, column), (unit, row) in places:
        position = (row, column)
        kind = kind_by_cell.get(position)
        value = cells.value(position)
        if kind is None or not is_number(value):
            continue
        uom = template.framework.inputs[code].uom
        where = Where(
            template.file, name, cell_name(*position), indicator=code, unit=unit
        )
        if kind == "date" or is_percent(uom):
            yield _report_shown(kind, value, where)


def _report_shown(kind: str, value: float, where: Where) -> Problem:
    """Return XC307 for a number that a cell shows as a date, or as a percentage."""
    if kind == "date":
        message = Message("XC307.date", value=value)
        return Problem("XC307", message, Message("hint.format_as_number"), where)
    shown = f"{value:.6g}"
    percent = f"{value * 100:.6g}"
    message = Message("XC307.percent", shown=shown, percent=percent)
    return Problem("XC307", message, Message("hint.format_percent"), where)


def typed_as_fractions(template: Template) -> Iterator[Problem]:
    """Yield the numbers of `Data` that look like fractions in a column of per cents."""
    inputs = template.framework.inputs
    sheet = template.area("in_data").sheet
    percents = [code for code in inputs if is_percent(inputs[code].uom)]
    values = []
    for code, unit, value in _input_values(template, percents):
        cell = cell_name(template.rows[unit], template.columns[code])
        where = Where(template.file, sheet, cell, indicator=code, unit=unit)
        values.append((code, value, where))
    return fractions_as_percent(inputs, values)


def _input_values(
    template: Template, codes: Collection[str]
) -> Iterator[tuple[str, str, float]]:
    """Yield indicator, city and value of cells of `Data`; NaN where there is no value."""
    dataset = template.dataset
    for code in template.columns:
        if code in codes:
            values = dataset.values[:, dataset.column(code)].tolist()
            for unit in template.rows if values else ():
                yield code, unit, values[dataset.row(unit)]
