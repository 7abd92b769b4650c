"""`Peers`: groups of cities alike, and the cities nearest to each, as `assess --into` found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.assess.clusters import MOST_GROUPS
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.reading.records import number_of
from xlcity.workbook.reading.stored_assessment import PEER_COUNT, PEER_NAMES, PEERS
from xlcity.workbook.sheets.calculation.calculate import SCORE
from xlcity.workbook.sheets.results import robustness
from xlcity.workbook.sheets.results.robustness import (
    STATE_ROW,
    WHY_ROW,
    assessed_rows,
    city_name,
    go_grey,
    stored_column_ref,
    stored_value,
)
from xlcity.workbook.sheets.table import Column, RowCells, Table, item_table

SHEET = "Peers"
#: Row of the headings of the groups; the cities stand below them.
GROUPS = 8
PILLAR = 12


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=7)
    canvas.thin((3, 6))
    most = MOST_GROUPS * len(book.spec.populations)
    stored_groups = [number_of(line.get("group")) or 0 for line in book.spec.assessed.peers]
    header = GROUPS + int(max([most, *stored_groups])) + 4
    rows = header + assessed_rows(book)
    cities = Table(canvas, header - 1, header + 1, rows, tuple(_city_columns(book)), codes=header)
    groups_known = f"COUNT({cities.area('group').ref('rc', SHEET)})>0"
    for row, otherwise in ((STATE_ROW, book.labels.ref("robustness.none")), (WHY_ROW, '""')):
        source = f"{robustness.SHEET}!{cell(row, 1, 'rc')}"
        shown = f'IF({source}="","",IF({groups_known},{source},{otherwise}))'
        canvas.formula(row, 1, shown, "plain", bold=row == STATE_ROW)
    go_grey(canvas, canvas.area(STATE_ROW, 1, WHY_ROW, 1))
    numbers = range(1, header - GROUPS - 3)
    groups = item_table(canvas, GROUPS, numbers, _group_columns(book, cities))
    for table, title in ((groups, "groups"), (cities, "cities")):
        canvas.label(table.header - 1, 1, f"peers.{title}", "section")
        canvas.fit_names(table.header, _pillar_codes(book), PILLAR)
        go_grey(canvas, canvas.area(table.first, 1, table.last, cities.printed))
        table.draw()
    book.define(PEERS, canvas.area(header, 1, cities.last, cities.right))
    canvas.finish(cities.last, cities.printed, header, 2, titles=(header - 1, header))


def _pillar_codes(book: Book) -> tuple[str, ...]:
    """Return the nodes whose scores are compared."""
    framework = book.spec.framework
    return tuple(node.code for node in framework.children(framework.root.code))


def _city_columns(book: Book) -> Iterator[Column]:
    """Yield city, rank and group, nearest cities with their ranks, scores of the pillars."""
    layout, center = book.layout, "calculation_center"
    units, ranks = (stored_column_ref(book, name) for name in ("unit", "rank"))

    def stored_column(name: str, role: str, width: float, helper: bool = False) -> Column:
        value = partial(stored_value, name=name, book=book, names=PEER_NAMES)
        return Column(name, f"peers.{name}", role=role, number="0" if name == "group" else "@",
                      width=width, value=value, code=name, helper=helper)  # fmt: skip

    def rank_of_city(name: str, cells: RowCells) -> str:
        unit = cells[name]
        return f'IF({unit}="","",IFERROR(INDEX({ranks},MATCH({unit},{units},0)),""))'

    def pillar_score(code: str, cells: RowCells) -> str:
        scores = layout.normalised if code in layout.normalised.codes else layout.scores
        row_of_city = f"MATCH({cells.unit},{layout.ids()},0)"
        pillar_score = f"INDEX({scores.over(code, SHEET, 'rc')},{row_of_city})"
        return f'IF({cells.unit}="","",IFERROR({pillar_score},""))'

    yield stored_column("unit", "id", 13)
    yield Column("name", "data.name", lambda cells: city_name(layout, cells.unit), "name", width=18)
    yield Column("rank", "robustness.rank", partial(rank_of_city, "unit"), "output_center", "0", 8)
    yield stored_column("group", "published_center", 9)
    for name in PEER_NAMES[2:]:
        named = partial(lambda name, cells: city_name(layout, cells[name]), name)
        yield Column(f"{name}_name", f"peers.{name}", named, "name", width=18)
        yield Column(f"{name}_rank", "robustness.rank", partial(rank_of_city, name), center, "0", 7)
    for code in _pillar_codes(book):
        head = layout.framework_cell(code, "display")
        yield Column(
            code, formula=partial(pillar_score, code), number=SCORE, width=PILLAR, head=head
        )
    yield from (stored_column(name, "id", 13, helper=True) for name in PEER_NAMES[2:])


def _group_columns(book: Book, cities: Table) -> Iterator[Column]:
    """Yield number, first city, mean rank, size and mean scores, in the columns of the cities."""
    numbers, names = (cities.area(name).ref("rc", SHEET) for name in ("group", "name"))

    def mean_of_group(name: str, cells: RowCells) -> str:
        values = cities.area(name).ref("rc", SHEET)
        return f'IF({cells.number}="","",IFERROR(AVERAGEIF({numbers},{cells.number},{values}),""))'

    def number(cells: RowCells) -> str:
        return f'IF(COUNTIF({numbers},{cells.ordinal})=0,"",{cells.ordinal})'

    def first_city(cells: RowCells) -> str:
        return f'IF({cells.number}="","",INDEX({names},MATCH({cells.number},{numbers},0)))'

    def size(cells: RowCells) -> str:
        return f'IF({cells.number}="","",COUNTIF({numbers},{cells.number}))'

    yield Column("number", "peers.group", number, "output_center", "0")
    yield Column("first", "peers.first", first_city, "name")
    yield Column(
        "mean", "peers.mean_rank", partial(mean_of_group, "rank"), "calculation_center", "0.0"
    )
    yield Column("size", "peers.size", size, "calculation_center", "0")
    yield from [Column()] * (2 * PEER_COUNT)
    for code in _pillar_codes(book):
        head = book.layout.framework_cell(code, "display")
        yield Column(code, formula=partial(mean_of_group, code), number=SCORE, head=head)
