"""Parameters of indicators that are typed on `Framework`: texts among numbers are counted."""

from openpyxl import load_workbook

from tests.helpers.cli import run_json
from tests.helpers.templates import small_spec
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.steps import method_table


def test_a_text_is_counted_where_another_indicator_has_one_by_its_method(
    tmp_path, capsys
):
    framework, data, out = (
        tmp_path / name for name in ("fw.csv", "data.csv", "own.xlsx")
    )
    framework.write_text("code,parent,weight,direction\nX,,1,1\nA,X,1,1\nB,X,1,1\n")
    data.write_text("unit,A,B\nc1,1,4\nc2,2,9\nc3,5,3\n")
    words = ["--framework", framework, "--data", data, "--lang", "en"]
    words += ["--normalise", "zscore,A=goalposts:0:10,B=dist2ref:c1"]
    assert run_json(capsys, "new", *words, "-o", out)[0] == 0

    def unusable():
        (found,) = run_json(capsys, "check", out)[1]["workbooks"]
        checks = found["checks"]
        return next(check for check in checks if check["name"] == "sheet:scale")

    assert unusable()["status"] == "pass"
    tree = open_template(out).area("xl_framework")
    book = load_workbook(out)
    sheet = book[tree.sheet]
    heads = {sheet.cell(tree.r1, c).value: c for c in range(tree.c1, tree.c2 + 1)}
    rows = {sheet.cell(r, tree.c1).value: r for r in range(tree.r1 + 1, tree.r2 + 1)}
    bound = sheet.cell(rows["A"], heads["a"])
    assert bound.value == 0
    assert sheet.cell(rows["B"], heads["a"]).value == "c1"
    marked = [
        area for area in sheet.conditional_formatting if bound.coordinate in area.cells
    ]
    assert any("ISTEXT" in str(rule.formula) for area in marked for rule in area.rules)
    assert not any(
        "ISTEXT" in str(rule.formula)
        for area in sheet.conditional_formatting
        if sheet.cell(rows["B"], heads["a"]).coordinate in area.cells
        for rule in area.rules
    )
    bound.value = "none"
    book.save(out)
    assert unusable()["status"] == "fail"


def test_the_row_of_an_indicator_is_known_without_looking_at_the_others(monkeypatch):
    spec = small_spec()
    asked = set()
    code, *_ = (node.code for node in spec.framework.indicators)
    step_for = method_table.step_for
    monkeypatch.setattr(
        method_table,
        "step_for",
        lambda *which: asked.add(which[-1]) or step_for(*which),
    )
    assert method_table.entries(spec, code)
    assert asked == {code}
