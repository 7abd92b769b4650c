"""Constructed indicators of a framework of one's own: every parameter has its cell."""

import pytest

from xlcity.audit.check.check import check_workbook
from xlcity.errors import RecipeError
from xlcity.index import compute
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import check_routes
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.steps.template_support import check_supported
from xlcity.workbook.tabs import with_pages

RECIPE = """
id = "ratio"
[[step]]
do = "construct"
method = "ratio"
codes = ["BUS"]
numerator = "lines"
denominator = "people"
scale = 1000
[[step]]
do = "normalise"
method = "minmax"
lower = 0
upper = 200
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rank"
method = "competition"
"""


def test_the_scale_of_a_ratio_is_computed_by_every_route(tmp_path):
    framework = Framework.read("code,parent,weight\nX,,1\nBUS,X,1\n")
    framework = framework.with_ingredients(
        parse_csv("code,of\nBUS.lines,BUS\nBUS.people,BUS\n", "ingredients")
    )
    data = tmp_path / "data.csv"
    data.write_text("id,BUS.lines,BUS.people\na,120,1000\nb,90,900\n", encoding="utf-8")
    recipe = read_recipe(RECIPE)
    dataset, _ = read_dataset(data, framework, None, recipe)
    path = tmp_path / "ratio.xlsx"
    build(with_pages(own_spec(framework, recipe, dataset), ["all"])).package.write(path)
    scores = [u["scores"]["X"] for u in stored_results(open_template(path))["units"]]
    # 120 / 1000 x 1000 = 120 of 200, and 90 / 900 x 1000 = 100 of 200.
    assert scores == [60, 50]
    assert compute(framework, recipe, dataset).column("X").tolist() == [60, 50]
    checks = {c.name: c.status for c in check_workbook(path).checks}
    assert checks["udf-native"] == checks["python-native"] == "pass"


PARTS = """
id = "parts"
[[step]]
do = "construct"
method = "zscore_index"
codes = ["BUS"]
clip = 1
ddof = 1
[[step]]
do = "normalise"
method = "minmax"
lower = 0
upper = 2
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rank"
method = "competition"
"""


def parts_spec(tmp_path, text):
    framework = Framework.read("code,parent,weight\nX,,1\nBUS,X,1\n")
    framework = framework.with_ingredients(
        parse_csv("code,of\nBUS.a,BUS\nBUS.b,BUS\n", "ingredients")
    )
    data = tmp_path / "data.csv"
    data.write_text("id,BUS.a,BUS.b\na,1,8\nb,2,5\nc,3,5\nd,9,4\n", encoding="utf-8")
    recipe = read_recipe(text)
    return own_spec(framework, recipe, read_dataset(data, framework, None, recipe)[0])


def test_sub_measures_are_standardised_where_indicators_are_not(tmp_path):
    spec = parts_spec(tmp_path, PARTS)
    path = tmp_path / "parts.xlsx"
    build(spec).package.write(path)
    scores = [u["scores"]["X"] for u in stored_results(open_template(path))["units"]]
    wanted = compute(spec.framework, spec.recipe, spec.dataset).column("X").tolist()
    assert scores == pytest.approx(wanted, rel=1e-9)
    checks = {c.name: c.status for c in check_workbook(path).checks}
    assert checks["udf-native"] == checks["python-native"] == "pass"


def test_sub_measures_and_indicators_have_deviations_of_their_own(tmp_path):
    bounds = 'method = "minmax"\nlower = 0\nupper = 2\n'
    # Left out means 0, which differs from the 1 of the sub-measures.
    spec = parts_spec(tmp_path, PARTS.replace(bounds, 'method = "zscore"\n'))
    assert {c.status for c in check_routes(build(spec), "parts.xlsx")} == {"pass"}


def test_two_deviations_of_sub_measures_are_refused_since_there_is_one_cell(tmp_path):
    own = '[[step]]\ndo = "construct"\nmethod = "zscore_index"\ncodes = ["CAR"]\nddof = 0\n'
    spec = parts_spec(tmp_path, PARTS)
    framework = Framework.read("code,parent,weight\nX,,1\nBUS,X,1\nCAR,X,1\n")
    framework = framework.with_ingredients(
        parse_csv(
            "code,of\nBUS.a,BUS\nBUS.b,BUS\nCAR.a,CAR\nCAR.b,CAR\n", "ingredients"
        )
    )
    recipe = read_recipe(PARTS.replace("[[step]]", own + "[[step]]", 1))
    with pytest.raises(RecipeError) as caught:
        check_supported(own_spec(framework, recipe, spec.dataset))
    assert [problem.code for problem in caught.value.problems] == ["XC257"]


RESCALED = """
id = "rescaled"
[[step]]
do = "normalise"
method = "zscore"
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rescale"
method = "efficacy"
[[step]]
do = "rank"
method = "competition"
"""


@pytest.mark.parametrize("reading", ["", "scaled", "mean_of_scaled", "unscaled"])
def test_the_overall_score_has_one_default_reading(tmp_path, reading):
    framework = Framework.read("code,parent\nX,\nA,X\nB,X\nA1,A\nA2,A\nB1,B\n")
    data = tmp_path / "data.csv"
    data.write_text(
        "id,A1,A2,B1\na,1,8,3\nb,2,5,9\nc,6,5,4\nd,9,4,7\n", encoding="utf-8"
    )
    text = RESCALED.replace("rescaled", f"r{reading}")
    if reading:
        text = text.replace('"efficacy"', f'"efficacy"\noverall = "{reading}"')
    recipe = read_recipe(text.replace("[[step]]", 'weights = "relative"\n[[step]]', 1))
    dataset, _ = read_dataset(data, framework, None, recipe)
    path = tmp_path / "rescaled.xlsx"
    build(with_pages(own_spec(framework, recipe, dataset), ["all"])).package.write(path)
    scores = [u["scores"]["X"] for u in stored_results(open_template(path))["units"]]
    result = compute(framework, recipe, dataset)
    assert scores == pytest.approx(result.column("X").tolist(), rel=1e-9)
    # Scaled like any other node where the recipe does not say.
    assert (max(scores), min(scores)) == (100, 60) or reading in (
        "mean_of_scaled",
        "unscaled",
    )


@pytest.mark.parametrize(
    ("normalise", "impute", "refused"),
    [
        ('method = "zscore"', "", False),
        ('method = "minmax"', "", False),
        ('method = "rank"', "", False),
        ('method = "zscore"', 'codes = ["A1"]', True),
        ('method = "zscore"', 'codes = ["A1", "A2", "B1"]', False),
    ],
)
def test_imputing_is_shown_for_all_indicators_or_refused(
    tmp_path, normalise, impute, refused
):
    framework = Framework.read("code,parent\nX,\nA,X\nB,X\nA1,A\nA2,A\nB1,B\n")
    data = tmp_path / "data.csv"
    data.write_text("id,A1,A2,B1\na,1,8,3\nb,2,NA,9\n", encoding="utf-8")
    recipe = read_recipe(
        f'id = "imputing"\n[[step]]\ndo = "normalise"\n{normalise}\n'
        f'[[step]]\ndo = "impute_scores"\nmethod = "dimension_mean"\n{impute}\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    spec = own_spec(framework, recipe, read_dataset(data, framework, None, recipe)[0])
    if not refused:
        check_supported(spec)
        return
    with pytest.raises(RecipeError) as caught:
        check_supported(spec)
    assert [problem.code for problem in caught.value.problems] == ["XC259"]
