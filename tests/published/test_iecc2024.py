"""What the report iecc2024 prints, held against itself, and its default data."""

import csv
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tools.synthetic import iecc2024 as synthetic
from xlcity.audit.tables.reproduction import comparisons_of, reproduce_report
from xlcity.index import compute
from xlcity.index.steps import effective_weights
from xlcity.model.dataset import State, Status
from xlcity.reports import load_report
from xlcity.reports.iecc2024.reproduce import growth_interval

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def report():
    return load_report("iecc2024")


@pytest.fixture(scope="module")
def found():
    return reproduce_report("iecc2024")


@pytest.fixture(scope="module")
def entries(found):
    return {(c.table, c.what): c for c in found.comparisons}


@pytest.fixture(scope="module")
def result(report):
    return compute(report.framework, report.recipe, report.dataset)


def test_the_tree_and_its_weights(report):
    framework = report.framework
    assert (len(report.dataset.units), len(framework.nodes)) == (43, 1 + 3 + 11 + 25)
    assert len(framework.indicators) == 25
    expected = {"A": 1 / 3, "A1": 1 / 12, "C1": 1 / 9, "A1.1": 1 / 48, "A2.1": 1 / 12}
    expected |= {
        "B1.1": 1 / 36,
        "B2.1": 1 / 24,
        "B3.4": 1 / 48,
        "B4.3": 1 / 36,
        "C3.2": 1 / 18,
    }
    shares = effective_weights(framework, report.recipe)
    for code, weight in expected.items():
        assert shares[code] == pytest.approx(weight, rel=1e-15)
    total = math.fsum(shares[node.code] for node in framework.indicators)
    assert total == pytest.approx(1, abs=1e-15)
    reversed_ = [node.code for node in framework.indicators if node.direction < 0]
    assert reversed_ == ["A1.4", "B3.4"]


def test_every_indicator_and_ingredient_is_described(report):
    for entry in (*report.framework.indicators, *report.framework.ingredients):
        texts = (entry.name_zh, entry.name_en, entry.uom, entry.uom_zh, entry.period)
        assert all((*texts, entry.definition, entry.definition_zh, entry.source)), (
            entry.code
        )
        assert entry.scope in ("city", "metro", "nation"), entry.code


def test_more_than_900_printed_cells_are_compared(found):
    assert sum(entry.cells for entry in found.counted) >= 900
    assert {entry.table for entry in found.comparisons if entry.by_construction} == {
        "pm25_grades",
        "university_band_weights",
    }


def test_every_printed_table_appears(report, found):
    compared = {entry.table for entry in found.comparisons}
    assert set(report.published) <= compared | {
        table for table, _ in found.not_reproducible
    }
    on_disk = {path.stem for path in (report.folder / "published").glob("*.csv")}
    assert on_disk == set(report.published)


@pytest.mark.parametrize(
    ("table", "what", "cells"),
    [
        ("ranks", "ranks", 15 * 43),
        ("ranks", "dominance", 4 * 43),
        ("profile_ranks", "ranks", 4 * 43),
        ("profile_strengths", "ranks", 6 * 43),
        ("profile_strengths", "ranks-of-lone-indicators", 1 + 13 + 14),
        ("profile_relative_progress", "growth", 183),
        ("indicator_values", "repeats", 95),
        ("indicator_values", "growth-in-text", 5),
        ("indicator_values", "band-sums", 6),
        ("indicator_values", "grades", 22 + 1),
        ("indicator_values", "means-of-years", 1),
        ("edition_comparison", "changes", 47),
        ("named_lists", "members", 45),
        ("named_lists", "growth", 6),
        ("group_facts", "counts", 13 + 4),
        ("table3_humanities_paper_index", "positions", 12),
        ("table3_humanities_paper_index", "dominance", 10),
        ("university_band_weights", "weights", 2 * 8),
        ("pm25_grades", "scores", 2 * 7),
    ],
)
def test_what_fits(entries, table, what, cells):
    entry = entries[table, what]
    assert (entry.cells, entry.within) == (cells, cells)


@pytest.mark.parametrize(
    ("table", "what", "outside"),
    [
        # Printed "Alpla+".
        ("profile_strengths", "classes", [("hong_kong", "B3.4", "Alpla+", "Alpha+")]),
        # Line 1259 says 17th; appendix table 4 says 10th.
        ("edition_comparison", "ranks", [("hong_kong", "C1", 17, 10)]),
        # Line 1052 puts Shenzhen before Seoul; their pages rank 12210 third and 12689 second.
        (
            "named_lists",
            "places",
            [("shenzhen", "B2.2", 2, 3), ("seoul", "B2.2", 3, 2)],
        ),
        # Line 609 says 10.6 per cent, 25 pages say 10.3.
        ("sample_average_growth", "averages", [("", "B2.2", 10.6, 10.3)]),
    ],
)
def test_what_differs_is_listed(entries, table, what, outside):
    entry = entries[table, what]
    cells = [
        (cell.unit, cell.node, cell.published, cell.computed) for cell in entry.outside
    ]
    assert cells == outside
    assert entry.within == entry.cells - len(outside)


def test_a_city_before_one_that_it_beats_in_no_part_would_be_seen(report):
    ranks = report.published["ranks"]
    placed = {(row["node"], row["city_id"]): int(row["rank"]) for row in ranks.rows}
    cities = {city for node, city in placed if node == "A"}
    parts = {
        city: [placed[node, city] for node in ("A1", "A2", "A3", "A4")]
        for city in cities
    }

    def wins(a, b):
        return [x < y for x, y in zip(parts[a], parts[b], strict=True)]

    # No part of one is better, not all parts of the other are: their places are exchanged.
    nowhere = {
        (a, b)
        for a in cities
        for b in cities
        if parts[a] != parts[b] and not any(wins(b, a))
    }
    better, worse = min(pair for pair in nowhere if not all(wins(*pair)))
    assert placed["A", better] < placed["A", worse]
    moved = {better: worse, worse: better}
    rows = tuple(
        {**row, "rank": str(placed["A", moved[row["city_id"]]])}
        if row["node"] == "A" and row["city_id"] in moved
        else row
        for row in ranks.rows
    )
    changed = replace(
        report, published={**report.published, "ranks": replace(ranks, rows=rows)}
    )
    compared = {(c.table, c.what): c for c in comparisons_of(changed)}[
        "ranks", "dominance"
    ]
    assert compared.within < compared.cells == 172


@pytest.mark.slow
def test_a_wrong_digit_would_be_seen(report):
    """Change one printed cell per table: the comparison of that table must tell it."""
    wrong = {
        "ranks": ("rank", "44"),
        "profile_ranks": ("rank", "43"),
        "profile_strengths": ("rank", "40"),
        "profile_relative_progress": ("growth_pct", "99.9"),
        "edition_comparison": ("rank_2024_edition", "43"),
        "named_lists": ("position", "9"),
        "group_facts": ("value", "1"),
        "table3_humanities_paper_index": ("index_score_published", "70.0"),
    }
    before = {(c.table, c.what): c.within for c in comparisons_of(report)}
    published = dict(report.published)
    for name, (column, text) in wrong.items():
        first, *others = published[name].rows
        rows = ({**first, column: text}, *others)
        published[name] = replace(published[name], rows=rows)
    changed = comparisons_of(replace(report, published=published))
    after = {(c.table, c.what): c.within for c in changed}
    for name in wrong:
        assert any(after[key] < before[key] for key in before if key[0] == name), name


def test_growth_is_an_interval_of_its_operands():
    low, high = growth_interval("44.9", "65.6")
    assert low == pytest.approx((65.55 / 44.95 - 1) * 100)
    assert high == pytest.approx((65.65 / 44.85 - 1) * 100)
    assert low < 46.2 < high


# --- the default data ---


@pytest.mark.slow
def test_the_same_seed_gives_the_same_values(report):
    rows, items = synthetic.build(report.folder)
    for name, header, body in (
        ("inputs.csv", synthetic.INPUT_COLUMNS, rows),
        ("items.csv", synthetic.ITEM_COLUMNS, items),
    ):
        with Path(report.folder / name).open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [list(header), *map(list, body)], name
    other, _ = synthetic.build(report.folder, seed=0)
    assert other != rows


def test_printed_values_are_entered_as_printed(report, result):
    """371 indicator values are printed: 370 stand in their cells, Paris' congresses are made."""
    dataset = report.dataset
    printed = {}
    for row in report.published["indicator_values"].rows:
        known = (
            row["edition"] == "2024" and row["entity_type"] == "city" and row["value"]
        )
        if known and row["node"] in result.leaf_codes:
            key = (row["node"], row["city_id"])
            text = row["value_printed"].replace(",", "")
            printed[key] = max(printed.get(key, ""), text, key=len)
    assert len(printed) == 371
    by_hand = {("C3.2", "paris")}
    for (code, unit), text in printed.items():
        at = dataset.row(unit), dataset.codes.index(code)
        if (code, unit) in by_hand:
            assert dataset.states[at] == State.BLANK
        else:
            assert dataset.values[at] == float(text)
            assert dataset.basis[at] == Status.PRINTED
        assert result.raw[at[0], result.leaf_codes.index(code)] == float(text)
    leaves = [dataset.codes.index(code) for code in result.leaf_codes]
    assert (dataset.basis[:, leaves] == Status.PRINTED).sum() == 371 - len(by_hand)
    # Places of world cities follow from printed ranks.
    assert (dataset.basis == Status.DERIVED).sum() == 8


def test_whatever_is_invented_says_so(report):
    rows = list(csv.DictReader((report.folder / "inputs.csv").open(encoding="utf-8")))
    invented = [row for row in rows if row["basis"] == Status.SYNTHETIC]
    assert {row["source"] for row in invented} == {f"synthetic, seed {synthetic.SEED}"}
    assert all(
        row["source"] == "report" and row["report_line"]
        for row in rows
        if row not in invented
    )
    lines = report.dataset.items["B4.3"]
    assert all(
        item.basis == Status.SYNTHETIC and "Synthetic" in item.name for item in lines
    )
    assert report.data_kind == "synthetic"
    for text in (report.data_note_en, report.data_note_zh):
        assert "synthetic" in text
        assert str(synthetic.SEED) in text


def test_the_filling_holds_the_printed_ranks_of_indicators(report, result):
    units = [unit.id for unit in report.dataset.units]
    checked = 0
    for row in report.published["profile_strengths"].rows:
        code = row["node"]
        if code in result.leaf_codes:
            values = result.raw[:, result.leaf_codes.index(code)]
        else:
            values = report.dataset.values[:, report.dataset.codes.index(code)]
        if code in report.framework:
            values = values * float(report.framework[code].direction)
        own = values[units.index(row["city_id"])]
        assert 1 + (values > own).sum() == int(row["rank"]), (code, row["city_id"])
        checked += 1
    assert checked == 258


def test_the_index_is_computed_with_one_imputed_cell(report, result):
    assert not result.draft
    assert not result.failures
    imputed = [(m.unit, m.code) for m in result.marks if m.kind == "imputed"]
    assert imputed == [("moscow", "C3.2")]
    row = report.dataset.row("moscow")
    assert result.column("C3.2")[row] == result.column("C3.1")[row]
    assert (np.abs(result.normalised) <= 1.96).all()
    lower = [i for i, code in enumerate(result.node_codes) if code != "IECC"]
    assert (result.scores[:, lower].min(axis=0) == 60).all()
    assert (result.scores[:, lower].max(axis=0) == 100).all()
    mean = sum(result.column(code) for code in "ABC") / 3
    assert result.column("IECC") == pytest.approx(mean, rel=1e-14)


def test_previous_ranks_and_source_exceptions_name_known_cells(report):
    units = {unit.id for unit in report.dataset.units}
    new = {u.id for u in report.dataset.units if u.attributes["edition"] == "new"}
    assert len(new) == 6
    known = report.framework.inputs
    assert {entry.unit for entry in report.previous} <= units - new
    assert {entry.code for entry in report.previous} <= set(known)
    assert sum(entry.rank is not None for entry in report.previous) == 47
    for entry in report.exceptions:
        assert entry.unit in units
        assert entry.code in known
        assert entry.remark_zh
        assert entry.remark_en
    substituted = {e.unit for e in report.exceptions if e.basis == Status.SUBSTITUTED}
    assert {"dubai", "geneva", "cairo"} <= substituted


# --- the options ---


def with_gap(report, unit, code):
    """Return the default data with a confirmed gap."""
    dataset = report.dataset
    values = dataset.values.copy()
    states = dataset.states.copy()
    basis = dataset.basis.copy()
    at = dataset.row(unit), dataset.codes.index(code)
    values[at], states[at], basis[at] = np.nan, State.MISSING, ""
    return replace(dataset, values=values, states=states, basis=basis)


def with_constant_node(report):
    """Return the default data with every city alike in A2, by values of the node's own."""
    dataset = report.dataset
    column = np.full((len(dataset.units), 1), 0.5)
    return replace(
        dataset,
        codes=(*dataset.codes, "A2"),
        values=np.hstack([dataset.values, column]),
        states=np.hstack([dataset.states, np.zeros_like(column, dtype=np.uint8)]),
        basis=np.hstack(
            [dataset.basis, np.full(column.shape, "entered", dtype="<U12")]
        ),
    )


@pytest.mark.parametrize(
    "option", [o.id for o in load_report("iecc2024").recipe.options]
)
def test_every_option_moves_the_index(report, option):
    dataset = report.dataset
    if option == "crime-needs-both":
        dataset = with_gap(report, "vienna", "A1.4.a")
    if option == "missing-renormalise":
        # Inside a node the mean of the others and renormalised weights are the same: the rules
        # part where a node has one indicator.
        dataset = with_gap(report, "tokyo", "A2.1")
    if option == "constant-100":
        dataset = with_constant_node(report)
    plain = compute(report.framework, report.recipe, dataset)
    moved = compute(report.framework, report.recipe.with_options([option]), dataset)
    if option == "ranks-unrounded":
        assert np.array_equal(plain.scores, moved.scores)
        assert not np.array_equal(plain.ranks, moved.ranks)
        return
    assert not np.allclose(plain.scores, moved.scores, equal_nan=True)
    if option == "constant-100":
        assert plain.failures
        assert moved.column("A2").tolist() == [100] * 43
    if option.startswith("overall"):
        assert not np.allclose(plain.column("IECC"), moved.column("IECC"))
        assert np.array_equal(plain.column("A"), moved.column("A"))


@pytest.mark.parametrize(
    ("position", "change"),
    [(9, {"omega": 30}), (6, {"clip": 1.5}), (6, {"ddof": 1}), (0, {"guideline": 10})],
)
def test_every_live_parameter_moves_the_index(report, result, position, change):
    steps = list(report.recipe.steps)
    steps[position] = replace(
        steps[position], params={**steps[position].params, **change}
    )
    moved = compute(
        report.framework, replace(report.recipe, steps=tuple(steps)), report.dataset
    )
    assert not np.allclose(result.scores, moved.scores)


def test_options_cover_the_steps_that_they_name(report):
    for option in report.recipe.options:
        assert option.label_zh
        assert option.label_en
        changed = report.recipe.with_options([option.id])
        assert changed.steps != report.recipe.steps


def test_ranks_of_the_appendix_are_there_for_every_node_but_indicators(report):
    nodes = Counter(row["node"] for row in report.published["ranks"].rows)
    assert set(nodes) == {node.code for node in report.framework.composites}
    assert set(nodes.values()) == {43}
