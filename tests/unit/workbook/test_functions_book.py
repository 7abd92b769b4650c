"""A book whose cells on `Index` are function calls: the same values, the same gaps."""

import functools
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.cli import run_json
from tests.helpers.functions_book import differences
from tests.helpers.own import made_book
from tests.helpers.random_frameworks import draw
from tests.helpers.templates import SEARCH, edited, read, small_spec
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.spec import FUNCTIONS
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.spec.from_template import read_cells
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package

#: Methods of one's own.
METHODS = (
    ("--normalise", "zscore"),
    ("--normalise", "minmax", "--aggregate", "geometric"),
    ("--normalise", "efficacy"),
    ("--normalise", "rank"),
)
#: Random frameworks in which texts passed otherwise than in native cells: a column without a
#: result, numbers beyond the domain of a mean.
SEEDS = (5, 65)


@functools.cache
def book(cells: str, *options: str) -> Package:
    return Package.from_bytes(made_book(("--lang", "en", "--cells", cells, *options)))


def typed(package: Package, values: dict[str, object]):
    """Return the book computed after values were typed into cells of `Data`."""
    return recalculate(edited(package, {"Data": values})).as_book()


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_it_has_the_values_of_the_native_book(method):
    native = book("native", *method)
    called = book("functions", *method)
    assert list(differences(read_book(native), read_book(called))) == []
    assert read_cells(read(called)) == FUNCTIONS


@pytest.mark.slow
def test_blank_and_missing_stay_apart():
    small = [
        build(replace(small_spec(), cells=cells)).package
        for cells in ("native", "functions")
    ]
    at = read(small[0])
    cells = [cell_name(row, at.columns[SEARCH]) for row in at.rows.values()]
    values = dict(zip(cells, (None, "NA", "12,3"), strict=False))
    before, after = (typed(package, values) for package in small)
    assert list(differences(before, after)) == []
    scores = resolve(after, "out_scores")
    shown = [after.value("Index", scores.r1 + row, scores.c2) for row in range(3)]
    assert shown == ["", "NA", ""]


@pytest.mark.parametrize("method", METHODS)
def test_entries_that_are_no_numbers_and_equal_columns_act_as_in_native_cells(method):
    native = book("native", *method)
    called = book("functions", *method)
    at = read(native)
    first, second, *_ = sorted(at.columns.values())
    rows = sorted(at.rows.values())
    entries = zip(rows, (None, "NA", "12,3", "*", True), strict=False)
    values: dict[str, object] = {cell_name(row, first): entry for row, entry in entries}
    values |= {cell_name(row, second): 7.0 for row in rows[1:]}
    values[cell_name(rows[0], second)] = "NA"
    before = typed(native, values)
    after = typed(called, values)
    assert list(differences(before, after)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_texts_pass_as_in_native_cells(seed, tmp_path, capsys):
    words = draw(seed, 8, 7).write(tmp_path)
    books = []
    for cells in ("both", "functions"):
        code, _ = run_json(
            capsys, "new", *words, "--cells", cells, "-o", tmp_path / "o.xlsx"
        )
        assert code == 0
        books.append(read_book(Package.read(tmp_path / "o.xlsx")))
    assert list(differences(*books)) == []


def test_new_counts_the_calls_and_names_what_stays_a_formula(tmp_path, capsys):
    path = tmp_path / "image.xlsx"
    code, document = run_json(
        capsys, "new", "image2025", "--cells", "functions", "-o", path
    )
    assert (code, document["calls"], document["formula_codes"]) == (0, 14, [])
    assert "UDF" not in document["sheets"]
    ranks = resolve(read_book(Package.read(path)), "out_ranks")
    formula = (
        read_book(Package.read(path)).sheets["Index"].cells[ranks.r1, ranks.c1].formula
    )
    assert formula.startswith("IFERROR(RANK_COMPETITION(")


def test_the_readme_says_what_to_install():
    cells = read_book(book("functions", *METHODS[0])).sheets["README"].cells
    said = str(cells.value((4, 1)))
    assert "companion page" in said
    # People without a terminal read it.
    assert "xlcity udf" not in said


@pytest.mark.slow
def test_it_is_checked_and_stays_what_it_is(tmp_path, capsys):
    paths = {
        name: tmp_path / f"{name}.xlsx" for name in ("book", "native", "copy", "out")
    }
    for name, cells in (
        ("book", "functions"),
        ("copy", "functions"),
        ("native", "native"),
    ):
        paths[name].write_bytes(book(cells).to_bytes())
    code, document = run_json(capsys, "check", paths["book"])
    checks = {c["name"]: c["status"] for c in document["workbooks"][0]["checks"]}
    assert (code, checks["contract"], checks["python-native"]) == (0, "pass", "pass")
    _, document = run_json(capsys, "diff", paths["native"], paths["book"])
    assert document["ranks"] == []
    for verb in (
        ("rebuild", paths["book"], "--lang", "zh"),
        ("pages", paths["book"], "--add", "intake"),
        ("merge", paths["book"], paths["copy"]),
        ("roll", paths["book"], "--edition", "2026"),
    ):
        assert run_json(capsys, *verb, "-o", paths["out"])[0] == 0
        assert read_cells(read(Package.read(paths["out"]))) == FUNCTIONS, verb[0]
        Path(paths["out"]).unlink()


def test_a_trace_names_the_call_and_what_it_reads(tmp_path, capsys):
    path = tmp_path / "book.xlsx"
    path.write_bytes(book("functions").to_bytes())
    area = resolve(read_book(Package.read(path)), "out_scores")
    _, document = run_json(
        capsys, "trace", path, f"Index!{cell_name(area.r1, area.c2)}", "--depth", "2"
    )
    assert "WEIGHTED_INDEX(" in str(document)


def test_both_engines_compute_it_alike():
    package = book("functions")
    ours, theirs = (
        recalculate(package, e).as_book() for e in ("compiled", "formualizer")
    )
    assert list(differences(ours, theirs)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "calls"),
    [
        ("image2025", 14),
        ("iecc2024", 38),
        ("vitality2014", 7),
        ("bri2021", 19),
        ("gihi2023", 39),
    ],
)
def test_reports_have_the_values_of_their_native_books(report, calls):
    built = {
        cells: build(template_spec(load_report(report), cells=cells))
        for cells in ("native", "functions")
    }
    books = [each.computed.as_book() for each in built.values()]
    assert list(differences(*books)) == []
    assert built["functions"].counts.calls == calls
