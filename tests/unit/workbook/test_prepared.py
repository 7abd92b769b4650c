"""Templates that prepare values, derive weights and aggregate specially: three routes agree."""

import io
import itertools
import json

import numpy as np
import openpyxl
import pytest

from tests.helpers.own import Edited
from tests.helpers.templates import fill_file
from tests.helpers.threefold import assert_three_agree, built, dataset
from xlcity.audit.check.check import check_workbook
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Direction, Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.template import open_template, read_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.steps.weigh import LEFT, stored_rows
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.slow

RANK = Step("rank", "competition", {"digits": 9})
MEAN = Step("aggregate", "arithmetic", {"missing": "renormalise"})
MINMAX = Step("normalise", "minmax", {"scale": 100})


def framework(count, negative=(), denominators=(), pillars=2):
    """Return a tree of pillars with the indicators in turn below them."""
    codes = [f"I{at:02d}" for at in range(count)]
    nodes = [Node("X", None, "", "Index")]
    nodes += [Node(f"P{p}", "X", "", f"P{p}", 1.0 + p) for p in range(pillars)]
    nodes += [
        Node(
            code,
            f"P{at % pillars}",
            "",
            code,
            1.0 + at % 3,
            Direction(-1 if code in negative else 1),
            denominator="AREA" if code in denominators else "",
        )
        for at, code in enumerate(codes)
    ]
    variables = (Node("AREA", None, "面积", "Area", uom="km2"),) if denominators else ()
    return Framework(tuple(nodes), variables=variables)


def skewed_data(count, variables=(), seed=8, n=16):
    """Return values of which every column is skewed, with gaps, ties and groups of cities."""
    rng = np.random.default_rng(seed)
    codes = (*(f"I{at:02d}" for at in range(count)), *variables)
    values = np.round(np.exp(rng.normal(2, 0.5, (n, len(codes)))), 2)
    values[4, :] *= 40
    values[5, ::2] *= 12
    values[9] = values[8]
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    for at in range(count):
        states[(3 + 2 * at) % n, at] = State.MISSING
    values[states != State.VALUE] = np.nan
    units = tuple(
        Unit(f"u{k:02d}", attributes={"size": ("small", "large", "")[k % 7 % 3]})
        for k in range(n)
    )
    return Dataset(
        units, codes, values, states, np.full(values.shape, "", dtype="<U12")
    )


def own(*steps):
    return Recipe("own", steps, weights="relative", blank="missing")


TREATMENTS = [
    ("winsor", {}),
    ("winsor", {"points": 1}),
    ("winsor_log", {"points": 1}),
    ("winsor_log", {"points": 5}),
    *(
        ("log", {"log": kind})
        for kind in ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p")
    ),
    ("log", {"log": "ct", "when": "skewed"}),
    ("log", {"log": "ln", "when": "skewed", "skew": 50}),
    ("boxcox", {"power": 0.5}),
    ("boxcox", {"power": 0, "shift": "no"}),
    ("boxcox", {"power": -1, "when": "skewed"}),
    ("percentile", {"low": 10, "high": 90}),
    ("clip", {"limit": 1, "ddof": 1}),
    ("none", {}),
]


@pytest.mark.libreoffice
def test_every_treatment(tmp_path):
    count = len(TREATMENTS)
    frame = framework(count, negative=("I04", "I08"))
    data = skewed_data(count)
    data.values[:, 8] *= -1  # skewed to the left, for logarithms that turn
    steps = [
        Step("treat", m, p, (f"I{at:02d}",)) for at, (m, p) in enumerate(TREATMENTS)
    ]
    for at in (6, 8, 9, 10, 14):
        data.values[:, at] = np.abs(data.values[:, at])
    recipe = own(*steps, MINMAX, MEAN, RANK)
    package = assert_three_agree(frame, recipe, data, tmp_path)
    verified = recalculate(package, "formualizer", verify="libreoffice").verified
    assert verified is not None
    assert verified.differing == ()
    # Cells hold what the index has after the step, not only scores that may hide it.
    result = compute(frame, recipe, data)
    book = read_book(package)
    block = Layout(own_spec(frame, recipe, data)).blocks["treat"]
    treated = next(s for s in result.steps if s.step.do == "treat" and "I00" in s.codes)
    rows = range(block.first_row, block.first_row + len(data.units))
    shown = [book.value(block.sheet, row, block.column("I00")) for row in rows]
    numbers = [x if isinstance(x, float) else np.nan for x in shown]
    assert numbers == pytest.approx(
        treated.values[:, 0].tolist(), rel=1e-12, nan_ok=True
    )


def test_gaps_are_filled_in_cells(tmp_path):
    steps = [
        Step("impute_raw", method, {"group": group} if group else {}, (f"I{at:02d}",))
        for at, (method, group) in enumerate(
            itertools.product(("mean", "median"), (None, "size")), start=1
        )
    ]
    data = skewed_data(6)
    data.states[[0, 3, 6, 9, 12, 15], 1], data.values[:, 1] = (
        State.MISSING,
        np.where(
            np.isin(np.arange(16), [0, 3, 6, 9, 12, 15]),
            np.nan,
            np.nan_to_num(data.values[:, 1], nan=5),
        ),
    )
    data.states[[1, 3], 1] = State.VALUE, State.MISSING
    assert_three_agree(framework(6), own(*steps, MINMAX, MEAN, RANK), data, tmp_path)


def test_denominators_screening_and_filling_in_one_book(tmp_path):
    frame = framework(6, negative=("I02",), denominators=("I00", "I02"))
    data = skewed_data(6, ("AREA",))
    data.values[7, 6] = 0.0  # a denominator of 0 leaves no value
    data.states[11, :4], data.values[11, :4] = State.MISSING, np.nan
    data.values[12, 2:5] = 0.0
    recipe = own(
        Step("denominate", "by", {"scale": 1000}),
        Step("denominate", "by", {"denominator": "I04"}, ("I05",)),
        Step("screen", "availability", {"data": 0.6, "nonzero": 0.7, "keep": ("u12",)}),
        Step("impute_raw", "mean"),
        Step("treat", "percentile", {"low": 5, "high": 95}),
        MINMAX,
        MEAN,
        RANK,
    )
    result = compute(frame, recipe, data)
    assert [m.unit for m in result.marks if m.kind == "screened"] == ["u11"]
    _, package = built(frame, recipe, data)
    template = read_template(package, read_book(package), "book.xlsx")
    assert [v.code for v in template.framework.variables] == ["AREA"]
    assert template.framework["I02"].denominator == "AREA"
    again = compute(template.framework, template.recipe, template.dataset)
    assert np.allclose(again.scores, result.scores, equal_nan=True, rtol=1e-12)
    assert np.isfinite(result.scores[:, 0]).sum() == len(data.units) - 1
    # The total is the last of the scores.
    shown = [
        row[-1]
        for row in read_book(package).block(resolve(read_book(package), "out_scores"))
    ]
    assert shown[11] == ""
    assert shown[0] == pytest.approx(result.scores[0, 0], rel=1e-12)


def test_groups_of_indicators_are_screened_in_cells(tmp_path):
    frame = framework(6)
    data = skewed_data(6)
    data.values[2, [0, 2]] = 0.0
    recipe = own(
        Step("screen", "availability", {"data": 0.5, "drop": ("u00",)}),
        Step("screen", "availability", {"data": 0.7, "nonzero": 0.2}, ("P1",)),
        Step(
            "screen",
            "availability",
            {"data": 0.1, "nonzero": 0.5, "keep": ("u05",)},
            ("P0",),
        ),
        MINMAX,
        MEAN,
        RANK,
    )
    package = assert_three_agree(frame, recipe, data, tmp_path)
    found = compute(frame, recipe, data)
    assert [m.unit for m in found.marks if m.kind == "screened"] == [
        "u00",
        "u02",
        "u09",
        "u13",
    ]
    template = read_template(package, read_book(package), "book.xlsx")
    for live, step in zip(template.recipe.steps, recipe.steps[:3], strict=False):
        assert live.codes == step.codes
        assert live.params == {"nonzero": 0.0, **step.params}
    book = read_book(package)
    names = sorted(name for name in book.names if name.startswith("par_screen"))
    assert names == [
        f"par_screen_{n}{k}" for n in ("data", "nonzero") for k in ("", "_1", "_2")
    ]
    assert book.block(resolve(book, "par_screen_data_2")) == [[0.7]]


WEIGHTS = [
    ("equal", {}),
    ("pca", {"kind": "handbook"}),
    ("pca", {"kind": "first"}),
    ("entropy", {}),
    ("critic", {}),
    ("cv", {"ddof": 0}),
    ("balance", {}),
    ("balance", {"targets": (1.0, 2.0, 1.0)}),
    ("infomax", {}),
    ("ucm", {}),
    ("ahp", {"judgements": (3.0, 5.0, 2.0)}),
    ("given", {}),
]


@pytest.mark.long
@pytest.mark.libreoffice
def test_weights_are_found_in_the_book(tmp_path):
    frame = framework(3 * len(WEIGHTS), pillars=len(WEIGHTS))
    steps = [Step("weight", m, p, (f"P{at}",)) for at, (m, p) in enumerate(WEIGHTS)]
    recipe = own(MINMAX, *steps, Step("weight", "critic", {}, ("X",)), MEAN, RANK)
    data = skewed_data(3 * len(WEIGHTS))
    package = assert_three_agree(frame, recipe, data, tmp_path)
    template = read_template(package, read_book(package), "book.xlsx")
    found = compute(frame, recipe, data).framework
    for node in found.nodes:
        assert template.framework[node.code].weight == pytest.approx(
            node.weight, rel=1e-12
        )
    # LibreOffice gets there from cells that are all out of date, too.
    verified = recalculate(package, "formualizer", verify="libreoffice").verified
    assert verified is not None
    assert verified.differing == ()


AGGREGATES = [
    ("bod", {"low": 0.1, "high": 0.6}),
    ("mpi", {"penalty": "minus"}),
    ("mpi", {"penalty": "plus", "missing": "renormalise"}),
    ("sum", {"missing": "zero"}),
    ("sum", {}),
    ("copeland", {"missing": "renormalise"}),
    ("copeland", {}),
    ("arithmetic", {"missing": "renormalise", "threshold": 0.75}),
    ("geometric", {"missing": "renormalise", "threshold": 0.75}),
    ("minimum", {"missing": "renormalise", "threshold": 0.75}),
]


@pytest.mark.long
def test_further_ways_to_aggregate(tmp_path):
    scale = Step("normalise", "zscore", {"mean": 100, "sd": 10})
    count = 4 * len(AGGREGATES)
    steps = [
        Step("aggregate", m, p, (f"P{at}",)) for at, (m, p) in enumerate(AGGREGATES)
    ]
    recipe = own(scale, MEAN, *steps, RANK)
    data = skewed_data(count)
    data.states[2, :], data.values[2, :] = State.MISSING, np.nan
    data.states[6, : count // 2], data.values[6, : count // 2] = State.MISSING, np.nan
    assert_three_agree(
        framework(count, pillars=len(AGGREGATES)), recipe, data, tmp_path
    )


def test_a_catalogue_has_no_scores(tmp_path):
    steps = (Step("normalise", "none"), Step("aggregate", "none"))
    _, package = built(framework(3), own(*steps), skewed_data(3))
    book = read_book(package)
    assert {x for row in book.block(resolve(book, "out_scores")) for x in row} == {"NA"}


def test_bands_and_distance_to_a_city(tmp_path):
    ways = (
        ("bands", {"cuts": (5.0, 9.0)}),
        ("bands", {"cuts": (20.0, 50.0, 90.0), "by": "percentile"}),
        ("bands", {"cuts": (7.5,), "scores": (2.0, 3.0)}),
        ("dist2ref", {"unit": "u06", "scale": 100}),
        ("dist2ref", {"unit": "u06", "cap": "yes"}),
    )
    # Each way once for more and once for less; the second five are turned.
    steps = [
        Step("normalise", m, p, (f"I{at:02d}", f"I{at + 5:02d}"))
        for at, (m, p) in enumerate(ways)
    ]
    data = skewed_data(10)
    data.values[0, [0, 5]] = 9.0  # on a cut
    frame = framework(10, [f"I{at:02d}" for at in range(5, 10)])
    assert_three_agree(frame, own(*steps, MEAN, RANK), data, tmp_path)


def test_scores_of_any_kind_are_imputed(tmp_path):
    impute = Step("impute_scores", "dimension_mean", {"level": "pillar"})
    recipe = own(MINMAX, impute, MEAN, RANK)
    data = skewed_data(7)
    data.states[2, :4], data.values[2, :4] = State.MISSING, np.nan
    assert_three_agree(framework(7), recipe, data, tmp_path)


def test_goalposts_and_targets_of_the_framework_stay_in_the_book(tmp_path):
    nodes = (
        Node("X", None, "", "Index"),
        Node("A", "X", "", "A", goalpost_low=45.0, goalpost_high=55.0),
        Node("B", "X", "", "B", target=70.0),
        Node("C", "X", "", "C", goalpost_high=52.0),
    )
    steps = (
        Step("normalise", "goalposts", {"scale": 10}),
        Step("normalise", "dist2target", {"cap": "yes"}, ("B",)),
    )
    data = dataset(["A", "B", "C"])
    assert_three_agree(Framework(nodes), own(*steps, MEAN, RANK), data, tmp_path)


def test_what_needs_functions_is_refused_without_them():
    recipe = own(
        Step("treat", "winsor", {}, ("I00",)),
        MINMAX,
        Step("weight", "pca", {}, ("P0",)),
        Step("aggregate", "copeland", {}, ("P1",)),
        MEAN,
        RANK,
    )
    with pytest.raises(RecipeError) as caught:
        build(own_spec(framework(4), recipe, skewed_data(4), cells="native"))
    assert sorted(p.where.indicator or "" for p in caught.value.problems) == [
        "",
        "I00",
        "P1",
    ]
    assert {p.code for p in caught.value.problems} == {"XC259"}


def test_nodes_are_rescaled_by_other_ways(tmp_path):
    steps = (
        Step("rescale", "linear", {"factor": 10, "shift": 5, "overall": "unscaled"}),
        Step("rescale", "minmax", {"base": 1, "scale": 10}, ("P1",)),
        Step("rescale", "minmax", {"scale": 50}, ("P2",)),
        Step("rescale", "zscore", {"mean": 100, "sd": 15}, ("P3",)),
        Step("rescale", "efficacy", {"omega": 30}, ("P4",)),
    )
    top = Step(
        "aggregate",
        "arithmetic",
        {"missing": "renormalise", "children": "scores"},
        ("X",),
    )
    recipe = own(MINMAX, top, MEAN, *steps, RANK)
    assert_three_agree(framework(10, pillars=5), recipe, skewed_data(10), tmp_path)


def test_a_prepared_and_weighed_book_grows(tmp_path, capsys):
    """Saved by a program that keeps no values of formulas, with an indicator and cities more."""
    steps = (
        Step("denominate", "by"),
        Step("impute_raw", "mean", {"group": "size"}),
        Step("treat", "winsor_log", {"points": 2}),
        MINMAX,
        Step("weight", "cv"),
        MEAN,
        RANK,
    )
    frame = framework(6, denominators=("I01",))
    data = skewed_data(6, ("AREA",))
    package = built(frame, own(*steps), data)[1]
    edited = Edited(package.to_bytes())
    edited.comment("u05", "I02", "checked")
    edited.source("I03", "source", "Yearbook")
    tree, header, left, last, right = edited.named("xl_framework")
    heads = [tree.cell(header, column).value for column in range(left, right + 1)]
    told = {
        "code": "I99",
        "parent": "P1",
        "weight": 1,
        "direction": -1,
        "name_en": "New",
    }
    for name, value in told.items():
        tree.cell(last + 1, left + heads.index(name)).value = value
    book = edited.save(tmp_path / "own.xlsx")
    cities = tmp_path / "cities.csv"
    values = tmp_path / "more.csv"
    cities.write_text("id,size\nn1,small\nn2,large\n")
    codes = [f"I{at:02d}" for at in range(6)]
    given = ",".join(str(3 + at) for at in range(6))
    rows = [f"n1,1,{given},", f"n2,2,{given},"]
    rows += [f"u{k:02d},,,,,,,,{(k * 7) % 11}" for k in range(16)]
    values.write_text(
        "unit,AREA," + ",".join(codes) + ",I99\n" + "\n".join(rows) + "\n"
    )
    again = tmp_path / "again.xlsx"
    more = ["--cities", str(cities), "--data", str(values)]
    assert main(["rebuild", str(book), "-o", str(again), *more, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["added"], document["lost"], document["units"]) == (["I99"], [], 18)
    assert main(["check", str(again), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workbooks"][0]["verdict"] == "pass"
    content = read_content(open_template(again))
    assert {edit.value.text for edit in content.edits_of("comment")} == {"checked"}
    assert content.spec.framework["I03"].source == "Yearbook"
    assert content.spec.framework["I01"].denominator == "AREA"
    kept = content.spec.dataset.values[
        :16, [content.spec.dataset.column(code) for code in codes]
    ]
    assert np.allclose(kept, data.values[:, :6], rtol=1e-14, atol=0, equal_nan=True)
    assert content.spec.recipe.steps_doing("treat") == (steps[2],)


def test_weights_of_the_last_time_count_where_functions_are_not_loaded():
    """ironcalc and spreadsheets without the add-in show #NAME? where a function is called."""
    frame = framework(6)
    data = skewed_data(6)
    package = built(frame, own(MINMAX, Step("weight", "critic"), MEAN, RANK), data)[1]
    book = read_book(package)
    cells = book.sheets["Framework"].cells
    formulas = [
        cell.formula for cell in cells.values() if "Weights!" in (cell.formula or "")
    ]
    assert len(formulas) == 8
    found = compute(
        frame, own(MINMAX, Step("weight", "critic"), MEAN, RANK), data
    ).framework
    page = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))
    for row in page["Weights"].iter_rows():
        for cell in row:
            if getattr(cell.value, "text", "").startswith("=CRITIC_WEIGHTS"):
                cell.value.text = "=NOT_THERE(" + cell.value.text.partition("(")[2]
    out = io.BytesIO()
    page.save(out)
    fresh = recalculate(Package.from_bytes(out.getvalue()), "formualizer")
    weight = resolve(book, "in_weights").c1
    weights = {
        book.value("Framework", row, 1): value
        for (row, column), value in fresh.values["Framework"].items()
        if column == weight
        and (cells[row, column].formula or "").startswith("IF(IFERROR(CHOOSE(")
    }
    assert weights.keys() == {n.code for n in frame.nodes} - {"X"}
    for code, value in weights.items():
        assert value == pytest.approx(found[code].weight, rel=1e-12)


def test_weights_stored_follow_what_is_filled_in_and_are_nothing_typed(tmp_path):
    frame = framework(6)
    data = skewed_data(6)
    package = built(frame, own(MINMAX, Step("weight", "critic"), MEAN, RANK), data)[1]
    more = tmp_path / "more.csv"
    more.write_text("unit,I00\nu03,1234\n")
    template = read_template(package, read_book(package), "book.xlsx")
    package = fill_file(template, more, recalculated=False).package
    template = read_template(package, read_book(package), "book.xlsx")
    rows = stored_rows(template.book)
    assert [*rows.values()] == ["X", "P0", "P1"]
    for row, code in rows.items():
        children = template.index.framework.children(code)
        stored = [
            template.book.value("Weights", row, LEFT + at)
            for at in range(len(children))
        ]
        assert stored == [child.weight for child in children]
    assert not read_content(template).edits_of("cell")
    assert check_workbook(template).checks[0].cells == ()
    edited = Edited(package.to_bytes())
    edited.cell("u03", "I00").value = "=1200+34"
    noted = check_workbook(edited.save(tmp_path / "own.xlsx")).checks[0]
    assert noted.cells == (f"Data!{edited.cell('u03', 'I00').coordinate}",)


def test_without_weights_a_node_is_empty_and_nothing_else_is_spoilt():
    """A constant column has no place in CRITIC weights: neither cells nor Python find any."""
    frame = framework(6)
    data = skewed_data(6)
    data.values[:, 0], data.states[:, 0] = 7.0, State.VALUE
    way = Step("normalise", "none")
    recipe = own(way, Step("weight", "critic", {}, ("P0", "P1")), MEAN, RANK)
    book = read_book(built(frame, recipe, data)[1])
    result = compute(frame, recipe, data)
    assert "XC357" in {p.code for p in result.failures}
    shown = book.block(resolve(book, "out_scores"))
    nodes = book.block(resolve(book, "out_nodes"))[0]
    expected = result.scores[:, [result.node_codes.index(str(node)) for node in nodes]]
    for row, cells in enumerate(shown[: len(data.units)]):
        numbers = [x if isinstance(x, float) else np.nan for x in cells]
        assert numbers == pytest.approx(expected[row].tolist(), rel=1e-9, nan_ok=True)
    assert {x for row in shown[len(data.units) :] for x in row} == {""}
    assert np.isfinite(result.scores[:, 2]).all()
