"""Systems of indicators from the literature: each recipe on its small worked example, by hand."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import xlcity
from xlcity.cli import main
from xlcity.functions.rank import tier_labels
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.recipe_toml import read_recipe
from xlcity.reports import report_ids

HOME = Path(xlcity.__file__).parent / "systems"
IDS = sorted(path.parent.name for path in HOME.glob("*/recipe.toml"))


def load(name):
    framework = Framework.read(HOME / name)
    recipe = read_recipe(HOME / name / "recipe.toml")
    dataset, _ = read_dataset(HOME / name / "inputs.csv", framework, None, recipe)
    return framework, recipe, dataset


def result(name):
    found = compute(*load(name))
    assert found.failures == ()
    return found


def scores(found, code):
    return found.column(code).tolist()


def test_every_folder_is_listed_and_computes():
    assert len(IDS) == 9
    page = (HOME / "README.md").read_text(encoding="utf-8")
    for name in IDS:
        assert f"`{name}`" in page
        assert read_recipe(HOME / name / "recipe.toml").id == name
        result(name)


def test_notes_say_how_many_indicators_are_an_example():
    """Indicators that stand as columns without values are not among them."""
    patterns = {"en": r"The (\d+) indicators here", "zh": r"这里的(\d+)项指标为示例"}
    stated = dict[str, dict[str, int]]()
    filled = dict[str, int]()
    for name in IDS:
        report = xlcity.load_report(name)
        notes = {"en": report.data_note_en, "zh": report.data_note_zh}
        found = {
            lang: re.search(pattern, notes[lang], re.IGNORECASE)
            for lang, pattern in patterns.items()
        }
        stated[name] = {lang: int(hit[1]) for lang, hit in found.items() if hit}
        states = report.dataset.states == State.VALUE
        filled[name] = int(states.any(axis=0).sum())
    # All indicators of two are named, those of another are states in words.
    without = {
        "cultural_metropolis",
        "global_urban_competitiveness",
        "sustainable_seattle",
    }
    assert {name for name, numbers in stated.items() if not numbers} == without
    assert {name: numbers for name, numbers in stated.items() if numbers} == {
        name: {"en": filled[name], "zh": filled[name]}
        for name in IDS
        if name not in without
    }


def test_asian_green_city_index():
    found = result("asian_green_city")
    # A floor of 10 %: the city with 5 % has no points.
    treated = [10 * (95 - 10) / 90, 0.0, 10 * (40 - 10) / 90, 10 * (70 - 10) / 90]
    assert scores(found, "TREATED") == pytest.approx(treated)
    # Emissions: a benchmark of 0 t has 10 points, the worst city, 9 t, has none.
    assert scores(found, "CO2") == pytest.approx(
        [10 * (1 - x / 9) for x in (2, 6, 9, 4)]
    )
    # A ceiling of 80 ug/m3, above which all have 0; the best city, 30, has 10.
    no2 = [10 * (80 - 40) / 50, 10 * (80 - 55) / 50, 0.0, 10.0]
    assert scores(found, "NO2") == pytest.approx(no2)
    assert scores(found, "CLEAN") == [8, 5, 3, 6]
    energy = [
        10 * (10 * (1 - x / 9) + graded) / 2
        for x, graded in ((2, 8), (6, 5), (9, 3), (4, 6))
    ]
    assert scores(found, "ENE") == pytest.approx(energy)
    categories = [node.code for node in found.framework.children("AGCI")]
    mean = np.mean([found.column(code) for code in categories], axis=0)
    assert found.column("AGCI") == pytest.approx(mean)
    assert ((mean >= 0) & (mean <= 100)).all()
    bands = tier_labels(found.column("AGCI"), [80, 60, 40, 20]).values.ravel()
    assert bands.tolist() == [
        1 + sum(score < cut for cut in (80, 60, 40, 20)) for score in mean
    ]


def test_values_that_the_text_states_are_carried_and_not_computed_with():
    """CO2 and waste per head: of four cities, of all 22, and of two groups by income."""
    table = xlcity.load_report("asian_green_city").published["named_values"]
    stated = {
        row["cities_en"]: (row["co2_t_per_head"], row["waste_kg_per_head"])
        for row in table.rows
    }
    assert stated["Beijing"] == ("8.2", "")
    assert stated["Shanghai"] == stated["Guangzhou"] == ("9.2", "")
    assert stated["Delhi"] == ("", "147")
    assert stated["average of the 22 cities"] == ("4.6", "375")
    assert len(stated) == 7


def test_cultural_metropolis():
    """Four layers with the 15 indicators that the text names; each is ranked by itself."""
    found = result("cultural_metropolis")
    layers = ("RESO", "HIST", "MARKET", "DIVER")
    assert [len(found.framework.children(code)) for code in layers] == [6, 4, 1, 4]
    # 2700 years are the most and 400 the least.
    ages = [10 * (years - 400) / 2300 for years in (400, 2200, 2700, 700)]
    assert scores(found, "FOUNDED") == pytest.approx(ages)
    assert scores(found, "MARKET") == pytest.approx(
        [10 * (share - 60) / 28 for share in (88, 76, 60, 60)]
    )
    parts = [found.column(code) for code in layers]
    assert found.column("ICM") == pytest.approx(np.mean(parts, axis=0))
    assert found.rank("HIST").tolist() == [4, 1, 2, 3]


def test_urban_sustainability_index():
    found = result("urban_sustainability")
    assert scores(found, "ENERGY") == pytest.approx(
        [1 + 9 * (1.30 - x) / (1.30 - 0.42) for x in (0.42, 0.61, 1.30, 0.55)]
    )
    social = [
        (1 + 9 * (d - 1.5) / 1.6 + 1 + 9 * (p - 51) / 39) / 2
        for d, p in ((3.1, 82), (2.2, 74), (1.5, 51), (2.8, 90))
    ]
    assert scores(found, "SOC") == pytest.approx(social)
    parts = [found.column(code) for code in ("SOC", "ECON", "ENV", "RES")]
    assert found.column("USI") == pytest.approx(np.mean(parts, axis=0))
    assert scores(found, "USI")[2] == pytest.approx(1)


def test_uk_sustainable_cities_index():
    found = result("uk_sustainable_cities")
    assert scores(found, "AIRQ") == [4, 3, 5, 1, 2]
    assert scores(found, "BIO") == [
        4,
        2,
        2,
        5,
        2,
    ]  # three share the places 3 to 5: 3 + 2 + 1
    assert scores(found, "WORK") == [4.5, 4.5, 2, 1, 3]
    assert scores(found, "TRIPS") == [3, 5, 1.5, 1.5, 4]
    assert scores(found, "LIFE")[0] == 4.5 + 4 + 3
    total = [
        4 + 4 + 4.5 + 4 + 3 + 2,
        3 + 2 + 4.5 + 2 + 5 + 4.5,
        5 + 2 + 2 + 3 + 1.5 + 4.5,
    ]
    assert scores(found, "UKSCI")[:3] == total
    assert found.rank("UKSCI")[:3].tolist() == [1, 2, 4]


def test_plain_sums_of_points_have_no_noise():
    """Thirteen indicators, twenty cities: points are whole or halves, and so are their sums."""
    _, recipe, _ = load("uk_sustainable_cities")
    codes = [f"I{number}" for number in range(13)]
    tree = [("X", ""), *((theme, "X") for theme in "ABC")]
    tree += [(code, "ABC"[number % 3]) for number, code in enumerate(codes)]
    framework = Framework.read("code,parent\n" + "".join(f"{c},{p}\n" for c, p in tree))
    units = tuple(Unit(f"c{row}") for row in range(20))
    values = np.random.default_rng(0).integers(0, 12, (20, 13)).astype(float)
    states = np.zeros((20, 13), dtype=np.uint8)
    basis = np.full((20, 13), "", dtype="<U12")
    found = compute(
        framework, recipe, Dataset(units, tuple(codes), values, states, basis)
    )
    halves = found.scores * 2
    assert (halves == halves.round()).all()
    assert found.column("X").sum() == 13 * sum(range(1, 21))


def test_the_text_s_themes_are_all_there():
    """20 themes of the catalogue, six of the culture report; those without indicators are empty."""
    framework, _, dataset = load("global_city_indicators")
    themes = [len(framework.children(code)) for code in ("SERV", "QOL")]
    assert themes == [13, 7]
    empty = [
        code
        for code in dataset.codes
        if np.isnan(dataset.values[:, dataset.column(code)]).all()
    ]
    assert len(empty) == 20 - 5
    assert len(load("world_cities_culture")[0].children("THEMES")) == 6


def test_global_urban_competitiveness():
    found = result("global_urban_competitiveness")
    output = [
        found.column(c) for c in ("GGDP", "GDPPC", "GDPKM", "GROW", "PATENT", "MULTI")
    ]
    assert np.min(output) == 1
    assert found.column("OUT") == pytest.approx(np.prod(output, axis=0) ** (1 / 6))
    fac = found.column("FAC")
    ind = found.column("IND")
    factors = ("ENT", "LOCAL", "DEMAND", "INFRA", "INNER", "INST", "LINKS")
    assert fac == pytest.approx(
        np.mean([found.column(code) for code in factors], axis=0)
    )
    assert ind == pytest.approx(np.sqrt(found.column("LEVEL") * found.column("STRUCT")))
    # The source has three indices and no total of them.
    assert np.isnan(found.column("GUCI")).all()


def test_city_development_index():
    found = result("city_development")
    product = np.log([42000, 6500, 900])
    expected = (product - product[2]) / (product[0] - product[2]) * 100
    assert scores(found, "CITYP") == pytest.approx(expected.tolist())
    assert scores(found, "EDU")[2] == 0.0  # by literacy alone
    parts = [found.column(code) for code in ("INFRA", "WASTE", "HLTH", "EDU", "PROD")]
    assert found.column("CDI") == pytest.approx(np.mean(parts, axis=0))


def test_sustainable_seattle_has_four_states_and_no_composite():
    found = result("sustainable_seattle")
    assert len(found.framework.children("SEA")) == 12
    groups = [len(found.framework.children(code)) for code in ("ECY", "NAT", "SOCY")]
    assert groups == [10, 11, 9]
    states = {code: scores(found, code)[0] for code in found.leaf_codes}
    assert np.isnan(states["VOLUNT"])  # unknown
    known = {code: state for code, state in states.items() if not np.isnan(state)}
    assert known == {"FISH": -1, "RESUSE": 1, "INCOME": 0, "CHILD_E": -1}
    assert np.isnan(found.scores).all()


@pytest.mark.parametrize("name", ["global_city_indicators", "world_cities_culture"])
def test_catalogues_report_values_as_they_are(name):
    found = result(name)
    signs = np.array([float(node.direction) for node in found.framework.indicators])
    assert np.allclose(found.normalised, found.dataset.values * signs, equal_nan=True)
    assert np.isnan(found.scores).all()
    assert (found.ranks == 0).all()


def test_a_recipe_is_found_by_its_id(capsys):
    folder = HOME / "urban_sustainability"
    options = [
        "--framework",
        str(folder),
        "--data",
        str(folder / "inputs.csv"),
        "--json",
    ]
    assert main(["index", "--recipe", "urban_sustainability", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    found = [unit["scores"]["USI"] for unit in document["units"]]
    assert found == pytest.approx(scores(result("urban_sustainability"), "USI"))


def test_the_systems_are_listed_behind_the_reports(capsys):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["reports"]
    kinds = [entry["kind"] for entry in listed]
    assert kinds == ["report"] * len(report_ids()) + ["system"] * len(IDS)
    systems = listed[len(report_ids()) :]
    assert [entry["id"] for entry in systems] == IDS
    assert {entry["data"] for entry in systems} == {"synthetic"}


@pytest.mark.parametrize("name", IDS)
def test_every_value_of_a_system_is_marked_as_invented(name):
    report = xlcity.load_report(name)
    dataset = report.dataset
    shown = dataset.states == State.VALUE
    assert shown.any()
    assert set(dataset.basis[shown].tolist()) == {Status.SYNTHETIC.value}
    assert "Unknown: " in report.data_note_en
    assert "未知：" in report.data_note_zh


def test_an_empty_template_of_a_system_has_the_cities_that_its_source_names(
    tmp_path, capsys
):
    made = tmp_path / "empty.xlsx"
    assert (
        main(["new", "world_cities_culture", "--empty", "-o", str(made), "--json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["units"] == 12


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "asian_green_city",
        "city_development",
        "cultural_metropolis",
        "global_urban_competitiveness",
        "sustainable_seattle",
        "uk_sustainable_cities",
    ],
)
def test_a_system_as_a_template(name, tmp_path, capsys):
    made = tmp_path / "book.xlsx"
    assert main(["new", name, "-o", str(made), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["synthetic"] > 0
    assert main(["check", str(made), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workbooks"][0]["verdict"] == "pass"
    assert main(["results", str(made), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["units"]
    found = result(name)
    for unit in shown:
        row = found.dataset.row(unit["unit"])
        # A catalogue has no scores, but what is normalised.
        everything = {**unit["scores"], **unit["normalised"]}
        for code, score in everything.items():
            expected = found.column(code)[row]
            number = np.nan if score is None else score
            assert number == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_bands_and_states_are_words():
    bands = xlcity.Index(xlcity.load_report("asian_green_city")).ratings()
    total = result("asian_green_city").column("AGCI")
    z = (total - total.mean()) / total.std(ddof=1)
    names = np.array(
        [
            "Well below average",
            "Below average",
            "Average",
            "Above average",
            "Well above average",
        ]
    )
    expected = names[(z[:, None] >= [-1.5, -0.5, 0.5, 1.5]).sum(axis=1)]
    assert bands["AGCI", "level"].tolist() == expected.tolist()
    states = (
        xlcity.Index(xlcity.load_report("sustainable_seattle"))
        .ratings("zh")
        .loc["seattle"]
    )
    trends = {
        code: result("sustainable_seattle").column(code)[0] for code, _ in states.index
    }
    words = {1.0: "可持续性增加", 0.0: "不变或无明显趋势", -1.0: "可持续性减退"}
    assert {code: states[code, "level"] for code in trends} == {
        code: words.get(trend, "") for code, trend in trends.items()
    }
    assert {*words.values(), ""} == {*states}
