"""The method of vitality2014 worked by hand: 100 / N x ascending rank, then means."""

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe_toml import read_recipe, recipe_lines
from xlcity.reports import load_report

#: Three indicators under P, one under Q: equal domains and equal indicators differ.
FRAMEWORK = Framework.read(
    "code,parent,weight\nT,,1\nP,T,3/4\nQ,T,1/4\na,P,1/3\nb,P,1/3\nc,P,1/3\nd,Q,1\n"
)
CODES = ("a", "b", "c", "d")


def recipe(*options):
    found = load_report("vitality2014").recipe
    for option in options:
        found = found.with_options([option])
    return found


def dataset(rows, codes=CODES):
    units = tuple(Unit(f"u{place}") for place in range(len(rows)))
    blank = empty_dataset(units, codes)
    values = blank.values.copy()
    states = blank.states.copy()
    for at, row in enumerate(rows):
        for column, content in enumerate(row):
            if content == "NA":
                states[at, column] = State.MISSING
            elif content is not None:
                values[at, column], states[at, column] = content, State.VALUE
    return Dataset(units, codes, values, states, blank.basis)


def scores(result, code):
    return result.column(code).tolist()


def test_three_at_0_are_all_rank_1_and_three_at_1_all_rank_4():
    """Exhibitions in the report's own example: three cities hold none, three hold one."""
    column = [0, 0, 0, 1, 1, 1, 5, 9]
    result = compute(FRAMEWORK, recipe(), dataset([[x] * 4 for x in column]))
    ranks = [1, 1, 1, 4, 4, 4, 7, 8]
    assert scores(result, "a") == pytest.approx([100 / 8 * rank for rank in ranks])
    assert scores(result, "T") == pytest.approx([100 / 8 * rank for rank in ranks])
    assert result.rank("T").tolist() == [6, 6, 6, 3, 3, 3, 2, 1]


ROWS = [[1, 1, 3, 9], [2, 3, 1, 7], [3, 2, 2, 8]]


def test_a_domain_is_the_mean_of_its_indicators_and_the_total_that_of_its_domains():
    result = compute(FRAMEWORK, recipe(), dataset(ROWS))
    step = 100 / 3
    assert scores(result, "P") == pytest.approx(
        [(1 + 1 + 3) / 3 * step, (2 + 3 + 1) / 3 * step, (3 + 2 + 2) / 3 * step]
    )
    # By the weights of the framework the four indicators have the same say.
    equal_indicators = [(5 + 3) / 4 * step, (6 + 1) / 4 * step, (7 + 2) / 4 * step]
    assert scores(result, "T") == pytest.approx(equal_indicators)
    assert result.rank("T").tolist() == [2, 3, 1]


def test_equal_domains_give_both_of_them_the_same_say():
    result = compute(FRAMEWORK, recipe("equal-domains"), dataset(ROWS))
    step = 100 / 3
    assert scores(result, "T") == pytest.approx(
        [(5 / 3 + 3) / 2 * step, (6 / 3 + 1) / 2 * step, (7 / 3 + 2) / 2 * step]
    )
    assert result.rank("T").tolist() == [1, 3, 2]


def test_domains_given_as_they_are_count_by_their_indicators():
    """The default data: domain scores, nothing below them, and yet no draft."""
    given = dataset([[90, 30], [40, 60]], ("P", "Q"))
    by_domains = compute(FRAMEWORK, recipe("equal-domains"), given)
    by_indicators = compute(FRAMEWORK, recipe(), given)
    assert scores(by_domains, "T") == pytest.approx([(90 + 30) / 2, (40 + 60) / 2])
    assert scores(by_indicators, "T") == pytest.approx(
        [(3 * 90 + 1 * 30) / 4, (3 * 40 + 1 * 60) / 4]
    )
    assert not by_domains.draft
    assert {(mark.kind, mark.code) for mark in by_domains.marks} == {
        ("direct", "P"),
        ("direct", "Q"),
    }


GAPS = [["NA", 1, 1, 1], [5, 2, 2, "NA"], [5, 3, 3, 3], [7, 4, 4, 4]]


def test_a_gap_is_the_lowest_value_joins_its_tie_and_is_counted():
    result = compute(FRAMEWORK, recipe(), dataset(GAPS))
    # a: the gap counts as 5, so three cities share rank 1 of 4. d: as 1, so two do.
    assert scores(result, "a") == [25.0, 25.0, 25.0, 100.0]
    assert scores(result, "d") == [25.0, 25.0, 75.0, 100.0]
    # The divisor stays 3.
    assert scores(result, "P")[0] == pytest.approx((25 + 25 + 25) / 3)
    assert {(mark.kind, mark.unit, mark.code) for mark in result.marks} == {
        ("lowest", "u0", "a"),
        ("lowest", "u1", "d"),
    }


def test_a_gap_may_be_left_out_of_n_and_of_the_mean():
    result = compute(FRAMEWORK, recipe("missing-ignored"), dataset(GAPS))
    # a: three cities, two of them at 5.
    assert np.isnan(scores(result, "a")[0])
    assert scores(result, "a")[1:] == pytest.approx([100 / 3, 100 / 3, 300 / 3])
    assert scores(result, "P")[0] == pytest.approx((100 / 4 + 100 / 4) / 2)
    # u1 has nothing in Q: its total is its P.
    first = (100 / 3 + 100 / 4 * 2 + 100 / 4 * 2) / 3
    assert scores(result, "T")[1] == pytest.approx(first)
    assert {(mark.kind, mark.unit, mark.code) for mark in result.marks} == {
        ("renormalised", "u0", "P"),
        ("renormalised", "u1", "T"),
    }


def test_a_city_without_anything_is_last_or_has_no_score():
    rows = [["NA"] * 4, [1] * 4, [2] * 4]
    lowest = compute(FRAMEWORK, recipe(), dataset(rows))
    assert scores(lowest, "T") == pytest.approx([100 / 3, 100 / 3, 100])
    assert lowest.rank("T").tolist() == [2, 2, 1]
    ignored = compute(FRAMEWORK, recipe("missing-ignored"), dataset(rows))
    assert ignored.rank("T").tolist() == [0, 2, 1]
    assert scores(ignored, "T")[1:] == pytest.approx([50, 100])


def test_a_blank_is_no_gap():
    rows = [[None, 1, 1, 1], [5, 2, 2, 2], [6, 3, 3, 3]]
    for chosen in (recipe(), recipe("missing-ignored"), recipe("minmax")):
        result = compute(FRAMEWORK, chosen, dataset(rows))
        assert result.draft
        assert result.unfilled == (("u0", "a"),)
        assert result.rank("T").tolist() == [0, 2, 1]
        # Two cities are ranked in a, not three.
    assert scores(compute(FRAMEWORK, recipe(), dataset(rows)), "a")[1:] == [50.0, 100.0]


@pytest.mark.parametrize(
    ("options", "ranks"),
    [
        ((), [1, 1, 3, 3, 3]),
        (("ties-average",), [1.5, 1.5, 4, 4, 4]),
        (("ties-max",), [2, 2, 5, 5, 5]),
    ],
)
def test_ties_share_the_lowest_mean_or_highest_rank(options, ranks):
    result = compute(
        FRAMEWORK, recipe(*options), dataset([[x] * 4 for x in (0, 0, 2, 2, 2)])
    )
    assert scores(result, "b") == pytest.approx([100 / 5 * rank for rank in ranks])


def test_a_constant_column_is_all_lowest_and_moves_no_rank():
    rows = [[4, 1, 1, 1], [4, 2, 2, 2], [4, 3, 3, 3], [4, 4, 4, 4]]
    result = compute(FRAMEWORK, recipe(), dataset(rows))
    assert scores(result, "a") == [25.0] * 4
    assert result.rank("T").tolist() == [4, 3, 2, 1]
    assert [note.code for note in result.notes if note.code != "XC216"] == ["XC351"]
    # Min-max has nothing to say about it, and says so by name.
    plain = compute(FRAMEWORK, recipe("minmax"), dataset(rows))
    assert [problem.code for problem in plain.failures] == ["XC350"]
    assert plain.rank("Q").tolist() == [4, 3, 2, 1]


def test_minmax_instead_of_ranks_takes_a_gap_as_the_lowest_value():
    result = compute(FRAMEWORK, recipe("minmax"), dataset(GAPS))
    assert scores(result, "a")[1:] == pytest.approx([0, 0, 100])
    assert scores(result, "P")[:2] == pytest.approx([0, (0 + 100 / 3 + 100 / 3) / 3])
    assert scores(result, "Q") == pytest.approx([0, 0, 100 * 2 / 3, 100])


def test_tied_totals_share_a_rank_or_are_numbered_in_the_order_of_the_cities():
    rows = [[2] * 4, [1] * 4, [2] * 4, [3] * 4]
    assert compute(FRAMEWORK, recipe(), dataset(rows)).rank("T").tolist() == [
        2,
        4,
        2,
        1,
    ]
    result = compute(FRAMEWORK, recipe("consecutive"), dataset(rows))
    assert result.rank("T").tolist() == [2, 4, 3, 1]
    assert result.positions[:, 0].tolist() == [2, 4, 3, 1]


def test_ties_everywhere():
    for options in ((), ("equal-domains",), ("missing-ignored",)):
        result = compute(FRAMEWORK, recipe(*options), dataset([[7] * 4] * 5))
        assert scores(result, "T") == pytest.approx([100 / 5] * 5)
        assert result.rank("T").tolist() == [1] * 5
        assert not result.failures


def test_an_option_that_no_longer_fits_is_gone_once_another_is_taken():
    left = {option.id for option in recipe("minmax").options}
    assert left == {"equal-domains", "minmax", "consecutive"}
    assert read_recipe("\n".join(recipe_lines(recipe("minmax")))) == recipe("minmax")
    assert {option.id for option in recipe("ties-max").options} == {
        option.id for option in recipe().options
    }
