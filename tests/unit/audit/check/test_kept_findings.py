"""Whole audits of workbooks, kept as text: every finding of a foreign book and of a slipped one."""

import contextlib
import io
import json
from pathlib import Path

import pytest
import xlsxwriter

from tests.helpers.kept import as_text, without, without_counts
from tests.helpers.own import UNITS, Edited, made_book, own_bytes
from xlcity.cli import main

CITIES = (
    *(
        "Paris",
        "Rome",
        "Oslo",
        "Bonn ",
        "bonn",
        "Bern",
        "Graz",
        "Lyon",
        "Turin",
        "Riga",
        "Cork",
    ),
    *("Porto", "Malmo", "Ghent", "Essen", "Basel", "Nice", "Brno", "Linz", "Kiel"),
)
LAST = len(CITIES) + 1
#: Row of the model, column -> what stands there instead of the formula of the others.
SLIPS = {
    (4, 1): f"=(Data!B4-AVERAGE(Data!B$2:B${LAST - 1}))/STDEV(Data!B$2:B${LAST})",
    (5, 2): 0.25,
    (7, 3): "=B7*0.4+C7*$H$3",
    (8, 5): '=IF(D8>1,"high","low")',
}


def data_rows(is_faulty: bool) -> list[list]:
    rows = [
        [city, 2.1 - 0.1 * k, 700.5 + 31 * k % 170, 13 + k % 4, 0.1, "ok"]
        for k, city in enumerate(CITIES)
    ]
    if is_faulty:
        rows[1][2], rows[4][1], rows[4][4], rows[5][2], rows[5][4] = (
            "160",
            -99,
            1.05,
            3000000,
            "25%",
        )
    total = [
        "Total",
        f"=SUM(B2:B{LAST - 1})",
        f"=SUM(C2:C{LAST})",
        None,
        f"=SUM(E2:E{LAST})",
    ]
    return [["City", "pop", "gdp", "air", "share", "note"], *rows, total]


def model_rows(is_faulty: bool) -> list[list]:
    rows = [["City", "z pop", "z gdp", "score", "rank", "grade"]]
    for r in range(2, LAST + 1):
        ranked = f"D{r}:D{r + 19}" if is_faulty else "D$2:D$21"
        z = [
            f"=(Data!{c}{r}-AVERAGE(Data!{c}$2:{c}${LAST}))/STDEV(Data!{c}$2:{c}${LAST})"
            for c in "BC"
        ]
        usual = [
            f"=Data!A{r}",
            *z,
            f"=B{r}*0.4+C{r}*$H$2",
            f"=RANK(D{r},{ranked})",
            f'=IF(D{r}>1,"high",IF(D{r}>0,"middle","low"))',
        ]
        slips = {} if is_faulty else SLIPS
        rows.append([slips.get((r, column), cell) for column, cell in enumerate(usual)])
    if not is_faulty:
        return [*rows, ["mean", "=AVERAGE(B2:B21)", "=AVERAGE(C2:C19)"]]
    return [
        *rows,
        [
            "mean",
            "=AVERAGE(B2:B21)",
            "=AVERAGE(C2:C19)",
            "=D2/0",
            "=IFERROR(1/0,0)",
            "=F2&F3",
        ],
        [
            "odd",
            "=B13*1",
            "=VLOOKUP(A2,Data!A2:C7,9,0)",
            "=NOW()",
            "=[1]Other!A1",
            "=Nowhere!A1",
        ],
        [
            "more",
            "=OFFSET(A1,1,1)",
            '=INDIRECT("A"&1)',
            '=VALUE("x")',
            "=A2*2",
            "=MATCH(3,B2:B7)",
        ],
    ]


def foreign_book(path: Path, *, is_faulty: bool) -> Path:
    """Write the model as a team would; either the data and odd cells are wrong, or its copies."""
    book = xlsxwriter.Workbook(path)
    percent = book.add_format({"num_format": "0%"})
    for name, rows in (
        ("Data", data_rows(is_faulty)),
        ("Model", model_rows(is_faulty)),
    ):
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(row, column, cell)
    sheet = book.get_worksheet_by_name("Model")
    sheet.write("H1", "weight")
    sheet.write("H2", 0.7, percent)
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.write_comment("D3", "typed by hand")
    book.add_worksheet("Notes").hide()
    book.define_name("weights", "=Model!$H$2:$H$3")
    book.define_name("gone", "=#REF!")
    book.close()
    told("recalc", path, "--in-place", "--no-backup")
    return path


def told(*words: object) -> tuple[int, str]:
    """Return what a verb prints, and its exit code."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = main([*map(str, words)])
    out.seek(0)
    return code, out.read() + err.getvalue()


def document(*words: object) -> dict:
    code, text = told(*words, "--json")
    found = json.loads(text.splitlines()[0])
    for book in found.get("workbooks", ()):
        book.pop("seconds", None)
    return {"exit": code, **found}


@pytest.mark.parametrize("is_faulty", [True, False])
def test_a_foreign_book_as_a_whole(require_kept, tmp_path, is_faulty):
    path = foreign_book(tmp_path / "foreign.xlsx", is_faulty=is_faulty)
    name = "foreign_data" if is_faulty else "foreign_copies"
    require_kept(name, without(as_text(document("check", path)), tmp_path))


@pytest.fixture
def slipped(tmp_path) -> tuple[Path, Path]:
    """Return a sound template, and one with seven slips."""
    sound = tmp_path / "sound.xlsx"
    path = tmp_path / "slipped.xlsx"
    content = made_book(("--lang", "en", "--pages", "none", "--cells", "native"))
    sound.write_bytes(content)
    book = Edited(content)
    book.cell(UNITS[2], "A1").value = 999
    book.cell(UNITS[3], "B1").value = "12,5"
    book.cell(UNITS[4], "B0").value = None
    book.cell(UNITS[5], "A0").value = "NA"
    book.cell(UNITS[6], "A", "out_scores").value = 50
    score = book.cell(UNITS[7], "B", "out_scores")
    score.value = f"{score.value}+1"
    sheet, row, column, last, right = book.named("xl_framework")
    heads = [sheet.cell(row, at).value for at in range(column, right + 1)]
    for line in range(row, last + 1):
        if sheet.cell(line, column).value == "B2":
            weight = next(c for c in sheet[line] if c.value == 1)
            weight.value = 3
        if sheet.cell(line, column).value == "A0":
            sheet.cell(line, heads.index("direction") + column).value = -1
    book.source("A2", "source", "Yearbook 2025")
    book.save(path)
    told("recalc", path, "--in-place", "--no-backup")
    return sound, path


def test_a_slipped_template_as_a_whole(require_kept, slipped):
    sound, path = slipped
    kept = {
        "check": document("check", path),
        "diff": document("diff", sound, path),
    }
    require_kept("slipped", without_counts(without(as_text(kept), path.parent)))


def test_what_is_printed_of_a_slipped_template(require_kept, slipped):
    sound, path = slipped
    words = (
        ("check", path),
        ("diff", sound, path),
        ("trace", path, UNITS[2], "X", "--depth", "3"),
        ("trace", path, UNITS[5], "A"),
        ("trace", path, "Index!A1"),
    )
    texts = [f"$ xlcity {' '.join(map(str, one))}\n{told(*one)[1]}" for one in words]
    require_kept("printed", without("\n".join(texts), path.parent))


def test_a_formula_in_an_input_cell_that_was_never_calculated(tmp_path):
    """It counts by what it gives."""
    book = Edited(made_book(("--lang", "en", "--pages", "none", "--cells", "native")))
    book.cell(UNITS[8], "A0").value = "=40+2.5"
    path = book.save(tmp_path / "typed.xlsx")
    (checked,) = document("check", path)["workbooks"]
    status = {check["name"]: check["status"] for check in checked["checks"]}
    assert "fail" not in (status["inputs"], status["python-native"])
    (detail,) = [
        check["detail"] for check in checked["checks"] if check["name"] == "inputs"
    ]
    assert detail.startswith("72 filled, 0 not filled yet")


def test_a_turned_direction_explains_its_calls_and_no_other_slip(tmp_path):
    """In a template with functions, whose formulas and calls are both drawn for the direction."""
    book = Edited(own_bytes())
    sheet, row, column, last, right = book.named("xl_framework")
    heads = [sheet.cell(row, at).value for at in range(column, right + 1)]
    line = next(r for r in range(row, last + 1) if sheet.cell(r, column).value == "A0")
    sheet.cell(line, heads.index("direction") + column).value = -1
    book.cell(UNITS[6], "X", "out_ranks").value = 3
    path = book.save(tmp_path / "turned.xlsx")
    told("recalc", path, "--in-place", "--no-backup")
    (checked,) = document("check", path)["workbooks"]
    places = {finding["rule"]: finding["sheet"] for finding in checked["findings"]}
    assert {"E08", "E02"} <= places.keys()
    assert places["E02"] == "Index"
