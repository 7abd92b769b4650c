"""A book is a template by its names, and its formulas are those it was built with."""

import random
import re
from dataclasses import replace

import pytest

from tests.helpers.cli import codes, run_json
from tests.helpers.contract_cells import score_cell, score_sheet
from tests.helpers.desk import Desk
from tests.helpers.own import Edited, own_bytes
from tests.helpers.templates import (
    SEARCH,
    UNITS,
    data_cell,
    framework_cell,
    method_cell,
    named_cell,
    read,
    small_read,
    small_report,
    small_template,
)
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.rules.template_formulas import changed_formulas
from xlcity.audit.lint.subject import Subject
from xlcity.errors import WorkbookError
from xlcity.model.recipe import Recipe
from xlcity.workbook.checking.contract import as_drawn, drawn_columns, fingerprint
from xlcity.workbook.layout.rows import TEMPLATE_FORMAT
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.rebuild import rebuild
from xlcity.workbook.reading.template import (
    CONTRACT,
    OtherFormatError,
    open_template,
    template_of,
)
from xlcity.workbook.spec.from_template import spec_of
from xlcity.xlsx.address import column_letters, parse_cell
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import CellEntry, write_entries
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package

WORKBOOK = "xl/workbook.xml"


def with_part(package: Package, part: str, change) -> Package:
    return package.replace({part: change(package.parts[part].decode()).encode()})


def test_a_workbook_alone_holds_framework_recipe_and_data():
    template = small_read()
    report = small_report()
    assert template.report == "image2025"
    assert template.framework.tree_order == tuple(
        replace(node, source="", source_zh="", period="", scope="", url="")
        for node in report.framework.tree_order
    )
    for code in template.dataset.codes:
        mine, theirs = (
            r.step_for("normalise", code) for r in (template.recipe, report.recipe)
        )
        assert (mine.method, dict(mine.params)) == (theirs.method, dict(theirs.params))
    assert isinstance(template.recipe, Recipe)
    assert set(template.recipe.missing_codes) == set(report.recipe.missing_codes)
    assert template.dataset.digest() == report.dataset.digest()
    assert [u.attributes for u in template.dataset.units] == [
        u.attributes for u in report.dataset.units
    ]


@pytest.mark.parametrize("name", ["in_data", "xl_recipe", "chk_verdict"])
def test_a_name_that_is_gone(name):
    gone = with_part(
        small_template(),
        WORKBOOK,
        lambda xml: re.sub(
            rf'<definedName name="{name}"[^>]*>.*?</definedName>', "", xml
        ),
    )
    with pytest.raises(WorkbookError) as caught:
        read(gone)
    assert [p.code for p in caught.value.problems] == ["XC431"]
    assert name in caught.value.problems[0].message


def test_names_that_point_nowhere_are_all_listed():
    broken = with_part(
        small_template(),
        WORKBOOK,
        lambda xml: re.sub(
            r'(<definedName name="out_\w+"[^>]*>).*?<', r"\1#REF!<", xml
        ),
    )
    with pytest.raises(WorkbookError) as caught:
        read(broken)
    said = {p.message.split()[2] for p in caught.value.problems}
    assert said == {name for name in CONTRACT if name.startswith("out_")}
    assert {p.code for p in caught.value.problems} == {"XC432"}


def test_a_workbook_of_another_kind(tmp_path):
    import xlsxwriter

    path = tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write(0, 0, 1)
    with pytest.raises(WorkbookError, match="not an xlcity template"):
        open_template(path)


def contract(path):
    return next(c for c in check_workbook(path).checks if c.name == "contract")


@pytest.mark.slow
def test_inputs_may_change_and_formulas_may_not(small_file, tmp_path):
    path = small_file(
        Data={data_cell("beijing", SEARCH): "12,3", data_cell("chengdu", SEARCH): None},
        Framework={
            framework_cell("IMG", "name_zh"): "别名",
            framework_cell(SEARCH, "valid_high"): 100.0,
            method_cell(SEARCH, "a"): 1.0,
        },
    )
    # One's own number in place of the parameter for all indicators.
    shared = Package.read(path)
    own = {"Framework": {parse_cell(method_cell(SEARCH, "scale")): CellEntry(100.0)}}
    write_entries(shared, own, read_book(shared)).write(path)
    assert contract(path).status == "pass"
    book = small_read().book
    part = book.sheets[score_sheet(book)].part
    places = tuple(score_cell(book, unit) for unit in UNITS[1:3])
    first, second = (place.partition("!")[2] for place in places)
    changed = with_part(
        small_template(),
        part,
        lambda xml: re.sub(
            rf'(<c r="{first}"[^>]*>)<f>(.*?)</f>', r"\1<f>\2+1</f>", xml, count=1
        ),
    )
    typed = with_part(
        changed,
        part,
        lambda xml: re.sub(
            rf'(<c r="{second}"[^>]*>)<f>.*?</f><v>.*?</v>',
            r"\1<v>50</v>",
            xml,
            count=1,
        ),
    )
    target = tmp_path / "changed.xlsx"
    typed.write(target)
    found = contract(target)
    assert found.status == "fail"
    assert found.cells == places
    assert [p.code for p in found.problems] == ["E03", "E02"]
    # The other routes tell that the numbers are wrong, not only the formulas.
    status = {c.name: c for c in check_workbook(target).checks}
    assert status["python-native"].status == "fail"
    assert set(places) <= set(status["python-native"].cells)
    assert status["udf-native"].status == "fail"


@pytest.mark.slow
def test_every_option_of_a_book_is_drawn_again_alike(small_file):
    for option in ("minmax", "minmax-search-floor"):
        assert contract(small_file(option=option)).status == "pass", option


FORMAT = int(TEMPLATE_FORMAT)


@pytest.mark.parametrize("number", [str(FORMAT - 1), str(FORMAT + 1), None])
def test_a_template_of_another_format_is_not_opened(small_file, number):
    path = small_file(Framework={named_cell("xl_format"): number})
    with pytest.raises(
        OtherFormatError, match=f"is {number or '[?]'}; only format {FORMAT}"
    ):
        open_template(path)


def test_a_template_without_a_format_is_not_opened(tmp_path):
    package = with_part(
        small_template(), WORKBOOK, lambda xml: xml.replace("xl_format", "x")
    )
    path = tmp_path / "none.xlsx"
    path.write_bytes(package.to_bytes())
    with pytest.raises(OtherFormatError, match=rf"is \?; only format {FORMAT}"):
        open_template(path)


@pytest.fixture(scope="module")
def of_another_format(tmp_path_factory):
    book = Edited(own_bytes(udf=False))
    sheet, _, place = book.book.defined_names["xl_format"].attr_text.partition("!")
    book.book[sheet][place.replace("$", "")].value = str(FORMAT - 1)
    return book.save(tmp_path_factory.mktemp("format") / "other.xlsx")


VERBS = (
    "check",
    "results",
    "rebuild -o {0}.xlsx",
    "roll --edition 2 -o {0}.xlsx",
    "export -o {0}",
    "release -o {0}.xlsx",
    "report -o {0}",
    "assess --into {0}.xlsx",
    "seal -o {0}",
    "check --findings",
    "trace xl_lang",
    "diff {1}",
    "merge {1} {1} -o {0}.xlsx",
    "fill --data {1} -o {0}.xlsx",
    "scenarios --table {0}.csv",
)


@pytest.mark.parametrize("words", VERBS)
def test_verbs_refuse_a_template_of_another_format(
    of_another_format, tmp_path, capsys, words
):
    table = tmp_path / "made.csv"
    table.write_text("scenario,A0\nfirst,1\n", encoding="utf-8")
    first, *rest = words.format(tmp_path / "made", of_another_format).split()
    code, document = run_json(capsys, first, of_another_format, *rest)
    assert (code, codes(document)) == (3, {"XC439"})
    assert [*tmp_path.iterdir()] == [table]


def test_values_of_another_format_are_filled_into_a_new_template(
    of_another_format, tmp_path, capsys
):
    target = tmp_path / "filled.xlsx"
    empty = tmp_path / "new.xlsx"
    empty.write_bytes(own_bytes(udf=False))
    words = "fill", empty, "--data", of_another_format, "-o", target
    assert run_json(capsys, *words)[0] == 0
    assert (
        run_json(capsys, "recalc", of_another_format, "-o", tmp_path / "again.xlsx")[0]
        == 0
    )


def normal_form(formula):
    return fingerprint(normalise_formula(formula, 1, 1))


@pytest.mark.parametrize(
    ("saved", "written"),
    [
        ("sum( 'Data'!$D$9:$D$126 )", "SUM(Data!$D$9:$D$22)"),
        ("STDEV.P(A1:A3)", "_xlfn.STDEV.P(A1:A3)"),
        ("[1]!minmax_scale(A1)", "MINMAX_SCALE(A1)"),
        ('IF(A1="a B","x","")', 'if(A1 = "a B", "x", "")'),
    ],
)
def test_what_a_save_changes_is_no_change(saved, written):
    assert normal_form(saved) == normal_form(written)


def test_what_a_person_changes_is_one():
    assert normal_form('IF(A1="a","x","")') != normal_form('IF(A1="A","x","")')
    assert normal_form("SUM(A1:A3)") != normal_form("SUM(A1:A4)")
    assert normal_form("SUM(Cities!A1:A3)") != normal_form("SUM(Cities!A1:A4)")


def test_a_fault_everywhere_is_told_everywhere(small_file):
    """The checks of the verb and of the sheet agree on what is wrong."""
    path = small_file(Data={data_cell(unit, SEARCH): "x" for unit in UNITS})
    checked = check_workbook(path)
    assert checked.verdict == "fail"
    status = {c.name: c for c in checked.checks}
    assert len(status["inputs"].cells) == len(UNITS)
    assert status["sheet:values-not-numbers"].status == "fail"
    assert status["python-native"].status == "pass"
    assert status["udf-native"].status == "pass"


def test_a_column_of_ones_own_among_the_indicators_changes_no_formula(tmp_path):
    desk = Desk(own_bytes(udf=False), random.Random(1), 0)
    desk.shift(desk.data, "row", desk.units["city05"], 1)
    desk.shift(desk.data, "column", desk.codes["A2"], 1)
    desk.data.cell(desk.code_row, desk.codes["A2"] - 1).value = "memo"
    subject = Subject(Package.read(desk.save(tmp_path / "own.xlsx")), "")
    assert list(changed_formulas(subject)) == []
    assert {sheet for places in subject.copies.values() for sheet, _ in places} <= {
        "Data"
    }
    # A formula that reads the new column is still a slip.
    code, new = (column_letters(subject.area("xl_codes").c1 + at) for at in (3, 2))
    columns = drawn_columns(subject.book)
    drawn = [as_drawn(f"Data!${c}$9+{c}9", "Data", columns) for c in (code, new)]
    assert drawn == [f"Data!${new}$9+{new}9", "Data!$XFD$9+XFD9"]
    assert (
        as_drawn(f"{code}9+Checks!{code}9", "Checks", columns)
        == f"{code}9+Checks!{code}9"
    )


def test_the_room_that_a_template_leaves_may_be_used(tmp_path):
    """A city beyond those that the chart shows, and codes in the last cells for missing ones."""
    edited = Edited(own_bytes(udf=False))
    page, head, *_ = edited.named("xl_cities")
    row = next(
        n for n in range(head + 1, page.max_row) if page.cell(n, 1).value is None
    )
    for column, text in enumerate(("newtown", "main", "新城", "Newtown"), 1):
        page.cell(row, column).value = text
    page, _, left, bottom, right = edited.named("par_missing")
    for row, code in ((bottom - 1, "none"), (bottom, "unknown")):
        assert page.cell(row, right).value is None
        page.cell(row, right).value = code
    path = edited.save(tmp_path / "used.xlsx")
    findings = check_workbook(path).findings
    assert {(f.rule, f.message) for f in findings if f.rule != "E09"} == {
        ("W23", "par_missing: none, unknown instead of nothing when it was built.")
    }
    content = read_content(open_template(path))
    assert not content.edits_of("formula")
    rebuilt = spec_of(template_of(rebuild(content).package, "own.xlsx"))
    assert (rebuilt.bars, rebuilt.missing_columns) == (13, right - left + 2)
