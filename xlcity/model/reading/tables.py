"""Tables of CSV files, sheets and data frames: a header, rows, and the address of every cell."""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from fractions import Fraction
from functools import lru_cache
from itertools import chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.errors import (
    DataError,
    FrameworkError,
    Problem,
    UsageError,
    Where,
    system_reason,
)
from xlcity.messages import Message, joined
from xlcity.model.reading.text_tables import read_text_table
from xlcity.model.reading.words import city_heading_score
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.diagnose import is_document
from xlcity.xlsx.limits import MAX_FILE, read_file
from xlcity.xlsx.package import Package, is_workbook_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Columns that may hold the id, best first (COINr's uCode among them).
ID_COLUMNS = ("id", "city_id", "unit", "ucode")
_DELIMITERS = ",;\t"
#: What no text has, and no cell of a workbook can hold.
_NEVER_IN_TEXT = "\x00\ufffe\uffff"
#: A Chinese character inside of a word of letters; two beside each other.
_INSIDE_WORD = re.compile("[A-Za-z][\u3400-\u9fff][a-z]")
_CHINESE_WORD = re.compile("[\u3400-\u9fff]{2}")
#: How a person says by what encoding texts are read that are in none of those that are tried; the
#: option `--encoding` sets it for one verb.
ENCODING_VARIABLE = "XLCITY_ENCODING"
WESTERN = "western"
_WESTERN_ENCODING = "cp1252"
#: A word with a letter or sign beyond ASCII, and how many of them are shown.
_WESTERN_WORD = re.compile(r"[A-Za-z\d]*[\u00a1-\u024f][\w\u00a1-\u024f]*")
_WORDS_SHOWN = 3
#: Control characters, of which a text has none but tabs and ends of lines.
_NOT_IN_WESTERN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: The last character in Big5 that is not rare.
_LAST_COMMON_BIG5 = b"\xc6\x7e"
#: Characters of a text by which its encoding is judged.
_SAMPLE_LENGTH = 20_000
#: What spreadsheet programs take for a formula when they open a CSV (full-width signs as well), and
#: what was marked as a text for that reason; numbers and the dashes of gaps are none. Where
#: semicolons separate cells, a cell may also begin inside of one that is in quotes.
_FORMULA_START = re.compile("(?:^|(?<=[;\r\n]))'*[=+\\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?|-+")
#: Numbers with a decimal comma, such as 1.234,5; what may be thousands, with commas or, beside
#: decimal commas, with points; and numbers with a decimal point.
_COMMA_NUMBER = re.compile(r"[+-]?\d+(?:[.\s]\d{3})*,\d+(?:\s*%)?")
_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}(?:\s*%)?")
_POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:\s*%)?")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?(?:\s*%)?")
#: Such numbers with a footnote's mark or a flag behind them.
_SWAPPABLE = re.compile(
    rf"(?:{_COMMA_NUMBER.pattern}|{_POINT_THOUSANDS.pattern})(?:\s*[^\d\s.,%]{{1,3}})?"
)
_SWAPPED = str.maketrans(",.", ".,")
#: From how many numbers with a comma on it is how a table writes decimals.
_FEWEST_COMMAS = 3
#: Rows of a sheet or a file, from A1 on.
Cells = Sequence[Sequence[Any]]
#: Heading of the first column, where a frame has the cities as its index.
UNIT_HEADING = "unit"
#: Types of a frame's columns that hold numbers alone; of pandas' own in small letters.
_FLOAT_KINDS = ("float", "int", "uint")
_FLOAT_BITS = (8, 16, 32, 64)
_FLOAT_TYPES = frozenset(
    f"{kind}{bits}" for kind, bits in product(_FLOAT_KINDS, _FLOAT_BITS)
)
#: The largest of the whole numbers that a float holds, each of them.
_LARGEST_EXACT = 2**53
#: Columns of a frame that name its cities, whatever its index.
_FRAME_IDS = ("ucode", *ID_COLUMNS)
#: Addresses of rows that are kept.
_PLACES = 4096


@dataclass(frozen=True, slots=True)
class FileTable:
    """Cells of one CSV file or sheet.

    `numbers` holds the row number of each row as a spreadsheet or editor counts it; `columns` the
    position of each column on its sheet, where some were left out. A frame's columns of numbers are
    not in `rows` but in `floats`, where NaN is blank; `float_columns` has column -> column there.
    `keeps_rows` says that every row is of a city, also one that is called as a total.
    """

    file: str
    sheet: str | None
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]
    columns: tuple[int, ...] = ()
    floats: NDArray[np.float64] | None = None
    float_columns: Mapping[int, int] = field(default_factory=dict)
    keeps_rows: bool = False

    def where(
        self,
        row: int | None = None,
        column: int | None = None,
        unit: str = "",
        indicator: str = "",
    ) -> Where:
        """Return an address: "C5" on a sheet, "row 5" in a text file, a column, or the table."""
        if row is None:
            cell = None if column is None else self.column_name(column)
        elif column is None or self.sheet is None:
            cell = _row_place(self.numbers[row])
        else:
            cell = f"{self._letters(column)}{self.numbers[row]}"
        return Where(
            self.file,
            self.sheet or None,
            cell,
            indicator=indicator or None,
            unit=unit or None,
        )

    def column_name(self, column: int) -> str:
        """Return what a spreadsheet calls a column: "column C"."""
        return Message("place.column", letters=self._letters(column))

    def _letters(self, column: int) -> str:
        position = self.columns[column] if self.columns else column
        return column_letters(position + 1)

    def cell(self, row: int, column: int) -> Any:
        """Return a cell's content; a row that ends early is blank there."""
        if self.floats is not None and column in self.float_columns:
            number = float(self.floats[row, self.float_columns[column]])
            return None if number != number else number
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def texts(self, column: int | None) -> list[str]:
        """Return the texts of a column, none without one."""
        if column is None:
            return []
        rows = range(len(self.rows))
        return [as_text(self.cell(row, column)) for row in rows]

    def selected(self, positions: Sequence[int]) -> FileTable:
        """Return a table of some of the rows, which keep their numbers."""
        rows = tuple(self.rows[position] for position in positions)
        numbers = tuple(self.numbers[position] for position in positions)
        floats = None if self.floats is None else self.floats[list(positions)]
        return replace(self, rows=rows, numbers=numbers, floats=floats)

    def cells(self) -> Cells:
        """Return the header and the rows as those of a sheet, from A1 on."""
        columns = range(len(self.header))
        cells: list[Sequence[Any]] = [self.header]
        for row in range(len(self.rows)):
            cells.append([self.cell(row, column) for column in columns])
        return cells

    def without_column(self, column: int) -> FileTable:
        """Return the table without one of its columns, which keep their places."""
        header = _without(self.header, column)
        columns = _without(self.columns, column)
        rows = tuple(_without(row, column) for row in self.rows)
        return replace(self, header=header, rows=rows, columns=columns)

    def records(self) -> list[dict[str, str]]:
        """Return the rows as dictionaries: heading -> text of the cell."""
        return [*map(self._record, range(len(self.rows)))]

    def _record(self, row: int) -> dict[str, str]:
        return {
            name: as_text(self.cell(row, column))
            for column, name in enumerate(self.header)
            if name
        }


@lru_cache(_PLACES)
def _row_place(number: int) -> str:
    """Return the address of a row; each of its cells has it."""
    return Message("place.row", number=number)


def _without(cells: tuple[Any, ...], position: int) -> tuple[Any, ...]:
    return cells[:position] + cells[position + 1 :]


def as_text(value: object) -> str:
    """Return a cell as text; a whole number without its decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def is_filled(row: Iterable[object]) -> bool:
    """Tell whether a row of cells holds something."""
    return any(map(as_text, row))


def read_csv(path: str | Path) -> FileTable:
    """Read a CSV file: UTF-8 with or without BOM, UTF-16, GB18030 or Big5; comma, semicolon or tab.

    Raises
    ------
    DataError
        If there is no such file, or it is in none of these encodings.
    """
    file = Path(path)
    return parse_csv(decode_text(read_bytes(file), str(path)), str(path))


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    DataError
        If it cannot be read.
    WorkbookError
        If it is larger than any file that is read.
    """
    try:
        return read_file(path)
    except OSError as error:
        where = Where(file=str(path))
        if isinstance(error, FileNotFoundError):
            raise DataError.of("XC320.no_file", where) from error
        hint = Message("hint.check_path")
        if isinstance(error, PermissionError):
            hint = Message("hint.close_file")
        reason = system_reason(error)
        raise DataError.of(
            "XC320.unreadable", where, hint=hint, reason=reason
        ) from error


def decode_text(content: bytes, file: str) -> str:
    """Return the text of a file in any of the accepted encodings.

    Raises
    ------
    DataError
        If it is in none of them.
    WorkbookError
        If it is a spreadsheet or a document of another kind: which, and what to do.
    """
    if is_document(content):
        # Fails with what the file is, unless it is a workbook by another name.
        Package.from_bytes(content, file)
        hint = Message("hint.rename_to_xlsx")
        if is_workbook_name(file):
            hint = Message("hint.sheet_as_csv")
        raise DataError.of("XC321.workbook", Where(file=file), hint=hint)
    for encoding in _encodings_to_try(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _is_other_encoding(encoding, content, text):
            return text
    raise _undecodable(content, file)


def _is_other_encoding(encoding: str, content: bytes, text: str) -> bool:
    """Tell whether a text that can be read in an encoding is none in it."""
    if encoding in ("gb18030", "big5") and _is_european(text):
        return True
    if encoding == "gb18030" and _is_big5(content, text):
        return True
    return any(sign in text for sign in _NEVER_IN_TEXT)


def _encodings_to_try(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if os.environ.get(ENCODING_VARIABLE) == WESTERN:
        return ("utf-8-sig", _WESTERN_ENCODING)
    return ("utf-8-sig", "gb18030", "big5")


def _undecodable(content: bytes, file: str) -> DataError:
    """Return the error of a text in none of the encodings; it shows how else it might read."""
    where = Where(file=file)
    if words := _western_words(content):
        hint = Message("hint.western", words=words)
        return DataError.of("XC321.no_encoding", where, hint=hint)
    return DataError.of("XC321.no_encoding", where)


def _western_words(content: bytes) -> list[str]:
    """Return words that show how a file reads as Western European; none where it does not.

    >>> _western_words("unit;m²;Zürich;Genève".encode("cp1252"))
    ['m²', 'Zürich', 'Genève']
    """
    try:
        text = content.decode(_WESTERN_ENCODING)
    except UnicodeDecodeError:
        return []
    if _NOT_IN_WESTERN_TEXT.search(text):
        return []
    return [*dict.fromkeys(_WESTERN_WORD.findall(text))][:_WORDS_SHOWN]


def _is_european(text: str) -> bool:
    """Tell whether a text that was read as Chinese is European: Chinese stands inside words alone.

    >>> _is_european("Orléans, Nîmes".encode("latin-1").decode("gb18030")), _is_european("北京 A")
    (True, False)
    """
    return bool(_INSIDE_WORD.search(text)) and not _CHINESE_WORD.search(text)


def _is_big5(content: bytes, as_gb: str) -> bool:
    """Tell whether a text has fewer rare characters in Big5 than as GB18030.

    >>> [_is_big5(text, text.decode("gb18030")) for text in map("臺北市".encode, ("big5", "gbk"))]
    [True, False]
    """
    try:
        as_big5 = content.decode("big5")
    except UnicodeDecodeError:
        return False
    gb_signs = [sign.encode("gb2312", "ignore") for sign in as_gb[:_SAMPLE_LENGTH]]
    big5_signs = [sign.encode("big5") for sign in as_big5[:_SAMPLE_LENGTH]]
    rare = [sign for sign in big5_signs if sign > _LAST_COMMON_BIG5]
    return gb_signs.count(b"") > len(rare)


def parse_csv(text: str, file: str) -> FileTable:
    """Return the table of a CSV, web page, Markdown or layout text, without empty rows."""
    laid_out = read_text_table(text, file)
    lines = _with_decimal_points(laid_out) if laid_out else _csv_lines(text)
    filled = [line for line in lines if any(map(str.strip, line[1]))]
    if not filled:
        raise DataError.of("XC322.empty_table", Where(file=file))
    # The first row is the header; its line number is dropped.
    numbers, rows = zip(*filled, strict=True)
    header = tuple(map(str.strip, rows[0]))
    return FileTable(file, None, header, rows=rows[1:], numbers=numbers[1:])


def csv_rows(text: str) -> list[tuple[str, ...]]:
    """Return all rows of a CSV text, blank ones too, as a spreadsheet program numbers them."""
    return [row for _, row in _csv_lines(text)]


def _csv_lines(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return (number, cells) of each row of a CSV text.

    The number is that of the first line that a row is written on. The delimiter is the one that the
    first filled line has most of, outside quotes. If it is no comma, decimal commas become points.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = "".join(first.split('"')[::2])  # every other part stands outside quotes
    delimiter = max(_DELIMITERS, key=unquoted.count)
    # Without a delimiter in the header there is one column; a comma then does no harm.
    csv.field_size_limit(MAX_FILE)  # of its own it stops at 131,072 characters
    # Where a blank follows each delimiter, it belongs to that.
    is_spaced = 0 < first.count(delimiter) == first.count(f"{delimiter} ")
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=is_spaced)
    line = 1
    rows = []
    for row in reader:
        rows.append((line, tuple(map(unguard_formula, row))))
        line = reader.line_num + 1
    return rows if delimiter == "," else _with_decimal_points(rows)


def _with_decimal_points(
    rows: list[tuple[int, tuple[str, ...]]],
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows of a text with points for decimal commas, if it writes those."""
    cells = chain.from_iterable(row for _, row in rows)
    if not _writes_decimal_commas(cells):
        return rows
    return [(line, tuple(map(_swap_commas_and_points, row))) for line, row in rows]


def _writes_decimal_commas(cells: Iterable[str]) -> bool:
    """Tell whether commas are decimal commas: not all may be thousands, and no point is decimal.

    One or two such numbers may be slips.

    >>> tables = ["7,4", "0,5", "1,234"], ["1,234"] * 3, ["7,4", "0,5", "1,2", "7.4"], ["7,4"]
    >>> [_writes_decimal_commas(cells) for cells in (*tables, ["7,4", "0,5", "1,2", "45.123"])]
    [True, False, False, False, True]
    """
    texts = [*map(str.strip, cells)]
    numbers = [text for text in texts if _COMMA_NUMBER.fullmatch(text)]
    if len(numbers) < _FEWEST_COMMAS or all(map(_MAYBE_THOUSANDS.fullmatch, numbers)):
        return False
    return not any(
        _POINT_NUMBER.fullmatch(text) and not _POINT_THOUSANDS.fullmatch(text)
        for text in texts
    )


class CommaNumber(str):
    """A number with commas and points swapped; messages show it as it was typed."""

    typed: str

    def __repr__(self) -> str:
        return repr(self.typed)


def _swap_commas_and_points(cell: str) -> str:
    """Return a number with commas and points in each other's place; other texts as they are."""
    text = cell.strip()
    if not _SWAPPABLE.fullmatch(text):
        return cell
    number = CommaNumber(text.translate(_SWAPPED))
    number.typed = text
    return number


def csv_text(rows: Iterable[Sequence[object]], *, with_bom: bool = True) -> str:
    """Return rows as CSV in which no text is a formula for the program that opens it.

    Parameters
    ----------
    rows
        Texts, numbers and blanks (None).
    with_bom
        Whether to begin with the byte order mark, without which Excel does not read UTF-8.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([*map(guard_formula, row)])
    return ("\ufeff" if with_bom else "") + text.getvalue()


def guard_formula(cell: object) -> object:
    """Return a cell with an apostrophe before all that a spreadsheet program would calculate.

    >>> [guard_formula(text) for text in ("=1+1", "-5", "- 5 up", "'=x", "-", "北京", "a;=1")]
    ["'=1+1", '-5', "'- 5 up", "''=x", '-', '北京', "a;'=1"]
    """
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return _FORMULA_START.sub(r"'\g<0>", cell)


def unguard_formula(cell: str) -> str:
    """Return a cell of a CSV text without the apostrophes that `guard_formula` put into it.

    >>> unguard_formula("'=1+1"), unguard_formula("''=x"), unguard_formula("'s-Hertogenbosch")
    ('=1+1', "'=x", "'s-Hertogenbosch")
    """
    if "'" not in cell:
        return cell
    text = _FORMULA_START.sub(lambda start: start[0].removeprefix("'"), cell)
    return text if guard_formula(text) == cell else cell


def require_columns(
    table: FileTable, table_name: str, present: Iterable[str], *required: str
) -> None:
    """Refuse a table without the columns it needs.

    Parameters
    ----------
    table, table_name
        The table, and what the message calls it.
    present, required
        Columns that it has, and those that it must have.

    Raises
    ------
    FrameworkError
        If one of them is missing.
    """
    if not {*required} <= {*present}:
        columns = joined(required, "list.and_names")
        where = table.where()
        raise FrameworkError.of(
            "XC220.no_columns", where, table=table_name, columns=columns
        )


def parse_float(text: str) -> float | None:
    """Return the number that a text is, None where it is none; for Python alone 1_000 is one."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


def parse_fraction(text: str) -> float | None:
    """Return the number or fraction that a text is ("1/3"), None where it is none."""
    try:
        return (
            float(Fraction(text))
            if "/" in text and "_" not in text
            else parse_float(text)
        )
    except (ValueError, ZeroDivisionError):
        return None


def read_number_field(
    row: Mapping[str, str],
    name: str,
    default: float | None,
    where: Where,
    problems: list[Problem],
) -> float | None:
    """Return the number or fraction in a column of a row, the default where there is none.

    NA is nothing, as in COINr's tables, and a weight may be in per cent. What is not a number is
    added to the problems.

    Parameters
    ----------
    row, name
        Heading -> text, and the heading.
    """
    text = row.get(name, "")
    if text in ("", "NA"):
        return default
    is_percent = name.startswith("weight") and text.endswith(("%", "％"))
    if (number := parse_fraction(text[:-1] if is_percent else text)) is None:
        problems.append(Problem.of("XC222.no_number", where, name=name, text=text))
        return default
    return number / 100 if is_percent else number


def table_from_frame(frame: Any, index_heading: str | None = UNIT_HEADING) -> FileTable:
    """Return a frame as the table that a file would hold; NaN is a blank cell.

    Parameters
    ----------
    frame
        The frame, or a Series with several levels. Levels of its columns become columns of a long
        table.
    index_heading
        Heading of an index without a name, where no column names the cities; None leaves it out.

    Raises
    ------
    UsageError
        If it is not a frame, or levels of its index or columns have no names.
    """
    frame = _with_plain_index(with_plain_columns(frame))
    header = [*map(str, frame.columns)]
    columns: list[list[Any]] = []
    heading = _index_heading(frame, index_heading, header)
    if heading is not None:
        header.insert(0, heading)
        columns.append([*map(_frame_cell, frame.index.tolist())])
    first = len(columns)
    kinds = enumerate(frame.dtypes)
    positions = [place for place, kind in kinds if _holds_floats(frame, place, kind)]
    float_columns = {first + place: number for number, place in enumerate(positions)}
    texts = {*range(len(frame.columns))}.difference(positions)
    # A row ends with its last text.
    for place in range(max(texts, default=-1) + 1):
        cells = [None] * len(frame)
        if place in texts:
            cells = [*map(_frame_cell, frame.iloc[:, place].tolist())]
        columns.append(cells)
    rows: tuple[tuple[Any, ...], ...] = ((),) * len(frame)
    if columns:
        rows = tuple(zip(*columns, strict=True))
    return FileTable(
        "DataFrame",
        None,
        header=tuple(header),
        rows=rows,
        # A person counts the rows of a frame as a table shows them: the heading is row 1.
        numbers=tuple(range(2, len(frame) + 2)),
        floats=frame.iloc[:, positions].to_numpy("float64", na_value=math.nan),
        float_columns=float_columns,
    )


def with_plain_columns(frame: Any) -> Any:
    """Return a frame whose columns have one level: further levels and a Series become long."""
    if getattr(getattr(frame, "columns", None), "nlevels", 1) > 1:
        if frame.index.nlevels == 1:
            frame = frame.rename_axis(index=frame.index.name or UNIT_HEADING)
        frame = frame.stack([*range(frame.columns.nlevels)])
    if hasattr(frame, "to_frame") and hasattr(frame, "index"):
        frame = frame.to_frame("value")
    if hasattr(frame, "columns") and hasattr(frame, "itertuples"):
        return frame
    raise UsageError.of("XC100.no_frame", kind=type(frame).__name__)


def _with_plain_index(frame: Any) -> Any:
    """Return a frame whose index has one level: several become columns."""
    if frame.index.nlevels == 1:
        return frame
    if None in frame.index.names:
        raise UsageError.of("XC100.no_level_names")
    return frame.reset_index()


def _index_heading(
    frame: Any, otherwise: str | None, header: Sequence[str]
) -> str | None:
    """Return the heading of the index as a column, None where it is none.

    `otherwise` is the heading of an index without a name.
    """
    if not {name.strip().lower() for name in header}.isdisjoint(_FRAME_IDS):
        return None
    heading = frame.index.name or otherwise
    is_counter = type(frame.index).__name__ == "RangeIndex"
    # An index that only counts the rows names no cities.
    if is_counter and heading == otherwise and any(map(city_heading_score, header)):
        return None
    return str(heading) if heading else None


def is_index_of_cities(frame: Any, header: Sequence[str]) -> bool:
    """Tell whether the index of a frame names its cities."""
    return _index_heading(frame, UNIT_HEADING, header) is not None


def city_texts(index: Any) -> list[str]:
    """Return the labels of an index as texts, as a file would hold them."""
    labels = index.tolist()
    if {*map(type, labels)} == {str}:
        return [*map(str.strip, labels)]
    return [*map(as_text, map(_frame_cell, labels))]


def _holds_floats(frame: Any, position: int, kind: Any) -> bool:
    """Tell whether a column holds numbers alone, as floats hold them."""
    name = str(kind).lower()
    if name not in _FLOAT_TYPES:
        return False
    if "64" not in name or kind.kind == "f":
        return True
    # Whole numbers that no float holds are ids.
    return not (abs(frame.iloc[:, position]) > _LARGEST_EXACT).any()


def _frame_cell(value: Any) -> Any:
    """Return a value of a frame as a cell: what is missing as None, midnight as its date."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    is_date = isinstance(value, datetime) and value.time() == time.min
    return value.date() if is_date else value
