"""The audit as one HTML page with nothing outside it."""

from __future__ import annotations

from pathlib import Path

from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import LABELS, TableFinding
from xlcity.data_files import template_beside
from xlcity.xlsx.save import write_output


def write_page(audit: Audit, path: Path) -> Path | None:
    """Write the page; return where an older file of that name is kept.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    marks: dict[str, dict[tuple[int, str], TableFinding]] = {}
    for finding in audit.findings:
        if finding.row is not None:
            marks.setdefault(finding.table, {}).setdefault((finding.row, finding.column), finding)
    page = template_beside(__file__, "page.html").render(
        audit=audit, labels=LABELS, marks=marks, range_text=_range_text
    )
    return write_output(path, page.encode("utf-8"))


def _range_text(expected: tuple[float | None, float | None]) -> str:
    """Return the numbers that are possible: one, or both ends as far as there are any."""
    low, high = ("" if end is None else f"{end:.6g}" for end in expected)
    return low if low == high else f"{low} – {high}"
