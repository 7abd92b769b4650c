"""The order of a chapter: sections with their headings, paragraphs and questions to the author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Paragraph, Sentence
from xlcity.report.source import ReportSource
from xlcity.report.story import (
    cases,
    change,
    declared,
    dimensions,
    groups,
    limits,
    overall,
    robustness,
    tiers,
    types,
)
from xlcity.report.story.basis import Basis
from xlcity.report.story.writing import Phrase, Writer, kinds_of
from xlcity.report.texts import say

#: The kind of what the author must add.
_QUESTION = 45
#: Characters of a title, at most.
_MOST_ZH = 22
_MOST_EN = 60
#: Kinds that a chapter of half the length leaves out.
_LONG = {6, 19, 20, 27, 37, 40, 41}


@dataclass(frozen=True)
class Draft:
    """A paragraph before it is written: what it states, and what its title may be, best first."""

    found: Sequence[Phrase]
    titles: Sequence[Phrase | None] = ()
    is_case: bool = False


def overall_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of the whole index."""
    first = [
        *overall.leaders(basis),
        *overall.lead_in_parts(basis),
        *overall.mean(basis),
    ]
    scores = [*tiers.tiers(basis), *overall.close_run(basis)]
    who = tiers.tier_groups(basis)
    means = [
        *groups.means(basis),
        *groups.separates(basis),
        *groups.two_sides(basis),
    ]
    return [
        Draft(first, [overall.drop_title(basis)]),
        Draft(scores),
        Draft(who, tiers.tier_titles(basis)),
        Draft(means),
        Draft(groups.furthest_groups(basis)),
        Draft(overall.other_lists(basis)),
    ]


def dimension_drafts(basis: Basis, code: str, *, with_none: bool) -> list[Draft]:
    """Return what is said of a dimension."""
    runs = groups.successive(basis, code)
    first = [
        *dimensions.leaders(basis, code),
        *dimensions.indicator_leaders(basis, code),
    ]
    second = [
        *runs,
        *groups.highest_here(basis, code),
        *dimensions.above_mean(
            basis,
            code,
            groups.above_mean(basis, code, with_none=with_none and not runs),
        ),
        *dimensions.off_rank(basis, code),
        *dimensions.spread(basis, code),
    ]
    gap = dimensions.off_rank_gap(basis, code)
    return [
        Draft(first, dimensions.titles(basis, code)),
        Draft(second),
        Draft(gap),
    ]


def type_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of types of cities and relations of dimensions."""
    own = declared.declared_findings(basis)
    relations = [
        *types.correlation(basis),
        *types.quadrants(basis),
        *([] if own else types.classes(basis)),
        *own,
        *types.outside(basis),
    ]
    return [Draft(types.types(basis), [types.title(basis)]), Draft(relations)]


def robustness_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of other ways to make the index."""
    return [Draft([*robustness.robustness(basis), *robustness.certainty(basis)])]


def limit_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of data and scale."""
    data = [*limits.gaps(basis), *limits.suspicious(basis)]
    scores = [*limits.scale(basis), *limits.rounding(basis)]
    return [Draft(data), Draft(scores), Draft(limits.question(basis))]


def change_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of the change since the previous edition."""
    own = changes_of(basis)
    if own is None or len(own.moves) < 3:
        return []
    first = [
        *change.counts(own),
        *change.sample(own),
        *change.tier_changes(own),
    ]
    moved = change.movers(own)
    return [
        Draft(first, [change.title(own)]),
        Draft(moved),
        Draft(change.question(own)),
    ]


def changes_of(basis: Basis) -> change.EditionChanges | None:
    """Return the comparison with the previous edition, where there is one."""
    return change.EditionChanges(basis) if basis.source.earlier else None


def case_drafts(basis: Basis, *, is_half: bool = False) -> list[Draft]:
    """Return what is said of single cities."""
    if basis.source.synthetic:
        return []
    own = changes_of(basis)
    rows = cases.chosen_of_few(basis) if is_half else cases.chosen(basis, own)
    # The changes of those that moved furthest are told with the others.
    moved = change.chosen_movers(own) if own is not None else []
    told = []
    for n, row in enumerate(rows):
        changes = None if row in moved else own
        told.append((row, cases.tell(basis, row, changes, n, is_case=True)))
    # A place alone stands in the table of ranks.
    drafts = [
        Draft(found, cases.titles(basis, row, own), is_case=True)
        for row, found in told
        if len(found) > 1
    ]
    return [
        *drafts,
        *(Draft(cases.question(basis, row)) for row in rows[-1:]),
    ]


def link_drafts(basis: Basis) -> list[Draft]:
    """Return what is said of pairs of cities."""
    return [Draft(types.links(basis))]


def _halved(found: Sequence[Phrase]) -> list[Phrase]:
    """Return what a chapter of half the length states of some findings."""
    kept = []
    has_strongest = False
    for own in found:
        if kinds_of(own) <= _LONG:
            continue
        if own.key == "group_means":
            own = groups.with_one_strongest(own, is_first=not has_strongest)
            has_strongest = True
        kept.append(own)
    return kept


class Chapter:
    """Writes the paragraphs of a chapter, section by section.

    Parameters
    ----------
    source
        The index.
    population
        The group of cities it is about; the first one, unless it is named.
    is_half
        Whether it has half the length.
    """

    def __init__(
        self, source: ReportSource, population: str = "", *, is_half: bool = False
    ) -> None:
        self.is_half = is_half
        self.source = source
        self.basis = Basis(source, population)
        self._writers = [Writer(lang, source.text_decimals) for lang in ("zh", "en")]
        self._is_none_said = False

    def overall(self) -> list[Paragraph]:
        """Return the paragraphs on the whole index."""
        return self._written(overall_drafts(self.basis))

    def dimension(self, code: str) -> list[Paragraph]:
        """Return the paragraphs on a dimension."""
        with_none = not self._is_none_said
        drafts = dimension_drafts(self.basis, code, with_none=with_none)
        paragraphs = self._written(drafts, code)
        self._is_none_said |= any("none_above" in str(draft.found) for draft in drafts)
        return paragraphs

    def types(self) -> list[Paragraph]:
        """Return the paragraphs on types of cities."""
        return self._written(type_drafts(self.basis))

    def change(self) -> list[Paragraph]:
        """Return the paragraphs on the change since the previous edition."""
        own = changes_of(self.basis)
        is_printed = own is not None and own.is_printed
        return self._written(change_drafts(self.basis), as_printed=is_printed)

    def links(self) -> list[Paragraph]:
        """Return the paragraph on pairs of cities."""
        return self._written(link_drafts(self.basis))

    def robustness(self) -> list[Paragraph]:
        """Return the paragraph on other ways to make the index."""
        return self._written(robustness_drafts(self.basis))

    def cases(self) -> list[Paragraph]:
        """Return a paragraph for each city that is told of."""
        return self._written(case_drafts(self.basis, is_half=self.is_half))

    def limits(self) -> list[Paragraph]:
        """Return the paragraphs on data and scale."""
        return self._written(limit_drafts(self.basis))

    def city(self, row: int) -> list[Paragraph]:
        """Return what a profile says of a city."""
        if row not in self.basis.overall.rank_of:
            return []
        found = cases.tell(self.basis, row, changes_of(self.basis))
        return self._written([Draft(found)])

    def _written(
        self, drafts: Sequence[Draft], code: str = "", *, as_printed: bool = False
    ) -> list[Paragraph]:
        mark = NOTHING
        if self.source.synthetic:
            mark = say("printed_short" if as_printed else "synthetic_short")
        if self.is_half:
            drafts = [replace(own, found=_halved(own.found)) for own in drafts]
        return [self._paragraph(draft, code, mark) for draft in drafts if draft.found]

    def _paragraph(self, draft: Draft, code: str, mark: Label) -> Paragraph:
        sentences = [self._sentence(found, code, mark) for found in draft.found]
        title = self._title(draft.titles)
        is_gap = all(one.kinds == (_QUESTION,) for one in sentences)
        return Paragraph(sentences, title, is_gap=is_gap, is_case=draft.is_case)

    def finding(self) -> Label:
        """Return the title of the chapter: who is ahead of all others; nothing without a drop."""
        return self._title(overall.chapter_title(self.basis))

    def _sentence(self, found: Phrase, code: str, mark: Label) -> Sentence:
        zh, en = (writer.sentence(found) for writer in self._writers)
        return Sentence(
            fact=found.key,
            node=code or self.basis.root,
            text=Label(mark.zh + zh, mark.en + en),
            values=found.values,
            kinds=tuple(sorted(kinds_of(found))),
        )

    def _title(self, titles: Sequence[Phrase | None]) -> Label:
        """Return the first of some titles that is short enough in each language, else the last."""
        known = [title for title in titles if title]
        texts = []
        for writer, most in zip(self._writers, (_MOST_ZH, _MOST_EN), strict=True):
            every = list(filter(None, map(writer.sentence, known)))
            fitting = [text for text in every if len(text) <= most]
            texts += (fitting or every[-1:])[:1] or [""]
        return Label(*texts)
