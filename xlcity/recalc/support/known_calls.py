"""Which cells of a template call the library: all copies have the same, so it is found once."""

from __future__ import annotations

import json
from collections.abc import Collection

from xlcity.recalc.library_calls import find_udf_cells
from xlcity.recalc.support.template_book import is_template
from xlcity.recalc.support.trusted_formulas import formulas_digest
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.user_cache import cache_folder, find_entry, keep_entry

_KIND = "calls"


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
