"""Caches normalised formulas: most formulas of a workbook are copies of one another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from xlcity.xlsx.address import column_number
from xlcity.xlsx.formulas.tokens import NormalisedFormula, normalise_formula
from xlcity.xlsx.table import cut_keys

_QUOTED_OR_CELL = re.compile(
    r"""
      "(?:[^"]|"")*" | '(?:[^']|'')*'!?
    | (?<![\w.])(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!\[])
    """,
    re.VERBOSE,
)


class FormulaCache:
    """Normalises formulas, and keeps one of each key."""

    __slots__ = ("_by_key", "_by_parts")

    def __init__(self) -> None:
        #: Relative rows and columns, and the text between them: copies are not tokenised.
        self._by_parts: dict[tuple[object, ...], NormalisedFormula] = {}
        self._by_key: dict[str, NormalisedFormula] = {}

    def normalised(
        self, formula: str, row: int, column: int, cut_key: str = ""
    ) -> NormalisedFormula:
        """Return the normalised formula of a cell, the same object for all its copies.

        `cut_key` is that of `CellTable.cut_keys`, if it is at hand.
        """
        if (cut := _find_cut(cut_key or cut_keys((formula,))[0])) is None:
            return self._normalise(formula, row, column)
        key = (
            (*[column_number(formula[letters]) - column for letters in cut.columns],),
            *[int(formula[digits]) - row for digits in cut.rows],
            *[formula[texts_between] for texts_between in cut.texts_between],
        )
        if (normalised := self._by_parts.get(key)) is None:
            normalised = self._by_parts[key] = self._normalise(formula, row, column)
        return normalised

    def _normalise(self, formula: str, row: int, column: int) -> NormalisedFormula:
        """Return a formula tokenised anew; of equal results one object is kept."""
        return self.keep(normalise_formula(formula, row, column))

    def keep(self, formula: NormalisedFormula) -> NormalisedFormula:
        """Return the one object that is kept of equal normalised formulas."""
        return self._by_key.setdefault(formula.key, formula)


class _Cut(NamedTuple):
    """How to cut a formula into its relative coordinates and the text between them.

    Attributes
    ----------
    rows, columns, texts_between
        Slices of the text: the relative coordinates, and what is none.
    """

    rows: tuple[slice, ...]
    columns: tuple[slice, ...]
    texts_between: tuple[slice, ...]


@lru_cache(maxsize=1 << 13)
def _find_cut(formula: str) -> _Cut | None:
    """Return where a formula has relative rows and columns, and texts between them.

    None where it names whole rows or columns: those are references without a corner on one side,
    so that the pattern does not find them.
    """
    rows = []
    columns = []
    texts_between = []
    end = 0
    between_start = 0
    for match in _QUOTED_OR_CELL.finditer(formula):
        # Groups: $ and letters of the column, $ and number of the row; without $ it is relative.
        if match[2] is None:  # a text or a sheet in quotes
            continue
        gap = formula[end : match.start()]
        end = match.end()
        if len(gap) > 1 and ":" in gap:
            return None
        if not match[1]:
            columns.append(slice(*match.span(2)))
            texts_between.append(slice(between_start, match.start(2)))
            between_start = match.start(3)
        if not match[3]:
            rows.append(slice(*match.span(4)))
            if match[1]:
                texts_between.append(slice(between_start, match.start(4)))
            between_start = end
    if ":" in formula[end:]:
        return None
    return _Cut(
        tuple(rows),
        tuple(columns),
        (*texts_between, slice(between_start, len(formula))),
    )
