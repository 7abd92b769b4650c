"""Claims of a sentence, found by the patterns of `claims.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlcity.audit.text.evidence import SourcedNumber
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.patterns import WORDS, claim_patterns, whole_number

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
        return max(
            (m.end() for m in _COMMA.finditer(self.sentence.text, 0, end)), default=0
        )

    @property
    def words(self) -> str:
        """Its text, as it was written."""
        return self.sentence.words(self.span)

    def first(self, name: str) -> str:
        """Return a captured part; patterns of several forms have a number behind its name."""
        return next(
            (part for end in ("", "2", "3") if (part := self.parts.get(name + end))), ""
        )

    def value(self, name: str) -> SourcedNumber:
        """Return a captured number with its decimals."""
        return SourcedNumber.written(self.first(name))

    def number(self, name: str) -> int | None:
        """Return a captured whole number."""
        return whole_number(self.first(name))

    def has(self, name: str) -> bool:
        """Tell whether a part was captured."""
        return bool(self.first(name))


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
    seen: list[tuple[str, int, int]] = []
    for pattern, options in claim_patterns():
        kind = options["kind"]
        if is_computed and kind not in _OF_NO_ORDER:
            continue
        for match in pattern.finditer(sentence.text):
            parts = {k: v for k, v in match.groupdict().items() if v is not None}
            start = match.start()
            end = match.end()
            from_before = False
            who = tuple(sentence.cities(parts.get("who", "")))
            if "subject" in options and not who:
                run = _subject(sentence.text, start)
                from_before = run is None
                who = before if run is None else tuple(sentence.cities(run[0]))
                start = start if run is None else run.start()
                if not who:
                    continue
            if any(k == kind and a < end and match.start() < b for k, a, b in seen):
                continue
            seen.append((kind, match.start(), end))
            claim = TextClaim(
                kind=kind,
                sentence=sentence,
                start=start,
                end=end,
                words_start=match.start(),
                who=who,
                parts=parts,
                options=options,
                from_before=from_before,
            )
            if "unless" not in options or not re.search(options["unless"], claim.tail):
                yield claim


def _subject(text: str, end: int) -> re.Match[str] | None:
    """Return the last cities before a claim that are not what others are compared with."""
    for run in reversed([*WORDS.cities.finditer(text, 0, end)]):
        if not WORDS.compared.search(text[max(0, run.start() - 24) : run.start()]):
            return run
    return None
