"""Computes a workbook and judges the result: by which engine, and what is left to doubt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Engine,
    Task,
    TimeLimitError,
    Values,
    require_complete,
)
from xlcity.recalc.engines.registry import by_speed, choose
from xlcity.recalc.selection.compare import agree
from xlcity.recalc.support.function_table import ENGINES
from xlcity.recalc.support.support_check import OWN, Doubts, SupportCheck
from xlcity.recalc.support.template_book import is_template
from xlcity.xlsx.address import full_address


@dataclass(frozen=True, slots=True)
class EngineRun:
    """A workbook computed by one engine.

    Attributes
    ----------
    engine, values
        The engine, and the value of every formula cell.
    unverified
        What is left to doubt, in words.
    able
        Each of these -> the engines known to compute it.
    doubtful
        The cells.
    notes
        What the person should know.
    """

    engine: Engine
    values: Values
    unverified: tuple[str, ...] = ()
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class EngineSelector:
    """One workbook before the engines.

    Parameters
    ----------
    task
        The workbook.
    scan
        What engines are trusted with in it.
    """

    def __init__(self, task: Task, scan: SupportCheck) -> None:
        self.task, self.scan = task, scan
        self._answers: dict[str, Values] = {}

    def ask(self, name: str) -> Values:
        """Return what an engine says, all cells of it."""
        return self._complete(choose(name))

    def run(self, engine: Engine) -> EngineRun:
        """Compute with one engine and judge the result."""
        return self._judged(engine, self._complete(engine))

    def automatic(self) -> EngineRun:
        """Compute with the fastest engine; with LibreOffice where that is not known to be right."""
        engines, notes = by_speed()
        usual = engines[0]
        doubted = self.scan.refusals(usual.name)
        if doubted:
            engines.reverse()
        runs: list[EngineRun] = []
        first: EngineError | None = None
        for engine in engines:
            try:
                run = self.run(engine)
            except (CannotComputeError, TimeLimitError) as error:
                first = first or error
                notes.append(error.problems[0].message.rstrip("."))
                continue
            runs.append(run)
            if not run.doubtful:
                break
            if engine is usual:
                doubted = sorted(run.able)
        if not runs:
            assert first is not None
            raise first
        best = min(runs, key=lambda run: len(run.doubtful))
        if best.engine is not usual and doubted:
            shown = ", ".join(doubted[:5]) + (f" and {len(doubted) - 5} more" * bool(doubted[5:]))
            notes.append(f"{usual.name} is not known to be right for {shown}")
        return replace(best, notes=(*_told(notes, best.engine.name), *best.notes))

    def _complete(self, engine: Engine) -> Values:
        if (values := self._answers.get(engine.name)) is None:
            values = engine.evaluate(self.task)
            require_complete(self.task.book, values, engine.name)
            self._answers[engine.name] = values
        return values

    def _judged(self, engine: Engine, values: Values) -> EngineRun:
        doubts = self._doubts(engine.name, values)
        names = sorted({why for reasons in doubts.values() for why in reasons})
        cells = tuple(full_address(*place) for place in sorted(doubts))
        able = self._able(engine.name, doubts, values)
        return EngineRun(engine, values, (*names, *self.scan.features), able, cells)

    def _doubts(self, engine: str, values: Values) -> Doubts:
        """Return the cells in doubt; in a template, but for those our own engine computes alike."""
        if engine == OWN or not is_template(self.task.book.names):
            return self.scan.doubts(engine, values)
        own = self._own_values()
        unlike = {
            (sheet, position)
            for sheet, cells in values.items()
            for position, value in cells.items()
            if (mine := own.get(sheet, {}).get(position)) is None or not _is_alike(mine, value)
        }
        # The rules take longer than our own engine does.
        doubts = self.scan.doubts(engine, values) if unlike else {}
        return {place: why for place, why in doubts.items() if place in unlike}

    def _own_values(self) -> Values:
        """Return what our own engine is sure of."""
        engine = choose(OWN)
        for task in (self.task, replace(self.task, partial=True)):
            with suppress(EngineError):
                return engine.evaluate(task)
        return {}

    def _able(self, engine: str, doubts: Doubts, values: Values) -> dict[str, tuple[str, ...]]:
        """Return what is in doubt -> the engines that are trusted with it."""
        found = {why: list[str]() for reasons in doubts.values() for why in reasons}
        for other in ENGINES if doubts else ():
            theirs = self.scan.doubts(other, values) if other != engine else doubts
            for why in found.keys() - {why for p, r in doubts.items() if p in theirs for why in r}:
                found[why].append(other)
        return {why: tuple(found[why]) for why in sorted(found)}


def _is_alike(own: CellValue, value: CellValue) -> bool:
    """Return whether engines agree, and on what is 0: rounding may leave something of it."""
    return agree(own, value) and (own == 0.0) == (value == 0.0)


def _told(notes: list[str], engine: str) -> list[str]:
    """Say why it is not the usual engine that computed."""
    if engine != "formualizer" and notes:
        title = "LibreOffice" if engine == "libreoffice" else engine
        return [f"{'; '.join(notes)}: {title} computes instead."]
    return [f"{note}." for note in notes]
