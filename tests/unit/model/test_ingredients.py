import pytest

from xlcity.errors import DataError, FrameworkError
from xlcity.model.dataset import State, Status
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe import Recipe, Step

TREE = "code,parent,name_en\nT,,Total\nair,T,Clean air\nuni,T,Universities\n"
PARTS = "code,of,name_en,name_zh,uom,valid_high\nair.raw,air,Dust,粉尘,ug/m3,300\n"
FRAMEWORK = Framework.read(TREE).with_ingredients(parse_csv(PARTS, "ingredients"))
RECIPE = Recipe("r", (Step("construct", "bands", {}, ("uni",)),))


def read(tmp_path, data, items=None, recipe=RECIPE):
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    if items is not None:
        (tmp_path / "items.csv").write_text(items, encoding="utf-8")
    return read_dataset(tmp_path, FRAMEWORK, None, recipe)


def test_ingredients_are_inputs_beside_the_nodes():
    (dust,) = FRAMEWORK.ingredients_of("air")
    assert (dust.name, dust.uom, dust.valid_high) == ("raw", "ug/m3", 300)
    assert list(FRAMEWORK.inputs) == ["T", "air", "uni", "air.raw"]
    assert FRAMEWORK.ingredients_of("uni") == ()
    assert "air.raw" not in FRAMEWORK


def test_every_problem_of_the_table_is_told():
    rows = "code,of,valid_low\nair.raw,air,\nair.raw,air,low\nT.x,T,\nraw,air,\n,air,\n"
    with pytest.raises(FrameworkError) as caught:
        Framework.read(TREE).with_ingredients(parse_csv(rows, "ingredients"))
    assert [p.code for p in caught.value.problems] == ["XC222", "XC221"]
    rows = "code,of\nair.raw,air\nair.raw,air\nT.x,T\nraw,air\n"
    with pytest.raises(FrameworkError) as caught:
        Framework.read(TREE).with_ingredients(parse_csv(rows, "ingredients"))
    assert [p.code for p in caught.value.problems] == [
        "XC201",
        "XC201",
        "XC207",
        "XC207",
    ]
    with pytest.raises(FrameworkError, match="code and of"):
        Framework.read(TREE).with_ingredients(
            parse_csv("code,name\nx,y\n", "ingredients")
        )


def test_columns_of_ingredients_are_read_by_code_and_by_name(tmp_path):
    for heading in ("air.raw", "AIR.RAW", "Dust", "粉尘"):
        dataset, notes = read(tmp_path, f"unit,{heading},air\noslo,12,\nrome,NA,5\n")
        assert dataset.codes == ("air", "uni", "air.raw")
        at = dataset.codes.index("air.raw")
        assert dataset.values[0, at] == 12
        assert dataset.states[:, at].tolist() == [State.VALUE, State.MISSING]
        assert len(notes.converted) == (heading != "air.raw")


def test_ingredients_are_read_from_long_tables_and_checked(tmp_path):
    dataset, notes = read(tmp_path, "unit,code,value\noslo,air.raw,400\n")
    assert dataset.values[0, 2] == 400
    assert [p.code for p in notes.doubtful] == ["XC317"]


def test_a_list_of_institutions_is_read_from_the_folder(tmp_path):
    items = (
        "unit,item,the,arwu\noslo,University,101–150,90\n,,,\noslo,School,,151-200\n"
    )
    dataset, _ = read(tmp_path, "unit,air\noslo,5\n", items)
    (first, second) = dataset.items["uni"]
    assert (first.unit, first.name, dict(first.ranks)) == (
        "oslo",
        "University",
        {"the": "101–150", "arwu": "90"},
    )
    assert second.basis == Status.ENTERED
    plain, _ = read(tmp_path, "unit,air\noslo,5\n", "unit,item,the\noslo,Other,3\n")
    assert plain.digest() != dataset.digest()


def test_every_line_that_cannot_be_used_is_told_with_its_address(tmp_path):
    items = (
        "code,unit,item,the,basis\nuni,nowhere,A,1,\nair,oslo,B,1,\nuni,oslo,C,about 5,\n"
        ",oslo,D,1,guessed\n"
    )
    with pytest.raises(DataError) as caught:
        read(tmp_path, "unit,air\noslo,5\n", items)
    assert [(p.code, p.where.cell) for p in caught.value.problems] == [
        ("XC311", "row 2"),
        ("XC314", "row 3"),
        ("XC306", "row 4"),
        ("XC316", "row 5"),
    ]
    with pytest.raises(DataError, match="unit and item"):
        read(tmp_path, "unit,air\noslo,5\n", "city,university\noslo,A\n")


def test_a_table_without_lists_has_none(tmp_path):
    dataset, _ = read(tmp_path, "unit,air\noslo,5\n")
    assert dataset.items == {}


def test_a_workbook_holds_the_list_on_a_sheet_of_its_own(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    data = book.active
    data.title = "data"
    for row in (["unit", "air.raw"], ["oslo", 12]):
        data.append(row)
    items = book.create_sheet("items")
    for row in (["unit", "item", "the"], ["oslo", "University", 7]):
        items.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    dataset, _ = read_dataset(path, FRAMEWORK, None, RECIPE)
    assert dataset.items["uni"][0].ranks == {"the": "7"}
    assert dataset.values[0, dataset.codes.index("air.raw")] == 12


def test_a_folder_or_a_workbook_brings_its_ingredients(tmp_path):
    import openpyxl

    (tmp_path / "framework.csv").write_text(TREE, encoding="utf-8")
    assert Framework.read(tmp_path).ingredients == ()
    (tmp_path / "ingredients.csv").write_text(PARTS, encoding="utf-8")
    assert Framework.read(tmp_path) == FRAMEWORK
    book = openpyxl.Workbook()
    for title, text in (("framework", TREE), ("ingredients", PARTS)):
        sheet = book.create_sheet(title)
        for line in text.splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "book.xlsx")
    assert Framework.read(tmp_path / "book.xlsx").ingredients == FRAMEWORK.ingredients
