"""Every number that is stated of a small index, recomputed from its table with pandas alone."""

import re
from itertools import combinations, dropwhile

import numpy as np
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.report.story.sections import Chapter

N = 24
TREE = """code,parent,weight,direction,name_zh,name_en,uom
X,,1,1,宜居指数,Liveability index,score
E,X,0.4,1,环境,Environment,
M,X,0.3,1,出行,Mobility,
L,X,0.3,1,生活,Life,
e1,E,0.5,-1,烟尘,Smoke,µg/m³
e2,E,0.5,1,绿地率,Green space,%
m1,M,0.6,1,公交分担率,Bus share,%
m2,M,0.4,1,自行车道,Cycle paths,km
l1,L,0.5,-1,租金,Rent,euro
l2,L,0.5,1,博物馆,Museums,museums
"""
OPENINGS = {10: "Ten", 11: "Eleven", 12: "Twelve", 13: "Thirteen", 14: "Fourteen"}
PARTS = {"E": "environment", "M": "mobility", "L": "life"}
WEIGHTS = {"E": 0.4, "M": 0.3, "L": 0.3}
INSIDE = {"E": ("e1", "e2"), "M": ("m1", "m2"), "L": ("l1", "l2")}
SHARES = {"e1": 0.5, "e2": 0.5, "m1": 0.6, "m2": 0.4, "l1": 0.5, "l2": 0.5}
NAMES = {"e1": "smoke", "e2": "green space", "m1": "the bus share"}
NAMES |= {"m2": "cycle paths", "l1": "rent", "l2": "museums"}
REVERSE = ("e1", "l1")
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
]


def count(n):
    return WORDS[n] if n < 10 else str(n)


def place(n):
    if n < 10:
        return ORDINALS[n - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{'th' if 10 < n < 20 else ending}"


def point(x):
    return f"{np.floor(abs(x) * 10 + 0.5 + 1e-9) / 10:.1f}"


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(7)
    usual = rng.normal(size=N)
    columns = {}
    for code in SHARES:
        sign = -1 if code in REVERSE else 1
        columns[code] = (50 + 12 * (sign * usual + rng.normal(size=N))).round(1)
    frame = pd.DataFrame(columns, index=[f"City {chr(65 + n)}" for n in range(N)])
    return frame.assign(
        Group_side=["north" if n % 3 else "south" for n in range(N)],
    )


@pytest.fixture(scope="module")
def scores(table):
    values = table[[*SHARES]]
    low, high = values.min(), values.max()
    scaled = 100 * (values - low) / (high - low)
    for code in REVERSE:
        scaled[code] = 100 - scaled[code]
    parts = {
        part: sum(SHARES[code] * scaled[code] for code in codes)
        for part, codes in INSIDE.items()
    }
    frame = pd.DataFrame(parts)
    return frame.assign(X=sum(WEIGHTS[part] * frame[part] for part in PARTS))


@pytest.fixture(scope="module")
def story(table):
    frame = table.rename_axis("unit").reset_index()
    framework = Framework.read(TREE)
    return Chapter(Index(framework, frame, normalise="minmax:0:100").source())


@pytest.fixture(scope="module")
def ranks(scores):
    return scores.round(2).rank(ascending=False, method="min").astype(int)


def text_of(paragraphs):
    return " ".join(s.text.en for p in paragraphs for s in p.sentences)


def require(text, *sentences):
    for sentence in sentences:
        assert sentence in text, f"{sentence!r} not in {text!r}"


def test_the_scores_are_those_of_the_table(story, scores):
    source = story.source
    for code in scores:
        order = [unit.id for unit in source.units]
        np.testing.assert_allclose(source.scores(code), scores[code][order])


def test_numbers_of_the_whole_index(story, scores):
    text = text_of(story.overall())
    total = scores["X"].sort_values(ascending=False)
    sd = total.std()
    drops = -np.diff(total)
    after = int(drops[:9].argmax()) + 1
    leader, second = total.index[:2]
    gaps = {p: WEIGHTS[p] * (scores[p][leader] - scores[p][second]) for p in PARTS}
    require(text, f"{leader} ", f"({point(total.iloc[0])}")
    assert drops[after - 1] >= sd / 4
    require(
        text,
        f"{point(drops[after - 1])} points behind {total.index[after - 1]}"
        if after > 1
        else f"{point(drops[0])} points ahead of {second}",
    )
    for part, gap in gaps.items():
        if point(gap) != "0.0" and f"gains most in {part}" not in text:
            require(text, f"{point(gap)} in {PARTS[part]}")
    above = int((total > total.mean()).sum())
    require(
        text,
        f"The {N} cities average {point(total.mean())} points; "
        f"{count(above)} are above the average.",
    )


def tier_ends(total):
    """Return where tiers end, by the rule, worked out from the scores alone."""
    drops = -np.diff(total)
    cuts = []
    for at in sorted(range(N - 1), key=lambda at: -drops[at]):
        if drops[at] < total.std() / 5 or len(cuts) == 3:
            break
        ends = sorted([*cuts, at + 1])
        sizes = np.diff([0, *ends, N])
        others = [*dropwhile(lambda size: size < 3, sizes)]
        are_large = min(others, default=0) > 2 and sizes[-1] >= N / 5
        if are_large and N - sum(others) < 3:
            cuts.append(at + 1)
    return sorted(cuts)


def test_numbers_of_tiers_and_groups(story, table, scores):
    text = text_of(story.overall())
    total = scores["X"].sort_values(ascending=False)
    ends = tier_ends(total)
    assert ends
    drops = [point(total.iloc[end - 1] - total.iloc[end]) for end in ends]
    after = [place(ends_at) for ends_at in ends]
    listed = [
        ", ".join(own[:-1]) + " and " * (len(own) > 1) + own[-1]
        for own in (after, drops)
    ]
    require(text, f"after {listed[0]} place ({listed[1]} points)")
    bounds = [total.iloc[0], *(total.iloc[end] for end in ends)]
    lows = [total.iloc[end - 1] for end in ends]
    spans = zip(bounds, lows, [0, *ends], ends, strict=False)
    require(
        text,
        *(
            f"({point(high)} to {point(low)})"
            if end - start > 1
            else f"alone ({point(high)})"
            for high, low, start, end in spans
        ),
    )
    require(text, f"the other {count(N - ends[-1])} ")
    side = table["Group_side"]
    means = total.groupby(side).mean()
    for name, size in side.value_counts().items():
        distance = means[name] - total.mean()
        if distance >= total.std() / 4:
            require(
                text,
                f"The {count(size)} {name}ern cities average {point(means[name])} "
                f"points, {point(distance)} above the mean",
            )
    high, low = means.idxmax(), means.idxmin()
    gap = means[high] - means[low]
    require(
        text,
        f"[Author: {high.title()}ern cities average {point(gap)} points more than "
        f"{low}ern cities. Why?]",
    )


#: How a section on a dimension opens, one after the other.
LEADS = (
    "{city} leads with {score} points, ",
    "First place goes to {city} ({score} points), ",
    "With {score} points, {city} ranks first, ",
)


def test_numbers_of_dimensions(story, table, scores, ranks):
    for part, lead in zip(PARTS, LEADS, strict=True):
        text = text_of(story.dimension(part))
        own = scores[part].sort_values(ascending=False)
        require(text, lead.format(city=own.index[0], score=point(own.iloc[0])))
        gap = point(own.iloc[0] - own.iloc[1])
        require(text, f"{gap} ahead of {own.index[1]}; {own.index[2]} ")
        for code in INSIDE[part]:
            best = table[code].min() if code in REVERSE else table[code].max()
            require(text, f"{NAMES[code].removeprefix('the ')} ({best:.1f}")
            require(text, f"average {table[code].mean():.1f}")
        above = int((own > own.mean()).sum())
        if above <= 0.42 * N:
            only = "only " * (above <= N / 3)
            require(text, f"{only}{count(above)} of the {N} cities are above")
        for city, overall, here in re.findall(
            r"(City \w), (\w+) overall, is (?:only )?(\w+) here", text
        ):
            assert overall == place(ranks["X"][city])
            assert here == place(ranks[part][city])


def test_numbers_of_types_and_relations(story, scores, ranks):
    text = text_of(story.types())
    strong = ranks[[*PARTS]] <= 8
    require(text, "ranks eighth or better of the 24 cities, that is, in the top third")
    every = strong.all(axis=1)
    for city in ranks.index[every]:
        assert city in text.partition(" strong in all three dimensions.")[0]
    r = {
        (a, b): float(np.corrcoef(scores[a], scores[b])[0, 1])
        for a, b in combinations(PARTS, 2)
    }
    high, low = max(r.values()), min(r.values())
    require(text, f"(r = {high:.2f})", f"(r = {low:.2f})")
    a, b = min(r, key=r.get)
    is_a = scores[a] > scores[a].mean()
    is_b = scores[b] > scores[b].mean()
    both = int((is_a & is_b).sum())
    assert re.search(
        rf", {count(both)} cit(y|ies) (is|are) above average in both, ", text
    )
    require(text, f"and {count(int((~is_a & ~is_b).sum()))} in neither.")


def with_weights(scores, weights):
    total = sum(weights[part] * scores[part] for part in PARTS)
    return total.idxmax()


def test_numbers_of_robustness(story, scores):
    text = text_of(story.robustness())
    total = scores["X"].sort_values(ascending=False)
    leader, second = total.index[:2]
    winners = [with_weights(scores, dict.fromkeys(PARTS, 1 / 3))]
    for part in PARTS:
        for move in (0.75, 1.25):
            own = WEIGHTS[part] * move
            others = {
                p: w * (1 - own) / (1 - WEIGHTS[part]) for p, w in WEIGHTS.items()
            }
            winners.append(with_weights(scores, {**others, part: own}))
    for code in SHARES:
        part = next(p for p, codes in INSIDE.items() if code in codes)
        (other,) = (c for c in INSIDE[part] if c != code)
        scaled = story.source.scores(other)
        left = scores.assign(**{part: pd.Series(scaled, index=scores.index)})
        winners.append(with_weights(left, WEIGHTS))
    k = winners.count(leader)
    require(
        text, f"{len(winners)} variants (each of the six indicators omitted in turn"
    )
    if k >= 0.6 * len(winners):
        require(text, f"{leader} stays first in {count(k)}")
    else:
        require(text, f"{leader} comes first in {count(k)}")
    lead = {part: scores[part][leader] - scores[part][second] for part in PARTS}
    pattern = rf"weight for (\w+) from (\d+)% to ([\d.]+)% would put {second} ahead"
    stated = re.search(pattern, text)
    if stated:
        part = next(p for p, name in PARTS.items() if name == stated[1])
        weight = float(stated[3]) / 100
        assert round(100 * WEIGHTS[part]) == int(stated[2])
        others = {p: w * (1 - weight) / (1 - WEIGHTS[part]) for p, w in WEIGHTS.items()}
        assert sum(w * lead[p] for p, w in {**others, part: weight}.items()) <= 1e-9


def test_numbers_of_cases(story, table, ranks, scores):
    direction = {code: code in REVERSE for code in SHARES}
    own = pd.DataFrame(
        {
            code: table[code].rank(ascending=low, method="min")
            for code, low in direction.items()
        }
    ).astype(int)
    paragraphs = [p for p in story.cases() if not p.is_gap]
    assert paragraphs
    for paragraph in paragraphs:
        city = paragraph.title.en.partition(":")[0]
        text = text_of([paragraph])
        rank, score = place(ranks["X"][city]), point(scores["X"][city])
        ways = (
            f"{city} is {rank} overall ({score} points)",
            f"{city} ranks {rank} overall with {score} points",
            f"With {score} points {city} is {rank} overall",
            f"{city} ranks ",
        )
        assert any(way in text for way in ways)
        for part, name in PARTS.items():
            here = place(ranks[part][city])
            assert re.search(rf"{here} in (?:[\w, ]+ and )?{name}", text)
        for code, name in NAMES.items():
            told = re.search(
                rf"{name.removeprefix('the ')} \(([\d.]+)[^,)]*, (?:joint )?(\w+)", text
            )
            if told:
                assert float(told[1]) == table[code][city]
                if told[2] != "lowest":
                    assert told[2] == place(own[code][city])


def test_numbers_of_limits(story):
    text = text_of(story.limits())
    require(text, f"All {N * 6} values ({N} cities, 6 indicators) are present.")
