"""`Clusters`: classes of units that resemble each other, by a function of the library.

There is no native form of hierarchical clustering; where the functions are not loaded the sheet
says so, and nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import CODE, FIRST
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table, unit_names
from xlcity.workbook.steps.native_support import not_loaded

SHEET = "Clusters"
#: Rows of the choosers and of the line on the classes.
CHOOSERS = {"k": 4, "linkage": 5, "metric": 6, "standardise": 7}
MESSAGE = 9
#: Classes that have a list of members.
LISTED = 8
HEAD = CODE - 1
#: Columns of a city after its scores.
PER_CITY = 4
#: Head of the table of classes here by printed classes.
CROSSED = 4


@dataclass(frozen=True, slots=True)
class Clusters:
    """What the page shows.

    Parameters
    ----------
    codes
        Nodes whose scores are compared; they stand side by side on `Index`.
    printed
        Unit -> class as printed.
    """

    codes: tuple[str, ...]
    k: int
    linkage: str
    metric: str
    standardise: str = "none"
    printed: Mapping[str, int] = field(default_factory=dict)


def draw(book: Book, shown: Clusters) -> None:
    """Draw the sheet."""
    layout = book.layout
    widths = [16, 18, *[10] * len(shown.codes), 10, 8, 9, 9, 2, *[12] * LISTED, 2, 14, 9]
    canvas = titled_sheet(book, SHEET, widths)
    _draw_choosers(canvas, shown)
    unit_names(book, canvas)
    cities = _draw_cities(book, canvas, shown)
    _draw_message(book, canvas, cities)
    _draw_members(book, canvas, cities)
    if shown.printed:
        _draw_crossed(canvas, shown, cities)
    right = cities.right + 1 + LISTED
    canvas.finish(layout.last, right, CODE, 2, titles=(HEAD, CODE), landscape=False, tall=1)


def _draw_choosers(canvas: Canvas, shown: Clusters) -> None:
    """Write the arguments of the function; k is at most the number of lists."""
    choices: dict[str, tuple[str, ...]] = {
        "k": (),
        "linkage": LINKAGES,
        "metric": METRICS,
        "standardise": STANDARDISATIONS,
    }
    for name, allowed in choices.items():
        row = CHOOSERS[name]
        canvas.label(row, 1, f"clusters.{name}", "stub", font_size=9, text_wrap=False, shrink=True)
        canvas.input(row, 2, getattr(shown, name), "chooser")
        canvas.label(row, 3, f"clusters.{name}.about", "note", font_size=8, indent=1)
        if allowed:
            canvas.choices(canvas.area(row, 2), allowed)
        else:
            canvas.whole_number(canvas.area(row, 2), 2, LISTED)


def _draw_cities(book: Book, canvas: Canvas, shown: Clusters) -> Table:
    """Write scores, the class by function, and what follows from it, city by city."""
    layout = book.layout

    def class_as_printed(cells: RowCells) -> str:
        ids, classes = (area.ref() for area in _printed_columns(layout, shown))
        printed_class = f'IFERROR(INDEX({classes},MATCH({cell(cells.row, 1, "c")},{ids},0)),"")'
        return printed_class if shown.printed else '""'

    def member_key(cells: RowCells) -> str:
        return (
            f'IF({cells.label}="","",{cells.label}&"|"&COUNTIF({cells.label.so_far},{cells.label}))'
        )

    columns = (
        *(Column(code, formula=partial(_score_cell, layout, code), number=SCORE)
          for code in shown.codes),
        Column("call", "clusters.call"),
        Column("label", "clusters.class",
               lambda cells: f'IF(ISNUMBER({cells.call}),{cells.call},"")', "output_center", "0"),
        Column("key", "clusters.key", member_key, "id", style={"font_size": 8}),
        Column("printed", "clusters.printed", class_as_printed, "published_center", "0"),
    )  # fmt: skip
    table = Table(canvas, HEAD, FIRST, layout.last, columns, 3).draw()
    canvas.fit_names(HEAD, shown.codes, 10, 9)
    canvas.heads(HEAD, ("data.id", "data.name"), font_size=9)
    canvas.node_heads(HEAD, shown.codes, 3, 9, CODE)
    canvas.band(CODE, (1, 2, *range(table.column("call"), table.right + 1)), "stub_code")
    values = layout.scores.span(shown.codes).ref()
    chosen = ",".join(cell(row, 2, "rc") for row in CHOOSERS.values())
    area = table.area("call")
    canvas.array(area, f"CLUSTER_LABELS({values},{chosen})", "udf_center", "0")
    canvas.mark(area, f"ISERROR({cell(FIRST, area.c1)})", "absent")
    return table


def _score_cell(layout: Layout, code: str, cells: RowCells) -> str:
    return layout.scores.at(code, cells.row, SHEET)


def _draw_message(book: Book, canvas: Canvas, cities: Table) -> None:
    """Write one line on the classes: how many cities in how many classes, or why none."""
    text, labels = book.labels.ref, cities.area("label").ref("rc", SHEET)
    anchor = cell(FIRST, cities.column("call"), "rc")
    unlisted = f'IF(MAX({labels})>{LISTED}," "&{text("clusters.more")},"")'
    classes_text = f'COUNT({labels})&" "&{text("clusters.done")}&" "&MAX({labels})&{unlisted}'
    none = f"IF(COUNT({labels})=0,{text('clusters.none')},{classes_text})"
    shown = f"IF({not_loaded(anchor)},{text('clusters.absent')},{none})"
    canvas.formula(MESSAGE, 1, shown, "plain", bold=True)
    canvas.mark(canvas.area(MESSAGE, 1), f"COUNT({labels})=0", "note")


def _draw_members(book: Book, canvas: Canvas, cities: Table) -> None:
    """List the members of each class, one column a class."""
    keys, labels = (cities.area(name).ref("rc", SHEET) for name in ("key", "label"))
    names, left = canvas.range(FIRST, 2, book.layout.last), cities.right + 2
    canvas.label(HEAD - 1, left, "clusters.members", "section")
    for column in range(left, left + LISTED):
        number = f"COLUMNS({cell(HEAD, left - 1, 'rc')}:{cell(HEAD, column - 1, 'r')})"
        title = f'{book.labels.ref("clusters.class")}&" "&{number}'
        canvas.formula(HEAD, column, title, "header", font_size=9)
        count = f"COUNTIF({labels},{number})"
        canvas.formula(CODE, column, f'IF({count}=0,"",{count})', "stub_code")
        for row in range(FIRST, book.layout.last + 1):
            above = f"ROWS({cell(CODE, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
            member = f'IFERROR(INDEX({names},MATCH({number}&"|"&{above},{keys},0)),"")'
            canvas.formula(row, column, member, "name", font_size=9)


def _printed_columns(layout: Layout, shown: Clusters) -> tuple[Area, Area]:
    """Return the columns of units and classes as printed: out of print, right of the lists."""
    left = 3 + len(shown.codes) + PER_CITY + 1 + LISTED + 1
    last = FIRST + max(len(shown.printed), 1) - 1
    return (Area(SHEET, FIRST, left, last, left), Area(SHEET, FIRST, left + 1, last, left + 1))


def _draw_crossed(canvas: Canvas, shown: Clusters, cities: Table) -> None:
    """Write the classes as printed, and the counts of classes here by printed classes."""
    ids, _ = _printed_columns(canvas.book.layout, shown)
    canvas.heads(HEAD, ("data.id", "clusters.printed"), ids.c1, font_size=9)
    for row, (unit, number) in enumerate(shown.printed.items(), FIRST):
        canvas.text(row, ids.c1, unit, "published", font_size=9)
        canvas.number(row, ids.c1 + 1, number, "published_center", "0")
    labels, printed = (cities.area(name).ref("rc", SHEET) for name in ("label", "printed"))
    left = cities.right + 2
    canvas.label(CROSSED - 1, left, "clusters.crossed", "section")
    classes = sorted(set(shown.printed.values()))
    form, center = '0;-0;"·"', "calculation_center"

    def class_number(cells: RowCells) -> str:
        return f'IF(COUNTIF({labels},{cells.ordinal})=0,"",{cells.ordinal})'

    def count_in_both(column: int) -> Formula:
        head = cell(CROSSED, column, "r")
        count = f"COUNTIFS({labels},{{0}},{printed},{head})"
        return lambda cells: f'IF({cells.label}="","",{count.format(cells.label)})'

    def unlisted(cells: RowCells) -> str:
        listed = f"SUM({cells[str(classes[0])]}:{cells[str(classes[-1])]})"
        return f'IF({cells.label}="","",COUNTIF({labels},{cells.label})-{listed})'

    narrow = {"font_size": 9, "text_wrap": False, "shrink": True}
    table = item_table(canvas, CROSSED, range(LISTED), (
        Column("label", "clusters.class", class_number, center),
        *(Column(str(number), "", count_in_both(column), center, form)
          for column, number in enumerate(classes, left + 1)),
        Column("", "clusters.unlisted", unlisted, center, form, head_style=narrow),
    ), left=left).draw()  # fmt: skip
    for column, number in enumerate(classes, left + 1):
        canvas.number(CROSSED, column, number, "published_center", "0")
    counts = table.area(str(classes[0]), str(classes[-1]))
    first_count = cell(counts.r1, counts.c1)
    canvas.mark(counts, f"AND(ISNUMBER({first_count}),{first_count}>0)", "good")
