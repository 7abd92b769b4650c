"""Facts of the change since the previous edition: who came, who rose and fell, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label
from xlcity.index.analysis import contributions
from xlcity.model.dataset import State, Status
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
#: Part of a change from which on it is named as its cause; differences of sums of floats.
_QUARTER = 0.25
_NOISE = 1e-6


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
        """State who rose and who fell most, what the rise rests on, and how many rose and fell."""
        moves = {row: then - now for row, (then, now) in self.places.items()}
        if len(moves) < _FEW:
            return
        n = count(len(moves))
        among = "_among" * (self.is_among_some and not self.as_printed)
        if max(map(abs, moves.values())) <= 1:
            yield self.state(
                f"steady{among}", n=n, last=self.last, as_printed=self.as_printed
            )
            return
        risen, fallen = (self.furthest(moves, sign) for sign in (1, -1))
        clauses = [
            self._moved(w, rows)
            for w, rows in (("rose", risen), ("fell", fallen))
            if rows
        ]
        if clauses:
            parts = Label(
                "；".join(clause.zh for clause in clauses), clause_list(clauses).en
            )
            words = {"n": n, "parts": parts, "last": self.last}
            yield self.state(f"moves{among}", as_printed=self.as_printed, **words)
            yield from self.counts()
        if len(risen) == 1:
            yield from self.cause(risen[0])

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

    def cause(self, row: int) -> Iterator[Sentence]:
        """State what a city's gain rests on: never a value that one edition lacks or estimates."""
        source = self.source
        before = self.source.previous_result
        unit = source.units[row].id
        if before is None or unit not in before.dataset.rows or source.synthetic:
            return
        own = source.result
        row_before = before.dataset.rows[unit]
        try:
            now = contributions(own)[row]
            then = contributions(before)[row_before]
        except ValueError:
            return
        total = float(
            source.scores(self.code)[row] - before.column(self.code)[row_before]
        )
        states = own.raw_states[row], before.raw_states[row_before]
        is_observed = (states[0] == State.VALUE) & (states[1] == State.VALUE)
        scores = own.normalised[row]
        earlier = before.normalised[row_before]
        # With the weights of now; what is left is due to the gaps of one of the editions.
        with np.errstate(all="ignore"):
            effects = np.where(is_observed, now / scores * (scores - earlier), 0.0)
        is_sum = abs(float(now.sum() - then.sum()) - total) <= _NOISE
        is_filled = bool((states[0] == State.VALUE).all())
        if not is_filled or not np.isfinite(effects).all() or total <= 0 or not is_sum:
            return
        filled = total - float(effects.sum())
        best = int(effects.argmax())
        codes = own.leaf_codes
        gaps = [
            code
            for code, observed in zip(codes, is_observed, strict=True)
            if not observed
        ]
        words: dict[str, object] = {"city": self.city(row), "total": self.points(total)}
        is_cause = effects[best] >= _QUARTER * total
        also = NOTHING
        if gaps and filled >= _QUARTER * total and len(gaps) <= NAMED:
            names = and_list([indicator(source.node(code)) for code in gaps])
            gap = {"part": names, "points": self.points(filled), "last": self.last}
            if not is_cause:
                yield self.state("filled_only", **gap, **words)
            also = part("filled_too", **gap)
        if is_cause:
            name = indicator(source.scored(codes[best]))
            shown = self.points(float(effects[best]))
            # Of a part that adds more than the whole, only the name is stated.
            fact = (
                "cause" if float(shown) < float(self.points(total)) else "cause_alone"
            )
            yield self.state(fact, part=name, points=shown, filled=also, **words)

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
