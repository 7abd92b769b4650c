"""Tells templates of ours by their names, and reads them: what copies share is kept."""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.known_cells import KnownReader
from xlcity.xlsx.package import Package

#: Names that every template of ours has.
_CONTRACT = ("xl_report", "xl_version", "xl_framework", "chk_verdict")


def is_template(names: Iterable[str]) -> bool:
    """Return whether the names of a workbook are those of a template of ours."""
    folded = {name.casefold() for name in names}
    return all(name in folded for name in _CONTRACT)


def read_known_book(package: Package) -> ReadBook:
    """Return the same as `read_book`, which a copy of a known template has at half the price."""
    return KnownReader(package, is_template).book()
