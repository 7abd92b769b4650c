"""`Ranking`: all units in order of a chosen node, ties kept, with a bar chart of the first."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.charts import bar
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER, TWO_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, OUTPUT_CENTER, SMALL, TINY
from xlcity.workbook.labels import name_in
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import first_of
from xlcity.workbook.sheets.choosers import NODES, node_match
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, gap, lookup
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.wildcards import WILDCARDS, is_plain

CHOOSER_ROW = 4
HEADER = 7
TOP = 20
#: Group types that the list has columns of.
GROUPS = 2
#: Rows of a printed page, and of one that stands upright; a few more are made to stand on it, too.
PAGE_ROWS = 48
UPRIGHT_ROWS = 72
#: Name of the node that is chosen, on the sheet of the first population.
CHOSEN = "Ranking!$E$4"
CHART_COLUMNS = 6
CHART_WIDTH = 68 * CHART_COLUMNS - 8  # pixels: a little less than the columns


def draw(book: Book, population: int = 0) -> None:
    """Draw the sheet; the order comes from `Index`, so that ties keep every city.

    `population` is the index of the population that is listed; the node is chosen on the sheet of
    the first.
    """
    sheet = populations_of(book.layout).ranking_sheet(population)
    layout = book.layout
    spec = book.spec
    canvas = titled_sheet(book, sheet, banner=True)
    if spec.group_types:
        canvas.note += book.labels.text("ranking.no_group")
    shown = [c for c in layout.composites if spec.framework.depth(c) == 1]
    columns = _list_columns(book, canvas, population, shown)
    table = Table(
        canvas, HEADER, first=HEADER + 1, last=HEADER + layout.slots, columns=columns
    )
    if population == 0:
        # The helper column stands beyond the chart, out of the printed page.
        _draw_chooser(book, canvas, table.column("position"))
        for name in ("rank", "name", "score", "position"):
            book.ranking_columns[name] = table.column(name)
    else:
        canvas.formula(CHOOSER_ROW, 5, CHOSEN, "title", font_size=12)
    # Any node may be chosen.
    table.draw()
    if spec.apart:  # as many spare rows are printed as where all cities are in one list
        others = [
            u
            for u in spec.dataset.units
            if u.population != spec.populations[population]
        ]
        canvas.bottom -= len(others)
    _draw_chart(book, canvas, table, population)
    blank = f'{cell(table.first, 1, Fix.COLUMN)}=""'
    canvas.mark(
        canvas.area(table.first, 1, table.last, table.column("chart") - 2),
        blank,
        "blank",
    )
    upright = layout.slots > PAGE_ROWS
    pages = round(layout.slots / (UPRIGHT_ROWS if upright else PAGE_ROWS))
    canvas.close(HEADER, 3, landscape=not upright, tall=max(1, pages))


def _list_columns(
    book: Book, canvas: Canvas, population: int, shown: Sequence[str]
) -> tuple[Column, ...]:
    """Return rank, city, groups, score, the scores of the pillars, and the helper."""
    layout = book.layout
    small = TINY
    chosen = order_column(book, population).ref()
    kind = 16 if book.spec.language == "both" else 10

    def score_or_rank(block: Block) -> Formula:
        """Return the formula of the chosen node's score or rank."""
        area = block.span().ref()
        return lambda cells: (
            f'IF({cells.position}="","",INDEX({area},{cells.position},xl_ranking_column))'
        )

    def group_name(attribute: str) -> Formula:
        def formula(cells: RowCells) -> str:
            value = f"INDEX({layout.city(attribute).ref()},{cells.position})"
            name = book.word_of(f"group.{attribute}", value)
            return (
                f'IF({cells.position}="","",IFERROR({name},IF({value}="","—",{value})))'
            )

        return formula

    def position_of(cells: RowCells) -> str:
        return f'IFERROR(MATCH(SMALL({chosen},{cells.line}),{chosen},0),"")'

    def of_node(code: str) -> Column:
        """Return the scores of a node; its ranks are shown where it is chosen."""
        scores = layout.scores.over(code, "Ranking", Fix.BOTH)
        name = layout.node_name(code)
        return Column(
            formula=lookup(scores),
            number=TWO_DECIMALS,
            width=9.5,
            head=name,
            head_style=small,
        )

    center = CENTER
    first_tie = cell(HEADER + 1, 1, Fix.COLUMN)
    ranks = canvas.range(HEADER + 1, 1, HEADER + layout.slots)
    tie = f'AND({first_tie}<>"",COUNTIF({ranks},{first_tie})>1)'
    return (
        Column(
            "rank",
            "ranking.rank",
            score_or_rank(layout.ranks),
            role=OUTPUT_CENTER,
            number=INTEGER,
            width=6,
            marks=[(tie, "note")],
            head_style={},
        ),
        Column(
            key="data.id",
            formula=lookup(layout.ids()),
            role="id",
            hidden=True,
            head_style={},
        ),
        Column(
            "name",
            "data.name",
            lookup(layout.names()),
            role="name",
            width=18,
            head_style={},
        ),
        *(
            Column(
                key=f"attribute.{t.attribute}",
                formula=group_name(t.attribute),
                role=center,
                width=kind,
                style={**SMALL, "shrink": True},
                head_style={},
            )
            for t in book.spec.group_types[:GROUPS]
        ),
        Column(
            "score",
            "profile.score",
            score_or_rank(layout.scores),
            role="output",
            number=TWO_DECIMALS,
            width=9.5,
            head_style={},
        ),
        *(of_node(code) for code in shown),
        gap(1.5),
        Column("chart", width=9),
        *[gap(9)] * (CHART_COLUMNS - 1),
        Column(),
        Column("line", value=lambda cells: cells.slot + 1, helper=True),
        Column("position", "ranking.row", position_of, "id", helper=True),
    )


def ranking_cell(book: Book, name: str, line: int) -> str:
    """Return the address of a column's cell in a line of the list of the first population."""
    return f"Ranking!{cell(HEADER + 1 + line, book.ranking_columns[name], Fix.COLUMN)}"


def order_column(book: Book, population: int = 0) -> Area:
    """Return the column with the order of a population by the chosen node."""
    column = book.layout.chosen.left + population
    return Area.of_column(INDEX, column, FIRST, book.layout.last)


def _draw_chart(book: Book, canvas: Canvas, table: Table, population: int) -> None:
    """Draw the bars of the first cities."""
    spec = book.spec
    left = table.column("chart")
    listed = [
        u for u in spec.dataset.units if u.population == spec.populations[population]
    ]
    top = min(TOP, len(listed if spec.apart else spec.dataset.units) or TOP)
    top = (spec.bars if population == 0 else 0) or top
    names, scores = (
        canvas.area(table.first, table.column(name), HEADER + top)
        for name in ("name", "score")
    )
    # Beside the printed page: how many bars there are. With one more city a book is rebuilt with
    # one more.
    beside = left + CHART_COLUMNS
    chart = bar(book, "=Ranking!$E$4", names, scores)
    canvas.put(CHOOSER_ROW + 1, beside, top, "helper", number=INTEGER)
    if population == 0:
        book.define("xl_bars", canvas.area(CHOOSER_ROW + 1, beside))
    cities = f"COUNT({order_column(book, population).ref()})"
    text = first_of(book, cell(CHOOSER_ROW + 1, beside, Fix.BOTH), cities)
    node = CHOSEN if population else "$E$4"
    # Below the rows that each page repeats: a part of the chart would be repeated with them.
    canvas.insert_chart(
        chart, f"{node}&{text}", table.first, left, width=CHART_WIDTH, height=640
    )


def offered_name(spec: TemplateSpec, code: str) -> str:
    """Return the text by which a node is chosen: its name, with its code where names are alike.

    A name with wildcards could not be looked up: the code alone is offered.
    """
    names = {n.code: name_in(spec.language, n) for n in spec.framework.composites}
    name = names[code]
    if not name or any(sign in name for sign in WILDCARDS):
        return code
    return name if [*names.values()].count(name) == 1 else f"{name} ({code})"


def _draw_names(book: Book, canvas: Canvas, column: int) -> Area:
    """Draw the list of what `offered_name` returns, from the names as they are on the sheet."""
    scores = book.layout.scores
    every = scores.rows_of(scores.codes, ROW_NAME, ROW_NAME).ref()
    for row, code in enumerate(scores.codes, HEADER + 1):
        name, coded = (
            scores.rows_of((code,), above, above).ref() for above in (ROW_NAME, CODE)
        )
        alone = f'IF(SUMPRODUCT(({every}={name})*1)=1,{name},{name}&" ("&{coded}&")")'
        formula = f"IF({is_plain(name)},{alone},{coded})"
        canvas.formula(row, column, formula, "helper")
    last = HEADER + len(scores.codes)
    return canvas.area(HEADER + 1, column, last)


def _draw_chooser(book: Book, canvas: Canvas, helper: int) -> None:
    layout = book.layout
    canvas.heading(CHOOSER_ROW, 1, "ranking.choose")
    names = _draw_names(book, canvas, helper + 1)
    root = offered_name(book.spec, layout.scores.codes[-1])
    canvas.chooser(CHOOSER_ROW, 4, root, f"={names.ref()}", warning=NODES)
    nodes = layout.framework_column("code").ref()
    displayed = layout.framework_column("display").ref()
    # The title names what is shown, also where what is typed is none of a node.
    code = "INDEX(out_nodes,1,xl_ranking_column)"
    if len(layout.composites) == 1:
        code = layout.scores.rows_of(layout.composites, CODE, CODE).ref()
    shown = f"INDEX({displayed},MATCH({code},{nodes},0))"
    # Where the node stands on `Framework`, and whether it is one that has scores.
    framework_row, node_column = (
        cell(row, helper, Fix.BOTH) for row in (CHOOSER_ROW, CHOOSER_ROW + 1)
    )
    match = f'IF({is_plain("$D$4")},{node_match(layout, "$D$4")},"")'
    canvas.formula(CHOOSER_ROW, helper, f'IFERROR({match},"")', "helper")
    code = f"MATCH(INDEX({nodes},{framework_row}),out_nodes,0)"
    offered = f"MATCH($D$4,{names.ref(home=canvas.name)},0)"
    # A name on the list is that of a node, even if an indicator has the same one.
    found = f"IFERROR(IF({is_plain('$D$4')},{offered},{code}),{code})"
    canvas.formula(
        CHOOSER_ROW + 1, helper, f'IF($D$4="","",IFERROR({found},""))', "helper"
    )
    canvas.formula(
        CHOOSER_ROW,
        5,
        f'IF(ISNUMBER({node_column}),"","? → ")&{shown}',
        "title",
        font_size=12,
    )
    chosen = f"IF(ISNUMBER({node_column}),{node_column},{len(layout.composites)})"
    canvas.formula(CHOOSER_ROW, helper + 1, chosen, "helper", number=INTEGER)
    book.define("xl_ranking_column", canvas.area(CHOOSER_ROW, helper + 1))
