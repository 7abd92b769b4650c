"""The lint of templates: clean ones are told nothing, slips are found, a re-save is none."""

import random
import re

import openpyxl
import pytest

from tests.helpers.contract_cells import block_position, score_sheet
from tests.helpers.mutations import (
    RULES,
    WITH_TEMPLATE,
    Sound,
    apart,
    draw,
    foreign,
    made,
    make,
    with_formula,
)
from tests.helpers.templates import UNITS, edited, read, small_template
from tests.helpers.threefold import dataset
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.rules.template_look import changed_looks
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook import build
from xlcity.workbook.checking.contract import Expected
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    path = tmp_path_factory.mktemp("clean") / "clean.xlsx"
    small_template().write(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("own", [False, True])
def test_a_clean_template_is_told_nothing(clean, small_reports, own):
    package = Package.read(clean)
    linted = lint(Subject(package if own else foreign(package), "clean.xlsx"))
    assert linted.findings == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "held"),
    [
        ("stale value", True),
        ("stale value", False),
        ("link to another file", True),
        # Without its contract all engines are asked in turn.
        pytest.param("link to another file", False, marks=pytest.mark.slow),
    ],
)
def test_slips_of_all_kinds_are_found(clean, held, other):
    # Several in one copy, in cells of their own: a link to another file hides stale values.
    sound = Sound(small_template())
    rng = random.Random(15)
    kinds = {*RULES} - {other} - ({*WITH_TEMPLATE} if not held else set())
    slips = list(apart(draw(sound, kind, rng) for kind in RULES if kind in kinds))
    assert len(slips) == len(kinds)
    package = made(sound, slips)
    subject = Subject(package if held else foreign(package), "slips.xlsx")
    linted = lint(subject) if other == "stale value" else check_workbook(subject)
    every = [f for cause in linted.findings for f in (cause, *cause.follows)]
    missed = [(slip.kind, slip.what) for slip in slips if not slip.found_by(every)]
    assert missed == []


def test_numbers_that_cannot_be_seen_are_found_where_rows_are_moved(clean, tmp_path):
    template = read(small_template())
    path = tmp_path / "hidden.xlsx"
    sheet = template.area("in_data").sheet
    typed = [
        p
        for p in template.area("in_data").positions
        if is_number(template.book.value(sheet, *p))
    ]
    book = openpyxl.load_workbook(clean)
    for position in typed[:2]:
        book[sheet].cell(*position).number_format = ";;;"
    book[sheet].cell(*typed[0]).value = None
    book.save(path)
    found = lint(Subject(Package.read(path), "hidden.xlsx")).findings
    seen = [f.cell for f in found if "numbers are not visible" in f.message]
    assert seen == [cell_name(*typed[1])]


def test_a_label_and_a_sheet_without_protection_are_found(small_reports):
    def found(package):
        return {f.rule for f in lint(Subject(package, "book.xlsx")).findings}

    book = read(small_template()).book
    sheet = book.sheets[score_sheet(book)]
    computed = set(sheet.cells.computed())
    label = next(
        p for p, c in sorted(sheet.cells.items()) if c.value and p not in computed
    )
    changed = edited(
        small_template(), {sheet.name: {cell_name(*label): "Something else"}}
    )
    assert "W21" in found(changed)
    open_to_all = re.sub(
        rb"<sheetProtection[^>]*/>", b"", small_template().parts[sheet.part]
    )
    assert "W16" in found(small_template().replace({sheet.part: open_to_all}))


def test_weights_of_the_day_a_template_was_built_are_no_labels():
    nodes = Node("T", None, "T", "T"), *(Node(code, "T", code, code) for code in "AB")
    steps = (
        Step("normalise", "minmax"),
        Step("weight", "cv"),
        Step("aggregate", "arithmetic"),
    )
    index = Framework(nodes), Recipe("own", steps, weights="relative")
    given = (dataset("AB", seed, gaps=False) for seed in (1, 2))
    then, now = (build.draw(own_spec(*index, data))[0] for data in given)

    weights = [read_book(package).value("Weights", 7, 4) for package in (then, now)]
    assert weights[0] != weights[1]
    edits = {"Weights": {"D4": 0, "C7": "none"}}  # a parameter, and what is no weight
    subject = Subject(edited(then, edits), "")
    subject.expected = Expected.of(now, Subject(now, "").book)
    found = changed_looks(subject)
    told = [(f.rule, f.cell) for f in found if f.sheet == "Weights"]
    assert told == [("W21", "D4"), ("W21", "C7")]


@pytest.mark.slow
@pytest.mark.libreoffice
def test_a_template_saved_again_by_libreoffice_holds(clean, small_reports, tmp_path):
    from xlcity.recalc.engines.soffice import recalculate_in_office

    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(recalculate_in_office(clean.read_bytes(), 120))
    held = {"E02", "E03", "E04", "W16"}
    linted = lint(saved, template=clean)
    assert {f.rule for f in linted.findings} & held == set()
    package = Package.read(saved)
    book = read_book(package)
    sheet = score_sheet(book)
    position = block_position(book, "out_scores", UNITS[2])
    old = book.sheets[sheet].cells[position].formula
    changed = with_formula(
        package, book, sheet, position, f"{old}+0.1", calculate=False
    )
    path = tmp_path / "changed.xlsx"
    changed.write(path)
    found = [f for f in lint(path, template=clean).findings if f.rule in held]
    assert [(f.rule, f.sheet, f.cell) for f in found] == [
        ("E03", sheet, cell_name(*position))
    ]


@pytest.mark.slow
def test_the_verb(clean, small_reports, capsys, tmp_path):
    assert main(["check", str(clean), "--findings"]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out
    slip = make(small_template(), "weight typo", random.Random(3))
    path = tmp_path / "slip.xlsx"
    slip.package.write(path)
    assert main(["check", str(path), "--findings", "--json"]) == 1
    import json

    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    assert document["summary"]["E06"] == 1
    (finding,) = (f for f in document["findings"] if f["rule"] == "E06")
    assert finding["sheet"] == "Framework"
    assert finding["cell"] in slip.cells
