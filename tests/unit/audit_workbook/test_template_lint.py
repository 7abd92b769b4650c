"""The lint of templates: clean ones are told nothing, slips are found, a re-save is none."""

import random

import pytest
from mutations import RULES, Sound, apart, draw, made, make, with_formula
from templates import small_template

from xlcity.audit.lint.run import lint
from xlcity.cli import main
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    path = tmp_path_factory.mktemp("clean") / "clean.xlsx"
    small_template().write(path)
    return path


@pytest.mark.parametrize("regular_only", [False, True])
def test_a_clean_template_is_told_nothing(clean, small_reports, regular_only):
    linted = lint(clean, regular_only=regular_only)
    assert [f for f in linted.findings if f.severity != "info" or not regular_only] == []
    assert linted.skipped == ()
    assert linted.held_to == ("" if regular_only else "own")
    assert linted.forms < linted.formulas / 3


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("other", ["stale value", "link to another file"])
def test_slips_of_all_kinds_are_found(clean, tmp_path, held, other):
    # Several in one copy, in cells of their own: a link to another file hides stale values.
    sound = Sound(small_template())
    rng = random.Random(14)
    slips = list(apart(draw(sound, kind, rng) for kind in RULES if kind != other))
    assert len(slips) == len(RULES) - 1
    path = tmp_path / "slips.xlsx"
    made(sound, slips).write(path)
    linted = lint(
        path,
        template=clean if held else None,
        regular_only=not held,
        calculate=other != "stale value",
    )
    missed = [(slip.kind, slip.what) for slip in slips if not slip.found_by(linted.findings)]
    assert missed == []


@pytest.mark.libreoffice
def test_a_template_saved_again_by_libreoffice_holds(clean, small_reports, tmp_path):
    from xlcity.recalc.engines.soffice import convert

    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(convert(clean.read_bytes(), 120))
    held = {"E02", "E03", "E04", "E07", "W01", "W09", "W16"}
    linted = lint(saved, template=clean)
    assert {f.rule for f in linted.findings} & held == set()
    package = Package.read(saved)
    book = read_book(package)
    old = book.sheets["Scores"].cells[18, 3].formula
    changed = with_formula(package, book, "Scores", (18, 3), f"{old}+0.1", calculate=False)
    path = tmp_path / "changed.xlsx"
    changed.write(path)
    found = [f for f in lint(path, template=clean).findings if f.rule in held]
    assert [(f.rule, f.sheet, f.cell) for f in found] == [("W01", "Scores", "C18")]


def test_the_verb(clean, small_reports, capsys, tmp_path):
    assert main(["audit", "workbook", str(clean), "--no-recalc"]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out
    slip = make(small_template(), "weight typo", random.Random(3))
    path = tmp_path / "slip.xlsx"
    slip.package.write(path)
    assert main(["audit", "workbook", str(path), "--no-recalc", "--json"]) == 1
    import json

    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    assert document["summary"]["E06"] == 1
    (finding,) = (f for f in document["findings"] if f["rule"] == "E06")
    assert finding["sheet"] == "Framework"
    assert finding["cell"] in slip.cells
