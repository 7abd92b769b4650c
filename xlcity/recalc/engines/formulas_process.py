"""What the process of the reference engine runs: a workbook in, its values out, pickled."""

from __future__ import annotations

import os
import pickle
import re
import sys
import threading
from pathlib import Path

from xlcity.errors import CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.xlsx.address import parse_range
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.package import Package

#: '[book.xlsx]SHEET'!A1:B2, as the solution's keys spell it.
_KEY = re.compile(r"'\[[^\]]*\](.+)'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)\Z", re.S)


def end_with_stdin() -> None:
    """Let the process end when its stdin does, which its parent holds open."""

    def exit_at_end() -> None:
        # Past sys.stdin, whose lock would break off the end of the interpreter.
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=exit_at_end, daemon=True).start()


def compute_workbook(path: Path) -> Values:
    """Return the value of every formula cell that `formulas` gives one."""
    from xlcity.hosts.cells import read_cell
    from xlcity.hosts.formulas import load_formulas

    book = read_book(Package.read(path))
    solution = load_formulas().ExcelModel().loads(str(path)).finish().calculate()
    computed: dict[str, dict[Position, CellValue]] = {}
    for key, solved in solution.items():
        match = _KEY.match(str(key))
        if match is None or not hasattr(solved, "value"):
            continue
        r1, c1, r2, c2 = parse_range(match[2])
        cells = computed.setdefault(match[1].replace("''", "'"), {})
        for i, row in enumerate(solved.value):
            for j, value in enumerate(row):
                position = r1 + i, c1 + j
                # A range that merely gathers cells must not hide what a cell itself computed.
                if position not in cells or (r1, c1) == (r2, c2):
                    cells[position] = read_cell(value)
    values: Values = {}
    for sheet in book.sheets.values():
        cells = computed.get(sheet.name.upper(), {})
        for position, _ in sheet.formulas():
            # A formula whose result is a blank shows 0.
            if position in cells:
                value = cells[position]
                values.setdefault(sheet.name, {})[position] = 0.0 if value is None else value
    return values


def main(source: str, target: str) -> None:
    """Compute the workbook of one path and write its values, pickled, to another."""
    end_with_stdin()
    Path(target).write_bytes(pickle.dumps(compute_workbook(Path(source))))


if __name__ == "__main__":
    main(*sys.argv[1:])
