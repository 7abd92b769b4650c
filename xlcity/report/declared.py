"""What each report printed, as data: its columns, its figures and tables, and outside series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcity.report.texts import report_texts

Declaration = Mapping[str, Any]


def declared(report: str, what: str) -> dict[str, Declaration]:
    """Return the "figures", "tables", "series" or "columns" of a report, by id."""
    found: dict[str, Declaration] = report_texts("declared").get(report, {}).get(what, {})
    return found


def declared_columns(report: str, kind: str, code: str) -> list[str]:
    """Return the columns of a kind of table of cities; none: they are not declared."""
    found = declared(report, "columns")
    return [*found.get(f"{kind}-{code}", found.get(kind, []))]
