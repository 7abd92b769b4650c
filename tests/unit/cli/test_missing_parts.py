"""Each optional package absent in turn: a sentence with what to install."""

import sys

import pytest

from tests.helpers.cli import run_json
from tests.helpers.own import own_bytes


@pytest.mark.parametrize(
    ("package", "extra", "words"),
    [
        ("starlette", "desk", ["desk", ".", "--no-browser"]),
        ("uvicorn", "desk", ["desk", ".", "--no-browser"]),
        ("docx", "report", ["report", "own.xlsx", "-o", "out"]),
        ("matplotlib", "report", ["report", "own.xlsx", "-o", "out"]),
        (
            "matplotlib",
            "figures",
            ["assess", "own.xlsx", "--n", "20", "--figures", "out"],
        ),
    ],
)
def test_an_absent_extra_is_named_before_the_work(
    tmp_path, capsys, monkeypatch, package, extra, words
):
    (tmp_path / "own.xlsx").write_bytes(own_bytes(udf=False))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    code, document = run_json(capsys, *words)
    assert code in (2, 3)
    assert f"pip install 'xlcity[{extra}]'" in document["errors"][0]["hint"]
    assert not (tmp_path / "out").exists()
