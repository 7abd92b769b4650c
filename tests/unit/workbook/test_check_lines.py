"""What `check` says: counts that are right, lines that read the same way in any status."""

import io
from dataclasses import replace
from unicodedata import east_asian_width

import numpy as np
import openpyxl
import pytest

from tests.helpers.templates import (
    ATTRACT,
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    framework_cell,
    named_cell,
    read,
    seen,
    small_read,
    small_spec,
    small_template,
)
from xlcity.audit.check.check import check_workbook
from xlcity.errors import FrameworkError, RecipeError, counted
from xlcity.model.dataset import State
from xlcity.workbook.build import build
from xlcity.workbook.labels import Labels
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.sheets.checking.checks import SHARES, WIDTHS, WIDTHS_OF_TWO
from xlcity.workbook.spec.from_template import spec_of

#: Widths of columns that a window of 1440 pixels shows at once, in LibreOffice at 90 percent.
WINDOW = 148


def count_widths(text):
    """Return how many letters wide a text is, a Chinese character as two."""
    return sum(1 + (east_asian_width(sign) in "WF") for sign in text)


def test_links_fit_their_column_and_remedies_stand_in_one_window():
    """Links are not broken into lines; in their size 1.66 letters fit into a unit of width."""
    book = seen(small_template())
    area = book.template.area("chk_table")
    rows = range(area.r1 + 1, area.r2 + 1)
    names = [str(book.fresh.value("Checks", row, area.c1)) for row in rows]
    assert max(map(count_widths, names)) <= 1.66 * min(WIDTHS[0], WIDTHS_OF_TWO[0])
    sheet = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))["Checks"]
    for row in rows:
        name, remedy = (sheet.cell(row, column) for column in (area.c1, area.c2))
        assert name.hyperlink is not None
        assert remedy.hyperlink is None
        assert remedy.alignment.wrap_text
    assert sum(WIDTHS) <= WINDOW


def told(path):
    return {check.name: check.detail for check in check_workbook(path).checks}


@pytest.fixture(scope="module")
def said():
    """Return the texts of the checks: name -> (Chinese, English)."""
    rows = [str(row[0]) for row in seen(small_template()).block("chk_table")[1:]]
    return {name: Labels.load().texts[f"check.{name}"] for name in rows}


def test_inputs_are_counted_as_filled_blank_missing_and_wrong(small_file):
    path = small_file(
        Data={
            data_cell("chengdu", SEARCH): "NA",
            data_cell("haikou", SEARCH): None,
            data_cell("haikou", ATTRACT): None,
            data_cell("xiamen", SEARCH): "12,3",
        }
    )
    cells = len(UNITS) * len(small_read().framework.indicators)
    # The wrong cell is not counted again as one that is still to be filled.
    assert told(path)["inputs"] == (
        f"1 wrong; {cells - 4} filled, 2 not filled yet, 1 confirmed missing"
    )


def test_cities_left_out_need_no_inputs(small_file):
    path = small_file(
        Cities={city_cell("haikou", "population"): None},
        Data={data_cell("haikou", SEARCH): None, data_cell("xiamen", SEARCH): None},
    )
    assert ", 1 not filled yet, " in told(path)["inputs"]


def test_a_line_has_its_count_and_the_first_place(small_file, said):
    path = small_file(Data={data_cell("haikou", SEARCH): None})
    lines = told(path)
    # The book is Chinese, its reader is not.
    label = said["inputs-blank"][1]
    first = f"海口 · 1 not filled yet · {SEARCH}"
    assert lines["sheet:inputs-blank"] == f"{label}: 1 ({first})"
    assert lines["sheet:inputs-missing"] == f"{said['inputs-missing'][1]}: 0"


@pytest.mark.slow
def test_blanks_that_the_recipe_takes_as_missing_are_counted_and_make_no_draft(
    tmp_path, said
):
    spec = small_spec()
    recipe = replace(spec.recipe, blank="missing")
    values = spec.dataset.values.copy()
    values[0, 0] = np.nan
    states = spec.dataset.states.copy()
    states[0, 0] = State.BLANK
    dataset = replace(spec.dataset, values=values, states=states)
    path = tmp_path / "taken.xlsx"
    package = build(replace(spec, recipe=recipe, dataset=dataset)).package
    package.write(path)
    assert str(seen(package).block("chk_verdict")[0][0]) == "pass"
    check = next(
        c for c in check_workbook(path).checks if c.name == "sheet:inputs-blank"
    )
    unit = spec.dataset.units[0].name_zh
    code = spec.framework.indicators[0].code
    first = f"{unit} · 1 blank, taken as missing · {code}"
    assert check.status == "note"
    assert check.detail == f"{said['inputs-blank'][1]}: 1 ({first})"


def test_labels_of_counted_checks_assert_nothing(said):
    """What is counted reads right with any count; an assertion reads as its opposite."""
    for name, (chinese, english) in said.items():
        if name not in SHARES:
            assert not english.startswith(("No ", "Every ", "Each ", "All ", "The ")), (
                name
            )
            assert not chinese.startswith(("没有", "所有", "每")), name


def test_a_weight_that_is_none_and_its_group_are_told_apart(small_file):
    path = small_file(Framework={framework_cell("IMG_COM", "weight"): None})
    groups = len(small_read().framework.composites)
    assert told(path)["weights"] == (
        f"1 entry that cannot be used; weights do not sum to 1 in 1 of {groups} groups"
    )


def test_one_is_no_plural():
    assert counted(1, "cell") == "1 cell"
    assert counted(2, "cell") == "2 cells"
    assert counted(1, "city", "cities") == "1 city"
    assert counted(0, "city", "cities") == "0 cities"


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["x", 5.0, True])
def test_a_direction_that_is_none_is_told_with_its_cell(small_file, direction):
    cell = framework_cell(SEARCH, "direction")
    checks = {
        c.name: c
        for c in check_workbook(small_file(Framework={cell: direction})).checks
    }
    assert checks["weights"].status == "fail"
    assert [p.code for p in checks["weights"].problems] == ["XC223"]
    assert checks["weights"].cells == (f"Framework!{cell}",)
    assert checks["python-native"].status == "skipped"


def test_a_broken_tree_and_a_broken_recipe_are_told_with_their_cells(small_file):
    parent = framework_cell("IMG_COM_SEARCH", "parent")
    with pytest.raises(FrameworkError) as tree:
        open_template(small_file(Framework={parent: "IMG_X"}))
    assert [(p.where.sheet, p.where.cell) for p in tree.value.problems] == [
        ("Framework", parent)
    ]
    area = small_read().area("xl_recipe")
    with pytest.raises(RecipeError) as recipe:
        open_template(small_file(**{area.sheet: {named_cell("xl_recipe"): "no toml"}}))
    (problem,) = recipe.value.problems
    assert (problem.code, problem.where.sheet) == ("XC251", area.sheet)
    assert problem.where.cell.startswith(f"{named_cell('xl_recipe')}:")


@pytest.mark.slow
def test_a_workbook_made_in_english_is_as_its_template(small_reports):
    """Its pages print the English name: in a template drawn in Chinese 29 settings differed."""
    made = read(build(small_spec(language="en")).package)
    assert check_workbook(made).findings == ()
    assert [spec_of(one).language for one in (made, small_read())] == ["en", "zh"]
