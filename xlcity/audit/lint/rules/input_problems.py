"""What is wrong with inputs, or with the parameter that made what is typed wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

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


class _Explained(NamedTuple):
    """A parameter that was changed, and the values that it made wrong."""

    parameter: Problem
    values: list[Problem]


def input_problems(template: Template) -> list[Problem]:
    """Return what is wrong with the inputs of a template.

    Values that were right until a parameter was changed are one problem, at the parameter.
    """
    wrong = [p for p in template.problems if p.code not in METHOD_PROBLEMS]
    changes = [*_changed_no_data(template, wrong)]
    changes += _changed_missing_code(template, wrong)
    explained: set[int] = set()
    for change in changes:
        explained.update(map(id, change.values))
    left = [problem for problem in wrong if id(problem) not in explained]
    return [*(change.parameter for change in changes), *left]


def _changed_no_data(template: Template, wrong: list[Problem]) -> Iterator[_Explained]:
    """Yield the numbers for no data that counted when values were written last, with the values.

    The recorded sums of the cities hold these values then: the parameter was changed since.
    """
    refused = [problem for problem in wrong if problem.code == _MEANS_NO_DATA]
    by_code = grouped((problem.where.indicator or "", problem) for problem in refused)
    recorded = read_recorded(template.book)
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    for code, problems in by_code.items():
        number = template.framework.inputs[code].no_data
        if number is None:
            continue
        counted_then = recorded.weights.get(code, 0.0) * number
        if counted_then and all(
            _is_off_by(problem, counted_then, recorded.sums, sums)
            for problem in problems
        ):
            parameter = _no_data_problem(template, code, number, len(problems))
            yield _Explained(parameter, problems)


def _is_off_by(
    problem: Problem,
    amount: float,
    recorded: Mapping[str, float],
    now: Mapping[str, float],
) -> bool:
    """Tell whether the recorded sum of a problem's city is so much more than its sum is now."""
    city = problem.where.unit or ""
    gap = recorded.get(city, 0.0) - now.get(city, 0.0)
    return abs(gap - amount) < 1e-8


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
) -> Iterator[_Explained]:
    """Yield a code for missing values that was changed, with the values that still have it."""
    refused = [problem for problem in wrong if problem.code == _NO_NUMBER]
    for change in method_changes(template) if refused else ():
        if change.what != MISSING_CODES:
            continue
        former = _read_codes(plain_text(change.was).split(", "))
        former -= _read_codes(template.recipe.missing_codes)
        values = []
        for problem in refused:
            if _typed_text(template, problem.where).casefold() in former:
                values.append(problem)
        if not values:
            continue
        where = Where(template.file, change.sheet, change.cell)
        number = len(values)
        parameter = Problem.of(
            "XC305.meant_missing", where, was=change.was, number=number
        )
        yield _Explained(parameter, values)
        return


def _read_codes(codes: Iterable[str]) -> set[str]:
    return {code.casefold() for code in codes}


def _typed_text(template: Template, where: Where) -> str:
    """Return the text of a cell that a problem is about."""
    if not where.sheet or not where.cell:
        return ""
    return plain_text(template.book.value(where.sheet, *parse_cell(where.cell)))
