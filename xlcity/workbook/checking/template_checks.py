"""Checks a workbook against its template, drawn again from its own framework and recipe."""

from __future__ import annotations

from collections import Counter

from xlcity.errors import Problem, Where, XlcityError, counted
from xlcity.workbook.checking.check_result import LISTED, CheckResult, cells_of
from xlcity.workbook.checking.contract import Formulas, contract_problems, formulas_of
from xlcity.workbook.checking.passed_templates import PassedTemplates
from xlcity.workbook.checking.template_appearance import Deviation, deviations
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.appearance import Appearance, read_appearance

#: Settings that change what is computed.
_COMPUTING = ("precision as displayed",)
_PASS = CheckResult("contract", "pass", "every formula cell is the template's")


def template_checks(template: Template) -> tuple[CheckResult, ...]:
    """Compare formulas, and what is shown, with the template drawn again.

    The check of what is shown is there only where something differs.
    """
    try:
        spec = spec_of(template)
        mine = read_appearance(template.package, template.book)
        passed = PassedTemplates(template, spec, mine)
        if passed.known():
            return (_PASS,)
        # What draws is read only where something is to be drawn.
        from xlcity.workbook.build import draw_to_compare

        drawn, book = draw_to_compare(spec)
    except (XlcityError, ValueError) as error:
        detail = f"the template cannot be drawn again: {error}"
        return (CheckResult("contract", "fail", detail),)
    expected = read_appearance(drawn, book)
    checks = (
        _check_formulas(template, formulas_of(book)),
        *_check_appearance(template, mine, expected),
    )
    if checks == (_PASS,):
        passed.keep(expected)
    return checks


def _check_formulas(template: Template, expected: Formulas) -> CheckResult:
    wrong = tuple(contract_problems(template, expected))
    if wrong:
        differing = counted(len(wrong), "formula cell differs", "formula cells differ")
        detail = f"{differing} from the template"
        return CheckResult("contract", "fail", detail, cells_of(wrong), wrong[:LISTED])
    return _PASS


def _check_appearance(
    template: Template, mine: Appearance, expected: Appearance
) -> tuple[CheckResult, ...]:
    """Return the check of names, charts, formats and settings, or nothing where all are the same.

    A name that refers to other cells, and what changes how the book computes, fails; the rest is
    noted: it is the reader that is misled, not the numbers.
    """
    differing = tuple(deviations(template.book, mine, expected))
    if not differing:
        return ()
    wrong = any(deviation.kind == "name" or deviation.what in _COMPUTING for deviation in differing)
    kinds = Counter(deviation.kind for deviation in differing)
    text = ", ".join(counted(number, kind) for kind, number in kinds.items())
    detail = f"{text} not as in the template"
    problems = tuple(_deviation_problem(template.file, deviation) for deviation in differing)
    status = "fail" if wrong else "note"
    return (CheckResult("appearance", status, detail, cells_of(problems), problems[:LISTED]),)


def _deviation_problem(file: str, deviation: Deviation) -> Problem:
    hint = "Restore it from a fresh template, or note why it was changed."
    where = Where(file, deviation.sheet or None, deviation.cell or None)
    message = f"shown otherwise than in the template: {deviation.message}"
    return Problem("XC437", message, hint, where)
