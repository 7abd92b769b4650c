"""The template in LibreOffice: edited there as by a person, saved by it, and computed by it."""

import pytest

from tests.helpers.calc_session import edit_in_calc
from tests.helpers.contract_cells import score_sheet
from tests.helpers.templates import (
    ATTRACT,
    MAIN,
    MEDIA,
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    data_row,
    edited,
    framework_cell,
    method_cell,
    require_agreement,
    seen,
    small_read,
    small_template,
    spare_row,
)
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.errors import CellError
from xlcity.recalc.compare import agree, compare_engines
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.golden,
    pytest.mark.libreoffice,
    pytest.mark.uno,
    pytest.mark.slow,
]

FIRST = data_row(UNITS[0])
LAST = small_read().area("in_data").r2 - 2
NEW = (20.0, 200.0, 4.0, 4.0, 4.0, 50.0)

#: What people do to the sheet Data, and its cities from top to bottom afterwards.
MOVED = {
    "saved": ([], list(UNITS)),
    "sorted": (
        [["sort", "Data", f"A{FIRST}:I{LAST}", 9, False]],
        sorted(
            UNITS,
            key=lambda unit: -small_read().dataset.values[UNITS.index(unit), 5],
        ),
    ),
    "sort button on a value": (
        [["press", "Data", f"I{FIRST + 2}", ".uno:SortDescending"]],
        sorted(
            UNITS,
            key=lambda unit: -small_read().dataset.values[UNITS.index(unit), 5],
        ),
    ),
    "sort button on an id, beside remarks of one's own": (
        [
            ["set", "Data", f"J{FIRST - 1}", "memo"],
            ["set", "Data", f"J{FIRST + 1}", "ask again"],
            ["press", "Data", f"A{FIRST + 3}", ".uno:SortAscending"],
        ],
        sorted(UNITS),
    ),
    "inserted": (
        [
            ["insert_rows", "Data", FIRST],
            ["insert_rows", "Data", data_row("shanghai") + 1, 3],
            ["insert_rows", "Data", LAST + 5],
            ["insert_rows", "Data", 3],
        ],
        list(UNITS),
    ),
    "cut": (
        [
            ["move_row", "Data", data_row("beijing"), data_row("changsha"), "I"],
            ["move_row", "Data", data_row("haikou"), FIRST, "I"],
        ],
        [
            "haikou",
            "chengdu",
            "shanghai",
            "shenzhen",
            "beijing",
            "changsha",
            "qingdao",
            "xiamen",
        ],
    ),
    "cut to a spare row": (
        [["cut", "Data", f"A{FIRST}:I{FIRST}", f"A{spare_row(2)}"]],
        [*UNITS[1:], "beijing"],
    ),
    "spare rows deleted": ([["delete_rows", "Data", spare_row(), 4]], list(UNITS)),
    "figures removed": ([["remove_sheet", "Figures"]], list(UNITS)),
}
#: What is not as in the template then, beside values.
GONE = {"figures removed": {"Figures"}}
OTHER = {
    "deleted": [["delete_rows", "Data", data_row("chengdu")]],
    "dragged to a row without a city": [
        [
            "cut",
            "Data",
            f"D{data_row('chengdu')}:I{data_row('chengdu')}",
            f"D{spare_row(2)}",
        ]
    ],
    "dragged onto another city": [
        [
            "cut",
            "Data",
            f"D{data_row('chengdu')}:I{data_row('chengdu')}",
            f"D{data_row('changsha')}",
        ]
    ],
    "new city": [
        ["set", "Cities", city_cell("haikou", "id", 1), "sanya"],
        ["set", "Cities", city_cell("haikou", "population", 1), "main"],
        ["set", "Cities", city_cell("haikou", "name_zh", 1), "三亚"],
        ["set", "Data", f"A{spare_row(2)}", "sanya"],
        *[
            ["set", "Data", f"{c}{spare_row(2)}", v]
            for c, v in zip("DEFGHI", NEW, strict=True)
        ],
    ],
    "scores removed": [["remove_sheet", score_sheet(small_read().book)]],
}


@pytest.fixture(scope="module")
def calc(tmp_path_factory):
    """Return the files that LibreOffice made of the template, by what was done to them."""
    folder = tmp_path_factory.mktemp("calc")
    source = folder / "source.xlsx"
    small_template().write(source)
    files = {name: folder / f"{name}.xlsx" for name in (*MOVED, *OTHER)}
    steps = {**{name: found[0] for name, found in MOVED.items()}, **OTHER}
    edit_in_calc([(source, files[name], steps[name]) for name in files], timeout=600)
    return files


def changed_formulas(package):
    """Return where formulas are not those of the whole report, of which this is a part."""
    found = lint(Subject(package, "book.xlsx")).every
    return {one.place for one in found if one.rule in ("E02", "E03", "E04")}


@pytest.fixture(scope="module")
def plain():
    return seen(small_template())


def stray(package):
    """Return #REF! in formulas, and errors that LibreOffice shows in native cells."""
    return [
        (sheet.name, position, cell.formula)
        for sheet in read_book(package).sheets.values()
        for position, cell in sheet.cells.items()
        if (cell.formula and "#REF!" in cell.formula)
        or (sheet.name != "UDF" and isinstance(cell.value, CellError))
    ]


@pytest.mark.parametrize("name", MOVED)
def test_moving_rows_of_data_changes_nothing_else(calc, plain, name):
    package = Package.read(calc[name])
    assert stray(package) == []
    book = seen(package)
    rows = sorted(book.template.rows.items(), key=lambda item: item[1])
    assert [unit for unit, _ in rows] == MOVED[name][1]
    require_agreement(book)
    assert (book.verdict, book.red, book.template.problems) == ("pass", set(), ())
    # Its formulas are the template's still, wherever they are now.
    assert changed_formulas(package) - changed_formulas(small_template()) == GONE.get(
        name, set()
    )
    for mine, theirs in (
        (book.scores, plain.scores),
        (book.ranks, plain.ranks),
        (book.normalised, plain.normalised),
    ):
        assert mine.keys() == theirs.keys()
        assert [
            key for key, value in mine.items() if not agree(value, theirs[key])
        ] == []
    # LibreOffice's own values, as it saved them: nothing was lost on the way there.
    stored = {
        unit["unit"]: unit["scores"] for unit in stored_results(book.template)["units"]
    }
    assert [
        (unit, node)
        for (unit, node), value in plain.scores.items()
        if not agree(stored[unit][node], value)
    ] == []
    assert book.template.text("chk_verdict") == "pass"


def test_a_deleted_row_is_a_city_without_data(calc, plain):
    package = Package.read(calc["deleted"])
    assert stray(package) == []
    book = seen(package)
    require_agreement(book)
    assert (book.verdict, book.red) == ("draft", set())
    assert book.template.text("chk_verdict") == "draft"
    assert book.scores["chengdu", "IMG"] is None
    # Chengdu holds no extreme, so no other score moves.
    kept = {key: value for key, value in plain.scores.items() if key[0] != "chengdu"}
    assert [
        key for key, value in kept.items() if not agree(book.scores[key], value)
    ] == []


@pytest.mark.parametrize(
    ("name", "verdict", "red"),
    [
        ("dragged to a row without a city", "fail", {"values-without-city"}),
        ("dragged onto another city", "draft", set()),
    ],
)
def test_values_dragged_elsewhere_count_where_they_are(calc, plain, name, verdict, red):
    package = Package.read(calc[name])
    assert stray(package) == []
    book = seen(package)
    # Cells read the rows that they read before: the index of what `Data` holds now says the same.
    require_agreement(book)
    assert (book.verdict, book.red) == (verdict, red)
    assert book.template.text("chk_verdict") == verdict
    assert book.scores["chengdu", "IMG"] is None
    if not red:
        assert agree(
            book.normalised["changsha", SEARCH], plain.normalised["chengdu", SEARCH]
        )


def test_a_city_typed_into_a_spare_row(calc):
    package = Package.read(calc["new city"])
    assert stray(package) == []
    book = seen(package)
    require_agreement(book)
    assert (book.verdict, book.red) == ("pass", set())
    assert book.normalised["sanya", SEARCH] == 20 / 20 * 100
    stored = {unit["unit"]: unit for unit in stored_results(book.template)["units"]}
    assert agree(stored["sanya"]["scores"]["IMG"], book.scores["sanya", "IMG"])
    assert stored["sanya"]["name_zh"] == "三亚"


def test_a_sheet_of_the_contract_removed(calc, capsys):
    for verb in ("check", "results"):
        assert main([verb, str(calc["scores removed"])]) == 3
        said = capsys.readouterr().err
        assert "out_scores" in said
        assert "which is not a range of the workbook: cells were deleted" in said
    # A workbook that can be read is recalculated all the same.
    target = calc["scores removed"].with_name("again.xlsx")
    assert main(["recalc", str(calc["scores removed"]), "-o", str(target)]) in (0, 1)


def test_what_libreoffice_saved_is_a_template_still(
    calc, small_reports, tmp_path, capsys
):
    for name in ("saved", "sorted", "inserted", "cut", "new city"):
        checked = check_workbook(calc[name])
        assert checked.verdict == "pass", (name, checked)
        status = {check.name: check for check in checked.checks}
        assert status["contract"].status == "pass", status["contract"].problems
        assert status["python-native"].status == "pass"
        assert status["udf-native"].status == "pass"
        # LibreOffice was without the functions: their results are gone, nothing else is stale.
        assert status["stale"].status == "pass"
        assert status["stale"].detail.startswith("functions not loaded")
        assert "not up to date" not in status["stale"].detail
    data = tmp_path / "d.csv"
    target = tmp_path / "filled.xlsx"
    data.write_text(f"city,{SEARCH},{MAIN}\n成都市,12,NA\n", encoding="utf-8")
    assert (
        main(["fill", str(calc["sorted"]), "--data", str(data), "-o", str(target)]) == 0
    )
    assert check_workbook(target).verdict == "pass"
    template = open_template(target)
    unit = next(u for u in stored_results(template)["units"] if u["unit"] == "chengdu")
    assert unit["normalised"][SEARCH] == 12 / 14 * 100
    assert unit["normalised"][MAIN] == 0
    capsys.readouterr()


# -- the same numbers from LibreOffice in situations full of faults --------------------------------
FAULTS = {
    "Data": {
        data_cell("beijing", SEARCH): "12,3",
        data_cell("chengdu", SEARCH): "１２",
        data_cell("shanghai", SEARCH): "12.3%",
        data_cell("shenzhen", SEARCH): "<5",
        data_cell("changsha", SEARCH): True,
        data_cell("qingdao", SEARCH): CellError.NA,
        data_cell("xiamen", SEARCH): "*",
        data_cell("haikou", SEARCH): "12.5",
        data_cell("chengdu", MAIN): "NA",
        data_cell("shanghai", MAIN): "缺",
        data_cell("beijing", MEDIA): None,
        data_cell("chengdu", MEDIA): " ",
        data_cell("shanghai", MEDIA): "NA",
        data_cell("changsha", ATTRACT): True,
        data_cell("qingdao", ATTRACT): CellError.DIV0,
        f"A{spare_row(1)}": "chengdu",
        f"D{spare_row(1)}": 4.0,
        f"A{spare_row(2)}": "atlantis",
        f"D{spare_row(2)}": 4.0,
        f"A{spare_row(3)}": "*",
        f"D{spare_row(4)}": 5.0,
    },
    "Framework": {framework_cell("IMG_COM", "weight"): 0.28},
    "Cities": {
        city_cell("xiamen", "population"): None,
        city_cell("haikou", "id", 1): "sanya",
        city_cell("haikou", "population", 1): "mini",
        city_cell("haikou", "id", 2): "beijing",
        city_cell("haikou", "population", 2): "main",
        city_cell("haikou", "id", 3): 110000.0,
        city_cell("haikou", "population", 3): "main",
    },
    "Profile": {"B4": "上海", "B5": "*"},
    "Intake": {
        "A10": "成都市",
        "B10": 77.0,
        "A11": " 北\u3000京 ",
        "A12": "Peking",
        "B11": "３．５",
        "C12": "-3.5 ",
        "B13": "12,3%",
        "C14": "5万",
        "B16": "3-5",
        "D18": "见注",
        "E19": 0.0,
        "D19": 0.0,
        "A13": "*",
        "A14": "atlantis",
        "C15": 5.0,
        "A16": "QINGDAO",
        "B17": True,
        "C10": "12,3",
        "D10": CellError.NA,
    },
}
RED = {
    "weights",
    "values-not-numbers",
    "duplicate-city",
    "duplicate-id",
    "unknown-city",
    "values-without-city",
    "population",
}

OPTION = {
    "Data": {
        **{data_cell(unit, SEARCH): 5.0 for unit in UNITS},
        **{
            data_cell(unit, code): 3.0
            for unit in ("beijing", "chengdu", "haikou")
            for code in (MEDIA, MAIN, ATTRACT)
        },
    },
    "Framework": {
        method_cell(MEDIA, "b"): 500.0,
        method_cell(ATTRACT, "a"): "abc",
        framework_cell("IMG_INF", "weight"): "0,5",
        framework_cell("IMG_REC", "weight"): None,
        framework_cell("IMG_COM_MEDIA", "weight"): -1.0,
    },
}


@pytest.mark.parametrize(
    ("option", "edits", "red"),
    [
        (None, FAULTS, RED),
        (
            "minmax",
            OPTION,
            {"weights", "scale", "constant-column", "udf-native", "without-total"},
        ),
    ],
    ids=["faults", "min-max"],
)
def test_faults_look_the_same_in_libreoffice(option, edits, red):
    package = edited(small_template(option), edits)
    book = seen(package)
    assert book.red == red
    second = recalculate(package, "libreoffice", book=book.template.book)
    compared = compare_engines(book.fresh.values, second.values, "libreoffice")
    assert compared.differing == ()
    assert compared.cells > 6000
    assert (book.fresh.errors, second.errors) == ({}, {})
    if option is None:
        require_agreement(book)
