"""The page when somebody is quicker than an answer: what comes late changes nothing any more."""

import pytest

from tests.helpers import browser as pages
from tests.helpers.own import Edited, own_bytes, write_tables
from tests.helpers.team_table import team_book

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
]


@pytest.fixture(scope="module")
def browser():
    with pages.browser() as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One server for all tests of this file: folder with two workbooks and tables, address."""
    folder = tmp_path_factory.mktemp("desk")
    write_tables(folder)
    team_book(folder / "team.xlsx")
    for name in ("one.xlsx", "two.xlsx"):
        (folder / name).write_bytes(own_bytes(udf=False))
    with pages.served(folder) as url:
        yield folder, url


@pytest.fixture
def window(browser, desk):
    """The page in English with the first workbook open; nothing may go wrong in the console."""
    window = pages.Window(browser, desk[1])
    window.page.select_option("#workbooks", "one.xlsx")
    window.page.wait_for_selector("#state >> text=one.xlsx")
    window.verdict("pass")
    yield window
    assert window.wrong == []
    window.page.context.close()


class Held:
    """Answers that wait until they are let go; `where` tells which ones of an address."""

    def __init__(self, page, address, command=""):
        self.page = page
        self.command = command
        self.waiting = []
        self.holds = True
        page.route(address, self._hold)

    def _hold(self, route):
        asked = route.request.post_data or ""
        if not self.holds or (
            self.command and f'"command":"{self.command}"' not in asked
        ):
            route.continue_()
            return
        # The server has answered; the page does not know yet.
        answer = route.fetch()
        if self.holds:
            self.waiting.append((route, answer))
        else:  # let go while it was fetched
            route.fulfill(response=answer)

    def wait(self, count=1):
        """Wait until so many answers are held."""
        while len(self.waiting) < count:
            self.page.wait_for_timeout(20)

    def let_go(self):
        """Let the page have what waits, the first one last; hold nothing more."""
        self.holds = False
        for route, answer in reversed(self.waiting):
            route.fulfill(response=answer)
        self.page.wait_for_timeout(200)


def test_words_of_a_language_that_was_left_are_not_drawn(window):
    page = window.page
    held = Held(page, "**/texts?lang=zh")
    page.click("#language")
    held.wait()
    page.click("#language")
    page.wait_for_timeout(300)
    held.let_go()
    assert page.inner_text("#language") == "中文"
    assert page.inner_text("#doors button[data-door=start]") == "Start"
    assert page.inner_text(".cards button[data-action=seal]").strip() in ("Seal", "")


def test_what_was_typed_is_kept_when_the_language_is_switched(window):
    page = window.page
    window.choose("report")
    page.fill("#need-out", "typed")
    page.click("#language")
    page.wait_for_selector("#form-head >> text=报告")
    assert page.input_value("#need-out") == "typed"


def test_the_form_of_the_next_edition_stays_when_the_language_is_switched(window, desk):
    page = window.page
    window.open_door("start")
    page.set_input_files("#drop-file", desk[0] / "data.csv")
    page.click("#dropped >> text=Make the next edition")
    page.fill("#next-edition", "2031")
    page.click("#language")
    page.wait_for_selector("#form >> text=做出下一届")
    assert page.input_value("#next-edition") == "2031"


def test_a_workbook_whose_opening_is_answered_late_is_shown(window, desk, tmp_path):
    page = window.page
    (tmp_path / "handed.xlsx").write_bytes(own_bytes(udf=False))
    held = Held(page, "**/open")
    window.open_door("start")
    page.set_input_files("#drop-file", tmp_path / "handed.xlsx")
    held.wait()
    page.wait_for_timeout(1500)  # all events of the workbook have come
    held.let_go()
    page.wait_for_selector("#state >> text=handed.xlsx")
    window.verdict("pass")


def test_a_workbook_that_is_gone_leaves_the_one_before(window, desk):
    page = window.page
    folder = desk[0]
    (folder / "gone.xlsx").write_bytes(own_bytes(udf=False))
    page.reload()
    page.wait_for_selector("#workbooks option[value='gone.xlsx']", state="attached")
    window.verdict("pass")
    # The page does not know yet that it is gone; what it has asked for comes before.
    held = Held(page, "**/workbooks")
    page.wait_for_timeout(1000)
    (folder / "gone.xlsx").unlink()
    page.select_option("#workbooks", "gone.xlsx")
    page.wait_for_selector("#refused >> text=gone.xlsx")
    held.let_go()
    window.verdict("pass")
    page.wait_for_selector(
        "#workbooks option[value='one.xlsx']:checked", state="attached"
    )


def test_of_two_workbooks_the_last_one_is_shown(window):
    page = window.page
    held = Held(page, "**/open")
    for number, name in enumerate(("two.xlsx", "one.xlsx"), 1):
        page.select_option("#workbooks", name)
        held.wait(number)
    held.let_go()
    page.wait_for_selector("#state >> text=one.xlsx")
    window.verdict("pass")
    page.wait_for_selector(
        "#workbooks option[value='one.xlsx']:checked", state="attached"
    )


def test_two_clicks_begin_one_run(window):
    page = window.page
    window.choose("seal")
    page.dblclick("#form button.main")
    page.wait_for_selector("#run-head >> text=Seal: done")
    assert page.inner_text("#form-problems") == ""


def test_two_clicks_make_one_workbook_of_a_table(window, desk):
    page = window.page
    window.choose("adopt")
    page.select_option("#need-table", "team.xlsx")
    page.wait_for_selector("#adopt-preview .ask")
    page.select_option("#column-5", "none")  # it has what cannot be read
    page.wait_for_selector("#adopt-preview >> text=Indicators: 4")
    page.click("text=Larger is better for all others")
    page.wait_for_selector("#adopt-preview .lead.pass")
    page.fill("#adopt-title", "twice")
    page.dblclick("#form button.main")
    page.wait_for_selector("#state >> text=twice.xlsx", timeout=120_000)
    assert (desk[0] / "twice.xlsx").is_file()


def test_a_run_that_ends_leaves_the_form_in_which_somebody_types(window):
    page = window.page
    window.choose("report")
    page.click("#form button.main")
    page.wait_for_selector("#stop", state="visible")
    page.fill("#need-out", "another")
    page.wait_for_selector("#stop", state="hidden", timeout=120_000)
    assert page.input_value("#need-out") == "another"
    assert page.is_visible("#need-out")


def test_a_save_leaves_the_field_in_which_somebody_types(window, desk):
    page = window.page
    file = desk[0] / "two.xlsx"
    edited = Edited(own_bytes(udf=False))
    edited.cell("city03", "A0").value = "about 12"
    edited.save(file)
    page.select_option("#workbooks", "two.xlsx")
    window.verdict("fail")
    field = page.locator("#findings .mend input").first
    field.fill("12")
    edited.cell("city04", "A0").value = "about 13"
    edited.save(file)
    page.wait_for_selector("#findings li:has-text('about 13')")
    page.keyboard.type("3")
    assert page.locator("#findings .mend input").first.input_value() == "123"


def test_a_press_counts_while_the_list_is_drawn_anew(window, desk):
    page = window.page
    team_book(desk[0] / "pressed.xlsx")
    page.reload()
    window.verdict("pass")
    window.choose("adopt")
    page.select_option("#need-table", "pressed.xlsx")
    line = page.locator(".ask li:has-text('约43')").first
    line.locator("input").fill("43")
    held = Held(page, "**/ask", "look")
    page.click("text=Larger is better for all others")
    held.wait()
    line.locator(".mend button:not(.link)").hover()
    page.mouse.down()
    held.let_go()
    page.mouse.up()
    page.wait_for_selector(".ask li:has-text('约43')", state="detached", timeout=20_000)


def test_a_file_that_is_recognised_late_calls_nobody_back(window, tmp_path):
    page = window.page
    (tmp_path / "late.xlsx").write_bytes(own_bytes(udf=False))
    held = Held(page, "**/ask", "look")
    window.open_door("start")
    page.set_input_files("#drop-file", tmp_path / "late.xlsx")
    held.wait()
    window.open_door("publish")
    held.let_go()
    assert page.is_visible(".cards button[data-action=seal]")
    window.open_door("start")
    page.click("#dropped >> text=Show on this page")
    page.wait_for_selector("#state >> text=late.xlsx")


def test_a_file_that_is_dropped_before_the_page_is_ready_is_shown(window, tmp_path):
    page = window.page
    (tmp_path / "early.xlsx").write_bytes(own_bytes(udf=False))
    folder = Held(page, "**/workbooks")
    looks = Held(page, "**/ask", "look")
    page.reload()
    folder.wait()
    page.set_input_files("#drop-file", tmp_path / "early.xlsx")
    looks.wait()
    folder.let_go()
    page.wait_for_selector("#doors [aria-current]")
    looks.let_go()
    page.wait_for_selector("#state >> text=early.xlsx")


def test_a_table_that_is_read_late_says_nothing_in_another_form(window):
    page = window.page
    window.choose("adopt")
    held = Held(page, "**/ask", "look")
    page.select_option("#need-table", "team.xlsx")
    held.wait()
    window.choose("seal")
    held.let_go()
    assert page.inner_text("#form-problems") == ""
    assert page.inner_text("#form-head") == "Seal"


def test_the_number_that_was_asked_for_last_is_shown(window):
    page = window.page
    held = Held(page, "**/ask", "trace")
    for place in (0, 1):
        page.locator("#ranking .c button").nth(place).click()
        page.click("#ranking button.formula")
    held.wait(2)
    held.let_go()
    shown = page.inner_text("#trace .tree > li > code")
    assert shown == page.input_value("#cell")


def test_a_table_that_is_dropped_before_the_page_is_ready_is_read(
    browser, desk, tmp_path
):
    with pages.served(
        tmp_path
    ) as url:  # no workbook is open: the table is read at once
        window = pages.Window(browser, url)
        page = window.page
        held = Held(page, "**/actions?*")
        page.reload()
        page.wait_for_selector("#drop-file", state="attached")
        page.set_input_files("#drop-file", desk[0] / "team.xlsx")
        held.wait(2)
        held.let_go()
        page.wait_for_selector("#adopt-preview .ask")
        assert window.wrong == []
        page.context.close()
