"""`Peers`: groups of cities alike, and the cities nearest to each, as `assess --into` found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.assess.clusters import MOST_GROUPS
from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Fix
from xlcity.workbook.drawing.number_formats import AS_TEXT, INTEGER, ONE_DECIMAL
from xlcity.workbook.drawing.styles import CENTER, OUTPUT_CENTER
from xlcity.workbook.reading.records import number_of
from xlcity.workbook.reading.stored_assessment import PEER_COUNT, PEERS, TABLES
from xlcity.workbook.sheets.analyses.assessed import stored_column_ref
from xlcity.workbook.sheets.analyses.assessment import (
    assessed_rows,
    city_name,
    go_grey,
    repeat_state,
    stored_column,
)
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table

SHEET = "Peers"
#: Row of the headings of the groups; the cities stand below them.
GROUPS = 8
PILLAR = 12
#: The columns of the cities nearest to each.
NEAREST = TABLES[PEERS][2:]


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    most = MOST_GROUPS * len(book.spec.populations)
    stored_groups = [
        number_of(line.get("group")) or 0 for line in book.spec.assessed.lines(PEERS)
    ]
    header = GROUPS + int(max([most, *stored_groups])) + 4
    cities = Table(
        canvas,
        header - 1,
        first=header + 1,
        last=header + assessed_rows(book),
        columns=tuple(_city_columns(book)),
        codes=header,
        define=PEERS,
    )
    repeat_state(canvas, cities.area("group").ref(home=SHEET))
    groups = item_table(
        canvas, GROUPS, range(1, header - GROUPS - 3), _group_columns(book, cities)
    )
    for table, title in ((groups, "groups"), (cities, "cities")):
        canvas.heading(table.header - 1, 1, f"peers.{title}")
        go_grey(
            canvas,
            canvas.area(
                table.first,
                1,
                table.last,
                cities.column(NEAREST[0]) - 1,
            ),
        )
        table.draw()
    canvas.close(header, 2, titles=(header - 1, header))


def _pillar_codes(book: Book) -> tuple[str, ...]:
    """Return the nodes whose scores are compared."""
    framework = book.spec.framework
    return tuple(node.code for node in framework.children(framework.root.code))


def _city_columns(book: Book) -> Iterator[Column]:
    """Yield city, rank and group, nearest cities, scores of the pillars."""
    layout = book.layout
    units, ranks = (stored_column_ref(book, name) for name in ("unit", "rank"))
    stored = partial(stored_column, book, PEERS)

    def rank_of_city(cells: RowCells) -> str:
        return f'IF({cells.unit}="","",IFERROR(INDEX({ranks},MATCH({cells.unit},{units},0)),""))'

    def pillar_score(code: str, cells: RowCells) -> str:
        scores = layout.normalised if code in layout.normalised.codes else layout.scores
        row_of_city = f"MATCH({cells.unit},{layout.ids()},0)"
        score = f"INDEX({scores.over(code, SHEET, Fix.BOTH)},{row_of_city})"
        return f'IF({cells.unit}="","",IFERROR({score},""))'

    yield stored("unit", "peers.unit", "id", AS_TEXT, width=13)
    yield Column(
        "name",
        "data.name",
        lambda cells: city_name(layout, cells.unit),
        "name",
        width=18,
    )
    yield Column(
        "rank",
        "robustness.rank",
        rank_of_city,
        role=OUTPUT_CENTER,
        number=INTEGER,
        width=8,
    )
    yield stored("group", "peers.group", number=INTEGER)
    for name in NEAREST:
        named = partial(lambda name, cells: city_name(layout, cells[name]), name)
        yield Column(f"{name}_name", f"peers.{name}", named, "name", width=18)
    for code in _pillar_codes(book):
        head = layout.node_name(code)
        yield Column(
            code,
            formula=partial(pillar_score, code),
            number=SCORE,
            width=PILLAR,
            head=head,
        )
    yield from (
        stored(name, f"peers.{name}", "id", AS_TEXT, width=13, helper=True)
        for name in NEAREST
    )


def _group_columns(book: Book, cities: Table) -> Iterator[Column]:
    """Yield number, first city, mean rank, size and mean scores, in the columns of the cities."""
    areas = (cities.area(name) for name in ("group", "name"))
    numbers, names = (area.ref(home=SHEET) for area in areas)

    def where_known(formula: str) -> Formula:
        return lambda cells: f'IF({cells.number}="","",{formula.format(cells.number)})'

    def mean_of(name: str) -> Formula:
        values = cities.area(name).ref(home=SHEET)
        return where_known(f'IFERROR(AVERAGEIF({numbers},{{}},{values}),"")')

    def number(cells: RowCells) -> str:
        return f'IF(COUNTIF({numbers},{cells.ordinal})=0,"",{cells.ordinal})'

    center = CENTER
    first_city = where_known(f"INDEX({names},MATCH({{}},{numbers},0))")
    yield Column("number", "peers.group", number, role=OUTPUT_CENTER, number=INTEGER)
    yield Column("first", "peers.first", first_city, "name")
    yield Column(
        "mean", "peers.mean_rank", mean_of("rank"), role=center, number=ONE_DECIMAL
    )
    yield Column(
        "size",
        "peers.size",
        where_known(f"COUNTIF({numbers},{{}})"),
        role=center,
        number=INTEGER,
    )
    yield from [Column()] * PEER_COUNT
    for code in _pillar_codes(book):
        head = book.layout.node_name(code)
        yield Column(code, formula=mean_of(code), number=SCORE, head=head)
