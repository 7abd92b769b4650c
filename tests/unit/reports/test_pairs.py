"""Pairs of cities of bri2021, on some of its cities: cells against the index."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.few_cities import of_cities
from xlcity.audit.check.check import check_workbook
from xlcity.index import compute
from xlcity.index.analysis import results_document
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.layout.rows import IN_FIRST
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

pytestmark = pytest.mark.slow

CITIES = ("singapore", "shanghai", "beijing", "bangkok", "moscow", "chengdu", "vienna")
REPORT = load_report("bri2021")


def subset():
    return of_cities(REPORT.dataset, CITIES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bri")


@pytest.fixture(scope="module")
def built(folder):
    spec = with_pages(template_spec(REPORT, subset()), ["all"])
    # Without the values as shipped the long table is as short as its cities need it.
    spec = replace(spec, spare_units=1, defaults=None, printed=())
    path = folder / "bri.xlsx"
    path.write_bytes(build(spec).package.to_bytes())
    return open_template(path)


@pytest.fixture(scope="module")
def result():
    return compute(REPORT.framework, REPORT.recipe, subset())


def changed(built, folder, cells):
    """Return the workbook with some cells typed over, recalculated."""
    placed = {}
    for place, value in cells.items():
        if isinstance(place, str):
            area = resolve(built.book, place)
            place = (area.sheet, area.r1, area.c1)
        placed.setdefault(place[0], {})[place[1:]] = value
    package = write_inputs(built.package, placed, built.book)
    path = folder / "changed.xlsx"
    path.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    return open_template(path)


def failing(template):
    """Return the checks that fail, but for the template's: this book was drawn without defaults."""
    checks = check_workbook(template.file).checks
    return [c.name for c in checks if c.status == "fail" and c.name != "contract"]


def grid(template, sheet, row, columns):
    return [template.book.value(sheet, row, column) for column in columns]


def test_results_have_the_pairs_of_the_index(built, result):
    stored = stored_results(built)["pairs"]
    computed = results_document(result)["pairs"]
    assert len(stored) == len(computed) == 7 * 6 / 2 - 3
    assert [pair["unit"] for pair in stored] == [pair["unit"] for pair in computed]
    for mine, theirs in zip(stored, computed, strict=True):
        assert mine["ranks"] == theirs["ranks"]
        assert mine["scores"] == pytest.approx(theirs["scores"], abs=1e-9)
        assert mine["normalised"] == pytest.approx(theirs["normalised"], abs=1e-9)


def test_pairs_are_ranked_by_the_recipes_rule_for_ties(folder):
    def ranked(ties):
        params = {"ties": ties, "round_to": -3}
        steps = [
            replace(s, params=params) if s.do == "rank" else s
            for s in REPORT.recipe.steps
        ]
        return replace(REPORT.recipe, steps=tuple(steps))

    data = of_cities(REPORT.dataset, CITIES[:4])
    plain, found = (
        compute(REPORT.framework, ranked(t), data).pairs for t in ("min", "ordinal")
    )
    assert (plain.ranks != found.ranks).any()
    spec = replace(
        with_pages(template_spec(REPORT, data, cells="native"), ["all"]),
        defaults=None,
        printed=(),
    )
    path = folder / "ordinal.xlsx"
    path.write_bytes(
        build(replace(spec, recipe=ranked("ordinal"), spare_units=0)).package.to_bytes()
    )
    template = open_template(path)
    assert [
        [*pair["ranks"].values()] for pair in stored_results(template)["pairs"]
    ] == (found.ranks.tolist())


def test_invented_links_are_counted_among_the_invented_values():
    template = open_template(Path(__file__).parents[3] / "workbooks" / "bri2021.xlsx")
    checks = {row[0]: row for row in template.book.block(template.area("chk_table"))}
    invented = sum(len(links) for links in template.dataset.links.values())
    assert checks["derived-values"][3] == REPORT.dataset.synthetic == invented == 2434


def test_options_in_cells_move_cells_calls_and_python_alike(built, folder, result):
    cells = {
        "par_bounds": "mean",
        "par_domestic": "include",
        "par_pair_count_BRI_FAC_AIR": "values",
    }
    moved = changed(built, folder, cells)
    assert failing(moved) == []
    recipe = REPORT.recipe.with_options(["by-mean"]).with_options(["domestic-included"])
    expected = compute(REPORT.framework, recipe, subset())
    assert moved.index.scores == pytest.approx(expected.scores, abs=1e-9)
    plain = result.pairs
    now = moved.index.pairs
    air = plain.leaf_codes.index("BRI_FAC_AIR")
    assert set(plain.strengths[:, air]) <= {0, 1}
    assert now.strengths[:, air].max() > 1


def test_a_city_left_out_and_one_in_a_spare_row(built, folder):
    n = len(CITIES)
    links = resolve(built.book, "in_links")
    end = next(
        r for r in range(links.r1 + 1, links.r2) if not built.book.value("Links", r, 1)
    )
    country = built.area("xl_cities")
    header = grid(built, "Cities", country.r1, range(1, country.c2 + 1))
    cells = {
        ("Cities", IN_FIRST + 3, 2): None,
        ("Cities", IN_FIRST + n, 1): "kunming",
        ("Cities", IN_FIRST + n, 2): "main",
        ("Cities", IN_FIRST + n, header.index("country") + 1): "China",
        ("Data", IN_FIRST + n, 1): "kunming",
    }
    for offset, partner in enumerate(("singapore", "shanghai")):
        line = ("BRI_TRA_VAL", "kunming", partner, 500)
        cells |= {("Links", end + offset, c): v for c, v in enumerate(line, 1)}
    other = changed(built, folder, cells)
    assert failing(other) == []
    made = other.index
    assert len(made.pairs.pairs) == 7 * 6 / 2 - 6
    assert not any("bangkok" in pair for pair in made.pairs.pairs)
    # Kunming's link with Shanghai is domestic.
    assert made.raw[n, made.leaf_codes.index("BRI_TRA_VAL")] == 500
    assert stored_results(other)["pairs"][0]["unit"] == "singapore|shanghai"
    scores = other.area("out_scores")
    assert other.book.value(scores.sheet, scores.r1 + 3, scores.c2) in (None, "")
