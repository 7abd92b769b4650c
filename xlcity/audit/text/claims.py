"""Claims of a sentence, found by the patterns of `claims.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from xlcity.audit.text.evidence import SourcedNumber
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.patterns import WORDS, claim_patterns, whole_number

#: What stands behind the name of a part in patterns of several forms.
_FORMS = ("", "2", "3")
#: Kinds of claims that are about no place or number of the index.
_OF_NO_ORDER = ("tier", "equation")
_COMMA = re.compile(r"[，。；！？;]|,\s")


@dataclass(frozen=True)
class TextClaim:
    """Something that a sentence states.

    Attributes
    ----------
    kind
        Which check it needs: "rank", "tier", …
    sentence
        The marked sentence.
    start, end
        Where it begins (with its subject) and ends.
    words_start
        Where the words of the pattern begin.
    who
        The cities it is about.
    parts
        Name -> text that the pattern captured.
    options
        Its declaration in claims.toml.
    from_before
        Whether its subject is that of an earlier sentence.
    """

    kind: str
    sentence: MarkedSentence
    start: int
    end: int
    words_start: int
    who: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    from_before: bool = False

    @property
    def span(self) -> str:
        """The text from its subject to its end."""
        return self.sentence.text[self.start : self.end]

    @property
    def clause_start(self) -> int:
        """Where the clause of its subject begins."""
        return self._after_comma(self.start)

    @property
    def tail(self) -> str:
        """The clause of its number, from the last comma before it."""
        return self.sentence.text[self._after_comma(self.words_start) : self.end]

    def _after_comma(self, end: int) -> int:
        commas = _COMMA.finditer(self.sentence.text, 0, end)
        return max((comma.end() for comma in commas), default=0)

    @property
    def words(self) -> str:
        """Its text, as it was written."""
        return self.sentence.words(self.span)

    def first(self, name: str) -> str:
        """Return a captured part; patterns of several forms have a number behind its name."""
        forms = (self.parts.get(name + form) for form in _FORMS)
        return next(filter(None, forms), "")

    def value(self, name: str) -> SourcedNumber:
        """Return a captured number with its decimals."""
        return SourcedNumber.written(self.first(name))

    def number(self, name: str) -> int | None:
        """Return a captured whole number."""
        return whole_number(self.first(name))

    def has(self, name: str) -> bool:
        """Tell whether a part was captured."""
        return bool(self.first(name))


def _overlap(first: range, second: range) -> bool:
    """Tell whether two parts of a sentence have signs in common."""
    return second.start < first.stop and first.start < second.stop


def find_claims(
    sentence: MarkedSentence, before: tuple[str, ...], *, is_computed: bool
) -> Iterator[TextClaim]:
    """Yield the claims of a sentence.

    Parameters
    ----------
    sentence
        The marked sentence.
    before
        The city that the sentence before was about, for a sentence without one.
    is_computed
        Whether all numbers of the index are known: what it says of these is then checked in
        sentences of any kind (sentence_orders.py, sentence_numbers.py).
    """
    seen: dict[str, list[range]] = {}
    for pattern, options in claim_patterns():
        kind = options["kind"]
        if is_computed and kind not in _OF_NO_ORDER:
            continue
        for match in pattern.finditer(sentence.text):
            claim = _read_claim(sentence, match, options, before)
            if claim is None:
                continue
            span = range(*match.span())
            others = seen.setdefault(kind, [])
            if any(_overlap(span, other) for other in others):
                continue
            others.append(span)
            if "unless" not in options or not re.search(options["unless"], claim.tail):
                yield claim


def _read_claim(
    sentence: MarkedSentence,
    match: re.Match[str],
    options: Mapping[str, Any],
    before: tuple[str, ...],
) -> TextClaim | None:
    """Return the claim of a pattern; None if it needs a city that no sentence names."""
    groups = match.groupdict().items()
    parts = {name: part for name, part in groups if part is not None}
    claim = TextClaim(
        kind=options["kind"],
        sentence=sentence,
        start=match.start(),
        end=match.end(),
        words_start=match.start(),
        who=tuple(sentence.cities(parts.get("who", ""))),
        parts=parts,
        options=options,
    )
    if "subject" not in options or claim.who:
        return claim
    run = _subject(sentence.text, match.start())
    if run is not None:
        cities = tuple(sentence.cities(run[0]))
        return replace(claim, start=run.start(), who=cities)
    return replace(claim, who=before, from_before=True) if before else None


def _subject(text: str, end: int) -> re.Match[str] | None:
    """Return the last cities before a claim that are not what others are compared with."""
    for run in reversed([*WORDS.cities.finditer(text, 0, end)]):
        ahead = text[max(0, run.start() - 24) : run.start()]
        if not WORDS.compared.search(ahead):
            return run
    return None
