"""Invented and substituted values in a workbook of iecc2024, and the word synthetic."""

import functools
import json
import math
from dataclasses import replace

import pytest

from tests.helpers.few_cities import of_cities
from tests.helpers.templates import (
    chart_titles,
    edited,
    find,
    read,
    require_agreement,
    seen,
)
from xlcity.model.dataset import State, Status
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build, draw
from xlcity.workbook.checking.contract import differences, formulas_of
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.inputs import ITEM_COLUMNS
from xlcity.workbook.layout.rows import EXCEPTION_ROWS, FIRST, IN_FIRST
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.formula_cache import FormulaCache

pytestmark = pytest.mark.slow

ROOT = "IECC"
PILLARS = ("A", "B", "C")
#: Old and new cities, with a confirmed gap (Moscow), printed ranks of the previous edition.
UNITS = (
    "london",
    "beijing",
    "moscow",
    "hong_kong",
    "dubai",
    "boston",
    "brussels",
    "cairo",
    "geneva",
    "munich",
    "madrid",
    "vienna",
)
SPARE = 3


@functools.cache
def report():
    """Return the report with a dozen of its cities."""
    whole = load_report("iecc2024")
    return replace(whole, dataset=of_cities(whole.dataset, UNITS))


def spec(**options):
    return replace(
        with_pages(template_spec(report(), **options), ["all"]), spare_units=SPARE
    )


@functools.cache
def package(**options):
    return build(spec(**options)).package


def layout():
    return Layout(spec())


def data(unit, code):
    template = read(package())
    return cell_name(template.rows[unit], template.columns[code])


def cities(row, column):
    return cell_name(IN_FIRST + row, layout().city_columns.index(column) + 1)


NEW = "geneva_2"
#: A city added, one left out, a confirmed gap, an invented value typed over.
TYPED = ("vienna", "A2.1", 77.7)


@functools.cache
def situation(name):
    """Return a workbook as it is, or with cities and values of the user's own."""
    if name == "plain":
        return seen(package())
    shape = layout()
    row = IN_FIRST + len(UNITS)
    geneva = report().dataset.values[UNITS.index("geneva")]
    own = {
        cell_name(row, shape.DATA_LEFT + shape.inputs.index(code)): float(value)
        for code, value in zip(report().dataset.codes, geneva, strict=True)
        if code in shape.inputs and not math.isnan(value)
    }
    own[cell_name(row, 1)] = NEW
    own[data("madrid", "B3.3")] = "NA"
    own[data("munich", "A1.1")] = "NA"
    own[data(*TYPED[:2])] = TYPED[2]
    entries = {
        "id": NEW,
        "population": "main",
        "name_en": "New",
        "name_zh": "新",
        "edition": "new",
    }
    where = {cities(len(UNITS), column): text for column, text in entries.items()}
    where[cities(UNITS.index("boston"), "population")] = None
    return seen(
        edited(
            package(),
            {"Data": own, "Cities": where, "Profile": {"B4": "hong_kong"}},
        ),
        # The calls that rescale take arrays, which formualizer is not trusted with.
        "auto",
    )


def rows(book):
    """Yield (sheet row, position in the index, unit) of every city of the calculation sheets."""
    units = [unit.id for unit in book.index.dataset.units]
    for offset, unit in enumerate(book.units):
        if unit:
            yield FIRST + offset, units.index(unit), unit


def test_the_changed_book_is_right_by_itself():
    book = situation("changed")
    require_agreement(book)
    assert book.red == set()
    expected = _drawn(book.template)
    assert not list(differences(book.template.book, expected, FormulaCache()))


def _drawn(template):
    """Return the formulas that the template would have with the cities it has now."""
    units = len(template.dataset.units)
    slots = template.area("xl_units").rows
    changed = replace(spec(), dataset=template.dataset, spare_units=slots - units)
    return formulas_of(read_book(draw(changed)[0]))


# -- groups ---------------------------------------------------------------------------------------
def test_tables_of_capitals_and_continents():
    blocks = [(s.group_type, s.group) for s in spec().subtables]
    assert blocks[:2] == [("capital", "capital"), ("capital", "non_capital")]
    assert {kind for kind, _ in blocks} == {"capital", "continent"}
    assert all(s.node == ROOT and s.depth <= 20 for s in spec().subtables)


# -- synthetic ------------------------------------------------------------------------------------
def letters(book):
    found = {}
    block = layout().letters
    for row, _, unit in rows(book):
        for code in block.codes:
            found[unit, code] = book.fresh.value(block.sheet, row, block.column(code))
    return found


def invented(dataset):
    marked = (dataset.basis == Status.SYNTHETIC) & (dataset.states == State.VALUE)
    return int(marked.sum()) + sum(len(lines) for lines in dataset.items.values())


def test_the_word_synthetic_stands_everywhere():
    book = situation("plain")
    count = invented(report().dataset)
    assert book.block("xl_synthetic")[0][0] == count == book.template.dataset.synthetic
    banner = str(book.block("xl_banner")[0][0])
    assert f"{count} 个虚构值（synthetic" in banner
    assert len(chart_titles(book.template)) >= 8
    assert all("虚构值 synthetic" in text for text in chart_titles(book.template))
    # Data tells it in the row's message and, by its format, in the cell.
    row = book.template.rows["london"]
    assert "格为虚构值" in str(book.fresh.value("Data", row, 3))
    assert 'General" 虚构"' in _part("xl/styles.xml").replace("&quot;", '"')
    status = find(book.template, "Sources", "synthetic", 12)
    values = int((report().dataset.basis == Status.SYNTHETIC).sum())
    assert book.fresh.value("Sources", status, 15) == values
    # Every chart shows a title that says so.
    charts = [part for part in package().parts if part.startswith("xl/charts/chart")]
    assert charts
    for part in charts:
        assert "虚构值 synthetic" in _part(part)


def _part(name):
    return package().parts[name].decode("utf-8")


def test_overwriting_removes_the_mark_there_and_only_there():
    unit, code, value = TYPED
    plain = situation("plain")
    book = seen(edited(package(), {"Data": {data(unit, code): value}}))
    was = letters(plain)
    now = letters(book)
    assert {key for key in was if was[key] != now[key]} == {(unit, code)}
    assert (was[unit, code], now[unit, code]) == ("Y", "E")
    count = invented(report().dataset)
    assert (
        book.block("xl_synthetic")[0][0] == count - 1 == book.template.dataset.synthetic
    )
    assert stored_results(plain.template)["synthetic"] == count
    assert stored_results(book.template)["synthetic"] == count - 1
    # The same value typed again is the shipped one.
    back = seen(edited(package(), {"Data": {data(unit, code): _shipped(unit, code)}}))
    assert letters(back) == was


def _shipped(unit, code):
    return float(
        report().dataset.values[UNITS.index(unit), report().dataset.column(code)]
    )


def test_a_line_of_institutions_typed_over_is_an_entered_one():
    plain = situation("plain")
    first = layout().ITEM_FIRST
    basis = len(ITEM_COLUMNS)
    was = [plain.fresh.value("Items", first + k, basis) for k in range(20)]
    lines = len(report().dataset.items["B4.3"])
    assert was == ["synthetic"] * lines + [""] * (20 - lines) if lines < 20 else was
    book = seen(edited(package(), {"Items": {cell_name(first + 1, 4): 7}}))
    now = [book.fresh.value("Items", first + k, basis) for k in range(20)]
    assert [k for k in range(20) if was[k] != now[k]] == [1]
    assert now[1] == "entered"
    assert book.block("xl_synthetic")[0][0] == plain.block("xl_synthetic")[0][0] - 1


def test_nothing_is_synthetic_in_an_empty_book():
    book = seen(package(empty=True))
    assert book.block("xl_synthetic")[0][0] == 0
    assert book.block("xl_banner")[0][0] == ""
    assert not any("synthetic" in text for text in chart_titles(book.template))
    assert book.template.dataset.synthetic == 0


def test_new_index_and_results_count_synthetic_values(tmp_path, capsys):
    from xlcity.cli import main

    count = invented(load_report("iecc2024").dataset)
    assert main(["index", "iecc2024", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["synthetic"] == count
    # A template read as data: shipped values keep their status, a value typed over does not.
    path = tmp_path / "book.xlsx"
    edited(package(), {"Data": {data(*TYPED[:2]): TYPED[2]}}).write(path)
    assert main(["index", "iecc2024", "--data", str(path), "--json"]) == 0
    assert (
        json.loads(capsys.readouterr().out)["synthetic"]
        == invented(report().dataset) - 1
    )
    assert main(["results", str(path), "--json"]) == 0
    assert (
        json.loads(capsys.readouterr().out)["synthetic"]
        == invented(report().dataset) - 1
    )


# -- substitutions --------------------------------------------------------------------------------
def test_substitutions_fill_the_exceptions():
    book = situation("plain")
    lines = [row for row in book.block("xl_exceptions")[1:] if row[0] not in (None, "")]
    assert [(row[0], row[1]) for row in lines] == [
        (x.unit, x.code) for x in report().exceptions
    ]
    assert layout().exception_rows > len(lines) > EXCEPTION_ROWS
    # A status is that of a real value; an invented one stays synthetic.
    at = letters(book)
    assert (at["boston", "B2.2"], at["dubai", "B2.2"], at["hong_kong", "B2.2"]) == (
        "S",
        "Y",
        "D",
    )
    typed = seen(edited(package(), {"Data": {data("boston", "B2.2"): 3638}}))
    changed = {key for key, letter in letters(typed).items() if letter != at[key]}
    assert changed == {("boston", "B2.2")}


@pytest.mark.libreoffice
def test_libreoffice_agrees_on_the_changed_book():
    fresh = recalculate(situation("changed").template.package, verify="libreoffice")
    assert fresh.verified is not None
    assert fresh.verified.differing == ()
    assert fresh.verified.cells == fresh.formula_cells > 13_700
