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

    __slots__ = ("_cuts", "_known", "_placed", "_seen")

    def __init__(self) -> None:
        #: Formula with all digits alike -> where its relative rows stand.
        self._cuts: dict[str, _RowCut | None] = {}
        #: Column, relative rows and what stands between them -> form: spares most copies the rest.
        self._placed: dict[tuple[object, ...], NormalisedFormula] = {}
        self._known: dict[str, NormalisedFormula] = {}
        #: Formula with its cell references relative -> form: spares copies the lexer.
        self._seen: dict[str, NormalisedFormula] = {}

    def of(self, formula: str, row: int, column: int) -> NormalisedFormula:
        """Return the form of a formula in a cell."""
        skeleton = formula.translate(_ALIKE)
        if skeleton not in self._cuts:
            self._cuts[skeleton] = _find_row_cut(skeleton)
        if (cut := self._cuts[skeleton]) is None:
            return self._read(formula, row, column)
        key = (
            column,
            *[int(formula[digits]) - row for digits in cut.rows],
            *[formula[between] for between in cut.between],
        )
        if (normalised := self._placed.get(key)) is None:
            normalised = self._placed[key] = self._read(formula, row, column)
        return normalised

    def _read(self, formula: str, row: int, column: int) -> NormalisedFormula:
        pieces, end = [], 0
        for match in _CELL.finditer(formula):
            if match[2] is None:  # a text or a sheet in quotes
                continue
            between = formula[end : match.start()]
            if len(between) > 1 and ":" in between:  # whole rows or columns
                pieces.append(f"@{row},{column}")
            down = match[4] if match[3] else f"[{int(match[4]) - row}]"
            right = match[2] if match[1] else f"[{column_number(match[2]) - column}]"
            pieces += [between, "\x00", down, right]
            end = match.end()
        rest = formula[end:]
        if ":" in rest:
            pieces.append(f"@{row},{column}")
        pieces.append(rest)
        raw = "".join(pieces)
        if (normalised := self._seen.get(raw)) is None:
            read_form = normalise_formula(formula, row, column)
            normalised = self._seen[raw] = self._known.setdefault(read_form.key, read_form)
        return normalised

    def __iter__(self) -> Iterator[NormalisedFormula]:
        return iter(self._known.values())


class _RowCut(NamedTuple):
    """Where the relative rows of a formula stand, and what stands between them."""

    rows: tuple[slice, ...]
    between: tuple[slice, ...]


def _find_row_cut(formula: str) -> _RowCut | None:
    """Return where a formula names relative rows; ``None`` where it names whole rows or columns."""
    rows, between, end, done = [], [], 0, 0
    for match in _CELL.finditer(formula):
        if match[2] is None:
            continue
        gap, end = formula[end : match.start()], match.end()
        if len(gap) > 1 and ":" in gap:
            return None
        if not match[3]:
            rows.append(slice(*match.span(4)))
            between.append(slice(done, match.start(4)))
            done = end
    if ":" in formula[end:]:
        return None
    return _RowCut(tuple(rows), (*between, slice(done, len(formula))))
