"""`Ranking`: all units in order of a chosen node, ties kept, with a bar chart of the first."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.charts import bar
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import FIRST

CHOOSER_ROW = 4
HEADER = 7
TOP = 20


def draw(book: Book) -> None:
    """Draw the sheet; the order comes from `Ranks`, so that ties keep every city."""
    canvas, layout, spec = book.canvas("Ranking"), book.layout, book.spec
    types = spec.group_types[:2]
    shown = [c for c in layout.composites if spec.framework.depth(c) <= 1]
    group_left = 5
    score_left = group_left + len(types)
    row_column = score_left + 1 + 2 * len(shown) + 1
    chart_left = row_column + 2
    canvas.heading("ranking", "ranking.note", banner_column=score_left + 2)
    canvas.widths([8, 8, 16, 20, *[15] * len(types), 13, *[11, 7] * len(shown), 2, 7, 2])
    _chooser(book, canvas)
    heads = ["ranking.position", "ranking.rank", "data.id", "data.name"]
    canvas.sheet.set_row(HEADER - 1, 48)
    for column, key in enumerate(heads, 1):
        canvas.label(HEADER, column, key, "header")
    for offset, group_type in enumerate(types):
        canvas.label(HEADER, group_left + offset, f"attribute.{group_type.attribute}", "header")
    canvas.formula(HEADER, score_left, "$E$4", "header")
    for offset, code in enumerate(shown):
        canvas.formula(
            HEADER,
            score_left + 1 + 2 * offset,
            layout.framework_cell(code, "display"),
            "header",
            font_size=9,
        )
        canvas.label(HEADER, score_left + 2 + 2 * offset, "ranking.rank", "header", font_size=8)
    canvas.label(HEADER, row_column, "ranking.row", "note", font_size=8)
    chosen = Area(
        "Ranks", FIRST, layout.chosen_position_column, layout.last, layout.chosen_position_column
    ).ref()
    for slot in range(layout.slots):
        row = HEADER + 1 + slot
        at = cell(row, row_column, "c")
        canvas.formula(
            row, row_column, f'IFERROR(MATCH({place(row)},{chosen},0),"")', "id", font_size=8
        )
        _row(book, canvas, row, at, group_left, score_left, shown)
    last = HEADER + layout.slots
    first_tie = cell(HEADER + 1, 2, "c")
    ranks = Area("Ranking", HEADER + 1, 2, last, 2)
    canvas.mark(
        ranks, f'AND({first_tie}<>"",COUNTIF({ranks.ref("rc", "Ranking")},{first_tie})>1)', "note"
    )
    top = min(TOP, len(spec.dataset.units) or TOP)
    chart = bar(
        book,
        "ranking.chart",
        Area("Ranking", HEADER + 1, 4, HEADER + top, 4),
        Area("Ranking", HEADER + 1, score_left, HEADER + top, score_left),
        name="=Ranking!$E$4",
    )
    chart.set_size({"width": 520, "height": 640})
    canvas.sheet.insert_chart(HEADER - 1, chart_left - 1, chart)
    canvas.frame(HEADER, 4)
    canvas.page(Area("Ranking", 1, 1, last, chart_left + 7))
    canvas.protect()


def place(row: int) -> str:
    """Return the count of rows down to this one, without naming the row's own cell."""
    return f"ROWS({cell(HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"


def _chooser(book: Book, canvas: Canvas) -> None:
    layout = book.layout
    canvas.label(CHOOSER_ROW, 1, "ranking.choose", "section")
    canvas.input(CHOOSER_ROW, 4, book.spec.framework.root.code, "chooser", "@")
    canvas.choices(
        Area("Ranking", CHOOSER_ROW, 4, CHOOSER_ROW, 4),
        "=out_nodes",
        error_title="xlcity",
        error_message="请选择指标代码 / choose a code",
    )
    nodes = Area(
        "Framework",
        layout.framework_column("code").first_row,
        1,
        layout.framework_column("code").last_row,
        1,
    ).ref()
    names = layout.framework_column("display").ref()
    canvas.formula(
        CHOOSER_ROW, 5, f'IFERROR(INDEX({names},MATCH($D$4,{nodes},0)),"?")', "title", font_size=12
    )
    canvas.label(CHOOSER_ROW + 1, 1, "ranking.column", "note")
    canvas.formula(CHOOSER_ROW + 1, 4, "IFERROR(MATCH($D$4,out_nodes,0),1)", "calculation_center")
    book.define("xl_ranking_column", Area("Ranking", CHOOSER_ROW + 1, 4, CHOOSER_ROW + 1, 4))


def _row(
    book: Book,
    canvas: Canvas,
    row: int,
    at: str,
    group_left: int,
    score_left: int,
    shown: list[str],
) -> None:
    layout = book.layout

    def pick(column: str, role: str, number: str, position: int, **style: object) -> None:
        canvas.formula(row, position, f'IF({at}="","",INDEX({column},{at}))', role, number, **style)

    def across(block: object, position: int, role: str, number: str) -> None:
        area = block.span().ref()  # type: ignore[attr-defined]
        canvas.formula(
            row, position, f'IF({at}="","",INDEX({area},{at},xl_ranking_column))', role, number
        )

    canvas.formula(row, 1, f'IF({at}="","",{place(row)})', "calculation_center")
    across(layout.ranks, 2, "output_center", "0")
    units = Area("Scores", FIRST, 1, layout.last, 1).ref()
    names = Area("Scores", FIRST, 2, layout.last, 2).ref()
    pick(units, "id", "", 3)
    pick(names, "name", "", 4)
    for offset, group_type in enumerate(book.spec.group_types[:2]):
        value = f"INDEX({layout.city(group_type.attribute).ref()},{at})"
        canvas.formula(
            row,
            group_left + offset,
            f'IF({at}="","",IFERROR(INDEX(xl_label_texts,MATCH("group.{group_type.attribute}."&'
            f'{value},xl_label_keys,0)),IF({value}="","",{value})))',
            "calculation_center",
            font_size=9,
        )
    across(layout.scores, score_left, "output", "0.00")
    for offset, code in enumerate(shown):
        pick(
            layout.scores.over(code, "Ranking", "rc"),
            "calculation",
            "0.00",
            score_left + 1 + 2 * offset,
        )
        pick(
            layout.ranks.over(code, "Ranking", "rc"),
            "calculation_center",
            "0",
            score_left + 2 + 2 * offset,
        )
