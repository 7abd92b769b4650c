"""What a verb returns, and the one place that writes it: data to stdout, remarks to stderr."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from xlcity.api.texts import ON_PAGE, text_of, told
from xlcity.cli.progress import cleared
from xlcity.messages import Message

if TYPE_CHECKING:
    from typing import Any

    from xlcity.errors import Problem

SCHEMA = 1
#: Problems of one cause that are written out.
_MOST_ALIKE = 100
#: Cells of a table, row by row.
Rows = Iterable[Sequence[object]]


class TextTable:
    """Rows below a header; an empty header is not shown.

    Examples
    --------
    >>> print(TextTable(["city", "score"], [["北京", 1.5], ["Lyon", None]]), end="")
    city  score
    北京    1.5
    Lyon
    """

    def __init__(self, header: Sequence[str], rows: Rows, indent: str = "") -> None:
        self.header = header
        self.rows = rows
        self.indent = indent

    def __str__(self) -> str:
        """Return aligned columns, numbers to the right; None is blank."""
        lines = [list(map(_shown, row)) for row in self.rows]
        if self.header:
            lines.insert(0, list(self.header))
        if not lines:
            return ""
        columns = list(zip(*lines, strict=True))
        widths = [max(map(width, column)) for column in columns]
        right = [_are_numbers(column[bool(self.header) :]) for column in columns]
        text = ""
        for line in lines:
            cells = "  ".join(map(_padded, line, widths, right))
            text += f"{self.indent}{cells}".rstrip() + "\n"
        return text

    def csv(self) -> str:
        """Return the table as CSV text."""
        from xlcity.model.reading.tables import csv_text

        return csv_text([self.header, *self.rows], with_bom=False)

    def csv_file(self) -> bytes:
        """Return the table as the content of a CSV file that Excel reads as UTF-8."""
        return b"\xef\xbb\xbf" + self.csv().encode(errors="replace")

    def xlsx_file(self, sheet: str, frozen: int = 1) -> bytes:
        """Return the table as a workbook with one sheet.

        Parameters
        ----------
        sheet
            Name of the sheet.
        frozen
            Columns that stay in sight.
        """
        from xlcity.xlsx.new_book import close_to_bytes, new_book
        from xlcity.xlsx.text import replace_undecodable

        workbook = new_book()
        page = workbook.add_worksheet(sheet)
        page.write_row(0, 0, self.header, workbook.add_format({"bold": True}))
        for number, row in enumerate(self.rows, 1):
            cells = (
                replace_undecodable(cell) if isinstance(cell, str) else cell
                for cell in row
            )
            page.write_row(number, 0, cells)
        page.freeze_panes(1, frozen)
        page.set_column(0, len(self.header) - 1, 14)
        return close_to_bytes(workbook)


def width(text: str) -> int:
    """Return how many columns a text takes; Chinese characters take two.

    >>> width("北京"), width("Beijing")
    (4, 7)
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(cell: str, size: int, right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if right else cell + space


def _shown(cell: object) -> str:
    """Return a cell as text; None is blank."""
    return "" if cell is None else str(cell)


def _are_numbers(cells: Sequence[str]) -> bool:
    shown = [cell for cell in cells if cell]
    return bool(shown) and all(_is_number(cell) for cell in shown)


def _is_number(text: str) -> bool:
    if text.startswith("#"):
        from xlcity.errors import CELL_ERRORS

        return text in CELL_ERRORS
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


#: Lines and tables, one after the other.
Blocks = Iterable[str | TextTable]


class Result:
    """What a verb found.

    Attributes
    ----------
    document
        The JSON document, without `schema`: a mapping or a record, see `plain`. None where the
        verb has written it itself.
    blocks
        Lines and tables for stdout. They are written as they come, and read to the end for JSON
        as well: what a verb computes on the way may complete `document` and `code`.
    problems
        Errors that stopped a part of the work.
    notes
        Remarks for stderr.
    code
        Exit code.
    """

    def __init__(
        self,
        document: Any,
        blocks: Blocks = (),
        problems: Sequence[Problem] = (),
        notes: Iterable[str | Problem] = (),
        code: int = 0,
    ) -> None:
        self.document = document
        self.blocks = blocks
        self.problems = problems
        self.notes = notes
        self.code = code

    def write(self, verb: str, *, as_json: bool) -> int:
        """Write the result as JSON or as text; return the exit code."""
        for block in self.blocks:
            if not as_json:
                cleared()
                text = str(block)
                sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
                sys.stdout.flush()
        if as_json and self.document is not None:
            emit(self.document)
        tell_problems(verb, self.problems)
        for note in self.notes:
            talk(note if isinstance(note, str) else _coded(note))
        return self.code


def listing(rows: Iterable[Any], *columns: str, indent: str = "") -> TextTable:
    """Return records or mappings as a table, its heads in the user's language.

    Parameters
    ----------
    rows
        The records.
    columns
        "name", "head=name" or "head=name:format"; where there is no value, the cell is blank.
    indent
        What each line begins with.
    """
    parts = []
    for column in columns:
        head, _, source = column.partition("=")
        name, _, form = (source or head).partition(":")
        parts.append((head.partition(":")[0], name, form))

    def cell(row: Any, name: str, form: str) -> Any:
        value = row[name] if isinstance(row, Mapping) else getattr(row, name)
        return "" if value is None or value != value else format(value, form)

    cells = []
    for row in rows:
        cells.append([cell(row, name, form) for _, name, form in parts])
    return TextTable([head_text(head) for head, *_ in parts], cells, indent)


def headed_table(heads: str, rows: Rows, indent: str = "") -> TextTable:
    """Return rows below heads in the user's language; `heads` has commas between them."""
    return TextTable([*map(head_text, heads.split(", "))], rows, indent)


def ranking_table(codes: Sequence[str], rows: Rows) -> TextTable:
    """Return a table of ranked cities; see `StoredResults.ranking`."""
    return TextTable(
        [*map(head_text, ("rank", "unit", "name_zh", "name_en")), *codes], rows
    )


def head_text(head: str) -> str:
    """Return the head of a column in the user's language."""
    return text_of(f"head.{head}") or head


def emit(document: Any) -> None:
    """Print one JSON document on stdout."""
    text = json_text(document)
    # Pipes on Windows default to a legacy code page; JSON is UTF-8. Names of files may have bytes
    # that no text has, and backslashes make JSON of them.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(text + "\n")


def json_text(document: Any) -> str:
    """Return a document as JSON."""
    import json

    from xlcity.api.documents import plain

    versioned = {"schema": SCHEMA, **plain(document)}
    return json.dumps(versioned, ensure_ascii=False, allow_nan=False)


def talk(text: str) -> None:
    """Write a remark to stderr, in the user's language."""
    cleared()
    sys.stderr.write(f"{told(text)}\n")


def tell_problems(verb: str, problems: Iterable[Problem]) -> None:
    """Write problems to stderr; of very many of one cause the first ones and their number."""
    from xlcity.errors import group_by_cause

    every = [*problems]
    head = f"xlcity {verb}".rstrip()
    causes = group_by_cause(every)
    rests = chain.from_iterable(alike[_MOST_ALIKE:] for alike in causes)
    left_out = {*map(id, rests)}
    for problem in every:
        if id(problem) not in left_out:
            talk(f"{head}: {_coded(problem)}")
    for alike in causes:
        more = len(alike) - _MOST_ALIKE
        if more > 0:
            first = alike[0].message
            talk(Message("error.more", verb=head, more=more, first=first))


def _coded(problem: Problem) -> str:
    from xlcity.api.documents import sentence

    code = "" if ON_PAGE in os.environ else f"[{problem.code}] "
    return code + sentence(problem)
