"""What a press of a button does in Excel: it opens the companion page of the saved workbook.

It runs in the Python that answers Excel's functions, with Excel waiting: so it asks Excel for what
only Excel has, starts the page in a process of its own, and returns.
"""

from __future__ import annotations

from pathlib import Path

import xlwings

from xlcity.api.documents import sentence
from xlcity.api.texts import in_language
from xlcity.desk.shortcut import open_page
from xlcity.errors import UsageError
from xlcity.extension.build import FORM
from xlcity.extension.texts import words


def press(name: str, language: str) -> None:
    """Open the page: at a form, at the trace of the selected cell, or at the checks."""
    book = xlwings.Book.caller()
    file = Path(book.fullname)
    options = []
    if name.startswith(FORM):
        options = [f"--form={name.removeprefix(FORM)}"]
    elif name == "trace" and (selected := book.app.selection) is not None:
        address = selected.get_address(row_absolute=False, column_absolute=False)
        options = [f"--cell={selected.sheet.name}!{address.partition(':')[0]}"]
    with in_language(language):
        if not file.is_file():
            book.app.alert(words("unsaved"), "xlcity")
            return
        try:
            open_page(file, *options)
        except UsageError as error:
            book.app.alert("\n".join(map(sentence, error.problems)), "xlcity")
