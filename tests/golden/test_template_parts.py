"""What recalculating and building a template leave alone: parts, charts, formats, bytes."""

import functools
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.large_reports import reports_by_size
from tests.helpers.templates import SEARCH, data_cell, edited, small_template
from tools.workbooks import books_of, write_books
from xlcity.cli import main
from xlcity.errors import CellError
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The workbooks of a release are Chinese.
CHINESE_TABS = True

pytestmark = pytest.mark.golden

ROOT = Path(__file__).resolve().parents[2]
VALUE = re.compile(r"<v>[^<]*</v>|<v/>|\st=\"(?:str|e|b|n)\"")


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def order(data: bytes) -> list[tuple[str, int, tuple[int, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(i.filename, i.compress_type, i.date_time) for i in archive.infolist()]


def without_values(xml: bytes) -> str:
    """Return a sheet without the results of its formulas."""
    return VALUE.sub("", xml.decode()).replace("></c>", "/>")


def without_caches(xml: bytes) -> str:
    """Return a chart without what it remembers of the cells."""
    return re.sub(
        r"<c:(str|num)Cache>.*?</c:\1Cache>", "", xml.decode(), flags=re.DOTALL
    )


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Return (input, output) of `recalc -o` of a template in which one value was changed."""
    folder = tmp_path_factory.mktemp("parts")
    source = folder / "in.xlsx"
    target = folder / "out.xlsx"
    # Beijing first in search: scores, ranks, tables and charts change.
    edited(small_template(), {"Data": {data_cell("beijing", SEARCH): 40.0}}).write(
        source
    )
    before = source.read_bytes()
    assert main(["recalc", str(source), "-o", str(target)]) == 0
    assert source.read_bytes() == before
    return before, target.read_bytes()


def test_only_results_and_chart_caches_change(recalculated):
    old, new = map(parts, recalculated)
    assert order(recalculated[0]) == order(recalculated[1])
    changed = {name for name in old if old[name] != new[name]}
    sheets = {name for name in changed if name.startswith("xl/worksheets/sheet")}
    charts = {name for name in changed if name.startswith("xl/charts/chart")}
    assert changed == sheets | charts
    assert sheets
    assert charts
    for name in sheets:
        assert without_values(old[name]) == without_values(new[name]), name
    for name in charts:
        assert without_caches(old[name]) == without_caches(new[name]), name
    # Words and the sheet people fill in have no result that could change.
    book = read_book(Package.from_bytes(recalculated[1]))
    for sheet in ("Framework",):
        assert book.sheets[sheet].part not in sheets


def test_arrays_charts_validations_formats_and_protection_are_there(recalculated):
    xml = "".join(
        text.decode()
        for name, text in parts(recalculated[1]).items()
        if name.endswith(".xml")
    )
    assert xml.count('<f t="array"') > 10
    for piece in (
        "<dataValidation ",
        "<conditionalFormatting ",
        "<sheetProtection ",
        "<pane ",
        "<hyperlink ",
        "<pageSetup ",
        "<c:barChart>",
        "_xlnm.Print_Titles",
    ):
        assert piece in xml, piece


def test_charts_show_the_new_values(recalculated):
    old, new = map(parts, recalculated)
    # The charts of `Profile`: those of levels come first, that of the indicators last.
    chart = [name for name, xml in new.items() if b"!$C$5</c:f>" in xml][-1]
    assert old[chart] != new[chart]
    series = re.search(
        r"<c:val>.*?<c:numCache>(.*?)</c:numCache>", new[chart].decode(), re.DOTALL
    )
    cached = [float(value) for value in re.findall(r"<c:v>([^<]+)</c:v>", series[1])]
    # The first series is Beijing's, its first indicator the search index.
    assert cached[0] == 40 / 40 * 100


def test_recalculating_again_changes_no_byte(recalculated, tmp_path):
    source = tmp_path / "in.xlsx"
    target = tmp_path / "out.xlsx"
    source.write_bytes(recalculated[1])
    assert main(["recalc", str(source), "-o", str(target)]) == 0
    assert target.read_bytes() == recalculated[1]


def test_a_template_is_computed_when_it_is_built(tmp_path):
    """A program that does not calculate on load shows the right numbers."""
    source = tmp_path / "in.xlsx"
    target = tmp_path / "out.xlsx"
    small_template().write(source)
    assert main(["recalc", str(source), "-o", str(target)]) == 0
    assert target.read_bytes() == source.read_bytes()


# -- the workbooks of a release --------------------------------------------------------------------
@pytest.fixture(scope="module")
def released(tmp_path_factory):
    return written(tmp_path_factory.mktemp("release"))


def written(folder):
    """Return the workbooks of a report, built in a folder."""
    books = [book for book in books_of("zh") if book.report_id == "image2025"]
    return [*write_books(books, folder)]


@pytest.mark.slow
def test_the_release_is_a_filled_and_an_empty_book(released):
    names = [path.name for path in released]
    assert names == ["image2025.xlsx", "image2025-empty.xlsx"]


@pytest.mark.slow
def test_built_twice_it_has_the_same_bytes(released, tmp_path):
    for path, again in zip(released, written(tmp_path), strict=True):
        assert path.read_bytes() == again.read_bytes(), path.name


@functools.cache
def shipped_book(report: str) -> Package:
    """Return the filled template of a report, as a release has it."""
    made = build(with_pages(template_spec(load_report(report)), ()))
    # A cell that no engine is verified for makes every command ask LibreOffice, a minute each time.
    assert made.computed.unverified == ()
    return made.package


@pytest.mark.slow
@pytest.mark.parametrize("report", reports_by_size(("bri2021", "gihi2023")))
def test_another_process_builds_the_same_book(report, tmp_path):
    """With another order of sets and without the program's cache."""
    script = (
        "import sys, pathlib; from tools.workbooks import ShippedBook, write_books; "
        "[*write_books([ShippedBook(sys.argv[2])], pathlib.Path(sys.argv[1]))]"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "XLCITY_CACHE": ""}
    words = [sys.executable, "-c", script, str(tmp_path), report]
    subprocess.run(words, check=True, env=environment, cwd=ROOT, timeout=300)
    other = (tmp_path / f"{report}.xlsx").read_bytes()
    assert other == shipped_book(report).to_bytes()


@pytest.mark.parametrize("report", report_ids())
def test_every_chart_shows_numbers(report):
    """A chart that looks at the wrong cells is empty, and nothing else says so."""
    package = shipped_book(report)
    charts = [name for name in package.parts if name.startswith("xl/charts/chart")]
    assert len(charts) >= 3
    for name in charts:
        found = re.findall(
            r"<c:val>.*?<c:f>(.*?)</c:f>.*?<c:numCache>(.*?)</c:numCache>",
            package.parts[name].decode(),
            re.DOTALL,
        )
        assert found, name
        empty = [area for area, cache in found if not re.search(r"<c:v>-?\d", cache)]
        # Lines of a chart that nothing is chosen for are empty; not all of a chart's are.
        assert len(empty) < len(found), (name, empty)


@pytest.mark.parametrize("report", report_ids())
def test_a_formula_of_a_template_gives_no_error_but_not_available(report):
    book = read_book(shipped_book(report))
    found = {
        (sheet.name, str(value))
        for sheet in book.sheets.values()
        for value in sheet.values(sheet.cells.computed())
        if isinstance(value, CellError)
    }
    assert {error for _, error in found} <= {"#N/A"}
