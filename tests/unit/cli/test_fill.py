"""The verb `fill`: what is written, what is left alone, and what is refused."""

from pathlib import Path

import pytest

from tests.helpers.cli import codes, run, run_json
from tests.helpers.templates import (
    ATTRACT,
    MAIN,
    MEDIA,
    SEARCH,
    city_cell,
    data_cell,
    data_row,
    require_agreement,
    seen,
    small_read,
    spare_row,
)
from xlcity.audit.check.check import check_workbook
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package


@pytest.fixture
def csv(tmp_path):
    def write(text: str, encoding: str = "utf-8", name: str = "数据 1.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_values_are_written_and_results_recalculated(capsys, small_file, csv, tmp_path):
    source = small_file("城市 形象.xlsx")
    target = tmp_path / "填 好.xlsx"
    before = source.read_bytes()
    data = csv(f"city,{SEARCH},{MAIN},{ATTRACT}\n成都市,12,NA,\n beijing,2,,\n")
    code, document = run_json(capsys, "fill", source, "--data", data, "-o", target)
    assert code == 0
    assert document["path"] == str(target)
    # Beijing's 2 stands there already; blank cells leave the book alone.
    assert (document["written"], document["cleared"]) == (2, 0)
    assert [
        text
        for text in document["skipped"]
        if "already" in text and text.startswith("1 ")
    ]
    assert {entry["unit"] for entry in document["converted"]} == {"成都市", "beijing"}
    assert source.read_bytes() == before
    book = seen(Package.read(target))
    require_agreement(book)
    assert (book.verdict, book.red) == ("pass", set())
    assert book.typed("chengdu", SEARCH) == 12
    assert (book.letter("chengdu", SEARCH), book.letter("chengdu", MAIN)) == ("E", "M")
    assert book.typed("chengdu", ATTRACT) == 57.82
    status = {c.name: c.status for c in check_workbook(target).checks}
    assert status["stale"] == status["contract"] == "pass"
    assert book.template.text("xl_input_hash") == book.template.dataset.digest()


def test_gb18030_and_conversions_are_noted(capsys, small_file, csv, tmp_path):
    data = csv(
        f'城市;谷歌趋势搜索指数;{MEDIA}\n成都;１２;"1,234"\n北京;12.3%;1.5万\n上海;;\u3000\n',
        "gb18030",
    )
    target = tmp_path / "out.xlsx"
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target
    )
    assert (code, document["written"]) == (0, 4)
    found = {
        (e["unit"], e["raw"]): e["result"] for e in document["converted"] if e["unit"]
    }
    assert found["chengdu", "１２"] == "12"
    assert found["chengdu", "1,234"] == "1234"
    assert found["beijing", "12.3%"] == "0.123"
    assert found["beijing", "1.5万"] == "15000"
    template = open_template(target)
    sheet = template.book.sheets["Data"]
    assert sheet.value(*_at("beijing", SEARCH)) == 0.123
    assert sheet.value(*_at("beijing", MEDIA)) == 15000


def _at(unit, code):
    template = small_read()
    return template.rows[unit], template.columns[code]


def test_clear_empties_what_the_file_has_blank(capsys, small_file, csv, tmp_path):
    data = csv(f"city,{SEARCH},{MAIN}\nchengdu,,4.5\n")
    target = tmp_path / "out.xlsx"
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target, "--clear"
    )
    assert (code, document["written"], document["cleared"]) == (0, 1, 1)
    book = seen(Package.read(target))
    assert (book.typed("chengdu", SEARCH), book.typed("chengdu", MAIN)) == ("", 4.5)
    # Other cities and columns are not in the file and stay.
    assert book.typed("chengdu", MEDIA) == 9.38
    assert book.typed("beijing", SEARCH) == 2
    assert book.verdict == "draft"


def test_nothing_but_results_changes(capsys, small_file, csv, tmp_path):
    source = small_file()
    target = tmp_path / "out.xlsx"
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    assert run(capsys, "fill", source, "--data", data, "-o", target)[0] == 0
    old = Package.read(source).parts
    new = Package.read(target).parts
    assert list(old) == list(new)
    changed = {name for name in old if old[name] != new[name]}
    assert all(
        name.startswith(("xl/worksheets/sheet", "xl/charts/chart")) for name in changed
    )


def test_without_recalculation_the_results_are_stale(capsys, small_file, csv, tmp_path):
    target = tmp_path / "out.xlsx"
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target, "--no-recalc"
    )
    assert (code, document["recalculated"]) == (0, False)
    status = {c.name: c.status for c in check_workbook(target).checks}
    assert (status["stale"], status["python-native"]) == ("fail", "pass")


def test_in_place_keeps_the_old_file(capsys, small_file, csv, tmp_path):
    path = small_file()
    before = path.read_bytes()
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    assert run(capsys, "fill", path, "--data", data, "--in-place")[0] == 0
    kept = path.with_name(path.name + ".bak")
    assert kept.read_bytes() == before
    filled = path.read_bytes()
    assert filled != before
    # The same values again change nothing, not even the kept file.
    assert run(capsys, "fill", path, "--data", data, "--in-place")[0] == 0
    assert (path.read_bytes(), kept.read_bytes()) == (filled, before)
    kept.unlink()
    other = csv(f"city,{SEARCH}\nchengdu,13\n")
    assert (
        run(capsys, "fill", path, "--data", other, "--in-place", "--no-backup")[0] == 0
    )
    assert not kept.exists()
    assert path.read_bytes() != filled


def test_an_open_file_is_read_and_not_overwritten(capsys, small_file, csv, tmp_path):
    path = small_file()
    before = path.read_bytes()
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        (tmp_path / lock).write_bytes(b"")
        code, document = run_json(capsys, "fill", path, "--data", data, "--in-place")
        assert (code, codes(document)) == (3, {"XC424"})
        assert path.read_bytes() == before
        assert not path.with_name(path.name + ".bak").exists()
        target = tmp_path / "copy.xlsx"
        assert run(capsys, "fill", path, "--data", data, "-o", target)[0] == 0
        target.unlink()
        (tmp_path / lock).unlink()


def test_usage(capsys, small_file, csv):
    path = small_file()
    before = path.read_bytes()
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    for words in (
        ("fill", path, "--data", data),
        ("fill", path, "-o", "x.xlsx"),
        ("fill", path, "--data", data, "-o", "x.xlsx", "--in-place"),
    ):
        code, document = run_json(capsys, *words)
        assert (code, codes(document)) == (2, {"XC100"})
    code, document = run_json(capsys, "fill", path, "--data", data, "-o", path)
    assert (code, codes(document)) == (2, {"XC102"})
    assert path.read_bytes() == before


def test_every_fault_is_listed_and_nothing_is_written(
    capsys, small_file, csv, tmp_path
):
    path = small_file()
    target = tmp_path / "out.xlsx"
    data = csv(
        f"city,{SEARCH},{MAIN}\n"
        '成都市,"12,3",<5\n北京,约12,0\n成都,1,2\nAtlantis,1,2\n上海,inf,4\nqingdao,TRUE,4\n'
    )
    code, document = run_json(capsys, "fill", path, "--data", data, "-o", target)
    assert code == 3
    assert codes(document) == {"XC301", "XC303", "XC305", "XC311", "XC313"}
    assert len(document["errors"]) == 8
    assert not target.exists()
    code, _ = run_json(capsys, "fill", path, "--data", data, "--in-place")
    assert code == 3
    assert not path.with_name(path.name + ".bak").exists()


def test_doubtful_values_are_used_and_told(capsys, small_file, csv, tmp_path):
    data = csv(f"city,{MAIN}\nchengdu,6\n")
    target = tmp_path / "out.xlsx"
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target
    )
    assert (code, document["written"]) == (0, 1)
    assert "plausible value of" in document["doubtful"][0]["message"]
    assert check_workbook(target).verdict == "fail"


def test_columns_that_are_no_inputs(capsys, small_file, csv, tmp_path):
    target = tmp_path / "out.xlsx"
    data = csv(f"city,备注,{SEARCH}\nchengdu,x,12\n")
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target
    )
    assert (code, document["written"]) == (0, 1)
    assert any("备注" in text for text in document["skipped"])
    # A node above the indicators is computed; a value for it has no cell.
    data = csv("city,IMG_COM\nchengdu,50\n")
    code, document = run_json(
        capsys, "fill", small_file(), "--data", data, "-o", target
    )
    assert code == 3
    assert "IMG_COM" in document["errors"][0]["message"]


def test_a_sorted_sheet_with_a_city_whose_row_is_gone(
    capsys, small_file, csv, tmp_path
):
    """Rows are found by id; a city without one gets a spare row."""
    rows = {f"A{data_row('chengdu')}": None}
    rows |= {data_cell("chengdu", code): None for code in small_read().columns}
    path = small_file(Data=rows)
    target = tmp_path / "out.xlsx"
    data = csv(f"city,{SEARCH},{MEDIA}\n成都,6,9.38\n")
    code, document = run_json(capsys, "fill", path, "--data", data, "-o", target)
    assert (code, document["written"]) == (0, 2)
    template = open_template(target)
    assert template.rows["chengdu"] in (data_row("chengdu"), spare_row())
    book = seen(Package.read(target))
    require_agreement(book)
    assert book.typed("chengdu", SEARCH) == 6


def test_a_new_city_listed_on_cities(capsys, small_file, csv, tmp_path):
    path = small_file(
        Cities={
            city_cell("haikou", "id", 1): "sanya",
            city_cell("haikou", "population", 1): "main",
            city_cell("haikou", "name_zh", 1): "三亚",
        }
    )
    target = tmp_path / "out.xlsx"
    columns = ",".join(small_read().columns)
    data = csv(f"city,{columns}\n三亚市,20,200,4,4,4,50\n")
    assert run(capsys, "fill", path, "--data", data, "-o", target)[0] == 0
    book = seen(Package.read(target))
    require_agreement(book)
    assert (book.verdict, book.red) == ("pass", set())
    assert book.normalised["sanya", SEARCH] == 100


def test_formulas_in_input_cells_are_not_overwritten(capsys, small_file, csv, tmp_path):
    path = small_file()
    package = Package.read(path)
    part = small_read().book.sheets["Data"].part
    cell = data_cell("chengdu", SEARCH)
    xml = package.parts[part].decode()
    start = xml.index(f'<c r="{cell}"')
    end = xml.index("</c>", start) + 4
    head = xml[start : xml.index(">", start)]
    xml = f"{xml[:start]}{head}><f>2*3</f><v>6</v></c>{xml[end:]}"
    package.replace({part: xml.encode()}).write(path)
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    target = tmp_path / "out.xlsx"
    code, document = run_json(capsys, "fill", path, "--data", data, "-o", target)
    assert (code, codes(document)) == (3, {"XC422"})
    assert document["errors"][0]["where"]["cell"] == cell
    assert not target.exists()


def test_a_workbook_as_data(capsys, small_file, tmp_path):
    """Another template's values: its sheet Data is read by its code row."""
    other = small_file("other.xlsx", Data={data_cell("chengdu", SEARCH): 12.0})
    target = tmp_path / "out.xlsx"
    code, document = run_json(
        capsys, "fill", small_file("mine.xlsx"), "--data", other, "-o", target
    )
    assert (code, document["written"]) == (0, 1)
    assert open_template(target).dataset.values[1, 0] == 12


def test_comments_and_sheets_of_ones_own_stay(capsys, small_file, csv, tmp_path):
    path = small_file()
    extra = {"README": {(60, 1): "my remark"}}
    write_inputs(Package.read(path), extra).write(path)
    target = tmp_path / "out.xlsx"
    data = csv(f"city,{SEARCH}\nchengdu,12\n")
    code, out, err = run(capsys, "fill", path, "--data", data, "-o", target)
    assert code == 0
    assert out.startswith(f"{target}: 1 cell written, 0 emptied")
    assert err == ""
    assert open_template(target).book.value("README", 60, 1) == "my remark"


def test_the_values_of_a_template_are_read_in_any_language(capsys, tmp_path):
    for language in ("zh", "en"):
        words = ("new", "image2025", "--lang", language, "--no-udf", "-o")
        assert run(capsys, *words, tmp_path / f"{language}.xlsx")[0] == 0
    words = (
        "fill",
        tmp_path / "en.xlsx",
        "--data",
        tmp_path / "zh.xlsx",
        "--no-recalc",
    )
    code, document = run_json(capsys, *words, "-o", tmp_path / "o.xlsx")
    assert (code, document["written"]) == (0, 0)


def test_what_a_whole_table_lacks_is_named(capsys, small_file, csv, tmp_path):
    source = small_file()
    kept, *units = [unit.id for unit in open_template(source).dataset.units]
    data = csv("\n".join([f"city,{SEARCH}", *(f"{unit},1" for unit in units)]))
    _, document = run_json(
        capsys, "fill", source, "--data", data, "-o", tmp_path / "f.xlsx"
    )
    assert (
        f"cities without values in the file keep the old ones: {kept}"
        in document["skipped"]
    )
