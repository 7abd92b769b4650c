"""A weight or parameter that is not the one the workbook was made with is named, with its cell."""

import openpyxl
import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.own import own_bytes
from tests.helpers.templates import (
    SEARCH,
    framework_cell,
    method_cell,
    named_cell,
    seen,
    small_template,
)
from xlcity.workbook.labels import Labels


def checked(capsys, path):
    """Return exit code, verdict, checks by name, and changes of the method: cell -> message."""
    assert run(capsys, "recalc", path, "--in-place")[0] == 0
    code, document = run_json(capsys, "check", path)
    (entry,) = document["workbooks"]
    every = [
        f for cause in entry["findings"] for f in (cause, *cause.get("follows", ()))
    ]
    method = {
        f"{f['sheet']}!{f['cell']}": f["message"] for f in every if f["rule"] == "W23"
    }
    return (
        code,
        entry["verdict"],
        {check["name"]: check for check in entry["checks"]},
        method,
    )


def test_a_workbook_as_built_says_nothing(capsys, small_file):
    _, _, checks, method = checked(capsys, small_file())
    assert method == {}
    assert checks["sheet:method-changed"]["status"] == "pass"
    assert seen(small_template()).checks["method-changed"] == "pass"


def test_changed_weights_are_named_with_what_they_were(capsys, small_file):
    cells = [framework_cell(code, "weight") for code in ("IMG_COM", "IMG_INF")]
    path = small_file(Framework={cells[0]: 0.5, cells[1]: 0.1})
    _, _, checks, method = checked(capsys, path)
    assert checks["sheet:method-changed"]["status"] == "note"
    assert [*method] == [f"Framework!{cell}" for cell in cells]
    assert "weight of IMG_COM: 0.5 instead of 0." in method[f"Framework!{cells[0]}"]
    assert "IMG_COM: " in checks["sheet:method-changed"]["detail"]
    assert " → 0.5" in checks["sheet:method-changed"]["detail"]


def test_changed_constants_are_named_once_and_where_they_stand(capsys, small_file):
    limit, digits = (named_cell(name) for name in ("par_scale", "par_rank_digits"))
    path = small_file(Framework={limit: 10.0, digits: 3.0})
    code, verdict, checks, method = checked(capsys, path)
    assert (code, verdict) == (0, "pass")
    assert method.keys() == {f"Framework!{limit}", f"Framework!{digits}"}
    assert checks["sheet:method-changed"]["status"] == "note"


@pytest.mark.slow
def test_a_parameter_of_one_indicator_is_named(capsys, small_file):
    cell = method_cell(SEARCH, "scale")
    path = small_file()
    book = openpyxl.load_workbook(path)
    book["Framework"][cell] = 7.0  # over the formula that takes what is for all
    book.save(path)
    _, _, checks, method = checked(capsys, path)
    assert [*method] == [f"Framework!{cell}"]
    assert SEARCH in method[f"Framework!{cell}"]
    assert SEARCH in checks["sheet:method-changed"]["detail"]


def test_an_own_index_has_the_row_as_well(capsys, tmp_path):
    path = tmp_path / "own.xlsx"
    path.write_bytes(own_bytes(udf=False))
    _, _, checks, _ = checked(capsys, path)
    label = Labels.load().texts["check.method-changed"][1]
    assert checks["sheet:method-changed"]["detail"].startswith(label)


def test_a_parameter_of_an_own_index_is_held_to_its_recipe(capsys, tmp_path):
    path = tmp_path / "own.xlsx"
    path.write_bytes(own_bytes(udf=False))
    book = openpyxl.load_workbook(path)
    digits = (
        book.defined_names["par_rank_digits"]
        .attr_text.rpartition("!")[2]
        .replace("$", "")
    )
    book["Framework"][digits] = 3
    book.save(path)
    *_, method = checked(capsys, path)
    assert [*method] == [f"Framework!{digits}"]
    assert "par_rank_digits: 3 instead of 9" in method[f"Framework!{digits}"]
