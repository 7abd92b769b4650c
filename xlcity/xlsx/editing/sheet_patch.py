"""Edits in the XML of one sheet: cells, rows and elements, each in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.xlsx import scan
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.text import escape_cell_text, number_text, space_kept

#: (value, namespace prefix) -> (type attribute, content of the cell).
Writer = Callable[[Any, str], tuple[str, str]]

_TYPE = re.compile(r"""\s+t\s*=\s*(?:"[^"]*"|'[^']*')""")
# Value metadata belongs to the old value (a rich error, a picture in a cell).
_VALUE_METADATA = re.compile(r"""\s+vm\s*=\s*(?:"[^"]*"|'[^']*')""")
_SPANS = re.compile(r'(\sspans=")(\d+):(\d+)(")')
_ROW_STYLE = re.compile(r'\ss="(\d+)"')


def result_xml(value: CellValue, prefix: str = "") -> tuple[str, str]:
    """Return (type, content) of a formula cell's result; the formula is not part of it."""
    if type(value) is float:
        return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"
    if isinstance(value, str):
        return "str", f"<{prefix}v{space_kept(value)}>{escape_cell_text(value)}</{prefix}v>"
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
    text = f"<{prefix}t{space_kept(value)}>{escape_cell_text(value)}</{prefix}t>"
    return "inlineStr", f"<{prefix}is>{text}</{prefix}is>"


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


class SheetPatch:
    """Edits of one sheet's XML, applied from left to right in one pass.

    Formulas stay, but for those that `over` is given: what is written stands in their place.
    """

    def __init__(
        self,
        xml: str,
        writer: Writer,
        over: Callable[[re.Match[str], Position], None] | None = None,
    ) -> None:
        patterns = scan.find_grammar(xml)
        assert patterns is not None  # the reader has been through it
        self.xml, self.patterns, self.writer, self.over = xml, patterns, writer, over
        self.prefix = patterns.prefix
        self.edits: list[_Edit] = []
        self.added: list[Position] = []

    def apply(self, changes: Mapping[Position, Any]) -> str:
        """Return the XML with new contents of cells; absent rows and cells are added."""
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
            spans = scan.find_rows(self.xml, self.patterns, data.start(2), data.end(2))
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
        spans = scan.find_cells(self.xml, self.patterns, row)
        existing = {span.number for span in spans}
        for span in spans:
            if span.number in wanted:
                self.edits.append(_Edit(span.start, span.end, self._cell(row, span, wanted)))
        new = [c for c in sorted(set(wanted) - existing) if wanted[c] is not None]
        if not new:
            return
        self.added += [(row.number, column) for column in new]
        style = _ROW_STYLE.search(row.head) if "customFormat" in row.head else None
        elements = [
            (c, self._element(row.number, c, wanted[c], style[1] if style else None)) for c in new
        ]
        head = _SPANS.sub(
            lambda m: f"{m[1]}{min(int(m[2]), *new)}:{max(int(m[3]), *new)}{m[4]}", row.head
        )
        tag = f"{self.prefix}row"
        if row.inner is None:
            body = "".join(text for _, text in elements)
            self.edits.append(_Edit(row.start, row.end, f"<{tag}{head.rstrip()}>{body}</{tag}>"))
            return
        if head != row.head:
            start = row.start + 1 + len(tag)
            self.edits.append(_Edit(start, start + len(row.head), head))
        self._insert(elements, spans, row.inner_start + len(row.inner))

    def _insert(
        self, elements: Iterable[tuple[int, str]], spans: list[scan.Span], end: int
    ) -> None:
        """Put new elements before the first one with a higher number."""
        index = 0
        for number, text in elements:
            while index < len(spans) and spans[index].number < number:
                index += 1
            offset = spans[index].start if index < len(spans) else end
            if text:
                self.edits.append(_Edit(offset, offset, text))

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

    def _cell(self, row: scan.Span, span: scan.Span, wanted: dict[int, CellValue]) -> str:
        kind, content = self.writer(wanted[span.number], self.prefix)
        head = _VALUE_METADATA.sub("", _TYPE.sub("", span.head)).rstrip()
        head += f' t="{kind}"' if kind else ""
        rest = ""
        if span.inner:
            rest = self._without_value(span.inner)
            formula = self.patterns.formula.search(rest)
            formula_end = formula.end() if formula is not None else 0
            if formula is not None and self.over is not None:
                self.over(formula, (row.number, span.number))
                rest, formula_end = rest[formula_end:], 0
            content = rest[:formula_end] + content + rest[formula_end:]
        tag = f"{self.prefix}c"
        return f"<{tag}{head}>{content}</{tag}>" if content else f"<{tag}{head}/>"

    def _without_value(self, inner: str) -> str:
        formula = self.patterns.formula.search(inner)
        formula_end = formula.end() if formula is not None else 0
        tail = inner[formula_end:]
        for pattern in (self.patterns.value, self.patterns.inline):
            tail = pattern.sub("", tail, count=1)
        return inner[:formula_end] + tail

    def _dimension(self) -> None:
        """Widen the sheet's used range where cells were added outside it."""
        if not self.added:
            return
        tag = re.escape(self.prefix + "dimension")
        if (match := re.search(rf'<{tag}\s[^>]*?ref="([^"]+)"', self.xml)) is None:
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
