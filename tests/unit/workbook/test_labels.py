"""The words of a template: both languages, none missing, none left over."""

import re
import tomllib
from dataclasses import replace
from importlib.resources import files

import pytest

from xlcity.methods.registry import METHODS
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.panel import Break
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.reports import load_report, report_ids
from xlcity.reports.report import TierRule
from xlcity.reports.tiers import ALL
from xlcity.workbook.build import draw, own_labels
from xlcity.workbook.labels import (
    Labels,
    in_language,
    label_keys,
    shown_name,
    shown_text,
    text_alone,
)
from xlcity.workbook.spec.from_report import own_spec, template_spec, with_previous
from xlcity.workbook.spec.previous_edition import LastEdition, Mapped, Past, PastEdition
from xlcity.workbook.tabs import with_pages

HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
#: Made for each template from its own groups and attributes.
OWN = ("group.", "attribute.")
#: Levels and trends against a target.
RATED = {
    "cuts": (50.0, 65.0, 80.0),
    "trend": (0.0, 0.5, 1.0),
    "target": 100.0,
    "due": 0.5,
}
#: Signs of Chinese in an English text: the suffix that Intake cuts off.
QUOTED = {"intake.base"}


@pytest.fixture(scope="module")
def shipped():
    source = (
        files("xlcity.workbook").joinpath("labels.toml").read_text(encoding="utf-8")
    )
    return {
        key: (text["zh"], text["en"])
        for key, text in tomllib.loads(source).items()
        if "zh" in text
    }


@pytest.fixture(scope="module")
def all_texts(shipped):
    """Return the labels of every template and of every page, by page and key."""
    source = (
        files("xlcity.workbook").joinpath("labels.toml").read_text(encoding="utf-8")
    )
    pages = {
        name: page for name, page in tomllib.loads(source).items() if "zh" not in page
    }
    assert pages
    own = {
        f"{name}: {key}": (text["zh"], text["en"])
        for name, page in pages.items()
        for key, text in page.items()
    }
    return shipped | own


@pytest.fixture(scope="module")
def used(shipped):
    """Return the keys that any sheet of a template asks for, own labels of reports left out."""
    asked = set()
    text = Labels.text

    def recording(self, key):
        if key in shipped or key.startswith(OWN) or key not in own:
            asked.add(key)
        return text(self, key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Labels, "text", recording)
        for report_id in report_ids():
            spec = template_spec(load_report(report_id), language="both")
            for drawn in (*_situations(with_pages(spec, ["all"])), *_later(spec)):
                own = {key for key, _, _ in own_labels(drawn)}
                draw(drawn)
        for made in (_of_many_steps(), _of_two_groups()):
            own = {key for key, _, _ in own_labels(made)}
            draw(with_pages(made, ["all"]))
    return asked


def _situations(spec):
    """Yield the specifications that show every parameter and part of a report's family."""
    if spec.id == "image2025":
        yield _with_floor(spec)
        yield replace(spec, last=_last(spec))
        yield replace(spec, chosen_pages=())
        yield (many := _of_many_methods())
        yield replace(many, cells="functions")
        shifted = Step("rescale", "linear", {"factor": 2.0, "shift": 1.0})
        for rescaled in (shifted, Step("rescale", "zscore")):
            yield replace(
                spec, recipe=replace(spec.recipe, steps=(*spec.recipe.steps, rescaled))
            )
        return
    yield spec
    if spec.id == "iecc2024":
        screened = Step("screen", "availability", {"data": 0.5})
        yield replace(
            spec, recipe=replace(spec.recipe, steps=(screened, *spec.recipe.steps))
        )
    options = {option.id for option in spec.recipe.options}
    for option in ("standardise-again", "constant-100"):
        if option in options:
            yield replace(spec, recipe=spec.recipe.with_options([option]))


def _last(spec):
    """Return a previous edition, with a value and a rank to compare."""
    unit = spec.dataset.units[0].id
    root = spec.framework.root.code
    code = spec.framework.indicators[0].code
    return LastEdition(
        "2024",
        (unit,),
        (code,),
        (root,),
        {(unit, code): 1.0},
        {(unit, root): 50.0},
        {(unit, root): 1},
        (Mapped("kept", code, code),),
        {(unit, code): 1.0},
    )


def _later(spec):
    """Yield the next edition of a report with links or lists."""
    if spec.id in ("bri2021", "iecc2024"):
        previous = with_previous(spec, "2024", spec.dataset)
        yield replace(previous, defaults=None, printed=(), pages=())


def _of_many_steps():
    """Return a template of one's own with each step that reports do not have."""
    codes = [f"I{number}" for number in range(9)]
    below = {"P": codes[:3], "Q": codes[3:6], "R": codes[6:8], "X": codes[8:]}
    nodes = [
        Node("X", None, "", "Index"),
        *(Node(code, "X", "", code) for code in "PQR"),
    ]
    nodes += [
        Node(code, of, "", code, denominator="AREA" if code == "I0" else "")
        for of, children in below.items()
        for code in children
    ]
    frame = Framework(tuple(nodes), variables=(Node("AREA", None, "", "Area"),))
    steps = (
        Step("denominate", "by"),
        Step("impute_raw", "median", {"group": "size"}),
        Step("impute_raw", "mean", {}, ("I5",)),
        Step("impute_raw", "neighbours", {}, ("I3",)),
        Step("impute_raw", "regression", {"predictor": "I3"}, ("I4",)),
        Step("treat", "winsor_log", {"points": 1}, ("I0",)),
        Step("treat", "clip", {"limit": 1}, ("I1",)),
        Step(
            "normalise",
            "bands",
            {"cuts": (1.0, 2.0), "scores": (0.0, 1.0, 2.0)},
            ("I2",),
        ),
        Step("normalise", "minmax", {}),
        Step("weight", "ahp", {"judgements": (2.0, 3.0, 2.0)}, ("P",)),
        Step("weight", "balance", {"targets": (1.0, 1.0, 2.0)}, ("Q",)),
        Step("aggregate", "copeland", {}, ("R",)),
        Step("aggregate", "arithmetic", {"threshold": 0.5}),
        Step("rank", "competition", {}),
        Step("rate", "cuts", RATED),
    )
    units = [Unit(f"u{k}", attributes={"size": "large"}) for k in range(5)]
    data = empty_dataset(units, [*codes, "AREA"])
    spec = own_spec(
        frame, Recipe("own", steps, weights="relative"), data, language="both"
    )
    past = PastEdition("2020", {("u0", "X"): 60.0}, {("u0", "X"): 1})
    last = _last(spec)
    return replace(spec, last=last, past=Past((past,), (Break("I0", "2021", ""),)))


def _of_two_groups():
    """Return a template with two groups of cities on bounds of their own, tiers, best values."""
    nodes = [Node(code, "X", "", code, best_en=f"most {code}") for code in "AB"]
    frame = Framework((Node("X", None, "", "Index"), *nodes))
    steps = (
        Step("normalise", "minmax", {"constant": 50}),
        Step("aggregate", "arithmetic"),
        Step("rescale", "efficacy"),
        Step("rank", "competition", {}),
    )
    recipe = Recipe("own", steps, weights="relative", populations=("main", "mini"))
    units = [Unit(f"u{k}", population=("main", "mini")[k % 2]) for k in range(6)]
    spec = own_spec(frame, recipe, empty_dataset(units, ["A", "B"]), language="both")
    return replace(
        spec, tiers=(TierRule(ALL, ALL, 1, 1, 2), TierRule(ALL, ALL, 2, 3, 6))
    )


def _of_many_methods():
    """Return a template in which every indicator has a method of its own."""
    codes = {method: f"C{at}" for at, method in enumerate(METHODS["normalise"])}
    nodes = [
        Node("X", None, "", "Index"),
        *(Node(c, "X", "", c) for c in codes.values()),
    ]
    steps = [
        Step("normalise", m, {"target": 9.0} if m == "dist2target" else {}, (c,))
        for m, c in codes.items()
    ]
    steps += [
        Step("aggregate", "geometric", {}),
        Step("rank", "competition", {"ties": "ordinal"}),
    ]
    frame = Framework(tuple(nodes))
    recipe = Recipe("many", tuple(steps), weights="relative", blank="missing")
    data = empty_dataset([Unit("u")], list(codes.values()))
    return own_spec(frame, recipe, data, language="both")


def _with_floor(spec):
    """Return the specification with the one parameter that the report does not use."""
    steps = tuple(
        replace(step, params={**step.params, "floor": 0.0})
        if step.method == "minmax"
        else step
        for step in spec.recipe.steps
    )
    return replace(spec, recipe=replace(spec.recipe, steps=steps))


def test_every_label_has_both_languages(all_texts):
    incomplete = [
        key
        for key, pair in all_texts.items()
        if len(pair) != 2
        or not all(isinstance(text, str) and text.strip() for text in pair)
    ]
    assert incomplete == []


def test_no_chinese_in_english_texts(all_texts):
    assert [
        key
        for key, pair in all_texts.items()
        if HAN.search(pair[1]) and key not in QUOTED
    ] == []


def test_no_label_begins_or_ends_with_a_space_that_programs_trim(all_texts):
    # LibreOffice writes results of formulas without what keeps such spaces when it reads them.
    reports = {
        f"{report}: {key}": (zh, en)
        for report in report_ids()
        for key, zh, en in load_report(report).labels
    }
    assert [
        key
        for key, pair in {**all_texts, **reports}.items()
        if any(text != text.strip(" \n\t") for text in pair)
    ] == []


def test_chinese_texts_are_chinese(shipped):
    # Words and letters that are the same in both languages.
    same = {key for key, (zh, en) in shipped.items() if not HAN.search(zh) and zh != en}
    assert same == set()


@pytest.mark.slow
def test_no_label_is_left_over(shipped, used):
    unused = {key for key in shipped if not key.startswith(OWN)} - used
    assert not unused, sorted(unused)


@pytest.mark.slow
def test_every_label_asked_for_is_there(used):
    labels = Labels.load()
    assert {key for key in used if not key.startswith(OWN)} <= set(labels.texts)


def test_a_label_that_is_missing_is_its_key_without_the_first_word():
    assert Labels.load().ref("there.is.none") == '"is.none"'


def test_a_label_is_a_text_in_the_language_of_the_book():
    texts = {"a": ("城市", "City"), "b": ("xlcity", "xlcity")}
    shown = {language: Labels(texts, language) for language in ("zh", "en", "both")}
    assert [labels.text("a") for labels in shown.values()] == [
        "城市",
        "City",
        "城市 City",
    ]
    assert [labels.ref("b") for labels in shown.values()] == ['"xlcity"'] * 3


def test_keys_are_found_by_the_text_in_any_language():
    texts = ("城市代码", "City id", "城市代码 City id")
    assert {label_keys()[text] for text in texts} == {"cities.id"}


def test_methods_have_labels(shipped):
    # An aggregation may be called by its name alone.
    assert {f"method.{name}" for name in METHODS["normalise"]} <= shipped.keys()


def test_a_label_without_texts_is_the_name_of_what_it_is_about():
    labels = Labels({}, "zh")
    assert labels.text("method.powered") == "powered"
    assert labels.ref("check.zero-totals") == '"zero-totals"'


def test_names_and_texts_are_shown_in_the_language_of_the_book():
    assert in_language("", "City", "zh") == in_language("", "City", "both") == "City"
    assert shown_text("A1", "B1", "en") == 'IF(A1="",IF(B1="","",B1),A1)'
    assert shown_text("A1", "B1", "both") == 'IF(B1="",IF(A1="","",A1),B1)'
    assert shown_name("A1", "B1", "C1", "zh") == 'IF(B1="",IF(C1="",A1,C1),B1)'
    both = 'IF(B1="",IF(C1="",A1,C1),IF(C1="",B1,B1&" "&C1))'
    assert shown_name("A1", "B1", "C1", "both") == both


def test_a_formula_of_texts_alone_is_that_text():
    assert text_alone('"a ""b"""&" · "&"c"') == 'a "b" · c'
    assert text_alone('"a"&A1') is text_alone('IF(A1="a","b","c")') is None
