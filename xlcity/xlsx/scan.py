"""Finds rows and cells in sheet XML without building a tree.

Positions are kept, so that a patch can change a cell and leave every other byte alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from xlcity.xlsx.address import parse_cell

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


class Uniform(NamedTuple):
    """All cells of a sheet as columns; ``None`` is what a cell does not have.

    Attributes
    ----------
    letters, digits
        Column and row.
    kinds
        The type.
    heads, formulas
        Attributes of <f>, and its text.
    values, inlines
        Text of <v>, text of <is>.
    """

    letters: list[str]
    digits: list[str]
    kinds: list[str | None]
    heads: list[str | None]
    formulas: list[str | None]
    values: list[str | None]
    inlines: list[str | None]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns for one namespace prefix (most files use none; some writers say ``x:``)."""

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
    def element(tag: str) -> re.Pattern[str]:
        name = re.escape(prefix + tag)
        return re.compile(rf"<{name}(\s[^>]*?)?(?:/>|>(.*?)</{name}\s*>)", re.S)

    def spanning(tag: str) -> re.Pattern[str]:
        # A comment can hold anything, so it is taken as one token.
        return re.compile(f"<!--.*?-->|{element(tag).pattern}", re.S)

    return Grammar(
        prefix,
        element("sheetData"),
        spanning("row"),
        spanning("c"),
        element("f"),
        element("v"),
        element("is"),
        element("t"),
        element("rPh"),
    )


def find_grammar(xml: str) -> Grammar | None:
    """Return the patterns for a sheet's XML; ``None`` if it is not a worksheet."""
    if (match := _ROOT.search(xml, 0, 4096)) is None:
        return None
    return _build_grammar(f"{match[1]}:" if match[1] else "")


def find_sheet_data(xml: str) -> tuple[int, int]:
    """Return where the rows stand in a sheet that `read_uniform` can read."""
    return xml.find("<sheetData>") + len("<sheetData>"), xml.rfind("</sheetData>")


def split_around_rows(xml: str) -> tuple[str, str]:
    """Return what stands before the rows of a sheet and behind them; the rows are nearly all."""
    start = xml.find("<sheetData")
    if start < 0:
        return xml, ""
    return xml[:start], xml[max(start, xml.rfind("</sheetData>")) :]


def read_uniform(xml: str) -> Uniform | None:
    """Return all cells of a sheet at once; ``None`` if one of them is spelled otherwise."""
    start, end = find_sheet_data(xml)
    # Comments and the like can hold anything.
    if "<sheetData>" not in xml or end < start or "<!--" in xml or "<![CDATA[" in xml:
        return None
    # What is between cells, then what each group holds: columns without a tuple for each cell.
    pieces: list[Any] = _UNIFORM.split(xml[start:end])
    size = _UNIFORM.groups + 1
    if len(pieces) // size != xml.count("<c", start, end):
        return None
    return Uniform(*(pieces[group::size] for group in range(1, size)))


def read_uniform_styles(xml: str) -> list[str]:
    """Return the styles of the cells that `read_uniform` finds, "" for none; few ask for them."""
    return _UNIFORM_STYLE.findall(xml, *find_sheet_data(xml))


def parse_attributes(text: str | None) -> dict[str, str]:
    """Return attributes in any order and either kind of quotes (values as written)."""
    if not text:
        return {}
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


@dataclass(frozen=True, slots=True)
class Span:
    """One element found: where it stands, its number, its attributes and what is inside."""

    start: int
    end: int
    number: int
    head: str
    inner: str | None
    inner_start: int


def find_rows(xml: str, patterns: Grammar, start: int, end: int) -> list[Span]:
    """Return the rows between two positions; a row without ``r`` follows the one before."""
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
