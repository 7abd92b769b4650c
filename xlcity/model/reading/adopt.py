"""Reads a team's own workbook into a framework and data, as a map in TOML says where they stand."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.model.reading.tables import FileTable, as_text, decode, read_bytes, read_csv
from xlcity.xlsx.plain_cells import PercentNumber, read_plain_cells

#: Fields of a framework that a map may name a column for.
FIELDS = ("code", "parent", "weight", "direction", "name_zh", "name_en", "uom", "uom_zh",
          "definition", "definition_zh", "source", "source_zh", "period", "scope", "url", "notes",
          "valid_low", "valid_high")  # fmt: skip
_SECTIONS = {
    "data": {"sheet", "header", "unit", "last", "skip", "fill_down"},
    "columns": None,
    "framework": {"sheet", "header", "last", "file", "root", "fill_down", *FIELDS},
}

#: A table as text: the header, then rows.
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was read.

    Attributes
    ----------
    framework, data
        Tables in the formats of `framework.csv` and `data.csv`.
    framework_table, table
        The same with the addresses in the team's workbook, to read them by.
    unused
        Headings of the data sheet that no indicator is read from.
    bare
        Rows with nothing but a name: cities without values yet, or remarks below the table.
    """

    framework: Rows
    data: Rows
    framework_table: FileTable
    table: FileTable
    unused: tuple[str, ...]
    bare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table of a sheet: its columns by heading, and its rows as text and as they are."""

    title: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[list[str], ...] = ()
    raw: tuple[tuple[Any, ...], ...] = ()
    numbers: tuple[int, ...] = ()
    header_row: int = 1


def adopt(workbook: str | Path, map_path: str | Path) -> Adopted:
    """Read a team's workbook.

    Raises
    ------
    DataError
        With every sheet, heading and entry of the map that is not there or cannot be used.
    WorkbookError
        If the file is not a workbook.
    """
    return _Adopter(workbook, map_path).read()


class _Adopter:
    def __init__(self, workbook: str | Path, map_path: str | Path) -> None:
        self.file, self.map_file = str(workbook), str(map_path)
        self.folder = Path(map_path).parent
        self.sheets = read_plain_cells(workbook)
        self.problems: list[Problem] = []
        self.map = self._load(Path(map_path))

    def _load(self, path: Path) -> Mapping[str, Any]:
        text = decode(read_bytes(path), self.map_file)
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            where = Where(file=self.map_file)
            hint = "Mend the file; docs/how-to has an example."
            raise DataError(
                Problem("XC337", f"the map is not TOML: {error}.", hint, where)
            ) from error
        for section, entries in found.items():
            known = _SECTIONS.get(section, set())
            if section not in _SECTIONS or not isinstance(entries, dict):
                self._wrong(f"unknown section {section!r}.", did_you_mean(section, _SECTIONS))
            elif known is not None:
                for name in set(entries) - known:
                    hint = did_you_mean(name, sorted(known))
                    self._wrong(f"unknown entry {name!r} in the section {section}.", hint)
        if "data" not in found:
            self._wrong("the map has no section data.", "Say in which sheet the values stand.")
        self._stop()
        return found

    def _wrong(self, message: str, hint: str, sheet: str | None = None) -> None:
        where = Where(file=self.file if sheet else self.map_file, sheet=sheet)
        self.problems.append(Problem("XC337", message, hint, where))

    def _stop(self) -> None:
        if self.problems:
            raise DataError(self.problems)

    def read(self) -> Adopted:
        data = self.map["data"]
        cells = self._cells(data, "data")
        sheet = self._table(data, *cells) if cells is not None else _Sheet()
        header = sheet.header
        unit = str(data.get("unit", header[0] if header else ""))
        if header and unit not in header:
            self._wrong(f"column {unit!r} not found.", _near(unit, header), sheet.title)
        found = self._framework()
        columns = self._columns(header, unit, found, sheet.title)
        self._stop()
        skip = {str(name) for name in data.get("skip", ())}
        at = (header.index(unit), *(header.index(heading) for heading in columns))
        kept = [row for row, cells in enumerate(sheet.rows) if cells[at[0]] not in ("", *skip)]
        heads = ("unit", *columns.values())
        rows = [[sheet.rows[row][column] for column in at] for row in kept]
        table = FileTable(
            self.file,
            sheet.title,
            heads,
            # Names as they are filled down, values as they stand in the cells.
            tuple((sheet.rows[r][at[0]], *(sheet.raw[r][c] for c in at[1:])) for r in kept),
            tuple(sheet.numbers[row] for row in kept),
            columns=at,
        )
        if found is None:
            found = _flat(columns, self.file, sheet)
        bare = (sheet.rows[row] for row in kept)
        return Adopted(
            [list(found.header), *([as_text(v) for v in row] for row in found.rows)],
            [list(heads), *rows],
            found,
            table,
            tuple(h for h in header if h and h != unit and h not in columns),
            tuple(row[at[0]] for row in bare if sum(map(bool, row)) == 1),
        )

    def _cells(
        self, entries: Mapping[str, Any], section: str
    ) -> tuple[str, list[tuple[Any, ...]]] | None:
        title = str(entries.get("sheet", next(iter(self.sheets))))
        if title not in self.sheets:
            self._wrong(f"[{section}] names a sheet {title!r}.", _near(title, self.sheets))
            return None
        return title, self.sheets[title]

    def _table(
        self, entries: Mapping[str, Any], title: str, cells: list[tuple[Any, ...]]
    ) -> _Sheet:
        at, last = entries.get("header", 1), entries.get("last", len(cells))
        rows = at if isinstance(at, list) and at else [at]
        if not all(isinstance(row, int) and 1 <= row <= len(cells) for row in rows):
            self._wrong(
                f"header = {at!r} is not a row of the sheet.", f"Rows are 1 to {len(cells)}."
            )
            return _Sheet(title)
        if not isinstance(last, int):
            self._wrong(f"last = {last!r} is not a row.", "Name the last row with values.")
            last = len(cells)
        width = max(map(len, cells))
        raw = [(*row, *[None] * (width - len(row))) for row in cells]
        texts = [[_text(v) for v in row] for row in raw]
        header = _headings([texts[row - 1] for row in sorted(rows)])
        twice = sorted({name for name in header if name and header.count(name) > 1})
        for name in twice:
            self._wrong(f"the heading {name!r} is used twice.", "Give each its own name.")
        end = min(int(last), len(cells))
        numbers = [row for row in range(max(rows) + 1, end + 1) if any(texts[row - 1])]
        below = [texts[row - 1] for row in numbers]
        for heading in entries.get("fill_down", ()):
            if heading not in header:
                self._wrong(f"column {heading!r} to fill not found.", _near(heading, header))
                continue
            column, above = header.index(heading), ""
            for row in below:
                # A merged cell has its text in the first row only.
                above = row[column] = row[column] or above
        values = tuple(raw[row - 1] for row in numbers)
        return _Sheet(title, tuple(header), tuple(below), values, tuple(numbers), max(rows))

    def _framework(self) -> FileTable | None:
        entries = self.map.get("framework")
        if entries is None:
            return None
        if "file" in entries:
            return read_csv(self.folder / str(entries["file"]))
        cells = self._cells(entries, "framework")
        if cells is None:
            return None
        sheet = self._table(entries, *cells)
        header = sheet.header
        named = {field: str(entries[field]) for field in FIELDS if field in entries}
        for field, heading in named.items():
            if header and heading not in header:
                self._wrong(
                    f"{field} = {heading!r}: no such column.", _near(heading, header), sheet.title
                )
        if "code" not in named:
            self._wrong("[framework] names no column of codes.", 'Say code = "heading".')
        self._stop()
        at = tuple(header.index(heading) for heading in named.values())
        rows = [[row[column] for column in at] for row in sheet.rows]
        root = entries.get("root")
        if root is not None and "parent" in named:
            _grow(rows, list(named), str(root))
        # What no row of the sheet says has the row of the headings.
        numbers = (*sheet.numbers, *[sheet.header_row] * (len(rows) - len(sheet.numbers)))
        found = tuple(map(tuple, rows))
        return FileTable(self.file, sheet.title, tuple(named), found, numbers, columns=at)

    def _columns(
        self, header: Sequence[str], unit: str, framework: FileTable | None, sheet: str
    ) -> dict[str, str]:
        """Return heading -> code."""
        wanted = {str(h): str(code) for h, code in self.map.get("columns", {}).items()}
        for heading in wanted:
            if header and heading not in header:
                self._wrong(f"column {heading!r} not found.", _near(heading, header), sheet)
        if wanted:
            return wanted
        if framework is None:
            return {h: _code(h) for h in header if h and h != unit}
        names: dict[str, str] = {}
        for row in framework.records():
            for field in ("code", "name_zh", "name_en"):
                if field in row:
                    names.setdefault(row[field], row["code"])
        return {h: names[h] for h in header if h in names and h != unit}


def _headings(rows: Rows) -> list[str]:
    """Return the headings of columns, from one row or several, the lowest last.

    A heading is the lowest text of its column; where that stands twice, the text above it, which
    may be merged over several columns, comes first. Lines within a cell are one line.
    """
    *upper, found = [[" ".join(name.split()) for name in row] for row in rows]
    for row in reversed(upper):
        over, merged = [], ""
        for text, below in zip(row, found, strict=True):
            # A merged heading reaches as far as there are headings below it.
            merged = text or (merged if below else "")
            over.append(merged)
        twice = {name for name in found if name and found.count(name) > 1}
        found = [
            f"{group} · {below}" if below in twice and group else below or text
            for text, group, below in zip(row, over, found, strict=True)
        ]
    return found


def _text(value: Any) -> str:
    if isinstance(value, PercentNumber):
        return f"{float(value) * 100:.12g}%"
    return as_text(value)


def _near(wanted: str, known: Any) -> str:
    names = [str(name) for name in known if name]
    close = difflib.get_close_matches(wanted, names, 1)
    return f"Is it {close[0]!r}?" if close else f"There are: {', '.join(names[:12])}."


def _code(heading: str) -> str:
    """Return a heading as a code: without blanks and brackets."""
    return "".join(letter if letter.isalnum() else "_" for letter in heading).strip("_")


def _grow(rows: Rows, fields: Sequence[str], root: str) -> None:
    """Add the top of a tree, and the groups that are only named as the parent of others."""
    at, codes = fields.index("parent"), {row[fields.index("code")] for row in rows}
    groups = dict.fromkeys(row[at] for row in rows if row[at] not in ("", *codes))
    for row in rows:
        row[at] = row[at] or root
    own = {"name_zh", "name_en", "weight"} & set(fields)
    for group in groups:
        if group != root:
            told = {"code": group, "parent": root}
            told |= {field: "1" if field == "weight" else group for field in own}
            rows.append([told.get(field, "") for field in fields])
    if root not in codes:
        rows.append([root if field == "code" else "" for field in fields])


def _flat(columns: Mapping[str, str], file: str, sheet: _Sheet) -> FileTable:
    """Return a framework of one level: every column an indicator, all of one weight."""
    header = ("code", "parent", "weight", "direction", "name_zh")
    rows = [("INDEX", "", "1", "1", "")]
    rows += [(code, "INDEX", "1", "1", heading) for heading, code in columns.items()]
    numbers = (sheet.header_row,) * len(rows)
    return FileTable(file, sheet.title, header, tuple(rows), numbers)
