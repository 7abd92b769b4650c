"""Books of template formats 1 (no Methods) and 2 (recipe without a version): read and rebuilt."""

import tarfile
from pathlib import Path

import pytest
from cli import run_json
from openpyxl import load_workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.worksheet.datavalidation import DataValidation

from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

BOOKS = Path(__file__).with_name("format-1.tar.xz")


@pytest.fixture
def old(request, tmp_path):
    """Return a book that version 0.1.0 built before `Methods` had live parameters.

    minmax and winsor have one method for three indicators; mixed has preparing steps and several
    methods, seattle ingredients, apart two populations; in mixed and apart values were typed.
    """
    with tarfile.open(BOOKS) as archive:
        archive.extract(f"{request.param}.xlsx", tmp_path, filter="data")
    return tmp_path / f"{request.param}.xlsx"


def framework_place(template, code, column):
    area = resolve(template.book, "xl_framework")
    heads, *rows = template.book.block(area)
    row = [cells[0] for cells in rows].index(code) + 1
    return area.sheet, (area.r1 + row, area.c1 + heads.index(column))


def typed(path, values):
    """Type values into a book: (code, column of Framework) or a name -> value."""
    template = open_template(path)
    edits = {}
    for key, value in values.items():
        if isinstance(key, str):
            area = resolve(template.book, key)
            sheet, position = area.sheet, (area.r1, area.c1)
        else:
            sheet, position = framework_place(template, *key)
        edits.setdefault(sheet, {})[position] = value
    write_inputs(template.package, edits).write(path)


def results(path):
    """Return what is stored by unit, kind and code, without what is missing."""
    units = stored_results(open_template(path))["units"]
    return {
        (unit["unit"], kind, code): value
        for unit in units
        for kind in ("scores", "normalised", "ranks")
        for code, value in unit[kind].items()
        if value is not None
    }


def totals(path):
    return [x for (_, kind, code), x in results(path).items() if (kind, code) == ("scores", "T")]


def checks_of(capsys, path):
    code, document = run_json(capsys, "check", path)
    found = document["workbooks"][0]
    return code, found["verdict"], {check["name"]: check for check in found["checks"]}


def assert_asks_for_an_upgrade(check):
    assert check["status"] == "skipped"
    assert "template format 1" in check["detail"]
    assert "xlcity rebuild" in check["detail"]


CASES = [
    ("minmax", {("A", "low"): -2.0, ("B", "high"): 12.0, "par_scale": 10.0, ("A", "weight"): 2.0}),
    ("winsor", {"par_limit": 0.5, "par_ddof": 1.0, ("B", "weight"): 2.0}),
]


@pytest.mark.parametrize(("old", "values"), CASES, indirect=["old"])
def test_what_was_typed_is_read_checked_and_rebuilt(old, values, tmp_path, capsys):
    index = open_template(old).index.column("T").tolist()
    assert totals(old) == pytest.approx(index, rel=1e-12)
    typed(old, values)
    expected = open_template(old).index.column("T")
    assert expected.tolist() != pytest.approx(index)
    code, verdict, checks = checks_of(capsys, old)
    assert (code, verdict) == (0, "pass")
    assert_asks_for_an_upgrade(checks["contract"])
    new = tmp_path / "new.xlsx"
    _, document = run_json(capsys, "rebuild", old, "-o", new)
    assert document["lost"] == []
    template = open_template(new)
    assert template.is_current
    assert template.index.column("T") == pytest.approx(expected, rel=1e-12)
    assert totals(new) == pytest.approx(expected.tolist(), rel=1e-12)
    rows = {row[0]: row for row in template.book.block(template.area("xl_methods"))}
    heads = rows["code"]
    if "par_scale" in values:
        assert [rows["A"][heads.index(name)] for name in ("a", "scale")] == [-2.0, 10.0]
        assert rows["B"][heads.index("b")] == 12.0
    else:
        assert [rows["A"][heads.index(name)] for name in ("clip", "base")] == [0.5, 1.0]


#: Parameters that were typed in cells that no formula of format 1 read.
UNREAD = {
    "mixed": {"par_scale = 50", "par_limit = 1.25"},
    "apart": {"par_scale = 50"},
    "seattle": set(),
}


@pytest.mark.parametrize("old", UNREAD, indirect=True)
def test_scores_stay_and_what_nothing_read_is_listed(old, tmp_path, capsys):
    before = results(old)
    code, verdict, checks = checks_of(capsys, old)
    assert (code, verdict) == (0, "pass")
    assert_asks_for_an_upgrade(checks["contract"])
    new = tmp_path / "new.xlsx"
    _, document = run_json(capsys, "rebuild", old, "-o", new)
    left = {line["content"] for line in document["leftovers"]}
    assert left == UNREAD[old.stem]
    assert {line["reason"] for line in document["leftovers"]} <= {"unread"}
    assert results(new) == pytest.approx(before, rel=1e-12)
    assert checks_of(capsys, new)[:2] == (code, verdict)


def test_z_scores_of_format_2_keep_their_meaning(tmp_path, capsys):
    """A book whose recipe has no version: clipped, repeated, scaled z-scores and imputed values.

    Before it was put aside, par_limit, the limit of C, and mean and deviation of D were typed.
    """
    with tarfile.open(BOOKS.with_name("format-2.tar.xz")) as archive:
        archive.extract("zscores.xlsx", tmp_path, filter="data")
    old, again, new = (tmp_path / f"{name}.xlsx" for name in ("zscores", "again", "new"))
    before = results(old)
    table = tmp_path / "table.csv"
    table.write_text("unit,B\nu0,60\n")
    run_json(capsys, "recalc", old, "-o", again)
    run_json(capsys, "fill", again, "--data", table, "--in-place")
    _, document = run_json(capsys, "rebuild", old, "-o", new)
    assert document["lost"] == []
    for path in (old, again, new):
        assert results(path) == pytest.approx(before, rel=1e-12, abs=1e-12)
        code, verdict, checks = checks_of(capsys, path)
        assert (code, verdict) == (0, "pass")
        assert checks["python-native"]["status"] == "pass"
    template = open_template(new)
    assert template.is_current
    steps = {step.codes: step.params for step in template.recipe.steps_doing("normalise")}
    assert {codes: steps[codes].get("clip") for codes in (("A", "B"), ("C",), ("D",))} == {
        ("A", "B"): 1.5,
        ("C",): 0.9,
        ("D",): None,
    }
    assert (steps["D",]["mean"], steps["D",]["sd"]) == (5, 2)


@pytest.mark.parametrize("old", ["minmax"], indirect=True)
def test_what_was_set_on_sheets_of_before_is_kept(old, tmp_path, capsys):
    """Panes, filters, rules and merged cells, which the template does not have so."""
    book = load_workbook(old)
    data, scores = book["Data"], book["Scores"]
    first = min(open_template(old).rows.values())
    here = f"D{first}:D{first + 2}"
    data.freeze_panes, scores.auto_filter.ref = f"E{first + 2}", "A10:D18"
    data.conditional_formatting.add(here, CellIsRule(operator="greaterThan", formula=["70"]))
    rule = DataValidation(type="decimal", operator="lessThan", formula1="1000")
    rule.add(here)
    data.add_data_validation(rule)
    scores.merge_cells("M3:O3")
    book.save(old)
    new = tmp_path / "new.xlsx"
    _, document = run_json(capsys, "rebuild", old, "-o", new)
    assert document["lost"] == []
    book = load_workbook(new)
    data, scores = book["Data"], book["Scores"]
    first = min(open_template(new).rows.values())
    here = f"D{first}:D{first + 2}"
    assert data.freeze_panes == f"E{first + 2}"
    assert scores.auto_filter.ref.startswith("A10:D")
    assert [r.formula for a in data.conditional_formatting if str(a.sqref) == here
            for r in a.rules] == [["70"]]  # fmt: skip
    assert [c.formula1 for c in data.data_validations.dataValidation if str(c.sqref) == here] == [
        "1000"
    ]
    assert "M3:O3" in map(str, scores.merged_cells.ranges)


@pytest.mark.parametrize(
    "old", ["mixed", pytest.param("seattle", marks=pytest.mark.long)], indirect=True
)
def test_other_verbs_read_them(old, tmp_path, capsys):
    template = open_template(old)
    code = next(iter(template.columns))
    table = tmp_path / "table.csv"
    table.write_text(f"unit,{code}\n{next(iter(template.rows))},3.25\n")
    for words in (
        ("export", old, "-o", tmp_path / "tables"),
        ("comments", old),
        ("seal", old, "-o", tmp_path / "seal.json"),
        ("audit", "workbook", old),
        ("trace", old, "chk_verdict"),
        ("fill", old, "--data", table, "-o", tmp_path / "filled.xlsx"),
        ("recalc", old, "-o", tmp_path / "again.xlsx"),
        ("diff", old, tmp_path / "filled.xlsx"),
    ):
        exit_code, document = run_json(capsys, *words)
        assert exit_code in (0, 1), (words[0], document)
    assert "errors" not in document


@pytest.mark.long
@pytest.mark.parametrize("old", ["mixed"], indirect=True)
def test_verbs_that_make_other_books_read_them(old, tmp_path, capsys):
    scores = {key: x for key, x in results(old).items() if key[1] == "scores"}
    merged = tmp_path / "merged.xlsx"
    for words in (
        ("merge", old, old, "-o", merged),
        ("roll", old, "--edition", "2027", "-o", tmp_path / "next.xlsx"),
        ("release", old, "-o", tmp_path / "public.xlsx"),
        ("assess", old, "--n", "20"),
        ("report", old, "-o", tmp_path / "report", "--lang", "en"),
    ):
        exit_code, document = run_json(capsys, *words)
        assert exit_code in (0, 1), (words[0], document)
    found = {key: x for key, x in results(merged).items() if key[1] == "scores"}
    assert found == pytest.approx(scores, rel=1e-12)
