"""The companion page in a browser: what a person does there, and that nothing bars anybody."""

import functools
import io
import json
import shutil
import time
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.helpers import browser as pages
from tests.helpers import calc_session
from tests.helpers.own import Edited, own_bytes, write_tables
from tests.helpers.team_table import foreign_book, team_book
from tests.helpers.untidy_table import untidy_book
from xlcity.cli import main
from xlcity.desk.forms import forms
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import report_ids, summaries
from xlcity.xlsx.package import Package

TABLES = Path(__file__).parents[3] / "docs" / "how-to" / "data"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with pages.browser() as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One server for all tests of this file, on a folder without a workbook: folder, address."""
    folder = tmp_path_factory.mktemp("desk") / "我的 books"
    folder.mkdir()
    write_tables(folder)
    with pages.served(folder) as url:
        yield folder, url


def opened(browser, desk, name, **options):
    """Put a workbook into the folder and choose it in a new window; return both."""
    folder, url = desk
    (folder / name).write_bytes(own_bytes(udf=False))
    window = pages.Window(browser, url, **options)
    window.page.select_option("#workbooks", name)
    # What the page still hears of another workbook may say pass as well.
    window.page.wait_for_selector(f"#state >> text={name}")
    window.verdict("pass")
    return window, folder / name


@functools.cache
def changed_bytes(value):
    """Return the book with another value of a city, recalculated as a program does."""
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A0").value = value
    stream = io.BytesIO()
    edited.book.save(stream)
    package = Package.from_bytes(stream.getvalue(), "own.xlsx")
    return patch_results(package, recalculate(package)).to_bytes()


@pytest.mark.slow
def test_from_nothing_to_a_sealed_workbook(browser, desk):
    """First of this file: the folder has no workbook yet."""
    url = desk[1]
    window = pages.Window(browser, url)
    page = window.page
    window.open_door("fill")  # it says what is lacking, and leads there
    page.click(".without-book button")
    window.choose("new")
    page.click("#form button.main")
    page.wait_for_selector("#form-problems >> text=Choose one of the two")
    page.select_option("#need-framework", "fw.csv")
    page.select_option("#need-data", "data.csv")
    page.fill("#need-out", "-own 指数.xlsx")
    assert window.begin() == ("New template: done", ["-own 指数.xlsx"])
    page.click("text=Show on this page")
    window.verdict("pass")
    assert page.is_visible("#next button")
    window.choose("seal")
    assert not page.is_visible(
        "#next button"
    )  # what comes next is marked among the cards
    assert window.begin() == ("Seal: done", ["-own 指数.xlsx.seal.txt"])
    assert window.barriers() == []
    assert window.wrong == []


@pytest.mark.slow
def test_a_ready_made_workbook_is_a_template_that_is_asked_for_whole(browser, desk):
    """With the name that the project's folder has for it, in either language."""
    window = pages.Window(browser, desk[1])
    page = window.page

    def asked() -> tuple[str, str, bool]:
        report = page.input_value("#need-report")
        return report, page.input_value("#need-out"), page.is_checked("#need-empty")

    window.open_door("start")
    page.click("#ready button[aria-label*='image index 2025'][aria-label$=empty]")
    assert asked() == ("image2025", "image2025-en-empty.xlsx", True)
    page.click("#language")
    page.wait_for_selector("#form-head >> text=新建工作簿")
    assert asked() == ("image2025", "image2025-empty.xlsx", True)
    window.open_door("start")
    page.click("#ready button[aria-label^=国际交往中心城市指数][aria-label$=已填]")
    assert asked() == ("iecc2024", "iecc2024.xlsx", False)
    reports = [
        line.partition("：")[0] for line in page.inner_text("#ready").split("\n")
    ]
    named = {line["id"]: f"{line['name_zh']} {line['edition']}" for line in summaries()}
    assert reports == [named[report] for report in report_ids()]


@pytest.mark.slow
def test_a_save_is_shown_walked_back_and_bars_nobody(browser, desk):
    folder = desk[0]
    (folder / "zuvor.xlsx").write_bytes(own_bytes(udf=False))
    window, file = opened(browser, desk, "own.xlsx")
    page = window.page
    assert window.barriers() == []
    # Saved as Excel does: beside it, then renamed.
    (folder / "new").write_bytes(changed_bytes(500.0))
    (folder / "new").rename(file)
    page.wait_for_selector("#changed .values")
    assert "city03" in page.inner_text("#changed")
    assert "500" in page.inner_text("#changed")
    page.fill("#search", " Atlantis")
    page.wait_for_selector("#ranking >> text=No city matches “Atlantis”.")
    assert page.locator("#ranking table").count() == 0
    page.fill("#search", "")
    # A press on a city shows what its score is the sum of, and one on a part its indicators.
    page.locator("#ranking .c button").first.click()
    page.locator("#ranking .chip").first.click()
    page.wait_for_selector("#ranking .trace td button.link")
    page.click("#ranking button.formula")
    page.wait_for_selector("#ranking #trace .tree")
    page.locator("#trace button.fold[aria-expanded=false]").first.click()
    page.wait_for_selector("#trace ul ul ul li")
    # What was unfolded stays so at the next save.
    page.evaluate("document.querySelector('#trace .tree').dataset.saved = 'before'")
    file.write_bytes(changed_bytes(12.5))
    page.wait_for_selector("#changed >> text=12.5")
    page.wait_for_selector("#trace .tree:not([data-saved]) ul ul li")
    # From the rank that moved to the cell that moved it.
    window.open_door("more")
    page.click("#commands button[data-command=moves]")
    page.locator("#answer button.fold").first.click()
    page.locator("#answer ul ul button.link").first.click()
    page.wait_for_selector("#trace .tree >> text=12.5")
    assert [page.input_value(f"#{name}") for name in ("cities", "nodes")] == [
        "city03",
        "A0",
    ]
    window.open_door("more")
    page.click("#compare")  # what is lacking is marked
    assert page.evaluate("document.activeElement.id") == "edition"
    page.select_option("#edition", "zuvor.xlsx")
    page.click("#compare")
    page.wait_for_selector("#answer summary >> text=Differences:")
    for action in forms():
        window.choose(action)
        page.wait_for_selector("#form h3")
    window.open_door("fill")  # the last form is behind another door than the verdict
    page.set_viewport_size({"width": 390, "height": 800})
    page.click("#language")
    page.wait_for_selector("#verdict >> text=有 1 个数要核对")
    page.emulate_media(media="print")  # the ranking, and no controls
    assert (page.is_visible("#ranking"), page.is_visible("#doors")) == (True, False)
    page.emulate_media(media="screen", color_scheme="dark")
    assert window.barriers() == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert window.wrong == []


@pytest.mark.slow
def test_a_workbook_of_someone_else_s_is_checked_or_read(browser, desk, tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    window = pages.Window(browser, desk[1], width=390)
    page = window.page
    window.open_door("start")
    page.set_input_files("#drop-file", tmp_path / "theirs.xlsx")
    page.click("#dropped >> text=Check its formulas")
    page.wait_for_selector("#findings >> text=7 is in a run of formulas")
    verdict = page.inner_text("#verdict")
    assert verdict.startswith("Do not rely on this workbook: ")
    assert not verdict.endswith(".")  # a heading
    assert not page.is_visible("#ranking-head")
    assert page.inner_text("#trace-hint") == "Type a cell such as Sheet1!C5."
    page.click("#findings button.link >> text=\"'Bob''s scores'!B4\"")
    page.wait_for_selector("#trace >> text==A4-MIN(A$2:A$9)")
    assert window.barriers() == []
    window.open_door("publish")
    cards = [
        page.is_visible(f"[data-action={name}]")
        for name in ("seal", "release", "report")
    ]
    assert cards == [True, False, False]
    # Nothing is offered that needs a template.
    window.open_door("start")
    assert not page.is_visible("[data-action=roll]")
    (tmp_path / "table.csv").write_text(
        "city,a,b\nx,1,2\ny,3,4\nz,5,7\n", encoding="utf-8"
    )
    page.set_input_files("#drop-file", tmp_path / "table.csv")
    page.wait_for_selector("#dropped >> text=Read your own table")
    assert not page.is_visible(
        "#dropped >> text=/Make the next edition|Fill from a table/"
    )
    window.open_door("fill")
    page.click("#next >> text=Read your own table")
    page.wait_for_selector("#adopt-preview")
    assert window.wrong == []


@pytest.mark.slow
def test_a_team_s_table_is_mapped_adopted_and_made_into_a_template(browser, desk):
    """By keyboard where it can be: what is proposed, corrected and asked."""
    folder, url = desk
    window = pages.Window(browser, url, width=390, locale="zh-CN", scheme="dark")
    page = window.page
    team_book(folder / "团队.xlsx")  # into the folder while the page is open
    window.choose("adopt")
    page.select_option("#need-table", "团队.xlsx")
    page.wait_for_selector("#adopt-preview >> text=无法读取的单元格")
    assert page.inner_text("td.wrong") == "约43"
    page.click("#adopt-preview button.link >> text=F8")
    assert page.evaluate("document.activeElement.id") == "row-8"
    page.focus("#column-5")
    page.keyboard.press("End")  # the last choice: not read
    page.wait_for_selector("#adopt-preview >> text=指标：4")
    assert page.evaluate("document.activeElement.id") == "column-5"
    page.fill("#code-1", "gdp")
    page.fill("#weight-1", "2.5")
    page.fill("#adopt-title", "甲乙指数")
    page.check("input[name=adopt-aggregate][value=geometric]")
    page.check("input[name=adopt-normalise][value=zscore]")
    page.fill("#adopt-group-1", "0.5")
    page.click("#form button.main")
    page.wait_for_selector("#form-problems >> text=还有 1 处请您确认")
    assert page.evaluate("document.activeElement.textContent") == "其余均为越大越好"
    page.focus("#direction-1")
    page.keyboard.press("ArrowDown")
    page.select_option("#direction-4", "-1")
    page.click("text=其余均为越大越好")
    ways = "[...document.querySelectorAll('[id^=direction-]')].map(one => one.value).join()"
    while (
        page.evaluate(ways) != "1,1,1,-1"
    ):  # the page lets nobody evaluate text by itself
        time.sleep(0.05)
    assert window.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#form button.main")
    # Three programs one after the other: a busy machine takes its time.
    page.wait_for_selector("#verdict.draft, #verdict.pass", timeout=300_000)
    text = (folder / "甲乙指数.map.toml").read_text(encoding="utf-8")
    own = 'code = "gdp", parent = "经济", direction = 1, weight = 2.5, uom = "亿元"'
    assert f'"生产总值" = {{ {own} }}' in text
    # Around 100: around 0 hardly a city has a geometric mean.
    assert '[index]\ntitle = "甲乙指数"\nnormalise = "zscore:100:10"' in text
    assert '"环境" = 0.5' in text
    assert "direction = -1" in text
    assert (folder / "甲乙指数.xlsx").is_file()
    assert window.wrong == []
    again = folder / "again"
    words = [
        "adopt",
        str(folder / "团队.xlsx"),
        "--map",
        str(folder / "甲乙指数.map.toml"),
    ]
    assert main([*words, "-o", str(again)]) == 0
    for name in ("framework.csv", "data.csv"):
        assert (again / name).read_bytes() == (
            folder / "团队-tables" / name
        ).read_bytes()


@pytest.mark.slow
def test_a_table_that_is_chosen_as_a_workbook_is_read_and_its_cities_named(
    browser, desk
):
    """A file of the folder that is no template leads on; a city's right name can be typed."""
    folder, url = desk
    untidy_book(folder / "城市 2025.xlsx", 2025)
    window = pages.Window(browser, url, locale="zh-CN")
    page = window.page
    page.select_option("#workbooks", "城市 2025.xlsx")
    page.wait_for_selector("#foreign >> text=不是用 xlcity 模板生成的")
    assert not page.is_visible("#ranking-head")
    page.click("#language")
    page.click("#next >> text=Read your own table")
    assert page.input_value("#need-table") == "城市 2025.xlsx"
    page.fill("[id='city-昆名']", "昆山")
    page.press("[id='city-昆名']", "Enter")
    page.wait_for_selector(
        '#adopt-parts pre:has-text(\'"昆名" = "昆山"\')', state="attached"
    )
    assert page.query_selector(".ask >> text=昆名") is None
    assert window.wrong == []


@pytest.mark.slow
def test_a_file_that_is_no_workbook_is_called_that_and_shows_nothing_of_another(
    browser, desk
):
    window, file = opened(browser, desk, "before.xlsx", locale="zh-CN", width=390)
    page = window.page
    file.with_name("picture.xlsx").write_bytes(b"\x89PNG" + bytes(4000))
    page.select_option("#workbooks", "before.xlsx")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#workbooks option[value='picture.xlsx']", state="attached")
    page.select_option("#workbooks", "picture.xlsx")
    page.wait_for_selector("#problems >> text=这不是工作簿")
    assert page.inner_text("#verdict") == "无法在这里检查"
    assert not page.is_visible("#ranking-head")
    assert page.locator("#nodes option").count() == 0
    page.select_option("#workbooks", "before.xlsx")
    window.verdict("pass")
    assert page.is_visible("#ranking-head")
    assert not page.is_visible("#problems")
    edited = Edited(own_bytes(udf=False))
    cell = edited.cell("city03", "A0")
    cell.parent.cell(cell.row, 1).value = None
    edited.save(file)
    page.wait_for_selector("#missing >> text=没有这座城市的行")
    assert window.wrong == []


@pytest.mark.slow
def test_what_is_traced_follows_the_language_and_every_save(browser, desk):
    window, file = opened(browser, desk, "traced.xlsx", locale="zh-CN")
    page = window.page
    page.locator("#ranking .c button").first.click()
    page.click("#ranking button.formula")
    page.wait_for_selector("#trace .tree li", state="attached")
    steps = (
        lambda: page.click("#language"),
        lambda: file.write_bytes(changed_bytes(1)),
    )
    for step in steps:
        before = page.inner_text("#trace")
        step()
        trace = expect(page.locator("#trace"))
        trace.not_to_have_text(before, use_inner_text=True)
    # In Chinese no space stands between Chinese words, and a value is put in as it is.
    said = page.evaluate("""import("./common.js").then(({ t, speech }) => {
      Object.assign(speech, { lang: "zh", texts: { text: "{} 的名次" } });
      return ["北京", "Rome", "$&"].map((name) => t("text", name));
    })""")
    assert said == ["北京的名次", "Rome 的名次", "$& 的名次"]
    assert window.wrong == []


@pytest.mark.slow
def test_what_was_opened_while_the_page_began_stays_open(browser, desk):
    """The page turns to the open workbook by itself, unless somebody was quicker."""
    window, _file = opened(browser, desk, "quick.xlsx")
    page = window.page
    page.route("**/workbooks", lambda _route: None)  # held until unroute
    page.reload()
    page.wait_for_selector(".cards button[data-action]", state="attached")
    window.open_door("publish")
    page.unroute("**/workbooks")
    page.wait_for_selector("#state >> text=quick.xlsx", state="attached")
    assert page.is_visible(".cards button[data-action=report]")


@pytest.mark.slow
def test_a_table_that_is_mended_and_read_again_keeps_what_was_chosen(
    browser, desk, tmp_path
):
    """Handed over again, or saved in the folder."""
    folder, url = desk
    team_book(folder / "甲.xlsx")
    team_book(tmp_path / "乙.xlsx")
    window = pages.Window(browser, url, locale="zh-CN")
    page = window.page
    window.choose("adopt")

    def mended(path):
        book = openpyxl.load_workbook(path)
        book.active["F8"] = 43.0
        book.active.insert_cols(2)
        book.save(path)

    for path in (folder / "甲.xlsx", tmp_path / "乙.xlsx"):
        handed = path.parent == tmp_path
        if handed:
            page.set_input_files("#need-table-file", path)
        else:
            page.select_option("#need-table", path.name)
        page.wait_for_selector("#adopt-preview >> text=无法读取的单元格")
        page.fill("#code-1", "gdp")
        page.press("#code-1", "Tab")
        page.select_option("#direction-1", "1")
        mended(path)
        if handed:
            page.set_input_files("#need-table-file", path)
        else:
            page.click("#adopt-again")
        page.wait_for_selector("#adopt-preview >> text=数值：12")
        # The column has moved by one.
        assert page.input_value("#code-2") == "gdp"
        assert page.input_value("#direction-2") == "1"
    assert window.wrong == []


@pytest.mark.slow
def test_a_table_on_its_side_is_not_called_clear(browser, desk, tmp_path):
    path = tmp_path / "转置.csv"
    path.write_text(
        "指标,北京,上海,深圳\n产值,11,25,32\n空气,40,54,61\n", encoding="utf-8"
    )
    window = pages.Window(browser, desk[1], locale="zh-CN")
    window.choose("adopt")
    window.page.set_input_files("#need-table-file", path)
    window.page.wait_for_selector("#adopt-preview >> text=请先转置表格")
    assert window.page.inner_text("#adopt-preview .lead").startswith("须有城市列")
    assert window.page.locator("#adopt-preview .ask").count() == 0
    assert window.wrong == []


@pytest.mark.slow
def test_every_action_from_the_page(browser, desk):
    """Each one through its form; files land in the folder and nothing is replaced unkept.

    *New template*, *Seal* and *Read your own table* have tests of their own above.
    """
    folder = desk[0]
    for name, value in (("a.xlsx", 485.0), ("b.xlsx", 500.0)):
        (folder / name).write_bytes(changed_bytes(value))
    (folder / "late.csv").write_text("unit,A0\ncity01,77\n")
    for path in (TABLES / "harbour.csv", TABLES / "harbour.toml"):
        shutil.copy(path, folder)
    window, file = opened(browser, desk, "book.xlsx")
    page = window.page
    window.choose("fill")
    page.select_option("#need-table", "late.csv")
    assert window.begin() == ("Fill from a table: done", ["book.xlsx"])
    assert (folder / "book.xlsx.bak").read_bytes() == own_bytes(udf=False)
    window.choose("merge")
    for name in ("a.xlsx", "b.xlsx"):
        page.check(f"input[value='{name}']")
    page.click("#plan button:text-is('Use 500 (b)')")
    page.wait_for_selector("#plan-lead.pass")
    page.click("#form button.main")
    page.wait_for_selector("#state >> text=book-merged.xlsx")
    page.select_option("#workbooks", "book.xlsx")
    window.verdict("pass")
    window.choose("roll")
    assert page.inner_text("#form-help").startswith("Workbook: book.xlsx. ")
    page.fill("#next-edition", "2027")
    page.click("#form button.main")
    page.wait_for_selector("#state >> text=book2027.xlsx")
    page.select_option("#workbooks", "book.xlsx")
    window.verdict("pass")
    window.choose("release")
    assert window.begin() == ("Release: done", ["book-public.xlsx"])
    window.choose("audit-tables")
    page.check("input[value='harbour.csv']")
    page.select_option("#need-spec", "harbour.toml")
    assert window.begin() == ("Audit a table: done, with findings", ["audit.html"])
    window.choose("assess")
    page.fill("#need-n", "20")
    assert window.begin()[0] == "Assess: done"
    page.click("#run-result summary >> text=More figures")
    drawing = page.locator("#run-result img").first
    drawing.scroll_into_view_if_needed()
    is_read = "one => one.src.startsWith('blob:') && one.complete"
    page.wait_for_function(is_read, arg=drawing.element_handle())
    assert drawing.evaluate("one => one.naturalWidth") > 0
    walk_assessment(window, folder / "book-robustness")
    window.choose("report")
    head, files = window.begin(step="drawing")
    assert head == "Report: done"
    assert {name.rpartition(".")[2] for name in files} >= {
        "docx",
        "html",
        "xlsx",
        "csv",
    }
    window.choose("report")
    # For the style, Word documents alone are offered, which the folder does not have.
    assert page.locator("#need-template option").count() == 1
    page.fill("#need-out", "again")
    page.click("#form button.main")
    page.click("#stop")
    page.wait_for_selector("text=Report: cancelled")
    window.open_door("more")
    page.click("#commands button[data-command=moves]")
    page.wait_for_selector("#answer:not([hidden])")
    page.set_input_files("#second", folder / "a.xlsx")
    page.wait_for_selector("#answer .tree")
    assert window.barriers() == []
    assert window.wrong == []
    assert file.read_bytes() != own_bytes(udf=False)


def walk_assessment(window, folder):
    """Choose cities of an assessment by key and by click; what is shown is what was written."""
    page = window.page
    page.wait_for_selector("#assessment svg")
    chosen = "document.querySelector('#assessed-city').value"
    first = page.evaluate(chosen)
    page.focus("#assessed-city")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(chosen) != first
    assert page.evaluate("document.activeElement.id") == "assessed-city"
    page.locator("#assessment svg g.line").first.click()
    assert page.evaluate(chosen) == first
    numbers = json.loads((folder / "assessment.json").read_text("utf-8"))
    one = next(city for city in numbers["units"] if city["unit"] == first)
    assert f"{one['low']:g} to {one['high']:g}" in page.inner_text("#assessment")
    assert (
        page.locator("#assessment svg").count()
        == page.locator("#assessment table").count()
    )


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.uno
def test_saves_of_every_kind_are_picked_up_once_and_whole(browser, desk):
    """LibreOffice, a slow writer in place, a rename: each gives one state more, and a whole one."""
    window, file = opened(browser, desk, "saved.xlsx")
    page = window.page
    page.evaluate(
        "new MutationObserver(() => performance.mark('drawn'))"
        ".observe(document.getElementById('about'), {childList: true})"
    )

    def changed(value):
        """Wait for a value; return how many values the page says have changed."""
        page.wait_for_selector(f"#changed .values >> text=/→ {value}/")
        return page.locator("#changed .values li").count()

    cell = Edited(file.read_bytes()).cell("city03", "A0").coordinate
    calc_session.edit_in_calc([(file, file, [["set", "Data", cell, 77]])])
    assert changed("77") == 1
    content = changed_bytes(321.0)
    with file.open("r+b") as stream:  # in place, in five pieces
        stream.truncate(0)
        for at in range(0, len(content), len(content) // 4):
            stream.write(content[at : at + len(content) // 4])
            stream.flush()
            if at == 0:
                page.wait_for_selector("#state >> text=cannot be read as a whole")
            page.wait_for_timeout(150)  # the writer is slow: each piece is looked at
    assert changed("321") == 1
    new = file.with_name("new")  # as Excel and WPS do
    new.write_bytes(changed_bytes(322.0))
    new.rename(file)
    assert changed("322") == 1
    window.verdict("pass")
    file.rename(file.with_name("elsewhere.xlsx"))
    page.wait_for_selector("#state >> text=not there")
    file.with_name("elsewhere.xlsx").rename(file)
    page.wait_for_selector("#state >> text=updated at every save")
    assert page.evaluate("performance.getEntriesByName('drawn').length") == 3
    assert window.wrong == []
