"""The pages that vitality2014 has of its own, against the analyses of the index."""

import functools
import re
from dataclasses import replace

import numpy as np
import pytest
from templates import edited, read, seen

from xlcity.assess import correlate, outside_variable
from xlcity.errors import CellError
from xlcity.functions.cluster import cluster_labels
from xlcity.functions.correlate import fit_line
from xlcity.model.dataset import Dataset
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.reports.vitality2014 import pages
from xlcity.reports.vitality2014.pages import clusters, correlation_printed, regional, regression
from xlcity.workbook.build import build, draw, own_labels
from xlcity.workbook.checking.contract import differences, formulas_of
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, IN_FIRST
from xlcity.workbook.sheets.inputs.cities import number_or_text
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.spec.from_template import spec_of
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.formula_cache import FormulaCache

pytestmark = pytest.mark.slow

ROOT, DOMAINS = "VIT", ("S", "C", "E", "P")
NODES = (ROOT, *DOMAINS)
#: Column of the call on `Clusters`; the class, its key and the printed class follow, then lists.
CALL = 3 + len(DOMAINS)
PAGES = ("CorrelationPrinted", "Regression", "Clusters", "Regions", "RegionTables", "Analysis")


#: Cities of every chart of the report, capitals and others, in the order of the report.
UNITS = (
    "beijing", "shanghai", "guangzhou", "wuhan", "chongqing", "hangzhou", "tianjin", "qingdao",
    "shenzhen", "xian", "kunming", "dalian", "harbin", "changsha", "urumqi", "qinhuangdao",
)  # fmt: skip
N = len(UNITS)


@functools.cache
def report():
    """Return the report with a third of its cities."""
    whole = load_report("vitality2014")
    rows = [whole.dataset.row(unit) for unit in UNITS]
    dataset = Dataset(
        tuple(whole.dataset.units[row] for row in rows),
        whole.dataset.codes,
        whole.dataset.values[rows],
        whole.dataset.states[rows],
        whole.dataset.basis[rows],
    )
    return replace(whole, dataset=dataset)


@functools.cache
def spec():
    return with_pages(template_spec(report()), ["all"])


@functools.cache
def book():
    return build(spec()).package


@functools.cache
def plain():
    return seen(book())


@functools.cache
def whole():
    """Return the template of the report as it is."""
    return seen(build(with_pages(template_spec(load_report("vitality2014")), ["all"])).package)


def layout(found=None):
    """Return where everything stands, in the small template or in the one at hand."""
    return Layout(spec() if found is None else spec_of(found.template))


def cities(unit, column):
    """Return the address of a city's entry on `Cities`."""
    at = plain().template.area("xl_cities")
    units = [u.id for u in plain().template.dataset.units]
    row = IN_FIRST + (units.index(unit) if isinstance(unit, str) else len(units) + unit)
    return cell_name(row, at.c1 + layout().city_columns.index(column))


def data(unit, code):
    return cell_name(plain().template.rows[unit], plain().template.columns[code])


def spare(code=None):
    """Return the address of the first spare row on `Data`: of its id, or of a value."""
    row = max(plain().template.rows.values()) + 1
    return cell_name(row, 1 if code is None else plain().template.columns[code])


def gdp(of=lambda place: 500.0 + 37.0 * ((place * 7) % N)):
    """Return invented values of the outside variable, one for every city."""
    return {cities(u.id, "gdp"): of(i) for i, u in enumerate(report().dataset.units)}


def looked_at(**edits):
    return seen(edited(book(), edits))


# -- reading the pages ----------------------------------------------------------------------------
def number(value):
    """Return a cell as a number, NaN where it shows nothing."""
    assert not isinstance(value, CellError), value
    return float("nan") if value in ("", None, "NA") else float(value)


def matrix(found, name):
    """Return one of the matrices of `CorrelationPrinted`."""
    where = correlation_printed.lay_out_matrices(DOMAINS, printed=True, udf=True)[name].area
    return [
        [found.fresh.value("CorrelationPrinted", row, column)
         for column in range(where.c1, where.c2 + 1)]
        for row in range(where.r1, where.r2 + 1)
    ]  # fmt: skip


def results(found, first_row=regression.HEADER + 1):
    """Return node -> the six results of `Regression`."""
    return {
        code: [found.fresh.value("Regression", first_row + i, c) for c in range(2, 8)]
        for i, code in enumerate((*DOMAINS, ROOT))
    }


def classes(found):
    """Return city -> class, of those that have one."""
    at = CALL + 1
    rows = range(FIRST, layout(found).last + 1)
    shown = {
        found.fresh.value("Clusters", r, 1): found.fresh.value("Clusters", r, at) for r in rows
    }
    return {unit: int(label) for unit, label in shown.items() if label not in ("", None)}


def means(found):
    """Return (group type, group, part) -> the numbers of its row on `Regions`."""
    shown = regional.Regions(pages.GROUP_TYPES, pages.SPLIT, pages.CHARTED, NODES)
    return {
        (kind, group, part): [
            found.fresh.value("Regions", row, c) for c in range(3, 4 + len(NODES))
        ]
        for kind, lines in regional.Rows(spec(), shown).sections()
        for group, part, row in lines
    }


def tables(found):
    """Return chart -> the lines of its table on `RegionTables`, gaps left out."""
    made = {}
    for place, table in enumerate(pages.regional_tables(load_report("vitality2014"))):
        head = regional.table_row(place, DOMAINS) + 1
        lines = [
            [found.fresh.value("RegionTables", row, c) for c in range(2, 2 + layout(found).slots)]
            for row in range(head, head + 2 + 2 * len(DOMAINS))
        ]
        made[table.label] = [[v for v in line if v not in ("", None)] for line in lines]
    return made


def close(mine, theirs):
    theirs = float(theirs)
    if np.isnan(theirs):
        return np.isnan(number(mine))
    return abs(number(mine) - theirs) <= 1e-9 * max(1.0, abs(theirs))


ALL = "all"


def in_group(unit, kind, group):
    return kind == ALL or unit.attributes.get(kind) == group


def parts_of(dataset, kind):
    """Yield the groups of an attribute, each whole and by capitals: group, part, rows."""
    names = [ALL] if kind == ALL else [unit.attributes.get(kind) for unit in dataset.units]
    for group in dict.fromkeys(filter(None, names)):
        inside = [unit for unit in dataset.units if in_group(unit, kind, group)]
        parts = dict.fromkeys(unit.attributes.get(pages.SPLIT) for unit in inside)
        for subset in (ALL, *filter(None, parts)):
            own = [
                unit
                for unit in inside
                if in_group(unit, pages.SPLIT if subset != ALL else ALL, subset)
            ]
            yield group, subset, [dataset.row(unit.id) for unit in own]


def mean_of_known(values):
    known = values[np.isfinite(values)]
    return known.mean() if known.size else np.nan


def require_pages(found, k=5, linkage="ward", metric="sqeuclidean", standardise="none"):
    """Hold every page to the index that the workbook's inputs alone give."""
    result = found.index
    made = correlate(result)
    for name, values in (("r", made.r), ("p", made.p), ("n", made.n)):
        cells = matrix(found, name)
        for one in range(4):
            for other in range(4):
                assert close(cells[one][other], values[one, other]), (name, one, other)
    for one, line in zip(DOMAINS, matrix(found, "marks"), strict=True):
        assert line == [made.flag(one, o) if one != o else "" for o in DOMAINS]
    shown = results(found)
    gdp = outside_variable(result.dataset.units, "gdp")
    for code in NODES:
        line = fit_line(result.column(code), gdp)
        expected = (line.slope, line.intercept, line.r, line.r**2, line.p, line.n)
        assert all(map(close, shown[code], expected)), (line, shown[code])
    block = np.column_stack([result.column(code) for code in DOMAINS])
    labels = cluster_labels(block, k, linkage, metric, standardise).values[:, 0]
    units = [unit.id for unit in result.dataset.units]
    known = zip(units, labels.tolist(), strict=True)
    assert classes(found) == {unit: label for unit, label in known if not np.isnan(label)}
    seen_means = means(found)
    compared = 0
    for kind in ("all", *pages.GROUP_TYPES):
        for group, subset, rows in parts_of(result.dataset, kind):
            n, *values = seen_means[kind, group, subset]
            blocks = [result.column(code)[rows] for code in NODES]
            assert all(map(close, values, map(mean_of_known, blocks)))
            assert n == np.isfinite(blocks[0]).sum()
            compared += 1
    assert compared > 30
    assert stray_errors(found) == []
    assert found.checks["udf-native"] == "pass"


def stray_errors(found):
    """Return errors that stand on a page outside the calls of functions."""
    calls = find_udf_cells(found.template.book, library_names())
    return [
        (sheet, position, value)
        for sheet in PAGES
        for position, value in found.fresh.values[sheet].items()
        if isinstance(value, CellError) and position not in calls.get(sheet, ())
    ]


def label(found, key):
    """Return a label in the language of the book."""
    return Labels.load(own_labels(spec()), spec().language).text(key)


def printed(name):
    return report().published[name].rows


# -- the report's own data ------------------------------------------------------------------------
def test_pages_follow_the_index():
    require_pages(whole())
    assert whole().verdict == "pass"


def test_no_formula_is_beyond_the_engine():
    assert whole().fresh.unverified == ()


def test_correlation_beside_print():
    computed, differences = matrix(whole(), "r"), matrix(whole(), "difference")
    for row in printed("correlations"):
        one, other = (DOMAINS.index(row[name]) for name in ("row_node", "col_node"))
        gap = computed[one][other] - float(row["r"])
        assert differences[one][other] == pytest.approx(gap, abs=1e-12)
        if one != other:
            assert matrix(whole(), "marks")[one][other] == row["flag"] == "**"


def test_regression_without_the_outside_variable_says_so():
    shown = results(whole())
    assert all(line == ["", "", "", "", "", 0] for line in shown.values())
    said = whole().fresh.value("Regression", regression.MESSAGE, 1)
    assert said == label(whole(), "regression.empty")
    assert whole().fresh.value("Regression", regression.MESSAGE, 8) == ""


def test_clusters_by_ward_are_the_printed_classes():
    found = classes(whole())
    pairs = {(found[row["city_id"]], int(row["cluster"])) for row in printed("clusters")}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == 5
    for row in printed("clusters"):
        line = next(
            r
            for r in range(FIRST, layout(whole()).last + 1)
            if whole().fresh.value("Clusters", r, 1) == row["city_id"]
        )
        assert whole().fresh.value("Clusters", line, CALL + 3) == int(row["cluster"])
    # Every city stands in the list of its class, once.
    names = {u.name_zh: u.id for u in whole().template.dataset.units}
    for offset in range(clusters.LISTED):
        column = CALL + 5 + offset
        values = [
            whole().fresh.value("Clusters", r, column)
            for r in range(FIRST, layout(whole()).last + 1)
        ]
        members = [names[str(v)] for v in values if v not in ("", None)]
        assert members == [unit for unit, label in found.items() if label == offset + 1]
    crossed = sum(
        number(whole().fresh.value("Clusters", row, column))
        for row in range(clusters.CROSSED + 1, clusters.CROSSED + 6)
        for column in range(CALL + 6, CALL + 11)
    )
    assert crossed == len({row["city_id"] for row in printed("clusters")})


def test_regional_tables_hold_the_cities_of_the_charts():
    result, charts = whole().index, {}
    for row in printed("domain_scores"):
        charts.setdefault(row["chart"], []).append(row["city_id"])
    names = {u.name_zh: u.id for u in whole().template.dataset.units}
    shown = tables(whole())
    assert set(shown) == set(charts) == {str(chart) for chart in range(12, 20)}
    for chart, lines in shown.items():
        units = [names[str(name)] for name in lines[0]]
        assert sorted(units) == sorted(charts[chart])
        rows = [result.dataset.row(unit) for unit in units]
        ranks = {code: list(result.ranks[rows, result.node_codes.index(code)]) for code in NODES}
        assert lines[1] == ranks[ROOT] == sorted(ranks[ROOT])
        for offset, code in enumerate(DOMAINS):
            assert lines[2 + offset] == pytest.approx(list(result.column(code)[rows]))
            assert lines[6 + offset] == ranks[code]


def test_what_the_text_says_of_means():
    said = [
        v for v in whole().fresh.values["Regions"].values() if v == label(whole(), "regions.holds")
    ]
    claims = [row for row in printed("facts") if row["what"] == "greater_mean"]
    assert len(said) == len(claims) == 11


def test_the_chart_follows_its_chooser():
    left = 3 + len(NODES) + 4
    address = cell_name(regional.HEADER - 1, left + 2)
    for typed, code in (("E", "E"), ("*", None)):
        found = looked_at(Regions={address: typed})
        row = regional.HEADER + 1
        values = [found.fresh.value("Regions", row, left + 1 + i) for i in range(3)]
        line = [means(found)["region", "northeast", part] for part in ("all", "capital", "other")]
        if code is None:
            assert values == ["", "", ""]
        else:
            assert values == [numbers[1 + NODES.index(code)] for numbers in line]


# -- other data -----------------------------------------------------------------------------------
def test_an_outside_variable_that_is_filled_in():
    found = looked_at(Cities=gdp())
    require_pages(found)
    shown = results(found)
    assert [line[5] for line in shown.values()] == [N] * 5
    coefficient = shown[ROOT][2]
    assert shown[ROOT][3] == pytest.approx(coefficient**2)
    # The report's own coefficient stands beside it, and the difference.
    value = float(next(row["coefficient"] for row in printed("regression") if row["node"] == ROOT))
    row = regression.HEADER + len(NODES)
    assert found.fresh.value("Regression", row, 8) == value
    gap = found.fresh.value("Regression", row, 9)
    assert gap == pytest.approx(coefficient - value)


def test_cities_without_the_outside_variable_are_left_out():
    gaps = {"beijing": None, "shanghai": "NA", "wuhan": "缺"}
    found = looked_at(Cities={**gdp(), **{cities(u, "gdp"): gap for u, gap in gaps.items()}})
    require_pages(found)
    assert results(found)[ROOT][5] == N - len(gaps)


def test_what_is_no_number_is_counted_and_left_out():
    found = looked_at(Cities={**gdp(), cities("beijing", "gdp"): "12,3"})
    assert results(found)[ROOT][5] == N - 1
    said = str(found.fresh.value("Regression", regression.MESSAGE, 8))
    assert said.startswith("⚠ 1 ")
    assert said.endswith(label(found, "regression.bad"))
    assert stray_errors(found) == []
    assert found.checks["udf-native"] == "pass"


@pytest.mark.parametrize(
    ("name", "values", "n"),
    [
        ("constant", lambda place: 700.1, N),
        ("one city", lambda place: 700.0 if place == 3 else None, 1),
        ("three cities", lambda place: float(place) if place in (3, 9, 12) else None, 3),
        ("large", lambda place: 1e12 + place, N),
    ],
)
def test_edges_of_the_regression(name, values, n):
    found = looked_at(Cities=gdp(values))
    require_pages(found)
    assert results(found)[ROOT][5] == n


def test_a_domain_without_a_score_in_one_city():
    """Each pair of domains is taken over the cities that have both."""
    found = looked_at(Data={data("beijing", "C"): None}, Cities=gdp())
    require_pages(found)
    assert matrix(found, "n")[0] == [N, N - 1, N, N]
    assert results(found)[ROOT][5] == N - 1
    assert results(found)["S"][5] == N
    assert "beijing" not in classes(found)
    assert found.verdict == "draft"


def test_a_missing_code_instead_of_a_domain():
    found = looked_at(Data={data("beijing", "C"): "NA"})
    require_pages(found)
    assert matrix(found, "n")[1][1] == N - 1


def test_a_constant_domain_has_no_correlation():
    found = looked_at(Data={data(u.id, "P"): 50.1 for u in report().dataset.units}, Cities=gdp())
    require_pages(found)
    assert [row[3] for row in matrix(found, "r")] == [""] * 4
    assert [row[3] for row in matrix(found, "n")] == [N] * 4


def test_a_city_is_added():
    new = {"id": "xuzhou", "population": "main", "name_zh": "徐州", "region": "east",
           "capital": "other", "north_south": "north", "gdp": 812.5}  # fmt: skip
    scores = dict(zip(DOMAINS, (61.5, 22.25, 40.0, 30.5), strict=True))
    found = looked_at(
        Cities={**gdp(), **{cities(0, name): value for name, value in new.items()}},
        Data={spare(): "xuzhou", **{spare(code): value for code, value in scores.items()}},
    )
    require_pages(found)
    assert matrix(found, "n")[0][1] == N + 1
    assert "xuzhou" in classes(found)
    assert means(found)["region", "east", "other"][0] == 2
    assert sorted(map(str, tables(found)["15"][0])) == ["徐州", "青岛"]
    assert found.verdict == "pass"


def test_a_city_is_left_out():
    found = looked_at(Cities={**gdp(), cities("shanghai", "population"): None})
    require_pages(found)
    assert matrix(found, "n")[0][1] == results(found)[ROOT][5] == N - 1
    assert means(found)["region", "east", "capital"][0] == 1
    assert "上海" not in tables(found)["14"][0]


def test_more_cities_than_columns_are_named():
    edits = {cities(u.id, "region"): "northeast" for u in report().dataset.units}
    found = looked_at(Cities=edits)
    columns = len(tables(found)["12"][0])
    # As many as the largest region of the report has, and four.
    assert columns == 3 + 4
    top = regional.table_row(0, DOMAINS)
    assert str(found.fresh.value("RegionTables", top, columns - 1)).startswith(f"⚠ {N - columns} ")


def test_an_empty_book_shows_nothing_wrong():
    found = seen(build(with_pages(template_spec(report(), empty=True), ["all"])).package)
    require_pages(found)
    assert classes(found) == {}
    said = found.fresh.value("Clusters", clusters.MESSAGE, 1)
    assert said == label(plain(), "clusters.none")
    assert all(lines == [[]] * 10 for lines in tables(found).values())


def test_differences_only_where_the_data_are_the_published_ones():
    found = looked_at(Data={data("beijing", "C"): 90.0}, Cities=gdp())
    require_pages(found)
    assert {value for row in matrix(found, "difference") for value in row} == {""}
    assert found.fresh.value("Regression", regression.HEADER + 1, 9) == ""
    assert found.fresh.value("CorrelationPrinted", correlation_printed.STATE, 2) == label(
        found, "compare.no"
    )


# -- clusters -------------------------------------------------------------------------------------
def choose(**typed):
    return {cell_name(clusters.CHOOSERS[name], 2): value for name, value in typed.items()}


@pytest.mark.parametrize(
    ("k", "linkage", "metric", "standardise"),
    [(2, "average", "sqeuclidean", "none"), (8, "complete", "cityblock", "zscore")],
)  # fmt: skip
def test_choices_of_the_clusters(k, linkage, metric, standardise):
    found = looked_at(Clusters=choose(k=k, linkage=linkage, metric=metric, standardise=standardise))
    require_pages(found, k, linkage, metric, standardise)
    assert set(classes(found).values()) == set(range(1, k + 1))


@pytest.mark.parametrize("typed", [{"linkage": "nearest"}, {"k": N + 1}])
def test_choices_that_give_no_clusters(typed):
    found = looked_at(Clusters=choose(**typed))
    said = found.fresh.value("Clusters", clusters.MESSAGE, 1)
    assert (classes(found), said) == ({}, label(found, "clusters.none"))
    assert stray_errors(found) == []
    assert found.verdict == "pass"


def test_more_classes_than_lists_are_named():
    found = looked_at(Clusters=choose(k=10))
    said = str(found.fresh.value("Clusters", clusters.MESSAGE, 1))
    assert said.endswith(label(found, "clusters.more"))


def test_functions_that_are_not_loaded():
    """An unknown function is #NAME?, as where the add-in is absent."""
    package = book()
    parts = {
        name: re.sub(rb"(PEARSON_MATRIX|REGRESSION_SIMPLE|CLUSTER_LABELS)\(", rb"NO_\1(", part)
        for name, part in package.parts.items()
        if name.startswith("xl/worksheets/")
    }
    bare = package.replace(parts)
    fresh = recalculate(bare, "formualizer")
    said = fresh.value("Clusters", clusters.MESSAGE, 1)
    assert said == label(plain(), "clusters.absent")
    assert fresh.value("Clusters", FIRST, CALL) is CellError.NAME
    assert fresh.value("Clusters", FIRST, CALL + 1) == ""
    found = replace(plain(), fresh=fresh)
    assert matrix(found, "r") == matrix(plain(), "r")
    assert found.checks["udf-native"] == "skipped"
    assert found.verdict == "pass"


# -- the book -------------------------------------------------------------------------------------
@pytest.mark.libreoffice
def test_libreoffice_agrees():
    package = edited(book(), {"Cities": gdp(), "Data": {data("beijing", "C"): None}})
    again = recalculate(package, "formualizer", verify="libreoffice")
    assert again.verified is not None
    assert again.verified.differing == ()
    assert again.verified.cells > 8_000


def test_the_contract_holds_with_edits():
    package = edited(
        whole().template.package,
        {"Cities": {cities(0, "gdp"): 812.5}, "Clusters": choose(k=3)},
    )
    template = read(package)
    expected = formulas_of(read_book(draw(spec_of(template))[0]))
    assert list(differences(template.book, expected, FormulaCache())) == []


def test_numbers_on_cities_stay_numbers():
    """A value that is given with the data is written as a number and read as one."""
    units = tuple(
        replace(unit, attributes={**unit.attributes, "gdp": str(900.5 + 3 * place)})
        for place, unit in enumerate(report().dataset.units)
    )
    dataset = replace(report().dataset, units=units)
    found = seen(
        build(with_pages(template_spec(replace(report(), dataset=dataset)), ["all"])).package
    )
    require_pages(found)
    assert results(found)[ROOT][5] == N
    assert found.template.dataset.units[0].attributes["gdp"] == "900.5"


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12.0), ("-3.50", -3.5), ("0.25", 0.25), ("012", "012"), ("1,234", "1,234"), ("", ""),
     ("12%", "12%"), ("1e5", "1e5"), ("1234567890123456", "1234567890123456"), ("east", "east")],
)  # fmt: skip
def test_attributes_that_are_numbers(text, value):
    assert number_or_text(text) == value


def test_a_book_without_functions():
    made = build(with_pages(template_spec(report(), cells="native"), ["all"]))
    assert "Clusters" not in made.sheets
    assert made.counts.udf_cells == 0
    found = read(made.package)
    assert find_udf_cells(found.book, library_names()) == {}
    fresh = recalculate(made.package, "formualizer")
    assert (
        fresh.values["CorrelationPrinted"][10, 3]
        == plain().fresh.values["CorrelationPrinted"][10, 3]
    )


def test_labels_have_both_languages():
    han = re.compile(r"[\u3400-\u9fff]")
    for key, zh, en in spec().labels:
        assert zh, key
        assert en, key
        assert not han.search(en), key
