"""A sealed workbook: any change is found and named, a save by another program is none."""

import json
import re

import pytest
from openpyxl import Workbook, load_workbook

from tests.helpers.contract_cells import score_cell
from tests.helpers.own import own_bytes
from tests.helpers.templates import SEARCH, UNITS, data_cell, edited, small_read
from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.seal import changes_since, read_seal, seal
from xlcity.cli import main
from xlcity.errors import WorkbookError
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.checking.seal_sheet import HEAD, seal_of, with_seal
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The manifest of the small template, once it is sealed.
_MANIFEST: list[bytes] = []


@pytest.fixture
def sealed(small_file, capsys):
    path = small_file()
    manifest = path.with_name(f"{path.name}.seal.txt")
    if not _MANIFEST:
        assert main(["seal", str(path), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["manifest"] == str(manifest)
        assert told["inputs"] > 500
        assert told["formulas"] > 1500
        assert told["results"] > 100
        _MANIFEST.append(manifest.read_bytes())
    manifest.write_bytes(_MANIFEST[0])
    return path


def changes(sealed, package):
    return list(changes_since(sealed, package, read_book(package)))


def check_seal(path, manifest=None):
    return next(
        c for c in check_workbook(path, sealed=manifest).checks if c.name == "seal"
    )


def on_sheet(path):
    """Return the check against the seal that a workbook carries, without the one beside it."""
    path.with_name(f"{path.name}.seal.txt").unlink(missing_ok=True)
    return check_seal(path)


@pytest.mark.parametrize("line", ["⇥\ttab\t⇤⇥ and ⇤", "x" * 70_000])
def test_a_seal_is_read_from_its_sheet_as_it_was_written(line):
    text = f"{HEAD}\n{line}\n\nend"
    sealed = with_seal(Package.from_bytes(own_bytes(udf=False)), text, "en")
    for package in (sealed, with_seal(sealed, text, "en")):
        assert seal_of(read_book(package)) == f"{text}\n"


@pytest.mark.slow
def test_an_untouched_book_holds(sealed, tmp_path):
    assert check_seal(sealed).status == "pass"
    # Elsewhere there is no manifest beside it, and no check.
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(sealed.read_bytes())
    assert "seal" not in {c.name for c in check_workbook(copy).checks}
    assert check_seal(copy, f"{sealed}.seal.txt").status == "pass"


def test_one_digit_in_one_cell_is_found_and_named(sealed):
    cell = data_cell("beijing", SEARCH)
    changed = edited(Package.read(sealed), {"Data": {cell: 2.1}})
    patch_results(changed, recalculate(changed)).write(sealed)
    check = check_seal(sealed)
    assert check.status == "fail"
    assert check.cells[0] == f"Data!{cell}"
    assert "the sealed input was 2 and is 2.1" in check.problems[0].message
    # The results that it moved are named, too.
    book = small_read().book
    assert {score_cell(book, "beijing"), score_cell(book, UNITS[1])} & set(check.cells)


def test_formulas_texts_and_sheets_are_sealed(sealed):
    package = Package.read(sealed)
    book = read_book(package)
    sheet, _, cell = score_cell(book, UNITS[1]).partition("!")
    part = book.sheets[sheet].part
    xml = package.parts[part].decode()
    changed = re.sub(
        rf'(<c r="{cell}"[^>]*>)<f>(.*?)</f>', r"\1<f>\2+0</f>", xml, count=1
    )
    found = changes(seal(package, book), package.replace({part: changed.encode()}))
    assert [(b.kind, b.sheet, b.cell) for b in found] == [("formula", sheet, cell)]
    renamed = edited(package, {"Framework": {"E5": "别的名称"}})
    found = changes(seal(package, book), renamed)
    assert ("input", "Framework", "E5") in {(b.kind, b.sheet, b.cell) for b in found}


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.usefixtures("one_office")
def test_a_save_by_libreoffice_holds_and_a_digit_changed_there_does_not(
    sealed, tmp_path
):
    from xlcity.recalc.engines.soffice import recalculate_in_office

    manifest = f"{sealed}.seal.txt"
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(recalculate_in_office(sealed.read_bytes(), 120))
    assert changes(read_seal(manifest), Package.read(saved)) == []
    cell = data_cell("xiamen", SEARCH)
    old = read_book(Package.read(sealed)).sheets["Data"].value(*_at(cell))
    touched = edited(Package.read(sealed), {"Data": {cell: old + 1}})
    saved.write_bytes(recalculate_in_office(touched.to_bytes(), 120))
    first = changes(read_seal(manifest), Package.read(saved))[0]
    assert (first.kind, first.sheet, first.cell) == ("input", "Data", cell)
    assert (first.before, first.after) == (f"{old:g}", f"{old + 1:g}")


def _at(address):
    from xlcity.xlsx.address import parse_cell

    return parse_cell(address)


def test_a_changed_manifest_is_refused(sealed):
    manifest = sealed.with_name(sealed.name + ".seal.txt")
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace('A10", "beijing"', 'A10", "nanjing"', 1), encoding="utf-8"
    )
    with pytest.raises(WorkbookError, match="changed"):
        read_seal(manifest)
    assert check_seal(sealed).status == "fail"
    manifest.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(WorkbookError, match="changed"):
        read_seal(manifest)
    manifest.write_text("[]", encoding="utf-8")
    with pytest.raises(WorkbookError, match="cannot be read"):
        read_seal(manifest)
    # Beside the workbook it is one that was destroyed; a file that was named is another one.
    assert check_seal(sealed).status == "fail"
    with pytest.raises(WorkbookError, match="cannot be read"):
        check_workbook(sealed, sealed=manifest)
    with pytest.raises(WorkbookError, match="no such file"):
        check_workbook(sealed, sealed=manifest.with_name("misspelt.seal.txt"))


def test_a_seal_is_read_back_as_it_was_made(sealed):
    package = Package.read(sealed)
    again = read_seal(f"{sealed}.seal.txt")
    made = seal(package, read_book(package))
    assert again.cells == {
        kind: nonempty(values) for kind, values in made.cells.items()
    }
    assert again.appearance == made.appearance
    assert again.text(sealed.name).split()[-1] == again.code


def nonempty(values):
    return {sheet: cells for sheet, cells in values.items() if cells}


def test_a_seal_of_another_version_is_refused(sealed):
    manifest = sealed.with_name(f"{sealed.name}.seal.txt")
    text = manifest.read_text(encoding="utf-8").replace(HEAD, "xlcity seal 1")
    manifest.write_text(text, encoding="utf-8")
    check = check_seal(sealed)
    assert check.status == "fail"
    assert "cannot be read" in check.detail
    assert "seal the workbook again" in check.problems[0].hint


@pytest.mark.slow
def test_a_workbook_carries_its_seal(tmp_path, capsys):
    plain, carried, saved = (tmp_path / f"{name}.xlsx" for name in "abc")
    plain.write_bytes(own_bytes(udf=False))
    assert main(["seal", str(plain), "--into", str(carried)]) == 0
    assert "sheet Seal" in capsys.readouterr().out
    template = open_template(carried)
    beside = check_seal(carried)
    assert beside.status == "pass"
    check = on_sheet(carried)
    assert check.status == "pass"
    # Sealed again, the sheet takes the place of the old one; other verbs do not copy it.
    assert main(["seal", str(carried), "--into", str(saved)]) == 0
    assert on_sheet(saved).status == "pass"
    assert not read_content(template).source.pages

    book = load_workbook(carried)
    book["Data"]["D12"].value = 1.5
    book.save(saved)
    check = on_sheet(saved)
    assert check.status == "fail"
    assert "Data!D12" in check.cells
    book["Seal"]["A60"].value = "Data!D12⇥1.5"
    book.save(saved)
    assert "the seal itself was changed" in on_sheet(saved).detail


def test_the_seal_of_any_workbook_is_verified(tmp_path, capsys):
    book = Workbook()
    book.active["B2"], book.active["B3"] = 3.0364519871648614, "=B2*2"
    path = tmp_path / "any.xlsx"
    book.save(path)
    assert "seal" not in {check.name for check in check_workbook(path).checks}
    assert main(["seal", str(path)]) == 0
    # openpyxl writes 16 of 17 digits.
    book = load_workbook(path)
    book.save(path)
    assert main(["check", str(path)]) == 0
    assert "as sealed" in capsys.readouterr().out
    book.active["B2"] = 3.5
    book.save(path)
    checked = check_workbook(path)
    assert (checked.verdict, checked.checks[-1].cells) == ("fail", ("Sheet!B2",))


def test_copies_of_a_formula_that_changed_alike_are_one_finding(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in range(1, 9):
        sheet.cell(row, 1, row)
        sheet.cell(row, 2, f"=A{row}*2")
    path = tmp_path / "any.xlsx"
    book.save(path)
    assert main(["seal", str(path)]) == 0
    for row in range(3, 7):
        sheet.cell(row, 2, f"=A{row}*3")
    sheet["B8"] = "=A8*4"
    book.save(path)
    found = [
        finding for finding in check_workbook(path).findings if finding.rule == "E16"
    ]
    assert sorted(finding.region or finding.cell for finding in found) == [
        "B3:B6",
        "B8",
    ]
