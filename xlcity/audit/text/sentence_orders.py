"""Places, superlatives, comparisons and moves of a sentence about an index.

A claim is false if no order that its sentence may be about makes it true: of the nodes and groups
that it names, by scores, values and their changes.
"""

from __future__ import annotations

import re
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, product
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
_COMPARISONS = ("next_to", "more", "less", "ahead", "behind")
#: Words before a place that several share.
_JOINT = ("joint ", "并列")
#: What stands behind a list of cities in apposition.
_BEHIND_LIST = frozenset(",，)）")
#: Which way numbers moved by a word.
_WAYS = {"rise": 1, "fall": -1}
#: Cities that meet single conditions of which every two are taken together, at most.
_MOST_CONDITIONS = 12


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


class _ComparedOthers(NamedTuple):
    """A word that compares, its clause, and those that others are compared with."""

    name: str
    clause: Stretch
    others: Sequence[Ranked]


@dataclass(frozen=True)
class StatedOrders:
    """The orders of cities and groups that a sentence may be about."""

    facts: StatedFacts
    conditions: StatedConditions

    def _find_subjects(
        self, span: Stretch, *, behind: bool = True
    ) -> list[Sequence[Ranked]]:
        """Return the cities, or the group, that words may be about; the likeliest first.

        Those before the words in their clause, else behind them, else of the clauses before.
        """
        facts = self.facts
        own = [m for m in facts.mentions if m.group != ()]
        own = [mention for mention in own if not facts.is_compared_with(mention.span)]
        linked = self._find_linked_cities(span, own)
        if linked:
            return [*map(_list_ranked, linked)]
        lists = [mention for mention in own if mention.is_list]
        subjects = self._find_nearest(lists, span, behind=behind)
        subjects = subjects or self._find_nearest(own, span, behind=behind)
        if subjects:
            return subjects
        is_of_city_before = bool(facts.nodes) or facts.has(WORDS.pronoun)
        return [[city] for city in facts.cities_before] if is_of_city_before else []

    def _find_linked_cities(
        self, span: Stretch, own: Sequence[Mention]
    ) -> list[Mention]:
        """Return the cities that words belong to, as "the highest, X" or "X's is the highest"."""
        text = self.facts.text
        runs = self.facts.runs
        beside = [m for m in runs if m.span.start >= span.end > span.start]
        city_after = WORDS.city_after
        beside = [
            m for m in beside if city_after.fullmatch(text, span.end, m.span.start)
        ]
        is_adjective = WORDS.adjective.fullmatch(text, *span)
        if beside and (is_adjective or text[span.end] in "-的"):
            return beside
        ahead = [m for m in runs if m.span.end <= span.start]
        city_in = WORDS.city_in
        start = span.start
        linked = [m for m in ahead if city_in.fullmatch(text, m.span.end, start)]
        return linked[-1:] or [mention for mention in beside if mention in own]

    def _find_nearest(
        self, mentions: Sequence[Mention], span: Stretch, *, behind: bool
    ) -> list[Sequence[Ranked]]:
        """Return those of some mentions that words may be about by where they stand."""
        clause = self.facts.find_clause(span.start)
        inside = [m for m in mentions if clause.has(m.span.start)]
        ahead = [_list_ranked(m) for m in inside if m.span.end <= span.start]
        are_cities = all(mention.is_list for mention in inside)
        if len(inside) > 1 and are_cities and inside[-1].span.end <= span.start:
            ahead.append([*chain(*(mention.cities for mention in inside))])
        if ahead:
            return ahead[::-1]
        after = [_list_ranked(m) for m in inside if m.span.start >= span.end]
        if after and behind:
            return after
        earlier = [_list_ranked(m) for m in mentions if m.span.end <= clause.start]
        return [*earlier[-1:], *earlier[:1]]

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
        evidence = self.facts.evidence
        is_earlier = self.facts.has(WORDS.earlier, clause)
        for code in codes:
            is_leaf = code in evidence.indicators
            if ranked and (merit or not is_leaf):
                yield {city: -rank for city, rank in evidence.ranks_in(code).items()}
                if is_earlier:
                    yield self._order_by_earlier_rank(code)
            series = "values" if is_leaf else "scores"
            is_cost = is_leaf and evidence.framework[code].direction < 0
            for edition in ("", "earlier ") if is_earlier else ("",):
                by_city = evidence.numbers(edition + series, code)
                yield by_city
                if merit and is_cost:
                    yield _turn_order(by_city)

    def _order_by_earlier_rank(self, code: str) -> Order:
        earlier_ranks = self.facts.evidence.earlier.items()
        return {
            city: -int(cell.text)
            for (node, city), cell in earlier_ranks
            if node == code
        }

    def _order_by_change(
        self, codes: Iterable[str], span: Stretch | None, ways: Sequence[int]
    ) -> list[Order]:
        """Return the orders of nodes by how much cities rose (1) or fell (-1)."""
        orders = []
        for code in codes:
            for change in self.facts.find_changes(code, span):
                orders += [change if way > 0 else _turn_order(change) for way in ways]
        return orders

    def _find_ways(self, clause: Stretch | None) -> list[int]:
        """Return which ways the numbers of a clause, or of the sentence, moved."""
        has = self.facts.has
        return [way for word, way in _WAYS.items() if has(WORDS[word], clause)]

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
        if not ways and self.facts.has(WORDS.amount):
            ways = self._find_ways(None)
        if ways:
            return self._order_by_change(codes, None, ways)
        return [*self._order_by_level(codes, clause, merit=merit, ranked=ranked)]

    def _find_spots(
        self, order: Order, who: Sequence[Ranked], group: Group
    ) -> list[Spot] | None:
        """Return the places of cities inside a group, or of groups among those of their kind."""
        numbers: Mapping[Ranked, float]
        if isinstance(who[0], str):
            members = self.facts.find_members(group)
            numbers = {city: x for city, x in order.items() if city in members}
        else:
            numbers = self._sum_up_groups(order, who[0][0][0])
        if any(ranked not in numbers for ranked in who):
            return None
        spots = []
        heights = np.array([*numbers.values()])
        for ranked in who:
            height = numbers[ranked]
            slack = 1e-9 * max(1.0, abs(height))
            first = int((heights > height + slack).sum()) + 1
            last = int((heights >= height - slack).sum())
            spots.append(Spot(first, last, len(heights)))
        return spots

    def _sum_up_groups(self, order: Order, attribute: str) -> dict[Ranked, float]:
        """Return the means of all groups by an attribute."""
        facts = self.facts
        means: dict[Ranked, float] = {}
        values = {unit.attributes.get(attribute) for unit in facts.evidence.units}
        for value in filter(None, values):
            group = ((attribute, value),)
            members = facts.find_members(group)
            numbers = [order[city] for city in members if city in order]
            if numbers:
                means[group] = float(np.mean(numbers))
        return means

    def _holds(
        self, subjects: Subjects, orders: Iterable[Order], test: Test
    ) -> bool | None:
        """Tell whether a test is true of a subject in an order; None if no order has one."""
        outcomes = []
        for order, who in product(orders, subjects):
            for group in self.facts.groups if _are_cities(who) else [()]:
                spots = self._find_spots(order, who, group)
                if spots is not None:
                    outcomes.append(test(order, spots))
        return any(outcomes) if outcomes else None

    def _report_claim(
        self,
        holds: bool | None,
        kind: str,
        span: Stretch,
        *,
        code: str,
        who: Sequence[Ranked],
        numbers_of: str = "",
    ) -> Iterator[JudgedClaim]:
        """Yield a claim, if the tables decide whether it holds, with what they say of some.

        `numbers_of` is the kind of claim whose numbers these are, if not its own.
        """
        if holds is None:
            return
        quote = self.facts.quote(self.facts.find_clause(span.start).start, span.end)
        outcome = TRUE
        if not holds:
            tellings: list[Telling] = []
            for ranked in who:
                tellings += self._tell(ranked, code, numbers_of or kind)
            unit = next((ranked for ranked in who if isinstance(ranked, str)), "")
            outcome = ClaimOutcome(False, tuple(tellings), unit)
        yield JudgedClaim(kind, quote, code, outcome)

    def _tell(self, who: Ranked, code: str, kind: str) -> Iterator[Telling]:
        """Yield what the tables say of a city or a group: its rank, its number, its change."""
        evidence = self.facts.evidence
        is_change = kind == "change"
        is_leaf = code in evidence.indicators
        if isinstance(who, str):
            what = "city"
            cities = {who}
            if not is_change:
                yield ClaimScope(evidence, code).says(who)
        else:
            what = "group"
            cities = self.facts.find_members(who)
        if not (is_leaf or is_change or what == "group"):
            return
        series = "values" if is_leaf else "scores"
        before = self._sum_up_cities(f"earlier {series}", code, cities)
        now = self._sum_up_cities(series, code, cities)
        key = f"changed_{what}" if is_change else f"level_{what}"
        yield key, {what: who, "node": code, "a": f"{before:.5g}", "x": f"{now:.5g}"}

    def _sum_up_cities(self, series: str, code: str, cities: set[str]) -> float:
        """Return the mean of some cities, NaN where none has a number."""
        by_city = self.facts.evidence.numbers(series, code)
        numbers = [x for city, x in by_city.items() if city in cities]
        return float(np.mean(numbers or [np.nan]))

    def check_places(self, clause: Stretch) -> Iterator[JudgedClaim]:
        """Check the places that a clause gives to cities and groups."""
        facts = self.facts
        text = self.facts.text
        stated = self._find_places(clause)
        is_of_any = any(WORDS.any_city.search(text[: p.span.start]) for p in stated)
        if is_of_any or self._is_unclear(clause) or facts.has(WORDS.all_nodes, clause):
            return
        of_two = any(
            WORDS.places_joined.fullmatch(text, a.span.end, b.span.start)
            for a, b in pairwise(stated)
        )
        nodes = self._find_nodes_in_turn(clause, len(stated))
        for number, place in enumerate(stated):
            codes = nodes[number] if nodes else facts.find_nodes(place.span.start)
            if WORDS.of_score.match(text, place.span.end):
                codes = [facts.evidence.root, *codes]
            subjects = self._find_subjects(place.span)
            if not subjects or self._names_several(subjects[0], clause):
                continue
            if of_two and not nodes and len(subjects[0]) == 1:
                continue  # one of the two is a city that no table has
            shared = _share_places(stated, number, subjects)
            holds = self._has_place(shared, place, codes)
            yield from self._report_claim(
                holds, "rank", place.span, code=codes[0], who=shared[0][:1]
            )

    def _find_places(self, clause: Stretch) -> list[StatedPlace]:
        """Return the places that a clause gives to cities with a name."""
        of_any = WORDS.any_city_behind
        return [
            place
            for place in self.facts.places
            if clause.has(place.span.start)
            and not (
                of_any.match(self.facts.text, place.span.end) or self._is_rival(place)
            )
        ]

    def _find_nodes_in_turn(self, clause: Stretch, count: int) -> list[list[str]]:
        """Return the nodes of places that are named in turn, as "2nd in A and 3rd in B"."""
        facts = self.facts
        if count < 2 or facts.has(WORDS.from_to, clause):
            return []
        signs = (facts.read_nodes(Stretch(n, n + 1)) for n in range(*clause))
        nodes = [*filter(None, signs)]
        return nodes if len(nodes) == count else []

    def _names_several(self, who: Sequence[Ranked], clause: Stretch) -> bool:
        """Tell whether a clause is of a group whose cities sweep the first places."""
        return not _are_cities(who) and self.facts.has(WORDS.sweeps, clause)

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
        is_city = _are_cities(subjects[0])
        is_tied = self._is_tied(stated, clause)
        # "X and Y lead" as the first two.
        is_first = wanted == 1 and not is_tied
        orders = [*self._order_by_level(codes, clause, ranked=is_city)]
        if self._had_place(subjects, wanted, codes, clause):
            return True
        if is_first and is_city and self._leads_rival(subjects, orders):
            return True
        is_end = wanted in (1, -1) and bool(self._find_ways(clause))
        if is_end or facts.has(WORDS.amount, clause):
            orders += self._order_by_change(codes, clause, [1, -1])

        def test(_: Order, spots: Sequence[Spot]) -> bool:
            if is_first and len(spots) > 1 and _are_first(spots):
                return True
            is_shared = all(spot.first + is_tied <= spot.last for spot in spots)
            return is_shared and all(spot.may_have(wanted) for spot in spots)

        return self._holds(subjects, orders, test)

    def _is_tied(self, stated: StatedPlace, clause: Stretch) -> bool:
        """Tell whether a place is one that several share."""
        facts = self.facts
        # "Joint first in A and 23rd in B": the word is of the place behind it alone.
        places = [p.span for p in facts.places if clause.has(p.span.start)]
        joint = [p for p in places if facts.text[: p.start].endswith(_JOINT)]
        return stated.span in joint if joint else facts.has(WORDS.tied, clause)

    def _had_place(
        self,
        subjects: Subjects,
        wanted: int,
        codes: Sequence[str],
        clause: Stretch,
    ) -> bool:
        """Tell whether a city had a place earlier, which counts those that have left since, too."""
        if not self.facts.has(WORDS.earlier, clause):
            return False
        earlier = self.facts.evidence.earlier
        single = [str(who[0]) for who in subjects if len(who) == 1]
        cells = (earlier.get(place) for place in product(codes, single))
        return any(cell.text == str(wanted) for cell in cells if cell)

    def _leads_rival(self, subjects: Subjects, orders: Iterable[Order]) -> bool:
        """Tell whether one leads the other, as "it is X that leads" of two cities compared."""
        rivals = self.facts.cities
        if len(rivals) != 2:
            return False
        single = [who[0] for who in subjects if len(who) == 1]
        leading = [city for city in rivals if city in single]
        for order in orders:
            if order.keys() >= {*rivals}:
                best = max(order[city] for city in rivals)
                if any(order[city] == best for city in leading):
                    return True
        return False

    def _is_unclear(self, clause: Stretch) -> bool:
        """Tell whether a clause denies something, or is about what no table has."""
        return self.facts.has(WORDS.negated, clause) or self.facts.is_of_unknown(clause)

    def check_superlatives(self) -> Iterator[JudgedClaim]:
        """Check who has the most, the least, the best, the worst, or moved most."""
        for name in _SUPERLATIVES:
            for match in WORDS[name].finditer(self.facts.text):
                span = Stretch(*match.span())
                clause = self.facts.find_clause(span.start)
                is_other = self._is_of_place(span) or self._is_of_other(match, clause)
                if is_other or self._is_unclear(clause):
                    continue
                subjects = self._find_subjects(span)
                if subjects:
                    yield from self._report_claim(
                        self._is_extreme(subjects, name, span),
                        "rank",
                        span,
                        code=self.facts.find_nodes(span.start)[0],
                        who=subjects[0][:1],
                        numbers_of="change" if self._find_ways(clause) else "rank",
                    )

    def _is_of_place(self, span: Stretch) -> bool:
        """Tell whether a word belongs to a place, as in "the best place"."""
        places = [stated.span for stated in self.facts.places]
        for place in places:
            if place.start < span.end and span.start <= place.end + 1:
                return True
        first_ones = WORDS.first_ones.finditer(self.facts.text)
        return any(m.start() <= span.start < m.end() for m in first_ones)

    def _is_of_other(self, match: re.Match[str], clause: Stretch) -> bool:
        """Tell whether the most is one's own, or of a quantity that no table has."""
        facts = self.facts
        if WORDS.own_best.match(facts.text, match.end()):
            return True
        of_others = WORDS.of_quantity.fullmatch(match[0]) and not facts.nodes
        return bool(of_others) and not self._find_ways(clause)

    def _is_extreme(self, subjects: Subjects, name: str, span: Stretch) -> bool | None:
        facts = self.facts
        clause = self.facts.find_clause(span.start)
        codes = facts.find_nodes(span.start)
        is_city = _are_cities(subjects[0])
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

    def check_comparisons(self) -> Iterator[JudgedClaim]:
        """Check which of two cities or groups has more, or comes first."""
        for name in _COMPARISONS:
            for match in WORDS[name].finditer(self.facts.text):
                yield from self._check_comparison(name, Stretch(*match.span()))

    def _check_comparison(self, name: str, span: Stretch) -> Iterator[JudgedClaim]:
        """Check what a word that compares says of the city or group before it."""
        facts = self.facts
        clause = facts.find_clause(span.start)
        other = self._find_other(span, clause)
        if other is None or self._is_no_comparison(name, span, clause):
            return
        its = _list_ranked(other)
        subjects = [
            who
            for who in self._find_subjects(span, behind=False)
            if {*who}.isdisjoint(its) and _are_cities(who) == _are_cities(its)
        ]
        if not subjects:
            return
        codes = facts.find_nodes(span.start)
        # "Both higher than X" is true if each is.
        are_both = facts.has(WORDS.both, clause)
        several = [[code] for code in codes] if are_both else [codes]
        compared = _ComparedOthers(name, clause, its)
        outcomes = [self._is_ahead(subjects, compared, nodes) for nodes in several]
        if None in outcomes:
            return
        wrong = outcomes.index(False) if False in outcomes else 0
        yield from self._report_claim(
            all(outcomes),
            "compare",
            Stretch(span.start, other.span.end),
            code=codes[wrong],
            who=(subjects[0][0], its[0]),
        )

    def _is_no_comparison(self, name: str, span: Stretch, clause: Stretch) -> bool:
        """Tell whether a word sets a limit, is of a place next to one, or is denied."""
        facts = self.facts
        if name in _AMOUNTS and WORDS.of_number.match(facts.text, span.end):
            return True
        next_to = WORDS.next_to.finditer(facts.text)
        if name != "next_to" and any(
            Stretch(*m.span()).has(span.start) for m in next_to
        ):
            return True
        is_denied = facts.has(WORDS.denied, Stretch(0, span.start))
        return is_denied or facts.has(WORDS.negated, clause)

    def _find_other(self, span: Stretch, clause: Stretch) -> Mention | None:
        """Return the city or group that a comparison names, in its words or right behind them."""
        for mention in self.facts.mentions:
            if mention.group == () or mention.span.start <= span.start:
                continue
            between = self.facts.text[span.end : mention.span.start]
            has_digit = any(char.isdigit() for char in between)
            is_near = len(between) <= _NEAR and not has_digit
            return mention if is_near and mention.span.start < clause.end else None
        return None

    def _is_ahead(
        self,
        subjects: Subjects,
        compared: _ComparedOthers,
        codes: Sequence[str],
    ) -> bool | None:
        name, clause, others = compared
        merit = name not in _AMOUNTS
        is_city = _are_cities(others)
        orders = self._find_orders(codes, clause, merit=merit, ranked=is_city)

        def test(_: Order, spots: Sequence[Spot]) -> bool:
            mine = spots[: -len(others)]
            its = spots[-len(others) :]
            if name == "next_to":
                other = its[0]
                return other.first < mine[0].first <= other.last + len(others)
            if name in ("less", "behind"):
                mine, its = its, mine
            return all(a.first < b.first for a, b in product(mine, its))

        is_of_level = name == "next_to" and not self._find_ways(clause)
        if is_of_level and not self.facts.has(WORDS.next_below):
            orders += [*map(_turn_order, orders)]
        return self._holds([[*who, *others] for who in subjects], orders, test)

    def check_moves(self, clause: Stretch) -> Iterator[JudgedClaim]:
        """Check that a city, a group or all cities moved as a clause says."""
        facts = self.facts
        found = {name: WORDS[name].search(facts.text, *clause) for name in CHANGES}
        motions = {name: match for name, match in found.items() if match}
        if len(motions) != 1 or facts.has(WORDS.negated, clause):
            return
        name, match = motions.popitem()
        span = Stretch(*match.span())
        if self._counts_cities(clause, span.start) or not self._says_what(clause):
            return
        codes = facts.find_nodes(span.start)
        who = next(iter(self._find_subjects(span)), [()])
        moves = self._measure_moves(who, name, codes, clause)
        holds = any(move > -1e-9 for move in moves) if moves else None
        first = who[:1]
        yield from self._report_claim(holds, "change", span, code=codes[0], who=first)

    def _says_what(self, clause: Stretch) -> bool:
        """Tell whether a clause names what moved: a number, a place, a node."""
        facts = self.facts
        spans = [number.span for number in facts.numbers]
        spans += [place.span for place in facts.places]
        is_stated = any(clause.has(span.start) for span in spans)
        is_stated |= facts.has(WORDS.score_or_place, clause)
        return is_stated or bool(facts.read_nodes(clause))

    def _measure_moves(
        self,
        who: Sequence[Ranked],
        name: str,
        codes: Sequence[str],
        clause: Stretch,
    ) -> list[float]:
        """Return how far cities or groups moved as a word says, in each of its readings."""
        facts = self.facts
        cities: list[str] = []
        for ranked in who:
            cities += (
                [ranked] if isinstance(ranked, str) else facts.find_members(ranked)
            )
        is_each = _are_cities(who) and not facts.has(WORDS.together, clause)
        statistic = np.min if is_each else np.mean
        moves = []
        for code in codes:
            ways = self._find_true_ways(name, code)
            for change in facts.find_changes(code, clause):
                numbers = [change[city] for city in cities if city in change]
                for way in ways if numbers else ():
                    moves.append(float(statistic(np.multiply(way, numbers))))
        return moves

    def _counts_cities(self, clause: Stretch, position: int) -> bool:
        """Tell whether a clause says how many cities moved, as in "two fell"."""
        facts = self.facts
        if WORDS.counted_before.search(facts.text[:position]):
            return True
        for number in facts.numbers:
            is_count = "count" in number.kinds and clause.has(number.span.start)
            if is_count and not WORDS.group_after.match(facts.text, number.span.end):
                return True
        return False

    def _find_true_ways(self, name: str, code: str) -> tuple[int, ...]:
        """Return which ways a number may have moved for a word to be true."""
        if name in _WAYS:
            return (_WAYS[name],)
        is_cost = self.facts.evidence.framework[code].direction < 0
        if is_cost:
            return (1, -1)
        return (1,) if name == "better" else (-1,)

    def check_lists(self) -> Iterator[JudgedClaim]:
        """Check that the cities named are just those that meet a condition of the sentence."""
        facts = self.facts
        for run in facts.runs:
            clause = facts.find_clause(run.span.start)
            is_sole = self._is_sole(run, clause)
            counting = self._find_counting_clauses(run)
            if not (is_sole or counting) or self._is_unclear(clause):
                continue
            clauses = [clause, *counting]
            # "Two cities, X and Y, have more": what is said of them stands behind.
            if counting and facts.text[run.span.end : run.span.end + 1] in _BEHIND_LIST:
                clauses.append(facts.find_clause(run.span.end + 2))
            if is_sole:
                clauses.append(Stretch(0, len(facts.text)))
            if not any(map(self.conditions.has_limit, clauses)):
                continue
            cities = {*run.cities}
            wanted = self._find_meeting(clauses)
            holds = cities in wanted
            is_refuted = _is_refuted(
                cities, wanted, is_sole=is_sole, is_counted=bool(counting)
            )
            if holds or is_refuted:
                nearest = _find_nearest_set(cities, wanted)
                quote = facts.quote(clause.start, run.span.end)
                outcome = verdict(holds, "listed", cities=sorted(nearest))
                yield JudgedClaim("count", quote, facts.nodes_meant[0], outcome)

    def _is_sole(self, run: Mention, clause: Stretch) -> bool:
        """Tell whether the sentence says that the cities of a list are the only ones."""
        is_alone = len(self.facts.runs) == 1
        for match in WORDS.sole.finditer(self.facts.text):
            is_before = match.end() <= run.span.start + 1
            if is_alone or (clause.has(match.start()) and is_before):
                return True
        return False

    def _find_counting_clauses(self, run: Mention) -> list[Stretch]:
        """Return the clauses that say how many cities a list has."""
        facts = self.facts
        size = len({*run.cities})
        clauses = []
        for number in facts.numbers if size > 1 else ():
            is_size = "count" in number.kinds and number.value == size
            clause = facts.find_clause(number.span.start)
            # "The two that fell most" are not all that fell, nor "both" all that rose.
            is_of_some = facts.has(WORDS.of_some, clause)
            if is_size and number.span.start != run.span.end and not is_of_some:
                clauses.append(clause)
        own = facts.find_clause(run.span.start)
        if facts.has(WORDS.first_ones, own) and size in facts.top_counts:
            clauses.append(own)
        return clauses

    def _find_meeting(self, clauses: Iterable[Stretch]) -> list[frozenset[str]]:
        """Return the cities that meet one or two conditions of clauses, in each group."""
        facts = self.facts
        met = [*chain(*map(self.conditions.find_meeting, clauses))]
        met += [a & b for a, b in combinations(met[:_MOST_CONDITIONS], 2)]
        members = [*map(facts.find_members, facts.some_groups or [()])]
        return [part & units for part, units in product(met, members)]

    def check_lines(self) -> Iterator[JudgedClaim]:
        """Check cities that are named one after the other, as their places follow."""
        facts = self.facts
        matches = [*WORDS.followed.finditer(facts.text)]
        is_from_first = any(stated.place == 1 for stated in facts.places)
        if is_from_first or facts.has(WORDS.extreme):
            matches += WORDS.ahead_of_city.finditer(facts.text)
        for match in matches:
            line = self._find_line(match)
            if len(line) < 2:
                continue
            codes = facts.find_nodes(match.start())
            orders = self._find_orders(codes, facts.find_clause(match.start()))
            orders += [*map(_turn_order, orders)]
            holds = self._holds([line], orders, _follow)
            yield from self._report_claim(
                holds, "top", Stretch(*match.span()), code=codes[0], who=line
            )

    def _find_line(self, match: re.Match[str]) -> list[str]:
        """Return the cities around words such as "followed by"; none if any may come first."""
        facts = self.facts
        ahead = [run for run in facts.runs if run.span.end <= match.start()]
        behind = [run for run in facts.runs if run.span.start >= match.end()]
        if match.groupdict().get("ahead") is not None:
            behind = []
        runs = [*ahead[-1 if behind else -2 :], *behind]
        line = [*chain(*(run.cities for run in runs))]
        # Of a long list, and of one that names some of several, any may come first.
        is_open = len(line) > _MOST_IN_LINE and not facts.has(WORDS.in_order)
        and_more = WORDS.and_more
        is_open |= any(and_more.match(facts.text, run.span.end) for run in runs)
        return [] if is_open else line


def _share_places(
    stated: Sequence[StatedPlace], number: int, subjects: Subjects
) -> Subjects:
    """Return whose place the one of a number is, of several places of several cities.

    "A, B and C rank 3rd to 5th", or "3rd, 4th and 5th".
    """
    first = subjects[0]
    if len(stated) == 2 and len(first) > 2:
        begin, end = (place.place for place in stated)
        if end - begin + 1 == len(first):
            return [[first[-number]]]
    if len(stated) == len(first) > 1:
        return [[first[number]]]
    return subjects


def _is_refuted(
    cities: set[str],
    wanted: Sequence[frozenset[str]],
    *,
    is_sole: bool,
    is_counted: bool,
) -> bool:
    """Tell whether cities are not those that meet a condition; `wanted` in each of its readings."""
    if any(cities < units for units in wanted):
        return True
    if is_counted and any(len(units) == len(cities) for units in wanted):
        return True
    if not is_sole or any(cities <= units for units in wanted):
        return False
    return any(units and not units & cities for units in wanted)


def _find_nearest_set(
    cities: set[str], wanted: Iterable[frozenset[str]]
) -> Collection[str]:
    """Return those of some cities that differ least from others."""
    others = filter(None, wanted)
    return min(others, key=lambda units: len(units ^ cities), default=())


def _are_cities(who: Sequence[Ranked]) -> bool:
    """Tell whether words are about cities, not about a group."""
    return isinstance(who[0], str)


def _list_ranked(mention: Mention) -> Sequence[Ranked]:
    """Return the cities of a mention, or its group."""
    return [mention.group] if mention.group is not None else mention.cities


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
