"""Measure the audit of prose: claims of a text, and how many seeded errors are found.

    python -m tools.text_audit measure REPORT MANUSCRIPT...      counts, and every false claim
    python -m tools.text_audit seed REPORT=MANUSCRIPT... [-n N] [--seed S] [--where W] [--show]

`seed` takes sentences whose claims are all true, puts one error of a named kind into a claim (with
--where sentence: anywhere in the sentence), and counts by kind how many are called false, how many
unsure, and how many go unnoticed. The text before a seeded sentence stays as it is. The same seed
gives the same errors. An error may leave a sentence true ("the first 20" for "the first 18").
"""

from __future__ import annotations

import argparse
import copy
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from xlcity.api.audits import text_evidence
from xlcity.audit.text.audit import TextAuditor, audit_passages
from xlcity.audit.text.evidence import TextEvidence
from xlcity.audit.text.judge import TextContext
from xlcity.audit.text.manuscript import Passage, read_manuscript
from xlcity.audit.text.names import MarkedSentence, NameResolver
from xlcity.audit.text.patterns import whole_number

_RANK = re.compile(r"第(\d{1,3}|[一二三四五六七八九十]{1,3})(?=[位名])")
_TOP = re.compile(r"前(\d{1,2}|[一二三四五六七八九十]{1,2})(?=[强位名，。、]|$)")
_COUNT = re.compile(
    r"(?<![\d第前年])(\d{1,3}|[一二三四五六七八九十]{1,3})(?=\s?[座个席]城?)"
)
_DECIMAL = re.compile(r"(?<![\d.])\d{1,5}\.\d+(?![\d.])")
_WAYS = {"上升": "下降", "提升": "下降", "升至": "降至", "升为": "降为", "跃升": "下滑"}
_WAYS |= {"下降": "上升", "降至": "升至", "下滑": "上升"}
_WAY = re.compile("|".join(_WAYS))


def words_of(number: int, like: str) -> str:
    """Return a number in the writing of another."""
    if like.isdigit():
        return str(number)
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else digits[tens])
        + ("十" if tens else "")
        + (digits[ones] if ones else "")
    )


def shifted(
    pattern: re.Pattern[str], steps: Sequence[int]
) -> Callable[[random.Random, str], str]:
    """Return an error that adds to a number."""

    def seed(rng: random.Random, text: str) -> str:
        found = [m for m in pattern.finditer(text) if (whole_number(m[1]) or 0) > 0]
        if not found:
            return text
        match = rng.choice(found)
        new = (whole_number(match[1]) or 0) + rng.choice(steps)
        return (
            text[: match.start(1)]
            + words_of(max(new, 1), match[1])
            + text[match.end(1) :]
        )

    return seed


def exchanged(rng: random.Random, text: str) -> str:
    """Exchange two digits of a number with decimals."""
    found = [*_DECIMAL.finditer(text)]
    if not found:
        return text
    match = rng.choice(found)
    digits = [i for i, c in enumerate(match[0]) if c.isdigit()]
    pairs = [(a, b) for a, b in pairwise(digits) if match[0][a] != match[0][b]]
    if not pairs:
        return text
    a, b = rng.choice(pairs)
    new = [*match[0]]
    new[a], new[b] = new[b], new[a]
    return text[: match.start()] + "".join(new) + text[match.end() :]


def turned(rng: random.Random, text: str) -> str:
    """Turn a direction."""
    match = _WAY.search(text)
    return (
        text[: match.start()] + _WAYS[match[0]] + text[match.end() :] if match else text
    )


def _cities(marked: MarkedSentence) -> list[str]:
    """Return the characters that stand for cities."""
    return [c for c in marked.text if 0xE000 <= ord(c) < 0xF000]


class Seeder:
    """Puts errors into sentences of one report."""

    def __init__(self, evidence: TextEvidence) -> None:
        self.evidence = evidence
        self.resolver = NameResolver(evidence)
        self.names = [
            u.name_zh for u in evidence.units if u.name_zh and u.population == "main"
        ]

    def other_city(self, rng: random.Random, text: str) -> str:
        """Put another city in the place of one."""
        marked = self.resolver.marked(text)
        chars = _cities(marked)
        if not chars:
            return text
        char = rng.choice(chars)
        inside = {marked.mentions[c][0] for c in chars}
        free = [
            u.name_zh
            for u in self.evidence.units
            if u.id not in inside and u.name_zh in self.names
        ]
        return marked.words(marked.text.replace(char, rng.choice(free), 1))

    def neighbours(self, rng: random.Random, text: str) -> str:
        """Exchange two cities of a sentence."""
        marked = self.resolver.marked(text)
        chars = _cities(marked)
        pairs = [
            (a, b)
            for a, b in pairwise(chars)
            if marked.mentions[a] != marked.mentions[b]
            and f"{a}、{b}" not in marked.text
        ]
        if not pairs:
            return text
        a, b = rng.choice(pairs)
        swapped = marked.text.replace(a, "\0").replace(b, a).replace("\0", b)
        return marked.words(swapped)

    def other_node(self, rng: random.Random, text: str) -> str:
        """Put another node in the place of one."""
        marked = self.resolver.marked(text)
        chars = [c for c in marked.text if 0xF000 <= ord(c) < 0xF400]
        if not chars:
            return text
        char = rng.choice(chars)
        ranked = (
            n.code
            for n in self.evidence.framework.tree_order
            if self.evidence.table(n.code)
        )
        codes = [c for c in ranked if c not in marked.mentions[char]]
        name = self.evidence.framework[rng.choice(codes)].name_zh
        return marked.words(marked.text.replace(char, name, 1))

    @property
    def kinds(self) -> dict[str, Callable[[random.Random, str], str]]:
        """Kind of error -> what makes it."""
        return {
            "rank off by one": shifted(_RANK, (-1, 1)),
            "rank off by up to nine": shifted(_RANK, (-9, -5, 4, 7, 9)),
            "first n": shifted(_TOP, (-2, -1, -3)),
            "count": shifted(_COUNT, (-2, -1, 1, 2)),
            "digits exchanged": exchanged,
            "other city": self.other_city,
            "cities exchanged": self.neighbours,
            "other node": self.other_node,
            "other direction": turned,
        }


@dataclass
class Sentence:
    """A sentence whose claims are all true, what was said before it, and its claims."""

    report: str
    passage: Passage
    before: TextContext
    claims: tuple[str, ...]


def true_sentences(
    report: str, auditor: TextAuditor, passages: Sequence[Passage]
) -> Iterator[Sentence]:
    """Yield the sentences whose claims are all true."""
    context = TextContext()
    for passage in passages:
        before = copy.deepcopy(context)
        judged = [*auditor.judged(passage, context)]
        if judged and all(outcome.holds for *_, outcome in judged):
            yield Sentence(
                report, passage, before, tuple(words for _, words, *_ in judged)
            )


def measure(report: str, manuscripts: Sequence[str]) -> None:
    """Print counts and every false claim."""
    evidence = text_evidence(report)
    for path in manuscripts:
        found = audit_passages(read_manuscript(path), evidence, "zh", path)
        print(
            f"{report}: {found.claims} claims, {found.checked} checked, {len(found.true)} true, "
            f"{len(found.of('false'))} false, {len(found.of('unsure'))} unsure"
        )
        print("  true:", dict(Counter(kind for _, kind, _ in found.true)))
        print("  unsure:", dict(Counter(one.kind for one in found.of("unsure"))))
        for one in found.of("false"):
            print(f"  {one.line} {one.kind}: {one.says} | {one.expected}")


def seed(pairs: Sequence[str], number: int, start: int, where: str, show: bool) -> None:
    """Print, by kind of error, how many are found."""
    rng = random.Random(start)
    pool: list[Sentence] = []
    auditors = {}
    seeders = {}
    for pair in pairs:
        report, _, path = pair.partition("=")
        evidence = text_evidence(report)
        auditors[report], seeders[report] = (
            TextAuditor(evidence, "zh"),
            Seeder(evidence),
        )
        pool += true_sentences(report, auditors[report], read_manuscript(path))
    print(f"{len(pool)} sentences whose claims are all true")
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    kinds = [*seeders[pairs[0].partition("=")[0]].kinds]
    orders = {kind: rng.sample(pool, len(pool)) for kind in kinds}
    made = 0
    while made < number and any(orders.values()):
        for kind in kinds:
            wrong = ""
            while orders[kind] and not wrong and made < number:
                one = orders[kind].pop()
                words = rng.choice(one.claims) if where == "claim" else one.passage.text
                changed = seeders[one.report].kinds[kind](rng, words)
                if changed != words and words in one.passage.text:
                    wrong = one.passage.text.replace(words, changed, 1)
            if not wrong:
                continue
            made += 1
            context = copy.deepcopy(one.before)
            judged = auditors[one.report].judged(
                replace(one.passage, text=wrong), context
            )
            holds = [outcome.holds for *_, outcome in judged]
            verdict = (
                "false"
                if False in holds
                else "unsure"
                if None in holds
                else "unnoticed"
            )
            tally[kind][verdict] += 1
            if show and verdict != "false":
                print(
                    f"  {verdict} ({kind}) {one.report}: {words[:90]} -> {changed[:90]}"
                )
    for kind, counts in tally.items():
        print(f"{kind}: {counts.total()} seeded, {dict(counts)}")
    total = sum(tally.values(), Counter[str]())
    print(f"all: {made} seeded, {dict(total)}")


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("measure", "seed"))
    parser.add_argument("words", nargs="+")
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--where", choices=("claim", "sentence"), default="claim")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    if args.what == "measure":
        measure(args.words[0], args.words[1:])
    else:
        seed(args.words, args.n, args.seed, args.where, args.show)


if __name__ == "__main__":
    main()
