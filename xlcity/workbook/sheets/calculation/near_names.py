"""Columns of `Cleaned` that find scored cities with names nearly alike, for `Checks`.

Also named is a city whose name was nearly that of a known city when the book was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlcity.model.reading.units import (
    LEAST_CONSONANTS,
    LEAST_LETTERS,
    NAME_NOISE,
    PLAIN_LETTERS,
    VOWELS,
)
from xlcity.reports.known_cities import misspelt_cities
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.rows import FIRST, NEAR_STEPS
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table

#: What a name loses, a few signs in each step, so that a formula can be read.
LOST = [*(dict.fromkeys(NAME_NOISE, "") | PLAIN_LETTERS).items()]
PER_STEP = -(-len(LOST) // (NEAR_STEPS - 1))


def columns(book: Book, city: Table) -> Iterator[tuple[str, Column]]:
    """Yield a city's bare name, what it has in common with names like it, and the pair."""
    layout = book.layout
    scored = [unit for unit in book.spec.dataset.units if unit.population]
    misspelt = [*misspelt_cities([u.name_zh or u.name_en or u.id for u in scored]).items()]

    def name(at: RowCells) -> str:
        unit = cell(at.row, 1, "c")
        zh, en = (layout.city_cell(part, at.row) for part in ("name_zh", "name_en"))
        shown = f'IF({zh}="",IF({en}="",{unit},{en}),{zh})'
        return f'IF({city.address("population", at.row)}="","",{shown})'

    def key(at: RowCells) -> str:
        bare, consonants = at["near bare"], at["near consonants"]
        short = f"OR(LEN({bare})<{LEAST_LETTERS},LEN({consonants})<{LEAST_CONSONANTS})"
        return f"IF({short},{bare},{consonants})"

    def pair(at: RowCells) -> str:
        key, shown = at["near key"], cell(at.row, 2, "c")
        first, own = f"MATCH({key},{key.whole},0)", f"ROWS({key.so_far})"
        other = f"INDEX({cell(FIRST, 2, 'rc')}:{cell(layout.last, 2, 'rc')},{first})"
        typed, known = at["near typed"].whole, at["near known"].whole
        of_known = f"INDEX({known},MATCH({at['near step 1']},{typed},0))"
        return (
            f'IF({key}="","",IF({first}<{own},{shown}&" ~ "&{other},'
            f'IFERROR({shown}&" ~ "&{of_known},"")))'
        )

    def stored(place: int) -> Callable[[RowCells], object]:
        lines = [(name, ", ".join(meant)) for name, meant in misspelt]
        return lambda at: lines[at.slot][place] if at.slot < len(lines) else None

    def step(number: int) -> Formula:
        lost = dict(LOST[(number - 2) * PER_STEP : (number - 1) * PER_STEP])
        return lambda at: replaced(at[f"near step {number - 1}"], lost)

    steps = {f"step {number}": step(number) for number in range(2, NEAR_STEPS)}
    values = {"typed": stored(0), "known": stored(1)}
    formulas: dict[str, Formula | None] = {
        "step 1": name,
        **steps,
        "bare": step(NEAR_STEPS),
        "consonants": lambda at: replaced(at["near bare"], dict.fromkeys(VOWELS, "")),
        "key": key,
        "typed": None,
        "known": None,
        "pair": pair,
    }
    for what, formula in formulas.items():
        code, head = f"near {what}", "cleaned.near" if what == "step 1" else ""
        value = values.get(what)
        yield code, Column(code, head, formula, "id", "", 10, value=value, code=code, helper=True)


def replaced(text: str, pairs: dict[str, str]) -> str:
    """Return the formula of a text in which signs are replaced by others."""
    for old, new in pairs.items():
        text = f'SUBSTITUTE({text},"{old}","{new}")'
    return text
