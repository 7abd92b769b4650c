"""Columns of `Cleaned` that find scored cities with names nearly alike, for `Checks`."""

from __future__ import annotations

from xlcity.model.near_names import LEAST, LEAST_CONSONANTS, NOISE, PLAIN, VOWELS
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import cell
from xlcity.workbook.layout import CODE, FIRST, NEAR, ROW_NAME


def heads(book: Book, canvas: Canvas) -> None:
    """Write the heads of the columns."""
    left = book.layout.near(NEAR[0]).first_column
    canvas.columns(left, left + len(NEAR) - 1, 10)
    canvas.label(ROW_NAME, left, "cleaned.near", "header", font_size=9)
    for column, name in enumerate(NEAR, left):
        canvas.text(CODE, column, f"near {name}", "stub_code")


def row(book: Book, canvas: Canvas, at: int) -> None:
    """Write a city's bare name, what it has in common with names like it, and the pair."""
    layout = book.layout
    bare, key, _ = (cell(at, layout.near(name).first_column, "c") for name in NEAR)
    unit, shown = cell(at, 1, "c"), cell(at, 2, "c")
    zh, en = (layout.city_cell(name, at) for name in ("name_zh", "name_en"))
    name = f'IF({zh}="",IF({en}="",{unit},{en}),{zh})'
    consonants = _replaced(bare, dict.fromkeys(VOWELS, ""))
    keys = layout.near("key").ref("rc", "Cleaned")
    first, own = f"MATCH({key},{keys},0)", f"ROWS({cell(FIRST, 1, 'rc')}:{unit})"
    names = f"{cell(FIRST, 2, 'rc')}:{cell(layout.last, 2, 'rc')}"
    scored = cell(at, layout.CLEANED_POPULATION, "c")
    formulas = {
        "bare": f'IF({scored}="","",{_replaced(name, dict.fromkeys(NOISE, "") | PLAIN)})',
        "key": f"IF(OR(LEN({bare})<{LEAST},LEN({consonants})<{LEAST_CONSONANTS}),{bare},"
        f"{consonants})",
        "pair": f'IF({key}="","",IF({first}<{own},{shown}&" ~ "&INDEX({names},{first}),""))',
    }
    for column, formula in formulas.items():
        canvas.formula(at, layout.near(column).first_column, formula, "id")


def _replaced(text: str, pairs: dict[str, str]) -> str:
    for old, new in pairs.items():
        text = f'SUBSTITUTE({text},"{old}","{new}")'
    return text
