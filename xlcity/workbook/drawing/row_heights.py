"""Heights of rows: LibreOffice does not fit those of a file that names Excel as its program."""

from __future__ import annotations

import math
import re
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
    layout = book.layout
    framework = book.spec.framework
    longest_id = max((len(unit.id) for unit in book.spec.dataset.units), default=0)
    # Inputs beside the tree, such as those of fields, have no row on `Framework`.
    with_rows = {node.code for node in framework.nodes} | {
        *layout.variables,
        *layout.ingredients,
    }
    names = {
        book.retitled(layout.node_name(code)): name_in(book.spec.language, node)
        for code, node in framework.inputs.items()
        if code in with_rows
    }
    for sheet in book.workbook.worksheets():
        texts = {index: text for text, index in sheet.str_table.string_table.items()}
        last_columns = {(row, left): right for row, left, _, right in sheet.merge}
        for row, cells in sheet.table.items():
            if row in sheet.row_info:
                continue
            height = ROW_PIXELS
            for column, content in cells.items():
                form = content.format
                if form is None:
                    continue
                lines = 1.0
                size = form.font_size * PIXELS_PER_POINT
                if form.rotation:
                    lines = longest_id * LETTER / LINE + 1
                elif form.text_wrap:
                    text = texts.get(getattr(content, "string", -1), "")
                    text = text or names.get(getattr(content, "formula", ""), "")
                    if "@" in str(
                        form.num_format
                    ):  # a format may put words before the text
                        text = form.num_format.replace('"', "").replace("@", text)
                    columns = range(column, last_columns.get((row, column), column) + 1)
                    own = sheet.col_info
                    width = sum(own[c].width if c in own else COLUMN for c in columns)
                    lines = count_lines(
                        text, (width - MARGIN) / size / (BOLD if form.bold else 1)
                    )
                height = max(height, math.ceil(lines * size * LINE))
            if height > ROW_PIXELS:
                sheet.set_row_pixels(row, height)


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
