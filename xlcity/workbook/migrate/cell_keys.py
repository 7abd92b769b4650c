"""What a cell of a template is about: a city and a code, wherever they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xlcity.workbook.labels import label_keys
from xlcity.workbook.layout.rows import CODE, FRAMEWORK_HEADER, IN_CODE
from xlcity.workbook.reading.records import lines_below, plain_text
from xlcity.workbook.sheets.checking.review import HEADER as REVIEW_HEADER
from xlcity.workbook.sheets.inputs.sources import FIRST_INDICATOR
from xlcity.workbook.tab_titles import contract_name, tab_title, titles_of
from xlcity.xlsx.address import column_number
from xlcity.xlsx.cells import Position, ReadBook, find_area

#: Row of static codes above the columns, and the name that knows it in a sheet whose rows were
#: moved; on every other sheet it is that of the calculations.
HEADERS = {
    "Framework": (FRAMEWORK_HEADER, "xl_framework"),
    "Sources": (FIRST_INDICATOR - 1, "xl_sources"),
    "Data": (IN_CODE, "xl_codes"),
    "Cities": (IN_CODE, "xl_cities"),
    "Review": (REVIEW_HEADER, "in_review"),
}
#: Sheets whose rows are nodes, not cities.
BY_NODE = titles_of("Framework", "Sources")
#: Titles of the sheet of values.
DATA = titles_of("Data")
#: The names of the rows of cities on the sheets where cities are typed.
_UNITS = {"Data": "in_units", "Cities": "xl_cities"}
#: Lists on the sheets that have one: the name, and the headings that say which line it is.
_LISTS = {
    "Links": ("in_links", ("code", "from", "to")),
    "Items": ("in_items", ("code", "unit", "item")),
    "Sources": ("xl_exceptions", ("city", "indicator")),
    "Review": ("in_review", ("city", "node", "remark", "who")),
}
#: Those of which lines that people typed right below them are lines.
_GROWING = ("Sources", "Review")
#: Label above the cities of sheets that calculate: the first one of that text.
_CITY = "cities.id"
#: Key of what lies behind the last row or column of a template's sheet.
END = "@end"
#: A key that a person typed above a column of their own.
OWN = "+"
#: What rows for more cities are known by.
SPARE = "@spare"
#: A formula that only shows another cell: ``Index!A16``, ``IF(Cities!$A10="","",Cities!$A10)``.
_SHOWS = re.compile(r"""(?:IF\([^,]*="","",)?'?([^\W\d]\w*)'?!\$?([A-Z]{1,3})\$?(\d+)\)?""")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A cell by what it is about.

    Attributes
    ----------
    sheet
        The sheet.
    row, column
        What the row and the column stand for: a city, a node, a code, a heading; or the nearest
        one before it that stands for something. "" where there is none.
    nth
        Which of the columns with that code, from 0.
    position
        How many rows and columns the cell stands behind those named, 0 where it is they.
    """

    sheet: str
    row: str
    column: str
    nth: int
    position: Position

    @property
    def firm(self) -> bool:
        """Whether the cell is about one row and one column of a table."""
        return bool(self.unit or self.code) and self.position == (0, 0) and bool(self.column)

    @property
    def unit(self) -> str:
        """The city the cell is about, "" for none."""
        return "" if self.sheet in BY_NODE else self._row

    @property
    def code(self) -> str:
        """The node or heading the cell is about, "" for none."""
        if self.sheet in BY_NODE:
            return self._row
        return "" if self.position[1] or self.column.startswith(("@", OWN)) else self.column

    @property
    def _row(self) -> str:
        return "" if self.position[0] or self.row.startswith("@") else self.row


def value_anchor(unit: str, code: str, tab_language: str) -> Anchor:
    """Return the cell of a value where tabs are named in a language."""
    return Anchor(tab_title("Data", tab_language), unit, code, 0, (0, 0))


@dataclass(frozen=True)
class Lines:
    """The rows or the columns of a sheet: what each stands for, and which is the last."""

    keys: Mapping[int, str]
    end: int
    #: Keys that are called otherwise here: as they were -> as they are.
    renamed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Key -> number."""
        return {key: number for number, key in self.keys.items()}

    @cached_property
    def _numbers(self) -> list[int]:
        return sorted(self.keys)

    def of(self, number: int) -> tuple[str, int]:
        """Return the key of a line, or that before it, and how far behind that it stands."""
        if number > self.end:
            return END, number - self.end
        index = bisect_right(self._numbers, number)
        if not index:
            return "", number
        before = self._numbers[index - 1]
        return self.keys[before], number - before

    def find(self, key: str, behind: int) -> int | None:
        """Return the line, ``None`` if there is none any more or it stands for something else."""
        if key == END:
            return self.end + behind
        key = self.renamed.get(key, key)
        start = 0 if not key else self.places.get(key)
        if start is None:
            return None
        number = start + behind
        return number if self.of(number) == (key, behind) else None


@dataclass
class Grid:
    """Rows and columns of a sheet."""

    rows: Lines
    columns: Lines
    #: Row of codes.
    header: int = 0
    #: Number of a column that a person added -> its key.
    own: dict[int, str] = field(default_factory=dict)


class Anchors:
    """Finds what cells are about, and the cells that are about something.

    Parameters
    ----------
    book
        The cells of a template.
    drawn
        The same of the template as it is drawn, for a book in which people typed: only what the
        template itself names names a row or a column.
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
        self._book, self._drawn, self._renamed = book, drawn, renamed or {}
        self.grown = frozenset(grown)
        #: Sheet -> rows that people typed right below its list.
        self.below: dict[str, range] = {}
        self._grids: dict[str, Grid] = {}

    @property
    def template_sheets(self) -> frozenset[str]:
        """The sheets of the template that the workbook was made as."""
        return frozenset() if self._drawn is None else frozenset(self._drawn._book.sheets)

    def of(self, sheet: str, position: Position) -> Anchor:
        """Return what a cell is about."""
        grid = self.grid(sheet)
        row, down = grid.rows.of(position[0])
        if (own := grid.own.get(position[1])) is not None:
            return Anchor(sheet, row, own, 0, (down, 0))
        column, right = grid.columns.of(position[1])
        code, _, nth = column.partition("\0")
        return Anchor(sheet, row, code, int(nth or 0), (down, right))

    def find(self, anchor: Anchor) -> Position | None:
        """Return where the cell stands in this book; ``None`` if there is none any more."""
        if anchor.sheet not in self._book.sheets:
            return None
        row = self.grid(anchor.sheet).rows.find(anchor.row, anchor.position[0])
        column = self.find_column(anchor)
        return None if row is None or column is None else (row, column)

    def find_column(self, anchor: Anchor) -> int | None:
        """Return the column of a cell, ``None`` if there is none any more."""
        grid = self.grid(anchor.sheet)
        if anchor.column.startswith(OWN):
            return next((n for n, key in grid.own.items() if key == anchor.column), None)
        key = f"{anchor.column}\0{anchor.nth}" if anchor.nth else anchor.column
        return grid.columns.find(key, anchor.position[1])

    def give_columns(
        self, anchors: Iterable[tuple[Anchor, int]], others: Iterable[Anchor] = ()
    ) -> None:
        """Find room, behind the last column of their sheet, for columns that people added.

        Parameters
        ----------
        anchors
            Cells of such columns, each with how far behind the last one it stood.
        others
            What else was typed and set; a column that stood between those of the template goes
            behind all of it, so that nothing gets under its heading.
        """
        used: dict[str, int] = {}
        for anchor in others:
            if anchor.column == END:
                used[anchor.sheet] = max(used.get(anchor.sheet, 0), anchor.position[1])
        wanted: dict[str, dict[str, int]] = {}
        for anchor, behind in anchors:
            if anchor.sheet in self._book.sheets and anchor.column.startswith(OWN):
                wanted.setdefault(anchor.sheet, {}).setdefault(anchor.column, behind)
        for sheet, columns in wanted.items():
            grid = self.grid(sheet)
            for key, behind in sorted(columns.items(), key=lambda pair: (pair[1], pair[0])):
                room = behind if behind > 0 else used.get(sheet, 0) + 1
                number = grid.columns.end + room
                while number in grid.own:
                    number += 1
                if key not in grid.own.values():
                    grid.own[number] = key

    def grid(self, sheet: str) -> Grid:
        """Return rows and columns of a sheet."""
        if sheet not in self._grids:
            self._grids[sheet] = self._read_grid(sheet)
        return self._grids[sheet]

    def _read_grid(self, name: str) -> Grid:
        sheet = self._book.sheets[name]
        drawn = self._drawn.grid(name) if self._drawn and self._drawn.has(name) else None
        rows = _unique_keys(
            self._row_keys(name), "#", self._allowed_keys(None if drawn is None else drawn.rows)
        )
        last_row = max((row for row, _ in sheet.cells), default=0)
        last_column = max((column for _, column in sheet.cells), default=0)
        header = self._header_row(name, rows)
        if drawn is not None:
            last_row = _moved_last_line(rows, drawn.rows)
            header = _moved_line(drawn.header, drawn.rows, rows) if drawn.header else 0
        columns = _unique_keys(
            {
                column: self._cell_key(name, (header, column))
                for row, column in sheet.cells
                if row == header
            },
            "\0",
            self._allowed_keys(None if drawn is None else drawn.columns),
        )
        if drawn is not None:
            last_column = _moved_last_line(columns, drawn.columns)
        grid = Grid(
            Lines(rows, last_row, self._renamed), Lines(columns, last_column, self._renamed), header
        )
        if drawn is not None:
            self._name_own_columns(name, grid, drawn)
        return grid

    def _allowed_keys(self, drawn: Lines | None) -> Collection[str] | None:
        return None if drawn is None else {*drawn.keys.values(), *self.grown}

    def has(self, sheet: str) -> bool:
        """Tell whether the book has a sheet."""
        return sheet in self._book.sheets

    def _name_own_columns(self, name: str, grid: Grid, drawn: Grid) -> None:
        """Name the columns that people added by the first text in them."""
        texts: dict[int, str] = {}
        cells = self._book.sheets[name].cells
        for row, column in sorted(p for p in cells if p[0] <= grid.header):
            cell = cells[row, column]
            text = plain_text(cell.value) if not cell.computed else ""
            if text and (column not in texts or row == grid.header):
                texts[column] = text
        for column, text in texts.items():
            key, behind = grid.columns.of(column)
            grown = key in self.grown and not behind
            if not grown and (key == END or drawn.columns.find(key, behind) is None):
                number, title = 1, f"{OWN}{text}"
                while title in grid.own.values():
                    number += 1
                    title = f"{OWN}{text}#{number}"
                grid.own[column] = title

    def _header_row(self, name: str, rows: Mapping[int, str]) -> int:
        """Return the row of codes, 0 where columns stand for nothing."""
        if (contract := contract_name(name)) not in HEADERS:
            return CODE if rows.get(CODE, "").startswith(f"@{_CITY}") else 0
        row, table = HEADERS[contract]
        area = find_area(self._book, table)
        return area.r1 if area is not None and area.sheet == name else row

    def _row_keys(self, name: str) -> dict[int, str]:
        """Return what the rows stand for: the text in column A, or what it shows."""
        cells = self._book.sheets[name].cells
        keys = {row: self._cell_key(name, (row, column)) for row, column in cells if column == 1}
        area = find_area(self._book, _UNITS.get(contract_name(name), ""))
        if area is not None and area.sheet == name:
            # The last row of `Data` closes the list.
            last = area.r2 - 1 if contract_name(name) == "Data" else area.r2
            for row in range(area.r1 + 1, last + 1):
                keys[row] = keys.get(row) or SPARE
        return keys | self._line_keys(name)

    def _line_keys(self, name: str) -> dict[int, str]:
        """Return which line of its list each row is: lines are sorted, and joined by `merge`."""
        table, about = _LISTS.get(contract_name(name), ("", ()))
        area = find_area(self._book, table)
        if area is None or area.sheet != name:
            return {}
        heads = {
            plain_text(self._book.value(name, area.r1, column)): column
            for column in range(area.c1, area.c2 + 1)
        }
        columns = [heads[head] for head in about if head in heads]
        # A row that closes the list has a label.
        last = area.r2 - (contract_name(name) == "Links")
        if contract_name(name) in _GROWING:
            self.below[name] = lines_below(self._book, area)
            last += len(self.below[name])
        keys = {}
        for row in range(area.r1 + 1, last + 1):
            texts = [plain_text(self._book.value(name, row, column)) for column in columns]
            keys[row] = f"@{'|'.join(texts)}" if any(texts) else SPARE
        return keys

    def _cell_key(self, name: str, position: Position, depth: int = 4) -> str:
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
        # What stands for something is named in the first column of its own sheet; of a name that
        # is shown above a column it is the code.
        row, column = int(match[3]), column_number(match[2])
        key = self._cell_key(match[1], (row, 1), depth - 1)
        if contract_name(match[1]) == "Cities" and not key:
            return SPARE if column == 1 else ""
        return key


def _unique_keys(
    keys: Mapping[int, str], mark: str, allowed: Collection[str] | None
) -> dict[int, str]:
    """Return keys that are all different; with `allowed`, only those."""
    seen: Counter[str] = Counter()
    numbered = {}
    for number, key in sorted(keys.items()):
        if not key:
            continue
        unique = key
        if nth := seen[key]:
            unique = f"@{key.removeprefix('@')}#{nth + 1}" if mark == "#" else f"{key}{mark}{nth}"
        if allowed is None or unique in allowed:
            numbered[number] = unique
            seen[key] += 1
    return numbered


def _moved_last_line(keys: Mapping[int, str], drawn: Lines) -> int:
    """Return the last line of a sheet from that of the sheet as it is drawn."""
    places = {key: number for number, key in keys.items()}
    for number in sorted(drawn.keys, reverse=True):
        if drawn.keys[number] in places:
            return max(places[drawn.keys[number]] + drawn.end - number, max(places.values()))
    return drawn.end


def _moved_line(number: int, drawn: Lines, keys: Mapping[int, str]) -> int:
    """Return where a line of the sheet as it is drawn stands now."""
    key, behind = drawn.of(number)
    places = {key: number for number, key in keys.items()}
    return places[key] + behind if key in places else number
