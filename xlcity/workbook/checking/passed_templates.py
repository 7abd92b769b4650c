"""Templates that passed before: what was found the same once is not drawn again.

A workbook is compared with its template by formulas and by what it shows. Both are the same as
then where formulas, appearance and everything that is drawn from are; values typed into input
cells change neither. That saves `check` 1.5 s of processor for image2025, 1.7 s for iecc2024.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from xlcity.model.dataset import Dataset, State
from xlcity.workbook.checking.template_appearance import typed_titles
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.digest import spec_digest
from xlcity.xlsx.appearance import Appearance
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.user_cache import digest_of, find_entry, keep_entry

_KIND = "template"


class PassedTemplates:
    """Whether a workbook is known to be as its template.

    Parameters
    ----------
    template, spec, mine
        The workbook, what it is drawn from, and what it shows.
    also_compared
        What else was compared.
    """

    def __init__(
        self, template: Template, spec: TemplateSpec, mine: Appearance, also_compared: object = ()
    ) -> None:
        self._book, self._mine = template.book, mine
        self._digest = _digest(template.book, spec, mine, also_compared)

    def known(self) -> bool:
        """Return whether it passed before."""
        stored_titles = None if self._digest is None else find_entry(_KIND, self._digest)
        if stored_titles is None:
            return False
        titles = json.loads(stored_titles)
        return all(self._book.value(s, row, column) == text for s, row, column, text in titles)

    def keep(self, expected: Appearance) -> None:
        """Remember that it passed, and the cells whose texts stand typed in titles."""
        if self._digest is not None:
            cells = typed_titles(self._book, self._mine, expected)
            titles = [[*cell, self._book.value(*cell)] for cell in cells]
            keep_entry(_KIND, self._digest, json.dumps(titles, default=str).encode())


def _digest(
    book: ReadBook, spec: TemplateSpec, mine: Appearance, also_compared: object
) -> str | None:
    drawn_from = spec_digest(replace(spec, dataset=without_values(spec.dataset)))
    if drawn_from is None:
        return None
    cells = [(name, *_cells(book, name, mine)) for name in book.sheets]
    shown = marshal.dumps([(*aspect, text) for aspect, text in mine.aspects.items()], 2)
    return digest_of((drawn_from, cells, shown, mine.program, also_compared))


def without_values(dataset: Dataset) -> Dataset:
    """Return a dataset without its numbers: nothing that is compared depends on them."""
    numbers = np.where(dataset.states == State.VALUE, 0.0, np.nan)
    links = {
        code: tuple(replace(link, value=0.0 * link.value, basis="") for link in ties)
        for code, ties in dataset.links.items()
    }
    basis = np.full(dataset.basis.shape, "")
    return replace(dataset, values=numbers, basis=basis, links=links)


def _cells(book: ReadBook, name: str, mine: Appearance) -> Iterator[Any]:
    """Yield formulas and formats of a sheet; values are left out."""
    sheet, formats = book.sheets[name], mine.formats[name]
    yield sheet.cells.digest()
    yield sheet.arrays()
    # The second version of the form writes the same bytes for the same values.
    yield marshal.dumps(
        [(position, formats.get(position)) for position, _ in sheet.cells.formats()], 2
    )
