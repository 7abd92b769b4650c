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
        if line != self.line:
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
            # A comparison of editions begins with the whole, below whatever part it stands.
            is_of_editions = WORDS.editions_heading.search(sentence.text)
            self.headings = named or ([] if is_of_editions else self.headings)
            self.heading_groups = groups or self.heading_groups
            self.nodes = []
            self.subject = ()
            self.groups = []
        self.nodes, self.groups = (
            [*self.nodes, *named][-_BACK:],
            [*self.groups, *groups][-_BACK:],
        )
        self.named_nodes |= {*named}
        self.named_groups |= {part for group in groups for part in group}
        matches = WORDS.cities.finditer(sentence.text)
        runs = (tuple(sentence.cities(match[0])) for match in matches)
        self.lists = [*self.lists, *(run for run in runs if len(run) > 1)]
        if cities := sentence.cities(sentence.text):
            self.subject, self.cities = (cities[0],), self.cities | set(cities)


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
        right = next((reading for reading in readings if reading.outcome.holds), None)
        if right:
            return right
        wrong = next(
            (reading for reading in readings if reading.outcome.holds is False), None
        )
        if wrong is None:
            unknown = JudgedClaim(
                claim.kind, claim.words, next(iter(frame.nodes), ""), UNKNOWN
            )
            return next(
                (reading for reading in readings if reading.outcome.expected), unknown
            )
        unsure = readings[0].outcome.holds is None or self._is_doubtful(claim, frame)
        # A sentence without a subject is about the only city of its paragraph.
        unsure = unsure or (claim.from_before and context.cities != {*claim.who})
        if unsure or frame.settled:
            return wrong.left_open() if unsure else wrong
        every = self._every(claim, frame, context)
        return (
            wrong.left_open()
            if any(check(claim, scope).holds for scope in every)
            else wrong
        )

    def _frame(self, claim: TextClaim) -> ClaimFrame:
        """Return the nodes and groups that the words of a claim name."""
        sentence = claim.sentence
        text = claim.sentence.text
        tail = claim.tail
        named = sentence.nodes(tail) or sentence.nodes(
            text[claim.clause_start : claim.end]
        )
        nodes = [*chain(*reversed(named))]
        if WORDS.cause.search(sentence.words(tail)):
            nodes = []
        groups, strict = self._groups(claim)
        settled = bool(nodes) and (strict or claim.kind not in _OF_GROUPS)
        return ClaimFrame(nodes, groups, strict, settled)

    def _groups(self, claim: TextClaim) -> tuple[list[Group], bool]:
        """Return the groups that a claim is made within, and whether its own words say so."""
        sentence = claim.sentence
        tail = claim.tail
        if claim.has("of") and claim.kind == "rank":
            return [*sentence.groups(claim.parts["of"])[0]], True
        if claim.kind not in _OF_GROUPS:
            return [()], False
        part = sentence.text.rfind("；", 0, claim.start) + 1
        named = (words.finditer(tail) for words in (WORDS.group_in, WORDS.group_rank))
        framed = next(filter(None, map(list, named)), [])
        # Words such as "overall" stand for the root.
        root = tuple(declarations()["names"]["root"])
        plain = [sentence.plain.get(char, "").lower() for char in tail]
        words = [n for n, word in enumerate(plain) if word.startswith(root)]
        if words and (not framed or max(words) > framed[-1].start()):
            return [()], True
        if framed:
            return [*sentence.groups(framed[-1][1] or framed[-1][2])[0]], True
        ahead = [*WORDS.group_in.finditer(sentence.text, part, claim.start)]
        ahead += [*WORDS.group_head.finditer(sentence.text, part, claim.start)]
        if not ahead:
            return [], False
        groups = [*sentence.groups(ahead[-1][1])[0]]
        # "Of the new cities, X ranks 19th": a list is of the group, a rank perhaps of all cities.
        is_of_group = claim.kind == "tier" or not groups[0] or groups[0][0][0] == LISTED
        return (groups if is_of_group else [*groups, ()]), True

    def _readings(
        self, claim: TextClaim, frame: ClaimFrame, context: TextContext
    ) -> Iterator[ClaimScope]:
        """Yield what a claim may be about, the most likely first."""
        text = claim.sentence.text
        before = chain(*reversed(claim.sentence.nodes(text[: claim.start])))
        around = [
            *before,
            *reversed(context.nodes),
            *context.headings,
            self.evidence.root,
        ]
        nodes = frame.nodes or around
        if nodes == [self.evidence.root] == frame.nodes:
            # "In the Index, X ranks third in life": the other nodes of the sentence may be meant.
            nodes = [*nodes, *chain(*claim.sentence.nodes(text))]
        numbers = re.findall(r"前(\d+|[一二三四五六七八九十]+)", text[: claim.start])
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
            nodes = [*frame.nodes, *chain(*claim.sentence.nodes(claim.sentence.text))]
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


def _bare(text: str) -> str:
    return re.sub(f"[{SIGNS['all_signs']}]", " ", text)
