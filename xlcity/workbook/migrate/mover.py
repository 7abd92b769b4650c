"""Where cells of one workbook stand in another, and formulas that follow them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

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
#: Functions that take ranges in any number and order: one range may become several.
_VARIADIC = re.compile(
    r"""SUM|SUMSQ|PRODUCT|COUNTA?|MINA?|MAXA?|AVERAGEA?|MEDIAN|GEOMEAN|HARMEAN|SKEW|KURT|DEVSQ|AVEDEV
      | (?:STDEV|VAR)(?:A|P|PA|\.S|\.P)? | AND|OR""",
    re.X,
)
#: Functions whose result is the same in whatever order the cells of a range are, and functions
#: that take cells of several ranges together: in any order, if it is the same in all of them.
_UNORDERED = re.compile(
    rf"""{_VARIADIC.pattern} | COUNTIF|COUNTBLANK|LARGE|SMALL|RANK(?:\.EQ|\.AVG)?|ROWS?|COLUMNS?
      | (?:PERCENTILE|QUARTILE|PERCENTRANK)(?:\.INC|\.EXC)? | MODE(?:\.\w+)?|TRIMMEAN|SUBTOTAL""",
    re.X,
)
_TOGETHER = re.compile(
    r"""(?:SUM|COUNT|AVERAGE|MAX|MIN)IFS?|SUMPRODUCT|CORREL|PEARSON|COVAR|COVARIANCE\.[PS]|SLOPE
      | INTERCEPT|RSQ|STEYX|VLOOKUP|XLOOKUP|INDEX|X?MATCH""",
    re.X,
)
#: Where ranges are multiplied or compared with each other, this makes one value of them.
_SUMMED = re.compile(r"\b(?:SUM|SUMPRODUCT|COUNT|AVERAGE|MAX|MIN|MATCH)\(")
#: What else is in a formula where a place in a range is not a number that somebody typed.
_LOOKS_UP = {"INDEX": "MATCH(", "MATCH": "INDEX(", "XMATCH": "INDEX("}
#: A formula with more pieces would not be read by anybody.
_MOST_PIECES = 60
#: Functions that take addresses as texts, and texts.
_BY_TEXT = re.compile(r"\b(?:INDIRECT|HYPERLINK)\s*\(", re.I)
_TEXT = re.compile(r'"((?:[^"]|"")*)"')


@dataclass(frozen=True, slots=True)
class LostReference:
    """A reference that leads nowhere in the other book.

    Attributes
    ----------
    sheet, cell
        Where it stands; `cell` is "" in charts, rules and names.
    formula, text
        The formula, and the reference in it.
    reason
        "reference" where a cell is gone, "split" where its cells are no longer side by side,
        "order" where they are in another order, which the formula may depend on, "address" where
        it is a text, which does not follow its cell.
    """

    sheet: str
    cell: str
    formula: str
    text: str
    reason: str


class _Reference(NamedTuple):
    """A reference in a formula: its ends, where it leads, the function it is an argument of."""

    ends: list[re.Match[str]]
    sheet: str
    area: Rectangle
    function: str


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
        self.old, self.new, self.own, self._titles = old, new, own, titles or {}
        self._joins = joins
        self._rows: dict[tuple[str, int], int | None] = {}
        self._columns: dict[tuple[str, int], int | None] = {}
        #: References without a place; and ranges that were led, but whose cells are in another
        #: order, and addresses in texts.
        self.lost: list[LostReference] = []
        self.doubtful: list[LostReference] = []

    def take(self) -> tuple[list[LostReference], list[LostReference]]:
        """Return and forget the references that are lost, and those in doubt."""
        taken = self.lost, self.doubtful
        self.lost, self.doubtful = [], []
        return taken

    # -- cells -----------------------------------------------------------------------------------
    def row(self, sheet: str, number: int) -> int | None:
        """Return where a row stands."""
        if (sheet, number) not in self._rows:
            self._rows[sheet, number] = self._find_row(sheet, number)
        return self._rows[sheet, number]

    def _find_row(self, sheet: str, number: int) -> int | None:
        if sheet not in self.own:
            return number
        if not self.new.has(sheet):
            return None
        grid = self.old.grid(sheet)
        key, behind = grid.rows.of(number)
        row = self.new.grid(sheet).rows.find(key, behind)
        is_new_line = row is None and number in grid.lines and not key.startswith(SPARE)
        return self.new.add_line(sheet, key) if is_new_line and self._joins else row

    def column(self, sheet: str, number: int) -> int | None:
        """Return where a column stands."""
        if (sheet, number) not in self._columns:
            self._columns[sheet, number] = self._find_column(sheet, number)
        return self._columns[sheet, number]

    def _find_column(self, sheet: str, number: int) -> int | None:
        if sheet not in self.own:
            return number
        if not self.new.has(sheet):
            return None
        grid = self.old.grid(sheet)
        if number in grid.own:
            return self.new.find_column(sheet, grid.own[number], 0)
        return self.new.find_column(sheet, *grid.columns.of(number))

    def cell(self, sheet: str, position: Position) -> Position | None:
        """Return where a cell stands."""
        row, column = self.row(sheet, position[0]), self.column(sheet, position[1])
        return None if row is None or column is None else (row, column)

    def pieces(self, sheet: str, area: Rectangle) -> list[Rectangle]:
        """Return where the cells of an area stand, in as many pieces as they are in."""
        rows, columns = self._lines(sheet, area)
        row_runs = find_runs(rows) if rows is not None else [(area[0], area[2])]
        column_runs = find_runs(columns) if columns is not None else [(area[1], area[3])]
        return [
            (top, left, bottom, right) for top, bottom in row_runs for left, right in column_runs
        ]

    def bounds(self, sheet: str, area: Rectangle) -> Rectangle | None:
        """Return the area from the first to the last of the cells of one, whatever their order."""
        pieces = self.pieces(sheet, area)
        if not pieces:
            return None
        tops, lefts, bottoms, rights = zip(*pieces, strict=True)
        return min(tops), min(lefts), max(bottoms), max(rights)

    def _lines(self, sheet: str, area: Rectangle) -> tuple[list[int] | None, list[int] | None]:
        """Return where rows and columns of an area stand; None for all there are."""
        top, left, bottom, right = area
        rows = [self.row(sheet, n) for n in range(top, bottom + 1)] if bottom < MAX_ROWS else None
        width = range(left, right + 1) if right < MAX_COLUMNS else None
        columns = None if width is None else [self.column(sheet, n) for n in width]
        return (
            None if rows is None else [n for n in rows if n is not None],
            None if columns is None else [n for n in columns if n is not None],
        )

    def area(self, sheet: str, area: Rectangle) -> Rectangle | None:
        """Return where a rectangle stands, ``None`` if it is there no more in one piece."""
        r1, c1, r2, c2 = area
        if sheet not in self.own:
            return area
        rows = self._moved_rows(sheet, r1, r2)
        left, right = self.column(sheet, c1), self.column(sheet, c2)
        if not rows or left is None or right is None:
            return None
        top, bottom, left, right = min(rows), max(rows), min(left, right), max(left, right)
        old = self.old.grid(sheet)
        row, column = partial(self.row, sheet), partial(self.column, sheet)
        is_followed = r2 - r1 < _FOLLOWED
        if is_followed and _has_intruder(old.rows, r1, r2, range(top, bottom + 1), row):
            return None
        if _has_intruder(old.columns, c1, c2, range(left, right + 1), column):
            return None
        return top, left, bottom, right

    def _moved_rows(self, sheet: str, r1: int, r2: int) -> list[int]:
        """Return where the rows of a range stand, none if its first row means nothing."""
        followed: Sequence[int] = range(r1, r2 + 1) if r2 - r1 < _FOLLOWED else (r1, r2)
        lines = self.old.grid(sheet).rows
        spare = [lines.of(n)[0].startswith(SPARE) for n in (r1, *followed, r2)]
        if not (spare[0] or spare[-1]):
            # Empty rows among cities, which come to stand behind the last one, do not matter.
            followed = [n for n, empty in zip(followed, spare[1:-1], strict=True) if not empty]
        return [row for n in followed if (row := self.row(sheet, n)) is not None]

    @cached_property
    def any_moved(self) -> bool:
        """Tell whether a row or column of any sheet stands elsewhere."""
        sheets = [name for name in self.own if self.old.has(name) and self.new.has(name)]
        return any(
            find(name, n) != n
            for name in sheets
            for lines, find in (
                (self.old.grid(name).rows, self.row),
                (self.old.grid(name).columns, self.column),
            )
            for n in lines.keys
        )

    # -- formulas --------------------------------------------------------------------------------
    def __call__(self, formula: str, sheet: str, cell: str = "") -> str:
        """Return a formula of a sheet, or of one of its cells, for the other book."""
        if cell and _BY_TEXT.search(formula):
            reference = LostReference(sheet, cell, formula, "", "address")
            texts = self._find_moved_texts(formula, sheet)
            self.doubtful += [replace(reference, text=text) for text in texts]
        return self._rewrite(formula, sheet, cell, self._moved)

    def from_row(self, formula: str, sheet: str, old: int, new: int, cell: str = "") -> str:
        """Return the formula of a rule for the rows of a range: seen from its first row."""

        def change(reference: _Reference) -> str | None:
            if reference.sheet != sheet:
                return self._moved(reference)
            ends = []
            for end in reference.ends:
                row, column = int(end[4] or 1), self.column(sheet, column_number(end[2] or "A"))
                new_row = self.row(sheet, row) if end[3] else new + row - old
                if new_row is None or column is None or new_row < 1:
                    return None
                ends.append(_spell_like(end, new_row, column))
            return ":".join(ends)

        # Of single cells it is their row that counts, of a list what is in it.
        several = "(" in formula and ":" in formula
        return self._rewrite(formula, sheet, cell if several else "", change)

    def _rewrite(
        self, formula: str, sheet: str, cell: str, change: Callable[[_Reference], str | None]
    ) -> str:
        """Return a formula with other references; those without a place are #REF!."""
        pieces, texts, prefix = list(lex(formula)), [], ""
        for index, piece in enumerate(pieces):
            kind, text = piece.lastgroup, piece[0]
            if kind == "sheet":
                prefix = text
                continue
            name, book = split_prefix(prefix) if prefix else (sheet, "")
            if book or name not in self.own or not self.old.has(name):
                new_title = None if book or not prefix else self._titles.get(name)
                texts.append((f"{quote_sheet(new_title)}!" if new_title else prefix) + text)
            elif kind not in ("range", "columns"):
                texts.append(prefix + text)
            else:
                ends = find_corners(piece)
                area = _corners_of(ends)
                reference = _Reference(ends, name, area, _function_around(pieces, index))
                new = change(reference)
                texts.append(self._shown(reference, prefix, new, LostReference(
                    sheet, cell, formula, prefix + text, "")))  # fmt: skip
            prefix = ""
        return "".join([*texts, prefix])

    def _shown(
        self, reference: _Reference, prefix: str, new: str | None, lost: LostReference
    ) -> str:
        """Return the text of a reference, and note where it is lost or in doubt."""
        if new is not None:
            if lost.cell and self._order_matters(reference, lost.formula, lost.sheet):
                self.doubtful.append(replace(lost, reason="order"))
            return prefix + new
        pieces = self._split_range(reference) if len(reference.ends) > 1 else []
        if pieces and _VARIADIC.fullmatch(reference.function):
            return ",".join(prefix + piece for piece in pieces)
        self.lost.append(replace(lost, reason="split" if pieces else "reference"))
        return "#REF!"

    def _moved(self, reference: _Reference) -> str | None:
        """Return where a reference leads in the other book, in its own spelling."""
        ends, sheet, (r1, c1, r2, c2), _ = reference
        if not ends[0][4]:
            columns = [self.column(sheet, c) for c in (c1, c2)]
            new = None if None in columns else (r1, columns[0] or 1, r2, columns[1] or 1)
        else:
            new = self.area(sheet, (r1, c1, r2, c2))
        if new is None:
            return None
        top, left, bottom, right = new
        corners = [(top, left), (bottom, right)][: len(ends)]
        return ":".join(
            _spell_like(end, *corner) for end, corner in zip(ends, corners, strict=True)
        )

    def _split_range(self, reference: _Reference) -> list[str]:
        """Return the ranges that the cells of a range stand in now, none if there are too many."""
        (first, last), sheet, (r1, c1, r2, c2), _ = reference
        if not self.new.has(sheet) or r2 - r1 >= _FOLLOWED or c2 - c1 >= _FOLLOWED:
            return []
        rows = find_runs(self._moved_rows(sheet, r1, r2))
        columns = find_runs(
            c for n in range(c1, c2 + 1) if (c := self.column(sheet, n)) is not None
        )
        spans = [(top, left, down, right) for top, down in rows for left, right in columns]
        if len(spans) > _MOST_PIECES:
            return []
        ends = [(_spell_like(first, *span[:2]), _spell_like(last, *span[2:])) for span in spans]
        return [start if start == end else f"{start}:{end}" for start, end in ends]

    def _order_matters(self, reference: _Reference, formula: str, home: str) -> bool:
        """Tell whether a formula may give something else since cells are in another order."""
        _, sheet, (r1, c1, r2, c2), function = reference
        grid = self.old.grid(sheet)
        if function == "OFFSET":
            # It goes on from there.
            r2, c2 = max(r2, grid.rows.end), max(c2, grid.columns.end)
        down = _is_reordered(grid.rows, r1, r2, partial(self.row, sheet))
        across = _is_reordered(grid.columns, c1, c2, partial(self.column, sheet))
        if not (down or across) or _UNORDERED.fullmatch(function):
            return False
        together = _TOGETHER.fullmatch(function) if function else _SUMMED.search(formula.upper())
        if across or not together:
            return True
        if _LOOKS_UP.get(function, "") not in formula.upper():
            return True
        # Of ranges that are read together, each has its rows in the new order.
        return any(
            other_sheet not in self.own or (area[0], area[2]) != (r1, r2)
            for other_sheet, area in _find_ranges(formula, home)
        )

    def _find_moved_texts(self, formula: str, home: str) -> Iterator[str]:
        """Yield texts that are addresses of cells that stand elsewhere now, or may be."""
        is_address = False
        for match in _TEXT.finditer(formula):
            text = match[1].replace('""', '"').removeprefix("#")
            if (area := parse_area(text if "!" in text else f"{quote_sheet(home)}!{text}")) is None:
                continue
            is_address = True
            corners = (area.r1, area.c1, area.r2, area.c2)
            own = area.sheet in self.own and self.old.has(area.sheet)
            if own and self.area(area.sheet, corners) != corners:
                yield match[0]
        if not is_address and "INDIRECT" in formula.upper() and self.any_moved:
            yield "INDIRECT("


def _find_ranges(formula: str, home: str) -> Iterator[tuple[str, Rectangle]]:
    """Yield sheet and area of the references to several cells in a formula."""
    prefix = ""
    for piece in lex(formula):
        if piece.lastgroup in ("range", "columns") and ":" in piece[0]:
            yield split_prefix(prefix)[0] if prefix else home, _corners_of(find_corners(piece))
        prefix = piece[0] if piece.lastgroup == "sheet" else ""


def _corners_of(ends: list[re.Match[str]]) -> Rectangle:
    """Return the cells of a reference by its ends, of whole columns all rows."""
    columns = sorted(column_number(end[2]) for end in (ends[0], ends[-1]))
    rows = sorted(int(end[4]) for end in (ends[0], ends[-1])) if ends[0][4] else [1, MAX_ROWS]
    return rows[0], columns[0], rows[1], columns[1]


def _spell_like(end: re.Match[str], row: int, column: int) -> str:
    """Return an end of a reference with the dollars of another."""
    return f"{end[1]}{column_letters(column)}" + (f"{end[3]}{row}" if end[4] else "")


def _function_around(pieces: Sequence[re.Match[str]], index: int) -> str:
    """Return the function that a reference is a whole argument of, "" if none."""
    kinds = [piece.lastgroup for piece in pieces]
    start, end = index - 1, index + 1
    while start >= 0 and kinds[start] in ("space", "sheet"):
        start -= 1
    while end < len(pieces) and kinds[end] == "space":
        end += 1
    if start < 0 or end == len(pieces):
        return ""
    if kinds[start] not in ("open", "separator") or kinds[end] not in ("separator", "close"):
        return ""
    depth = 0
    while start >= 0 and depth >= 0:
        depth += (kinds[start] == "close") - (kinds[start] == "open")
        start -= 1
    is_call = depth < 0 and start >= 0 and kinds[start] == "word"
    return pieces[start][0].upper().removeprefix("_XLFN.") if is_call else ""


def _has_intruder(
    lines: Lines, first: int, last: int, inside: range, find: Callable[[int], int | None]
) -> bool:
    """Tell whether a row or column from outside a range has come to stand within it."""
    return any(find(n) in inside for n in lines.keys if not first <= n <= last)


def _is_reordered(lines: Lines, first: int, last: int, find: Callable[[int], int | None]) -> bool:
    """Tell whether lines of a range, without spare ones, are not where they were in it."""
    last = min(last, lines.end, first + _FOLLOWED)
    followed = [n for n in range(first, last + 1) if not lines.of(n)[0].startswith(SPARE)]
    shifts = {None if (line := find(n)) is None else line - n for n in followed}
    return len(shifts) > 1 or None in shifts
