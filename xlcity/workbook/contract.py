"""Whether a template's formulas are still those it was built with.

The template is drawn again from the workbook's own framework, recipe and cities, and every formula
cell is compared as normalised tokens, so that a save by another program makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlcity.errors import Problem, Where
from xlcity.workbook.read import Template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Book

_STRING = re.compile(r'("(?:[^"]|"")*")')
_SPACE = re.compile(r"\s+")
_PREFIX = re.compile(r"_XLFN\.|_XLWS\.|_XLDUDF_|\[\d+\]!|'[^']*\.XLAM'!", re.IGNORECASE)
#: Rows of `Data` and `Links` move when a user sorts, inserts or deletes; their ranges may have any
#: rows.
_FREE_RANGE = re.compile(r"(?<![A-Z0-9_.])(DATA|LINKS)!\$?([A-Z]+)\$?\d+:\$?([A-Z]+)\$?\d+")
#: Sheets with rows that are the user's.
_FREE = ("Data", "Links")


def normal_form(formula: str) -> str:
    """Return a formula without what a save may change: case, spaces, prefixes, sheet quotes.

    >>> normal_form("sum( 'Data'!$D$9:$D$126 )")
    'SUM(DATA!D:D)'
    """
    parts = []
    for part in _STRING.split(formula):
        if part.startswith('"'):
            parts.append(part)
            continue
        text = _SPACE.sub("", part).upper()
        text = _PREFIX.sub("", re.sub(r"'([A-Z_][A-Z0-9_.]*)'!", r"\1!", text))
        parts.append(_FREE_RANGE.sub(r"\1!\2:\3", text))
    return "".join(parts)


def contract_problems(template: Template, fresh: Book) -> Iterator[Problem]:
    """Yield every formula cell of the fresh template that differs in the workbook.

    Cells of `Data` and `Links` are left out: their rows are the user's to move.
    """
    for name, sheet in fresh.sheets.items():
        if name in _FREE:
            continue
        here = template.book.sheets.get(name)
        if here is None:
            yield Problem(
                "XC434",
                f"the sheet {name} is gone.",
                "Take a fresh template and fill the data in again.",
                Where(template.file, name),
            )
            continue
        for position, cell in sheet.cells.items():
            if cell.formula is None:
                continue
            where = Where(template.file, name, cell_name(*position))
            mine = here.cells.get(position)
            hint = "Restore the formula from a fresh template."
            if mine is None or mine.formula is None:
                if mine is not None and mine.in_array:
                    continue
                value = None if mine is None else mine.value
                shown = "is empty" if value in (None, "") else f"holds {value!r}"
                yield Problem("XC435", f"the cell {shown} where a formula stood.", hint, where)
            elif normal_form(mine.formula) != normal_form(cell.formula):
                yield Problem("XC436", f"the formula was changed to ={mine.formula}.", hint, where)
