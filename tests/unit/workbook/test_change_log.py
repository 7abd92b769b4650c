"""Remarks of reviewers and the change log: kept by every verb, joined by `merge`, never cut off."""

from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from tests.helpers.cli import run, run_json
from tests.helpers.own import UNITS, Edited, own_bytes, write_tables
from xlcity.audit.check.check import check_workbook
from xlcity.audit.diff.change_lines import log_changes
from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import WorkbookDiff
from xlcity.errors import WorkbookError
from xlcity.workbook.migrate.change_log import LoggedChange, read_log
from xlcity.workbook.reading.records import CellReader, day_text
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def remark(edited: Edited, line: int, **said: object) -> None:
    """Write a line of Review."""
    page, row, left, _, right = edited.named("in_review")
    heads = [page.cell(row, c).value for c in range(left, right + 1)]
    for name, value in said.items():
        page.cell(row + 1 + line, left + heads.index(name)).value = value


def remarks_of(path) -> dict[str, dict[str, object]]:
    """Return the lines of Review that say something, by remark."""
    book = read_book(Package.read(path))
    lines = [
        {name: value for name, (value, _) in record.items()}
        for record in CellReader(book, str(path)).records("in_review")
    ]
    return {str(line["remark"]): line for line in lines if line["remark"]}


def log_of(path) -> list[LoggedChange]:
    return [*read_log(read_book(Package.read(path)))]


@pytest.fixture
def base(tmp_path):
    edited = Edited(own_bytes(udf=False, pages="review"))
    cell = edited.cell("city02", "A1").coordinate
    about = {"city": "city02", "node": "A1", "cell": f"Data!{cell}", "remark": "sure?"}
    remark(edited, 0, **about, who="Ed", date=date(2026, 1, 5), status="open")
    return edited.save(tmp_path / "base.xlsx")


@pytest.mark.slow
def test_as_many_remarks_as_people_make_are_merged_and_point_where_their_cell_is(
    tmp_path, capsys, base
):
    copies = []
    for name in ("li", "wang"):
        edited = Edited(base.read_bytes())
        for line, unit in enumerate(UNITS * 4, 1):
            remark(edited, line, city=unit, remark=f"{name} {line}", who=name)
        copies.append(edited.save(tmp_path / f"{name}.xlsx"))
    remark(edited, 0, answer="page 3", status="answered")
    # On a cell that leaves with its indicator.
    remark(edited, 49, city="city00", cell="Data!D10", remark="and this?", who="wang")
    edited.save(copies[1])
    merged = tmp_path / "merged.xlsx"
    cut = tmp_path / "cut.xlsx"
    assert run(capsys, "merge", base, *copies, "-o", merged)[0] == 0
    said = remarks_of(merged)
    assert len(said) == 98
    assert said["sure?"]["answer"] == "page 3"
    assert day_text(said["sure?"]["date"]) == "2026-01-05"
    checked = check_workbook(merged)
    checks = {check.name: check.status for check in checked.checks}
    assert checks["contract"] == "pass"
    assert {f.rule for f in checked.findings}.isdisjoint(
        ("E13", "W18", "W19", "W20", "W21")
    )

    write_tables(tmp_path)
    tree = (tmp_path / "fw.csv").read_text().splitlines()
    left = [line for line in tree if not line.startswith("A0")]
    (tmp_path / "fw.csv").write_text("\n".join(left))
    words = ("rebuild", merged, "--framework", tmp_path / "fw.csv", "-o", cut)
    assert run(capsys, *words)[0] == 1
    cells = {remark: line["cell"] for remark, line in remarks_of(cut).items()}
    now = Edited(cut.read_bytes()).cell("city02", "A1").coordinate
    assert now == "D12"
    assert said["sure?"]["cell"] == "Data!E12"
    assert (cells["sure?"], cells["and this?"]) == ("Data!D12", "was Data!D10")


@pytest.mark.slow
def test_a_change_log_is_filled_amended_sorted_and_merged(tmp_path, capsys, base):
    today = Edited(base.read_bytes())
    was, today.cell("city01", "A0").value = today.cell("city01", "A0").value, 11.5
    today.cell("city03", "B1").value = None
    path = today.save(tmp_path / "today.xlsx")
    words = ("diff", base, path, "--into", path, "--who", "Li")
    code, document = run_json(capsys, *words)
    assert (code, document["logged"]) == (1, 2)
    first, second = log_of(path)
    assert (first.who, first.city, first.node, first.before, first.after) == (
        "Li",
        "city01",
        "A0",
        was,
        11.5,
    )
    assert (second.city, second.after) == ("city03", "")
    assert (tmp_path / "today.xlsx.bak").exists()
    fields = ("kind", "sheet", "cell", "unit", "indicator", "from", "to")
    again = tuple(
        CellChange(*(cell[name] or "" for name in fields)) for cell in document["cells"]
    )
    assert log_changes(WorkbookDiff(str(base), str(path), again), path, "Li", "") == 0
    cities = tuple(CellChange("sample", after=f"+ {unit}") for unit in ("x1", "x2"))
    compared = WorkbookDiff(str(base), str(path), cities)
    copy = tmp_path / "cities.xlsx"
    assert log_changes(compared, copy, "Li", "") == 2
    assert log_changes(replace(compared, b=str(copy)), copy, "Li", "") == 0

    for name, why in (("a", "yearbook"), ("b", "typing slip")):
        book = load_workbook(path)
        page = book["ChangeLog"]
        lines = [[c.value for c in page[row][:10]] for row in (5, 6)]
        if name == "b":
            lines.reverse()
        for row, line in zip((5, 6), lines, strict=True):
            for column, value in enumerate(line, 1):
                page.cell(row, column).value = value
        at = next(
            r
            for r in (5, 6)
            if page.cell(r, 4).value == {"a": "city01", "b": "city03"}[name]
        )
        page.cell(at, 10).value = why
        page.cell(8, 2).value = date(2026, 2, 1)
        page.cell(8, 10).value = f"note of {name}"
        if name == "a":
            page.cell(5, 12).value = "beside"
            page.cell(5, 10).fill = PatternFill("solid", fgColor="FFFFFF00")
        book.save(tmp_path / f"{name}.xlsx")
    merged = tmp_path / "merged.xlsx"
    assert (
        run(
            capsys,
            "merge",
            path,
            tmp_path / "a.xlsx",
            tmp_path / "b.xlsx",
            "-o",
            merged,
        )[0]
        == 0
    )
    said = {line.why: (line.city, line.date) for line in log_of(merged)}
    assert said == {
        "yearbook": ("city01", first.date),
        "typing slip": ("city03", first.date),
        "note of a": ("", "2026-02-01"),
        "note of b": ("", "2026-02-01"),
    }
    assert (
        run(capsys, "roll", merged, "--edition", "2030", "-o", tmp_path / "next.xlsx")[
            0
        ]
        == 0
    )
    assert {line.why for line in log_of(tmp_path / "next.xlsx")} == said.keys()
    page = load_workbook(tmp_path / "next.xlsx")["ChangeLog"]
    assert page["L5"].value == "beside"
    assert page["J5"].fill.fgColor.rgb == "FFFFFF00"

    book = load_workbook(merged)
    for cell in ("A3", "A4"):
        book["ChangeLog"][cell].value = None
    book.save(merged)
    with pytest.raises(WorkbookError, match="is not a change log"):
        log_changes(WorkbookDiff(str(base), str(merged), ()), merged, "", "")


def test_of_a_workbook_that_a_script_saved_only_what_was_typed_differs(
    tmp_path, capsys
):
    """Scripts write footers as references to characters, and formulas without results."""
    write_tables(tmp_path)
    head, root, *rest = (tmp_path / "fw.csv").read_text().splitlines()
    lines = [f"{head},name_zh", f"{root},指数", *(f"{line}," for line in rest)]
    (tmp_path / "fw.csv").write_text("\n".join(lines), encoding="utf-8")
    words = (
        "new",
        "--framework",
        tmp_path / "fw.csv",
        "--data",
        tmp_path / "data.csv",
        "--no-udf",
    )
    first = tmp_path / "first.xlsx"
    second = tmp_path / "second.xlsx"
    assert run(capsys, *words, "--lang", "zh", "-o", first)[0] == 0
    edited = Edited(first.read_bytes())
    page, row, left, _, _ = edited.named("in_weights")
    page.cell(row + 3, left).value = "=1+1/4"
    edited.save(second)
    found = run_json(capsys, "diff", first, second)[1]["cells"]
    weight, protection = found
    assert (weight["kind"], weight["from"], weight["to"]) == ("weight", 1.0, 1.25)
    # The formula stands in a cell for input, which nothing protects.
    assert protection["kind"] == "setting"
    assert protection["to"].startswith("formulas not protected: ")


@pytest.mark.slow
def test_several_things_of_one_indicator_are_logged_once(tmp_path, capsys, base):
    """Fields of a source, and a city in a spare row, which the charts do not show yet."""
    edited = Edited(base.read_bytes())
    for field in ("source", "period", "url"):
        edited.source("A1", field, f"{field} 2024")
    edited.exception(
        0, city="city03", indicator="A1", basis="substituted", remark="of: 2022"
    )
    cities, row, left, last, _ = edited.named("xl_cities")
    free = next(n for n in range(row + 1, last) if not cities.cell(n, left).value)
    cities.cell(free, left).value = "extra"
    cities.cell(free, left + 1).value = "main"
    edited.book["Data"]["Z60"] = "a note far away"
    path = edited.save(tmp_path / "today.xlsx")
    document = run_json(capsys, "diff", base, path, "--into", path)[1]
    assert {cell["kind"] for cell in document["cells"]} == {
        "source",
        "sample",
        "constant",
    }
    assert document["logged"] == 7
    assert run_json(capsys, "diff", base, path, "--into", path)[1]["logged"] == 0
    edited.source("A1", "period", "2025")
    later = edited.save(tmp_path / "later.xlsx")
    assert run_json(capsys, "diff", path, later, "--into", later)[1]["logged"] == 1


def test_entries_of_lists_are_logged_in_words(tmp_path, base):
    entries = [
        {"item": name, "ranks": {"the": "57", "arwu": "101–150"}} for name in ("U", "V")
    ]
    found = tuple(
        CellChange("list", "", "", "city01", "A1", None, entry) for entry in entries
    )
    copy = tmp_path / "copy.xlsx"
    assert log_changes(WorkbookDiff(str(base), str(base), found), copy, "", "") == 2
    assert log_of(copy)[1].after == "V: the 57, arwu 101–150"
    assert log_changes(WorkbookDiff(str(base), str(copy), found), copy, "", "") == 0
