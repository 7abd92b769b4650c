"""A seal: what a workbook held and showed when it was finished, to find and name later changes.

The seal is a text beside the workbook, or on its sheet `Seal`. It holds every typed value, every
formula as its fingerprint, the results under the contract's names, and what the workbook shows:
formats, charts, names, settings. A save by another program breaks nothing: formulas are compared as
normalised tokens, numbers to 15 digits, results as engines are compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from xlcity import __version__
from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.recalc.compare import agree, is_same_entry
from xlcity.workbook.checking import seal_text as lines
from xlcity.workbook.checking.contract import fingerprint
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL_SHEET
from xlcity.workbook.checking.seal_sheet import has_seal
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.address import cell_name, parse_area, parse_range
from xlcity.xlsx.appearance import PLAIN, Appearance, compare_appearance, read_appearance
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.limits import read_file
from xlcity.xlsx.package import Package

SUFFIX = ".seal.txt"
#: Blocks of a template whose values are its results; other workbooks have all numbers sealed.
_RESULTS = ("out_scores", "out_ranks", "out_normalised", "out_pairs")
#: Digits that every program keeps of a number.
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class SealedChange:
    """One thing that is not as it was sealed: an input, a formula, a result, a chart."""

    kind: str
    sheet: str
    cell: str
    before: str
    after: str
    what: str = ""

    def problem(self, file: str | None, label: str = "") -> Problem:
        """Return it as a problem."""
        who = f" ({label or self.what})" if label or self.what else ""
        message = f"the sealed {self.kind}{who} was {self.before} and is {self.after}."
        hint = "Restore it, or seal the workbook again if the change is meant."
        return Problem("XC440", message, hint, Where(file, self.sheet or None, self.cell or None))


@dataclass(frozen=True)
class Seal:
    """A seal.

    Attributes
    ----------
    sheets
        Names, in their order.
    inputs, results
        Sheet -> cell -> value.
    formulas
        Sheet -> position -> fingerprint of its formula.
    appearance
        What the workbook shows.
    file_code
        Checksum of the whole file, "" where it is not known.
    code
        Checksum of the seal: whoever has it written down knows whether the seal was changed.
    """

    sheets: tuple[str, ...]
    inputs: lines.Values
    formulas: lines.Texts
    results: lines.Values
    appearance: Appearance = field(default_factory=Appearance)
    version: str = __version__
    file_code: str = ""
    code: str = ""

    def text(self, name: str) -> str:
        """Return the file for a workbook of a name."""
        look = self.appearance
        facts = {"workbook": name, "sha256 of the file": self.file_code,
                 "saved by": look.program, "sealed by": f"xlcity {self.version}"}  # fmt: skip
        plain = {
            sheet: {position: look.formats[sheet].get(position, PLAIN) for position in sorted(of)}
            for sheet, of in look.filled.items()
        }
        return lines.sealed_text(
            facts,
            {
                "sheets": self.sheets,
                "inputs": lines.value_lines(self.inputs),
                "formulas": lines.text_lines(self.formulas),
                "results": lines.value_lines(self.results),
                "appearance": lines.aspect_lines(look),
                "formats": lines.text_lines(plain),
            },
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many inputs, formula cells and results are sealed, and what is shown."""
        return {
            "inputs": sum(map(len, self.inputs.values())),
            "formulas": sum(map(len, self.formulas.values())),
            "results": sum(map(len, self.results.values())),
            "aspects": len(self.appearance.aspects),
            "formats": sum(map(len, self.appearance.filled.values())),
        }


def seal(package: Package, book: ReadBook) -> Seal:
    """Return the seal of a workbook as it is stored; the seal that it carries is not part of it."""
    shown = read_appearance(package, book)
    if has_seal(book):
        others = {name: sheet for name, sheet in book.sheets.items() if name != SEAL_SHEET}
        book = replace(book, sheets=others)
        aspects = {
            aspect: _without_seal_sheet(text) if aspect.what == "order of sheets" else text
            for aspect, text in shown.aspects.items()
        }
        filled = {name: cells for name, cells in shown.filled.items() if name in others}
        shown = replace(shown, aspects=aspects, filled=filled)
    forms = FormulaCache()
    areas = [area for name in _RESULTS if (area := parse_area(book.names.get(name, "")))]
    inputs: dict[str, dict[str, CellValue]] = {}
    formulas: dict[str, dict[Position, str]] = {}
    results: dict[str, dict[str, CellValue]] = {}
    for sheet in book.sheets.values():
        inputs[sheet.name] = {
            cell_name(*position): _rounded(cell.value)
            for position, cell in sorted(sheet.cells.items())
            if not cell.computed and cell.value not in (None, "")
        }
        formulas[sheet.name] = _fingerprints(sheet, forms)
        wanted = [area for area in areas if area.sheet == sheet.name]
        results[sheet.name] = {
            cell_name(*position): _rounded(cell.value)
            for position, cell in sorted(sheet.cells.items())
            if cell.computed
            and cell.value not in (None, "")
            and (
                any(area.holds(sheet.name, position) for area in wanted)
                or (not areas and isinstance(cell.value, float))
            )
        }
    return Seal(tuple(book.sheets), inputs, formulas, results, shown)


def _without_seal_sheet(order: str) -> str:
    """Return the order of sheets without that of the seal."""
    return ", ".join(name for name in order.split(", ") if name != SEAL_SHEET)


def file_code(path: str | Path) -> str:
    """Return the checksum of a file."""
    return hashlib.sha256(read_file(path)).hexdigest()


def _rounded(value: CellValue) -> CellValue:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _fingerprints(sheet: Sheet, forms: FormulaCache) -> dict[Position, str]:
    arrays = sheet.arrays()
    fingerprints = {}
    for position, formula in sheet.cells.texts():
        text = fingerprint(forms.of(formula, *position))
        if position in arrays:
            r1, c1, r2, c2 = parse_range(arrays[position])  # programs write C6 or C6:C6
            text = f"{{{r2 - r1 + 1}x{c2 - c1 + 1}: {text}}}"
        fingerprints[position] = text
    return fingerprints


def read_seal(path: str | Path) -> Seal:
    """Read a seal.

    Raises
    ------
    WorkbookError
        If it is none, or was changed after sealing.
    """
    where = Where(file=str(path))
    try:
        return seal_from(read_file(path).decode("utf-8-sig"), where)
    except (OSError, ValueError) as error:
        raise _unreadable(error, where) from error


def _unreadable(error: Exception, where: Where) -> WorkbookError:
    message = f"the seal cannot be read ({error})."
    hint = "Use the file that `xlcity seal` of this version wrote, or seal the workbook again."
    return WorkbookError(Problem("XC441", message, hint, where))


def seal_from(text: str, where: Where) -> Seal:
    """Return the seal that a text holds.

    Raises
    ------
    WorkbookError
        As `read_seal`.
    """
    try:
        parsed, is_intact = _parse_seal(text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _unreadable(error, where) from error
    if not is_intact:
        hint = "Use the file that `xlcity seal` wrote. It also printed the code."
        raise WorkbookError(Problem("XC441", "the seal itself was changed.", hint, where))
    return parsed


def _parse_seal(text: str) -> tuple[Seal, bool]:
    facts, sections, code, is_intact = lines.parse_sealed(text)
    if not is_intact:
        return Seal((), {}, {}, {}), False
    formats = lines.read_texts(sections["formats"])
    sheets = tuple(sections["sheets"])
    appearance = Appearance(
        lines.read_aspects(sections["appearance"]),
        {
            sheet: {p: text for p, text in formats.get(sheet, {}).items() if text != PLAIN}
            for sheet in sheets
        },
        {sheet: frozenset(formats.get(sheet, ())) for sheet in sheets},
        facts["saved by"],
    )
    return (
        Seal(
            sheets,
            lines.read_values(sections["inputs"]),
            lines.read_texts(sections["formulas"]),
            lines.read_values(sections["results"]),
            appearance,
            facts["sealed by"].removeprefix("xlcity "),
            facts["sha256 of the file"],
            code,
        ),
        True,
    )


def broken(sealed: Seal, package: Package, book: ReadBook) -> Iterator[SealedChange]:
    """Yield what is not as it was sealed: inputs, formulas, results, then what is shown."""
    now = seal(package, book)
    for sheet in sealed.sheets:
        if sheet not in book.sheets:
            yield SealedChange("sheet", sheet, "", "there", "gone")
    for sheet in now.sheets:
        if sheet not in sealed.sheets:
            yield SealedChange("workbook", sheet, "", "without this sheet", "with it")
    for kind, old, new in (
        ("input", sealed.inputs, now.inputs),
        ("formula", _by_cell_name(sealed.formulas), _by_cell_name(now.formulas)),
        ("result", sealed.results, now.results),
    ):
        for sheet in sealed.sheets:
            if sheet not in new:
                continue
            cells = old.get(sheet, {})
            for cell in dict.fromkeys((*cells, *new[sheet])):
                before, after = cells.get(cell), new[sheet].get(cell)
                if not _is_same(kind, before, after):
                    yield SealedChange(kind, sheet, cell, _shown_text(before), _shown_text(after))
    for change in compare_appearance(sealed.appearance, now.appearance):
        kind, sheet, cell, what = change.aspect
        before, after = (_shown_text(text or None) for text in (change.before, change.after))
        yield SealedChange(kind, sheet, cell, before, after, what)


def _by_cell_name(formulas: lines.Texts) -> dict[str, dict[str, CellValue]]:
    return {
        sheet: {cell_name(*position): text for position, text in cells.items()}
        for sheet, cells in formulas.items()
    }


def _is_same(kind: str, before: CellValue, after: CellValue) -> bool:
    """Compare; typed numbers digit by digit, results as engines are compared."""
    if kind == "input":
        return is_same_entry(before, after)
    return before == after or (kind == "result" and agree(before, after))


def _shown_text(value: CellValue) -> str:
    if value is None:
        return "empty"
    if isinstance(value, float):
        return plain_text(value) if value.is_integer() else f"{value:.15g}"
    text = str(value)
    return text if len(text) <= 120 else text[:120] + "…"
