"""Decides what a claim is about, and whether the tables contradict it.

A claim is false only where no reading of it is true: its own words name the node and the group, or
no node and no group makes it true. Where words remain that the resolver does not know (another
measure, another ranking, another year), it is unsure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, product

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import LISTED, Group, TextEvidence
from xlcity.audit.text.marks import SIGNS
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.number_checks import check_equation
from xlcity.audit.text.outcome import UNKNOWN, ClaimScope, JudgedClaim
from xlcity.audit.text.patterns import WORDS, declarations, whole_number
from xlcity.audit.text.rank_checks import RANK_CHECKS

#: Kinds of claims that are made within a group, if the text names one.
_OF_GROUPS = ("rank", "tier")
#: Sentences before a claim whose nodes and groups it may be about.
_BACK = 8


@dataclass
class TextContext:
    """What the text was about before a sentence.

    `is_of_others`, `is_below_others`: its paragraph, or what stands above it, counts cities that
    are perhaps no group of the tables.
    """

    nodes: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    heading_groups: list[Group] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    subject: tuple[str, ...] = ()
    lists: list[tuple[str, ...]] = field(default_factory=list)
    named_nodes: set[str] = field(default_factory=set)
    named_groups: set[tuple[str, str]] = field(default_factory=set)
    cities: set[str] = field(default_factory=set)
    line: int = -1
    is_of_others: bool = False
    is_below_others: bool = False

    def start(self, line: int, *, is_computed: bool) -> None:
        """Go on to the paragraph that begins in a line.

        In a text about an index of one's own, each is about its own nodes; in a report's text it
        may go on with what the one before was about.
        """
        if line == self.line:
            return
        self.line = line
        self.cities = set()
        self.lists = []
        self.is_of_others = self.is_below_others
        if is_computed:
            self.nodes = []
            self.groups = []
            self.subject = ()
            self.named_nodes = {*self.headings}
            self.named_groups = set()

    def add(self, sentence: MarkedSentence, *, heading: bool) -> None:
        """Go on after a sentence."""
        named = [*chain(*sentence.nodes(sentence.text))]
        groups = [*chain(*sentence.groups(sentence.text))]
        if heading:
            self._begin_part(sentence, named, groups)
        self.nodes = [*self.nodes, *named][-_BACK:]
        self.groups = [*self.groups, *groups][-_BACK:]
        self.named_nodes.update(named)
        self.named_groups.update(*groups)
        for match in WORDS.cities.finditer(sentence.text):
            run = tuple(sentence.cities(match[0]))
            self.lists += [run] if len(run) > 1 else []
        cities = sentence.cities(sentence.text)
        if cities:
            self.subject = (cities[0],)
            self.cities.update(cities)

    def _begin_part(
        self, heading: MarkedSentence, nodes: list[str], groups: list[Group]
    ) -> None:
        """Go on with what a heading names."""
        # A comparison of editions begins with the whole, below whatever part it stands.
        if nodes or WORDS.editions_heading.search(heading.text):
            self.headings = nodes
        self.heading_groups = groups or self.heading_groups
        self.nodes = []
        self.subject = ()
        self.groups = []


@dataclass(frozen=True)
class ClaimFrame:
    """What the words of a claim name.

    Attributes
    ----------
    nodes, groups
        Codes and groups; empty where they name none.
    strict
        Whether the claim's own words name the group.
    settled
        Whether no other reading is possible.
    """

    nodes: list[str]
    groups: list[Group]
    strict: bool
    settled: bool


@dataclass(frozen=True)
class ClaimJudge:
    """Checks claims against evidence."""

    evidence: TextEvidence

    def judge(self, claim: TextClaim, context: TextContext) -> JudgedClaim:
        """Return a claim with what the tables say of it."""
        if claim.kind == "equation":
            return JudgedClaim(claim.kind, claim.words, "", check_equation(claim))
        check = RANK_CHECKS[claim.kind]
        frame = self._frame(claim)
        readings = [
            JudgedClaim(claim.kind, claim.words, scope.node, check(claim, scope))
            for scope in self._readings(claim, frame, context)
        ]
        decided = {reading.outcome.holds: reading for reading in reversed(readings)}
        if True in decided:
            return decided[True]
        if False in decided:
            wrong = decided[False]
            is_unsure = readings[0].outcome.holds is None
            if is_unsure or self._may_be_right(claim, frame, context):
                return wrong.left_open()
            return wrong
        told = (reading for reading in readings if reading.outcome.expected)
        node = next(iter(frame.nodes), "")
        unknown = JudgedClaim(claim.kind, claim.words, node, UNKNOWN)
        return next(told, unknown)

    def _may_be_right(
        self, claim: TextClaim, frame: ClaimFrame, context: TextContext
    ) -> bool:
        """Tell whether a claim that no likely reading makes true is perhaps not false."""
        # A sentence without a subject is about the only city of its paragraph.
        is_of_others = claim.from_before and context.cities != {*claim.who}
        if is_of_others or self._is_doubtful(claim, frame):
            return True
        if frame.settled:
            return False
        check = RANK_CHECKS[claim.kind]
        every = self._every(claim, frame, context)
        return any(check(claim, scope).holds for scope in every)

    def _frame(self, claim: TextClaim) -> ClaimFrame:
        """Return the nodes and groups that the words of a claim name."""
        sentence = claim.sentence
        clause = sentence.text[claim.clause_start : claim.end]
        named = sentence.nodes(claim.tail) or sentence.nodes(clause)
        nodes = [*chain(*reversed(named))]
        if WORDS.cause.search(sentence.words(claim.tail)):
            nodes = []
        groups = self._groups(claim)
        # Only a claim's own words leave no other group.
        strict = bool(groups) and claim.kind in _OF_GROUPS
        settled = bool(nodes) and (strict or claim.kind not in _OF_GROUPS)
        return ClaimFrame(nodes, groups, strict, settled)

    def _groups(self, claim: TextClaim) -> list[Group]:
        """Return the groups that a claim is made within; none where no words say so."""
        sentence = claim.sentence
        if claim.kind not in _OF_GROUPS:
            return [()]
        if claim.has("of") and claim.kind == "rank":
            return [*sentence.groups(claim.parts["of"])[0]]
        own = self._find_own_groups(claim)
        if own:
            return own
        start = sentence.text.rfind("；", 0, claim.start) + 1
        ahead = [*WORDS.group_in.finditer(sentence.text, start, claim.start)]
        ahead += [*WORDS.group_head.finditer(sentence.text, start, claim.start)]
        if not ahead:
            return []
        groups = [*sentence.groups(ahead[-1][1])[0]]
        # "Of the new cities, X ranks 19th": a list is of the group, a rank perhaps of all cities.
        first = groups[0]
        is_of_group = claim.kind == "tier" or not first or first[0][0] == LISTED
        return groups if is_of_group else [*groups, ()]

    def _find_own_groups(self, claim: TextClaim) -> list[Group]:
        """Return the groups that the clause of a claim names, or all cities as "overall" does."""
        sentence = claim.sentence
        tail = claim.tail
        last = _find_last_group(tail)
        # Words such as "overall" stand for the root.
        root = tuple(declarations()["names"]["root"])
        plain = [sentence.plain.get(char, "").lower() for char in tail]
        words = [n for n, word in enumerate(plain) if word.startswith(root)]

        if words and (last is None or max(words) > last.start()):
            return [()]
        if last is None:
            return []
        return [*sentence.groups(last[1] or last[2])[0]]

    def _readings(
        self, claim: TextClaim, frame: ClaimFrame, context: TextContext
    ) -> Iterator[ClaimScope]:
        """Yield what a claim may be about, the most likely first."""
        ahead = claim.sentence.text[: claim.start]
        nodes = frame.nodes
        if not nodes:
            nodes = [*chain(*reversed(claim.sentence.nodes(ahead)))]
            nodes += [*reversed(context.nodes), *context.headings, self.evidence.root]
        elif nodes == [self.evidence.root]:
            # "In the Index, X ranks third in life": the other nodes of the sentence may be meant.
            nodes = [*nodes, *chain(*claim.sentence.nodes(claim.sentence.text))]
        numbers = re.findall(r"前(\d+|[一二三四五六七八九十]+)", ahead)
        top = whole_number(numbers[-1]) if numbers else None
        groups = frame.groups or [(), *reversed(context.groups)]
        for group, node in product(dict.fromkeys(groups), dict.fromkeys(nodes)):
            yield ClaimScope(self.evidence, node, group, top)

    def _every(
        self, claim: TextClaim, frame: ClaimFrame, context: TextContext
    ) -> Iterator[ClaimScope]:
        """Yield every node with every group that a claim may be about.

        A sentence that names no node is about one that the text has named, or about the index.
        """
        nodes: Iterable[str] = (self.evidence.root, *context.named_nodes)
        if frame.nodes:
            sentence = claim.sentence
            nodes = [*frame.nodes, *chain(*sentence.nodes(sentence.text))]
        groups = frame.groups
        if not groups or not frame.strict:
            own = chain(*map(self.evidence.groups_of, claim.who[:1]))
            named = filter(context.named_groups.issuperset, own)
            groups = [*groups, (), *named]
        for node, group in product(nodes, dict.fromkeys(groups)):
            yield ClaimScope(self.evidence, node, group)

    def _is_doubtful(self, claim: TextClaim, frame: ClaimFrame) -> bool:
        """Tell whether words of a claim leave open what it is about."""
        text = claim.sentence.text
        own = claim.sentence.nodes(claim.tail)
        words = _bare(claim.tail if own else claim.span)
        sentence = _bare(text[: claim.end])
        measured = words if frame.settled else sentence
        doubts = [(WORDS.doubt_measure, measured), (WORDS.negated, words)]
        doubts.append((WORDS.negated, _bare(text[claim.clause_start : claim.start])))
        doubts.append((WORDS.doubt_outside, words if own else sentence))
        if claim.kind == "rank":
            doubts.append((WORDS.doubt_nearby, _bare(text)))
        if claim.kind != "move":
            doubts.append((WORDS.doubt_earlier, sentence))
        return any(doubt.search(part) for doubt, part in doubts)


def _find_last_group(text: str) -> re.Match[str] | None:
    """Return the last words of a group that frame what is said behind them."""
    framed = [*WORDS.group_in.finditer(text)]
    framed = framed or [*WORDS.group_rank.finditer(text)]
    return framed[-1] if framed else None


def _bare(text: str) -> str:
    return re.sub(f"[{SIGNS['all_signs']}]", " ", text)
