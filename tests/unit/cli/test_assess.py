import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.cli import run_json
from tests.helpers.robust import invented
from xlcity.api.index import Index
from xlcity.cli import main
from xlcity.index.compute import compute
from xlcity.reports import load_report

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
KEYS = {
    *(
        "replicates",
        "seed",
        "seconds",
        "choices",
        "units",
        "leave_one_out",
        "sensitivity",
    ),
    *("statistics", "correlations", "alpha", "pca"),
}


@pytest.fixture
def tables(tmp_path):
    """Return the words for an index of one's own."""
    framework, _, dataset = invented(n=9, k=6, gaps=0)
    rows = ["code,parent,weight,direction"]
    rows += [
        f"{n.code},{n.parent or ''},{n.weight:g},{int(n.direction)}"
        for n in framework.nodes
    ]
    (tmp_path / "f.csv").write_text("\n".join(rows), encoding="utf-8")
    lines = [",".join(["unit", *dataset.codes])]
    for unit, values in zip(dataset.units, dataset.values, strict=True):
        lines.append(",".join([unit.id, *map(repr, values.tolist())]))
    (tmp_path / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    return ["--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv")]


@pytest.mark.slow
def test_the_document_of_a_report_has_the_keys_of_the_contract(capsys):
    code, found = run_json(capsys, "assess", "image2025", "--n", "60", "--seed", "4")
    assert code == 0
    assert found.keys() >= KEYS
    assert (found["replicates"], found["seed"], found["synthetic"]) == (60, 4, 0)
    report = load_report("image2025")
    result = compute(report.framework, report.recipe, report.dataset)
    assert [unit["rank"] for unit in found["units"]] == result.rank("IMG").tolist()
    for unit in found["units"]:
        assert unit["low"] <= unit["median"] <= unit["high"]
        assert list(unit["top"]) == ["1", "3", "5", "10", "20", "50"]
    assert set(found["sensitivity"]) == {"normalise", "weights", "omit"}
    assert {"first", "total"} <= found["sensitivity"]["weights"].keys()
    assert {one["node"] for one in found["leave_one_out"]} == {
        node.code for node in report.framework.nodes
    } - {"IMG"}
    assert len(found["statistics"]) == 6
    one = found["correlations"][0]
    assert {"a", "b", "pearson", "spearman", "kendall", "p", "flag"} <= one.keys()


def test_jobs_do_not_change_the_document(capsys, tables):
    words = [*tables, "--n", "90", "--vary", "data=normal:10%", "weights=noise:30%"]
    first, second = (
        run_json(capsys, "assess", *words, "--jobs", jobs)[1] | {"seconds": 0}
        for jobs in "12"
    )
    assert json.dumps(first) == json.dumps(second)


@pytest.mark.parametrize(
    ("words", "expected"), [([], 1), (["--jobs", "2"], 2), (["--jobs", "0"], 3)]
)
def test_as_many_processes_are_used_as_are_asked_for_0_for_all_processors(
    capsys, tables, monkeypatch, words, expected
):
    used = []
    assess = Index.assess

    def noted(*args, jobs, **options):
        used.append(jobs)
        return assess(*args, jobs=1, **options)

    monkeypatch.setattr(Index, "assess", noted)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert main(["assess", *tables, "--n", "20", *words]) == 0
    assert used == [expected]


def test_a_workbook_is_assessed_as_the_tables_it_was_made_of(capsys, tables, tmp_path):
    book = tmp_path / "book.xlsx"
    assert main(["new", *tables, "-o", str(book)]) == 0
    capsys.readouterr()
    words = ["--n", "40", "--vary", "weights=noise:30%", "normalise=own,rank"]
    from_book = run_json(capsys, "assess", str(book), *words)[1]
    from_tables = run_json(capsys, "assess", *tables, *words)[1]
    assert from_book["units"] == from_tables["units"]


def test_a_replicate_is_written_and_computed_again(capsys, tables, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    index = Index(tables[1], tables[3])
    assessment = index.assess(30, vary=["data=normal:10%", "omit=pillars"])
    for name, text in assessment.replicate_tables(7).items():
        (again / name).write_text(text, encoding="utf-8")
    folder = ["--framework", str(again), "--data", str(again)]
    _, one = run_json(capsys, "index", *folder, "--recipe", str(again / "recipe.toml"))
    expected = compute(*assessment.replicate(7)).column("T")
    printed = [unit["scores"]["T"] for unit in one["units"]]
    np.testing.assert_allclose(printed, expected, rtol=1e-10)


def test_the_text_shows_ranks_and_reasons(capsys, tables):
    words = [
        "--vary",
        "data=normal:30%",
        "weights=noise:50%",
        "--compare",
        "normalise=rank",
    ]
    assert main(["assess", *tables, "--n", "100", *words]) == 0
    out = capsys.readouterr().out
    first = out.splitlines()[1].split()
    ranks = Index(tables[1], tables[3]).ranks["T"]
    assert first[:2] == ["1", ranks[ranks == 1].index[0]]
    for heading in (
        "cannot be told apart",
        "Shares of the variance",
        "when left out",
        "within their errors",
        "beside the index as it is",
        "before the first k change",
        "100 replicates, seed 0",
    ):
        assert heading in out


def test_the_text_is_in_the_language_of_the_user(capsys, tables, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    words = [
        "--vary",
        "data=normal:30%",
        "weights=noise:50%",
        "--compare",
        "normalise=rank",
    ]
    assert main(["assess", *tables, "--n", "100", *words, "--outside", "I1"]) == 0
    words = set(re.findall("[A-Za-z]{2,}", capsys.readouterr().out))
    assert words == {"VIF", "normalise", "rank", "weights", "data", "main"}


@pytest.mark.parametrize(
    ("lang", "names"), [("en", "Lima Rome oslo"), ("zh", "利马 罗马 oslo")]
)
def test_cities_have_their_names_in_the_language_of_the_user(
    lang, names, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("XLCITY_LANG", lang)
    (tmp_path / "tree.csv").write_text("code,parent\nT,\na,T\nb,T\n", encoding="utf-8")
    rows = "lima,利马,Lima,90,90\nrome,罗马,Rome,20.1,19.9\noslo,,,20,20\nbern,,,0,0\n"
    (tmp_path / "data.csv").write_text(
        "unit,name_zh,name_en,a,b\n" + rows, encoding="utf-8"
    )
    tables = [
        "--framework",
        str(tmp_path / "tree.csv"),
        "--data",
        str(tmp_path / "data.csv"),
    ]
    assert main(["assess", *tables, "--n", "50", "--vary", "data=normal:2%"]) == 0
    out = capsys.readouterr().out
    lima, rome, oslo = names.split()
    assert out.splitlines()[1].split()[:3] == ["1", "lima", lima]
    assert re.search(f"^({rome}, {oslo}|{oslo}, {rome})$", out, re.MULTILINE)


@pytest.mark.long
@pytest.mark.parametrize("page", ["assess-robustness.md", "assess-robustness.zh.md"])
def test_two_commands_lead_from_tables_to_pictures(page, capsys, tmp_path, monkeypatch):
    """The commands of the page, on 12 indicators of 51 cities with a column of regions."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    block = re.search(r"^xlcity new .*\nxlcity assess .*$", text, re.MULTILINE)
    assert block is not None
    if page.endswith(".zh.md"):
        assert block.group() in (HOW_TO / "assess-robustness.md").read_text(
            encoding="utf-8"
        )
        return
    framework, _, dataset = invented(n=51, k=12, gaps=0.02)
    rows = ["code,parent,weight,direction"]
    rows += [
        f"{n.code},{n.parent or ''},{n.weight:g},{int(n.direction)}"
        for n in framework.nodes
    ]
    (tmp_path / "tree.csv").write_text("\n".join(rows), encoding="utf-8")
    lines = [",".join(["unit", "Group_region", *dataset.codes])]
    for unit, values in zip(dataset.units, dataset.values, strict=True):
        known = ["NA" if np.isnan(value) else repr(float(value)) for value in values]
        lines.append(",".join([unit.id, unit.attributes["region"], *known]))
    (tmp_path / "data.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    chosen = ("rank-intervals", "correlations")
    monkeypatch.setattr("xlcity.api.assessment_figures.KINDS", chosen)
    for line in block.group().splitlines():
        assert main(line.split()[1:]) == 0
    pictures = (
        path for path in (tmp_path / "pictures").iterdir() if path.suffix != ".json"
    )
    assert {path.stem.split(".")[0] for path in pictures} == set(chosen)


def test_figures_are_drawn_and_listed(capsys, tables, tmp_path, monkeypatch):
    chosen = ("rank-intervals", "dendrogram", "heat-map")
    monkeypatch.setattr("xlcity.api.assessment_figures.KINDS", chosen)
    folder = tmp_path / "pictures"
    words = [
        *tables,
        "--n",
        "20",
        "--vary",
        "weights=noise:40%",
        "--figures",
        str(folder),
    ]
    code, found = run_json(capsys, "assess", *words, "--lang", "en", "--formats", "svg")
    assert code == 0
    files = [one["file"] for one in found["figures"]]
    numbers = folder / "assessment.json"
    assert sorted([*files, str(numbers)]) == sorted(map(str, folder.iterdir()))
    written = json.loads(numbers.read_text(encoding="utf-8"))
    assert written.pop("schema") == 1
    assert written == {
        k: v for k, v in found.items() if k not in ("schema", "seconds", "figures")
    }
    assert str(folder / "rank-intervals.en.svg") in files
    assert "intervals of ranks" in found["figures"][0]["title"]


@pytest.mark.slow
def test_groups_of_cities_are_shown_one_after_the_other(capsys):
    words = ["gihi2023", "--n", "4", "--vary", "weights=noise:10%"]
    assert main(["assess", *words]) == 0
    lines = [
        line.split() for line in capsys.readouterr().out.split("\n\n")[0].splitlines()
    ]
    assert lines[0][:3] == ["group", "rank", "unit"]
    assert [line[0] for line in lines[1:]] == ["main"] * 108 + ["mini"] * 11
    assert lines[1][1] == lines[109][1] == "1"


@pytest.mark.slow
def test_synthetic_values_are_no_finding(capsys):
    assert main(["assess", "iecc2024", "--n", "10", "--vary", "weights=noise:10%"]) == 0
    captured = capsys.readouterr()
    assert "invented. This illustrates the method and is not a finding" in captured.err


@pytest.mark.parametrize(
    ("words", "exit_code", "codes"),
    [
        (["--vary", "foo=1", "data=normal:-1%"], 3, ["XC270", "XC271"]),
        (["--compare", "aggregate=mode"], 3, ["XC271"]),
        (["--n", "0"], 2, ["XC100"]),
        (["--jobs", "-1"], 2, ["XC100"]),
        (["--node", "I0"], 2, ["XC100"]),
        (["--formats", "svg"], 2, ["XC100"]),
        (["--figures", "x", "--formats", "gif"], 2, ["XC100"]),
    ],
)
def test_bad_words_are_named_at_once_and_nothing_is_written(
    capsys, tables, tmp_path, words, exit_code, codes
):
    before = sorted(tmp_path.iterdir())
    code, found = run_json(capsys, "assess", *tables, *words)
    assert (code, [error["code"] for error in found["errors"]]) == (exit_code, codes)
    assert sorted(tmp_path.iterdir()) == before


def test_everything_that_is_bad_is_named_at_once_and_nothing_is_written(
    capsys, tmp_path
):
    (tmp_path / "f.csv").write_text(
        "code,parent,weight\nT,,\na,T,0\n", encoding="utf-8"
    )
    (tmp_path / "d.csv").write_text("unit,a\nx,1\ny,1\nz,1\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    words = ["--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv")]
    vary = ["omit=a", "data=normal:-5%", "normalise=zscor", "city=1"]
    out = ["--figures", str(tmp_path / "out")]
    code, found = run_json(capsys, "assess", *words, "--vary", *vary, *out)
    messages = [error["message"] for error in found["errors"]]
    assert code == 3
    for part in (
        "3 cities",
        "one indicator",
        "all weights under T are 0",
        "has the same value 1 in a",
        "no indicator is left",
        "the spread is -5%",
        "unknown method 'zscor'",
        "unknown choice 'city'",
    ):
        assert sum(part in message for message in messages) == 1, part
    assert len(messages) == 8
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_merely_unusual_is_assessed(capsys, tables, tmp_path):
    # Four cities, a weight of 0, a column that is constant but has a score, two that are equal.
    (tmp_path / "f2.csv").write_text(
        "code,parent,weight\nT,,\na,T,1\nb,T,0\nc,T,2\n", "utf-8"
    )
    rows = ["unit,a,b,c", "w,1,5,2", "x,1,5,4", "y,1,5,3", "z,1,5,1"]
    (tmp_path / "d2.csv").write_text("\n".join(rows), encoding="utf-8")
    words = [
        "--framework",
        str(tmp_path / "f2.csv"),
        "--data",
        str(tmp_path / "d2.csv"),
    ]
    words += ["--normalise", "rank", "--n", "40", "--vary", "weights=noise:50%"]
    code, found = run_json(capsys, "assess", *words)
    assert code == 0
    assert [unit["median"] for unit in found["units"]] == [3, 1, 2, 4]
    assert found["alpha"] == {"T": None}


def test_the_time_that_is_left_goes_down_to_nothing(tables, capsys, monkeypatch):
    told = []
    monkeypatch.setattr("xlcity.cli.verbs.evidence.step", told.append)
    assert main(["assess", *map(str, tables), "--n", "300"]) == 0
    left = [
        int(re.search(r"about (\d+) s left", text)[1])
        for text in told
        if "left" in text
    ]
    assert left
    assert max(left) < 60
    assert left[-1] == 0


def test_a_list_of_very_many_cities_names_the_first_and_the_document_all(
    tmp_path, capsys
):
    (tmp_path / "f.csv").write_text(
        "code,parent\nT,\na,T\nb,T\nc,T\n", encoding="utf-8"
    )
    numbers = np.random.default_rng(3).normal(50, 10, (150, 3)).round(2)
    lines = [
        f"u{row},{','.join(map(str, line))}"
        for row, line in enumerate(numbers.tolist())
    ]
    (tmp_path / "d.csv").write_text("\n".join(["unit,a,b,c", *lines]), encoding="utf-8")
    words = ["--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv")]
    assert main(["assess", *words, "--n", "20", "--peers", "2"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert max(map(len, told)) < 400
    assert sum(line.endswith(", …") for line in told) >= 2
    _, found = run_json(capsys, "assess", *words, "--n", "20", "--peers", "2")
    groups = found["peers"]["groups"]
    assert len(groups) == 150


def few_values(tmp_path):
    """Return the words for an index in which one city has no value but that of A."""
    (tmp_path / "f.csv").write_text(
        "code,parent,weight\nT,,1\nP,T,2\nQ,T,1\nA,P,1\nB,P,1\nC,Q,1\nD,Q,1\n"
    )
    rows = [f"c{n},{n % 5 + 1},{n * 3 % 7},{n * 5 % 11},{n}" for n in range(8)]
    (tmp_path / "d.csv").write_text(
        "\n".join(["unit,A,B,C,D", *rows, "few,3,NA,NA,NA"]), encoding="utf-8"
    )
    tables = ["--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv")]
    return ["assess", *tables, "--n", "80", "--vary", "omit=indicators"]


def test_the_table_shows_in_how_many_replicates_a_city_has_no_score(tmp_path, capsys):
    words = few_values(tmp_path)
    _, document = run_json(capsys, *words)
    unranked = {unit["unit"]: unit["unranked"] for unit in document["units"]}
    assert 0 < unranked.pop("few") < 80
    assert set(unranked.values()) == {0}
    few = next(unit for unit in document["units"] if unit["unit"] == "few")
    assert main(words) == 0
    ranks = capsys.readouterr().out.split("\n\n")[0].splitlines()
    assert ranks[0].endswith("no score")
    (line,) = [line for line in ranks if " few " in line]
    assert line.endswith(f"{few['unranked'] / 80:.1%}")


def test_a_table_of_cities_that_always_have_a_score_has_no_such_column(tables, capsys):
    assert main(["assess", *tables, "--n", "40"]) == 0
    assert "no score" not in capsys.readouterr().out


def test_the_margin_names_the_weights_that_it_is_of(tmp_path, capsys):
    words = few_values(tmp_path)
    data = tmp_path / "d.csv"
    text = data.read_text(encoding="utf-8")
    # The city has a score of each of P and Q, on a part of the indicators.
    data.write_text(text.replace("few,3,NA,NA,NA", "few,3,NA,2,NA"), encoding="utf-8")
    assert main(words) == 0
    found = capsys.readouterr().out
    # Not those of A to D: other weights below may change the first cities sooner.
    assert "The weights of P, Q may each move by less than this share" in found
    assert "(all other weights unchanged)" in found
    assert "Not determined for the weights further down" in found
    assert "at all levels" not in found


def test_no_margin_is_stated_where_a_city_has_no_score_of_a_part(tmp_path, capsys):
    assert main(few_values(tmp_path)) == 0
    found = capsys.readouterr().out
    assert "By how much weights below T may move is not determined" in found
    assert "may each move by less" not in found


def test_the_margin_of_all_weights_is_stated_of_all_of_them(tmp_path, capsys):
    words = few_values(tmp_path)
    data = tmp_path / "d.csv"
    text = data.read_text(encoding="utf-8")
    data.write_text(text.replace("few,3,NA,NA,NA", "few,3,1,2,1"), encoding="utf-8")
    _, document = run_json(capsys, *words)
    assert main(words) == 0
    found = capsys.readouterr().out
    assert "All 6 weights below T, at all levels, may each move by less" in found
    assert "Not determined for the weights further down" not in found
    for k, margin in document["all_margins"].items():
        assert margin <= document["top_margins"][k]
        assert f"{margin:.1%}" in found
