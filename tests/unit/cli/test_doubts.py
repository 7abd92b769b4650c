"""What no engine is known to compute as Excel does is named by every verb that computes."""

import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.own import Edited, own_bytes
from xlcity.cli.verbs.recalc import _details
from xlcity.recalc.engines.libreoffice import LibreOffice


@pytest.mark.parametrize("count", [20, 21])
def test_twenty_cells_in_which_engines_differ_are_named_before_more_are_hinted_at(
    count,
):
    cells = [f"S!A{row}" for row in range(1, count + 1)]
    verified = {"engine": "formulas", "cells": 99, "max_diff": 1.0, "differing": cells}
    *_, line = _details(
        {"in": "b.xlsx", "errors": {}, "unverified": [], "verified": verified}
    )
    assert ("S!A20" in line, "S!A21" in line, line.endswith(" …")) == (
        True,
        False,
        count > 20,
    )


@pytest.mark.slow
def test_every_verb_that_computes_names_what_no_engine_is_known_for(
    tmp_path, capsys, monkeypatch
):
    """An input typed as a formula with a function that is computed, but not surely as in Excel."""
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A1").value = "=VDB(2400,300,10,0,1)/10"
    book = tmp_path / "own.xlsx"
    data = tmp_path / "data.csv"
    edited.save(book)
    data.write_text("unit,A1\ncity04,50.5\n")
    again, merged, filled = (
        tmp_path / f"{name}.xlsx" for name in ("again", "merged", "filled")
    )
    runs = {
        "diff": run_json(capsys, "diff", book, book)[1]["notes"],
        "merge": run_json(capsys, "merge", book, book, "-o", merged)[1]["unverified"],
        "rebuild": run_json(capsys, "rebuild", book, "-o", again)[1]["unverified"],
        "fill": [run(capsys, "fill", again, "--data", data, "-o", filled)[2]],
        "release": run_json(capsys, "release", again, "-o", tmp_path / "p.xlsx")[1][
            "unverified"
        ],
    }
    checks = run_json(capsys, "check", book)[1]["workbooks"][0]["checks"]
    runs["check"] = [
        next(check["detail"] for check in checks if check["name"] == "stale")
    ]
    for verb, said in runs.items():
        assert any("VDB" in line for line in said), (verb, said)
