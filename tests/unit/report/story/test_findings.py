"""When a finding is stated, of what, and with which marks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.report.test_kept_sentences import random_index
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.framework import Framework
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.items import report_items
from xlcity.report.story.basis import Basis
from xlcity.report.story.change import EditionChanges
from xlcity.report.story.robustness import certainty
from xlcity.report.story.sections import Chapter
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import Writer
from xlcity.reports import load_report
from xlcity.workbook.reading.stored_assessment import CITIES, StoredAssessment

TREE = "code,parent,weight,name_en,name_zh\nX,,,Index,指数\nA,X,1,Air,空气\nB,X,1,Bus,公交\n"
LAST = Label("2025年", "2025")


def of_scores(*pairs, tree=TREE):
    """Return the basis of an index whose cities have these scores in A and B."""
    frame = pd.DataFrame(pairs, columns=["A", "B"], dtype=float)
    frame.index = [f"City {chr(65 + n)}" for n in range(len(frame))]
    return Basis(Index(Framework.read(tree), frame).source())


def sentences(paragraphs):
    return [sentence for own in paragraphs for sentence in own.sentences]


def facts(paragraphs):
    return {one.fact: one.text for one in sentences(paragraphs)}


@pytest.mark.parametrize(
    ("scores", "fact", "words"),
    [
        ((9, 9, 4, 3), "leaders_joint", "share first place (100.0)"),
        ((9, 5, 4, 3), "leads0_drop", "66.7 points ahead of City B"),
        ((9, 8, 4, 3), "leads1_drop", "City C, in third place, is 66.7 points behind"),
    ],
)
def test_the_leader_is_alone_joint_or_one_of_two(scores, fact, words):
    basis = of_scores(*((score, score) for score in scores))
    said = facts(Chapter(basis.source).overall())
    assert words in said[fact].en


def test_equal_scores_have_no_leader_and_no_mean():
    basis = of_scores(*((1, 1) for _ in range(6)))
    assert facts(Chapter(basis.source).overall()) == {}


@pytest.mark.parametrize(("n", "has_tiers"), [(19, False), (20, True)])
def test_tiers_are_of_twenty_cities_or_more(n, has_tiers):
    scores = [100 - at if at < 8 else 60 - at for at in range(n)]
    tiers = find_tiers(of_scores(*((score, score) for score in scores)))
    assert (tiers is not None) == has_tiers
    if tiers is not None:
        assert tiers.ends == [8, n]


def test_a_tier_at_a_drop_has_enough_cities():
    # The first city may be a tier alone; of the others none has fewer than three cities.
    first = [200, 150, 149, *(100 - at for at in range(8))]
    scores = [*first, *(50 - at for at in range(10))]
    tiers = find_tiers(of_scores(*((score, score) for score in scores)))
    assert tiers is not None
    assert tiers.ends == [1, 11, 21]


def test_a_lead_on_fewer_indicators_says_so():
    tree = TREE + "C,X,1,Cafes,咖啡馆\n"
    frame = pd.DataFrame(
        {"A": [9.0, 5, 4], "B": [9.0, 5, 4], "C": [np.nan, 5, 4]},
        index=["Oslo", "Bern", "Riga"],
    )
    index = Index(Framework.read(tree), frame, aggregate="arithmetic:0.5")
    said = facts(Chapter(index.source()).overall())
    assert said["leader_gaps"].en == (
        "Oslo† ranks first on two of three indicators; with complete data Bern scores "
        "highest."
    )


@pytest.fixture(scope="module")
def exchange():
    return Index(load_report("iecc2024")).source()


def test_invented_numbers_are_marked_and_printed_ranks_are_called_so(exchange):
    story = Chapter(exchange)
    for one in sentences(story.overall()):
        assert one.text.en.startswith("[Synthetic data] ")
        assert one.text.zh.startswith("［虚构数据］")
    change = sentences(story.change())
    assert change
    for one in change:
        assert one.text.en.startswith("[As published] ")
        assert one.text.zh.startswith("［公布名次］")
    # No city is told of, and no variant, on invented values.
    assert story.cases() == story.robustness() == []


def test_moves_are_those_of_print_where_the_own_ranks_are_invented(exchange):
    dubai = exchange.result.dataset.rows["dubai"]
    then, now = EditionChanges(Basis(exchange)).places(dubai)
    assert (then.number, now.number) == (25, 15)
    assert exchange.rank(dubai, "IECC") != 15


@pytest.mark.parametrize(("share", "is_counted"), [(0.5, False), (1.0, True)])
@pytest.mark.filterwarnings("ignore")
def test_cities_are_counted_only_where_nearly_all_former_ranks_are_known(
    share, is_counted
):
    whole = random_index(2).source()
    rows = whole.order("T")
    known = [whole.units[row].id for row in rows[: round(share * len(rows))]]
    last = whole.editions.last
    ranks = {key: rank for key, rank in last.ranks.items() if key[0] in known}
    source = replace(whole, earlier=(EarlierRanks(LAST, ranks),))
    said = facts(Chapter(source).change())
    assert ("moves_known" in said) != is_counted
    if not is_counted:
        assert f"{len(known)}座城市" in said["moves_known"].zh


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [0, 14, 39, 61])
def test_a_city_has_one_move_in_texts_and_tables(seed):
    source = random_index(seed).source()
    moves = {move.row: move.up for move in EditionChanges(Basis(source)).moves}
    table = report_items(source)["changes"].make()
    column = [field.head.en for field in table.fields].index("Change")
    for unit, cells in zip(table.units, table.rows, strict=True):
        row = source.result.dataset.rows[unit]
        expected = None if cells[column] is None else float(cells[column])
        assert expected == moves.get(row)


def test_questions_to_the_author_are_apart_and_one_in_a_section(exchange):
    story = Chapter(exchange)
    sections = [story.overall(), story.limits()]
    sections += [story.dimension(code) for code in story.basis.dimensions]
    for paragraphs in sections:
        gaps = [own for own in paragraphs if own.is_gap]
        assert len(gaps) <= 1
        assert all(one.kinds == (45,) for own in gaps for one in own.sentences)


def test_shares_of_simulations_are_told_in_per_cent():
    source = random_index(3).source()
    basis = Basis(source)
    lines = []
    for row in basis.overall.rows:
        rank = basis.overall.rank_of[row]
        line = {
            "unit": source.units[row].id,
            "rank": rank,
            "low": rank,
            "high": rank + 1,
        }
        share = {1: 0.998, 2: 0.735}.get(rank, 0.2)
        lines.append({**line, "score": basis.overall.score_of[row], "top_3": share})
    tables = {CITIES: tuple(lines)}
    assessed = StoredAssessment({"replicates": 1000}, tables, {})
    spec = replace(source.spec, assessed=assessed)
    found = certainty(Basis(replace(source, spec=spec)))
    (told,) = [own for own in found if own.key == "simulated_shares"]
    text = Writer("zh").sentence(told)
    assert text.endswith("进入前3位的比例分别为99%、74%、20%。")
    assert "among the first three in 99%, 74% and 20% of them" in Writer("en").sentence(
        told
    )
