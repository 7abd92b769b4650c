"""What is wrong with inputs, or with the parameter that made what is typed wrong."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.rules.method import MISSING_CODES, method_changes
from xlcity.errors import Problem, Where
from xlcity.grouping import grouped
from xlcity.workbook.checking.routes import METHOD_PROBLEMS
from xlcity.workbook.reading.recorded_values import read_recorded, sums_of
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name, parse_cell

_MEANS_NO_DATA = "XC305"
_NO_NUMBER = "XC301"


def input_problems(template: Template) -> list[Problem]:
    """Return what is wrong with the inputs of a template.

    Values that were right until a parameter was changed are one problem, at the parameter.
    """
    wrong = [p for p in template.problems if p.code not in METHOD_PROBLEMS]
    changes = [
        *_changed_no_data(template, wrong),
        *_changed_missing_code(template, wrong),
    ]
    explained = {id(problem) for _, values in changes for problem in values}
    left = [problem for problem in wrong if id(problem) not in explained]
    return [*(parameter for parameter, _ in changes), *left]


def _changed_no_data(
    template: Template, wrong: list[Problem]
) -> Iterator[tuple[Problem, list[Problem]]]:
    """Yield the numbers for no data that counted when values were written last, with the values.

    The recorded sums of the cities hold these values then: the parameter was changed since.
    """
    problems_by_code = grouped(
        (problem.where.indicator or "", problem)
        for problem in wrong
        if problem.code == _MEANS_NO_DATA
    )
    recorded = read_recorded(template.book)
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    for code, problems in problems_by_code.items():
        refused = template.framework.inputs[code].no_data
        if refused is None:
            continue
        counted_then = recorded.weights.get(code, 0.0) * refused
        cities = [problem.where.unit or "" for problem in problems]
        gaps = [recorded.sums.get(city, 0.0) - sums.get(city, 0.0) for city in cities]
        if counted_then and all(abs(gap - counted_then) < 1e-8 for gap in gaps):
            yield _no_data_problem(template, code, refused, len(problems)), problems


def _no_data_problem(
    template: Template, code: str, refused: float, number: int
) -> Problem:
    area = template.area("xl_framework")
    cells = template.framework_cells("no_data")
    place = cells.get(code, (area.sheet, cell_name(area.r1, area.c1)))
    where = Where(template.file, *place, code)
    return Problem.of(
        "XC305.counted_before", where, missing=refused, code=code, number=number
    )


def _changed_missing_code(
    template: Template, wrong: list[Problem]
) -> Iterator[tuple[Problem, list[Problem]]]:
    """Yield a code for missing values that was changed, with the values that still have it."""
    refused = [problem for problem in wrong if problem.code == _NO_NUMBER]
    changes = method_changes(template) if refused else ()
    for change in changes:
        if change.what != MISSING_CODES:
            continue
        former = {code.casefold() for code in plain_text(change.was).split(", ")}
        former -= {code.casefold() for code in template.recipe.missing_codes}
        values = [
            problem
            for problem in refused
            if _typed_text(template, problem.where).casefold() in former
        ]
        if not values:
            continue
        where = Where(template.file, change.sheet, change.cell)
        problem = Problem.of(
            "XC305.meant_missing", where, was=change.was, number=len(values)
        )
        yield problem, values
        return


def _typed_text(template: Template, where: Where) -> str:
    """Return the text of a cell that a problem is about."""
    if not where.sheet or not where.cell:
        return ""
    return plain_text(template.book.value(where.sheet, *parse_cell(where.cell)))
