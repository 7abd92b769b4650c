"""Edits in the rows of one sheet's XML: cells and attributes, each in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from xlcity.errors import CellError, CellValue
from xlcity.xlsx import scan
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.text import escape_cell_text, in_quotes, number_text, space_kept

#: (value, namespace prefix) -> (type attribute, content of the cell).
Writer = Callable[[Any, str], tuple[str, str]]

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


def set_attributes(head: str, attributes: Mapping[str, str]) -> str:
    """Return the attributes of a start tag with others at their end; "" removes one."""
    for name in attributes:
        head = re.sub(rf"""\s+{name}\s*=\s*(?:"[^"]*"|'[^']*')""", "", head)
    new = (f" {name}={in_quotes(text)}" for name, text in attributes.items() if text)
    return head.rstrip() + "".join(new)


class _Edit(NamedTuple):
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
        self.styles: Mapping[Position, int] = {}
        self.lines: Mapping[int, Mapping[str, str]] = {}

    def apply(
        self,
        changes: Mapping[Position, Any],
        styles: Mapping[Position, int] | None = None,
        lines: Mapping[int, Mapping[str, str]] | None = None,
    ) -> str:
        """Return the XML with new contents of cells; absent rows and cells are added.

        Parameters
        ----------
        changes
            Cell -> what the writer is given.
        styles
            Cell -> the number of its format from now on.
        lines
            Row -> its attributes from now on.
        """
        self.styles, self.lines = styles or {}, lines or {}
        by_row: dict[int, dict[int, Any]] = {row: {} for row in self.lines}
        for row, column in chain(changes, self.styles):
            by_row.setdefault(row, {})[column] = changes.get((row, column), _KEEP)
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

    def _row(self, row: scan.Span, wanted: dict[int, Any]) -> None:
        spans = scan.find_cells(self.xml, self.patterns, row)
        existing = {span.number for span in spans}
        for span in spans:
            if span.number in wanted:
                self.edits.append(_Edit(span.start, span.end, self._cell(row, span, wanted)))
        new = [c for c in sorted(set(wanted) - existing) if self._is_filled(row.number, c, wanted)]
        self.added += [(row.number, column) for column in new]
        style = _ROW_STYLE.search(row.head) if "customFormat" in row.head else None
        elements = [
            (c, self._element(row.number, c, wanted[c], style[1] if style else "")) for c in new
        ]
        head = row.head
        if attributes := self.lines.get(row.number):
            head = set_attributes(head, attributes)
        if new:
            head = _SPANS.sub(
                lambda m: f"{m[1]}{min(int(m[2]), *new)}:{max(int(m[3]), *new)}{m[4]}", head
            )
        tag = f"{self.prefix}row"
        if row.inner is None:
            if new or head != row.head:
                body = "".join(text for _, text in elements)
                text = f"<{tag}{head.rstrip()}>{body}</{tag}>"
                self.edits.append(_Edit(row.start, row.end, text))
            return
        if head != row.head:
            start = row.start + 1 + len(tag)
            self.edits.append(_Edit(start, start + len(row.head), head))
        self._insert(elements, spans, row.inner_start + len(row.inner))

    def _is_filled(self, row: int, column: int, wanted: Mapping[int, Any]) -> bool:
        """Return whether a cell that is not there is written: it has a content or a format."""
        return (row, column) in self.styles or wanted[column] is not None

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

    def _new_row(self, row: int, wanted: dict[int, Any]) -> str:
        columns = [c for c in sorted(wanted) if self._is_filled(row, c, wanted)]
        if not columns and row not in self.lines:
            return ""
        self.added += [(row, column) for column in columns]
        body = "".join(self._element(row, column, wanted[column], "") for column in columns)
        head = set_attributes(f' r="{row}"', self.lines.get(row, {}))
        return f"<{self.prefix}row{head}>{body}</{self.prefix}row>"

    def _element(self, row: int, column: int, value: Any, row_style: str) -> str:
        kind, content = ("", "") if value is _KEEP else self.writer(value, self.prefix)
        style = str(self.styles.get((row, column), row_style))
        head = set_attributes(f' r="{cell_name(row, column)}"', {"s": style, "t": kind})
        tag = f"{self.prefix}c"
        return f"<{tag}{head}>{content}</{tag}>" if content else f"<{tag}{head}/>"

    def _cell(self, row: scan.Span, span: scan.Span, wanted: dict[int, Any]) -> str:
        """Return a cell with another content; value metadata belongs to the old one."""
        position, head, content = (row.number, span.number), span.head, span.inner or ""
        if position in self.styles:
            head = set_attributes(head, {"s": str(self.styles[position])})
        if wanted[span.number] is not _KEEP:
            kind, content = self.writer(wanted[span.number], self.prefix)
            head = set_attributes(head, {"vm": "", "t": kind})
            rest = self._without_value(span.inner or "")
            formula = self.patterns.formula.search(rest)
            formula_end = formula.end() if formula is not None else 0
            if formula is not None and self.over is not None:
                self.over(formula, position)
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


class _Kept:
    """What stands for the content that a cell has already."""


_KEEP = _Kept()
