"""Audits a manuscript: every claim that is found, checked against the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlcity.audit.text.claims import TextClaim, declarations, find_claims
from xlcity.audit.text.evidence import LISTED, Group, TextEvidence
from xlcity.audit.text.judge import ClaimJudge, Judgement, TextContext
from xlcity.audit.text.listed import with_listed
from xlcity.audit.text.manuscript import Passage
from xlcity.audit.text.names import NameResolver
from xlcity.audit.text.scope import ClaimOutcome, Values
from xlcity.data_files import toml_beside

#: Slips that are so small that a sentence before settles what a claim is about.
_NEAR = ("neighbour", "digits")


@dataclass(frozen=True)
class TextFinding:
    """A claim that the tables contradict, or that they cannot settle.

    Attributes
    ----------
    line
        TextLine of the text file, or paragraph of the Word document, where the sentence's paragraph
        begins.
    quote, says
        The sentence, and the words of the claim.
    expected, slip
        What the tables say, and what probably happened.
    verdict
        "false" or "unsure".
    """

    line: int
    quote: str
    kind: str
    says: str
    expected: str
    slip: str
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
        TextLine, kind and words of the claims that are right.
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
        return {
            "path": self.path,
            "against": self.against,
            "claims": self.claims,
            "checked": self.checked,
            "true": len(self.true),
            "findings": self.findings,
        }


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
    auditor, context = TextAuditor(evidence, language), TextContext()
    findings: list[TextFinding] = []
    true: list[tuple[int, str, str]] = []
    for passage in passages:
        right, wrong = auditor.audit(passage, context)
        true += right
        findings += wrong
    checked = len(true) + sum(finding.verdict == "false" for finding in findings)
    every = len(true) + len(findings)
    return TextAudit(path, evidence.name, every, checked, tuple(findings), tuple(true))


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
        self.resolver = NameResolver(evidence, declarations()["names"])
        self.judge = ClaimJudge(evidence)
        self.speak = FindingTexts(evidence, language)

    def audit(
        self, passage: Passage, context: TextContext
    ) -> tuple[list[tuple[int, str, str]], list[TextFinding]]:
        """Return the true claims of a sentence and its findings; the context goes on."""
        marked = with_listed(self.resolver.marked(passage.text), context.lists)
        claims = [] if passage.heading else [*find_claims(marked, context.subject)]
        judged = [(claim, self.judge.judge(claim, context)) for claim in claims]
        beside = [judgement.node for _, judgement in judged if judgement.anchors]
        true, findings = [], []
        for claim, judgement in judged:
            outcome = self._settled(claim, judgement, beside, context.anchor)
            if outcome.holds:
                true.append((passage.line, claim.kind, claim.words))
            else:
                findings.append(_finding(passage, claim, outcome, judgement.node, self.speak))
        context.add(marked, passage.paragraph, heading=passage.heading)
        context.anchor = beside[-1] if beside else context.anchor
        return true, findings

    def _settled(
        self, claim: TextClaim, judgement: Judgement, beside: Sequence[str], anchor: str
    ) -> ClaimOutcome:
        """Return an outcome; where no node is named, its neighbours say which one is meant."""
        if not judgement.is_open:
            return judgement.outcome
        if beside and (outcome := self.judge.under(claim, beside[0], strict=False)).holds is False:
            return outcome
        if anchor:
            outcome = self.judge.under(claim, anchor, strict=True)
            if outcome.holds is False and outcome.slip and outcome.slip[0] in _NEAR:
                return outcome
        return judgement.outcome


def _finding(
    passage: Passage, claim: TextClaim, outcome: ClaimOutcome, node: str, speak: FindingTexts
) -> TextFinding:
    return TextFinding(
        passage.line,
        passage.text,
        claim.kind,
        claim.words,
        speak.every("expected", outcome.expected),
        speak.every("slip", [outcome.slip] if outcome.slip else []),
        "unsure" if outcome.holds is None else "false",
        outcome.table,
        outcome.unit,
        node,
    )


@dataclass(frozen=True)
class FindingTexts:
    """Writes what the tables say in one language."""

    evidence: TextEvidence
    language: str

    def every(self, section: str, keyed: Iterable[tuple[str, Values]]) -> str:
        """Return several texts, one after the other."""
        texts = [self.one(section, key, values) for key, values in keyed]
        return ("；" if self.language == "zh" else "; ").join(texts)

    def one(self, section: str, key: str, values: Values) -> str:
        """Return a text with its values."""
        shown = {name: self._shown(section, key, name, value) for name, value in values.items()}
        return str(_texts()[section][key][self.language]).format(**shown)

    def _shown(self, section: str, key: str, name: str, value: Any) -> str:
        if name == "city":
            return self._city(value)
        if name == "cities":
            return ("、" if self.language == "zh" else ", ").join(map(self._city, value))
        if name == "node":
            node = self.evidence.framework[value]
            names = (node.name_zh, node.name_en)
            return next(filter(None, names if self.language == "zh" else names[::-1]), value)
        if name == "group":
            words = self._group(value)
            plain = not words or (self.language == "zh" and key != "rank" and key != "unlisted")
            frame = _texts()["frame"]["in"][self.language]
            return words or self._all(key) if plain else frame.format(group=words)
        return str(value)

    def _all(self, key: str) -> str:
        everything = {"zh": "全部", "en": ""}
        return "" if key in ("rank", "unlisted") else everything[self.language]

    def _city(self, unit: str) -> str:
        city = self.evidence.unit[unit]
        names = (city.name_zh, city.name_en) if self.language == "zh" else (city.name_en,)
        return next(filter(None, names), unit)

    def _group(self, group: Group) -> str:
        names = {
            (kind.attribute, named.value): named.name_zh if self.language == "zh" else named.name_en
            for kind in self.evidence.group_types
            for named in kind.groups
        }
        parts = [part if isinstance(part[0], str) else part[0] for part in group]
        if parts and parts[0][0] == LISTED:
            return self._shown("", "", "cities", parts[0][1].split("\n"))
        return " · ".join(names.get(part, part[1]) for part in parts)


def _texts() -> Mapping[str, Any]:
    return toml_beside(__file__, "findings.toml")
