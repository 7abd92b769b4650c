"""How a number comes to be misprinted: the typing models, and what each would undo.

A slip is a hypothesis: these cells should read so. Its `surprise` is minus the logarithm of how
often such a slip happens among all that could have happened to the cell; only differences matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import pairwise, product
from operator import itemgetter

from xlcity.audit.tables.constraints.relations import Constraint, room_of
from xlcity.audit.tables.printed_numbers import (
    RANK,
    PrintedCell,
    PrintedNumbers,
    decimals_of,
    is_readable,
    read_number,
    spell,
)
from xlcity.grouping import grouped


class MisprintKind(Enum):
    """What happened to a cell, and its share among slips: swaps, single digits and rows lead."""

    COPY = "copy", 0.3
    SWAP = "swapped digits", 0.25
    DIGIT = "one wrong digit", 0.25
    ROWS = "swapped rows", 0.2
    POINT = "shifted decimal", 0.02
    DROPPED = "digit lost or doubled", 0.02
    OVERWRITTEN = "overwritten by a neighbouring row", 0.05
    SIGN = "lost sign", 0.02
    MOVED = "moved in the ranking", 0.02
    RANK = "wrong rank", 0.02

    def __init__(self, words: str, share: float) -> None:
        self.words = words
        self.surprise = -math.log(share)


#: How far from the middle of its column, in lengths of it, a number may be that was overwritten.
_USUAL = Decimal("0.75")


@dataclass(frozen=True, slots=True)
class Correction:
    """A cell and what it should read."""

    cell: PrintedCell
    text: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Misprint:
    """One hypothesis: the changes that undo it, and how surprising it is."""

    kind: MisprintKind
    changes: tuple[Correction, ...]
    surprise: float

    @property
    def changed(self) -> dict[int, str]:
        """Cell -> what it should read."""
        return {change.cell.index: change.text for change in self.changes}


@cache
def edits(text: str) -> tuple[tuple[str, MisprintKind, float], ...]:
    """Return every number that one slip of typing turns into this text, most likely first.

    >>> [text for text, kind, _ in edits("66.49") if kind is MisprintKind.SWAP]
    ['64.69', '66.94']
    """
    likeliest: dict[str, tuple[str, MisprintKind, float]] = {}
    typed = [slip for slip in dict.fromkeys(_typed(text)) if slip[1] != text]
    by_kind = grouped(slip for slip in typed if _is_number(slip[1]))
    for kind, texts in by_kind.items():
        surprise = math.log(len(texts)) + kind.surprise
        for new in texts:
            likeliest.setdefault(new, (new, kind, surprise))
    return tuple(sorted(likeliest.values(), key=itemgetter(2)))


def _is_number(text: str) -> bool:
    """Tell whether a person would print it so: no leading zero but the one before the point."""
    integer = text.lstrip("+-−").partition(".")[0]
    if len(integer) > 1 and integer.startswith("0"):
        return False
    return is_readable(text) and read_number(text) is not None


def _typed(text: str) -> Iterator[tuple[MisprintKind, str]]:
    """Yield every text that one slip of typing turns into this one, the likeliest kinds first."""
    digits = [index for index, char in enumerate(text) if char.isdigit()]
    for a, b in pairwise(digits):
        signs = [*text]
        signs[a], signs[b] = signs[b], signs[a]
        yield MisprintKind.SWAP, "".join(signs)
    for index, digit in product(digits, "0123456789"):
        yield MisprintKind.DIGIT, text[:index] + digit + text[index + 1 :]
    for shifted in _shift_point(text):
        yield MisprintKind.POINT, shifted
    for index, digit in product(range(len(text) + 1), "0123456789"):
        yield MisprintKind.DROPPED, text[:index] + digit + text[index:]
    for index in digits:
        yield MisprintKind.DROPPED, text[:index] + text[index + 1 :]
    yield MisprintKind.SIGN, text[1:] if text[:1] in "+-−" else f"-{text}"


def _shift_point(text: str) -> Iterator[str]:
    """Yield a text with its decimal point elsewhere; of a whole number the last digit goes."""
    integer, point, decimals = text.partition(".")
    if point:
        value = Decimal(text.replace(",", "").replace("−", "-"))
        for shift in (-2, -1, 1, 2):
            yield f"{value.scaleb(shift):.{len(decimals)}f}"
    elif integer.isdigit():
        yield integer[:-1]


class Misprints:
    """The slips that may have happened to the cells of a book."""

    def __init__(self, book: PrintedNumbers) -> None:
        self.book = book

    def of(self, cell: PrintedCell) -> Iterator[Misprint]:
        """Yield what may have happened to one cell alone, or to it and a neighbouring row."""
        seen = {cell.text}
        yield from self._copied(cell, seen)
        decimals = {other.decimals for other in self.book.column(cell)}
        is_rank = cell.series.quantity == RANK
        for text, kind, surprise in edits(cell.text):
            is_impossible = is_rank and text.startswith("-")
            if decimals_of(text) in decimals and text not in seen and not is_impossible:
                yield _single(kind, cell, text, surprise)

    def _copied(self, cell: PrintedCell, seen: set[str]) -> Iterator[Misprint]:
        """Yield that a cell has another number than its copies, and add these to those seen."""
        kinds = {text: kind for text, kind, _ in edits(cell.text)}
        for other in self.book.all(cell.series, cell.unit):
            text = spell(other.value, cell.text)
            if other.value == cell.value or text in seen:
                continue
            seen.add(text)
            copy = MisprintKind.COPY
            # A number that is one slip from its copy is a likelier misprint than any other.
            surprise = copy.surprise + (0.0 if text in kinds else 2.0)
            yield _single(kinds.get(text, copy), cell, text, surprise)

    def overwritten(
        self, cell: PrintedCell, broken: Sequence[Constraint], values: Sequence[Decimal]
    ) -> Iterator[Misprint]:
        """Yield that the number is a neighbouring row's, where no slip of a digit explains it.

        What should be printed is what broken constraints leave.
        """
        if all(other.text != cell.text for other in self._beside(cell)):
            return
        low, high = room_of(broken, cell, values)
        if low is None or high is None:
            return
        text = spell((low + high) / 2, cell.text)
        value = Decimal(text)
        if value == cell.value or not self._is_usual(cell, value):
            return
        if _may_be_mistyped(cell, low, high):
            return
        # Where neighbours often print the same, that they do tells little.
        column = self.book.column(cell)
        alike = sum(first.text == second.text for first, second in pairwise(column))
        kind = MisprintKind.OVERWRITTEN
        room = float(high - low) * 10**cell.decimals
        surprise = math.log1p(room) + math.log(alike / len(column)) + kind.surprise
        yield _single(kind, cell, text, surprise)

    def _is_usual(self, cell: PrintedCell, value: Decimal) -> bool:
        """Tell whether a number is not far from those of a cell's column."""
        numbers = [other.value for other in self.book.column(cell)]
        least = min(numbers)
        most = max(numbers)
        return abs(value - (least + most) / 2) <= _USUAL * (most - least)

    def _beside(self, cell: PrintedCell) -> list[PrintedCell]:
        if not cell.in_order:
            return []
        column = self.book.column(cell)
        index = column.index(cell)
        before = column[max(0, index - 1) : index]
        return [*before, *column[index + 1 : index + 2]]

    def exchanges(self, cell: PrintedCell) -> Iterator[Misprint]:
        """Yield exchanges with another row of this column.

        Rows that are not neighbours change places where each number is printed elsewhere as the
        other.
        """
        surprise = math.log(4) + MisprintKind.ROWS.surprise
        others = self._beside(cell)
        elsewhere = self._elsewhere(cell) - {cell.value}
        for other in self.book.column(cell) if elsewhere else ():
            if other.value in elsewhere and cell.value in self._elsewhere(other):
                others.append(other)
        for other in others:
            if other.value != cell.value:
                yield Misprint(MisprintKind.ROWS, _exchange(cell, other), surprise)

    def _elsewhere(self, cell: PrintedCell) -> set[Decimal]:
        cells = self.book.all(cell.series, cell.unit)
        return {other.value for other in cells if other is not cell}

    def moved(self, cell: PrintedCell, score: PrintedCell | None) -> Iterator[Misprint]:
        """Yield that one rank alone is not where its score puts it, or was moved there.

        After a move the ranks between have closed up.
        """
        if cell.series.quantity != RANK or score is None:
            return
        own = int(cell.value)
        surprise = 2 + MisprintKind.MOVED.surprise
        for target in self._places_of(score):
            if target == own:
                continue
            change = _change(cell, Decimal(target))
            yield Misprint(MisprintKind.RANK, (change,), surprise)
            step = -1 if target > own else 1
            low = min(own, target)
            high = max(own, target)
            moved = []
            for other in self.book.column(cell):
                if other is not cell and low <= other.value <= high:
                    moved.append(_change(other, other.value + step))
            if len(moved) > 1:
                yield Misprint(MisprintKind.MOVED, (change, *moved), surprise)

    def _places_of(self, score: PrintedCell) -> Iterator[int]:
        """Yield the first and last place that a score may have, from above and from below."""
        cells = self.book.first(score.series).values()
        gaps = [cell.value - score.value for cell in cells]
        level = gaps.count(Decimal(0))
        above = sum(gap > 0 for gap in gaps)
        below = sum(gap < 0 for gap in gaps)
        for ahead in (above, below):
            yield from sorted({ahead + 1, ahead + level})


def _may_be_mistyped(cell: PrintedCell, low: Decimal, high: Decimal) -> bool:
    """Tell whether a slip of typing makes a number between two others of what a cell prints."""
    typed = (read_number(text) for text, _, _ in edits(cell.text))
    return any(number is not None and low <= number <= high for number in typed)


def _single(
    kind: MisprintKind, cell: PrintedCell, text: str, surprise: float
) -> Misprint:
    value = read_number(text)
    assert value is not None
    return Misprint(kind, (Correction(cell, text, value),), surprise)


def _change(cell: PrintedCell, value: Decimal) -> Correction:
    return Correction(cell, spell(value, cell.text), value)


def _exchange(first: PrintedCell, second: PrintedCell) -> tuple[Correction, Correction]:
    mine = Correction(first, second.text, second.value)
    return mine, Correction(second, first.text, first.value)
