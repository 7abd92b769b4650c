"""The XML of a sheet, cut where stored values begin: what a save changes is found by comparing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from xlcity.xlsx.editing import scan

_CELL = "<c r="
_VALUE, _VALUE_END = "<v>", "</v>"


class SheetText:
    """The rows of a sheet as the pieces that values divide them into.

    Parameters
    ----------
    xml
        The sheet.

    Attributes
    ----------
    pieces
        Each but the first begins with a value.
    """

    __slots__ = ("_places", "pieces")

    def __init__(self, xml: str) -> None:
        self.pieces = xml[slice(*scan.sheet_data(xml))].split(_VALUE)
        self._places: Sequence[int] | None = None

    def values_since(self, before: SheetText) -> Iterator[tuple[int, str, str]] | None:
        """Return the values that are others than before; ``None`` if more than values differs.

        Returns
        -------
        iterator or None
            The place of each value's cell among the cells, the head of the cell, and the value.
        """
        old, new = before.pieces, self.pieces
        if len(old) != len(new) or old[0] != new[0]:
            return None
        changed = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        for at in changed:
            rest = new[at].partition("<")[2]
            if rest != old[at].partition("<")[2] or not rest.startswith(_VALUE_END[1:]):
                return None
        self._places = before.places()
        return ((self._places[at - 1], *self._cell(at)) for at in changed)

    def places(self) -> Sequence[int]:
        """Return for each value the place of its cell among the cells."""
        if self._places is None:
            # What stands before a value ends with the start of its cell.
            counts = accumulate(piece.count(_CELL) for piece in self.pieces[:-1])
            self._places = [count - 1 for count in counts]
        return self._places

    def _cell(self, at: int) -> tuple[str, str]:
        """Return the head of the cell of a value, and the value."""
        before = self.pieces[at - 1]
        head = before[before.rindex(_CELL) :].partition(">")[0]
        return head, self.pieces[at].partition("<")[0]
