"""Forms of formulas, kept: most formulas of a workbook are copies of one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xlcity.xlsx.address import column_number
from xlcity.xlsx.formulas.tokens import NormalisedFormula, normalise_formula

_CELL = re.compile(
    r"""
      "(?:[^"]|"")*" | '(?:[^']|'')*'!?
    | (?<![\w.])(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!\[])
    """,
    re.X,
)
#: Digits but zero: formulas that differ in them alone are cut in the same places.
_ALIKE = str.maketrans("23456789", "11111111")


class FormulaCache:
    """Makes forms and keeps one of each key: most formulas of a workbook are copies."""

    __slots__ = ("_cuts", "_known", "_placed")

    def __init__(self) -> None:
        #: Formula with all digits alike, column -> where its relative rows and columns stand.
        self._cuts: dict[tuple[str, int], _Cut | None] = {}
        #: Relative rows and columns and what stands between them -> form: spares copies the lexer.
        self._placed: dict[tuple[object, ...], NormalisedFormula] = {}
        self._known: dict[str, NormalisedFormula] = {}

    def of(self, formula: str, row: int, column: int) -> NormalisedFormula:
        """Return the form of a formula in a cell."""
        skeleton = formula.translate(_ALIKE), column
        if skeleton not in self._cuts:
            self._cuts[skeleton] = _find_cut(*skeleton)
        if (cut := self._cuts[skeleton]) is None:
            return self._read(formula, row, column)
        key = (
            cut.columns,
            *[int(formula[digits]) - row for digits in cut.rows],
            *[formula[between] for between in cut.between],
        )
        if (normalised := self._placed.get(key)) is None:
            normalised = self._placed[key] = self._read(formula, row, column)
        return normalised

    def _read(self, formula: str, row: int, column: int) -> NormalisedFormula:
        normalised = normalise_formula(formula, row, column)
        return self._known.setdefault(normalised.key, normalised)

    def __iter__(self) -> Iterator[NormalisedFormula]:
        return iter(self._known.values())


class _Cut(NamedTuple):
    """Where the relative rows of a formula stand, how far its columns are, what is between."""

    rows: tuple[slice, ...]
    columns: tuple[int, ...]
    between: tuple[slice, ...]


def _find_cut(formula: str, column: int) -> _Cut | None:
    """Return the relative parts of a formula; ``None`` where it names whole rows or columns."""
    rows, columns, between, end, done = [], [], [], 0, 0
    for match in _CELL.finditer(formula):
        if match[2] is None:  # a text or a sheet in quotes
            continue
        gap, end = formula[end : match.start()], match.end()
        if len(gap) > 1 and ":" in gap:
            return None
        if not match[1]:
            columns.append(column_number(match[2]) - column)
        if not match[3]:
            rows.append(slice(*match.span(4)))
        if not (match[1] and match[3]):
            between.append(slice(done, match.start(2 if not match[1] else 4)))
            done = end if not match[3] else match.start(3)
    if ":" in formula[end:]:
        return None
    return _Cut(tuple(rows), tuple(columns), (*between, slice(done, len(formula))))
