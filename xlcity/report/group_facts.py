"""Facts of the groups of an attribute, and the sentences that state them in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xlcity.figures.contents import Label
from xlcity.report.contents import Sentence, points, rounded
from xlcity.report.facts import PARTS, Facts, group_name, part, quoted_group, with_gaps
from xlcity.report.source import ReportSource
from xlcity.report.texts import inside, listed
from xlcity.reports.report import GroupType

#: First places of a composition.
_COMPOSED = 20


class GroupFacts(Facts):
    """States facts about the groups of an attribute."""

    def composition(self, kind: GroupType, most: int = _COMPOSED) -> Iterator[Sentence]:
        """State from which groups the first cities are; at most half of all."""
        k = min(most, len(self.rows) // 2)
        top = self._through(k) if k else []
        values = self._counted(kind, top)
        if k > 2 and values:
            yield self.state("composition", self.cells(top), k=len(top), **values)

    def sizes(self, kind: GroupType) -> Iterator[Sentence]:
        """State how many cities each group has."""
        source = self.source
        rows = [row for row, u in enumerate(source.units) if u.population == self.population]
        if values := self._counted(kind, rows):
            yield self.state("sizes", (), n=len(rows), **values)

    def _counted(self, kind: GroupType, rows: Sequence[int]) -> dict[str, object]:
        """Return how many cities each group has, the largest first; nothing if some have none."""
        units = self.source.units
        counts = Counter(units[row].attributes.get(kind.attribute, "") for row in rows)
        groups = [group for group in kind.groups if counts[group.value]]
        groups.sort(key=lambda group: -counts[group.value])
        if len(groups) < 2 or sum(counts[group.value] for group in groups) != len(rows):
            return {}
        parts = listed(part("count", name=group_name(g), n=counts[g.value]) for g in groups)
        name = inside(Label(kind.name_zh, kind.name_en))
        return {"type": name, "parts": parts, "counts": dict(counts)}

    def group_means(self, kind: GroupType) -> Iterator[Sentence]:
        """State the groups with the highest and the lowest mean score."""
        means = []
        for group in kind.groups:
            rows = self.source.members(kind, group, self.code, self.population)
            if rows:
                mean = float(self.source.scores(self.code)[rows].mean())
                mark = self.source.gaps.mark(rows, self.code)
                means.append((rounded(mean, 2), len(rows), group, mark))
        means.sort(key=lambda group_mean: -group_mean[0])
        if len(means) > 1 and means[0][0] > means[1][0] and means[-2][0] > means[-1][0]:
            values: dict[str, object] = {"type": inside(Label(kind.name_zh, kind.name_en))}
            for word, (mean, n, group, mark) in (("best", means[0]), ("worst", means[-1])):
                size = part("one_city" if n == 1 else "cities", n=n)
                values |= {word: group_name(group), f"{word}_n": size}
                values[f"{word}_mean"] = f"{points(mean)}{mark}"
            yield self.state("group_means", self.cells(self.rows, "score"), **values)

    def group_leaders(self, kind: GroupType) -> Iterator[Sentence]:
        """State the first cities of each group."""
        for group in kind.groups:
            rows = self.source.members(kind, group, self.code, self.population)
            if len(rows) > PARTS and not self.source.is_repeated(kind, group):
                parts = [self._placed(row, self.code) for row in rows[:PARTS]]
                of = quoted_group(self.source, kind, group)
                names = {"group": of, "names": listed(parts, last=" and ")}
                yield self.state("group_leaders", self.cells(rows[:PARTS]), **names)

    def _placed(self, row: int, code: str) -> Label:
        city = self.source.marked_city(row, code)
        return part("place", name=city, rank=self.source.rank(row, code))


def group_sentences(source: ReportSource, kind: GroupType) -> list[Sentence]:
    """Return what is stated of the groups of an attribute."""
    facts = GroupFacts(source, source.root, source.result.populations[0])
    every = (facts.sizes, facts.composition, facts.group_means, facts.group_leaders, facts.tiers)
    return with_gaps(facts, [sentence for state in every for sentence in state(kind)])
