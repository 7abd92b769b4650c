"""By mouse, in both languages: a year of an index, from an untidy table to what is published.

Presses are counted: a press that leads nowhere would make them more.
"""

import shutil

import pytest

from tests.helpers import browser as pages
from tests.helpers.next_table import copies, counted_table, last_book
from tests.helpers.untidy_table import three_slips
from xlcity.desk.texts import page_texts
from xlcity.workbook.reading.template import open_template

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOCALES = {"zh": "zh-CN", "en": "en-US"}


class Hand:
    """A window in a language on a folder of its own: presses, and counts it."""

    def __init__(self, window, lang, folder):
        self.window = window
        self.page = window.page
        self.texts = page_texts(lang)
        self.lang = lang
        self.folder = folder
        self.count = 0

    def text(self, key, value="", **values):
        """Return a text of the page, with a value or several in it."""
        return self.texts[key].format(value, **values)

    def press(self, selector):
        """Press the first of what a selector names."""
        self.page.locator(selector).first.click()
        self.count += 1

    def answer(self, key, value="", **values):
        """Press the answer of a question."""
        self.press(f"#plan button:text-is('{self.text(key, value, **values)}')")

    def drop(self, *files):
        """Drop files; begin to count."""
        self.window.open_door("start")
        self.page.set_input_files("#drop-file", files)
        self.count = 1

    def show(self, book):
        """Show a copy of a workbook."""
        shutil.copy(book, self.folder)
        self.page.reload()
        option = f"#workbooks option[value='{book.name}']"
        self.page.wait_for_selector(option, state="attached")
        self.page.select_option("#workbooks", book.name)
        self.page.wait_for_selector("#verdict:is(.note, .pass)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    last_book(folder)
    counted_table(folder / "2026.xlsx")
    three_slips(folder / "team.xlsx")
    return folder


@pytest.fixture(scope="module", params=LOCALES)
def hand(folder, request):
    """Return a window in a language on a folder of its own."""
    place = folder / f"指数-{request.param}"
    place.mkdir()
    with pages.served(place) as url, pages.browser() as browser:
        window = pages.Window(browser, url, locale=LOCALES[request.param])
        yield Hand(window, request.param, place)
        assert window.wrong == []


def test_an_untidy_table_is_asked_about_and_ranked(hand, folder):
    page = hand.page
    hand.drop(folder / "team.xlsx")
    hand.press(".ask li:has-text('昆名') button")
    page.wait_for_selector(".ask >> text=昆名", state="detached")
    hand.press(".ask li:has-text('上海') button")
    hand.press(".ask p.buttons button")  # larger is better
    page.wait_for_selector("#adopt-preview .lead.pass")
    hand.press("#form .last button.main")
    name = "沈阳" if hand.lang == "zh" else "Shenyang"
    box = f"#findings .doubt:has(h3:has-text('{name}'))"
    doubt = page.locator(box)
    doubt.wait_for(timeout=300_000)
    assert page.locator("#ranking .x").count() == 20
    hand.press(f"{box} .mend button:not(.link)")
    doubt.wait_for(state="detached")
    assert hand.count == 6
    (book,) = hand.folder.glob("*.xlsx")
    assert len(open_template(book).dataset.units) == 30
    # One press takes the workbook back, and the tables that it was made of.
    page.click(f"#findings button:text-is('{hand.text('mend.undo')}')")
    doubt.wait_for()
    page.click(f"#findings button:text-is('{hand.text('mend.undo')}')")
    page.wait_for_selector("body.no-workbook")
    assert [path for path in hand.folder.rglob("*") if ".bak" not in path.suffix] == []


def test_the_next_edition_takes_six_presses(hand, folder):
    page = hand.page
    hand.drop(folder / "城市2025.xlsx", folder / "2026.xlsx")
    page.wait_for_selector("#spare >> text=专利授权量")
    for answer in ("next.city.new", "next.code.drop", "next.code.yes"):
        hand.answer(answer)
    factor = "÷ 10,000"
    hand.answer("next.measure.times", uom="万元", own="亿元", factor=factor)
    assert hand.window.barriers() == []
    page.wait_for_selector("#plan-lead.pass")
    hand.press("#form button.main")
    page.wait_for_selector("#answer .facts")
    # The drop, a new city, a missing column, two more questions, and the main button.
    assert hand.count == 6
    told = page.inner_text("#answer .facts")
    absent = "乌鲁木齐" if hand.lang == "zh" else "Urumqi"
    parts = {"new": "珠海", "drop": "国际航线", "absent": absent}
    parts |= {"renamed": "外国游客 → 入境外国游客", "spare": "专利授权量"}
    for key, names in parts.items():
        assert hand.text(f"next.told.{key}").strip() in told
        assert names in told
    assert factor in told
    assert hand.text("next.told.moved") in told
    book = hand.folder / "城市2026.xlsx"
    assert len(open_template(book).framework.indicators) == 8
    # One press takes back the workbook and what was answered.
    page.click(f"#findings button:text-is('{hand.text('mend.undo')}')")
    page.wait_for_selector("#state >> text=城市2025.xlsx")
    assert [*hand.folder.glob("城市2026*")] == []


def test_what_copies_disagree_on_is_decided_and_the_rest_merged(hand, folder):
    page = hand.page
    hand.show(folder / "城市2025.xlsx")
    hand.drop(*copies(folder / "城市2025.xlsx"))
    page.wait_for_selector(f"#plan-lead >> text={hand.text('merge.open', 2)}")
    city = "北京" if hand.lang == "zh" else "Beijing"
    said = page.locator(f"#plan .ask:has-text('{city}') .help").inner_text()
    assert said.startswith(hand.text("merge.rank.same", city=city, rank=19)[:8])
    assert hand.window.barriers() == []
    hand.press("#plan button:has-text('30,002')")
    page.fill("#plan .ask:not(.done) input", "20500")
    page.press("#plan .ask:not(.done) input", "Enter")
    page.wait_for_selector("#plan-lead.pass")
    hand.press("#form button.main")
    name = f"城市2025-{hand.text('merge.suffix')}.xlsx"
    page.wait_for_selector(f"#state >> text={name}")
    assert hand.count == 3
    merged = hand.folder / name
    found = open_template(merged).dataset.values[:8, 0].tolist()
    assert found[:2] == [30002, 20500]
    assert found[5:8] == [10001, 10002, 10003]
    # One press takes it back, and shows what was shown before.
    page.click(f"#findings button:text-is('{hand.text('mend.undo')}')")
    page.wait_for_selector("#state >> text=城市2025.xlsx")
    assert not merged.exists()


def test_the_method_of_an_open_workbook_is_changed(hand, folder):
    page = hand.page
    hand.show(folder / "城市2025.xlsx")
    before = open_template(hand.folder / "城市2025.xlsx")
    hand.window.choose("rebuild")
    page.wait_for_selector(f"#method-ranking >> text={hand.text('method.same')}")
    page.check("#method-normalise-zscore")
    page.check("#method-treat-percentile")
    moved = hand.text("method.moved", 0).partition("0")[0].strip()
    page.wait_for_selector(f"#method-ranking >> text={moved}")
    assert hand.window.barriers() == []
    page.click("#form button.main")
    page.wait_for_selector(f"#findings button:text-is('{hand.text('mend.undo')}')")
    after = open_template(hand.folder / "城市2025.xlsx")
    steps = {step.do: step.method for step in after.authored.steps}
    assert (steps["normalise"], steps["treat"]) == ("zscore", "percentile")
    assert after.dataset.values.tolist() == before.dataset.values.tolist()


def test_chapter_slide_and_picture_are_made_and_taken_back(hand, folder):
    page = hand.page
    hand.show(folder / "城市2025.xlsx")
    hand.window.choose("report")
    page.click("#form button.main")
    # Names that the workbook lacks in this language are asked for; they may stay as they are.
    skip = f"#names button:text-is('{hand.text('names.skip')}')"
    page.wait_for_selector(f"{skip}, #stop:visible")
    if page.locator(skip).count():
        page.click(skip)
    page.wait_for_selector("#run-undo", timeout=300_000)
    wanted = ("chapter", "slide", "picture", "page")
    for kind in wanted:  # the list is read again after the run
        page.wait_for_selector(f"#made strong >> text={hand.text(f'made.{kind}')}")
    kinds = page.locator("#made strong").all_inner_texts()
    assert {hand.text(f"made.{kind}") for kind in wanted} <= {*kinds}
    assert hand.window.barriers() == []
    page.click("#run-undo")
    page.wait_for_selector("#run-undo", state="detached")
    assert not (hand.folder / "城市2025-report").exists()
