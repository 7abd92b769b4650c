"""Computes a workbook and judges the result: by which engine, and what is left to doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xlcity.errors import EngineError, counted
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Engine,
    Task,
    TimeLimitError,
    Values,
    addresses,
    limited,
    require_complete,
)
from xlcity.recalc.engines.registry import by_speed, choose
from xlcity.recalc.selection.cross_check import CrossCheck, same_as_stored
from xlcity.recalc.support.support_check import Place, SupportCheck, UnsupportedCells
from xlcity.recalc.support.template_book import is_template
from xlcity.recalc.support.volatile import volatile_cells
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import ReadBook

if TYPE_CHECKING:
    from concurrent.futures import Future


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
    weight
        How much is in doubt: cells that use what the engine is not trusted with, then all.
    """

    engine: Engine
    values: Values
    unverified: tuple[str, ...] = ()
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    weight: tuple[int, int] = (0, 0)


class EngineSelector:
    """One workbook before the engines.

    Parameters
    ----------
    task
        The workbook.
    scan
        How it uses functions.
    stored
        The cells with the values stored in the file, if those of `task` are without.
    """

    def __init__(self, task: Task, scan: SupportCheck, stored: ReadBook | None = None) -> None:
        self.task, self.scan = task, scan
        self.stored = task.book if stored is None else stored
        self.cross_check = CrossCheck(task, scan, self.stored)
        #: Stored values of our templates are old wherever an input is new; those of a foreign
        #: workbook are another program's opinion.
        self.is_template = is_template(task.book.names)
        self._volatile: set[Place] | None = None
        self._by_stored: dict[str, UnsupportedCells] = {}
        self._ahead: dict[str, Future[Values]] = {}

    def ask(self, name: str) -> Values:
        """Return what an engine says, all cells of it."""
        values = self._complete(choose(name))
        self.cross_check.answers[name] = values
        return values

    def automatic(self) -> EngineRun:
        """Compute with the fastest engine that is known to be right for all of the workbook.

        Where none is, or where another engine contradicts it, the next one is tried.
        """
        if (quick := self._compiled()) is not None:
            return quick
        engines, notes = by_speed()
        best: EngineRun | None = None
        first: EngineError | None = None
        for engine in self._in_order(engines):
            if best is not None and engine.name == "formulas":
                break  # too slow for a try
            try:
                values = self._complete_once(engine)
            except (CannotComputeError, TimeLimitError) as error:
                first = first or error
                notes.append(error.problems[0].message.rstrip("."))
                continue
            self.cross_check.answers[engine.name] = values
            run = self._judged(engine, values)
            if best is None or run.weight < best.weight:
                best = run
            if not best.unverified:
                break
        if best is None:
            assert first is not None
            raise first
        return self._explained(best, engines[0], notes)

    def _compiled(self) -> EngineRun | None:
        """Return what our own engine computes of a template, if all of it is beyond doubt.

        It has the functions of templates and no more, and says so before it computes.
        """
        engine = choose("compiled")
        if not self.is_template or self.scan.refused(engine.name):
            return None
        try:
            values = self._complete_once(engine)
        except EngineError:
            return None
        doubts = self.scan.doubts(engine.name, values)
        return None if doubts else self._judged(engine, values, doubts)

    def _in_order(self, engines: list[Engine]) -> Iterator[Engine]:
        """Yield the engines, those with the fewest doubts by the values stored first.

        Where the usual one has none, the others are looked at only if it fails. What a template
        stores is out of date and foretells nothing.
        """
        usual, rest = engines[0], engines
        if self.is_template:
            self._go_ahead(usual)
        if not (
            self.scan.refused(usual.name) if self.is_template else self._expected_doubts(usual)
        ):
            yield usual
            rest = engines[1:]
        yield from sorted(rest, key=lambda engine: len(self._expected_doubts(engine).cells))

    def _expected_doubts(self, engine: Engine) -> UnsupportedCells:
        if (found := self._by_stored.get(engine.name)) is None:
            found = self.scan.doubts(engine.name, self._old_values())
            self._by_stored[engine.name] = found
        return found

    def _old_values(self) -> Values | None:
        """Return what is stored, where the cells that are computed have it not."""
        if self.stored is self.task.book:
            return None
        return {
            sheet.name: {p: self.stored.value(sheet.name, *p) for p in sheet.cells.computed()}
            for sheet in self.task.book.sheets.values()
        }

    def _explained(self, run: EngineRun, usual: Engine, notes: list[str]) -> EngineRun:
        """Say why it is not the usual engine that computed."""
        if run.engine.name != usual.name and (foreseen := self._expected_doubts(usual)):
            names = foreseen.names()
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if names[5:] else "")
            notes = [*notes, f"{usual.name} is not known to be right for {shown}"]
        if run.engine.name != "formualizer" and notes:
            notes = [f"{'; '.join(notes)}: {_title(run.engine.name)} computes instead."]
        elif notes:
            notes = [f"{note}." for note in notes]
        return replace(run, notes=(*notes, *run.notes))

    def run(self, engine: Engine) -> EngineRun:
        """Compute with one engine and judge the result."""
        self._go_ahead(engine)
        return self._judged(engine, self._complete(engine))

    def _complete_once(self, engine: Engine) -> Values:
        """Compute with an engine that nobody asked for; one that has failed is not asked again."""
        if (failure := self.cross_check.failures.get(engine.name)) is not None:
            raise failure
        try:
            return self._complete(engine, limited(self.task, engine))
        except TimeLimitError:
            self.cross_check.answers.setdefault(engine.name, {})
            raise

    def _complete(self, engine: Engine, task: Task | None = None) -> Values:
        answer = self.cross_check.answers.get(engine.name)
        if answer is not None and _is_complete(self.task, answer):
            return answer
        ahead = self._ahead.pop(engine.name, None)
        values = engine.evaluate(task or self.task) if ahead is None else ahead.result()
        require_complete(self.task.book, values, engine.name)
        return values

    def _go_ahead(self, engine: Engine) -> None:
        """Let formualizer compute, and read the uses of functions meanwhile.

        What goes wrong in it is raised by `_complete`.
        """
        if engine.name in self.cross_check.answers or engine.name in self._ahead:
            return
        if engine.name != "formualizer" or not engine.available():
            return
        from concurrent.futures import Future

        self._ahead[engine.name] = ahead = Future[Values]()
        task = replace(self.task, meanwhile=lambda: self.scan.prepare(engine.name))
        try:
            ahead.set_result(engine.evaluate(task))
        except EngineError as error:
            ahead.set_exception(error)

    def _judged(
        self, engine: Engine, values: Values, doubts: UnsupportedCells | None = None
    ) -> EngineRun:
        doubts = self.scan.doubts(engine.name, values) if doubts is None else doubts
        changed = set() if self.is_template else self._changed(values)
        notes = []
        if changed:
            moving = changed & self._moving()
            changed -= moving
            if moving:
                notes.append(
                    f"{counted(len(moving), 'cell')} not compared with the value stored: they "
                    "change from one moment to the next (NOW, TODAY, RAND)."
                )
        left: set[Place] = set()
        if doubts or changed:
            left = self.cross_check.unsupported(engine.name, values, doubts, changed)
            confirmed = len((set(doubts.cells) | changed) - left)
            if confirmed:
                notes.append(f"a second engine confirms {counted(confirmed, 'doubtful cell')}.")
        names = [*doubts.names(left), *self.scan.features]
        differing = sorted(left - set(doubts.cells))
        if differing:
            names.append(f"values other than those stored: {addresses(differing)}")
        able = self.scan.able(doubts, left)
        cells = tuple(full_address(s, p) for s, p in sorted(left))
        weight = len(left & set(doubts.cells)), len(left)
        return EngineRun(engine, values, tuple(names), able, cells, tuple(notes), weight)

    def _changed(self, values: Values) -> set[Place]:
        found = set()
        for name, cells in values.items():
            stored = self.stored.sheets[name].stored()
            found |= {
                (name, position)
                for position, value in cells.items()
                if not same_as_stored(value, stored(position))
            }
        return found

    def _moving(self) -> set[Place]:
        if self._volatile is None:
            self._volatile = volatile_cells(self.scan)
        return self._volatile


def _is_complete(task: Task, values: Values) -> bool:
    return all(
        values.get(sheet.name, {}).get(position) is not None
        for sheet in task.book.sheets.values()
        for position in sheet.cells.computed()
    )


def _title(name: str) -> str:
    return "LibreOffice" if name == "libreoffice" else name
