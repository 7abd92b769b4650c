"""The audit as a page: the findings, and printed tables with marked cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import TableFinding
from xlcity.data_files import template_beside
from xlcity.grouping import grouped
from xlcity.xlsx.save import write_output


def _marks(audit: Audit) -> dict[str, dict[tuple[int, str], list[TableFinding]]]:
    """Return table -> row and column -> what is found of the cell."""
    tables = grouped((finding.table, finding) for finding in audit.findings if finding.row)
    return {
        table: grouped(((finding.row or 0, finding.column), finding) for finding in findings)
        for table, findings in tables.items()
    }


def write_page(audit: Audit, path: Path, in_words: Callable[[str], str]) -> Path | None:
    """Write the page, with nothing outside it; return where an older file of that name is kept.

    `in_words` says evidence in the reader's language.

    Raises
    ------
    WorkbookError
        If the file cannot be written.
    """
    page = template_beside(__file__, "page.html").render(
        audit=audit, severities=Severity, marks=_marks(audit), in_words=in_words
    )
    return write_output(path, page.encode(errors="replace"))
