"""A team's workbook with formulas, dropped on the page: what was read, its proof, its template."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.helpers import browser as pages
from tests.helpers.team_table import team_book
from xlcity.proof.workbook_map import read_workbook_map
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template

TEAMS = Path(__file__).parents[1] / "proof" / "adopt"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def browser():
    with pages.browser() as found:
        yield found


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "我的 books"
    folder.mkdir()
    with pages.served(folder) as url:
        yield folder, url


def stored_ranks(path, sheet, city, rank):
    """Return city -> its rank, as a team's workbook has it stored."""
    rows = openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(2)
    found = {row[city].value: row[rank].value for row in rows}
    return {name: place for name, place in found.items() if isinstance(place, int)}


def ranks_of(template):
    """Return city -> its rank in a template."""
    read = open_template(template)
    root = read.framework.root.code
    names = {unit.id: unit.name_zh or unit.name_en for unit in read.dataset.units}
    units = stored_results(read, {root})["units"]
    return {names[unit["unit"]]: unit["ranks"][root] for unit in units}


def make(page):
    """Press the one button; wait for the template."""
    page.click("#proof-make")
    # Two programs one after the other: a busy machine takes its time.
    page.wait_for_selector("#verdict.pass, #verdict.draft", timeout=300_000)


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 390), ("en-US", 1280)])
def test_from_a_dropped_workbook_to_its_template_by_one_press(
    browser, desk, locale, width
):
    folder, url = desk
    window = pages.Window(browser, url, locale=locale, width=width, scheme="dark")
    page = window.page
    page.set_input_files("#drop-file", TEAMS / "05_z_clip_60_40.xlsx")
    page.wait_for_selector("#proof-lead .lead.pass")
    said = page.inner_text("#proof-lead")
    assert "330" in said
    assert "30 个总分" in said or "30 of 30 totals" in said
    assert page.locator(".parts tbody tr").count() == 9
    turned = page.locator(".parts tr:has(.turned)")
    assert turned.count() == 1
    assert "碳排放" in turned.inner_text()
    assert "z!F" in turned.inner_text()
    assert page.locator(".asks").count() == 0
    assert window.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    make(page)
    (template,) = folder.glob("*-*.xlsx")
    theirs = stored_ranks(TEAMS / "05_z_clip_60_40.xlsx", "total", 0, 5)
    assert len(theirs) == 30
    assert ranks_of(template) == theirs
    assert window.wrong == []


def test_slips_are_decided_by_key_before_anything_is_made(browser, desk):
    folder, url = desk
    window = pages.Window(browser, url)
    page = window.page
    page.set_input_files("#drop-file", TEAMS / "15_slips.xlsx")
    page.wait_for_selector("#proof-lead >> text=with 5 cells to decide on")
    assert [*folder.iterdir()] == []
    line = page.locator(".ask li:has-text('Index!G9')")
    said = line.inner_text()
    assert "=(C9-C$22)/(C$23-C$22)" in said
    assert "0.4321" in said
    assert "Gdansk 2\xa0→\xa06" in said
    # A short range beside the cities cannot stay: there is nothing to choose.
    assert page.locator(".ask li:has-text('Index!B22') input").count() == 0
    box = line.locator("input").first
    box.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#proof-lead >> text=/As chosen below, 18 totals and 13/")
    assert page.evaluate("document.activeElement.id").endswith("-keep")
    page.click("text=All as they stand")
    expect(page.locator(".ask input[id$=-keep]:checked")).to_have_count(4)
    page.wait_for_selector("#proof-lead >> text=/As chosen below, 15 totals and 14/")
    page.click("text=All as their columns say")
    page.wait_for_selector("#proof-lead >> text=/As chosen below, 19 totals and 15/")
    line.locator("input[id$=-keep]").check()
    page.wait_for_selector("#proof-lead >> text=/As chosen below, 18 totals and 13/")
    page.click("summary >> text=All comparisons")
    assert "Totals with invented values" in page.inner_text("#adopt-parts")
    page.set_viewport_size({"width": 390, "height": 800})
    page.click("#language")  # what was chosen stays
    page.wait_for_selector("#proof-lead >> text=请您决定")
    assert line.locator("input[id$=-keep]").is_checked()
    assert window.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    make(page)
    assert (folder / "15_slips.xlsx").read_bytes() == (
        TEAMS / "15_slips.xlsx"
    ).read_bytes()
    assert read_workbook_map(folder / "15_slips.xlsx").keep == ("Index!G9",)
    assert window.wrong == []


def test_formulas_may_be_left_aside_and_taken_up_again(browser, desk):
    folder, url = desk
    (folder / "bounds.xlsx").write_bytes((TEAMS / "25_pasted_bounds.xlsx").read_bytes())
    window = pages.Window(browser, url)
    page = window.page
    window.choose("adopt")
    page.select_option("#need-table", "bounds.xlsx")
    page.wait_for_selector(".ask >> text=Q!E: the bounds 1.9 and 14.9 are typed")
    page.click("text=Read it as a table of values")
    page.wait_for_selector("#adopt-preview .lead")
    page.click("text=Follow the formulas")
    page.wait_for_selector("#proof-make")
    # A table without formulas is read as before, and nothing is said of formulas.
    team_book(folder / "team.xlsx")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#need-table option[value='team.xlsx']", state="attached")
    page.select_option("#need-table", "team.xlsx")
    page.wait_for_selector("#adopt-preview .lead")
    assert page.locator("#proof-make").count() == 0
    assert window.wrong == []


def test_what_is_followed_too_long_can_be_stopped(browser, desk):
    window = pages.Window(browser, desk[1])
    page = window.page
    held = []
    # The answer is held back until the press: on a quick machine nobody would be in time.
    page.route("**/ask", lambda route: held.append(route))
    page.set_input_files("#drop-file", TEAMS / "01_one_sheet_helper_rows.xlsx")
    while not held:
        page.wait_for_timeout(20)
    held.pop().continue_()  # how it looks as a table
    while not held:
        page.wait_for_timeout(20)
    page.click("#dropped >> text=Stop")
    held.pop().fulfill(
        status=422, json={"problems": [{"code": "XC560", "text": "It was ended."}]}
    )
    page.unroute("**/ask")
    page.wait_for_selector("#dropped >> text=Read your own table")
    assert window.wrong == []
