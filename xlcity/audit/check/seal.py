"""A seal: what a workbook held and showed when it was finished, to find and name later changes.

The seal is a text beside the workbook, or on its sheet `Seal`. It holds every typed value, every
formula as its fingerprint, the results under the contract's names, and what the workbook shows:
formats, charts, names, settings. A save by another program breaks nothing: formulas are compared as
normalised tokens, numbers to 15 digits, results as engines are compared. People read the text: each
line is a JSON array of a kind, the cells and what they hold; the last line is a checksum of all
above.
"""

from __future__ import annotations

import hashlib
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.audit.lint.finding import Finding, first_cell
from xlcity.audit.lint.moved_rows import MovedRows, fingerprint_with_rows
from xlcity.errors import (
    CellError,
    CellValue,
    Problem,
    Where,
    WorkbookError,
    system_reason,
)
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.recalc.compare import agree, is_same_typed_value
from xlcity.workbook.checking.seal_sheet import HEAD, has_seal
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL_SHEET
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.address import (
    Range,
    full_address,
    parse_area,
    parse_range,
    ranges_text,
    split_sheet,
)
from xlcity.xlsx.address import cell_name as name_of
from xlcity.xlsx.appearance import (
    OUT_OF_REACH,
    PLAIN,
    Appearance,
    Aspect,
    compare_appearance,
    read_appearance,
)
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.features import VALIDATION
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.limits import read_file
from xlcity.xlsx.package import Package
from xlcity.xlsx.shown import Shown
from xlcity.xlsx.text import replace_undecodable

SUFFIX = ".seal.txt"
#: What is said of a cell or an aspect that is not there.
EMPTY = "empty"
_NOT_A_SEAL = "seal.no_seal"
#: Beginnings of the names of a template's areas.
_CONTRACT = ("in_", "xl_", "par_", "out_", "chk_", "lnk_")
#: Blocks of a template whose values are its results; other workbooks have all numbers sealed.
_RESULTS = ("out_scores", "out_ranks", "out_normalised", "out_pairs")
#: Error values are objects, to tell them from texts.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, default=lambda error: {"error": str(error)}
)
#: Sheet -> cell -> value or text.
_Cells = Mapping[str, Mapping[Position, CellValue]]


#: Settings that change what numbers are, and those that change which of them a reader sees.
_OF_NUMBERS = ("precision", "first day")
_OF_SIGHT = (
    "hidden rows",
    "hidden columns",
    "sheet",
    "zeros",
    "formulas",
    "window",
    "sheet tabs",
    "print area",
    "calculation mode",
    "macros",
    "data connections",
    OUT_OF_REACH,
)
#: Kinds of what is shown that a save by another program or a remark changes: no reader is misled.
_PRESENTATION = ("note", VALIDATION, "property", "scenario")
#: Kinds of content, which people typed -> their names.
_KINDS_OF_CONTENT = {
    "input": "sealed.input",
    "formula": "sealed.formula",
    "result": "sealed.result",
    "note": "sealed.note",
}
#: Names that a program gives to sheets for its own use.
_PROGRAM_NAMES = ("Print_Titles", "Print_Area", "_FilterDatabase")


class Grade(StrEnum):
    """What a change since sealing touches; a finding about it is as grave as its level says."""

    SCORES = "scores"
    SHOWN = "shown"
    PRESENTATION = "presentation"

    @property
    def level(self) -> str:
        """Severity of a finding, "" for an error."""
        levels = {Grade.SHOWN: "warning", Grade.PRESENTATION: "note"}
        return levels.get(self, "")


class ChangedSealError(WorkbookError):
    """A seal that was changed after it was written."""

    code = "XC441"


def _grade_of_setting(name: str) -> Grade:
    """Return what a setting of the workbook touches."""
    if name in _OF_NUMBERS:
        return Grade.SCORES
    return Grade.SHOWN if name in _OF_SIGHT else Grade.PRESENTATION


@dataclass(frozen=True, slots=True)
class SealedChange:
    """One thing that is not as it was sealed: an input, a formula, a result, a chart."""

    kind: str
    sheet: str
    cell: str = ""
    before: str = ""
    after: str = ""
    what: str = ""
    is_label: bool = False

    @property
    def grade(self) -> Grade:
        """Whether it changes scores, what a reader sees of them, or presentation alone."""
        if self.is_label or self.kind == "workbook":
            return Grade.SHOWN
        if self.kind in ("input", "formula", "result", "sheet"):
            return Grade.SCORES
        if self.kind == "name":
            is_of_program = self.what in _PROGRAM_NAMES
            return Grade.PRESENTATION if is_of_program else Grade.SCORES
        if self.kind == "setting":
            return _grade_of_setting(self.what)
        return Grade.PRESENTATION if self.kind in _PRESENTATION else Grade.SHOWN

    def finding(self) -> Finding:
        """Return it as a finding; results follow from other changes."""
        message = self._describe()
        cell = first_cell(self.cell)
        region = self.cell if cell != self.cell else ""
        # Copies of a formula that changed alike, as after a row was inserted, are one finding.
        cells = "" if self.kind == "formula" else self.cell
        fault = " ".join(filter(None, (self.sheet, cells, self.what or message)))
        if self.kind in ("result", "setting"):
            fault = self.what or self.kind
        return Finding(
            "E16",
            self.sheet,
            cell,
            message,
            region=region,
            fault=fault,
            level=self.grade.level,
        )

    def _describe(self) -> str:
        """Return what it was and is: content as people typed it, all else in words."""
        key = _KINDS_OF_CONTENT.get(self.kind)
        texts: dict[str, str] = {
            "kind": Message(key) if key else Shown(self.kind),
            "before": _shown_content(self.before) if key else Shown(self.before),
            "after": _shown_content(self.after) if key else Shown(self.after),
        }
        if self.what:
            return Message("look.sealed_what", what=Shown(self.what), **texts)
        return Message("look.sealed", **texts)


def _shown_content(text: str) -> str:
    return Message("sealed.empty") if text == EMPTY else text


@dataclass(frozen=True)
class Seal:
    """A seal.

    Attributes
    ----------
    sheets
        Names, in their order.
    cells
        "input", "formula" and "result" -> sheet -> position -> what is sealed: the fingerprint of
        a formula, or a value, numbers with the 15 digits that every program keeps.
    appearance
        What the workbook shows.
    file_code
        Checksum of the whole file, "" where it is not known.
    code
        Checksum of the seal: whoever has it written down knows whether the seal was changed.
    """

    sheets: tuple[str, ...]
    cells: Mapping[str, _Cells]
    appearance: Appearance
    file_code: str = ""
    code: str = ""

    def text(self, name: str) -> str:
        """Return the file for a workbook of a name."""
        look = self.appearance
        facts = {
            "workbook": replace_undecodable(name),
            "sha256 of the file": self.file_code,
            "saved by": look.program,
            "sealed by": f"xlcity {__version__}",
        }
        formats = {
            sheet: _formats_of(filled, look.formats[sheet])
            for sheet, filled in look.filled.items()
        }
        records: list[object] = [facts]
        records += [["sheet", sheet] for sheet in self.sheets]
        for kind, cells in self.cells.items():
            records += _records(kind, cells)
        records += [
            ["aspect", *aspect, shown] for aspect, shown in look.aspects.items()
        ]
        records += _records("format", formats)
        sealed = "\n".join([HEAD, *map(_ENCODER.encode, records), ""])
        return f"{sealed}\nseal: {_digest(sealed)}\n"

    @property
    def counts(self) -> dict[str, int]:
        """How many inputs, formula cells and results are sealed, and what is shown."""
        counts = {
            f"{kind}s": sum(map(len, cells.values()))
            for kind, cells in self.cells.items()
        }
        counts["aspects"] = len(self.appearance.aspects)
        counts["formats"] = sum(map(len, self.appearance.filled.values()))
        return counts


def _formats_of(
    filled: Iterable[Position], formats: Mapping[Position, str]
) -> dict[Position, str]:
    """Return the format of each filled cell."""
    return {cell: formats.get(cell, PLAIN) for cell in sorted(filled)}


def seal(package: Package, book: ReadBook) -> Seal:
    """Return the seal of a workbook as it is stored; the seal that it carries is not part of it."""
    shown = read_appearance(package, book)
    if has_seal(book):
        sheets = {n: sheet for n, sheet in book.sheets.items() if n != SEAL_SHEET}
        book = replace(book, sheets=sheets)
        shown = _without_seal(shown)
    areas = _areas_of_results(book)
    forms = FormulaCache()
    inputs: dict[str, dict[Position, CellValue]] = {}
    results: dict[str, dict[Position, CellValue]] = {}
    formulas: dict[str, dict[Position, str]] = {}
    for name, sheet in book.sheets.items():
        of_sheet = [area for area in areas if area.sheet == name]
        inputs[name], results[name] = _sealed_values(sheet, name, of_sheet, bool(areas))
        formulas[name] = _fingerprints(sheet, forms)
    cells: dict[str, _Cells] = {"input": inputs, "formula": formulas, "result": results}
    return Seal(tuple(book.sheets), cells, shown)


def _without_seal(shown: Appearance) -> Appearance:
    """Return what a workbook shows beside the sheet of its seal."""
    aspects = dict(shown.aspects)
    for aspect, text in shown.aspects.items():
        if aspect.what == "order of sheets":
            names = [name for name in text.split(", ") if name != SEAL_SHEET]
            aspects[aspect] = ", ".join(names)
    filled = {n: cells for n, cells in shown.filled.items() if n != SEAL_SHEET}
    return replace(shown, aspects=aspects, filled=filled)


def _areas_of_results(book: ReadBook) -> list[Range]:
    """Return the areas of a template's scores and ranks; none in other workbooks."""
    areas = (parse_area(book.names.get(name, "")) for name in _RESULTS)
    return [area for area in areas if area]


def _sealed_values(
    sheet: Sheet, name: str, results_at: Sequence[Range], is_template: bool
) -> tuple[dict[Position, CellValue], dict[Position, CellValue]]:
    """Return what is typed into a sheet, and its results: of other workbooks all numbers."""
    inputs: dict[Position, CellValue] = {}
    results: dict[Position, CellValue] = {}
    for position, cell in sorted(sheet.cells.items()):
        if cell.value in (None, ""):
            continue
        if not cell.computed:
            inputs[position] = _sealed_value(cell.value)
            continue
        is_number = isinstance(cell.value, float)
        is_result = any(area.holds(name, position) for area in results_at)
        if is_result or (is_number and not is_template):
            results[position] = _sealed_value(cell.value)
    return inputs, results


def _sealed_value(value: CellValue) -> CellValue:
    """Return a value as it is sealed: numbers with the digits that every program keeps."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.15g}")


def file_code(path: str | Path) -> str:
    """Return the checksum of a file."""
    return hashlib.sha256(read_file(path)).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprints(sheet: Sheet, forms: FormulaCache) -> dict[Position, str]:
    arrays = sheet.arrays()
    fingerprints = {}
    for position, formula in sheet.cells.texts().items():
        text = fingerprint_with_rows(forms.normalised(formula, *position), position)
        if position in arrays:
            top, left, bottom, right = parse_range(arrays[position])  # C6 or C6:C6
            text = f"{{{bottom - top + 1}x{right - left + 1}: {text}}}"
        fingerprints[position] = text
    return fingerprints


def changes_since(
    sealed: Seal, package: Package, book: ReadBook
) -> Iterator[SealedChange]:
    """Yield what is not as it was sealed: inputs, formulas, results, then what is shown."""
    now = seal(package, book)
    for sheet in sealed.sheets:
        if sheet not in book.sheets:
            yield SealedChange("sheet", sheet, before="there", after="gone")
    for sheet in now.sheets:
        if sheet not in sealed.sheets:
            yield SealedChange(
                "workbook", sheet, before="without this sheet", after="with it"
            )
    yield from _changed_cells(sealed, now, _contract_areas(book))
    for change in compare_appearance(sealed.appearance, now.appearance):
        kind, sheet, cell, what = change.aspect
        before = _shown_text(change.before or None)
        after = _shown_text(change.after or None)
        yield SealedChange(kind, sheet, cell, before=before, after=after, what=what)


def _changed_cells(
    sealed: Seal, now: Seal, areas: list[Range]
) -> Iterator[SealedChange]:
    """Yield the inputs, formulas and results that are not as they were sealed.

    `areas` are those of a template whose texts count.
    """
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "input": is_same_typed_value,
        "formula": _rows_that_moved(sealed, now).are_same,
        "result": agree,
    }
    stay = [name for name in sealed.sheets if name in now.sheets]
    for kind, sheet in product(compare, stay):
        cells = sealed.cells[kind].get(sheet, {})
        cells_now = now.cells[kind][sheet]
        for position in dict.fromkeys((*cells, *cells_now)):
            before = cells.get(position)
            after = cells_now.get(position)
            if type(before) is type(after) and compare[kind](before, after):
                continue
            is_typed_text = kind == "input" and _is_text(before) and _is_text(after)
            is_label = is_typed_text and _is_unread(areas, sheet, position)
            yield SealedChange(
                kind,
                sheet,
                name_of(*position),
                before=_shown_text(before),
                after=_shown_text(after),
                is_label=is_label,
            )


def _rows_that_moved(sealed: Seal, now: Seal) -> MovedRows:
    """Return where rows of formulas stand now."""
    pairs = []
    for sheet, texts in sealed.cells["formula"].items():
        texts_now = now.cells["formula"].get(sheet, {})
        for position, text in texts.items():
            pairs.append((str(text), str(texts_now.get(position, ""))))
    return MovedRows(pairs)


def _contract_areas(book: ReadBook) -> list[Range]:
    """Return the areas of a template whose texts count: inputs, method, cities, codes."""
    areas = (
        parse_area(text)
        for name, text in book.names.items()
        if name.startswith(_CONTRACT)
    )
    return [area for area in areas if area]


def _is_text(value: CellValue) -> bool:
    return value is None or isinstance(value, str)


def _is_unread(areas: list[Range], sheet: str, position: Position) -> bool:
    """Tell whether a typed cell of a template holds words alone that nothing reads."""
    return bool(areas) and not any(area.holds(sheet, position) for area in areas)


def _shown_text(value: CellValue) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, float):
        return plain_text(value) if value.is_integer() else f"{value:.15g}"
    text = str(value)
    return text if len(text) <= 120 else text[:120] + "…"


# -- the text -------------------------------------------------------------------------------------
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
    except OSError as error:
        raise _unreadable(system_reason(error), where) from error
    except UnicodeDecodeError as error:
        raise _unreadable(Message(_NOT_A_SEAL), where) from error


def is_seal(path: str | Path) -> bool:
    """Tell whether a file begins as a seal does."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(len(HEAD.encode()) + len(BOM_UTF8))
    except OSError:
        return False
    return start.removeprefix(BOM_UTF8).startswith(HEAD.encode())


def _unreadable(reason: str, where: Where) -> WorkbookError:
    return WorkbookError(Problem.of("XC441.unreadable", where, reason=reason))


def seal_from(text: str, where: Where) -> Seal:
    """Return the seal that a text holds.

    Raises
    ------
    WorkbookError
        As `read_seal`.
    """
    text = text.replace("\r\n", "\n")
    if text.partition("\n")[0] != HEAD:
        raise _unreadable(Message(_NOT_A_SEAL), where)
    sealed, _, last = text.rpartition("\nseal: ")
    if _digest(sealed) != last.strip():
        raise ChangedSealError(Problem.of("XC441.changed", where))
    try:
        return _parse_seal(sealed.split("\n")[1:], last.strip())
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _unreadable(Message(_NOT_A_SEAL), where) from error


def _parse_seal(lines: list[str], code: str) -> Seal:
    facts, *records = [
        json.loads(line, object_hook=_read_object) for line in lines if line
    ]
    sheets = []
    aspects = {}
    cells: dict[str, dict[str, dict[Position, Any]]] = {}
    for kind, *about, value in records:
        if kind == "sheet":
            sheets.append(value)
        elif kind == "aspect":
            aspects[Aspect(*about)] = value
        else:
            sheet, areas = split_sheet(*about)
            of_sheet = cells.setdefault(kind, {}).setdefault(sheet or "", {})
            of_sheet |= dict.fromkeys(_positions_of(areas), value)
    return Seal(
        tuple(sheets),
        {kind: cells.get(kind, {}) for kind in ("input", "formula", "result")},
        _sealed_appearance(facts, sheets, aspects, cells.get("format", {})),
        facts["sha256 of the file"],
        code=code,
    )


def _positions_of(areas: str) -> Iterator[Position]:
    """Yield the cells of ranges as a seal lists them."""
    for area in areas.split(", "):
        yield from Range("", *parse_range(area)).positions


def _sealed_appearance(
    facts: Mapping[str, str],
    sheets: Iterable[str],
    aspects: dict[Aspect, str],
    formats: Mapping[str, Mapping[Position, str]],
) -> Appearance:
    """Return what a sealed workbook shows; `formats` has those of all filled cells."""
    filled = {}
    styled = {}
    for sheet in sheets:
        of_sheet = formats.get(sheet, {})
        filled[sheet] = frozenset(of_sheet)
        styled[sheet] = {cell: text for cell, text in of_sheet.items() if text != PLAIN}
    return Appearance(aspects, styled, filled, facts["saved by"])


def _records(kind: str, values: _Cells) -> Iterator[list[object]]:
    """Yield a record for each value of a sheet with all cells that hold it."""
    for sheet, cells in values.items():
        first = full_address(sheet, (1, 1)).removesuffix("A1")
        # 1, 1.0 and TRUE are equal, and are told apart by their types.
        by_value = grouped(
            ((type(value), value), position) for position, value in cells.items()
        )
        for (_, value), positions in by_value.items():
            yield [kind, f"{first}{ranges_text(positions)}", value]


def _read_object(pairs: dict[str, Any]) -> Any:
    return CellError(pairs["error"]) if "error" in pairs else pairs
