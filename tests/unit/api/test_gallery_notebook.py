"""The notebook of the gallery: its cells run, and it stores what they give."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

NOTEBOOK = (
    Path(__file__).resolve().parents[3]
    / "docs"
    / "tutorials"
    / "gallery"
    / "four-libraries.ipynb"
)


@pytest.fixture
def cells():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell):
    """Return the text that a cell stores as its result, "" without one."""
    texts = [
        "".join(output["data"]["text/plain"])
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"
    ]
    return "".join(texts)


def test_every_cell_runs_and_gives_what_is_stored(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for cell in cells:
        body = ast.parse("".join(cell["source"]))
        last = body.body[-1]
        value = None
        if isinstance(last, ast.Expr):
            body.body.pop()
            exec(compile(body, "cell", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        else:
            exec(compile(body, "cell", "exec"), names)
        # A rival that is not installed here has no result.
        is_rival = any(
            word in "".join(cell["source"]) for word in ("by_pymcdm", "criteria")
        )
        if value is not None and not is_rival:
            assert repr(value) == shown(cell)
    table = names["table"]
    for name in table.columns:
        np.testing.assert_allclose(table[name], names["by_pandas"], rtol=1e-12)
    pd.testing.assert_index_equal(names["index"].scores.index, names["cities"].index)


def test_four_libraries_stand_side_by_side(cells):
    (table,) = [
        shown(cell) for cell in cells if "scores = {" in "".join(cell["source"])
    ]
    heading, *rows = table.splitlines()
    assert heading.split() == ["pandas", "pymcdm", "scikit-criteria", "xlcity"]
    for row in rows[1:]:
        _, first, *others = row.split()
        assert others == [first] * 3
