"""What the process of the reference engine runs: a workbook in, its values out as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.errors import CELL_ERRORS, CellError, CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.package import Package

_QUOTE = "'"
#: '[book.xlsx]SHEET'!A1:B2, as the solution's keys spell it.
_KEY = re.compile(r"'\[[^\]]*\](.+)'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)\Z", re.S)


def limit(what: str, most: int) -> None:
    """Let the process end when it takes more of something: `AS` bytes, `CPU` seconds.

    The seconds are for one that nobody waits for any more: whoever does has ended it by then.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows; a lower limit is set
        import resource

        kind = getattr(resource, f"RLIMIT_{what}")
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


@dataclass(slots=True)
class ModelCache:
    """The compiled model of the last workbook, which copies of one template can use, too."""

    shape: object = None
    model: Any = None

    def solve(self, path: Path, book: ReadBook) -> Any:
        """Return the solution of a workbook; parsing its formulas takes most of the time."""
        from xlcity.hosts.formulas import load_formulas

        shape, inputs = _shape(book)
        if self.model is None or shape != self.shape:
            self.model = load_formulas().ExcelModel().loads(str(path)).finish()
            self.shape = shape
            return self.model.calculate()
        name = path.name
        return self.model.calculate(
            inputs={
                f"'[{name}]{sheet.upper().replace(_QUOTE, _QUOTE * 2)}'!{cell_name(*at)}": value
                for (sheet, at), value in inputs.items()
            }
        )


def _shape(book: ReadBook) -> tuple[object, dict[tuple[str, Position], CellValue]]:
    """Return what a model is compiled from, and the constants that may differ between copies.

    A number for a text is no other model, but a value for a blank is: it has no place in it.
    """
    formulas, fixed = [], []
    inputs: dict[tuple[str, Position], CellValue] = {}
    for sheet in book.sheets.values():
        formulas += [(sheet.name, *pair) for pair in sheet.cells.texts()]
        formulas += [(sheet.name, *pair) for pair in sheet.arrays().items()]
        computed = set(sheet.cells.computed())
        for position, cell in sheet.cells.items():
            if position in computed:
                continue
            if cell.value is None or isinstance(cell.value, CellError):
                fixed.append((sheet.name, position, cell.value))
            else:
                inputs[sheet.name, position] = cell.value
    names = (sorted(book.names.items()), sorted(book.local_names.items()))
    return (formulas, fixed, frozenset(inputs), names), inputs


def compute(path: Path, models: ModelCache | None = None) -> Values:
    """Return the value of every formula cell that `formulas` gives one."""
    from xlcity.hosts.cells import read_cell

    book = read_book(Package.read(path))
    solution = (models or ModelCache()).solve(path, book)
    computed: dict[str, dict[Position, CellValue]] = {}
    for key, found in solution.items():
        match = _KEY.match(str(key))
        if match is None or not hasattr(found, "value"):
            continue
        r1, c1, r2, c2 = parse_range(match[2])
        cells = computed.setdefault(match[1].replace("''", "'"), {})
        for i, row in enumerate(found.value):
            for j, value in enumerate(row):
                position = r1 + i, c1 + j
                # A range that merely gathers cells must not hide what a cell itself computed.
                if position not in cells or (r1, c1) == (r2, c2):
                    cells[position] = read_cell(value)
    values: Values = {}
    for sheet in book.sheets.values():
        there = computed.get(sheet.name.upper(), {})
        for position, _ in sheet.formulas():
            # A formula that finds a blank shows 0.
            if position in there:
                value = there[position]
                values.setdefault(sheet.name, {})[position] = 0.0 if value is None else value
    return values


def dump_values(values: Values) -> dict[str, list[list[Any]]]:
    """Return values as JSON holds them: errors as ``["#N/A"]``, to differ from text."""
    return {
        sheet: [
            [row, column, [str(value)] if isinstance(value, CellError) else value]
            for (row, column), value in cells.items()
        ]
        for sheet, cells in values.items()
    }


def load_values(document: dict[str, list[list[Any]]]) -> Values:
    """Return the values of a JSON document made by `dump_values`."""
    return {
        sheet: {
            (row, column): CELL_ERRORS[value[0]] if isinstance(value, list) else value
            for row, column, value in cells
        }
        for sheet, cells in document.items()
    }


def main(arguments: list[str]) -> None:
    """Compute the first path within some seconds, values to the second; without paths, serve.

    As a worker it reads `source`, `target` and `seconds` from lines of stdin and answers each with
    a line.
    """
    models = ModelCache()
    if arguments:
        source, target, seconds = arguments
        limit("CPU", int(seconds) + 1)
        _write(Path(source), Path(target), models)
        return
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the package prints is not an answer
    for line in sys.stdin:
        task = json.loads(line)
        limit("CPU", int(time.process_time() + task["seconds"]) + 1)
        try:
            _write(Path(task["source"]), Path(task["target"]), models)
            answer: dict[str, object] = {"ok": True}
        except Exception as error:
            models = ModelCache()
            answer = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _write(source: Path, target: Path, models: ModelCache) -> None:
    text = json.dumps(dump_values(compute(source, models)), allow_nan=False)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
