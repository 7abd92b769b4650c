"""Has engines compute probes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from tools.measure.probes import Placed, Probe, place
from xlcity.errors import CellError, CellValue, EngineError
from xlcity.recalc.engines.protocol import Engine, Task
from xlcity.recalc.engines.registry import choose
from xlcity.recalc.support.catalogue import catalogue
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: Probes in one workbook; one that an engine refuses is halved until the culprit is alone.
_TOGETHER = 4000
_ON_A_SHEET = 500
_SECONDS = 600.0

#: What an engine gave for a probe, cell by cell; `None` if it gave nothing.
Answer = tuple[CellValue, ...] | None


def workbook(placed: Iterable[Placed]) -> Package:
    """Return a workbook with the probes."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheets: dict[str, Any] = {}
        for item in placed:
            sheet = sheets.get(item.sheet)
            if sheet is None:
                sheet = sheets[item.sheet] = book.add_worksheet(item.sheet)
            row, column = item.row - 1, item.column - 1
            if item.probe.array is None:
                sheet.write_formula(row, column, f"={_prefixed(item)}", None, "")
            else:
                down, right = item.probe.array
                last = row + down - 1, column + right - 1
                sheet.write_array_formula(row, column, *last, f"{{={_prefixed(item)}}}", None, "")
            for area, block in item.blocks:
                for i, values in enumerate(block):
                    for j, value in enumerate(values):
                        _put(sheet, area.r1 - 1 + i, area.c1 - 1 + j, value)
    return Package.from_bytes(out.getvalue())


def _prefixed(item: Placed) -> str:
    """Return the formula as the file format wants it: newer functions have a prefix."""
    name = item.probe.name
    return item.formula.replace(f"{name}(", f"{stored_name(name)}(", 1)


@cache
def stored_name(name: str) -> str:
    """Return a function's name as files have it: newer ones have a prefix."""
    if any(other.replace(".", "") == name != other for other in catalogue()):
        return name  # NORMSDIST would be taken for NORM.S.DIST
    made: str = _worksheet()._prepare_formula(f"{name}(", expand_future_functions=True)
    return made[:-1]


@cache
def _worksheet() -> Any:
    """Return a worksheet that knows the prefixes."""
    import xlsxwriter

    with xlsxwriter.Workbook(io.BytesIO(), {"use_future_functions": True}) as book:
        return book.add_worksheet()


def _put(sheet: Any, row: int, column: int, value: CellValue) -> None:
    if isinstance(value, CellError):
        sheet.write_formula(row, column, "=NA()", None, str(value))
    elif value == "" and isinstance(value, str):
        sheet.write_formula(row, column, '=""', None, "")
    elif isinstance(value, str):
        sheet.write_string(row, column, value)  # "=a" is a text, too
    elif value is not None:
        sheet.write(row, column, value)


def answers(
    probes: dict[str, list[Probe]],
    engines: Sequence[str],
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, list[Answer]]]:
    """Return engine -> function -> what the engine gives for its probes."""
    chosen = {name: choose(name) for name in engines}
    flat = [(name, i, probe) for name, found in probes.items() for i, probe in enumerate(found)]
    results: dict[str, dict[str, list[Answer]]] = {
        engine: {name: [None] * len(found) for name, found in probes.items()} for engine in engines
    }
    for start in range(0, len(flat), _TOGETHER):
        chunk = flat[start : start + _TOGETHER]
        batch = _Batch([probe for *_, probe in chunk])
        for name, engine in chosen.items():
            for (function, i, _), answer in zip(chunk, batch.answers(engine), strict=True):
                results[name][function][i] = answer
        tell(f"{start + len(chunk):,} of {len(flat):,} probes")
    return results


class _Batch:
    """Probes in one workbook, made once for all engines."""

    def __init__(self, probes: list[Probe]) -> None:
        self.probes = probes
        groups = [
            probes[start : start + _ON_A_SHEET] for start in range(0, len(probes), _ON_A_SHEET)
        ]
        self.placed = [item for n, group in enumerate(groups) for item in place(group, f"P{n}")]
        self.package = workbook(self.placed)
        self.book = read_book(self.package)

    def answers(self, engine: Engine) -> list[Answer]:
        """Return what an engine gives; a probe that it refuses to load is found by halving."""
        task = Task(self.package, self.book, {}, _SECONDS, partial=True)
        try:
            values = engine.evaluate(task)
        except EngineError:
            if len(self.probes) == 1:
                return [None]
            half = len(self.probes) // 2
            parts = self.probes[:half], self.probes[half:]
            return [answer for part in parts for answer in _Batch(part).answers(engine)]
        return [
            tuple(values.get(item.sheet, {}).get(cell) for cell in item.cells)
            for item in self.placed
        ]
