"""The verb `new`: templates of a report and of frameworks of one's own, and what it refuses."""

import pytest

from tests.helpers.cli import codes, run, run_json
from tests.helpers.templates import (
    MAIN,
    SEARCH,
    UNITS,
    require_agreement,
    seen,
    small_report,
)
from xlcity.audit.check.check import check_workbook
from xlcity.index import compute
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.usefixtures("small_reports")


def test_a_report_with_the_values_it_ships_with(capsys, tmp_path):
    path = tmp_path / "城市 形象.xlsx"
    code, document = run_json(capsys, "new", "image2025", "-o", path)
    assert code == 0
    assert document["path"] == str(path)
    assert (document["data"], document["edition"]) == ("partial", "2025")
    assert document["input_cells"] == (len(UNITS) + 3) * 6
    assert document["formula_cells"] > 1500
    # Normalised, composites and ranks of composites, over all rows.
    assert document["udf_cells"] == (len(UNITS) + 3) * (6 + 10 + 10)
    names = open_template(path).book.sheets
    assert document["sheets"] == list(names)
    for sheet in ("README", "Framework", "Cities", "Data", "Sources", "UDF", "Checks"):
        assert sheet in names
    # Only visible sheets, and the values are computed already.
    assert {sheet.state for sheet in names.values()} == {"visible"}
    checked = {c.name: c.status for c in check_workbook(path).checks}
    assert checked["stale"] == checked["contract"] == "pass"
    units = stored_results(open_template(path))["units"]
    assert units[0]["scores"]["IMG"] == pytest.approx(
        compute(
            small_report().framework, small_report().recipe, small_report().dataset
        ).scores[0, 0]
    )


def test_an_empty_one_is_a_draft(capsys, tmp_path):
    path = tmp_path / "empty.xlsx"
    code, document = run_json(
        capsys, "new", "image2025", "--empty", "-o", path, "--lang", "en"
    )
    assert (code, document["data"]) == (0, "empty")
    template = open_template(path)
    assert stored_results(template)["draft"] is True
    assert template.text("xl_lang") == "en"
    assert check_workbook(path).verdict == "draft"


def test_a_framework_of_ones_own_has_native_cells_unless_its_method_needs_functions(
    capsys, tmp_path, own
):
    path = tmp_path / "own.xlsx"
    for words, cells in (((), 0), (("--aggregate", "copeland"), 1)):
        code, document = run_json(capsys, "new", *own(), *words, "-o", path)
        assert (code, document["udf_cells"] > 0) == (0, bool(cells))
        assert ("UDF" in document["sheets"]) == bool(cells)


def test_without_functions(capsys, tmp_path):
    path = tmp_path / "plain.xlsx"
    code, document = run_json(capsys, "new", "image2025", "--no-udf", "-o", path)
    assert (code, document["udf_cells"]) == (0, 0)
    assert "UDF" not in document["sheets"]
    checked = check_workbook(path)
    status = {c.name: c.status for c in checked.checks}
    assert (checked.verdict, status["udf-native"]) == ("pass", "skipped")
    assert status["contract"] == "pass"


def test_data_of_ones_own(capsys, tmp_path):
    data = tmp_path / "数据.csv"
    path = tmp_path / "own.xlsx"
    text = f'城市,谷歌趋势搜索指数,{MAIN}\n北京市,１２,NA\n 成都,"1,234",4.5\nShanghai,12.3%,\n'
    data.write_bytes(text.encode("gb18030"))
    code, document = run_json(capsys, "new", "image2025", "--data", data, "-o", path)
    assert (code, document["data"]) == (0, "own")
    notes = {entry["note"] for entry in document["converted"]}
    assert {
        "full-width characters",
        "commas between thousands",
        "percent sign: divided by 100",
        "name matched without case, accents, spaces, marks or 市",
    } <= notes
    book = seen(Package.read(path))
    require_agreement(book)
    assert [book.typed(u, SEARCH) for u in ("beijing", "chengdu", "shanghai")] == [
        12,
        1234,
        0.123,
    ]
    assert (book.typed("beijing", MAIN), book.letter("shanghai", MAIN)) == (
        "NA",
        "blank",
    )
    assert book.letter("beijing", SEARCH) == "E"
    assert book.verdict == "draft"


FAULTS = (
    f'city,{SEARCH},{MAIN}\n成都市,"12,3",<5\n北京,'
    "约12,NA\n成都,1,2\nAtlantis,1,2\n上海,inf,4\n"
)


def test_every_fault_of_the_data_is_listed_and_nothing_is_written(capsys, tmp_path):
    data = tmp_path / "bad.csv"
    path = tmp_path / "x.xlsx"
    data.write_text(FAULTS, encoding="utf-8")
    code, document = run_json(capsys, "new", "image2025", "--data", data, "-o", path)
    assert code == 3
    assert codes(document) == {"XC301", "XC303", "XC311", "XC313"}
    found = [
        (e["where"]["cell"], e["where"]["indicator"], e["where"]["unit"])
        for e in document["errors"]
    ]
    assert found == [
        ("row 2", SEARCH, "chengdu"),
        ("row 2", MAIN, "chengdu"),
        ("row 3", SEARCH, "beijing"),
        ("row 4", None, "chengdu"),
        ("row 5", None, "Atlantis"),
        ("row 6", SEARCH, "shanghai"),
    ]
    assert all(
        e["hint"] and e["where"]["file"] == str(data) for e in document["errors"]
    )
    assert not path.exists()
    code, out, err = run(capsys, "new", "image2025", "--data", data, "-o", path)
    assert (code, out) == (3, "")
    assert err.count("xlcity new: [XC") == len(found)


def test_usage(capsys, tmp_path):
    good = tmp_path / "x.xlsx"
    for words in (
        ("new", "nope", "-o", good),
        ("new", "-o", good),
        ("new", "image2025", "-o", tmp_path / "x.xls"),
        ("new", "image2025", "--empty", "--data", "d.csv", "-o", good),
        ("new", "image2025", "--option", "nope", "-o", good),
        ("new", "image2025"),
        ("new", "image2025", "-o", good, "--lang", "fr"),
        ("new", "--framework", "f.csv", "-o", good),
    ):
        code, document = run_json(capsys, *words)
        assert (code, codes(document)) == (2, {"XC100"}), words
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_and_data_that_are_not(capsys, tmp_path):
    code, document = run_json(
        capsys, "new", "image2025", "-o", tmp_path / "no" / "x.xlsx"
    )
    assert (code, codes(document)) == (3, {"XC420"})
    code, document = run_json(
        capsys,
        "new",
        "image2025",
        "--data",
        tmp_path / "no.csv",
        "-o",
        tmp_path / "x.xlsx",
    )
    assert code == 3
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_and_an_open_one_left_alone(capsys, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"mine")
    code, document = run_json(capsys, "new", "image2025", "-o", path)
    assert code == 0
    kept = tmp_path / "x.xlsx.bak"
    assert document["kept"] == str(kept)
    assert kept.read_bytes() == b"mine"
    built = path.read_bytes()
    code, document = run_json(capsys, "new", "image2025", "-o", path)
    assert (code, document["kept"], path.read_bytes()) == (0, None, built)
    (tmp_path / "~$x.xlsx").write_bytes(b"")
    code, document = run_json(capsys, "new", "image2025", "--empty", "-o", path)
    assert (code, codes(document)) == (3, {"XC424"})
    assert path.read_bytes() == built


def test_options_of_the_recipe(capsys, tmp_path):
    path = tmp_path / "x.xlsx"
    code, document = run_json(
        capsys, "new", "image2025", "--option", "minmax", "-o", path
    )
    assert (code, document["option"]) == (0, "minmax")
    book = seen(Package.read(path))
    require_agreement(book)
    assert min(book.normalised[unit, SEARCH] for unit in UNITS) == 0


# -- frameworks of one's own ----------------------------------------------------------------------
FRAMEWORK = """code,parent,name_en,weight,direction
T,,Total,1,1
A,T,First,2,1
B,T,Second,1,1
a1,A,Good,1,1
a2,A,Bad,3,-1
b1,B,Alone,1,1
"""
DATA = "unit,a1,a2,b1\nx,1,10,3\ny,2,NA,1\nz,4,30,\nw,3,20,2\n"


@pytest.fixture
def own(tmp_path):
    def write(framework=FRAMEWORK, data=DATA, recipe=None):
        words = ["--framework", tmp_path / "f.csv", "--data", tmp_path / "d.csv"]
        (tmp_path / "f.csv").write_text(framework, encoding="utf-8")
        (tmp_path / "d.csv").write_text(data, encoding="utf-8")
        if recipe is not None:
            (tmp_path / "r.toml").write_text(recipe, encoding="utf-8")
            words += ["--recipe", tmp_path / "r.toml"]
        return words

    return write


def test_a_framework_of_ones_own(capsys, tmp_path, own):
    path = tmp_path / "own.xlsx"
    code, document = run_json(capsys, "new", *own(), "--cells", "both", "-o", path)
    assert (code, document["data"], document["units"]) == (0, "own", 4)
    book = seen(Package.read(path))
    require_agreement(book)
    # Oriented: less of a2 is better; y has no a2, so its A is its a1.
    assert book.normalised["x", "a2"] == (30 - 10) / (30 - 10) * 100
    assert book.scores["y", "A"] == pytest.approx((2 - 1) / (4 - 1) * 100)
    assert book.scores["z", "B"] is None
    assert book.scores["z", "T"] == book.scores["z", "A"]
    # Blank counts as missing here: no draft.
    checked = check_workbook(path)
    assert checked.verdict == "pass"
    assert {c.name: c.status for c in checked.checks}["contract"] == "pass"
    # And the same from the files, without a workbook.
    framework = Framework.read(tmp_path / "f.csv")
    dataset, _ = read_dataset(tmp_path / "d.csv", framework, None, book.template.recipe)
    direct = compute(framework, book.template.recipe, dataset)
    rows = [unit.id for unit in dataset.units]
    for (unit, node), value in book.scores.items():
        expected = direct.scores[rows.index(unit), direct.node_codes.index(node)]
        assert value == (
            None if expected != expected else pytest.approx(expected, rel=1e-12)
        )


def test_sources_and_the_previous_edition_stand_beside_the_values(
    capsys, tmp_path, own
):
    # They were left out without a word.
    own()
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    words = (
        "new",
        "--framework",
        tmp_path / "f.csv",
        "--data",
        folder,
        "-o",
        tmp_path / "o.xlsx",
    )
    sources = folder / "sources.csv"
    previous = folder / "previous.csv"
    sources.write_text("unit,code,basis\nx,a9,\nq,a1,odd\n", encoding="utf-8")
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC311", "XC314", "XC316"})
    sources.write_text("unit,kind\nx,a9\n", encoding="utf-8")
    assert codes(run_json(capsys, *words)[1]) == {"XC339"}
    sources.write_text(
        "unit,code,basis,year,remark\nx,a1,substituted,2022,r\n", encoding="utf-8"
    )
    previous.write_text(
        "unit,year,a1,a2\nx,2023,2,NA\nz,2023,1,\nold,2023,3,4\n", encoding="utf-8"
    )
    code, document = run_json(capsys, *words)
    assert code == 0
    assert {"LastEdition", "Change"} <= {*document["sheets"]}
    template = open_template(tmp_path / "o.xlsx")
    (line,) = read_content(template).spec.exceptions
    assert (line.unit, line.code, line.value, line.basis) == (
        "x",
        "a1",
        1,
        "substituted",
    )
    assert (line.year, line.remark_zh) == ("2022", "r")
    assert template.text("xl_last_edition") == "2023"
    assert check_workbook(tmp_path / "o.xlsx").verdict == "pass"


def test_the_status_of_values_is_kept_in_a_workbook_of_an_own_framework(
    capsys, tmp_path, own
):
    # It was left out without a word: invented values looked like real ones.
    own()
    (tmp_path / "s.csv").write_text(
        "unit,a1,a2,basis\nx,1,2,synthetic\nz,3,,entered\n", "utf-8"
    )
    words = ("--data", tmp_path / "s.csv", "-o", tmp_path / "o.xlsx")
    code, document = run_json(capsys, "new", "--framework", tmp_path / "f.csv", *words)
    assert (code, document["synthetic"]) == (0, 2)
    template = open_template(tmp_path / "o.xlsx")
    lines = [
        (line.unit, line.code, line.value, line.basis)
        for line in read_content(template).spec.exceptions
    ]
    assert lines == [("x", "a1", 1, "synthetic"), ("x", "a2", 2, "synthetic")]
    (check,) = [
        c for c in check_workbook(template).checks if c.name == "sheet:derived-values"
    ]
    assert check.status == "note"


def test_a_listed_city_without_values_was_not_part_of_the_previous_edition(
    capsys, tmp_path, own
):
    own()
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    (folder / "cities.csv").write_text(
        "id,name_en\nw,W\nx,X\ny,Y\nz,Z\n", encoding="utf-8"
    )
    (folder / "previous.csv").write_text("unit,a1,a2\nx,2,NA\nz,1,\n", encoding="utf-8")
    words = (
        "new",
        "--framework",
        tmp_path / "f.csv",
        "--data",
        folder,
        "-o",
        tmp_path / "o.xlsx",
    )
    assert run_json(capsys, *words)[0] == 0
    assert read_content(open_template(tmp_path / "o.xlsx")).spec.last.units == (
        "x",
        "z",
    )


SHARES = """id = "mine"
weights = "shares"
[[step]]
do = "normalise"
method = "minmax"
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "zero"
[[step]]
do = "rank"
method = "competition"
"""


def test_shares_that_do_not_sum_to_one_are_refused(capsys, tmp_path, own):
    path = tmp_path / "own.xlsx"
    framework = FRAMEWORK.replace("A,T,First,2", "A,T,First,0.68").replace(
        "B,T,Second,1", "B,T,Second,0.3"
    )
    framework = framework.replace("Good,1", "Good,0.25").replace("Bad,3", "Bad,0.75")
    code, document = run_json(capsys, "new", *own(framework, recipe=SHARES), "-o", path)
    assert (code, codes(document)) == (3, {"XC210"})
    assert "sum to 0.98" in document["errors"][0]["message"]
    assert document["errors"][0]["where"]["indicator"] == "T"
    assert not path.exists()
    good = framework.replace("0.68", "0.7")
    code, document = run_json(
        capsys, "new", *own(good, recipe=SHARES), "--cells", "both", "-o", path
    )
    assert code == 0
    book = seen(Package.read(path))
    require_agreement(book)
    # missing = zero: y's a2 counts as 0, z's b1 is not filled.
    assert book.scores["y", "A"] == pytest.approx(0.25 * (2 - 1) / (4 - 1) * 100)
    assert book.scores["z", "B"] is None
    assert (book.verdict, book.red) == ("draft", set())


def test_a_constant_column_is_told(capsys, tmp_path, own):
    data = "unit,a1,a2,b1\nx,1,10,3\ny,1,20,1\nz,1,15,2\n"
    code, document = run_json(
        capsys, "new", *own(data=data), "-o", tmp_path / "own.xlsx"
    )
    assert code == 0
    assert [(n["code"], n["where"]["indicator"]) for n in document["notes"]] == [
        ("XC350", "a1")
    ]


def test_methods_without_native_cells_are_refused(capsys, tmp_path, own):
    path = tmp_path / "own.xlsx"
    dense = SHARES.replace('"shares"', '"relative"') + 'ties = "dense"\n'
    code, document = run_json(capsys, "new", *own(recipe=dense), "-o", path)
    assert (code, codes(document)) == (3, {"XC259"})
    assert "rank with ties 'dense'" in document["errors"][0]["message"]
    assert not path.exists()
    # A value for a node above the indicators has a cell of its own, and is used.
    data = "unit,a1,a2,b1,A\nx,1,10,3,50\ny,2,20,1,\n"
    code, _ = run_json(capsys, "new", *own(data=data), "-o", path)
    assert code == 0
    template = open_template(path)
    assert "A" in template.columns
    scores = {
        unit["unit"]: unit["scores"]["A"] for unit in stored_results(template)["units"]
    }
    assert scores["x"] == 50
    assert scores["y"] != 50


def test_very_many_problems_of_one_cause_are_counted(capsys, tmp_path):
    framework = tmp_path / "f.csv"
    framework.write_text("code,parent\nT,\na,T\nb,T\n")
    data = tmp_path / "d.csv"
    rows = [f"city{row},1,2,3" for row in range(150)]
    data.write_text("\n".join(["unit,a,b", *rows]))
    words = ("new", "--framework", framework, "--data", data, "-o", tmp_path / "b.xlsx")
    code, _, err = run(capsys, *words)
    assert code == 3
    lines = err.splitlines()
    assert len(lines) == 101
    assert "row 101" in lines[99]
    assert "50 more like it" in lines[100]
    code, document = run_json(capsys, *words)
    assert len(document["errors"]) == 150
