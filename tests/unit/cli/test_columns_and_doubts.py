"""Which columns are read, why others are not, and methods that were probably meant otherwise."""

import pytest

from tests.helpers.asem import asem, write
from tests.helpers.cli import codes, run, run_json
from xlcity.api.texts import in_language, say

DIVIDED = ("I00", "I07", "I12", "I30", "I48")


def own(folder, framework, data, *more):
    (folder / "f.csv").write_text(framework, encoding="utf-8")
    (folder / "d.csv").write_text(data, encoding="utf-8")
    return "--framework", folder / "f.csv", "--data", folder / "d.csv", *more


def index(capsys, *words):
    code, document = run_json(capsys, "index", *words)
    assert code == 0, document
    return document


# -- what the framework declares -------------------------------------------------------------------
@pytest.mark.parametrize("called", ["Population", "name", "Group_area", "basis"])
def test_a_denominator_may_have_any_name(tmp_path, capsys, called):
    """COINr's example divides five indicators by a column Population."""
    found = []
    for name in ("Area", called):
        meta, data = write(tmp_path / name, asem(), DIVIDED, name)
        words = "--framework", meta, "--data", data, "--denominate", "given"
        document = index(capsys, *words)
        assert document["ignored"] == []
        found.append({unit["unit"]: unit["scores"] for unit in document["units"]})
    assert found[0] == found[1]
    plain = index(capsys, *words[:4])
    undivided = {unit["unit"]: unit["scores"]["Index"] for unit in plain["units"]}
    assert any(abs(undivided[u] - found[1][u]["Index"]) > 0.1 for u in undivided)


def test_an_indicator_may_be_called_as_a_description_is(tmp_path, capsys):
    data = "unit,name,Population,b\nu,Ulm,3,4\nv,Verden,1,9\n"
    framework = "code,parent,name_en,direction\nT,,,\na,T,population,1\nb,T,,1\n"
    document = index(capsys, *own(tmp_path, framework, data))
    assert [unit["normalised"]["a"] for unit in document["units"]] == [100, 0]


def test_a_denominator_without_values_is_an_error(tmp_path, capsys):
    framework = (
        "code,parent,type,direction,denominator\nT,,Aggregate,,\na,T,Indicator,1,People\n"
        "b,T,Indicator,1,\nPeople,,Denominator,,\n"
    )
    data = "unit,a,b{}\nu,3,4{}\nv,1,9{}\n"
    for more in (("", "", ""), (",People", ",NA", ",")):
        for verb in (("index",), ("new", "-o", tmp_path / "o.xlsx")):
            words = own(
                tmp_path, framework, data.format(*more), "--denominate", "given"
            )
            code, document = run_json(capsys, *verb, *words)
            assert (code, codes(document)) == (3, {"XC333"})
            assert "a is divided by People" in document["errors"][0]["message"]
    assert not (tmp_path / "o.xlsx").exists()


# -- what is not read ------------------------------------------------------------------------------
def test_every_unused_column_is_listed_with_the_reason(tmp_path, capsys):
    framework = (
        "code,parent,type,direction,denominator\nT,,Aggregate,,\na,T,Indicator,1,People\n"
        "b,T,Indicator,1,\nPeople,,Denominator,,\n"
    )
    data = (
        "unit,a,b,People,Colour,population,\nu,3,4,7,red,main,x\nv,1,9,8,blue,main,\n"
    )
    words = own(tmp_path, framework, data)
    document = index(capsys, *words)
    assert [entry["column"] for entry in document["unused"]] == document["ignored"]
    assert {entry["column"]: entry["reason"] for entry in document["unused"]} == {
        "Colour": "the framework has nothing of this code or name",
        "population": "it describes a city or a value",
        "column G": "it has no heading",
        "People": "no step of the method divides by it; see denominate",
    }
    _, _, err = run(capsys, "index", *words)
    assert "Colour (the framework has nothing of this code or name)" in err
    code, document = run_json(capsys, "new", *words, "-o", tmp_path / "o.xlsx")
    assert code == 0
    assert len(document["unused"]) == 4


@pytest.mark.parametrize("gaps", [10, 11])
def test_ten_marked_values_are_named_before_more_are_hinted_at(tmp_path, capsys, gaps):
    rows = [f"u{n:02},{n},{'NA' if n < gaps else n}" for n in range(20)]
    data = "\n".join(["unit,a,b", *rows])
    words = own(tmp_path, "code,parent\nT,\na,T\nb,T\n", data, "--impute", "mean")
    lines = run(capsys, "index", *words)[2].splitlines()
    (line,) = (line for line in lines if "u09 b" in line)
    assert (line.count(","), line.endswith(" …")) == (9, gaps > 10)


# -- methods that were probably meant otherwise ----------------------------------------------------
TREE = "code,parent,direction\nT,,\nCO2,T,{0}\nGDP,T,{0}\n"
VALUES = "unit,CO2,GDP\nu,3,10000\nv,1,97000\nw,2,50000\nx,7,61000\n"


def doubts(capsys, folder, *more, direction="1", verb=("index",)):
    words = own(folder, TREE.format(direction), VALUES, *more)
    notes = run_json(capsys, *verb, *words)[1]["notes"]
    return [
        (note["code"], note["message"], note["where"]["indicator"]) for note in notes
    ]


def test_directions_that_are_nowhere_stated_are_named(tmp_path, capsys):
    ((code, message, _),) = found = doubts(capsys, tmp_path, direction="")
    assert code == "XC216"
    assert "for 2 of 2 indicators: of CO2, GDP more counts as better" in message
    assert doubts(capsys, tmp_path) == []
    new = "new", "-o", tmp_path / "o.xlsx"
    assert doubts(capsys, tmp_path, direction="", verb=new) == found


def test_goalposts_beside_the_values_are_named(tmp_path, capsys):
    ((code, message, indicator),) = doubts(
        capsys, tmp_path, "--normalise=GDP=goalposts:0:100"
    )
    assert (code, indicator) == ("XC358", "GDP")
    assert (
        "run from 10000 to 97000, its goalposts from 0 to 100: 4 of 4 cities" in message
    )
    assert doubts(capsys, tmp_path, "--normalise=GDP=goalposts:10000:97000") == []
    assert doubts(capsys, tmp_path, "--normalise=GDP=goalposts:20000:90000") == []


def test_fractions_where_per_cent_are_meant_are_named(tmp_path, capsys):
    found = doubts(capsys, tmp_path, "--treat=percentile:0.05:0.95")
    assert [code for code, _, _ in found] == ["XC358", "XC358"]
    assert "low is 0.05 out of 100, not 5" in found[0][1]
    assert doubts(capsys, tmp_path, "--treat=percentile:5:95") == []


def test_ratings_beyond_the_best_are_named(tmp_path, capsys):
    found = doubts(
        capsys, tmp_path, "--normalise=GDP=rating:5", "--normalise=CO2=rating:7"
    )
    assert [(code, indicator) for code, _, indicator in found] == [("XC358", "GDP")]


def test_scales_that_differ_below_a_node_are_named(tmp_path, capsys):
    ((_, message, node),) = doubts(capsys, tmp_path, "--normalise=GDP=percentile")
    assert node == "T"
    assert "GDP of T: percentile gives scores over 1" in message
    assert "CO2 (minmax) run over 100" in message
    for same in (
        "--normalise=GDP=percentile:100",
        "--normalise=percentile",
        "--normalise=GDP=none",
    ):
        assert doubts(capsys, tmp_path, same) == []
    mean = "--aggregate=geometric"  # which is as much moved by a child of 0 to 1
    assert doubts(capsys, tmp_path, "--normalise=fracmax,GDP=fracmax:100", mean) == []


def test_values_beyond_a_target_are_named(tmp_path, capsys):
    words = "--normalise=dist2max:100", "--normalise=GDP=dist2target:55000"
    found = [message for _, message, _ in doubts(capsys, tmp_path, *words)]
    assert (
        "2 cities beyond the target 55000 of GDP score more than those on it"
        in found[0]
    )
    assert "up to 1.933, not 1." in found[0]
    assert doubts(capsys, tmp_path, "--normalise=dist2max,GDP=dist2target:97000") == []


def failures(capsys, folder, *more, values=VALUES):
    words = own(folder, TREE.format(1), values, *more)
    found = run_json(capsys, "index", *words)[1]["failures"]
    return {(problem["message"], problem["hint"]) for problem in found}


@pytest.mark.parametrize(
    ("word", "message", "needs"),
    [
        ("--normalise=GDP=dist2ref:x", "values from 10000 to 97000", "city or target"),
        ("--normalise=CO2=fracmax", "values from -7 to -1", "values above 0"),
        ("--aggregate=mpi", "mpi has no result", "mean above 0"),
        ("--aggregate=power:0.5", "power has no result", "scores of 0 or more"),
        (
            "--aggregate=geometric",
            "geometric has no result",
            "no geometric or harmonic mean",
        ),
    ],
)
def test_what_has_no_result_says_what_its_method_needs(
    tmp_path, capsys, word, message, needs
):
    values = "unit,CO2,GDP\nu,-3,10000\nv,-1,97000\nw,-2,50000\nx,-7,NA\n"
    found = failures(capsys, tmp_path, "--normalise=zscore", word, values=values)
    assert any(message in said and needs in hint for said, hint in found), found
    assert not any("nan" in said for said, _ in found)


@pytest.mark.parametrize(
    ("lang", "line"), [("en", "a.xlsx: x, y"), ("zh", "a.xlsx：x、y")]
)
def test_values_of_a_list_have_the_commas_of_the_language(lang, line):
    with in_language(lang):
        assert say("about", name="a.xlsx", text=["x", "y"]) == line
