"""All that is stated of small random indices of two editions, kept as text in both languages.

tests/unit/report/story recomputes what sentences state; here none changes, comes or goes without a
line that shows it: the first of each kind, and a mark of all others.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from tests.helpers.folding import summed
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.framework import Framework
from xlcity.report import messages
from xlcity.report.contents import Sentence
from xlcity.report.source import ReportSource
from xlcity.report.story.sections import Chapter

#: Together they have every sentence that such an index can have, most of them three times.
SEEDS = (
    0,
    2,
    14,
    39,
    43,
    44,
    49,
    61,
    63,
    66,
    89,
    91,
    96,
    138,
    170,
    172,
    213,
    216,
    217,
    232,
    237,
    257,
    313,
    329,
    335,
    348,
    383,
    459,
    476,
)
#: Those in which one group of cities has the highest mean in every dimension.
ONE_GROUP_AHEAD = (19, 24, 26, 27, 29)
#: Sentences of a kind that are shown.
SHOWN = 4
#: Cities of which sentences are kept: the first ones of the table, and the last.
CITIES = (0, 1, 2, 3, -1)


def random_index(seed: int) -> Index:
    """Return an index of 5 to 25 cities: gaps, cities that come and go, a group in the north."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 26))
    pillars = int(rng.integers(1, rng.choice([4, 10])))
    k = max(pillars, int(rng.integers(2, 10)))
    lines = ["code,parent,weight,direction,name_en,name_zh,uom", "T,,1,1,Total,总分,"]
    lines += [f"P{p},T,1,1,Pillar {p},领域{p}," for p in range(pillars)]
    for i in range(k):
        weight = rng.integers(1, 4)
        direction = rng.choice([1, 1, -1])
        uom = rng.choice(["km", "%", ""])
        lines.append(
            f"I{i},P{i % pillars},{weight},{direction},Indicator {i},指标{i},{uom}"
        )
    usual = 10 * np.exp(rng.normal(size=(n, k)))
    editions = []
    for year in (2020, 2021):
        moved = usual * np.exp(rng.normal(size=(n, k)) * rng.choice([0.02, 0.2, 0.6]))
        table = pd.DataFrame(
            moved.round(int(rng.integers(0, 3))), columns=[f"I{i}" for i in range(k)]
        )
        table[rng.random((n, k)) < rng.choice([0, 0.03])] = np.nan
        table["unit"] = [f"City {chr(65 + row)}" for row in range(n)]
        table["Group_side"] = ["north" if row % 3 else "south" for row in range(n)]
        editions.append(
            table[rng.random(n) > rng.choice([0, 0.1, 0.3])].assign(year=year)
        )
    return Index(
        Framework.read("\n".join(lines) + "\n"),
        pd.concat(editions),
        weights="equal",
        impute=str(rng.choice(["none", "row_mean"])),
        normalise=str(rng.choice(["minmax", "zscore", "rank"])),
    )


def statements(source: ReportSource) -> Iterator[Sentence]:
    """Yield all that is stated of an index, and of some cities."""
    story = Chapter(source)
    paragraphs = [*story.overall(), *story.types(), *story.change()]
    for code in story.basis.dimensions:
        paragraphs += story.dimension(code)
    paragraphs += [*story.robustness(), *story.cases(), *story.limits()]
    for row in CITIES:
        paragraphs += story.city(row % len(source.units))
    for paragraph in paragraphs:
        yield from paragraph.sentences


def titles(source: ReportSource) -> Iterator[tuple[str, Label]]:
    """Yield what titles of figures say: of the index and its dimensions, changes, groups."""
    nodes = ["T", *(child.code for child in source.result.framework.children("T"))]
    for node in nodes:
        yield f"ranking {node}", messages.of_ranking(source, node, "main")
        yield f"parts {node}", messages.of_parts(source, node, "main")
        yield f"change {node}", messages.of_change(source, node, range(10), "main")
    for kind in source.group_types:
        members = [
            (group, source.members(kind, group, "T", "main")) for group in kind.groups
        ]
        yield f"groups {kind.attribute}", messages.of_groups(source, members)


@pytest.mark.filterwarnings("ignore")
def test_what_titles_of_figures_say_of_random_indices(require_kept):
    lines = []
    for seed in (*SEEDS, *ONE_GROUP_AHEAD):
        said = [
            (name, title)
            for name, title in titles(random_index(seed).source())
            if title.en
        ]
        lines += [f"{seed} {name}: {title.en} | {title.zh}" for name, title in said]
    require_kept("titles", "\n".join(lines))


@pytest.mark.filterwarnings("ignore")
def test_what_is_stated_of_random_indices(require_kept):
    kinds: dict[str, list[str]] = {}
    for seed in SEEDS:
        for stated in statements(random_index(seed).source()):
            said = f"{stated.text.en}  {stated.text.zh}"
            kinds.setdefault(stated.fact, []).append(said)
    lines = []
    for fact, said in sorted(kinds.items()):
        lines.append(fact)
        lines += [f"  {sentence}" for sentence in said[:SHOWN]]
        if len(said) > SHOWN:
            lines.append(f"  … {summed(said[SHOWN:])}")
    require_kept("sentences", "\n".join(lines))
