"""Formulas as texts: the functions they call, copies in other cells, and what of one changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from re import Match

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, column_letters, column_number
from xlcity.xlsx.formulas.tokens import REFERENCES, find_corners, lex


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call in a formula: its name, and the slice of the text with it and any prefix."""

    start: int
    end: int
    name: str


def find_calls(formula: str) -> Iterator[FunctionCall]:
    """Yield the functions that the text of a formula calls, in order.

    An add-in's prefix such as ``[1]!`` is part of the slice, but not of the name.
    """
    # A call is a word before a bracket; a prefix counts only directly before the word.
    prefix = word = None
    for piece in lex(formula):
        if piece.lastgroup == "space":
            continue
        if piece.lastgroup == "open" and word is not None:
            yield FunctionCall((prefix or word).start(), word.end(), word[0])
        if piece.lastgroup == "sheet":
            prefix = piece
            word = None
        elif piece.lastgroup == "word" and not piece[0][:1].isdigit():
            prefix = prefix if word is None else None
            word = piece
        else:
            prefix = word = None


class SharedFormula:
    """A formula that a file has once for a block of cells.

    Parameters
    ----------
    formula
        The text in the first cell.
    row, column
        The first cell.
    """

    __slots__ = ("_column", "_coordinates", "_row", "_text")

    def __init__(self, formula: str, row: int, column: int) -> None:
        self._row = row
        self._column = column
        #: The relative coordinates: whether each is a row, and its number.
        self._coordinates: list[tuple[bool, int]] = []
        #: The text with %s in place of these.
        self._text = ""
        end_of_piece = 0
        for match in lex(formula):
            # Groups of an end: $ and letters of its column, $ and number of its row.
            for end in find_corners(match) if match.lastgroup in REFERENCES else ():
                for dollar, text, is_row in (
                    (end[1], end[2], False),
                    (end[3], end[4], True),
                ):
                    if not text:
                        continue
                    start, stop = end.span(4 if is_row else 2)
                    number = int(text) if is_row else column_number(text)
                    coordinate = str(number) if is_row else column_letters(number)
                    if not dollar:
                        self._coordinates.append((is_row, number))
                        coordinate = "%s"
                    self._text += (
                        formula[end_of_piece:start].replace("%", "%%") + coordinate
                    )
                    end_of_piece = stop
        self._text += formula[end_of_piece:].replace("%", "%%")

    def formula_in(self, row: int, column: int) -> str:
        """Return the formula of another cell; beyond the end of a sheet rows begin again at 1."""
        down = row - self._row
        right = column - self._column
        return self._text % (
            *[
                (number + down - 1) % MAX_ROWS + 1
                if is_row
                else column_letters((number + right - 1) % MAX_COLUMNS + 1)
                for is_row, number in self._coordinates
            ],
        )


_Piece = Match[str]


def changed_part(before: str, after: str) -> tuple[str, str]:
    """Return what differs between two formulas, from the first to the last token that does.

    A token that another one replaces wherever it differs is reported alone. Parentheses are closed
    within each part. One of the two is "" where something was only added or left out.

    >>> changed_part("IF(A1,SUM(B1:B3)/2,0)", "IF(A1,AVERAGE(B1:B3),0)")
    ('SUM(B1:B3)/2', 'AVERAGE(B1:B3)')
    >>> changed_part("A1+B1", "A1+B1+2")
    ('', '+2')
    """
    old = _lex_visible(before)
    new = _lex_visible(after)
    replaced = _replaced_texts(old, new)
    if len(replaced) == 1:
        return replaced.pop()
    start, end = _count_common_ends(old, new)
    while start and _closes_more_than_it_opens(old, new, start, end):
        # A function stands with its parenthesis.
        before_it = [piece.lastgroup for piece in old[max(0, start - 2) : start]]
        start -= 2 if before_it == ["word", "open"] else 1
    while end and _leaves_open(old, new, start, end):
        end -= 1
    changed_before = _text_of_tokens(before, old, start, end)
    changed_after = _text_of_tokens(after, new, start, end)
    return changed_before, changed_after


def _lex_visible(formula: str) -> list[_Piece]:
    """Return the tokens of a formula but for blanks."""
    return [piece for piece in lex(formula) if piece[0].strip()]


def _replaced_texts(
    old: Sequence[_Piece],
    new: Sequence[_Piece],
) -> set[tuple[str, str]]:
    """Return what stands in place of what, for formulas of as many tokens; else nothing."""
    if len(old) != len(new):
        return set()
    replaced = set()
    for old_piece, new_piece in zip(old, new, strict=True):
        if old_piece[0].casefold() != new_piece[0].casefold():
            replaced.add((old_piece[0], new_piece[0]))
    return replaced


def _count_common_ends(old: Sequence[_Piece], new: Sequence[_Piece]) -> tuple[int, int]:
    """Return how many tokens two formulas have in common at the start, and at the end."""
    old_texts = [piece[0].casefold() for piece in old]
    new_texts = [piece[0].casefold() for piece in new]
    start = _count_common_tokens(old_texts, new_texts)
    old_rest = old_texts[start:]
    new_rest = new_texts[start:]
    return start, _count_common_tokens(old_rest[::-1], new_rest[::-1])


def _closes_more_than_it_opens(
    old: Sequence[_Piece], new: Sequence[_Piece], start: int, end: int
) -> bool:
    """Return whether a parenthesis is closed before it is opened, in either formula.

    `start` and `end` are how many tokens are skipped at both ends.
    """
    depths_before = _parenthesis_depths(old, start, end)
    depths_after = _parenthesis_depths(new, start, end)
    return min(depths_before) < 0 or min(depths_after) < 0


def _leaves_open(
    old: Sequence[_Piece], new: Sequence[_Piece], start: int, end: int
) -> bool:
    """Return whether a parenthesis stays open, in either formula; tokens are skipped as above."""
    depths_before = _parenthesis_depths(old, start, end)
    depths_after = _parenthesis_depths(new, start, end)
    return depths_before[-1] > 0 or depths_after[-1] > 0


def _count_common_tokens(old_texts: list[str], new_texts: list[str]) -> int:
    """Return how many tokens two formulas have in common before the first that differs."""
    pairs = zip(old_texts, new_texts, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _parenthesis_depths(
    pieces: Sequence[_Piece], skipped_at_start: int, skipped_at_end: int
) -> list[int]:
    """Return how many parentheses are open before and after each of some tokens.

    Tokens at the start and at the end of `pieces` are skipped. A number below 0 tells that more are
    closed than opened.
    """
    kinds = (
        piece.lastgroup
        for piece in pieces[skipped_at_start : len(pieces) - skipped_at_end]
    )
    return [
        *accumulate(((kind == "open") - (kind == "close") for kind in kinds), initial=0)
    ]


def _text_of_tokens(
    formula: str, pieces: Sequence[_Piece], skipped_at_start: int, skipped_at_end: int
) -> str:
    """Return the text from the first to the last of some tokens of a formula, "" for none.

    `pieces` are its tokens, of which some at the start and at the end are skipped.
    """
    part = pieces[skipped_at_start : len(pieces) - skipped_at_end]
    if not part:
        return ""
    return formula[part[0].start() : part[-1].end()]
