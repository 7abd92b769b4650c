"""What the book says of an entry that is neither a number nor a missing code."""

import openpyxl
import pytest

from tests.helpers.templates import (
    MAIN,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    label,
    require_agreement,
    seen,
    small_template,
)
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.rules.inputs import shown_otherwise
from xlcity.errors import CellError, Where
from xlcity.messages import Message
from xlcity.model.dataset import State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.values import (
    FAULT_KINDS,
    FAULTS,
    fault_kind,
    fractions_as_percent,
)
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import build
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout.rows import IN_FIRST
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.address import cell_name

ENTRIES = {
    "error": [CellError.DIV0, CellError.NA],
    "logical": [True, False],
    "full_width": ["１２", "３．５", "－５", "　１２", "12．5"],
    "as_text": ["12.5", "0", " 7 ", "-3", "+3.5", "1 234", ".5", "-.5"],
    "comma": ["3,5", "12,3", "1,234", "1,234.5", "-3,5", "３，５"],
    "percent": ["12.3%", "１２％", "-4 %"],
    "suffix": ["5万", "1.2亿"],
    "several": ["<5", "约12", "≥10", "~3", "3-5", "2019 - 2020", "约3亿", "5-"],
    "text": ["n.v.", "*", "见注", "2024-05-01", "1e5", "a1", "无"],
}
FLAT = [(entry, kind) for kind, entries in ENTRIES.items() for entry in entries]


@pytest.mark.parametrize(("entry", "kind"), FLAT)
def test_kind_of_an_entry(entry, kind):
    assert fault_kind(entry) == kind


def test_intake_is_not_complete_beside_a_value_that_cannot_be_used():
    """Each entry stands beside a city of its own, or one that is there already."""
    edits = {f"A{IN_FIRST + i}": UNITS[i % len(UNITS)] for i in range(len(FLAT))}
    edits |= {f"C{IN_FIRST + i}": entry for i, (entry, _) in enumerate(FLAT)}
    book = seen(edited(small_template(), {"Intake": edits}))
    head = label(book.template, "intake.state")
    column = next(
        column
        for row, column in book.template.book.sheets["Intake"].cells
        if row < IN_FIRST and book.template.book.value("Intake", row, column) == head
    )
    unusable = [
        book.fresh.value("Intake", IN_FIRST + i, column) for i in range(len(FLAT))
    ]
    assert unusable == [1.0] * len(FLAT)


TYPED = {
    "chengdu": ("3,5", SEARCH, "comma"),
    "beijing": ("３．５", SEARCH, "full_width"),
    "shanghai": ("3.5", MAIN, "as_text"),
    "xiamen": (0.0, MAIN, "no_data"),
    "haikou": (True, MAIN, "logical"),
    "qingdao": (CellError.DIV0, SEARCH, "error"),
}


def test_data_and_checks_say_what_it_is_and_what_to_do():
    texts = Labels.load().texts
    columns = {SEARCH: "B", MAIN: "D"}
    pasted = {f"A{IN_FIRST + i}": unit for i, unit in enumerate(TYPED)}
    pasted |= {
        f"{columns[code]}{IN_FIRST + i}": entry
        for i, (entry, code, _) in enumerate(TYPED.values())
    }
    data = {data_cell(unit, code): entry for unit, (entry, code, _) in TYPED.items()}
    book = seen(edited(small_template(), {"Data": data, "Intake": pasted}))
    require_agreement(book)
    assert book.red == {"values-not-numbers"}
    problems = {problem.where.unit: problem for problem in book.template.problems}
    for i, (unit, (entry, code, kind)) in enumerate(TYPED.items()):
        said = f"1 格不能用：{code} {texts[f'fault.{kind}'][0]}"
        row = book.template.rows[unit]
        assert book.fresh.value("Data", row, 3) == said
        assert book.fresh.value("Intake", IN_FIRST + i, 9) == f"1 格不能用：{code}"
        if kind != "no_data":
            shown = repr(entry) if isinstance(entry, str) else str(entry).upper()
            assert (problems[unit].message, problems[unit].hint) == (
                Message(FAULTS[kind], shown=shown),
                Message(f"{FAULTS[kind]}.hint"),
            )
    # The first city of the first indicator.
    comma = texts["fault.full_width"][0]
    fix = texts["fault.fix.full_width"][0]
    detail = book.detail("values-not-numbers")
    assert detail.startswith("北京 · ")
    assert detail.endswith(f"{comma}: “３．５” → {fix}")


def test_labels_have_the_kinds_in_their_order():
    keys = list(Labels.load().texts)
    for prefix in ("fault.", "fault.fix."):
        first = keys.index(f"{prefix}{FAULT_KINDS[0]}")
        assert keys[first : first + len(FAULT_KINDS)] == [
            f"{prefix}{kind}" for kind in FAULT_KINDS
        ]


def test_numbers_that_cells_show_as_dates_or_a_hundredfold_are_wrong(tmp_path):
    """3/4 becomes a date when it is typed; 75 % pasted into a column of per cents is 0.75."""
    frame = Framework.read("code,parent,uom\nT,,\nshare,T,%\nhours,T,h\n")
    data = empty_dataset(tuple(map(Unit, "uvwx")), ("share", "hours"))
    data.values[:], data.states[:] = [[60, 5], [75, 6], [80, 8], [71, 9]], State.VALUE
    rule = {"missing": "renormalise"}
    steps = (Step("normalise", "minmax", {}), Step("aggregate", "arithmetic", rule))
    rank = Step("rank", "competition", {"digits": 9})
    method = Recipe("r", (*steps, rank), weights="relative", blank="missing")
    build(own_spec(frame, method, data)).package.write(tmp_path / "plain.xlsx")
    plain = open_template(tmp_path / "plain.xlsx")
    assert [*shown_otherwise(plain)] == []
    book = openpyxl.load_workbook(tmp_path / "plain.xlsx")
    places = {
        code: cell_name(plain.rows["v"], plain.columns[code]) for code in plain.columns
    }
    for code, value, shown in (("share", 0.75, "0.0%"), ("hours", 46085, "yyyy-mm-dd")):
        cell = book["Data"][places[code]]
        cell.value = value
        cell.number_format = shown
    book["Data"][
        cell_name(plain.rows["u"], plain.columns["hours"])
    ].number_format = "0%"
    book.save(tmp_path / "typed.xlsx")
    checked = {one.name: one for one in check_workbook(tmp_path / "typed.xlsx").checks}[
        "inputs"
    ]
    assert (checked.status, {*checked.cells}) == (
        "fail",
        {f"Data!{at}" for at in places.values()},
    )
    assert any("shows 0.75 as 75 %" in problem.message for problem in checked.problems)
    for code, value in (("share", 0.75), ("hours", 0.5)):
        cell = book["Data"][places[code]]
        cell.value = value
        cell.number_format = "General"
    book["Data"][
        cell_name(plain.rows["u"], plain.columns["hours"])
    ].number_format = "General"
    book.save(tmp_path / "fraction.xlsx")
    checked = {
        one.name: one for one in check_workbook(tmp_path / "fraction.xlsx").checks
    }["inputs"]
    assert (checked.status, checked.cells) == ("note", (f"Data!{places['share']}",))
    (doubt,) = checked.problems
    assert (doubt.code, doubt.hint) == ("XC308", "If it is a fraction, type 75.")


@pytest.mark.parametrize(
    ("uom", "values", "suspected"),
    [
        ("%", [45.3, 0.453, 38, 52, 0.61, 30], [0.453, 0.61]),
        ("percent", [4.2, 0.035, 3.1, 5.6], [0.035]),
        ("%", [0.45, 0.38, 0.52, 0.3, 0.61], []),  # all in fractions
        ("%", [0.1, 0.4, 0.9, 2.5, 7, 30], []),  # natural below 1
        ("%", [0.02, 0.3, 0.4, 0.9, 9, 12, 30], []),  # more below 1 than above
        ("%", [0, -0.5, 30, 40, 50], []),
        ("%", [0.8, 3, 4, 5, 6], []),  # 80 would fit worse
        ("km", [45.3, 0.453, 38, 52, 30], []),
    ],
)
def test_fractions_are_suspected_where_other_cities_have_per_cents(
    uom, values, suspected
):
    frame = Framework.read(f"code,parent,uom\nT,,\na,T,{uom}\n")
    cells = [("a", value, Where(cell=f"B{row}")) for row, value in enumerate(values, 2)]
    found = [one.where.cell for one in fractions_as_percent(frame.inputs, cells)]
    assert found == [f"B{values.index(value) + 2}" for value in suspected]
