"""The page: other weights as the index computes them, cities that are found, phones, print."""

import json
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

from tests.helpers.browser import Window, browser
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.framework import Framework
from xlcity.report.contents import Section
from xlcity.report.html_page import PageContent, write_page
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.report.reweighing import Reweighing, reweighing, reweighted

CITIES = [f"City {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
WEIGHTS = (0.5, 0.3, 0.2)


def index_of(weights=WEIGHTS, gaps=(), **methods):
    """Return an index of three dimensions of two indicators each."""
    lines = ["code,parent,name_zh,name_en,weight", "T,,总分,Total,1"]
    lines += [
        f"{d},T,维度{d},Part {d},{w}" for d, w in zip("ABC", weights, strict=True)
    ]
    lines += [f"{d}{n},{d},指标{d}{n},Value {d}{n},1" for d in "ABC" for n in (1, 2)]
    draws = np.random.default_rng(7).uniform(10, 90, (len(CITIES), 6)).round(1)
    codes = [f"{d}{n}" for d in "ABC" for n in (1, 2)]
    data = pd.DataFrame(draws.astype(object), index=CITIES, columns=codes)
    for city, code in gaps:
        data.loc[city, code] = "NA"
    return Index(Framework.read("\n".join(lines) + "\n"), data, **methods)


#: A gap of a whole dimension, and of one of its indicators.
GAPS = (("City C", "A1"), ("City C", "A2"), ("City F", "B2"))
INDICES = {
    "z-scores with gaps": partial(index_of, gaps=GAPS, normalise="zscore"),
    "geometric": partial(index_of, normalise="minmax:1:99", aggregate="geometric"),
    "power": partial(index_of, normalise="minmax:1:99", aggregate="power:2"),
    "harmonic": partial(index_of, normalise="minmax:1:99", aggregate="harmonic"),
    "ranks that are shared": partial(index_of, normalise="rank"),
}


def page_of(source, lang="en", rows=None):
    maker = ReportMaker(source, ReportOptions(languages=(lang,), only=("sentences",)))
    every = source.order(source.root) if rows is None else rows
    tables = [maker.content(name) for name in ("framework", "ranking-T")]
    own = [table for table in tables if table is not None]
    sections = [Section(Label("图表", "Tables"), (), own, "s-x")]
    content = PageContent(maker.title, sections, every, {}, b"")
    return write_page(source, content, lang)


@pytest.mark.parametrize("name", INDICES)
def test_totals_follow_from_first_level_weights(name):
    source = INDICES[name]().source()
    found = reweighing(source)
    assert isinstance(found, Reweighing)
    for weights in (WEIGHTS, (0.1, 0.2, 0.7), (1.0, 0.0, 0.0)):
        shares = np.array(weights)
        result = INDICES[name](weights=weights).source().result
        wanted = result.column("T")[found.rows]
        assert np.allclose(found.scores(shares), wanted, equal_nan=True)
        again = reweighted(source.result, shares).column("T")[found.rows]
        assert np.allclose(again, wanted, equal_nan=True)


@pytest.mark.parametrize(
    ("method", "why", "said"),
    [
        ("copeland", "mean", "no weighted mean"),
        ("minimum", "mean", "no weighted mean"),
    ],
)
def test_a_page_says_why_it_has_no_sliders(method, why, said):
    source = index_of(normalise="minmax", aggregate=method).source()
    assert reweighing(source) == why
    page = page_of(source)
    assert said in page
    assert 'id="sliders"' not in page


def test_names_are_texts_wherever_they_stand():
    index = index_of()
    frame = index.to_frame()
    assert len(frame) == len(CITIES)
    data = pd.DataFrame({"a": [3.0, 2, 1]}, index=["</script><b>", "B & C", "D"])
    tree = Framework.read("code,parent,name_en\nT,,Total\na,T,<i>A</i>\n")
    page = page_of(Index(tree, data).source())
    assert "</script><b>" not in page
    assert "<i>A</i>" not in page
    told = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])
    assert [city["name"] for city in told["cities"]] == ["</script><b>", "B & C", "D"]


#: How many rows are seen.
_HEIGHTS = "rows => rows.filter((row) => row.offsetHeight).length"
#: Of each row of the ranking with other weights: city, rank, score.
_SHOWN = """rows => rows.map((row) =>
  [row.dataset.unit, row.cells[0].textContent, row.querySelector(".val").textContent])"""


def shown_by(index):
    """Return what a ranking shows of an index: city -> its rank and score."""
    source = index.source()
    rows = source.order("T")
    texts = [source.points(source.score(row, "T"), "T") for row in rows]
    ranks = [str(source.rank(row, "T")) for row in rows]
    units = [source.units[row].id for row in rows]
    return dict(zip(units, zip(ranks, texts, strict=True), strict=True))


@pytest.mark.slow
@pytest.mark.browser
def test_sliders_rank_as_the_index_does_with_their_weights():
    with browser() as chromium:
        for name, make in INDICES.items():
            window = chromium.new_page(viewport={"width": 1280, "height": 900})
            window.set_content(page_of(make().source()))
            rows = window.locator("#reweighed tbody tr")
            for moved in (None, "80", "0"):
                weights = np.array(WEIGHTS)
                if moved is not None:
                    window.locator("#w1").fill(moved)
                    weights = np.array([50, float(moved), 20])
                wanted = shown_by(make(weights=tuple(weights / weights.sum())))
                found = {
                    unit: (rank, text) for unit, rank, text in rows.evaluate_all(_SHOWN)
                }
                assert found == wanted, (name, moved)
            assert window.inner_text("#said").startswith("With these weights")
            window.click("#reset")
            assert "the report's weights" in window.inner_text("#said")
            found = {
                unit: (rank, text) for unit, rank, text in rows.evaluate_all(_SHOWN)
            }
            assert found == shown_by(make())


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(("lang", "scheme"), [("zh", "light"), ("en", "dark")])
def test_the_page_on_a_telephone_by_keyboard_and_in_print(lang, scheme):
    # A city without a whole dimension has no parts that add up.
    page = page_of(index_of(gaps=GAPS[2:], normalise="zscore").source(), lang)
    with browser() as chromium:
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, color_scheme=scheme
        )
        window = context.new_page()
        wrong = []
        window.on("pageerror", lambda error: wrong.append(str(error)))
        window.on("request", lambda request: wrong.append(request.url))
        window.set_content(page)
        width = "document.documentElement.scrollWidth"
        assert window.evaluate(width) == 390
        # Twenty cities, then all; parts of all scores.
        rows = window.locator("#ranking tbody tr")
        assert rows.evaluate_all(_HEIGHTS) == 20
        window.click("[data-all]")
        assert rows.evaluate_all(_HEIGHTS) == len(CITIES)
        window.click("[data-split]")
        assert window.locator("#ranking .seg").first.is_visible()
        assert window.evaluate(width) == 390
        # A city is found by a part of its name, and its profile has the focus.
        window.fill("#search", "ity q")
        window.keyboard.press("Enter")
        assert "City Q" in window.inner_text("#city-name")
        assert window.evaluate("document.activeElement.id") == "city-name"
        assert len(window.locator("#city-strips .pos").all()) == 7
        window.select_option("#city", label="City F")
        missing = {"zh": "缺失", "en": "missing"}[lang]
        assert window.inner_text("#city-strips").count(missing) == 1
        window.locator("#ranking a").nth(1).click()
        name = window.locator("#ranking a").nth(1).inner_text()
        assert name.rstrip("†") in window.inner_text("#city-name")
        # Tables are sorted by a press, in a box of their own.
        window.evaluate(
            "document.querySelectorAll('details').forEach((one) => one.open = true)"
        )
        assert window.evaluate(width) == 390
        assert Window.barriers(None, window) == []
        head = window.locator(".data th.number").first
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        window.emulate_media(media="print")
        assert not window.locator("#sliders").is_visible()
        assert rows.evaluate_all(_HEIGHTS) == len(CITIES)
        assert not wrong
