"""A book in which a city or an indicator has no value at all is a draft, and says which."""

import pytest

from tests.helpers.cli import run_json
from tests.helpers.own import UNITS, write_tables
from xlcity.cli import main
from xlcity.workbook.reading.template import open_template


def made(tmp_path, capsys, change):
    """Return the checks of a book of one's own whose data lines were changed, and of its index."""
    write_tables(tmp_path)
    path = tmp_path / "data.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    words = ["--framework", tmp_path / "fw.csv", "--data", path]
    assert run_json(capsys, "new", *words, "-o", tmp_path / "own.xlsx")[0] == 0
    _, document = run_json(capsys, "check", tmp_path / "own.xlsx")
    _, index = run_json(capsys, "index", *words)
    book = document["workbooks"][0]
    return book["verdict"], {c["name"]: c for c in book["checks"]}, index


def blank_all(rows):
    for row in rows[1:]:
        row[1:] = [""] * 6


def blank_city(rows):
    rows[3][1:] = [""] * 6


def blank_indicator(rows):
    for row in rows[1:]:
        row[5] = ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "named", "unfilled"),
    [
        (blank_all, ("city00", "A0"), 72),
        (blank_city, ("city02",), 6),
        (blank_indicator, ("B1",), 12),
    ],
)
def test_no_value_at_all_is_a_draft_that_names_it(
    tmp_path, capsys, change, named, unfilled
):
    verdict, checks, index = made(tmp_path, capsys, change)
    failing = {name for name, check in checks.items() if check["status"] == "fail"}
    assert (verdict, failing) == ("draft", set())
    assert all(name in checks["inputs"]["detail"] for name in named), checks["inputs"]
    assert f"{unfilled} not filled yet" in checks["inputs"]["detail"]
    sheet = checks["sheet:without-values"]
    assert sheet["status"] == "note"
    assert named[0] in sheet["detail"]
    assert not sheet["detail"].endswith(" )")
    assert (index["draft"], len(index["unfilled"])) == (True, unfilled)


def test_what_has_no_value_is_named_in_chinese_too(tmp_path, capsys, monkeypatch):
    write_tables(tmp_path)
    path = tmp_path / "data.csv"
    head, first, second, *lines = path.read_text().splitlines()
    name, _, *values = first.split(",")
    rows = [
        ",".join([name, "", *values]),
        second.split(",")[0] + "," * (len(values) + 1),
        *lines,
    ]
    path.write_text("\n".join([head, *rows]) + "\n")
    cities = tmp_path / "cities.csv"
    book = tmp_path / "own.xlsx"
    named = [f"{city},{city.replace('city', '城市')}" for city in UNITS]
    cities.write_text("\n".join(["id,name_zh", *named]), encoding="utf-8")
    words = [
        "--framework",
        tmp_path / "fw.csv",
        "--empty",
        "--cities",
        cities,
        "-o",
        book,
    ]
    assert run_json(capsys, "new", *words)[0] == 0
    assert (
        run_json(capsys, "fill", book, "--data", path, "-o", tmp_path / "filled.xlsx")[
            0
        ]
        == 0
    )
    monkeypatch.setenv("XLCITY_LANG", "zh")
    main(["check", str(tmp_path / "filled.xlsx")])
    (line,) = [row for row in capsys.readouterr().out.splitlines() if " inputs " in row]
    assert line.endswith("；1 座城市没有任何数值：城市01；1 格空白按缺失计")


def test_what_is_confirmed_missing_everywhere_is_no_draft(tmp_path, capsys):
    def change(rows):
        for row in rows[1:]:
            row[5] = "NA"

    verdict, checks, index = made(tmp_path, capsys, change)
    assert verdict == "pass"
    assert index["draft"] is False
    assert checks["sheet:without-values"]["status"] == "pass"
    assert (
        checks["inputs"]["detail"]
        == "60 filled, 0 not filled yet, 12 confirmed missing"
    )


def test_single_blanks_are_missing_and_only_codes_are_confirmed(tmp_path, capsys):
    def change(rows):
        rows[1][1], rows[2][2] = "", ""
        for at in range(3, 8):
            rows[at][3] = "NA"

    verdict, checks, index = made(tmp_path, capsys, change)
    assert (verdict, index["draft"]) == ("pass", False)
    assert checks["inputs"]["detail"] == (
        "65 filled, 0 not filled yet, 5 confirmed missing; 2 blanks count as missing"
    )
    assert checks["sheet:inputs-missing"]["detail"].split(": ")[1].startswith("5 (")
    assert checks["sheet:without-values"]["status"] == "pass"
    assert len(UNITS) * 6 == 65 + 5 + 2


def test_who_has_no_total_score_is_named(tmp_path, capsys, monkeypatch):
    write_tables(tmp_path)
    book = tmp_path / "own.xlsx"
    words = [
        "--framework",
        tmp_path / "fw.csv",
        "--data",
        tmp_path / "data.csv",
        "-o",
        book,
    ]
    assert run_json(capsys, "new", *words, "--aggregate", "geometric")[0] == 0
    _, document = run_json(capsys, "check", book)
    (inputs,) = [c for c in document["workbooks"][0]["checks"] if c["name"] == "inputs"]
    # The least value of an indicator scores 0, which has no geometric mean.
    _, results = run_json(capsys, "results", book)
    names = [unit["unit"] for unit in results["units"] if unit["ranks"]["X"] is None]
    assert names
    assert (inputs["status"], inputs["detail"]) == (
        "note",
        "72 filled, 0 not filled yet, 0 confirmed missing; no total score for "
        f"{len(names)} cities: {', '.join(names)}",
    )
    monkeypatch.setenv("XLCITY_LANG", "zh")
    main(["check", str(book)])
    assert f"；{len(names)} 座城市没有总分：{names[0]}" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("given", ["none", "cities", "names", "rows"])
def test_an_empty_book_of_a_framework_of_ones_own(tmp_path, capsys, given):
    write_tables(tmp_path)
    (tmp_path / "cities.csv").write_text(
        "id,name_zh,name_en,aliases,region\nrome,罗马,Rome,Roma,south\noslo,奥斯陆,Oslo,,north\n"
    )
    (tmp_path / "names.csv").write_text("unit\nrome\noslo\n")
    words = {
        "none": [],
        "cities": ["--cities", tmp_path / "cities.csv"],
        "names": ["--data", tmp_path / "names.csv"],
        "rows": ["--data", tmp_path / "data.csv"],
    }[given]
    units = {"none": 0, "cities": 2, "names": 2, "rows": 12}[given]
    out = tmp_path / "own.xlsx"
    filled = tmp_path / "filled.xlsx"
    made = ["new", "--framework", tmp_path / "fw.csv", "--empty", *words, "-o", out]
    code, document = run_json(capsys, *made)
    assert (code, document.get("data"), document.get("units")) == (0, "empty", units), (
        document
    )
    _, document = run_json(capsys, "check", out)
    book = document["workbooks"][0]
    failing = [c["name"] for c in book["checks"] if c["status"] == "fail"]
    assert (book["verdict"], failing) == ("draft", [])
    if given == "cities":
        (tmp_path / "values.csv").write_text("unit,A0\nRoma,1\n奥斯陆,2\n")
        code, document = run_json(
            capsys, "fill", out, "--data", tmp_path / "values.csv", "-o", filled
        )
        assert (code, document["written"]) == (0, 2)


def test_a_list_of_cities_goes_with_an_empty_book(tmp_path, capsys):
    write_tables(tmp_path)
    (tmp_path / "cities.csv").write_text("id\nrome\n")
    words = ["--data", tmp_path / "data.csv", "--cities", tmp_path / "cities.csv"]
    code, document = run_json(
        capsys,
        "new",
        "--framework",
        tmp_path / "fw.csv",
        *words,
        "-o",
        tmp_path / "own.xlsx",
    )
    assert (code, [e["code"] for e in document["errors"]]) == (2, ["XC100"])


def fixed_geometric_book(folder, capsys, change):
    """Return the check of a book of geometric means on fixed bounds, its data lines changed."""
    write_tables(folder)
    head, *nodes = (folder / "fw.csv").read_text().splitlines()
    bounds = [",0,100" if len(node.split(",")[0]) == 2 else ",," for node in nodes]
    lines = [
        f"{head},goalpost_low,goalpost_high",
        *map("".join, zip(nodes, bounds, strict=True)),
    ]
    (folder / "fw.csv").write_text("\n".join(lines) + "\n")
    path = folder / "data.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    words = ["--framework", folder / "fw.csv", "--data", path, "--lang", "en"]
    words += ["--normalise", "goalposts", "--aggregate", "geometric"]
    book = folder / "own.xlsx"
    assert run_json(capsys, "new", *words, "-o", book)[0] == 0
    _, document = run_json(capsys, "check", book)
    return document["workbooks"][0]


def in_thousands(column, rows):
    for row in rows:
        row[column] = f"{1000 * float(row[column])}"


def test_a_book_without_any_total_is_not_to_be_used(tmp_path, capsys):
    book = fixed_geometric_book(
        tmp_path, capsys, lambda rows: in_thousands(6, rows[1:])
    )
    assert book["verdict"] == "fail"
    assert book["summary"].startswith("Do not use the scores: no city has a total")
    checks = {check["name"]: check for check in book["checks"]}
    assert checks["sheet:without-total"]["status"] == "fail"
    first = book["findings"][0]
    assert (first["rule"], first["severity"]) == ("E18", "error")
    assert "(city00 has no score of B)" in first["message"]
    # The value that is beyond its worst bound, in every row.
    # The value beyond its worst bound, in every row.
    assert (first["sheet"], first["cells"]) == ("Data", ["I10:I21"])


def test_a_draft_without_any_total_stays_a_draft(tmp_path, capsys):
    def change(rows):
        in_thousands(6, rows[1:])
        blank_city(rows)

    book = fixed_geometric_book(tmp_path, capsys, change)
    checks = {check["name"]: check["status"] for check in book["checks"]}
    assert (book["verdict"], checks["sheet:without-total"]) == ("draft", "note")
    (found,) = [one for one in book["findings"] if one["rule"] == "E18"]
    assert found["severity"] == "note"


def test_cities_that_are_confirmed_missing_lack_no_total(tmp_path, capsys):
    def change(rows):
        for row in rows[1:]:
            row[1:] = ["NA"] * 6

    book = fixed_geometric_book(tmp_path, capsys, change)
    checks = {check["name"]: check["status"] for check in book["checks"]}
    assert (book["verdict"], checks["sheet:without-total"]) == ("pass", "pass")
    assert "E18" not in {one["rule"] for one in book["findings"]}


def test_cities_without_a_total_are_named_first(tmp_path, capsys):
    book = fixed_geometric_book(
        tmp_path, capsys, lambda rows: in_thousands(6, (rows[3], rows[5]))
    )
    assert book["verdict"] == "pass"
    assert "city02 and 1 more have no total" in book["summary"]
    checks = {check["name"]: check for check in book["checks"]}
    assert checks["sheet:without-total"]["status"] == "note"
    assert checks["sheet:without-total"]["detail"].endswith(": 2 (city02)")


def test_a_fixed_geometric_book_with_totals_passes(tmp_path, capsys):
    book = fixed_geometric_book(tmp_path, capsys, lambda rows: None)
    assert (book["verdict"], book["summary"]) == ("pass", "The scores can be used.")


def test_a_city_with_a_blank_is_not_filled_yet_and_lacks_no_total(tmp_path, capsys):
    def change(rows):
        rows[3][1:] = [""] * 6

    book = fixed_geometric_book(tmp_path, capsys, change)
    assert book["verdict"] == "draft"
    checks = {check["name"]: check for check in book["checks"]}
    assert checks["sheet:without-total"]["status"] == "pass"
    assert checks["sheet:without-values"]["status"] == "note"


@pytest.mark.slow
def test_an_empty_book_of_a_report_counts_all_cities_and_indicators(tmp_path, capsys):
    """Its recipe waits for every blank: they were counted as blanks alone."""
    book = tmp_path / "empty.xlsx"
    words = ["iecc2024", "--empty", "--lang", "en", "-o", book]
    assert run_json(capsys, "new", *words)[0] == 0
    _, document = run_json(capsys, "check", book)
    checks = {check["name"]: check for check in document["workbooks"][0]["checks"]}
    assert checks["sheet:without-total"]["status"] == "pass"
    without = checks["sheet:without-values"]
    template = open_template(book)
    wanted = len(template.dataset.units) + len(template.framework.indicators)
    assert without["status"] == "note"
    assert f": {wanted} (" in without["detail"]
