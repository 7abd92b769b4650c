import pytest
from xlsxwriter import Workbook

from xlcity.errors import FrameworkError
from xlcity.model.framework import Framework
from xlcity.model.nodes import Direction, Node, table_columns

TREE = "code,parent,weight,direction,name_zh,name_en,uom,valid_low,no_data\n"


def test_reads_codes_as_text_fractions_and_bounds():
    read = Framework.read(
        TREE + "I,,1,,指数,Index,,,\n01,I,1/3,1,甲,A,%,0,\n02,I,2/3,负向,乙,B,km2,,0\n"
    )
    assert [node.code for node in read.indicators] == ["01", "02"]
    assert read["01"].weight == 1 / 3
    assert read["02"].direction is Direction.NEGATIVE
    assert (read["01"].valid_low, read["01"].no_data) == (0.0, None)
    assert read["02"].no_data == 0.0
    assert repr(read) == "<Framework I: 3 nodes, 2 indicators>"
    assert not read.share_problems()


def test_children_may_stand_before_their_parents():
    read = Framework.read(TREE + "X1,X,1,1,,,,,\nX,,1,,,,,,\nX2,X,1,1,,,,,\n")
    assert [node.code for node in read.nodes] == ["X", "X1", "X2"]


def test_weights_in_per_cent_and_directions_in_words():
    rows = "A,T,15%,逆指标\nB,T,0.25,越大越好\nC,T,60％,cost\n"
    read = Framework.read("code,parent,weight,direction\nT,,,\n" + rows)
    assert [node.weight for node in read.indicators] == [0.15, 0.25, 0.6]
    assert [int(node.direction) for node in read.indicators] == [-1, 1, -1]


def test_collects_every_problem():
    with pytest.raises(FrameworkError) as caught:
        Framework.read(TREE + "I,,one,,,,,,\n,I,1,,,,,,\nB,I,1,sideways,,,,low,\n")
    assert [problem.code for problem in caught.value.problems] == [
        "XC222",
        "XC221",
        "XC222",
        "XC223",
    ]
    assert caught.value.problems[0].where.cell == "row 2"
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("A,,1\nA,A,1\n", "XC201"),
        ("A,,1\nB,,1\n", "XC202"),
        ("A,,1\nB,C,1\n", "XC203"),
        ("A,,1\nB,A,-1\n", "XC204"),
        ("A,,1\nB,C,1\nC,B,1\n", "XC205"),
    ],
)
def test_refuses_what_is_no_tree(rows, code):
    with pytest.raises(FrameworkError) as caught:
        Framework.read("code,parent,weight\n" + rows)
    assert code in {problem.code for problem in caught.value.problems}


def test_refuses_a_table_without_codes():
    with pytest.raises(FrameworkError, match="code and parent") as caught:
        Framework.read("a,b\n1,2\n")
    assert caught.value.problems[0].code == "XC220"


def test_reads_coinr_metadata_without_groups_and_denominators(tmp_path):
    path = tmp_path / "iMeta.csv"
    path.write_text(
        "iCode,iName,Level,Parent,Weight,Direction,Type,Unit\n"
        "GDP,GDP,NA,NA,NA,NA,Denominator,USD\n"
        "Region,Region,NA,NA,NA,NA,Group,NA\n"
        "a,Alpha,1,Top,1,1,Indicator,%\n"
        "b,Beta,1,Top,1,-1,Indicator,km\n"
        "Top,Top,2,NA,1,1,Aggregate,NA\n"
    )
    read = Framework.read(path)
    assert [node.code for node in read.nodes] == ["Top", "a", "b"]
    assert read.root.code == "Top"
    assert (read["a"].name_en, read["a"].uom) == ("Alpha", "%")


def test_reads_a_framework_from_a_workbook(tmp_path):
    path = tmp_path / "f.xlsx"
    with Workbook(path) as book:
        book.add_worksheet("cover").write(0, 0, "nothing")
        sheet = book.add_worksheet("Framework")
        sheet.write(0, 0, "My index")
        for row, cells in enumerate(
            (("code", "parent", "weight"), ("X", "", 1), ("a", "X", 0.5))
        ):
            sheet.write_row(row + 2, 0, cells)
    assert Framework.read(path)["a"].weight == 0.5


def test_columns_of_a_table_begin_with_code_parent_and_names():
    assert table_columns(Node)[:4] == ("code", "parent", "name_zh", "name_en")
