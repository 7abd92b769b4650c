"""`Statistics`: the raw values of each indicator, as an assessment stored them."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.reading.stored_assessment import STATISTICS
from xlcity.workbook.sheets.analyses.assessment import (
    go_grey,
    node_name,
    repeat_state,
    stored_column,
)
from xlcity.workbook.sheets.table import Column, Table

SHEET = "Statistics"
HEADER = 7
#: Negative values are in the first section, see `ANY_SIZE`.
SIZED = "[<0.01]General;[>=10000]#,##0;#,##0.000"


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    spec = book.spec
    stored = book.spec.assessed
    rows = max(
        len(spec.populations) * len(book.layout.indicators),
        len(stored.lines(STATISTICS)),
    )

    def stored_cells(
        name: str, number: str = SIZED, width: float = 12, **options: bool
    ) -> Column:
        return stored_column(
            book,
            STATISTICS,
            name,
            f"statistics.{name}",
            "published",
            number,
            width,
            **options,
        )

    table = Table(
        canvas,
        HEADER,
        HEADER + 2,
        HEADER + 1 + rows,
        (
            stored_column(
                book, STATISTICS, "indicator", "framework.code", "stub_code", width=16
            ),
            Column(
                "name",
                "framework.display",
                partial(node_name, book, "indicator"),
                "name",
                "",
                34,
                {"font_size": 9},
            ),
            stored_cells("population", "@", 9.5, helper=not spec.apart),
            *(stored_cells(name, "0", 9.5) for name in ("n", "missing")),
            *map(stored_cells, ("mean", "median", "sd", "minimum", "maximum")),
            *(stored_cells(name, "0.00", 9.5) for name in ("skew", "kurt")),
            *(
                stored_cells(name, "0", 9.5)
                for name in ("zeros", "outliers", "treated")
            ),
            stored_cells("skewed", "0", 9, helper=True),
        ),
        codes=HEADER + 1,
        define=STATISTICS,
    )
    go_grey(canvas, canvas.area(table.first, 1, table.last, table.column("treated")))
    table.draw()
    repeat_state(canvas, table.area("n").ref("rc", SHEET))
    canvas.close(HEADER, 2)
