"""Links between cities: strengths, centralities, scores of pairs."""

import networkx as nx
import numpy as np
import pytest

import xlcity.functions
from xlcity.errors import CellError, FunctionError
from xlcity.functions.links import pair_scores
from xlcity.hosts.cells import call
from xlcity.hosts.sheet_call import run_call

NA = CellError.NA
VALUE = CellError.VALUE
NUM = CellError.NUM
DIV0 = CellError.DIV0
FLOWS = [[0, 3, 5], [1, 0, 0], [7, 2, 0]]
TIES = [[0, 4, 1, 0], [4, 0, 2, 0], [1, 2, 0, 1], [0, 0, 1, 0]]


def column(rows):
    assert all(len(row) == 1 for row in rows)
    return [row[0] for row in rows]


def net(n=40, seed=3, density=0.2):
    """Return a connected network with ties of very different strength."""
    rng = np.random.default_rng(seed)
    ties = np.triu(rng.lognormal(2, 1.5, (n, n)) * (rng.random((n, n)) < density), 1)
    ties[np.arange(n - 1), np.arange(1, n)] += 1
    return ties + ties.T


def test_a_table_of_links_becomes_two_way_strengths():
    starts = ["a", "b", "c", "a"]
    ends = ["b", "a", "a", "b"]
    made = call("LINK_MATRIX", [["a", "b", "c", ""], starts, ends, [3, 1, 7, 9]])
    assert [row[:3] for row in made[:3]] == [[0, 3 + 1, 7], [3 + 1, 0, 0], [7, 0, 0]]
    assert made[3] == [NA] * 4
    assert [row[3] for row in made] == [NA] * 4


def test_a_symmetric_tie_may_be_written_once_or_twice():
    units = ["a", "b", "c"]
    once = call("LINK_MATRIX", [units, ["a", "b"], ["b", "c"], [3, 1], "symmetric"])
    twice = call(
        "LINK_MATRIX", [units, ["a", "b", "b"], ["b", "c", "a"], [3, 1, 3], "symmetric"]
    )
    assert once == twice == [[0, 3, 0], [3, 0, 1], [0, 1, 0]]
    torn = call("LINK_MATRIX", [units, ["a", "b"], ["b", "a"], [3, 2], "symmetric"])
    assert torn == [[0, NUM, 0], [NUM, 0, 0], [0, 0, 0]]


def test_an_absent_pair_is_0_once_there_is_any_link():
    units = ["a", "b"]
    one = [["x"]]
    args = [units, ["a", "a"], ["b", "b"], [None, 5], "directed", ["x", "y"]]
    assert call("LINK_MATRIX", [*args, one]) == [[NA, NA], [NA, NA]]
    assert call("LINK_MATRIX", [*args, [["y"]]]) == [[0, 5], [5, 0]]
    missing = call("LINK_MATRIX", [units, ["a"], ["b"], ["NA"]])
    assert missing == [[0, 0], [0, 0]]
    assert call("LINK_MATRIX", [units, ["a"], ["b"], ["much"]]) == [
        [NA, VALUE],
        [VALUE, NA],
    ]


def test_columns_of_links_that_do_not_fit_are_refused():
    units = ["a", "b"]
    assert call("LINK_MATRIX", [units, ["a"], ["b", "a"], [1]]) == [[VALUE]]
    assert call("LINK_MATRIX", [units, ["a"], ["b"], [1], "directed", ["x"]]) == [
        [VALUE]
    ]
    assert call("LINK_MATRIX", [units, ["a"], ["b"], [1], "sideways"]) == [[VALUE]]


def test_strength_adds_both_directions_and_leaves_domestic_links_out():
    assert column(call("LINK_STRENGTH", [FLOWS])) == [
        3 + 1 + 5 + 7,
        3 + 1 + 2,
        5 + 7 + 2,
    ]
    groups = [["A", "B", "A"]]
    assert column(call("LINK_STRENGTH", [FLOWS, "directed", groups])) == [
        3 + 1,
        3 + 1 + 2,
        2,
    ]
    kept = call("LINK_STRENGTH", [FLOWS, "directed", groups, "include"])
    assert kept == call("LINK_STRENGTH", [FLOWS])
    # No group is no group in common.
    assert call("LINK_STRENGTH", [FLOWS, "directed", [["", "", ""]]]) == kept
    links = call("LINK_STRENGTH", [FLOWS, "directed", groups, "exclude", "presence"])
    assert column(links) == [1, 2, 1]


def test_a_symmetric_block_must_agree_and_be_square():
    assert column(call("LINK_STRENGTH", [FLOWS, "symmetric"])) == [NUM, NUM, NUM]
    half = [[None, 3, 5], [None, None, None], [None, 2, None]]
    assert column(call("LINK_STRENGTH", [half, "symmetric"])) == [8, 5, 7]
    assert call("LINK_STRENGTH", [[[0, 1, 2], [1, 0, 2]]]) == [[VALUE]]
    assert column(call("LINK_STRENGTH", [[[0, "x", 1], [1, 0, 1], [1, 1, 0]]])) == [
        VALUE,
        VALUE,
        4,
    ]
    assert column(call("LINK_STRENGTH", [[[0, 1, ""], [1, 0, ""], ["", "", ""]]])) == [
        2,
        2,
        NA,
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("EIGEN_CENTRALITY", ["", "", ""]),
        ("DEGREE_CENTRALITY", ["", ""]),
        ("LINK_STRENGTH", [""]),
    ],
)
def test_a_block_must_be_square_with_a_city_per_row(name, options):
    assert call(name, [[[0, 1, 2], [1, 0, 2]]]) == [[VALUE]]
    assert len(call(name, [TIES, *options, list("AABB")])) == len(TIES)
    assert call(name, [TIES, *options, list("AAB")]) == [[VALUE]]


def test_eigenvector_centrality_agrees_with_numpy_and_networkx():
    ties = net()
    mine = np.array(call("EIGEN_CENTRALITY", [ties]), dtype=float).ravel()
    values, vectors = np.linalg.eigh(ties)
    leading = np.abs(vectors[:, np.argmax(values)])
    assert np.abs(mine - leading).max() <= 1e-9
    graph = nx.from_numpy_array(ties)
    theirs = nx.eigenvector_centrality_numpy(graph, weight="weight")
    assert np.abs(mine - np.abs([theirs[i] for i in range(len(ties))])).max() <= 1e-9
    plain = np.array(call("EIGEN_CENTRALITY", [ties, "no"]), dtype=float).ravel()
    theirs = nx.eigenvector_centrality_numpy(graph)
    assert np.abs(plain - np.abs([theirs[i] for i in range(len(ties))])).max() <= 1e-9


def test_a_network_of_two_halves_does_not_swing():
    star = np.zeros((5, 5))
    star[0, 1:] = star[1:, 0] = 1
    made = column(call("EIGEN_CENTRALITY", [star]))
    assert made == pytest.approx([1 / 2**0.5, *[1 / 8**0.5] * 4], abs=1e-12)


def test_the_tolerance_is_a_thousandth_at_most():
    # The limit of the option, no closeness of results. By name, as people call it; options of
    # cells go through the same limits.
    assert xlcity.functions.eigen_centrality(TIES, tolerance=0.001).shape == (4,)
    for tolerance in (0.0, 0.0011):
        with pytest.raises(FunctionError, match="tolerance"):
            xlcity.functions.eigen_centrality(TIES, tolerance=tolerance)


def test_presence_counts_that_there_is_a_link_and_not_how_strong_it_is():
    values = [[8.0, 1.0], [2.0, 7.0], [0.0, 0.0]]
    found = xlcity.functions.pair_scores(values, [1, 1], count=["presence", "values"])
    assert found.tolist() == pytest.approx([(100 + 100 / 7) / 2, 100.0, 0.0])


def test_what_has_no_centrality():
    assert column(call("EIGEN_CENTRALITY", [np.zeros((3, 3))])) == [DIV0] * 3
    assert column(call("EIGEN_CENTRALITY", [[[0, -1], [-1, 0]]])) == [NUM] * 2
    assert column(call("EIGEN_CENTRALITY", [FLOWS])) == [NUM] * 3
    assert column(call("DEGREE_CENTRALITY", [[[0.0]]])) == [DIV0]


def test_degree_centrality_agrees_with_networkx():
    ties = net()
    theirs = nx.degree_centrality(nx.from_numpy_array(ties))
    assert column(call("DEGREE_CENTRALITY", [ties])) == pytest.approx(
        [theirs[i] for i in range(len(ties))], abs=1e-15
    )
    assert column(call("DEGREE_CENTRALITY", [TIES, "no"])) == [2, 2, 3, 1]


def test_pairs_are_normalised_among_pairs():
    values = [[8, 0, 1], [2, 5, 0], [0, 0, 1], ["", "", ""]]
    made = column(call("PAIR_SCORES", [values, [[2, 1, 1]]]))
    assert made == [(2 * 100 + 0 + 100) / 4, (2 * 25 + 100 + 0) / 4, 100 / 4, NA]
    present = column(
        call("PAIR_SCORES", [values, [[2, 1, 1]], [["presence", "values", "values"]]])
    )
    assert present == [75, (2 * 100 + 100) / 4, 25, NA]
    mean = column(call("PAIR_SCORES", [[[8], [2], [2]], [[1]], "values", "mean", 1]))
    assert mean == [2, 0.5, 0.5]
    # A column in which all pairs are alike gives no points, unless told otherwise.
    same = [[3, 1], [3, 0]]
    assert column(call("PAIR_SCORES", [same, [[1, 1]]])) == [50, 0]
    assert column(call("PAIR_SCORES", [same, [[1, 1]], "", "", "", 100])) == [100, 50]


def test_a_columns_own_bounds():
    values = [[2], [4], [6]]
    assert column(
        call("MINMAX_SCALE", [values, "", "", 100, "", 1, "max"])
    ) == pytest.approx([100 * 2 / 6, 100 * 4 / 6, 100])
    assert column(call("MINMAX_SCALE", [values, "", "", 1, "", 1, "mean"])) == [
        2 / 4,
        1,
        6 / 4,
    ]
    flat = [[0], [0], ["NA"]]
    assert column(call("MINMAX_SCALE", [flat, "", "", 1, "", 1, "max"])) == [
        DIV0,
        DIV0,
        NA,
    ]
    assert column(call("MINMAX_SCALE", [flat, "", "", 1, "", 1, "max", 0])) == [
        0,
        0,
        NA,
    ]


@pytest.mark.parametrize("host", ["python", "formulas", "formualizer"])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        (
            "LINK_MATRIX",
            [["a", "b", "c"], ["a", "b"], ["b", "c"], [3.0, 1.0], "symmetric"],
        ),
        (
            "LINK_STRENGTH",
            [FLOWS, "directed", [["A", "B", "A"]], "exclude", "presence"],
        ),
        ("EIGEN_CENTRALITY", [TIES, "yes"]),
        ("DEGREE_CENTRALITY", [TIES]),
        ("PAIR_SCORES", [[[8.0, 1.0], [2.0, 1.0]], [[1.0, 3.0]], "values", "max"]),
    ],
)
def test_hosts_agree(host, name, args):
    made = run_call(name, args, host)
    expected = call(name, args)
    assert len(made) == len(expected)
    for row, other in zip(made, expected, strict=True):
        assert row == pytest.approx(other, abs=1e-12)


def test_members_make_the_network_and_others_are_left_out():
    path = np.zeros((5, 5))
    path[[0, 1, 2], [1, 2, 3]] = path[[1, 2, 3], [0, 1, 2]] = 1
    members = [["x"], ["x"], ["x"], [""], ["x"]]
    eigen = column(call("EIGEN_CENTRALITY", [path, None, None, None, members]))
    assert eigen[3] is NA
    # The last city has no tie: it is a member all the same.
    assert [eigen[i] for i in (0, 1, 2, 4)] == pytest.approx(
        [0.5, 0.5**0.5, 0.5, 0.0], abs=1e-12
    )
    degree = column(call("DEGREE_CENTRALITY", [path, None, None, members]))
    assert degree == [1 / 3, 2 / 3, 1 / 3, NA, 0.0]
    blank = [[cell or "" for cell in row] for row in path.tolist()]
    assert column(call("DEGREE_CENTRALITY", [blank, None, None, members])) == degree
    assert column(call("DEGREE_CENTRALITY", [blank])) == [
        1 / 3,
        2 / 3,
        2 / 3,
        1 / 3,
        NA,
    ]


def test_pairs_of_equal_strengths_show_why_they_have_no_score():
    # Without a constant a column of equal numbers is a division by zero, in full rows alone.
    values = [[5, 1], [5, 3], ["", 2], ["NA", 2], ["x", 2]]
    made = column(call("PAIR_SCORES", [values, [[1, 1]], None, None, None, ""]))
    assert made == [0.0, 50.0, NA, NA, VALUE]
    found = pair_scores(np.array([[5.0, 1.0], [5.0, 3.0]]), [1, 1], constant=None)
    assert found.errors.ravel().tolist() == [2, 2]


def test_in_a_pair_each_is_linked_with_all_others():
    assert column(call("DEGREE_CENTRALITY", [[[0, 2], [2, 0]]])) == [1.0, 1.0]
