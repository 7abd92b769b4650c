"""The pages that iecc2024 has of its own, and the word synthetic, against the index and print."""

import functools
import json
import math
from dataclasses import replace

import pytest
from few_cities import of_cities
from templates import chart_titles, edited, find, read, require_agreement, seen

from xlcity.functions.rounding import round_excel
from xlcity.model.dataset import State, Status
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.reports.iecc2024 import pages
from xlcity.reports.iecc2024.pages import balance, editions, progress, radar
from xlcity.reports.iecc2024.pages.editions import Edition
from xlcity.reports.iecc2024.pages.leafranks import LeafRanks
from xlcity.reports.iecc2024.pages.progress import Growth
from xlcity.workbook.build import build, draw
from xlcity.workbook.checking.contract import differences, formulas_of
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import EXCEPTION_ROWS, FIRST, IN_FIRST, ROW_FIXED_HIGH, ROW_N
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.sheets.calculation.constructed import ITEM_COLUMNS
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.formula_cache import FormulaCache

pytestmark = pytest.mark.slow

ROOT, PILLARS = "IECC", ("A", "B", "C")
#: Old and new cities, with a confirmed gap (Moscow), printed ranks of the previous edition.
UNITS = (
    "london", "beijing", "moscow", "hong_kong", "dubai", "boston", "brussels", "cairo", "geneva",
    "munich", "madrid", "vienna",
)  # fmt: skip
SPARE = 3


@functools.cache
def report():
    """Return the report with a dozen of its cities."""
    whole = load_report("iecc2024")
    return replace(whole, dataset=of_cities(whole.dataset, UNITS))


def spec(**options):
    return replace(with_pages(template_spec(report(), **options), ["all"]), spare_units=SPARE)


@functools.cache
def package(**options):
    return build(spec(**options)).package


def layout():
    return Layout(spec())


def edition():
    return Edition(layout(), pages.edition_lines(report()))


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
    entries = {"id": NEW, "population": "main", "name_en": "New", "name_zh": "新", "edition": "new"}
    where = {cities(len(UNITS), column): text for column, text in entries.items()}
    where[cities(UNITS.index("boston"), "population")] = None
    line = {cell_name(IN_FIRST + len(UNITS), 1): NEW}
    for what, code, value in (("rank", "A", 4), ("value", "B2.2", 500), ("value", "C1.1", 0)):
        line[cell_name(IN_FIRST + len(UNITS), edition().column(what, code))] = value
    # A rank typed over is no printed one.
    line[cell_name(IN_FIRST, edition().column("rank", ROOT))] = 2
    return seen(
        edited(
            package(),
            {"Data": own, "Cities": where, editions.DATA: line, "Profile": {"B4": "hong_kong"}},
        ),
        # The calls that rescale take arrays, which formualizer is not trusted with.
        "auto",
    )


SITUATIONS = pytest.mark.parametrize("book", ["plain", "changed"], indirect=True)


@pytest.fixture
def book(request):
    return situation(request.param)


def rows(book):
    """Yield (sheet row, position in the index, unit) of every city of the calculation sheets."""
    units = [unit.id for unit in book.index.dataset.units]
    for offset, unit in enumerate(book.units):
        if unit:
            yield FIRST + offset, units.index(unit), unit


def close(cell, expected):
    if expected is None:
        return cell == ""
    return not isinstance(cell, str) and cell == pytest.approx(expected, rel=1e-9, abs=1e-12)


def before(book, what):
    """Return (unit, code) -> rank or value of the previous edition, with what was typed."""
    found = {
        (line.unit, line.code): getattr(line, what)
        for line in edition().lines
        if line.unit in UNITS and getattr(line, what) is not None
    }
    if book is situation("changed"):
        if what == "rank":
            found |= {("london", ROOT): 2, (NEW, "A"): 4}
        else:
            found |= {(NEW, "B2.2"): 500, (NEW, "C1.1"): 0}
    return found


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


# -- the previous edition --------------------------------------------------------------------------
@SITUATIONS
def test_ranks_then_and_now(book):
    then, printed = before(book, "rank"), {(x.unit, x.code): x for x in edition().lines}
    shape, moved = layout(), []
    for code in shape.composites:
        left = editions.node_left(shape, code)
        counts = {"up": 0, "same": 0, "down": 0}
        for row, at, unit in rows(book):
            cells = [book.fresh.value(editions.SHEET, row, left + k) for k in range(4)]
            rank, now = then.get((unit, code)), int(book.index.rank(code)[at]) or None
            new = unit == NEW or unit in ("brussels", "cairo")
            assert cells[0] == (rank if rank is not None else "*" if new else "")
            assert cells[1] == (now if now is not None else "")
            change = rank - now if rank is not None and now is not None else None
            assert cells[2] == (change if change is not None else "")
            known = printed.get((unit, code))
            letter = "" if rank is None else "E"
            if known is not None and known.rank == rank:
                letter = {"printed": "P", "derived": "D"}[known.basis]
            assert cells[3] == letter
            if change is not None:
                moved.append(change)
                counts["up" if change > 0 else "down" if change < 0 else "same"] += 1
        heads = [book.fresh.value(editions.SHEET, r, left + 2) for r in (5, 6, 7, 8)]
        assert heads == [counts["up"], counts["same"], counts["down"], sum(counts.values())]
    assert len(moved) > 15
    assert min(moved) < 0 < max(moved)


# -- growth ---------------------------------------------------------------------------------------
def growths(book):
    """Return (unit, code) -> growth since the previous edition."""
    base, raw = before(book, "value"), book.index.raw
    scored = {unit.id: bool(unit.population) for unit in book.index.dataset.units}
    found = {}
    for (unit, code), value in base.items():
        if code in book.index.leaf_codes and scored[unit] and value > 0:
            now = raw[book.index.dataset.row(unit), book.index.leaf_codes.index(code)]
            if not math.isnan(now):
                found[unit, code] = now / value - 1
    return found


@SITUATIONS
def test_growth_and_its_average(book):
    grown, where = growths(book), Growth(layout())
    assert {"A1.4", "B2.1", "B4.2"}.isdisjoint(where.measures)
    for code in where.measures:
        column = where.growth.column(code)
        of_code = []
        for row, _, unit in rows(book):
            expected = grown.get((unit, code))
            assert close(book.fresh.value(progress.GROWTH, row, column), expected)
            of_code += [] if expected is None else [expected]
        mean = sum(of_code) / len(of_code) if of_code else None
        assert close(book.fresh.value(progress.GROWTH, ROW_FIXED_HIGH, column), mean)
        assert book.fresh.value(progress.GROWTH, ROW_N, column) == len(of_code)
    assert len(grown) > 20


@SITUATIONS
def test_largest_gains_of_the_chosen_city(book):
    unit = "london" if book is situation("plain") else "hong_kong"
    direction = {n.code: int(n.direction) for n in book.index.framework.indicators}
    order = list(book.index.leaf_codes)
    gains = {c: direction[c] * g for (u, c), g in growths(book).items() if u == unit}
    best = sorted((c for c in gains if gains[c] > 0), key=lambda c: (-gains[c], order.index(c)))[:5]
    assert len(best) >= 3
    shown = []
    for place in range(1, progress.TOP + 1):
        row = progress.TOP_HEADER + place
        # Measure, growth, growth as printed, status of the base.
        shown.append([book.fresh.value(progress.SHEET, row, column) for column in (1, 6, 9, 11)])
    names = {n.code: n.name_zh for n in book.index.framework.indicators}
    printed = {(x.unit, x.code): x.growth for x in edition().lines}
    for line, code in zip(shown, best, strict=False):
        assert line[0] == names[code]
        assert close(line[1], direction[code] * gains[code])
        assert close(line[2], printed[unit, code])
        assert line[3] == "P"
    assert shown[len(best) :] == [["", "", "", ""]] * (progress.TOP - len(best))


def test_growth_is_the_printed_one_where_both_numbers_are_printed():
    """The printed operands are rounded, so that each growth lies in their interval."""
    book, worst = situation("plain"), 0.0
    for line in edition().lines:
        if line.growth is not None and line.unit in UNITS:
            worst = max(worst, abs(growths(book)[line.unit, line.code] - line.growth))
    assert worst < 0.015


# -- ranks of the indicators ----------------------------------------------------------------------
def leaf_ranks(book, code):
    """Return unit -> rank by raw values, unclipped, equal values sharing the rank."""
    place = book.index.leaf_codes.index(code)
    sign = int(book.index.framework[code].direction)
    values = {
        unit.id: sign * round_excel(book.index.raw[row, place], 9)
        for row, unit in enumerate(book.index.dataset.units)
        if unit.population and not math.isnan(book.index.raw[row, place])
    }
    return {u: 1 + sum(other > own for other in values.values()) for u, own in values.items()}


@SITUATIONS
def test_ranks_of_indicators(book):
    where, ties = LeafRanks(layout()), 0
    for code in layout().indicators:
        ranks = leaf_ranks(book, code)
        ties += len(ranks) - len(set(ranks.values()))
        for row, _, unit in rows(book):
            cell = book.fresh.value("LeafRanks", row, where.ranks.column(code))
            assert cell == ranks.get(unit, "")
    assert ties > 5


@SITUATIONS
def test_two_best_and_two_worst_of_each_pillar(book):
    shape = layout()
    ranks = {code: leaf_ranks(book, code) for code in shape.indicators}
    names = {n.code: n.name_zh for n in book.index.framework.indicators}
    for row, _, unit in rows(book):
        column = 2
        for pillar in PILLARS:
            leaves = [leaf.code for leaf in book.index.framework.leaves_below(pillar)]
            known = [code for code in leaves if unit in ranks[code]]
            best = sorted(known, key=lambda c: (ranks[c][unit], leaves.index(c)))
            worst = sorted(known, key=lambda c: (-ranks[c][unit], leaves.index(c)))
            for code in [*best[:2], *worst[:2]] or [None] * 4:
                column += 1
                said = "" if code is None else f"{names[code]} · {ranks[code][unit]}"
                assert book.fresh.value("Strengths", row, column) == said


# -- balance --------------------------------------------------------------------------------------
@SITUATIONS
def test_balance_of_the_pillars(book):
    first = balance.HEADER + balance.CHART_ROWS + 1
    units = {unit.id: unit for unit in book.index.dataset.units}
    order = book.index.order(ROOT)
    for place, unit in enumerate(order):
        cells = [book.fresh.value(balance.SHEET, first + place, c) for c in range(1, 14)]
        at = book.index.dataset.row(unit)
        scores = [book.index.column(code)[at] for code in PILLARS]
        mean = sum(scores) / 3
        names = [book.index.framework[code].name_zh for code in PILLARS]
        assert cells[0] == book.index.rank(ROOT)[at]
        assert cells[1] == units[unit].name_zh
        expected = [book.index.column(ROOT)[at], *scores, mean, max(scores) - min(scores)]
        assert cells[2:8] == pytest.approx(expected, rel=1e-9)
        assert cells[8] == names[scores.index(max(scores))]
        assert cells[9] == names[scores.index(min(scores))]
        assert cells[10:13] == pytest.approx([s - mean for s in scores], abs=1e-9)
    below = [book.fresh.value(balance.SHEET, first + len(order), c) for c in range(1, 14)]
    assert below == [""] * 13


# -- radars ---------------------------------------------------------------------------------------
@SITUATIONS
def test_radar_of_the_chosen_city(book):
    unit = "london" if book is situation("plain") else "hong_kong"
    at, index = book.index.dataset.row(unit), book.index
    nodes = [n.code for n in index.framework.composites if index.framework.depth(n.code) == 2]
    assert (len(nodes), len(index.leaf_codes)) == (11, 25)
    for row, code in enumerate(nodes, radar.NODES_HEADER + 1):
        column = index.column(code)
        mean = column[~_nan(column)].mean()
        assert close(book.fresh.value(radar.SHEET, row, 3), column[at])
        assert book.fresh.value(radar.SHEET, row, 4) == ""
        assert close(book.fresh.value(radar.SHEET, row, 5), mean)
    then, drawn = before(book, "value"), 0
    bounds = {b.code: b for b in index.bounds}
    for row, code in enumerate(index.leaf_codes, radar.NODES_HEADER + len(nodes) + 4):
        z = index.column(code)
        low, high = z[~_nan(z)].min(), z[~_nan(z)].max()

        def scaled(value, low=low, high=high):
            return 40 * (value - low) / (high - low) + 60

        assert close(book.fresh.value(radar.SHEET, row, 3), scaled(z[at]))
        assert close(book.fresh.value(radar.SHEET, row, 5), scaled(z[~_nan(z)].mean()))
        expected = None
        if (unit, code) in then:
            raw = index.raw[:, index.leaf_codes.index(code)]
            known = raw[~_nan(raw)]
            old = (then[unit, code] - bounds[code].mean) / known.std()
            old = int(index.framework[code].direction) * max(-1.96, min(1.96, old))
            expected = max(60.0, min(100.0, scaled(old)))
            drawn += 1
        assert close(book.fresh.value(radar.SHEET, row, 4), expected)
    assert drawn >= 3


def _nan(values):
    return values != values


# -- groups ---------------------------------------------------------------------------------------
def test_tables_of_capitals_and_continents():
    blocks = [(s.group_type, s.group) for s in spec().subtables]
    assert blocks[:2] == [("capital", "capital"), ("capital", "non_capital")]
    assert {kind for kind, _ in blocks} == {"capital", "continent"}
    assert all(s.node == ROOT and s.depth <= pages.DEPTH for s in spec().subtables)


# -- synthetic ------------------------------------------------------------------------------------
def letters(book):
    found, block = {}, layout().letters
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
    assert "格为虚构值 synthetic" in str(book.fresh.value("Data", row, 3))
    assert 'General" 虚构"' in _part("xl/styles.xml").replace("&quot;", '"')
    status = find(book.template, "Sources", "synthetic", 13)
    values = int((report().dataset.basis == Status.SYNTHETIC).sum())
    assert book.fresh.value("Sources", status, 16) == values
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
    was, now = letters(plain), letters(book)
    assert {key for key in was if was[key] != now[key]} == {(unit, code)}
    assert (was[unit, code], now[unit, code]) == ("Y", "E")
    count = invented(report().dataset)
    assert book.block("xl_synthetic")[0][0] == count - 1 == book.template.dataset.synthetic
    assert stored_results(plain.template)["synthetic"] == count
    assert stored_results(book.template)["synthetic"] == count - 1
    # The same value typed again is the shipped one.
    back = seen(edited(package(), {"Data": {data(unit, code): _shipped(unit, code)}}))
    assert letters(back) == was


def _shipped(unit, code):
    return float(report().dataset.values[UNITS.index(unit), report().dataset.column(code)])


def test_a_line_of_institutions_typed_over_is_an_entered_one():
    plain = situation("plain")
    first, basis = layout().ITEM_FIRST, len(ITEM_COLUMNS)
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
    assert json.loads(capsys.readouterr().out)["synthetic"] == invented(report().dataset) - 1
    assert main(["results", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["synthetic"] == invented(report().dataset) - 1


# -- substitutions --------------------------------------------------------------------------------
def test_substitutions_fill_the_exceptions():
    book = situation("plain")
    lines = [row for row in book.block("xl_exceptions")[1:] if row[0] not in (None, "")]
    assert [(row[0], row[1]) for row in lines] == [(x.unit, x.code) for x in report().exceptions]
    assert layout().exception_rows > len(lines) > EXCEPTION_ROWS
    # A status is that of a real value; an invented one stays synthetic.
    at = letters(book)
    assert (at["boston", "B2.2"], at["dubai", "B2.2"], at["hong_kong", "B2.2"]) == ("S", "Y", "D")
    typed = seen(edited(package(), {"Data": {data("boston", "B2.2"): 3638}}))
    changed = {key for key, letter in letters(typed).items() if letter != at[key]}
    assert changed == {("boston", "B2.2")}


def test_the_dictionary_tells_every_indicator_and_ingredient():
    book = situation("plain")
    framework = report().framework
    shown = {}
    for row in range(5, 5 + len(framework.nodes) + len(framework.ingredients)):
        shown[book.fresh.value("Dictionary", row, 1)] = [
            book.fresh.value("Dictionary", row, column) for column in range(1, 12)
        ]
    assert set(shown) == {n.code for n in (*framework.nodes, *framework.ingredients)}
    line, node = shown["A1.4"], framework["A1.4"]
    assert line[1:4] == [node.name_zh, node.uom_zh, -1]
    assert line[4] == pytest.approx(1 / 48)
    assert line[5:10] == [node.definition_zh, node.period, "国家", node.source_zh, node.url]


@pytest.mark.libreoffice
def test_libreoffice_agrees_on_the_changed_book():
    fresh = recalculate(situation("changed").template.package, verify="libreoffice")
    assert fresh.verified is not None
    assert fresh.verified.differing == ()
    assert fresh.verified.cells > 15_000
