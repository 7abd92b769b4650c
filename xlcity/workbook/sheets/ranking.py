"""`Ranking`: all units in order of a chosen node, ties kept, with a bar chart of the first."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.charts import bar
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout.groups import Populations
from xlcity.workbook.layout.rows import CODE, FIRST
from xlcity.workbook.sheets.calculate import first_of
from xlcity.workbook.sheets.choosers import node_match, plain

CHOOSER_ROW = 4
HEADER = 7
TOP = 20
#: Name of the node that is chosen, on the sheet of the first population.
CHOSEN = "Ranking!$E$4"
CHART_COLUMNS = 6


def draw(book: Book, place: int = 0) -> None:
    """Draw the sheet; the order comes from `Ranks`, so that ties keep every city.

    The population at `place` is listed; the node is chosen on the sheet of the first.
    """
    sheet = Populations(book.layout).ranking_sheet(place)
    canvas, layout, spec = book.canvas(sheet), book.layout, book.spec
    types = spec.group_types[:2]
    shown = [c for c in layout.composites if spec.framework.depth(c) <= 1]
    group_left = 5
    score_left = group_left + len(types)
    chart_left = score_left + 1 + 2 * len(shown) + 1
    # The helper column stands beyond the chart, out of the printed page.
    row_column = chart_left + CHART_COLUMNS + 1
    population = spec.populations[place]
    key = sheet.lower()
    canvas.heading(key, f"{key}.note", banner_column=score_left + 2, note_column=3)
    kind = 20 if spec.language == "both" else 12
    canvas.widths([5, 6, 13, 18, *[kind] * len(types), 12, *[12, 5.5] * len(shown), 1.5])
    canvas.columns(chart_left, chart_left + CHART_COLUMNS - 1, 9)
    if place == 0:
        _chooser(book, canvas, row_column)
    else:
        canvas.formula(CHOOSER_ROW, 5, CHOSEN, "title", font_size=12)
    heads = ["ranking.position", "ranking.rank", "data.id", "data.name"]
    canvas.fit_names(HEADER, shown, 12, 8)
    canvas.thin((3, 6))
    canvas.sheet.set_row(CHOOSER_ROW - 1, 20)
    for column, key in enumerate(heads, 1):
        canvas.label(HEADER, column, key, "header")
    for offset, group_type in enumerate(types):
        canvas.label(HEADER, group_left + offset, f"attribute.{group_type.attribute}", "header")
    shown_name = CHOSEN if place else "$E$4"
    canvas.formula(HEADER, score_left, shown_name, "header", font_size=8)
    for offset, code in enumerate(shown):
        canvas.formula(
            HEADER,
            score_left + 1 + 2 * offset,
            layout.framework_cell(code, "display"),
            "header",
            font_size=8,
        )
        canvas.label(HEADER, score_left + 2 + 2 * offset, "ranking.rank", "header", font_size=8)
    canvas.label(HEADER, row_column, "ranking.row", "note", font_size=8)
    column = layout.chosen_position_column + place
    chosen = Area("Ranks", FIRST, column, layout.last, column).ref()
    for slot in range(layout.slots):
        row = HEADER + 1 + slot
        at = cell(row, row_column, "c")
        canvas.formula(
            row, row_column, f'IFERROR(MATCH({counted(row)},{chosen},0),"")', "id", font_size=8
        )
        _row(book, canvas, row, at, group_left, score_left, shown)
    last = HEADER + layout.slots
    first_tie = cell(HEADER + 1, 2, "c")
    ranks = canvas.area(HEADER + 1, 2, last)
    canvas.mark(
        ranks, f'AND({first_tie}<>"",COUNTIF({ranks.ref("rc", sheet)},{first_tie})>1)', "note"
    )
    listed = len([unit for unit in spec.dataset.units if unit.population == population])
    top = min(TOP, (listed if spec.apart else len(spec.dataset.units)) or TOP)
    chart = bar(
        book,
        f"={sheet}!{cell(CHOOSER_ROW + 1, chart_left, 'rc')}",
        canvas.area(HEADER + 1, 4, HEADER + top),
        canvas.area(HEADER + 1, score_left, HEADER + top),
        name="=Ranking!$E$4",
    )
    # How many bars there are is said by a cell: a book with one more city is drawn with one more.
    beside = chart_left + CHART_COLUMNS
    canvas.number(CHOOSER_ROW + 1, beside, top, "note", "0")
    bars = cell(CHOOSER_ROW + 1, beside, "rc")
    if sheet == "Ranking":
        book.define("xl_bars", canvas.area(CHOOSER_ROW + 1, beside))
    canvas.formula(
        CHOOSER_ROW + 1,
        chart_left,
        f'{shown_name}&" · "&{book.labels.ref("ranking.chart")}&'
        f"{first_of(book, bars, f'COUNT({chosen})')}",
        "note",
    )
    chart.set_size({"width": 68 * CHART_COLUMNS, "height": 640})
    canvas.sheet.insert_chart(HEADER - 1, chart_left - 1, chart, {"object_position": 3})
    canvas.finish(last, chart_left + CHART_COLUMNS - 1, HEADER, 4)


def counted(row: int) -> str:
    """Return the count of rows down to this one, without naming the row's own cell."""
    return f"ROWS({cell(HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"


def _chooser(book: Book, canvas: Canvas, helper: int) -> None:
    layout = book.layout
    canvas.label(CHOOSER_ROW, 1, "ranking.choose", "section")
    canvas.input(CHOOSER_ROW, 4, book.spec.framework.root.code, "chooser", "@")
    canvas.choices(
        Area("Ranking", CHOOSER_ROW, 4, CHOOSER_ROW, 4),
        "=out_nodes",
        error_type="warning",
        error_title="xlcity",
        error_message="指标代码或名称 / code or name of a node",
    )
    nodes = layout.framework_column("code").ref()
    names = layout.framework_column("display").ref()
    # The title names what is shown, also where the code typed is none of a node.
    code = "INDEX(out_nodes,1,xl_ranking_column)"
    if len(layout.composites) == 1:
        code = Area("Scores", CODE, layout.scores.left, CODE, layout.scores.left).ref()
    shown = f"INDEX({names},MATCH({code},{nodes},0))"
    # Where the node stands on `Framework`, and whether it is one that has scores.
    place, found = (cell(row, helper, "rc") for row in (CHOOSER_ROW, CHOOSER_ROW + 1))
    match = f'IF({plain("$D$4")},{node_match(layout, "$D$4")},"")'
    canvas.formula(CHOOSER_ROW, helper, f'IFERROR({match},"")', "id", font_size=8)
    code = f'IF(OR($D$4="",{place}=""),"",INDEX({nodes},{place}))'
    canvas.formula(CHOOSER_ROW + 1, helper, f'IFERROR(MATCH({code},out_nodes,0),"")', "id",
                   font_size=8)  # fmt: skip
    canvas.formula(
        CHOOSER_ROW, 5, f'IF(ISNUMBER({found}),"","? → ")&{shown}', "title", font_size=12
    )
    canvas.label(CHOOSER_ROW + 1, 1, "ranking.column", "note")
    chosen = f"IF(ISNUMBER({found}),{found},1)"
    canvas.formula(CHOOSER_ROW + 1, 4, chosen, "calculation_center")
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

    canvas.formula(row, 1, f'IF({at}="","",{counted(row)})', "calculation_center")
    across(layout.ranks, 2, "output_center", "0")
    units = layout.ids("Scores")
    names = layout.names("Scores")
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
            shrink=True,
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
