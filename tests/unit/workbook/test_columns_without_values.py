"""An indicator without a value: its gaps are gaps, in cells as in Python."""

import json

import pytest

from xlcity.cli import main

FRAMEWORK = "code,parent,weight\nT,,\nA,T,1\nB,T,1\na1,A,1\na2,A,2\nb1,B,1\n"
METHODS = (
    "minmax",
    "zscore",
    "rank",
    "percentile",
    "borda",
    "efficacy",
    "dist2max",
    "fracmax",
    "goalposts:0:100",
    "above_mean",
    "rating:100",
)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_the_others_share_its_weight(method, tmp_path, capsys):
    data = "unit,a1,a2,b1\n" + "".join(
        f"u{n},,{n * n + 1},{40 - n}\n" for n in range(6)
    )
    paths = {"framework": FRAMEWORK, "data": data}
    for name, text in paths.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    book = str(tmp_path / "book.xlsx")
    words = [f"--{name}={tmp_path / name}.csv" for name in paths]
    assert main(["new", *words, f"--normalise={method}", "-o", book, "--json"]) == 0
    capsys.readouterr()
    assert main(["results", book, "--json"]) == 0
    units = json.loads(capsys.readouterr().out)["units"]
    assert all(unit["normalised"]["a1"] is None for unit in units)
    for unit in units:
        assert unit["scores"]["A"] == pytest.approx(unit["normalised"]["a2"], abs=1e-12)
