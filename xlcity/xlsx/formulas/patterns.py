"""The pattern of a line of formulas: what most of its cells have, and which cells do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class LinePattern(NamedTuple):
    """What most cells of a line have in common.

    Attributes
    ----------
    key
        The form of their formula.
    alike
        How many cells have it.
    odd
        The numbers of the others, counted from 0.
    """

    key: str
    alike: int
    odd: tuple[int, ...]

    @property
    def size(self) -> int:
        """Return how many cells the line has."""
        return self.alike + len(self.odd)

    @property
    def regular(self) -> Iterator[int]:
        """Yield the numbers of the cells that have the pattern."""
        return (number for number in range(self.size) if number not in self.odd)

    def has_most(self, share: float) -> bool:
        """Tell whether the cells of the pattern are such a share of all others, two at least."""
        return self.alike >= max(2, share * (self.size - 1))

    def has_few_odd(self, share: float, few: int) -> bool:
        """Tell whether the other cells are few, or such a share of the line, at most."""
        return len(self.odd) <= max(few, share * self.size)


def find_pattern(keys: Sequence[str]) -> LinePattern | None:
    """Return the pattern of a line; None for one without any formula.

    Parameters
    ----------
    keys
        The form of each cell, "" for a typed value. Cells of one form do the same.

    Examples
    --------
    >>> find_pattern(["a", "a", "", "b", "a"])
    LinePattern(key='a', alike=3, odd=(2, 3))
    """
    counts = Counter(filter(None, keys))
    if not counts:
        return None
    key, count = counts.most_common(1)[0]
    odd = tuple(number for number, own in enumerate(keys) if own != key)
    return LinePattern(key, count, odd)
