"""Constructed indicators: what stands above their columns."""

from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.build import build
from xlcity.workbook.layout.layout import Layout
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.steps.construct import ROW_PARTS, ROW_PARTS_WEIGHT
from xlcity.xlsx.cells import read_book, resolve

RECIPE = """
id = "built"
[[step]]
do = "construct"
method = "ratio"
codes = ["BUS"]
numerator = "lines"
denominator = "people"
[[step]]
do = "construct"
method = "zscore_index"
codes = ["ART"]
[[step]]
do = "normalise"
method = "minmax"
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rank"
method = "competition"
"""


def test_the_number_and_the_weight_of_parts_stand_above_a_weighted_indicator_alone(
    tmp_path,
):
    parts = ("BUS.lines,BUS", "BUS.people,BUS", "ART.halls,ART", "ART.stages,ART")
    framework = Framework.read(
        "code,parent,weight\nX,,1\nBUS,X,1\nART,X,1\n"
    ).with_ingredients(parse_csv("\n".join(("code,of", *parts)), "ingredients"))
    data = tmp_path / "data.csv"
    data.write_text(
        "id,BUS.lines,BUS.people,ART.halls,ART.stages\na,12,10,3,7\nb,9,9,5,2\nc,4,8,1,1\n",
        encoding="utf-8",
    )
    recipe = read_recipe(RECIPE)
    spec = own_spec(framework, recipe, read_dataset(data, framework, None, recipe)[0])
    book = read_book(build(spec).package)
    block = Layout(spec).constructed_values
    sheet = resolve(book, "out_scores").sheet
    above = {
        code: [
            book.value(sheet, row, block.column(code))
            for row in (ROW_PARTS, ROW_PARTS_WEIGHT)
        ]
        for code in ("BUS", "ART")
    }
    assert above == {"BUS": [None, None], "ART": [2.0, 2.0]}
