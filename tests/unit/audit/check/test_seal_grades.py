"""A change since sealing is graded: scores, what is shown of them, or presentation."""

import contextlib
import io
import json
import shutil
import subprocess

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.helpers.mutations import calculated, with_cell, with_formula
from tests.helpers.own import own_bytes
from xlcity.cli import main
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """Return a sealed workbook."""
    path = tmp_path_factory.mktemp("sealed") / "own.xlsx"
    path.write_bytes(own_bytes(udf=False))
    assert said("seal", path)[0] == 0
    return path


def said(*words):
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        code = main([*map(str, words)])
    output.flush()
    return code, output.buffer.getvalue().decode()


def checked(path, sealed):
    """Return the exit code of a check, its first sentence, the check of the seal, severities."""
    code, text = said("check", path, "--seal", f"{sealed}.seal.txt", "--json")
    (workbook,) = json.loads(text)["workbooks"]
    (seal,) = [c for c in workbook["checks"] if c["name"] == "seal"]
    severities = {f["severity"] for f in workbook["findings"] if f["rule"] == "E16"}
    return code, workbook["summary"], seal["status"], seal["detail"], severities


def with_xml(sealed, path, pattern, text):
    package = Package.read(sealed)
    part = read_book(package).sheets["Data"].part
    xml = package.text(part)
    assert pattern in xml
    package.replace({part: xml.replace(pattern, text, 1).encode()}).write(path)
    return path


def test_another_number_changes_the_scores(sealed, tmp_path):
    package = Package.read(sealed)
    book = read_book(package)
    changed = with_cell(package, book, "Data", parse_cell("D12"), "<v>77</v>")
    path = tmp_path / "own.xlsx"
    calculated(changed).write(path)
    code, summary, status, detail, severities = checked(path, sealed)
    assert (code, status, severities) == (1, "fail", {"error"})
    assert summary.startswith("Do not use the scores")
    assert "the scores are as sealed" not in detail


def test_another_formula_is_a_change_of_scores(sealed, tmp_path):
    package = Package.read(sealed)
    book = read_book(package)
    position, text = next(iter(book.sheets["Index"].cells.texts().items()))
    path = tmp_path / "own.xlsx"
    with_formula(package, book, "Index", position, f'{text}&""').write(path)
    assert checked(path, sealed)[2] == "fail"


def test_a_hidden_row_changes_what_is_shown(sealed, tmp_path):
    path = with_xml(
        sealed, tmp_path / "own.xlsx", '<row r="12"', '<row r="12" hidden="1"'
    )
    code, summary, status, detail, severities = checked(path, sealed)
    assert (code, status) == (1, "note")
    assert summary.startswith("Check before using the scores: ")
    assert "not use" not in summary
    assert detail == (
        "1 change since it was sealed; the scores are as sealed; "
        "1 change of what is shown"
    )
    assert severities <= {"warning"}


def test_a_comment_changes_presentation_alone(sealed, tmp_path):
    plain, path = tmp_path / "plain.xlsx", tmp_path / "own.xlsx"
    book = openpyxl.load_workbook(sealed)
    book.save(plain)
    assert said("seal", plain)[0] == 0
    book["Data"]["D12"].comment = Comment("source?", "Li")
    book.save(path)
    _, _, status, detail, severities = checked(path, plain)
    assert "the scores are as sealed" in detail
    assert status == "note"
    assert detail.endswith("; 1 change of presentation")
    assert severities == {"note"}


def test_gnumeric_changes_no_score(sealed, tmp_path):
    if shutil.which("ssconvert") is None:
        pytest.skip("gnumeric is not installed")
    path = tmp_path / "own.xlsx"
    subprocess.run(["ssconvert", sealed, path], check=True, capture_output=True)
    _code, summary, status, detail, severities = checked(path, sealed)
    assert status == "note"
    assert "the scores are as sealed" in detail
    assert "not use" not in summary
    assert "error" not in severities


def test_diff_compares_with_a_seal(sealed, tmp_path):
    assert said("diff", f"{sealed}.seal.txt", sealed)[0] == 0
    package = Package.read(sealed)
    book = read_book(package)
    changed = with_cell(package, book, "Data", parse_cell("D12"), "<v>77</v>")
    path = tmp_path / "own.xlsx"
    calculated(changed).write(path)
    code, text = said("diff", f"{sealed}.seal.txt", path, "--json")
    cells = json.loads(text)["cells"]
    assert code == 1
    inputs = [c for c in cells if c["kind"] == "input"]
    assert [(c["sheet"], c["cell"], c["to"]) for c in inputs] == [("Data", "D12", "77")]
