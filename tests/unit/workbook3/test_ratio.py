"""A ratio's scale is in the native cell, the function call and the index alike."""

from xlcity.index import compute
from xlcity.model.data_reader import read_dataset
from xlcity.model.framework_csv import read_framework_csv
from xlcity.model.ingredients_csv import with_ingredients
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.build import build
from xlcity.workbook.check import check_workbook
from xlcity.workbook.from_report import own_spec
from xlcity.workbook.read import open_template
from xlcity.workbook.results import stored_results

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
    framework = read_framework_csv("code,parent,weight\nX,,1\nBUS,X,1\n")
    framework = with_ingredients(framework, "code,of\nBUS.lines,BUS\nBUS.people,BUS\n")
    data = tmp_path / "data.csv"
    data.write_text("id,BUS.lines,BUS.people\na,120,1000\nb,90,900\n", encoding="utf-8")
    recipe = read_recipe(RECIPE)
    dataset, _ = read_dataset(data, framework, None, recipe)
    path = tmp_path / "ratio.xlsx"
    build(own_spec(framework, recipe, dataset)).package.write(path)
    scores = [u["scores"]["X"] for u in stored_results(open_template(path))["units"]]
    # 120 / 1000 x 1000 = 120 of 200, and 90 / 900 x 1000 = 100 of 200.
    assert scores == [60, 50]
    assert compute(framework, recipe, dataset).column("X").tolist() == [60, 50]
    checks = {c.name: c.status for c in check_workbook(path).checks}
    assert checks["udf-native"] == checks["python-native"] == "pass"
