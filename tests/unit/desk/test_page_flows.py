"""By mouse: the next edition, colleagues' copies, and another method of an open workbook."""

import shutil

import pytest

from tests.helpers import browser as pages
from tests.helpers.next_table import copies, last_book, next_table
from xlcity.workbook.reading.template import open_template

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    last_book(folder)
    next_table(folder / "2026.xlsx")
    return folder


@pytest.fixture(scope="module")
def window(folder):
    """Return a window in Chinese on a folder of its own."""
    place = folder / "指数"
    place.mkdir()
    with pages.served(place) as url, pages.browser() as browser:
        window = pages.Window(browser, url, locale="zh-CN")
        yield window
        assert window.wrong == []


def test_the_next_edition_takes_six_presses(window, folder):
    page = window.page
    page.set_input_files("#drop-file", [folder / "城市2025.xlsx", folder / "2026.xlsx"])
    for answer in ("列入", "今年取消这一项", "是同一项", "这些数的单位就是亿美元"):
        page.click(f"#plan button:text-is('{answer}')")
    assert window.barriers() == []
    page.wait_for_selector("#plan-lead.pass")
    page.click("#form button.main")
    page.wait_for_selector("#answer .facts >> text=新列入：珠海")
    told = page.inner_text("#answer .facts")
    assert "取消的指标：国际航线" in told
    assert "换了名称：入境外国游客 → 外国游客" in told
    assert "今年没有数据：乌鲁木齐" in told
    assert "名次变动最大：" in told
    framework = open_template(folder / "指数" / "城市2026.xlsx").framework
    assert len(framework.indicators) == 8


def opened(window, folder):
    """Show the workbook of 2025."""
    shutil.copy(folder / "城市2025.xlsx", folder / "指数")
    window.page.reload()
    window.page.wait_for_selector(
        "#workbooks option[value='城市2025.xlsx']", state="attached"
    )
    window.page.select_option("#workbooks", "城市2025.xlsx")
    window.page.wait_for_selector("#verdict:is(.note, .pass)")


def test_what_copies_disagree_on_is_decided_and_the_rest_merged(window, folder):
    page = window.page
    opened(window, folder)
    window.open_door("start")
    page.set_input_files("#drop-file", copies(folder / "城市2025.xlsx"))
    page.wait_for_selector("#plan-lead >> text=各份副本有 2 处不一致")
    said = page.locator("#plan .ask:has-text('北京') .help").inner_text()
    assert said.startswith("其他不变，")
    assert "第 " in said
    assert window.barriers() == []
    page.click("#plan button:text-is('用 30002（李航）')")
    page.fill("#plan .ask:not(.done) input", "20500")
    page.press("#plan .ask:not(.done) input", "Enter")
    page.wait_for_selector("#plan-lead.pass")
    page.click("#form button.main")
    page.wait_for_selector("#state >> text=城市2025-合并.xlsx")
    merged = folder / "指数" / "城市2025-合并.xlsx"
    found = open_template(merged).dataset.values[:8, 0].tolist()
    assert found[:2] == [30002, 20500]
    assert found[5:8] == [10001, 10002, 10003]
    # One press takes it back, and shows what was shown before.
    page.click("#findings button:text-is('撤销上一处改动')")
    page.wait_for_selector("#state >> text=城市2025.xlsx")
    assert not merged.exists()


def test_the_method_of_an_open_workbook_is_changed(window, folder):
    page = window.page
    opened(window, folder)
    before = open_template(folder / "指数" / "城市2025.xlsx")
    window.choose("rebuild")
    page.wait_for_selector("#method-ranking >> text=名次不变。")
    page.check("#method-normalise-zscore")
    page.check("#method-treat-percentile")
    page.wait_for_selector("#method-ranking >> text=名次不同的城市")
    assert window.barriers() == []
    page.click("#form button.main")
    page.wait_for_selector("#findings button:text-is('撤销上一处改动')")
    after = open_template(folder / "指数" / "城市2025.xlsx")
    steps = {step.do: step.method for step in after.authored.steps}
    assert (steps["normalise"], steps["treat"]) == ("zscore", "percentile")
    assert after.dataset.values.tolist() == before.dataset.values.tolist()
