"""`Ranks`: rank key, competition rank, and the order inside ties."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculate import (
    block_header,
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
        canvas.columns(block.left, block.right, 14)
        canvas.columns(block.right + 1, block.right + 1, 2)
        block_header(book, canvas, block, key)
    chosen = layout.chosen_position_column
    canvas.columns(chosen, chosen, 16)
    canvas.label(ROW_NAME, chosen, "ranks.chosen", "header", font_size=9)
    canvas.text(CODE, chosen, "chosen", "stub_code")
    for row in range(FIRST, layout.last + 1):
        for code in layout.composites:
            score = layout.scores.at(code, row, "Ranks")
            key, rank = layout.keys.at(code, row, "Ranks"), layout.ranks.at(code, row, "Ranks")
            rounded = f"ROUND({score},par_rank_digits)"
            if "rank_round" in book.parameters:
                rounded = f"ROUND({rounded},par_rank_round)"
            if book.spec.family == "zscore":
                # A small negative score rounds to -0, which engines count below 0 as a criterion.
                rounded = f"{rounded}+0"
            canvas.formula(
                row,
                layout.keys.column(code),
                f'IF(ISNUMBER({score}),{rounded},"")',
                "calculation",
                "0.000000000",
            )
            keys, own = layout.keys.over(code, "Ranks"), "1"
            if book.spec.consecutive_ranks:
                top = cell(FIRST, layout.keys.column(code), "r")
                own = f"COUNTIF({top}:{key},{key})"
            canvas.formula(
                row,
                layout.ranks.column(code),
                f'IF(ISNUMBER({key}),COUNTIF({keys},">"&{key})+{own},"")',
                "calculation_center",
                "0",
            )
            column = layout.ranks.column(code)
            before = f"{cell(FIRST, column, 'r')}:{cell(row, column)}"
            canvas.formula(
                row,
                layout.positions.column(code),
                f'IF(ISNUMBER({rank}),{rank}+COUNTIF({before},{rank})-1,"")',
                "calculation_center",
                "0",
            )
        places = Area("Ranks", row, layout.positions.left, row, layout.positions.right)
        canvas.formula(
            row,
            chosen,
            f"INDEX({places.ref('c', 'Ranks')},1,xl_ranking_column)",
            "calculation_center",
            "0",
        )
    book.define("out_ranks", layout.ranks.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Ranks", 1, 1, layout.last, chosen),
        landscape=False,
        split=(layout.ranks.left, layout.positions.left),
    )
    canvas.protect()
