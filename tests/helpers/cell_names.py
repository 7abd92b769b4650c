"""Cells by the headings of their columns, formulas as they look from their cells.

A column that is put in between moves no name, so that a kept text shows that column alone. Formulas
of one pattern are one line: the pattern, and what stands in its gaps from cell to cell.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from xlcity.xlsx.address import column_letters, parse_cell

#: Characters of a heading that name its column.
NAME_LENGTH = 24
Position = tuple[int, int]
Value = TypeVar("Value")
_END = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}"
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")"""
    r"""|(?P<sheet>(?:'(?:[^']|'')*'|[\w.]+)!)?(?<![\w.\\$])"""
    rf"""(?P<first>{_END})(?::(?P<last>{_END}))?(?![\w.(!])"""
    r"""|(?<![\w.$\\])(?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)(?![\w.!:])"""
)
#: A reference as it is shown, behind the name of its sheet.
_REFERENCE = re.compile(r'(?<![^!])(?![-\d."])[^!]*$')
_QUOTED = re.compile(r'"[^"]*"')
_VALUE = re.compile(
    r"""'[^']*'|"[^"]*"|(?<=chart)\d+|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])"""
)
_PARTS = re.compile(r"(\$?)([A-Z]+)(\$?)(\d+)")


class Area(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    bottom: int
    right: int


def parse_area(text: str) -> Area:
    """Return the rectangle that an address names."""
    first, _, last = text.replace("$", "").partition(":")
    return Area(*parse_cell(first), *parse_cell(last or first))


class ColumnNames:
    """The names of a sheet's columns: their headings, or how far they are from one."""

    def __init__(self, headings: Mapping[int, str]) -> None:
        self.names: dict[int, str] = {}
        times: dict[str, int] = {}
        for column, heading in sorted(headings.items()):
            short = " ".join(heading.split())[:NAME_LENGTH].rstrip()
            times[short] = times.get(short, 0) + 1
            again = f"#{times[short]}" if times[short] > 1 else ""
            self.names[column] = short + again
        self._known: dict[int, str] = {}

    def name(self, column: int) -> str:
        """Return the name of a column, in brackets if it is a heading's."""
        if column not in self._known:
            self._known[column] = self._find_name(column)
        return self._known[column]

    def _find_name(self, column: int) -> str:
        if not self.names or column < min(self.names):
            return column_letters(column)
        nearest = max(known for known in self.names if known <= column)
        behind = f"+{column - nearest}" if column > nearest else ""
        return f"[{self.names[nearest]}{behind}]"

    def columns(self, area: Area) -> str:
        """Return the columns of a rectangle."""
        first = self.name(area.left)
        return first if area.right == area.left else f"{first}:{self.name(area.right)}"

    def area(self, area: Area) -> str:
        """Return a rectangle: its columns, then its rows."""
        rows = f"{area.top}" if area.bottom == area.top else f"{area.top}:{area.bottom}"
        return self.columns(area) + rows

    def address(self, text: str) -> str:
        """Return addresses with the names of their columns."""
        return " ".join(self.area(parse_area(part)) for part in text.split())


class Pattern(NamedTuple):
    """A text with gaps, and what fills them."""

    text: str
    fillings: tuple[str, ...]

    @classmethod
    def quoted(cls, text: str) -> Pattern:
        """Return a text in which what is in quotes fills gaps."""
        return cls._with_gaps(_QUOTED, text)

    @classmethod
    def of_values(cls, text: str) -> Pattern:
        """Return a text in which all in quotes, and numbers, fill gaps."""
        return cls._with_gaps(_VALUE, text)

    @classmethod
    def _with_gaps(cls, filling: re.Pattern[str], text: str) -> Pattern:
        plain = text.replace("{", "⦃").replace("}", "⦄")
        return cls(filling.sub("{}", plain), tuple(filling.findall(plain)))

    def shown(self) -> str:
        """Return the text with its fillings."""
        first, *parts = self.text.split("{}")
        pairs = zip(self.fillings, parts, strict=True)
        return first + "".join(filling + part for filling, part in pairs)

    def roughly(self) -> str:
        """Return the text with its texts and numbers, and the sheets that it refers to."""
        fillings = tuple(_REFERENCE.sub("@", filling) for filling in self.fillings)
        return Pattern(self.text, fillings).shown()


class FormulaNames:
    """Formulas of a book with the names of columns in place of letters."""

    def __init__(self, sheets: Mapping[str, ColumnNames]) -> None:
        self.sheets = sheets

    def pattern(self, formula: str, sheet: str, position: Position) -> Pattern:
        """Return a formula as it looks from its cell; references and numbers fill gaps."""
        fillings: list[str] = []

        def replaced(match: re.Match[str]) -> str:
            if match["first"]:
                fillings.append(self._reference(match, sheet, position))
            else:
                fillings.append(match[0])
            return "{}"

        text = _TOKEN.sub(replaced, formula.replace("{", "⦃").replace("}", "⦄"))
        return Pattern(text, tuple(fillings))

    def fixed(self, formula: str, sheet: str = "") -> str:
        """Return a formula outside cells with named columns."""
        return self.pattern(formula, sheet, (0, 0)).shown()

    def _reference(self, match: re.Match[str], sheet: str, position: Position) -> str:
        there = match["sheet"] or ""
        title = there[:-1].strip("'").replace("''", "'") or sheet
        names = self.sheets.get(title, ColumnNames({}))
        first = _end(match["first"], names, position)
        if not match["last"]:
            return there + "".join(first)
        last = _end(match["last"], names, position)
        if first == last:
            return f"{there}{''.join(first)}:{''.join(last)}"
        columns = first[0] if first[0] == last[0] else f"{first[0]}:{last[0]}"
        rows = first[1] if first[1] == last[1] else f"{first[1]}:{last[1]}"
        return there + columns + rows


def _end(text: str, names: ColumnNames, position: Position) -> tuple[str, str]:
    """Return column and row of an end: by name or number if fixed, else by the way there."""
    end = _parse_end(text)
    row = end.row
    column = end.column
    across = f"c{column - position[1]:+d}" if column != position[1] else "c"
    down = f"r{row - position[0]:+d}" if row != position[0] else ""
    is_free_column = not end.has_fixed_column and position != (0, 0)
    is_free_row = not end.has_fixed_row and position != (0, 0)
    return (
        across if is_free_column else names.name(column),
        down if is_free_row else f"${row}",
    )


class _End(NamedTuple):
    """An end of a reference, and what of it is fixed by a dollar sign."""

    row: int
    column: int
    has_fixed_row: bool
    has_fixed_column: bool


@functools.lru_cache(50_000)
def _parse_end(text: str) -> _End:
    """Return an end as it is written; most of a book stand in many formulas."""
    fixed_column, letters, fixed_row, number = _PARTS.fullmatch(text).groups()  # type: ignore[union-attr]
    row, column = parse_cell(letters + number)
    return _End(row, column, bool(fixed_row), bool(fixed_column))


def rectangles(cells: Mapping[Position, Value]) -> list[tuple[Area, Value]]:
    """Return the rectangles of equal cells, each with what its cells have."""
    found: list[tuple[Area, Value]] = []
    seen: set[Position] = set()

    def same(row: int, column: int, value: Value) -> bool:
        place = (row, column)
        return place not in seen and place in cells and cells[place] == value

    for top, left in sorted(cells):
        if (top, left) in seen:
            continue
        value = cells[top, left]
        right = left
        while same(top, right + 1, value):
            right += 1
        bottom = top
        while all(same(bottom + 1, c, value) for c in range(left, right + 1)):
            bottom += 1
        for row in range(top, bottom + 1):
            seen.update((row, column) for column in range(left, right + 1))
        found.append((Area(top, left, bottom, right), value))
    return found


def merged(patterns: Sequence[Pattern]) -> str:
    """Return patterns that differ in their gaps alone as one text: what gaps have by turns."""
    first = patterns[0]
    columns = list(zip(*(pattern.fillings for pattern in patterns), strict=True))
    fillings = list(first.fillings)
    turns: dict[tuple[str, ...], str] = {}
    for place, held in enumerate(columns):
        if len({*held}) > 1:
            fillings[place] = turns.setdefault(held, f"‹{len(turns) + 1}›")
    text = Pattern(first.text, tuple(fillings)).shown()
    return " ".join(
        [text, *(f"{mark} {turns_text(held)}" for held, mark in turns.items())]
    )


class Group(NamedTuple):
    """Cells of one pattern: its text, where they are, what each says, also roughly."""

    text: str
    areas: list[Area]
    kinds: frozenset[str]
    patterns: list[Pattern]


def grouped(cells: Mapping[Position, Pattern]) -> Iterator[Group]:
    """Yield the cells of each pattern."""
    groups: dict[str, list[Pattern]] = {}
    for _, pattern in rectangles(cells):
        groups.setdefault(pattern.text, []).append(pattern)
    places: dict[str, list[Area]] = {}
    texts = {position: pattern.text for position, pattern in cells.items()}
    for area, text in rectangles(texts):
        places.setdefault(text, []).append(area)
    for key, patterns in groups.items():
        kinds = frozenset(pattern.roughly() for pattern in patterns)
        yield Group(merged(patterns), places[key], kinds, patterns)


def turns_text(held: Iterable[str]) -> str:
    """Return fillings one after the other, each without what it begins with as the last one."""
    shown: list[str] = []
    before = ""
    for filling in held:
        shared = filling.rpartition("$")[0]
        is_short = bool(shared) and shared == before.rpartition("$")[0]
        shown.append(filling[len(shared) :] if is_short else filling)
        before = filling
    return " ".join(_counted(shown))


def _counted(shown: list[str]) -> Iterable[str]:
    """Yield texts, those in a row once with their number."""
    place = 0
    while place < len(shown):
        last = place
        while last < len(shown) and shown[last] == shown[place]:
            last += 1
        times = last - place
        yield shown[place] if times == 1 else f"{shown[place]}×{times}"
        place = last
