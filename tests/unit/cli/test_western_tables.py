"""Tables in Western European encoding: refused with what they would say, read on request."""

import pytest

from tests.helpers.cli import run, run_json

FRAMEWORK = "code,parent,weight,uom\nX,,1,\nA,X,1,m²\n"
DATA = "unit,A\nZürich,1\nGenève,2\nMálaga,4\n"


@pytest.fixture
def tables(tmp_path):
    for name, text in {"framework.csv": FRAMEWORK, "data.csv": DATA}.items():
        (tmp_path / name).write_bytes(text.encode("cp1252"))
    return ["--framework", tmp_path / "framework.csv", "--data", tmp_path / "data.csv"]


def test_what_such_a_table_would_say_is_shown_and_it_is_read_on_request(capsys, tables):
    code, document = run_json(capsys, "index", *tables)
    (error,) = document["errors"]
    assert (code, error["code"]) == (3, "XC321")
    assert "Read as Western European it says m²" in error["hint"]
    assert "--encoding western" in error["hint"]
    code, document = run_json(capsys, "index", *tables, "--encoding", "western")
    assert code == 0
    names = {unit["name_en"] or unit["unit"] for unit in document["units"]}
    assert names == {"Zürich", "Genève", "Málaga"}
    # It holds for that one run.
    assert run_json(capsys, "index", *tables)[0] == 3


def test_the_environment_asks_for_it_too(capsys, tables, monkeypatch):
    monkeypatch.setenv("XLCITY_ENCODING", "western")
    assert run_json(capsys, "index", *tables)[0] == 0


def test_in_chinese(capsys, tables, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    _, _, said = run(capsys, "index", *tables)
    assert "按西欧编码读为 m²：如果正确，请加上 --encoding western" in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_as_what_it_is(capsys, tables, encoding):
    for path in tables[1::2]:
        path.write_bytes(path.read_bytes().decode("cp1252").encode(encoding))
    code, document = run_json(capsys, "index", *tables, "--encoding", "western")
    assert code == 0
    assert "Zürich" in str(document["units"])


def test_chinese_tables_are_read_without_a_request(capsys, tables):
    for path, text in zip(
        tables[1::2], (FRAMEWORK, "unit,A\n北京,1\n上海,2\n"), strict=True
    ):
        path.write_bytes(text.replace("m²", "平方米").encode("gb18030"))
    assert run_json(capsys, "index", *tables)[0] == 0
