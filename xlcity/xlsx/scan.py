"""Finds rows and cells in sheet XML without building a tree.

Their indices in the text are kept, so that a patch can change a cell and leave every other byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from xlcity.xlsx.address import column_number, parse_cell

_ROOT = re.compile(r"<(?:(\w+):)?worksheet\b")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

# A cell as Excel, LibreOffice, WPS, openpyxl and XlsxWriter write it: attributes in one order, no
# prefix, text without runs.
_UNIFORM = re.compile(
    r'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="\d+")?(?: t="(\w+)")?'
    r"(?:/>|>(?:<f(?!/)([^>]*?)(?:/>|>([^<]+)</f>))?"
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|'
    r'<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_UNIFORM_STYLE = re.compile(r'<c r="[A-Z]{1,3}[1-9]\d{0,6}"(?: s="(\d+)")?')


class CellTexts(NamedTuple):
    """All cells of a sheet as columns; None is what a cell does not have.

    Attributes
    ----------
    rows, columns
        Where they are.
    kinds
        The type: s, str, b, e, …; None for a number.
    heads, formulas
        Attributes of <f>, and its text.
    values, inlines
        Text of <v>, text of <is>.
    """

    rows: list[int]
    columns: list[int]
    kinds: list[str | None]
    heads: list[str | None]
    formulas: list[str | None]
    values: list[str | None]
    inlines: list[str | None]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns of a sheet's elements for one namespace prefix: mostly none, sometimes ``x:``."""

    prefix: str
    data: re.Pattern[str]
    row: re.Pattern[str]
    cell: re.Pattern[str]
    formula: re.Pattern[str]
    value: re.Pattern[str]
    inline: re.Pattern[str]
    text: re.Pattern[str]
    phonetic: re.Pattern[str]


@cache
def _build_grammar(prefix: str) -> Grammar:
    """Return the patterns for a prefix; groups 1 and 2 are attributes and content."""

    def element(tag: str) -> re.Pattern[str]:
        name = re.escape(prefix + tag)
        return re.compile(rf"<{name}(\s[^>]*?)?(?:/>|>(.*?)</{name}\s*>)", re.S)

    def element_or_comment(tag: str) -> re.Pattern[str]:
        # A comment can contain elements, so it is matched as a whole.
        return re.compile(f"<!--.*?-->|{element(tag).pattern}", re.S)

    return Grammar(
        prefix=prefix,
        data=element("sheetData"),
        row=element_or_comment("row"),
        cell=element_or_comment("c"),
        formula=element("f"),
        value=element("v"),
        inline=element("is"),
        text=element("t"),
        phonetic=element("rPh"),
    )


def find_grammar(xml: str) -> Grammar | None:
    """Return the patterns for a sheet's XML; None if it is not a worksheet."""
    if (match := _ROOT.search(xml, 0, 4096)) is None:
        return None
    return _build_grammar(f"{match[1]}:" if match[1] else "")


def find_sheet_data(xml: str) -> tuple[int, int]:
    """Return the indices where the rows begin and end in a sheet that `read_uniform` can read."""
    return xml.find("<sheetData>") + len("<sheetData>"), xml.rfind("</sheetData>")


def read_uniform(xml: str) -> CellTexts | None:
    """Return all cells of a sheet at once; None if one of them is written in another way."""
    start, end = find_sheet_data(xml)
    # Comments and CDATA can contain elements.
    if "<sheetData>" not in xml or end < start or "<!--" in xml or "<![CDATA[" in xml:
        return None
    # The text between cells, then the groups of a cell, and so on.
    pieces: list[Any] = _UNIFORM.split(xml[start:end])
    size = _UNIFORM.groups + 1
    if len(pieces) // size != xml.count("<c", start, end):
        return None
    letters, digits, *texts = (pieces[group::size] for group in range(1, size))
    # The cells of a row share one number.
    row_numbers = {row: int(row) for row in set(digits)}
    return CellTexts([row_numbers[row] for row in digits], [*map(column_number, letters)], *texts)


def read_uniform_styles(xml: str) -> list[str]:
    """Return the styles of the cells that `read_uniform` finds, "" for none."""
    return _UNIFORM_STYLE.findall(xml, *find_sheet_data(xml))


def parse_attributes(text: str | None) -> dict[str, str]:
    """Return the attributes in a start tag by name; entities in their values stay."""
    if not text:
        return {}
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


@dataclass(frozen=True, slots=True)
class Span:
    """A row or cell in a sheet's XML.

    Attributes
    ----------
    start, end, inner_start
        Indices of the element and of its content.
    number
        The number of the row, or of the cell's column.
    head, inner
        Its attributes and its content, as text.
    """

    start: int
    end: int
    number: int
    head: str
    inner: str | None
    inner_start: int


def find_rows(xml: str, patterns: Grammar, start: int, end: int) -> list[Span]:
    """Return the rows between two indices; a row without ``r`` follows the one before."""
    spans, number = [], 0
    for match in patterns.row.finditer(xml, start, end):
        head, inner = match[1], match[2]
        if match[0].startswith("<!--"):
            continue
        given = parse_attributes(head).get("r")
        number = int(given) if given else number + 1
        spans.append(Span(*match.span(), number, head or "", inner, match.start(2)))
    return spans


def find_cells(xml: str, patterns: Grammar, row: Span) -> list[Span]:
    """Return the cells of a row; `number` is the column."""
    spans: list[Span] = []
    if row.inner is None:
        return spans
    column = 0
    stop = row.inner_start + len(row.inner)
    for match in patterns.cell.finditer(xml, row.inner_start, stop):
        head, inner = match[1], match[2]
        if match[0].startswith("<!--"):
            continue
        given = parse_attributes(head).get("r")
        column = parse_cell(given)[1] if given else column + 1
        spans.append(Span(*match.span(), column, head or "", inner, match.start(2)))
    return spans


def read_each_cell(xml: str, patterns: Grammar) -> tuple[CellTexts, list[str]]:
    """Return the cells of a sheet, however they are written, and their styles.

    A cell that stands twice counts as it is last.
    """
    cells: dict[tuple[int, int], tuple[str | None, ...]] = {}
    data = patterns.data.search(xml)
    if data is not None and data[2] is not None:
        for row in find_rows(xml, patterns, data.start(2), data.end(2)):
            for span in find_cells(xml, patterns, row):
                cells[row.number, span.number] = _read_cell(span, patterns)
    columns: list[Any] = [list(column) for column in zip(*cells.values(), strict=True)]
    *texts, styles = columns or [[] for _ in CellTexts._fields[1:]]
    rows, numbers = [row for row, _ in cells], [number for _, number in cells]
    return CellTexts(rows, numbers, *texts), styles


def _read_cell(span: Span, patterns: Grammar) -> tuple[str | None, ...]:
    """Return the texts of a cell in the order of `CellTexts`, and its style."""
    attributes = parse_attributes(span.head)
    kind, style, inner = attributes.get("t", ""), attributes.get("s", "0"), span.inner or ""
    head = formula = value = inline = None
    if "f" in inner and (match := patterns.formula.search(inner)) is not None:
        # A formula without text and attributes is one, too.
        head, formula, inner = match[1] or " ", match[2], inner[match.end() :]
    if kind == "inlineStr":
        if (match := patterns.inline.search(inner)) is not None:
            body = patterns.phonetic.sub("", match[2] or "")
            inline = "".join(text[2] or "" for text in patterns.text.finditer(body))
    elif (match := patterns.value.search(inner)) is not None:
        value = match[2] if kind == "str" else (match[2] or "").strip()
    is_number = not kind or (kind != "str" and not span.inner)
    return None if is_number else kind, head, formula, value, inline, style
