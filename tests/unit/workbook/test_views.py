"""What people look at: languages, choosers, rankings with ties, status letters, Intake."""

import pytest

from tests.helpers.templates import (
    ATTRACT,
    FAVOUR,
    MAIN,
    MEDIA,
    SEARCH,
    SOCIAL,
    UNITS,
    city_cell,
    data_cell,
    edited,
    find,
    label,
    named_cell,
    require_agreement,
    seen,
    small_read,
    small_spec,
    small_template,
    spare_row,
)
from xlcity.errors import CellError
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import EXCEPTION_ROWS, IN_FIRST
from xlcity.workbook.sheets.results import profile, ranking
from xlcity.xlsx.address import cell_name, parse_cell

CODES = (SEARCH, MEDIA, MAIN, SOCIAL, FAVOUR, ATTRACT)


NODE = cell_name(ranking.CHOOSER_ROW, 4)
CITY = cell_name(profile.CITY_ROW, 2)


def looked_at(**edits):
    book = seen(edited(small_template(), edits))
    require_agreement(book)
    return book


def ranked(book):
    """Return (line, rank, unit) of the sheet Ranking, whose lines below are empty."""
    rows = [
        [
            book.fresh.value("Ranking", ranking.HEADER + 1 + slot, column)
            for column in (1, 2)
        ]
        for slot in range(len(book.units))
    ]
    shown = [row for row in rows if row[1] != ""]
    assert rows[: len(shown)] == shown
    assert all(row == ["", ""] for row in rows[len(shown) :])
    return [[float(line), *row] for line, row in enumerate(shown, 1)]


# -- languages ------------------------------------------------------------------------------------
def test_languages():
    plain = seen(small_template())
    words = {}
    for language in ("zh", "en", "both"):
        book = seen(small_template(language=language))
        scores = book.template.area("out_scores")
        assert (book.verdict, book.red, book.scores) == ("pass", set(), plain.scores)
        names = book.fresh.value(scores.sheet, scores.r1, 2)
        words[language] = (names, book.detail("derived-values"))
    assert words["zh"][0] == "北京"
    assert words["en"][0] == "Beijing"
    assert words["both"][0] == "北京 Beijing"
    assert "derived" not in words["zh"][1]
    assert "not published data" in words["en"][1]
    assert "not published data" in words["both"][1]


# -- choosers -------------------------------------------------------------------------------------
def title(book, sheet, address):
    row, column = parse_cell(address)
    texts = [book.fresh.value(sheet, row, c) for c in range(column + 1, column + 4)]
    return next(str(text) for text in texts if text)


@pytest.mark.parametrize("node", ["IMG_COM", "XX", "*", SEARCH, None])
def test_ranking_by_a_chosen_node(node):
    book = looked_at(Ranking={NODE: node})
    shown = node if node == "IMG_COM" else "IMG"
    ranks = {unit: book.ranks[unit, shown] for unit in UNITS}
    rows = ranked(book)
    assert [row[2] for row in rows] == sorted(UNITS, key=ranks.__getitem__)
    assert [row[1] for row in rows] == sorted(ranks.values())
    # The title names what is shown, also where the code is unknown or that of an indicator.
    name = book.template.framework[shown].name_zh
    assert title(book, "Ranking", NODE) == (
        name if node == "IMG_COM" else f"? → {name}"
    )
    first = next(
        v
        for (r, c), v in sorted(book.fresh.values["Tiers"].items())
        if r >= 10 and c == 2 and v
    )
    units = {u.name_zh: u.id for u in book.template.dataset.units}
    assert units[str(first)] == min(UNITS, key=ranks.__getitem__)


def test_choosers_take_names_and_aliases_as_intake_does():
    framework = small_read().framework
    node = framework["IMG_COM"]
    for typed in (node.name_zh, node.name_en):
        book = looked_at(
            Ranking={NODE: typed},
            Data={f"A{spare_row()}": "Peking"},
        )
        assert title(book, "Ranking", NODE) == node.name_zh
        # Data has one word per city; the message says which.
        assert str(book.fresh.value("Data", spare_row(), 3)).endswith("beijing")


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["北京市", "北京 ", " 北京市 ", "Peking", "Beijing "])
def test_data_names_the_city_that_fill_would_take(typed):
    book = looked_at(Data={f"A{spare_row()}": typed})
    assert str(book.fresh.value("Data", spare_row(), 3)).endswith("：beijing")
    named_whole = {city_cell("beijing", "name_zh"): "北京市"}
    book = looked_at(Cities=named_whole, Data={f"A{spare_row()}": "北京"})
    assert str(book.fresh.value("Data", spare_row(), 3)).endswith("：beijing")


def test_a_word_that_is_no_city_is_still_unknown():
    for typed in ("市", "东京市"):
        book = looked_at(Data={f"A{spare_row()}": typed})
        assert "“城市”表" in str(book.fresh.value("Data", spare_row(), 3))


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("上海", "shanghai"),
        ("Peking", "beijing"),
        ("CHENGDU", "chengdu"),
        ("*", None),
        ("?", None),
        ("nowhere", None),
        (None, None),
    ],
)
def test_profile_of_a_city_by_any_name(typed, unit):
    book = looked_at(Profile={CITY: typed})
    shown = book.fresh.value("Profile", profile.CITY_ROW, 3)
    names = {u.id: u.name_zh for u in book.template.dataset.units}
    row = profile.NODES_HEADER + 1
    score, rank = (book.fresh.value("Profile", row, column) for column in (2, 3))
    if unit is None:
        assert shown not in names.values()
        assert (score, rank) == ("", "")
    else:
        assert shown == names[unit]
        assert score == book.scores[unit, "IMG"]
        assert rank == book.ranks[unit, "IMG"]


def test_the_contributions_of_a_profile_sum_to_the_total():
    book = looked_at(Profile={CITY: "qingdao"})
    text = label(book.template, "profile.sum")
    row = next(r for r in range(1, 60) if book.fresh.value("Profile", r, 1) == text)
    total = book.fresh.value("Profile", row, 5)
    assert total == pytest.approx(book.scores["qingdao", "IMG"], rel=1e-12)


def test_no_indicator_in_which_a_city_is_first_is_its_weakest():
    """It was listed, with rank 1, where a city is first in most indicators."""
    first = {data_cell("qingdao", code): 1e6 for code in CODES}
    book = looked_at(Profile={CITY: "qingdao"}, Data=first)
    heads = {
        fact: label(book.template, f"profile.{fact}")
        for fact in ("strengths", "weaknesses")
    }
    top = {
        fact: next(r for r in range(1, 60) if book.fresh.value("Profile", r, 1) == head)
        for fact, head in heads.items()
    }
    shown = {
        fact: [
            book.fresh.value("Profile", row, 1) for row in range(first + 1, first + 4)
        ]
        for fact, first in top.items()
    }
    assert any(text.endswith(" (1)") for text in shown["strengths"])
    assert not any(text.endswith(" (1)") for text in shown["weaknesses"])


# -- ties -----------------------------------------------------------------------------------------
def test_ties_keep_every_city_in_the_order_of_cities():
    tied = ("beijing", "chengdu", "haikou")
    book = looked_at(
        Data={data_cell(unit, code): 3.0 for unit in tied for code in CODES}
    )
    rows = ranked(book)
    assert len(rows) == len(UNITS)
    assert [row[0] for row in rows] == list(range(1, len(UNITS) + 1))
    place = next(i for i, row in enumerate(rows) if row[2] == "beijing")
    assert [row[2] for row in rows[place : place + 3]] == list(tied)
    assert {row[1] for row in rows[place : place + 3]} == {place + 1}


def test_all_cities_tied():
    book = looked_at(
        Data={data_cell(unit, code): 3.0 for unit in UNITS for code in CODES}
    )
    assert [row[2] for row in ranked(book)] == list(UNITS)
    assert {row[1] for row in ranked(book)} == {1}


# -- status letters and Published -----------------------------------------------------------------
def count(book):
    return book.fresh.value(
        "Checks", find(book.template, "Checks", "derived-values", 1), 4
    )


def comparable(book, unit):
    """Return what Published says of a city: its flag and the differences from print."""
    row = next(r for r in range(16, 40) if book.fresh.value("Published", r, 1) == unit)
    cells = book.fresh.values["Published"]
    printed = Layout(small_spec()).printed
    columns = [
        printed.column(code) for code in printed.codes if code.endswith(" difference")
    ]
    found = [cells[row, c] for c in columns]
    return cells[row, 3], [
        difference for difference in found if isinstance(difference, float)
    ]


def test_a_derived_value_stops_being_so_when_it_is_overwritten():
    plain = seen(small_template())
    assert plain.letter("chengdu", SEARCH) == "D"
    assert count(plain) == len(UNITS) * len(CODES)
    assert len(comparable(plain, "chengdu")[1]) == 4
    book = looked_at(Data={data_cell("chengdu", SEARCH): 7.0})
    assert book.letter("chengdu", SEARCH) == "E"
    assert book.letter("beijing", SEARCH) == "D"
    assert count(book) == len(UNITS) * len(CODES) - 1
    # The bounds are still those of the shipped data: the other cities can be compared.
    assert comparable(book, "chengdu")[1] == []
    assert comparable(book, "chengdu")[0] != comparable(book, "beijing")[0]
    assert comparable(book, "beijing") == comparable(plain, "beijing")
    again = looked_at(Data={data_cell("chengdu", SEARCH): 6.0})
    assert again.letter("chengdu", SEARCH) == "D"


def test_compare_says_nothing_of_another_method():
    from tests.helpers.templates import framework_cell, method_cell

    for edits in (
        {
            framework_cell("IMG_COM", "weight"): 0.4,
            framework_cell("IMG_INF", "weight"): 0.4,
        },
        {named_cell("par_scale"): 10.0},
        {named_cell("par_rank_digits"): 0.0},
    ):
        require_incomparable(Framework=edits)
    for edits in ({method_cell(SEARCH, "a"): 1.0}, {method_cell(MAIN, "b"): 10.0}):
        require_incomparable(Framework=edits)


def require_incomparable(**edits):
    book = looked_at(**edits)
    assert comparable(book, "beijing")[1] == [], edits
    assert book.checks["compare-print"] == "skipped"


def test_a_value_of_ones_own_is_not_made_comparable_by_a_letter():
    book = looked_at(
        Data={data_cell("chengdu", SEARCH): 7.0},
        Sources=exception_line("chengdu", SEARCH, None, "substituted"),
    )
    assert book.letter("chengdu", SEARCH) == "S"
    assert comparable(book, "chengdu")[1] == []


def exception_line(unit, code, value, basis, place=0):
    head = find(small_read(), "Sources", "basis", 4)
    assert place < EXCEPTION_ROWS
    row = head + 1 + place
    return {f"A{row}": unit, f"B{row}": code, f"C{row}": value, f"D{row}": basis}


@pytest.mark.parametrize(
    ("unit", "value", "basis", "letter"),
    [
        ("chengdu", None, "substituted", "S"),
        ("chengdu", 6.0, "entered", "E"),
        ("chengdu", 99.0, "substituted", "D"),  # for another value: not in force
        ("chengdu", None, "guess", "?"),
        ("atlantis", None, "substituted", "D"),
        ("chengdu", None, None, "D"),
    ],
)
def test_an_exception_on_sources_changes_the_letter(unit, value, basis, letter):
    book = looked_at(Sources=exception_line(unit, SEARCH, value, basis))
    assert book.letter("chengdu", SEARCH) == letter
    assert book.verdict == "pass"


# -- Intake ---------------------------------------------------------------------------------------
def test_intake_finds_names_and_gives_a_block_in_the_order_of_data():
    names = [
        "成都市",
        " 北京 ",
        "Peking",
        "*",
        "atlantis",
        "上\u3000海",
        "深 圳",
        "QINGDAO",
        "a?",
        "",
        "hai kou",
        "厦门市 ",
    ]
    first = IN_FIRST
    k = len(CODES)
    edits = {f"A{first + i}": name for i, name in enumerate(names) if name}
    edits |= {
        f"B{first}": 77.0,
        f"C{first + 5}": 5.0,
        f"B{first + 9}": 3.0,
        f"D{first}": "12,3",
    }
    book = looked_at(Intake=edits)
    found = [book.fresh.value("Intake", first + i, k + 2) for i in range(len(names))]
    assert found == [
        "chengdu",
        "beijing",
        "beijing",
        "",
        "",
        "shanghai",
        "shenzhen",
        "qingdao",
        "",
        "",
        "haikou",
        "xiamen",
    ]
    words = {
        key: label(book.template, key)
        for key in ("intake.ok", "data.duplicate", "data.noid", "intake.unmatched")
    }
    said = [book.fresh.value("Intake", first + i, k + 3) for i in range(len(names))]
    ok = words["intake.ok"]
    twice = words["data.duplicate"]
    unmatched = words["intake.unmatched"]
    # A value that cannot be used is named: no row is called ready beside it.
    assert said[0] == f"1 格不能用：{CODES[2]}"
    assert said[1:] == [
        twice,
        twice,
        unmatched,
        unmatched,
        ok,
        ok,
        ok,
        unmatched,
        words["data.noid"],
        ok,
        ok,
    ]
    # The block repeats Data but for what was pasted.
    left = k + 5
    block = {
        book.fresh.value("Intake", first + i, left): [
            book.fresh.value("Intake", first + i, left + 2 + j) for j in range(k)
        ]
        for i in range(len(UNITS))
    }
    assert list(block) == list(UNITS)
    data = {
        unit: [book.template.dataset.values[row, j] for j in range(k)]
        for row, unit in enumerate(UNITS)
    }
    data["chengdu"][0], data["chengdu"][2], data["shanghai"][1] = 77.0, "12,3", 5.0
    assert block == data


def test_intake_asks_where_a_name_is_ambiguous():
    book = looked_at(
        Cities={
            city_cell("chengdu", "name_zh"): "双城",
            city_cell("haikou", "name_zh"): "双城",
        },
        Intake={f"A{IN_FIRST}": "双城", f"A{IN_FIRST + 1}": "haikou"},
    )
    said = [book.fresh.value("Intake", IN_FIRST + i, len(CODES) + 3) for i in (0, 1)]
    ambiguous = label(book.template, "intake.ambiguous")
    assert said[0] == ambiguous
    assert said[1] != ambiguous


def test_errors_pasted_anywhere_stay_in_their_cells():
    book = looked_at(
        Data={data_cell("chengdu", SEARCH): CellError.DIV0},
        Intake={
            f"A{IN_FIRST}": "chengdu",
            f"B{IN_FIRST}": CellError.NA,
            f"C{IN_FIRST}": True,
        },
    )
    assert book.red == {"values-not-numbers"}
