"""Distances, bounds, moves, growth and causes in print, recomputed from unrounded values."""

import dataclasses
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from tests.unit.report.test_kept_sentences import random_index
from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.report.change_facts import ChangeFacts, change_sentences
from xlcity.report.chapter import growth_table, profile_table
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import Sentence, bound, shown
from xlcity.report.facts import Facts, node_sentences
from xlcity.report.messages import of_change
from xlcity.report.source import ReportSource
from xlcity.report.tables import correlation_table

SEEDS = range(500, 540)
CHANGED = (2, 14, 39, 44, 66, 89, 96, 138, 170, 172, 213, 216, 217, 232, 257)
EFFICACY = """id = "efficacy"
weights = "relative"
[[step]]
do = "normalise"
method = "zscore"
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rescale"
method = "efficacy"
overall = "{overall}"
[[step]]
do = "rank"
method = "competition"
"""
TREE = """code,parent,weight,direction,name_en,name_zh
T,,1,1,Total,总分
P,T,1,1,Parks,公园
Q,T,3,1,Roads,道路
a,P,1,1,Trees,树木
b,P,1,-1,Dogs,犬只
c,Q,2,1,Lanes,车道
d,Q,1,1,Signs,标志
"""


def is_rounded(text: str, value: float) -> bool:
    """Tell whether a number in print is a value rounded to its decimals."""
    half = Decimal(1).scaleb(-len(text.partition(".")[2])) / 2
    number = Decimal(text.replace("−", "-"))
    return abs(number - Decimal(value)) <= half + Decimal("1e-9")


def value_of(sentence: Sentence, word: str) -> str:
    """Return a number as a sentence prints it."""
    return str(sentence.values[word])  # noqa: PD011


def distances(source: ReportSource):
    """Yield what a distance is of, as it is printed, and the scores that it is between."""
    codes = ("T", *(child.code for child in source.result.framework.children("T")))
    for code in codes:
        facts = Facts(source, code)
        for one in node_sentences(source, code):
            if one.fact in ("clear", "close", "rests"):
                yield one.fact, value_of(one, "gap"), *facts.scores[:2]
            if one.fact == "drop":
                ranks = [int(x) for x in re.findall(r"第(\d+)", one.text.zh)]
                i, j = facts.ranks.index(ranks[0]), facts.ranks.index(ranks[1])
                yield "drop", value_of(one, "gap"), facts.scores[i], facts.scores[j]
    scores = source.scores("T")[source.order("T")]
    for row in source.order("T"):
        said = {one.fact: one.text.zh for one in CityFacts(source, row).sentences()}
        if match := re.search(r"比平均分([高低])([\d.]+)分", said["place"]):
            own = source.scores("T")[row]
            ends = (own, scores.mean()) if match[1] == "高" else (scores.mean(), own)
            yield "place", match[2], *ends


@pytest.mark.filterwarnings("ignore")
def test_all_distances_are_rounded_differences_and_all_bounds_hold():
    count = 0
    wrong = []
    for seed in SEEDS:
        source = random_index(seed).source()
        for kind, text, high, low in distances(source):
            count += 1
            if not is_rounded(text, float(high) - float(low)):
                wrong.append((seed, kind, text, high - low))
    assert wrong == []
    assert count > 300


@pytest.mark.parametrize("decimals", [0, 1, 2, 6])
def test_a_bound_holds_as_it_is_printed_and_no_other_is_nearer(decimals):
    rng = np.random.default_rng(1)
    step = 10.0**-decimals
    for value in rng.uniform(0, 30, 300).tolist():
        printed = float(bound(value, decimals))
        assert value - 1e-9 <= printed < value + step
    # Noise of floats takes nothing to the next number.
    assert float(bound(7 * step, decimals)) == pytest.approx(7 * step)
    assert bound(88.3 - 87.2, 1) == "1.1"


def test_the_bound_of_a_close_run_is_rounded_up():
    column = [100.0, 95, 90, 70, 69.21, 68.88, *np.arange(55.0, 15, -2)]
    frame = pd.DataFrame({"a": column}, index=[f"u{n}" for n in range(len(column))])
    tree = Framework.read("code,parent\nT,\na,T\n")
    source = Index(tree, frame, normalise="none").source()
    (drop,) = (one for one in node_sentences(source, "T") if one.fact == "drop")
    assert drop.text.en.endswith(
        "in fourth to sixth place lie within 1.2 points of one another."
    )
    assert drop.text.zh.endswith("第4至6位彼此相差不超过1.2分。")
    note = tables_of(source)["ranking-T"].note
    assert "rounded once" in note.en
    assert "向上取" in note.zh


def with_rounded_ranks(source: ReportSource, decimals: int) -> ReportSource:
    """Return an index whose ranks are made on rounded scores."""
    recipe = source.result.recipe
    steps = []
    for step in recipe.steps:
        params = {**step.params, "round_to": decimals}
        is_rank = step.do == "rank"
        steps.append(dataclasses.replace(step, params=params) if is_rank else step)
    result = dataclasses.replace(
        source.result, recipe=dataclasses.replace(recipe, steps=tuple(steps))
    )
    return dataclasses.replace(source, result=result)


@pytest.mark.filterwarnings("ignore")
def test_profiles_have_no_decimal_that_is_not_that_of_the_score():
    compared = set()
    for seed in (14, 39, 66, 96):
        source = with_rounded_ranks(random_index(seed).source(), 1)
        assert source.score_decimals("T") == 1
        codes = {
            source.scored(n.code).en: n.code for n in source.result.framework.nodes
        }
        for row in source.order("T"):
            for name, score, *_ in profile_table(source, row).rows:
                if (code := codes.get(name.en.strip())) is not None:
                    text = shown(score, "score", "en").rstrip("†‡")
                    assert is_rounded(text, source.scores(code)[row])
                    compared.add((seed, row, code))
    assert len({code for _, _, code in compared if code[0] in "TP"}) > 3
    assert len(compared) > 200


def known_of(source: ReportSource, count: int) -> ReportSource:
    """Return an index of which the former ranks of the first cities alone are known."""
    last = source.editions.last
    units = [source.units[row].id for row in source.order("T")[:count]]
    ranks = {(unit, "T"): 40 - 2 * at for at, unit in enumerate(units)}
    spec = dataclasses.replace(source.spec, last=None)
    earlier = dataclasses.replace(last, ranks=ranks, units=frozenset(), status={})
    return dataclasses.replace(source, spec=spec, earlier=(earlier,))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("share", "is_counted"), [(0.4, False), (0.9, True), (1, True)]
)
def test_cities_are_counted_only_where_nearly_all_former_ranks_are_known(
    share, is_counted
):
    whole = random_index(2).source()
    count = round(share * len(whole.order("T")))
    source = known_of(whole, count)
    said = {one.fact: one.text for one in change_sentences(source)}
    assert ("counts" in said) == is_counted
    assert ("moves" in said) == (share == 1)
    if share < 1:
        assert re.match(
            r"Among the \w+ cities whose rank in 2020 was published, ",
            said["moves_some"].en,
        )
        assert said["moves_some"].zh.startswith(f"2020年名次已公布的{count}座城市中，")
        assert of_change(source, "T", source.order("T"), "main").en == ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", CHANGED)
def test_a_city_has_one_move_in_texts_tables_and_figures(seed):
    source = random_index(seed).source()
    facts = ChangeFacts(source, "T")
    moves = {row: then - now for row, (then, now) in facts.places.items()}
    tables = tables_of(source)
    for name in ("changes", "ranking-T"):
        table = tables[name]
        column = [field.head.en for field in table.fields].index("Change")
        for unit, cells in zip(table.units, table.rows, strict=True):
            row = source.result.dataset.rows[unit]
            expected = None if cells[column] is None else float(cells[column])
            assert expected == moves.get(row)
        if facts.is_among_some:
            assert f"among the {len(moves)} cities of both editions" in table.note.en
    bars = makers_of(source)["bars-T"]().content
    for row, end in zip(source.order("T"), bars.ends, strict=True):
        text = end.partition(" ")[2]
        move = moves.get(row)
        assert text in ("", "★") if move is None else text == marked(move)
    for row in source.order("T"):
        place = CityFacts(source, row).sentences()[0].text.zh
        told = re.search(r"[上下][升降](\d+)位", place)
        assert (int(told[1]) if told else 0) == abs(moves.get(row, 0))


def marked(move: int) -> str:
    if not move:
        return "="
    return f"▲{move}" if move > 0 else f"▼{-move}"


def two_editions(before, now, tree=TREE, **methods) -> Index:
    """Return an index of two editions, given by (city, indicator)."""
    frames = []
    codes = [*"abcd"]
    for year, block in ((2020, before), (2021, now)):
        frame = pd.DataFrame(np.array(block), columns=codes)
        frame["unit"] = [f"u{at}" for at in range(len(frame))]
        frames.append(frame.assign(year=year))
    return Index(Framework.read(tree), pd.concat(frames), **methods)


def test_growth_has_falls_too_and_none_on_a_base_of_next_to_nothing():
    before = [[50.0, 9, 20 + at, 100] for at in range(8)]
    now = [[55.0, 9, 18.0 + at, 104] for at in range(8)]
    before[1][0], now[1][0] = 0.7, 8.7
    before[2][0] = 0.0
    now[0][0] = 60.0
    source = two_editions(before, now, normalise="minmax").source()
    growth = source.editions.growth
    # From 0.7 to 8.7 would be 1,142.9 %.
    assert np.isnan(growth["a"][[1, 2]]).all()
    assert growth["a"][3] == pytest.approx(10)
    table = growth_table(source, 1)
    names = [cells[0].en for cells in table.rows]
    assert names == ["Lanes", "Signs"]
    values = [cells[1] for cells in table.rows]
    assert values == pytest.approx([100 * (19 / 21 - 1), 4])
    assert growth_table(source, 0).rows[0][0].en == "Trees"
    said = {one.fact: one.text for one in CityFacts(source, 0).sentences()}
    assert said["shrunk"].en.startswith(
        "The figure for lanes fell by 10.0% since the previous edition ("
    )
    assert said["shrunk"].zh.startswith("车道较上届下降10.0%（")
    assert said["grown"].en.startswith(
        "The figure for trees rose by 20.0% since the previous edition ("
    )


@pytest.mark.filterwarnings("ignore")
def test_no_part_is_said_to_follow_its_own_whole_nor_tested_with_it():
    stars = 0
    for seed in SEEDS[:20]:
        source = random_index(seed).source()
        for one in node_sentences(source, "T"):
            assert "r = " not in one.text.en or one.fact == "unrelated"
        if (table := correlation_table(source)) is None:
            continue
        assert "not tested" in table.note.en
        for cells in table.rows[1:]:
            assert "*" not in cells[1].en
            stars += sum("*" in str(cell) for cell in cells[2:])
    assert stars


@pytest.mark.parametrize("overall", ["scaled", "mean_of_scaled", "unscaled"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_rise_and_a_fall_have_a_cause_on_the_scale_of_the_score(
    tmp_path, overall, sign
):
    """The first and the last city keep the ends of the scale where they are."""
    recipe = tmp_path / "efficacy.toml"
    recipe.write_text(EFFICACY.format(overall=overall), encoding="utf-8")
    rng = np.random.default_rng(3)
    before = rng.uniform(40, 60, (30, 4))
    before[0], before[1] = [90, 10, 90, 90], [10, 90, 10, 10]
    now = before + rng.uniform(-0.4, 0.4, before.shape)
    now[:2] = before[:2]
    mover = int(np.argsort((before * [1, -1, 4, 2]).sum(axis=1))[14])
    now[mover, 2] += sign * 18
    source = two_editions(before, now, recipe=recipe).source()
    facts = {one.fact: one for one in change_sentences(source)}
    name = "cause" if sign > 0 else "cause_fall"
    # Of a part that is as much as the whole only the name is stated.
    sentence = facts.get(name) or facts[f"{name}_alone"]
    assert float(value_of(sentence, "points")) > 0
    assert f"u{mover}" in sentence.text.en
    assert "lanes" in sentence.text.en
    totals = [score_by_hand(block, overall)[mover] for block in (before, now)]
    assert is_rounded(value_of(sentence, "total"), abs(totals[1] - totals[0]))
    factor = points_of_each(now, overall)[2]
    lanes = [z_of(block)[mover, 2] for block in (before, now)]
    expected = abs(factor * (lanes[1] - lanes[0]))
    assert is_rounded(value_of(sentence, "points"), expected)


@pytest.mark.parametrize("overall", ["scaled", "mean_of_scaled"])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_a_moved_scale_adds_to_a_change_is_stated(tmp_path, overall, sign):
    """A city that becomes the first or the last one moves an end of the scale."""
    recipe = tmp_path / "efficacy.toml"
    recipe.write_text(EFFICACY.format(overall=overall), encoding="utf-8")
    rng = np.random.default_rng(3)
    before = rng.uniform(40, 60, (30, 4))
    now = before + rng.uniform(-0.4, 0.4, before.shape)
    mover = int(np.argsort((before * [1, -1, 4, 2]).sum(axis=1))[14])
    now[mover] += sign * np.array([8, -8, 60, 9])
    source = two_editions(before, now, recipe=recipe).source()
    facts = {one.fact: one for one in change_sentences(source)}
    name = "cause" if sign > 0 else "cause_fall"
    sentence = facts.get(name) or facts[f"{name}_alone"]
    total = np.subtract(*(score_by_hand(b, overall)[mover] for b in (now, before)))
    factors = points_of_each(now, overall)
    effects = factors * (z_of(now)[mover] - z_of(before)[mover])
    assert is_rounded(value_of(sentence, "total"), abs(total))
    of_scale = sign * (total - effects.sum())
    assert abs(of_scale) > abs(total) / 4
    told = re.search(
        r"; another (−?[\d.]+) reflect a move of the scale", sentence.text.en
    )
    assert is_rounded(told[1], of_scale)
    assert "得分刻度的变动" in sentence.text.zh


def test_a_city_that_left_takes_no_cause_with_it():
    """It counted in the scores of all others, in the edition that it was part of."""
    rng = np.random.default_rng(4)
    before = rng.uniform(40, 60, (12, 4))
    now = before + rng.uniform(-0.4, 0.4, before.shape)
    now[5] += [9, -9, 9, 9]
    index = two_editions(before, now[:11], normalise="zscore")
    assert any(one.fact.startswith("cause") for one in change_sentences(index.source()))


def z_of(block):
    return (block - block.mean(axis=0)) / block.std(axis=0) * [1, -1, 1, 1]


def efficacy(column):
    return 60 + 40 * (column - column.min()) / (column.max() - column.min())


def aggregates(block):
    z = z_of(block)
    return z[:, :2].mean(axis=1), z[:, 2] * 2 / 3 + z[:, 3] / 3


def score_by_hand(block, overall):
    p, q = aggregates(block)
    if overall == "mean_of_scaled":
        return efficacy(p) / 4 + efficacy(q) * 3 / 4
    total = p / 4 + q * 3 / 4
    return efficacy(total) if overall == "scaled" else total


def points_of_each(block, overall):
    """Return the points of the score that a point of each standardised indicator is."""
    p, q = aggregates(block)
    total = p / 4 + q * 3 / 4
    shares = np.array([1 / 8, 1 / 8, 1 / 2, 1 / 4])
    if overall == "unscaled":
        return shares
    if overall == "scaled":
        return shares * 40 / np.ptp(total)
    return shares * 40 / np.array([np.ptp(p), np.ptp(p), np.ptp(q), np.ptp(q)])


def test_the_basis_of_a_lead_is_on_the_scale_of_the_score(tmp_path):
    recipe = tmp_path / "efficacy.toml"
    recipe.write_text(EFFICACY.format(overall="scaled"), encoding="utf-8")
    rng = np.random.default_rng(5)
    block = rng.uniform(40, 60, (30, 4))
    block[0] = [60, 40, 95, 70]
    frame = pd.DataFrame(block, columns=[*"abcd"], index=[f"u{n}" for n in range(30)])
    source = Index(Framework.read(TREE), frame, recipe=recipe).source()
    facts = {one.fact: one for one in node_sentences(source, "T")}
    total = score_by_hand(block, "scaled")
    first, second = np.argsort(-total)[:2]
    p, q = aggregates(block)
    whole = p / 4 + q * 3 / 4
    part = 3 / 4 * (q[first] - q[second]) * 40 / (whole.max() - whole.min())
    assert is_rounded(value_of(facts["clear"], "gap"), total[first] - total[second])
    told = re.search(
        r"of which the Roads dimension accounts for (\d+\.\d+)", facts["clear"].text.en
    )
    assert is_rounded(told[1], part)
