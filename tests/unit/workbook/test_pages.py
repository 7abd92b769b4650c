"""Pages on demand: which sheets a template has, what it remembers, and that the rest needs none."""

import io
import re
from dataclasses import replace

import pytest

from tests.helpers.large_reports import reports_by_size
from tests.helpers.own import Edited, made_book
from tests.helpers.templates import require_agreement, seen, small_spec
from xlcity.api.workbook import Workbook
from xlcity.audit.check.check import check_workbook
from xlcity.errors import UsageError
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build, draw
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import read_template
from xlcity.workbook.spec import PAGES
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.spec.from_template import spec_of
from xlcity.workbook.tab_titles import tab_title
from xlcity.workbook.tabs import (
    available_pages,
    sheet_by_page,
    sheet_titles,
    with_pages,
)
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

HEAD_OF_ABSENT = Labels.load(language="zh").text("readme.absent")
OWN = {
    "intake": {"Intake"},
    "whatif": {"WhatIf"},
    "statistics": {"Statistics", "Workings"},
    "correlation": {"Correlation", "Statistics", "Workings"},
    "robustness": {"Robustness", "Draws"},
    "assessment": {"Assessment"},
    "audit": {"Audit", "Assessment"},
    "peers": {"Peers", "Assessment"},
    "size": {"Size"},
    "groups": {"Groups"},
    "subtables": {"Subtables", "Figures", "Tiers"},
    "review": {"Review"},
}


def read(package):
    return read_template(package, read_book(package), "book.xlsx")


#: The largest report takes minutes: it is among the long tests.
REPORTS = reports_by_size()


@pytest.mark.parametrize("page", OWN)
def test_a_page_brings_its_sheets_and_those_that_it_reads(page):
    spec = small_spec()
    without, with_it = (
        sheet_titles(with_pages(spec, ("none", *words))) for words in ((), (page,))
    )
    assert set(with_it) - set(without) == OWN[page]
    assert [name for name in with_it if name in without] == list(without)


#: The pages of a book where nothing is said of them.
DEFAULT = ("whatif", "statistics", "correlation", "groups")


def test_a_template_has_some_pages_by_default_and_can_have_others():
    spec = small_spec()
    # Nothing is rated, and no past edition is known.
    everywhere = tuple(
        page for page in PAGES if page not in ("ratings", "trajectories")
    )
    assert with_pages(spec, ["all"]).chosen_pages == available_pages(spec) == tuple(OWN)
    assert tuple(OWN) == everywhere
    assert with_pages(spec, []).chosen_pages == DEFAULT
    assert with_pages(spec, ["review"]).chosen_pages == (*DEFAULT, "review")
    assert with_pages(spec, ["none"]).chosen_pages == ()
    assert with_pages(spec, ["none", "size"]).chosen_pages == ("size",)
    ungrouped = replace(spec, subtables=(), tiers=())
    with pytest.raises(UsageError, match="cannot have the page 'subtables'"):
        with_pages(ungrouped, ["subtables"])
    with pytest.raises(UsageError, match=r"'what'.+ Did you mean whatif\?"):
        with_pages(spec, ["what"])


@pytest.mark.slow
@pytest.mark.parametrize("words", [("none",), (), ("none", "statistics", "peers")])
def test_a_template_remembers_its_pages_and_lacks_nothing_without_the_others(words):
    spec = with_pages(small_spec(), words)
    package = build(spec).package
    template = read(package)
    assert set(template.book.sheets) == set(sheet_titles(spec))
    assert spec_of(template).chosen_pages == spec.chosen_pages
    require_agreement(seen(package))
    names = {name: area.partition("!")[0] for name, area in template.book.names.items()}
    assert {sheet.strip("'") for sheet in names.values()} <= set(template.book.sheets)
    absent = {f"{name}!" for names in OWN.values() for name in names} - {
        f"{name}!" for name in template.book.sheets
    }
    formulas = [
        cell.formula
        for sheet in template.book.sheets.values()
        for cell in sheet.cells.values()
        if cell.formula
    ]
    assert [text for text in formulas if any(name in text for name in absent)] == []


def test_checking_draws_a_template_with_its_own_pages():
    package = Package.from_bytes(made_book(("--pages", "none,whatif,statistics")))
    checked = check_workbook(read(package))
    assert checked.verdict == "pass"
    contract = next(check for check in checked.checks if check.name == "contract")
    assert contract.status == "pass"


def test_links_lead_to_sheets_that_are_there():
    package, _ = draw(with_pages(small_spec(), ("none",)))
    for part, content in package.parts.items():
        if "/worksheets/sheet" in part:
            for name in OWN["subtables"] | {"Intake", "Review", "WhatIf"}:
                assert f"'{name}'!".encode() not in content


def book(options, edit=None):
    """Return a workbook of the own index, opened, after a person has edited it."""
    content = made_book(("--lang", "en", "--no-udf", *options))
    if edit is not None:
        edited = Edited(content)
        edit(edited.book)
        written = io.BytesIO()
        edited.book.save(written)
        content = written.getvalue()
    opened = Workbook.open(content)
    opened.recalculate()
    return opened


@pytest.mark.slow
def test_pages_are_added_and_removed_in_a_workbook():
    opened = book(("--pages", "none"))
    built = opened.pages(add=["peers", "statistics"])
    assert not built.lost
    assert read(built.package).text("xl_pages") == "statistics, assessment, peers"
    assert opened.check()
    opened.pages(add=["intake", "whatif"], remove=["peers"])
    assert opened.template.text("xl_pages") == "intake, whatif, statistics, assessment"
    with pytest.raises(UsageError, match=r"no page 'peers'"):
        opened.pages(remove=["peers"])


def test_a_page_that_another_one_reads_stays():
    with pytest.raises(UsageError, match="'assessment' is read by another page"):
        book(("--pages", "peers")).pages(remove=["assessment"])


@pytest.mark.slow
def test_nothing_typed_is_lost_with_a_page():
    def edit(pages):
        whatif = pages["WhatIf"]
        review = pages["Review"]
        trial = next(
            c
            for row in whatif.iter_rows()
            for c in row
            if not c.protection.locked and c.row > 1
        )
        trial.value = 0.75
        review["A9"], review["D9"], review["E9"] = "city03", "Is this right?", "Li"
        mine = pages.create_sheet("Mine")
        mine["A1"], mine["A2"] = f"=WhatIf!{trial.coordinate}*2", "=Data!D12*2"

    opened = book(("--pages", "whatif,review"), edit)
    before = opened.template.book.value("Mine", 2, 1)
    more = Workbook.open(opened.pages(add=["all"]).package.to_bytes())
    assert more.template.book.value("Mine", 1, 1) == 1.5
    built = opened.pages(remove=["all"])
    lines = {(line.sheet, line.content, line.reason) for line in built.leftovers}
    assert ("WhatIf", "0.75", "sheet") in lines
    assert any(
        sheet == "Review" and "Is this right?" in text for sheet, text, _ in lines
    )
    assert any(sheet == "Mine" and reason == "reference" for sheet, _, reason in lines)
    assert opened.template.book.value("Mine", 2, 1) == before
    assert not {"WhatIf", "Review"} & set(opened.template.book.sheets)


@pytest.mark.slow
def test_a_sheet_of_ones_own_keeps_its_formulas_where_a_page_takes_its_name():
    def edit(pages):
        pages.create_sheet("Statistics")["A1"] = 21
        pages.create_sheet("Mine")["A1"] = "=Statistics!A1*2"

    opened = book(("--pages", "none"), edit)
    assert opened.check()
    opened.pages(add=["statistics"])
    template = opened.template
    assert template.book.value("Statistics (2)", 1, 1) == 21
    assert template.book.sheets["Mine"].cells[1, 1].formula == "'Statistics (2)'!A1*2"
    assert template.book.value("Mine", 1, 1) == 42
    assert opened.check()


def test_readme_lists_the_sheets_that_can_be_added_by_their_titles():
    sheets = sheet_by_page(Layout(small_spec()))
    pages_of = {tab_title(sheet, "zh", "image2025"): p for p, sheet in sheets.items()}

    def listed(words):
        pages = ("none", *words)
        sheet = read(build(with_pages(small_spec(), pages)).package).book.sheets[
            "README"
        ]
        column = [plain_text(sheet.value(row, 1)) for row in range(1, 100)]
        below = (
            column[column.index(HEAD_OF_ABSENT) + 1 :]
            if HEAD_OF_ABSENT in column
            else []
        )
        return [pages_of[title] for title in below if title in pages_of]

    assert listed([]) == list(OWN)
    assert listed(["peers", "subtables"]) == [
        p for p in OWN if p not in ("peers", "assessment", "subtables")
    ]
    assert listed(["all"]) == []


def require_no_stray_reference(report_id, pages):
    whole = template_spec(load_report(report_id))
    every = set(sheet_titles(with_pages(whole, ["all"])))
    for page in pages or available_pages(whole):
        package, _ = draw(with_pages(whole, {"none", page}))
        absent = re.compile(
            rf"\b({'|'.join(every - set(read_book(package).sheets))})'?!"
        )
        for content in package.parts.values():
            assert not absent.search(content.decode(errors="ignore")), page


@pytest.mark.slow
@pytest.mark.parametrize(
    "report_id",
    [
        pytest.param(report, marks=pytest.mark.slow)
        if report in ("bri2021", "gihi2023")
        else report
        for report in report_ids()
    ],
)
def test_a_report_without_pages_reads_none(report_id):
    require_no_stray_reference(report_id, ["none"])


@pytest.mark.slow
@pytest.mark.parametrize("report_id", REPORTS)
def test_each_page_of_a_report_reads_only_what_comes_with_it(report_id):
    require_no_stray_reference(report_id, ())
