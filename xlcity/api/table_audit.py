"""Audit of printed tables for Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.errors import UsageError

if TYPE_CHECKING:
    from xlcity.audit.tables.diagnosis.findings import Audit


def audit_tables(
    report: str | None = None,
    *,
    tables: Sequence[str | Path] = (),
    spec: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit printed tables: whether they can be right, and which method they follow.

    Parameters
    ----------
    report
        Id of a report that has a specification of its tables.
    tables
        CSV files of printed tables; each file has a name of its own.
    spec
        The TOML file that says what the tables hold.
    progress
        Gets a line of text before each longer step.

    Returns
    -------
    Audit
        `findings` are the suspect cells, ordered by severity; `as_dict()` gives the JSON form.

    Raises
    ------
    UsageError
        If it is neither a report nor tables with a specification, or two tables share a name.
    DataError
        If a table or the specification cannot be used.

    Examples
    --------
    >>> import xlcity as xc
    >>> audit = xc.audit_tables("iecc2024")
    >>> sorted({finding.severity.value for finding in audit.findings})
    ['note', 'warning']
    """
    from xlcity.audit.tables.run import audit, audit_report
    from xlcity.audit.tables.spec.read import read_spec

    if report and not (tables or spec):
        return audit_report(report, progress)
    if report or not (tables and spec):
        raise UsageError(
            "specify either a report or tables with their specification.",
            "xlcity list shows the reports.",
        )
    paths: dict[str, Path] = {}
    for path in map(Path, tables):
        if path.stem in paths:
            raise UsageError(f"two tables are called {path.stem}.", "Rename one of the files.")
        paths[path.stem] = path
    return audit(read_spec(Path(spec)), paths, progress=progress)
