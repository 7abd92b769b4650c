"""Finds cities, nodes and groups in a sentence and puts one character in the place of each.

The patterns of claims are regular expressions over the marked sentence: a city, a node and a group
are single characters of their own range, so a pattern is as short as the sentence it describes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xlcity.audit.text.evidence import Group, TextEvidence

#: First character of cities, nodes, groups, and the one that stands for a year.
CITY, NODE, GROUP, YEAR = 0xE000, 0xF000, 0xF400, 0xF8F0
_CJK = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—…]"
_FOOTNOTES = "†‡"
_GAP = re.compile(rf"(?<={_CJK})\s+|\s+(?={_CJK})")
_DASHES = re.compile(r"\s*[-–—―]\s*(?=\w)")
_YEAR = re.compile(
    r"(?:19|20)\d\d\s*(?:[-—–至]\s*(?:19|20)\d\d\s*)?(?:年度?(?:\d+月)?[初底末]?|年代)"
    r"|(?<![\d.,])(?:19|20)\d\d(?![\d.%]|,\d)(?=[^\w]|$)|(?<=\d)月\d+日"
)


def normalised(text: str) -> str:
    """Return a text with plain digits and letters, and without gaps between Chinese characters.

    Marks of footnotes go.

    >>> normalised("旧金山 – 圣何塞 以 ８８．６５ 分 居 第 ２ 位")
    '旧金山-圣何塞以88.65分居第2位'
    """
    plain = "".join(
        unicodedata.normalize("NFKC", c) if c.isalnum() or c in "．％＋－" else c
        for c in text
        if c not in _FOOTNOTES
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
    words
        Which words may follow or stand for a name; see `claims.toml`.
    """

    def __init__(self, evidence: TextEvidence, words: Mapping[str, Any]) -> None:
        self.words = words
        self.meanings: dict[str, tuple[str, list[Any]]] = {}
        for name, unit in self._cities(evidence):
            self._add(name, "city", unit)
        for name, code in self._nodes(evidence):
            self._add(name, "node", code)
        for name, group in self._groups(evidence):
            self._add(name, "group", group)
        names = sorted(self.meanings, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(self._expression, names)) or "(?!)", re.IGNORECASE)

    def _add(self, name: str, kind: str, what: object) -> None:
        key = normalised(name).casefold()
        if len(key) < 2:
            return
        first_kind, several = self.meanings.setdefault(key, (kind, []))
        if first_kind == kind and what not in several:
            several.append(what)

    def _expression(self, name: str) -> str:
        escaped = _DASHES.sub("-", name)
        escaped = re.escape(escaped).replace(r"\-", r"\s*[-–—―]\s*").replace(r"\ ", r"\s+")
        kind = self.meanings[name][0]
        if re.match(r"[a-z]", name):
            return rf"(?<![A-Za-z]){escaped}(?![A-Za-z])"
        before, after = self.words["not_before"], self.words[f"{kind}_not_after"]
        tail = self.words[f"{kind}_tail"]
        return rf"(?<![{before}]){escaped}(?!{after})(?:{tail})*"

    def marked(self, sentence: str) -> MarkedSentence:
        """Return a sentence with characters for names and years."""
        mentions: dict[str, tuple[Any, ...]] = {}
        plain: dict[str, str] = {}
        nexts = {"city": CITY, "node": NODE, "group": GROUP}

        def replace(match: re.Match[str]) -> str:
            kind, several = self._what(match[0])
            char = chr(nexts[kind])
            nexts[kind] += 1
            mentions[char], plain[char] = tuple(several), match[0]
            return char

        text = self.pattern.sub(replace, sentence)

        def year(match: re.Match[str]) -> str:
            char = chr(YEAR + len([c for c in plain if ord(c) >= YEAR]))
            plain[char] = match[0]
            return char

        return MarkedSentence(_YEAR.sub(year, text), mentions, plain)

    def _what(self, words: str) -> tuple[str, list[Any]]:
        """Return what words stand for: the longest known beginning of them."""
        key = re.sub(r"\s+", " ", re.sub(r"\s*[-–—―]\s*", "-", words)).casefold()
        for end in range(len(key), 0, -1):
            if key[:end] in self._keys:
                return self._keys[key[:end]]
        raise KeyError(words)

    @cached_property
    def _keys(self) -> dict[str, tuple[str, list[Any]]]:
        return {re.sub(r"\s*[-–—―]\s*", "-", key): what for key, what in self.meanings.items()}

    @staticmethod
    def _cities(evidence: TextEvidence) -> Iterator[tuple[str, str]]:
        for unit in evidence.units:
            for name in (unit.name_zh, unit.name_en, *unit.aliases):
                if name:
                    yield name, unit.id

    def _nodes(self, evidence: TextEvidence) -> Iterator[tuple[str, str]]:
        heads, tails = self.words["node_heads"], self.words["node_ends"]
        for node in evidence.framework.tree_order:
            for name in (node.name_zh, node.name_en):
                bare = re.sub(r"（.*?）|\(.*?\)", "", name)
                short = re.sub(rf"^(?:{heads})+|(?:{tails})$", "", bare)
                same = [
                    bare.removesuffix(end) + other
                    for end, others in self.words["node_same"].items()
                    for other in others
                    if bare.endswith(end)
                ]
                for form in (name, bare, short, *same):
                    if len(form) > 2 or form in (name, bare):
                        yield form, node.code
                    elif form:
                        for tail in self.words["short_tails"]:
                            yield form + tail, node.code
        for word in (*self.words["root"], *filter(None, evidence.titles)):
            yield word, evidence.root

    def _groups(self, evidence: TextEvidence) -> Iterator[tuple[str, Group]]:
        tails = self.words["group_ends"]
        for kind in evidence.group_types:
            for group in kind.groups:
                what = ((kind.attribute, group.value),)
                for name in (group.name_zh, group.name_en):
                    bare = re.sub(r"（.*?）|\(.*?\)", "", name)
                    yield bare, what
                    if re.search(r"[a-z]$", bare):
                        yield _plural(bare), what
                    short = re.sub(rf"(?:{tails})$", "", bare)
                    if len(short) > 1 and short not in self.words["group_short_not"]:
                        yield short, what
        for unit in evidence.units:
            for key, value in unit.attributes.items():
                base = key.removesuffix("_zh")
                if base in self.words["places"] and value:
                    place_name = unit.attributes.get(base, value)
                    yield value, ((base, place_name),)
