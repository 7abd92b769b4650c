"""How a sheet begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xlcity.workbook.drawing.canvas import Book, Canvas


def titled_sheet(
    book: Book,
    name: str,
    widths: Sequence[float] = (),
    banner: int = 0,
    *,
    note: str = "",
    note_column: int = 2,
    methods: Collection[str] = (),
) -> Canvas:
    """Return the canvas of a new sheet, with title, note and the widths of its columns.

    Parameters
    ----------
    name
        The sheet's; its labels are called so, in lower case.
    banner
        Column of the banner on the data, 0 for none.
    note
        Label of what the sheet is for, where it is not the usual one.
    methods
        Named at the end of the note.
    """
    canvas, key = book.canvas(name), name.lower()
    canvas.heading(key, note or f"{key}.note", banner, note_column, methods)
    canvas.widths(widths)
    return canvas
