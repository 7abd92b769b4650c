"""Where cells of one workbook stand in another, and formulas that follow them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import product

from xlcity.workbook.migrate.cell_keys import SPARE, Anchors, Lines
from xlcity.xlsx.address import (
    MAX_COLUMNS,
    MAX_ROWS,
    column_letters,
    column_number,
    find_runs,
    parse_area,
    quote_sheet,
)
from xlcity.xlsx.cells import Position
from xlcity.xlsx.features import Rectangle
from xlcity.xlsx.formulas.tokens import find_corners, lex, split_prefix

#: A range of so many rows or columns is followed one by one.
_FOLLOWED = 5000
#: Functions that take addresses as texts.
_BY_TEXT = re.compile(r"\b(?:INDIRECT|HYPERLINK)\s*\(", re.IGNORECASE)


class Mover:
    """Finds where the cells of a workbook stand in another one.

    Parameters
    ----------
    old, new
        What cells are about in the book they come from, and in the book they go to.
    own
        Sheets of the template that they come from; all others have their cells where they were.
    titles
        Sheets of the user's own that are called otherwise: old -> new.
    joins
        Whether lines of a list that the other book has not get a row there.
    """

    def __init__(
        self,
        old: Anchors,
        new: Anchors,
        own: frozenset[str],
        titles: Mapping[str, str] | None = None,
        *,
        joins: bool = False,
    ) -> None:
        self.old = old
        self.new = new
        self.own = own
        self.titles = titles or {}
        self._joins = joins
        #: Where a row, or a column, of a sheet stands; None if it has no place.
        self.row: Callable[[str, int], int | None] = cache(
            partial(self._find_line, "rows")
        )
        self.column: Callable[[str, int], int | None] = cache(
            partial(self._find_line, "columns")
        )

    # -- cells -----------------------------------------------------------------------------------
    def _find_line(self, axis: str, sheet: str, number: int) -> int | None:
        if sheet not in self.own:
            return number
        if not self.new.has(sheet):
            return None
        old = self.old.grid(sheet)
        new = self.new.grid(sheet)
        key, behind = getattr(old, axis).of(number)
        line: int | None = getattr(new, axis).find(key, behind)
        is_line = axis == "rows" and number in old.lines and not key.startswith(SPARE)
        return (
            self.new.add_line(sheet, key)
            if line is None and is_line and self._joins
            else line
        )

    def cell(self, sheet: str, position: Position) -> Position | None:
        """Return where a cell stands."""
        row = self.row(sheet, position[0])
        column = self.column(sheet, position[1])
        return None if row is None or column is None else (row, column)

    def pieces(self, sheet: str, area: Rectangle) -> list[Rectangle]:
        """Return where the cells of an area stand, in as many pieces as they are in."""
        top, left, bottom, right = area
        rows = _move_lines(partial(self.row, sheet), top, bottom, MAX_ROWS)
        columns = _move_lines(partial(self.column, sheet), left, right, MAX_COLUMNS)
        return [
            (top, left, bottom, right)
            for (top, bottom), (left, right) in product(rows, columns)
        ]

    def bounds(self, sheet: str, area: Rectangle) -> Rectangle | None:
        """Return the area from the first to the last of the cells of one, whatever their order."""
        pieces = self.pieces(sheet, area)
        if not pieces:
            return None
        tops, lefts, bottoms, rights = zip(*pieces, strict=True)
        return min(tops), min(lefts), max(bottoms), max(rights)

    def area(self, sheet: str, area: Rectangle) -> Rectangle | None:
        """Return where a rectangle stands, ``None`` if it is there no more in one piece."""
        r1, c1, r2, c2 = area
        if sheet not in self.own:
            return area
        rows = self._moved_rows(sheet, r1, r2)
        left = self.column(sheet, c1)
        right = self.column(sheet, c2)
        if not rows or left is None or right is None:
            return None
        top, bottom, left, right = (
            min(rows),
            max(rows),
            min(left, right),
            max(left, right),
        )
        old = self.old.grid(sheet)
        row = partial(self.row, sheet)
        column = partial(self.column, sheet)
        is_followed = r2 - r1 < _FOLLOWED
        if is_followed and _has_intruder(
            old.rows, r1, r2, range(top, bottom + 1), find=row
        ):
            return None
        if _has_intruder(old.columns, c1, c2, range(left, right + 1), find=column):
            return None
        return top, left, bottom, right

    def _moved_rows(self, sheet: str, r1: int, r2: int) -> list[int]:
        """Return where the rows of a range stand, none if its first row means nothing."""
        lines = self.old.grid(sheet).rows

        def is_spare(number: int) -> bool:
            return lines.of(number)[0].startswith(SPARE)

        followed: Sequence[int] = (r1, r2)
        if r2 - r1 < _FOLLOWED:
            followed = range(r1, r2 + 1)
        if not (is_spare(r1) or is_spare(r2)):
            # Empty rows among cities, which come to stand behind the last one, do not matter.
            followed = [number for number in followed if not is_spare(number)]
        rows = (self.row(sheet, number) for number in followed)
        return [row for row in rows if row is not None]

    # -- formulas --------------------------------------------------------------------------------
    def follow(
        self, formula: str, sheet: str, rows: tuple[int, int] | None = None
    ) -> tuple[str, list[str]]:
        """Return a formula of a sheet for the other book, and its references that lead nowhere.

        These are #REF! in it. A range leads from the first to the last of its cells, as where rows
        are inserted into it; with other cells between these it leads nowhere. `rows` are, of a
        rule, the first row of its cells as it was and as it is: it is seen from there.
        """
        texts: list[str] = []
        lost: list[str] = []
        prefix = ""
        by_text = _BY_TEXT.search(formula) is not None
        for piece in lex(formula):
            kind = piece.lastgroup
            text = piece[0]
            if kind == "sheet":
                prefix = text
                continue
            if kind == "text" and by_text:
                text = self._follow_address(text, sheet, lost)
            name, book = split_prefix(prefix) if prefix else (sheet, "")
            if not self._is_drawn(name, book):
                texts.append(self._retitled(prefix, name, book) + text)
            elif kind in ("range", "columns"):
                seen_from = rows if name == sheet else None
                new = self._move_ends(find_corners(piece), name, seen_from)
                if not new:
                    lost.append(prefix + text)
                texts.append(prefix + new if new else "#REF!")
            else:
                texts.append(prefix + text)
            prefix = ""
        return "".join([*texts, prefix]), lost

    def _is_drawn(self, sheet: str, book: str) -> bool:
        """Tell whether a reference leads to a sheet of the template."""
        return not book and sheet in self.own and self.old.has(sheet)

    def _retitled(self, prefix: str, sheet: str, book: str) -> str:
        """Return what stands before a reference to a sheet of the user's own, or to a workbook."""
        title = self.titles.get(sheet)
        if not prefix or book or not title:
            return prefix
        return f"{quote_sheet(title)}!"

    def _follow_address(self, text: str, sheet: str, lost: list[str]) -> str:
        """Return a text in a formula, led along if it is an address such as "Data!B5"."""
        address = text[1:-1].removeprefix("#")
        if (
            parse_area(address if "!" in address else f"{quote_sheet(sheet)}!{address}")
            is None
        ):
            return text
        new, lost_address = self.follow(address, sheet)
        lost += lost_address
        return text.replace(address, new)

    def _move_ends(
        self,
        ends: list[re.Match[str]],
        sheet: str,
        rows: tuple[int, int] | None,
    ) -> str:
        """Return where a reference leads in the other book, in its own spelling; "" if nowhere."""
        texts = []
        for end, (row, column) in zip(
            ends, self._corners(ends, sheet, rows), strict=False
        ):
            if not row or row < 1 or not column:
                return ""
            in_row = f"{end[3]}{row}" if end[4] else ""
            texts.append(f"{end[1]}{column_letters(column)}{in_row}")
        return ":".join(texts)

    def _corners(
        self,
        ends: list[re.Match[str]],
        sheet: str,
        rows: tuple[int, int] | None,
    ) -> list[tuple[int | None, int | None]]:
        """Return row and column of the ends of a reference there; none if it is gone."""
        if rows is not None:
            return [self._corner(end, sheet, rows) for end in ends]
        outer = (ends[0], ends[-1])
        left, right = sorted(column_number(end[2]) for end in outer)
        if not ends[0][4]:
            return [(1, self.column(sheet, column)) for column in (left, right)]
        top, bottom = sorted(int(end[4]) for end in outer)
        area = self.area(sheet, (top, left, bottom, right))
        return [] if area is None else [area[:2], area[2:]]

    def _corner(
        self, end: re.Match[str], sheet: str, rows: tuple[int, int]
    ) -> tuple[int | None, int | None]:
        """Return the row and the column of an end that is seen from the first row of a rule."""
        old, new = rows
        row = int(end[4] or 1)
        new_row = self.row(sheet, row) if end[3] else new + row - old
        return new_row, self.column(sheet, column_number(end[2]))


def _move_lines(
    find: Callable[[int], int | None], first: int, last: int, most: int
) -> Sequence[tuple[int, int]]:
    """Return the runs in which lines stand; of all that a sheet has, from `first` on."""
    if last >= most:
        return [(first, last)]
    return find_runs(
        line for line in map(find, range(first, last + 1)) if line is not None
    )


def _has_intruder(
    lines: Lines,
    first: int,
    last: int,
    inside: range,
    find: Callable[[int], int | None],
) -> bool:
    """Tell whether a row or column from outside a range has come to stand within it."""
    return any(find(n) in inside for n in lines.keys if not first <= n <= last)
