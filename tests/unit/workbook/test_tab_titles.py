"""Tabs of books in Chinese have Chinese titles; verbs take these and the contract's names."""

import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.large_reports import LARGE, reports_by_size
from tests.helpers.own import write_tables
from tests.helpers.slip_books import sound_book
from xlcity.audit.lint.subject import Subject
from xlcity.reports import known_ids, load_report
from xlcity.workbook.build import draw
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tab_titles import (
    contract_name,
    read_tab_language,
    renamed_tabs,
    tab_title,
    title_in,
    with_contract_names,
    with_tabs_in,
)
from xlcity.workbook.tabs import sheet_titles, with_pages
from xlcity.xlsx.address import cell_name, parse_area, quote_sheet
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.rename_sheets import rename_sheets, sheet_renamer
from xlcity.xlsx.package import Package

CHINESE_TABS = True
REPORTS = ("image2025", "iecc2024", "gihi2023", "bri2021", "vitality2014")


def spec(report: str, **options: object):
    return replace(with_pages(template_spec(load_report(report)), ["all"]), **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one's own in Chinese with all pages, and the tables it was made from."""
    folder = tmp_path_factory.mktemp("titles")
    write_tables(folder)
    from xlcity.cli import main

    words = ("--framework", "fw.csv", "--data", "data.csv", "-o", "book.xlsx")
    paths = [word if word.startswith("-") else str(folder / word) for word in words]
    assert main(["new", *paths, "--pages", "all", "--cells", "both", "--json"]) == 0
    return folder


@pytest.fixture
def book(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(folder / "book.xlsx", tmp_path / "book.xlsx"))


def titles_of(path: Path) -> list[str]:
    return openpyxl.load_workbook(path, read_only=True).sheetnames


def titles_in(package: Package) -> list[str]:
    return list(read_book(package).sheets)


@pytest.mark.parametrize("report", known_ids())
def test_titles_are_short_unique_and_need_no_quotes(report: str) -> None:
    titles = sheet_titles(spec(report))
    assert len(set(titles.values())) == len(titles)
    for name, title in titles.items():
        # Sheets of functions have one name in all languages.
        assert (title != name) == (not name.endswith("UDF")), (
            f"{name} has no Chinese title"
        )
        assert len(title) <= 12
        assert quote_sheet(title) == title
        assert contract_name(title, report) == name
    english = sheet_titles(spec(report, language="en"))
    assert all(name == title for name, title in english.items())
    assert sheet_titles(spec(report, language="both")) == english


@pytest.mark.slow
@pytest.mark.parametrize(
    "report", ["image2025", pytest.param("vitality2014", marks=pytest.mark.slow)]
)
def test_formulas_are_the_same_with_other_titles_and_no_longer(report: str) -> None:
    chinese = spec(report)
    english = spec(report, language="zh", tab_language="en")
    titles = sheet_titles(chinese)
    retitled = sheet_renamer(titles)
    specs = {"zh": chinese, "en": english}
    drawn = {name: read_book(draw(each)[0]) for name, each in specs.items()}
    formulas = 0
    for name, title in titles.items():
        there = drawn["en"].sheets[name].cells.texts()
        here = drawn["zh"].sheets[title].cells.texts()
        assert here == {position: retitled(text) for position, text in there.items()}
        assert all(
            len(here[position]) <= len(text) + 2 for position, text in there.items()
        )
        formulas += len(here)
    assert formulas > 1000
    assert drawn["zh"].names == {
        n: retitled(text) for n, text in drawn["en"].names.items()
    }


def test_titles_stand_in_formulas_names_rules_charts_and_links(book: Path) -> None:
    package = Package.read(book)
    names = [name for name in sheet_titles(spec("image2025")) if name != "UDF"]
    for part, content in package.parts.items():
        if part.endswith(".xml"):
            text = content.decode("utf-8")
            for name in names:
                assert f"{name}!" not in text, part
                assert f"'{name}'!" not in text.replace("&apos;", "'"), part
    names_of_book = read_book(package).names
    assert parse_area(names_of_book["in_data"]).sheet == "数据"
    assert parse_area(names_of_book["out_scores"]).sheet == "指数"


def test_texts_of_the_book_name_the_tabs(book: Path) -> None:
    shown = openpyxl.load_workbook(book)
    texts = [
        cell.value
        for sheet in shown
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and not cell.value.startswith("=")
    ]
    assert "→ 数据" in texts
    assert "← 说明" in texts
    assert any("“数据”表的黄色格" in text for text in texts)
    for name in ("Data", "Cities", "Checks", "Messages", "Ranking", "Index!"):
        assert not [
            text for text in texts if f" {name} " in text or f"{name} 表" in text
        ]


def test_a_sheet_is_found_by_both_names(book: Path) -> None:
    template = open_template(book)
    assert template.book.sheets["Data"] is template.book.sheets["数据"]
    assert "Data" in template.book.sheets
    assert template.book.sheets.get("Nowhere") is None
    assert "Data" not in list(template.book.sheets)
    assert title_in(template.book, "Data") == "数据"
    assert title_in(template.book, "数据") == "数据"
    assert Subject.of(book).book.sheets["Index"].name == "指数"


def test_tabs_are_named_in_the_other_language_alone(book: Path) -> None:
    package = Package.read(book)
    assert titles_in(with_tabs_in(package, read_book(package), "zh")) == titles_of(book)
    english = with_tabs_in(package, read_book(package), "en")
    assert titles_in(english) == [contract_name(title) for title in titles_of(book)]


def test_a_sheet_of_the_contracts_name_is_itself(book: Path) -> None:
    own = openpyxl.load_workbook(book)
    own.create_sheet("Data")["A1"] = "my own"
    own.save(book)
    template = open_template(book)
    assert template.book.value("Data", 1, 1) == "my own"
    assert template.area("in_data").sheet == "数据"


def test_check_passes_and_lint_finds_nothing(capsys, book: Path) -> None:
    code, document = run_json(capsys, "check", book)
    assert code == 0
    assert document["workbooks"][0]["verdict"] == "pass"
    assert {check["status"] for check in document["workbooks"][0]["checks"]} <= {
        "pass",
        "note",
    }
    code, document = run_json(capsys, "check", book, "--findings")
    assert code == 0
    assert document["findings"] == []


def test_trace_takes_both_names_and_prints_the_title(capsys, book: Path) -> None:
    area = open_template(book).area("out_scores")
    cell = f"{area.sheet}!{cell_name(area.r1, area.c1)}"
    code, document = run_json(capsys, "trace", book, cell)
    assert code == 0
    english = run_json(capsys, "trace", book, cell.replace("指数", "Index"))
    lower = run_json(capsys, "trace", book, cell.replace("指数", "index"))
    assert english == lower == (0, document)
    assert document["cell"].startswith("指数!")
    assert "数据!" in str(document)
    assert "Data!" not in str(document)
    code, _, err = run(capsys, "trace", book, "Nowhere!A1")
    assert code == 2
    assert "Nowhere" in err


def test_scenarios_take_both_names(capsys, book: Path, tmp_path: Path) -> None:
    area = open_template(book).area("in_data")
    for number, sheet in enumerate(("Data", "数据")):
        table = tmp_path / f"s{number}.csv"
        table.write_text(f"{sheet}!D{area.r1 + 1}\n51\n52\n", encoding="utf-8")
        code, document = run_json(capsys, "scenarios", book, "--table", table)
        assert code == 0, document


@pytest.mark.slow
def test_fill_merge_roll_and_pages(
    capsys, folder: Path, book: Path, tmp_path: Path
) -> None:
    filled, merged, rolled, more = (
        tmp_path / f"{name}.xlsx" for name in ("filled", "merged", "rolled", "more")
    )
    lines = (folder / "data.csv").read_text().splitlines()
    (tmp_path / "d.csv").write_text(f"{lines[0]}\n{lines[1].rpartition(',')[0]},77\n")
    code, _ = run_json(capsys, "fill", book, "--data", tmp_path / "d.csv", "-o", filled)
    assert code == 0
    code, document = run_json(capsys, "merge", book, filled, "-o", merged)
    assert code == 0, document
    city = lines[1].partition(",")[0]
    for path in (filled, merged):
        template = open_template(path)
        assert template.dataset.values[template.dataset.row(city), -1] == 77
        assert template.area("in_data").sheet == "数据"
    code, _ = run_json(capsys, "roll", merged, "--edition", "2026", "-o", rolled)
    assert code == 0
    assert {"数据", "上届", "变化"} <= set(titles_of(rolled))
    code, _ = run_json(capsys, "pages", book, "--remove", "whatif", "-o", more)
    assert code == 0
    assert "试用权重" not in titles_of(more)
    for path in (filled, merged, more):
        assert run_json(capsys, "check", path)[0] == 0


@pytest.mark.slow
def test_rebuilt_in_english_and_back_it_is_the_same_book(
    capsys, book: Path, tmp_path: Path
) -> None:
    own = openpyxl.load_workbook(book)
    page = own.create_sheet("我的表")
    page["A1"] = "=数据!D10*2"
    page["A2"] = '=IF(指数!A10="","指数!A10",SUM(\'数据\'!D10:D12))'
    own.save(book)
    english = tmp_path / "en.xlsx"
    chinese = tmp_path / "zh.xlsx"
    code, document = run_json(capsys, "rebuild", book, "--lang", "en", "-o", english)
    assert code == 0
    assert document["leftovers"] == []
    titles = titles_of(english)
    assert {"README", "Data", "Index", "我的表"} <= set(titles)
    assert "数据" not in titles
    page = openpyxl.load_workbook(english)["我的表"]
    assert page["A1"].value == "=Data!D10*2"
    assert page["A2"].value == '=IF(Index!A10="","指数!A10",SUM(Data!D10:D12))'
    assert run_json(capsys, "check", english)[0] == 0
    code, _ = run_json(capsys, "rebuild", english, "--lang", "zh", "-o", chinese)
    assert code == 0
    assert openpyxl.load_workbook(chinese)["我的表"]["A1"].value == "=数据!D10*2"
    code, document = run_json(capsys, "diff", book, chinese)
    assert code == 0
    assert document["cells"] == []


def test_a_comparison_of_two_languages_names_no_sheet_as_gone(
    capsys, book: Path, tmp_path: Path
) -> None:
    english = tmp_path / "en.xlsx"
    assert run_json(capsys, "rebuild", book, "--lang", "en", "-o", english)[0] == 0
    _, document = run_json(capsys, "diff", book, english)
    assert not [change for change in document["cells"] if change["kind"] == "sheet"]
    assert {c["kind"] for c in document["cells"]} <= {
        "constant",
        "formula",
        "format",
        "setting",
        "conditional format",
        "chart",
        "validation",
    }
    assert document["ranks"] == []


@pytest.mark.slow
def test_merge_takes_copies_in_another_language(
    capsys, book: Path, tmp_path: Path
) -> None:
    english = tmp_path / "en.xlsx"
    merged = tmp_path / "merged.xlsx"
    assert run_json(capsys, "rebuild", book, "--lang", "en", "-o", english)[0] == 0
    own = openpyxl.load_workbook(english)
    own["Data"]["D10"] = 12.5
    own.save(english)
    code, document = run_json(capsys, "merge", book, english, "-o", merged)
    assert code == 0, document
    assert openpyxl.load_workbook(merged)["数据"]["D10"].value == 12.5


@pytest.mark.slow
def test_a_seal_holds(capsys, book: Path) -> None:
    assert run_json(capsys, "seal", book)[0] == 0
    code, document = run_json(capsys, "check", book)
    assert code == 0
    assert "seal" in str(document)
    own = openpyxl.load_workbook(book)
    own["数据"]["D10"] = 1234
    own.save(book)
    code, document = run_json(capsys, "check", book)
    assert code == 1
    assert "数据!D10" in str(document)


@pytest.mark.slow
def test_messages_name_the_tab(capsys, book: Path) -> None:
    own = openpyxl.load_workbook(book)
    row = next(cell.row for cell in own["数据"]["A"] if cell.value == "city03")
    own["数据"].cell(row, 1).value = "nowhere"
    own.save(book)
    _, document = run_json(capsys, "check", book)
    said = str(document)
    assert "not a city of the sheet 城市" in said
    assert "'sheet': '数据'" in said


def renamed(book: Path, target: Path, titles: dict[str, str]) -> Path:
    rename_sheets(Package.read(book), titles).write(target)
    return target


def test_a_tab_that_was_renamed_by_hand_stays_usable(
    capsys, book: Path, tmp_path: Path
) -> None:
    path = renamed(
        book, tmp_path / "other.xlsx", {"数据": "我的 数据", "排行榜": "Data"}
    )
    template = open_template(path)
    assert template.area("in_data").sheet == "我的 数据"
    assert len(template.rows) == 12
    assert read_tab_language(template.book.sheets) == "zh"
    # A name of another tab says nothing about this one.
    assert renamed_tabs(template.book) == {"数据": "我的 数据"}


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS)
def test_the_tabs_of_a_template_have_their_names(report: str) -> None:
    book = with_contract_names(read_book(draw(spec(report))[0]))
    assert renamed_tabs(book) == {}
    changed = {title: f"{title}。" for title in book.sheets}
    book = with_contract_names(read_book(rename_sheets(draw(spec(report))[0], changed)))
    assert {*renamed_tabs(book, "zh")} == {*changed}


def test_check_names_a_renamed_tab_and_nothing_else(
    capsys, book: Path, tmp_path: Path
) -> None:
    # No name refers to 城市画像: README says what is in its first cell.
    titles = {
        "数据": "2025年数据",
        "指数": "Index",
        "排行榜": "排行榜 (终)",
        "城市画像": "画像",
    }
    package = rename_sheets(Package.read(book), titles)
    # As LibreOffice writes it.
    quoted = "'2025年数据'!".encode()
    plain = "2025年数据!".encode()
    package = package.replace(
        {n: c.replace(quoted, plain) for n, c in package.parts.items()}
    )
    path = tmp_path / "other.xlsx"
    package.write(path)
    code, document = run_json(capsys, "check", path)
    assert (code, document["workbooks"][0]["engine"]) == (0, "compiled")
    findings = document["workbooks"][0]["findings"]
    assert {(f["rule"], f["sheet"], f["message"]) for f in findings} == {
        ("W20", title, f"the tab {own} of the template is named {title}.")
        for own, title in titles.items()
    }
    # Cells are named as the workbook has them.
    own = openpyxl.load_workbook(path)
    own["Index"]["T20"] = 99
    own.save(path)
    _, document = run_json(capsys, "check", path)
    assert ("E02", "Index", "T20") in {
        (f["rule"], f["sheet"], f["cell"]) for f in document["workbooks"][0]["findings"]
    }
    _, document = run_json(capsys, "diff", book, path)
    assert {(c["kind"], c["sheet"]) for c in document["cells"]} == {("formula", "指数")}
    assert any(
        "数据 of the template is named 2025年数据" in note for note in document["notes"]
    )


def test_renamed_tabs_are_carried(capsys, book: Path, tmp_path: Path) -> None:
    path, rolled, merged = (
        tmp_path / f"{name}.xlsx" for name in ("other", "rolled", "merged")
    )
    renamed(book, path, {"数据": "2025年数据", "指数": "得分", "城市画像": "画像"})
    own = openpyxl.load_workbook(path)
    own["2025年数据"]["D10"] = 12.5
    own["得分"]["B1"] = "tok"
    own.create_sheet("我的")["A1"] = "='2025年数据'!D10*2"
    own.save(path)
    code, document = run_json(capsys, "rebuild", path, "-o", rolled)
    assert (code, document["leftovers"]) == (0, [])
    again = openpyxl.load_workbook(rolled)
    assert {"2025年数据", "得分"} < {*again.sheetnames}
    assert not {"数据", "指数"} & {*again.sheetnames}
    assert again["2025年数据"]["D10"].value == 12.5
    assert again["得分"]["B1"].value == "tok"
    assert again["我的"]["A1"].value == "='2025年数据'!D10*2"
    code, document = run_json(capsys, "merge", book, path, "-o", merged)
    assert code == 1
    assert {(line["sheet"], line["content"]) for line in document["leftovers"]} == {
        ("数据", "2025年数据"),
        ("指数", "得分"),
        ("城市画像", "画像"),
    }
    again = openpyxl.load_workbook(merged)
    assert again["数据"]["D10"].value == 12.5
    assert again["指数"]["B1"].value == "tok"
    assert again["我的"]["A1"].value == "=数据!D10*2"
    assert run_json(capsys, "merge", path, book, "-o", merged)[0] == 0
    assert "2025年数据" in titles_of(merged)


def test_renaming_rewrites_what_refers_and_no_text(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    plain = openpyxl.Workbook()
    plain.active.title = "Data"
    plain.create_sheet("Other")
    plain["Data"]["A1"] = "=Other!A1"
    plain["Data"]["A2"] = '=IF(Data!A1="Data!A1",1,2)'
    plain.save(path)
    renamed = read_book(
        rename_sheets(Package.read(path), {"Data": "It's 1", "Other": "别的"})
    )
    assert list(renamed.sheets) == ["It's 1", "别的"]
    assert [*renamed.sheets["It's 1"].cells.texts().values()] == [
        "别的!A1",
        "IF('It''s 1'!A1=\"Data!A1\",1,2)",
    ]


def test_names_that_end_alike_are_told_apart() -> None:
    retitled = sheet_renamer(
        {"Data": "数据", "PreviousData": "上届数据", "UDF": "函数复算"}
    )
    text = "PreviousData!A1+Data!B2+Extra!C3+'UDF'!D4"
    assert retitled(text) == "上届数据!A1+数据!B2+Extra!C3+函数复算!D4"
    assert tab_title("Matrix17", "zh") == "合作矩阵17"
    assert tab_title("MyPage", "zh") == "MyPage"
    assert contract_name("我的表") == "我的表"


@pytest.mark.slow
@pytest.mark.parametrize("report", reports_by_size((*LARGE, "image2025")))
def test_the_book_of_each_report_passes_all_checks(
    capsys, report: str, tmp_path: Path
) -> None:
    book = tmp_path / "zh.xlsx"
    english = tmp_path / "en.xlsx"
    assert run_json(capsys, "new", report, "--pages", "all", "-o", book)[0] == 0
    assert all(title.isascii() == title.endswith("UDF") for title in titles_of(book))
    code, document = run_json(capsys, "check", book)
    assert code == 0, document
    code, document = run_json(capsys, "check", book, "--findings")
    assert document["findings"] == []
    assert run_json(capsys, "rebuild", book, "--lang", "en", "-o", english)[0] == 0
    assert all(title.isascii() for title in titles_of(english))
    before, after = (
        run_json(capsys, "results", path)[1]["units"] for path in (book, english)
    )
    assert before == after


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_computes_the_same(capsys, book: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    _, document = run_json(
        capsys, "recalc", book, "-o", again, "--engine", "libreoffice"
    )
    # What LibreOffice is not known to compute as Excel does is said to be so.
    assert document["workbooks"][0]["status"] in ("ok", "unverified")
    assert run_json(capsys, "check", again)[0] == 0
    assert run_json(capsys, "diff", book, again)[1]["ranks"] == []


def test_tabs_in_another_language_than_readme_are_not_renamed() -> None:
    """README still lists the tabs in the language that the book was made in."""
    book = sound_book("gihi2023").book
    assert "Matrix17" in {*book.sheets}
    assert renamed_tabs(book) == {}
