"""What people type into `Data`: the cells, the functions and the index say the same of it."""

import io
from dataclasses import replace

import openpyxl
import pytest

from tests.helpers.own import CODES, own_bytes
from tests.helpers.templates import (
    ATTRACT,
    FAVOUR,
    MAIN,
    MEDIA,
    SEARCH,
    SOCIAL,
    UNITS,
    data_cell,
    edited,
    named_cell,
    require_agreement,
    seen,
    small_read,
    small_template,
)
from xlcity.errors import CellError
from xlcity.workbook.drawing.number_formats import value_format

#: No numbers to a cell; in a book nothing is converted, as no formula of a spreadsheet does.
BAD = {
    "beijing": "12,3",
    "chengdu": "１２",
    "shanghai": "12.3%",
    "shenzhen": "<5",
    "changsha": True,
    "qingdao": CellError.NA,
    "xiamen": "*",
    "haikou": "12.5",
}


def typed(**cells):
    """Recalculate with values typed: unit=(code, value)."""
    return seen(
        edited(
            small_template(),
            {
                "Data": {
                    data_cell(unit, code): value
                    for unit, (code, value) in cells.items()
                }
            },
        )
    )


@pytest.mark.parametrize("unit", ["beijing", "changsha", "qingdao"])
def test_one_entry_that_is_no_number(unit):
    value = BAD[unit]
    book = typed(**{unit: (SEARCH, value)})
    require_agreement(book)
    assert (book.verdict, book.red) == ("fail", {"values-not-numbers"})
    assert book.typed(unit, SEARCH) == "?"
    assert book.letter(unit, SEARCH) == "!"
    # The nodes above it are not computed; nothing else is touched.
    assert book.scores[unit, "IMG_COM_SEARCH"] is None
    assert book.scores[unit, "IMG"] is None
    assert book.scores[unit, "IMG_INF"] is not None
    # The check names the city and the indicator.
    name = next(u.name_zh for u in book.template.dataset.units if u.id == unit)
    assert book.detail("values-not-numbers").startswith(f"{name} · ")


def test_a_column_of_nothing_but_wrong_entries():
    book = typed(**{unit: (SEARCH, value) for unit, value in BAD.items()})
    require_agreement(book)
    assert [book.typed(unit, SEARCH) for unit in UNITS] == ["?"] * len(UNITS)
    assert all(book.scores[unit, "IMG"] is None for unit in UNITS)
    assert [p.code for p in book.template.problems] == ["XC301"] * len(UNITS)


def test_a_missing_code_of_a_rating_is_unrated():
    codes = ("NA", "缺", "na", "n/a", "—", "..", "Na", "#N/A")
    book = typed(
        **{unit: (MAIN, code) for unit, code in zip(UNITS, codes, strict=True)}
    )
    require_agreement(book)
    assert (book.verdict, book.red) == ("pass", set())
    assert book.checks["inputs-missing"] == "note"
    for unit in UNITS:
        assert (book.typed(unit, MAIN), book.letter(unit, MAIN)) == ("NA", "M")
        assert book.normalised[unit, MAIN] == 0 / 5 * 100
        assert book.scores[unit, "IMG"] is not None


def test_a_missing_code_of_base_data_leaves_the_nodes_above_it_uncomputed():
    book = typed(chengdu=(SEARCH, "NA"))
    require_agreement(book)
    assert (book.verdict, book.checks["inputs-missing"]) == ("pass", "note")
    row = book.units.index("chengdu")
    codes = book.block("out_nodes")[0]
    shown = dict(zip(codes, book.block("out_scores")[row], strict=True))
    assert [shown[c] for c in ("IMG", "IMG_COM", "IMG_COM_SEARCH")] == [
        "NA",
        "NA",
        "NA",
    ]
    assert isinstance(shown["IMG_COM_MEDIA"], float)
    # The city that is out of the ranking leaves no hole in it.
    ranks = sorted(
        r for (u, n), r in book.ranks.items() if n == "IMG" and r is not None
    )
    assert ranks == list(range(1, len(UNITS)))


def test_a_blank_is_a_draft():
    book = typed(chengdu=(SEARCH, None))
    require_agreement(book)
    assert (book.verdict, book.red) == ("draft", set())
    assert book.checks["inputs-blank"] == "note"
    assert (book.typed("chengdu", SEARCH), book.letter("chengdu", SEARCH)) == (
        "",
        "blank",
    )
    row = book.units.index("chengdu")
    assert book.block("out_scores")[row][-1] == ""


@pytest.mark.parametrize("value", [" ", " NA"])
def test_spaces_are_part_of_what_was_typed(value):
    book = typed(chengdu=(SEARCH, value))
    require_agreement(book)
    assert (book.verdict, book.red) == ("fail", {"values-not-numbers"})
    assert book.typed("chengdu", SEARCH) == "?"


def test_a_blank_rating_is_not_unrated():
    book = typed(chengdu=(MAIN, None))
    require_agreement(book)
    assert book.verdict == "draft"
    assert book.normalised["chengdu", MAIN] is None


def test_zero_is_no_rating():
    book = typed(chengdu=(MAIN, 0.0))
    require_agreement(book)
    assert book.red == {"values-not-numbers"}
    assert book.normalised["chengdu", MAIN] is None


def test_zero_is_a_value_of_base_data():
    book = typed(chengdu=(SEARCH, 0.0))
    require_agreement(book)
    assert book.verdict == "pass"
    assert book.normalised["chengdu", SEARCH] == 0


def test_a_value_out_of_its_bounds_is_used_and_red():
    book = typed(chengdu=(MAIN, 6.0))
    require_agreement(book)
    assert book.red == {"bounds"}
    assert book.normalised["chengdu", MAIN] == 6 / 5 * 100


def test_a_missing_code_of_ones_own():
    code = named_cell("par_missing")
    book = seen(
        edited(
            small_template(),
            {"Framework": {code: "无"}, "Data": {data_cell("chengdu", MAIN): "无"}},
        )
    )
    require_agreement(book)
    assert book.typed("chengdu", MAIN) == "NA"


def test_nothing_filled_and_everything_missing():
    everywhere = [
        data_cell(unit, code)
        for unit in UNITS
        for code in (SEARCH, MEDIA, MAIN, SOCIAL, FAVOUR, ATTRACT)
    ]
    empty = seen(edited(small_template(), {"Data": dict.fromkeys(everywhere)}))
    require_agreement(empty)
    assert (empty.verdict, empty.red) == ("draft", set())
    missing = seen(edited(small_template(), {"Data": dict.fromkeys(everywhere, "NA")}))
    require_agreement(missing)
    assert (missing.verdict, missing.red) == ("pass", set())
    assert missing.scores["beijing", "IMG_INF"] == 0
    assert missing.scores["beijing", "IMG"] is None


@pytest.mark.parametrize(
    ("unit", "typed", "shown"),
    [
        (("percent", "%"), 'General"%"', '0.0#"%"'),
        (("year", "年份"), "0", "0"),
        (("applications a year", "件/年"), "[<1000]General;", "[<1000]#,##0;"),
        (("count", ""), "[<1000]General;", "[<1000]#,##0;"),
        (("Mbps", ""), "[<1000]General;", "[<1000]#,##0.0###;"),
    ],
)
def test_numbers_are_shown_by_their_unit(unit, typed, shown):
    framework = small_read().framework
    nodes = [replace(node, uom=unit[0], uom_zh=unit[1]) for node in framework.nodes]
    changed = replace(framework, nodes=tuple(nodes))
    assert value_format(changed, SEARCH, typed=True).startswith(typed)
    assert value_format(changed, SEARCH).startswith(shown)


def test_typed_values_are_shown_on_profile_as_on_data():
    """375 is not 375.0; what is constructed may have any number of digits."""
    book = openpyxl.load_workbook(io.BytesIO(own_bytes(udf=False)))
    profile = book["Profile"]
    raw = [
        row[1].number_format
        for row in profile.iter_rows()
        if row[0].value and row[3].value
    ]
    assert book["Data"]["D10"].number_format == "General"
    (shown,) = (
        rule.dxf.numFmt.formatCode
        for cells in book["Data"].conditional_formatting
        for rule in cells.rules
        if "D9" in cells.sqref and "ISLOGICAL" in rule.formula[0]
    )
    assert raw.count(shown) == len(CODES)
