"""Which weights do printed scores or ranks follow: the region, and a verdict on each reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from xlcity.audit.tables.checks.simplest_weights import simplest
from xlcity.audit.tables.constraints.base import Constraint, Linear, Severity
from xlcity.audit.tables.constraints.build import rows_of, whole_numbers
from xlcity.audit.tables.constraints.orders import SumOrder
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.spec.cells import RANK, SCORE, PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.rules import WeightsRule
from xlcity.functions.implied import Implied, weights_from_ranks, weights_from_scores

#: A reading is taken for the method when at most this share of the units speaks against it.
MOST_AGAINST = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class WeightReading:
    """A weighting, and how many of the printed results follow from it."""

    name: str
    weights: tuple[Fraction, ...]
    agree: int
    units: int
    #: Pairs (ranks) or rows (scores) that no rounding reconciles.
    against: int

    @property
    def share(self) -> Fraction:
        """Share of the units that disagree."""
        return Fraction(self.units - self.agree, max(self.units, 1))


@dataclass(frozen=True, slots=True)
class WeightAnswer:
    """One question of weights: its material, the readings, and the one that print follows."""

    rule: WeightsRule
    wholes: tuple[PrintedCell, ...]
    parts: tuple[tuple[PrintedCell, ...], ...]
    readings: tuple[WeightReading, ...]
    followed: WeightReading | None

    def constraints(self) -> Iterator[Constraint]:
        """Yield what the followed reading asks of single cells."""
        if self.followed is None:
            return
        weights, scale = whole_numbers(self.followed.weights)
        if self.rule.source == "ranks":
            for first, second in combinations(range(len(self.wholes)), 2):
                yield SumOrder(
                    self.wholes[first],
                    self.wholes[second],
                    self.parts[first],
                    self.parts[second],
                    weights,
                )
        else:
            for total, parts in zip(self.wholes, self.parts, strict=True):
                yield Linear(total, parts, weights, scale)


def answer_weights(rule: WeightsRule, book: PrintedNumbers) -> WeightAnswer:
    """Return which reading the printed numbers follow."""
    quantity = RANK if rule.source == "ranks" else SCORE
    children = [Series(child) for child in rule.children]
    rows = list(rows_of(book, Series(rule.parent, quantity), children))
    if rule.source == "ranks":
        # A rank is printed once per ranking: of several tables the first counts.
        rows = list({top.unit: (top, below) for top, below in reversed(rows)}.values())[::-1]
    wholes = tuple(top for top, _ in rows)
    parts = tuple(below for _, below in rows)
    values = [cell.value for cell in book.cells]
    readings = tuple(
        _reading(name, weights, rule, wholes, parts, values)
        for name, weights in rule.readings.items()
    )
    best = sorted(readings, key=lambda reading: (-reading.agree, reading.against))
    followed = None
    if best and best[0].share <= MOST_AGAINST:
        runner_up = best[1].agree if len(best) > 1 else -1
        followed = best[0] if best[0].agree > runner_up else None
    return WeightAnswer(rule, wholes, parts, readings, followed)


def _reading(
    name: str,
    given: Mapping[str, Fraction],
    rule: WeightsRule,
    wholes: Sequence[PrintedCell],
    parts: Sequence[Sequence[PrintedCell]],
    values: Sequence[Decimal],
) -> WeightReading:
    total = sum(given.values())
    weights = tuple(given.get(child, Fraction(0)) / total for child in rule.children)
    integers, scale = whole_numbers(weights)
    if rule.source == "ranks":
        agree, against = _by_ranks(integers, wholes, parts, values)
    else:
        rows = [
            Linear(top, tuple(below), integers, scale)
            for top, below in zip(wholes, parts, strict=True)
        ]
        against = sum(row.broken(values) for row in rows)
        agree = len(rows) - against
    return WeightReading(name, weights, agree, len(wholes), against)


def _by_ranks(
    weights: Sequence[int],
    wholes: Sequence[PrintedCell],
    parts: Sequence[Sequence[PrintedCell]],
    values: Sequence[Decimal],
) -> tuple[int, int]:
    """Return how many printed ranks come out, and how many pairs no rounding puts in order.

    Sums of printed scores that differ by less than their last digits may stand either way.
    """
    sums = []
    for below in parts:
        middle = sum((w * values[c.index] for w, c in zip(weights, below, strict=True)), Decimal(0))
        half = sum(
            (w * (c.below + c.above) / 2 for w, c in zip(weights, below, strict=True)), Decimal(0)
        )
        sums.append((middle - half, middle + half))
    agree = 0
    for (low, high), printed_rank in zip(sums, wholes, strict=True):
        first = 1 + sum(other > high for other, _ in sums)
        last = sum(other >= low for _, other in sums)
        agree += first <= values[printed_rank.index] <= last
    against = 0
    for row, other in combinations(range(len(wholes)), 2):
        a, b = values[wholes[row].index], values[wholes[other].index]
        if a != b:
            first_, second = (row, other) if a < b else (other, row)
            against += sums[first_][1] < sums[second][0]
    return agree, against


def region(answer: WeightAnswer, values: Sequence[Decimal]) -> Implied:
    """Return the region of weights that given values leave."""
    x = [[float(values[c.index]) for c in below] for below in answer.parts]
    h = [[c.reach for c in below] for below in answer.parts]
    y = [float(values[c.index]) for c in answer.wholes]
    if answer.rule.source == "ranks":
        return weights_from_ranks(x, y, h)
    half = [c.reach for c in answer.wholes]
    return weights_from_scores(x, y, h, half)


def note(
    answer: WeightAnswer, book: PrintedNumbers, repaired: Sequence[Decimal]
) -> Iterator[TableFinding]:
    """Yield what is settled about weights.

    Parameters
    ----------
    repaired
        The values with every repair applied that makes all constraints hold.
    """
    if not answer.wholes:
        return
    rule, printed = answer.rule, [cell.value for cell in book.cells]
    implied = region(answer, printed)
    sentences = [_tell_region("From the printed numbers", rule, implied, answer)]
    touched = {c.index for below in answer.parts for c in below}
    touched |= {c.index for c in answer.wholes}
    if any(repaired[index] != printed[index] for index in touched):
        implied = region(answer, repaired)
        sentences.append(_tell_region("With the repairs above", rule, implied, answer))
        again = [
            _reading(
                r.name,
                dict(zip(rule.children, r.weights, strict=True)),
                rule,
                answer.wholes,
                answer.parts,
                repaired,
            )
            for r in answer.readings
        ]
    else:
        again = list(answer.readings)
    for before, after in zip(answer.readings, again, strict=True):
        sentences.append(_tell_reading(rule, before, after, implied))
    values = repaired if implied.outside == () else printed
    sentences += _tell_simplest(answer, implied, values)
    if (followed := answer.followed) is not None:
        verdict = f"The printed {rule.source} of {rule.parent} follow {followed.name}"
        if rule.stated and followed.name != rule.stated:
            verdict += f", not the stated {rule.stated}"
        sentences.insert(0, f"{verdict}.")
    stated = next((r for r in answer.readings if r.name == rule.stated), None)
    contradicted = stated is not None and followed is not None and followed is not stated
    yield TableFinding(
        check="implied-weights",
        severity=Severity.NOTE,
        table=answer.wholes[0].table,
        node=rule.parent,
        published=rule.stated,
        suggestion=followed.name if followed else "",
        kind="not the stated weighting" if contradicted else "weighting",
        evidence=" ".join(sentences),
    )


def _tell_region(start: str, rule: WeightsRule, implied: Implied, answer: WeightAnswer) -> str:
    if not implied.has_region:
        return f"{start} no constant weights exist (rows set aside: {len(implied.outside)})."
    digits = 3 if rule.source == "ranks" else 5
    parts = ", ".join(
        f"{child} {low:.{digits}f} to {high:.{digits}f}"
        for child, low, high in zip(rule.children, implied.low, implied.high, strict=True)
    )
    aside = ", ".join(answer.wholes[row].unit for row in implied.outside)
    return f"{start} the weights lie in: {parts}" + (f" ({aside} set aside)." if aside else ".")


def _tell_reading(
    rule: WeightsRule, before: WeightReading, after: WeightReading, implied: Implied
) -> str:
    weights = ", ".join(
        f"{child} {float(weight):.4g}"
        for child, weight in zip(rule.children, before.weights, strict=True)
    )
    what = "ranks come out" if rule.source == "ranks" else "rows fit within rounding"
    text = f"{before.name} ({weights}): {before.agree} of {before.units} {what}"
    if after.agree != before.agree:
        text += f", {after.agree} with the repairs"
    inside = implied.has_region and all(
        low - 1e-6 <= float(weight) <= high + 1e-6
        for low, weight, high in zip(implied.low, before.weights, implied.high, strict=True)
    )
    return f"{text}; {'inside the region' if inside else 'excluded by the region'}."


def _tell_simplest(
    answer: WeightAnswer, implied: Implied, values: Sequence[Decimal]
) -> Iterator[str]:
    """Yield the simplest whole-number weights that meet every row that was not set aside."""
    if not implied.has_region:
        return
    rule, aside = answer.rule, set(implied.outside)
    rows = [row for row in range(len(answer.wholes)) if row not in aside]
    wholes = [answer.wholes[row] for row in rows]
    parts = [answer.parts[row] for row in rows]

    def fits(weights: tuple[int, ...]) -> bool:
        given = {
            child: Fraction(weight) for child, weight in zip(rule.children, weights, strict=True)
        }
        return _reading("", given, rule, wholes, parts, values).against == 0

    weights = simplest(implied.low.tolist(), implied.high.tolist(), fits)
    if weights is not None:
        text = " : ".join(map(str, weights))
        yield f"The simplest whole-number weights that fit are {text} ({', '.join(rule.children)})."
