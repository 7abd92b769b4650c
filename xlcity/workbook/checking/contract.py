"""Whether a template's formulas are still those it was built with.

The template is drawn again from the workbook's own framework, recipe and cities, and every formula
cell is compared by its fingerprint (normalised tokens, references in R1C1 form), so that a save by
another program makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.errors import Problem, Where
from xlcity.workbook.checking.inserted_columns import drawn_texts
from xlcity.workbook.reading.template import Template
from xlcity.workbook.steps.method_table import SHEET
from xlcity.workbook.tab_titles import contract_name, titles_of
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Cell, Position, ReadBook
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: What an input cell of `Framework` holds that takes a parameter for all indicators.
SHARED = re.compile(r"par_\w+")
#: Sheets whose rows move when a user sorts, inserts or deletes; ranges there may have any rows.
MOVABLE = titles_of("Data", "Links")
_MOVABLE = frozenset(name.upper() for name in MOVABLE)


def fingerprint(formula: NormalisedFormula) -> str:
    """Return what two formulas have alike when they are the same; movable rows do not count."""
    return "".join(
        token.text
        if token.ref is None or token.ref.single or token.ref.sheet.upper() not in _MOVABLE
        else f"{token.ref.sheet.upper()}!{token.ref.c1.text('C')}:{token.ref.c2.text('C')}"
        for token in formula.tokens
    )


#: Formulas of a workbook: sheet -> cell -> text.
Formulas = Mapping[str, Mapping[Position, str]]


def formulas_of(book: ReadBook) -> Formulas:
    """Return the formulas of a workbook, with the columns of `Data` where a template has them."""
    return {name: drawn_texts(book, name) for name in book.sheets}


@dataclass(frozen=True, slots=True)
class Difference:
    """A formula cell of a template that is not the same in a workbook.

    `position` is ``None`` where the whole sheet is gone; `cell` is ``None`` for one that is
    not there, and holds no formula where a constant stands in its place.
    """

    sheet: str
    position: Position | None
    expected: str
    cell: Cell | None


def differences(
    book: ReadBook, expected: Formulas, forms: FormulaCache | None = None
) -> Iterator[Difference]:
    """Yield every formula cell of the fresh template that differs in the workbook.

    Cells of `MOVABLE` sheets are left out: their rows are the user's to move.
    """
    forms = FormulaCache() if forms is None else forms
    for name, texts in expected.items():
        if name in MOVABLE:
            continue
        if (sheet := book.sheets.get(name)) is None:
            yield Difference(name, None, "", None)
            continue
        mine = drawn_texts(book, name)
        # Most are the same, letter by letter.
        for position in sorted(p for p, text in texts.items() if mine.get(p) != text):
            text, cell = texts[position], sheet.cells.get(position)
            if contract_name(name) == SHEET and SHARED.fullmatch(text):
                # A parameter of one indicator may be typed in place of the one for all.
                continue
            if cell is None or cell.formula is None:
                if cell is None or not cell.in_array:
                    yield Difference(name, position, text, cell)
            else:
                old, new = forms.of(text, *position), forms.of(mine[position], *position)
                if old is not new and fingerprint(old) != fingerprint(new):
                    yield Difference(name, position, text, cell)


def contract_problems(template: Template, expected: Formulas) -> Iterator[Problem]:
    """Yield the differences as problems."""
    for difference in differences(template.book, expected):
        if difference.position is None:
            yield Problem(
                "XC434",
                f"the sheet {difference.sheet} is gone.",
                "Take a fresh template and fill the data in again.",
                Where(template.file, difference.sheet),
            )
            continue
        where = Where(template.file, difference.sheet, cell_name(*difference.position))
        hint = "Restore the formula from a fresh template."
        cell = difference.cell
        if cell is None or cell.formula is None:
            value = None if cell is None else cell.value
            shown = "is empty" if value in (None, "") else f"holds {value!r}"
            yield Problem("XC435", f"the cell {shown} instead of a formula.", hint, where)
        else:
            yield Problem("XC436", f"the formula was changed to ={cell.formula}.", hint, where)
