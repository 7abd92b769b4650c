"""Facts of one city, and the sentences that state them in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlcity.figures.contents import Label
from xlcity.grouping import grouped
from xlcity.index.compute import rank_among
from xlcity.report.contents import NOTHING, Sentence, points, rounded
from xlcity.report.earlier_editions import IndicatorGrowth
from xlcity.report.facts import NAMED, Facts, child_kind, part
from xlcity.report.source import ReportSource
from xlcity.report.wording import (
    FIGURES,
    all_list,
    and_list,
    cities_of,
    clause_list,
    count,
    figure_place,
    in_text,
    indicator,
    is_rest,
    measure,
    percentage,
    percentage_points,
    place_words,
)

#: Ranks in all parts are even within this share of the cities.
_EVEN = 0.1
#: Different ranks in the parts of a node that one sentence states.
_PARTS = 4
#: Cities of a group from which on the first places in it are stated.
_LARGE = 5
#: Growth, in per cent or points, from which on it is stated.
_GROWTH = 5.0


class CityFacts(Facts):
    """States facts about one city in the whole index."""

    def __init__(self, source: ReportSource, row: int) -> None:
        super().__init__(source, source.root, source.units[row].population)
        self.row = row

    def sentences(self) -> list[Sentence]:
        """Return what a profile says of the city."""
        return self.stated(
            self.place, self.parts, self.indicators, self.grown, self.certainty
        )

    def place(self) -> Iterator[Sentence]:
        """State rank, score, distance from the mean, the rank before, and that in a group."""
        source = self.source
        row = self.row
        score = source.score(row, self.code)
        rank = source.rank(row, self.code)
        if score is None or rank is None:
            return
        distance = self._from_mean(score)
        editions = source.editions
        change = editions.change(row, self.code)
        is_beside = editions.is_beside_print(self.code)
        moved = NOTHING
        if change is not None and not is_beside:
            moved = self._moved(change)
        yield self.state(
            "place",
            city=self.city(row),
            score=self.points(score),
            n=len(self.rows),
            rank=self._ranked(figure_place(rank), self.code),
            moved=moved,
            side=distance,
            group=self._in_group(rank),
        )
        if change is not None and is_beside:
            yield self._printed_move()

    def _moved(self, change: int) -> Label:
        """Return how many places the city moved; among which cities, where others came or went."""
        kind = "kept"
        if change:
            kind = "risen" if change > 0 else "fallen"
        words: dict[str, object] = {"last": self.source.editions.last.label}
        if self.source.editions.moves_among(self.code, self.population):
            places = part(
                "place" if abs(change) == 1 else "places", n=count(abs(change))
            )
            words |= {"by": abs(change), "places": places}
            return part(f"{kind}_among", **words)
        before = self.source.editions.last_rank(self.row, self.code) or 0
        return part(kind, by=abs(change), before=figure_place(before), **words)

    def _printed_move(self) -> Sentence:
        """State the ranks of both editions as they are printed."""
        editions = self.source.editions
        now = editions.rank_beside(self.row, self.code) or 0
        before = editions.last_rank(self.row, self.code) or 0
        return self.state(
            "printed_same" if now == before else "printed_move",
            as_printed=True,
            now=figure_place(now),
            before=figure_place(before),
            city=self.source.city(self.row),
            last=editions.last.label,
        )

    def _from_mean(self, score: float) -> Label:
        """Return how far a score is from the mean of all cities.

        What a z-score is away from its mean is the score itself.
        """
        mean = float(self.scores.mean())
        if not rounded(mean, self.decimals):
            return NOTHING
        gap = rounded(score - mean, self.decimals)
        if not gap:
            return part("equal")
        return part("above" if gap > 0 else "below", gap=self.points(abs(gap)))

    def _in_group(self, own: int) -> Label:
        """Return the rank in the group in which the city is furthest in front."""
        source = self.source
        root = self.source.root
        unit = self.source.units[self.row]
        places = []
        for kind in source.group_types:
            for group in kind.groups:
                is_inside = unit.attributes.get(kind.attribute) == group.value
                if kind.is_reported and is_inside and not is_rest(group):
                    rows = source.members(kind, group, root, unit.population)
                    ranks = rank_among(source.result, root, rows)
                    rank = ranks[rows.index(self.row)]
                    if len(rows) >= _LARGE and rank <= NAMED and rank < own:
                        places.append((rank, -len(rows), ranks, group))
        if not places:
            return NOTHING
        rank, less_n, ranks, group = min(places, key=lambda place: place[:2])
        ranked = _ranked(place_words(rank), rank, ranks)
        cities = cities_of(group)
        n = count(-less_n)
        return part(
            "in_group",
            rank=ranked,
            n=n,
            cities=cities,
            per=measure(cities, group.measure_zh),
        )

    def _ranked(self, rank: Label, code: str) -> Label:
        """Return a rank as a phrase."""
        ranks = self.source.ranked(code, self.population)
        return _ranked(rank, ranks[self.row], [*ranks.values()])

    def parts(self) -> Iterator[Sentence]:
        """State the ranks in the nodes below, the best first; of many only those in front."""
        source = self.source
        children = self.source.children(self.code)
        ranks = {
            code: rank for code in children if (rank := source.rank(self.row, code))
        }
        if len(ranks) < 2:
            return
        kind = child_kind(source, self.code)
        ends = min(ranks.values()), max(ranks.values())
        is_close = 1 < ends[0] < ends[1] <= ends[0] + len(self.rows) * _EVEN
        if is_close and len(children) == len(ranks) > 2:
            marks = "".join(sorted({*"".join(map(self._mark, ranks))}))
            words = {"kind": part(kind), "n": count(len(ranks)), "marks": marks}
            yield self.state("even", **_span(*ends), **words)
            return
        is_long = len({*ranks.values()}) > _PARTS
        write = figure_place if is_long else place_words
        names = {code: in_text(self.drop_kind(source.scored(code))) for code in ranks}
        order = sorted(ranks, key=lambda code: ranks[code])
        places = {code: write(ranks[code], self._mark(code)) for code in order}
        phrases = grouped(
            (self._ranked(places[code], code), names[code]) for code in order
        )
        if is_long:
            # The table has the rest.
            ranks_in = {
                rank: Label(rank.zh.removeprefix("列"), rank.en) for rank in phrases
            }
            shown = [
                [part("part_place", name=name, rank=ranks_in[rank]) for name in several]
                for rank, several in phrases.items()
            ]
            best = and_list([*shown[0], *shown[1]])
            worst = and_list(shown[-1])
            yield self.state(
                "parts_ends", by=part(f"by_{kind}"), best=best, worst=worst
            )
            return
        lists = ((all_list(several), rank) for rank, several in phrases.items())
        clauses = [
            part("part_rank", name=several, rank=rank) for several, rank in lists
        ]
        # A name with the word and in it is not a list.
        has_list = any(len(several) > 1 for several in phrases.values())
        english = (clause_list if has_list else and_list)(clauses).en
        parts = Label(clause_list(clauses).zh, english)
        yield self.state("parts", parts=parts, by=part(f"by_{kind}"))

    def extremes(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Return ranks and nodes of the lowest level: of the upper half, and of the lower one."""
        source = self.source
        main = self.source.children(self.code)
        lowest = [code for code in source.lowest(self.code) if code not in main]
        ranked = [
            (rank, code) for code in lowest if (rank := source.rank(self.row, code))
        ]
        ranked.sort(key=lambda pair: pair[0])
        half = source.is_among_half
        row = self.row
        strong = [pair for pair in ranked if half(row, pair[1], upper=True)]
        return strong, [
            pair for pair in ranked[::-1] if half(row, pair[1], upper=False)
        ]

    def indicators(self) -> Iterator[Sentence]:
        """State the best ranks of the upper half and the lowest ones of the lower half."""
        strong, weak = map(self._listed, self.extremes())
        facts = {
            (True, True): "both",
            (True, False): "strengths",
            (False, True): "weaknesses",
        }
        if fact := facts.get((strong != NOTHING, weak != NOTHING)):
            # Of a group of cities beside the first one readers don't know how many they are.
            is_first = self.population == self.source.population
            among = NOTHING if is_first else part("among", n=len(self.rows))
            yield self.state(fact, strong=strong, weak=weak, among=among)

    def _listed(self, pairs: Sequence[tuple[int, str]]) -> Label:
        """Return the first nodes with the city's ranks, and that several share the last one."""
        chosen = pairs[:NAMED]
        beyond = [pair for pair in pairs[NAMED:] if pair[0] == chosen[-1][0]]
        if len(beyond) == 1:
            chosen, beyond = [*chosen, *beyond], []
        ranks = {
            (self._write_place(*pair), self.source.is_reverse(pair[1]))
            for pair in chosen
        }
        parts = and_list([self._placed(rank, code) for rank, code in chosen])
        if len(ranks) == 1 < len(chosen) and not self.source.is_reverse(chosen[0][1]):
            names = and_list(
                [indicator(self.source.short_node(code)) for _, code in chosen]
            )
            word = "placed_both" if len(chosen) == 2 else "placed_all"
            parts = part(word, name=names, rank=self._write_place(*chosen[0]))
        return part("more", parts=parts) if beyond else parts

    def _placed(self, rank: int, code: str) -> Label:
        """Return a node with the city's rank in it, and that less is better where it is."""
        word = "placed_reverse" if self.source.is_reverse(code) else "placed"
        name = indicator(self.source.short_node(code))
        return part(word, name=name, rank=self._write_place(rank, code))

    def _write_place(self, rank: int, code: str) -> Label:
        """Return a rank in figures; a first place that several cities have is called joint."""
        figure = figure_place(rank, self._mark(code))
        ranks = [*self.source.ranked(code, self.population).values()]
        is_joint = rank == min(ranks) and ranks.count(rank) > 1
        return Label(
            "并列" * is_joint + f"第{figure.zh}位", "joint " * is_joint + figure.en
        )

    def _mark(self, code: str) -> str:
        return self.source.gaps.signs(self.row, code)

    def grown(self) -> Iterator[Sentence]:
        """State the indicators that rose furthest above the mean, and fell furthest below it."""
        editions = self.source.editions
        if self.source.synthetic and not editions.is_growth_printed:
            return
        every = sorted(editions.growth_of(self.row), key=lambda own: -own.beyond_mean)
        for growth in every[:1]:
            if growth.own >= _GROWTH and growth.beyond_mean > 0:
                yield self._grown(growth, "grown")
        for growth in every[-1:]:
            if growth.own <= -_GROWTH and growth.beyond_mean < 0:
                yield self._grown(growth, "shrunk")

    def _grown(self, growth: IndicatorGrowth, fact: str) -> Sentence:
        """State the growth of one indicator, beside that of the cities with both values."""
        editions = self.source.editions
        name = indicator(self.source.short_node(growth.code))
        mean = percentage_points if growth.is_share else percentage
        word = "mean_down" if growth.mean < 0 else "mean_up"
        # Services do not rise: their number does.
        rises = name if name.en.startswith("the ") else part("figure_for", name=name)
        return self.state(
            f"{fact}_share" if growth.is_share else fact,
            name=name,
            open=rises.en[:1].upper() + rises.en[1:],
            last=editions.last.label,
            own=points(abs(growth.own), 1),
            mean=part(word, mean=mean(abs(growth.mean))),
            before=points(growth.before, 1),
            now=points(growth.before + growth.own, 1),
            as_printed=editions.is_growth_printed,
        )

    def certainty(self) -> Iterator[Sentence]:
        """State the ranks of the city in most simulations, where ranks were assessed."""
        if ends := self.source.rank_ranges.get(self.source.units[self.row].id):
            fact = "range" if ends[0] < ends[1] else "range_one"
            city = self.city(self.row)
            n = self.source.simulations
            yield self.state(fact, city=city, n=n, **_span(*ends))


def _span(first: int, last: int) -> dict[str, Label]:
    """Return two ranks, and both as a phrase."""
    low, high = map(place_words if last < FIGURES else figure_place, (first, last))
    word = "span" if last - first > 1 else "span_two"
    return {"low": low, "high": high, "span": part(word, low=low, high=high)}


def _ranked(phrase: Label, rank: int, ranks: Sequence[int]) -> Label:
    """Return a rank among others as a phrase; a first place is one, or is shared."""
    word = "ranked"
    if rank == min(filter(None, ranks)):
        word = "ranked_joint" if ranks.count(rank) > 1 else "ranked_first"
    return part(word, rank=phrase, mark=phrase.zh.lstrip("0123456789"))
