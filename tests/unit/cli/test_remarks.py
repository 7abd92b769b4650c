"""What the verbs tell a person: each thing once, counted right, with what to do."""

import re

import pytest

from tests.helpers.cli import run
from tests.helpers.templates import (
    SEARCH,
    UNITS,
    data_cell,
    edited,
    small_read,
    small_template,
)


def lines_of(err):
    return err.splitlines()


def test_results_shows_the_root_and_its_children_as_index_does(capsys, small_file):
    framework = small_read().framework
    nodes = [framework.root, *framework.children(framework.root.code)]
    _, out, _ = run(capsys, "results", small_file())
    header = lines_of(out)[0].split()
    assert header == [
        "rank",
        "unit",
        "name_zh",
        "name_en",
        *(node.code for node in nodes),
    ]
    _, out, _ = run(capsys, "index", "image2025")
    assert lines_of(out)[0].split() == header


@pytest.fixture
def survey(tmp_path):
    def write(text, name="survey.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_left_out_column_is_told_once(capsys, small_file, survey, tmp_path):
    data = survey(f"unit,{SEARCH},clerk\n{UNITS[0]},7,Li\n")
    _, out, err = run(
        capsys, "fill", small_file(), "--data", data, "-o", tmp_path / "f.xlsx"
    )
    assert ": 1 cell written, " in out
    assert err.count("clerk") == 1


def test_headings_found_by_name_are_one_line_and_hide_no_conversion(
    capsys, small_file, survey, tmp_path
):
    names = [node.name_zh for node in small_read().framework.indicators]
    data = survey(f"城市,{','.join(names)}\n北京市,１２,,,,,\n")
    words = ("fill", small_file(), "--data", data, "-o", tmp_path / "f.xlsx")
    told = lines_of(run(capsys, *words)[2])
    assert f"{data}: {len(names)} columns matched by name; --json lists them." in told
    assert [line for line in told if "read as" in line and "12" in line]
    assert [line for line in told if "read as beijing" in line]
    assert len(told) == 1 + 2


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_columns_and_closing_line_of_a_template_are_not_told(
    capsys, small_file, tmp_path, language
):
    changed = {"Data": {data_cell(UNITS[0], SEARCH): 7.0}}
    source = tmp_path / "source.xlsx"
    edited(small_template(language=language), changed).write(source)
    recalculated = tmp_path / "said.xlsx"
    assert run(capsys, "recalc", source, "-o", recalculated)[0] == 0
    words = ("fill", small_file(), "--data", recalculated, "-o", tmp_path / "f.xlsx")
    code, out, err = run(capsys, *words)
    assert (code, ": 1 cell written, " in out) == (0, True)
    cells = len(UNITS) * len(small_read().framework.indicators)
    assert lines_of(err) == [f"Skipped: {cells - 1} cells already hold the value."]


def test_remarks_of_a_users_own_table_are_told_as_rows(
    capsys, small_file, survey, tmp_path
):
    data = survey(f"unit,{SEARCH}\n{UNITS[0]},7\nSource: the yearbook,\n")
    _, _, err = run(
        capsys, "fill", small_file(), "--data", data, "-o", tmp_path / "f.xlsx"
    )
    assert lines_of(err) == ["Skipped: row 3, 'Source: the yearbook': not a city."]


def test_what_is_skipped_is_said_in_chinese(
    capsys, small_file, survey, tmp_path, monkeypatch
):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    book = small_file()
    data = survey(f"unit,{SEARCH},x\n{UNITS[0]},7,1\n说明：略,,\n")
    filled = tmp_path / "f.xlsx"
    _, _, err = run(capsys, "fill", book, "--data", data, "-o", filled)
    skipped = [
        "已跳过：列“x”：不是本工作簿的指标。",
        "已跳过：第 3 行，'说明：略'：不是城市。",
    ]
    assert lines_of(err) == skipped
    _, _, err = run(capsys, "fill", filled, "--data", data, "-o", tmp_path / "g.xlsx")
    assert lines_of(err) == [*skipped, "已跳过：1 格已是该值。"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("recalc", "a.xlsx", "./a.xlsx", "--outdir", "o"),
            "[XC104] a.xlsx: the file is named ",
        ),
        (
            ("recalc", "a.xlsx", "a.xlsx", "--in-place"),
            "[XC104] a.xlsx: the file is named twice.",
        ),
        (("index", r"D:\no.csv"), r"[XC100] unknown report 'D:\no.csv'. "),
        (("index", __file__), f"[XC100] '{__file__}' is a file, not a report. "),
        ((r"D:\no.csv",), r"[XC100] unknown verb 'D:\no.csv'. "),
        (("call", "NOSUCH", "--args", "[]"), "unknown function 'NOSUCH'. Known: "),
        (
            ("call", "MINMAX_SCALE", "--args", "[]", "--host", "abacus"),
            "unknown host 'abacus'. Known: python, ",
        ),
        (
            ("functions", "ZSCORE_WINSER"),
            "Did you mean ZSCORE_WINSOR?",
        ),
        (("check", "a.xlsx", "--timeout", "0"), "--timeout must be above 0. "),
        (("results", "--nosuch"), "[XC100] the following arguments are required: F. "),
        (
            ("index", "image2025", "--nosuch"),
            "arguments: --nosuch. Run `xlcity index --h",
        ),
        (("nosuch",), "unknown verb 'nosuch'. Run `xlcity --help` "),
        (("chek", "a.xlsx"), "unknown verb 'chek'. Did you mean check?"),
        (("recalc", "a.xlsx", "--in-plase"), "Did you mean --in-place?"),
        (
            ("recalc", "a.xlsx", "--in-place", "--engine", "libre"),
            "Did you mean libreoffice?",
        ),
        (("index", "image2024"), "Did you mean image2025?"),
        (("index", "iecc2024", "--option", "nothing"), "has no option 'nothing'"),
        (("check", "a.xlsx", "--engines", "formual"), "Did you mean formulas?"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence_and_a_remedy(capsys, words, said):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert re.search(r"^xlcity.*: \[XC1\d\d\] .*\. .+[.?]$", err, re.MULTILINE)


def test_a_file_where_the_folder_should_be(capsys, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    for words in (("demo", "--outdir", taken), ("recalc", "a.xlsx", "--outdir", taken)):
        code, _, err = run(capsys, *words)
        assert code == 2
        assert "taken: this is a file. Name a folder." in err
