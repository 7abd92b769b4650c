"""`Correlation`: of siblings with one another and of each node with those above, as stored."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import nested_if
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.stored_assessment import PAIRS
from xlcity.workbook.sheets.analyses.assessment import (
    go_grey,
    node_name,
    repeat_state,
    stored_column,
)
from xlcity.workbook.sheets.table import Column, RowCells, Table

#: The sheet, and the row of its headings.
SHEET = "Correlation"
HEADER = 8
#: Flag of a pair -> mark.
FLAGS = {"negative": "bad", "low": "note", "high": "derived"}


def has_siblings(layout: Layout) -> bool:
    """Return whether any nodes have siblings."""
    tree = layout.spec.framework
    return any(len(tree.children(code)) > 1 for code in layout.composites)


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    spec = book.spec
    tree = book.spec.framework
    children = [len(tree.children(code)) for code in book.layout.composites]
    most_pairs = len(spec.populations) * (
        sum(count * (count - 1) // 2 for count in children)
        + sum(tree.depth(node.code) for node in tree.nodes)
    )
    levels = book.labels.ref("correlation.levels")
    text = book.labels.ref

    def name(code: str, cells: RowCells) -> str:
        other = levels if code == "node" else '""'
        return f'IF({cells.population}="","",{node_name(book, code, cells, other)})'

    def remark(cells: RowCells) -> str:
        words = {
            f'{cells.flag}="{flag}"': text(f"correlation.{flag}") for flag in FLAGS
        }
        return nested_if(words, '""')

    def named(code: str, key: str) -> Column:
        look = {"font_size": 9, "text_wrap": True}
        return Column(
            "", f"correlation.{key}", partial(name, code), "name", "", 30, look
        )

    pairs = partial(stored_column, book, PAIRS)
    rows = max(most_pairs, len(spec.assessed.lines(PAIRS)))
    table = Table(
        canvas,
        HEADER,
        HEADER + 2,
        HEADER + 1 + rows,
        (
            named("node", "group"),
            named("first", "one"),
            named("second", "other"),
            pairs("n", "statistics.n", number="0"),
            *(
                pairs(r, f"correlation.{r}", number="0.00")
                for r in ("pearson", "spearman", "kendall")
            ),
            pairs("p", "correlation.p", number="0.000"),
            Column(
                "remark", "correlation.remark", remark, "name", "", 26, {"font_size": 9}
            ),
            pairs("population", "statistics.population", width=11),
            *(
                pairs(code, role="id", helper=True)
                for code in ("node", "first", "second", "flag")
            ),
        ),
        codes=HEADER + 1,
        define=PAIRS,
    )
    canvas.label(HEADER - 1, 1, "correlation.pairs", "section")
    go_grey(canvas, canvas.area(table.first, 1, table.last, len(table.columns)))
    table.draw()
    repeat_state(canvas, table.area("n").ref("rc", SHEET))
    canvas.mark_words(table.area("pearson"), FLAGS, table.address("flag", table.first))
    canvas.close(2, 1)
