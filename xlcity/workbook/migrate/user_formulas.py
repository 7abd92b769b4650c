"""Formulas of a user's own, led to where the template's cells stand in another book."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from xlcity.workbook.migrate.cell_keys import SPARE, Anchors, Lines
from xlcity.xlsx.address import (
    MAX_ROWS,
    cell_name,
    column_letters,
    column_number,
    find_runs,
    parse_area,
    quote_sheet,
)

_CORNER = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_REFERENCE = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")
      | (?:(?:'(?P<quoted>(?:[^'\[\]]|'')+)'|(?<![\w.\]'])(?P<plain>[^\W\d][\w.]*))!
          | (?<![\w.$!:'\]\\]))
        (?:(?P<first>{_CORNER})(?::(?P<last>{_CORNER}))?
          | (?P<left>\$?[A-Za-z]{{1,3}}):(?P<right>\$?[A-Za-z]{{1,3}}))(?![\w.(!:\[\\])
    """,
    re.X,
)
_PARTS = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d+)")
#: A range of so many rows is followed row by row.
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
      | INTERCEPT|RSQ|STEYX|VLOOKUP|XLOOKUP|INDEX|X?MATCH|""",
    re.X,
)
#: Where ranges are multiplied or compared with each other, this makes one value of them.
_SUMMED = re.compile(r"\b(?:SUM|SUMPRODUCT|COUNT|AVERAGE|MAX|MIN|MATCH)\(")
#: What else is in a formula where a place in a range is not a number that somebody typed.
_PLACES = {"INDEX": "MATCH(", "MATCH": "INDEX(", "XMATCH": "INDEX("}
#: A formula with more pieces would not be read by anybody.
_MOST_PIECES = 60
#: Functions that take addresses as texts, and texts.
_BY_TEXT = re.compile(r"\b(?:INDIRECT|HYPERLINK)\s*\(", re.I)
_TEXT = re.compile(r'"((?:[^"]|"")*)"')
_QUOTED = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'""")


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


class ReferenceMover:
    """Rewrites references to a template's cells.

    Parameters
    ----------
    old, new
        What cells are about in the book the formulas come from, and in the book they go to.
    own
        Sheets of the template that the formulas come from; references to other sheets stay.
    titles
        Sheets of the user's own that are called otherwise: old -> new.
    """

    def __init__(
        self,
        old: Anchors,
        new: Anchors,
        own: frozenset[str],
        titles: Mapping[str, str] | None = None,
    ) -> None:
        self._old, self._new, self._own, self._titles = old, new, own, titles or {}
        #: References without a place.
        self.lost: list[LostReference] = []
        #: Ranges that were led, but whose cells are in another order, and addresses in texts.
        self.reordered: list[LostReference] = []

    def take(self) -> tuple[list[LostReference], list[LostReference]]:
        """Return and forget the references that were lost, and those that were reordered."""
        taken = self.lost, self.reordered
        self.lost, self.reordered = [], []
        return taken

    def __call__(self, formula: str, sheet: str, cell: str = "") -> str:
        """Return a formula of a sheet, or of one of its cells, for the other book."""
        if cell and _BY_TEXT.search(formula):
            reference = LostReference(sheet, cell, formula, "", "address")
            texts = self._find_moved_texts(formula, sheet)
            self.reordered += [replace(reference, text=text) for text in texts]
        return self._rewrite(formula, sheet, self._moved, cell)

    def _find_moved_texts(self, formula: str, home: str) -> Iterator[str]:
        """Yield texts that are addresses of cells that stand elsewhere now, or may be."""
        is_address = False
        for match in _TEXT.finditer(formula):
            text = match[1].replace('""', '"').removeprefix("#")
            if (area := parse_area(text if "!" in text else f"{quote_sheet(home)}!{text}")) is None:
                continue
            is_address = True
            corners = (area.r1, area.c1, area.r2, area.c2)
            own = area.sheet in self._own and self._old.has(area.sheet)
            if own and self.area(area.sheet, *corners) != corners:
                yield match[0]
        if not is_address and "INDIRECT" in formula.upper() and self.any_moved:
            yield _BY_TEXT.search(formula)[0]  # type: ignore[index]  # the caller has found it

    @cached_property
    def any_moved(self) -> bool:
        """Tell whether a row or column of any sheet stands elsewhere."""
        sheets = [name for name in self._own if self._old.has(name) and self._new.has(name)]
        return any(
            find(name, n) != n
            for name in sheets
            for lines, find in (
                (self._old.grid(name).rows, self.row),
                (self._old.grid(name).columns, self.column),
            )
            for n in lines.keys
        )

    def from_row(self, formula: str, sheet: str, old: int, new: int, cell: str = "") -> str:
        """Return the formula of a rule for the rows of a range: seen from its first row."""

        def change(name: str, first: str, last: str) -> str | None:
            if name != sheet:
                return self._moved(name, first, last)
            ends = []
            for end in filter(None, (first, last)):
                match = _PARTS.fullmatch(end)
                assert match is not None  # the pattern above has just matched it
                row, column = _position(end)
                new_row = self.row(name, row) if match[3] else new + row - old
                new_column = self.column(name, column)
                if new_row is None or new_column is None or new_row < 1:
                    return None
                ends.append(_spell_like(end, new_row, new_column))
            return ":".join(ends)

        # Of single cells it is their row that counts, of a list what is in it.
        several = "(" in formula and any(
            reference["last"] for reference in _REFERENCE.finditer(formula)
        )
        return self._rewrite(formula, sheet, change, cell if several else "")

    def meaning(self, formula: str, sheet: str) -> str:
        """Return a formula with what its references are about: alike wherever cells stand."""

        def about(name: str, first: str, last: str) -> str:
            ends = (self._old.of(name, _position(end)) for end in filter(None, (first, last)))
            return "{" + ":".join(map(repr, ends)) + "}"

        return self._rewrite(formula, sheet, about)

    def _rewrite(
        self,
        formula: str,
        sheet: str,
        change: Callable[[str, str, str], str | None],
        cell: str = "",
    ) -> str:
        def changed(match: re.Match[str]) -> str:
            if match["text"] is not None:
                return match[0]
            qualified = match["quoted"] or match["plain"]
            name = (qualified or sheet).replace("''", "'")
            if name not in self._own or not self._old.has(name):
                if not qualified or name not in self._titles:
                    return match[0]
                return f"{quote_sheet(self._titles[name])}!{match[0].rpartition('!')[2]}"
            prefix = f"{quote_sheet(name)}!" if qualified else ""
            if match["first"] is None:
                led = self._moved_columns(name, match["left"], match["right"])
            else:
                led = change(name, match["first"], match["last"] or "")
            if led is not None:
                if cell and self._order_matters(formula, match, sheet):
                    reference = LostReference(sheet, cell, formula, match[0], "order")
                    self.reordered.append(reference)
                return prefix + led
            pieces = self._split_range(name, match["first"], match["last"]) if match["last"] else []
            if pieces and _VARIADIC.fullmatch(_function_around(formula, match)):
                return ",".join(prefix + piece for piece in pieces)
            reason = "split" if pieces else "reference"
            self.lost.append(LostReference(sheet, cell, formula, match[0], reason))
            return "#REF!"

        return _REFERENCE.sub(changed, formula)

    def _order_matters(self, formula: str, match: re.Match[str], home: str) -> bool:
        """Tell whether a formula may give something else since cells are in another order."""
        sheet, (r1, c1, r2, c2) = _corners_of(match, home)
        grid, function = self._old.grid(sheet), _function_around(formula, match)
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
        if _PLACES.get(function, "") not in formula.upper():
            return True
        # Of ranges that are read together, each has its rows in the new order.
        ranges = [other for other in _REFERENCE.finditer(formula) if other["last"] or other["left"]]
        others = [_corners_of(other, home) for other in ranges]
        return any(name not in self._own or (a, c) != (r1, r2) for name, (a, _, c, _) in others)

    def _moved_columns(self, sheet: str, left: str, right: str) -> str | None:
        """Return whole columns."""
        ends = []
        for text in (left, right):
            number = self.column(sheet, column_number(text.replace("$", "")))
            if number is None:
                return None
            ends.append(("$" if text.startswith("$") else "") + column_letters(number))
        return ":".join(ends)

    def row(self, sheet: str, number: int) -> int | None:
        """Return where a row stands."""
        if not self._new.has(sheet):
            return None
        return self._new.grid(sheet).rows.find(*self._old.grid(sheet).rows.of(number))

    def column(self, sheet: str, number: int) -> int | None:
        """Return where a column stands."""
        if not self._new.has(sheet):
            return None
        top = self._old.of(sheet, (1, number))
        return self._new.find_column(top)

    def area(self, sheet: str, r1: int, c1: int, r2: int, c2: int) -> tuple[int, ...] | None:
        """Return where a rectangle stands, ``None`` if it is there no more in one piece."""
        rows, columns = (
            self._moved_rows(sheet, r1, r2),
            [self.column(sheet, c1), self.column(sheet, c2)],
        )
        left, right = columns
        if not rows or left is None or right is None:
            return None
        top, bottom, left, right = min(rows), max(rows), min(left, right), max(left, right)
        old = self._old.grid(sheet)
        inside = range(top, bottom + 1)
        if r2 - r1 < _FOLLOWED and self._has_intruder(old.rows, r1, r2, inside, sheet, self.row):
            return None
        across = range(left, right + 1)
        if self._has_intruder(old.columns, c1, c2, across, sheet, self.column):
            return None
        return top, left, bottom, right

    def _moved_rows(self, sheet: str, r1: int, r2: int) -> list[int]:
        """Return where the rows of a range stand, none if its first row means nothing."""
        followed: Sequence[int] = range(r1, r2 + 1) if r2 - r1 < _FOLLOWED else (r1, r2)
        lines = self._old.grid(sheet).rows
        spare = [lines.of(n)[0].startswith(SPARE) for n in (r1, *followed, r2)]
        if not (spare[0] or spare[-1]):
            # Empty rows among cities, which come to stand behind the last one, do not matter.
            followed = [n for n, empty in zip(followed, spare[1:-1], strict=True) if not empty]
        return [row for n in followed if (row := self.row(sheet, n)) is not None]

    @staticmethod
    def _has_intruder(
        lines: Lines, first: int, last: int, inside: range, sheet: str,
        find: Callable[[str, int], int | None],
    ) -> bool:  # fmt: skip
        """Tell whether a row or column from outside a range has come to stand within it."""
        outside = (n for n in lines.keys if not first <= n <= last)
        return any(find(sheet, n) in inside for n in outside)

    def _split_range(self, sheet: str, first: str, last: str) -> list[str]:
        """Return the ranges that the cells of a range stand in now, none if there are too many."""
        (r1, c1), (r2, c2) = _position(first), _position(last)
        r1, r2, c1, c2 = min(r1, r2), max(r1, r2), min(c1, c2), max(c1, c2)
        if not self._new.has(sheet) or r2 - r1 >= _FOLLOWED or c2 - c1 >= _FOLLOWED:
            return []
        columns = [c for n in range(c1, c2 + 1) if (c := self.column(sheet, n)) is not None]
        spans = [
            (top, left, bottom, right)
            for top, bottom in find_runs(self._moved_rows(sheet, r1, r2))
            for left, right in find_runs(columns)
        ]
        if len(spans) > _MOST_PIECES:
            return []
        ends = [(_spell_like(first, *span[:2]), _spell_like(last, *span[2:])) for span in spans]
        return [start if start == other else f"{start}:{other}" for start, other in ends]

    def _moved(self, sheet: str, first: str, last: str) -> str | None:
        (r1, c1), (r2, c2) = _position(first), _position(last or first)
        area = self.area(sheet, min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2))
        if area is None:
            return None
        ends = [_spell_like(first, area[0], area[1])]
        if last:
            ends.append(_spell_like(last, area[2], area[3]))
        return ":".join(ends)


def _corners_of(match: re.Match[str], home: str) -> tuple[str, tuple[int, int, int, int]]:
    """Return the sheet and the cells of a reference, of whole columns all rows."""
    sheet = (match["quoted"] or match["plain"] or home).replace("''", "'")
    if match["left"]:
        ends = sorted(column_number(match[n].replace("$", "")) for n in ("left", "right"))
        return sheet, (1, ends[0], MAX_ROWS, ends[1])
    (r1, c1), (r2, c2) = _position(match["first"]), _position(match["last"] or match["first"])
    return sheet, (min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2))


def _is_reordered(lines: Lines, first: int, last: int, find: Callable[[int], int | None]) -> bool:
    """Tell whether lines of a range, without spare ones, are not where they were in it."""
    last = min(last, lines.end, first + _FOLLOWED)
    followed = [n for n in range(first, last + 1) if not lines.of(n)[0].startswith(SPARE)]
    places = [find(n) for n in followed]
    moved = {
        None if there is None else there - n for n, there in zip(followed, places, strict=True)
    }
    return len(moved) > 1 or None in moved


def _position(address: str) -> tuple[int, int]:
    match = _PARTS.fullmatch(address)
    assert match is not None  # the pattern above has just matched it
    return int(match[4]), column_number(match[2])


def _spell_like(like: str, row: int, column: int) -> str:
    """Return an address with the dollars of another."""
    match = _PARTS.fullmatch(like)
    name = re.fullmatch(r"([A-Z]+)(\d+)", cell_name(row, column))
    assert match is not None
    assert name is not None
    return f"{match[1]}{name[1]}{match[3]}{name[2]}"


def _function_around(formula: str, match: re.Match[str]) -> str:
    """Return the function that a reference is a whole argument of, "" if none."""
    plain = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), formula)
    before, after = plain[: match.start()].rstrip(), plain[match.end() :].lstrip()
    if not before.endswith(("(", ",")) or not after.startswith((",", ")")):
        return ""
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[index], 0)
        if depth < 0:
            name = re.search(r"[\w.]*$", before[:index])
            return "" if name is None else name[0].upper().removeprefix("_XLFN.")
    return ""
