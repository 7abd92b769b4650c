"""From the catalogue to the lines of the verified list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tools.measure import special
from tools.measure.judge import Tally, judge
from tools.measure.probes import Probe, probes
from tools.measure.run import Answer, answers
from xlcity.recalc.support.catalogue import catalogue
from xlcity.recalc.support.compatibility import ENGINES, WRONG

#: Those that compute tens of thousands of cells in seconds; the reference engine takes 3 ms each.
MEASURED = ("formualizer", "ironcalc", "libreoffice", "compiled")


def measured(
    functions: Sequence[str] | None = None, tell: Callable[[str], None] = lambda _: None
) -> str:
    """Return the verified list as text.

    Parameters
    ----------
    functions
        Those to measure; all of the catalogue, and what is not a function, by default.
    tell
        Called with a line now and then.
    """
    entries = catalogue()
    chosen = {n: list(probes(entries[n])) for n in (functions or entries)}
    given = answers(chosen, MEASURED, tell)
    by_hand = special.marks(MEASURED)
    if functions:
        by_hand = {key: marks for key, marks in by_hand.items() if key[0] in chosen}
    return text_of(chosen, given, by_hand)


def text_of(
    chosen: Mapping[str, Sequence[Probe]],
    given: Mapping[str, Mapping[str, Sequence[Answer]]],
    extra: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
) -> str:
    """Return the list made from what the engines gave.

    Parameters
    ----------
    chosen
        Function -> its probes.
    given
        Engine -> function -> what it gave for them.
    extra
        What hand-written probes showed: an engine that is wrong there is wrong.
    """
    table: dict[tuple[str, str], list[str]] = {}
    for name, found in chosen.items():
        tallies = judge(name, found, {engine: said[name] for engine, said in given.items()})
        table.update((key, _marks(key, tally)) for key, tally in tallies.items())
    for key, by_hand in (extra or {}).items():
        old = table.get(key)
        new = [by_hand.get(engine, "") for engine in ENGINES]
        table[key] = (
            new
            if old is None
            else [WRONG if n == WRONG else o for o, n in zip(old, new, strict=True)]
        )
    lines = ["\t".join((*key, *marks)) for key, marks in sorted(table.items()) if any(marks)]
    return "\n".join(["\t".join(("function", "way", *ENGINES)), *lines]) + "\n"


def _marks(key: tuple[str, str], tally: Mapping[str, Tally]) -> list[str]:
    count = len(key[1].split(",")) if key[1] else 0
    return [tally[engine].mark(count) if engine in tally else "" for engine in ENGINES]
