"""What a program does with a book when it opens it: nothing to calculate, no green triangles."""

from tests.helpers.contract_cells import score_sheet
from tests.helpers.templates import (
    ATTRACT,
    data_cell,
    edited,
    read,
    small_read,
    small_template,
)
from xlcity.audit.check.template_checks import check_stored_values
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.errors import CellError
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.editing.patch import patch_values
from xlcity.xlsx.package import Package


def calc(package):
    text = package.parts["xl/workbook.xml"].decode()
    return text[text.index("<calcPr") :].partition(">")[0]


def test_a_book_with_fresh_values_is_not_calculated_on_opening():
    assert calc(small_template()) == '<calcPr calcId="191029"/'


def test_fill_without_recalculation_asks_for_it(small_reports, tmp_path, capsys):
    source, data, target = (tmp_path / name for name in ("b.xlsx", "d.csv", "f.xlsx"))
    small_template().write(source)
    data.write_text(f"city,{ATTRACT}\nbeijing,77\n")
    fill = ["fill", str(source), "--data", str(data), "-o", str(target)]
    for more, asked in ((["--no-recalc"], True), ([], False)):
        target.unlink(missing_ok=True)
        assert main([*fill, *more]) in (0, 1)
        assert ("fullCalcOnLoad" in calc(Package.read(target))) is asked
    capsys.readouterr()


def test_functions_not_loaded_is_said_as_such():
    package = small_template()
    template = small_read()
    calls = find_udf_cells(template.book, library_names())
    assert sum(map(len, calls.values())) > 50
    lost = {
        sheet: dict.fromkeys(cells, CellError.NAME) for sheet, cells in calls.items()
    }
    fresh = recalculate(package)
    without = read(patch_values(package, lost, template.book))
    check, _ = check_stored_values(Subject.of(without), fresh)
    assert (check.status, check.cells) == ("pass", ())
    assert check.detail.startswith("functions not loaded")
    assert "not up to date" not in check.detail
    typed = edited(without.package, {"Data": {data_cell("beijing", ATTRACT): 1.0}})
    subject = Subject.of(read(typed))
    outdated, _ = check_stored_values(subject, recalculate(typed))
    assert outdated.detail.startswith("functions not loaded")
    assert outdated.status == "fail"
    assert " stored values are not up to date, " in outdated.detail
    assert all(not cell.startswith("UDF!") for cell in outdated.cells)


def test_green_triangles_are_off_for_what_the_template_wrote():
    scores = score_sheet(small_read().book)
    sheets = {
        name: small_template().parts[small_read().book.sheets[name].part].decode()
        for name in ("Data", "Cities", scores, "UDF")
    }
    ids = small_read().area("xl_units")
    columns = " ".join(f"{column}{ids.r1}:{column}{ids.r2}" for column in "AB")
    assert (
        f'<ignoredError sqref="{columns}" numberStoredAsText="1"/>' in sheets["Cities"]
    )
    assert 'unlockedFormula="1"' in sheets["Data"]
    assert 'evalError="1"' in sheets["UDF"]
    assert 'evalError="1"' not in sheets[scores]
    # A number typed as text among the values, or a formula there, is still flagged.
    flagged = (
        sheets["Data"].partition("<ignoredErrors>")[2].partition("</ignoredErrors>")[0]
    )
    assert f"D{ids.r1}" not in flagged
    assert "D3:D5" in flagged
