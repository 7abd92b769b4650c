"""The results of a workbook that is not a template: which are stale, and which are in doubt.

A stored value is called stale only where the fresh one is surely Excel's. A result is in doubt
where no engine is known to compute it as Excel does and the stored value does not confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from xlcity.audit.check.template_checks import (
    outdated_findings,
    stores_values,
)
from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError, CellValue, EngineError, doubt_text
from xlcity.messages import Message, joined
from xlcity.recalc.compare import (
    StaleValue,
    find_stale_values,
    is_same_result,
)
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.formula_rules import DAY_FUNCTIONS
from xlcity.recalc.support.support_check import (
    HIDDEN,
    ITERATION,
    PRECISION,
    UNKNOWN_KIND,
    find_ignored_features,
)
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.workbook.checking.routes import LISTED, CheckResult
from xlcity.xlsx.address import Range, full_address
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.graph import Place

#: The check that fails where results are in doubt.
DOUBT = "verified"
#: Functions with another value at each calculation.
_CHANGING = frozenset(("NOW", "RAND", "RANDARRAY", "RANDBETWEEN", "TODAY"))
#: Functions that may leave hidden rows out.
_SKIPPING_HIDDEN_ROWS = frozenset(("SUBTOTAL", "AGGREGATE"))
#: What of a workbook puts every result in doubt that differs from the stored one.
_CHANGING_ALL = frozenset((PRECISION, UNKNOWN_KIND))

#: Most by which numbers of circles differ where programs end them at another step: they do so as
#: soon as a step changes nothing by more than 0.001.
_ITERATED_DIFFERENCE = 0.002
#: What programs write into the text of a formula, or leave out.
_SPELLING = re.compile(r"\s|\(\)")

#: The first day of 1900, and the day of that year that only Excel has.
_FIRST_DAY = 1
_LEAP_DAY = 60


@dataclass(frozen=True, slots=True)
class ForeignValues:
    """What is known of the results of a workbook.

    Attributes
    ----------
    checks
        Whether stored values are up to date and, if there is a doubt, that there is.
    findings
        The stale values.
    doubtful
        How many results are in doubt.
    """

    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    doubtful: int


def check_foreign_values(
    subject: Subject, fresh: Recalculated, timeout: float
) -> ForeignValues:
    """Compare stored values with fresh ones, and count what is in doubt.

    `timeout` is in seconds, for a second engine.
    """
    comparison = _Comparison(subject, fresh, timeout)
    doubtful = comparison.doubtful
    checks = [comparison.check()]
    if doubtful:
        checks.append(doubt_check(doubtful, _reasons_of(doubtful, fresh)))
    outdated = comparison.stale if comparison.has_values else comparison.differing
    findings = outdated_findings(subject, outdated, is_error=comparison.misleads)
    return ForeignValues(tuple(checks), tuple(findings), len(doubtful))


def doubt_check(cells: Sequence[str], reason: str) -> CheckResult:
    """Return the check that fails because results are in doubt; `reason` says why."""
    doubtful = Message("check.doubtful", number=len(cells))
    detail = joined(filter(None, (doubtful, reason)))
    return CheckResult(DOUBT, "fail", detail, tuple(cells[:LISTED]))


def _reasons_of(doubtful: Sequence[str], fresh: Recalculated) -> str:
    """Return why some cells are in doubt, in words: their own reasons, and those of no cell."""
    of_cells = set(chain.from_iterable(fresh.doubts.values()))
    own = set(chain.from_iterable(fresh.doubts.get(cell, ()) for cell in doubtful))
    reasons = [r for r in fresh.unverified if r in own or r not in of_cells]
    return doubt_text(reasons, fresh.engine)


def with_sure_results(subject: Subject, fresh: Recalculated) -> Subject:
    """Return a workbook as the rules are to see it.

    Where it stores no values it has the computed ones, and blanks in place of those in doubt. An
    error that is stored as a text is the error. An error that two engines give is no doubt.
    """
    if stores_values(subject.book):
        results = _errors_stored_as_text(subject.book, fresh.values)
    else:
        unsure = {*fresh.kept, *fresh.doubtful}.difference(fresh.shared_errors)
        results = _results_without(unsure, fresh.values)
    if not any(results.values()):
        return subject
    return Subject(subject.package, subject.path, fresh.as_book(results))


def _errors_stored_as_text(book: ReadBook, values: Values) -> Values:
    """Return the computed errors of cells that store their text."""
    errors: Values = {}
    for sheet, cells in values.items():
        errors[sheet] = {
            position: value
            for position, value in cells.items()
            if isinstance(value, CellError)
            and book.value(sheet, *position) == str(value)
        }
    return errors


def _results_without(unsure: set[str], values: Values) -> Values:
    """Return computed values with blanks in place of those of some addresses."""
    results: Values = {}
    for sheet, cells in values.items():
        results[sheet] = {
            position: None if full_address(sheet, position) in unsure else value
            for position, value in cells.items()
        }
    return results


class _Comparison:
    """The stored values of a workbook beside the fresh ones."""

    def __init__(self, subject: Subject, fresh: Recalculated, timeout: float) -> None:
        self._subject = subject
        self._fresh = fresh
        self._timeout = timeout
        found = find_stale_values(subject.book, fresh.values)
        self.has_values = stores_values(subject.book)
        self._lacks_functions = found.lacks_functions
        early = set(map(_address, filter(self._is_early_day, found.cells)))
        self.differing = [v for v in found.cells if _address(v) not in early]
        #: Cells whose fresh value may not be Excel's.
        unsure = {*fresh.kept, *fresh.doubtful}
        self._unsure = unsure.difference(fresh.shared_errors, early)

    def check(self) -> CheckResult:
        """Return whether stored values are up to date, as far as that is known."""
        parts: list[str] = []
        if self._lacks_functions:
            parts.append(Message("check.functions_not_loaded"))
        if not self.has_values and self.differing:
            parts.append(Message("check.no_stored_values"))
        elif self.stale:
            parts.append(Message("check.stored_outdated", number=len(self.stale)))
        if not parts and not self.doubtful:
            parts.append(Message("check.stored_up_to_date"))
        elif not parts:
            parts.append(Message("check.none_known_stale"))
        cells = tuple(map(_address, self.stale[:LISTED]))
        return CheckResult("stale", self._status, joined(parts), cells)

    @property
    def _status(self) -> str:
        if self.misleads:
            return "fail"
        is_unstored = bool(self.differing) and not self.has_values
        return "note" if self.stale or self.doubtful or is_unstored else "pass"

    @property
    def misleads(self) -> bool:
        """Whether a value is stored that is surely another: one that is absent misleads nobody."""
        return any(value.stored not in (None, "") for value in self.stale)

    @cached_property
    def doubtful(self) -> list[str]:
        """The cells in doubt that their stored values do not confirm, and those that keep them."""
        unsure = self._find_unsure()
        if unsure and self.has_values:
            unsure = (unsure | self._readers_of_confirmed) - self._confirmed
        order = [
            *self._fresh.kept,
            *self._fresh.doubtful,
            *map(_address, self.differing),
        ]
        return [cell for cell in dict.fromkeys(order) if cell in unsure]

    def _find_unsure(self) -> set[str]:
        """Return the cells that keep their values or differ where an engine may be wrong."""
        differing = {_address(value) for value in self.differing}
        unsure = {*self._fresh.kept, *(self._unsure & differing)}
        unsure |= {
            _address(value)
            for value, other in self._disputed.items()
            if not is_same_result(value.stored, other)
        }
        if self._features & _CHANGING_ALL or ITERATION in self._features:
            unsure |= differing
        if HIDDEN in self._features:
            skipping = map(_place_address, self._cells_with(_SKIPPING_HIDDEN_ROWS))
            unsure |= differing.intersection(skipping)
        return unsure

    @cached_property
    def _confirmed(self) -> set[str]:
        """The cells whose stored value a second engine gives, or that spell a formula otherwise."""
        confirmed = {
            _address(value)
            for value in self.differing
            if self._is_spelled_otherwise(value)
        }
        if (again := self._again) is None:
            return confirmed
        kept = {*again.kept}
        for sheet, cells in again.values.items():
            for position, other in cells.items():
                stored = self._subject.book.value(sheet, *position)
                if self._confirms(stored, other):
                    confirmed.add(full_address(sheet, position))
        return confirmed - kept

    @property
    def _readers_of_confirmed(self) -> set[str]:
        """The cells that differ because they read what only a second engine gives as stored."""
        confirmed = self._confirmed & self._unsure
        dependents = self._subject.dependents
        reached = dependents.below(
            Range(value.sheet, *value.position, *value.position)
            for value in self.differing
            if _address(value) in confirmed
        )
        return {
            _address(value)
            for value in self.differing
            if dependents.hold(reached, (value.sheet, value.position))
        }

    def _confirms(self, stored: CellValue, other: CellValue) -> bool:
        """Return whether a second engine's value is the stored one."""
        if stored is None:
            return False
        if is_same_result(stored, other):
            return True
        if ITERATION not in self._features:
            return False
        if not isinstance(stored, float) or not isinstance(other, float):
            return False
        return abs(stored - other) <= _ITERATED_DIFFERENCE

    def _is_spelled_otherwise(self, value: StaleValue) -> bool:
        """Return whether a value is the text of a formula, which an engine spells otherwise."""
        form = self._subject.form(value.sheet, value.position)
        if form is None or "FORMULATEXT" not in form.functions:
            return False
        texts = [value.stored, value.fresh]
        spelled = {_SPELLING.sub("", str(text)).casefold() for text in texts}
        return len(spelled) == 1

    @cached_property
    def _again(self) -> Recalculated | None:
        """The workbook as a second engine computes it; None where there is none."""
        fresh = self._fresh
        other = "formualizer" if fresh.engine == "libreoffice" else "libreoffice"
        with suppress(EngineError):
            return recalculate(
                self._subject.package,
                other,
                self._timeout,
                book=self._subject.book,
                keep=True,
            )
        return None

    @cached_property
    def _features(self) -> frozenset[str]:
        """What the workbook has that no engine takes into account."""
        if not self._fresh.unverified:
            return frozenset()
        book = self._subject.book
        return frozenset(find_ignored_features(self._subject.package, book))

    @property
    def stale(self) -> list[StaleValue]:
        """The values that are surely stale, stored ones first."""
        confirmed = [value for value in self._sure if value not in self._disputed]
        return sorted(confirmed, key=lambda value: value.stored in (None, ""))

    @cached_property
    def _sure(self) -> list[StaleValue]:
        """The values that are stale by the engine that computes, without chance, time or doubt.

        Which error a formula gives that reads one is a matter of the engine.
        """
        if not self.differing or self._features & _CHANGING_ALL:
            return []
        dependents = self._subject.dependents
        reached = dependents.below(
            Range(sheet, *position, *position) for sheet, position in self._changing()
        )
        return [
            value
            for value in self.differing
            if _address(value) not in self._unsure
            and not self._lacks_function(value)
            and not _are_errors(value)
            and not dependents.hold(reached, (value.sheet, value.position))
        ]

    @cached_property
    def _disputed(self) -> dict[StaleValue, CellValue]:
        """Those of the sure values that a second engine computes otherwise, with what it gives.

        It is asked where LibreOffice computes.
        """
        if not self._sure or self._fresh.engine != "libreoffice":
            return {}
        if (again := self._again) is None:
            return {}
        doubted = {*again.doubtful}
        others = {
            value: again.value(value.sheet, *value.position)
            for value in self._sure
            # An engine that is in doubt itself does not dispute what nobody stored.
            if value.stored not in (None, "") or _address(value) not in doubted
        }
        return {
            value: other
            for value, other in others.items()
            if not _agree(value.fresh, other)
        }

    def _changing(self) -> Iterator[Place]:
        """Yield the cells of which neither the value nor what reads them is judged."""
        yield from self._cells_with(_CHANGING)
        # What reads a doubtful result is as doubtful, where that is not the stored one.
        for value in self.differing:
            if _address(value) in self._unsure:
                yield value.sheet, value.position
        if ITERATION in self._features:
            for circle in find_circles(self._subject.graph):
                yield from circle
        if HIDDEN in self._features:
            yield from self._cells_with(_SKIPPING_HIDDEN_ROWS)

    def _cells_with(self, functions: frozenset[str]) -> Iterator[Place]:
        """Yield the cells whose formula calls one of some functions."""
        for cells, form in self._subject.distinct():
            if form.functions & functions:
                yield from cells

    def _is_early_day(self, value: StaleValue) -> bool:
        """Return whether a stored value is a day before March 1900, as Excel counts it.

        Excel has a 29 February 1900; programs without it are one ahead of it until then.
        """
        if not isinstance(value.stored, float) or not isinstance(value.fresh, float):
            return False
        form = self._subject.form(value.sheet, value.position)
        gives_day = form is not None and bool(form.functions & DAY_FUNCTIONS)
        is_early = _FIRST_DAY <= value.stored <= _LEAP_DAY
        return gives_day and is_early and value.fresh == value.stored + 1

    def _lacks_function(self, value: StaleValue) -> bool:
        """Return whether the fresh value is that of a function that the engine lacks."""
        is_shared = _address(value) in self._fresh.shared_errors
        return value.fresh is CellError.NAME and not is_shared


def _address(value: StaleValue) -> str:
    return full_address(value.sheet, value.position)


def _place_address(place: Place) -> str:
    return full_address(*place)


def _are_errors(value: StaleValue) -> bool:
    """Return whether both values are errors."""
    return isinstance(value.stored, CellError) and isinstance(value.fresh, CellError)


def _agree(first: CellValue, second: CellValue) -> bool:
    """Return whether two engines give the same value, or both an error."""
    are_errors = isinstance(first, CellError) and isinstance(second, CellError)
    return are_errors or is_same_result(first, second)
