"""A seal: what a workbook held when it was finished, so that a later change is found and named.

The manifest is a JSON file beside the workbook. It holds every typed value, every formula as its
fingerprint, and the results under the contract's names. A save by another program breaks nothing:
formulas are compared as normalised tokens, numbers to 15 digits, results as engines are compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.errors import CellError, CellValue, Problem, Where, WorkbookError
from xlcity.recalc.selection.compare import agree
from xlcity.workbook.checking.contract import fingerprint
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.address import cell_name, parse_area, parse_range
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.tokens import FormulaCache

SUFFIX = ".seal.json"
_KIND = "xlcity seal"
#: Blocks of a template whose values are its results; other workbooks have all numbers sealed.
_RESULTS = ("out_scores", "out_ranks", "out_normalised", "out_pairs")
#: Digits that every program keeps of a number.
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that is not as it was sealed: an input, a formula or a result."""

    kind: str
    sheet: str
    cell: str
    before: str
    after: str

    def problem(self, file: str | None, label: str = "") -> Problem:
        """Return it as a problem."""
        who = f" ({label})" if label else ""
        message = f"the sealed {self.kind}{who} was {self.before} and is {self.after}."
        hint = "Restore it, or seal the workbook again if the change is meant."
        return Problem("XC440", message, hint, Where(file, self.sheet, self.cell or None))


@dataclass(frozen=True)
class Seal:
    """A manifest.

    Attributes
    ----------
    inputs, results
        Sheet -> cell -> value.
    formulas
        Sheet -> range of one column -> fingerprint of the formula in each of its cells.
    code
        Hash of all that: whoever has it written down knows whether the manifest was changed.
    """

    inputs: Mapping[str, Mapping[str, CellValue]]
    formulas: Mapping[str, Mapping[str, str]]
    results: Mapping[str, Mapping[str, CellValue]]
    version: str = __version__
    code: str = field(default="")

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**self._content(), "seal": self.digest()}

    def digest(self) -> str:
        """Return the hash of the content."""
        text = json.dumps(
            self._content(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def _content(self) -> dict[str, Any]:
        table = sorted({f for of_sheet in self.formulas.values() for f in of_sheet.values()})
        number = {text: place for place, text in enumerate(table)}
        return {
            "kind": _KIND,
            "schema": 1,
            "version": self.version,
            "inputs": _plain(self.inputs),
            "forms": table,
            "formulas": {
                sheet: {place: number[text] for place, text in of_sheet.items()}
                for sheet, of_sheet in self.formulas.items()
            },
            "results": _plain(self.results),
        }

    @property
    def counts(self) -> dict[str, int]:
        """How many inputs, formula cells and results are sealed."""
        cells = 0
        for of_sheet in self.formulas.values():
            for place in of_sheet:
                r1, _, r2, _ = parse_range(place)
                cells += r2 - r1 + 1
        return {
            "inputs": sum(map(len, self.inputs.values())),
            "formulas": cells,
            "results": sum(map(len, self.results.values())),
        }


def _plain(values: Mapping[str, Mapping[str, CellValue]]) -> dict[str, dict[str, Any]]:
    return {
        sheet: {
            cell: {"error": str(value)} if isinstance(value, CellError) else value
            for cell, value in cells.items()
        }
        for sheet, cells in values.items()
    }


def seal(book: ReadBook) -> Seal:
    """Return the seal of a workbook as it is stored."""
    forms = FormulaCache()
    areas = [area for name in _RESULTS if (area := parse_area(book.names.get(name, "")))]
    inputs: dict[str, dict[str, CellValue]] = {}
    formulas: dict[str, dict[str, str]] = {}
    results: dict[str, dict[str, CellValue]] = {}
    for sheet in book.sheets.values():
        inputs[sheet.name] = {
            cell_name(*position): _kept(cell.value)
            for position, cell in sorted(sheet.cells.items())
            if not cell.computed and cell.value not in (None, "")
        }
        formulas[sheet.name] = _runs(_fingerprints(sheet, forms))
        wanted = [area for area in areas if area.sheet == sheet.name]
        results[sheet.name] = {
            cell_name(*position): _kept(cell.value)
            for position, cell in sorted(sheet.cells.items())
            if cell.computed
            and cell.value not in (None, "")
            and (
                any(a.r1 <= position[0] <= a.r2 and a.c1 <= position[1] <= a.c2 for a in wanted)
                or (not areas and isinstance(cell.value, float))
            )
        }
    return Seal(inputs, formulas, results)


def _kept(value: CellValue) -> CellValue:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _fingerprints(sheet: Sheet, forms: FormulaCache) -> dict[Position, str]:
    arrays = sheet.arrays()
    found = {}
    for position, text in sheet.texts():
        made = fingerprint(forms.of(text, *position))
        if position in arrays:
            r1, c1, r2, c2 = parse_range(arrays[position])  # programs write C6 or C6:C6
            made = f"{{{r2 - r1 + 1}x{c2 - c1 + 1}: {made}}}"
        found[position] = made
    return found


def _runs(found: Mapping[Position, str]) -> dict[str, str]:
    """Return ranges of one column -> fingerprint: copies filled down are one entry."""
    runs: dict[str, str] = {}
    order = sorted(found, key=lambda position: (position[1], position[0]))
    at = 0
    while at < len(order):
        row, column = order[at]
        last = at
        while (
            last + 1 < len(order)
            and order[last + 1] == (order[last][0] + 1, column)
            and found[order[last + 1]] == found[row, column]
        ):
            last += 1
        first, end = cell_name(row, column), cell_name(order[last][0], column)
        runs[first if last == at else f"{first}:{end}"] = found[row, column]
        at = last + 1
    return runs


def read_seal(path: str | Path) -> Seal:
    """Read a manifest.

    Raises
    ------
    WorkbookError
        If it is none, or was changed after sealing.
    """
    where = Where(file=str(path))
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        table = document["forms"]
        made = Seal(
            _values(document["inputs"]),
            {
                sheet: {place: table[number] for place, number in of_sheet.items()}
                for sheet, of_sheet in document["formulas"].items()
            },
            _values(document["results"]),
            document["version"],
            document["seal"],
        )
        known = document["kind"] == _KIND
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        message = f"the seal cannot be read ({error})."
        hint = "It is the file that `xlcity seal` wrote."
        raise WorkbookError(Problem("XC441", message, hint, where)) from error
    if not known or made.digest() != made.code:
        hint = "Use the file that `xlcity seal` wrote. It also printed the code."
        raise WorkbookError(Problem("XC441", "the seal itself was changed.", hint, where))
    return made


def _values(document: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, CellValue]]:
    return {
        sheet: {cell: _value(value) for cell, value in cells.items()}
        for sheet, cells in document.items()
    }


def _value(value: Any) -> CellValue:
    if isinstance(value, dict):
        return CellError(value["error"])
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def broken(sealed: Seal, book: ReadBook) -> Iterator[Broken]:
    """Yield what is not as it was sealed: inputs first, then formulas, then results."""
    now = seal(book)
    for sheet in sealed.formulas:
        if sheet not in book.sheets:
            yield Broken("sheet", sheet, "", "there", "gone")
    for sheet in now.formulas:
        if sheet not in sealed.formulas:
            yield Broken("workbook", sheet, "", "without this sheet", "with it")
    for kind, old, new in (
        ("input", sealed.inputs, now.inputs),
        ("formula", _opened(sealed.formulas), _opened(now.formulas)),
        ("result", sealed.results, now.results),
    ):
        for sheet, cells in old.items():
            if sheet not in new:
                continue
            for cell in dict.fromkeys((*cells, *new[sheet])):
                before, after = cells.get(cell), new[sheet].get(cell)
                if not _same(kind, before, after):
                    yield Broken(kind, sheet, cell, _shown(before), _shown(after))


def _opened(formulas: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, CellValue]]:
    found: dict[str, dict[str, CellValue]] = {}
    for sheet, runs in formulas.items():
        cells = found.setdefault(sheet, {})
        for place, text in runs.items():
            r1, column, r2, _ = parse_range(place)
            for row in range(r1, r2 + 1):
                cells[cell_name(row, column)] = text
    return found


def _same(kind: str, before: CellValue, after: CellValue) -> bool:
    """Compare; typed numbers digit by digit, results as engines are compared."""
    return before == after or (kind == "result" and agree(before, after))


def _shown(value: CellValue) -> str:
    if value is None:
        return "empty"
    if isinstance(value, float):
        return plain_text(value) if value.is_integer() else f"{value:.15g}"
    text = str(value)
    return text if len(text) <= 120 else text[:120] + "…"
