"""Finds cities, nodes and groups in a sentence and puts one character in the place of each.

The patterns of claims are regular expressions over the marked sentence: a city, a node and a group
are single characters of their own range, so a pattern is as short as the sentence it describes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlcity.audit.text.evidence import LISTED, Group, TextEvidence
from xlcity.audit.text.marks import CITY, GROUP, NODE, SIGNS, YEAR
from xlcity.audit.text.patterns import declarations, listed_patterns, whole_number
from xlcity.model.dataset import Unit

_CJK = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—…]"
#: Marks of footnotes, what keeps a number on the line of its word, and signs for private use, such
#: as the bullets of Word: in their place stand names.
_UNREAD = re.compile(rf"[†‡\ufeff\u2060{SIGNS['all_signs']}]")
_GAP = re.compile(rf"(?<={_CJK})\s+|\s+(?={_CJK})")
_DASHES = re.compile(r"\s*[-–—―]\s*(?=\w)")
_YEAR = re.compile(
    r"(?:19|20)\d\d\s*(?:[-—–至]\s*(?:19|20)\d\d\s*)?(?:年度?(?:\d+月)?[初底末]?|年代)"
    r"|(?<=\b[Ii]n )1[0-8]\d\d(?![\d%]|[.,]\d)"
    r"|(?<![\d.,])(?:19|20)\d\d(?![\d%]|[.,]\d)(?=[^\w]|$)|(?<=\d)月\d+日"
)


#: First sign of a kind of names -> what `claims.toml` calls it.
_KINDS = {CITY: "city", NODE: "node", GROUP: "group"}


def normalised(text: str) -> str:
    """Return a text with plain digits and letters, and without gaps between Chinese characters.

    Marks of footnotes go, and so do joiners of words.

    >>> normalised("旧金山 – 圣何塞 以 ８８．６５ 分 居 第 ２ 位")
    '旧金山–圣何塞以88.65分居第2位'
    """
    plain = "".join(
        unicodedata.normalize("NFKC", c) if c.isalnum() or c in "．％＋－" else c
        for c in _UNREAD.sub("", text)
    )
    plain = _GAP.sub("", " ".join(plain.split()))
    return re.sub(rf"(?<={_CJK}),(?={_CJK})", "，", plain)


def _plural(name: str) -> str:
    """Return the plural of an English name.

    >>> _plural("Type II large city"), _plural("Capital"), _plural("Coastal cities")
    ('Type II large cities', 'Capitals', 'Coastal cities')
    """
    if name.endswith("s"):
        return name
    return re.sub(r"(?<=[^aeiou])y$", "ie", name) + "s"


@dataclass(frozen=True)
class MarkedSentence:
    """A sentence with characters for names.

    Attributes
    ----------
    text
        The sentence as the patterns see it.
    mentions
        Character -> what it stands for: a city's id, codes of nodes, or groups.
    plain
        Character -> the words it replaces.
    """

    text: str
    mentions: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)

    def cities(self, part: str) -> list[str]:
        """Return the cities of a part, in order."""
        return [self.mentions[c][0] for c in part if CITY <= ord(c) < NODE]

    def nodes(self, part: str) -> list[tuple[str, ...]]:
        """Return the nodes of a part: each the codes that its words may mean."""
        return [self.mentions[c] for c in part if NODE <= ord(c) < GROUP]

    def groups(self, part: str) -> list[tuple[Group, ...]]:
        """Return the groups of a part: each the groups that its words may mean."""
        return [self.mentions[c] for c in part if GROUP <= ord(c) < YEAR]

    def words(self, part: str) -> str:
        """Return a part as it was written."""
        return "".join(self.plain.get(c, c) for c in part)


class NameResolver:
    """Knows the names of cities, nodes and groups.

    Parameters
    ----------
    evidence
        Whose names.
    """

    def __init__(self, evidence: TextEvidence) -> None:
        #: Which words may follow or stand for a name.
        self.words = declarations()["names"]
        self.city_count = len(evidence.members(()))
        #: Name -> first character of its kind, and what it may stand for.
        self.meanings: dict[str, tuple[int, list[Any]]] = {}
        self._learn(CITY, self._cities(evidence))
        self._learn(NODE, self._nodes(evidence))
        self._learn(GROUP, self._groups(evidence))
        nodes = [name for name, (kind, _) in self.meanings.items() if kind == NODE]
        self.indicators = "|".join(map(re.escape, nodes)) if evidence.exact else ""
        names = sorted(self.meanings, key=len, reverse=True)
        pattern = "|".join(map(self._expression, names)) or "(?!)"
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self._keys = {_dashed(name): meaning for name, meaning in self.meanings.items()}

    def _learn(self, kind: int, named: Iterable[tuple[str, Any]]) -> None:
        """Add names with what they stand for; one of another kind keeps its meaning."""
        for name, meaning in named:
            key = normalised(name).casefold()
            if len(key) < 2:
                continue
            first_kind, several = self.meanings.setdefault(key, (kind, []))
            if first_kind == kind and meaning not in several:
                several.append(meaning)

    def _expression(self, name: str) -> str:
        escaped = re.escape(_DASHES.sub("-", name))
        escaped = escaped.replace(r"\-", r"\s*[-–—―]\s*").replace(r"\ ", r"\s+")
        if re.match(r"[a-z]", name):
            return rf"(?<![A-Za-z]){escaped}(?![A-Za-z])"
        kind = _KINDS[self.meanings[name][0]]
        before = self.words["not_before"]
        after = self.words[f"{kind}_not_after"]
        # "Airport" behind a city is part of a name, unless an indicator begins with it.
        if kind == "city" and self.indicators:
            after = f"(?!{self.indicators})(?:{after})"
        return rf"(?<![{before}]){escaped}(?!{after})(?:{self.words[f'{kind}_tail']})*"

    def marked(
        self, sentence: str, lists: Sequence[tuple[str, ...]] = ()
    ) -> MarkedSentence:
        """Return a sentence with characters for names, years, and lists that it ranks within.

        Parameters
        ----------
        lists
            Lists of cities of the sentences before: "of these four cities" means the last one of
            four.
        """
        mentions: dict[str, tuple[Any, ...]] = {}
        plain: dict[str, str] = {}
        kinds = (CITY, NODE, GROUP, YEAR)
        free = {kind: iter(range(kind, kind + 0x400)) for kind in kinds}
        marks = MarkedSentence("", mentions, plain)

        def mark(kind: int, words: str, several: Sequence[Any] = ()) -> str:
            char = chr(next(free[kind]))
            plain[char] = words
            mentions[char] = tuple(several)
            return char

        def name(match: re.Match[str]) -> str:
            kind, several = self._meaning(match[0])
            return mark(kind, match[0], several)

        def listed(match: re.Match[str]) -> str:
            parts = match.groupdict()
            cities = tuple(marks.cities(parts.get("who") or ""))
            count = whole_number(parts.get("count") or "")
            before = (names for names in reversed(lists) if len(names) == count)
            cities = cities or next(before, ())
            own: Group = ()
            if count != self.city_count:
                if not cities or count not in (None, len(cities)):
                    return match[0]
                own = ((LISTED, "\n".join(cities)),)
            return mark(GROUP, marks.words(match[0]), [own])

        text = self.pattern.sub(name, sentence)
        text = _YEAR.sub(lambda match: mark(YEAR, match[0]), text)
        for pattern in listed_patterns():
            text = pattern.sub(listed, text)
        return MarkedSentence(text, mentions, plain)

    def _meaning(self, words: str) -> tuple[int, list[Any]]:
        """Return what words stand for: the longest known beginning of them."""
        key = re.sub(r"\s+", " ", _dashed(words)).casefold()
        ends = (key[:end] for end in range(len(key), 0, -1))
        return next(self._keys[end] for end in ends if end in self._keys)

    @staticmethod
    def _cities(evidence: TextEvidence) -> Iterator[tuple[str, Any]]:
        for unit in evidence.units:
            yield from ((name, unit.id) for name in unit.names)

    def _nodes(self, evidence: TextEvidence) -> Iterator[tuple[str, Any]]:
        for node in evidence.framework.tree_order:
            for name in (node.name_zh, node.name_en):
                yield name, node.code
                bare = _without_brackets(name)
                for form in self._forms_of_node(bare, is_exact=bool(evidence.exact)):
                    if len(form) > 2 or form == bare:
                        yield form, node.code
                    elif form:
                        for tail in self.words["short_tails"]:
                            yield form + tail, node.code
        for word in (*self.words["root"], *filter(None, evidence.titles)):
            yield word, evidence.root

    def _forms_of_node(self, name: str, *, is_exact: bool) -> Iterator[str]:
        """Yield what a node may be called by its name without brackets."""
        heads = self.words["node_heads"]
        tails = self.words["node_ends"]
        yield name
        yield re.sub(rf"^(?:{heads})+|(?:{tails})$", "", name)
        forms = []
        for end, others in self.words["node_same"].items():
            if name.endswith(end):
                forms += [name.removesuffix(end) + other for other in others]
        if is_exact:
            forms.append(re.sub("|".join(self.words["measures"]), "", name))
            forms.append(f"{name.removesuffix('s')}s")
            forms += _short_forms(name)
            forms = [form for form in forms if len(form) > 1 and form != name]
        yield from forms

    def _groups(self, evidence: TextEvidence) -> Iterator[tuple[str, Any]]:
        for kind in evidence.group_types:
            for group in kind.groups:
                meaning = ((kind.attribute, group.value),)
                names = [group.name_zh, group.name_en, group.cities_zh, group.cities_en]
                called = {str(name).casefold() for name in (group.value, *names)}
                for same in self.words["group_words"] if evidence.exact else ():
                    names += [] if called.isdisjoint(same) else same
                for name in map(_without_brackets, filter(None, names)):
                    for form in self._forms_of_group(
                        name, is_exact=bool(evidence.exact)
                    ):
                        yield form, meaning
        for unit in evidence.units:
            yield from self._groups_of_place(unit)

    def _forms_of_group(self, name: str, *, is_exact: bool) -> Iterator[str]:
        """Yield what a group may be called by its name without brackets."""
        yield name
        if is_exact and name.endswith(" cities"):
            yield name.removesuffix(" cities")
        if re.search(r"[a-z]$", name):
            yield _plural(name)
        short = re.sub(rf"(?:{self.words['group_ends']})$", "", name)
        if len(short) > 1 and short not in self.words["group_short_not"]:
            yield short

    def _groups_of_place(self, unit: Unit) -> Iterator[tuple[str, Any]]:
        """Yield what cities are called by where they are, such as "in Asia"."""
        places = self.words["places"]
        for key, value in unit.attributes.items():
            base = key.removesuffix("_zh")
            if base not in places or not value:
                continue
            meaning = ((base, unit.attributes.get(base, value)),)
            yield value, meaning
            for form in places[base]:
                yield form.format(value), meaning


def _short_forms(name: str) -> list[str]:
    """Return shorter English names of an indicator, of two words at least.

    >>> _short_forms("Monthly student rent"), _short_forms("Joint projects with firms")
    (['student rent'], ['Joint projects'])
    """
    words = re.split(" (?:of|in|with|at|per|for|to|among|by|on) ", name)[0].split(" ")
    starts = range(len(words) - 1)
    forms = [" ".join(words[start:]) for start in starts]
    return [form for form in forms if form != name and form.isascii()]


def _dashed(text: str) -> str:
    """Return a text with plain dashes and no blanks around them."""
    return re.sub(r"\s*[-–—―]\s*", "-", text)


def _without_brackets(name: str) -> str:
    return re.sub(r"（.*?）|\(.*?\)", "", name)
