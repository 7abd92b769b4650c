"""Facts of the change since the previous edition: who came, who rose and fell, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.figures.contents import Label
from xlcity.index.analysis import scaled_contributions
from xlcity.model.dataset import FloatArray, State, Status
from xlcity.report.contents import NOTHING, Sentence
from xlcity.report.facts import NAMED, Facts, part
from xlcity.report.source import ReportSource
from xlcity.report.wording import (
    and_list,
    clause_list,
    count,
    figure_place,
    indicator,
    place_words,
)

#: Cities that can be compared from which on moves are stated; first places that are compared.
_FEW = 3
_TOP = 10
#: Share of the cities whose former ranks are known from which on those that rose are counted.
_MOST_KNOWN = 0.8
#: Part of a change from which on it is named as its cause; differences of sums of floats.
_QUARTER = 0.25
_NOISE = 1e-6


@dataclass(frozen=True, eq=False)
class ScoreChange:
    """What the change of a city's score is made of.

    Attributes
    ----------
    total
        By how many points it changed.
    effects
        (leaves,) points of each indicator with a value in both editions.
    gaps
        Indicators without a value in one of them.
    of_gaps, of_scale
        Points that are not due to `effects` but to these gaps, or to a move of the scale: it may
        end where the cities of an edition do.
    """

    total: float
    effects: FloatArray
    gaps: Sequence[str]
    of_gaps: float
    of_scale: float


class ChangeFacts(Facts):
    """States facts about the change of a node."""

    def __init__(self, source: ReportSource, code: str, population: str = "") -> None:
        super().__init__(source, code, population)
        editions = source.editions
        rows = source.editions.order_beside(code, population)
        self.as_printed = editions.is_beside_print(code)
        self.last = editions.last.label
        #: Row -> rank then and now, among the cities that can be compared.
        self.places: Mapping[int, tuple[int, int]] = editions.continuing(code, rows)
        #: Whether these are ranks among some of the cities, which stand in no table.
        self.is_among_some = bool(editions.changes_among(code, rows))
        #: Of which share of the cities that are not new both ranks are known.
        self.known_share = editions.known_share(code, [*{*self.rows, *rows}])

    def sentences(self) -> list[Sentence]:
        """Return the statements and what their marks mean."""
        return self.stated(self.new, self.left, self.movers, self.same_top)

    def new(self) -> Iterator[Sentence]:
        """State which cities are new."""
        rows = [row for row in self.rows if self.source.editions.is_new(row)]
        if not rows or len(rows) == len(self.rows):
            return
        first = self.city(rows[0])
        rank = self.source.rank(rows[0], self.code) or 0
        if len(rows) == 1:
            yield self.state("entry", city=first, rank=place_words(rank))
        elif len(rows) <= NAMED:
            yield self.state("entries", cities=self.cities(rows))
        else:
            n = count(len(rows))
            yield self.state("many_entries", n=n, city=first, rank=figure_place(rank))

    def left(self) -> Iterator[Sentence]:
        """State which cities of the previous edition are not part of this one."""
        last = self.source.editions.last
        units = self.source.units
        keys = {
            (unit.id, self.code): row
            for row, unit in enumerate(units)
            if not unit.population
        }
        invented = Status.SYNTHETIC.value
        gone = [
            key
            for key in keys
            if key in last.ranks and last.status.get(key) != invented
        ]
        for key in gone if len(gone) <= NAMED else ():
            city = self.source.city(keys[key])
            rank = figure_place(last.ranks[key])
            yield self.state("left", city=city, rank=rank, last=last.label)

    def same_top(self) -> Iterator[Sentence]:
        """State that the first ten are the same cities as before."""
        last = self.source.editions.last
        units = self.source.units
        tops = {
            key
            for key, rank in last.ranks.items()
            if key[1] == self.code and rank <= _TOP
        }
        if any(last.status.get(key) == Status.SYNTHETIC.value for key in tops):
            return
        before = {unit for unit, _ in tops}
        ranks = zip(self.rows, self.ranks, strict=True)
        now = {units[row].id for row, rank in ranks if rank <= _TOP}
        if before == now and len(now) == _TOP < len(self.rows) and not self.as_printed:
            yield self.state("same_top", last=self.last)

    def movers(self) -> Iterator[Sentence]:
        """State who rose and who fell most, on what that rests, and how many rose and fell.

        Cities whose former rank is known by chance, such as the first ones of print, are not
        counted: how many of them rose says nothing of the others.
        """
        moves = {row: then - now for row, (then, now) in self.places.items()}
        if len(moves) < _FEW:
            return
        among = self._among()
        words = {
            "n": count(len(moves)),
            "last": self.last,
            "known": self._known(),
        }
        if max(map(abs, moves.values())) <= 1:
            yield self.state(f"steady{among}", as_printed=self.as_printed, **words)
            return
        risen, fallen = (self.furthest(moves, sign) for sign in (1, -1))
        clauses = [
            self._moved(w, rows)
            for w, rows in (("rose", risen), ("fell", fallen))
            if rows
        ]
        if clauses:
            words["parts"] = Label(
                "；".join(clause.zh for clause in clauses), clause_list(clauses).en
            )
            yield self.state(f"moves{among}", as_printed=self.as_printed, **words)
            if self.known_share >= _MOST_KNOWN:
                yield from self.counts()
        if len(risen) == 1:
            yield from self.cause(risen[0], 1)
        if len(fallen) == 1:
            yield from self.cause(fallen[0], -1)

    def _among(self) -> str:
        """Return of which cities moves are, as the end of the name of a sentence."""
        if self.known_share < 1:
            return "_some"
        return "_among" * (self.is_among_some and not self.as_printed)

    def _known(self) -> Label:
        """Return from where former ranks are known."""
        return part("published" if self.source.spec.last is None else "known")

    @staticmethod
    def furthest(moves: Mapping[int, int], sign: int) -> list[int]:
        """Return the cities that moved furthest one way; none where many did, or by one place."""
        most = max(sign * move for move in moves.values())
        rows = [row for row, move in moves.items() if sign * move == most]
        return rows if most > 1 and len(rows) <= NAMED else []

    def _moved(self, word: str, rows: Sequence[int]) -> Label:
        """Return who moved how far."""
        then, now = self.places[rows[0]]
        kind = (
            f"{word}_joint"
            if len(rows) > 1
            else f"{word}_only"
            if self.is_among_some
            else word
        )
        places = part("places", n=count(abs(then - now)))
        # Printed ranks do not rest on the gaps of these scores.
        city = and_list(
            [*map(self.source.city if self.as_printed else self.city, rows)]
        )
        return part(
            kind, city=city, by=places, before=figure_place(then), now=figure_place(now)
        )

    def cause(self, row: int, sign: int) -> Iterator[Sentence]:
        """State what a city's gain or loss rests on.

        Never a value that one edition lacks or estimates. `sign` is 1 for a gain, -1 for a loss.
        """
        change = self._score_change(row)
        if change is None or sign * change.total <= 0:
            return
        effects = sign * change.effects
        total = sign * change.total
        gap_points = sign * change.of_gaps
        best = int(effects.argmax())
        words: dict[str, object] = {
            "city": self.city(row),
            "total": self.points(total),
        }
        shown = self.points(float(effects[best]))
        # A part that is 0 as it is printed says nothing.
        is_cause = effects[best] >= _QUARTER * total and float(shown) > 0
        also = NOTHING
        end = "_fall" * (sign < 0)
        if gap_points >= _QUARTER * total and 0 < len(change.gaps) <= NAMED:
            gap = {
                "part": self._names_of(change.gaps),
                "points": self.points(gap_points),
                "last": self.last,
            }
            if not is_cause:
                yield self.state(f"filled_only{end}", **gap, **words)
            also = part("filled_too", **gap)
        if abs(change.of_scale) >= _QUARTER * total:
            # It may take some of the change back: then it is below 0.
            also = part("scale_too", points=self.points(sign * change.of_scale))
        if is_cause:
            name = indicator(self.source.scored(self.source.result.leaf_codes[best]))
            # Of a part that adds more than the whole, only the name is stated.
            is_part = float(shown) < float(self.points(total))
            fact = f"cause{end}" if is_part else f"cause{end}_alone"
            yield self.state(fact, part=name, points=shown, filled=also, **words)

    def _names_of(self, codes: Sequence[str]) -> Label:
        """Return the names of indicators as a list in words."""
        return and_list([indicator(self.source.node(code)) for code in codes])

    def _score_change(self, row: int) -> ScoreChange | None:
        """Return what the change of a city's score is made of; None where that is not known.

        Parts are on the scale of the score as it is now.
        """
        source = self.source
        before = source.previous_result
        unit = source.units[row].id
        if before is None or unit not in before.dataset.rows or source.synthetic:
            return None
        own = source.result
        row_before = before.dataset.rows[unit]
        try:
            now = scaled_contributions(own)[row]
            then = scaled_contributions(before)[row_before]
        except ValueError:
            return None
        total = float(
            source.scores(self.code)[row] - before.column(self.code)[row_before]
        )
        states = own.raw_states[row], before.raw_states[row_before]
        is_observed = (states[0] == State.VALUE) & (states[1] == State.VALUE)
        scores = own.normalised[row]
        # With the weights of now; what is left is due to the gaps of one of the editions.
        with np.errstate(all="ignore"):
            shares = now / scores
            effects = shares * (scores - before.normalised[row_before])
        effects = np.where(is_observed, effects, 0.0)
        is_filled = bool((states[0] == State.VALUE).all())
        if not is_filled or not np.isfinite(effects).all():
            return None
        gaps = [
            code
            for code, observed in zip(own.leaf_codes, is_observed, strict=True)
            if not observed
        ]
        contributed = float(now.sum() - then.sum())
        return self._with_rest(total, effects, gaps, contributed)

    def _with_rest(
        self, total: float, effects: FloatArray, gaps: Sequence[str], contributed: float
    ) -> ScoreChange | None:
        """Return a change with the points that are not due to its effects.

        `contributed` is by how much the sum of all contributions to the score changed.
        """
        rest = total - float(effects.sum())
        is_sum = abs(contributed - total) <= _NOISE
        rescaling = self.source.result.recipe.step_for("rescale", self.code)
        # What is due to gaps and what to the scale is not told apart.
        if not is_sum and (gaps or rescaling is None):
            return None
        if gaps:
            return ScoreChange(total, effects, gaps, of_gaps=rest, of_scale=0.0)
        return ScoreChange(total, effects, gaps, of_gaps=0.0, of_scale=rest)

    def counts(self) -> Iterator[Sentence]:
        """State how many cities rose, fell and did neither."""
        moves = [then - now for then, now in self.places.values()]
        up, down = (sum(sign * move > 0 for move in moves) for sign in (1, -1))
        numbers = {"up": up, "down": down, "same": len(moves) - up - down}
        # In a row with a number above nine all are figures.
        write = (
            count if max(numbers.values()) <= 9 else (lambda n: Label(str(n), str(n)))
        )
        present = [(word, n) for word, n in numbers.items() if n]
        clauses = [
            part(
                word,
                n=write(n),
                their="its place" if n == 1 else "their places",
                rank="名次" * (word == present[0][0]),
            )
            for word, n in present
        ]
        parts = clause_list(clauses)
        steady = next(index for index, move in enumerate(moves) if move)
        first = [now for _, now in self.places.values()][:steady]
        is_same = steady >= _FEW and first == [*range(1, steady + 1)]
        same = part("same_first", k=count(steady)) if is_same else NOTHING
        words = {"parts": Label(parts.zh.replace("，", "、"), parts.en), "same": same}
        yield self.state("counts", as_printed=self.as_printed, **words)


def change_sentences(source: ReportSource) -> list[Sentence]:
    """Return what is stated of the change since the previous edition."""
    if not source.earlier:
        return []
    return ChangeFacts(source, source.root).sentences()
