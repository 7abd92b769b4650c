"""Decides from what the engines gave which of them are right.

The truth of a probe is what independent engines agree on. Two engines are known to be wrong
together where a function of one value is lifted over an array, or a plain formula takes one cell
of a range; there LibreOffice has to be among those that agree. Where what Excel gives is computed
or documented (`expected`), that is the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.measure.expected import expected
from tools.measure.probes import Placed, Probe, arguments, letters, place
from tools.measure.run import Answer
from xlcity.errors import CellError, CellValue
from xlcity.recalc.selection.compare import relative_difference
from xlcity.recalc.support.catalogue import signatures
from xlcity.recalc.support.compatibility import ALL_SORTS, WRONG
from xlcity.recalc.support.usage import is_lifted

#: Two numbers this far apart (relative to the larger, or to 1) are two numbers.
_TOLERANCE = 1e-9
#: Engines that are judged and do not judge: ours was written with the others in view.
NO_VOICE = frozenset(("compiled",))


@dataclass(slots=True)
class Tally:
    """What became of the probes of one use with one engine."""

    right: int = 0
    wrong: int = 0
    open: int = 0
    #: Argument -> sorts of values met in probes that came out right, or not.
    good: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    bad: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: Probes without a varied content that were wrong or open.
    base_wrong: int = 0
    base_open: int = 0

    def mark(self, count: int) -> str:
        """Return the entry of the list: sorts per argument, ``!`` or nothing."""
        if self.base_wrong:
            return WRONG
        if self.base_open or not self.right:
            return WRONG if self.wrong and not self.right else ""
        if not count:
            return "+"
        sorts = [
            "".join(s for s in ALL_SORTS if s in self.good[i] and s not in self.bad[i])
            for i in range(count)
        ]
        return "|".join(s or "-" for s in sorts)


def judge(
    name: str, probes: Sequence[Probe], given: Mapping[str, Sequence[Answer]]
) -> dict[tuple[str, str], dict[str, Tally]]:
    """Return (function, way) -> engine -> tally of one function's probes."""
    tallies: dict[tuple[str, str], dict[str, Tally]] = {}
    for placed, index in zip(place(list(probes), name), range(len(probes)), strict=True):
        use = placed.use
        key = use.name, use.way
        tally = tallies.setdefault(key, {engine: Tally() for engine in given})
        answers = {engine: found[index] for engine, found in given.items()}
        truth = _truth(placed, answers)
        for engine, answer in answers.items():
            # What ours cannot compute it refuses, and another engine computes the workbook.
            refused = engine in NO_VOICE and (answer is None or None in answer)
            _count(tally[engine], placed, answer, truth, refused)
    return tallies


def _count(
    tally: Tally, placed: Placed, answer: Answer, truth: Answer, refused: bool = False
) -> None:
    changed = placed.probe.changed
    places = arguments(placed)
    if refused:
        return
    if truth is None:
        tally.open += 1
        if changed is None:
            tally.base_open += 1
        elif changed[0] in places:
            tally.bad[places.index(changed[0])].add(changed[1])
        return
    same = answer is not None and _same(answer, truth, strict=True, loose=_loose(placed.probe))
    # An error for an error: which one matters little, and is compared where it does.
    if same or (answer is not None and _both_errors(answer, truth)):
        tally.right += same
        for i, sorts in enumerate(letters(placed)):
            if i in places:
                tally.good[places.index(i)] |= sorts
        return
    tally.wrong += 1
    if changed is None:
        tally.base_wrong += 1
    elif changed[0] in places:
        tally.bad[places.index(changed[0])].add(changed[1])


def _truth(placed: Placed, answers: Mapping[str, Answer]) -> Answer:
    present = {e: a for e, a in answers.items() if not _missing(a) and e not in NO_VOICE}
    known = expected(placed.probe)
    if known is not None:
        met = [e for e, a in present.items() if _same(a, known, strict=True, loose=False)]
        # A definition that no engine follows may be the wrong one.
        return known if met else None
    groups: list[list[str]] = []
    for engine, answer in present.items():
        for group in groups:
            if _same(answer, present[group[0]], strict=False, loose=_loose(placed.probe)):
                group.append(engine)
                break
        else:
            groups.append([engine])
    groups.sort(key=len, reverse=True)
    if not groups or len(groups[0]) < 2:
        return None
    if len(groups) > 1 and len(groups[1]) == len(groups[0]):
        return None
    best = groups[0]
    if is_lifted(placed.use, signatures()[placed.use.name]) and "libreoffice" not in best:
        return None
    # LibreOffice stores truth values of arrays as numbers.
    teller = next((engine for engine in best if engine != "libreoffice"), best[0])
    return present[teller]


def _missing(answer: Answer) -> bool:
    return answer is None or any(v is None or v is CellError.NAME for v in answer)


def _loose(probe: Probe) -> bool:
    """Return whether a number for a truth value is let pass.

    LibreOffice stores truth values of arrays and of constants so; that is counted against it
    once, as a use of its own, and not in each function.
    """
    return probe.array is not None or not any(part.block for part in probe.parts)


def _same(a: Answer, b: Answer, *, strict: bool, loose: bool) -> bool:
    assert a is not None
    assert b is not None
    return len(a) == len(b) and all(
        _alike(x, y, strict=strict, loose=loose) for x, y in zip(a, b, strict=True)
    )


def _alike(a: CellValue, b: CellValue, *, strict: bool, loose: bool) -> bool:
    if loose and isinstance(a, bool) != isinstance(b, bool):
        a, b = _number(a), _number(b)
    gap = relative_difference(a, b)
    if gap is not None:
        return gap <= _TOLERANCE
    if not strict and {a, b} == {CellError.NUM, CellError.VALUE}:
        return True
    if a in ("", None) and b in ("", None):
        return True
    return type(a) is type(b) and a == b


def _both_errors(a: Answer, b: Answer) -> bool:
    assert a is not None
    assert b is not None
    return all(
        _alike(x, y, strict=True, loose=True)
        or (isinstance(x, CellError) and isinstance(y, CellError) and x is not CellError.NAME)
        for x, y in zip(a, b, strict=True)
    )


def _number(value: CellValue) -> CellValue:
    return float(value) if isinstance(value, bool) else value
