"""Whether a template is what was sealed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from xlcity.errors import Where, XlcityError, counted
from xlcity.workbook.checking.check_result import LISTED, CheckResult, cells_of
from xlcity.workbook.checking.seal import Broken, broken, file_code, read_seal, seal_from
from xlcity.workbook.checking.seal_sheet import SHEET, seal_of
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import parse_cell


def seal_check(template: Template, manifest: Path | None) -> CheckResult:
    """Compare a template with what was sealed: beside it, or on its own sheet."""
    try:
        if manifest is not None:
            sealed = read_seal(manifest)
        else:
            sealed = seal_from(seal_of(template.book), Where(template.file, SHEET))
    except XlcityError as error:
        return CheckResult("seal", "fail", error.problems[0].message, (), error.problems)
    found = tuple(broken(sealed, template.package, template.book))
    if found:
        named = tuple(one.problem(template.file, _label(template, one)) for one in found)
        kinds = Counter(one.kind for one in found)
        text = ", ".join(counted(number, kind) for kind, number in kinds.items())
        verb = "is" if len(found) == 1 else "are"
        detail = f"{text} {verb} not as sealed: {_named(template, found[0])}"
        return CheckResult("seal", "fail", detail, cells_of(named), named[:LISTED])
    counts = sealed.counts
    text = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    detail = f"{text} as sealed; seal {sealed.code[:12]}…"
    if sealed.file_code and sealed.file_code == file_code(template.file):
        detail += "; the file is the same, byte for byte"
    if sealed.appearance is None:
        older = "an older seal: it does not hold charts, formats, names and settings"
        return CheckResult("seal", "note", f"{detail}; {older}")
    return CheckResult("seal", "pass", detail)


def _named(template: Template, one: Broken) -> str:
    label = _label(template, one) or one.what
    place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
    who = f" ({label})" if label else ""
    return f"{place}{who} was {one.before}, is {one.after}"


def _label(template: Template, one: Broken) -> str:
    """Return city and indicator of an input cell."""
    if one.kind != "input" or one.sheet != template.area("in_data").sheet:
        return ""
    row, column = parse_cell(one.cell)
    unit = next((unit for unit, at in template.rows.items() if at == row), "")
    code = next((code for code, at in template.columns.items() if at == column), "")
    return f"{unit} {code}".strip()
