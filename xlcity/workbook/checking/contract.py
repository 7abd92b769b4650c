"""What a workbook is compared with: a template drawn from its own framework, recipe and cities.

Every formula cell is compared by its fingerprint (normalised tokens, references in R1C1 form), so
that a save by another program makes no difference.
"""

from __future__ import annotations

import marshal
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from xlcity.errors import CellValue
from xlcity.functions.arguments import is_blank
from xlcity.model.dataset import Dataset, Link, State
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.spec import TemplateSpec, spec_digest
from xlcity.workbook.steps.method_table import SHEET
from xlcity.workbook.tab_titles import contract_name, titles_of, with_contract_names
from xlcity.xlsx.address import MAX_COLUMNS, column_letters, column_number
from xlcity.xlsx.appearance import Appearance, Aspect, read_appearance
from xlcity.xlsx.cells import Cell, Position, ReadBook, read_book, resolve
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, lex
from xlcity.xlsx.package import Package
from xlcity.xlsx.user_cache import (
    digest_of,
    find_entry,
    is_for_record,
    keep_entry,
)

#: What an input cell of `Framework` holds that takes a parameter for all indicators.
_SHARED = re.compile(r"par_\w+")
#: Sheets whose rows move when a user sorts, inserts or deletes; ranges there may have any rows.
MOVABLE = titles_of("Data", "Links")
MOVABLE_UPPER = frozenset(name.upper() for name in MOVABLE)
DATA = titles_of("Data")
_CODES = "xl_codes"
_SOURCES = "xl_sources"
_COLUMN = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,3}(?![A-Za-z])")
_KIND = "template"

#: What was drawn last: a workbook that is saved again needs the same.
_DRAWN: dict[str, Expected] = {}
#: Formulas of a workbook: sheet -> cell -> text.
Formulas = Mapping[str, Mapping[Position, str]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a workbook is compared with: formulas and what is typed, by sheet and cell, and looks.

    Formulas of `Data` stand in the columns where a template has them.
    """

    formulas: Formulas
    typed: Mapping[str, Mapping[Position, CellValue]]
    appearance: Appearance

    @classmethod
    def of(cls, package: Package, book: ReadBook) -> Expected:
        """Return what a workbook has."""
        typed = {}
        for name, sheet in book.sheets.items():
            positions = [*sheet.cells.keys() - frozenset(sheet.cells.computed())]
            pairs = zip(positions, sheet.values(positions), strict=True)
            typed[name] = {
                position: value for position, value in pairs if not is_blank(value)
            }
        return cls(formulas_of(book), typed, read_appearance(package, book))

    @classmethod
    def from_plain(cls, stored: bytes) -> Self:
        """Return what `to_plain` has written."""
        formulas, typed, aspects, *looks = marshal.loads(stored)
        named = {Aspect(*aspect): text for aspect, text in aspects}
        return cls(formulas, typed, Appearance(named, *looks))

    def to_plain(self) -> bytes:
        """Return it as plain values, to be stored; a template types no error values."""
        shown = self.appearance
        aspects = [(tuple(aspect), text) for aspect, text in shown.aspects.items()]
        looks = shown.formats, shown.filled, shown.program
        values: Any = (self.formulas, self.typed, aspects, *looks)
        return marshal.dumps(values)


def draw_expected(spec: TemplateSpec) -> Expected:
    """Return what a template has, drawn or kept from the last time; nothing depends on its values.

    Raises
    ------
    XlcityError, ValueError
        If it cannot be drawn.
    """
    links = spec.dataset.links.items()
    ties = {code: [*map(_ends_of, lines)] for code, lines in links}
    digest = spec_digest(replace(spec, dataset=without_values(spec.dataset)))
    digest = digest and digest_of((digest, ties))
    if digest is not None and digest in _DRAWN and not is_for_record():
        return _DRAWN[digest]
    if digest is not None and (stored := find_entry(_KIND, digest)) is not None:
        expected = Expected.from_plain(stored)
    else:
        from xlcity.workbook.build import draw  # what draws is read where it is needed

        package, _ = draw(spec)
        expected = Expected.of(package, with_contract_names(read_book(package)))
        if digest is None:
            return expected
        keep_entry(_KIND, digest, expected.to_plain())
    _DRAWN.clear()
    _DRAWN[digest] = expected
    return expected


def _ends_of(link: Link) -> tuple[str, str, bool]:
    """Return what a link ties, and whether it has no value."""
    return link.start, link.end, math.isnan(link.value)


def without_values(dataset: Dataset) -> Dataset:
    """Return a dataset without links and numbers: nothing that is compared depends on these."""
    numbers = np.where(dataset.states == State.VALUE, 0.0, np.nan)
    basis = np.full(dataset.basis.shape, "")
    return replace(dataset, values=numbers, basis=basis, links={})


def fingerprint(formula: NormalisedFormula, home: str = "") -> str:
    """Return what two formulas have alike when they are the same; movable rows do not count.

    `home` is the sheet of the formula, where its own rows move: ranges of all of them do not count.
    """
    pieces = []
    for token in formula.tokens:
        ref = token.ref
        if ref is None or not reads_movable_rows(ref, home):
            pieces.append(token.text)
        else:
            columns = f"{ref.c1.text('C')}:{ref.c2.text('C')}"
            pieces.append(f"{(ref.sheet or home).upper()}!{columns}")
    return "".join(pieces)


def reads_movable_rows(ref: Ref, home: str = "") -> bool:
    """Tell whether a reference is a range of rows that a user moves.

    On its own sheet, `home`, a formula also reads its own row, which moves with it.
    """
    if ref.single:
        return False
    are_rows_fixed = ref.r1.fixed and ref.r2.fixed
    if not ref.sheet and not are_rows_fixed:
        return False
    return (ref.sheet or home).upper() in MOVABLE_UPPER


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
    book: ReadBook, expected: Formulas, forms: FormulaCache
) -> Iterator[Difference]:
    """Yield every formula cell of the fresh template that differs in the workbook.

    Cells of `MOVABLE` sheets are left out: their rows are the user's to move.
    """
    for name, texts in expected.items():
        if name in MOVABLE:
            continue
        if name not in book.sheets:
            yield Difference(name, None, "", None)
        elif not has_drawn_formulas(book, name, texts):
            yield from _differences_on_sheet(book, name, texts, forms)


def _differences_on_sheet(
    book: ReadBook, name: str, texts: Mapping[Position, str], forms: FormulaCache
) -> Iterator[Difference]:
    """Yield the cells of a sheet whose formulas differ from those drawn, in their order."""
    present = drawn_texts(book, name)
    differing = [p for p, text in texts.items() if present.get(p) != text]
    for position in sorted(differing):
        text = texts[position]
        if contract_name(name) == SHEET and _SHARED.fullmatch(text):
            # A parameter of one indicator may be typed in place of the one for all.
            continue
        cell = book.sheets[name].cells.get(position)
        if cell is None or cell.formula is None:
            if cell is None or not cell.in_array:
                yield Difference(name, position, text, cell)
            continue
        old = forms.normalised(text, *position)
        new = forms.normalised(present[position], *position)
        if old is not new and fingerprint(old) != fingerprint(new):
            yield Difference(name, position, text, cell)


def formulas_of(book: ReadBook) -> Formulas:
    """Return the formulas of a workbook, with the columns of `Data` where a template has them."""
    return {name: drawn_texts(book, name) for name in book.sheets}


def has_drawn_formulas(
    book: ReadBook, sheet: str, texts: Mapping[Position, str]
) -> bool:
    """Tell whether a sheet has `texts`, its formulas in a template, letter by letter; most do."""
    # Where columns were inserted follows from values, which copies of the cells do not share.
    if drawn_columns(book):
        return texts.items() <= drawn_texts(book, sheet).items()
    cells = book.sheets[sheet].cells
    return cells.keep(
        "drawn formulas", texts, lambda: texts.items() <= cells.texts().items()
    )


def drawn_texts(book: ReadBook, sheet: str) -> Mapping[Position, str]:
    """Return the formulas of a sheet, where and as a template has them; see `drawn_columns`."""
    texts = book.sheets[sheet].cells.texts()
    columns = drawn_columns(book)
    if not columns:
        return texts
    places = columns if sheet in DATA else {}
    return {
        (row, places.get(column, column)): as_drawn(text, sheet, columns)
        for (row, column), text in texts.items()
    }


def drawn_columns(book: ReadBook) -> Mapping[int, int]:
    """Return column of `Data` -> where a template has it; empty where none was inserted.

    No template has those inserted: they stand for the last column of the sheet.
    """
    if not {_CODES, _SOURCES} <= book.names.keys():
        return {}
    listed = book.block(resolve(book, _SOURCES))[1:]
    codes = {plain_text(row[0]) for row in listed}
    area = resolve(book, _CODES)
    own = [plain_text(head) not in codes for head in book.block(area)[0]]
    # A heading that was typed over inserts nothing.
    inserted = sum(own)
    if area.sheet not in DATA or not inserted or len(own) - inserted != len(codes):
        return {}
    right = max(column for _, column in book.sheets[area.sheet].cells)
    own += [False] * max(right - area.c2, 1)
    columns = {}
    moved = 0
    for column, is_own in enumerate(own, area.c1):
        moved += is_own
        columns[column] = MAX_COLUMNS if is_own else column - moved
    return columns


def as_drawn(formula: str, sheet: str, columns: Mapping[int, int]) -> str:
    """Return a formula of a sheet with the columns of `Data` where a template has them."""

    def moved(match: re.Match[str]) -> str:
        number = column_number(match[0])
        return column_letters(columns.get(number, number))

    pieces = []
    read = sheet
    for match in lex(formula):
        if match.lastgroup in ("range", "columns") and read.title() in DATA:
            pieces.append(_COLUMN.sub(moved, match[0]))
        else:
            pieces.append(match[0])
        read = match[0].rstrip("!").strip("'") if match.lastgroup == "sheet" else sheet
    return "".join(pieces)
