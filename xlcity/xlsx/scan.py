"""Finds rows and cells in sheet XML without building a tree, and reads their texts as columns.

Their indices in the text are kept, so that a patch can change a cell and leave every other byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from xlcity.xlsx.address import column_number, parse_cell

_ROOT = re.compile(r"<(?:(\w+):)?worksheet\b")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

# A cell as Excel, LibreOffice, WPS, openpyxl and XlsxWriter write it: attributes in one order, no
# prefix, text without runs.
_UNIFORM_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(\w+)")?'
    r"(?:/>|>(?:<f(?!/)([^>]*?)(?:/>|>([^<]+)</f>))?"
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|'
    r'<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
#: Pieces of a split text for each cell: what is before it, and its groups.
_PIECES = _UNIFORM_CELL.groups + 1
#: Those that are no type and no value: the text before a cell, its address, format and formula.
_PIECES_BESIDE_VALUES = (0, 1, 2, 3, 5, 6)
_CELL_START = b"<c "


class CellTexts(NamedTuple):
    """All cells of a sheet as columns; None is what a cell does not have.

    Attributes
    ----------
    rows, columns
        Where they are.
    styles
        The index of the format.
    kinds
        The type: s, str, b, e, …; None for a number.
    heads, formulas
        Attributes of <f>, and its text.
    values, inlines
        Text of <v>, text of <is>.
    """

    rows: list[int]
    columns: list[int]
    styles: list[str | None]
    kinds: list[str | None]
    heads: list[str | None]
    formulas: list[str | None]
    values: list[str | None]
    inlines: list[str | None]


def _compile_element(tag: str, alternative: str = "") -> re.Pattern[str]:
    """Return a pattern that finds an element by its tag, whatever namespace prefix it has.

    Groups 1 to 3 are its name, its attributes and its content. `alternative` is the pattern of
    something else that is matched as a whole and skipped, with "|" at its end.
    """
    return re.compile(
        rf"{alternative}<((?:\w+:)?{tag})(\s[^>]*?)?(?:/>|>(.*?)</\1\s*>)", re.DOTALL
    )


DATA, FORMULA, VALUE, INLINE, _TEXT, _PHONETIC = map(
    _compile_element, ("sheetData", "f", "v", "is", "t", "rPh")
)
# A comment can contain elements, so it is matched as a whole.
_ROW, _CELL = (_compile_element(tag, "<!--.*?-->|") for tag in ("row", "c"))


def find_prefix(xml: str) -> str | None:
    """Return the prefix of a sheet's elements, mostly ""; None if it is not a worksheet."""
    if (match := _ROOT.search(xml, 0, 4096)) is None:
        return None
    return f"{match[1]}:" if match[1] else ""


def find_sheet_data(xml: str) -> tuple[int, int]:
    """Return the indices where the rows begin and end in a sheet that `read_uniform` can read."""
    return xml.find("<sheetData>") + len("<sheetData>"), xml.rfind("</sheetData>")


def read_uniform(xml: str) -> CellTexts | None:
    """Return all cells of a sheet at once; None if one of them is written in an unusual way."""
    start, end = find_sheet_data(xml)
    # Comments and CDATA can contain elements.
    if "<sheetData>" not in xml or "<!--" in xml or "<![CDATA[" in xml:
        return None
    # The text between cells, then the groups of a cell, and so on.
    pieces: list[Any] = _UNIFORM_CELL.split(xml[start:end])
    if len(pieces) // _PIECES != xml.count("<c", start, end):
        return None
    letters, digits, *texts = (pieces[group::_PIECES] for group in range(1, _PIECES))
    # The cells of a row share one number.
    row_numbers = {row: int(row) for row in set(digits)}
    rows = [row_numbers[row] for row in digits]
    columns = [*map(column_number, letters)]
    return CellTexts(rows, columns, *texts)


class ChangedValues(NamedTuple):
    """The cells whose values differ between two sheets, as columns.

    Attributes
    ----------
    indices
        Which cells they are, counted in the order of the file.
    kinds, values, inlines
        Of the new sheet, as in `CellTexts`.
    """

    indices: list[int]
    kinds: list[str | None]
    values: list[str | None]
    inlines: list[str | None]


def changed_values(
    old: bytes, new: bytes, cells: int, *, other_strings: bool
) -> ChangedValues | None:
    """Return the values that differ between two sheets; None if more than values does.

    Parameters
    ----------
    old, new
        The XML of both.
    cells
        How many cells `read_uniform` found in the old one.
    other_strings
        Whether the workbooks number their shared strings otherwise.
    """
    # The first chunk is what stands before the first cell.
    old_chunks = old.split(_CELL_START)
    new_chunks = new.split(_CELL_START)
    if len(old_chunks) != cells + 1 or len(new_chunks) != cells + 1:
        return None
    changed = _find_changed_chunks(old_chunks, new_chunks, other_strings=other_strings)
    if changed[:1] == [0]:
        return None
    before = _split_cells(old_chunks, changed)
    after = _split_cells(new_chunks, changed)
    if len(after) != _PIECES * len(changed) + 1 or _differ_beside_values(before, after):
        return None
    kinds, values, inlines = (after[group::_PIECES] for group in (4, 7, 8))
    text = "".join(filter(None, values + inlines))
    if "&" in text or not text.isprintable():
        return None  # entities and other elements than texts need the full reader
    return ChangedValues([number - 1 for number in changed], kinds, values, inlines)


def _find_changed_chunks(
    old_chunks: list[bytes], new_chunks: list[bytes], *, other_strings: bool
) -> list[int]:
    """Return the indices of chunks that differ, or have a shared string if these are others."""
    pairs = enumerate(zip(old_chunks, new_chunks, strict=True))
    return [
        number
        for number, (before, after) in pairs
        if before != after or (other_strings and b't="s"' in after)
    ]


def _split_cells(chunks: list[bytes], numbers: list[int]) -> list[Any]:
    """Return some of the cells that begin with each chunk, split by `_UNIFORM_CELL`."""
    cells = b"".join([_CELL_START + chunks[number] for number in numbers])
    return _UNIFORM_CELL.split(cells.decode("utf-8", "surrogateescape"))


def _differ_beside_values(before: list[Any], after: list[Any]) -> bool:
    """Return whether cells, split by `_UNIFORM_CELL`, differ in more than type and value."""
    return len(before) != len(after) or any(
        before[piece::_PIECES] != after[piece::_PIECES]
        for piece in _PIECES_BESIDE_VALUES
    )


def parse_attributes(text: str | None) -> dict[str, str]:
    """Return the attributes in the text of a start tag: name -> value as written, with entities."""
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


def find_rows(xml: str, start: int, end: int) -> list[Span]:
    """Return the rows in a sheet's XML between two indices.

    A row without the attribute ``r`` follows the one before.
    """
    return _find_spans(_ROW, xml, start, end, number_of=int)


def find_cells(xml: str, row: Span) -> list[Span]:
    """Return the cells of a row; `number` is the column."""

    def column_of(name: str) -> int:
        number, column = parse_cell(name)
        if number != row.number or not name.isalnum():
            raise ValueError(f"{name!r} in row {row.number}")
        return column

    end = row.inner_start + len(row.inner or "")
    return _find_spans(_CELL, xml, row.inner_start, end, number_of=column_of)


def _find_spans(
    pattern: re.Pattern[str],
    xml: str,
    start: int,
    end: int,
    *,
    number_of: Callable[[str], int],
) -> list[Span]:
    """Return the rows or cells that a pattern of `_compile_element` finds in a part of the XML.

    The part is that from `start` to `end`. `number_of` turns the attribute ``r`` into the number of
    a row or column; an element without ``r`` follows the one before. Comments are left out.
    """
    spans: list[Span] = []
    number = 0
    for match in pattern.finditer(xml, start, end):
        if match[1] is not None:
            address = parse_attributes(match[2]).get("r")
            number = number + 1 if address is None else number_of(address)
            inner_start = match.start(3)
            head = match[2] or ""
            spans.append(Span(*match.span(), number, head, match[3], inner_start))
    return spans


def read_each_cell(xml: str) -> CellTexts:
    """Return the cells of a sheet, however they are written.

    A cell that stands twice counts as it is last.
    """
    cells: dict[tuple[int, int], tuple[str | None, ...]] = {}
    if (data := DATA.search(xml)) is not None:
        for row in find_rows(xml, *data.span(3)):
            for span in find_cells(xml, row):
                cells[row.number, span.number] = _read_cell(span)
    rows = [row for row, _ in cells]
    columns = [column for _, column in cells]
    texts_by_kind = zip(*cells.values(), strict=True)
    texts: list[Any] = [*map(list, texts_by_kind)]
    if not cells:  # without cells there are no columns of texts either
        texts = [[] for _ in CellTexts._fields[2:]]
    return CellTexts(rows, columns, *texts)


def _read_cell(span: Span) -> tuple[str | None, ...]:
    """Return the texts of a cell in the order of `CellTexts`, from the style on.

    Style, type, attributes of the formula, formula, value, inline text; None for what it lacks.
    """
    attributes = parse_attributes(span.head)
    kind = attributes.get("t", "")
    style = attributes.get("s")
    head, formula, inner = _cut_formula(span.inner or "")
    if kind == "inlineStr":
        return style, kind, head, formula, None, _read_inline(inner)
    value = VALUE.search(inner)
    text = None if value is None else value[3]
    return style, kind or None, head, formula, text, None


def _cut_formula(inner: str) -> tuple[str | None, str | None, str]:
    """Return attributes and text of the formula in a cell's content, and what follows it."""
    match = FORMULA.search(inner) if "f" in inner else None
    if match is None:
        return None, None, inner
    # A formula without text and attributes is one, too.
    return match[2] or " ", match[3], inner[match.end() :]


def _read_inline(inner: str) -> str | None:
    """Return the inline text in a cell's content without phonetic guides, None for none."""
    match = INLINE.search(inner)
    if match is None:
        return None
    body = _PHONETIC.sub("", match[3] or "")
    return "".join(text[3] or "" for text in _TEXT.finditer(body))
