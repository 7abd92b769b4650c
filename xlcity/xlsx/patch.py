"""Changes values in sheet XML and leaves every other byte alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.errors import CellError, CellValue, Problem, Where, WorkbookError
from xlcity.xlsx import scan
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, cell_name, parse_range
from xlcity.xlsx.cells import Book, Position, Sheet, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode
from xlcity.xlsx.splice import splice_numbers, splice_results
from xlcity.xlsx.table import CellTable
from xlcity.xlsx.text import (
    escape_cell_text,
    escape_xml,
    normal_value,
    number_text,
    number_texts,
    same_value,
)

#: Sheet -> position -> value.
Values = Mapping[str, Mapping[Position, CellValue]]

_TYPE = re.compile(r"""\s+t\s*=\s*(?:"[^"]*"|'[^']*')""")
# Value metadata belongs to the old value (a rich error, a picture in a cell).
_VALUE_METADATA = re.compile(r"""\s+vm\s*=\s*(?:"[^"]*"|'[^']*')""")
_SPANS = re.compile(r'(\sspans=")(\d+):(\d+)(")')
_ROW_STYLE = re.compile(r'\ss="(\d+)"')


def patch_values(package: Package, values: Values, book: Book | None = None) -> Package:
    """Return the package with new values in formula cells.

    Only ``<v>``, ``t=`` and inline content change, and only where the value differs; formulas,
    styles and all else stay as they are. Patching the same values again changes no byte.

    Parameters
    ----------
    package
        The workbook.
    values
        Sheet -> (row, column) -> value. Cells of array ranges that have no element get one.
    book
        The cells of `package`, if they are at hand.

    Raises
    ------
    WorkbookError
        If a sheet is absent or a cell holds no formula; all such cells at once.
    """
    book = read_book(package) if book is None else book
    problems = _unknown_sheets(book, values)
    for sheet, wanted in values.items():
        if sheet not in book.sheets:
            continue
        for position in sorted(set(wanted).difference(book.sheets[sheet].computed())):
            where = Where(book.file, sheet, cell_name(*position))
            problems.append(
                Problem("XC421", "the cell holds no formula.", "Use `fill` for inputs.", where)
            )
    return _apply(package, book, values, problems, result_xml)


def write_inputs(package: Package, values: Values, book: Book | None = None) -> Package:
    """Return the package with constants in input cells.

    Formats are kept; rows and cells that are not there are added in their place. ``None`` empties
    a cell and keeps its format. Texts become inline strings, which every program reads.

    Parameters
    ----------
    package
        The workbook.
    values
        Sheet -> (row, column) -> value.
    book
        The cells of `package`, if they are at hand.

    Raises
    ------
    WorkbookError
        If a sheet is absent, a position is outside the sheet or a cell holds a formula; all such
        cells at once.
    """
    book = read_book(package) if book is None else book
    problems = _unknown_sheets(book, values)
    for sheet, wanted in values.items():
        if sheet not in book.sheets:
            continue
        for position in wanted:
            problem = _no_input(book.sheets[sheet], position)
            if problem:
                where = Where(book.file, sheet, cell_name(*position))
                hint = "Values go into input cells only."
                problems.append(Problem("XC422", problem, hint, where))
    return _apply(package, book, values, problems, constant_xml)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed: a value, or a formula (`array`: over this range)."""

    value: CellValue = None
    formula: str | None = None
    array: str | None = None


def write_entries(
    package: Package, entries: Mapping[str, Mapping[Position, Entry]], book: Book
) -> Package:
    """Return the package with values and formulas in cells that hold no formula.

    Parameters
    ----------
    package
        The workbook.
    entries
        Sheet -> (row, column) -> what is to stand there; cells that are not there are added.
    book
        Its cells.
    """
    parts = {}
    for name, wanted in entries.items():
        part = book.sheets[name].part
        xml = decode(package.parts, part, package.name)
        parts[part] = _SheetPatch(xml, _entry_xml).apply(dict(wanted)).encode("utf-8")
    return package.replace(parts)


def _entry_xml(entry: Any, prefix: str) -> tuple[str, str]:
    if entry.formula is None:
        return constant_xml(normal_value(entry.value), prefix)
    kind, value = result_xml(normal_value(entry.value), prefix)
    head = f' t="array" ref="{entry.array}"' if entry.array else ""
    return kind, f"<{prefix}f{head}>{escape_xml(entry.formula)}</{prefix}f>{value}"


def _no_input(sheet: Sheet, position: Position) -> str | None:
    row, column = position
    if not (1 <= row <= MAX_ROWS and 1 <= column <= MAX_COLUMNS):
        return "the cell is outside the sheet."
    cell = sheet.cells.get(position)
    if cell is not None and cell.computed:
        return "the cell holds a formula and is not overwritten."
    return None


def _unknown_sheets(book: Book, values: Values) -> list[Problem]:
    return [
        Problem("XC423", "there is no such sheet.", "", Where(book.file, sheet))
        for sheet in values
        if sheet not in book.sheets
    ]


#: (value, namespace prefix) -> (type attribute, content of the cell).
_Writer = Callable[[CellValue, str], tuple[str, str]]


def _apply(
    package: Package, book: Book, values: Values, problems: list[Problem], writer: _Writer
) -> Package:
    if problems:
        raise WorkbookError(problems)
    parts = {}
    for name, wanted in values.items():
        sheet = book.sheets[name]
        changes = _different(sheet, wanted)
        if changes:
            table = sheet.cells if isinstance(sheet.cells, CellTable) else None
            places = None if table is None else table.places(changes)
            if table is None or places is None:
                xml = decode(package.parts, sheet.part, package.name)
                new = _SheetPatch(xml, writer).apply(changes).encode("utf-8")
            else:
                new = _spliced(package.parts[sheet.part], table, places, changes, writer)
            parts[sheet.part] = new
    return package.replace(parts)


def _different(sheet: Sheet, wanted: Mapping[Position, CellValue]) -> dict[Position, CellValue]:
    """Return the values that are not in the file yet."""
    # Most values are what they were, which a comparison tells without a call.
    moved = [
        (position, raw, old)
        for (position, raw), old in zip(wanted.items(), sheet.values(wanted), strict=True)
        if old != raw or type(old) is not type(raw)
    ]
    return {
        position: value
        for position, raw, old in moved
        if not same_value(old, value := normal_value(raw))
    }


def _spliced(
    data: bytes,
    table: CellTable,
    places: list[int],
    changes: Mapping[Position, CellValue],
    writer: _Writer,
) -> bytes:
    # One character a byte, whatever the text is: a third of the time.
    xml = data.decode("latin-1")
    rest = list(zip(places, changes.values(), strict=True))
    stored, formulas = table.stored, table.formulas
    numbers = [
        (place, value)
        for place, value in rest
        if type(value) is float and type(stored[place]) is float and formulas[place] is not None
    ]
    if numbers:
        order = table.order()
        texts = number_texts([value for _, value in numbers])
        there = (order[place] for place, _ in numbers)
        new = splice_numbers(xml, len(order), zip(there, texts, strict=True))
        if new is not None:
            xml, done = new, {place for place, _ in numbers}
            rest = [pair for pair in rest if pair[0] not in done]
    if rest:
        results = ((place, *writer(value, "")) for place, value in rest)
        xml = splice_results(xml, [(place, kind, _narrow(text)) for place, kind, text in results])
    return xml.encode("latin-1")


def _narrow(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")


def result_xml(value: CellValue, prefix: str = "") -> tuple[str, str]:
    """Return (type, content) of a formula cell's result; the formula is not part of it."""
    if type(value) is float:
        return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"
    if isinstance(value, str):
        return "str", f"<{prefix}v>{escape_cell_text(value)}</{prefix}v>"
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return "b", f"<{prefix}v>{int(value)}</{prefix}v>"
    if isinstance(value, CellError):
        return "e", f"<{prefix}v>{value.value}</{prefix}v>"
    return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"


def constant_xml(value: CellValue, prefix: str = "") -> tuple[str, str]:
    """Return (type, content) of an input cell; text is an inline string."""
    if not isinstance(value, str):
        return result_xml(value, prefix)
    space = ' xml:space="preserve"' if value != value.strip() or "\n" in value else ""
    text = f"<{prefix}t{space}>{escape_cell_text(value)}</{prefix}t>"
    return "inlineStr", f"<{prefix}is>{text}</{prefix}is>"


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


class _SheetPatch:
    """Edits of one sheet's XML, applied from left to right in one pass."""

    def __init__(self, xml: str, writer: _Writer) -> None:
        patterns = scan.grammar(xml)
        assert patterns is not None  # the reader has been through it
        self.xml, self.patterns, self.writer = xml, patterns, writer
        self.prefix = patterns.prefix
        self.edits: list[_Edit] = []
        self.added: list[Position] = []

    def apply(self, changes: Mapping[Position, Any]) -> str:
        by_row: dict[int, dict[int, Any]] = {}
        for (row, column), value in changes.items():
            by_row.setdefault(row, {})[column] = value
        data = self.patterns.data.search(self.xml)
        assert data is not None
        if data[2] is None:  # <sheetData/>: no row yet
            tag = f"{self.prefix}sheetData"
            body = "".join(self._new_row(row, by_row[row]) for row in sorted(by_row))
            self.edits.append(_Edit(*data.span(), f"<{tag}{data[1] or ''}>{body}</{tag}>"))
        else:
            spans = scan.rows(self.xml, self.patterns, data.start(2), data.end(2))
            existing = {span.number for span in spans}
            for span in spans:
                if span.number in by_row:
                    self._row(span, by_row[span.number])
            new = iter(sorted(set(by_row) - existing))
            self._insert(
                ((row, self._new_row(row, by_row[row])) for row in new), spans, data.end(2)
            )
        self._dimension()
        return self._join()

    def _row(self, row: scan.Span, wanted: dict[int, CellValue]) -> None:
        spans = scan.cells(self.xml, self.patterns, row)
        existing = {span.number for span in spans}
        for span in spans:
            if span.number in wanted:
                self.edits.append(_Edit(span.start, span.end, self._cell(span, wanted)))
        new = [c for c in sorted(set(wanted) - existing) if wanted[c] is not None]
        if not new:
            return
        self.added += [(row.number, column) for column in new]
        style = _ROW_STYLE.search(row.head) if "customFormat" in row.head else None
        made = [
            (c, self._element(row.number, c, wanted[c], style[1] if style else None)) for c in new
        ]
        head = _SPANS.sub(lambda m: _widen(m, new), row.head)
        tag = f"{self.prefix}row"
        if row.inner is None:
            body = "".join(text for _, text in made)
            self.edits.append(_Edit(row.start, row.end, f"<{tag}{head.rstrip()}>{body}</{tag}>"))
            return
        if head != row.head:
            start = row.start + 1 + len(tag)
            self.edits.append(_Edit(start, start + len(row.head), head))
        self._insert(made, spans, row.inner_start + len(row.inner))

    def _insert(self, made: Iterable[tuple[int, str]], spans: list[scan.Span], end: int) -> None:
        """Put new elements before the first one with a higher number."""
        index = 0
        for number, text in made:
            while index < len(spans) and spans[index].number < number:
                index += 1
            at = spans[index].start if index < len(spans) else end
            if text:
                self.edits.append(_Edit(at, at, text))

    def _new_row(self, row: int, wanted: dict[int, CellValue]) -> str:
        columns = [column for column in sorted(wanted) if wanted[column] is not None]
        if not columns:
            return ""
        self.added += [(row, column) for column in columns]
        body = "".join(self._element(row, column, wanted[column], None) for column in columns)
        return f'<{self.prefix}row r="{row}">{body}</{self.prefix}row>'

    def _element(self, row: int, column: int, value: CellValue, style: str | None) -> str:
        kind, content = self.writer(value, self.prefix)
        head = f' r="{cell_name(row, column)}"'
        head += f' s="{style}"' if style else ""
        head += f' t="{kind}"' if kind else ""
        tag = f"{self.prefix}c"
        return f"<{tag}{head}>{content}</{tag}>"

    def _cell(self, span: scan.Span, wanted: dict[int, CellValue]) -> str:
        kind, content = self.writer(wanted[span.number], self.prefix)
        head = _VALUE_METADATA.sub("", _TYPE.sub("", span.head)).rstrip()
        head += f' t="{kind}"' if kind else ""
        rest = ""
        if span.inner:
            rest = self._without_value(span.inner)
            formula = self.patterns.formula.search(rest)
            at = formula.end() if formula is not None else 0
            content = rest[:at] + content + rest[at:]
        tag = f"{self.prefix}c"
        return f"<{tag}{head}>{content}</{tag}>" if content else f"<{tag}{head}/>"

    def _without_value(self, inner: str) -> str:
        formula = self.patterns.formula.search(inner)
        at = formula.end() if formula is not None else 0
        tail = inner[at:]
        for pattern in (self.patterns.value, self.patterns.inline):
            tail = pattern.sub("", tail, count=1)
        return inner[:at] + tail

    def _dimension(self) -> None:
        """Widen the sheet's used range where cells were added outside it."""
        if not self.added:
            return
        tag = re.escape(self.prefix + "dimension")
        match = re.search(rf'<{tag}\s[^>]*?ref="([^"]+)"', self.xml)
        if match is None:
            return
        r1, c1, r2, c2 = parse_range(match[1])
        rows = [row for row, _ in self.added]
        columns = [column for _, column in self.added]
        first = cell_name(min(r1, *rows), min(c1, *columns))
        last = cell_name(max(r2, *rows), max(c2, *columns))
        ref = first if first == last else f"{first}:{last}"
        if ref != match[1]:
            self.edits.append(_Edit(*match.span(1), ref))

    def _join(self) -> str:
        out, end = [], 0
        # Stable: insertions at one place keep the order they were made in.
        for edit in sorted(self.edits, key=lambda edit: (edit.start, edit.end)):
            out += [self.xml[end : edit.start], edit.text]
            end = edit.end
        out.append(self.xml[end:])
        return "".join(out)


def _widen(match: re.Match[str], columns: list[int]) -> str:
    first, last = min(int(match[2]), *columns), max(int(match[3]), *columns)
    return f"{match[1]}{first}:{last}{match[4]}"
