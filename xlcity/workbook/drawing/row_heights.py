"""Heights of rows: LibreOffice does not fit those of a file that names Excel as its program."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from xlcity.workbook.drawing.canvas import ROW_PIXELS, Book
from xlcity.workbook.labels import name_in

#: Width of a letter and of a Chinese sign, in heights of their font: those of DejaVu Sans, the
#: widest of usual fonts; a bold letter is so much wider.
LETTER = 0.57
IDEOGRAM = 1.0
BOLD = 1.15
FIRST_IDEOGRAM = "\u2e80"
#: Height of a line, in heights of its font: that of Noto Sans CJK, the tallest of usual fonts;
#: a column's margins, and the width of a column that has none of its own, in pixels.
LINE = 1.45
MARGIN = 5
COLUMN = 64
PIXELS_PER_POINT = 4 / 3
#: Lines that a heading may have, and how much wider a column is for a further letter, in pixels.
HEAD_LINES = 6
WIDER = 7
#: Size of the codes below headings, in points.
CODE_SIZE = 8
#: How a text is turned that a formula gives, the id of a city.
TURNED: dict[str, Any] = {"rotation": 90, "text_wrap": False}
#: What is not broken: a word with the spaces behind it, or a Chinese sign.
UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]+\s*|.", re.DOTALL)


def fit_rows(book: Book) -> None:
    """Make each row without a height of its own as high as its texts need."""
    names = _names_on_framework(book)
    ids = [unit.id for unit in book.spec.dataset.units]
    longest_id = max(map(len, ids), default=0)
    for sheet in book.workbook.worksheets():
        texts = _Texts(sheet, names, longest_id)
        for row, cells in sheet.table.items():
            if row in sheet.row_info:
                continue
            heights = (
                texts.height(row, column, content) for column, content in cells.items()
            )
            height = max(heights, default=ROW_PIXELS)
            if height > ROW_PIXELS:
                sheet.set_row_pixels(row, height)


def _names_on_framework(book: Book) -> dict[str, str]:
    """Return the formula that shows a name of `Framework` elsewhere -> the name."""
    layout = book.layout
    framework = book.spec.framework
    # Inputs beside the tree, such as those of fields, have no row on `Framework`.
    with_rows = {*layout.variables, *layout.ingredients}
    with_rows.update(node.code for node in framework.nodes)
    return {
        book.retitled(layout.node_name(code)): name_in(book.spec.language, node)
        for code, node in framework.inputs.items()
        if code in with_rows
    }


class _Texts:
    """The texts of a drawn sheet, and how high they are."""

    def __init__(self, sheet: Any, names: Mapping[str, str], longest_id: int) -> None:
        strings = sheet.str_table.string_table
        self._texts = {index: text for text, index in strings.items()}
        self._names = names
        self._last_columns = {(row, left): right for row, left, _, right in sheet.merge}
        self._columns = sheet.col_info
        self._turned_lines = longest_id * LETTER / LINE + 1

    def height(self, row: int, column: int, content: Any) -> int:
        """Return the height in pixels that a cell needs."""
        form = content.format
        if form is None:
            return ROW_PIXELS
        size: float = form.font_size * PIXELS_PER_POINT
        lines = 1.0
        if form.rotation:
            lines = self._turned_lines
        elif form.text_wrap:
            right = self._last_columns.get((row, column), column)
            width = (self._width(column, right) - MARGIN) / size
            letter = BOLD if form.bold else 1
            lines = count_lines(self._text(content), width / letter)
        return math.ceil(lines * size * LINE)

    def _text(self, content: Any) -> str:
        """Return what a cell shows."""
        text: str = self._texts.get(getattr(content, "string", -1), "")
        if not text:
            text = self._names.get(getattr(content, "formula", ""), "")
        # A format may put words before the text.
        form = content.format.num_format
        if "@" in str(form):
            text = form.replace('"', "").replace("@", text)
        return text

    def _width(self, left: int, right: int) -> float:
        """Return the width of columns in pixels."""
        own = self._columns
        columns = range(left, right + 1)
        return sum(own[c].width if c in own else COLUMN for c in columns)


def head_width(text: str, size: float, least: int) -> int:
    """Return the width of a column, in letters, whose bold heading is not too high.

    >>> head_width("City", 9, 12), head_width("Patents of the last ten years " * 3, 9, 12)
    (12, 16)
    """
    letter = WIDER / PIXELS_PER_POINT / size / BOLD
    return next(n for n in count(least) if count_lines(text, n * letter) <= HEAD_LINES)


def text_width(text: str, size: float) -> int:
    """Return the width of a column, in letters, in which a text stands in one line.

    >>> text_width("GDP", 8), text_width("MEDIA_VOLUME", 8), text_width("均值", 9)
    (4, 12, 5)
    """
    width = sum(IDEOGRAM if sign >= FIRST_IDEOGRAM else LETTER for sign in text)
    return math.ceil(width * size * PIXELS_PER_POINT / WIDER) + 1


def count_lines(text: str, width: float) -> int:
    """Return how many lines a text takes; the width of the column is in heights of the font.

    >>> count_lines("City international image", 10), count_lines("国际形象", 3), count_lines("", 9)
    (3, 2, 0)
    """
    lines = 0
    for line in text.split("\n") if text else ():
        lines, used = lines + 1, 0.0
        for word in UNBROKEN.findall(line):
            needed = sum(
                IDEOGRAM if sign >= FIRST_IDEOGRAM else LETTER for sign in word.rstrip()
            )
            if used and used + needed > width:
                lines, used = lines + 1, 0.0
            used += needed + LETTER * (len(word) - len(word.rstrip()))
    return lines
