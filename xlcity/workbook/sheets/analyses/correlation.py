"""`Correlation`: of siblings with one another and of each node with those above, as stored."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.stored_assessment import PAIRS, SIBLINGS
from xlcity.workbook.sheets.analyses.assessment import (
    go_grey,
    node_name,
    repeat_state,
    stored_column,
)
from xlcity.workbook.sheets.table import Column, RowCells, Table

SHEET = "Correlation"
#: Row of the headings of the nodes with several children; the pairs stand below them.
SIBLINGS_HEADER = 8
#: Flag of a pair -> mark.
FLAGS = {"negative": "bad", "low": "note", "high": "derived"}


def has_siblings(layout: Layout) -> bool:
    """Return whether any nodes have siblings."""
    tree = layout.spec.framework
    return any(len(tree.children(code)) > 1 for code in layout.composites)


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, spec, tree = titled_sheet(book, SHEET, banner=5), book.spec, book.spec.framework
    children = [len(tree.children(code)) for code in book.layout.composites]
    groups, assessed = len(spec.populations), spec.assessed
    most_siblings = groups * sum(count > 1 for count in children)
    most_pairs = groups * (
        sum(count * (count - 1) // 2 for count in children)
        + sum(tree.depth(node.code) for node in tree.nodes)
    )
    levels, text = book.labels.ref("correlation.levels"), book.labels.ref

    def name(code: str, cells: RowCells) -> str:
        other = levels if code == "node" else '""'
        return f'IF({cells.population}="","",{node_name(book, code, cells, other)})'

    def remark(cells: RowCells) -> str:
        words = "".join(
            f'IF({cells.flag}="{flag}",{text(f"correlation.{flag}")},' for flag in FLAGS
        )
        return f'{words}""{")" * len(FLAGS)}'

    def named(code: str, key: str, width: float = 30) -> Column:
        look = {"font_size": 9, "text_wrap": True}
        return Column("", f"correlation.{key}", partial(name, code), "name", "", width, look)

    siblings, pairs = (partial(stored_column, book, table) for table in (SIBLINGS, PAIRS))
    tables = (
        ("groups", SIBLINGS, most_siblings, (
            named("node", "group"),
            siblings("population", "statistics.population", "published_center", "@", 30),
            siblings("children", "correlation.children", number="0", width=30),
            *(siblings(end, f"correlation.{end}", number="0.00") for end in ("mean", "least")),
            *(siblings(end, f"correlation.{end}", number="0.00", width=11)
              for end in ("most", "alpha")),
            Column(), Column(),
            siblings("node", role="id", helper=True),
        )),
        ("pairs", PAIRS, most_pairs, (
            named("node", "group"),
            named("first", "one"),
            named("second", "other"),
            pairs("n", "statistics.n", number="0"),
            *(pairs(r, f"correlation.{r}", number="0.00") for r in ("pearson", "spearman")),
            pairs("p", "correlation.p", number="0.000"),
            Column("remark", "correlation.remark", remark, "name", "", 26, {"font_size": 9}),
            pairs("population", "statistics.population", width=11),
            *(pairs(code, role="id", helper=True) for code in ("node", "first", "second", "flag")),
        )),
    )  # fmt: skip
    header = SIBLINGS_HEADER
    for key, defined, most, columns in tables:
        last = header + 1 + max(most, len(assessed.lines(defined)))
        table = Table(canvas, header, header + 2, last, columns, codes=header + 1, define=defined)
        canvas.label(header - 1, 1, f"correlation.{key}", "section")
        header = last + 4
        go_grey(canvas, canvas.area(table.first, 1, table.last, len(columns)))
        table.draw()
    repeat_state(canvas, table.area("n").ref("rc", SHEET))
    r, flag = table.area("pearson"), table.address("flag", table.first)
    canvas.mark_words(r, FLAGS, flag)
    canvas.close(2, 1)
