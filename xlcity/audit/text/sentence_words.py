"""What a sentence about an index names: cities, groups, nodes, places, and numbers with units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, pairwise
from typing import NamedTuple

from xlcity.audit.text.evidence import LISTED, Group, TextEvidence
from xlcity.audit.text.marks import YEAR
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.patterns import (
    ROUGHLY,
    WORDS,
    declarations,
    quantity,
    whole_number,
)

#: Words of a change.
CHANGES = ("rise", "fall", "better", "worse")
#: What a number is by the unit behind it.
_UNITS = {
    "percent": WORDS.unit_percent,
    "points": WORDS.unit_points,
    "times": WORDS.unit_times,
    "places": WORDS.unit_places,
}
#: What words before a number make of it, and words behind it.
_BOUNDS = {
    "over": WORDS.over,
    "under": WORDS.under,
    "near": WORDS.near,
    "about": WORDS.about,
}
_BOUNDS_BEHIND = {
    "over": WORDS.over_after,
    "under": WORDS.under_after,
    "about": WORDS.near_after,
}
#: Words of places, and the place that they mean, where no number tells it.
_PLACE_WORDS = {"from_end": 0, "place": 0, "first_ones": 0, "leads": 1, "closes": -1}
#: So many times a number stated as "over" one may be, and so much less one stated as "under".
_MOST_OVER = 1.35
_LEAST_UNDER = 0.7
_LEAST_MULTIPLE_UNDER = 0.5
_LEAST_NEAR = 0.85
#: Shares by which a number stated as "about" may be off, a round one and any other.
_ABOUT_ROUND = 0.08
_ABOUT = 0.01
#: What a number of cities is, and one that may be a value as well.
_COUNT = frozenset({"count"})
_COUNT_OR_VALUE = frozenset({"count", "value"})
#: "The largest gain in the index" is of what the sentence is about.
_WHOLE_INDEX = ("the index", "本指数")


class Stretch(NamedTuple):
    """A stretch of a sentence, from its first sign to behind its last."""

    start: int
    end: int

    def has(self, position: int) -> bool:
        """Tell whether a position is inside."""
        return self.start <= position < self.end


class Mention(NamedTuple):
    """Cities that a sentence names: one by one, or as a group (() for all cities)."""

    span: Stretch
    cities: tuple[str, ...]
    group: Group | None = None

    @property
    def is_list(self) -> bool:
        """Whether it names cities one by one."""
        return self.group is None

    @property
    def parties(self) -> list[tuple[str, ...]]:
        """The cities whose numbers are stated together: each, and all of them; those of a group."""
        each = [(city,) for city in self.cities] if self.is_list else []
        return [*each, self.cities]


class StatedPlace(NamedTuple):
    """A place of a sentence: from the first one, or as -1, -2 from the last."""

    place: int
    span: Stretch


class _Kinds(NamedTuple):
    """What a number may be by its unit, and the indicators with this unit."""

    kinds: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatedNumber:
    """A number of a sentence.

    Attributes
    ----------
    value, half
        The number and half a unit of its last digit; both with its scale ("million", "万").
    kinds
        What its unit says that it may be: percent, points, times, places, count,
        value, plain, or a limit of which nothing else is known.
    codes
        The indicators with its unit.
    bound
        "over", "under", "near" or "about", of the words around it.
    """

    text: str
    value: float
    half: float
    kinds: frozenset[str]
    span: Stretch
    codes: tuple[str, ...] = ()
    bound: str = ""
    scale: float = 1.0

    def is_met_by(self, x: float, slack: float = 0.0) -> bool:
        """Tell whether a number is the one stated, as far as the words around it say."""
        x = abs(x)
        wanted = self.value
        is_open = self.bound in ("over", "under") and "." not in self.text
        reach = slack + 1e-9 * max(1.0, x) + (0 if is_open else self.half)
        match self.bound:
            case "over":
                return wanted - reach <= x <= _MOST_OVER * wanted + reach
            case "under":
                return self._least_under * wanted - reach <= x <= wanted + reach
            case "near":
                return _LEAST_NEAR * wanted <= x <= wanted + reach
            case "about":
                share = _ABOUT_ROUND if self._is_round else _ABOUT
                return abs(x - wanted) <= max(2 * reach, share * wanted)
        return abs(x - wanted) <= reach

    @property
    def is_multiple(self) -> bool:
        """Whether it may be how many times one number is another."""
        return "times" in self.kinds

    @property
    def _least_under(self) -> float:
        """Which share of it a number is, at least, that is stated as under it."""
        if self.is_multiple:
            return _LEAST_MULTIPLE_UNDER
        return _LEAST_UNDER if self.value > 1 else 0

    @property
    def _is_round(self) -> bool:
        digits = self.text.strip("0.,")
        return len(digits) < 2 or not self.text[0].isdigit()


@dataclass(frozen=True)
class StatedFacts:
    """What a sentence states, with the evidence that it is held against.

    Attributes
    ----------
    nodes_before, cities_before, groups_before
        What the sentences before named, for a sentence that names none.
    is_open
        Whether any node and group counts that its paragraph has named, and the cities that it
        lists: what holds for one of these is not false.
    meaning
        Which of the groups a name is taken for that stands for several.
    """

    sentence: MarkedSentence
    evidence: TextEvidence
    nodes_before: Sequence[str] = ()
    cities_before: Sequence[str] = ()
    groups_before: Sequence[Group] = ()
    is_open: bool = False
    meaning: int = 0

    @property
    def text(self) -> str:
        """The sentence, with a sign in the place of each name."""
        return self.sentence.text

    def has(self, words: re.Pattern[str], span: Stretch | None = None) -> bool:
        """Tell whether the sentence, or a part of it, has words of a meaning."""
        part = self.text if span is None else self.text[span.start : span.end]
        return words.search(part) is not None

    def tells_of_change(self, span: Stretch | None = None) -> bool:
        """Tell whether the sentence, or a part of it, says that something changed."""
        return self.has(WORDS.change, span)

    def is_compared_with(self, span: Stretch) -> bool:
        """Tell whether what others are compared with stands in a part, as X in "behind X"."""
        before = self.text[max(0, span.start - 24) : span.start]
        # "That of X, which leads": X is what the sentence goes on with.
        goes_on = WORDS.goes_on.match(self.text, span.end)
        return not goes_on and WORDS.compared.search(before) is not None

    def quote(self, start: int, end: int) -> str:
        """Return a part as it was written."""
        return self.sentence.words(self.text[start:end])

    @cached_property
    def can_be_checked(self) -> bool:
        """Whether it is about the numbers of cities of the main group."""
        unit = self.evidence.unit
        is_main = all(unit[city].population == "main" for city in self.cities)
        is_other_list = max(self.top_counts, default=0) > len(self.find_members(()))
        if not is_main or is_other_list or self.has(WORDS.of_others):
            return False
        # A number in a cell of a table, or of a note on the text, is about something else.
        if self.cities_named or self.nodes or self.some_groups or self.top_counts:
            return True
        return self.has(WORDS.of_cities) and self.has(WORDS.of_any_city)

    @cached_property
    def compares_unknown_years(self) -> bool:
        """Whether it compares years where the tables know one edition only."""
        years = {self.sentence.words(char) for char in self.text if ord(char) >= YEAR}
        return not self.evidence.has_earlier and (
            len(years) > 1 or self.has(WORDS.from_before)
        )

    def is_of_unknown(self, clause: Stretch) -> bool:
        """Tell whether a clause is about cities or a quantity that no table has."""
        before = self.find_clause(max(0, clause.start - 2))
        is_other = self.has(WORDS.unknown_group, Stretch(before.start, clause.end))
        is_other |= self.names_other_quantity(clause)
        return is_other or self.follows_other_count(clause)

    def follows_other_count(self, clause: Stretch) -> bool:
        """Tell whether a clause, or one before it, counts cities that no table has."""
        return any(part.end <= clause.end for part in self.find_other_counts())

    def names_other_quantity(self, clause: Stretch) -> bool:
        """Tell whether a clause, or one before if no node is named, is of what no table has."""
        upto = Stretch(0, clause.end)
        return self.has(WORDS.other_quantity, clause if self.read_nodes(upto) else upto)

    def find_other_counts(
        self, words: re.Pattern[str] = WORDS.counted_set
    ) -> list[Stretch]:
        """Return where it counts cities or countries that are not just those of the index."""
        size = len(self.find_members(()))
        others = []
        for match in words.finditer(self.text):
            written = next(filter(None, match.groups()))
            if whole_number(written) != size:
                others.append(Stretch(*match.span()))
        return others

    @cached_property
    def clauses(self) -> list[Stretch]:
        """The clauses; commas inside a list of names or of places do not part them."""
        lists = self._find_spans(WORDS.cities)
        lists += self._find_lists_of_places()
        ends = [*WORDS.clause_end.finditer(self.text)]
        starts = [0]
        for end in ends:
            if not any(part.has(end.start()) for part in lists):
                starts.append(end.end())
        return [Stretch(*pair) for pair in pairwise([*starts, len(self.text)])]

    def _find_spans(self, words: re.Pattern[str]) -> list[Stretch]:
        """Return where it has words of a meaning."""
        return [Stretch(*match.span()) for match in words.finditer(self.text)]

    def _find_lists_of_places(self) -> Iterator[Stretch]:
        """Yield from behind one place to before the third where all are joined by commas."""
        spans = [place.span for place in self.places]
        gaps = [Stretch(first.end, second.start) for first, second in pairwise(spans)]
        for first, second in pairwise(gaps):
            between = (self.text[gap.start : gap.end] for gap in (first, second))
            if all(text.strip(", ") in ("", "and") for text in between):
                yield Stretch(first.start, second.end)

    def find_clause(self, position: int) -> Stretch:
        """Return the clause of a position."""
        return next(
            clause for clause in reversed(self.clauses) if clause.start <= position
        )

    @cached_property
    def mentions(self) -> list[Mention]:
        """The lists of cities, single ones too, and the groups."""
        mentions = []
        for match in WORDS.cities.finditer(self.text):
            cities = tuple(self.sentence.cities(match[0]))
            mentions.append(Mention(Stretch(*match.span()), cities))
        for position, char in enumerate(self.text):
            for several in self.sentence.groups(char):
                group = several[self.meaning % len(several)]
                members = self.evidence.members(group)
                if members and not WORDS.some_of.search(self.text[:position]):
                    span = Stretch(position, position + 1)
                    mentions.append(Mention(span, members, group))
        return sorted(mentions, key=lambda mention: mention.span)

    @cached_property
    def runs(self) -> list[Mention]:
        """The lists of cities, single ones too."""
        return [mention for mention in self.mentions if mention.is_list]

    @cached_property
    def cities(self) -> list[str]:
        """The cities that it names, else that which the text is about."""
        return self.cities_named or ([] if self.some_groups else [*self.cities_before])

    @cached_property
    def cities_named(self) -> list[str]:
        """The cities that it names."""
        return [*dict.fromkeys(chain(*(run.cities for run in self.runs)))]

    @property
    def some_groups(self) -> list[Group]:
        """The groups without that of all cities."""
        return self.groups[1:]

    @cached_property
    def groups(self) -> list[Group]:
        """All cities, the groups of the sentence, and what two of them share."""
        named = [*chain(*self.sentence.groups(self.text))]
        if not named and self.has(WORDS.there_of):
            of_cities = map(self.evidence.groups_of, self.cities_named[:2])
            named = [*chain(*of_cities)] or [*self.groups_before]
        if self.is_open:
            named += self._find_open_groups()
        shared = []
        for a, b in combinations(filter(None, dict.fromkeys(named)), 2):
            if a[0][0] != b[0][0]:
                shared.append((*a, *b))
        return [*dict.fromkeys([(), *named, *shared])]

    def _find_open_groups(self) -> Iterator[Group]:
        """Yield the groups that its paragraph has named of its cities, and the list of these."""
        parts = {*chain(*self.groups_before)}
        cities = self.cities_named or self.cities_before
        for group in chain(*map(self.evidence.groups_of, cities)):
            if group and parts.issuperset(group):
                yield group
        has_several = len(self.cities_named) > 3 and len(self.places) > 1
        if has_several or self.has(WORDS.nearby):
            yield ((LISTED, "\n".join(self.cities_named)),)

    def find_members(self, group: Group) -> set[str]:
        """Return the cities of a group."""
        return {*self.evidence.members(group)}

    def find_numbers(self, series: str, code: str) -> dict[str, float]:
        """Return the scores or values of a node: of the main group, and of the cities named."""
        cities = self.find_members(()) | {*self.cities}
        numbers = self.evidence.numbers(series, code)
        return {city: x for city, x in numbers.items() if city in cities}

    def read_nodes(self, span: Stretch) -> list[str]:
        """Return the codes of the nodes that a part names."""
        part = self.text[span.start : span.end]
        plain = self.sentence.plain
        named = [c for c in part if plain.get(c, "").lower() not in _WHOLE_INDEX]
        codes = self.sentence.nodes("".join(named))
        return [*dict.fromkeys(chain(*codes))]

    @cached_property
    def nodes(self) -> list[str]:
        """Codes of the nodes that it names."""
        return self.read_nodes(Stretch(0, len(self.text)))

    @cached_property
    def nodes_meant(self) -> list[str]:
        """Its nodes and those that its numbers are measured in, else those before; the root."""
        measured = [*chain(*(number.codes for number in self.numbers))]
        has_shares = any(number.kinds == {"percent"} for number in self.numbers)
        if not measured and has_shares and not self.tells_of_change():
            tree = self.evidence.framework
            measured = [
                code for code in self.evidence.indicators if tree[code].is_share
            ]
        meant = self.nodes or [*measured, *self.nodes_before]
        return [*dict.fromkeys([*meant, self.evidence.root])]

    def _list_measured(self, clause: Stretch) -> list[tuple[str, ...]]:
        """Return the indicators of each number of a clause that is a value by its unit."""
        inside = [number for number in self.numbers if clause.has(number.span.start)]
        return [number.codes for number in inside if number.kinds == {"value"}]

    def find_nodes(self, position: int) -> list[str]:
        """Return the codes that a word may be about, never none.

        Those of its clause, else of the nearest one before it that names any, else `nodes_meant`.
        """
        upto = [clause for clause in reversed(self.clauses) if clause.start <= position]
        if not self.read_nodes(upto[0]):
            measured = self._list_measured(upto[0])
            if measured:
                return [*dict.fromkeys(chain(*measured))]
        for named in map(self.read_nodes, upto):
            if named:
                return named
        others = self.nodes_before if self.is_open else ()
        return [*dict.fromkeys((*self.nodes_meant, *others))]

    def find_changes(
        self, code: str, span: Stretch | None = None
    ) -> Iterator[Mapping[str, float]]:
        """Yield the changes of cities that words may tell of: in places, scores or values.

        Those of an indicator are of its values, unless the words are of places or scores.
        """
        in_places = self.has(WORDS.places_word, span)
        in_points = self.has(WORDS.score_word, span)
        is_leaf = code in self.evidence.indicators
        if in_places or not (in_points or is_leaf):
            yield from self.evidence.places_gained(code)
        if in_points or not (is_leaf or in_places):
            yield from self._find_changes_in("scores", code, span)
        yield from self._find_changes_in("values", code, span)

    def _find_changes_in(
        self, series: str, code: str, span: Stretch | None
    ) -> Iterator[Mapping[str, float]]:
        """Yield by how much scores or values changed; relatively, too, where words say so."""
        now = self.evidence.numbers(series, code)
        before = self.evidence.numbers(f"earlier {series}", code)
        both = now.keys() & before.keys()
        if not both:
            return
        yield {city: now[city] - before[city] for city in both}
        if self.has(WORDS.relative, span):
            positive = [city for city in both if before[city] > 0]
            yield {city: now[city] / before[city] - 1 for city in positive}

    @cached_property
    def places(self) -> list[StatedPlace]:
        """The places of cities that it states."""
        taken = self._find_spans(WORDS.multiple)
        stated = []
        for name in _PLACE_WORDS:
            for match in WORDS[name].finditer(self.text):
                span = Stretch(*match.span())
                if any(other.has(span.start) for other in taken):
                    continue
                taken.append(span)
                place = _read_place(name, match)
                if place:
                    stated.append(StatedPlace(place, span))
        return sorted(stated, key=lambda place: place.span)

    @cached_property
    def top_counts(self) -> list[int]:
        """How many of the first cities it is about, such as 10 in "the top ten"."""
        matches = WORDS.first_ones.finditer(self.text)
        written = (next(filter(None, match.groups())) for match in matches)
        ranked = self.evidence.ranks_in(self.evidence.root)
        half = [len(ranked) // 2] if self.has(WORDS.half) else []
        return [*filter(None, map(whole_number, written)), *half]

    @cached_property
    def numbers(self) -> list[StatedNumber]:
        """The numbers whose unit says what they may be."""
        numbers = [*self._read_multiples()]
        taken = [place.span for place in self.places]
        taken += [number.span for number in numbers]
        taken += self._find_spans(WORDS.first_ones)
        taken += self.find_other_counts()
        taken += self.find_other_counts(WORDS.counted_apart)
        for match in WORDS.number.finditer(self.text):
            if not any(span.has(match.start()) for span in taken):
                number = self._read_number(match)
                numbers += [] if number is None else [number]
        return numbers

    def _is_unread(self, before: str, rest: str) -> bool:
        """Tell whether a number between two parts is of what no table has, or says nothing."""
        if WORDS.not_before.search(before) or WORDS.unit_skip.match(rest):
            return True
        clause = self.find_clause(len(before))
        # "A, B and 23 others": of what is said of them, the number says nothing.
        is_of_list = before.endswith("等") or self.has(WORDS.tier, clause)
        return is_of_list or self.names_other_quantity(clause)

    def _read_number(self, match: re.Match[str]) -> StatedNumber | None:
        before = self.text[: match.start()]
        rest = self.text[match.end() :]
        if self._is_unread(before, rest):
            return None
        ranged = WORDS.range_end.match(rest)
        if ranged:
            rest = rest[ranged.end() :]
        value, half = quantity(match[0])
        if math.isnan(value):
            return None
        scale, rest = self._read_scale(rest)
        kinds, codes = self._find_kinds(match[0], before, rest)
        if not kinds and scale != 1 and self.nodes:
            kinds = frozenset({"plain"})
        if not kinds:
            return None
        is_exact = kinds == {"count"} or not match[0][0].isdigit()
        return StatedNumber(
            text=match[0],
            value=value * scale,
            half=0.0 if is_exact else half * scale,
            kinds=kinds,
            span=Stretch(*match.span()),
            codes=codes,
            bound=_find_bound(before, rest),
            scale=scale,
        )

    def _read_scale(self, rest: str) -> tuple[float, str]:
        """Return the scale that a text begins with, such as "million", and what follows it."""
        scaled = WORDS.scale.match(rest)
        if not scaled or self._find_measured(rest):
            return 1.0, rest
        # 1.2万亿元 is 1.2万 of 亿元 where that is the unit.
        end = 1 if self._find_measured(rest[1:]) else scaled.end()
        scales = declarations()["factors"]["scales"]
        return scales[rest[:end].strip().lower()], rest[end:]

    def _find_kinds(self, number: str, before: str, rest: str) -> _Kinds:
        """Return what a number is by the words around it."""
        if WORDS.unit_share_points.match(rest):
            return _Kinds()
        for kind, unit in _UNITS.items():
            if unit.match(rest):
                return self._find_kinds_of_unit(kind, unit)
        return self._find_kinds_without_unit(number, before, rest)

    def _find_kinds_without_unit(self, number: str, before: str, rest: str) -> _Kinds:
        """Return what a number is without one of the usual units behind it."""
        measured = self._find_measured(rest)
        named = tuple(code for code in measured if code in self.nodes)
        codes = named or measured
        if self._is_count(number) and WORDS.unit_count.match(rest):
            return _Kinds(_COUNT_OR_VALUE, named) if named else _Kinds(_COUNT)
        if codes:
            return _Kinds(frozenset({"value"}), codes)
        is_plain = WORDS.plain_after.match(rest)
        return _find_kinds_of_plain(number, before) if is_plain else _Kinds()

    def _find_kinds_of_unit(self, kind: str, unit: re.Pattern[str]) -> _Kinds:
        """Return what a number with a unit is: values of some indicators are in points, too."""
        nodes = [self.evidence.framework[code] for code in self.nodes]
        codes: tuple[str, ...] = ()
        if kind in ("points", "times"):
            codes = tuple(
                node.code
                for node in nodes
                if unit.match(node.uom) or unit.match(node.uom_zh)
            )
        return _Kinds(frozenset({kind, "value"} if codes else {kind}), codes)

    def _is_count(self, number: str) -> bool:
        """Tell whether so many cities may be counted."""
        most = len(self.find_members(()))
        return "." not in number and (whole_number(number) or 0) <= most

    def _read_multiples(self) -> Iterator[StatedNumber]:
        """Yield the fractions and multiples in words."""
        for match in WORDS.multiple.finditer(self.text):
            value = quantity(match["word"] or match[0])[0]
            before = self.text[: match.start()]
            rest = self.text[match.end() :]
            kinds = frozenset(["times"] if value >= 2 else ["times", "percent"])
            yield StatedNumber(
                text=match[0],
                value=value,
                half=ROUGHLY * value,
                kinds=kinds,
                span=Stretch(*match.span()),
                bound=_find_bound(before, rest),
            )

    def _find_measured(self, rest: str) -> tuple[str, ...]:
        """Return the indicators whose unit, or whose name, stands at the beginning of a text."""
        named = chain(*self.sentence.nodes(rest.lstrip()[:1]))
        return (
            *(code for code, unit in self.evidence.measures if unit.match(rest)),
            *(code for code in named if code in self.evidence.indicators),
        )


def _read_place(name: str, match: re.Match[str]) -> int:
    """Return the place that words mean, from the last one if it is negative; 0 for none."""
    if name == "first_ones":
        return 0
    if _PLACE_WORDS[name]:
        return _PLACE_WORDS[name]
    number = next(filter(None, match.groupdict().values()), "two")
    count = whole_number(number) or 0
    return -count if name == "from_end" else count


def _find_kinds_of_plain(number: str, before: str) -> _Kinds:
    """Return what a number without a unit is: one of some digits, or a limit."""
    if not number[0].isdigit():
        return _Kinds()
    if "." in number or len(number.replace(",", "")) > 2:
        return _Kinds(frozenset({"plain"}))
    is_limit = _find_bound(before, "") in ("over", "under")
    return _Kinds(frozenset({"limit"} if is_limit else ()))


def _find_bound(before: str, rest: str) -> str:
    """Return what the words around a number make of it."""
    for bound, words in _BOUNDS.items():
        if words.search(before[-24:]):
            return bound
    for bound, words in _BOUNDS_BEHIND.items():
        if words.match(rest[:12]):
            return bound
    return ""
