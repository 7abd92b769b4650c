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
        The TOML file that says what the tables hold. Without it that of the same name beside the
        one table counts; if there is none, it is guessed and written there.
    progress
        Gets a line of text before each longer step.

    Returns
    -------
    Audit
        `findings` are the suspect cells, ordered by severity; `as_dict()` gives the JSON form.

    Raises
    ------
    UsageError
        If it is neither a report, nor one table, nor tables with a specification; or two tables
        share a name.
    DataError
        If a table or the specification cannot be used.

    Examples
    --------
    >>> import xlcity as xc
    >>> audit = xc.audit_tables("iecc2024")
    >>> sorted({finding.severity.value for finding in audit.findings})
    ['note', 'warning']
    """
    from xlcity.audit.tables.guess import audit_table
    from xlcity.audit.tables.run import audit, audit_report
    from xlcity.audit.tables.spec.read import read_spec

    if report and not (tables or spec):
        return audit_report(report, progress)
    if report or not tables or (len(tables) > 1 and not spec):
        raise UsageError(
            "specify a report, a table, or tables with their specification.",
            "xlcity list shows the reports.",
        )
    paths: dict[str, Path] = {}
    for path in map(Path, tables):
        if path.stem in paths:
            raise UsageError(f"two tables are called {path.stem}.", "Rename one of the files.")
        paths[path.stem] = path
    if spec is None:
        return audit_table(Path(tables[0]), progress)
    return audit(read_spec(Path(spec)), paths, progress=progress)
