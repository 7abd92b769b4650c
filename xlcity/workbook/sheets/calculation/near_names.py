"""Columns of `Cleaned` that find scored cities with names nearly alike, for `Checks`."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.model.reading.near_names import LEAST, LEAST_CONSONANTS, NOISE, PLAIN, VOWELS
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.rows import FIRST, NEAR_STEPS
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table

#: What a name loses, a few signs in each step, so that a formula can be read.
LOST = [*(dict.fromkeys(NOISE, "") | PLAIN).items()]
PER_STEP = -(-len(LOST) // (NEAR_STEPS - 1))


def columns(book: Book, city: Table) -> Iterator[tuple[str, Column]]:
    """Yield a city's bare name, what it has in common with names like it, and the pair."""
    layout = book.layout

    def name(at: RowCells) -> str:
        unit = cell(at.row, 1, "c")
        zh, en = (layout.city_cell(part, at.row) for part in ("name_zh", "name_en"))
        shown = f'IF({zh}="",IF({en}="",{unit},{en}),{zh})'
        return f'IF({city.address("population", at.row)}="","",{shown})'

    def key(at: RowCells) -> str:
        bare, consonants = at["near bare"], at["near consonants"]
        short = f"OR(LEN({bare})<{LEAST},LEN({consonants})<{LEAST_CONSONANTS})"
        return f"IF({short},{bare},{consonants})"

    def pair(at: RowCells) -> str:
        key, shown = at["near key"], cell(at.row, 2, "c")
        first, own = f"MATCH({key},{key.whole},0)", f"ROWS({key.so_far})"
        other = f"INDEX({cell(FIRST, 2, 'rc')}:{cell(layout.last, 2, 'rc')},{first})"
        return f'IF({key}="","",IF({first}<{own},{shown}&" ~ "&{other},""))'

    def step(number: int) -> Formula:
        lost = dict(LOST[(number - 2) * PER_STEP : (number - 1) * PER_STEP])
        return lambda at: replaced(at[f"near step {number - 1}"], lost)

    steps = {f"step {number}": step(number) for number in range(2, NEAR_STEPS)}
    formulas: dict[str, Formula] = {
        "step 1": name,
        **steps,
        "bare": step(NEAR_STEPS),
        "consonants": lambda at: replaced(at["near bare"], dict.fromkeys(VOWELS, "")),
        "key": key,
        "pair": pair,
    }
    for what, formula in formulas.items():
        code, head = f"near {what}", "cleaned.near" if what == "step 1" else ""
        yield code, Column(code, head, formula, "id", "", 10, code=code, helper=True)


def replaced(text: str, pairs: dict[str, str]) -> str:
    """Return the formula of a text in which signs are replaced by others."""
    for old, new in pairs.items():
        text = f'SUBSTITUTE({text},"{old}","{new}")'
    return text
