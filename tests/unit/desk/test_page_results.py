"""From nothing to a ranking in one press, what stands in it, copies, and what was made of it."""

import os
import shutil

import pytest

from tests.helpers import browser as pages

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_an_example_its_copies_and_what_is_made_of_it(tmp_path):
    folder = tmp_path / "我的 books"
    folder.mkdir()
    with pages.served(folder) as url, pages.browser() as browser:
        window = pages.Window(browser, url, locale="zh-CN")
        page = window.page
        page.click("#example button")
        page.wait_for_selector("#ranking .x >> nth=19")
        window.verdict("pass")
        look_at_the_ranking(window)
        assert page.inner_text("#next") == "换成自己的表格"
        drop_copies(window, folder, tmp_path)
        release(window, folder)
        assert window.wrong == []


def look_at_the_ranking(window):
    """Twenty cities, bars that are parted under the pointer, and all of it to take along."""
    page = window.page
    assert (
        page.inner_text("#ranking-head") == "北京以 74.0 分居首，高出第 2 位上海 3.0 分"
    )
    assert page.locator("#ranking .x").count() == 20
    assert page.locator("#map circle").count() == 106
    assert page.locator("#ranking .m").count() == 0  # nothing has moved
    parts = page.locator("#ranking .x >> nth=1 >> .seg")
    assert not parts.first.is_visible()
    page.hover("#ranking .x >> nth=1")
    assert parts.first.is_visible()
    page.click("#city-shanghai")
    assert page.locator("#ranking .chip").count() == 3
    assert page.evaluate("document.activeElement.id") == "city-shanghai"
    page.click("#ranking .chip >> nth=1")
    page.wait_for_selector("#ranking .trace td >> text=数据!")
    page.click("#ranking-all")
    page.wait_for_selector("#ranking .x >> nth=105")
    with page.expect_download() as picture:
        page.click("#ranking-picture")
    assert picture.value.path().read_bytes()[:4] == b"\x89PNG"
    assert window.barriers() == []


def drop_copies(window, folder, elsewhere):
    """Copies of the open workbook are to be merged, each once, and nothing else with them."""
    names = ("甲.xlsx", "乙.xlsx")
    for name in names:
        shutil.copy(folder / "image2025.xlsx", elsewhere / name)
    window.open_door("start")
    dropped = [elsewhere / name for name in (*names, names[0])]
    window.page.set_input_files("#drop-file", dropped)
    window.page.wait_for_selector("#form input[name=copies]")
    ticked = window.page.locator("#form input[name=copies]:checked")
    assert ticked.count() == len(names)


def release(window, folder):
    """What was made is listed; it is out of date once the workbook is saved again."""
    page = window.page
    window.choose("release")
    assert window.begin() == ("公开版：完成", ["image2025-public.xlsx"])
    page.wait_for_selector("#made .mark.good")
    later = (folder / "image2025-public.xlsx").stat().st_mtime + 5
    os.utime(folder / "image2025.xlsx", (later, later))
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#made .mark.warn")
    assert page.inner_text("#made-head") == "做好了 1 份，其中 1 份已过时"
    assert window.barriers() == []
