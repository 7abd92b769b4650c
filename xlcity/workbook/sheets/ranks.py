"""`Ranks`: rank key, competition rank, and the order inside ties."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, along, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.populations import Populations
from xlcity.workbook.sheets.calculate import (
    block_header,
    rank_key,
    unit_columns,
)


def draw(book: Book) -> None:
    """Draw `Ranks`: rank key, competition rank, and the order inside ties."""
    canvas, layout = book.canvas("Ranks"), book.layout
    canvas.heading("ranks", "ranks.note", banner_column=layout.keys.left + 2)
    canvas.widths([16, 20])
    canvas.fit_names(ROW_NAME, layout.composites, 14, 9, extra=book.labels.texts["ranks.positions"])
    canvas.thin(range(ROW_WEIGHT, CODE))
    unit_columns(book, canvas)
    for block, key in (
        (layout.keys, "ranks.keys"),
        (layout.ranks, "ranks.ranks"),
        (layout.positions, "ranks.positions"),
    ):
        # A rank key of 100 has thirteen signs.
        canvas.columns(block.left, block.right, 16 if block is layout.keys else 14)
        canvas.columns(block.right + 1, block.right + 1, 2)
        block_header(book, canvas, block, key)
    chosen = layout.chosen_position_column
    names = book.spec.populations
    for offset, name in enumerate(names):
        canvas.columns(chosen + offset, chosen + offset, 16)
        canvas.label(ROW_NAME, chosen + offset, "ranks.chosen", "header", font_size=9)
        code = f"chosen {name}" if book.spec.apart else "chosen"
        canvas.text(CODE, chosen + offset, code, "stub_code")
    found = Populations(layout)
    members = found.members

    def mine(row: int) -> str:
        return f"Cleaned!{cell(row, layout.CLEANED_POPULATION, 'c')}"

    def above(keys: str, key: str, row: int) -> str:
        if not book.spec.apart:
            return f'COUNTIF({keys},">"&{key})'
        return f'COUNTIFS({members.ref()},{mine(row)},{keys},">"&{key})'

    def earlier(before: str, value: str, row: int) -> str:
        if not book.spec.apart:
            return f"COUNTIF({before},{value})"
        column = members.first_column
        down = f"Cleaned!{cell(FIRST, column, 'rc')}:{cell(row, column, 'c')}"
        return f"COUNTIFS({down},{mine(row)},{before},{value})"

    for row in range(FIRST, layout.last + 1):
        for code in layout.composites:
            score = layout.scores.at(code, row, "Ranks")
            key, rank = layout.keys.at(code, row, "Ranks"), layout.ranks.at(code, row, "Ranks")
            canvas.formula(
                row,
                layout.keys.column(code),
                rank_key(book, score),
                "calculation",
                "0.000000000",
            )
            keys, own = layout.keys.over(code, "Ranks"), "1"
            if book.spec.consecutive_ranks:
                top = cell(FIRST, layout.keys.column(code), "r")
                own = earlier(f"{top}:{key}", key, row)
            canvas.formula(
                row,
                layout.ranks.column(code),
                f'IF(ISNUMBER({key}),{above(keys, key, row)}+{own},"")',
                "calculation_center",
                "0",
            )
            column = layout.ranks.column(code)
            before = f"{cell(FIRST, column, 'r')}:{cell(row, column)}"
            canvas.formula(
                row,
                layout.positions.column(code),
                f'IF(ISNUMBER({rank}),{rank}+{earlier(before, rank, row)}-1,"")',
                "calculation_center",
                "0",
            )
        places = Area("Ranks", row, layout.positions.left, row, layout.positions.right)
        place = along(places.ref("c", "Ranks"), "xl_ranking_column")
        for offset in range(len(found.names)):
            only = f'IF({found.number(row)}={offset + 1},{place},"")'
            canvas.formula(
                row,
                chosen + offset,
                only if book.spec.apart else place,
                "calculation_center",
                "0",
            )
    book.define("out_ranks", layout.ranks.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Ranks", 1, 1, layout.last, chosen + len(names) - 1),
        landscape=False,
        split=(layout.ranks.left, layout.positions.left),
    )
    canvas.protect()
