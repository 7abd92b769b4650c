"""What no engine is known to compute as Excel does is named by every verb that computes."""

import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.own import Edited, own_bytes
from xlcity.recalc.engines.libreoffice import LibreOffice


@pytest.mark.slow
def test_every_verb_that_computes_names_what_no_engine_is_known_for(tmp_path, capsys, monkeypatch):
    """An input typed as a formula with a function that is computed, but not surely as in Excel."""
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A1").value = "=VDB(2400,300,10,0,1)/10"
    book, data = tmp_path / "own.xlsx", tmp_path / "data.csv"
    edited.save(book)
    data.write_text("unit,A1\ncity04,50.5\n")
    again, merged, filled = (tmp_path / f"{name}.xlsx" for name in ("again", "merged", "filled"))
    runs = {
        "diff": run_json(capsys, "diff", book, book)[1]["notes"],
        "merge": run_json(capsys, "merge", book, book, "-o", merged)[1]["unverified"],
        "rebuild": run_json(capsys, "rebuild", book, "-o", again)[1]["unverified"],
        "fill": [run(capsys, "fill", again, "--data", data, "-o", filled)[2]],
        "release": run_json(capsys, "release", again, "-o", tmp_path / "p.xlsx")[1]["unverified"],
    }
    checks = run_json(capsys, "check", book)[1]["workbooks"][0]["checks"]
    runs["check"] = [next(check["detail"] for check in checks if check["name"] == "stale")]
    for verb, said in runs.items():
        assert any("VDB" in line for line in said), (verb, said)
