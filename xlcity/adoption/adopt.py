"""Reads a team's own workbook into a framework and data, as a map in TOML says where they stand."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlcity.adoption.cells import (
    CURRENCIES,
    NOTE_MARKS,
    is_other_currency,
    without_mark,
    without_translation,
    without_year,
)
from xlcity.data_files import parse_toml
from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.methods.registry import OPTIONS
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    csv_rows,
    decode_text,
    read_bytes,
    read_csv,
)
from xlcity.model.reading.text_tables import read_web_tables
from xlcity.model.reading.units import is_chinese, is_total
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.diagnose import is_web_page
from xlcity.xlsx.package import is_workbook_name
from xlcity.xlsx.plain_cells import PercentNumber, read_plain_cells

#: Fields of a framework that a map may name a column for.
FIELDS = (
    "code",
    "parent",
    "weight",
    "direction",
    "name_zh",
    "name_en",
    "uom",
    "uom_zh",
    "definition",
    "definition_zh",
    "source",
    "source_zh",
    "period",
    "scope",
    "url",
    "notes",
    "valid_low",
    "valid_high",
)
#: What a proposed map has in place of a direction, or of a city's name, that is not known yet.
UNKNOWN = "?"
_SPACE_BETWEEN_CHINESE = re.compile("(?<=[\u3400-\u9fff）]) (?=[\u3400-\u9fff（])")
_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_SECTIONS = {
    "index": {"title", "title_en", *OPTIONS},
    "groups": None,
    "data": {
        "sheet",
        "header",
        "unit",
        "year",
        "last",
        "skip",
        "skip_rows",
        "fill_down",
        "missing",
        "marks",
    },
    "columns": None,
    "cities": None,
    "framework": {"sheet", "header", "last", "file", "root", "fill_down", *FIELDS},
}
#: Rows of a sheet or a file, from A1 on.
Cells = list[tuple[Any, ...]]
#: What a map may say of a column of values, and of a group, where it names no framework.
OF_COLUMN = ("code", "parent", "weight", "direction", "name_zh", "name_en", "uom")
OF_GROUP = ("code", "weight", "name_zh", "name_en")
#: The top of a framework that is made of columns alone.
_ROOT = "INDEX"
#: A table as text: the header, then rows.
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was read.

    Attributes
    ----------
    framework, table
        Framework and values as tables, with the addresses in the team's workbook.
    unused
        Headings of the data sheet that no indicator is read from.
    bare
        Rows with nothing but a name: cities without values yet, or remarks below the table.
    settled
        Names of cities that the map says are meant so.
    methods
        Option of `OPTIONS` -> the method in words that the map names for it.
    below
        Names of rows with values below the last one that the map has read.
    """

    framework: FileTable
    table: FileTable
    unused: tuple[str, ...]
    bare: tuple[str, ...]
    settled: tuple[str, ...]
    methods: Mapping[str, str]
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table of a sheet: headings, filled rows with their numbers, and the rows that follow."""

    title: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[list[Any], ...] = ()
    numbers: tuple[int, ...] = ()
    header_row: int = 1
    after: tuple[list[Any], ...] = ()


def adopt(workbook: str | Path, map_path: str | Path) -> Adopted:
    """Read a team's workbook, or a table in a text file.

    Raises
    ------
    DataError
        With every sheet, heading and entry of the map that is missing or cannot be used.
    WorkbookError
        If the file is not a workbook.
    """
    sheets = team_sheets(workbook)
    text = decode_text(read_bytes(Path(map_path)), str(map_path))
    return adopt_cells(str(workbook), sheets, Path(map_path), text)


def adopt_cells(
    file: str,
    sheets: Mapping[str, Cells],
    map_path: Path,
    text: str,
    others: Mapping[str, Any] = MappingProxyType({}),
) -> Adopted:
    """Read cells by the text of a map; `others` take the place of entries of its section data.

    `adopt` says what is refused.
    """
    return _Adopter(file, sheets, map_path, text).read(others)


def team_sheets(path: str | Path) -> dict[str, Cells]:
    """Return the cells of a team's workbook by sheet; that of a text file has no name.

    Of a web page with several tables each is a sheet: "table 1", "table 2".
    """
    content = b"" if is_workbook_name(path) else read_bytes(Path(path))
    is_text = Path(path).suffix.lower() in (".csv", ".tsv", ".txt")
    if not (is_text or is_web_page(content)):
        return read_plain_cells(path)
    text = decode_text(content, str(path))
    tables = (
        read_web_tables(text, str(path)) if is_web_page(content) else [csv_rows(text)]
    )
    names = (
        [f"table {number}" for number in range(1, len(tables) + 1)]
        if tables[1:]
        else [""]
    )
    return {
        name: [tuple(cell or None for cell in row) for row in rows]
        for name, rows in zip(names, tables, strict=True)
    }


class _Adopter:
    """Reads the cells of a workbook as a map says, and collects what is wrong with the map."""

    def __init__(
        self, file: str, sheets: Mapping[str, Cells], map_path: Path, text: str
    ) -> None:
        self.file = file
        self.map_file = str(map_path)
        self.folder = map_path.parent
        self.sheets = sheets
        self.problems: list[Problem] = []
        self.map = self._load_map(text)

    def _load_map(self, text: str) -> Mapping[str, Any]:
        """Return the sections of a map.

        Raises
        ------
        DataError
            If it is not TOML, or has unknown sections or entries.
        """
        try:
            document = parse_toml(text)
        except tomllib.TOMLDecodeError as error:
            where = Where(file=self.map_file)
            hint = "Correct the file; docs/how-to has an example."
            raise DataError(
                f"the map is not TOML: {error}.", hint, "XC337", where
            ) from error
        for section, entries in document.items():
            entry_names = _SECTIONS.get(section, set())
            if section not in _SECTIONS:
                self._refuse(
                    f"unknown section {section!r}.", did_you_mean(section, _SECTIONS)
                )
            elif not isinstance(entries, dict):
                self._refuse(
                    f"{section!r} is not a section.", f"Head its entries [{section}]."
                )
            elif entry_names is not None:
                for name in set(entries) - entry_names:
                    hint = did_you_mean(name, sorted(entry_names))
                    self._refuse(
                        f"unknown entry {name!r} in the section {section}.", hint
                    )
        if "data" not in document:
            self._refuse(
                "the map has no section data.",
                "Name the sheet of the values in [data].",
            )
        DataError.raise_for(self.problems)
        return document

    def _refuse(self, message: str, hint: str, sheet: str | None = None) -> None:
        """Add a problem with the map, or with a sheet of the workbook if one is named."""
        where = Where(file=self.file if sheet else self.map_file, sheet=sheet)
        self.problems.append(Problem("XC337", message, hint, where))

    def _require_column(
        self, heading: str, names: Mapping[str, int], sheet: str
    ) -> None:
        """Add a problem if a sheet, one that was found, has no such heading."""
        if names and heading not in names:
            self._refuse(
                f"column {heading!r} not found.", did_you_mean(heading, names), sheet
            )

    def read(self, others: Mapping[str, Any]) -> Adopted:
        """Return what the map says is in the workbook; `others` replace entries of [data]."""
        data = {**self.map["data"], **others}
        cells = self._sheet_cells(data, "data")
        sheet = self._read_sheet(data, *cells) if cells is not None else _Sheet()
        names = column_names(sheet.header)
        unit = one_line(
            str(data.get("unit", min(names, key=names.__getitem__, default="")))
        )
        year = [one_line(str(data["year"]))] if data.get("year") else []
        if not unit and names:
            self._refuse(
                "the map names no column of cities.",
                'Write unit = "heading" in [data].',
            )
        for heading in filter(None, (unit, *year)):
            self._require_column(heading, names, sheet.title)
        framework = self._read_framework()
        columns = self._find_columns(sheet, names, unit, framework)
        DataError.raise_for(self.problems)
        settled = {
            one_line(n): str(c) for n, c in self._section("cities") if c != UNKNOWN
        }
        skip = {"", *(one_line(str(name)) for name in data.get("skip", ()))}
        skip_rows = {*data.get("skip_rows", ())}
        missing = {str(code) for code in data.get("missing", ())}
        marks = [str(mark) for mark in data.get("marks", ())]
        positions = tuple(names[heading] for heading in (unit, *year, *columns))
        uoms = [fields.get("uom", "") for fields in columns.values()]
        rows = []
        numbers = []
        bare = []
        for marked, number in zip(sheet.rows, sheet.numbers, strict=True):
            row = [without_mark(cell, marks) for cell in marked]
            texts = [_cell_text(cell) for cell in row]
            typed = one_line(texts[positions[0]])
            name = settled.get(typed, typed)
            if name in skip or number in skip_rows:
                continue
            # A missing code of the team's is one for all later steps.
            values: list[object] = [
                "NA" if texts[c] in missing else row[c] for c in positions[1:]
            ]
            measured = zip(values, (*("" for _ in year), *uoms), strict=True)
            rows.append(
                (name, *(_without_measure(value, uom) for value, uom in measured))
            )
            numbers.append(number)
            if sum(map(bool, texts)) == 1:
                bare.append(name)
        codes = (column["code"] for column in columns.values())
        heads = ("unit", *["year"] * len(year), *codes)
        content = tuple(rows), tuple(numbers)
        table = FileTable(self.file, sheet.title, heads, *content, columns=positions)
        top = self._root_fields(framework)
        parents = {own["parent"] for own in columns.values() if own.get("parent")}
        groups: dict[str, dict[str, str]] = {}
        for name, own in self._section("groups"):
            if name not in parents:
                self._refuse(
                    f"no column has the parent {name!r}.", did_you_mean(name, parents)
                )
            groups[name] = self._entries(name, own, "weight", OF_GROUP)
        DataError.raise_for(self.problems)
        if framework is None:
            address = FileTable(self.file, sheet.title, (), (), (sheet.header_row,))
            framework = flat_framework(columns, groups, top, address)
        return Adopted(
            framework,
            table,
            tuple(
                h for h, c in names.items() if c not in positions and sheet.header[c]
            ),
            tuple(bare),
            tuple(settled.values()),
            {
                name: str(word)
                for name, word in self._section("index")
                if name in OPTIONS
            },
            self._names_below(
                sheet, positions, {unit, *skip, *(str(row[0]) for row in rows)}
            ),
        )

    def _sheet_cells(
        self, entries: Mapping[str, Any], section: str
    ) -> tuple[str, Cells] | None:
        """Return name and cells of the sheet that a section names; None, refused, without one."""
        title = str(entries.get("sheet", next(iter(self.sheets))))
        if title not in self.sheets:
            self._refuse(
                f"[{section}] names a sheet {title!r}.",
                did_you_mean(title, self.sheets),
            )
            return None
        return title, self.sheets[title]

    def _read_sheet(
        self, entries: Mapping[str, Any], title: str, cells: Cells
    ) -> _Sheet:
        """Return the table of a sheet, as the entries `header`, `last` and `fill_down` say."""
        header_entry = entries.get("header", 1)
        last = entries.get("last", len(cells))
        rows = (
            header_entry
            if isinstance(header_entry, list) and header_entry
            else [header_entry]
        )
        if not all(isinstance(row, int) and 1 <= row <= len(cells) for row in rows):
            message = f"header = {header_entry!r} is not a row of the sheet."
            self._refuse(message, f"Rows are 1 to {len(cells)}.")
            return _Sheet(title)
        if not isinstance(last, int):
            self._refuse(
                f"last = {last!r} is not a row.", "Name the last row with values."
            )
            last = len(cells)
        # Only rows that hold something are padded: one stray cell may be far from the others.
        width = max(map(len, cells))
        padded = {
            number: [*row, *[None] * (width - len(row))]
            for number, row in enumerate(cells, 1)
            if number in rows or any(map(_cell_text, row))
        }
        header = headings([[*map(_cell_text, padded[row])] for row in sorted(rows)])
        if entries is self.map.get("framework") or not self.map.get("columns"):
            for name in sorted(
                {name for name in header if name and header.count(name) > 1}
            ):
                self._refuse(
                    f"the heading {name!r} is used twice.", "Give each its own name."
                )
        names = column_names(header)
        top = max(rows)
        below = {number: row for number, row in padded.items() if number > top}
        numbers = [number for number in below if number <= last]
        filled = tuple(below[number] for number in numbers)
        years = [str(entries["year"])] if entries.get("year") in names else []
        for heading in (*entries.get("fill_down", ()), *years):
            if heading not in names:
                self._refuse(
                    f"column {heading!r} to fill not found.",
                    did_you_mean(heading, names),
                )
                continue
            column = names[heading]
            above = None
            for row in filled:
                # A merged cell has its text in the first row only.
                above = row[column] = row[column] if _cell_text(row[column]) else above
        after = tuple(row for number, row in below.items() if number > last)
        return _Sheet(title, tuple(header), filled, tuple(numbers), top, after)

    def _read_framework(self) -> FileTable | None:
        """Return the framework that the map names, a file or a sheet; None if it names none."""
        if (entries := self.map.get("framework")) is None:
            return None
        if "file" in entries:
            return read_csv(self.folder / str(entries["file"]))
        if (cells := self._sheet_cells(entries, "framework")) is None:
            return None
        sheet = self._read_sheet(entries, *cells)
        header = sheet.header
        named = {field: str(entries[field]) for field in FIELDS if field in entries}
        for field, heading in named.items():
            if header and heading not in header:
                hint = did_you_mean(heading, filter(None, header))
                self._refuse(
                    f"{field} = {heading!r}: no such column.", hint, sheet.title
                )
        if "code" not in named:
            self._refuse(
                "[framework] names no column of codes.", 'Write code = "heading".'
            )
        DataError.raise_for(self.problems)
        positions = tuple(header.index(heading) for heading in named.values())
        rows = [[_cell_text(row[column]) for column in positions] for row in sheet.rows]
        root = entries.get("root")
        if root is not None and "parent" in named:
            add_parents(rows, list(named), str(root))
        # What no row of the sheet says has the row of the headings.
        numbers = (
            *sheet.numbers,
            *[sheet.header_row] * (len(rows) - len(sheet.numbers)),
        )
        values = tuple(map(tuple, rows))
        return FileTable(
            self.file, sheet.title, tuple(named), values, numbers, columns=positions
        )

    def _find_columns(
        self,
        sheet: _Sheet,
        names: Mapping[str, int],
        unit: str,
        framework: FileTable | None,
    ) -> dict[str, dict[str, str]]:
        """Return heading -> code, and what else the map says of the indicator."""
        wanted = {
            one_line(h): self._column_entry(h, own)
            for h, own in self._section("columns")
        }
        for heading, column_fields in wanted.items():
            self._require_column(heading, names, sheet.title)
            if framework is not None and len(column_fields) > 1:
                message = f"both the map and the framework describe {heading!r}."
                self._refuse(message, "Describe it in one of them only.")
        if wanted:
            return wanted
        free = [heading for heading in sheet.header if heading and heading != unit]
        if framework is None:
            return {h: {"code": code_of(h)} for h in free}
        codes: dict[str, str] = {}
        for row in framework.records():
            for field in ("code", "name_zh", "name_en"):
                if field in row:
                    codes.setdefault(row[field], row["code"])
        return {h: {"code": codes[h]} for h in free if h in codes}

    def _section(self, name: str) -> list[tuple[str, Any]]:
        """Return the entries of a section, none if the map has none."""
        return [*self.map.get(name, {}).items()]

    def _root_fields(self, framework: FileTable | None) -> dict[str, str]:
        """Return what the map says of the root."""
        if framework is not None and (
            {"title", "title_en"} & {n for n, _ in self._section("index")}
            or self.map.get("groups")
        ):
            message = "both the map and the framework give titles or groups."
            self._refuse(message, "Describe it in one of them only.")
        given = {name: str(text) for name, text in self._section("index") if text}
        fields = {"title": name_field(given.get("title", "")), "title_en": "name_en"}
        return {fields[name]: text for name, text in given.items() if name in fields}

    def _entries(
        self, name: str, given: object, short: str, fields: Sequence[str]
    ) -> dict[str, str]:
        """Return what the map says of a column or group: a table of fields, or the `short` one."""
        own = given if isinstance(given, dict) else {short: given}
        for field in sorted({*own} - {*fields}):
            self._refuse(
                f"unknown entry {field!r} of {name!r}.", did_you_mean(field, fields)
            )
        return {field: str(own[field]) for field in fields if field in own}

    @staticmethod
    def _names_below(
        sheet: _Sheet, positions: tuple[int, ...], named: set[str]
    ) -> tuple[str, ...]:
        """Return the names of rows with values that stand below the last row."""
        rows = (
            row for row in sheet.after if any(_cell_text(row[c]) for c in positions[1:])
        )
        names = dict.fromkeys(one_line(_cell_text(row[positions[0]])) for row in rows)
        return tuple(name for name in names if name not in named and not is_total(name))

    def _column_entry(self, heading: str, column_fields: object) -> dict[str, str]:
        """Return what the map says of one column: its code, or a table of entries."""
        fields = self._entries(heading, column_fields, "code", OF_COLUMN)
        if not fields.get("code"):
            self._refuse(f"{heading!r} has no code.", 'Write code = "…".')
        if fields.get("direction", "1") not in ("1", "-1"):
            hint = "Write direction = 1 where larger is better, -1 where smaller is better."
            self._refuse(
                f"the direction of {heading!r} is {fields['direction']!r}.", hint
            )
        return {"code": "", **fields}


def table_rows(table: FileTable) -> Rows:
    """Return a table as text, the header first, as `framework.csv` and `data.csv` have it."""
    return [
        [*table.header],
        *([_cell_text(value) for value in row] for row in table.rows),
    ]


def _cell_text(value: object) -> str:
    """Return a cell as text, a number in percentage format with its sign."""
    return (
        f"{float(value) * 100:.12g}%"
        if isinstance(value, PercentNumber)
        else as_text(value)
    )


def _without_measure(value: object, uom: str) -> object:
    """Return the number of a cell such as 3.5亿元 or $5 without its measure; others as they are."""
    text = _cell_text(value)
    if uom and text[:1] in CURRENCIES:
        return value if is_other_currency(text[0], uom) else text[1:]
    is_measured = uom not in ("", "%") and text[:1].isdigit() and text.endswith(uom)
    return text.removesuffix(uom) if is_measured else value


def code_of(heading: str) -> str:
    """Return a heading as a code: without blanks and brackets."""
    return "".join(letter if letter.isalnum() else "_" for letter in heading).strip("_")


def add_parents(rows: Rows, fields: Sequence[str], root: str) -> None:
    """Add the root to rows of a framework, and groups that are only named as a parent, in place.

    Parameters
    ----------
    fields
        Fields of `FIELDS` that the columns hold.
    root
        Code of the root, the parent of nodes that name none.
    """
    parent_column = fields.index("parent")
    codes = {row[fields.index("code")] for row in rows}
    for row in rows:
        row[parent_column] = row[parent_column] or root
    parents = dict.fromkeys(row[parent_column] for row in rows)
    groups = [parent for parent in parents if parent not in (root, *codes)]
    own = {"name_zh", "name_en", "weight"} & set(fields)
    for group in groups:
        column_fields = {"code": group, "parent": root}
        column_fields |= {field: "1" if field == "weight" else group for field in own}
        rows.append([column_fields.get(field, "") for field in fields])
    if root not in codes:
        rows.append([root if field == "code" else "" for field in fields])


def default_title(headings: str) -> str:
    """Return the title of an index whose map has none, in the language of its headings."""
    return "综合指数" if is_chinese(headings) else "Composite Index"


def name_field(text: str) -> str:
    """Return the column of a framework for a name in its language.

    >>> name_field("GDP 总量"), name_field("GDP per head")
    ('name_zh', 'name_en')
    """
    return "name_zh" if is_chinese(text) else "name_en"


def _indicator_names(
    heading: str, fields: Mapping[str, str], field: str
) -> dict[str, str]:
    """Return the name of a column's indicator, and the English one below a Chinese one."""
    name, translation = without_translation(heading)
    names = {field: _strip_uom(name, fields)}
    return (
        {**names, "name_en": _BRACKETS.sub("", translation)} if translation else names
    )


def _strip_uom(heading: str, fields: Mapping[str, str]) -> str:
    """Return a heading without marks of footnotes, and its measure, which has its own column.

    >>> _strip_uom("Exports [m EUR]¹", {"uom": "m EUR"}), _strip_uom("GDP①", {})
    ('Exports', 'GDP')
    """
    uom = re.escape(fields.get("uom") or "\n")
    return re.sub(
        rf"(?:\s*[（(\[]\s*{uom}\s*[)）\]][¹²³⁴⁵]*)?{NOTE_MARKS}\Z", "", heading
    )


def flat_framework(
    columns: Mapping[str, Mapping[str, str]],
    groups: Mapping[str, Mapping[str, str]],
    top: Mapping[str, str],
    address: FileTable,
) -> FileTable:
    """Return the framework of a map without one: its columns, below groups where it names them.

    Parameters
    ----------
    columns, groups
        What the map says of each heading, and of each group.
    top
        What it says of the root.
    address
        The file, the sheet and the row (its only number) that the framework is addressed by.
    """
    parents = [own["parent"] for own in columns.values() if own.get("parent")]
    above: dict[str, Mapping[str, str]] = {
        **{parent: {} for parent in parents},
        **groups,
    }
    codes = {name: own.get("code") or code_of(name) for name, own in above.items()}
    heading_field = name_field("".join(columns))
    undated = {heading: without_year(heading) for heading in columns}
    times = Counter(undated.values())
    # The year stays in a name where it alone tells columns apart.
    titles = {h: title if times[title] == 1 else h for h, title in undated.items()}
    nodes: list[dict[str, str]] = [
        {"code": _ROOT, **(top or {heading_field: default_title("".join(columns))})},
        *(
            {"parent": _ROOT, heading_field: n, **own, "code": codes[n]}
            for n, own in above.items()
        ),
        *(
            {
                "parent": _ROOT,
                **_indicator_names(titles[heading], own, heading_field),
                **own,
            }
            for heading, own in columns.items()
        ),
    ]
    for node in nodes:
        node["parent"] = codes.get(node.get("parent", ""), node.get("parent", ""))
    # A weight that was forgotten beside others is for the reader to refuse, not 1.
    weighed = {node["parent"] for node in nodes if node.get("weight")}
    for node in nodes:
        node.setdefault("weight", "" if node["parent"] in weighed else "1")
        node.setdefault("direction", "1")
    header = ["code", "parent", "weight", "direction", heading_field]
    given = {field for node in nodes for field in node}
    header += [field for field in OF_COLUMN if field in given and field not in header]
    rows = tuple(tuple(node.get(field, "") for field in header) for node in nodes)
    return FileTable(
        address.file, address.sheet, tuple(header), rows, address.numbers * len(rows)
    )


def column_names(header: Sequence[str]) -> dict[str, int]:
    """Return what a map may call each column -> its position.

    That is its heading; with its letter where the heading stands twice; the letter where there is
    no heading.

    >>> column_names(["", "Score", "Score"])
    {'Score · B': 1, 'Score · C': 2, 'A': 0}
    >>> column_names(["B", ""])
    {'B': 0, 'B · B': 1}
    """
    column_by_name: dict[str, int] = {}
    for column in sorted(range(len(header)), key=lambda column: not header[column]):
        letters = column_letters(column + 1)
        name = header[column] or letters
        if header[column] and header.count(header[column]) > 1:
            name = f"{name} · {letters}"
        while name in column_by_name:  # the heading of one is the letter of another
            name = f"{name} · {letters}"
        column_by_name[name] = column
    return column_by_name


def one_line(text: str) -> str:
    r"""Return a text without line breaks, and without spaces that set Chinese characters apart.

    >>> one_line("城  市\nCity"), one_line("PM2.5 年平均\n浓度 （微克）")
    ('城市 City', 'PM2.5 年平均浓度（微克）')
    """
    return _SPACE_BETWEEN_CHINESE.sub("", " ".join(text.split()))


def headings(rows: Rows) -> list[str]:
    """Return the headings of columns, from one row or several, the lowest last.

    A heading is the lowest text of its column; where that stands twice, the text above it, which
    may be merged over several columns, comes first. Lines within a cell are one line.
    """
    *upper, header = [[*map(one_line, row)] for row in rows]
    for row in reversed(upper):
        over = spread_merged(row, header)
        twice = {name for name in header if name and header.count(name) > 1}
        header = [
            f"{group} · {below}" if below in twice and group else below or text
            for text, group, below in zip(row, over, header, strict=True)
        ]
    return header


def spread_merged(row: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return a row of headings, a merged one for each column as far as there are some below it."""
    over = []
    merged = ""
    for text, lower in zip(row, below, strict=True):
        merged = text or (merged if lower else "")
        over.append(merged)
    return over
