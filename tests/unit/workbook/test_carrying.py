"""The parts of what carries typed content over, each by itself: places, rules, settings, lists."""

import io
from dataclasses import replace
from random import Random

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from tests.helpers.desk import Desk
from tests.helpers.own import CODES, Edited, own_bytes
from xlcity.errors import DataError
from xlcity.model.framework import Framework
from xlcity.workbook.drawing.printing import FOOTERS
from xlcity.workbook.migrate.cell_keys import Anchors
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.edits import Edit, Target
from xlcity.workbook.migrate.kinds import (
    Hyperlinks,
    Looks,
    Rules,
    _is_same_note,
    identity,
    join_looks,
)
from xlcity.workbook.migrate.leftovers import (
    KEYS,
    Leftover,
    find_list,
    list_book,
    shown_value,
    texts,
    with_list,
)
from xlcity.workbook.migrate.merge import merge
from xlcity.workbook.migrate.mover import Mover
from xlcity.workbook.migrate.rebuild import _list_left, rebuild
from xlcity.workbook.migrate.roll import roll
from xlcity.workbook.migrate.sheet_kinds import (
    PageSetting,
    without_old_title,
)
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.previous_edition import Mapped
from xlcity.xlsx.cells import Cell, read_book
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.editing.transplant import order_tabs
from xlcity.xlsx.features import FORMAT, VALIDATION, CellRule
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import FOOTER, SOME_PAGES, read_settings


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.xlsx"
    path.write_bytes(own_bytes(udf=False))
    return path


@pytest.fixture(scope="module")
def mover(template):
    """Return where cells stand in a copy that has a row more above the city of row 12."""
    desk = Desk(template.read_bytes(), Random(1), 0)
    desk.shift(desk.data, "row", 12, 1)
    shifted = desk.save(template.with_name("shifted.xlsx"))
    old, new = (Anchors(read_book(Package.read(path))) for path in (template, shifted))
    return Mover(old, new, frozenset({"Data", "Cities"}), {"Mine": "Mine (2)"})


@pytest.mark.parametrize(
    ("formula", "followed"),
    [
        ("SUM(Data!D10:D14)", "SUM(Data!D10:D15)"),
        ("Data!$D$11+Data!D12", "Data!$D$11+Data!D13"),
        ("D12*2", "D12*2"),  # a cell of the sheet of one's own
        # A text is a text, but where a function takes it for an address.
        ('Data!D12&"Data!D12"', 'Data!D13&"Data!D12"'),
        ('INDIRECT("Data!D12")+LEN("D12")', 'INDIRECT("Data!D13")+LEN("D12")'),
        ('HYPERLINK("#Data!D12","D12")', 'HYPERLINK("#Data!D13","D12")'),
        ("Mine!A1+'[1]Data'!D12", "'Mine (2)'!A1+'[1]Data'!D12"),
        ("SUM(Data!$D:E)", "SUM(Data!$D:E)"),
        ("SUM(Data!E$14:D12)", "SUM(Data!D$13:E15)"),
    ],
)
def test_formulas_follow_the_cells_that_they_read(mover, formula, followed):
    assert mover.follow(formula, "Mine") == (followed, [])


@pytest.mark.parametrize("place", [13, 14])
def test_a_range_into_which_another_row_was_moved_leads_nowhere(mover, place):
    moved = Mover(mover.old, mover.old, mover.own)
    moved.row = lambda _, row: {14: 15, 17: place}.get(row, row)
    assert moved.follow("SUM(Data!D12:D14)", "Mine") == ("SUM(#REF!)", ["Data!D12:D14"])


def test_a_range_into_which_another_column_was_moved_leads_nowhere(mover):
    moved = Mover(mover.old, mover.new, mover.own)
    moved.column = lambda _, column: {5: 6, 6: 5}.get(column, column)
    assert moved.follow("SUM(Data!E10:F14)", "Mine") == ("SUM(Data!E10:F15)", [])
    assert moved.follow("SUM(Data!D10:E14)", "Mine") == ("SUM(#REF!)", ["Data!D10:E14"])


@pytest.mark.parametrize(
    ("formula", "seen"),
    [
        ("D12>5", "D13>5"),
        ("D11>D$12", "D12>D$13"),
        ("$D$12>0", "$D$13>0"),
        ("SUM(D:E)>$D12", "SUM(D:E)>$D13"),
    ],
)
def test_a_rule_is_seen_from_its_first_row(mover, formula, seen):
    assert mover.follow(formula, "Data", rows=(12, 13)) == (seen, [])


def test_bounds_of_cells_hold_a_row_that_came_between(mover):
    assert mover.bounds("Data", (10, 4, 14, 5)) == (10, 4, 15, 5)
    gone = Mover(mover.old, mover.new, frozenset({"Gone"}))
    assert gone.bounds("Gone", (10, 4, 14, 5)) is None


@pytest.mark.parametrize(
    ("sheet", "where", "target", "moved"),
    [
        ("Mine", (1, 1), "#Data!D12", ((1, 1), "#Data!D13")),
        ("Data", (12, 4), "https://x.org/#a", ((13, 4), "https://x.org/#a")),
        ("Gone", (1, 1), "#Data!D12", None),
    ],
)
def test_a_link_is_moved_with_its_cell_and_leads_to_the_same_cell(
    mover, sheet, where, target, moved
):
    if sheet == "Gone":
        mover = Mover(mover.old, mover.new, frozenset({"Data", "Gone"}))
    left = []
    edit = Hyperlinks().move(Edit("hyperlink", sheet, where, target), mover, left)
    assert (edit and (edit.where, edit.value)) == moved
    assert [one.reason for one in left] == ([] if moved else ["gone"])


def test_the_same_rule_is_known_whatever_program_saved_it_and_wherever_it_is():
    ours = CellRule(VALIDATION, (), (("type", "list"),), ('"a,b"',))
    theirs = CellRule(
        VALIDATION, (), (("operator", "between"), ("type", "list")), ('"a,b"', "0")
    )
    assert identity(ours) == identity(theirs)
    assert identity(ours) != identity(replace(ours, formulas=('"a,c"',)))
    ours = CellRule(
        FORMAT, (), (("type", "expression"),), ("IF(ISERROR(D10),TRUE,E$2>1)",)
    )
    theirs = CellRule(
        FORMAT,
        (),
        (("text", ""), ("type", "expression")),
        ("IF(ISERROR(F12),1,G$4>1)",),
    )
    assert identity(ours) == identity(theirs)
    assert identity(ours) != identity(replace(theirs, shown=("FF0000",)))


def test_sheets_keep_the_order_that_a_person_gave_them():
    names = ["README", "Data", "New", "Ranking", "Mine"]
    old = ["Ranking", "Mine", "README", "Data"]
    assert order_tabs(names, old) == ["Ranking", "Mine", "README", "Data", "New"]


def editor_of(change):
    book = Workbook()
    change(book.active)
    content = io.BytesIO()
    book.save(content)
    return SheetEditor(
        Package.from_bytes(content.getvalue()), "xl/worksheets/sheet1.xml"
    )


def test_a_setting_that_is_taken_back_leaves_the_others_of_its_element():
    def change(sheet):
        sheet.oddHeader.center.text = "Ours"
        sheet.HeaderFooter.differentFirst = True
        sheet.print_options.horizontalCentered = True

    editor = editor_of(change)
    before = read_settings(editor.root)
    assert before["centring on the page"]
    for name in (SOME_PAGES, "centring on the page"):
        PageSetting(name).set_value(editor, (), "Sheet", None)
    after = read_settings(editor.root)
    assert SOME_PAGES in before
    assert SOME_PAGES not in after
    assert after["header"] == before["header"] == (("oddHeader", "&COurs"),)
    # An element without anything is none.
    assert editor.find("printOptions") is None
    assert editor.find("pageMargins") is not None


def test_a_list_of_leftovers_is_found_by_its_keys():
    lines = [("rule", "Data", "D10", "=1+1"), ("cell", "Index", "B2", 5.0)]
    package = list_book("Leftovers", lines, "en")
    book = read_book(package)
    keys = [*texts("Leftovers")["heads"]]
    (row,) = book.block(replace(find_list(book, "Leftovers"), r2=KEYS))
    assert row == keys
    assert find_list(book, "Leftovers").r2 == KEYS + 2
    cells = book.sheets["Leftovers"].cells
    assert [cells[KEYS + 1, column].value for column in (1, 4)] == ["rule", "=1+1"]
    assert cells[KEYS + 1, 4].formula is None
    assert cells[KEYS + 2, 4].value == 5.0
    # Further lines stand below, each in its columns.
    longer = read_book(
        with_list(package, "Leftovers", [("name", "", "B9", 7.0, *[""] * 5)], "en")
    )
    entries = {
        p: c.value
        for p, c in longer.sheets["Leftovers"].cells.items()
        if p[0] == KEYS + 3
    }
    assert entries == {(KEYS + 3, 1): "name", (KEYS + 3, 3): "B9", (KEYS + 3, 4): 7.0}


NEXT = Framework.read(
    "code,parent,weight,direction,name_en,definition\nX,,1,1,Index,\nA,X,1,1,Pillar A,\n"
    "A0,A,1,1,Indicator A0,\nA1,A,1,1,Indicator A1,per head\nA7,A,1,-1,Indicator A7,\n"
    "A9,A,1,1,Indicator A9,\n"
)


@pytest.fixture(scope="module")
def content(template):
    return read_content(open_template(template)), open_template(template).index


def test_what_became_of_every_indicator_is_known_by_name(content):
    given = (
        Mapped("kept", "A7", "A2"),
        Mapped("dropped", "", "B0"),
        Mapped("new", "A9", "", "Ours"),
    )
    last = roll(*content, "2026", NEXT, mapping=given).spec.last
    became = {(m.status, m.code, m.old): (m.name, m.note) for m in last.mapping}
    assert became == {
        ("kept", "A0", "A0"): ("Indicator A0", ""),
        ("redefined", "A1", "A1"): ("Indicator A1", "definition"),
        ("kept", "A7", "A2"): ("Indicator A7", ""),
        ("new", "A9", ""): ("Ours", ""),
        ("dropped", "", "B0"): ("Indicator B0", ""),
        ("dropped", "", "B1"): ("Indicator B1", ""),
        ("dropped", "", "B2"): ("Indicator B2", ""),
    }
    with pytest.raises(DataError, match="Z9 is not a code of the next framework"):
        roll(*content, "2026", NEXT, mapping=[Mapped("kept", "Z9", "A2")])


def test_values_of_a_city_that_was_not_scored_are_listed(template):
    edited = Edited(template.read_bytes())
    page = edited.book["Cities"]
    next(cell for cell in page["A"] if cell.value == "city05").offset(0, 1).value = None
    opened = open_template(edited.save(template.with_name("unscored.xlsx")))
    rolled = roll(read_content(opened), opened.index, "2026")
    assert "city05" not in rolled.spec.last.units
    value = edited.cell("city05", "A1").value
    listed = {(line.unit, line.code): str(line) for line in rolled.leftovers}
    assert {unit for unit, _ in listed} == {"city05"}
    assert len(listed) == len(CODES)
    reason = "(it belongs to a value of the last edition)"
    assert listed["city05", "A1"] == f"value on Data · city05 · A1: {value} {reason}"


def test_a_leftover_is_written_in_english_where_the_locale_is_none():
    line = Leftover("value", "Data", unit="oslo")
    assert line.text("c.") == line.text("en") == str(line)


def test_a_note_beside_the_title_of_readme_stays_in_the_next_edition(template):
    opened = open_template(template)
    titled = Edited(
        rebuild(read_content(opened).changed(edition="2025")).package.to_bytes()
    )
    titled.book["README"]["E1"] = "asked Li"
    path = titled.save(template.with_name("titled.xlsx"))
    opened = open_template(path)
    rolled = rebuild(roll(read_content(opened), opened.index, "2026"))
    assert not rolled.leftovers
    assert read_book(rolled.package).value("README", 1, 5) == "asked Li"


def test_a_save_by_libreoffice_types_and_sizes_nothing(template):
    edited = Edited(template.read_bytes())
    weight = edited.book["Framework"]["E6"]
    weight.value = 1 / 3
    path = edited.save(template.with_name("thirds.xlsx"))
    before = open_template(path)
    weight.value = 0.333333333333333
    page = edited.book["README"]
    for row in (
        row for row in range(1, page.max_row) if not page.row_dimensions[row].height
    ):
        page.row_dimensions[row].height = 15
    copy = open_template(edited.save(template.with_name("saved.xlsx")))
    assert merge(before, {"saved": copy}).taken == {"saved": 0}
    weight.value = True
    copy = open_template(edited.save(template.with_name("logical.xlsx")))
    assert merge(before, {"logical": copy}).taken == {"logical": 1}


def test_sources_that_were_typed_belong_to_their_indicators(template):
    edited = Edited(template.read_bytes())
    edited.source("A1", "source", "Yearbook")
    edited.source("B2", "url", "https://example.org")
    framework = read_content(
        open_template(edited.save(template.with_name("sources.xlsx")))
    ).spec.framework
    assert {
        n.code: (n.source, n.url) for n in framework.indicators if n.source or n.url
    } == {
        "A1": ("Yearbook", ""),
        "B2": ("", "https://example.org"),
    }


def test_only_the_cells_that_a_person_made_look_otherwise_do(template):
    edited = Edited(template.read_bytes())
    assert not read_content(open_template(template)).edits_of("look")
    edited.cell("city05", "A2").font = Font(strike=True, color="FFFF0000")
    edits = read_content(open_template(edited.save(template.with_name("looks.xlsx"))))
    (edit,) = edits.edits_of("look")
    assert (edit.about.unit, edit.about.code) == ("city05", "A2")
    assert edit.text == "colour FF0000, strike 1"


def test_a_colour_on_an_empty_cell_brings_no_format_of_the_template(template):
    package = Package.read(template)
    book = read_book(package)
    target = Target(package, book, Anchors(book))
    look = (("fill", "FFFF00"),)
    Looks().draw(target, Edit("look", "Data", (60, 40), look))
    drawn = target.finish()
    style = read_book(drawn).sheets["Data"].cells[60, 40].style
    assert drawn.styles.look(style) == {**package.styles.look(0), "fill": "FFFF00"}


@pytest.mark.parametrize(
    ("tabs", "reason"), [(["Data"], "gone"), (["Scores"], "sheet")]
)
def test_what_is_left_over_of_a_sheet_that_is_gone_says_so(content, tabs, reason):
    line = Leftover("note", "Data", "D12", content="as printed", reason="gone")
    assert [left.reason for left in _list_left(content[0], [line, line], tabs)] == [
        reason
    ]


@pytest.mark.parametrize(("sheets", "kept"), [(5, 5), (6, 0)])
def test_a_footer_of_most_sheets_is_that_of_an_old_title(sheets, kept):
    footer = (("oddFooter", f"Old title{FOOTERS['zh']}"),)
    edits = [Edit(FOOTER, f"S{number}", "", footer) for number in range(sheets)]
    assert len(without_old_title(edits)) == kept


@pytest.mark.parametrize(
    ("note", "other", "is_same"),
    [
        ("as printed", "as printed", True),
        ("as printed", "as typed", False),
        # Programs without threads do not save who answered, whichever of the two it is.
        ("seen\nLi: right", "seen\nright", True),
        ("seen\nright", "seen\nLi: right", True),
        ("Li: seen\nright", "seen\nLi: right", True),
        ("seen\nright", "seen", False),
        ("seen", "seen\nright", False),
    ],
)
def test_a_note_is_the_same_with_and_without_who_answered(note, other, is_same):
    assert _is_same_note(note, other) is is_same


def test_equal_formats_of_a_line_without_a_place_are_listed_once():
    about = {"unit": "oslo", "code": "A9", "content": "fill FFFF00", "reason": "gone"}
    look = Leftover("format", "Data", "D12", **about)
    lines = [
        look,
        Leftover("note", "Data", "D12", **about),
        replace(look, cell="E12"),
        replace(look, cell="D13", code="A8"),
        replace(look, cell="F12", unit="rome"),
    ]
    assert {(line.what, line.cell, line.content) for line in join_looks(lines)} == {
        ("note", "D12", "fill FFFF00"),
        ("format", "D12", "fill FFFF00 (+2)"),
        ("format", "D13", "fill FFFF00"),
    }


def test_what_stood_in_a_cell_is_written_as_people_read_it():
    shown = {None: "—", 0.1 + 0.2: "0.3", 12: "12", "n/a": "n/a", True: "True"}
    assert {value: shown_value(value) for value in shown} == shown
    assert shown_value(Cell("x")) == "cell"


def test_of_two_validations_for_a_cell_the_first_one_holds(template):
    """The second gets the cells that are free, but where its rule names cells."""

    def drawn(*rules):
        package = Package.read(template)
        book = read_book(package)
        target = Target(package, book, Anchors(book))
        for areas, formula in rules:
            rule = CellRule(VALIDATION, areas, (("type", "whole"),), (formula, "9"))
            Rules().draw(target, Edit("rule", "Ranking", areas, rule))
        part = book.sheets["Ranking"].part
        found = SheetEditor(target.finish(), part).child("dataValidations")
        areas_by_limit = {
            r[0].text: r.get("sqref") for r in found if r.get("type") == "whole"
        }
        return (
            areas_by_limit,
            target.placed["validations"],
            [one.reason for one in target.left],
        )

    column = ((50, 2, 53, 2),)
    lower = ((52, 2, 56, 2),)
    assert drawn((column, "1"), (lower, "2")) == (
        {"1": "B50:B53", "2": "B54:B56"},
        2,
        ["taken"],
    )
    assert drawn((column, "1"), (lower, "B52+1")) == ({"1": "B50:B53"}, 1, ["taken"])
    assert drawn((column, "1"), (column, "2")) == ({"1": "B50:B53"}, 1, ["taken"])
    assert drawn((column, "B50"), (((54, 2, 54, 2),), "B54")) == (
        {"B50": "B50:B53", "B54": "B54"},
        2,
        [],
    )
