"""Facts of one city, and the sentences that state them in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.figures.contents import Label
from xlcity.index.compute import rank_among
from xlcity.report.contents import Sentence, points, rounded
from xlcity.report.facts import PARTS, Facts, part, quoted_group, with_gaps
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, listed, report_texts


class CityFacts:
    """States facts about one city, of the root if no node is named."""

    def __init__(self, source: ReportSource, row: int, code: str = "") -> None:
        self.source, self.row = source, row
        self.facts = Facts(source, code or source.root, source.units[row].population)

    def sentences(self) -> list[Sentence]:
        """Return what a profile says of the city."""
        every = (self.place, self.moved, self.among, self.in_groups, self.parts, self.grown)
        return with_gaps(self.facts, [sentence for state in every for sentence in state()])

    def place(self) -> Iterator[Sentence]:
        """State score, rank and distance from the mean."""
        source, row, code = self.source, self.row, self.facts.code
        score, rank = source.score(row, code), source.rank(row, code)
        if score is None or rank is None:
            return
        mark = self._mark(code)
        mean = rounded(float(self.facts.scores.mean()), 2)
        gap = rounded(score, source.score_decimals(code)) - mean
        side = "above" if gap > 0 else "below" if gap < 0 else "equal"
        yield self.facts.state(
            "place",
            [(row, code, "score"), (row, code, "rank")],
            city=source.city(row),
            score=f"{source.points(score, code)}{mark}",
            n=len(self.facts.rows),
            rank=f"{rank}{mark}",
            side=filled(report_texts("sentences")["place"][side], {"gap": points(abs(gap))}),
        )

    def moved(self) -> Iterator[Sentence]:
        """State the rank of the previous edition."""
        source, code = self.source, self.facts.code
        change, before = (
            source.editions.change(self.row, code),
            source.editions.last_rank(self.row, code),
        )
        if change is not None:
            cells = [(self.row, code, "change")]
            # A printed rank rests on what the report had.
            mark = "" if source.editions.is_beside_print(code) else self._mark(code)
            last = source.earlier[0].label
            values = {"last": last, "before": f"{before}{mark}", "change": change}
            if change:
                steps = abs(change)
                by = part("one_place" if steps == 1 else "places", n=steps)
                by, values["before"] = Label(f"{by.zh}{mark}", f"{by.en}{mark}"), before
                pattern = report_texts("sentences")["moved"]["up" if change > 0 else "down"]
                values["way"] = filled(pattern, {"by": by})
            fact, as_printed = (
                "moved" if change else "unmoved",
                source.editions.is_beside_print(code),
            )
            yield self.facts.sentence(fact, cells, values, as_printed=as_printed)

    def among(self) -> Iterator[Sentence]:
        """State in how many of the nodes below it is among the first."""
        children = self.source.children(self.facts.code)
        ranks = {c.code: rank for c in children if (rank := self.source.rank(self.row, c.code))}
        counts = {k: sum(rank <= k for rank in ranks.values()) for k in (1, 3, 5)}
        marks = {
            k: "".join(sorted({self._mark(code) for code, rank in ranks.items() if rank <= k}))
            for k in counts
        }
        if counts[5] and len(children) > PARTS:
            cells = [(self.row, child.code, "rank") for child in children]
            # More places without more indicators say nothing.
            parts = {
                n: part(f"first_{k}", n=f"{n}{marks[k]}") for k, n in reversed(counts.items()) if n
            }
            phrase = listed(reversed(parts.values()), last=" and ")
            joined = Label(phrase.zh.replace("、", "，"), phrase.en)
            yield self.facts.state("among", cells, n=len(children), parts=joined, counts=counts)

    def in_groups(self) -> Iterator[Sentence]:
        """State the rank inside each group of the city."""
        source, root, unit = self.source, self.source.root, self.source.units[self.row]
        own, mark = source.rank(self.row, root), self._mark(root)
        # Groups of two kinds may have the same cities: Europe, China and Chinese cities.
        stated = set()
        for kind in source.group_types:
            for group in kind.groups:
                if unit.attributes.get(kind.attribute) == group.value and own is not None:
                    rows = source.members(kind, group, root, unit.population)
                    rank = rank_among(source.result, root, rows)[rows.index(self.row)]
                    if len(rows) > 2 and tuple(rows) not in stated:
                        stated.add(tuple(rows))
                        name = quoted_group(source, kind, group)
                        values = {"group": name, "n": len(rows), "rank": f"{rank}{mark}"}
                        yield self.facts.state("in_group", [(self.row, root, "rank")], **values)

    def parts(self) -> Iterator[Sentence]:
        """State the indicators with the best and the lowest ranks."""
        source, tree = self.source, self.source.result.framework
        lowest = [
            node.code
            for node in tree.tree_order
            if node.code != tree.root.code
            and source.has(node.code)
            and not any(source.has(child.code) for child in tree.children(node.code))
        ]
        ranked = [(rank, code) for code in lowest if (rank := source.rank(self.row, code))]
        order = sorted(ranked, key=lambda pair: pair[0])
        # With few indicators none is among the best and among the lowest.
        most = min(PARTS, len(order) // PARTS)
        if most < 2 or order[0][0] == order[-1][0]:
            return
        # Where a city is first is no weakness of it.
        behind = [pair for pair in order[::-1] if pair[0] > 1]
        worst = [pair for pair in order[: -most - 1 : -1] if pair[0] > 1]
        # A rank that more than half of the cities share or are above is not a strength.
        best = [
            (rank, code)
            for rank, code in order
            if (rank, code) not in worst and source.in_upper_half(self.row, code)
        ]
        for fact, chosen, every in (
            ("strengths", best[:most], best),
            ("weaknesses", worst, behind),
        ):
            if not chosen:
                continue
            parts = [self._placed(rank, code) for rank, code in chosen]
            cells = [(self.row, code, "rank") for _, code in chosen]
            phrase = listed(parts)
            if len(every) > most and every[most][0] == chosen[-1][0]:
                phrase = part("more", parts=phrase)
            yield self.facts.state(fact, cells, parts=phrase)

    def _placed(self, rank: int, code: str) -> Label:
        """Return a node with the city's rank in it, and that less is better where it is."""
        word = "place_reverse" if self.source.is_reverse(code) else "place"
        return part(word, name=self.source.node(code), rank=f"{rank}{self._mark(code)}")

    def _mark(self, code: str) -> str:
        return self.source.gaps.mark(self.row, code)

    def grown(self) -> Iterator[Sentence]:
        """State the indicators that grew most beyond the mean of the sample."""
        first = self.source.editions.grown(self.row)[:PARTS]
        if first:
            parts = [
                part("growth", name=self.source.node(code), x=_signed(own), mean=_signed(mean))
                for code, own, mean in first
            ]
            cells = [(self.row, code, "growth") for code, *_ in first]
            as_printed = self.source.editions.is_growth_printed
            yield self.facts.sentence(
                "grown", cells, {"parts": listed(parts)}, as_printed=as_printed
            )


def _signed(percent: float) -> str:
    return f"{rounded(percent, 1):+.1f}".replace("-", "−")
