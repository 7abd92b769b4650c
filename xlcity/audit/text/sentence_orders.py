"""Places, superlatives, comparisons and moves of a sentence about an index.

A claim is false if no order that its sentence may be about makes it true: of the nodes and groups
that it names, by scores, values and their changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise
from typing import NamedTuple

import numpy as np

from xlcity.audit.text.evidence import Group
from xlcity.audit.text.outcome import (
    TRUE,
    ClaimOutcome,
    ClaimScope,
    JudgedClaim,
    Telling,
    verdict,
)
from xlcity.audit.text.patterns import WORDS
from xlcity.audit.text.sentence_conditions import StatedConditions
from xlcity.audit.text.sentence_words import (
    CHANGES,
    Mention,
    StatedFacts,
    StatedPlace,
    Stretch,
)

#: A city, or a group by the mean of its cities.
Ranked = str | Group
#: City -> its number; the highest comes first.
Order = Mapping[str, float]

#: Those that words may be about: in each reading some cities, or a group.
Subjects = Sequence[Sequence[Ranked]]

#: How far behind a comparison the city or group may stand that it is with.
_NEAR = 45
#: Comparisons of amounts, whatever their merit.
_AMOUNTS = ("more", "less")
#: Cities of a list that come in turn if no word says so.
_MOST_IN_LINE = 4
_SUPERLATIVES = ("most", "least", "best", "worst")


class Spot(NamedTuple):
    """The first and the last place that one may have, and how many there are."""

    first: int
    last: int
    size: int

    def may_have(self, rank: int) -> bool:
        """Tell whether one may have a rank; a negative one is counted from the last."""
        return self.first <= (rank if rank > 0 else self.size + 1 + rank) <= self.last


#: Tells of an order, and of the places that some have in it, whether a claim is true.
Test = Callable[[Order, Sequence[Spot]], bool]


def check_orders(conditions: StatedConditions) -> Iterator[JudgedClaim]:
    """Yield the claims about who comes before whom."""
    orders = StatedOrders(conditions.facts, conditions)
    of_clauses = chain.from_iterable(
        (orders.check_places(clause), orders.check_moves(clause))
        for clause in conditions.facts.clauses
    )
    of_sentence = (
        orders.check_superlatives(),
        orders.check_comparisons(),
        orders.check_lists(),
        orders.check_lines(),
    )
    # Words may be read in two ways; what holds in one of them is true.
    claims: dict[tuple[str, str], JudgedClaim] = {}
    for claim in chain(*of_clauses, *of_sentence):
        if claim.outcome.holds or (claim.kind, claim.words) not in claims:
            claims[claim.kind, claim.words] = claim
    yield from claims.values()


@dataclass(frozen=True)
class StatedOrders:
    """The orders of cities and groups that a sentence may be about."""

    facts: StatedFacts
    conditions: StatedConditions

    # -- who -------------------------------------------------------------------------------------
    def _find_subjects(
        self, span: Stretch, *, behind: bool = True
    ) -> list[Sequence[Ranked]]:
        """Return the cities, or the group, that words may be about; the likeliest first.

        Those before the words in their clause, else behind them, else of the clauses before.
        """
        facts = self.facts
        clause = self.facts.find_clause(span.start)
        mentions = [mention for mention in facts.mentions if mention.group != ()]
        runs = facts.runs
        own = [
            mention for mention in mentions if not facts.is_compared_with(mention.span)
        ]
        city_after = WORDS.city_after
        city_in = WORDS.city_in
        beside = [
            m
            for m in runs
            if m.span.start >= span.end > span.start
            and city_after.fullmatch(facts.text, span.end, m.span.start)
        ]
        is_adjective = WORDS.adjective.fullmatch(facts.text, *span)
        if beside and (is_adjective or facts.text[span.end] in "-的"):
            return [*map(_list_ranked, beside)]
        linked = [
            m
            for m in runs
            if m.span.end <= span.start
            and city_in.fullmatch(facts.text, m.span.end, span.start)
        ]
        if linked or (beside := [mention for mention in beside if mention in own]):
            return [*map(_list_ranked, linked[-1:] or beside)]
        for several in ([mention for mention in own if mention.group is None], own):
            inside = [m for m in several if clause.has(m.span.start)]
            ahead = [_list_ranked(m) for m in inside if m.span.end <= span.start]
            if len(inside) > 1 and all(mention.group is None for mention in inside):
                together = [*chain(*(mention.cities for mention in inside))]
                ahead += [together] if inside[-1].span.end <= span.start else []
            after = (
                [_list_ranked(m) for m in inside if m.span.start >= span.end]
                if behind
                else []
            )
            earlier = [_list_ranked(m) for m in several if m.span.end <= clause.start]
            if subjects := ahead[::-1] or after or [*earlier[-1:], *earlier[:1]]:
                return subjects
        is_of_city_before = bool(facts.nodes) or facts.has(WORDS.pronoun)
        return [[city] for city in facts.cities_before] if is_of_city_before else []

    # -- orders ----------------------------------------------------------------------------------
    def _order_by_level(
        self,
        codes: Iterable[str],
        clause: Stretch,
        *,
        merit: bool = True,
        ranked: bool = True,
    ) -> Iterator[Order]:
        """Yield the orders of nodes: by ranks and scores, of indicators by values.

        With `merit` values of which less is better are turned as well, and ranks count.
        """
        facts = self.facts
        evidence = self.facts.evidence
        is_earlier = facts.has(WORDS.earlier, clause)
        for code in codes:
            is_leaf = code in evidence.indicators
            if ranked and (merit or not is_leaf):
                yield {city: -rank for city, rank in evidence.ranks_in(code).items()}
                earlier = evidence.earlier.items() if is_earlier else ()
                yield {
                    city: -int(cell.text)
                    for (node, city), cell in earlier
                    if node == code
                }
            for edition in ("", "earlier ") if is_earlier else ("",):
                by_city = evidence.numbers(
                    f"{edition}{'values' if is_leaf else 'scores'}", code
                )
                yield by_city
                if merit and is_leaf and evidence.framework[code].direction < 0:
                    yield _turn_order(by_city)

    def _order_by_change(
        self, codes: Iterable[str], span: Stretch | None, ways: Sequence[int]
    ) -> list[Order]:
        """Return the orders of nodes by how much cities rose (1) or fell (-1)."""
        changes = [
            change for code in codes for change in self.facts.find_changes(code, span)
        ]
        return [
            change if way > 0 else _turn_order(change)
            for change in changes
            for way in ways
        ]

    def _find_ways(self, clause: Stretch | None) -> list[int]:
        """Return which ways the numbers of a clause, or of the sentence, moved."""
        return [
            way
            for word, way in (("rise", 1), ("fall", -1))
            if self.facts.has(WORDS[word], clause)
        ]

    def _find_orders(
        self,
        codes: Iterable[str],
        clause: Stretch,
        *,
        merit: bool = True,
        ranked: bool = True,
    ) -> list[Order]:
        """Return the orders of a clause: of changes where it tells of any, else of levels."""
        ways = self._find_ways(clause)
        ways = (
            self._find_ways(None) if not ways and self.facts.has(WORDS.amount) else ways
        )
        levels = (
            []
            if ways
            else self._order_by_level(codes, clause, merit=merit, ranked=ranked)
        )
        return [*levels, *self._order_by_change(codes, None, ways)]

    def _find_spots(
        self, order: Order, who: Sequence[Ranked], group: Group
    ) -> list[Spot] | None:
        """Return the places of cities inside a group, or of groups among those of their kind."""
        if isinstance(who[0], str):
            members = self.facts.find_members(group)
            numbers: Mapping[Ranked, float] = {
                c: x for c, x in order.items() if c in members
            }
        else:
            numbers = self._sum_up_groups(order, who[0][0][0])
        if any(ranked not in numbers for ranked in who):
            return None
        spots = []
        heights = np.array([*numbers.values()])
        for height in (numbers[ranked] for ranked in who):
            slack = 1e-9 * max(1.0, abs(height))
            first = int((heights > height + slack).sum()) + 1
            spots.append(
                Spot(first, int((heights >= height - slack).sum()), len(heights))
            )
        return spots

    def _sum_up_groups(self, order: Order, attribute: str) -> dict[Ranked, float]:
        """Return the means of all groups by an attribute."""
        facts = self.facts
        means: dict[Ranked, float] = {}
        for value in {unit.attributes.get(attribute) for unit in facts.evidence.units}:
            group = ((attribute, value),) if value else ()
            numbers = [
                order[city]
                for city in facts.find_members(group)
                if group and city in order
            ]
            means |= {group: float(np.mean(numbers))} if numbers else {}
        return means

    def _holds(
        self, subjects: Subjects, orders: Iterable[Order], test: Test
    ) -> bool | None:
        """Tell whether a test is true of a subject in an order; None if no order has one."""
        outcomes = [
            test(order, spots)
            for order in orders
            for who in subjects
            for group in (self.facts.groups if isinstance(who[0], str) else [()])
            if (spots := self._find_spots(order, who, group)) is not None
        ]
        return any(outcomes) if outcomes else None

    def _report_claim(
        self,
        holds: bool | None,
        kind: str,
        span: Stretch,
        code: str,
        *who: Ranked,
        numbers_of: str = "",
    ) -> Iterator[JudgedClaim]:
        """Yield a claim, if the tables decide whether it holds, with what they say of some.

        `numbers_of` is the kind of claim whose numbers these are, if not its own.
        """
        if holds is None:
            return
        quote = self.facts.quote(self.facts.find_clause(span.start).start, span.end)
        tellings = [
            *chain(*(self._tell(ranked, code, numbers_of or kind) for ranked in who))
        ]
        unit = next((ranked for ranked in who if isinstance(ranked, str)), "")
        outcome = TRUE if holds else ClaimOutcome(False, tuple(tellings), unit)
        yield JudgedClaim(kind, quote, code, outcome)

    def _tell(self, who: Ranked, code: str, kind: str) -> Iterator[Telling]:
        """Yield what the tables say of a city or a group: its rank, its number, its change."""
        facts = self.facts
        is_change = kind == "change"
        is_leaf = code in facts.evidence.indicators
        if isinstance(who, str) and not is_change:
            yield ClaimScope(facts.evidence, code).says(who)
        what = "city" if isinstance(who, str) else "group"
        cities = {who} if isinstance(who, str) else facts.find_members(who)
        series = "values" if is_leaf else "scores"
        before, now = (
            np.mean(
                [
                    x
                    for city, x in facts.evidence.numbers(
                        edition + series, code
                    ).items()
                    if city in cities
                ]
                or [np.nan]
            )
            for edition in ("earlier ", "")
        )
        if is_leaf or is_change or what == "group":
            key = f"{'changed' if is_change else 'level'}_{what}"
            yield (
                key,
                {what: who, "node": code, "a": f"{before:.5g}", "x": f"{now:.5g}"},
            )

    # -- places ----------------------------------------------------------------------------------
    def check_places(self, clause: Stretch) -> Iterator[JudgedClaim]:
        """Check the places that a clause gives to cities and groups."""
        facts = self.facts
        text = self.facts.text
        of_any = WORDS.any_city_behind
        stated = [
            spot
            for spot in facts.places
            if clause.has(spot.span.start)
            and not (of_any.match(text, spot.span.end) or self._is_rival(spot))
        ]
        is_of_any = any(
            WORDS.any_city.search(text[: spot.span.start]) for spot in stated
        )
        if is_of_any or self._is_unclear(clause) or facts.has(WORDS.all_nodes, clause):
            return
        nodes = [
            *filter(None, (facts.read_nodes(Stretch(n, n + 1)) for n in range(*clause)))
        ]
        is_paired = len(nodes) == len(stated) > 1 and not facts.has(
            WORDS.from_to, clause
        )
        of_two = any(
            WORDS.places_joined.fullmatch(text, a.span.end, b.span.start)
            for a, b in pairwise(stated)
        )
        for number, stated_place in enumerate(stated):
            codes = (
                nodes[number]
                if is_paired
                else facts.find_nodes(stated_place.span.start)
            )
            if WORDS.of_score.match(text, stated_place.span.end):
                codes = [facts.evidence.root, *codes]
            subjects = self._find_subjects(stated_place.span)
            first = subjects[0] if subjects else []
            if (
                first
                and not isinstance(first[0], str)
                and facts.has(WORDS.sweeps, clause)
            ):
                continue
            # "A, B and C rank 3rd to 5th", or "3rd, 4th and 5th".
            is_range = (
                len(stated) == 2
                and stated[1].place - stated[0].place + 1 == len(first) > 2
            )
            if is_range or len(stated) == len(first) > 1:
                subjects = [[first[-1 if is_range and number else number]]]
            elif of_two and len(first) == 1 and not is_paired:
                continue  # one of the two is a city that no table has
            if subjects:
                holds = self._has_place(subjects, stated_place, codes)
                about = codes[0], subjects[0][0]
                yield from self._report_claim(holds, "rank", stated_place.span, *about)

    def _is_rival(self, spot: StatedPlace) -> bool:
        """Tell whether a place is that of a city without a name, with which others are compared."""
        text = self.facts.text
        end = spot.span.end
        is_named = any(
            m.span.start >= end and WORDS.city_after.fullmatch(text, end, m.span.start)
            for m in self.facts.runs
        )
        is_compared = WORDS.place_compared.search(text[: spot.span.start])
        return is_compared is not None and not is_named

    def _has_place(
        self, subjects: Subjects, stated: StatedPlace, codes: Sequence[str]
    ) -> bool | None:
        facts = self.facts
        wanted = stated.place
        clause = facts.find_clause(stated.span.start)
        is_city = isinstance(subjects[0][0], str)
        # "Joint first in A and 23rd in B": the word is of the place behind it alone.
        joint = [
            rank.span
            for rank in facts.places
            if clause.has(rank.span.start)
            and facts.text[: rank.span.start].endswith(("joint ", "并列"))
        ]
        is_tied = stated.span in joint if joint else facts.has(WORDS.tied, clause)
        # "X and Y lead" as the first two.
        is_first = wanted == 1 and not is_tied
        moved = facts.has(WORDS.amount, clause) or (
            wanted in (1, -1) and self._find_ways(clause)
        )
        # "It is X that leads", of the two that the sentence compares.
        is_rivalry = is_first and len(facts.cities) == 2
        rivals = facts.cities if is_rivalry else []

        def test(order: Order, spots: Sequence[Spot]) -> bool:
            has_place = all(
                spot.may_have(wanted) and spot.first + is_tied <= spot.last
                for spot in spots
            )
            return has_place or (is_first and len(spots) > 1 and _are_first(spots))

        orders = [*self._order_by_level(codes, clause, ranked=is_city)]
        # An earlier place counts those that have left since, too.
        before = facts.evidence.earlier if facts.has(WORDS.earlier, clause) else {}
        if any(
            (cell := before.get((code, str(who[0])))) and cell.text == str(wanted)
            for code in codes
            for who in subjects
            if len(who) == 1
        ):
            return True
        if (
            rivals
            and is_city
            and any(
                order[str(who[0])] == max(order[city] for city in rivals)
                for order in orders
                if order.keys() >= {*rivals}
                for who in subjects
                if len(who) == 1 and who[0] in rivals
            )
        ):
            return True
        orders += self._order_by_change(codes, clause, [1, -1]) if moved else []
        return self._holds(subjects, orders, test)

    def _is_unclear(self, clause: Stretch) -> bool:
        """Tell whether a clause denies something, or is about what no table has."""
        return self.facts.has(WORDS.negated, clause) or self.facts.is_of_unknown(clause)

    # -- superlatives ----------------------------------------------------------------------------
    def check_superlatives(self) -> Iterator[JudgedClaim]:
        """Check who has the most, the least, the best, the worst, or moved most."""
        facts = self.facts
        first_ones = [*WORDS.first_ones.finditer(facts.text)]
        for name in _SUPERLATIVES:
            for match in WORDS[name].finditer(facts.text):
                span = Stretch(*match.span())
                is_place = any(
                    stated.span.start < span.end and span.start <= stated.span.end + 1
                    for stated in facts.places
                )
                is_place |= any(m.start() <= span.start < m.end() for m in first_ones)
                is_own = WORDS.own_best.match(facts.text, span.end)
                clause = facts.find_clause(span.start)
                numbers_of = "change" if (ways := self._find_ways(clause)) else "rank"
                of_others = WORDS.of_quantity.fullmatch(match[0]) and not ways
                is_other = is_own or (of_others and not facts.nodes)
                if is_place or is_other or self._is_unclear(clause):
                    continue
                subjects = self._find_subjects(span)
                if subjects:
                    holds = self._is_extreme(subjects, name, span)
                    about = facts.find_nodes(span.start)[0], subjects[0][0]
                    yield from self._report_claim(
                        holds, "rank", span, *about, numbers_of=numbers_of
                    )

    def _is_extreme(self, subjects: Subjects, name: str, span: Stretch) -> bool | None:
        facts = self.facts
        clause = self.facts.find_clause(span.start)
        codes = facts.find_nodes(span.start)
        is_city = isinstance(subjects[0][0], str)
        in_clause = self._find_ways(clause)
        # "The rise was over a third, the highest of all": of what the clause before tells.
        before = facts.find_clause(max(0, clause.start - 2))
        has_mentions = any(clause.has(mention.span.start) for mention in facts.mentions)
        names_any = has_mentions or facts.read_nodes(clause)
        is_bare = facts.has(WORDS.bare, Stretch(span.start, clause.end))
        is_bare |= not names_any and facts.has(WORDS.amount, before)
        ways = in_clause or (self._find_ways(None) if is_bare else [])
        orders = self._order_by_change(codes, clause if in_clause else None, ways)
        if not in_clause:
            of_merit = name in ("best", "worst")
            levels = [
                *self._order_by_level(codes, clause, merit=of_merit, ranked=is_city)
            ]
            orders += [*levels, *(map(_turn_order, levels) if of_merit else ())]
        if name in ("least", "worst"):
            orders = [*map(_turn_order, orders)]
        return self._holds(subjects, orders, lambda _, spots: _are_first(spots))

    # -- comparisons -----------------------------------------------------------------------------
    def check_comparisons(self) -> Iterator[JudgedClaim]:
        """Check which of two cities or groups has more, or comes first."""
        facts = self.facts
        next_to = [
            Stretch(*match.span()) for match in WORDS.next_to.finditer(facts.text)
        ]
        for name in ("next_to", "more", "less", "ahead", "behind"):
            for match in WORDS[name].finditer(facts.text):
                span = Stretch(*match.span())
                clause = facts.find_clause(match.start())
                other = self._find_other(span, clause)
                is_limit = (
                    WORDS.of_number.match(facts.text, span.end) and name in _AMOUNTS
                )
                is_next_to = name != "next_to" and any(
                    part.has(span.start) for part in next_to
                )
                is_denied = facts.has(WORDS.denied, Stretch(0, span.start))
                is_denied |= facts.has(WORDS.negated, clause)
                if other is None or is_limit or is_next_to or is_denied:
                    continue
                its = _list_ranked(other)
                subjects = [
                    who
                    for who in self._find_subjects(span, behind=False)
                    if not {*who} & {*its} and type(who[0]) is type(its[0])
                ]
                codes = facts.find_nodes(span.start)
                # "Both higher than X" is true if each is.
                several = (
                    [[code] for code in codes]
                    if facts.has(WORDS.both, clause)
                    else [codes]
                )
                outcomes = [
                    self._is_ahead(subjects, its, name, nodes, clause)
                    for nodes in several
                    if subjects
                ]
                if subjects and None not in outcomes:
                    code = (
                        codes[outcomes.index(False)] if False in outcomes else codes[0]
                    )
                    both = (subjects[0][0], its[0])
                    end = Stretch(span.start, other.span.end)
                    yield from self._report_claim(
                        all(outcomes), "compare", end, code, *both
                    )

    def _find_other(self, span: Stretch, clause: Stretch) -> Mention | None:
        """Return the city or group that a comparison names, in its words or right behind them."""
        others = [
            mention
            for mention in self.facts.mentions
            if mention.group != () and span.start < mention.span.start < clause.end
        ]
        between = self.facts.text[span.end : others[0].span.start] if others else ""
        is_near = len(between) <= _NEAR and not any(char.isdigit() for char in between)
        return others[0] if others and is_near else None

    def _is_ahead(
        self,
        subjects: Subjects,
        others: Sequence[Ranked],
        name: str,
        codes: Sequence[str],
        clause: Stretch,
    ) -> bool | None:
        merit = name not in _AMOUNTS
        is_city = isinstance(others[0], str)
        orders = self._find_orders(codes, clause, merit=merit, ranked=is_city)

        def test(_: Order, spots: Sequence[Spot]) -> bool:
            mine = spots[: -len(others)]
            its = spots[-len(others) :]
            if name == "next_to":
                return its[0].first < mine[0].first <= its[0].last + len(others)
            if name in ("less", "behind"):
                mine, its = its, mine
            return all(a.first < b.first for a in mine for b in its)

        is_of_level = name == "next_to" and not self._find_ways(clause)
        is_from_first = self.facts.has(WORDS.next_below)
        orders += (
            [*map(_turn_order, orders)] if is_of_level and not is_from_first else []
        )
        return self._holds([[*who, *others] for who in subjects], orders, test)

    # -- moves -----------------------------------------------------------------------------------
    def check_moves(self, clause: Stretch) -> Iterator[JudgedClaim]:
        """Check that a city, a group or all cities moved as a clause says."""
        facts = self.facts
        matches = ((name, WORDS[name].search(facts.text, *clause)) for name in CHANGES)
        motions = [(name, match) for name, match in matches if match]
        if len(motions) != 1 or facts.has(WORDS.negated, clause):
            return
        ((name, match),) = motions
        if self._counts_cities(clause, match.start()):
            return
        span = Stretch(*match.span())
        stated = [
            *(n.span for n in facts.numbers),
            *(spot.span for spot in facts.places),
        ]
        is_stated = any(clause.has(part.start) for part in stated)
        is_stated |= facts.has(WORDS.score_or_place, clause)
        if not is_stated and not facts.read_nodes(clause):
            return
        codes = facts.find_nodes(span.start)
        who = next(iter(self._find_subjects(span)), [()])
        cities = [
            *chain(
                *(
                    [ranked] if isinstance(ranked, str) else facts.find_members(ranked)
                    for ranked in who
                )
            )
        ]
        is_each = isinstance(who[0], str) and not facts.has(WORDS.together, clause)
        statistic = np.min if is_each else np.mean
        moves = [
            float(statistic(np.multiply(way, numbers)))
            for code in codes
            for change in facts.find_changes(code, clause)
            if (numbers := [change[city] for city in cities if city in change])
            for way in self._find_true_ways(name, code)
        ]
        holds = any(move > -1e-9 for move in moves) if moves else None
        yield from self._report_claim(holds, "change", span, codes[0], who[0])

    def _counts_cities(self, clause: Stretch, position: int) -> bool:
        """Tell whether a clause says how many cities moved, as in "two fell"."""
        facts = self.facts
        of_group = WORDS.group_after
        counts = [
            n.span
            for n in facts.numbers
            if "count" in n.kinds and not of_group.match(facts.text, n.span.end)
        ]
        is_beside = WORDS.counted_before.search(facts.text[:position]) is not None
        return is_beside or any(clause.has(count.start) for count in counts)

    def _find_true_ways(self, name: str, code: str) -> tuple[int, ...]:
        """Return which ways a number may have moved for a word to be true."""
        if name in ("rise", "fall"):
            return (1,) if name == "rise" else (-1,)
        is_cost = self.facts.evidence.framework[code].direction < 0
        return (1, -1) if is_cost else (1,) if name == "better" else (-1,)

    # -- lists -----------------------------------------------------------------------------------
    def check_lists(self) -> Iterator[JudgedClaim]:
        """Check that the cities named are just those that meet a condition of the sentence."""
        facts = self.facts
        conditions = self.conditions
        counts = [number for number in facts.numbers if "count" in number.kinds]
        members = [*map(facts.find_members, facts.groups[1:] or [()])]
        for run in facts.runs:
            clause = facts.find_clause(run.span.start)
            cities = {*run.cities}
            is_sole = any(
                (clause.has(match.start()) and match.end() <= run.span.start + 1)
                or len(facts.runs) == 1
                for match in WORDS.sole.finditer(facts.text)
            )
            clauses = [
                facts.find_clause(number.span.start)
                for number in counts
                if number.value == len(cities) > 1 and number.span.start != run.span.end
            ]
            # "The two that fell most" are not all that fell, nor "both" all that rose.
            clauses = [part for part in clauses if not facts.has(WORDS.of_some, part)]
            if facts.has(WORDS.first_ones, clause) and len(cities) in facts.top_counts:
                clauses.append(clause)
            is_counted = bool(clauses)
            # "Two cities, X and Y, have more": what is said of them stands behind.
            is_apposed = is_counted and facts.text[run.span.end : run.span.end + 1] in [
                *",，)）"
            ]
            clauses += [facts.find_clause(run.span.end + 2)] if is_apposed else []
            if self._is_unclear(clause):
                continue
            clauses = [
                clause,
                *clauses,
                *([Stretch(0, len(facts.text))] if is_sole else []),
            ]
            if not (is_sole or is_counted) or not any(
                map(conditions.has_limit, clauses)
            ):
                continue
            met = [*chain(*map(conditions.find_meeting, clauses))]
            met += [a & b for a, b in combinations(met[:12], 2)]
            wanted = [part & units for part in met for units in members]
            holds = cities in wanted
            is_refuted = any(cities < units for units in wanted)
            is_refuted |= is_counted and any(
                len(units) == len(cities) for units in wanted
            )
            if is_sole and not any(cities <= units for units in wanted):
                is_refuted |= any(units and not units & cities for units in wanted)
            if holds or is_refuted:
                others = filter(None, wanted)
                nearest = min(others, key=lambda units: len(units ^ cities), default=())
                quote = facts.quote(clause.start, run.span.end)
                outcome = verdict(holds, "listed", cities=sorted(nearest))
                yield JudgedClaim("count", quote, facts.nodes_meant[0], outcome)

    def check_lines(self) -> Iterator[JudgedClaim]:
        """Check cities that are named one after the other, as their places follow."""
        facts = self.facts
        matches = [*WORDS.followed.finditer(facts.text)]
        if any(stated.place == 1 for stated in facts.places) or facts.has(
            WORDS.extreme
        ):
            matches += WORDS.ahead_of_city.finditer(facts.text)
        for match in matches:
            ahead = [run for run in facts.runs if run.span.end <= match.start()]
            is_ahead = match.groupdict().get("ahead") is not None
            behind = [
                run
                for run in facts.runs
                if run.span.start >= match.end() and not is_ahead
            ]
            runs = [*ahead[-1 if behind else -2 :], *behind]
            line = [*chain(*(run.cities for run in runs))]
            # Of a long list, and of one that names some of several, any may come first.
            is_open = len(line) > _MOST_IN_LINE and not facts.has(WORDS.in_order)
            is_open |= any(WORDS.and_more.match(facts.text, r.span.end) for r in runs)
            if len(line) < 2 or is_open:
                continue
            codes = facts.find_nodes(match.start())
            orders = self._find_orders(codes, facts.find_clause(match.start()))
            orders += [*map(_turn_order, orders)]
            holds = self._holds([line], orders, _follow)
            yield from self._report_claim(
                holds, "top", Stretch(*match.span()), codes[0], *line
            )


def _list_ranked(mention: Mention) -> Sequence[Ranked]:
    """Return the cities of a mention, or its group."""
    return mention.cities if mention.group is None else [mention.group]


def _turn_order(order: Order) -> Order:
    """Return an order from its end."""
    return {city: -x for city, x in order.items()}


def _are_first(spots: Sequence[Spot]) -> bool:
    """Tell whether all are among as many first ones as there are of them."""
    return all(spot.first <= len(spots) for spot in spots)


def _follow(_: Order, spots: Sequence[Spot]) -> bool:
    """Tell whether each may come right after the one before."""
    start = min(spot.first for spot in spots)
    return all(
        spot.first <= place <= spot.last for place, spot in enumerate(spots, start)
    )
