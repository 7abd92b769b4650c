"""Sentences of the sheet `Text` follow cells and language."""

import re
import statistics
from collections import Counter
from dataclasses import replace

import pytest
from templates import (
    ATTRACT,
    FAVOUR,
    MAIN,
    MEDIA,
    SEARCH,
    SOCIAL,
    UNITS,
    cell_name,
    data_cell,
    edited,
    named_cell,
    parse_cell,
    require_agreement,
    seen,
    small_read,
    small_spec,
    small_template,
)

from xlcity.api.report import workbook_source
from xlcity.figures.contents import Label
from xlcity.report.contents import points, rounded
from xlcity.report.facts import group_name
from xlcity.report.texts import inside
from xlcity.workbook.build import build
from xlcity.workbook.drawing.number_formats import value_format
from xlcity.workbook.labels import sentences
from xlcity.workbook.sheets.results import text

ROW, COLUMN = parse_cell(named_cell("xl_ranking_column"))
NODE = cell_name(ROW - 1, COLUMN)


def parts(sentence):
    """Return the parts of a sentence; groups stand in another order."""
    return sorted(re.split(r"[、：。；]|, |: |\. ?$", sentence.strip()))


def ordinal_template(language):
    """Return a template whose cities all tie, and are numbered in their order."""
    params = {"ties": "ordinal", "round_to": -2}
    spec = small_spec(language=language)
    steps = [replace(s, params=params) if s.do == "rank" else s for s in spec.recipe.steps]
    return build(replace(spec, recipe=replace(spec.recipe, steps=tuple(steps)))).package


class ExpectedText:
    """Works out from scores what the sheet says of a node and of the first city."""

    def __init__(self, source, node, language):
        self.source, self.code, self.language = source, node, language
        self.rows = source.order(node, "main")
        self.scores = [float(source.scores(node)[row]) for row in self.rows]
        self.ranks = [source.rank(row, node) for row in self.rows]

    def filled(self, fact, **words):
        """Return a pattern of the sheet with its words."""
        pattern = sentences()
        for word in fact.split("."):
            pattern = pattern[word]
        name = self.source.node(words.pop("code", self.code)).text(self.language)
        if self.language == "en" and "index" in name.lower():
            name = f"the {name}"
        return pattern[self.language].format(node=name, **words)

    def listed(self, names, last=" and "):
        if self.language == "zh":
            return "、".join(names)
        *before, end = names
        return f"{', '.join(before)}{last}{end}" if before else end

    def cities(self, rows):
        return self.listed([self.city(row) for row in rows])

    def city(self, row):
        return self.source.city(row).text(self.language)

    def within(self, low, high):
        return [r for r, rank in zip(self.rows, self.ranks, strict=True) if low <= rank <= high]

    def of_node(self):
        """Yield the sentences about the node; those on shared ranks as one."""
        n, ranks, scores = len(self.rows), self.ranks, self.scores
        first = self.within(1, ranks[min(text.LEADERS, n - 1) - 1])
        yield self.filled("leaders", k=len(first), names=self.cities(first))
        column = self.source.result.node_codes.index(self.code)
        keys = self.source.result.keys[self.rows, column].tolist()
        alone = [keys[0] != keys[1], keys[-1] != keys[-2]]
        high, second, low = (f"{rounded(score, 2):.2f}" for score in (*scores[:2], scores[-1]))
        city, other, end = (self.city(self.rows[at]) for at in (0, 1, -1))
        if alone[0]:
            gap = f"{float(high) - float(second):.2f}"
            yield self.filled("first", city=city, second=other, score=high, gap=gap)
        mean = sum(scores) / n
        above = sum(score > mean + 1e-9 for score in scores)
        share = f"{rounded(100 * above / n, 1):.1f}"
        yield self.filled("above_mean", n=n, mean=points(mean), count=above, share=share)
        if all(alone):
            ends = {"high": high, "high_city": city, "low": low, "low_city": end}
            yield self.filled("range", sd=points(statistics.stdev(scores)), **ends)
        ties = [
            self.filled("ties", names=self.cities(self.within(rank, rank)), rank=rank)
            for rank, many in sorted(Counter(ranks).items())
            if many > 1 and rank <= text.TIED
        ]
        if ties:
            yield (" " if self.language == "en" else "").join(ties)
        for rule in self.source.spec.tiers:
            inside = self.within(rule.rank_from, rule.rank_to)
            if rule.group_type == "all" and len(inside) > text.NAMED:
                words = {"tier": rule.tier, "low": rule.rank_from, "high": rule.rank_to}
                names = self.cities(inside[: text.NAMED])
                yield self.filled("tier", n=len(inside), names=names, **words)
        yield from self.compositions(min(text.COMPOSED, n // 2))

    def compositions(self, most):
        first = self.within(1, self.ranks[most - 1])
        for kind in self.source.group_types[:2]:
            own = Counter(self.source.units[row].attributes.get(kind.attribute) for row in first)
            groups = [group for group in kind.groups if own[group.value]]
            if len(groups) > 1 and sum(own[group.value] for group in groups) == len(first):
                parts = [
                    self.filled(
                        "part.count", name=group_name(g).text(self.language), n=own[g.value]
                    )
                    for g in groups
                ]
                title = inside(Label(kind.name_zh, kind.name_en)).text(self.language)
                parts = self.listed(parts, ", ")
                yield self.filled("composition", type=title, k=len(first), parts=parts)

    def of_city(self, row):
        """Yield the sentences about a city: its place, its best and its lowest ranks."""
        source, root = self.source, self.source.root
        scores = [float(source.scores(root)[other]) for other in source.order(root, "main")]
        score, mean = float(source.scores(root)[row]), sum(scores) / len(scores)
        gap = rounded(rounded(score, 2) - rounded(mean, 2), 2)
        side = "above" if gap > 0 else "below" if gap < 0 else "equal"
        words = {"n": len(scores), "rank": source.rank(row, root), "score": points(score)}
        side = self.filled(f"place.{side}", gap=points(abs(gap)))
        yield self.filled("place", code=root, city=self.city(row), side=side, **words)
        codes = source.result.leaf_codes
        order = sorted((source.rank(row, code), at, code) for at, code in enumerate(codes))
        most = min(text.NAMED, len(order) // text.NAMED)
        behind = [line for line in order[::-1] if line[0] > 1]
        worst = [line for line in order[: -most - 1 : -1] if line[0] > 1]
        best = [
            line
            for line in order
            if line not in worst and source.is_among_half(row, line[2], upper=True)
        ]
        for fact, chosen, every in (
            ("strengths", best[:most], best),
            ("weaknesses", worst, behind),
        ):
            parts = [
                self.filled("part.place", name=source.node(code).text(self.language), rank=rank)
                for rank, _, code in chosen
            ]
            if chosen:
                parts = self.listed(parts, ", ")
                if len(every) > most and every[most][0] == chosen[-1][0]:
                    parts = self.filled("part.more", parts=parts)
                yield self.filled(fact, parts=parts)


@pytest.mark.parametrize(
    ("language", "node", "value", "template"),
    [
        ("zh", "IMG", None, small_template),
        ("en", "IMG_COM", 3, small_template),
        ("en", "IMG", 3, ordinal_template),
    ],
)
def test_the_sentences_follow_the_scores(language, node, value, template):
    edits = {"Ranking": {NODE: node}}
    if value is not None:
        # Two cities alike share their place.
        edits["Data"] = {data_cell(unit, SEARCH): value for unit in ("beijing", "xiamen")}
    book = seen(edited(template(language=language), edits))
    require_agreement(book)
    source = workbook_source(book.template)
    expected = ExpectedText(source, node, language)
    wanted = [*expected.of_node(), *expected.of_city(0)]
    shown = [
        str(shown).strip()
        for (row, column), shown in sorted(book.fresh.values[text.SHEET].items())
        if row > text.HEADER and column == 2 and shown
    ]
    assert len(wanted) > (3 if template is ordinal_template else 5)
    assert source.spec.tiers
    assert sorted(map(parts, shown)) == sorted(map(parts, wanted))


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "，与平均值持平。"), ("en", ", level with the mean.")]
)
def test_a_score_that_is_the_mean_is_not_above_it(language, words):
    codes = (SEARCH, MEDIA, MAIN, SOCIAL, FAVOUR, ATTRACT)
    alike = {data_cell(unit, code): 3 for unit in UNITS for code in codes}
    book = seen(edited(small_template(language=language), {"Data": alike}))
    shown = [str(value) for value in book.fresh.values[text.SHEET].values()]
    assert sum(value.endswith(words) for value in shown) == 1


def test_a_person_can_read_each_formula():
    cells = small_read().book.sheets[text.SHEET].cells
    formulas = [cell.formula for cell in cells.values() if cell.formula]
    assert len(formulas) > 60
    # The sentence itself reads as it stands.
    assert max(len(re.sub(r'"[^"]*"', "", formula)) for formula in formulas) < 250


@pytest.mark.parametrize(
    ("unit", "typed", "shown"),
    [
        (("percent", "%"), 'General"%"', '0.0#"%"'),
        (("year", "年份"), "0", "0"),
        (("applications a year", "件/年"), "[<1000]General;", "[<1000]#,##0;"),
        (("count", ""), "[<1000]General;", "[<1000]#,##0;"),
        (("Mbps", ""), "[<1000]General;", "[<1000]#,##0.0###;"),
    ],
)
def test_numbers_are_shown_by_their_unit(unit, typed, shown):
    framework = small_read().framework
    nodes = [replace(node, uom=unit[0], uom_zh=unit[1]) for node in framework.nodes]
    changed = replace(framework, nodes=tuple(nodes))
    assert value_format(changed, SEARCH, typed=True).startswith(typed)
    assert value_format(changed, SEARCH).startswith(shown)
