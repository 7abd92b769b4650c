"""Templates of ours, told by their names, and the digest by which their programs are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.user_cache import digest_of

#: Names that every template of ours has.
CONTRACT = ("xl_report", "xl_version", "xl_framework", "chk_verdict")


def is_template(names: Iterable[str]) -> bool:
    """Return whether the names of a workbook are those of a template of ours.

    It says which engine is asked first, and nothing of what is to be believed.
    """
    folded = {name.casefold() for name in names}
    return all(name in folded for name in CONTRACT)


def formulas_digest(book: ReadBook, library: Collection[str], use: str) -> str | None:
    """Return a digest of the formulas of a workbook and of what their names mean, for one use."""
    sheets = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    return digest_of((use, sorted(library), book.names, book.local_names, sheets))
