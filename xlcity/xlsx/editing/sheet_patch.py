"""Edits in the rows of one sheet's XML: cells and attributes, each in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from xlcity.errors import CellError, CellValue
from xlcity.grouping import grouped
from xlcity.xlsx import scan
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.text import escape_cell_text, in_quotes, number_text, space_kept

#: (position of a cell, its formula element or "", namespace prefix) -> its type, and all that it
#: contains from now on.
ContentWriter = Callable[[Position, str, str], tuple[str, str]]

_SPANS = re.compile(r'(?<=\sspans=")(\d+):(\d+)(?=")')
_ROW_STYLE = re.compile(r'\ss="(\d+)"')


def result_xml(value: CellValue, prefix: str = "") -> tuple[str, str]:
    """Return type and content of a formula cell with a result; the formula is not part of it.

    The type is that of the attribute "t" ("" for numbers), the content a <v> element with the
    namespace prefix, such as "x:", or "" for a blank.
    """
    if value.__class__ is float:  # most are numbers
        return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"
    if isinstance(value, str):
        return (
            "str",
            f"<{prefix}v{space_kept(value)}>{escape_cell_text(value)}</{prefix}v>",
        )
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return "b", f"<{prefix}v>{int(value)}</{prefix}v>"
    if isinstance(value, CellError):
        return "e", f"<{prefix}v>{value.value}</{prefix}v>"
    return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"


def constant_xml(value: CellValue, prefix: str = "") -> tuple[str, str]:
    """Return type and content of a cell with a typed value, as `result_xml` does.

    Texts become inline strings (<is>).
    """
    if not isinstance(value, str):
        return result_xml(value, prefix)
    text = f"<{prefix}t{space_kept(value)}>{escape_cell_text(value)}</{prefix}t>"
    return "inlineStr", f"<{prefix}is>{text}</{prefix}is>"


class SheetPatch:
    """Edits of one sheet's XML: other contents of cells; absent rows and cells are added.

    Parameters
    ----------
    xml
        The sheet.
    positions
        The cells to write, and what writes them; an absent cell without content is not added.
    write
        See `ContentWriter`.
    styles
        Cell -> the number of its format from now on.
    lines
        Row -> its attributes from now on.

    Attributes
    ----------
    columns
        Row -> the columns of its cells that change.
    added_cells
        The cells added so far.
    """

    def __init__(
        self,
        xml: str,
        positions: Collection[Position],
        write: ContentWriter,
        styles: Mapping[Position, int] = MappingProxyType({}),
        lines: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        self.xml = xml
        self.prefix = scan.find_prefix(xml) or ""
        self.positions = frozenset(positions)
        self.write = write
        self.styles = styles
        self.lines = lines
        self.columns: dict[int, list[int]] = {row: [] for row in lines}
        self.columns |= grouped(dict.fromkeys((*positions, *styles)))
        self.added_cells: list[Position] = []

    def apply(self) -> str:
        """Return the XML with the edits."""
        data = scan.DATA.search(self.xml)
        assert data is not None
        is_empty = data[3] is None  # <sheetData/>: no row yet
        start, end = data.span() if is_empty else data.span(3)
        if is_empty:
            start = end
        rows = scan.find_rows(self.xml, start, end)
        body = self._rewrite_elements(
            start, end, rows, numbers=self.columns, write=self._write_row
        )
        head = self.xml[:start]
        if is_empty:
            tag = f"{self.prefix}sheetData"
            head = f"{self.xml[: data.start()]}<{tag}{data[2] or ''}>"
            body = f"{body}</{tag}>"
        return f"{self._widen_dimension(head)}{body}{self.xml[end:]}"

    def _rewrite_elements(
        self,
        start: int,
        end: int,
        spans: list[scan.Span],
        *,
        numbers: Iterable[int],
        write: Callable[[int, scan.Span | None], str],
    ) -> str:
        """Return a part of the XML with the elements of some numbers written anew.

        The part is that from `start` to `end`, and `spans` are the rows or cells in it.
        Absent ones stand before the first element with a higher number. `write` is given the
        number and, if there is one, the element.
        """
        rewritten = set(numbers)
        edits = []
        for span in spans:
            if span.number in rewritten:
                edits.append((span.start, span.end, write(span.number, span)))
        index = 0
        for number in sorted(rewritten.difference(span.number for span in spans)):
            while index < len(spans) and spans[index].number < number:
                index += 1
            offset = spans[index].start if index < len(spans) else end
            edits.append((offset, offset, write(number, None)))
        pieces = []
        # Stable: insertions at one offset keep their order.
        for first, last, text in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [self.xml[start:first], text]
            start = last
        return "".join([*pieces, self.xml[start:end]])

    def _write_row(self, number: int, row: scan.Span | None) -> str:
        """Return the XML of a row, by its number, with its cells as they are from now on.

        `row` is the element so far, None for none; a new row without cells is "".
        """
        head = f' r="{number}"' if row is None else row.head
        cells = [] if row is None else scan.find_cells(self.xml, row)
        start, end = _find_inner(row)
        added_before = len(self.added_cells)
        body = self._rewrite_elements(
            start,
            end,
            cells,
            numbers=self.columns[number],
            write=partial(self._write_cell, number, _style_of_row(head)),
        )
        new_columns = [column for _, column in self.added_cells[added_before:]]
        attributes = self.lines.get(number, {})
        if attributes:
            head = set_attributes(head, attributes)
        head = _widen_spans(head, new_columns)
        tag = f"{self.prefix}row"
        if row is not None and row.inner is not None:
            return f"<{tag}{head}>{body}{self.xml[end : row.end]}"
        if new_columns or attributes:
            return f"<{tag}{head.rstrip()}>{body}</{tag}>"
        return "" if row is None else self.xml[row.start : row.end]

    def _write_cell(
        self, row: int, row_style: str, column: int, cell: scan.Span | None
    ) -> str:
        """Return the XML of a cell with another content or format; "" for an empty one that is new.

        `row_style` is the index of the row's format, which a new cell gets; `cell` the element so
        far, None for none. Metadata of the old value (``vm``) are removed.
        """
        position = (row, column)
        inner = ""
        attributes = {}
        head = f' r="{cell_name(row, column)}"'
        if cell is not None:
            head = cell.head
            inner = cell.inner or ""
            row_style = ""
        if style := str(self.styles.get(position, row_style)):
            attributes["s"] = style
        if position in self.positions:
            kind, inner = self._rewrite_content(position, inner)
            attributes |= {"vm": "", "t": kind}
        if cell is None:
            if not inner and position not in self.styles:
                return ""
            self.added_cells.append(position)
        tag = f"{self.prefix}c"
        head = set_attributes(head, attributes)
        return f"<{tag}{head}>{inner}</{tag}>" if inner else f"<{tag}{head}/>"

    def _rewrite_content(self, position: Position, inner: str) -> tuple[str, str]:
        """Return type and content of a cell from now on; `inner` is its content so far."""
        formula = scan.FORMULA.search(inner)
        formula_end = 0 if formula is None else formula.end()
        rest = inner[formula_end:]
        for pattern in (scan.VALUE, scan.INLINE):
            rest = pattern.sub("", rest, count=1)
        kind, content = self.write(position, inner[:formula_end], self.prefix)
        return kind, content + rest

    def _widen_dimension(self, head: str) -> str:
        """Return the XML before the rows (`head`), its used range widened by added cells."""
        tag = re.escape(self.prefix + "dimension")
        match = re.search(rf'<{tag}\s[^>]*?ref="([^"]+)"', head)
        if match is None or not self.added_cells:
            return head
        r1, c1, r2, c2 = parse_range(match[1])
        rows, columns = zip(*self.added_cells, strict=True)
        first = cell_name(min(r1, *rows), min(c1, *columns))
        last = cell_name(max(r2, *rows), max(c2, *columns))
        ref = first if first == last else f"{first}:{last}"
        return f"{head[: match.start(1)]}{ref}{head[match.end(1) :]}"


def _find_inner(row: scan.Span | None) -> tuple[int, int]:
    """Return the indices where the content of a row begins and ends; 0 and 0 for none."""
    if row is None or row.inner is None:
        return 0, 0
    return row.inner_start, row.inner_start + len(row.inner)


def _style_of_row(head: str) -> str:
    """Return the index of the format that new cells of a row get, by its attributes as XML."""
    style = _ROW_STYLE.search(head) if "customFormat" in head else None
    return "" if style is None else style[1]


def _widen_spans(head: str, columns: Collection[int]) -> str:
    """Return the attributes of a row, as XML, with its extent widened by some columns."""
    if not columns:
        return head

    def widen(match: re.Match[str]) -> str:
        first = min(int(match[1]), *columns)
        last = max(int(match[2]), *columns)
        return f"{first}:{last}"

    return _SPANS.sub(widen, head)


def set_attributes(head: str, attributes: Mapping[str, str]) -> str:
    """Return the attributes of a start tag, as XML, with some set; a value "" removes one."""
    for name in attributes:
        head = re.sub(rf"""\s+{name}\s*=\s*(?:"[^"]*"|'[^']*')""", "", head)
    new_attributes = (
        f" {name}={in_quotes(text)}" for name, text in attributes.items() if text
    )
    return head.rstrip() + "".join(new_attributes)
