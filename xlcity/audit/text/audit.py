"""Audits a manuscript: every claim that is found, checked against the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlcity.audit.text.claims import find_claims
from xlcity.audit.text.evidence import LISTED, Group, TextEvidence
from xlcity.audit.text.judge import ClaimJudge, TextContext
from xlcity.audit.text.manuscript import Passage
from xlcity.audit.text.names import MarkedSentence, NameResolver
from xlcity.audit.text.outcome import JudgedClaim, Telling, Values
from xlcity.audit.text.patterns import WORDS
from xlcity.audit.text.sentence_conditions import StatedConditions
from xlcity.audit.text.sentence_numbers import check_numbers
from xlcity.audit.text.sentence_orders import check_orders
from xlcity.audit.text.sentence_words import StatedFacts
from xlcity.data_files import toml_beside

#: Kinds of claims that may hold inside a group, if not of all cities.
_INSIDE_GROUPS = ("rank", "top", "count")
_SEPARATORS = {"zh": "；", "en": "; "}
_LIST_SEPARATORS = {"zh": "、", "en": ", "}
_AMONG = {"zh": "在{}中", "en": " among {}"}
#: References to tables and figures, as a report writes them.
_REFERENCES = re.compile(r"（见[^）]*）| \((?:Table|Figure)[^)]*\)")


@dataclass(frozen=True)
class TextFinding:
    """A claim that the tables contradict, or that they cannot settle.

    Attributes
    ----------
    line
        Line of the text file, or paragraph of the Word document, where the sentence's paragraph
        begins.
    quote, says
        The sentence, and the words of the claim.
    expected
        What the tables say.
    verdict
        "false" or "unsure".
    """

    line: int
    quote: str
    kind: str
    says: str
    expected: str
    verdict: str
    table: str = ""
    unit: str = ""
    node: str = ""


#: Line, kind and words of a claim.
_TrueClaim = tuple[int, str, str]


@dataclass(frozen=True)
class TextAudit:
    """The claims of a manuscript.

    Attributes
    ----------
    claims, checked
        How many were found, and how many of these the tables settle.
    true
        Line, kind and words of the claims that are right.
    """

    path: str
    against: str
    claims: int
    checked: int
    findings: tuple[TextFinding, ...]
    true: tuple[_TrueClaim, ...] = field(default=(), repr=False)

    def of(self, verdict: str) -> list[TextFinding]:
        """Return the findings of a verdict."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**vars(self), "true": len(self.true)}


def audit_passages(
    passages: Sequence[Passage],
    evidence: TextEvidence,
    language: str,
    path: str = "",
) -> TextAudit:
    """Check the claims of sentences.

    Parameters
    ----------
    passages
        The sentences of a manuscript.
    evidence
        The tables.
    language
        "zh" or "en": of what the tables say.
    path
        The manuscript, for the result.
    """
    auditor = TextAuditor(evidence, language)
    context = TextContext()
    findings: list[TextFinding] = []
    true: list[tuple[int, str, str]] = []
    for passage in passages:
        for claim in auditor.judged(passage, context):
            if claim.outcome.holds:
                true.append((passage.line, claim.kind, claim.words))
            else:
                findings.append(auditor.finding(passage, claim))
    checked = len(true) + sum(finding.verdict == "false" for finding in findings)
    every = len(true) + len(findings)
    return TextAudit(
        path=path,
        against=evidence.name,
        claims=every,
        checked=checked,
        findings=tuple(findings),
        true=tuple(true),
    )


class TextAuditor:
    """Audits one sentence after the other.

    Parameters
    ----------
    evidence
        The tables.
    language
        "zh" or "en": of what the tables say.
    """

    def __init__(self, evidence: TextEvidence, language: str) -> None:
        self.evidence = evidence
        self.language = language
        self.resolver = NameResolver(evidence)
        self.judge = ClaimJudge(evidence)

    def judged(self, passage: Passage, context: TextContext) -> Iterator[JudgedClaim]:
        """Yield the claims of a sentence; the context goes on."""
        for claim in self._judged(passage, context):
            is_misread = claim.outcome.holds is False and self._is_stated(passage)
            yield claim.left_open() if is_misread else claim

    def _is_stated(self, passage: Passage) -> bool:
        """Tell whether the report on the tables has a sentence, but for its references."""
        return _REFERENCES.sub("", passage.text) in self.evidence.stated()

    def _judged(self, passage: Passage, context: TextContext) -> Iterator[JudgedClaim]:
        is_computed = self.evidence.computed
        context.start(passage.line, is_computed=is_computed)
        marked = self.resolver.marked(passage.text, context.lists)
        is_heading = passage.heading or bool(WORDS.caption.match(marked.text))
        is_false = False
        if not is_heading:
            subject = context.subject
            for claim in find_claims(marked, subject, is_computed=is_computed):
                judged = self.judge.judge(claim, context)
                is_false |= judged.outcome.holds is False
                yield judged
        if is_computed:
            facts = self._state_facts(marked, context)
            if not (is_heading or is_false):
                yield from self._of_sentence(facts, context)
            _note_others(facts, context, is_heading=is_heading)
        context.add(marked, heading=is_heading)

    def _state_facts(self, marked: MarkedSentence, context: TextContext) -> StatedFacts:
        """Return what a sentence states, after what the text was about before it."""
        return StatedFacts(
            marked,
            self.evidence,
            nodes_before=[*context.headings, *context.nodes],
            cities_before=context.subject,
            groups_before=[*context.heading_groups, *context.groups],
        )

    def _of_sentence(
        self, facts: StatedFacts, context: TextContext
    ) -> Iterator[JudgedClaim]:
        """Yield what a sentence states of an index all of whose numbers are known."""
        if not facts.can_be_checked:
            return
        conditions = StatedConditions(facts)
        statements = [*check_orders(conditions)]
        if any(claim.outcome.holds is False for claim in statements):
            false = _find_always_false(facts, context)
            statements = [
                claim
                if claim.outcome.holds or (claim.kind, claim.words) in false
                else claim.left_open()
                for claim in statements
            ]
        for claim in (*check_numbers(conditions), *statements):
            is_false = claim.outcome.holds is False
            is_open = is_false and self._cannot_be_false(claim, facts)
            yield claim.left_open() if is_open else claim

    def _cannot_be_false(self, claim: JudgedClaim, facts: StatedFacts) -> bool:
        """Tell whether a claim rests on invented numbers, or on years that no table has."""
        # Print is not invented.
        is_invented = claim.node in self.evidence.invented and not claim.outcome.table
        return is_invented or facts.compares_unknown_years

    def finding(self, passage: Passage, claim: JudgedClaim) -> TextFinding:
        """Return the finding of a claim that is not true."""
        outcome = claim.outcome
        expected = self._describe(outcome.expected)
        verdict = "unsure" if outcome.holds is None else "false"
        return TextFinding(
            line=passage.line,
            quote=passage.text,
            kind=claim.kind,
            says=claim.words,
            expected=expected,
            verdict=verdict,
            table=outcome.table,
            unit=outcome.unit,
            node=claim.node,
        )

    def _describe(self, tellings: Iterable[Telling]) -> str:
        """Return what the tables say, with the names of cities, nodes and groups."""
        texts = toml_beside(__file__, "findings.toml")
        told = []
        for key, values in tellings:
            words = self._in_words(values)
            told.append(texts[key][self.language].format_map(words))
        return _SEPARATORS[self.language].join(told)

    def _in_words(self, values: Values) -> dict[str, Any]:
        """Return values with names of cities, nodes and groups, and `among` for a group."""
        words = dict(values)
        if "city" in words:
            words["city"] = self._list_names([words["city"]])
        if "cities" in words:
            words["cities"] = self._list_names(words["cities"])
        if "node" in words:
            node = self.evidence.framework[words["node"]]
            words["node"] = self._name(node) or node.code
        if "group" in words:
            group = self._group(words["group"])
            words["group"] = group or "全部"
            words["among"] = _AMONG[self.language].format(group) if group else ""
        return words

    def _name(self, named: Any) -> str:
        """Return the name of a city, node or group in the language, or in the other one."""
        names = [named.name_zh, named.name_en]
        if self.language != "zh":
            names.reverse()
        return str(next(filter(None, names), ""))

    def _list_names(self, units: Iterable[str]) -> str:
        names = (self._name(self.evidence.unit[unit]) or unit for unit in units)
        return _LIST_SEPARATORS[self.language].join(names)

    def _group(self, group: Group) -> str:
        if group and group[0][0] == LISTED:
            return self._list_names(group[0][1].split("\n"))
        names = {}
        for kind in self.evidence.group_types:
            for own in kind.groups:
                names[kind.attribute, own.value] = self._name(own)
        return " · ".join(names.get(part, part[1]) for part in group)


def _note_others(facts: StatedFacts, context: TextContext, *, is_heading: bool) -> None:
    """Note in the context whether a sentence counts cities that are perhaps no group."""
    is_counted = bool(facts.find_other_counts(WORDS.counted_above))
    if is_heading and (is_counted or facts.has(WORDS.plain_heading)):
        context.is_below_others = is_counted
    context.is_of_others |= bool(facts.find_other_counts())


def _find_always_false(
    facts: StatedFacts, context: TextContext
) -> set[tuple[str, str]]:
    """Return kind and words of claims that are false of all that their paragraph has named.

    And of each group that a name may stand for.
    """
    nodes = [*facts.nodes_before, *sorted(context.named_nodes)]
    is_of_others = context.is_of_others and not facts.some_groups
    meanings = max(map(len, facts.sentence.groups(facts.text)), default=1)
    false = []
    for meaning in range(meanings):
        open_facts = replace(facts, nodes_before=nodes, is_open=True, meaning=meaning)
        own = set()
        for claim in check_orders(StatedConditions(open_facts)):
            may_be_inside = is_of_others and claim.kind in _INSIDE_GROUPS
            if claim.outcome.holds is False and not may_be_inside:
                own.add((claim.kind, claim.words))
        false.append(own)
    return set.intersection(*false)
