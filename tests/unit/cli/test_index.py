import json

import pytest

from xlcity.cli import main
from xlcity.index import compute
from xlcity.index.method_options import spell_words
from xlcity.methods.registry import OPTIONS, words_of_option
from xlcity.reports import load_report


def run(capsys, *words):
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def run_json(capsys, *words):
    code, out, _ = run(capsys, *words, "--json")
    document = json.loads(out)
    assert document["schema"] == 1
    return code, document


def own(tmp_path, data, framework="code,parent,direction\nT,,\na,T,1\nb,T,-1\n"):
    (tmp_path / "f.csv").write_text(framework, encoding="utf-8")
    (tmp_path / "d.csv").write_text(data, encoding="utf-8")
    return "--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv")


def test_a_report_without_data_uses_its_own(capsys):
    code, document = run_json(capsys, "index", "image2025")
    report = load_report("image2025")
    result = compute(report.framework, report.recipe, report.dataset)
    assert (code, document["report"], document["draft"]) == (0, "image2025", False)
    assert [unit["scores"]["IMG"] for unit in document["units"]] == result.column(
        "IMG"
    ).tolist()
    assert document["units"][0]["unit"] == "beijing"
    assert len(document["units"][0]["normalised"]) == 6
    assert document["pairs"] == []


def test_data_of_ones_own_in_gb18030(capsys, tmp_path):
    path = tmp_path / "数据.csv"
    text = '城市,谷歌趋势搜索指数,境外媒体传播声量,国际主流媒体评价\n北京市,１０,"1,200",NA\n'
    path.write_bytes(text.encode("gb18030"))
    code, document = run_json(capsys, "index", "image2025", "--data", str(path))
    assert (code, document["draft"]) == (0, True)
    beijing = document["units"][0]
    assert beijing["normalised"]["IMG_COM_SEARCH_GT"] == 100
    assert beijing["normalised"]["IMG_INF_MAIN_RATE"] == 0
    assert beijing["normalised"]["IMG_REC_FAV_AI"] is None
    assert beijing["scores"]["IMG"] is None
    assert beijing["ranks"]["IMG"] is None
    assert [mark["kind"] for mark in document["marks"]] == ["unrated"]
    notes = [entry["note"] for entry in document["converted"]]
    assert "full-width characters" in notes
    assert "commas between thousands" in notes


def test_faults_are_all_listed_and_end_with_3(capsys, tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        'unit,IMG_COM_SEARCH_GT,IMG_INF_MAIN_RATE\nbeijing,"12,3",0\natlantis,1,1\nPeking,2,2\n',
        encoding="utf-8",
    )
    code, document = run_json(capsys, "index", "image2025", "--data", str(path))
    assert code == 3
    errors = document["errors"]
    assert [error["code"] for error in errors] == ["XC301", "XC305", "XC311", "XC313"]
    for error in errors:
        assert error["hint"]
        assert error["where"]["file"] == str(path)
        assert error["where"]["cell"].startswith("row ")


def test_an_option_changes_the_method(capsys):
    _, plain = run_json(capsys, "index", "image2025", "--option", "minmax")
    lowest = min(unit["normalised"]["IMG_COM_MEDIA_VOL"] for unit in plain["units"])
    assert lowest == 0
    assert plain["option"] == "minmax"
    _, default = run_json(capsys, "index", "image2025")
    assert min(unit["normalised"]["IMG_COM_MEDIA_VOL"] for unit in default["units"]) > 0


def test_a_framework_of_ones_own(capsys, tmp_path):
    words = own(tmp_path, "unit,a,b\nu,0,10\nv,10,NA\nw,5,20\n")
    code, document = run_json(capsys, "index", *words)
    assert (code, document["report"]) == (0, None)
    scores = {unit["unit"]: unit["scores"]["T"] for unit in document["units"]}
    assert scores == {"u": (0 + 100) / 2, "v": 100, "w": (50 + 0) / 2}
    ranks = {unit["unit"]: unit["ranks"]["T"] for unit in document["units"]}
    assert ranks == {"v": 1, "u": 2, "w": 3}


def test_a_constant_column_is_a_finding(capsys, tmp_path):
    code, document = run_json(
        capsys, "index", *own(tmp_path, "unit,a,b\nu,1,5\nv,2,5\n")
    )
    assert code == 1
    assert [p["where"]["indicator"] for p in document["failures"]] == ["b"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("image2025", "--framework", "f.csv"),
        ("--framework", "f.csv"),
        ("nope",),
        ("image2025", "--option", "nope"),
        ("image2025", "--colour", "red"),
    ],
)
def test_wrong_use_ends_with_2(capsys, words):
    code, document = run_json(capsys, "index", *words)
    assert code == 2
    assert document["errors"]


def test_people_get_a_ranking_and_remarks_on_stderr(capsys, tmp_path):
    code, out, _ = run(capsys, "index", "image2025")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split()[:2] == ["rank", "unit"]
    assert lines[1].split()[:4] == ["1", "beijing", "北京", "Beijing"]
    assert len(lines) == 1 + 106
    _, out, err = run(
        capsys, "index", *own(tmp_path, "unit,a,b\nu,１,5\nv,2,NA\nw,3,7\n")
    )
    assert "'１' read as 1 (full-width characters)" in err
    assert "renormalised" in err
    assert "read as" not in out


@pytest.mark.parametrize("verb", ["index", "new"])
def test_help_lists_every_method_in_words(capsys, verb):
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    shown = "".join(capsys.readouterr().out.split())
    for option in OPTIONS:
        words = words_of_option(option)
        listed = spell_words(option)
        assert f"--{option}METHOD{''.join(listed.split())};" in shown
        names = {word.partition(":")[0].rstrip("[") for word in listed.split(", ")}
        assert names == set(words) - {"by"}
