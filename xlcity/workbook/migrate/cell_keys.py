"""What a cell of a template is about: a city and a code, wherever they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from xlcity.workbook.labels import label_keys
from xlcity.workbook.layout.rows import CODE, TREE_NAME
from xlcity.workbook.migrate.change_log import AMENDED, LOG_COLUMNS
from xlcity.workbook.migrate.change_log import SHEET as CHANGE_LOG
from xlcity.workbook.migrate.leftovers import find_list
from xlcity.workbook.reading.records import lines_below, plain_text
from xlcity.workbook.tab_titles import contract_name, titles_of
from xlcity.xlsx.address import Range, column_number
from xlcity.xlsx.cells import Position, ReadBook, find_area

#: Names that begin with the row of codes above the columns; on every other sheet it is that of the
#: calculations.
_HEADS = {
    "Framework": TREE_NAME,
    "Sources": "xl_sources",
    "Data": "xl_codes",
    "Cities": "xl_cities",
    "Review": "in_review",
}
#: Sheets whose rows are nodes, not cities.
BY_NODE = titles_of("Framework", "Sources")
#: Lists on the sheets that have one: the name, and the headings that say which line it is.
_LISTS = {
    "Data": ("in_units", ()),
    "Cities": ("xl_cities", ()),
    "Links": ("in_links", ("code", "from", "to")),
    "Items": ("in_items", ("code", "unit", "item")),
    "Sources": ("xl_exceptions", ("city", "indicator")),
    "Review": ("in_review", ("city", "node", "remark", "who")),
    CHANGE_LOG: ("", tuple(name for name in LOG_COLUMNS if name not in AMENDED)),
}
#: Those whose last row closes the list, and those of which lines right below it are lines.
_CLOSED = ("Data", "Links")
_GROWING = ("Sources", "Review", CHANGE_LOG)
#: Label above the cities of sheets that calculate: the first one of that text.
_CITY = "cities.id"
#: Key of what lies behind the last row or column of a template's sheet.
END = "@end"
#: A key that a person typed above a column of their own.
OWN = "+"
#: What rows for more cities are known by.
SPARE = "@spare"
#: What parts a key from the number of the column, of those with that key.
_NTH = "\0"
#: A formula that only shows another cell: ``Index!A16``, ``IF(Cities!$A10="","",Cities!$A10)``.
_SHOWS = re.compile(
    r"""(?:IF\([^,]*="","",)?'?([^\W\d]\w*)'?!\$?([A-Z]{1,3})\$?(\d+)\)?"""
)


class Anchor(NamedTuple):
    """A cell by what it is about.

    Attributes
    ----------
    sheet
        The sheet.
    row, column
        What the row and the column stand for: a city, a node, a code, a heading; or the nearest
        one before it that stands for something. "" where there is none.
    position
        How many rows and columns the cell stands behind those named, 0 where it is they.
    """

    sheet: str
    row: str
    column: str
    position: Position

    @property
    def unit(self) -> str:
        """The city the cell is about, "" for none."""
        return "" if self.sheet in BY_NODE else self._row

    @property
    def code(self) -> str:
        """The node or heading the cell is about, "" for none."""
        if self.sheet in BY_NODE:
            return self._row
        is_named = not self.position[1] and not self.column.startswith(("@", OWN))
        return self.column.partition(_NTH)[0] if is_named else ""

    @property
    def _row(self) -> str:
        return "" if self.position[0] or self.row.startswith("@") else self.row


class Lines:
    """The rows or the columns of a sheet.

    Attributes
    ----------
    keys
        Number -> what it stands for.
    end
        The last one.
    renamed
        Keys that are called otherwise here: as they were -> as they are.
    own
        Number of a column that a person added -> its key.
    """

    def __init__(
        self, keys: dict[int, str], end: int, renamed: Mapping[str, str]
    ) -> None:
        self.keys = keys
        self.end = end
        self.renamed = renamed
        self.own: dict[int, str] = {}
        self.numbers = {key: number for number, key in keys.items()}
        self._ordered = sorted(keys)

    def of(self, number: int) -> tuple[str, int]:
        """Return the key of a line, or that before it, and how far behind that it stands."""
        if number in self.own:
            return self.own[number], 0
        if number > self.end:
            return END, number - self.end
        index = bisect_right(self._ordered, number)
        if not index:
            return "", number
        before = self._ordered[index - 1]
        return self.keys[before], number - before

    def is_spare(self, number: int) -> bool:
        """Tell whether a line is a free one of a list."""
        return self.keys.get(number, "").startswith(SPARE)

    def find(self, key: str, behind: int) -> int | None:
        """Return the line, ``None`` if there is none any more or it stands for something else."""
        if key == END:
            return self.end + behind
        if key.startswith(OWN):
            return next(
                (number for number, own in self.own.items() if own == key), None
            )
        key = self.renamed.get(key, key)
        start = 0 if not key else self.numbers.get(key)
        if start is None:
            return None
        number = start + behind
        return number if self.of(number) == (key, behind) else None


@dataclass
class Grid:
    """Rows and columns of a sheet.

    Attributes
    ----------
    rows, columns
        What they stand for.
    header
        Row of codes.
    lines
        The rows of its list, and those right below it that people typed.
    below
        The latter alone.
    """

    rows: Lines
    columns: Lines
    header: int
    lines: range
    below: range


class Anchors:
    """Finds what cells are about, and the cells that are about something.

    Parameters
    ----------
    book
        The cells of a template.
    drawn
        The same of the workbook that it is compared with: beside lines of lists, only what that
        names names a row or a column.
    renamed
        Codes of nodes that were called otherwise: old -> new.
    grown
        Codes of nodes that people typed beside those of the template.
    """

    def __init__(
        self,
        book: ReadBook,
        drawn: Anchors | None = None,
        renamed: Mapping[str, str] | None = None,
        grown: Collection[str] = (),
    ) -> None:
        self._book = book
        self._drawn = drawn
        self._renamed = renamed or {}
        self.grown = frozenset(grown)
        self._grids: dict[str, Grid] = {}

    def of(self, sheet: str, position: Position) -> Anchor:
        """Return what a cell is about."""
        grid = self.grid(sheet)
        row, down = grid.rows.of(position[0])
        column, right = grid.columns.of(position[1])
        return Anchor(sheet, row, column, (down, right))

    def add_line(self, sheet: str, key: str) -> int | None:
        """Give a new line of a list a spare row, or the next one below it; return the row.

        A city gets none on `Data` that finds none on `Cities`.
        """
        if contract_name(sheet) == "Data" and not self._add_city(key):
            return None
        grid = self.grid(sheet)
        rows = grid.rows
        number = next((n for n in grid.lines if rows.is_spare(n)), None)
        if number is None and contract_name(sheet) in _GROWING:
            number = grid.lines.stop
            grid.lines = range(grid.lines.start, number + 1)
        if number is not None:
            keys = {**rows.keys, number: key}
            grid.rows = Lines(keys, max(rows.end, number), rows.renamed)
        return number

    def _add_city(self, key: str) -> bool:
        """Give a city a row on `Cities` if it has none; tell whether it has one now."""
        for name in self._book.sheets:
            if contract_name(name) == "Cities":
                is_there = key in self.grid(name).rows.numbers
                if not is_there and self.add_line(name, key) is None:
                    return False
        return True

    def give_columns(
        self,
        source: Anchors,
        sheets: Iterable[str],
        used: Mapping[str, int] | None = None,
    ) -> None:
        """Find room, behind the last column of their sheet, for columns that people added.

        Parameters
        ----------
        source, sheets
            The workbook in which they added them, and the sheets.
        used
            Sheet -> how far behind the last column something else stands; a column that stood
            between those of the template goes behind it, so that nothing gets under its heading.
        """
        wanted = []
        for sheet in sheets:
            if source.has(sheet) and self.has(sheet):
                theirs = source.grid(sheet).columns
                for column, key in theirs.own.items():
                    wanted.append((max(column - theirs.end, 0), key, sheet))
        for behind, key, sheet in sorted(wanted):
            columns = self.grid(sheet).columns
            number = columns.end + (behind or (used or {}).get(sheet, 0) + 1)
            while number in columns.own:
                number += 1
            if key not in columns.own.values():
                columns.own[number] = key

    def has(self, sheet: str) -> bool:
        """Tell whether the book has a sheet."""
        return sheet in self._book.sheets

    def grid(self, sheet: str) -> Grid:
        """Return rows and columns of a sheet."""
        if sheet not in self._grids:
            self._grids[sheet] = self._read_grid(sheet)
        return self._grids[sheet]

    def _read_grid(self, name: str) -> Grid:
        has_drawn = self._drawn is not None and self._drawn.has(name)
        drawn = self._drawn.grid(name) if self._drawn and has_drawn else None
        lines, below, line_keys = self._read_lines(name)
        rows = self._read_rows(name, drawn, lines, line_keys)
        if drawn is None:
            header = self._header_row(name, rows)
        else:
            header = rows.numbers.get(
                drawn.rows.keys.get(drawn.header, ""), drawn.header
            )
        cells = self._book.sheets[name].cells
        keys = {
            column: self._cell_key(name, (row, column))
            for row, column in cells
            if row == header
        }
        last = max((column for _, column in cells), default=0)
        columns = self._name_lines(keys, _NTH, last, drawn.columns if drawn else None)
        grid = Grid(rows, columns, header, lines, below=below)
        if drawn is not None:
            self._name_own_columns(name, grid, drawn)
        return grid

    def _read_rows(
        self, name: str, drawn: Grid | None, lines: range, line_keys: dict[int, str]
    ) -> Lines:
        """Return what the rows of a sheet stand for: those of its list, others by column A."""
        cells = self._book.sheets[name].cells
        keys = {
            row: self._cell_key(name, (row, 1)) for row, column in cells if column == 1
        }
        if contract_name(name) == "README":
            keys.pop(1, None)  # its title names the edition
        keys |= line_keys
        last = max((row for row, _ in cells), default=0)
        return self._name_lines(
            keys, "#", last, drawn.rows if drawn else None, always=lines
        )

    def _name_lines(
        self,
        keys: Mapping[int, str],
        mark: str,
        last: int,
        drawn: Lines | None,
        always: Collection[int] = (),
    ) -> Lines:
        """Return rows or columns with keys that are all different; see `_unique_keys`."""
        allowed = None if drawn is None else {*drawn.keys.values(), *self.grown}
        unique = _unique_keys(keys, mark, allowed, always)
        end = last if drawn is None else _moved_end(unique, drawn)
        return Lines(unique, end, self._renamed)

    def _name_own_columns(self, name: str, grid: Grid, drawn: Grid) -> None:
        """Name the columns that people added by the first text in them."""
        for column, text in self._head_texts(name, grid.header).items():
            key, behind = grid.columns.of(column)
            grown = key in self.grown and not behind
            if not grown and (key == END or drawn.columns.find(key, behind) is None):
                number = 1
                title = f"{OWN}{text}"
                while title in grid.columns.own.values():
                    number += 1
                    title = f"{OWN}{text}#{number}"
                grid.columns.own[column] = title

    def _head_texts(self, name: str, header: int) -> dict[int, str]:
        """Return what is typed in the header of each column, or first above it."""
        texts: dict[int, str] = {}
        cells = self._book.sheets[name].cells
        for row, column in sorted(p for p in cells if p[0] <= header):
            cell = cells[row, column]
            text = plain_text(cell.value) if not cell.computed else ""
            if text and (column not in texts or row == header):
                texts[column] = text
        return texts

    def _header_row(self, name: str, rows: Lines) -> int:
        """Return the row of codes, 0 where columns stand for nothing."""
        if (contract := contract_name(name)) not in _HEADS:
            return CODE if rows.keys.get(CODE, "").startswith(f"@{_CITY}") else 0
        area = find_area(self._book, _HEADS[contract])
        return area.r1 if area is not None and area.sheet == name else 0

    def _list_area(self, name: str) -> Range | None:
        """Return the list of a sheet with its headings, None where it has none."""
        contract = contract_name(name)
        if contract == CHANGE_LOG:
            return find_list(self._book, CHANGE_LOG)
        area = (
            find_area(self._book, _LISTS[contract][0]) if contract in _LISTS else None
        )
        return area if area is not None and area.sheet == name else None

    def _read_lines(self, name: str) -> tuple[range, range, dict[int, str]]:
        """Return the rows of a sheet's list, those typed right below it, and which line each is.

        Lines are sorted, and those of several copies are joined.
        """
        contract = contract_name(name)
        area = self._list_area(name)
        if area is None:
            return range(0), range(0), {}
        below = lines_below(self._book, area) if contract in _GROWING else range(0)
        end = area.r2 if contract in _CLOSED else area.r2 + 1
        lines = range(area.r1 + 1, max(end, below.stop))
        if not _LISTS[contract][1]:
            keys = {row: self._cell_key(name, (row, 1)) or SPARE for row in lines}
            return lines, below, keys
        titles = self._book.block(replace(area, r2=area.r1))[0]
        heads = {
            plain_text(title): column for column, title in enumerate(titles, area.c1)
        }
        return lines, below, {row: self._line_key(name, row, heads) for row in lines}

    def _line_key(self, name: str, row: int, heads: Mapping[str, int]) -> str:
        """Return which line of a list a row is, by the columns that tell it."""
        contract = contract_name(name)
        named = _LISTS[contract][1]
        texts = {
            head: plain_text(self._book.value(name, row, heads[head]))
            for head in (*named, *AMENDED)
            if head in heads
        }
        # A note in the change log without values is another one with each word.
        is_note = contract == CHANGE_LOG and not (texts["from"] or texts["to"])
        about = [text for head, text in texts.items() if is_note or head in named]
        return f"@{'|'.join(about)}" if any(about) else SPARE

    def _cell_key(self, name: str, position: Position, depth: int = 4) -> str:
        """Return what a cell says that its row or column stands for, or what it shows."""
        sheet = self._book.sheets.get(name)
        cell = sheet.cells.get(position) if sheet is not None else None
        if cell is None:
            return ""
        if not cell.computed:
            text = plain_text(cell.value)
            label = label_keys().get(text, "")
            return f"@{label}" if label else text
        match = _SHOWS.fullmatch(cell.formula or "")
        if match is None or not depth or match[1] not in self._book.sheets:
            return ""
        return self._key_shown(match, depth)

    def _key_shown(self, shown: re.Match[str], depth: int) -> str:
        """Return what a cell stands for that another one shows.

        What stands for something is named in the first column of its own sheet; of a name that is
        shown above a column it is the code.
        """
        sheet = shown[1]
        row = int(shown[3])
        key = self._cell_key(sheet, (row, 1), depth - 1)
        if contract_name(sheet) == "Cities" and not key:
            return SPARE if column_number(shown[2]) == 1 else ""
        return key


def _unique_keys(
    keys: Mapping[int, str],
    mark: str,
    allowed: Collection[str] | None,
    always: Collection[int] = (),
) -> dict[int, str]:
    """Return keys that are all different; with `allowed`, only those, and `always` some lines'.

    Rows for more cities are counted from the last one: the first ones are filled.
    """
    seen: Counter[str] = Counter()
    numbered = {}
    spare = sum(key == SPARE for key in keys.values())
    for number, key in sorted(keys.items()):
        if not key:
            continue
        unique = key
        if key == SPARE:
            unique, spare = f"{SPARE}#{spare}", spare - 1
        elif nth := seen[key]:
            unique = (
                f"@{key.removeprefix('@')}#{nth + 1}"
                if mark == "#"
                else f"{key}{mark}{nth}"
            )
        if allowed is None or unique in allowed or number in always:
            numbered[number] = unique
            seen[key] += 1
    return numbered


def _moved_end(keys: Mapping[int, str], drawn: Lines) -> int:
    """Return the last line of a sheet from that of the sheet that it is compared with."""
    numbers = {key: number for number, key in keys.items()}
    for number in sorted(drawn.keys, reverse=True):
        if drawn.keys[number] in numbers:
            return max(
                numbers[drawn.keys[number]] + drawn.end - number, max(numbers.values())
            )
    return drawn.end
