"""What of a formula was replaced, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from re import Match

from xlcity.xlsx.formulas.tokens import lex

_Piece = Match[str]


def changed_part(before: str, after: str) -> tuple[str, str]:
    """Return what differs between two formulas, from the first to the last token that does.

    Parentheses are closed within each part. One of the two is "" where something was only added
    or left out.

    >>> changed_part("IF(A1,SUM(B1:B3)/2,0)", "IF(A1,AVERAGE(B1:B3),0)")
    ('SUM(B1:B3)/2', 'AVERAGE(B1:B3)')
    >>> changed_part("A1+B1", "A1+B1+2")
    ('', '+2')
    """
    old, new = ([piece for piece in lex(text) if piece[0].strip()] for text in (before, after))
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    while end and any(_open(side, start, end) > 0 for side in (old, new)):
        end -= 1
    while start and any(_open(side, start, end) < 0 for side in (old, new)):
        start -= 1
    return _text(before, old, start, end), _text(after, new, start, end)


def _alike(old: Sequence[_Piece], new: Sequence[_Piece]) -> int:
    """Return how many tokens two formulas have alike before the first that differs."""
    pairs = enumerate(zip(old, new, strict=False))
    differing = (place for place, (a, b) in pairs if a[0].casefold() != b[0].casefold())
    return next(differing, min(len(old), len(new)))


def _open(pieces: Sequence[_Piece], start: int, end: int) -> int:
    """Return how many parentheses a part opens and does not close; negative if it closes more."""
    kinds = [piece.lastgroup for piece in pieces[start : len(pieces) - end]]
    return kinds.count("open") - kinds.count("close")


def _text(formula: str, pieces: Sequence[_Piece], start: int, end: int) -> str:
    part = pieces[start : len(pieces) - end]
    return formula[part[0].start() : part[-1].end()] if part else ""
