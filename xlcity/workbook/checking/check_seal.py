"""Whether a workbook is what was sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from xlcity.errors import Where, XlcityError, counted
from xlcity.workbook.checking.check_result import LISTED, Checked, CheckResult, cells_of
from xlcity.workbook.checking.seal import (
    SUFFIX,
    Broken,
    broken,
    file_code,
    read_seal,
    seal_from,
)
from xlcity.workbook.checking.seal_sheet import SHEET, has_seal, seal_of
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package


def manifest_of(path: str | Path, sealed: str | Path | None) -> Path | None:
    """Return the seal that is named, else the one beside a workbook."""
    if sealed is not None:
        return Path(sealed)
    beside = Path(f"{path}{SUFFIX}")
    return beside if beside.is_file() else None


def sealed_only(path: str | Path, sealed: str | Path | None) -> Checked | None:
    """Check a workbook that is not a template; ``None`` where it has no seal either."""
    package, manifest = Package.read(path), manifest_of(path, sealed)
    book = read_book(package)
    if manifest is None and not has_seal(book):
        return None
    check = _compared(package, book, str(path), manifest, lambda one: "")
    text = "only the seal is checked: the workbook is not an xlcity template"
    verdict = "fail" if check.status == "fail" else "pass"
    return Checked(str(path), verdict, (CheckResult("template", "skipped", text), check), "")


def seal_check(template: Template, manifest: Path | None) -> CheckResult:
    """Compare a template with what was sealed: beside it, or on its own sheet."""

    def label(one: Broken) -> str:
        return _label(template, one)

    return _compared(template.package, template.book, template.file, manifest, label)


def _compared(
    package: Package,
    book: ReadBook,
    file: str,
    manifest: Path | None,
    label: Callable[[Broken], str],
) -> CheckResult:
    try:
        if manifest is not None:
            sealed = read_seal(manifest)
        else:
            sealed = seal_from(seal_of(book), Where(file, SHEET))
    except XlcityError as error:
        return CheckResult("seal", "fail", error.problems[0].message, (), error.problems)
    found = tuple(broken(sealed, package, book))
    if found:
        named = tuple(one.problem(file, label(one)) for one in found)
        kinds = Counter(one.kind for one in found)
        text = ", ".join(counted(number, kind) for kind, number in kinds.items())
        verb = "is" if len(found) == 1 else "are"
        detail = f"{text} {verb} not as sealed: {_named(found[0], label(found[0]))}"
        return CheckResult("seal", "fail", detail, cells_of(named), named[:LISTED])
    counts = sealed.counts
    text = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    detail = f"{text} as sealed; seal {sealed.code[:12]}…"
    if sealed.file_code and sealed.file_code == file_code(file):
        detail += "; the file is the same, byte for byte"
    return CheckResult("seal", "pass", detail)


def _named(one: Broken, label: str) -> str:
    what = label or one.what
    place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
    who = f" ({what})" if what else ""
    return f"{place}{who} was {one.before}, is {one.after}"


def _label(template: Template, one: Broken) -> str:
    """Return city and indicator of an input cell."""
    if one.kind != "input" or one.sheet != template.area("in_data").sheet:
        return ""
    row, column = parse_cell(one.cell)
    unit = next((unit for unit, at in template.rows.items() if at == row), "")
    code = next((code for code, at in template.columns.items() if at == column), "")
    return f"{unit} {code}".strip()
