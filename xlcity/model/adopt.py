"""Reads a team's own workbook into a framework and data, as a map in TOML says where they stand."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Problem, Where
from xlcity.model.tables import as_text, decode, read_bytes, read_csv, read_workbook
from xlcity.model.values import PercentNumber

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
    unused
        Headings of the data sheet that no indicator is read from.
    bare
        Rows with nothing but a name: cities without values yet, or remarks below the table.
    """

    framework: Rows
    data: Rows
    unused: tuple[str, ...]
    bare: tuple[str, ...] = ()


def adopt(workbook: str | Path, map_path: str | Path) -> Adopted:
    """Read a team's workbook.

    Raises
    ------
    DataError
        With every sheet, heading and entry of the map that is not there or cannot be used.
    WorkbookError
        If the file is no workbook.
    """
    return _Adopter(workbook, map_path).read()


class _Adopter:
    def __init__(self, workbook: str | Path, map_path: str | Path) -> None:
        self.file, self.map_file = str(workbook), str(map_path)
        self.folder = Path(map_path).parent
        self.sheets = read_workbook(workbook)
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
                Problem("XC337", f"the map is no TOML: {error}.", hint, where)
            ) from error
        for section, entries in found.items():
            known = _SECTIONS.get(section, set())
            if section not in _SECTIONS or not isinstance(entries, dict):
                self._wrong(
                    f"the map has a section {section!r}.", f"Known: {', '.join(_SECTIONS)}."
                )
            elif known is not None:
                for name in set(entries) - known:
                    hint = f"Known: {', '.join(sorted(known))}."
                    self._wrong(f"the section {section} has an entry {name!r}.", hint)
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
        header, rows = self._table(data, cells) if cells is not None else ([], [])
        unit = str(data.get("unit", header[0] if header else ""))
        sheet = str(data.get("sheet", ""))
        if header and unit not in header:
            self._wrong(f"there is no column {unit!r}.", _near(unit, header), sheet)
        framework = self._framework()
        columns = self._columns(header, unit, framework, sheet)
        self._stop()
        skip = {str(name) for name in data.get("skip", ())}
        place = {code: header.index(heading) for heading, code in columns.items()}
        table, bare = [["unit", *place]], []
        for row in rows:
            name = row[header.index(unit)]
            if name and name not in skip:
                table.append([name, *(row[at] for at in place.values())])
                if sum(map(bool, row)) == 1:
                    bare.append(name)
        if framework is None:
            framework = _flat(columns)
        unused = tuple(h for h in header if h and h != unit and h not in columns)
        return Adopted(framework, table, unused, tuple(bare))

    def _cells(self, entries: Mapping[str, Any], section: str) -> list[tuple[Any, ...]] | None:
        title = str(entries.get("sheet", next(iter(self.sheets))))
        if title not in self.sheets:
            self._wrong(f"[{section}] names a sheet {title!r}.", _near(title, self.sheets))
            return None
        return self.sheets[title]

    def _table(
        self, entries: Mapping[str, Any], cells: list[tuple[Any, ...]]
    ) -> tuple[list[str], Rows]:
        at, last = entries.get("header", 1), entries.get("last", len(cells))
        rows = at if isinstance(at, list) and at else [at]
        if not all(isinstance(row, int) and 1 <= row <= len(cells) for row in rows):
            self._wrong(f"header = {at!r} is no row of the sheet.", f"Rows are 1 to {len(cells)}.")
            return [], []
        if not isinstance(last, int):
            self._wrong(f"last = {last!r} is no row.", "Name the last row with values.")
            last = len(cells)
        width = max(map(len, cells))
        texts = [[_text(v) for v in (*row, *[None] * (width - len(row)))] for row in cells]
        header = _headings([texts[row - 1] for row in sorted(rows)])
        twice = sorted({name for name in header if name and header.count(name) > 1})
        for name in twice:
            self._wrong(f"the heading {name!r} stands twice.", "Give each its own name.")
        below = [row for row in texts[max(rows) : int(last)] if any(row)]
        for heading in entries.get("fill_down", ()):
            if heading not in header:
                self._wrong(f"there is no column {heading!r} to fill.", _near(heading, header))
                continue
            column, above = header.index(heading), ""
            for row in below:
                # A merged cell has its text in the first row only.
                above = row[column] = row[column] or above
        return header, below

    def _framework(self) -> Rows | None:
        entries = self.map.get("framework")
        if entries is None:
            return None
        if "file" in entries:
            table = read_csv(self.folder / str(entries["file"]))
            return [list(table.header), *([as_text(v) for v in row] for row in table.rows)]
        cells = self._cells(entries, "framework")
        if cells is None:
            return None
        header, rows = self._table(entries, cells)
        named = {field: str(entries[field]) for field in FIELDS if field in entries}
        sheet = str(entries.get("sheet", ""))
        for field, heading in named.items():
            if header and heading not in header:
                self._wrong(
                    f"{field} = {heading!r}: no such column.", _near(heading, header), sheet
                )
        if "code" not in named:
            self._wrong("[framework] names no column of codes.", 'Say code = "heading".')
        self._stop()
        found = [list(named)]
        for row in rows:
            found.append([row[header.index(heading)] for heading in named.values()])
        root = entries.get("root")
        if root is not None and "parent" in named:
            # The top of the tree need not be a row of the sheet.
            at, codes = list(named).index("parent"), {row[0] for row in found}
            groups = dict.fromkeys(row[at] for row in found[1:] if row[at] not in ("", *codes))
            for row in found[1:]:
                row[at] = row[at] or str(root)
            # Nor need a group that is only named as the parent of others.
            own = {"name_zh", "name_en", "weight"} & set(named)
            for group in groups:
                if group != str(root):
                    told = {"code": group, "parent": str(root)}
                    told |= {field: "1" if field == "weight" else group for field in own}
                    found.append([told.get(field, "") for field in named])
            if str(root) not in codes:
                found.append([str(root) if f == "code" else "" for f in named])
        return found

    def _columns(
        self, header: list[str], unit: str, framework: Rows | None, sheet: str
    ) -> dict[str, str]:
        """Return heading -> code."""
        wanted = {str(h): str(code) for h, code in self.map.get("columns", {}).items()}
        for heading in wanted:
            if header and heading not in header:
                self._wrong(f"there is no column {heading!r}.", _near(heading, header), sheet)
        if wanted:
            return wanted
        if framework is None:
            return {h: _code(h) for h in header if h and h != unit}
        names: dict[str, str] = {}
        for row in framework[1:]:
            for field in ("code", "name_zh", "name_en"):
                if field in framework[0]:
                    names.setdefault(
                        row[framework[0].index(field)], row[framework[0].index("code")]
                    )
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


def _flat(columns: Mapping[str, str]) -> Rows:
    """Return a framework of one level: every column an indicator, all of one weight."""
    rows = [["code", "parent", "weight", "direction", "name_zh"], ["INDEX", "", "1", "1", ""]]
    rows += [[code, "INDEX", "1", "1", heading] for heading, code in columns.items()]
    return rows
