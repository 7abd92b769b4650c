"""What rules ask of formulas alone, whatever cells hold: found once for all copies of a workbook.

It is kept in the user's cache by the formulas, by what their names mean, and by how far the sheets
reach, which is where whole columns end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.user_cache import cache_folder, digest_of, find_entry, keep_entry

_KIND = "rules"


class FormulaFacts:
    """Facts about the formulas of a workbook, by name."""

    def __init__(self, book: ReadBook, graph: Graph) -> None:
        self._book, self._graph = book, graph
        self._has_new = False

    def of(self, name: str, find: Callable[[], Any]) -> Any:
        """Return what is known by a name, or find it: plain lists, numbers and texts.

        It must follow from formulas, names of cells and sizes of sheets alone.
        """
        if name not in self._known:
            self._known[name] = find()
            self._has_new = True
        return self._known[name]

    def keep(self) -> None:
        """Keep what was found for the next workbook with these formulas."""
        if self._has_new and self._digest is not None:
            keep_entry(_KIND, self._digest, json.dumps(self._known).encode())
            self._has_new = False

    @cached_property
    def _known(self) -> dict[str, Any]:
        kept = None if self._digest is None else find_entry(_KIND, self._digest)
        return {} if kept is None else dict(json.loads(kept))

    @cached_property
    def _digest(self) -> str | None:
        if cache_folder() is None:
            return None
        # Imported here: what traces a number does without.
        from xlcity.recalc.support.template_book import formulas_digest

        sizes = [(name, self._graph.extent(name)) for name in self._book.sheets]
        return digest_of((formulas_digest(self._book, (), ""), sizes))
