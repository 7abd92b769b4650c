"""Formulas over rows that people move: one that alone reads other rows than those like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from xlcity.workbook.checking.contract import fingerprint, reads_movable_rows
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Stands between the fingerprint of a formula and the rows of its ranges there.
_OF_ROWS = " of rows "


def fingerprint_with_rows(
    form: NormalisedFormula, position: Position, home: str = ""
) -> str:
    """Return the fingerprint of a formula with the movable rows that it reads.

    `home` is its sheet where it stands among such rows itself.
    """
    rows = []
    for ref in form.refs:
        if reads_movable_rows(ref, home):
            area = ref.area("", *position)
            fixed = ("$" * ref.r1.fixed, "$" * ref.r2.fixed)
            rows.append(f"{fixed[0]}{area.r1}:{fixed[1]}{area.r2}")
    return fingerprint(form, home) + (_OF_ROWS + " ".join(rows) if rows else "")


class MovedRows:
    """Where rows went: those that most formulas read now which read the same rows before.

    Parameters
    ----------
    formulas
        Each formula before and now, with its rows.
    """

    def __init__(self, formulas: Iterable[tuple[str, str]]) -> None:
        moves = [*chain.from_iterable(_moves(*both) for both in formulas)]
        self._counts = Counter(moves)
        self._readers = Counter(before for before, _ in moves)

    def are_same(self, before: str, now: str) -> bool:
        """Tell whether two formulas are the same, and read the rows that most others read."""
        is_same = without_rows(before) == without_rows(now)
        return is_same and not self.is_alone(before, now)

    def is_alone(self, before: str, now: str) -> bool:
        """Tell whether only the rows differ, and most others that read those read other ones."""
        if without_rows(before) != without_rows(now):
            return False
        counts = self._counts
        moves = _moves(before, now)
        return any(2 * counts[ends] < self._readers[ends[0]] for ends in moves)


def without_rows(text: str) -> str:
    """Return the fingerprint alone."""
    return text.partition(_OF_ROWS)[0]


def _moves(before: str, now: str) -> list[tuple[str, str]]:
    """Return the rows of each movable range of a formula, before and now."""
    rows = (text.partition(_OF_ROWS)[2].split() for text in (before, now))
    return list(zip(*rows, strict=False))
