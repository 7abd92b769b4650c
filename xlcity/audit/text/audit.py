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
from xlcity.audit.text.names import NameResolver
from xlcity.audit.text.outcome import JudgedClaim, Telling, Values
from xlcity.audit.text.patterns import WORDS
from xlcity.audit.text.sentence_conditions import StatedConditions
from xlcity.audit.text.sentence_numbers import check_numbers
from xlcity.audit.text.sentence_orders import check_orders
from xlcity.audit.text.sentence_words import StatedFacts
from xlcity.data_files import toml_beside

#: Kinds of claims that may hold inside a group, if not of all cities.
_INSIDE_GROUPS = ("rank", "top", "count")
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
    true: tuple[tuple[int, str, str], ...] = field(default=(), repr=False)

    def of(self, verdict: str) -> list[TextFinding]:
        """Return the findings of a verdict."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**vars(self), "true": len(self.true)}


def audit_passages(
    passages: Sequence[Passage], evidence: TextEvidence, language: str, path: str = ""
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
        is_false = False
        is_heading = passage.heading or bool(WORDS.caption.match(marked.text))
        claims = find_claims(marked, context.subject, is_computed=is_computed)
        for claim in () if is_heading else claims:
            judged = self.judge.judge(claim, context)
            is_false |= judged.outcome.holds is False
            yield judged
        if is_computed:
            groups = [*context.heading_groups, *context.groups]
            nodes = [*context.headings, *context.nodes]
            facts = StatedFacts(marked, self.evidence, nodes, context.subject, groups)
            if not (is_heading or is_false):
                for judged in self._of_sentence(facts, context):
                    outcome = judged.outcome
                    is_invented = judged.node in self.evidence.invented
                    # Print is not invented.
                    is_open = (
                        is_invented and not outcome.table
                    ) or facts.compares_unknown_years
                    yield (
                        judged.left_open()
                        if is_open and outcome.holds is False
                        else judged
                    )
            is_counted = bool(facts.find_other_counts(WORDS.counted_above))
            if is_heading and (is_counted or facts.has(WORDS.plain_heading)):
                context.is_below_others = is_counted
            context.is_of_others |= bool(facts.find_other_counts())
        context.add(marked, heading=is_heading)

    def _of_sentence(
        self, facts: StatedFacts, context: TextContext
    ) -> Iterator[JudgedClaim]:
        """Yield what a sentence states of an index all of whose numbers are known."""
        if not facts.can_be_checked:
            return
        conditions = StatedConditions(facts)
        yield from check_numbers(conditions)
        statements = [*check_orders(conditions)]
        if any(claim.outcome.holds is False for claim in statements):
            # Of what else the paragraph has named it may be true, or of another group of a name.
            nodes = [*facts.nodes_before, *sorted(context.named_nodes)]
            meanings = max(map(len, facts.sentence.groups(facts.text)), default=1)
            is_of_others = context.is_of_others and not facts.groups[1:]
            false = [
                {
                    (claim.kind, claim.words)
                    for claim in check_orders(StatedConditions(open_facts))
                    if claim.outcome.holds is False
                    and not (is_of_others and claim.kind in _INSIDE_GROUPS)
                }
                for open_facts in (
                    replace(facts, nodes_before=nodes, is_open=True, meaning=n)
                    for n in range(meanings)
                )
            ]
            statements = [
                claim
                if claim.outcome.holds
                or all((claim.kind, claim.words) in several for several in false)
                else claim.left_open()
                for claim in statements
            ]
        yield from statements

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
        patterns = (
            (texts[key][self.language], self._in_words(own)) for key, own in tellings
        )
        separator = "；" if self.language == "zh" else "; "
        return separator.join(pattern.format_map(words) for pattern, words in patterns)

    def _in_words(self, values: Values) -> dict[str, Any]:
        """Return values with names of cities, nodes and groups, and `among` for a group."""
        words = dict(values)
        if "city" in words:
            words["city"] = self._list_names([words["city"]])
        if "cities" in words:
            words["cities"] = self._list_names(words["cities"])
        if "node" in words:
            words["node"] = (
                self._name(self.evidence.framework[words["node"]]) or words["node"]
            )
        if "group" in words:
            group = self._group(words["group"])
            among = f"在{group}中" if self.language == "zh" else f" among {group}"
            words |= {"group": group or "全部", "among": among if group else ""}
        return words

    def _name(self, named: Any) -> str:
        """Return the name of a city, node or group in the language, or in the other one."""
        names = (named.name_zh, named.name_en)
        return str(
            next(filter(None, names if self.language == "zh" else names[::-1]), "")
        )

    def _list_names(self, units: Iterable[str]) -> str:
        names = (self._name(self.evidence.unit[unit]) or unit for unit in units)
        return ("、" if self.language == "zh" else ", ").join(names)

    def _group(self, group: Group) -> str:
        if group and group[0][0] == LISTED:
            return self._list_names(group[0][1].split("\n"))
        kinds = self.evidence.group_types
        names = {
            (kind.attribute, g.value): self._name(g)
            for kind in kinds
            for g in kind.groups
        }
        return " · ".join(names.get(part, part[1]) for part in group)
