"""Templates of ours, told by their names, and read: what copies share is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from xlcity.recalc.library_calls import find_udf_cells
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.known_cells import KnownReader
from xlcity.xlsx.package import Package
from xlcity.xlsx.user_cache import cache_folder, digest_of, find_entry, keep_entry

#: Names that every template of ours has.
CONTRACT = ("xl_report", "xl_version", "xl_framework", "chk_verdict")
_KIND = "calls"


def is_template(names: Iterable[str]) -> bool:
    """Return whether the names of a workbook are those of a template of ours.

    It says which engine is asked first, and nothing of what is to be believed.
    """
    folded = {name.casefold() for name in names}
    return all(name in folded for name in CONTRACT)


def read_known_book(package: Package) -> ReadBook:
    """Return the same as `read_book`, which a copy of a known template has at half the price."""
    return KnownReader(package, is_template).book()


def formulas_digest(book: ReadBook, library: Collection[str], use: str) -> str | None:
    """Return a digest of the formulas of a workbook and of what their names mean, for one use."""
    sheets = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    return digest_of((use, sorted(library), book.names, book.local_names, sheets))


def known_udf_cells(book: ReadBook, names: Collection[str]) -> dict[str, frozenset[Position]]:
    """Return the same as `find_udf_cells`; of templates, what was kept."""
    if not is_template(book.names) or cache_folder() is None:
        return find_udf_cells(book, names)
    digest = formulas_digest(book, names, _KIND) or ""
    if (content := find_entry(_KIND, digest)) is not None:
        return {
            sheet: frozenset(zip(rows, columns, strict=True))
            for sheet, (rows, columns) in json.loads(content).items()
        }
    found = find_udf_cells(book, names)
    kept = {sheet: [*zip(*sorted(cells), strict=True)] for sheet, cells in found.items()}
    keep_entry(_KIND, digest, json.dumps(kept).encode())
    return found
