"""Whether a workbook is what was sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from xlcity.errors import Where, XlcityError, counted
from xlcity.workbook.checking.check_result import LISTED, Checked, CheckResult, cells_of
from xlcity.workbook.checking.seal import (
    SUFFIX,
    SealedChange,
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


def find_manifest(path: str | Path, sealed: str | Path | None) -> Path | None:
    """Return the seal that is named, else the one beside a workbook."""
    if sealed is not None:
        return Path(sealed)
    beside = Path(f"{path}{SUFFIX}")
    return beside if beside.is_file() else None


def check_seal_alone(path: str | Path, sealed: str | Path | None) -> Checked | None:
    """Check a workbook that is not a template; ``None`` where it has no seal either."""
    package, manifest = Package.read(path), find_manifest(path, sealed)
    book = read_book(package)
    if manifest is None and not has_seal(book):
        return None
    check = _compare_with_seal(package, book, str(path), manifest, lambda change: "")
    text = "only the seal is checked: the workbook is not an xlcity template"
    verdict = "fail" if check.status == "fail" else "pass"
    return Checked(str(path), verdict, (CheckResult("template", "skipped", text), check), "")


def check_seal(template: Template, manifest: Path | None) -> CheckResult:
    """Compare a template with what was sealed: beside it, or on its own sheet."""

    def label(change: SealedChange) -> str:
        return _city_and_code(template, change)

    return _compare_with_seal(template.package, template.book, template.file, manifest, label)


def _compare_with_seal(
    package: Package,
    book: ReadBook,
    file: str,
    manifest: Path | None,
    label: Callable[[SealedChange], str],
) -> CheckResult:
    try:
        if manifest is not None:
            sealed = read_seal(manifest)
        else:
            sealed = seal_from(seal_of(book), Where(file, SHEET))
    except XlcityError as error:
        return CheckResult("seal", "fail", error.problems[0].message, (), error.problems)
    changes = tuple(broken(sealed, package, book))
    if changes:
        named = tuple(change.problem(file, label(change)) for change in changes)
        kinds = Counter(change.kind for change in changes)
        text = ", ".join(counted(number, kind) for kind, number in kinds.items())
        verb = "is" if len(changes) == 1 else "are"
        detail = f"{text} {verb} not as sealed: {_change_text(changes[0], label(changes[0]))}"
        return CheckResult("seal", "fail", detail, cells_of(named), named[:LISTED])
    counts = sealed.counts
    text = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    detail = f"{text} as sealed; seal {sealed.code[:12]}…"
    if sealed.file_code and sealed.file_code == file_code(file):
        detail += "; the file is the same, byte for byte"
    return CheckResult("seal", "pass", detail)


def _change_text(change: SealedChange, label: str) -> str:
    what = label or change.what
    address = f"{change.sheet}!{change.cell}" if change.cell else change.sheet
    who = f" ({what})" if what else ""
    return f"{address}{who} was {change.before}, is {change.after}"


def _city_and_code(template: Template, change: SealedChange) -> str:
    """Return city and indicator of an input cell."""
    if change.kind != "input" or change.sheet != template.area("in_data").sheet:
        return ""
    row, column = parse_cell(change.cell)
    unit = next((unit for unit, number in template.rows.items() if number == row), "")
    code = next((code for code, number in template.columns.items() if number == column), "")
    return f"{unit} {code}".strip()
