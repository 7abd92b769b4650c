"""Slips of fifty kinds: seal and diff name each, the audit those that change what a template is."""

import io

import openpyxl
import pytest

from tests.helpers.mutations import with_cell
from tests.helpers.own import CODES, UNITS, own_bytes
from tests.helpers.slips import FURTHER, KINDS, STRUCTURE, Sound, next_edition
from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.seal import changes_since, seal
from xlcity.audit.diff.changes import changes
from xlcity.audit.lint.rules.template_look import changed_looks
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.checking.contract import Expected
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.appearance import compare_appearance, read_appearance
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

#: Kinds that can be made in one workbook, one for each thing that is compared.
TOGETHER = (
    "a name repointed",
    "a chart's title typed",
    "another kind of chart",
    "a label changed",
    "the number format ;;;",
    "a conditional format removed",
    "precision as displayed",
    "a very hidden sheet",
    "a row less in the print area",
    "a hidden row",
    "zeros not shown",
    "a weight changed by a hair",
    *(line[0] for line in FURTHER),
)


@pytest.fixture(scope="module")
def clean():
    return Package.from_bytes(own_bytes(udf=False), "own.xlsx")


@pytest.fixture(scope="module")
def slipped(clean):
    """Return a workbook with many slips, and what was made where."""
    package = clean
    made = []
    for kind, _, changed, make in (*KINDS, *FURTHER):
        if kind in TOGETHER:
            slip = make(Sound(package))
            package = slip.package
            made.append((kind, changed, slip))
    assert len(made) == len(TOGETHER)
    return package, made


def not_named(made, reported):
    """Return the kinds that no report names: by a cell of theirs, or by a word."""
    return [
        kind
        for kind, _, slip in made
        if not any(
            slip.sheet in ("", sheet)
            and any(word in f"{cell} {text}" for word in slip.places)
            for sheet, cell, text in reported
        )
    ]


def looks(package, template):
    """Return what a workbook shows otherwise than another one."""
    subject = Subject(package, "b.xlsx")
    model = Subject(template, "a.xlsx")
    subject.expected = Expected.of(model.package, model.book)
    return list(changed_looks(subject))


@pytest.mark.slow
def test_seal_and_diff_name_what_a_person_changed(clean, slipped):
    package, made = slipped
    found = changes_since(seal(clean, read_book(clean)), package, read_book(package))
    assert (
        not_named(
            made, [(b.sheet, b.cell, f"{b.kind} {b.what} {b.after}") for b in found]
        )
        == []
    )
    different = changes(Subject(clean, "a.xlsx"), Subject(package, "b.xlsx"))
    told = [(c.sheet, c.cell, f"{c.kind} {c.before} {c.after}") for c in different]
    assert not_named(made, told) == []


def test_the_audit_names_what_the_template_has_otherwise(clean, slipped):
    package, made = slipped
    structural = [line for line in made if line[1] in STRUCTURE]
    found = looks(package, clean)
    reported = [(f.sheet, f"{f.cell} {f.region}", f.message) for f in found]
    assert not_named(structural, reported) == []
    assert {f.rule for f in found} == {"E13", "W18", "W19", "W20", "W21"}
    assert looks(clean, clean) == []


@pytest.mark.slow
def test_check_names_without_a_seal_what_the_template_has_otherwise(clean, slipped):
    def checked(package):
        return check_workbook(read_template(package, read_book(package), "own.xlsx"))

    sound = checked(clean)
    assert (sound.verdict, sound.findings) == ("pass", ())
    package, made = slipped
    found = checked(package)
    names = {check.name: check.status for check in found.checks}
    assert (names["contract"], found.verdict) == ("pass", "fail")
    every = [f for cause in found.findings for f in (cause, *cause.follows)]
    reported = [(f.sheet, f"{f.cell} {f.region}", f.message) for f in every]
    structural = [line for line in made if line[1] in STRUCTURE]
    assert not_named(structural, reported) == []
    # What only misleads the reader is a warning, and a save by another program is no change.
    make = next(line[3] for line in KINDS if line[0] == "a chart's series too short")
    short = checked(make(Sound(clean)).package)
    assert (short.verdict, [f.severity for f in short.findings]) == (
        "pass",
        ["warning"],
    )
    stream = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(clean.to_bytes())).save(stream)
    saved = checked(Package.from_bytes(stream.getvalue(), "own.xlsx"))
    assert {finding.rule for finding in saved.findings} <= {"E09"}
    if saved.findings:
        assert saved.summary == "No stored values: recalculate."
        stale = next(check for check in saved.checks if check.name == "stale")
        assert (saved.verdict, stale.detail) == (
            "pass",
            "no stored values: recalculate",
        )


def test_a_save_without_results_is_one_finding_beside_a_changed_weight(small_file):
    """Cells of an array keep values that are stale then."""
    path = small_file()
    book = openpyxl.load_workbook(path)
    named = book.defined_names["in_weights"].attr_text
    sheet, cells = named.replace("$", "").replace("'", "").split("!")
    book[sheet][cells][1][0].value = 0.9
    book.save(path)
    found = check_workbook(path)
    assert [f.message for f in found.findings if f.rule == "E09"] == [
        "no stored values: recalculate."
    ]
    assert found.verdict == "fail"


@pytest.mark.parametrize(
    ("formula", "in_doubt"), [("=B1+C1", ()), ("=NOSUCH(B1)", ("Sheet!E1",))]
)
def test_a_book_without_results_is_judged_by_those_computed_and_doubt_is_said(
    tmp_path, formula, in_doubt
):
    """An error that engines share is one, whatever else is in doubt."""
    book = openpyxl.Workbook()
    book.active.append(["Rome", 1, 0, "=B1/C1", formula])
    book.save(tmp_path / "fresh.xlsx")
    found = check_workbook(tmp_path / "fresh.xlsx")
    assert [(finding.rule, finding.cell) for finding in found.findings] == [
        ("E01", "D1"),
        ("E09", ""),
    ]
    doubts = [check.cells for check in found.checks if check.name == "verified"]
    assert doubts == ([in_doubt] if in_doubt else [])
    assert found.verdict == "fail"


def test_a_header_code_that_stands_twice_is_named(clean):
    make = next(line[3] for line in KINDS if line[0] == "a header code twice")
    slip = make(Sound(clean))
    (found,) = looks(slip.package, clean)
    assert (found.rule, found.sheet, found.cell) == ("W21", "Data", slip.places[1])


@pytest.mark.long
@pytest.mark.parametrize("kind", [kind[0] for kind in KINDS])
def test_every_kind_alone_is_named_by_seal_and_diff(kind):
    clean = Package.from_bytes(next_edition(), "own.xlsx")
    _, _, changed, make = next(line for line in KINDS if line[0] == kind)
    slip = make(Sound(clean))
    made = [(kind, changed, slip)]
    book = read_book(slip.package)
    found = changes_since(seal(clean, read_book(clean)), slip.package, book)
    assert not_named(made, [(b.sheet, b.cell, b.what) for b in found]) == []
    told = changes(Subject(clean, "a.xlsx"), Subject(slip.package, "b.xlsx"))
    assert (
        not_named(made, [(c.sheet, c.cell, f"{c.before} {c.after}") for c in told])
        == []
    )


def test_a_last_digit_that_programs_round_is_no_change(clean):
    def typed(weight, root):
        sound = Sound(clean)
        area = sound.area("in_weights")
        heavy = sound.number(area.sheet, (area.r2, area.c1), weight).package
        return Sound(heavy).typed({(UNITS[0], CODES[0]): root}).package

    before = typed(1 / 3, 0.7071067811865475)
    after = typed(0.333333333333333, 0.707106781186548)
    assert (
        list(changes_since(seal(before, read_book(before)), after, read_book(after)))
        == []
    )
    assert list(changes(Subject(before, "a.xlsx"), Subject(after, "b.xlsx"))) == []
    other = typed(0.33333333333, 0.70710678118)
    found = [
        c.kind for c in changes(Subject(before, "a.xlsx"), Subject(other, "b.xlsx"))
    ]
    assert found == ["input", "weight"]
    assert (
        len(
            list(
                changes_since(seal(before, read_book(before)), other, read_book(other))
            )
        )
        == 2
    )


def test_formulas_that_a_person_writes_beside_a_table_are_named(clean):
    def told(package):
        found = changes(Subject(clean, "a.xlsx"), Subject(package, "b.xlsx"))
        return [(c.kind, c.sheet, c.cell, c.after) for c in found]

    sound = Sound(clean)
    part = sound.book.sheets[sound.scores].part
    row = '<row r="90"><c r="B90"><f>1+1</f><v>2</v></c></row></sheetData>'
    below = clean.text(part).replace("</sheetData>", row)
    added = clean.replace({part: below.encode()})
    assert told(added) == [("formula", sound.scores, "B90", "=1+1")]
    # One in place of a label, with the same text, changes no cell's value.
    text = f'<f>"{sound.book.value("README", 3, 1)}"</f>'
    over = with_cell(clean, sound.book, "README", (3, 1), f"{text}<v>x</v>", ' t="str"')
    assert [line[:3] for line in told(over)] == [("formula", "README", "A3")]


@pytest.mark.parametrize(
    ("pattern", "new", "what"),
    [
        (r"(<c:title>.*?<c:v>)[^<]*", r"\1Winners", "stored values of the title"),
        (r'(<c:ser>.*?<a:srgbClr val=")\w+', r"\1FFFFFF", "fill of series 1"),
    ],
)
def test_charts_that_mislead_are_named(clean, pattern, new, what):
    slip = Sound(clean).chart(pattern, new)
    before, after = (read_appearance(p, read_book(p)) for p in (clean, slip.package))
    assert [change.aspect.what for change in compare_appearance(before, after)] == [
        what
    ]
