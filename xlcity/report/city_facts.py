"""Facts of one city, and the sentences that state them in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlcity.figures.contents import Label
from xlcity.index.compute import rank_among
from xlcity.report.contents import NOTHING, Sentence, rounded
from xlcity.report.facts import NAMED, Facts, child_kind, part, with_gaps
from xlcity.report.source import ReportSource
from xlcity.report.texts import inside
from xlcity.report.wording import (
    and_list,
    cities_of,
    clause_list,
    count,
    figure_place,
    in_text,
    percentage,
    percentage_points,
    place_words,
)

#: Different ranks in the parts of a node that one sentence states.
_PARTS = 4
#: Ranks of all parts are even within this share of the cities.
_EVEN = 1 / 5
#: Cities of a group from which on the first places in it are stated.
_LARGE = 5
#: Growth, in per cent or points, from which on it is stated.
_GROWTH = 5.0


class CityFacts:
    """States facts about one city, of the root if no node is named."""

    def __init__(self, source: ReportSource, row: int, code: str = "") -> None:
        self.source, self.row = source, row
        self.facts = Facts(source, code or source.root, source.units[row].population)

    def sentences(self) -> list[Sentence]:
        """Return what a profile says of the city."""
        every = (self.place, self.parts, self.indicators, self.grown, self.certainty)
        return with_gaps(self.facts, [sentence for state in every for sentence in state()])

    def place(self) -> Iterator[Sentence]:
        """State rank, score, distance from the mean, the rank before, and that in a group."""
        source, row, facts = self.source, self.row, self.facts
        score, rank = source.score(row, facts.code), source.rank(row, facts.code)
        if score is None or rank is None:
            return
        mark = self._mark(facts.code)
        mean = rounded(float(facts.scores.mean()), facts.decimals)
        gap = rounded(rounded(score, facts.decimals) - mean, facts.decimals)
        side = "above" if gap > 0 else "below" if gap < 0 else "equal"
        yield facts.state(
            "place",
            facts.cells([row], "score") + facts.cells([row]),
            city=source.city(row),
            score=f"{facts.points(score)}{mark}",
            n=len(facts.rows),
            rank=self._ranked(figure_place(rank, mark), facts.code),
            moved=self._moved(),
            side=part(side, gap=facts.points(abs(gap))),
            group=self._in_group(rank),
        )
        editions, before = source.editions, source.editions.last_rank(row, facts.code)
        change = editions.change(row, facts.code)
        if before is not None and change is not None and editions.is_beside_print(facts.code):
            words = {"now": figure_place(before - change), "before": figure_place(before)}
            cells, last = facts.cells([row], "change"), source.last_label
            fact = "printed_move" if change else "printed_same"
            yield facts.state(fact, cells, last=last, as_printed=True, **words)

    def _moved(self) -> Label:
        """Return how the rank compares with that of the previous edition."""
        source, code = self.source, self.facts.code
        change, before = (
            source.editions.change(self.row, code),
            source.editions.last_rank(self.row, code),
        )
        if change is None or before is None or source.editions.is_beside_print(code):
            return NOTHING
        kind = "risen" if change > 0 else "fallen" if change < 0 else "kept"
        last = source.earlier[0].label
        return part(kind, last=last, by=abs(change), before=figure_place(before))

    def _in_group(self, own: int) -> Label:
        """Return the rank in the group in which the city is furthest in front."""
        source, root, unit = self.source, self.source.root, self.source.units[self.row]
        if self.facts.code != root:
            return NOTHING
        places = []
        for kind in source.group_types:
            for group in kind.groups:
                if kind.is_reported and unit.attributes.get(kind.attribute) == group.value:
                    rows = source.members(kind, group, root, unit.population)
                    ranks = rank_among(source.result, root, rows)
                    rank = ranks[rows.index(self.row)]
                    if len(rows) >= _LARGE and rank <= NAMED and rank < own:
                        places.append((rank, -len(rows), ranks.count(rank) > 1, group))
        if not places:
            return NOTHING
        rank, less_n, is_shared, group = min(places, key=lambda place: place[:2])
        words = {"n": count(-less_n), "cities": cities_of(group)}
        phrase = place_words(rank, self._mark(root))
        return part(
            "in_group", rank=_ranked(phrase, is_first=rank == 1, is_shared=is_shared), **words
        )

    def _ranked(self, rank: Label, code: str) -> Label:
        """Return a rank as a phrase."""
        own = self.source.rank(self.row, code)
        ranks = [self.source.rank(row, code) for row in self.facts.rows]
        return _ranked(
            rank, is_first=own == min(filter(None, ranks)), is_shared=ranks.count(own) > 1
        )

    def parts(self) -> Iterator[Sentence]:
        """State the ranks in the nodes below, the best first; of many only those in front."""
        source, facts = self.source, self.facts
        ranks = {
            child.code: rank
            for child in source.children(facts.code)
            if (rank := source.rank(self.row, child.code))
        }
        if len(ranks) < 2:
            return
        kind = child_kind(source, facts.code)
        cells = [(self.row, code, "rank") for code in ranks]
        low, high = min(ranks.values()), max(ranks.values())
        marked = any(map(self._mark, ranks))
        if len(ranks) > 2 and 0 < high - low <= _EVEN * len(facts.rows) / 2 and not marked:
            words = {"kind": part(kind), "n": count(len(ranks))}
            fact = "even_two" if high - low == 1 else "even"
            ends = {"low": place_words(low), "high": place_words(high)}
            yield facts.state(fact, cells, **ends, **words)
            return
        groups: dict[Label, list[Label]] = {}
        for code in sorted(ranks, key=lambda code: ranks[code]):
            phrase = self._ranked(place_words(ranks[code], self._mark(code)), code)
            groups.setdefault(phrase, []).append(in_text(source.scored(code)))
        clauses = [
            part("part_rank", name=and_list(names), rank=rank) for rank, names in groups.items()
        ]
        # Of many different ranks the table has the rest.
        clauses = clauses if len(clauses) <= _PARTS else [*clauses[:2], clauses[-1]]
        yield facts.state("parts", cells, parts=clause_list(clauses), by=part(f"by_{kind}"))

    def indicators(self) -> Iterator[Sentence]:
        """State the best ranks of the upper half and the lowest ones of the lower half."""
        source, tree = self.source, self.source.result.framework
        below = {child.code for child in source.children(self.facts.code)}
        lowest = [
            node.code
            for node in tree.tree_order
            if node.code not in below
            and node.code != tree.root.code
            and source.has(node.code)
            and not any(source.has(child.code) for child in tree.children(node.code))
        ]
        ranked = [(rank, code) for code in lowest if (rank := source.rank(self.row, code))]
        ranked.sort(key=lambda pair: pair[0])
        half, row = source.is_among_half, self.row
        strong = [pair for pair in ranked if half(row, pair[1], upper=True)]
        weak = [pair for pair in ranked[::-1] if half(row, pair[1], upper=False)]
        words = {}
        cells: list[tuple[int, str, str]] = []
        for word, pairs in (("strong", strong), ("weak", weak)):
            chosen = pairs[:NAMED]
            if chosen:
                words[word] = self._listed(chosen, pairs)
                cells += [(self.row, code, "rank") for _, code in chosen]
        if words:
            facts = {"strong": "strengths", "weak": "weaknesses"}
            fact = "both" if len(words) == 2 else facts[next(iter(words))]
            yield self.facts.state(fact, cells, **words)

    def _listed(self, chosen: Sequence[tuple[int, str]], pairs: Sequence[tuple[int, str]]) -> Label:
        """Return nodes with the city's ranks, and that more share the last one."""
        parts = and_list([self._placed(rank, code) for rank, code in chosen])
        is_cut = len(pairs) > len(chosen) and pairs[len(chosen)][0] == chosen[-1][0]
        return part("more", parts=parts) if is_cut else parts

    def _placed(self, rank: int, code: str) -> Label:
        """Return a node with the city's rank in it, and that less is better where it is."""
        word = "placed_reverse" if self.source.is_reverse(code) else "placed"
        name = inside(self.source.short_node(code))
        return part(word, name=name, rank=figure_place(rank, self._mark(code)))

    def _mark(self, code: str) -> str:
        return self.source.gaps.mark(self.row, code)

    def grown(self) -> Iterator[Sentence]:
        """State the indicator that grew most beyond the mean of the sample."""
        editions = self.source.editions
        is_invented = self.source.synthetic and not editions.is_growth_printed
        for growth in editions.grown(self.row)[:1]:
            if growth.own < _GROWTH or is_invented:
                continue
            words: dict[str, object] = {"last": self.source.last_label}
            words |= {"own": f"{rounded(growth.own, 1):.1f}", "mean": percentage(growth.mean)}
            words["name"] = self.source.short_node(growth.code)
            if growth.is_share:
                now = growth.before + growth.own
                words |= {"before": f"{growth.before:.1f}", "now": f"{now:.1f}"}
                words["mean"] = percentage_points(growth.mean)
            cells, as_printed = [(self.row, growth.code, "growth")], editions.is_growth_printed
            fact = "grown_share" if growth.is_share else "grown"
            yield self.facts.state(fact, cells, as_printed=as_printed, **words)

    def certainty(self) -> Iterator[Sentence]:
        """State the ranks of the city in most simulations, where ranks were assessed."""
        ends = self.source.rank_ranges.get(self.source.units[self.row].id)
        if ends and self.facts.code == self.source.root:
            low, high = map(place_words, ends)
            fact = "range" if ends[0] < ends[1] else "range_one"
            n = self.source.simulations
            yield self.facts.state(fact, self.facts.cells([self.row]), low=low, high=high, n=n)


def _ranked(rank: Label, *, is_first: bool, is_shared: bool) -> Label:
    """Return a rank as a phrase; a first place is one, or is shared."""
    # A mark stands behind a number.
    plain = is_first and rank.zh.isdigit()
    word = "ranked_joint" if is_first and is_shared else "ranked_first" if plain else "ranked"
    return part(word, rank=rank)
