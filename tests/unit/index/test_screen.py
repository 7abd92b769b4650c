"""Units screened by what they have: in all indicators, below nodes, by zeros, and by name."""

import numpy as np
import pytest

import xlcity as xc
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.index.method_options import default_recipe
from xlcity.index.prepare import have_enough_values, screen_groups
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

TREE = "code,parent\nT,\nP,T\nQ,T\na,P\nb,P\nc,Q\nd,Q\n"
DATA = """unit,a,b,c,d
u,1,2,1,3
v,2,3,NA,NA
w,3,0,2,1
x,4,5,4,2
y,NA,1,2,5
z,0,0,0,NA
"""


def screened(files, **options):
    found = xc.Index(*files, **options)
    return {m.unit: m.detail for m in found.result.marks if m.kind == "screened"}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "data.csv").write_text(DATA)
    (tmp_path / "tree.csv").write_text(TREE)
    return tmp_path / "tree.csv", tmp_path / "data.csv"


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        ("availability", "v"),  # 2/3 of four values
        ("availability:0.5", ""),
        ("availability:1", "vyz"),
        ("availability:0:0.75", "z"),
        ("availability:0:0.8", "wz"),
        ("Q=availability:1", "vz"),
        ("Q=availability:0.5", "v"),
        ("a=availability:1", "y"),
        ("level2=availability:0.5:0.5", "vz"),
        ("level2=availability:1,P=none", "vz"),
        ("P=availability:1,availability:0.6", "vy"),
        ("none", ""),
    ],
)
def test_which_units_have_too_little(files, words, left_out):
    assert "".join(screened(files, screen=words)) == left_out


def test_what_a_unit_lacks_is_said_for_every_group(files):
    found = screened(files, screen=["availability:0.7", "level2=availability:0.9"])
    assert found["v"] == "2 of 4 values, 0 of them 0; 0 of 2 values, 0 of them 0 in Q"
    assert found["y"] == "1 of 2 values, 0 of them 0 in P"


def recipe(*steps):
    return Recipe("own", (*steps, *default_recipe().steps), "relative", "missing")


def test_units_are_kept_and_left_out_by_name_whatever_they_have(files):
    whole = Step("screen", "availability", {"data": 0.9, "drop": ("x",)})
    group = Step("screen", "availability", {"data": 0.1, "keep": ("v",)}, ("P",))
    found = screened(files, recipe=recipe(whole, group))
    assert found == {
        "x": "the recipe leaves it out",
        "y": "3 of 4 values, 0 of them 0",
        "z": "3 of 4 values, 3 of them 0",
    }


def test_limits_that_are_no_shares_and_units_both_kept_and_dropped_are_refused(files):
    wrong = {"data": 65, "nonzero": -1, "keep": ("u", "v"), "drop": ("v", "who")}
    with pytest.raises(RecipeError) as caught:
        xc.Index(*files, recipe=recipe(Step("screen", "availability", wrong)))
    told = " ".join(problem.message for problem in caught.value.problems)
    for text in (
        "data is 65",
        "nonzero is -1",
        "v is both kept and dropped",
        "city 'who'",
    ):
        assert text in told


def test_the_framework_may_screen_by_its_rows_and_the_command_line_by_words(
    files, capsys
):
    files[0].write_text(
        TREE.replace("parent\n", "parent,screen\n").replace("Q,T", "Q,T,availability:1")
    )
    assert main(["index", "--framework", str(files[0]), "--data", str(files[1])]) == 0
    assert "screened: v T, z T" in capsys.readouterr().err
    words = ["--screen", "availability:0:0.5"]
    assert (
        main(["index", "--framework", str(files[0]), "--data", str(files[1]), *words])
        == 0
    )
    assert "screened: z T" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "scored"),
    [
        ("arithmetic", {"P": "uvwxyz", "Q": "uwxyz", "T": "uvwxyz"}),
        ("arithmetic:0.6", {"P": "uvwxz", "Q": "uwxy", "T": "uwx"}),
        (
            ["arithmetic", "level2=arithmetic:0.6"],
            {"P": "uvwxz", "Q": "uwxy", "T": "uvwxyz"},
        ),
        (
            ["arithmetic", "T=arithmetic:0.6"],
            {"P": "uvwxyz", "Q": "uwxyz", "T": "uwxyz"},
        ),
        ("arithmetic:0.5", {"P": "uvwxyz", "Q": "uwxyz", "T": "uvwxyz"}),
    ],
)
def test_a_node_with_too_few_children_has_no_score_level_by_level(files, words, scored):
    found = xc.Index(*files, aggregate=words).scores
    assert {
        code: "".join(found.index[found[code].notna()]) for code in scored
    } == scored


def test_groups_are_numbered_in_the_order_of_the_tree_and_the_last_of_all_counts():
    whole = [Step("screen", "availability", {"data": data}) for data in (0.1, 0.9)]
    steps = [
        *whole,
        Step("screen", "availability", {}, ("b", "P")),
        Step("screen", "none", {}, ("Q",)),
    ]
    groups = screen_groups(Framework.read(TREE), recipe(*steps))
    assert [(g.step, g.node, g.indicators, g.number) for g in groups] == [
        (whole[1], "T", ("a", "b", "c", "d"), 0),
        (steps[2], "P", ("a", "b"), 1),
        (steps[2], "b", ("b",), 2),
    ]


@pytest.mark.parametrize(
    ("limits", "present", "zeros", "enough"),
    [
        # Shares that are met exactly are enough, though 0.7 * 10 is a little below 7.
        ({"data": 0.7}, [7, 6, 10], [0, 0, 0], [True, False, True]),
        ({"data": 0, "nonzero": 0.7}, [10, 10, 5], [3, 4, 0], [True, False, True]),
        # Without values none of them is 0.
        ({"data": 0, "nonzero": 1}, [0, 1, 1], [0, 1, 0], [True, False, True]),
    ],
)
def test_enough_values(limits, present, zeros, enough):
    step = Step("screen", "availability", limits)
    assert (
        have_enough_values(step, np.array(present), np.array(zeros), 10).tolist()
        == enough
    )


def test_a_replicate_without_indicators_of_a_group_asks_for_none():
    step = Step("screen", "availability", {"data": 1})
    none = np.zeros((1, 2))
    assert have_enough_values(step, none, none, np.array([0, 2])).tolist() == [
        [True, False]
    ]
