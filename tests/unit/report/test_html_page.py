"""The page in a browser: legible on a telephone, sorted and searched, whole in print."""

import io

import pytest
from PIL import Image

from tests.helpers.browser import browser
from xlcity.figures.contents import Label, TreeDiagram
from xlcity.figures.figure import Figure
from xlcity.report.contents import Field, ReportTable, Section
from xlcity.report.html_page import write_page


def webp(width, height):
    target = io.BytesIO()
    Image.new("RGB", (width, height)).save(target, "webp")
    return target.getvalue()


CITIES = {f"c{at}": Label(f"城市{at}", f"City {at}") for at in range(60)}
#: A city that has the name of its country.
CITIES["c7"] = Label("新加坡", "Singapore")
NAMES = [*CITIES.values()]
#: A chart 16 cm wide.
PICTURE = webp(1260, 560)
SHOWN = "rows => rows.filter((row) => row.offsetHeight).map((row) => row.cells[1].textContent)"


def page():
    heads = [
        "Rank",
        "City",
        "Country",
        *["International governmental organisations"] * 5,
        "Score",
    ]
    kinds = ["rank", "", "", *["score"] * 6]
    zh = {"Score": "得分"}
    fields = [
        Field(Label(zh.get(one, one), one), kind)
        for one, kind in zip(heads, kinds, strict=True)
    ]
    rows = [[at + 1, name, name, *[float(at % 7)] * 6] for at, name in enumerate(NAMES)]
    rows[0][2] = Label("\u3000\u3000国", "\u3000\u3000Country")
    table = ReportTable(
        "t", Label("表", "Table"), fields, rows, synthetic=18087, units=[*CITIES]
    )
    short = ReportTable(
        "s", Label("短", "Short"), fields, rows[10:40], units=[*CITIES][10:40]
    )
    narrow = [row[:2] for row in rows + rows[:30]]
    blocks = ReportTable("b", Label("栏", "Blocks"), fields[:2], narrow, across=2)
    figure = Figure("f", Label("图", "Figure"), TreeDiagram([Label("根")], [-1]))
    chapter = Section(Label("章", "Chapter"), (), [table, figure], "s-x")
    profile = Section(CITIES["c7"], (), [short, blocks], "city-c7", ("c7",))
    title = Label("指数", "Index")
    return write_page(title, "en", CITIES, [chapter], [profile], {"f": PICTURE})


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_works_on_a_telephone_by_keyboard_and_in_print():
    with browser() as chromium:
        window = chromium.new_page(viewport={"width": 390, "height": 844})
        window.set_content(page())
        # Tables are moved sideways, the page is not.
        assert window.evaluate("document.documentElement.scrollWidth") == 390
        # That columns go on to the right is seen until the last of them is.
        assert window.locator(".aside").count() == 1
        # A chart fits the screen; pressed, its 6.2 points of 16 cm are more than 6.5 pixels.
        assert window.locator("#f .chart").bounding_box()["width"] <= 390
        window.locator("#f .enlarge").click()
        assert window.locator("#f .chart").bounding_box()["width"] > 480
        assert window.evaluate("document.documentElement.scrollWidth") == 390
        window.locator("#f .enlarge").click()
        # Of the head only the search stays, and what a link leads to is below it.
        window.evaluate("document.getElementById('t').scrollIntoView()")
        assert window.locator("h1").bounding_box()["y"] < -20
        search = window.locator("#search").bounding_box()
        assert search["y"] == 0
        assert window.locator("#t").bounding_box()["y"] >= search["height"]
        # Names stay beside their numbers; a country of the same name is no link.
        window.evaluate("document.querySelector('.table .scroll').scrollLeft = 400")
        assert window.locator("td.name").first.bounding_box()["x"] < 30
        assert window.locator("tbody a[href='#city-c7']").count() == 1
        # All lines of a name that belongs below another are moved in.
        below = window.locator("tbody td[style='--deep:2']")
        assert below.all_text_contents() == ["Country"]
        assert "18,087 values are invented" in window.inner_text("main")
        # That rows go on below is seen until the last of them is.
        assert window.locator(".table .more").count() == 1
        height = "one => getComputedStyle(one).maxHeight"
        assert window.locator("#t .scroll").evaluate(height) == "544px"
        assert window.locator("#s .scroll").evaluate(height) == "none"
        # Telephones show scores beside names.
        order = "row => [...row.cells].map((cell) => cell.textContent)"
        assert window.locator("#t thead tr").evaluate(order)[1:3] == ["City", "Score"]
        assert window.locator("#t tbody tr").nth(5).evaluate(order)[:4] == [
            "6",
            "City 5",
            "5.00",
            "City 5",
        ]
        rows = window.locator("tbody tr")
        window.locator("thead button").nth(2).focus()
        window.keyboard.press("Enter")
        window.keyboard.press("Enter")
        assert rows.evaluate_all(SHOWN)[:2] == ["City 6", "City 13"]
        window.fill("#search", "新加坡")
        assert rows.evaluate_all(SHOWN) == ["Singapore"]
        window.wait_for_selector(".more", state="detached")
        window.fill("#search", "")
        button = window.get_by_role("button", name="Show all 60 rows")
        button.click()
        assert window.locator("#t .scroll").evaluate(height) == "none"
        assert not button.is_visible()
        window.emulate_media(media="print")
        look = "one => [getComputedStyle(one).display, getComputedStyle(one).position]"
        assert window.locator("#t thead").evaluate(look) == [
            "table-header-group",
            "static",
        ]
        box = window.locator("#t .scroll")
        assert box.evaluate("one => one.scrollHeight === one.clientHeight")
        assert window.locator("article").is_visible()
        whole = "one => getComputedStyle(one).breakInside"
        seen = [
            window.locator(one).evaluate(whole)
            for one in ("#s", "#f", "#t", "#b", "h2 >> nth=0")
        ]
        assert seen == ["avoid", "avoid", "auto", "avoid", "avoid"]


def test_no_column_of_a_wide_table_is_lost_in_print():
    cities = [[Label(f"城{at}", f"Town {at}"), *[at] * 60] for at in range(5)]
    heads = [
        Field(Label("域", f"Agricultural sciences {at}"), "rank") for at in range(60)
    ]
    made = []
    for some, rows in ((heads[:20], [row[:21] for row in cities]), (heads, cities)):
        table = ReportTable(
            "t", Label("表", "Table"), [Field(Label("City")), *some], rows
        )
        chapter = Section(Label("章", "Chapter"), (), [table], "s-x")
        made.append(write_page(Label("指数", "Index"), "en", {}, [chapter], [], {}))
    assert [one.count('<table class="turned"') for one in made] == [1, 1]
    assert all(f"sciences {at}<" in made[1] for at in range(60))
